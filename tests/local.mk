noinst_LIBRARIES += tests/support/libreplay.a
tests_support_libreplay_a_SOURCES = tests/support/replay.c tests/support/hex.h tests/support/keep.h tests/support/nist_kat.h tests/support/seed.h tests/support/suite.h
include tests/integration/monitor/local.mk

# tests/sftp: our sftp-server beside another one under the stock client; bench is run by hand.
EXTRA_DIST += tests/sftp/run tests/sftp/bench
include tests/model/local.mk

# tests/integration/listener: sshd with stand-ins for the programs behind it.
check_PROGRAMS += tests/support/listener_stub
tests_support_listener_stub_SOURCES = tests/support/listener_stub.c
tests_support_listener_stub_LDADD = privsep/ipc/libipc.a $(wire_libs)

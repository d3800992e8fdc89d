noinst_LIBRARIES += tests/support/libreplay.a
tests_support_libreplay_a_SOURCES = tests/support/replay.c tests/support/hex.h tests/support/keep.h tests/support/nist_kat.h tests/support/seed.h tests/support/suite.h
include tests/integration/monitor/local.mk

# tests/sftp: our sftp-server beside another one under the stock client; bench is run by hand.
EXTRA_DIST += tests/sftp/run tests/sftp/bench
include tests/model/local.mk

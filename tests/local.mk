noinst_LIBRARIES += tests/support/libreplay.a
tests_support_libreplay_a_SOURCES = tests/support/replay.c tests/support/hex.h tests/support/keep.h tests/support/nist_kat.h tests/support/seed.h tests/support/suite.h
include tests/integration/monitor/local.mk

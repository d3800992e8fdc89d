noinst_LIBRARIES += sshd/transport/libtransport.a
sshd_transport_libtransport_a_SOURCES = \
	sshd/transport/compress.c sshd/transport/compress.h \
	sshd/transport/exchange.c sshd/transport/exchange.h \
	sshd/transport/ext_info.c sshd/transport/ext_info.h \
	sshd/transport/inbox.c sshd/transport/inbox.h \
	sshd/transport/keepalive.c sshd/transport/keepalive.h \
	sshd/transport/key_derivation.c sshd/transport/key_derivation.h \
	sshd/transport/negotiate.c sshd/transport/negotiate.h \
	sshd/transport/outbox.c sshd/transport/outbox.h \
	sshd/transport/packet.c sshd/transport/packet.h \
	sshd/transport/packet_open.c sshd/transport/packet_open.h \
	sshd/transport/packet_seal.c sshd/transport/packet_seal.h \
	sshd/transport/phase.c sshd/transport/phase.h \
	sshd/transport/receive.c \
	sshd/transport/rekey.c sshd/transport/rekey.h \
	sshd/transport/settings.c sshd/transport/settings.h \
	sshd/transport/state.h \
	sshd/transport/stream_buffer.c sshd/transport/stream_buffer.h \
	sshd/transport/timing.c \
	sshd/transport/transport.c sshd/transport/transport.h \
	sshd/transport/version.c sshd/transport/version.h

transport_libs = sshd/transport/libtransport.a $(crypto_libs) $(ZLIB_LIBS)

# The client's half of the transport, and the two halves joined in memory, for whoever tests.
EXTRA_LIBRARIES += tests/support/libtransportclient.a
tests_support_libtransportclient_a_SOURCES = \
	tests/support/client_transport.c tests/support/client_transport.h \
	tests/support/transport_pair.c tests/support/transport_pair.h tests/support/transport_checks.h

transport_test_libs = tests/support/libtransportclient.a

UNIT_TESTS += sshd/transport/packet_test
sshd_transport_packet_test_LDADD = $(transport_libs) $(test_libs)
UNIT_TESTS += sshd/transport/transport_test
sshd_transport_transport_test_LDADD = $(transport_test_libs) $(transport_libs) $(test_libs)

# Built on demand: make sshd/transport/transport_bench
EXTRA_PROGRAMS += sshd/transport/transport_bench
sshd_transport_transport_bench_SOURCES = sshd/transport/transport_bench.c
sshd_transport_transport_bench_LDADD = $(transport_test_libs) $(transport_libs)
UNIT_TESTS += sshd/transport/matrix_test
sshd_transport_matrix_test_LDADD = $(transport_test_libs) $(transport_libs) $(test_libs)
UNIT_TESTS += sshd/transport/version_test
sshd_transport_version_test_LDADD = $(transport_libs) $(test_libs)
UNIT_TESTS += sshd/transport/key_derivation_test
sshd_transport_key_derivation_test_LDADD = $(transport_libs) $(test_libs)
UNIT_TESTS += sshd/transport/rekey_test
sshd_transport_rekey_test_LDADD = $(transport_libs) $(test_libs)
UNIT_TESTS += sshd/transport/negotiate_test
sshd_transport_negotiate_test_LDADD = $(transport_libs) $(test_libs)
UNIT_TESTS += sshd/transport/outbox_test
sshd_transport_outbox_test_LDADD = $(transport_libs) $(test_libs)
FUZZ_TARGETS += sshd/transport/version_fuzz
sshd_transport_version_fuzz_LDADD = $(fuzz_main) $(transport_libs)
sshd_transport_version_fuzz_LDFLAGS = $(fuzz_ldflags)
FUZZ_TARGETS += sshd/transport/packet_open_fuzz
sshd_transport_packet_open_fuzz_LDADD = $(fuzz_main) $(transport_libs)
sshd_transport_packet_open_fuzz_LDFLAGS = $(fuzz_ldflags)
FUZZ_TARGETS += sshd/transport/negotiate_fuzz
sshd_transport_negotiate_fuzz_LDADD = $(fuzz_main) $(transport_libs)
sshd_transport_negotiate_fuzz_LDFLAGS = $(fuzz_ldflags)
FUZZ_TARGETS += sshd/transport/compress_fuzz
sshd_transport_compress_fuzz_LDADD = $(fuzz_main) $(transport_libs)
sshd_transport_compress_fuzz_LDFLAGS = $(fuzz_ldflags)
FUZZ_TARGETS += sshd/transport/transport_fuzz
sshd_transport_transport_fuzz_LDADD = $(fuzz_main) $(transport_test_libs) $(transport_libs)
sshd_transport_transport_fuzz_LDFLAGS = $(fuzz_ldflags)
UNIT_TESTS += sshd/transport/keepalive_test
sshd_transport_keepalive_test_LDADD = $(transport_libs) $(test_libs)
UNIT_TESTS += sshd/transport/no_memory_test
sshd_transport_no_memory_test_LDADD = $(transport_test_libs) $(transport_libs) $(test_libs)
sshd_transport_no_memory_test_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=mmap
UNIT_TESTS += sshd/transport/handshake_test
sshd_transport_handshake_test_LDADD = $(transport_test_libs) $(transport_libs) $(test_libs)
UNIT_TESTS += sshd/transport/ext_info_test
sshd_transport_ext_info_test_LDADD = $(transport_test_libs) $(transport_libs) $(test_libs)
UNIT_TESTS += sshd/transport/rekeying_test
sshd_transport_rekeying_test_LDADD = $(transport_test_libs) $(transport_libs) $(test_libs)
UNIT_TESTS += sshd/transport/compress_test
sshd_transport_compress_test_LDADD = $(transport_test_libs) $(transport_libs) $(test_libs)

noinst_LIBRARIES += sshd/wire/libwire.a
sshd_wire_libwire_a_SOURCES = \
	sshd/wire/messages_channel_open.c sshd/wire/messages_channel_open.h \
	sshd/wire/messages_channel_request.c sshd/wire/messages_channel_request.h \
	sshd/wire/messages_connection.c sshd/wire/messages_connection.h \
	sshd/wire/messages_global_request.c sshd/wire/messages_global_request.h \
	sshd/wire/messages_kex.c sshd/wire/messages_kex.h \
	sshd/wire/messages_transport.c sshd/wire/messages_transport.h \
	sshd/wire/messages_sftp.c sshd/wire/messages_sftp.h \
	sshd/wire/messages_userauth.c sshd/wire/messages_userauth.h \
	sshd/wire/mpint.c sshd/wire/mpint.h \
	sshd/wire/name_list.c sshd/wire/name_list.h \
	sshd/wire/numbers.h \
	sshd/wire/reader.c sshd/wire/reader.h \
	sshd/wire/writer.c sshd/wire/writer.h

wire_libs = sshd/wire/libwire.a sshd/base/libbase.a

UNIT_TESTS += sshd/wire/reader_test
sshd_wire_reader_test_LDADD = $(wire_libs) $(test_libs)

FUZZ_TARGETS += sshd/wire/reader_fuzz
sshd_wire_reader_fuzz_LDADD = $(fuzz_main) $(wire_libs)
sshd_wire_reader_fuzz_LDFLAGS = $(fuzz_ldflags)

UNIT_TESTS += sshd/wire/messages_userauth_test
sshd_wire_messages_userauth_test_LDADD = $(wire_libs) $(test_libs)

FUZZ_TARGETS += sshd/wire/messages_userauth_fuzz
sshd_wire_messages_userauth_fuzz_LDADD = $(fuzz_main) $(wire_libs)
sshd_wire_messages_userauth_fuzz_LDFLAGS = $(fuzz_ldflags)

UNIT_TESTS += sshd/wire/messages_sftp_test
sshd_wire_messages_sftp_test_LDADD = $(wire_libs) $(test_libs)

FUZZ_TARGETS += sshd/wire/messages_sftp_fuzz
sshd_wire_messages_sftp_fuzz_LDADD = $(fuzz_main) $(wire_libs)
sshd_wire_messages_sftp_fuzz_LDFLAGS = $(fuzz_ldflags)

UNIT_TESTS += sshd/wire/messages_transport_test
sshd_wire_messages_transport_test_LDADD = $(wire_libs) $(test_libs)

FUZZ_TARGETS += sshd/wire/messages_transport_fuzz
sshd_wire_messages_transport_fuzz_LDADD = $(fuzz_main) $(wire_libs)
sshd_wire_messages_transport_fuzz_LDFLAGS = $(fuzz_ldflags)

UNIT_TESTS += sshd/wire/messages_channel_open_test
sshd_wire_messages_channel_open_test_LDADD = $(wire_libs) $(test_libs)

UNIT_TESTS += sshd/wire/messages_channel_request_test
sshd_wire_messages_channel_request_test_LDADD = $(wire_libs) $(test_libs)

UNIT_TESTS += sshd/wire/messages_connection_test
sshd_wire_messages_connection_test_LDADD = $(wire_libs) $(test_libs)

UNIT_TESTS += sshd/wire/messages_global_request_test
sshd_wire_messages_global_request_test_LDADD = $(wire_libs) $(test_libs)

FUZZ_TARGETS += sshd/wire/messages_connection_fuzz
sshd_wire_messages_connection_fuzz_LDADD = $(fuzz_main) $(wire_libs)
sshd_wire_messages_connection_fuzz_LDFLAGS = $(fuzz_ldflags)

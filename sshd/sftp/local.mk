noinst_LIBRARIES += sshd/sftp/libsftp.a
sshd_sftp_libsftp_a_SOURCES = \
	sshd/sftp/attributes.c sshd/sftp/attributes.h \
	sshd/sftp/check_file.c \
	sshd/sftp/confine.c sshd/sftp/confine.h \
	sshd/sftp/copy.c \
	sshd/sftp/directories.c \
	sshd/sftp/extensions.c \
	sshd/sftp/files.c \
	sshd/sftp/handles.c sshd/sftp/handles.h \
	sshd/sftp/jobs.c sshd/sftp/jobs.h \
	sshd/sftp/links.c \
	sshd/sftp/listing.c sshd/sftp/listing.h \
	sshd/sftp/long_name.c sshd/sftp/long_name.h \
	sshd/sftp/name_helper.c sshd/sftp/name_helper.h \
	sshd/sftp/names.c sshd/sftp/names.h \
	sshd/sftp/options.c sshd/sftp/options.h \
	sshd/sftp/paths.c sshd/sftp/paths.h \
	sshd/sftp/relay.c sshd/sftp/relay.h \
	sshd/sftp/reply.c sshd/sftp/reply.h \
	sshd/sftp/requests.def \
	sshd/sftp/resolve.c \
	sshd/sftp/serve.c sshd/sftp/serve.h \
	sshd/sftp/server.c sshd/sftp/server.h \
	sshd/sftp/session.c sshd/sftp/session.h \
	sshd/sftp/sha2.c sshd/sftp/sha2.h

sftp_libs = sshd/sftp/libsftp.a privsep/sandbox/libsandbox.a $(wire_libs)

# The seccomp list, compiled by the build for the machine that the build is for.
noinst_PROGRAMS += sshd/sftp/filter_make
sshd_sftp_filter_make_LDADD = $(filter_libs)
sshd/sftp/filter_bpf.inc: sshd/sftp/filter_make$(EXEEXT)
	$(AM_V_GEN)sshd/sftp/filter_make > $@.new && mv $@.new $@
sshd/sftp/confine.$(OBJEXT): sshd/sftp/filter_bpf.inc
CLEANFILES += sshd/sftp/filter_bpf.inc

programslibexec_PROGRAMS += sftp-server
sftp_server_SOURCES = sshd/sftp/main.c
sftp_server_LDADD = $(sftp_libs)

UNIT_TESTS += sshd/sftp/server_test sshd/sftp/options_test sshd/sftp/handles_test \
	sshd/sftp/long_name_test sshd/sftp/session_test sshd/sftp/extensions_test sshd/sftp/jail_test \
	sshd/sftp/confine_test sshd/sftp/relay_test sshd/sftp/sha2_test
sshd_sftp_server_test_LDADD = $(sftp_libs) $(test_libs)
sshd_sftp_options_test_LDADD = $(sftp_libs) $(test_libs)
sshd_sftp_handles_test_LDADD = $(sftp_libs) $(test_libs)
sshd_sftp_long_name_test_LDADD = $(sftp_libs) $(test_libs)
sshd_sftp_session_test_SOURCES = sshd/sftp/session_test.c sshd/sftp/test_client.h
sshd_sftp_session_test_LDADD = $(sftp_libs) $(test_libs)
sshd_sftp_extensions_test_SOURCES = sshd/sftp/extensions_test.c sshd/sftp/test_client.h
sshd_sftp_extensions_test_LDADD = $(sftp_libs) $(test_libs)
sshd_sftp_jail_test_SOURCES = sshd/sftp/jail_test.c sshd/sftp/test_client.h
sshd_sftp_jail_test_LDADD = $(sftp_libs) $(test_libs)
sshd_sftp_confine_test_SOURCES = sshd/sftp/confine_test.c sshd/sftp/test_client.h
sshd_sftp_confine_test_LDADD = $(sftp_libs) $(test_libs)
sshd_sftp_relay_test_LDADD = $(sftp_libs) $(test_libs)
sshd_sftp_sha2_test_LDADD = $(sftp_libs) $(test_libs)

FUZZ_TARGETS += sshd/sftp/server_fuzz
sshd_sftp_server_fuzz_LDADD = $(fuzz_main) $(sftp_libs)
sshd_sftp_server_fuzz_LDFLAGS = $(fuzz_ldflags)

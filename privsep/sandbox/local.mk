# The sandbox itself needs no library; compiling a seccomp list needs libseccomp and is apart.
noinst_LIBRARIES += privsep/sandbox/libsandbox.a privsep/sandbox/libfilter.a
privsep_sandbox_libsandbox_a_SOURCES = \
	privsep/sandbox/empty_root.c privsep/sandbox/empty_root.h \
	privsep/sandbox/filter_load.c privsep/sandbox/filter_load.h \
	privsep/sandbox/identity.c privsep/sandbox/identity.h \
	privsep/sandbox/landlock.c privsep/sandbox/landlock.h \
	privsep/sandbox/limits.c privsep/sandbox/limits.h \
	privsep/sandbox/process.c privsep/sandbox/process.h \
	privsep/sandbox/sandbox.c privsep/sandbox/sandbox.h
privsep_sandbox_libfilter_a_SOURCES = \
	privsep/sandbox/filter.c privsep/sandbox/filter.h \
	privsep/sandbox/filter_net.def \
	privsep/sandbox/filter_sanitizers.def \
	privsep/sandbox/filter_sftp.def \
	privsep/sandbox/filter_signer.def \
	privsep/sandbox/probe.c privsep/sandbox/probe.h
privsep_sandbox_libfilter_a_CPPFLAGS = $(AM_CPPFLAGS) $(SECCOMP_CFLAGS)

sandbox_libs = privsep/sandbox/libsandbox.a sshd/base/libbase.a
filter_libs = privsep/sandbox/libfilter.a $(sandbox_libs) $(SECCOMP_LIBS)

UNIT_TESTS += privsep/sandbox/filter_test
privsep_sandbox_filter_test_CPPFLAGS = $(AM_CPPFLAGS) $(SECCOMP_CFLAGS)
privsep_sandbox_filter_test_LDADD = $(filter_libs) $(test_libs)

UNIT_TESTS += tests/privilege/sandbox_test
tests_privilege_sandbox_test_LDADD = $(filter_libs) $(test_libs)
EXTRA_DIST += tests/support/child.h

# What the listener decides, without descriptors or clock; then the program.
noinst_LIBRARIES += sshd/listener/liblistener.a
sshd_listener_liblistener_a_SOURCES = \
	sshd/listener/admission.c sshd/listener/admission.h \
	sshd/listener/nursery.c sshd/listener/nursery.h \
	sshd/listener/options.c sshd/listener/options.h \
	sshd/listener/penalties.c sshd/listener/penalties.h \
	sshd/listener/source.c sshd/listener/source.h

listener_libs = sshd/listener/liblistener.a sshd/base/libbase.a

# The source folder is called sshd too, so in the build tree the program lies in it.
sbin_PROGRAMS += sshd/sshd
sshd_sshd_SOURCES = \
	sshd/listener/accept.c sshd/listener/accept.h \
	sshd/listener/children.c sshd/listener/children.h \
	sshd/listener/connection.c sshd/listener/connection.h \
	sshd/listener/daemonize.c sshd/listener/daemonize.h \
	sshd/listener/dump.c sshd/listener/dump.h \
	sshd/listener/greeting.c sshd/listener/greeting.h \
	sshd/listener/host.h sshd/listener/self_test.c \
	sshd/listener/inetd.c sshd/listener/inetd.h \
	sshd/listener/listener.c sshd/listener/listener.h \
	sshd/listener/main.c \
	sshd/listener/programs.c sshd/listener/programs.h \
	sshd/listener/ready.c sshd/listener/ready.h \
	sshd/listener/records.c sshd/listener/records.h \
	sshd/listener/refusals.c sshd/listener/refusals.h \
	sshd/listener/reload.c sshd/listener/reload.h \
	sshd/listener/rollback.c sshd/listener/rollback.h \
	sshd/listener/settings.c sshd/listener/settings.h \
	sshd/listener/signer.c sshd/listener/signer.h \
	sshd/listener/sockets.c sshd/listener/sockets.h \
	sshd/listener/templates.c sshd/listener/templates.h
sshd_sshd_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS) $(SECCOMP_CFLAGS)
sshd_sshd_LDADD = sshd/listener/liblistener.a config/libconfig.a privsep/ipc/libipc.a \
	$(filter_libs) sshd/wire/libwire.a sshd/base/libbase.a $(SYSTEMD_LIBS)

UNIT_TESTS += sshd/listener/admission_test sshd/listener/nursery_test \
	sshd/listener/options_test sshd/listener/penalties_test sshd/listener/source_test
sshd_listener_admission_test_LDADD = $(listener_libs) $(test_libs)
sshd_listener_nursery_test_LDADD = $(listener_libs) $(test_libs)
sshd_listener_options_test_LDADD = $(listener_libs) $(test_libs)
sshd_listener_penalties_test_LDADD = $(listener_libs) $(test_libs)
sshd_listener_source_test_LDADD = $(listener_libs) $(test_libs)

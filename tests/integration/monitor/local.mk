rig_sources = tests/integration/monitor/rig.c tests/integration/monitor/rig.h
rig_libs = $(monitor_libs) $(test_libs)
# They start the programs of the build tree.
rig_programs = sshd-monitor sshd-signer sshd-user

UNIT_TESTS += tests/integration/monitor/login_test
tests_integration_monitor_login_test_SOURCES = tests/integration/monitor/login_test.c $(rig_sources)
tests_integration_monitor_login_test_LDADD = $(rig_libs)
EXTRA_tests_integration_monitor_login_test_DEPENDENCIES = $(rig_programs)

UNIT_TESTS += tests/integration/monitor/breach_test
tests_integration_monitor_breach_test_SOURCES = tests/integration/monitor/breach_test.c $(rig_sources)
tests_integration_monitor_breach_test_LDADD = $(rig_libs)
EXTRA_tests_integration_monitor_breach_test_DEPENDENCIES = $(rig_programs)

UNIT_TESTS += tests/integration/monitor/auth_test
tests_integration_monitor_auth_test_SOURCES = tests/integration/monitor/auth_test.c $(rig_sources)
tests_integration_monitor_auth_test_LDADD = $(rig_libs)
EXTRA_tests_integration_monitor_auth_test_DEPENDENCIES = $(rig_programs)

UNIT_TESTS += tests/integration/monitor/exchange_test
tests_integration_monitor_exchange_test_SOURCES = tests/integration/monitor/exchange_test.c $(rig_sources)
tests_integration_monitor_exchange_test_LDADD = $(rig_libs)
EXTRA_tests_integration_monitor_exchange_test_DEPENDENCIES = $(rig_programs)

check_PROGRAMS += tests/integration/monitor/hostile_user
tests_integration_monitor_hostile_user_LDADD = $(ipc_libs)
UNIT_TESTS += tests/integration/monitor/session_test
tests_integration_monitor_session_test_SOURCES = tests/integration/monitor/session_test.c $(rig_sources)
tests_integration_monitor_session_test_LDADD = $(rig_libs)
EXTRA_tests_integration_monitor_session_test_DEPENDENCIES = $(rig_programs) \
	tests/integration/monitor/hostile_user

if HAVE_PAM
# A module for libpam, not for our build: no hardening flags, no libtool.
tests/integration/monitor/pam_script.so: tests/integration/monitor/pam_script.c
	$(AM_V_CC)$(CC) -std=gnu2x -O1 -g -shared -fPIC -o $@ $(srcdir)/tests/integration/monitor/pam_script.c
CLEANFILES += tests/integration/monitor/pam_script.so
UNIT_TESTS += tests/integration/monitor/pam_test
tests_integration_monitor_pam_test_SOURCES = tests/integration/monitor/pam_test.c $(rig_sources)
tests_integration_monitor_pam_test_LDADD = $(rig_libs)
EXTRA_tests_integration_monitor_pam_test_DEPENDENCIES = $(rig_programs) \
	tests/integration/monitor/pam_script.so
endif
EXTRA_DIST += tests/integration/monitor/pam_script.c

UNIT_TESTS += tests/integration/monitor/certificate_test
tests_integration_monitor_certificate_test_SOURCES = tests/integration/monitor/certificate_test.c $(rig_sources)
tests_integration_monitor_certificate_test_LDADD = $(rig_libs)
EXTRA_tests_integration_monitor_certificate_test_DEPENDENCIES = $(rig_programs)

UNIT_TESTS += tests/integration/monitor/otp_test
tests_integration_monitor_otp_test_SOURCES = tests/integration/monitor/otp_test.c $(rig_sources)
tests_integration_monitor_otp_test_LDADD = $(rig_libs)
EXTRA_tests_integration_monitor_otp_test_DEPENDENCIES = $(rig_programs)

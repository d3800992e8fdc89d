# What the tests link too: everything but main.
noinst_LIBRARIES += privsep/monitor/libmonitor.a
privsep_monitor_libmonitor_a_SOURCES = \
	privsep/monitor/account.c privsep/monitor/account.h \
	privsep/monitor/answer_auth.c \
	privsep/monitor/answer_end.c \
	privsep/monitor/answer_exchange.c \
	privsep/monitor/answer_forward.c \
	privsep/monitor/answer_keyboard.c \
	privsep/monitor/answer_password.c \
	privsep/monitor/answer_publickey.c \
	privsep/monitor/answer_session.c \
	privsep/monitor/attempt.c privsep/monitor/attempt.h \
	privsep/monitor/auth.h \
	privsep/monitor/command.c privsep/monitor/command.h \
	privsep/monitor/conversation.c privsep/monitor/conversation.h \
	privsep/monitor/decision_log.c privsep/monitor/decision_log.h \
	privsep/monitor/endpoints.c privsep/monitor/endpoints.h \
	privsep/monitor/environment_file.c privsep/monitor/environment_file.h \
	privsep/monitor/exchange.h \
	privsep/monitor/forward_log.c \
	privsep/monitor/forwards.c privsep/monitor/forwards.h \
	privsep/monitor/handlers.c \
	privsep/monitor/host_keys.c privsep/monitor/host_keys.h \
	privsep/monitor/key_certificate.c privsep/monitor/key_sources.c privsep/monitor/publickey.h \
	privsep/monitor/kexinit.c privsep/monitor/kexinit.h \
	privsep/monitor/login.c privsep/monitor/login.h \
	privsep/monitor/lookup.c privsep/monitor/lookup.h \
	privsep/monitor/loop.c privsep/monitor/monitor.h \
	privsep/monitor/moduli.c privsep/monitor/moduli.h \
	privsep/monitor/nss_preload.c privsep/monitor/nss_preload.h \
	privsep/monitor/otp_store.c privsep/monitor/otp_store.h \
	privsep/monitor/pace.c privsep/monitor/pace.h \
	privsep/monitor/pam_stack.c privsep/monitor/pam_stack.h \
	privsep/monitor/passed.c privsep/monitor/passed.h \
	privsep/monitor/password.h \
	privsep/monitor/peer.c privsep/monitor/peer.h \
	privsep/monitor/prepared.c privsep/monitor/prepared.h \
	privsep/monitor/program.c privsep/monitor/program.h \
	privsep/monitor/records.c privsep/monitor/records.h \
	privsep/monitor/session_forwards.c \
	privsep/monitor/session_start.c privsep/monitor/session_start.h \
	privsep/monitor/sessions.c privsep/monitor/sessions.h \
	privsep/monitor/shadow.c privsep/monitor/shadow.h \
	privsep/monitor/states.c privsep/monitor/states.h \
	privsep/monitor/strict_modes.c privsep/monitor/strict_modes.h \
	privsep/monitor/template.c privsep/monitor/template.h \
	privsep/monitor/user_process.c privsep/monitor/user_process.h

monitor_libs = privsep/monitor/libmonitor.a sshd/auth/evidence/libevidence.a config/libconfig.a \
	privsep/sandbox/libsandbox.a sshd/crypto/libsshcrypto.a privsep/ipc/libipc.a $(wire_libs) \
	$(CRYPTO_LIBS) $(PAM_LIBS) $(CRYPT_LIBS)

programslibexec_PROGRAMS += sshd-monitor
sshd_monitor_SOURCES = privsep/monitor/main.c
sshd_monitor_LDADD = $(monitor_libs)
EXTRA_DIST += privsep/monitor/README.md

UNIT_TESTS += privsep/monitor/endpoints_test
privsep_monitor_endpoints_test_LDADD = $(monitor_libs) $(test_libs)

UNIT_TESTS += privsep/monitor/account_test privsep/monitor/conversation_test \
	privsep/monitor/host_keys_test privsep/monitor/kexinit_test \
	privsep/monitor/moduli_test privsep/monitor/nss_preload_test privsep/monitor/otp_store_test \
	privsep/monitor/pace_test \
	privsep/monitor/shadow_test privsep/monitor/states_test \
	privsep/monitor/strict_modes_test
privsep_monitor_account_test_LDADD = $(monitor_libs) $(test_libs)
privsep_monitor_conversation_test_LDADD = $(monitor_libs) $(test_libs)
privsep_monitor_shadow_test_LDADD = $(monitor_libs) $(test_libs)
privsep_monitor_host_keys_test_LDADD = $(monitor_libs) $(test_libs)
privsep_monitor_kexinit_test_LDADD = $(monitor_libs) $(test_libs)
privsep_monitor_moduli_test_LDADD = $(monitor_libs) $(test_libs)
privsep_monitor_nss_preload_test_LDADD = $(monitor_libs) $(test_libs)
privsep_monitor_otp_store_test_LDADD = $(monitor_libs) $(test_libs)
privsep_monitor_pace_test_LDADD = $(monitor_libs) $(test_libs)
privsep_monitor_states_test_LDADD = $(monitor_libs) $(test_libs)
privsep_monitor_strict_modes_test_LDADD = $(monitor_libs) $(test_libs)

UNIT_TESTS += privsep/monitor/environment_file_test
privsep_monitor_environment_file_test_LDADD = $(monitor_libs) $(test_libs)
FUZZ_TARGETS += privsep/monitor/environment_file_fuzz
privsep_monitor_environment_file_fuzz_LDADD = $(fuzz_main) $(monitor_libs)
privsep_monitor_environment_file_fuzz_LDFLAGS = $(fuzz_ldflags)

FUZZ_TARGETS += privsep/monitor/strict_modes_fuzz
privsep_monitor_strict_modes_fuzz_LDADD = $(fuzz_main) $(monitor_libs)
privsep_monitor_strict_modes_fuzz_LDFLAGS = $(fuzz_ldflags)
FUZZ_TARGETS += privsep/monitor/conversation_fuzz
privsep_monitor_conversation_fuzz_LDADD = $(fuzz_main) $(monitor_libs)
privsep_monitor_conversation_fuzz_LDFLAGS = $(fuzz_ldflags)

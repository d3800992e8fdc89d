noinst_LIBRARIES += sshd/auth/dialogue/libdialogue.a
sshd_auth_dialogue_libdialogue_a_SOURCES = \
	sshd/auth/dialogue/dialogue.c sshd/auth/dialogue/dialogue.h \
	sshd/auth/dialogue/keyboard_interactive.c \
	sshd/auth/dialogue/method.h \
	sshd/auth/dialogue/methods.def \
	sshd/auth/dialogue/none.c \
	sshd/auth/dialogue/password.c \
	sshd/auth/dialogue/publickey.c

dialogue_libs = sshd/auth/dialogue/libdialogue.a $(wire_libs)

UNIT_TESTS += sshd/auth/dialogue/dialogue_test
sshd_auth_dialogue_dialogue_test_SOURCES = sshd/auth/dialogue/dialogue_test.c \
	sshd/auth/dialogue/recorder.c sshd/auth/dialogue/recorder.h
sshd_auth_dialogue_dialogue_test_LDADD = $(dialogue_libs) $(test_libs)

FUZZ_TARGETS += sshd/auth/dialogue/dialogue_fuzz
sshd_auth_dialogue_dialogue_fuzz_LDADD = $(fuzz_main) $(dialogue_libs)
sshd_auth_dialogue_dialogue_fuzz_LDFLAGS = $(fuzz_ldflags)

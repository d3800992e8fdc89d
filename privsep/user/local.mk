programslibexec_PROGRAMS += sshd-user
sshd_user_SOURCES = \
	privsep/user/addresses.c privsep/user/addresses.h \
	privsep/user/agent_socket.c \
	privsep/user/become.c \
	privsep/user/dial.c \
	privsep/user/display.c \
	privsep/user/environment.c privsep/user/environment.h \
	privsep/user/internal_sftp.c privsep/user/internal_sftp.h \
	privsep/user/launch.c privsep/user/launch.h \
	privsep/user/forwards.h \
	privsep/user/listen.c \
	privsep/user/log_relay.c privsep/user/log_relay.h \
	privsep/user/lookup.c \
	privsep/user/main.c \
	privsep/user/programs.c \
	privsep/user/resolve.c privsep/user/resolve.h \
	privsep/user/setup.c \
	privsep/user/tun.c \
	privsep/user/terminal.c privsep/user/terminal.h \
	privsep/user/terminal_modes.c privsep/user/terminal_modes.def \
	privsep/user/user.h \
	privsep/user/user_files.c privsep/user/user_files.h
sshd_user_LDADD = privsep/ipc/libipc.a sshd/sftp/libsftp.a privsep/sandbox/libsandbox.a $(wire_libs)

UNIT_TESTS += privsep/user/addresses_test
privsep_user_addresses_test_SOURCES = privsep/user/addresses_test.c privsep/user/addresses.c
privsep_user_addresses_test_LDADD = $(wire_libs) $(test_libs)

FUZZ_TARGETS += privsep/user/addresses_fuzz
privsep_user_addresses_fuzz_SOURCES = privsep/user/addresses_fuzz.c privsep/user/addresses.c
privsep_user_addresses_fuzz_LDADD = $(fuzz_main) $(wire_libs)
privsep_user_addresses_fuzz_LDFLAGS = $(fuzz_ldflags)

UNIT_TESTS += privsep/user/environment_test
privsep_user_environment_test_SOURCES = privsep/user/environment_test.c privsep/user/environment.c
privsep_user_environment_test_LDADD = $(wire_libs) $(test_libs)

UNIT_TESTS += privsep/user/terminal_test
privsep_user_terminal_test_SOURCES = privsep/user/terminal_test.c privsep/user/terminal.c privsep/user/terminal_modes.c
privsep_user_terminal_test_LDADD = $(wire_libs) $(test_libs)

FUZZ_TARGETS += privsep/user/terminal_fuzz
privsep_user_terminal_fuzz_SOURCES = privsep/user/terminal_fuzz.c privsep/user/terminal_modes.c
privsep_user_terminal_fuzz_LDADD = $(fuzz_main) $(wire_libs)
privsep_user_terminal_fuzz_LDFLAGS = $(fuzz_ldflags)
EXTRA_DIST += privsep/user/README.md

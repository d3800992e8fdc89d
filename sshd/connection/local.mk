noinst_LIBRARIES += sshd/connection/libconnection.a
sshd_connection_libconnection_a_SOURCES = \
	sshd/connection/channel.h \
	sshd/connection/channel_data.c \
	sshd/connection/channel_end.c \
	sshd/connection/channel_state.c sshd/connection/channel_state.h \
	sshd/connection/channels.c sshd/connection/channels.h \
	sshd/connection/global_requests.c \
	sshd/connection/idle.c \
	sshd/connection/open.c \
	sshd/connection/open_forward.c \
	sshd/connection/open_session.c \
	sshd/connection/pending.c \
	sshd/connection/session_requests.c \
	sshd/connection/timeouts.c sshd/connection/timeouts.h \
	sshd/connection/window.c sshd/connection/window.h

connection_libs = sshd/connection/libconnection.a $(wire_libs)

# What the tests of this room share: a scripted peer and a sink that writes down what happened.
connection_recorder = sshd/connection/recorder.c sshd/connection/recorder.h

UNIT_TESTS += sshd/connection/channels_test
sshd_connection_channels_test_SOURCES = sshd/connection/channels_test.c $(connection_recorder)
sshd_connection_channels_test_LDADD = $(connection_libs) $(test_libs)

UNIT_TESTS += sshd/connection/channel_data_test
sshd_connection_channel_data_test_SOURCES = sshd/connection/channel_data_test.c $(connection_recorder)
sshd_connection_channel_data_test_LDADD = $(connection_libs) $(test_libs)

UNIT_TESTS += sshd/connection/channel_end_test
sshd_connection_channel_end_test_SOURCES = sshd/connection/channel_end_test.c $(connection_recorder)
sshd_connection_channel_end_test_LDADD = $(connection_libs) $(test_libs)

UNIT_TESTS += sshd/connection/channel_state_test
sshd_connection_channel_state_test_LDADD = $(connection_libs) $(test_libs)

UNIT_TESTS += sshd/connection/window_test
sshd_connection_window_test_LDADD = $(connection_libs) $(test_libs)

UNIT_TESTS += sshd/connection/session_requests_test
sshd_connection_session_requests_test_SOURCES = sshd/connection/session_requests_test.c \
	$(connection_recorder)
sshd_connection_session_requests_test_LDADD = $(connection_libs) $(test_libs)

UNIT_TESTS += sshd/connection/global_requests_test
sshd_connection_global_requests_test_SOURCES = sshd/connection/global_requests_test.c \
	$(connection_recorder)
sshd_connection_global_requests_test_LDADD = $(connection_libs) $(test_libs)

FUZZ_TARGETS += sshd/connection/channels_fuzz
sshd_connection_channels_fuzz_LDADD = $(fuzz_main) $(connection_libs)
sshd_connection_channels_fuzz_LDFLAGS = $(fuzz_ldflags)

UNIT_TESTS += sshd/connection/timeouts_test
sshd_connection_timeouts_test_SOURCES = sshd/connection/timeouts_test.c $(connection_recorder)
sshd_connection_timeouts_test_LDADD = $(connection_libs) $(test_libs)

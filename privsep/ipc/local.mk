noinst_LIBRARIES += privsep/ipc/libipc.a
privsep_ipc_libipc_a_SOURCES = \
	privsep/ipc/channel.c privsep/ipc/channel.h \
	privsep/ipc/descriptors.c privsep/ipc/descriptors.h \
	privsep/ipc/failure.c privsep/ipc/failure.h \
	privsep/ipc/handover.c privsep/ipc/handover.h \
	privsep/ipc/messages.c privsep/ipc/messages.h \
	privsep/ipc/messages_listener.def \
	privsep/ipc/messages_net.def \
	privsep/ipc/messages_signer.def \
	privsep/ipc/messages_user.def \
	privsep/ipc/permit.c privsep/ipc/permit.h

ipc_libs = privsep/ipc/libipc.a $(wire_libs)

UNIT_TESTS += privsep/ipc/channel_test privsep/ipc/handover_test privsep/ipc/permit_test
privsep_ipc_channel_test_LDADD = $(ipc_libs) $(test_libs)
privsep_ipc_permit_test_LDADD = $(ipc_libs) $(test_libs)
privsep_ipc_handover_test_LDADD = $(ipc_libs) $(test_libs)

FUZZ_TARGETS += privsep/ipc/handover_fuzz privsep/ipc/messages_fuzz
privsep_ipc_messages_fuzz_LDADD = $(fuzz_main) $(ipc_libs)
privsep_ipc_messages_fuzz_LDFLAGS = $(fuzz_ldflags)
privsep_ipc_handover_fuzz_LDADD = $(fuzz_main) $(ipc_libs)
privsep_ipc_handover_fuzz_LDFLAGS = $(fuzz_ldflags)

noinst_LIBRARIES += privsep/ipc/libipc.a
privsep_ipc_libipc_a_SOURCES = \
	privsep/ipc/channel.c privsep/ipc/channel.h \
	privsep/ipc/descriptors.c privsep/ipc/descriptors.h \
	privsep/ipc/messages.c privsep/ipc/messages.h \
	privsep/ipc/messages_listener.def \
	privsep/ipc/messages_net.def \
	privsep/ipc/messages_signer.def \
	privsep/ipc/messages_user.def \
	privsep/ipc/permit.c privsep/ipc/permit.h

ipc_libs = privsep/ipc/libipc.a $(wire_libs)

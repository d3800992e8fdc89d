noinst_LIBRARIES += sshd/transport/libtransport.a
sshd_transport_libtransport_a_SOURCES = \
	sshd/transport/exchange.c sshd/transport/exchange.h \
	sshd/transport/ext_info.c sshd/transport/ext_info.h \
	sshd/transport/key_derivation.c sshd/transport/key_derivation.h \
	sshd/transport/negotiate.c sshd/transport/negotiate.h \
	sshd/transport/outbox.c sshd/transport/outbox.h \
	sshd/transport/packet.c sshd/transport/packet.h \
	sshd/transport/packet_open.c sshd/transport/packet_open.h \
	sshd/transport/packet_seal.c sshd/transport/packet_seal.h \
	sshd/transport/phase.c sshd/transport/phase.h \
	sshd/transport/rekey.c sshd/transport/rekey.h \
	sshd/transport/state.h \
	sshd/transport/stream_buffer.c sshd/transport/stream_buffer.h \
	sshd/transport/transport.c sshd/transport/transport.h \
	sshd/transport/version.c sshd/transport/version.h

transport_libs = sshd/transport/libtransport.a $(crypto_libs)

programslibexec_PROGRAMS += sshd-net
sshd_net_SOURCES = \
	privsep/net/answers.c \
	privsep/net/forwards.c \
	privsep/net/idle.c \
	privsep/net/isolate.c \
	privsep/net/keepalive.c \
	privsep/net/loop.c \
	privsep/net/main.c \
	privsep/net/net.h \
	privsep/net/pump.c privsep/net/pump.h \
	privsep/net/pump_attach.c \
	privsep/net/questions.c \
	privsep/net/socket.c \
	privsep/net/tun.c \
	privsep/net/wiring.c
sshd_net_LDADD = \
	sshd/auth/dialogue/libdialogue.a \
	sshd/connection/libconnection.a \
	privsep/ipc/libipc.a \
	privsep/sandbox/libsandbox.a \
	$(transport_libs)
EXTRA_DIST += privsep/net/README.md

noinst_LIBRARIES += privsep/signer/libsigner.a
privsep_signer_libsigner_a_SOURCES = \
	privsep/signer/serve.c privsep/signer/serve.h \
	privsep/signer/sign.c privsep/signer/sign.h \
	privsep/signer/signer_keys.c privsep/signer/signer_keys.h

signer_libs = privsep/signer/libsigner.a privsep/sandbox/libfilter.a privsep/sandbox/libsandbox.a \
	sshd/crypto/libsshcrypto.a privsep/ipc/libipc.a $(wire_libs) $(CRYPTO_LIBS) $(SECCOMP_LIBS)

programslibexec_PROGRAMS += sshd-signer
sshd_signer_SOURCES = privsep/signer/main.c
sshd_signer_LDADD = $(signer_libs)
EXTRA_DIST += privsep/signer/README.md

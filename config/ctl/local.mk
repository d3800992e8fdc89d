bin_PROGRAMS += sshdctl
sshdctl_SOURCES = \
	config/ctl/apply.c \
	config/ctl/caller.c config/ctl/caller.h \
	config/ctl/check.c \
	config/ctl/explain.c \
	config/ctl/guard.c config/ctl/guard.h \
	config/ctl/hostkeys.c \
	config/ctl/input.c config/ctl/input.h \
	config/ctl/main.c \
	config/ctl/report.c config/ctl/report.h \
	config/ctl/verbs.h \
	config/ctl/why.c config/ctl/why.h config/ctl/why_account.c config/ctl/why_key.c \
	config/ctl/world.c config/ctl/world.h
sshdctl_LDADD = sshd/auth/evidence/libevidence.a config/libconfig.a sshd/crypto/libsshcrypto.a \
	$(wire_libs) $(CRYPTO_LIBS)

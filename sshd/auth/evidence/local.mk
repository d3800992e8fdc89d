noinst_LIBRARIES += sshd/auth/evidence/libevidence.a
sshd_auth_evidence_libevidence_a_SOURCES = \
	sshd/auth/evidence/attempts.c sshd/auth/evidence/attempts.h \
	sshd/auth/evidence/authorized_keys.c sshd/auth/evidence/authorized_keys.h \
	sshd/auth/evidence/key_options.c \
	sshd/auth/evidence/required.c sshd/auth/evidence/required.h \
	sshd/auth/evidence/restrictions.c sshd/auth/evidence/restrictions.h \
	sshd/auth/evidence/signed_request.c sshd/auth/evidence/signed_request.h \
	sshd/auth/evidence/verdict.h

evidence_libs = sshd/auth/evidence/libevidence.a $(wire_libs)

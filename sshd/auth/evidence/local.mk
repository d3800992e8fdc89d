noinst_LIBRARIES += sshd/auth/evidence/libevidence.a
sshd_auth_evidence_libevidence_a_SOURCES = \
	sshd/auth/evidence/attempts.c sshd/auth/evidence/attempts.h \
	sshd/auth/evidence/authorized_keys.c sshd/auth/evidence/authorized_keys.h \
	sshd/auth/evidence/key_options.c \
	sshd/auth/evidence/otp.c sshd/auth/evidence/otp.h \
	sshd/auth/evidence/otp_record.c sshd/auth/evidence/otp_record.h \
	sshd/auth/evidence/principals.c sshd/auth/evidence/principals.h \
	sshd/auth/evidence/required.c sshd/auth/evidence/required.h \
	sshd/auth/evidence/restrictions.c sshd/auth/evidence/restrictions.h \
	sshd/auth/evidence/signed_request.c sshd/auth/evidence/signed_request.h \
	sshd/auth/evidence/verdict.h

evidence_libs = sshd/auth/evidence/libevidence.a $(wire_libs)

UNIT_TESTS += sshd/auth/evidence/attempts_test sshd/auth/evidence/authorized_keys_test \
	sshd/auth/evidence/required_test sshd/auth/evidence/restrictions_test \
	sshd/auth/evidence/signed_request_test
sshd_auth_evidence_attempts_test_LDADD = $(evidence_libs) $(test_libs)
sshd_auth_evidence_authorized_keys_test_LDADD = $(evidence_libs) $(test_libs)
sshd_auth_evidence_required_test_LDADD = $(evidence_libs) $(test_libs)
sshd_auth_evidence_restrictions_test_LDADD = $(evidence_libs) $(test_libs)
sshd_auth_evidence_signed_request_test_LDADD = $(evidence_libs) $(test_libs)

FUZZ_TARGETS += sshd/auth/evidence/authorized_keys_fuzz sshd/auth/evidence/signed_request_fuzz
sshd_auth_evidence_authorized_keys_fuzz_LDADD = $(fuzz_main) $(evidence_libs)
sshd_auth_evidence_authorized_keys_fuzz_LDFLAGS = $(fuzz_ldflags)
sshd_auth_evidence_signed_request_fuzz_LDADD = $(fuzz_main) $(evidence_libs)
sshd_auth_evidence_signed_request_fuzz_LDFLAGS = $(fuzz_ldflags)

UNIT_TESTS += sshd/auth/evidence/principals_test
sshd_auth_evidence_principals_test_LDADD = $(evidence_libs) $(test_libs)
FUZZ_TARGETS += sshd/auth/evidence/principals_fuzz
sshd_auth_evidence_principals_fuzz_LDADD = $(fuzz_main) $(evidence_libs)
sshd_auth_evidence_principals_fuzz_LDFLAGS = $(fuzz_ldflags)

# The arithmetic of codes hashes, nothing else here does.
evidence_otp_libs = sshd/auth/evidence/libevidence.a sshd/crypto/libsshcrypto.a $(wire_libs) $(CRYPTO_LIBS)
UNIT_TESTS += sshd/auth/evidence/otp_test sshd/auth/evidence/otp_record_test
sshd_auth_evidence_otp_test_LDADD = $(evidence_otp_libs) $(test_libs)
sshd_auth_evidence_otp_record_test_LDADD = $(evidence_otp_libs) $(test_libs)
FUZZ_TARGETS += sshd/auth/evidence/otp_record_fuzz
sshd_auth_evidence_otp_record_fuzz_LDADD = $(fuzz_main) $(evidence_otp_libs)
sshd_auth_evidence_otp_record_fuzz_LDFLAGS = $(fuzz_ldflags)

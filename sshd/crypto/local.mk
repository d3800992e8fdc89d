# The only folder that includes OpenSSL. The tables stand in files of their own, so that what
# links a name does not link the arithmetic behind it.
noinst_LIBRARIES += sshd/crypto/libsshcrypto.a
sshd_crypto_libsshcrypto_a_SOURCES = \
	sshd/crypto/algorithms.c sshd/crypto/algorithms.def sshd/crypto/algorithms.h \
	sshd/crypto/algorithms_cipher.c \
	sshd/crypto/algorithms_kex.c \
	sshd/crypto/algorithms_mac.c \
	sshd/crypto/algorithms_signature.c \
	sshd/crypto/certificate.c sshd/crypto/certificate.h \
	sshd/crypto/certificate_options.c \
	sshd/crypto/cipher.c sshd/crypto/cipher.h sshd/crypto/cipher_ops.h \
	sshd/crypto/cipher_aes_ctr.c \
	sshd/crypto/cipher_aes_gcm.c \
	sshd/crypto/cipher_chacha20poly1305.c \
	sshd/crypto/dh_groups.c \
	sshd/crypto/exchange.c sshd/crypto/exchange.h sshd/crypto/exchange_ops.h \
	sshd/crypto/exchange_curve.c \
	sshd/crypto/exchange_dh.c \
	sshd/crypto/exchange_ecdh.c \
	sshd/crypto/exchange_hash.c sshd/crypto/exchange_hash.h \
	sshd/crypto/exchange_hybrid.c \
	sshd/crypto/exchange_x25519.c \
	sshd/crypto/keccak.c sshd/crypto/keccak.h \
	sshd/crypto/kem.c sshd/crypto/kem.h \
	sshd/crypto/mlkem768.c sshd/crypto/mlkem768.h sshd/crypto/mlkem768_vectors.h \
	sshd/crypto/mlkem_poly.c sshd/crypto/mlkem_poly.h \
	sshd/crypto/hash.c sshd/crypto/hash.h \
	sshd/crypto/key_blob.c sshd/crypto/key_blob.h \
	sshd/crypto/key_file.c sshd/crypto/key_file.h \
	sshd/crypto/key_file_openssh.c \
	sshd/crypto/key_generate.c \
	sshd/crypto/key_line.c \
	sshd/crypto/library.c sshd/crypto/library.h \
	sshd/crypto/lines.h \
	sshd/crypto/mac.c sshd/crypto/mac.h sshd/crypto/mac_ops.h \
	sshd/crypto/mac_hmac.c \
	sshd/crypto/mac_umac.c \
	sshd/crypto/private_key.c sshd/crypto/private_key.h \
	sshd/crypto/random.c sshd/crypto/random.h \
	sshd/crypto/revocation.c sshd/crypto/revocation.h \
	sshd/crypto/signature.c sshd/crypto/signature.h sshd/crypto/signature_ops.h \
	sshd/crypto/signature_ecdsa.c \
	sshd/crypto/signature_ed25519.c \
	sshd/crypto/signature_rsa.c \
	sshd/crypto/signature_sk.c \
	sshd/crypto/sntrup761.c sshd/crypto/sntrup761.h \
	sshd/crypto/sntrup_code.c sshd/crypto/sntrup_code.h \
	sshd/crypto/sntrup_poly.c sshd/crypto/sntrup_poly.h

crypto_libs = sshd/crypto/libsshcrypto.a $(wire_libs) $(CRYPTO_LIBS)

UNIT_TESTS += sshd/crypto/algorithms_test
sshd_crypto_algorithms_test_LDADD = $(crypto_libs) $(test_libs)
UNIT_TESTS += sshd/crypto/certificate_test
sshd_crypto_certificate_test_LDADD = $(crypto_libs) $(test_libs)
UNIT_TESTS += sshd/crypto/revocation_test
sshd_crypto_revocation_test_LDADD = $(crypto_libs) $(test_libs)
UNIT_TESTS += sshd/crypto/cipher_test
sshd_crypto_cipher_test_LDADD = $(crypto_libs) $(test_libs)
UNIT_TESTS += sshd/crypto/exchange_test
sshd_crypto_exchange_test_LDADD = $(crypto_libs) $(test_libs)
UNIT_TESTS += sshd/crypto/exchange_dh_test
sshd_crypto_exchange_dh_test_LDADD = $(crypto_libs) $(test_libs)
UNIT_TESTS += sshd/crypto/exchange_hash_test
sshd_crypto_exchange_hash_test_LDADD = $(crypto_libs) $(test_libs)
UNIT_TESTS += sshd/crypto/mlkem768_test
sshd_crypto_mlkem768_test_LDADD = $(crypto_libs) $(test_libs)
UNIT_TESTS += sshd/crypto/hash_test
sshd_crypto_hash_test_LDADD = $(crypto_libs) $(test_libs)
UNIT_TESTS += sshd/crypto/key_blob_test
sshd_crypto_key_blob_test_LDADD = $(crypto_libs) $(test_libs)
UNIT_TESTS += sshd/crypto/key_file_test
sshd_crypto_key_file_test_LDADD = $(crypto_libs) $(test_libs)
UNIT_TESTS += sshd/crypto/mac_test
sshd_crypto_mac_test_LDADD = $(crypto_libs) $(test_libs)
UNIT_TESTS += sshd/crypto/signature_test
sshd_crypto_signature_test_LDADD = $(crypto_libs) $(test_libs)
UNIT_TESTS += sshd/crypto/sntrup761_test
sshd_crypto_sntrup761_test_LDADD = $(crypto_libs) $(test_libs)

FUZZ_TARGETS += sshd/crypto/key_blob_fuzz
sshd_crypto_key_blob_fuzz_LDADD = $(fuzz_main) $(crypto_libs)
sshd_crypto_key_blob_fuzz_LDFLAGS = $(fuzz_ldflags)
FUZZ_TARGETS += sshd/crypto/key_file_fuzz
sshd_crypto_key_file_fuzz_LDADD = $(fuzz_main) $(crypto_libs)
sshd_crypto_key_file_fuzz_LDFLAGS = $(fuzz_ldflags)
FUZZ_TARGETS += sshd/crypto/signature_fuzz
sshd_crypto_signature_fuzz_LDADD = $(fuzz_main) $(crypto_libs)
sshd_crypto_signature_fuzz_LDFLAGS = $(fuzz_ldflags)
FUZZ_TARGETS += sshd/crypto/certificate_fuzz
sshd_crypto_certificate_fuzz_LDADD = $(fuzz_main) $(crypto_libs)
sshd_crypto_certificate_fuzz_LDFLAGS = $(fuzz_ldflags)
FUZZ_TARGETS += sshd/crypto/revocation_fuzz
sshd_crypto_revocation_fuzz_LDADD = $(fuzz_main) $(crypto_libs)
sshd_crypto_revocation_fuzz_LDFLAGS = $(fuzz_ldflags)

FUZZ_TARGETS += sshd/crypto/exchange_fuzz
sshd_crypto_exchange_fuzz_LDADD = $(fuzz_main) $(crypto_libs)
sshd_crypto_exchange_fuzz_LDFLAGS = $(fuzz_ldflags)

EXTRA_PROGRAMS += sshd/crypto/exchange_bench
sshd_crypto_exchange_bench_LDADD = $(crypto_libs)

# Needs valgrind, at build time for its header and at run time; else it is skipped.
check_PROGRAMS += sshd/crypto/constant_time_check
sshd_crypto_constant_time_check_LDADD = $(crypto_libs)
EXTRA_DIST += sshd/crypto/constant_time_test.sh
TESTS += sshd/crypto/constant_time_test.sh

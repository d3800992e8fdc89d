/* The lists as OpenSSH 10.5 prints them with `sshd -G`: names and order are the drop-in. */
#include "sshd/crypto/algorithms.h"
#include "sshd/crypto/cipher.h"
#include "sshd/crypto/mac.h"
#include "sshd/wire/name_list.h"
#include "tests/support/suite.h"

static const struct {
	enum algorithm_kind kind;
	const char *list;
} defaults[] = {
    {ALGORITHM_KEX, "mlkem768x25519-sha256,sntrup761x25519-sha512,"
                    "sntrup761x25519-sha512@openssh.com,curve25519-sha256,"
                    "curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,"
                    "ecdh-sha2-nistp521"},
    {ALGORITHM_SIGNATURE,
        "ssh-ed25519-cert-v01@openssh.com,ecdsa-sha2-nistp256-cert-v01@openssh.com,"
        "ecdsa-sha2-nistp384-cert-v01@openssh.com,ecdsa-sha2-nistp521-cert-v01@openssh.com,"
        "sk-ssh-ed25519-cert-v01@openssh.com,sk-ecdsa-sha2-nistp256-cert-v01@openssh.com,"
        "webauthn-sk-ecdsa-sha2-nistp256-cert-v01@openssh.com,"
        "rsa-sha2-512-cert-v01@openssh.com,rsa-sha2-256-cert-v01@openssh.com,"
        "ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,"
        "sk-ssh-ed25519@openssh.com,sk-ecdsa-sha2-nistp256@openssh.com,"
        "webauthn-sk-ecdsa-sha2-nistp256@openssh.com,rsa-sha2-512,rsa-sha2-256"},
    {ALGORITHM_CA_SIGNATURE,
        "ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,"
        "sk-ssh-ed25519@openssh.com,sk-ecdsa-sha2-nistp256@openssh.com,"
        "webauthn-sk-ecdsa-sha2-nistp256@openssh.com,rsa-sha2-512,rsa-sha2-256"},
    {ALGORITHM_CIPHER, "chacha20-poly1305@openssh.com,aes128-gcm@openssh.com,"
                       "aes256-gcm@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr"},
    {ALGORITHM_MAC, "umac-64-etm@openssh.com,umac-128-etm@openssh.com,"
                    "hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,"
                    "hmac-sha1-etm@openssh.com,umac-64@openssh.com,umac-128@openssh.com,"
                    "hmac-sha2-256,hmac-sha2-512,hmac-sha1"},
    {ALGORITHM_COMPRESSION, "none,zlib@openssh.com"},
};

START_TEST(default_lists_are_those_of_openssh)
{
	AUTO(buf_wipe) struct buf list = buf_empty(4096);
	const char *text;

	ck_assert_int_eq(algorithm_default_list(defaults[_i].kind, &list), ERR_OK);
	ck_assert_int_eq(buf_c_string(&list, &text), ERR_OK);
	ck_assert_str_eq(text, defaults[_i].list);
}
END_TEST

START_TEST(default_list_respects_the_limit_of_its_buffer)
{
	AUTO(buf_wipe) struct buf list = buf_empty(20);

	ck_assert_int_eq(algorithm_default_list(ALGORITHM_KEX, &list), ERR_LIMIT);
}
END_TEST

static const struct {
	const char *why, *name;
	enum algorithm_kind kind;
	bool is_known;
} names[] = {
    {"CBC is not built", "aes128-cbc", ALGORITHM_CIPHER, false},
    {"the beginning of a name", "aes128", ALGORITHM_CIPHER, false},
    {"a name and more", "aes128-ctrx", ALGORITHM_CIPHER, false},
    {"empty", "", ALGORITHM_CIPHER, false},
    {"of another kind", "hmac-sha1", ALGORITHM_CIPHER, false},
    {"other case", "AES128-CTR", ALGORITHM_CIPHER, false},
    {"certificates sign no certificates", "ssh-ed25519-cert-v01@openssh.com",
        ALGORITHM_CA_SIGNATURE, false},
    {"off by default, yet known", "mlkem768nistp256-sha256", ALGORITHM_KEX, true},
    {"off by default, yet known", "diffie-hellman-group18-sha512", ALGORITHM_KEX, true},
    {"default", "aes192-ctr", ALGORITHM_CIPHER, true},
    {"certificate", "rsa-sha2-256-cert-v01@openssh.com", ALGORITHM_SIGNATURE, true},
};

START_TEST(names_are_known_exactly)
{
	bool got = algorithm_is_known(names[_i].kind, slice_text(names[_i].name));

	ck_assert_msg(got == names[_i].is_known, "%s: %s", names[_i].name, names[_i].why);
}
END_TEST

START_TEST(kinds_and_positions_past_the_end_have_no_name)
{
	bool is_default;

	ck_assert_ptr_null(algorithm_name_at(ALGORITHM_KIND_COUNT, 0, &is_default));
	ck_assert_ptr_null(algorithm_name_at(ALGORITHM_COMPRESSION, 2, &is_default));
	ck_assert_ptr_null(algorithm_name_at(ALGORITHM_COMPRESSION, SIZE_MAX, NULL));
}
END_TEST

#define CHECK_TABLE(kind, prefix)                                                                  \
	do {                                                                                       \
		size_t i_ = 0;                                                                     \
                                                                                                   \
		for (; prefix##_algorithms[i_].name != NULL; i_++) {                               \
			const char *name_ = prefix##_algorithms[i_].name;                          \
			bool is_default_;                                                          \
                                                                                                   \
			ck_assert_str_eq(name_, algorithm_name_at(kind, i_, &is_default_));        \
			ck_assert_int_eq(prefix##_algorithms[i_].is_default, is_default_);         \
			ck_assert_ptr_eq(prefix##_algorithm_named(slice_text(name_)),              \
			    &prefix##_algorithms[i_]);                                             \
		}                                                                                  \
		ck_assert_ptr_null(algorithm_name_at(kind, i_, NULL));                             \
		ck_assert_ptr_null(prefix##_algorithm_named(LITERAL("none-such")));                \
	} while (0)

START_TEST(tables_and_names_agree)
{
	CHECK_TABLE(ALGORITHM_KEX, kex);
	CHECK_TABLE(ALGORITHM_CIPHER, cipher);
	CHECK_TABLE(ALGORITHM_MAC, mac);
	CHECK_TABLE(ALGORITHM_COMPRESSION, compression);
}
END_TEST

START_TEST(rows_fit_the_limits_others_rely_on)
{
	for (const struct mac_algorithm *row = mac_algorithms; row->name != NULL; row++)
		ck_assert_uint_le(row->tag_len, MAC_TAG_LIMIT);
	for (const struct cipher_algorithm *row = cipher_algorithms; row->name != NULL; row++) {
		ck_assert_uint_ge(row->block_len, 8);
		ck_assert_uint_le(row->key_len, HASH_LIMIT);
	}
	for (const struct kex_algorithm *row = kex_algorithms; row->name != NULL; row++)
		ck_assert_uint_ne(hash_len(row->hash), 0);
}
END_TEST

SUITE("algorithms", LOOP_TEST(default_lists_are_those_of_openssh, COUNT_OF(defaults)),
    TEST(default_list_respects_the_limit_of_its_buffer),
    LOOP_TEST(names_are_known_exactly, COUNT_OF(names)),
    TEST(kinds_and_positions_past_the_end_have_no_name), TEST(tables_and_names_agree),
    TEST(rows_fit_the_limits_others_rely_on))

/* Blobs by the shape; names, bits and fingerprints are what `ssh-keygen -l` prints for them. */
#include "sshd/crypto/key_blob.h"
#include "sshd/wire/mpint.h"
#include "tests/support/seed.h"
#include "tests/support/suite.h"

static const struct {
	const char *name;
	enum key_kind kind;
	unsigned bits;
	const char *shown, *sha256, *md5;
} keys[] = {
    {"ed25519", KEY_ED25519, 256, "ED25519", "SHA256:rR6O3IBNfvbOlR7llXwXnFPaTk9Ivo/exZvQ7EyQDVg",
        "MD5:74:36:cc:a8:73:70:ee:f5:c7:0c:3a:31:a6:10:c9:49"},
    {"ecdsa256", KEY_ECDSA, 256, "ECDSA", "SHA256:etN1H08vy+vFiqzpKm686PAVvgcKutbK0OBn/RNj5D0",
        "MD5:60:99:87:c9:e0:ac:39:8e:2b:c9:2d:c3:c4:e9:49:3b"},
    {"ecdsa384", KEY_ECDSA, 384, "ECDSA", "SHA256:KHjANnhcNpnLKtJwrWK7yfmfVoW4tj+rlTtA4JqkPzg",
        "MD5:0a:b7:c7:b2:e2:9e:a5:d0:1e:83:93:b8:c6:bc:67:d8"},
    {"ecdsa521", KEY_ECDSA, 521, "ECDSA", "SHA256:N4N9NN46pwgDcVXV0M/e4+PU8Lx8lYKRyHkUB3qJgTE",
        "MD5:a9:f5:c5:03:79:27:36:21:2e:3a:0c:3a:30:3f:8e:26"},
    {"rsa1024", KEY_RSA, 1024, "RSA", "SHA256:Yw1MozDDcwlg6EgAepfTTw07Gk4LwrXnVSRJrjR768k",
        "MD5:f3:6c:b5:80:a0:b3:2f:a2:d6:8e:67:d6:5b:9b:33:61"},
    {"rsa2048", KEY_RSA, 2048, "RSA", "SHA256:ZGos0I+koIb2JTWEw1sA6F2nXcnF5kA1WqyiBPLzE1Q",
        "MD5:8c:cd:65:22:db:39:5e:f0:b2:93:68:1a:ce:8c:ff:31"},
    {"sk-ecdsa", KEY_SK_ECDSA, 256, "ECDSA-SK",
        "SHA256:7UFPQGF/V/bLW5/xoXoDY/gynZ3cMyymx5/GYE/AVm4",
        "MD5:da:17:ca:d7:65:be:49:f8:15:c0:b9:83:77:dd:4f:58"},
    {"sk-ed25519", KEY_SK_ED25519, 256, "ED25519-SK",
        "SHA256:/p0CbeE3dk2SyW1OXXsThGc12ezDVD8eGw2/vtztDfk",
        "MD5:cf:44:e4:6b:27:42:ed:24:a2:8a:c7:78:81:89:dc:78"},
};

static void check_fingerprint(struct slice blob, enum hash_kind hash, const char *expect)
{
	AUTO(buf_wipe) struct buf text = buf_empty(256);
	const char *got;

	ck_assert_int_eq(key_fingerprint(blob, hash, &text), ERR_OK);
	ck_assert_int_eq(buf_c_string(&text, &got), ERR_OK);
	ck_assert_str_eq(got, expect);
}

START_TEST(keys_are_shown_as_ssh_keygen_shows_them)
{
	struct slice blob = seed("key_blob_fuzz", keys[_i].name);
	struct key_blob key;

	ck_assert_int_eq(key_blob_parse(blob, &key), ERR_OK);
	ck_assert_int_eq(key.kind, keys[_i].kind);
	ck_assert_uint_eq(key_blob_bits(&key), keys[_i].bits);
	ck_assert_str_eq(key_blob_type_name(&key), keys[_i].shown);
	ck_assert(slice_equal(key.blob, blob));
	check_fingerprint(blob, HASH_SHA256, keys[_i].sha256);
	check_fingerprint(blob, HASH_MD5, keys[_i].md5);
}
END_TEST

START_TEST(every_truncation_is_refused)
{
	struct slice blob = seed("key_blob_fuzz", keys[_i].name);
	uint8_t *longer = calloc(1, blob.len + 1);
	struct key_blob key = {.kind = 4242};

	for (size_t len = 0; len < blob.len; len++)
		ck_assert_int_eq(key_blob_parse(slice_first(blob, len), &key), ERR_TRUNCATED);
	memcpy(longer, blob.ptr, blob.len);
	ck_assert_int_eq(key_blob_parse(slice_over(longer, blob.len + 1), &key), ERR_TRAILING);
	ck_assert_int_eq((int)key.kind, 4242);
	free(longer);
}
END_TEST

#define RSA_TYPE 0, 0, 0, 7, 's', 's', 'h', '-', 'r', 's', 'a'
#define ED_TYPE  0, 0, 0, 11, 's', 's', 'h', '-', 'e', 'd', '2', '5', '5', '1', '9'
#define DSA_TYPE 0, 0, 0, 7, 's', 's', 'h', '-', 'd', 's', 's'

static const struct {
	const char *why;
	struct slice blob;
	enum err expect;
} refusals[] = {
    {"empty", {NULL, 0}, ERR_TRUNCATED},
    {"no name", BYTES(0, 0, 0, 0), ERR_UNSUPPORTED},
    {"DSA", BYTES(DSA_TYPE, 0, 0, 0, 1, 5), ERR_UNSUPPORTED},
    {"name past its limit", BYTES(0, 0, 0, 65, 's'), ERR_TOO_LONG},
    {"Ed25519 point too short", BYTES(ED_TYPE, 0, 0, 0, 2, 1, 2), ERR_KEY},
    {"Ed25519 point too long for any", BYTES(ED_TYPE, 0, 0, 0, 134, 1, 2), ERR_TOO_LONG},
    {"RSA with a negative exponent", BYTES(RSA_TYPE, 0, 0, 0, 1, 0x81, 0, 0, 0, 1, 5),
        ERR_MALFORMED},
    {"RSA with a tiny modulus", BYTES(RSA_TYPE, 0, 0, 0, 1, 3, 0, 0, 0, 1, 15), ERR_KEY},
    {"RSA with modulus zero", BYTES(RSA_TYPE, 0, 0, 0, 1, 3, 0, 0, 0, 0), ERR_KEY},
};

START_TEST(malformed_blobs_are_refused)
{
	struct key_blob key;
	enum err got = key_blob_parse(refusals[_i].blob, &key);

	ck_assert_msg(got == refusals[_i].expect, "%s: got %s", refusals[_i].why, err_name(got));
}
END_TEST

/* An RSA blob with an exponent of these bytes and a modulus of `n_bits`, all ones. */
static enum err parse_rsa(struct slice e, size_t n_bits)
{
	static uint8_t bytes[KEY_BLOB_LIMIT], n[KEY_BLOB_LIMIT];
	struct writer *w = &(struct writer){.room = {bytes, sizeof(bytes)}};
	size_t n_len = (n_bits + 7) / 8;
	struct key_blob key;

	memset(n, 0xff, n_len);
	n[0] = (uint8_t)(0xff >> (8 * n_len - n_bits));
	write_text(w, "ssh-rsa");
	write_mpint(w, e);
	write_mpint(w, slice_over(n, n_len));
	ck_assert_int_eq(writer_finish(w, NULL), ERR_OK);
	return key_blob_parse(writer_view(w), &key);
}

START_TEST(rsa_sizes_are_checked_before_any_arithmetic)
{
	ck_assert_int_eq(parse_rsa(BYTES(3), 1023), ERR_KEY);
	ck_assert_int_eq(parse_rsa(BYTES(3), 1024), ERR_OK);
	ck_assert_int_eq(parse_rsa(BYTES(3), 16384), ERR_OK);
	ck_assert_int_eq(parse_rsa(BYTES(3), 16385), ERR_KEY);
	ck_assert_int_eq(parse_rsa(BYTES(3), 100000), ERR_KEY);
	ck_assert_int_eq(parse_rsa(BYTES(1), 2048), ERR_KEY);
	ck_assert_int_eq(parse_rsa(BYTES(4), 2048), ERR_KEY);
	ck_assert_int_eq(parse_rsa(BYTES(0), 2048), ERR_KEY);
	ck_assert_int_eq(parse_rsa(BYTES(0xff, 0xff, 0xff, 0xff), 2048), ERR_OK);
	ck_assert_int_eq(parse_rsa(BYTES(1, 0, 0, 0, 1), 2048), ERR_KEY);
}
END_TEST

/* CVE-2026-35387: a name of one curve must not carry a key of another. */
START_TEST(a_curve_has_to_be_that_of_the_name)
{
	struct slice blob = seed("key_blob_fuzz", "ecdsa256");
	uint8_t *changed = malloc(blob.len);
	struct key_blob key;

	memcpy(changed, blob.ptr, blob.len);
	memcpy(changed + 4 + strlen("ecdsa-sha2-nist"), "p384", 4);
	ck_assert_int_eq(key_blob_parse(slice_over(changed, blob.len), &key), ERR_KEY);
	memcpy(changed, blob.ptr, blob.len);
	changed[blob.len - 65] = 2;
	ck_assert_int_eq(key_blob_parse(slice_over(changed, blob.len), &key), ERR_KEY);
	free(changed);
}
END_TEST

START_TEST(fingerprints_are_sha256_or_md5)
{
	AUTO(buf_wipe) struct buf text = buf_empty(256);

	ck_assert_int_eq(key_fingerprint(LITERAL("x"), HASH_SHA512, &text), ERR_UNSUPPORTED);
	ck_assert_uint_eq(buf_len(&text), 0);
}
END_TEST

SUITE("key_blob", LOOP_TEST(malformed_blobs_are_refused, COUNT_OF(refusals)),
    LOOP_TEST(every_truncation_is_refused, COUNT_OF(keys)),
    TEST(rsa_sizes_are_checked_before_any_arithmetic), TEST(a_curve_has_to_be_that_of_the_name),
    TEST(fingerprints_are_sha256_or_md5),
    LOOP_TEST(keys_are_shown_as_ssh_keygen_shows_them, COUNT_OF(keys)))

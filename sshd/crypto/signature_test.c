/*
 * Signatures made elsewhere: RFC 8032 and RFC 6979 as literals; by ssh-keygen, openssl and a
 * FIDO authenticator written from its documents as files. A file holds four strings: algorithm,
 * key blob, signature blob, data.
 */
#include "sshd/crypto/key_file.h"
#include "sshd/crypto/signature.h"
#include "sshd/wire/mpint.h"
#include "tests/support/hex.h"
#include "tests/support/seed.h"
#include "tests/support/suite.h"

struct vector {
	const struct signature_algorithm *algorithm;
	struct slice key, signature, data;
};

static struct vector vector_read(const char *name)
{
	struct reader r = reader_over(seed("signature_fuzz", name));
	struct vector vector;

	vector.algorithm = signature_algorithm_named(read_string(&r, KEY_TYPE_LIMIT));
	vector.key = read_string(&r, KEY_BLOB_LIMIT);
	vector.signature = read_string(&r, SIGNATURE_BLOB_LIMIT);
	vector.data = read_string(&r, SIGNATURE_BLOB_LIMIT);
	ck_assert_int_eq(reader_finish(&r), ERR_OK);
	ck_assert_ptr_nonnull(vector.algorithm);
	return vector;
}

static enum err vector_verify(const struct vector *vector, struct signature_facts *facts)
{
	return signature_verify(
	    vector->algorithm, vector->key, vector->signature, vector->data, facts);
}

static const struct {
	const char *name;
	struct signature_facts facts;
} good[] = {
    {"ed25519", {0}},
    {"ed25519-cert", {0}},
    {"ecdsa256", {0}},
    {"ecdsa384", {0}},
    {"ecdsa521", {0}},
    {"rsa2048", {0}},
    {"rsa2048-sha256", {0}},
    {"rsa2048-shortened", {0}},
    {"sk-ed25519", {true, false, 7}},
    {"sk-ed25519-verified", {true, true, 0xfffffffe}},
    {"sk-ed25519-untouched", {false, false, 1}},
    {"sk-ecdsa", {true, false, 7}},
    {"sk-ecdsa-verified", {true, true, 0xfffffffe}},
    {"sk-ecdsa-untouched", {false, false, 1}},
    {"webauthn", {true, true, 9}},
    {"webauthn-extensions", {true, false, 9}},
    {"webauthn-urlsafe", {true, false, 9}},
};

START_TEST(signatures_made_elsewhere_verify)
{
	struct vector vector = vector_read(good[_i].name);
	struct signature_facts facts = {.counter = 4242};

	ck_assert_int_eq(vector_verify(&vector, &facts), ERR_OK);
	ck_assert_int_eq(facts.user_present, good[_i].facts.user_present);
	ck_assert_int_eq(facts.user_verified, good[_i].facts.user_verified);
	ck_assert_uint_eq(facts.counter, good[_i].facts.counter);
	ck_assert_int_eq(vector_verify(&vector, NULL), ERR_OK);
}
END_TEST

static void refuse_every_flip(struct vector *vector, struct slice *part)
{
	const struct slice original = *part;
	struct span copy = {malloc(original.len), original.len};
	struct signature_facts facts = {.counter = 4242};

	memcpy(copy.ptr, original.ptr, original.len);
	*part = span_view(copy);
	for (size_t bit = 0; bit < 8 * copy.len; bit++) {
		copy.ptr[bit / 8] ^= (uint8_t)(1 << bit % 8);
		ck_assert_msg(vector_verify(vector, &facts) == ERR_SIGNATURE, "bit %zu", bit);
		copy.ptr[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	ck_assert_uint_eq(facts.counter, 4242);
	*part = original;
	free(copy.ptr);
}

START_TEST(every_flipped_bit_is_refused)
{
	struct vector vector = vector_read(good[_i].name);

	refuse_every_flip(&vector, &vector.signature);
	refuse_every_flip(&vector, &vector.data);
	ck_assert_int_eq(vector_verify(&vector, NULL), ERR_OK);
}
END_TEST

START_TEST(cut_and_longer_signatures_are_refused)
{
	struct vector vector = vector_read(good[_i].name);
	const struct slice whole = vector.signature;
	struct span longer = {calloc(1, whole.len + 1), whole.len + 1};

	for (size_t len = 0; len < whole.len; len++) {
		vector.signature = slice_first(whole, len);
		ck_assert_int_eq(vector_verify(&vector, NULL), ERR_SIGNATURE);
	}
	memcpy(longer.ptr, whole.ptr, whole.len);
	vector.signature = span_view(longer);
	ck_assert_int_eq(vector_verify(&vector, NULL), ERR_SIGNATURE);
	free(longer.ptr);
}
END_TEST

static const char *const refused[] = {
    "refused-ecdsa-trailing",
    "refused-ed25519-s-plus-l",
    "refused-webauthn-attested",
    "refused-webauthn-create",
    "refused-webauthn-extensions-missing",
    "refused-webauthn-extensions-unsaid",
    "refused-webauthn-origin-quote",
    "refused-webauthn-other-challenge",
};

START_TEST(signatures_that_only_look_right_are_refused)
{
	struct vector vector = vector_read(refused[_i]);

	ck_assert_msg(vector_verify(&vector, NULL) == ERR_SIGNATURE, "%s", refused[_i]);
}
END_TEST

/* Each algorithm accepts its own keys and signatures and no others. */
START_TEST(algorithms_do_not_stand_in_for_each_other)
{
	struct vector vector = vector_read(good[_i].name);
	const struct signature_algorithm *own = vector.algorithm;

	for (const struct signature_algorithm *row = signature_algorithms; row->name != NULL;
	     row++) {
		bool same_key = strcmp(row->plain_key_type, own->plain_key_type) == 0;
		bool same_signature = strcmp(row->signature_name, own->signature_name) == 0;
		enum err expect = !same_key ? ERR_KEY : !same_signature ? ERR_SIGNATURE : ERR_OK;

		vector.algorithm = row;
		ck_assert_msg(vector_verify(&vector, NULL) == expect, "%s", row->name);
	}
}
END_TEST

/* The client that names its signature after the key is believed the name, and not the hash. */
START_TEST(rsa_named_after_the_key_verifies_where_asked_for)
{
	struct vector right = vector_read("rsa2048-sha256"), named = right;
	AUTO(buf_wipe) struct buf after_key = buf_empty(SIGNATURE_BLOB_LIMIT);

	ck_assert_int_eq(buf_append(&after_key, SLICE_OF(((uint8_t[]){0, 0, 0, 7}))), ERR_OK);
	ck_assert_int_eq(buf_append_text(&after_key, "ssh-rsa"), ERR_OK);
	ck_assert_int_eq(
	    buf_append(&after_key, slice_after(right.signature, 4 + strlen("rsa-sha2-256"))),
	    ERR_OK);
	named.signature = buf_view(&after_key);
	ck_assert_int_eq(vector_verify(&named, NULL), ERR_SIGNATURE);
	ck_assert_int_eq(signature_verify_named_after_key(
	                     named.algorithm, named.key, named.signature, named.data, NULL),
	    ERR_OK);
	ck_assert_int_eq(signature_verify_named_after_key(
	                     right.algorithm, right.key, right.signature, right.data, NULL),
	    ERR_OK);
	named.algorithm = signature_algorithm_named(LITERAL("rsa-sha2-512"));
	ck_assert_int_eq(signature_verify_named_after_key(
	                     named.algorithm, named.key, named.signature, named.data, NULL),
	    ERR_SIGNATURE);
}
END_TEST

START_TEST(a_key_that_is_none_is_an_error_of_the_key)
{
	struct vector vector = vector_read("ecdsa256"), changed = vector;
	uint8_t *point = malloc(vector.key.len);

	changed.key = slice_first(vector.key, vector.key.len - 1);
	ck_assert_int_eq(vector_verify(&changed, NULL), ERR_KEY);
	memcpy(point, vector.key.ptr, vector.key.len);
	point[vector.key.len - 1] ^= 1; /* no longer on the curve */
	changed.key = slice_over(point, vector.key.len);
	ck_assert_int_eq(vector_verify(&changed, NULL), ERR_KEY);
	free(point);
}
END_TEST

/* RFC 8032, section 7.1, tests 1 to 3. */
static const struct {
	const char *key, *data, *signature;
} eddsa[] = {
    {"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555"
        "fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
    {"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da0"
        "85ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
    {"fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac1"
        "8ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"},
};

START_TEST(rfc8032_verifies)
{
	uint8_t key[64], signature[128];
	struct writer k = writer_into((struct span){key, sizeof(key)});
	struct writer s = writer_into((struct span){signature, sizeof(signature)});

	write_text(&k, "ssh-ed25519");
	write_string(&k, hex(eddsa[_i].key));
	write_text(&s, "ssh-ed25519");
	write_string(&s, hex(eddsa[_i].signature));
	ck_assert_int_eq(signature_verify(signature_algorithm_named(LITERAL("ssh-ed25519")),
	                     writer_view(&k), writer_view(&s), hex(eddsa[_i].data), NULL),
	    ERR_OK);
}
END_TEST

/* RFC 6979, appendix A.2.5 to A.2.7: message "sample" with the curve's usual hash. */
static const struct {
	const char *name, *curve, *x, *y, *r, *s;
} ecdsa[] = {
    {"ecdsa-sha2-nistp256", "nistp256",
        "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6",
        "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299",
        "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716",
        "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"},
    {"ecdsa-sha2-nistp384", "nistp384",
        "ec3a4e415b4e19a4568618029f427fa5da9a8bc4ae92e02e06aae5286b300c64"
        "def8f0ea9055866064a254515480bc13",
        "8015d9b72d7d57244ea8ef9ac0c621896708a59367f9dfb9f54ca84b3f1c9db1"
        "288b231c3ae0d4fe7344fd2533264720",
        "94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c"
        "81a648152e44acf96e36dd1e80fabe46",
        "99ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94f"
        "a329c145786e679e7b82c71a38628ac8"},
    {"ecdsa-sha2-nistp521", "nistp521",
        "01894550d0785932e00eaa23b694f213f8c3121f86dc97a04e5a7167db4e5bcd3"
        "71123d46e45db6b5d5370a7f20fb633155d38ffa16d2bd761dcac474b9a2f5023a4",
        "00493101c962cd4d2fddf782285e64584139c2f91b47f87ff82354d6630f746a2"
        "8a0db25741b5b34a828008b22acc23f924faafbd4d33f81ea66956dfeaa2bfdfcf5",
        "00c328fafcbd79dd77850370c46325d987cb525569fb63c5d3bc53950e6d4c5f1"
        "74e25a1ee9017b5d450606add152b534931d7d4e8455cc91f9b15bf05ec36e377fa",
        "00617cce7cf5064806c467f678d3b4080d6f1cc50af26ca209417308281b68af2"
        "82623eaa63e5b5c0723d8b8c37ff0777b1a20f8ccb1dccc43997f1ee0e44da4a67a"},
};

START_TEST(rfc6979_verifies)
{
	uint8_t key[256], signature[256];
	struct writer k = writer_into((struct span){key, sizeof(key)});
	struct writer s = writer_into((struct span){signature, sizeof(signature)});
	size_t position;

	write_text(&k, ecdsa[_i].name);
	write_text(&k, ecdsa[_i].curve);
	position = write_string_begin(&k);
	write_byte(&k, 4);
	write_bytes(&k, hex(ecdsa[_i].x));
	write_bytes(&k, hex(ecdsa[_i].y));
	write_string_end(&k, position);
	write_text(&s, ecdsa[_i].name);
	position = write_string_begin(&s);
	write_mpint(&s, hex(ecdsa[_i].r));
	write_mpint(&s, hex(ecdsa[_i].s));
	write_string_end(&s, position);
	ck_assert_int_eq(signature_verify(signature_algorithm_named(slice_text(ecdsa[_i].name)),
	                     writer_view(&k), writer_view(&s), LITERAL("sample"), NULL),
	    ERR_OK);
}
END_TEST

static const struct {
	const char *folder, *name;
} signers[] = {
    {"key_file_fuzz", "ed25519"},
    {"key_file_fuzz", "ecdsa256"},
    {"key_file_test", "ecdsa384"},
    {"key_file_test", "ecdsa521"},
    {"key_file_fuzz", "rsa2048"},
};

/* What we sign we verify, with every algorithm of the key and with no other. */
START_TEST(own_signatures_verify)
{
	AUTO(private_key_release) struct private_key *key = NULL;
	struct key_blob blob;

	ck_assert_int_eq(
	    private_key_parse(seed(signers[_i].folder, signers[_i].name), &key), ERR_OK);
	ck_assert_int_eq(key_blob_parse(private_key_blob(key), &blob), ERR_OK);
	for (const struct signature_algorithm *row = signature_algorithms; row->name != NULL;
	     row++) {
		AUTO(buf_wipe) struct buf out = buf_empty(SIGNATURE_BLOB_LIMIT);
		enum err expect = slice_is(blob.type, row->plain_key_type) ? ERR_OK : ERR_KEY;

		ck_assert_int_eq(buf_append_text(&out, "kept"), ERR_OK);
		ck_assert_int_eq(private_key_sign(key, row, LITERAL("data"), &out), expect);
		ck_assert(slice_starts(buf_view(&out), "kept"));
		buf_consume(&out, 4);
		if (expect != ERR_OK) {
			ck_assert_uint_eq(buf_len(&out), 0);
			continue;
		}
		ck_assert_int_eq(
		    signature_verify(row, blob.blob, buf_view(&out), LITERAL("data"), NULL),
		    ERR_OK);
		ck_assert_int_eq(
		    signature_verify(row, blob.blob, buf_view(&out), LITERAL("date"), NULL),
		    ERR_SIGNATURE);
	}
}
END_TEST

START_TEST(a_signature_without_room_leaves_nothing)
{
	AUTO(private_key_release) struct private_key *key = NULL;
	AUTO(buf_wipe) struct buf out = buf_empty(40);

	ck_assert_int_eq(private_key_parse(seed("key_file_fuzz", "ed25519"), &key), ERR_OK);
	ck_assert_int_eq(private_key_sign(key, signature_algorithm_named(LITERAL("ssh-ed25519")),
	                     LITERAL("data"), &out),
	    ERR_LIMIT);
	ck_assert_uint_eq(buf_len(&out), 0);
}
END_TEST

SUITE("signature", LOOP_TEST(signatures_that_only_look_right_are_refused, COUNT_OF(refused)),
    LOOP_TEST(every_flipped_bit_is_refused, COUNT_OF(good)),
    LOOP_TEST(cut_and_longer_signatures_are_refused, COUNT_OF(good)),
    LOOP_TEST(algorithms_do_not_stand_in_for_each_other, COUNT_OF(good)),
    TEST(rsa_named_after_the_key_verifies_where_asked_for),
    TEST(a_key_that_is_none_is_an_error_of_the_key),
    LOOP_TEST(signatures_made_elsewhere_verify, COUNT_OF(good)),
    LOOP_TEST(rfc8032_verifies, COUNT_OF(eddsa)), LOOP_TEST(rfc6979_verifies, COUNT_OF(ecdsa)),
    LOOP_TEST(own_signatures_verify, COUNT_OF(signers)),
    TEST(a_signature_without_room_leaves_nothing))

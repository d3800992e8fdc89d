/*
 * MACs: RFC 4231 and RFC 2202 for HMAC, the appendix of RFC 4418 for UMAC. HMAC puts the sequence
 * number before the packet, so a vector's first four bytes become its number here.
 */
#include "sshd/crypto/mac_ops.h"
#include "tests/support/hex.h"
#include "tests/support/seed.h"
#include "tests/support/suite.h"

static struct mac *mac_made(const char *name, struct slice key)
{
	struct mac *mac = NULL;

	ck_assert_int_eq(mac_new(mac_algorithm_named(slice_text(name)), key, &mac), ERR_OK);
	return mac;
}

static struct slice tag_of(const struct mac *mac, const uint8_t *tag)
{
	return slice_over(tag, mac->algorithm->tag_len);
}

/* A shorter key with zero bytes behind it is the same HMAC key, so short vectors fit the rows. */
static const struct {
	const char *name, *key, *data, *tag;
} hmacs[] = {
    {"hmac-sha2-256", "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {"hmac-sha2-256", "4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {"hmac-sha2-512", "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
        "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
        "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854"},
    {"hmac-sha2-512", "4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
        "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
        "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"},
    {"hmac-sha1", "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
        "b617318655057264e28bc0b6fb378c8ef146be00"},
    {"hmac-sha1", "4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
        "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"},
    {"hmac-sha2-256-etm@openssh.com", "4a656665",
        "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
};

START_TEST(hmac_makes_the_vectors_again_and_again)
{
	uint8_t key[64] = {0}, tag[MAC_TAG_LIMIT];
	struct slice start = hex(hmacs[_i].key), data = hex(hmacs[_i].data);
	const struct mac_algorithm *row = mac_algorithm_named(slice_text(hmacs[_i].name));
	AUTO(mac_release) struct mac *mac = NULL;
	uint32_t number = (uint32_t)data.ptr[0] << 24 | (uint32_t)data.ptr[1] << 16 |
	                  (uint32_t)data.ptr[2] << 8 | data.ptr[3];

	memcpy(key, start.ptr, start.len);
	mac = mac_made(hmacs[_i].name, slice_over(key, row->key_len));
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(mac_compute(mac, number, slice_after(data, 4), tag), ERR_OK);
		ck_assert_hex(tag_of(mac, tag), hmacs[_i].tag);
	}
}
END_TEST

/*
 * RFC 4418 prints tags of 64 and 96 bits; those of 128 begin with those of 96, because pad and
 * streams do. The message is `count` times `part`.
 */
#define UMAC_KEY "abcdefghijklmnop"
#define BCDEFGHI UINT64_C(0x6263646566676869) /* the nonce "bcdefghi" */

static const struct {
	const char *part;
	size_t count;
	const char *tag64, *tag128;
} umacs[] = {
    {"", 0, "6e155fad26900be1", "32fedb100c79ad58f07ff7643cc60465"},
    {"a", 3, "44b5cb542f220104", "185e4fe905cba7bd85e4c2dc3d117d8d"},
    {"a", 1 << 10, "26bf2f5d60118bd9", "7a54abe04af82d60fb298c3cbd195bcb"},
    {"a", 1025, "786516a80a0c9fb0", "248e921520e53909caf14fd73937306c"},
    {"a", 1 << 15, "27f8ef643b0d118d", "7b136bd911e4b734286ef2be501f2c3c"},
    {"a", 1 << 20, "a4477e87e9f55853", "f8acfa3ac31cfeea047f7b115b03bef5"},
    {"abc", 1, "d4d7b9f6bd4fbfcf", "883c3d4b97a61976ffcf232308cba5a5"},
    {"abc", 500, "d4cf26ddefd5c01a", "8824a260c53c66a36c9260a62cb83aa1"},
};

START_TEST(umac_makes_the_vectors)
{
	AUTO(mac_release)
	struct mac *mac64 = mac_made("umac-64@openssh.com", LITERAL(UMAC_KEY));
	AUTO(mac_release)
	struct mac *mac128 = mac_made("umac-128-etm@openssh.com", LITERAL(UMAC_KEY));
	size_t part = strlen(umacs[_i].part), len = part * umacs[_i].count;
	uint8_t tag[MAC_TAG_LIMIT], *message = malloc(len + 1);

	for (size_t i = 0; i < len; i++)
		message[i] = (uint8_t)umacs[_i].part[i % part];
	ck_assert_int_eq(umac_compute(mac64, BCDEFGHI, slice_over(message, len), tag), ERR_OK);
	ck_assert_hex(tag_of(mac64, tag), umacs[_i].tag64);
	ck_assert_int_eq(umac_compute(mac128, BCDEFGHI, slice_over(message, len), tag), ERR_OK);
	ck_assert_hex(tag_of(mac128, tag), umacs[_i].tag128);
	free(message);
}
END_TEST

/*
 * One NH result in 2^32 has to be marked. The first 1024 bytes of this message are made for this
 * key so that theirs does; the tags are those of another implementation.
 */
START_TEST(umac_marks_results_at_the_end_of_the_range)
{
	AUTO(mac_release) struct mac *mac64 = mac_made("umac-64@openssh.com", LITERAL(UMAC_KEY));
	AUTO(mac_release) struct mac *mac128 = mac_made("umac-128@openssh.com", LITERAL(UMAC_KEY));
	struct slice message = seed("mac_test", "umac-marker");
	uint8_t tag[MAC_TAG_LIMIT];

	ck_assert_int_eq(umac_compute(mac64, BCDEFGHI, message, tag), ERR_OK);
	ck_assert_hex(tag_of(mac64, tag), "0ecc89791e5053b2");
	ck_assert_int_eq(umac_compute(mac128, BCDEFGHI, message, tag), ERR_OK);
	ck_assert_hex(tag_of(mac128, tag), "52270dc434b9f50bbe1de2e3b3b8262e");
}
END_TEST

/* Neighbouring numbers share a pad block; what is kept of it must not leak into other numbers. */
START_TEST(umac_pads_do_not_depend_on_what_came_before)
{
	AUTO(mac_release)
	struct mac *used = mac_made("umac-64@openssh.com", LITERAL(UMAC_KEY));
	static const uint32_t numbers[] = {0, 1, 2, 3, 2, 0xffffffff, 0xfffffffe, 1, 0};
	uint8_t tag[MAC_TAG_LIMIT], fresh_tag[MAC_TAG_LIMIT], previous[MAC_TAG_LIMIT] = {0};

	for (size_t i = 0; i < COUNT_OF(numbers); i++) {
		AUTO(mac_release)
		struct mac *fresh = mac_made("umac-64@openssh.com", LITERAL(UMAC_KEY));

		ck_assert_int_eq(mac_compute(used, numbers[i], LITERAL("packet"), tag), ERR_OK);
		ck_assert_int_eq(
		    mac_compute(fresh, numbers[i], LITERAL("packet"), fresh_tag), ERR_OK);
		ck_assert_mem_eq(tag, fresh_tag, 8);
		ck_assert_mem_ne(tag, previous, 8);
		memcpy(previous, tag, 8);
	}
}
END_TEST

START_TEST(umac_refuses_what_its_second_stage_does_not_hash)
{
	AUTO(mac_release)
	struct mac *mac = mac_made("umac-64@openssh.com", LITERAL(UMAC_KEY));
	uint8_t tag[MAC_TAG_LIMIT], *message = calloc(1, (1 << 24) + 1);

	ck_assert_int_eq(mac_compute(mac, 0, slice_over(message, (1 << 24) + 1), tag), ERR_LIMIT);
	free(message);
}
END_TEST

START_TEST(every_row_depends_on_number_and_every_byte)
{
	static const uint8_t key[64] = {1, 2, 3};
	const struct mac_algorithm *row = &mac_algorithms[_i];
	AUTO(mac_release) struct mac *mac = mac_made(row->name, slice_over(key, row->key_len));
	uint8_t packet[100] = {0}, tag[MAC_TAG_LIMIT], other[MAC_TAG_LIMIT];

	ck_assert_int_eq(mac_compute(mac, 7, SLICE_OF(packet), tag), ERR_OK);
	ck_assert_int_eq(mac_compute(mac, 8, SLICE_OF(packet), other), ERR_OK);
	ck_assert_mem_ne(tag, other, row->tag_len);
	ck_assert_int_eq(mac_compute(mac, 7, slice_over(packet, 99), other), ERR_OK);
	ck_assert_mem_ne(tag, other, row->tag_len);
	for (size_t i = 0; i < sizeof(packet); i++) {
		packet[i] ^= 1;
		ck_assert_int_eq(mac_compute(mac, 7, SLICE_OF(packet), other), ERR_OK);
		ck_assert_mem_ne(tag, other, row->tag_len);
		packet[i] ^= 1;
	}
}
END_TEST

START_TEST(a_wrong_length_of_key_makes_no_mac)
{
	static const uint8_t zeros[80];

	for (const struct mac_algorithm *row = mac_algorithms; row->name != NULL; row++) {
		struct mac *mac = NULL;

		ck_assert_int_eq(
		    mac_new(row, slice_over(zeros, row->key_len - 1), &mac), ERR_CRYPTO);
		ck_assert_int_eq(
		    mac_new(row, slice_over(zeros, row->key_len + 1), &mac), ERR_CRYPTO);
		ck_assert_ptr_null(mac);
	}
}
END_TEST

SUITE("mac", LOOP_TEST(hmac_makes_the_vectors_again_and_again, COUNT_OF(hmacs)),
    LOOP_TEST(umac_makes_the_vectors, COUNT_OF(umacs)),
    TEST(umac_marks_results_at_the_end_of_the_range),
    TEST(umac_pads_do_not_depend_on_what_came_before),
    TEST(umac_refuses_what_its_second_stage_does_not_hash),
    LOOP_TEST(every_row_depends_on_number_and_every_byte, 10),
    TEST(a_wrong_length_of_key_makes_no_mac))

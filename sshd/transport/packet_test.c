#include <stdio.h>

#include "sshd/transport/packet_open.h"
#include "sshd/transport/packet_seal.h"
#include "sshd/base/text.h"
#include "tests/support/suite.h"

/* Every cipher with every MAC it can have, and no keys at all. */
struct suite_under_test {
	const struct cipher_algorithm *cipher;
	const struct mac_algorithm *mac;
};

static struct suite_under_test suites[64];
static size_t suite_count;

static void suites_list(void)
{
	suite_count = 1;
	for (const struct cipher_algorithm *c = cipher_algorithms; c->name != NULL; c++) {
		if (c->tag_len > 0) {
			suites[suite_count++] = (struct suite_under_test){c, NULL};
			continue;
		}
		for (const struct mac_algorithm *m = mac_algorithms; m->name != NULL; m++)
			suites[suite_count++] = (struct suite_under_test){c, m};
	}
}

/* Known bytes as keys, zeros as padding. */
struct ends {
	struct random_pool padding;
	struct packet_sealer sealer;
	struct packet_opener opener;
};

static void keys_make(
    struct packet_keys *keys, const struct suite_under_test *suite, enum cipher_direction direction)
{
	uint8_t bytes[256];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)i;
	ck_assert_int_eq(packet_keys_init(keys, suite->cipher, suite->mac, direction,
	                     slice_over(bytes + 0x80, suite->cipher->iv_len),
	                     slice_over(bytes, suite->cipher->key_len),
	                     slice_over(bytes + 0x40, suite->mac ? suite->mac->key_len : 0)),
	    ERR_OK);
}

static void ends_init(struct ends *ends, const struct suite_under_test *suite)
{
	struct packet_keys seal = {0}, open = {0};

	*ends = (struct ends){.padding = {.is_filled = true}};
	packet_sealer_init(&ends->sealer, &ends->padding);
	packet_opener_init(&ends->opener);
	if (suite->cipher == NULL)
		return;
	keys_make(&seal, suite, CIPHER_SEALS);
	keys_make(&open, suite, CIPHER_OPENS);
	packet_sealer_rekey(&ends->sealer, &seal);
	packet_opener_rekey(&ends->opener, &open);
}

static void ends_wipe(struct ends *ends)
{
	packet_sealer_wipe(&ends->sealer);
	packet_opener_wipe(&ends->opener);
}

static const char *suite_name(const struct suite_under_test *suite)
{
	static char name[128];

	snprintf(name, sizeof(name), "%s %s", suite->cipher ? suite->cipher->name : "none",
	    suite->mac ? suite->mac->name : "");
	return name;
}

#define ROOM_LEN (PACKET_LENGTH_LIMIT + PACKET_OVERHEAD_LIMIT)

/* Seals `payload_len` bytes counting up from 94; returns the packet. */
static struct span seal(struct ends *ends, uint8_t *room, size_t payload_len)
{
	size_t packet_len;

	for (size_t i = 0; i < payload_len; i++)
		room[PACKET_HEADER_LEN + i] = (uint8_t)(94 + i);
	ck_assert_int_eq(
	    packet_seal(&ends->sealer, (struct span){room, ROOM_LEN}, payload_len, &packet_len),
	    ERR_OK);
	return (struct span){room, packet_len};
}

static bool counts_up_from_94(struct slice payload)
{
	for (size_t i = 0; i < payload.len; i++)
		if (payload.ptr[i] != (uint8_t)(94 + i))
			return false;
	return true;
}

START_TEST(what_is_sealed_opens)
{
	static const size_t lens[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18,
	    19, 20, 31, 32, 33, 255, 1000, 32768 + 9, 35000, PACKET_LENGTH_LIMIT - 32};
	uint8_t *room = malloc(ROOM_LEN);
	struct ends ends;

	ends_init(&ends, &suites[_i]);
	for (size_t i = 0; i < COUNT_OF(lens); i++) {
		struct span bytes = seal(&ends, room, lens[i]);
		struct opened_packet packet;
		enum err got = packet_open(&ends.opener, bytes, &packet);

		ck_assert_msg(
		    got == ERR_OK, "%s, %zu: %s", suite_name(&suites[_i]), lens[i], err_name(got));
		ck_assert_uint_eq(packet.payload.len, lens[i]);
		ck_assert_uint_eq(packet.packet_len, bytes.len);
		ck_assert_uint_eq(packet.sequence_number, i);
		ck_assert(counts_up_from_94(packet.payload));
	}
	ck_assert_uint_eq(ends.opener.traffic.packets, COUNT_OF(lens));
	ck_assert_uint_eq(ends.opener.traffic.bytes, ends.sealer.traffic.bytes);
	ends_wipe(&ends);
	free(room);
}
END_TEST

/* Packets in a stream that arrives byte by byte, two behind each other. */
START_TEST(packets_open_however_they_arrive)
{
	uint8_t *room = malloc(2 * ROOM_LEN), *stream = malloc(2 * ROOM_LEN);
	size_t len = 0, start = 0, payloads = 0;
	struct ends ends;

	ends_init(&ends, &suites[_i]);
	for (size_t i = 0; i < 2; i++) {
		struct span bytes = seal(&ends, room, 40 + i);

		memcpy(stream + len, bytes.ptr, bytes.len);
		len += bytes.len;
	}
	for (size_t end = 1; end <= len; end++) {
		struct opened_packet packet;
		enum err got =
		    packet_open(&ends.opener, (struct span){stream + start, end - start}, &packet);

		if (got == ERR_AGAIN)
			continue;
		ck_assert_msg(got == ERR_OK, "%s: %s", suite_name(&suites[_i]), err_name(got));
		ck_assert_uint_eq(packet.payload.len, 40 + payloads);
		ck_assert(counts_up_from_94(packet.payload));
		start += packet.packet_len;
		payloads++;
	}
	ck_assert_uint_eq(payloads, 2);
	ck_assert_uint_eq(start, len);
	ends_wipe(&ends);
	free(room);
	free(stream);
}
END_TEST

/* No change of any bit anywhere may ever give a payload. */
START_TEST(every_flipped_bit_is_noticed)
{
	uint8_t *room = malloc(ROOM_LEN), *changed = malloc(ROOM_LEN);
	struct ends reference;
	struct span bytes;

	if (suites[_i].cipher == NULL) {
		free(room);
		free(changed);
		return;
	}
	ends_init(&reference, &suites[_i]);
	bytes = seal(&reference, room, 23);
	for (size_t bit = 0; bit < bytes.len * 8; bit++) {
		struct opened_packet packet;
		struct ends ends;
		enum err got;

		ends_init(&ends, &suites[_i]);
		memcpy(changed, bytes.ptr, bytes.len);
		changed[bit / 8] ^= (uint8_t)(1u << bit % 8);
		got = packet_open(&ends.opener, (struct span){changed, bytes.len}, &packet);
		/* In the length: another length may lack bytes. Anywhere else: the tag is wrong. */
		ck_assert_msg(bit < 32
		                  ? got == ERR_MAC || got == ERR_PACKET_LENGTH || got == ERR_AGAIN
		                  : got == ERR_MAC,
		    "%s: bit %zu gave %s", suite_name(&suites[_i]), bit, err_name(got));
		ends_wipe(&ends);
	}
	ends_wipe(&reference);
	free(room);
	free(changed);
}
END_TEST

/* The sequence number is part of what the tag covers, whoever keeps it. */
START_TEST(a_packet_opens_only_in_its_place)
{
	uint8_t *room = malloc(ROOM_LEN);
	struct opened_packet packet;
	struct ends ends;
	struct span bytes;
	enum err got;

	ends_init(&ends, &suites[_i]);
	(void)seal(&ends, room, 20); /* lost on the way */
	bytes = seal(&ends, room, 20);
	got = packet_open(&ends.opener, bytes, &packet);
	if (suites[_i].cipher == NULL)
		ck_assert_int_eq(got, ERR_OK);
	else
		ck_assert_msg(got != ERR_OK &&
		                  (got == ERR_MAC || got == ERR_PACKET_LENGTH || got == ERR_AGAIN),
		    "%s: %s", suite_name(&suites[_i]), err_name(got));
	ends_wipe(&ends);
	free(room);
}
END_TEST

/* In clear, so that the length is ours to choose. */
static const struct {
	const char *why;
	uint8_t length[4];
	uint8_t padding_len;
	enum err expect;
} frames[] = {
    {"length 0", {0, 0, 0, 0}, 4, ERR_PACKET_LENGTH},
    {"length 1", {0, 0, 0, 1}, 4, ERR_PACKET_LENGTH},
    {"length 4: no room for padding", {0, 0, 0, 4}, 4, ERR_PACKET_LENGTH},
    {"length 5: no multiple of 8", {0, 0, 0, 5}, 4, ERR_PACKET_LENGTH},
    {"length 11", {0, 0, 0, 11}, 4, ERR_PACKET_LENGTH},
    {"length 13", {0, 0, 0, 13}, 4, ERR_PACKET_LENGTH},
    {"one block past the limit", {0, 4, 0, 4}, 4, ERR_PACKET_LENGTH},
    {"2^31", {0x80, 0, 0, 4}, 4, ERR_PACKET_LENGTH},
    {"2^32 - 4", {0xff, 0xff, 0xff, 0xfc}, 4, ERR_PACKET_LENGTH},
    {"at the limit, not here yet", {0, 3, 0xff, 0xfc}, 4, ERR_AGAIN},
    {"no padding", {0, 0, 0, 12}, 0, ERR_MALFORMED},
    {"too little padding", {0, 0, 0, 12}, 3, ERR_MALFORMED},
    {"padding takes the whole payload", {0, 0, 0, 12}, 11, ERR_MALFORMED},
    {"padding longer than the packet", {0, 0, 0, 12}, 12, ERR_MALFORMED},
    {"padding of 255", {0, 0, 0, 12}, 255, ERR_MALFORMED},
    {"one byte of payload", {0, 0, 0, 12}, 10, ERR_OK},
    {"least padding", {0, 0, 0, 12}, 4, ERR_OK},
    {"a longer packet", {0, 0, 0, 20}, 4, ERR_OK},
};

START_TEST(frames_are_checked)
{
	uint8_t bytes[24] = {0};
	struct opened_packet packet = {.packet_len = 4242};
	struct packet_opener opener;
	enum err got;

	packet_opener_init(&opener);
	memcpy(bytes, frames[_i].length, 4);
	bytes[4] = frames[_i].padding_len;
	got = packet_open(&opener, (struct span){bytes, sizeof(bytes)}, &packet);
	ck_assert_msg(got == frames[_i].expect, "%s: got %s", frames[_i].why, err_name(got));
	if (got != ERR_OK)
		ck_assert_uint_eq(packet.packet_len, 4242);
	else
		ck_assert_uint_eq(
		    packet.payload.len, frames[_i].length[3] - 1u - frames[_i].padding_len);
}
END_TEST

/* Authentic packets of a peer that pads wrongly: refused behind every cipher. */
START_TEST(padding_is_checked_behind_every_cipher)
{
	static const uint8_t paddings[] = {0, 3, 15, 16, 255};

	for (size_t i = 0; i < COUNT_OF(paddings); i++) {
		struct opened_packet packet;
		struct ends ends;
		uint8_t room[64 + MAC_TAG_LIMIT] = {0};
		struct span bytes = {room, 4 + 12};
		struct packet_keys *keys = &ends.sealer.keys;
		enum err got;

		ends_init(&ends, &suites[_i]);
		if (ends.sealer.shape.unpadded_len == 4)
			bytes.len = 4 + 16;
		room[3] = (uint8_t)(bytes.len - 4);
		room[4] = paddings[i];
		if (keys->cipher != NULL && keys->mac == NULL) {
			IGNORE(
			    cipher_seal(keys->cipher, 0, bytes, room + bytes.len)); /* open tells */
		} else if (keys->mac != NULL && keys->mac_algorithm->is_etm) {
			IGNORE(cipher_apply(
			    keys->cipher, (struct span){room + 4, bytes.len - 4})); /* same */
			IGNORE(mac_compute(
			    keys->mac, 0, span_view(bytes), room + bytes.len)); /* same */
		} else if (keys->mac != NULL) {
			IGNORE(mac_compute(
			    keys->mac, 0, span_view(bytes), room + bytes.len)); /* same */
			IGNORE(cipher_apply(keys->cipher, bytes));              /* same */
		}
		got = packet_open(&ends.opener, (struct span){room, sizeof(room)}, &packet);
		ck_assert_msg(
		    got == (bytes.len == 20 && paddings[i] < 15 && paddings[i] > 3 ? ERR_OK
		                                                                   : ERR_MALFORMED),
		    "%s: padding %u gave %s", suite_name(&suites[_i]), paddings[i], err_name(got));
		ends_wipe(&ends);
	}
}
END_TEST

/* Lengths as a peer's cipher would carry them: those behind it are refused before any wait. */
START_TEST(encrypted_lengths_are_checked)
{
	static const uint32_t lengths[] = {
	    0, 1, 4, 13, PACKET_LENGTH_LIMIT + 16, 0x80000010, 0xfffffff0};

	for (size_t i = 0; i < COUNT_OF(lengths); i++) {
		struct opened_packet packet;
		struct ends ends;
		uint8_t room[128] = {(uint8_t)(lengths[i] >> 24), (uint8_t)(lengths[i] >> 16),
		    (uint8_t)(lengths[i] >> 8), (uint8_t)lengths[i]};
		struct packet_keys *keys = &ends.sealer.keys;
		enum err got;

		ends_init(&ends, &suites[_i]);
		if (keys->cipher != NULL && keys->mac == NULL)
			IGNORE(cipher_seal(
			    keys->cipher, 0, (struct span){room, 36}, room + 36)); /* open tells */
		else if (keys->mac != NULL && !keys->mac_algorithm->is_etm)
			IGNORE(cipher_apply(keys->cipher, (struct span){room, 32})); /* same */
		got = packet_open(&ends.opener, (struct span){room, sizeof(room)}, &packet);
		ck_assert_msg(got == ERR_PACKET_LENGTH, "%s: length %#x gave %s",
		    suite_name(&suites[_i]), lengths[i], err_name(got));
		ends_wipe(&ends);
	}
}
END_TEST

/* Made by an independent implementation: sequence number 3, keys as in keys_make. */
static const struct {
	const char *cipher, *mac, *hex;
} vectors[] = {
    {"aes128-gcm@openssh.com", NULL,
        "00000020ce7d13dcc9ae552b26050c64f0cbd995eee71ed41b1f51851c86f34a765fdd87dc6a7a78c98f7401"
        "e99723bea596eea5"},
    {"aes256-gcm@openssh.com", NULL,
        "0000002071fb067e2d7e8ebdbefb74532d16de25a75eb5ff0ab00d0a2dfd80c8b6fc3df4bb790451b102441b"
        "b34a7b8abfe9b713"},
    {"chacha20-poly1305@openssh.com", NULL,
        "fb1a9292891b74de5e26cb5da83f9d69d082e24367dc4cc7c0dd5f4759cda9a9e2cbe52b8400b000f60ac06a"},
    {"aes256-ctr", "hmac-sha2-256",
        "b0b0f567c6c9dfe6cd3fe0dbaeea09a195e0c7626e6c7cd465aea6ce3ee93b307cd0eb20015965a5576c1727"
        "acd24544f82ea1188d299f4615408382b23f7a87"},
    {"aes256-ctr", "hmac-sha2-256-etm@openssh.com",
        "00000020a1ee9d1ea7fbd8af8123ee94e5ff1cc2fe85b3626e6c7cd465aea6ce3ee93b309cf1d9c671329564"
        "56f8fde7c0d9871517f85b4d1bd0cafb67b70a5318b8744f"},
    {"aes128-ctr", "hmac-sha2-512-etm@openssh.com",
        "00000020bd78317963e7b722c7b782c1ba2b5f22f87ddb497cc9721c664661fd0a7de089036c3f13e23088d3"
        "4f56ef263b8d5bcfca4eafb1798187b97037de55161974b00a76c3df600c7882f8d7a3d47febd9a59cdf2ab6"
        "d24ed9a487cedc6190666de3"},
    {"aes128-ctr", "hmac-sha1",
        "ac26590002d5b06b8bab8c8ef13e4a419318af497cc9721c664661fd0a7de089d903452c46ed7b2a00d8d2df"
        "c1a1a7d76c30eedc"},
};

START_TEST(packets_look_as_others_make_them)
{
	static const char payload[] = "\x5ehello, packet";
	const struct suite_under_test suite = {
	    cipher_algorithm_named(slice_text(vectors[_i].cipher)),
	    vectors[_i].mac ? mac_algorithm_named(slice_text(vectors[_i].mac)) : NULL,
	};
	struct buf hex = buf_empty(1024);
	uint8_t room[256];
	struct ends ends;
	const char *text;
	size_t len;

	ends_init(&ends, &suite);
	ends.sealer.sequence_number = 3;
	memcpy(room + PACKET_HEADER_LEN, payload, sizeof(payload) - 1);
	ck_assert_int_eq(
	    packet_seal(&ends.sealer, (struct span){room, sizeof(room)}, sizeof(payload) - 1, &len),
	    ERR_OK);
	ck_assert_int_eq(text_append_hex(&hex, slice_over(room, len)), ERR_OK);
	ck_assert_int_eq(buf_c_string(&hex, &text), ERR_OK);
	ck_assert_str_eq(text, vectors[_i].hex);
	buf_wipe(&hex);
	ends_wipe(&ends);
}
END_TEST

START_TEST(sealing_refuses_what_is_no_packet)
{
	uint8_t *room = malloc(2 * ROOM_LEN);
	struct ends ends;
	size_t len = 4242;

	ends_init(&ends, &suites[0]);
	ck_assert_int_eq(
	    packet_seal(&ends.sealer, (struct span){room, ROOM_LEN}, 0, &len), ERR_RANGE);
	ck_assert_int_eq(packet_seal(&ends.sealer, (struct span){room, 40}, 30, &len), ERR_RANGE);
	ck_assert_int_eq(
	    packet_seal(&ends.sealer, (struct span){room, 2 * ROOM_LEN}, PACKET_LENGTH_LIMIT, &len),
	    ERR_RANGE);
	ends.sealer.traffic.packets = UINT32_MAX;
	ck_assert_int_eq(
	    packet_seal(&ends.sealer, (struct span){room, ROOM_LEN}, 10, &len), ERR_LIMIT);
	ck_assert_uint_eq(len, 4242);
	ck_assert_uint_eq(ends.sealer.sequence_number, 0);
	free(room);
}
END_TEST

/* RFC 4253 section 6: at least four bytes of padding; ours is never more than needed. */
START_TEST(padding_is_minimal)
{
	uint8_t *room = malloc(ROOM_LEN);

	for (size_t payload_len = 1; payload_len < 64; payload_len++) {
		struct ends ends;
		size_t body_len, padding_len, block_len;
		struct opened_packet packet;
		struct span bytes;

		ends_init(&ends, &suites[_i]);
		block_len = ends.sealer.shape.block_len;
		bytes = seal(&ends, room, payload_len);
		body_len = bytes.len - 4 - ends.sealer.shape.tag_len;
		padding_len = body_len - 1 - payload_len;
		ck_assert_int_eq(packet_open(&ends.opener, bytes, &packet), ERR_OK);
		ck_assert_uint_eq(room[4], padding_len);
		ck_assert(padding_len >= 4 && padding_len < 4 + block_len);
		ck_assert_uint_eq((4 - ends.sealer.shape.unpadded_len + body_len) % block_len, 0);
		ends_wipe(&ends);
	}
	free(room);
}
END_TEST

int main(void)
{
	suites_list();

	const struct suite_entry entries[] = {
	    LOOP_TEST(frames_are_checked, COUNT_OF(frames)),
	    LOOP_TEST(padding_is_checked_behind_every_cipher, suite_count),
	    LOOP_TEST(encrypted_lengths_are_checked, suite_count),
	    LOOP_TEST(every_flipped_bit_is_noticed, suite_count),
	    LOOP_TEST(a_packet_opens_only_in_its_place, suite_count),
	    TEST(sealing_refuses_what_is_no_packet),
	    LOOP_TEST(padding_is_minimal, suite_count),
	    LOOP_TEST(what_is_sealed_opens, suite_count),
	    LOOP_TEST(packets_open_however_they_arrive, suite_count),
	    LOOP_TEST(packets_look_as_others_make_them, COUNT_OF(vectors)),
	};

	return suite_run("packet", entries, COUNT_OF(entries));
}

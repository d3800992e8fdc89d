/*
 * Ciphers as SSH uses them. The AEAD vectors are literal and were computed from the documents
 * (SP 800-38D, RFC 8439 and the packet layout of chacha20-poly1305@openssh.com) by an
 * implementation of their arithmetic that reproduces the documents' own examples. Counter mode
 * has the vectors of SP 800-38A, section F.5.
 */
#include "sshd/crypto/cipher.h"
#include "tests/support/hex.h"
#include "tests/support/suite.h"

#define PACKET_LIMIT 256
#define TAG_LEN      16

/* Keys are the bytes 0, 1, 2...; packets a length field and the bytes 3, 10, 17... */
static const struct {
	const char *name;
	size_t key_len;
	const char *iv;
	uint32_t sequence_number;
	size_t body_len;
	const char *wire, *tag;
} packets[] = {
    {"chacha20-poly1305@openssh.com", 64, "", 0x0, 8, "94450e511bb25329b2c08be5",
        "5247eec68639b15849ef847cdd8bf9bb"},
    {"chacha20-poly1305@openssh.com", 64, "", 0x7, 40,
        "a39afc822b4c045b51a5076a572ff2a080d1b64047c8b1bef175a027ebd8a21f479dd68847bd005d"
        "ea64f9ad",
        "eb866db7e4577286f10e08214bf32294"},
    {"chacha20-poly1305@openssh.com", 64, "", 0xffffffff, 136,
        "b90ee4380a981d83b122f9d6ad74e2e225d867c265c0b89e40b946dcf9965f80e929c3e723b02875"
        "045340acf9620bc22121b4d4d18b3cfa0d3142d8989d26cbc2f0ed0698da77c87cb84c7a20e61518"
        "ba7936368c288a63a93a49c5b0fe5e0869cb943498a91e1441026ee22ba8a09013e84a0769a7bc26"
        "e15035bf91d8527413f12400c17fa638b0afc253",
        "f1e46c72b93390c2047dfe3648b929c5"},
    {"chacha20-poly1305@openssh.com", 64, "", 0x100, 0, "223d9848",
        "d48d7fc9db7f2880fb9cc926e1c28e37"},
    {"aes128-gcm@openssh.com", 16, "a0a1a2a3fffffffffffffffe", 0, 16,
        "00000010e29007b53589a95197bcdc6ae9e91fee", "5547a77f9151e482a84d8ffe8671d234"},
    {"aes128-gcm@openssh.com", 16, "a0a1a2a3ffffffffffffffff", 0, 48,
        "00000030d339635f41e00bf58bcafd5b1d027f49b86b718e736dc88f2a3b934add059508889982eb"
        "d8bfae81662824350f5a00cb",
        "a7f1615a6265cd69afc68e9158a872c6"},
    {"aes128-gcm@openssh.com", 16, "a0a1a2a30000000000000000", 0, 144,
        "000000908957df8558a9195b6884637326941ecc1ff2547f9cf63ed1d40a956833a057b35a12d63f"
        "5ef3d98489520d682169ccdeba923a79ff079f80fb848249ec7f67cd139eb641f7d96e3bf980085e"
        "7540d9b28074beec5d3e91c09edc5d9db16c74fd4171ca45b0742ae72b29fa2ff665f1db10f82ee8"
        "5a1403a5a80b5fccf4c7bd5e7bf0ad3a945a35a26f98f907e52368cb",
        "3b9da2ac46a7991c7e67e0ade8b8134e"},
    {"aes256-gcm@openssh.com", 32, "a0a1a2a3fffffffffffffffe", 0, 16,
        "00000010e71a1d0b425ebf26e653b7016c2713a4", "152ff0c59f05afbf778c0942834ac38d"},
    {"aes256-gcm@openssh.com", 32, "a0a1a2a3ffffffffffffffff", 0, 48,
        "00000030a7b5d357e3095e19211c5a0c7c43bf16e582d5c02576bf589feebd91e22cb41e068f639e"
        "50375f803598b42afe8d6e43",
        "27aa9758b67947af2d62c4910aeda59d"},
    {"aes256-gcm@openssh.com", 32, "a0a1a2a30000000000000000", 0, 144,
        "000000901fb34d2e3c4298888279f263068400b7e1ea9ccd76db08b1c8877cf4fc949f802c388c50"
        "ac98aef89bd9e8fe65b436c02a7ed807a47fc66946a58246474abdd675172a80c21c3b438033c4e5"
        "be908269bd9e71edb3d7e9026b210d880ade9e4920c13cd2a5e611a9f5a1e5b12e7e2db25a862262"
        "3fdcf99aed37589f2a22e80290872225d5bf659b03d165544c72015d",
        "70a035f0491be9fd72e7f02df69d990c"},
};

struct packet {
	uint8_t bytes[PACKET_LIMIT];
	size_t len;
};

static struct span packet_span(struct packet *packet)
{
	return (struct span){packet->bytes, packet->len};
}

static struct packet packet_clear(size_t body_len)
{
	struct packet packet = {.bytes = {[3] = (uint8_t)body_len}, .len = 4 + body_len};

	for (size_t i = 0; i < body_len; i++)
		packet.bytes[4 + i] = (uint8_t)(3 + 7 * i);
	return packet;
}

static struct packet packet_wire(const char *text)
{
	struct slice wire = hex(text);
	struct packet packet = {.len = wire.len};

	memcpy(packet.bytes, wire.ptr, wire.len);
	return packet;
}

static struct cipher *cipher_made(const char *name, const char *iv, enum cipher_direction direction)
{
	const struct cipher_algorithm *algorithm = cipher_algorithm_named(slice_text(name));
	struct cipher *cipher = NULL;
	uint8_t key[64];

	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)i;
	ck_assert_ptr_nonnull(algorithm);
	ck_assert_int_eq(
	    cipher_new(algorithm, direction, slice_over(key, algorithm->key_len), hex(iv), &cipher),
	    ERR_OK);
	return cipher;
}

static struct cipher *cipher_of(int i, enum cipher_direction direction)
{
	return cipher_made(packets[i].name, packets[i].iv, direction);
}

START_TEST(sealing_makes_the_vectors)
{
	AUTO(cipher_release) struct cipher *cipher = cipher_of(_i, CIPHER_SEALS);
	struct packet packet = packet_clear(packets[_i].body_len);
	uint8_t tag[TAG_LEN];

	ck_assert_int_eq(
	    cipher_seal(cipher, packets[_i].sequence_number, packet_span(&packet), tag), ERR_OK);
	ck_assert_hex(span_view(packet_span(&packet)), packets[_i].wire);
	ck_assert_hex(SLICE_OF(tag), packets[_i].tag);
}
END_TEST

START_TEST(opening_gives_the_packet_back)
{
	AUTO(cipher_release) struct cipher *cipher = cipher_of(_i, CIPHER_OPENS);
	struct packet packet = packet_wire(packets[_i].wire);
	const struct packet clear = packet_clear(packets[_i].body_len);
	uint32_t sequence_number = packets[_i].sequence_number, len = 4242;
	uint8_t first[4];

	memcpy(first, packet.bytes, 4);
	ck_assert_int_eq(cipher_open_length(cipher, sequence_number, packet.bytes, &len), ERR_OK);
	ck_assert_uint_eq(len, packets[_i].body_len);
	ck_assert_mem_eq(first, packet.bytes, 4);
	ck_assert_int_eq(
	    cipher_open(cipher, sequence_number, packet_span(&packet), hex(packets[_i].tag).ptr),
	    ERR_OK);
	ck_assert_mem_eq(packet.bytes, clear.bytes, clear.len);
}
END_TEST

/* CVE-2026-59847: a forged packet must be an error, and must leave no plaintext behind. */
static void open_forged(int i, struct packet packet, struct slice tag)
{
	AUTO(cipher_release) struct cipher *cipher = cipher_of(i, CIPHER_OPENS);
	const struct packet clear = packet_clear(packets[i].body_len);
	const struct packet before = packet;

	ck_assert_int_eq(
	    cipher_open(cipher, packets[i].sequence_number, packet_span(&packet), tag.ptr),
	    ERR_MAC);
	for (size_t at = 4; at + 8 <= packet.len; at++)
		ck_assert_msg(
		    memcmp(packet.bytes + at, clear.bytes + at, 8) != 0, "plaintext at %zu", at);
	for (size_t at = 4; at < packet.len; at++)
		ck_assert(packet.bytes[at] == 0 || packet.bytes[at] == before.bytes[at]);
}

START_TEST(every_flipped_bit_is_found)
{
	struct packet packet = packet_wire(packets[_i].wire);
	struct span tag = hex_span(packets[_i].tag);

	for (size_t bit = 0; bit < 8 * tag.len; bit++) {
		tag.ptr[bit / 8] ^= (uint8_t)(1 << bit % 8);
		open_forged(_i, packet, span_view(tag));
		tag.ptr[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (size_t bit = 0; bit < 8 * packet.len; bit++) {
		packet.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		open_forged(_i, packet, span_view(tag));
		packet.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}
END_TEST

START_TEST(a_packet_of_another_time_is_forged)
{
	AUTO(cipher_release) struct cipher *cipher = cipher_of(_i, CIPHER_OPENS);
	struct packet packet = packet_wire(packets[_i].wire), again = packet;
	uint32_t sequence_number = packets[_i].sequence_number;
	struct slice tag = hex(packets[_i].tag);

	ck_assert_int_eq(
	    cipher_open(cipher, sequence_number, packet_span(&packet), tag.ptr), ERR_OK);
	ck_assert_int_eq(
	    cipher_open(cipher, sequence_number + 1, packet_span(&again), tag.ptr), ERR_MAC);
}
END_TEST

/* One cipher for many packets: what it keeps of one must not show in the next. */
START_TEST(chacha_opens_packets_in_any_order_of_looking)
{
	AUTO(cipher_release) struct cipher *opens = cipher_of(0, CIPHER_OPENS);
	uint32_t len;

	for (size_t i = 0; i < 4; i++) {
		struct packet packet = packet_wire(packets[i].wire),
		              next = packet_wire(packets[(i + 1) % 4].wire);
		const struct packet clear = packet_clear(packets[i].body_len);

		ck_assert_int_eq(cipher_open_length(
		                     opens, packets[(i + 1) % 4].sequence_number, next.bytes, &len),
		    ERR_OK);
		ck_assert_uint_eq(len, packets[(i + 1) % 4].body_len);
		ck_assert_int_eq(cipher_open(opens, packets[i].sequence_number,
		                     packet_span(&packet), hex(packets[i].tag).ptr),
		    ERR_OK);
		ck_assert_mem_eq(packet.bytes, clear.bytes, clear.len);
	}
}
END_TEST

/* RFC 5647: each packet advances the nonce, whose counter wraps and leaves the fixed part alone. */
START_TEST(gcm_counts_packets_across_its_wrap)
{
	AUTO(cipher_release) struct cipher *seals = NULL, *opens = NULL;

	seals = cipher_made("aes128-gcm@openssh.com", "a0a1a2a3fffffffffffffffe", CIPHER_SEALS);
	opens = cipher_made("aes128-gcm@openssh.com", "a0a1a2a3fffffffffffffffe", CIPHER_OPENS);
	for (size_t i = 0; i < COUNT_OF(packets); i++) {
		uint8_t tag[TAG_LEN];
		struct packet packet = packet_clear(packets[i].body_len);

		if (strcmp(packets[i].name, "aes128-gcm@openssh.com") != 0)
			continue;
		ck_assert_int_eq(cipher_seal(seals, 4242, packet_span(&packet), tag), ERR_OK);
		ck_assert_hex(SLICE_OF(tag), packets[i].tag);
		ck_assert_int_eq(cipher_open(opens, 0, packet_span(&packet), tag), ERR_OK);
	}
}
END_TEST

static const struct {
	const char *name, *key, *wire[4];
} streams[] = {
    {"aes128-ctr", "2b7e151628aed2a6abf7158809cf4f3c",
        {"874d6191b620e3261bef6864990db6ce", "9806f66b7970fdff8617187bb9fffdff",
            "5ae4df3edbd5d35e5b4f09020db03eab", "1e031dda2fbe03d1792170a0f3009cee"}},
    {"aes192-ctr", "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b",
        {"1abc932417521ca24f2b0459fe7e6e0b", "090339ec0aa6faefd5ccc2c6f4ce8e94",
            "1e36b26bd1ebc670d1bd1d665620abf7", "4f78a7f6d29809585a97daec58c6b050"}},
    {"aes256-ctr", "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
        {"601ec313775789a5b7a7f504bbf3d228", "f443e3ca4d62b59aca84e990cacaf5c5",
            "2b0930daa23de94ce87017ba2d84988d", "dfc9c58db67aada613c2dd08457941a6"}},
};

static const char *const stream_clear[] = {"6bc1bee22e409f96e93d7e117393172a",
    "ae2d8a571e03ac9c9eb76fac45af8e51", "30c81c46a35ce411e5fbc1191a0a52ef",
    "f69f2445df4f9b17ad2b417be66c3710"};

static struct cipher *stream_made(int i, enum cipher_direction direction)
{
	struct cipher *cipher = NULL;

	ck_assert_int_eq(cipher_new(cipher_algorithm_named(slice_text(streams[i].name)), direction,
	                     hex(streams[i].key), hex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"), &cipher),
	    ERR_OK);
	return cipher;
}

START_TEST(counter_mode_makes_the_vectors_in_uneven_parts)
{
	AUTO(cipher_release) struct cipher *seals = stream_made(_i, CIPHER_SEALS);
	AUTO(cipher_release) struct cipher *opens = stream_made(_i, CIPHER_OPENS);

	for (size_t i = 0; i < COUNT_OF(stream_clear); i++) {
		struct span bytes = hex_span(stream_clear[i]);

		ck_assert_int_eq(cipher_apply(seals, (struct span){bytes.ptr, 5}), ERR_OK);
		ck_assert_int_eq(cipher_apply(seals, (struct span){NULL, 0}), ERR_OK);
		ck_assert_int_eq(cipher_apply(seals, (struct span){bytes.ptr + 5, 11}), ERR_OK);
		ck_assert_hex(span_view(bytes), streams[_i].wire[i]);
		ck_assert_int_eq(cipher_apply(opens, bytes), ERR_OK);
		ck_assert_hex(span_view(bytes), stream_clear[i]);
	}
}
END_TEST

START_TEST(a_wrong_length_of_key_or_iv_makes_no_cipher)
{
	static const uint8_t zeros[80];

	for (const struct cipher_algorithm *row = cipher_algorithms; row->name != NULL; row++) {
		struct cipher *cipher = NULL;
		struct slice key = slice_over(zeros, row->key_len),
		             iv = slice_over(zeros, row->iv_len);

		ck_assert_int_eq(
		    cipher_new(row, CIPHER_SEALS, slice_over(zeros, key.len - 1), iv, &cipher),
		    ERR_CRYPTO);
		ck_assert_int_eq(
		    cipher_new(row, CIPHER_SEALS, slice_over(zeros, key.len + 1), iv, &cipher),
		    ERR_CRYPTO);
		ck_assert_int_eq(
		    cipher_new(row, CIPHER_SEALS, key, slice_over(zeros, iv.len + 1), &cipher),
		    ERR_CRYPTO);
		ck_assert_ptr_null(cipher);
	}
}
END_TEST

START_TEST(a_cipher_refuses_what_it_was_not_made_for)
{
	AUTO(cipher_release) struct cipher *seals = cipher_of(0, CIPHER_SEALS);
	AUTO(cipher_release) struct cipher *opens = cipher_of(0, CIPHER_OPENS);
	AUTO(cipher_release) struct cipher *stream = stream_made(0, CIPHER_OPENS);
	struct packet packet = packet_clear(8), before = packet;
	uint8_t tag[TAG_LEN] = {0};
	uint32_t len;

	ck_assert_int_eq(cipher_open(seals, 0, packet_span(&packet), tag), ERR_CRYPTO);
	ck_assert_int_eq(cipher_open_length(seals, 0, packet.bytes, &len), ERR_CRYPTO);
	ck_assert_int_eq(cipher_seal(opens, 0, packet_span(&packet), tag), ERR_CRYPTO);
	ck_assert_int_eq(cipher_seal(seals, 0, (struct span){packet.bytes, 3}, tag), ERR_CRYPTO);
	ck_assert_int_eq(cipher_apply(seals, packet_span(&packet)), ERR_CRYPTO);
	ck_assert_int_eq(cipher_open(stream, 0, packet_span(&packet), tag), ERR_CRYPTO);
	ck_assert_mem_eq(&packet, &before, sizeof(packet));
}
END_TEST

SUITE("cipher", LOOP_TEST(sealing_makes_the_vectors, COUNT_OF(packets)),
    LOOP_TEST(opening_gives_the_packet_back, COUNT_OF(packets)),
    LOOP_TEST(every_flipped_bit_is_found, COUNT_OF(packets)),
    LOOP_TEST(a_packet_of_another_time_is_forged, COUNT_OF(packets)),
    TEST(chacha_opens_packets_in_any_order_of_looking), TEST(gcm_counts_packets_across_its_wrap),
    LOOP_TEST(counter_mode_makes_the_vectors_in_uneven_parts, COUNT_OF(streams)),
    TEST(a_wrong_length_of_key_or_iv_makes_no_cipher),
    TEST(a_cipher_refuses_what_it_was_not_made_for))

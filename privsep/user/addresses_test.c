/* Addresses of a name: their order, and what a resolving child may have written. */
#include "privsep/user/addresses.h"

#include <arpa/inet.h>
#include <netdb.h>

#include "tests/support/suite.h"

static const struct {
	const char *why;
	struct slice bytes;
	enum err expect;
	size_t count;
} answers[] = {
    {"nothing at all", {0}, ERR_MALFORMED, 0},
    {"a family that nobody has", BYTES(0, 5, 1, 2, 3, 4), ERR_MALFORMED, 0},
    {"IPv4 cut short", BYTES(0, 4, 127, 0, 0), ERR_MALFORMED, 0},
    {"IPv6 without its scope", BYTES(0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1),
        ERR_MALFORMED, 0},
    {"no address", BYTES(0), ERR_OK, 0},
    {"two", BYTES(0, 4, 127, 0, 0, 1, 4, 127, 0, 0, 2), ERR_OK, 2},
};

START_TEST(an_answer_is_read_whole_or_not)
{
	struct addresses addresses = {.count = 99};
	uint8_t error = 77;
	enum err got = addresses_parse(answers[_i].bytes, &addresses, &error);

	ck_assert_msg(got == answers[_i].expect, "%s: %s", answers[_i].why, err_name(got));
	if (got == ERR_OK)
		ck_assert_uint_eq(addresses.count, answers[_i].count);
	else
		ck_assert(addresses.count == 99 && error == 77);
}
END_TEST

START_TEST(addresses_have_a_limit)
{
	uint8_t bytes[1 + (ADDRESSES_LIMIT + 1) * 5] = {0};
	struct addresses addresses;
	uint8_t error;

	for (size_t i = 1; i < sizeof(bytes); i += 5)
		bytes[i] = 4;
	ck_assert_int_eq(addresses_parse(SLICE_OF(bytes), &addresses, &error), ERR_LIMIT);
	ck_assert_int_eq(addresses_parse(slice_over(bytes, sizeof(bytes) - 5), &addresses, &error), ERR_OK);
	ck_assert_uint_eq(addresses.count, ADDRESSES_LIMIT);
}
END_TEST

START_TEST(what_is_written_is_read)
{
	struct addresses addresses, again;
	uint8_t room[ADDRESSES_ENCODED_LIMIT], error = 0;
	size_t len;

	addresses_loopback(&addresses);
	addresses.items[0].in6.sin6_scope_id = 3;
	ck_assert_int_eq(addresses_encode(&addresses, (uint8_t)-EAI_NONAME, (struct span){room, 20}, &len), ERR_LIMIT);
	ck_assert_int_eq(
	    addresses_encode(&addresses, (uint8_t)-EAI_NONAME, (struct span){room, sizeof(room)}, &len), ERR_OK);
	ck_assert_int_eq(addresses_parse(slice_over(room, len), &again, &error), ERR_OK);
	ck_assert_int_eq(-(int)error, EAI_NONAME);
	ck_assert_uint_eq(again.count, 2);
	ck_assert_mem_eq(again.items, addresses.items, 2 * sizeof(again.items[0]));
}
END_TEST

/* 4 and 6 are families; each is told by its place in the answer. */
static const struct {
	const char *before, *after;
} orders[] = {
    {"", ""},
    {"4", "4"},
    {"666", "666"},
    {"46", "46"},
    {"6644", "6464"},
    {"4666", "4666"},
    {"444466", "464644"},
    {"64444", "64444"},
};

START_TEST(families_take_turns)
{
	struct addresses addresses = {.count = strlen(orders[_i].before)};
	uint16_t last[2] = {0, 0};

	for (size_t i = 0; i < addresses.count; i++) {
		addresses.items[i].any.sa_family = orders[_i].before[i] == '4' ? AF_INET : AF_INET6;
		address_set_port(&addresses.items[i], (uint16_t)(i + 1));
	}
	addresses_interleave(&addresses);
	for (size_t i = 0; i < addresses.count; i++) {
		bool is_4 = addresses.items[i].any.sa_family == AF_INET;
		uint16_t place = ntohs(addresses.items[i].in.sin_port); /* the same place in both */

		ck_assert_msg((orders[_i].after[i] == '4') == is_4, "%s: %zu", orders[_i].before, i);
		ck_assert_msg(place > last[is_4], "%s: within a family the order stays", orders[_i].before);
		last[is_4] = place;
	}
}
END_TEST

static const struct {
	const char *text;
	int family; /* 0: a name */
} texts[] = {
    {"", 0},
    {"localhost", 0},
    {"127.1", 0},
    {"0x7f000001", 0},
    {"::1%no-such-interface", 0},
    {"1:2:3:4:5:6:7:8:9", 0},
    {"1111:1111:1111:1111:1111:1111:1111:1111:1111:1111:1111:1111", 0},
    {"127.0.0.1", AF_INET},
    {"::1", AF_INET6},
    {"fe80::1%lo", AF_INET6},
};

START_TEST(numbers_need_no_resolver)
{
	union address address = {.any.sa_family = 99};
	bool is_number = address_of_text(texts[_i].text, &address);

	ck_assert_msg(is_number == (texts[_i].family != 0), "%s", texts[_i].text);
	ck_assert_int_eq(address.any.sa_family, is_number ? texts[_i].family : 99);
}
END_TEST

SUITE("addresses", LOOP_TEST(an_answer_is_read_whole_or_not, COUNT_OF(answers)),
    TEST(addresses_have_a_limit), TEST(what_is_written_is_read),
    LOOP_TEST(families_take_turns, COUNT_OF(orders)), LOOP_TEST(numbers_need_no_resolver, COUNT_OF(texts)))

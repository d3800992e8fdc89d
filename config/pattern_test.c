#include "config/pattern.h"

#include "tests/support/suite.h"

static const struct {
	const char *text, *pattern;
	bool expect;
} patterns[] = {
    {"a", "", false},
    {"", "?", false},
    {"abc", "ab", false},
    {"ab", "abc", false},
    {"abc", "a*d", false},
    {"abc", "?bd", false},
    {"Abc", "abc", false},
    {"aab", "a*ab*c", false},
    {"", "", true},
    {"", "*", true},
    {"", "***", true},
    {"abc", "a?c", true},
    {"abc", "*", true},
    {"abcbc", "a*bc", true},
    {"mississippi", "m*iss*pi", true},
    {"a*c", "a*c", true},
};

START_TEST(patterns_match_whole_texts)
{
	ck_assert_msg(text_matches_pattern(slice_text(patterns[_i].text),
	                  slice_text(patterns[_i].pattern)) == patterns[_i].expect,
	    "%s against %s", patterns[_i].text, patterns[_i].pattern);
}
END_TEST

/* A matcher that recurses for each star would not end. */
START_TEST(many_stars_cost_little)
{
	char text[2001], pattern[2001];

	memset(text, 'a', 2000);
	for (size_t i = 0; i < 2000; i++)
		pattern[i] = i % 2 ? 'a' : '*';
	pattern[1999] = 'b';
	text[2000] = pattern[2000] = 0;
	ck_assert(!text_matches_pattern(slice_text(text), slice_text(pattern)));
}
END_TEST

static const struct {
	const char *text, *list;
	bool ignores_case;
	enum match_result expect;
} lists[] = {
    {"bob", "", false, MATCH_NO},
    {"bob", "alice,carol", false, MATCH_NO},
    {"bob", "!bob", false, MATCH_REFUSED},
    {"bob", "*,!bob", false, MATCH_REFUSED},
    {"bob", "!bob,*", false, MATCH_REFUSED},
    {"alice", "!bob", false, MATCH_NO},
    {"BOB", "bob", false, MATCH_NO},
    {"BOB", "bob", true, MATCH_YES},
    {"bob", "BO?", true, MATCH_YES},
    {"alice", "!bob,*", false, MATCH_YES},
    {"bob", "alice,bob", false, MATCH_YES},
};

START_TEST(lists_refuse_before_they_match)
{
	enum match_result got = pattern_list_match(
	    slice_text(lists[_i].text), slice_text(lists[_i].list), lists[_i].ignores_case);

	ck_assert_msg(
	    got == lists[_i].expect, "%s against %s: %d", lists[_i].text, lists[_i].list, got);
}
END_TEST

static const struct {
	const char *text;
	enum cidr_kind expect;
	unsigned bits;
} blocks[] = {
    {"", CIDR_NOT, 0},
    {"localhost", CIDR_NOT, 0},
    {"10.0.0", CIDR_NOT, 0},
    {"10.0.0.0.0/8", CIDR_NOT, 0},
    {"10.0.0.0/", CIDR_BAD_BITS, 0},
    {"10.0.0.0/33", CIDR_BAD_BITS, 0},
    {"10.0.0.0/-1", CIDR_BAD_BITS, 0},
    {"10.0.0.1/8", CIDR_BAD_BITS, 0},
    {"2001:db8::1/64", CIDR_BAD_BITS, 0},
    {"::/129", CIDR_BAD_BITS, 0},
    {"10.0.0.0/8", CIDR_OK, 8},
    {"0.0.0.0/0", CIDR_OK, 0},
    {"10.0.0.1", CIDR_OK, 32},
    {"2001:db8::/32", CIDR_OK, 32},
    {"fe80::1%eth0", CIDR_OK, 128},
};

START_TEST(blocks_are_parsed)
{
	struct address address;
	unsigned bits = 4242;
	enum cidr_kind got = cidr_parse(slice_text(blocks[_i].text), &address, &bits);

	ck_assert_msg(got == blocks[_i].expect, "%s: %d", blocks[_i].text, got);
	ck_assert_uint_eq(bits, got == CIDR_OK ? blocks[_i].bits : 4242);
}
END_TEST

static const struct {
	const char *address, *list;
	enum match_result expect;
} addresses[] = {
    {"10.1.2.3", "11.0.0.0/8", MATCH_NO},
    {"10.1.2.3", "10.1.2.3/8", MATCH_NO}, /* an impossible block matches nothing */
    {"10.1.2.3", "2001:db8::/32", MATCH_NO},
    {"10.1.2.3", "10.0.0.0/8,!10.1.0.0/16", MATCH_REFUSED},
    {"192.0.2.129", "192.0.2.0/25", MATCH_NO},
    {"not an address", "0.0.0.0/0", MATCH_NO},
    {"192.0.2.127", "192.0.2.0/25", MATCH_YES},
    {"10.1.2.3", "10.0.0.0/8", MATCH_YES},
    {"10.1.2.3", "10.1.*", MATCH_YES},
    {"::ffff:10.1.2.3", "10.0.0.0/8", MATCH_YES},
    {"2001:db8::1", "2001:DB8::/32", MATCH_YES},
    {"2001:db8:0:0::1", "2001:db8::1", MATCH_YES},
};

START_TEST(addresses_match_blocks)
{
	enum match_result got = address_list_match(
	    slice_text(addresses[_i].address), slice_text(addresses[_i].list), NULL);

	ck_assert_msg(got == addresses[_i].expect, "%s against %s: %d", addresses[_i].address,
	    addresses[_i].list, got);
}
END_TEST

START_TEST(faults_are_found)
{
	struct slice fault;

	ck_assert(!address_list_fault(LITERAL("10.0.0.0/8,host,*"), &fault));
	ck_assert(address_list_fault(LITERAL("10.0.0.0/8,!10.0.0.1/8,*"), &fault));
	ck_assert(slice_is(fault, "10.0.0.1/8"));
}
END_TEST

static const struct {
	const char *host, *address, *list;
	enum match_result expect;
} hosts[] = {
    {"a.example", "192.0.2.1", "*.test", MATCH_NO},
    {"a.example", "192.0.2.1", "*.example,!192.0.2.0/24", MATCH_REFUSED},
    {"a.example", "192.0.2.1", "192.0.2.0/24,!a.*", MATCH_REFUSED},
    {NULL, "192.0.2.1", "*.example", MATCH_NO},
    {NULL, "192.0.2.1", "192.0.2.*", MATCH_YES},
    {"a.example", "192.0.2.1", "A.EXAMPLE", MATCH_YES},
    {"a.example", "192.0.2.1", "192.0.2.0/24", MATCH_YES},
};

START_TEST(hosts_match_by_name_and_address)
{
	enum match_result got = host_list_match(
	    hosts[_i].host, slice_text(hosts[_i].address), slice_text(hosts[_i].list));

	ck_assert_msg(got == hosts[_i].expect, "%s: %d", hosts[_i].list, got);
}
END_TEST

SUITE("pattern", LOOP_TEST(patterns_match_whole_texts, COUNT_OF(patterns)),
    TEST(many_stars_cost_little), LOOP_TEST(lists_refuse_before_they_match, COUNT_OF(lists)),
    LOOP_TEST(blocks_are_parsed, COUNT_OF(blocks)),
    LOOP_TEST(addresses_match_blocks, COUNT_OF(addresses)), TEST(faults_are_found),
    LOOP_TEST(hosts_match_by_name_and_address, COUNT_OF(hosts)))

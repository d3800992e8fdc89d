#include "privsep/monitor/moduli.h"
#include "tests/support/suite.h"

/* A line whose modulus is `digits` hex digits, the first of them `first`. */
static void add_line(struct buf *file, const char *fields, char first, unsigned digits)
{
	ck_assert_int_eq(buf_append_format(file, "20260101000000 %s %c", fields, first), ERR_OK);
	for (unsigned i = 1; i < digits; i++)
		ck_assert_int_eq(buf_append_text(file, "7"), ERR_OK);
	ck_assert_int_eq(buf_append_text(file, "\n"), ERR_OK);
}

static const struct {
	const char *why;
	const char *fields;
	unsigned digits;
} bad_lines[] = {
    {"not a safe prime", "4 6 100 2047 2", 512},
    {"known to be composite", "2 1 100 2047 2", 512},
    {"composite among the tests", "2 7 100 2047 2", 512},
    {"not tested", "2 0 100 2047 2", 512},
    {"no tries", "2 6 0 2047 2", 512},
    {"no number", "2 6 x 2047 2", 512},
    {"too small", "2 6 100 2043 2", 511},
    {"too large", "2 6 100 8195 2", 2049},
    {"a generator that is none", "2 6 100 2047 g", 512},
    {"a field too few", "2 6 100 2047", 512},
};

START_TEST(unusable_lines_are_passed_over)
{
	AUTO(buf_wipe) struct buf file = buf_empty(65536);
	struct modulus modulus;
	struct slice left;

	add_line(&file, bad_lines[_i].fields, 'F', bad_lines[_i].digits);
	ck_assert_int_eq(buf_append_text(&file, "# comment\n\n"), ERR_OK);
	left = buf_view(&file);
	ck_assert_msg(!moduli_next(&left, &modulus), "%s", bad_lines[_i].why);
}
END_TEST

static const struct {
	const char *why;
	unsigned min, n, max, best, count;
} choices[] = {
    {"exactly", 2048, 3072, 8192, 3072, 1},
    {"the next larger", 2048, 2500, 8192, 3072, 1},
    {"one of two", 2048, 2048, 8192, 2048, 2},
    {"none is large enough: the largest", 2048, 8000, 8192, 4096, 1},
    {"the larger ones are not allowed", 2048, 4096, 3500, 3072, 1},
    {"the smaller ones are not allowed", 3500, 3500, 8192, 4096, 1},
    {"none is allowed", 5000, 6000, 8192, 0, 0},
};

static void fill(struct buf *file)
{
	add_line(file, "2 6 100 4095 5", 'F', 1024);
	add_line(file, "2 6 100 2047 2", '8', 512);
	add_line(file, "2 6 100 3071 2", 'F', 768);
	add_line(file, "2 6 100 2047 2", 'F', 512);
}

START_TEST(the_best_size_is_chosen)
{
	AUTO(buf_wipe) struct buf file = buf_empty(65536);
	unsigned count = 42;

	fill(&file);
	ck_assert_msg(moduli_best_size(buf_view(&file), choices[_i].min, choices[_i].n, choices[_i].max, &count) ==
		choices[_i].best, "%s", choices[_i].why);
	ck_assert_msg(count == choices[_i].count, "%s", choices[_i].why);
}
END_TEST

START_TEST(a_group_is_given_as_magnitudes)
{
	AUTO(buf_wipe) struct buf file = buf_empty(65536);
	AUTO(buf_wipe) struct buf p = buf_empty(1025);
	AUTO(buf_wipe) struct buf g = buf_empty(1025);

	fill(&file);
	ck_assert_int_eq(moduli_pick(buf_view(&file), 2048, 2, &p, &g), ERR_NOT_FOUND);
	ck_assert_int_eq(moduli_pick(buf_view(&file), 2048, 1, &p, &g), ERR_OK);
	ck_assert_uint_eq(buf_len(&p), 256);
	ck_assert_uint_eq(buf_view(&p).ptr[0], 0xf7);
	ck_assert_uint_eq(buf_view(&p).ptr[255], 0x77);
	ck_assert(slice_equal(buf_view(&g), BYTES(2)));
}
END_TEST

START_TEST(bits_are_counted_from_the_first_one)
{
	AUTO(buf_wipe) struct buf file = buf_empty(65536);
	struct modulus modulus;
	struct slice left;

	add_line(&file, "2 6 100 2046 2", '7', 513);
	add_line(&file, "2 6 100 2047 2", '1', 513);
	left = buf_view(&file);
	ck_assert(moduli_next(&left, &modulus));
	ck_assert_uint_eq(modulus.bits, 2051);
	ck_assert(moduli_next(&left, &modulus));
	ck_assert_uint_eq(modulus.bits, 2049);
}
END_TEST

SUITE("moduli", LOOP_TEST(unusable_lines_are_passed_over, COUNT_OF(bad_lines)),
    LOOP_TEST(the_best_size_is_chosen, COUNT_OF(choices)), TEST(a_group_is_given_as_magnitudes),
    TEST(bits_are_counted_from_the_first_one))

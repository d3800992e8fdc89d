#include "sshd/connection/window.h"

#include "tests/support/suite.h"

static const struct {
	const char *why;
	uint32_t left, add;
	enum err expect;
	uint32_t after;
} adds[] = {
    {"one past the edge", UINT32_MAX, 1, ERR_RANGE, UINT32_MAX},
    {"two halves and one", 0x80000000u, 0x80000000u, ERR_RANGE, 0x80000000u},
    {"all on something", 1, UINT32_MAX, ERR_RANGE, 1},
    {"nothing on all", UINT32_MAX, 0, ERR_OK, UINT32_MAX},
    {"all on nothing", 0, UINT32_MAX, ERR_OK, UINT32_MAX},
    {"to the edge", 0x7fffffffu, 0x80000000u, ERR_OK, UINT32_MAX},
};

START_TEST(send_window_never_wraps)
{
	struct send_window window = {adds[_i].left};
	enum err got = send_window_add(&window, adds[_i].add);

	ck_assert_msg(got == adds[_i].expect, "%s: got %s", adds[_i].why, err_name(got));
	ck_assert_uint_eq(window.left, adds[_i].after);
}
END_TEST

START_TEST(send_window_gives_what_it_has)
{
	struct send_window window = {UINT32_MAX};

	ck_assert_uint_eq(send_window_fit(&window, SIZE_MAX), UINT32_MAX);
	ck_assert_uint_eq(send_window_fit(&window, 5), 5);
	send_window_take(&window, UINT32_MAX);
	ck_assert_uint_eq(send_window_fit(&window, 5), 0);
}
END_TEST

START_TEST(the_peer_may_send_its_window_and_no_more)
{
	struct window_path path = {.spare_bytes = 0};
	struct receive_window window = receive_window_open(&path, 100, 100);

	ck_assert_int_eq(receive_window_take(&window, 101), ERR_LIMIT);
	ck_assert_int_eq(receive_window_take(&window, SIZE_MAX), ERR_LIMIT);
	ck_assert_int_eq(receive_window_take(&window, (size_t)UINT32_MAX + 1), ERR_LIMIT);
	ck_assert_int_eq(receive_window_take(&window, 60), ERR_OK);
	ck_assert_int_eq(receive_window_take(&window, 41), ERR_LIMIT);
	ck_assert_int_eq(receive_window_take(&window, 40), ERR_OK);
	ck_assert_int_eq(receive_window_take(&window, 1), ERR_LIMIT);
	ck_assert_int_eq(receive_window_take(&window, 0), ERR_OK);
}
END_TEST

static const struct {
	const char *why;
	size_t budget;
	uint32_t wanted, least, expect;
	size_t spare;
} windows[] = {
    {"all of it", 1000, 600, 100, 600, 500},
    {"what is there", 300, 600, 100, 400, 0},
    {"the floor alone", 0, 600, 100, 100, 0},
    {"less than the floor is the floor", 1000, 50, 100, 100, 1000},
};

START_TEST(budgets_are_taken_and_given_back)
{
	struct window_path path = {.spare_bytes = windows[_i].budget};
	struct receive_window window =
	    receive_window_open(&path, windows[_i].wanted, windows[_i].least);

	ck_assert_msg(window.size == windows[_i].expect, "%s: %u", windows[_i].why, window.size);
	ck_assert_uint_eq(window.left, window.size);
	ck_assert_uint_eq(path.spare_bytes, windows[_i].spare);
	receive_window_close(&window, &path, windows[_i].least);
	ck_assert_uint_eq(path.spare_bytes, windows[_i].budget);
}
END_TEST

static const struct {
	const char *why;
	uint32_t size;
	uint32_t due; /* this much consumed is returned, one less is not */
} returns[] = {
    {"an eighth", 2u << 20, 256u << 10},
    {"at least a packet", 128u << 10, 32u << 10},
    {"half of a small one", 20000, 10000},
};

START_TEST(credit_is_returned_early)
{
	struct window_path path = {0};
	struct receive_window window = receive_window_open(&path, 0, returns[_i].size);

	ck_assert_uint_eq(receive_window_return(&window), 0);
	ck_assert_int_eq(receive_window_take(&window, returns[_i].size), ERR_OK);
	receive_window_consume(&window, &path, returns[_i].due - 1, UINT32_MAX, 0);
	ck_assert_uint_eq(receive_window_return(&window), 0);
	receive_window_consume(&window, &path, 1, UINT32_MAX, 0);
	ck_assert_msg(receive_window_return(&window) == returns[_i].due, "%s", returns[_i].why);
	ck_assert_uint_eq(window.left, returns[_i].due);
	ck_assert_uint_eq(receive_window_return(&window), 0);
}
END_TEST

START_TEST(growth_has_a_limit)
{
	struct window_path path = {.round_trip_ms = 1000, .spare_bytes = SIZE_MAX};
	struct receive_window window = receive_window_open(&path, 0, 1u << 30);
	const uint32_t limit = (1u << 30) + 5;

	ck_assert_int_eq(receive_window_take(&window, 1u << 30), ERR_OK);
	receive_window_consume(&window, &path, 1u << 30, limit, 0);
	ck_assert_uint_eq(window.size, limit);
	ck_assert_uint_eq(receive_window_return(&window), limit);
	ck_assert_uint_eq(window.left, limit);
	ck_assert_int_eq(receive_window_take(&window, limit), ERR_OK);
	receive_window_consume(&window, &path, limit, limit, 0);
	ck_assert_uint_eq(window.size, limit);
}
END_TEST

START_TEST(the_shortest_round_trip_counts)
{
	struct window_path path = {0};

	window_path_measured(&path, 1001);
	ck_assert_uint_eq(path.round_trip_ms, 0);
	window_path_measured(&path, UINT64_MAX);
	ck_assert_uint_eq(path.round_trip_ms, 0);
	window_path_measured(&path, 300);
	window_path_measured(&path, 400);
	ck_assert_uint_eq(path.round_trip_ms, 300);
	window_path_measured(&path, 40);
	window_path_measured(&path, 0);
	ck_assert_uint_eq(path.round_trip_ms, 40);
}
END_TEST

SUITE("window", LOOP_TEST(send_window_never_wraps, COUNT_OF(adds)),
    TEST(send_window_gives_what_it_has), TEST(the_peer_may_send_its_window_and_no_more),
    LOOP_TEST(budgets_are_taken_and_given_back, COUNT_OF(windows)),
    LOOP_TEST(credit_is_returned_early, COUNT_OF(returns)), TEST(growth_has_a_limit),
    TEST(the_shortest_round_trip_counts))

#include "privsep/ipc/handover.h"
#include "sshd/base/log.h"
#include "tests/support/suite.h"

static const struct handover example = {
    .snapshot = {(const uint8_t *)"snapshot", 8},
    .host_keys = {(const uint8_t *)"keys", 4},
    .V_S = {(const uint8_t *)"SSH-2.0-x", 9},
    .is_root = true,
    .layers = 0x3ff,
    .net_uid = 102,
    .net_gid = 65534,
    .log = HANDOVER_LOG_FILE,
    .log_level_floor = LOG_LEVEL_DEBUG2,
    .is_quiet = true,
    .utmp_host_len = 64,
    .inheritance = {.blocked_signals = 1, .ignored_signals = 1ull << 63, .soft_limits = {[7] = 1024},
	.oom_score_adj = -1000, .has_oom_score_adj = true, .umask = 027},
};

/* Where the fields behind the three strings lie in the encoded example. */
#define AT_LOG       (4 + 8 + 4 + 4 + 4 + 9 + 2 + 12)
#define AT_LOG_LEVEL (AT_LOG + 1)

static struct buf encode_example(void)
{
	struct buf out = buf_empty(HANDOVER_LIMIT);

	ck_assert_int_eq(handover_encode(&example, &out), ERR_OK);
	return out;
}

START_TEST(handover_cut_anywhere_is_refused)
{
	AUTO(buf_wipe) struct buf out = encode_example();
	struct handover got = {.layers = 4242};

	for (size_t len = 0; len < buf_len(&out); len++)
		ck_assert_int_eq(handover_parse(slice_first(buf_view(&out), len), &got), ERR_TRUNCATED);
	ck_assert_int_eq(buf_append(&out, LITERAL("x")), ERR_OK);
	ck_assert_int_eq(handover_parse(buf_view(&out), &got), ERR_TRAILING);
	ck_assert_uint_eq(got.layers, 4242);
}
END_TEST

static const struct {
	const char *why;
	size_t at;
	uint8_t value;
	enum err expect;
} changes[] = {
    {"a log that does not exist", AT_LOG, HANDOVER_LOG_COUNT, ERR_MALFORMED},
    {"a level past DEBUG3", AT_LOG_LEVEL, LOG_LEVEL_DEBUG3 + 1, ERR_MALFORMED},
    {"a snapshot past its limit", 0, 0x7f, ERR_TOO_LONG},
    {"the last level", AT_LOG_LEVEL, LOG_LEVEL_DEBUG3, ERR_OK},
};

START_TEST(handover_refuses_impossible_values)
{
	AUTO(buf_wipe) struct buf out = encode_example();
	struct handover got;
	enum err err;

	out.data[out.start + changes[_i].at] = changes[_i].value;
	err = handover_parse(buf_view(&out), &got);
	ck_assert_msg(err == changes[_i].expect, "%s: got %s", changes[_i].why, err_name(err));
}
END_TEST

START_TEST(handover_comes_back_whole)
{
	AUTO(buf_wipe) struct buf out = encode_example();
	struct handover got = {0};

	ck_assert_int_eq(handover_parse(buf_view(&out), &got), ERR_OK);
	ck_assert(slice_is(got.snapshot, "snapshot"));
	ck_assert(slice_is(got.host_keys, "keys"));
	ck_assert(slice_is(got.V_S, "SSH-2.0-x"));
	ck_assert(got.is_root && !got.is_debugging && got.is_quiet);
	ck_assert_uint_eq(got.layers, 0x3ff);
	ck_assert_uint_eq(got.net_uid, 102);
	ck_assert_uint_eq(got.net_gid, 65534);
	ck_assert_int_eq(got.log, HANDOVER_LOG_FILE);
	ck_assert_uint_eq(got.log_level_floor, LOG_LEVEL_DEBUG2);
	ck_assert_uint_eq(got.utmp_host_len, 64);
	ck_assert_mem_eq(&got.inheritance.soft_limits, &example.inheritance.soft_limits,
	    sizeof(got.inheritance.soft_limits));
	ck_assert_uint_eq(got.inheritance.ignored_signals, 1ull << 63);
	ck_assert_int_eq(got.inheritance.oom_score_adj, -1000);
	ck_assert(got.inheritance.has_oom_score_adj);
	ck_assert_uint_eq(got.inheritance.umask, 027);
}
END_TEST

SUITE("handover", TEST(handover_cut_anywhere_is_refused),
    LOOP_TEST(handover_refuses_impossible_values, COUNT_OF(changes)), TEST(handover_comes_back_whole))

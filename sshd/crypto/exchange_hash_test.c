#include "sshd/crypto/exchange_hash.h"

#include "tests/support/hex.h"
#include "tests/support/suite.h"

static const struct kex_algorithm curve = {
    .name = "curve", .flow = KEX_FLOW_ECDH, .hash = HASH_SHA256, .k_kind = K_MPINT};
static const struct kex_algorithm hybrid = {
    .name = "hybrid", .flow = KEX_FLOW_ECDH, .hash = HASH_SHA512, .k_kind = K_STRING};
static const struct kex_algorithm fixed_group = {
    .name = "fixed group", .flow = KEX_FLOW_DH, .hash = HASH_SHA512, .k_kind = K_MPINT};
static const struct kex_algorithm group_exchange = {
    .name = "group exchange", .flow = KEX_FLOW_GROUP, .hash = HASH_SHA256, .k_kind = K_MPINT};

/* Short fields of different lengths; the high bits and leading zeros are what mpints treat. */
static struct transcript sample(void)
{
	static const uint8_t I_C[] = {20, 1}, I_S[] = {20, 2, 3};
	static const uint8_t p[] = {0x97}, g[] = {5}, e[] = {0x80, 0xcc}, f[] = {0x00, 0x55};
	static const uint8_t K[] = {0x00, 0x81, 0x02};

	return (struct transcript){
	    .V_C = LITERAL("vc"),
	    .V_S = LITERAL("vs!"),
	    .I_C = SLICE_OF(I_C),
	    .I_S = SLICE_OF(I_S),
	    .K_S = LITERAL("key"),
	    .group = {.min = 0x800, .n = 0xc00, .max = 0x2000, .p = SLICE_OF(p), .g = SLICE_OF(g)},
	    .Q_C = SLICE_OF(e),
	    .Q_S = SLICE_OF(f),
	    .K = SLICE_OF(K),
	};
}

#define COMMON                                                                                     \
	"000000027663"     /* V_C */                                                               \
	"00000003767321"   /* V_S */                                                               \
	"000000021401"     /* I_C */                                                               \
	"00000003140203"   /* I_S */                                                               \
	"000000036b6579"   /* K_S */

static const struct {
	const struct kex_algorithm *algorithm;
	bool is_old;
	const char *hashed;
} layouts[] = {
    {&curve, false, COMMON "0000000280cc" "000000020055" "00000003008102"},
    {&hybrid, false, COMMON "0000000280cc" "000000020055" "00000003008102"},
    {&fixed_group, false, COMMON "000000030080cc" "0000000155" "00000003008102"},
    {&group_exchange, false,
	COMMON "00000800" "00000c00" "00002000" "000000020097" "0000000105"
	       "000000030080cc" "0000000155" "00000003008102"},
    {&group_exchange, true,
	COMMON "00000c00" "000000020097" "0000000105"
	       "000000030080cc" "0000000155" "00000003008102"},
};

START_TEST(fields_are_hashed_in_the_order_of_the_documents)
{
	struct transcript transcript = sample();
	struct slice bytes = hex(layouts[_i].hashed);
	struct digest expected, H = {0};

	transcript.group.is_old = layouts[_i].is_old;
	ck_assert_int_eq(hash_parts(layouts[_i].algorithm->hash, &bytes, 1, &expected), ERR_OK);
	ck_assert_int_eq(exchange_hash(layouts[_i].algorithm, &transcript, &H), ERR_OK);
	ck_assert_msg(slice_equal(digest_view(&H), digest_view(&expected)), "%s",
	    layouts[_i].algorithm->name);
}
END_TEST

/* As a string K keeps its leading zeros, as an mpint it does not. */
START_TEST(the_kind_of_K_decides_its_leading_zeros)
{
	struct transcript transcript = sample();
	struct slice as_string = hex(COMMON "0000000280cc" "000000020055" "0000000400000102");
	struct slice as_mpint = hex(COMMON "0000000280cc" "000000020055" "000000020102");
	struct digest expected, H;

	transcript.K = BYTES(0x00, 0x00, 0x01, 0x02);
	ck_assert_int_eq(hash_parts(HASH_SHA512, &as_string, 1, &expected), ERR_OK);
	ck_assert_int_eq(exchange_hash(&hybrid, &transcript, &H), ERR_OK);
	ck_assert(slice_equal(digest_view(&H), digest_view(&expected)));
	ck_assert_int_eq(hash_parts(HASH_SHA256, &as_mpint, 1, &expected), ERR_OK);
	ck_assert_int_eq(exchange_hash(&curve, &transcript, &H), ERR_OK);
	ck_assert(slice_equal(digest_view(&H), digest_view(&expected)));
}
END_TEST

static const struct {
	const char *why;
	size_t I_C_len;
	enum err expect;
} lengths[] = {
    {"longer than the limit", (size_t)TRANSCRIPT_LIMIT + 1, ERR_LIMIT},
    {"so long that a sum would wrap", SIZE_MAX - 4, ERR_LIMIT},
    {"the sum past the limit", TRANSCRIPT_LIMIT - 40, ERR_LIMIT},
    {"a long one within it", TRANSCRIPT_LIMIT - 200, ERR_OK},
};

START_TEST(the_transcript_has_a_limit)
{
	static const uint8_t zeros[TRANSCRIPT_LIMIT + 1];
	struct transcript transcript = sample();
	struct digest H = {.len = 42};
	enum err got;

	transcript.I_C = slice_over(zeros, lengths[_i].I_C_len);
	got = exchange_hash(&curve, &transcript, &H);
	ck_assert_msg(got == lengths[_i].expect, "%s: got %s", lengths[_i].why, err_name(got));
	ck_assert_uint_eq(H.len, got == ERR_OK ? 32 : 42);
}
END_TEST

SUITE("exchange hash", LOOP_TEST(the_transcript_has_a_limit, COUNT_OF(lengths)),
    LOOP_TEST(fields_are_hashed_in_the_order_of_the_documents, COUNT_OF(layouts)),
    TEST(the_kind_of_K_decides_its_leading_zeros))

/* Every row of the table against itself and against refusals; the curves against vectors. */
#include "sshd/crypto/exchange.h"

#include "sshd/crypto/exchange_ops.h"
#include "tests/support/hex.h"
#include "tests/support/suite.h"

/* What a secret's own point is, and what it shares with the owner of `peer`. */
static const struct {
	const char *source;
	const struct curve *curve;
	const char *secret, *point, *peer, *shared;
} curve_vectors[] = {
    {"RFC 7748 section 6.1", &curve_x25519,
	"5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
	"de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
	"8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
	"4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"},
    {"RFC 7748 section 5.2, first", &curve_x25519,
	"a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4", NULL,
	"e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
	"c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"},
    {"RFC 7748 section 5.2, second", &curve_x25519,
	"4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d", NULL,
	"e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
	"95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957"},
    {"NIST CAVP ECC CDH, P-256, count 0", &curve_nistp256,
	"7d7dc5f71eb29ddaf80d6214632eeae03d9058af1fb6d22ed80badb62bc1a534",
	"04"
	"ead218590119e8876b29146ff89ca61770c4edbbf97d38ce385ed281d8a6b230"
	"28af61281fd35e2fa7002523acc85a429cb06ee6648325389f59edfce1405141",
	"04"
	"700c48f77f56584c5cc632ca65640db91b6bacce3a4df6b42ce7cc838833d287"
	"db71e509e3fd9b060ddb20ba5c51dcc5948d46fbf640dfe0441782cab85fa4ac",
	"46fc62106420ff012e54a434fbdd2d25ccc5852060561e68040dd7778997bd7b"},
    {"NIST CAVP ECC CDH, P-384, count 0", &curve_nistp384,
	"3cc3122a68f0d95027ad38c067916ba0eb8c38894d22e1b15618b6818a661774"
	"ad463b205da88cf699ab4d43c9cf98a1",
	"04"
	"9803807f2f6d2fd966cdd0290bd410c0190352fbec7ff6247de1302df86f25d3"
	"4fe4a97bef60cff548355c015dbb3e5f"
	"ba26ca69ec2f5b5d9dad20cc9da711383a9dbe34ea3fa5a2af75b46502629ad5"
	"4dd8b7d73a8abb06a3a3be47d650cc99",
	"04"
	"a7c76b970c3b5fe8b05d2838ae04ab47697b9eaf52e764592efda27fe7513272"
	"734466b400091adbf2d68c58e0c50066"
	"ac68f19f2e1cb879aed43a9969b91a0839c4c38a49749b661efedf243451915e"
	"d0905a32b060992b468c64766fc8437a",
	"5f9d29dc5e31a163060356213669c8ce132e22f57c9a04f40ba7fcead493b457"
	"e5621e766c40a2e3d4d6a04b25e533f1"},
    {"NIST CAVP ECC CDH, P-521, count 0", &curve_nistp521,
	"017eecc07ab4b329068fba65e56a1f8890aa935e57134ae0ffcce802735151f4"
	"eac6564f6ee9974c5e6887a1fefee5743ae2241bfeb95d5ce31ddcb6f9edb4d6fc47",
	"04"
	"00602f9d0cf9e526b29e22381c203c48a886c2b0673033366314f1ffbcba240b"
	"a42f4ef38a76174635f91e6b4ed34275eb01c8467d05ca80315bf1a7bbd945f550a5"
	"01b7c85f26f5d4b2d7355cf6b02117659943762b6d1db5ab4f1dbc44ce7b2946"
	"eb6c7de342962893fd387d1b73d7a8672d1f236961170b7eb3579953ee5cdc88cd2d",
	"04"
	"00685a48e86c79f0f0875f7bc18d25eb5fc8c0b07e5da4f4370f3a9490340854"
	"334b1e1b87fa395464c60626124a4e70d0f785601d37c09870ebf176666877a2046d"
	"01ba52c56fc8776d9e8f5db4f0cc27636d0b741bbe05400697942e80b739884a"
	"83bde99e0f6716939e632bc8986fa18dccd443a348b6c3e522497955a4f3c302f676",
	"005fc70477c3e63bc3954bd0df3ea0d1f41ee21746ed95fc5e1fdf90930d5e13"
	"6672d72cc770742d1711c3c3a4c334a0ad9759436a4d3c5bf6e74b9578fac148c831"},
};

START_TEST(curves_agree_with_published_vectors)
{
	const struct curve *curve = curve_vectors[_i].curve;
	struct slice secret = hex(curve_vectors[_i].secret);
	uint8_t point[CURVE_POINT_LIMIT], shared[CURVE_SHARED_LIMIT];

	ck_assert_uint_eq(secret.len, curve->secret_len);
	ck_assert_int_eq(
	    curve->apply(curve, secret.ptr, hex(curve_vectors[_i].peer), point, shared), ERR_OK);
	ck_assert_hex(slice_over(shared, curve->shared_len), curve_vectors[_i].shared);
	if (curve_vectors[_i].point != NULL)
		ck_assert_hex(slice_over(point, curve->point_len), curve_vectors[_i].point);
}
END_TEST

/* Public values that no honest peer sends. The length of the rest is made up with zeros. */
static const struct {
	const char *why, *method, *start;
	size_t len;
} refusals[] = {
    {"X25519: zero", "curve25519-sha256", "", 32},
    {"X25519: one, of order 1", "curve25519-sha256", "01", 32},
    {"X25519: a point of order 8", "curve25519-sha256",
	"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800", 32},
    {"X25519: another point of order 8", "curve25519-sha256",
	"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157", 32},
    {"X25519: p - 1, of order 2", "curve25519-sha256",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", 32},
    {"X25519: p, which is zero unreduced", "curve25519-sha256",
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", 32},
    {"X25519: empty", "curve25519-sha256", "", 0},
    {"X25519: too short", "curve25519-sha256", "09", 31},
    {"X25519: too long", "curve25519-sha256", "09", 33},
    {"P-256: empty", "ecdh-sha2-nistp256", "", 0},
    {"P-256: the point at infinity", "ecdh-sha2-nistp256", "00", 1},
    {"P-256: infinity, filled up", "ecdh-sha2-nistp256", "00", 65},
    {"P-256: (0, 0)", "ecdh-sha2-nistp256", "04", 65},
    {"P-256: compressed", "ecdh-sha2-nistp256",
	"02700c48f77f56584c5cc632ca65640db91b6bacce3a4df6b42ce7cc838833d287", 33},
    {"P-256: hybrid form of a valid point", "ecdh-sha2-nistp256",
	"06700c48f77f56584c5cc632ca65640db91b6bacce3a4df6b42ce7cc838833d287"
	"db71e509e3fd9b060ddb20ba5c51dcc5948d46fbf640dfe0441782cab85fa4ac", 65},
    {"P-256: one bit off the curve", "ecdh-sha2-nistp256",
	"04700c48f77f56584c5cc632ca65640db91b6bacce3a4df6b42ce7cc838833d287"
	"db71e509e3fd9b060ddb20ba5c51dcc5948d46fbf640dfe0441782cab85fa4ad", 65},
    {"P-256: x is p", "ecdh-sha2-nistp256",
	"04ffffffff00000001000000000000000000000000ffffffffffffffffffffffff", 65},
    {"P-256: a valid point and a byte", "ecdh-sha2-nistp256",
	"04700c48f77f56584c5cc632ca65640db91b6bacce3a4df6b42ce7cc838833d287"
	"db71e509e3fd9b060ddb20ba5c51dcc5948d46fbf640dfe0441782cab85fa4ac", 66},
    {"P-384: (0, 0)", "ecdh-sha2-nistp384", "04", 97},
    {"P-384: too short", "ecdh-sha2-nistp384", "04", 96},
    {"P-521: (0, 0)", "ecdh-sha2-nistp521", "04", 133},
    {"P-521: too long", "ecdh-sha2-nistp521", "04", 134},
};

static void fill(uint8_t value[static 256], const char *start)
{
	struct slice bytes = hex(start);

	memset(value, 0, 256);
	memcpy(value, bytes.ptr, bytes.len);
}

static const struct kex_algorithm *row(const char *name)
{
	const struct kex_algorithm *algorithm = kex_algorithm_named(slice_text(name));

	ck_assert_msg(algorithm != NULL, "no row %s", name);
	return algorithm;
}

static struct kex_keys canary(void)
{
	struct kex_keys keys = kex_keys_empty();

	ck_assert_int_eq(buf_append_text(&keys.Q_S, "before"), ERR_OK);
	ck_assert_int_eq(buf_append_text(&keys.K, "before"), ERR_OK);
	return keys;
}

static void assert_untouched(const struct kex_keys *keys, const char *why)
{
	ck_assert_msg(slice_is(buf_view(&keys->Q_S), "before"), "%s: Q_S touched", why);
	ck_assert_msg(slice_is(buf_view(&keys->K), "before"), "%s: K touched", why);
}

START_TEST(respond_refuses_what_is_no_public_value)
{
	AUTO(kex_keys_wipe) struct kex_keys keys = canary();
	uint8_t value[256];
	enum err got;

	fill(value, refusals[_i].start);
	got = kex_respond(row(refusals[_i].method), slice_over(value, refusals[_i].len), &keys);
	ck_assert_msg(got == ERR_EXCHANGE, "%s: got %s", refusals[_i].why, err_name(got));
	assert_untouched(&keys, refusals[_i].why);
}
END_TEST

START_TEST(the_client_refuses_the_same)
{
	AUTO(kex_client_release) struct kex_client *client = NULL;
	AUTO(buf_wipe) struct buf Q_C = buf_empty(4096);
	AUTO(buf_wipe) struct buf K = buf_empty_secret(K_LIMIT);
	uint8_t value[256];
	enum err got;

	fill(value, refusals[_i].start);
	ck_assert_int_eq(kex_client_begin(row(refusals[_i].method), &client, &Q_C), ERR_OK);
	got = kex_client_finish(client, slice_over(value, refusals[_i].len), &K);
	ck_assert_msg(got == ERR_EXCHANGE, "%s: got %s", refusals[_i].why, err_name(got));
	ck_assert_uint_eq(buf_len(&K), 0);
}
END_TEST

/* What is put over a valid public value of a hybrid, and how much longer it is made. */
static const struct {
	const char *why, *method;
	size_t at;
	uint8_t byte;
	size_t count;
	int longer;
} hybrid_refusals[] = {
    {"ML-KEM: first coefficient is 4095", "mlkem768x25519-sha256", 0, 0xff, 2, 0},
    {"ML-KEM: last coefficient is 4095", "mlkem768x25519-sha256", 1150, 0xff, 2, 0},
    {"ML-KEM with P-256: a coefficient is 4095", "mlkem768nistp256-sha256", 600, 0xff, 3, 0},
    {"X25519 part zero", "mlkem768x25519-sha256", 1184, 0, 32, 0},
    {"X25519 part missing", "mlkem768x25519-sha256", 0, 0, 0, -32},
    {"a byte short", "mlkem768x25519-sha256", 0, 0, 0, -1},
    {"a byte long", "mlkem768x25519-sha256", 0, 0, 0, 1},
    {"empty", "mlkem768x25519-sha256", 0, 0, 0, -1216},
    {"point compressed", "mlkem768nistp256-sha256", 1184, 2, 1, 0},
    {"point at infinity", "mlkem768nistp256-sha256", 1184, 0, 65, 0},
    {"point off the curve", "mlkem768nistp256-sha256", 1185, 1, 64, 0},
    {"point a byte short", "mlkem768nistp256-sha256", 0, 0, 0, -1},
    {"X25519 part zero", "sntrup761x25519-sha512", 1158, 0, 32, 0},
    {"a byte short", "sntrup761x25519-sha512@openssh.com", 0, 0, 0, -1},
    {"a byte long", "sntrup761x25519-sha512", 0, 0, 0, 1},
    {"empty", "sntrup761x25519-sha512", 0, 0, 0, -1190},
};

/* As long as it says and not a byte longer, for sanitizers to see what is read behind it. */
static struct buf spoiled(struct slice valid, size_t at, uint8_t byte, size_t count, int longer)
{
	struct buf value = buf_empty(4096);
	size_t len = (size_t)((int)valid.len + longer);

	value.data = calloc(1, len + (len == 0));
	ck_assert_ptr_nonnull(value.data);
	memcpy(value.data, valid.ptr, len < valid.len ? len : valid.len);
	if (count > 0)
		memset(value.data + at, byte, count);
	value.end = value.capacity = len;
	return value;
}

START_TEST(respond_refuses_spoiled_hybrid_values)
{
	const struct kex_algorithm *algorithm = row(hybrid_refusals[_i].method);
	AUTO(kex_keys_wipe) struct kex_keys keys = canary();
	AUTO(kex_client_release) struct kex_client *client = NULL;
	AUTO(buf_wipe) struct buf Q_C = buf_empty(4096);
	AUTO(buf_wipe) struct buf value = buf_empty(0);
	enum err got;

	ck_assert_int_eq(kex_client_begin(algorithm, &client, &Q_C), ERR_OK);
	value = spoiled(buf_view(&Q_C), hybrid_refusals[_i].at, hybrid_refusals[_i].byte,
	    hybrid_refusals[_i].count, hybrid_refusals[_i].longer);
	got = kex_respond(algorithm, buf_view(&value), &keys);
	ck_assert_msg(got == ERR_EXCHANGE, "%s, %s: got %s", algorithm->name,
	    hybrid_refusals[_i].why, err_name(got));
	assert_untouched(&keys, hybrid_refusals[_i].why);
}
END_TEST

/* A server's value is a ciphertext and a point. No change of the ciphertext is told; K differs. */
static const struct {
	const char *why, *method;
	size_t at;
	uint8_t byte;
	size_t count;
	int longer;
	enum err expect;
} answers[] = {
    {"X25519 part zero", "mlkem768x25519-sha256", 1088, 0, 32, 0, ERR_EXCHANGE},
    {"a byte short", "mlkem768x25519-sha256", 0, 0, 0, -1, ERR_EXCHANGE},
    {"a byte long", "mlkem768x25519-sha256", 0, 0, 0, 1, ERR_EXCHANGE},
    {"point off the curve", "mlkem768nistp256-sha256", 1089, 1, 64, 0, ERR_EXCHANGE},
    {"X25519 part zero", "sntrup761x25519-sha512", 1039, 0, 32, 0, ERR_EXCHANGE},
    {"a byte short", "sntrup761x25519-sha512", 0, 0, 0, -1, ERR_EXCHANGE},
    {"ciphertext changed", "mlkem768x25519-sha256", 7, 0xa5, 4, 0, ERR_OK},
    {"ciphertext changed", "sntrup761x25519-sha512", 7, 0xa5, 4, 0, ERR_OK},
};

START_TEST(the_client_notices_spoiled_hybrid_answers)
{
	const struct kex_algorithm *algorithm = row(answers[_i].method);
	AUTO(kex_keys_wipe) struct kex_keys keys = kex_keys_empty();
	AUTO(kex_client_release) struct kex_client *client = NULL;
	AUTO(buf_wipe) struct buf Q_C = buf_empty(4096), K = buf_empty_secret(K_LIMIT);
	AUTO(buf_wipe) struct buf value = buf_empty(0);
	enum err got;

	ck_assert_int_eq(kex_client_begin(algorithm, &client, &Q_C), ERR_OK);
	ck_assert_int_eq(kex_respond(algorithm, buf_view(&Q_C), &keys), ERR_OK);
	value = spoiled(buf_view(&keys.Q_S), answers[_i].at, answers[_i].byte, answers[_i].count,
	    answers[_i].longer);
	got = kex_client_finish(client, buf_view(&value), &K);
	ck_assert_msg(got == answers[_i].expect, "%s, %s: got %s", algorithm->name, answers[_i].why,
	    err_name(got));
	ck_assert(!slice_equal(buf_view(&K), buf_view(&keys.K)));
	ck_assert_uint_eq(buf_len(&K), got == ERR_OK ? hash_len(algorithm->hash) : 0);
}
END_TEST

static size_t row_count(void)
{
	size_t count = 0;

	while (kex_algorithms[count].name != NULL)
		count++;
	return count;
}

/* Rows whose group is fixed can be driven from end to end without asking anybody. */
static void exchange_once(const struct kex_algorithm *algorithm, struct kex_keys *server,
    struct buf *Q_C, struct buf *K)
{
	AUTO(kex_client_release) struct kex_client *client = NULL;

	ck_assert_int_eq(kex_client_begin(algorithm, &client, Q_C), ERR_OK);
	ck_assert_int_eq(kex_respond(algorithm, buf_view(Q_C), server), ERR_OK);
	ck_assert_int_eq(kex_client_finish(client, buf_view(&server->Q_S), K), ERR_OK);
}

START_TEST(both_sides_agree_and_lengths_are_the_rows)
{
	for (const struct kex_algorithm *algorithm = kex_algorithms; algorithm->name != NULL;
	     algorithm++) {
		AUTO(kex_keys_wipe) struct kex_keys server = canary();
		AUTO(buf_wipe) struct buf Q_C = buf_empty(4096);
		AUTO(buf_wipe) struct buf K = buf_empty_secret(K_LIMIT);

		if (algorithm->ops->respond == NULL)
			continue;
		exchange_once(algorithm, &server, &Q_C, &K);
		ck_assert_msg(
		    slice_equal(buf_view(&K), buf_view(&server.K)), "%s", algorithm->name);
		if (algorithm->flow == KEX_FLOW_ECDH) {
			ck_assert_uint_eq(buf_len(&Q_C), algorithm->Q_C_limit);
			ck_assert_uint_eq(buf_len(&server.Q_S), algorithm->Q_S_limit);
		}
		ck_assert_uint_le(buf_len(&Q_C), algorithm->Q_C_limit);
		ck_assert_uint_le(buf_len(&server.Q_S), algorithm->Q_S_limit);
		if (algorithm->k_kind == K_STRING)
			ck_assert_uint_eq(buf_len(&K), hash_len(algorithm->hash));
	}
}
END_TEST

START_TEST(every_exchange_has_its_own_secret)
{
	const struct kex_algorithm *algorithm = &kex_algorithms[_i];
	AUTO(kex_keys_wipe) struct kex_keys first = kex_keys_empty();
	AUTO(kex_keys_wipe) struct kex_keys second = kex_keys_empty();
	AUTO(kex_client_release) struct kex_client *client = NULL;
	AUTO(buf_wipe) struct buf Q_C = buf_empty(4096);

	if (algorithm->ops->respond == NULL)
		return;
	ck_assert_int_eq(kex_client_begin(algorithm, &client, &Q_C), ERR_OK);
	ck_assert_int_eq(kex_respond(algorithm, buf_view(&Q_C), &first), ERR_OK);
	ck_assert_int_eq(kex_respond(algorithm, buf_view(&Q_C), &second), ERR_OK);
	ck_assert(!slice_equal(buf_view(&first.Q_S), buf_view(&second.Q_S)));
	ck_assert(!slice_equal(buf_view(&first.K), buf_view(&second.K)));
}
END_TEST

START_TEST(group_exchange_needs_its_group)
{
	AUTO(kex_keys_wipe) struct kex_keys keys = canary();
	AUTO(buf_wipe) struct buf Q_C = buf_empty(4096);
	struct kex_client *client = NULL;
	const struct kex_algorithm *algorithm = row("diffie-hellman-group-exchange-sha256");

	ck_assert_int_eq(kex_respond(algorithm, BYTES(9), &keys), ERR_UNSUPPORTED);
	assert_untouched(&keys, algorithm->name);
	ck_assert_int_eq(kex_client_begin(algorithm, &client, &Q_C), ERR_UNSUPPORTED);
	ck_assert_ptr_null(client);
}
END_TEST

int main(void)
{
	const struct suite_entry entries[] = {
	    LOOP_TEST(respond_refuses_what_is_no_public_value, COUNT_OF(refusals)),
	    LOOP_TEST(the_client_refuses_the_same, COUNT_OF(refusals)),
	    LOOP_TEST(respond_refuses_spoiled_hybrid_values, COUNT_OF(hybrid_refusals)),
	    LOOP_TEST(the_client_notices_spoiled_hybrid_answers, COUNT_OF(answers)),
	    LOOP_TEST(curves_agree_with_published_vectors, COUNT_OF(curve_vectors)),
	    LOOP_TEST(every_exchange_has_its_own_secret, row_count()),
	    TEST(both_sides_agree_and_lengths_are_the_rows),
	    TEST(group_exchange_needs_its_group),
	};

	for (const struct kex_algorithm *algorithm = kex_algorithms; algorithm->name != NULL;
	     algorithm++)
		if (algorithm->flow != KEX_FLOW_GROUP && algorithm->ops->respond == NULL)
			return EXIT_FAILURE;
	if (crypto_prepare_exchange() != ERR_OK)
		return EXIT_FAILURE;
	return suite_run("exchange", entries, COUNT_OF(entries));
}

/* Key exchange again and again, groups, proofs: I4, I5 and the pace of rekeying. */
#include <stdio.h>
#include <unistd.h>

#include "sshd/wire/reader.h"
#include "sshd/wire/writer.h"
#include "tests/integration/monitor/rig.h"
#include "tests/support/suite.h"

static struct rig rig;
static struct net net;
static struct private_key *key;

static void start(const char *conf)
{
	key = client_key(KEY_ED25519);
	rig_start(&rig, conf);
	rig_authorize(&rig, "keys", "", key);
}

static void stop(void)
{
	net_close(&net);
	rig_stop(&rig);
	private_key_free(key);
}

static void rekey(void)
{
	struct msg_net_rekeyed rekeyed;

	NET_SAY(&net, NET_REKEY, net_rekey, 0);
	NET_HEAR(&net, NET_REKEYED, net_rekeyed, &rekeyed);
	ck_assert(!slice_equal(rekeyed.I_S, buf_view(&net.I_S)));
	buf_truncate(&net.I_S, 0);
	ck_assert_int_eq(buf_append(&net.I_S, rekeyed.I_S), ERR_OK);
}

START_TEST(each_exchange_has_a_cookie_of_its_own)
{
	start("");
	net_open(&rig, &net);
	net_exchange(&net);
	for (int i = 0; i < 5; i++) {
		rekey();
		net_sign(&net);
	}
	/* The session identifier is still that of the first exchange (I5). */
	net_user(&net, rig_user());
	net_keysig(&net, key, rig_user(), true);
	net_expect_result(&net, ATTEMPT_SUCCEEDED, "");
	net_receive(&net, MSG_NET_OPEN);
	rekey();
	net_sign(&net);
	stop();
}
END_TEST

START_TEST(rekeying_without_end_is_slowed_down)
{
	uint64_t began;

	start("");
	net_login(&rig, &net, key);
	began = now_ms();
	/* 64 at once, then one every 16 ms. */
	for (int i = 0; i < 128; i++) {
		rekey();
		net_sign(&net);
	}
	ck_assert_uint_ge(now_ms() - began, 64 * 16 - 50);
	stop();
}
END_TEST

/* ------------------------------------------------------------------- groups */

static struct msg_net_group_is ask_group(bool is_old, uint32_t min, uint32_t n, uint32_t max)
{
	struct msg_net_group_is answer;

	NET_SAY(&net, NET_GROUP, net_group, .is_old = is_old, .min = min, .n = n, .max = max);
	NET_HEAR(&net, NET_GROUP_IS, net_group_is, &answer);
	return answer;
}

#define GROUPS "KexAlgorithms diffie-hellman-group-exchange-sha256,curve25519-sha256\n"

static const struct {
	const char *why;
	bool is_old;
	uint32_t min, n, max;
	size_t p_len;
} fixed_groups[] = {
    {"min above max", false, 8192, 8192, 4096, 0},
    {"n below min", false, 4096, 3072, 8192, 0},
    {"too large altogether", false, 9000, 9000, 10000, 0},
    {"small", false, 1024, 2048, 3000, 256},
    {"middle", false, 2048, 3072, 4096, 512},
    {"large", false, 2048, 8192, 8192, 1024},
    {"old form", true, 0, 2048, 0, 1024},
};

START_TEST(without_a_file_the_fixed_groups_serve)
{
	struct msg_net_group_is answer;

	start(GROUPS "ModuliFile /nonexistent");
	net_open(&rig, &net);
	net_ready(&net);
	answer = ask_group(fixed_groups[_i].is_old, fixed_groups[_i].min, fixed_groups[_i].n, fixed_groups[_i].max);
	ck_assert_msg(answer.p.len == fixed_groups[_i].p_len, "%s: %zu bytes", fixed_groups[_i].why, answer.p.len);
	if (answer.p.len > 0)
		ck_assert(slice_equal(answer.g, BYTES(2)));
	stop();
}
END_TEST

START_TEST(the_file_gives_the_group)
{
	AUTO(buf_wipe) struct buf file = buf_empty(65536);
	struct msg_net_group_is answer;
	char conf[256];

	snprintf(conf, sizeof(conf), GROUPS "ModuliFile /tmp/monitor-test-moduli.%d", getpid());
	start(conf);
	ck_assert_int_eq(buf_append_text(&file, "20260101000000 2 6 100 3071 5 "), ERR_OK);
	for (int i = 0; i < 768; i++)
		ck_assert_int_eq(buf_append_text(&file, "F"), ERR_OK);
	rig_write(&rig, "moduli", buf_view(&file));
	snprintf(conf, sizeof(conf), "%s/moduli", rig.dir);
	{
		char link[256];

		/* A link, as administrators make them. */
		snprintf(link, sizeof(link), "/tmp/monitor-test-moduli.%d", getpid());
		ck_assert_int_eq(symlink(conf, link), 0);
		net_open(&rig, &net);
		net_ready(&net);
		answer = ask_group(false, 2048, 3072, 8192);
		unlink(link);
	}
	ck_assert_uint_eq(answer.p.len, 384);
	ck_assert(slice_equal(answer.g, BYTES(5)));
	stop();
}
END_TEST

/* -------------------------------------------------------------------- proofs */

static struct slice host_key(void)
{
	struct reader r = reader_over(buf_view(&rig.host_keys));

	(void)read_string(&r, 4096);
	return read_string(&r, 16384);
}

START_TEST(a_key_is_proven_once)
{
	uint8_t room[512];
	struct writer w = writer_into((struct span){room, sizeof(room)});
	struct msg_net_proof proof;
	struct msg_net_denied denied;

	start("");
	net_login(&rig, &net, key);
	NET_SAY(&net, NET_PROVE, net_prove, .request = 7, .blob = host_key());
	NET_HEAR(&net, NET_PROOF, net_proof, &proof);
	ck_assert_uint_eq(proof.request, 7);
	write_text(&w, "hostkeys-prove-00@openssh.com");
	write_string(&w, digest_view(&net.session_id));
	write_string(&w, host_key());
	ck_assert_int_eq(signature_verify(signature_algorithm_named(LITERAL("ssh-ed25519")), host_key(),
			     proof.signature, writer_view(&w), NULL), ERR_OK);
	NET_SAY(&net, NET_PROVE, net_prove, .request = 8, .blob = host_key());
	NET_HEAR(&net, NET_DENIED, net_denied, &denied);
	ck_assert_uint_eq(denied.request, 8);
	stop();
}
END_TEST

SUITE("exchange", TEST(each_exchange_has_a_cookie_of_its_own), TEST(rekeying_without_end_is_slowed_down),
    LOOP_TEST(without_a_file_the_fixed_groups_serve, COUNT_OF(fixed_groups)), TEST(the_file_gives_the_group),
    TEST(a_key_is_proven_once))

/* Requests that concern no channel, in both directions. */
#include "sshd/connection/recorder.h"
#include "tests/support/suite.h"

#define TWO_KEYS BYTES(0, 0, 0, 2, 'k', '1', 0, 0, 0, 2, 'k', '2')

static const struct {
	const char *why;
	const char *name;
	struct slice fields;
	enum err expect;
	const char *lines;
} requests[] = {
    {"tcpip-forward cut short", "tcpip-forward", BYTES(0, 0, 0, 1), ERR_TRUNCATED, ""},
    {"cancel cut short", "cancel-tcpip-forward", BYTES(), ERR_TRUNCATED, ""},
    {"streamlocal cut short", "streamlocal-forward@openssh.com", BYTES(), ERR_TRUNCATED, ""},
    {"bytes behind no-more-sessions", "no-more-sessions@openssh.com", BYTES(0), ERR_TRAILING, ""},
    {"keys cut short", "hostkeys-prove-00@openssh.com", BYTES(0, 0, 0, 1), ERR_TRUNCATED, ""},
    {"a request nobody knows", "x", BYTES(1, 2), ERR_OK, ">GLOBAL_FAILURE\n"},
    {"keepalive", "keepalive@openssh.com", BYTES(), ERR_OK, ">GLOBAL_FAILURE\n"},
    {"a port past the last", "tcpip-forward", BYTES(0, 0, 0, 0, 0, 1, 0, 0), ERR_OK,
        ">GLOBAL_FAILURE\n"},
    {"proof of no key", "hostkeys-prove-00@openssh.com", BYTES(), ERR_OK, ">GLOBAL_FAILURE\n"},
    {"no more sessions", "no-more-sessions@openssh.com", BYTES(), ERR_OK, ">GLOBAL_SUCCESS \"\"\n"},
    {"proof", "hostkeys-prove-00@openssh.com", TWO_KEYS, ERR_OK, "?PROVE r1 s0 \"k1\"\n"},
};

START_TEST(one_request)
{
	AUTO(recorder_release) struct recorder *recorder = recorder_new(NULL);
	enum err got = feed_global(recorder, requests[_i].name, true, requests[_i].fields);

	ck_assert_msg(got == requests[_i].expect, "%s: got %s", requests[_i].why, err_name(got));
	expect(recorder, requests[_i].lines);
}
END_TEST

START_TEST(no_reply_when_none_is_wanted)
{
	AUTO(recorder_release) struct recorder *recorder = recorder_new(NULL);

	ck_assert_int_eq(feed_global(recorder, requests[_i].name, false, requests[_i].fields),
	    requests[_i].expect);
	expect(recorder, "");
}
END_TEST

/* What is asked about, whether or not a reply is wanted. */
static const struct {
	const char *why;
	const char *name;
	struct slice fields;
	const char *lines;
	uint16_t port;
	const char *granted;
} listens[] = {
    {"any port", "tcpip-forward", BYTES(0, 0, 0, 1, 'a', 0, 0, 0, 0), "?LISTEN_TCPIP r1 s0 \"a\" 0\n",
        513, ">GLOBAL_SUCCESS \"\\000\\000\\002\\001\"\n"},
    {"a certain port is not told back", "tcpip-forward", BYTES(0, 0, 0, 0, 0, 0, 0x1f, 0x90),
        "?LISTEN_TCPIP r1 s0 \"\" 8080\n", 8080, ">GLOBAL_SUCCESS \"\"\n"},
    {"its cancel", "cancel-tcpip-forward", BYTES(0, 0, 0, 0, 0, 0, 0, 0),
        "?CANCEL_TCPIP r1 s0 \"\" 0\n", 0, ">GLOBAL_SUCCESS \"\"\n"},
    {"a path", "streamlocal-forward@openssh.com", BYTES(0, 0, 0, 1, '/'),
        "?LISTEN_STREAMLOCAL r1 s0 \"/\"\n", 0, ">GLOBAL_SUCCESS \"\"\n"},
    {"its cancel", "cancel-streamlocal-forward@openssh.com", BYTES(0, 0, 0, 1, '/'),
        "?CANCEL_STREAMLOCAL r1 s0 \"/\"\n", 0, ">GLOBAL_SUCCESS \"\"\n"},
};

static void answer_listen(struct recorder *recorder, bool is_granted, uint16_t port)
{
	const struct connection_answer answer = {
	    .request = 1, .is_granted = is_granted, .port = port};
	struct channel *channel;

	ck_assert_int_eq(connection_answer(recorder->connection, &answer, 0, &channel), ERR_OK);
	ck_assert_ptr_null(channel);
}

START_TEST(listening_is_asked_about)
{
	for (unsigned round = 0; round < 4; round++) {
		AUTO(recorder_release) struct recorder *recorder = recorder_new(NULL);
		bool is_granted = round & 1, wants_reply = round & 2;

		ck_assert_int_eq(
		    feed_global(recorder, listens[_i].name, wants_reply, listens[_i].fields), ERR_OK);
		expect(recorder, listens[_i].lines);
		answer_listen(recorder, is_granted, listens[_i].port);
		expect(recorder, !wants_reply ? "" : is_granted ? listens[_i].granted : ">GLOBAL_FAILURE\n");
	}
}
END_TEST

static enum err prove(struct recorder *recorder, uint32_t request, struct slice proof)
{
	const struct connection_answer answer = {
	    .request = request, .is_granted = proof.len > 0, .proof = proof};
	struct channel *channel;

	return connection_answer(recorder->connection, &answer, 0, &channel);
}

START_TEST(keys_are_proved_one_after_the_other)
{
	AUTO(recorder_release) struct recorder *recorder = recorder_new(NULL);

	ck_assert_int_eq(
	    feed_global(recorder, "hostkeys-prove-00@openssh.com", true, TWO_KEYS), ERR_OK);
	ck_assert_int_eq(prove(recorder, 1, LITERAL("one")), ERR_OK);
	expect(recorder, "?PROVE r1 s0 \"k1\"\n?PROVE r2 s0 \"k2\"\n");
	ck_assert_int_eq(prove(recorder, 1, LITERAL("one")), ERR_BREACH);
	/* What is asked meanwhile waits its turn; a second proof is refused. */
	ck_assert_int_eq(feed_global(recorder, "x", true, BYTES()), ERR_OK);
	ck_assert_int_eq(
	    feed_global(recorder, "hostkeys-prove-00@openssh.com", true, TWO_KEYS), ERR_OK);
	expect(recorder, "");
	ck_assert_int_eq(prove(recorder, 2, LITERAL("two")), ERR_OK);
	expect(recorder, ">GLOBAL_SUCCESS \"\\000\\000\\000\\003one\\000\\000\\000\\003two\"\n"
	                 ">GLOBAL_FAILURE\n>GLOBAL_FAILURE\n");
	ck_assert_int_eq(
	    feed_global(recorder, "hostkeys-prove-00@openssh.com", true, TWO_KEYS), ERR_OK);
	expect(recorder, "?PROVE r3 s0 \"k1\"\n");
}
END_TEST

START_TEST(one_key_without_proof_fails_all)
{
	AUTO(recorder_release) struct recorder *recorder = recorder_new(NULL);

	ck_assert_int_eq(
	    feed_global(recorder, "hostkeys-prove-00@openssh.com", true, TWO_KEYS), ERR_OK);
	ck_assert_int_eq(prove(recorder, 1, LITERAL("one")), ERR_OK);
	ck_assert_int_eq(prove(recorder, 2, BYTES()), ERR_OK);
	expect(recorder, "?PROVE r1 s0 \"k1\"\n?PROVE r2 s0 \"k2\"\n>GLOBAL_FAILURE\n");
}
END_TEST

START_TEST(proofs_have_a_limit)
{
	static const uint8_t fields[(CONNECTION_PROVE_LIMIT + 1) * 4], large[40000];
	AUTO(recorder_release) struct recorder *recorder = recorder_new(NULL);

	ck_assert_int_eq(
	    feed_global(recorder, "hostkeys-prove-00@openssh.com", true, SLICE_OF(fields)),
	    ERR_RANGE);
	ck_assert_int_eq(
	    feed_global(recorder, "hostkeys-prove-00@openssh.com", true, TWO_KEYS), ERR_OK);
	forget(recorder);
	ck_assert_int_eq(prove(recorder, 1, SLICE_OF(large)), ERR_OK);
	expect(recorder, ">GLOBAL_FAILURE\n");
}
END_TEST

START_TEST(host_keys_are_told_once)
{
	AUTO(recorder_release) struct recorder *recorder = recorder_new(NULL);
	const struct slice blobs[] = {LITERAL("k1"), LITERAL("k2")};

	ck_assert_int_eq(connection_send_host_keys(recorder->connection, blobs, 0), ERR_OK);
	expect(recorder, "");
	ck_assert_int_eq(connection_send_host_keys(recorder->connection, blobs, 2), ERR_OK);
	ck_assert_int_eq(connection_send_host_keys(recorder->connection, blobs, 2), ERR_OK);
	expect(recorder,
	    ">GLOBAL hostkeys-00@openssh.com \"\\000\\000\\000\\002k1\\000\\000\\000\\002k2\"\n");
}
END_TEST

START_TEST(keepalives_prefer_a_channel)
{
	AUTO(recorder_release) struct recorder *recorder = recorder_new(NULL);

	ck_assert_int_eq(connection_send_keepalive(recorder->connection), ERR_OK);
	ck_assert_int_eq(feed(recorder, BYTES(SSH_MSG_REQUEST_FAILURE)), ERR_OK);
	expect(recorder, ">GLOBAL keepalive@openssh.com reply \"\"\n");
	open_session_channel(recorder);
	forget(recorder);
	ck_assert_int_eq(connection_send_keepalive(recorder->connection), ERR_OK);
	ck_assert_int_eq(feed_notice(recorder, SSH_MSG_CHANNEL_FAILURE, 0), ERR_OK);
	ck_assert_int_eq(feed_notice(recorder, SSH_MSG_CHANNEL_SUCCESS, 0), ERR_OK);
	expect(recorder, ">REQUEST 7 keepalive@openssh.com reply\n");
	/* The reply may be late for its channel. */
	ck_assert_int_eq(feed_notice(recorder, SSH_MSG_CHANNEL_FAILURE, 99), ERR_OK);
}
END_TEST

SUITE("global_requests", LOOP_TEST(one_request, COUNT_OF(requests)),
    LOOP_TEST(no_reply_when_none_is_wanted, COUNT_OF(requests)),
    LOOP_TEST(listening_is_asked_about, COUNT_OF(listens)),
    TEST(keys_are_proved_one_after_the_other), TEST(one_key_without_proof_fails_all),
    TEST(proofs_have_a_limit), TEST(host_keys_are_told_once), TEST(keepalives_prefer_a_channel))

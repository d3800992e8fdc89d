#include "sshd/auth/dialogue/recorder.h"
#include "sshd/wire/messages_transport.h"
#include "sshd/wire/messages_userauth.h"
#include "tests/support/suite.h"

/* ---------------------------------------------------------------- what a client says */

static struct slice service_request(struct record *record, const char *name)
{
	struct writer w = writer_into((struct span){record->scratch, sizeof(record->scratch)});

	service_request_encode(&w, slice_text(name));
	return writer_view(&w);
}

static struct slice request_of(struct record *record, const char *user, const char *service,
    const char *method, struct slice fields)
{
	const struct userauth_request request = {
	    slice_text(user), slice_text(service), slice_text(method), fields};
	struct writer w = writer_into((struct span){record->scratch, sizeof(record->scratch)});

	userauth_request_encode(&w, &request);
	ck_assert_int_eq(w.err, ERR_OK);
	return writer_view(&w);
}

static struct slice request(struct record *record, const char *method, struct slice fields)
{
	return request_of(record, "alice", "ssh-connection", method, fields);
}

#define NO_FIELDS       BYTES()
#define PASSWORD_FIELDS BYTES(0, 0, 0, 0, 2, 'p', 'w')
#define CHANGE_FIELDS   BYTES(1, 0, 0, 0, 2, 'p', 'w', 0, 0, 0, 2, 'n', 'w')
#define KEYBOARD_FIELDS BYTES(0, 0, 0, 0, 0, 0, 0, 3, 'p', 'a', 'm')
#define PROBE_FIELDS    BYTES(0, 0, 0, 0, 1, 'A', 0, 0, 0, 2, 'B', 'B')
#define KEYSIG_FIELDS   BYTES(1, 0, 0, 0, 1, 'A', 0, 0, 0, 2, 'B', 'B', 0, 0, 0, 1, 'S')
#define BOUND_PROBE     BYTES(0, 0, 0, 0, 1, 'A', 0, 0, 0, 2, 'B', 'B', 0, 0, 0, 1, 'H')
#define BOUND_KEYSIG                                                                               \
	BYTES(1, 0, 0, 0, 1, 'A', 0, 0, 0, 2, 'B', 'B', 0, 0, 0, 1, 'H', 0, 0, 0, 1, 'S')
#define ONE_RESPONSE  BYTES(61, 0, 0, 0, 1, 0, 0, 0, 2, 'o', 'k')
#define NO_RESPONSE   BYTES(61, 0, 0, 0, 0)
#define TWO_RESPONSES BYTES(61, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0)

static void feed(struct record *record, struct slice payload)
{
	enum err err = dialogue_feed(record->dialogue, payload);

	ck_assert_msg(err == ERR_OK, "feed: %s", err_name(err));
}

static void answer(struct record *record, enum dialogue_answer_kind kind)
{
	const struct dialogue_answer answer = {
	    .kind = kind,
	    .methods = LITERAL("m1,m2"),
	    .prompt = LITERAL("prompt?"),
	    .has_prompt = true,
	};
	enum err err = dialogue_answer(record->dialogue, &answer);

	ck_assert_msg(err == ERR_OK, "answer %u: %s", kind, err_name(err));
}

static void begin(struct record *record)
{
	feed(record, service_request(record, "ssh-userauth"));
	expect(record, ">ACCEPT ssh-userauth\n");
}

/* -------------------------------------------------------------------- state x message */

enum place {
	AT_SERVICE,
	AT_READY,
	AT_WAITING,
	AT_PROMPTED,
	AT_EXPIRED,
	AT_PARTIAL,
	AT_DONE,
	PLACES
};

static void go_to(struct record *record, enum place place)
{
	if (place == AT_SERVICE)
		return;
	begin(record);
	if (place == AT_PROMPTED) {
		feed(record, request(record, "keyboard-interactive", KEYBOARD_FIELDS));
		answer(record, DIALOGUE_PROMPT);
	} else if (place != AT_READY) {
		feed(record, request(record, "password", PASSWORD_FIELDS));
	}
	if (place == AT_EXPIRED)
		answer(record, DIALOGUE_CHANGEREQ);
	if (place == AT_PARTIAL)
		answer(record, DIALOGUE_PARTIAL);
	if (place == AT_DONE)
		answer(record, DIALOGUE_SUCCESS);
	buf_consume(&record->lines, buf_len(&record->lines));
}

static bool is_permitted(enum place place, unsigned number)
{
	switch (place) {
	case AT_SERVICE:
		return number == 5;
	case AT_READY:
	case AT_EXPIRED:
	case AT_PARTIAL:
		return number == 5 || number == 50;
	case AT_PROMPTED:
		return number == 5 || number == 50 || number == 61;
	case AT_DONE:
		return number == 50;
	default:
		return false;
	}
}

/* The body that would please: what must be refused is refused for its number, not for its shape. */
static struct slice body_for(struct record *record, unsigned number)
{
	struct slice payload;

	if (number == 5)
		return service_request(record, "ssh-userauth");
	if (number == 61) {
		memcpy(record->scratch, ONE_RESPONSE.ptr, ONE_RESPONSE.len);
		return slice_over(record->scratch, ONE_RESPONSE.len);
	}
	payload = request(record, "none", NO_FIELDS);
	record->scratch[0] = (uint8_t)number;
	return payload;
}

START_TEST(a_number_out_of_place_ends_it)
{
	enum place place = (enum place)(_i / 256);
	unsigned number = (unsigned)_i % 256;
	const uint8_t alone = (uint8_t)number;
	AUTO(record_release) struct record *record = record_new();
	enum err expected = place == AT_WAITING ? ERR_AGAIN : ERR_UNEXPECTED;
	enum err got;

	go_to(record, place);
	if (is_permitted(place, number)) {
		/* Permitted, but not without a body. */
		ck_assert_int_eq(
		    dialogue_feed(record->dialogue, slice_over(&alone, 1)), ERR_TRUNCATED);
		expect(record, "");
		feed(record, body_for(record, number));
		return;
	}
	got = dialogue_feed(record->dialogue, slice_over(&alone, 1));
	ck_assert_msg(
	    got == expected, "place %u number %u empty: %s", place, number, err_name(got));
	got = dialogue_feed(record->dialogue, body_for(record, number));
	ck_assert_msg(got == expected, "place %u number %u: %s", place, number, err_name(got));
	expect(record, "");
	ck_assert(place == AT_DONE || !dialogue_is_done(record->dialogue));
}
END_TEST

START_TEST(an_empty_payload_is_refused)
{
	AUTO(record_release) struct record *record = record_new();

	go_to(record, AT_READY);
	ck_assert_int_eq(dialogue_feed(record->dialogue, BYTES()), ERR_UNEXPECTED);
	expect(record, "");
}
END_TEST

/* ------------------------------------------------------------------ malformed requests */

static const struct {
	const char *method;
	struct slice fields;
} well_formed[] = {
    {"none", NO_FIELDS},
    {"password", PASSWORD_FIELDS},
    {"password", CHANGE_FIELDS},
    {"publickey", PROBE_FIELDS},
    {"publickey", KEYSIG_FIELDS},
    {"publickey-hostbound-v00@openssh.com", BOUND_PROBE},
    {"publickey-hostbound-v00@openssh.com", BOUND_KEYSIG},
    {"keyboard-interactive", KEYBOARD_FIELDS},
};

/* Cut short at any byte or one too long, a request ends the connection before anyone is asked. */
START_TEST(a_malformed_request_asks_nothing)
{
	AUTO(record_release) struct record *record = record_new();
	struct slice payload;

	begin(record);
	payload = request(record, well_formed[_i].method, well_formed[_i].fields);
	for (size_t len = 1; len < payload.len; len++)
		ck_assert_int_eq(
		    dialogue_feed(record->dialogue, slice_first(payload, len)), ERR_TRUNCATED);
	record->scratch[payload.len] = 0;
	ck_assert_int_eq(dialogue_feed(record->dialogue, slice_over(payload.ptr, payload.len + 1)),
	    ERR_TRAILING);
	expect(record, "");
	feed(record, payload);
}
END_TEST

static const struct {
	const char *why;
	const char *user;
	const char *service;
	enum err expect;
} identities[] = {
    {"another user", "bob", "ssh-connection", ERR_UNEXPECTED},
    {"a prefix of the user", "alic", "ssh-connection", ERR_UNEXPECTED},
    {"the user and more", "alicex", "ssh-connection", ERR_UNEXPECTED},
    {"no user", "", "ssh-connection", ERR_UNEXPECTED},
    {"another service", "alice", "ssh-userauth", ERR_SERVICE},
    {"a prefix of the service", "alice", "ssh-connectio", ERR_SERVICE},
    {"no service", "alice", "", ERR_SERVICE},
    {"the same", "alice", "ssh-connection", ERR_OK},
};

START_TEST(user_and_service_are_fixed_at_first_use)
{
	AUTO(record_release) struct record *record = record_new();
	enum err got;

	begin(record);
	feed(record, request(record, "none", NO_FIELDS));
	answer(record, DIALOGUE_FAILURE);
	expect(record, "?USER alice\n?NONE\n>FAILURE m1,m2\n");
	got = dialogue_feed(record->dialogue,
	    request_of(record, identities[_i].user, identities[_i].service, "none", NO_FIELDS));
	ck_assert_msg(
	    got == identities[_i].expect, "%s: got %s", identities[_i].why, err_name(got));
	expect(record, got == ERR_OK ? "?NONE\n" : "");
}
END_TEST

START_TEST(the_first_service_is_checked_too)
{
	AUTO(record_release) struct record *record = record_new();

	ck_assert_int_eq(dialogue_feed(record->dialogue, service_request(record, "ssh-connection")),
	    ERR_SERVICE);
	begin(record);
	ck_assert_int_eq(dialogue_feed(record->dialogue,
	                     request_of(record, "alice", "ssh-other", "none", NO_FIELDS)),
	    ERR_SERVICE);
	expect(record, "");
}
END_TEST

START_TEST(a_user_name_has_a_limit)
{
	AUTO(record_release) struct record *record = record_new();
	char name[USERAUTH_USER_LIMIT + 2] = {0};

	begin(record);
	memset(name, 'u', USERAUTH_USER_LIMIT + 1);
	ck_assert_int_eq(dialogue_feed(record->dialogue,
	                     request_of(record, name, "ssh-connection", "none", NO_FIELDS)),
	    ERR_TOO_LONG);
	expect(record, "");
	name[USERAUTH_USER_LIMIT] = 0;
	feed(record, request_of(record, name, "ssh-connection", "none", NO_FIELDS));
}
END_TEST

static const struct {
	const char *why;
	bool has_prompt;
	struct slice response;
	enum err expect;
} responses[] = {
    {"none to a prompt", true, NO_RESPONSE, ERR_MALFORMED},
    {"two to one prompt", true, TWO_RESPONSES, ERR_MALFORMED},
    {"one to no prompt", false, ONE_RESPONSE, ERR_MALFORMED},
    {"a count past everything", true, BYTES(61, 0xff, 0xff, 0xff, 0xff), ERR_RANGE},
    {"a count without its string", true, BYTES(61, 0, 0, 0, 1), ERR_TRUNCATED},
    {"a string behind the count", true, BYTES(61, 0, 0, 0, 1, 0, 0, 0, 0, 0), ERR_TRAILING},
    {"one to one", true, ONE_RESPONSE, ERR_OK},
    {"none to none", false, NO_RESPONSE, ERR_OK},
};

START_TEST(responses_are_as_many_as_prompts)
{
	AUTO(record_release) struct record *record = record_new();
	const struct dialogue_answer prompt = {
	    .kind = DIALOGUE_PROMPT, .has_prompt = responses[_i].has_prompt};
	enum err got;

	begin(record);
	feed(record, request(record, "keyboard-interactive", KEYBOARD_FIELDS));
	ck_assert_int_eq(dialogue_answer(record->dialogue, &prompt), ERR_OK);
	buf_consume(&record->lines, buf_len(&record->lines));
	got = dialogue_feed(record->dialogue, responses[_i].response);
	ck_assert_msg(got == responses[_i].expect, "%s: got %s", responses[_i].why, err_name(got));
	if (got != ERR_OK)
		expect(record, "");
	else
		ck_assert(dialogue_is_waiting(record->dialogue));
}
END_TEST

/* --------------------------------------------------------------- questions and answers */

enum {
	F = 1u << DIALOGUE_FAILURE,
	R = F | 1u << DIALOGUE_PARTIAL | 1u << DIALOGUE_SUCCESS,
	K = 1u << DIALOGUE_KEY_OK,
	C = 1u << DIALOGUE_CHANGEREQ,
	P = 1u << DIALOGUE_PROMPT
};

static const struct {
	const char *method;
	struct slice fields;
	const char *asked;
	unsigned answers; /* the only ones permitted */
} methods[] = {
    {"none", NO_FIELDS, "?USER alice\n?NONE\n", R},
    {"password", PASSWORD_FIELDS, "?USER alice\n?PASSWORD pw\n", R | C},
    {"password", CHANGE_FIELDS, "?USER alice\n?UNKNOWN password\n", F},
    {"publickey", PROBE_FIELDS, "?USER alice\n?PROBE A BB\n", F | K},
    {"publickey", KEYSIG_FIELDS, "?USER alice\n?KEYSIG A BB S\n", R},
    {"publickey-hostbound-v00@openssh.com", BOUND_PROBE, "?USER alice\n?PROBE A BB  H\n", F | K},
    {"publickey-hostbound-v00@openssh.com", BOUND_KEYSIG, "?USER alice\n?KEYSIG A BB S H\n", R},
    {"keyboard-interactive", KEYBOARD_FIELDS, "?USER alice\n?KBD_START pam\n", R | P},
    {"hostbased", BYTES(1, 2, 3), "?USER alice\n?UNKNOWN hostbased\n", F},
    {"gssapi-with-mic", BYTES(0, 0, 0, 0), "?USER alice\n?UNKNOWN gssapi-with-mic\n", F},
    {"", NO_FIELDS, "?USER alice\n?UNKNOWN \n", F},
    {"publickey2", PROBE_FIELDS, "?USER alice\n?UNKNOWN publickey2\n", F},
    {"Password", PASSWORD_FIELDS, "?USER alice\n?UNKNOWN Password\n", F},
};

static const char *const sent[] = {">FAILURE m1,m2\n", ">PARTIAL m1,m2\n", ">SUCCESS \n",
    ">PK_OK BB\n", ">CHANGEREQ prompt?\n", ">INFO prompt?\n"};

START_TEST(only_fitting_answers_are_taken)
{
	for (unsigned kind = 0; kind < COUNT_OF(sent); kind++) {
		AUTO(record_release) struct record *record = record_new();
		const struct dialogue_answer answer = {.kind = (enum dialogue_answer_kind)kind,
		    .methods = LITERAL("m1,m2"),
		    .prompt = LITERAL("prompt?"),
		    .has_prompt = true};
		enum err got;

		begin(record);
		feed(record, request(record, methods[_i].method, methods[_i].fields));
		expect(record, methods[_i].asked);
		ck_assert(dialogue_is_waiting(record->dialogue));
		got = dialogue_answer(record->dialogue, &answer);
		if ((methods[_i].answers & 1u << kind) == 0) {
			ck_assert_int_eq(got, ERR_BREACH);
			expect(record, "");
			ck_assert(!dialogue_is_done(record->dialogue));
			continue;
		}
		ck_assert_int_eq(got, ERR_OK);
		expect(record, sent[kind]);
		ck_assert(!dialogue_is_waiting(record->dialogue));
		ck_assert_int_eq(dialogue_is_done(record->dialogue), kind == DIALOGUE_SUCCESS);
		ck_assert_int_eq(dialogue_answer(record->dialogue, &answer), ERR_BREACH);
	}
}
END_TEST

START_TEST(an_answer_to_nothing_is_a_breach)
{
	static const enum place places[] = {AT_SERVICE, AT_READY, AT_PROMPTED, AT_EXPIRED, AT_DONE};
	const struct dialogue_answer success = {.kind = DIALOGUE_SUCCESS};

	for (size_t i = 0; i < COUNT_OF(places); i++) {
		AUTO(record_release) struct record *record = record_new();

		go_to(record, places[i]);
		ck_assert_int_eq(dialogue_answer(record->dialogue, &success), ERR_BREACH);
		expect(record, "");
	}
}
END_TEST

START_TEST(texts_too_long_for_a_payload_are_refused)
{
	static const uint8_t text[DIALOGUE_PAYLOAD_LIMIT];
	const struct dialogue_answer prompt = {.kind = DIALOGUE_PROMPT, .prompt = SLICE_OF(text)};
	AUTO(record_release) struct record *record = record_new();

	begin(record);
	feed(record, request(record, "keyboard-interactive", KEYBOARD_FIELDS));
	ck_assert_int_eq(dialogue_answer(record->dialogue, &prompt), ERR_TOO_LONG);
}
END_TEST

/* ------------------------------------------------------------------------------- flows */

START_TEST(a_client_that_sends_ahead_is_served_in_order)
{
	AUTO(record_release) struct record *record = record_new();

	begin(record);
	feed(record, request(record, "none", NO_FIELDS));
	expect(record, "?USER alice\n?NONE\n");
	ck_assert_int_eq(
	    dialogue_feed(record->dialogue, request(record, "password", PASSWORD_FIELDS)),
	    ERR_AGAIN);
	expect(record, "");
	answer(record, DIALOGUE_FAILURE);
	feed(record, request(record, "password", PASSWORD_FIELDS));
	answer(record, DIALOGUE_SUCCESS);
	expect(record, ">FAILURE m1,m2\n?PASSWORD pw\n>SUCCESS \n");
}
END_TEST

START_TEST(a_service_request_may_come_again)
{
	AUTO(record_release) struct record *record = record_new();

	go_to(record, AT_PROMPTED);
	begin(record);
	feed(record, ONE_RESPONSE); /* the conversation is still on */
	answer(record, DIALOGUE_FAILURE);
	expect(record, "?KBD_RESPONSE ok\n>FAILURE m1,m2\n");
	begin(record);
}
END_TEST

START_TEST(a_conversation_goes_on_until_a_result)
{
	AUTO(record_release) struct record *record = record_new();
	const struct dialogue_answer text = {
	    .kind = DIALOGUE_PROMPT, .instruction = LITERAL("hello")};
	const struct dialogue_answer shown = {
	    .kind = DIALOGUE_PROMPT, .prompt = LITERAL("Code: "), .has_prompt = true, .echo = true};

	begin(record);
	feed(record, request(record, "keyboard-interactive", KEYBOARD_FIELDS));
	ck_assert_int_eq(dialogue_answer(record->dialogue, &text), ERR_OK);
	feed(record, NO_RESPONSE);
	ck_assert_int_eq(dialogue_answer(record->dialogue, &shown), ERR_OK);
	feed(record, ONE_RESPONSE);
	answer(record, DIALOGUE_PARTIAL);
	expect(record, "?USER alice\n?KBD_START pam\n>INFO- \n?KBD_RESPONSE\n>INFO+ Code: \n"
	               "?KBD_RESPONSE ok\n>PARTIAL m1,m2\n");
}
END_TEST

START_TEST(a_new_request_aborts_the_conversation_without_failure)
{
	AUTO(record_release) struct record *record = record_new();

	go_to(record, AT_PROMPTED);
	feed(record, request(record, "password", PASSWORD_FIELDS));
	answer(record, DIALOGUE_FAILURE);
	expect(record, "?KBD_ABORT\n?PASSWORD pw\n>FAILURE m1,m2\n");
	ck_assert_int_eq(dialogue_feed(record->dialogue, ONE_RESPONSE), ERR_UNEXPECTED);
}
END_TEST

START_TEST(a_malformed_request_does_not_abort_the_conversation)
{
	AUTO(record_release) struct record *record = record_new();

	go_to(record, AT_PROMPTED);
	ck_assert_int_eq(
	    dialogue_feed(record->dialogue, request(record, "password", NO_FIELDS)), ERR_TRUNCATED);
	expect(record, "");
}
END_TEST

START_TEST(a_password_is_changed_only_when_asked)
{
	AUTO(record_release) struct record *record = record_new();

	go_to(record, AT_EXPIRED);
	feed(record, request(record, "password", CHANGE_FIELDS));
	answer(record, DIALOGUE_CHANGEREQ);
	feed(record, request(record, "password", CHANGE_FIELDS));
	answer(record, DIALOGUE_FAILURE);
	feed(record, request(record, "password", CHANGE_FIELDS));
	expect(record, "?PASSWORD_CHANGE pw nw\n>CHANGEREQ prompt?\n?PASSWORD_CHANGE pw nw\n"
	               ">FAILURE m1,m2\n?UNKNOWN password\n");
}
END_TEST

START_TEST(another_method_ends_the_right_to_change)
{
	AUTO(record_release) struct record *record = record_new();

	go_to(record, AT_EXPIRED);
	feed(record, request(record, "none", NO_FIELDS));
	answer(record, DIALOGUE_FAILURE);
	feed(record, request(record, "password", CHANGE_FIELDS));
	expect(record, "?NONE\n>FAILURE m1,m2\n?UNKNOWN password\n");
}
END_TEST

START_TEST(a_query_is_answered_with_its_own_key)
{
	AUTO(record_release) struct record *record = record_new();

	begin(record);
	feed(record, request(record, "publickey", PROBE_FIELDS));
	memset(record->scratch, 0xaa, sizeof(record->scratch)); /* the payload is gone by then */
	answer(record, DIALOGUE_KEY_OK);
	expect(record, "?USER alice\n?PROBE A BB\n>PK_OK BB\n");
}
END_TEST

START_TEST(requests_after_success_are_ignored)
{
	AUTO(record_release) struct record *record = record_new();

	go_to(record, AT_DONE);
	for (size_t i = 0; i < COUNT_OF(well_formed); i++)
		feed(record, request(record, well_formed[i].method, well_formed[i].fields));
	expect(record, "");
	ck_assert(dialogue_is_done(record->dialogue));
}
END_TEST

START_TEST(a_banner_has_its_time)
{
	AUTO(record_release) struct record *record = record_new();

	ck_assert_int_eq(dialogue_banner(record->dialogue, LITERAL("hi")), ERR_BREACH);
	begin(record);
	ck_assert_int_eq(dialogue_banner(record->dialogue, LITERAL("hi")), ERR_OK);
	feed(record, request(record, "none", NO_FIELDS));
	ck_assert_int_eq(dialogue_banner(record->dialogue, LITERAL("again")), ERR_OK);
	answer(record, DIALOGUE_SUCCESS);
	expect(record, ">BANNER hi\n?USER alice\n?NONE\n>BANNER again\n>SUCCESS \n");
	ck_assert_int_eq(dialogue_banner(record->dialogue, LITERAL("hi")), ERR_BREACH);
}
END_TEST

START_TEST(a_long_banner_leaves_in_parts_of_whole_lines)
{
	AUTO(record_release) struct record *record = record_new();
	char *text = (char *)record->scratch;

	begin(record);
	memset(text, 'x', 40000);
	text[10000] = '\n';
	text[40000] = 0;
	ck_assert_int_eq(dialogue_banner(record->dialogue, slice_over(text, 40000)), ERR_OK);
	/* ">BANNER " + part + "\n": 10001, then two cut where there is no line end. */
	ck_assert_uint_eq(buf_len(&record->lines), 3 * 9 + 40000);
	ck_assert(slice_starts(slice_after(buf_view(&record->lines), 8 + 10000), "\n\n>BANNER x"));
}
END_TEST

static enum err failing_send(void *owner, struct slice payload)
{
	(void)owner;
	(void)payload;
	return ERR_CLOSED;
}

START_TEST(success_that_was_not_sent_is_none)
{
	AUTO(record_release) struct record *record = record_new();
	const struct dialogue_answer success = {.kind = DIALOGUE_SUCCESS};
	struct dialogue_sink sink = {record, failing_send, record_ask};
	AUTO(dialogue_release) struct dialogue *dialogue = NULL;

	ck_assert_int_eq(dialogue_new(&sink, &dialogue), ERR_OK);
	ck_assert_int_eq(
	    dialogue_feed(dialogue, service_request(record, "ssh-userauth")), ERR_CLOSED);
	ck_assert_int_eq(dialogue_feed(dialogue, request(record, "none", NO_FIELDS)), ERR_OK);
	ck_assert_int_eq(dialogue_answer(dialogue, &success), ERR_CLOSED);
	ck_assert(!dialogue_is_done(dialogue));
}
END_TEST

SUITE("dialogue", LOOP_TEST(a_number_out_of_place_ends_it, PLACES * 256),
    TEST(an_empty_payload_is_refused),
    LOOP_TEST(a_malformed_request_asks_nothing, COUNT_OF(well_formed)),
    LOOP_TEST(user_and_service_are_fixed_at_first_use, COUNT_OF(identities)),
    TEST(the_first_service_is_checked_too), TEST(a_user_name_has_a_limit),
    LOOP_TEST(responses_are_as_many_as_prompts, COUNT_OF(responses)),
    LOOP_TEST(only_fitting_answers_are_taken, COUNT_OF(methods)),
    TEST(an_answer_to_nothing_is_a_breach), TEST(texts_too_long_for_a_payload_are_refused),
    TEST(a_client_that_sends_ahead_is_served_in_order), TEST(a_service_request_may_come_again),
    TEST(a_conversation_goes_on_until_a_result),
    TEST(a_new_request_aborts_the_conversation_without_failure),
    TEST(a_malformed_request_does_not_abort_the_conversation),
    TEST(a_password_is_changed_only_when_asked), TEST(another_method_ends_the_right_to_change),
    TEST(a_query_is_answered_with_its_own_key), TEST(requests_after_success_are_ignored),
    TEST(a_banner_has_its_time), TEST(a_long_banner_leaves_in_parts_of_whole_lines),
    TEST(success_that_was_not_sent_is_none))

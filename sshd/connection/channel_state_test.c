#include "sshd/connection/channel_state.h"

#include <stdbool.h>

#include "tests/support/suite.h"

/*
 * The rules of RFC 4254 sections 5.1 to 5.3, told apart from the table: a model of what each side
 * has said, asked about every event, along every sequence of events up to DEPTH.
 */
#define DEPTH 6

struct model {
	bool is_asked, is_offered; /* until the open is answered */
	bool is_refused;
	bool sent_eof, sent_close, got_eof, got_close;
};

static bool is_established(const struct model *m)
{
	return !m->is_asked && !m->is_offered && !m->is_refused;
}

/* From here to the peer: nothing after CLOSE, no data after EOF, nothing twice. */
static enum channel_effect model_sends(const struct model *m, enum channel_event event)
{
	if (!is_established(m) || m->sent_close)
		return CHANNEL_REFUSE;
	if (event == CHANNEL_SEND_CLOSE)
		return CHANNEL_ACT;
	if (m->got_close)
		return CHANNEL_REFUSE;
	if (m->sent_eof && (event == CHANNEL_SEND_DATA || event == CHANNEL_SEND_EOF))
		return CHANNEL_REFUSE;
	return CHANNEL_ACT;
}

/* From the peer: nothing after its CLOSE; late things are dropped. */
static enum channel_effect model_receives(const struct model *m, enum channel_event event)
{
	if (!is_established(m) || m->got_close)
		return CHANNEL_REFUSE;
	if (event == CHANNEL_RECEIVE_CLOSE)
		return CHANNEL_ACT;
	if (m->sent_close)
		return CHANNEL_IGNORE;
	if (m->got_eof && (event == CHANNEL_RECEIVE_DATA || event == CHANNEL_RECEIVE_EOF))
		return CHANNEL_IGNORE;
	if (m->sent_eof && event == CHANNEL_RECEIVE_ADJUST)
		return CHANNEL_IGNORE;
	return CHANNEL_ACT;
}

static enum channel_effect model_effect(const struct model *m, enum channel_event event)
{
	switch (event) {
	case CHANNEL_GRANT:
	case CHANNEL_DENY:
		return m->is_asked ? CHANNEL_ACT : CHANNEL_REFUSE;
	case CHANNEL_RECEIVE_CONFIRMATION:
	case CHANNEL_RECEIVE_FAILURE:
		return m->is_offered ? CHANNEL_ACT : CHANNEL_REFUSE;
	case CHANNEL_SEND_DATA:
	case CHANNEL_SEND_MESSAGE:
	case CHANNEL_SEND_EOF:
	case CHANNEL_SEND_CLOSE:
		return model_sends(m, event);
	default:
		return model_receives(m, event);
	}
}

static void model_step(struct model *m, enum channel_event event)
{
	m->is_refused |= event == CHANNEL_DENY || event == CHANNEL_RECEIVE_FAILURE;
	m->is_asked &= event != CHANNEL_GRANT && event != CHANNEL_DENY;
	m->is_offered &= event != CHANNEL_RECEIVE_CONFIRMATION && event != CHANNEL_RECEIVE_FAILURE;
	m->sent_eof |= event == CHANNEL_SEND_EOF;
	m->sent_close |= event == CHANNEL_SEND_CLOSE;
	m->got_eof |= event == CHANNEL_RECEIVE_EOF;
	m->got_close |= event == CHANNEL_RECEIVE_CLOSE;
}

static unsigned visited[CHANNEL_STATE_COUNT];

static void walk(enum channel_state state, const struct model *model, unsigned depth)
{
	bool is_gone = model->is_refused || (model->sent_close && model->got_close);

	visited[state]++;
	ck_assert_int_eq(state == CHANNEL_GONE, is_gone);
	if (depth == 0)
		return;
	for (unsigned e = 0; e < CHANNEL_EVENT_COUNT; e++) {
		enum channel_event event = (enum channel_event)e;
		enum channel_effect expected = model_effect(model, event);
		enum channel_state next = state;
		struct model after = *model;

		ck_assert_msg(channel_state_would(state, event) == expected,
		    "state %u event %u: %u", state, e, expected);
		ck_assert_int_eq(channel_state_step(&next, event), expected);
		if (expected != CHANNEL_ACT) {
			ck_assert_int_eq(next, state);
			continue;
		}
		model_step(&after, event);
		walk(next, &after, depth - 1);
	}
}

START_TEST(every_sequence_agrees_with_the_model)
{
	const struct model asked = {.is_asked = true}, offered = {.is_offered = true};

	walk(CHANNEL_ASKED, &asked, DEPTH);
	walk(CHANNEL_OFFERED, &offered, DEPTH);
	for (unsigned state = 0; state < CHANNEL_STATE_COUNT; state++)
		ck_assert_msg(visited[state] > 0, "state %u was never reached", state);
}
END_TEST

SUITE("channel_state", TEST(every_sequence_agrees_with_the_model))

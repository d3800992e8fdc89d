/*
 * A connection whose peer, monitor and programs do anything in any order. Each step of the input
 * is four bytes (what, two small arguments, a length) and what belongs to it.
 *
 * The harness keeps its own account of each channel from the messages alone, and asserts that
 * never more is sent than the peer's window, that nothing leaves after CLOSE or for a channel
 * that is not open, that each request that wants a reply gets one, and that no more is taken in
 * than our windows let in.
 */
#include <assert.h>
#include <stdlib.h>

#include "sshd/base/auto.h"
#include "sshd/connection/channels.h"
#include "sshd/wire/messages_connection.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PEERS 256u /* channels that one run can open; each has its own number */

/* One channel as its messages tell it, at the peer's number. */
struct account {
	bool is_open, has_sent_close, has_sent_eof, has_got_close, has_got_eof;
	uint32_t number; /* ours */
	uint64_t window; /* what we may send */
	uint64_t credit; /* what the peer may send */
	unsigned wanted, replied;
};

#define QUESTIONS (CONNECTION_PENDING_LIMIT + CONNECTION_OPENING_LIMIT)

struct world {
	struct connection *connection;
	struct account accounts[PEERS];
	unsigned opened;         /* peer numbers given out */
	unsigned offered;        /* the next peer number for our opens, from the top */
	uint32_t offered_window; /* in our last CHANNEL_OPEN */
	uint32_t requests[QUESTIONS];
	size_t request_count; /* questions without their answer */
	unsigned globals_wanted, globals_replied;
	size_t takes;
	uint64_t now_ms;
};

static struct account *account_of(struct world *world, uint32_t peer_number)
{
	assert(peer_number < PEERS);
	return &world->accounts[peer_number];
}

/* The account at our number, while either side still may name it. */
static struct account *account_at(struct world *world, uint32_t number)
{
	for (unsigned i = 0; i < PEERS; i++) {
		struct account *account = &world->accounts[i];

		if (account->is_open && account->number == number &&
		    !(account->has_sent_close && account->has_got_close))
			return account;
	}
	return NULL;
}

static struct channel *any_channel(struct world *world, uint8_t which)
{
	size_t count = connection_channel_count(world->connection);
	struct channel *channel = NULL;

	if (count == 0)
		return NULL;
	for (size_t i = 0; i <= which % count; i++)
		channel = connection_next_channel(world->connection, channel);
	return channel;
}

/* ------------------------------------------------------------------ what is sent */

static void sent_confirmation(struct world *world, struct slice payload)
{
	struct channel_open_confirmation confirmation;
	struct account *account;

	assert(channel_open_confirmation_parse(payload, &confirmation) == ERR_OK);
	account = account_of(world, confirmation.recipient_channel);
	assert(!account->is_open && account_at(world, confirmation.sender_channel) == NULL);
	account->is_open = true;
	account->number = confirmation.sender_channel;
	account->credit = confirmation.initial_window_size;
}

static void sent_adjust(struct world *world, struct slice payload)
{
	struct channel_window_adjust adjust;
	struct account *account;

	assert(channel_window_adjust_parse(payload, &adjust) == ERR_OK);
	account = account_of(world, adjust.recipient_channel);
	assert(account->is_open && !account->has_sent_close && adjust.bytes_to_add > 0);
	account->credit += adjust.bytes_to_add;
	assert(account->credit <= CHANNEL_WINDOW_LIMIT);
}

static void sent_notice(struct world *world, struct slice payload)
{
	uint8_t number = payload.ptr[0];
	struct account *account;
	uint32_t recipient;

	assert(channel_notice_parse(payload, number, &recipient) == ERR_OK);
	account = account_of(world, recipient);
	assert(account->is_open && !account->has_sent_close);
	if (number == SSH_MSG_CHANNEL_CLOSE)
		account->has_sent_close = true;
	if (number == SSH_MSG_CHANNEL_EOF) {
		assert(!account->has_sent_eof);
		account->has_sent_eof = true;
	}
	if (number == SSH_MSG_CHANNEL_SUCCESS || number == SSH_MSG_CHANNEL_FAILURE) {
		account->replied++;
		assert(account->replied <= account->wanted);
	}
}

static void sent_request(struct world *world, struct slice payload)
{
	struct channel_request request;
	struct account *account;

	assert(channel_request_parse(payload, &request) == ERR_OK);
	account = account_of(world, request.recipient_channel);
	assert(account->is_open && !account->has_sent_close);
}

static enum err world_send(void *owner, struct slice payload)
{
	struct world *world = owner;
	struct channel_open open;

	switch (payload.ptr[0]) {
	case SSH_MSG_REQUEST_SUCCESS:
	case SSH_MSG_REQUEST_FAILURE:
		world->globals_replied++;
		assert(world->globals_replied <= world->globals_wanted);
		break;
	case SSH_MSG_CHANNEL_OPEN:
		assert(channel_open_parse(payload, &open) == ERR_OK);
		world->offered_window = open.initial_window_size;
		break;
	case SSH_MSG_GLOBAL_REQUEST:
	case SSH_MSG_CHANNEL_OPEN_FAILURE:
		break;
	case SSH_MSG_CHANNEL_OPEN_CONFIRMATION:
		sent_confirmation(world, payload);
		break;
	case SSH_MSG_CHANNEL_WINDOW_ADJUST:
		sent_adjust(world, payload);
		break;
	case SSH_MSG_CHANNEL_REQUEST:
		sent_request(world, payload);
		break;
	default:
		sent_notice(world, payload);
	}
	return ERR_OK;
}

static enum err world_ask(void *owner, const struct connection_question *question)
{
	struct world *world = owner;

	if (question->request == 0)
		return ERR_OK;
	assert(world->request_count < QUESTIONS);
	for (size_t i = 0; i < world->request_count; i++)
		assert(world->requests[i] != question->request);
	world->requests[world->request_count++] = question->request;
	return ERR_OK;
}

static size_t world_deliver(void *owner, struct channel *channel, struct slice data)
{
	struct world *world = owner;
	size_t taken = data.len < world->takes ? data.len : world->takes;

	assert(connection_find(world->connection, channel_serial(channel)) == channel);
	world->takes -= taken;
	return taken;
}

static void world_hears(void *owner, struct channel *channel)
{
	struct world *world = owner;

	assert(connection_find(world->connection, channel_serial(channel)) == channel);
}

static void world_closed(void *owner, struct channel *channel)
{
	struct world *world = owner;

	assert(connection_find(world->connection, channel_serial(channel)) == NULL);
}

static void world_offer_answered(void *owner, struct channel *channel, bool is_open)
{
	struct world *world = owner;

	assert((connection_find(world->connection, channel_serial(channel)) == channel) == is_open);
}

/* ---------------------------------------------------------------- what is received */

struct step {
	uint8_t what, a, b;
	struct slice bytes;
};

static uint8_t scratch[70000];

static struct writer fresh(void)
{
	return writer_into((struct span){scratch, sizeof(scratch)});
}

static enum err feed(struct world *world, struct slice payload)
{
	bool was_waiting = connection_is_waiting(world->connection);
	enum err err = connection_feed(world->connection, payload, world->now_ms);

	assert(was_waiting == (err == ERR_AGAIN));
	return err;
}

/* Small, large, and at the edges. */
static uint32_t size_of(uint8_t b)
{
	static const uint32_t edges[] = {0, 1, 255, 256, 32768, 0x7fffffff, 0xfffffffe, UINT32_MAX};

	return b < 128 ? b * 1024u : edges[b % COUNT_OF(edges)];
}

static enum err step_open(struct world *world, const struct step *step)
{
	static const char *const types[] = {"session", "session", "session", "direct-tcpip", "x",
	    "direct-streamlocal@openssh.com", "tun@openssh.com"};
	struct channel_open open = {
	    .type = slice_text(types[step->a % COUNT_OF(types)]),
	    .sender_channel = world->opened,
	    .initial_window_size = size_of(step->b),
	    .maximum_packet_size = step->a >= 128 ? size_of(step->b) : 32768,
	    .fields = step->bytes,
	};
	struct writer w = fresh();

	if (world->opened + world->offered >= PEERS)
		return ERR_OK;
	world->accounts[world->opened++].window = open.initial_window_size;
	channel_open_encode(&w, &open);
	return feed(world, writer_view(&w));
}

static enum err step_raw(struct world *world, const struct step *step)
{
	uint8_t number = step->bytes.len > 0 ? step->bytes.ptr[0] : 0;

	/* What the accounts must see goes through the steps that know it. */
	if (number == SSH_MSG_GLOBAL_REQUEST || number == SSH_MSG_CHANNEL_OPEN ||
	    number == SSH_MSG_CHANNEL_OPEN_CONFIRMATION || number == SSH_MSG_CHANNEL_OPEN_FAILURE ||
	    (number >= SSH_MSG_CHANNEL_WINDOW_ADJUST && number <= SSH_MSG_CHANNEL_REQUEST))
		return ERR_OK;
	return feed(world, step->bytes);
}

static enum err step_data(struct world *world, const struct step *step)
{
	static const uint8_t zeros[65536];
	const size_t len = step->b * 256u;
	struct account *account = account_at(world, step->a);
	struct writer w = fresh();
	enum err err;

	if (step->bytes.len % 2 == 0) {
		const struct channel_data data = {step->a, slice_over(zeros, len)};

		channel_data_encode(&w, &data);
	} else {
		const struct channel_extended_data data = {step->a, 1, slice_over(zeros, len)};

		channel_extended_data_encode(&w, &data);
	}
	if (account != NULL && !account->has_sent_close && !account->has_got_eof &&
	    !connection_is_waiting(world->connection)) {
		if (len > account->credit) {
			err = feed(world, writer_view(&w));
			assert(err == ERR_LIMIT);
			return err;
		}
		/* Taken off before our adjustments for it are added. */
		account->credit -= len;
	}
	return feed(world, writer_view(&w));
}

static enum err step_adjust(struct world *world, const struct step *step)
{
	const struct channel_window_adjust adjust = {step->a, size_of(step->b)};
	struct account *account = account_at(world, step->a);
	struct writer w = fresh();
	enum err err;

	channel_window_adjust_encode(&w, &adjust);
	err = feed(world, writer_view(&w));
	if (err == ERR_OK && account != NULL)
		account->window += adjust.bytes_to_add;
	return err;
}

static enum err step_notice(struct world *world, const struct step *step)
{
	uint8_t number = step->b % 2 == 0 ? SSH_MSG_CHANNEL_EOF : SSH_MSG_CHANNEL_CLOSE;
	struct account *account = account_at(world, step->a);
	struct writer w = fresh();

	if (connection_is_waiting(world->connection))
		return ERR_OK;
	if (account != NULL && number == SSH_MSG_CHANNEL_EOF)
		account->has_got_eof = true;
	if (account != NULL && number == SSH_MSG_CHANNEL_CLOSE)
		account->has_got_close = true;
	channel_notice_encode(&w, number, step->a);
	return feed(world, writer_view(&w));
}

static enum err step_request(struct world *world, const struct step *step)
{
	static const char *const types[] = {"pty-req", "env", "shell", "exec", "subsystem",
	    "signal", "window-change", "break", "x11-req", "auth-agent-req@openssh.com",
	    "eow@openssh.com", "winadj@putty.projects.tartarus.org"};
	const struct channel_request request = {
	    step->a % 16, slice_text(types[step->b % COUNT_OF(types)]), step->a >= 64, step->bytes};
	struct account *account = account_at(world, request.recipient_channel);
	struct writer w = fresh();

	if (connection_is_waiting(world->connection))
		return ERR_OK;
	/* Counted before, since the reply may leave at once. */
	if (account != NULL && request.want_reply)
		account->wanted++;
	channel_request_encode(&w, &request);
	return feed(world, writer_view(&w));
}

static enum err step_global(struct world *world, const struct step *step)
{
	static const char *const names[] = {"hostkeys-prove-00@openssh.com", "tcpip-forward",
	    "keepalive@openssh.com", "streamlocal-forward@openssh.com",
	    "no-more-sessions@openssh.com"};
	const struct global_request request = {
	    slice_text(names[step->a % COUNT_OF(names)]), step->b % 2 == 0, step->bytes};
	struct writer w = fresh();

	if (connection_is_waiting(world->connection))
		return ERR_OK;
	world->globals_wanted += request.want_reply;
	global_request_encode(&w, &request);
	return feed(world, writer_view(&w));
}

/* --------------------------------------------------------- monitor and programs */

static enum err step_answer(struct world *world, const struct step *step)
{
	struct connection_answer answer = {.is_granted = step->b % 4 != 0,
	    .proof = step->bytes,
	    .text = step->bytes,
	    .reason = step->b / 4u};
	struct channel *channel = NULL;
	size_t at;

	if (world->request_count == 0) {
		answer.request = step->a;
		assert(connection_answer(world->connection, &answer, world->now_ms, &channel) ==
		       ERR_BREACH);
		return ERR_OK;
	}
	at = step->a % world->request_count;
	answer.request = world->requests[at];
	world->requests[at] = world->requests[--world->request_count];
	TRY(connection_answer(world->connection, &answer, world->now_ms, &channel));
	if (channel != NULL && answer.is_granted)
		channel_has_streams(channel, step->b % 8 > 4);
	return ERR_OK;
}

static enum err step_pump(struct world *world, const struct step *step)
{
	struct channel *channel = any_channel(world, step->a);
	bool is_stderr = step->b % 2 == 1;
	struct account *account;
	uint8_t header[CHANNEL_EXTENDED_HEADER];
	size_t len;

	if (channel == NULL)
		return ERR_OK;
	len = channel_may_send(channel);
	account = account_at(world, channel_number(channel));
	assert(account != NULL && len <= account->window && len <= CHANNEL_MAX_PACKET);
	assert(len == 0 || (!account->has_sent_eof && !account->has_sent_close));
	if (step->b < 128 && len > step->b)
		len = step->b;
	if (len == 0)
		return ERR_OK;
	channel_data_header(channel, is_stderr ? CHANNEL_STDERR : CHANNEL_STDOUT, len,
	    (struct span){header, is_stderr ? CHANNEL_EXTENDED_HEADER : CHANNEL_DATA_HEADER});
	account->window -= len;
	return ERR_OK;
}

static enum err step_program(struct world *world, const struct step *step)
{
	struct channel *channel = any_channel(world, step->a);
	const struct program_exit exit = {.is_signal = step->b >= 128,
	    .status = step->b,
	    .signal = step->bytes,
	    .message = step->bytes};
	enum channel_stream stream = step->b & 8 ? CHANNEL_STDERR : CHANNEL_STDOUT;

	if (channel == NULL)
		return ERR_OK;
	switch (step->b % 8) {
	case 0:
	case 1:
		return channel_program_eof(channel, stream);
	case 2:
		return channel_program_idle(channel, stream);
	case 3:
		return channel_program_exited(channel, &exit);
	case 4:
		return channel_input_broken(channel, world->now_ms);
	case 5:
		return channel_close(channel);
	default:
		world->takes = size_of(step->b);
		return channel_drain(channel, world->now_ms);
	}
}

static enum err step_time(struct world *world, const struct step *step)
{
	uint64_t next_ms;

	world->now_ms += step->a * (step->b % 2 == 0 ? 1u : 100u);
	world->takes = size_of(step->b);
	TRY(connection_tick(world->connection, world->now_ms, &next_ms));
	assert(next_ms > world->now_ms);
	return connection_send_keepalive(world->connection);
}

/* Our own opens; the peer answers them with a number from the top, or refuses. */
static enum err step_offer(struct world *world, const struct step *step)
{
	const uint32_t peer_number = PEERS - 1 - world->offered;
	struct channel_open_confirmation confirmation = {.sender_channel = peer_number,
	    .initial_window_size = size_of(step->b),
	    .maximum_packet_size = 32768};
	struct account *account = &world->accounts[peer_number];
	struct channel *channel;
	struct writer w = fresh();
	enum err err;

	if (world->opened + world->offered >= PEERS || connection_is_waiting(world->connection))
		return ERR_OK;
	err = connection_offer(world->connection, CHANNEL_AGENT, BYTES(), &channel);
	if (err == ERR_LIMIT)
		return ERR_OK;
	TRY(err);
	confirmation.recipient_channel = channel_number(channel);
	if (step->a % 2 == 0) {
		const struct channel_open_failure failure = {
		    .recipient_channel = channel_number(channel)};

		channel_open_failure_encode(&w, &failure);
		return feed(world, writer_view(&w));
	}
	world->offered++;
	account->number = channel_number(channel);
	account->window = confirmation.initial_window_size;
	account->credit = world->offered_window;
	account->is_open = true;
	channel_open_confirmation_encode(&w, &confirmation);
	TRY(feed(world, writer_view(&w)));
	channel_has_streams(channel, false);
	return ERR_OK;
}

/* ------------------------------------------------------------------------ the run */

static bool next_step(struct slice *input, struct step *step)
{
	if (input->len < 4)
		return false;
	step->what = input->ptr[0];
	step->a = input->ptr[1];
	step->b = input->ptr[2];
	step->bytes = slice_first(slice_after(*input, 4), input->ptr[3]);
	*input = slice_after(*input, 4 + step->bytes.len);
	return true;
}

/* When all questions are answered, every request that wanted a reply has it. */
static void settle(struct world *world)
{
	const struct step denial = {0};

	while (world->request_count > 0)
		if (step_answer(world, &denial) != ERR_OK)
			return;
	assert(!connection_is_waiting(world->connection));
	assert(world->globals_wanted == world->globals_replied);
	for (unsigned i = 0; i < PEERS; i++) {
		const struct account *account = &world->accounts[i];

		assert(!account->is_open || account->has_sent_close ||
		       account->wanted == account->replied);
	}
}

/* The caller of the connection goes on after these. */
static bool is_alive(enum err err)
{
	return err == ERR_OK || err == ERR_AGAIN || err == ERR_UNSUPPORTED;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static enum err (*const steps[])(struct world *, const struct step *) = {step_open,
	    step_raw, step_data, step_adjust, step_notice, step_request, step_global, step_answer,
	    step_pump, step_program, step_time, step_offer};
	static struct world world;
	const struct connection_settings settings = {.channel_limit = 12,
	    .window_budget = 5u << 20,
	    .speaks_eow = size % 2 == 0,
	    .channel_timeouts = LITERAL("session=60 global=200"),
	    .unused_seconds = 100};
	const struct connection_sink sink = {&world, world_send, world_ask, world_deliver,
	    world_hears, world_hears, world_hears, world_closed, world_offer_answered};
	struct slice input = slice_over(data, size);
	enum err err = ERR_OK;
	struct step step;

	world = (struct world){.takes = 4096};
	if (connection_new(&sink, &settings, &world.connection) != ERR_OK)
		abort();
	while (is_alive(err) && next_step(&input, &step))
		err = steps[step.what % COUNT_OF(steps)](&world, &step);
	if (is_alive(err))
		settle(&world);
	connection_free(world.connection);
	return 0;
}

/* The turn of events: bytes in, what they mean, bytes out. */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "privsep/net/net.h"
#include "sshd/base/auto.h"
#include "sshd/base/fd.h"

#define INPUT_PER_TURN (256u * 1024) /* then others get their turn */
#define OUTPUT_STOPS_INPUT (2 * TRANSPORT_OUTPUT_HIGH)
#define LINGER_MS 2000

/* ------------------------------------------------------------------ output */

static void write_output(struct net *net)
{
	for (;;) {
		struct slice bytes = transport_output(net->transport, NULL);
		ssize_t written;

		if (bytes.len == 0)
			break;
		written = write(net->output.fd, bytes.ptr, bytes.len);
		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
			net->is_flushing = true;
			return;
		}
		if (written < 0) {
			net_end(net, END_RESET, (uint32_t)errno, (struct slice){0});
			net->phase = PHASE_OVER;
			return;
		}
		net->bytes_out += (uint64_t)written;
		transport_output_consume(net->transport, (size_t)written);
	}
	net->is_flushing = false;
}

/* ------------------------------------------------------------------- input */

/* A peer that does not read its replies is not listened to either. */
static bool output_is_full(const struct net *net)
{
	return transport_output_len(net->transport) >= OUTPUT_STOPS_INPUT;
}

static bool wants_input(const struct net *net)
{
	return net->phase < PHASE_ENDING && !net->input_ended && !wiring_is_waiting(net) &&
	       transport_wants_input(net->transport) && !output_is_full(net);
}

/* ERR_AGAIN: nothing there now. ERR_CLOSED: the peer will say no more. */
static enum err read_input(struct net *net, size_t *got)
{
	struct span room;
	ssize_t len;

	TRY(transport_input_room(net->transport, &room));
	if (room.len == 0)
		return ERR_AGAIN;
	do
		len = read(net->input.fd, room.ptr, room.len);
	while (len < 0 && errno == EINTR);
	if (len < 0)
		return errno == EAGAIN || errno == EWOULDBLOCK ? ERR_AGAIN : ERR_SYSTEM;
	if (len == 0)
		return ERR_CLOSED;
	transport_input_commit(net->transport, (size_t)len);
	net->bytes_in += (uint64_t)len;
	*got = (size_t)len;
	/* Handshakes, the later ones too, are small messages that wait for each other. */
	if (net->is_socket && (!net->has_session_data || !transport_may_send_data(net->transport)))
		socket_acknowledge_at_once(net);
	return ERR_OK;
}

/* Everything that the bytes read so far mean. */
static enum err take_events(struct net *net)
{
	while (net->phase < PHASE_ENDING && !wiring_is_waiting(net) && !output_is_full(net)) {
		struct transport_event event;

		TRY(transport_next(net->transport, net->loop.now_ms, &event));
		if (event.kind == TRANSPORT_NOTHING)
			break;
		TRY(wiring_take(net, &event));
	}
	return ERR_OK;
}

static void read_and_take(struct net *net)
{
	size_t total = 0, got = 0;
	enum err err = ERR_OK;

	while (err == ERR_OK && total < INPUT_PER_TURN && wants_input(net)) {
		err = read_input(net, &got);
		if (err == ERR_OK) {
			total += got;
			err = take_events(net);
		}
	}
	if (err == ERR_CLOSED)
		net->input_ended = true;
	else if (err == ERR_SYSTEM)
		net_end(net, END_RESET, (uint32_t)errno, (struct slice){0});
	else if (err != ERR_OK && err != ERR_AGAIN)
		net_fail(net, err);
}

/* After an end what the peer still sends is read and dropped: a reset could eat our DISCONNECT. */
static void discard_input(struct net *net)
{
	uint8_t dropped[4096];
	ssize_t len;

	do
		len = read(net->input.fd, dropped, sizeof(dropped));
	while (len > 0);
	if (len == 0 || (errno != EAGAIN && errno != EINTR))
		net->phase = PHASE_OVER;
}

/* -------------------------------------------------------------------- turn */

static void set_transport_timer(struct net *net)
{
	uint64_t due = transport_deadline_ms(net->transport);

	if (due == UINT64_MAX)
		loop_timer_cancel(&net->loop, &net->transport_timer);
	else if (!net->transport_timer.is_armed || net->transport_timer.due_ms != due)
		loop_timer_set(&net->loop, &net->transport_timer, due);
}

static enum err watch(struct net *net)
{
	uint32_t in = wants_input(net) || net->phase == PHASE_ENDING ? EPOLLIN : 0;
	uint32_t out = net->is_flushing ? EPOLLOUT : 0;

	if (net->is_socket)
		return loop_watch(&net->loop, &net->input, in | out);
	TRY(loop_watch(&net->loop, &net->input, in));
	return loop_watch(&net->loop, &net->output, out);
}

/* The descriptors, once everything that could be written is. */
static void advance_end(struct net *net)
{
	if (net->phase != PHASE_ENDING || net->is_flushing)
		return;
	if (net->is_socket)
		(void)shutdown(net->output.fd, SHUT_WR); /* closed already: fine */
	if (!net->is_socket || net->input_ended)
		net->phase = PHASE_OVER;
}

/* Takes what was read and writes what that made, again as long as only room was wanting. */
static void take_and_write(struct net *net)
{
	bool was_full;

	do {
		enum err err = net->phase < PHASE_ENDING ? take_events(net) : ERR_OK;

		if (err != ERR_OK)
			net_fail(net, err);
		was_full = output_is_full(net);
		if (net->phase != PHASE_OVER)
			write_output(net);
	} while (was_full && !output_is_full(net) && net->phase < PHASE_ENDING);
}

void net_turn(struct net *net)
{
	take_and_write(net);
	pump_resume(net);
	if (transport_output_len(net->transport) > 0 && !net->is_flushing && net->phase != PHASE_OVER)
		write_output(net);
	if (net->phase < PHASE_ENDING && net->input_ended && !wiring_is_waiting(net))
		net_end(net, END_CLOSED, 0, (struct slice){0});
	advance_end(net);
	pump_free_gone(net);
	if (net->phase < PHASE_ENDING)
		set_transport_timer(net);
	if (net->phase == PHASE_OVER || watch(net) != ERR_OK)
		loop_stop(&net->loop);
}

static void on_input(struct loop_source *source, uint32_t events)
{
	struct net *net = CONTAINER_OF(source, struct net, input);

	if (net->phase == PHASE_ENDING)
		discard_input(net);
	else if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		read_and_take(net);
	net_turn(net);
}

static void on_output(struct loop_source *source, uint32_t events)
{
	struct net *net = CONTAINER_OF(source, struct net, output);

	/* The reading end of the pipe is gone: writing will say so. */
	(void)events;
	net_turn(net);
}

static void on_transport_timer(struct loop_timer *timer, uint64_t now_ms)
{
	struct net *net = CONTAINER_OF(timer, struct net, transport_timer);
	enum err err = net->phase < PHASE_ENDING ? transport_tick(net->transport, now_ms) : ERR_OK;

	if (err != ERR_OK)
		net_fail(net, err);
	net_turn(net);
}

static void on_end_timer(struct loop_timer *timer, uint64_t now_ms)
{
	struct net *net = CONTAINER_OF(timer, struct net, end_timer);

	(void)now_ms;
	net->phase = PHASE_OVER;
	loop_stop(&net->loop);
}

enum err net_begin(struct net *net, int input, int output, bool is_socket)
{
	net->is_socket = is_socket;
	net->input = (struct loop_source){.fd = input, .ready = on_input};
	net->output = (struct loop_source){.fd = output, .ready = on_output};
	net->monitor_watch = (struct loop_source){.fd = net->monitor.fd, .ready = answers_ready};
	net->transport_timer.fired = on_transport_timer;
	net->end_timer.fired = on_end_timer;
	TRY(loop_add(&net->loop, &net->input, EPOLLIN));
	if (!is_socket)
		TRY(loop_add(&net->loop, &net->output, 0));
	TRY(loop_add(&net->loop, &net->monitor_watch, EPOLLIN));
	net->phase = PHASE_EXCHANGE;
	net_turn(net);
	return ERR_OK;
}

/* --------------------------------------------------------------------- end */

void net_end(struct net *net, enum connection_end end, uint32_t reason, struct slice text)
{
	if (net->phase >= PHASE_ENDING)
		return;
	pump_detach_all(net);
	/* The monitor may be gone already; then there is nobody to tell. */
	IGNORE(tell_bye(net, end, reason, text));
	keepalive_stop(net);
	idle_stop(net);
	loop_timer_cancel(&net->loop, &net->transport_timer);
	loop_timer_set(&net->loop, &net->end_timer, net->loop.now_ms + LINGER_MS);
	net->phase = PHASE_ENDING;
}

static uint32_t no_common_number(const char *what)
{
	static const char *const words[] = NO_COMMON_WORDS;
	uint32_t number = 0;

	while (number < COUNT_OF(words) && strcmp(words[number], what) != 0)
		number++;
	return number;
}

void net_fail(struct net *net, enum err err)
{
	struct transport_mismatch mismatch = transport_mismatch(net->transport);

	if (net->phase >= PHASE_ENDING)
		return;
	if (err == ERR_NO_COMMON && mismatch.what != NULL)
		IGNORE(tell_event(net, NET_EVENT_NO_COMMON, no_common_number(mismatch.what), mismatch.their_offer));
	if (err == ERR_VERSION)
		IGNORE(tell_event(net, NET_EVENT_BAD_VERSION, 0, transport_V_C(net->transport)));
	transport_fail(net->transport, err);
	net_end(net, END_PROTOCOL, (uint32_t)err, slice_text(err_text(err)));
}

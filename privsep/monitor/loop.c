/* Receive, permit, dispatch. Who is served here is taken to be hostile. */
#include "privsep/monitor/monitor.h"

#include <limits.h>
#include <malloc.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "privsep/monitor/decision_log.h"
#include "sshd/base/auto.h"

/* The main loop, and waits within a handler, each with a datagram that the others leave alone. */
#define DEPTH_LIMIT 3u
#define GOODBYE_MS  2000u

/* Of net's lines in the log: 100 at once, then 20 per second. */
#define EVENTS_BURST 100u
#define EVENTS_MS    50u

/* Pages that no datagram reaches are never made. */
static uint8_t net_rooms[DEPTH_LIMIT][IPC_DATAGRAM_LIMIT];
static uint8_t other_room[IPC_DATAGRAM_LIMIT];
static uint8_t scratch[IPC_DATAGRAM_LIMIT];

struct span monitor_scratch(void)
{
	return (struct span){scratch, sizeof(scratch)};
}

struct span monitor_room(void)
{
	return (struct span){other_room, sizeof(other_room)};
}

void monitor_shrink(void)
{
	/* Whole pages only: what lies beside the rooms stays. */
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uint8_t *const rooms[] = {net_rooms[1], net_rooms[2], other_room, scratch};

	for (size_t i = 0; i < COUNT_OF(rooms); i++) {
		uintptr_t first = ((uintptr_t)rooms[i] + page - 1) / page * page;
		uintptr_t end = ((uintptr_t)rooms[i] + IPC_DATAGRAM_LIMIT) / page * page;

		(void)madvise((void *)first, end - first, MADV_DONTNEED); /* a matter of memory only */
	}
	(void)malloc_trim(0);
}

enum err monitor_move(struct monitor *m, enum monitor_occurrence occurrence)
{
	enum err err = state_after(m->state, occurrence, &m->state);

	if (err != ERR_OK)
		monitor_end_by(m, err, "states");
	return err;
}

void monitor_end(struct monitor *m)
{
	/* From any state there is a way to DRAIN. */
	IGNORE(state_after(m->state, CONNECTION_ENDS, &m->state));
	m->is_dismissing = false;
	loop_stop(&m->loop);
}

void monitor_end_by(struct monitor *m, enum err err, const char *what)
{
	if (m->state >= STATE_DRAIN)
		return;
	log_broken(m, err, what);
	if (err == ERR_BREACH)
		m->outcome = OUTCOME_CRASHED;
	monitor_end(m);
}

void monitor_dismiss(struct monitor *m, unsigned reason, const char *text)
{
	struct msg_net_go go = {.reason = reason, .text = slice_text(text)};

	if (m->state >= STATE_DRAIN)
		return;
	IGNORE(state_after(m->state, CONNECTION_ENDS, &m->state)); /* always possible */
	if (NET_SEND(m, NET_GO, net_go, &go) != ERR_OK) {
		monitor_end(m);
		return;
	}
	m->is_dismissing = true;
	loop_timer_set(&m->loop, &m->goodbye_due, clock_now_ms() + GOODBYE_MS);
}

static void on_goodbye_due(struct loop_timer *timer, uint64_t now_ms)
{
	(void)now_ms;
	monitor_end(CONTAINER_OF(timer, struct monitor, goodbye_due));
}

/* ---------------------------------------------------------------- receive */

static enum err receive_from_net(struct monitor *m, struct span room)
{
	AUTO(ipc_message_wipe) struct ipc_message message = {0};

	TRY(ipc_receive(&m->net, m->state, room, false, &message));
	if (net_message_is_question(message.type)) {
		if (m->has_question && m->state < STATE_OPEN)
			return ERR_BREACH;
		m->has_question = true;
		m->asked_ms = m->loop.now_ms;
	}
	return handle_net_message(m, &message);
}

static void on_net_readable(struct loop_source *source, uint32_t events)
{
	struct monitor *m = CONTAINER_OF(source, struct monitor, net_source);
	struct span room = {net_rooms[m->depth], sizeof(net_rooms[0])};
	enum err err;

	(void)events;
	err = receive_from_net(m, room);
	if (err == ERR_OK || err == ERR_AGAIN)
		return;
	if (m->state >= STATE_DRAIN) {
		/* What net still says when it was told to go does not matter, but that it is gone does. */
		if (err == ERR_CLOSED)
			monitor_end(m);
		return;
	}
	monitor_end_by(m, err, "net");
}

static void on_signer_readable(struct loop_source *source, uint32_t events)
{
	struct monitor *m = CONTAINER_OF(source, struct monitor, signer_source);
	AUTO(ipc_message_wipe) struct ipc_message message = {0};
	enum err err = ipc_receive(&m->signer, STATE_READY, monitor_room(), false, &message);

	(void)events;
	if (err == ERR_AGAIN)
		return;
	if (err == ERR_OK)
		err = on_signer_message(m, &message);
	if (err != ERR_OK)
		monitor_end_by(m, err == ERR_BREACH ? ERR_UNEXPECTED : err, "signer");
}

/* ---------------------------------------------------------------- signals */

/* As root's `kill` or a terminal's ^C ends it: in order, so that nothing is left open. */
static const int ending_signals[] = {SIGTERM, SIGINT, SIGQUIT, SIGHUP};

static void signals_to_end(sigset_t *set)
{
	sigemptyset(set);
	for (size_t i = 0; i < COUNT_OF(ending_signals); i++)
		sigaddset(set, ending_signals[i]);
}

void monitor_block_signals(void)
{
	sigset_t set;

	signals_to_end(&set);
	(void)sigprocmask(SIG_BLOCK, &set, NULL); /* cannot fail with these arguments */
}

static void on_signal(struct loop_source *source, uint32_t events)
{
	(void)events;
	monitor_end(CONTAINER_OF(source, struct monitor, signal_source));
}

static enum err watch_signals(struct monitor *m)
{
	sigset_t set;

	signals_to_end(&set);
	m->signal_source = (struct loop_source){
	    .fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK), .ready = on_signal};
	return m->signal_source.fd < 0 ? ERR_SYSTEM : loop_add(&m->loop, &m->signal_source, EPOLLIN);
}

/* ------------------------------------------------------------------- wait */

enum err monitor_wait(struct monitor *m, bool (*is_done)(const struct monitor *m), uint64_t until_ms)
{
	enum err err = ERR_OK;

	if (m->depth + 1 == DEPTH_LIMIT)
		return ERR_LIMIT;
	m->depth++;
	while (err == ERR_OK && m->state < STATE_DRAIN && !is_done(m)) {
		uint64_t now = clock_now_ms();

		if (now >= until_ms)
			err = ERR_TIMEOUT;
		else
			err = loop_step(&m->loop, until_ms - now > INT_MAX ? -1 : (int)(until_ms - now));
	}
	m->depth--;
	return m->state >= STATE_DRAIN ? ERR_CLOSED : err;
}

/* -------------------------------------------------------------------- run */

static enum err start(struct monitor *m)
{
	uint64_t grace_s = m->prepared->conf->login_grace_s;

	m->net = ipc_channel_over(m->connection.net, &net_messages, DOWN, false);
	m->signer = ipc_channel_over(m->connection.signer, &signer_messages, UP, false);
	m->status = ipc_channel_over(m->connection.status, &listener_messages, UP, false);
	m->net_source = (struct loop_source){.fd = m->net.fd, .ready = on_net_readable};
	m->signer_source = (struct loop_source){.fd = m->signer.fd, .ready = on_signer_readable};
	m->deadline.fired = on_deadline;
	m->goodbye_due.fired = on_goodbye_due;
	TRY(loop_init(&m->loop));
	TRY(loop_add(&m->loop, &m->net_source, EPOLLIN));
	TRY(loop_add(&m->loop, &m->signer_source, EPOLLIN));
	TRY(watch_signals(m));
	if (grace_s > 0)
		loop_timer_set(&m->loop, &m->deadline, m->loop.now_ms + grace_s * 1000);
	m->events_pace = pace_begin(EVENTS_BURST, EVENTS_MS, m->loop.now_ms);
	exchange_init(m);
	auth_init(m);
	lookup_init(m);
	sessions_init(m);
	forwards_init(m);
	return ERR_OK;
}

enum err monitor_run(struct monitor *m)
{
	enum err err = start(m);

	while (err == ERR_OK && !m->loop.is_stopped)
		err = loop_step(&m->loop, -1);
	if (err != ERR_OK)
		monitor_end_by(m, err, "loop");
	monitor_close_all(m);
	return err;
}

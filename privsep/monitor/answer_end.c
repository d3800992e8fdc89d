/* The end: said by net, by the clock, or by a breach; and what is left behind: nothing. */
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "privsep/monitor/decision_log.h"
#include "privsep/monitor/monitor.h"
#include "sshd/base/auto.h"
#include "sshd/base/fd.h"

enum err on_net_event(struct monitor *m, const struct msg_net_event *msg)
{
	if (msg->event == NET_EVENT_NONE || msg->event >= NET_EVENT_COUNT)
		return ERR_BREACH;
	log_net_event(m, msg);
	return ERR_OK;
}

enum err on_net_bye(struct monitor *m, const struct msg_net_bye *msg)
{
	/* Whoever was told to go has had his line in the log. */
	if (!m->is_dismissing && m->state < STATE_DRAIN)
		log_bye(m, msg);
	monitor_end(m);
	return ERR_OK;
}

void on_deadline(struct loop_timer *timer, uint64_t now_ms)
{
	struct monitor *m = CONTAINER_OF(timer, struct monitor, deadline);

	(void)now_ms;
	if (m->state >= STATE_DRAIN)
		return;
	log_deadline(m);
	m->outcome = OUTCOME_GRACE_EXCEEDED;
	monitor_end(m);
}

static void tell_outcome(struct monitor *m)
{
	struct msg_outcome outcome = {.outcome = (uint8_t)m->outcome};

	/* Nobody has to listen any more. */
	IGNORE(IPC_SEND(&m->status, STATE_READY, MSG_OUTCOME, outcome, &outcome, monitor_scratch()));
}

static void close_descriptors(struct monitor *m)
{
	loop_remove(&m->loop, &m->net_source);
	loop_remove(&m->loop, &m->signer_source);
	loop_remove(&m->loop, &m->signal_source);
	fd_release(&m->signal_source.fd);
	if (m->connection.output != m->connection.input)
		fd_release(&m->connection.output);
	fd_release(&m->connection.input);
	fd_release(&m->connection.net);
	fd_release(&m->connection.signer);
	fd_release(&m->connection.status);
	fd_release(&m->connection.net_process);
	loop_wipe(&m->loop);
}

void monitor_close_all(struct monitor *m)
{
	/* From every state, DRAIN included, this leads to DRAIN and from there to DEAD. */
	IGNORE(state_after(m->state, CONNECTION_ENDS, &m->state));
	if (m->connection.net_process >= 0)
		(void)syscall(SYS_pidfd_send_signal, m->connection.net_process, SIGKILL, NULL, 0u);
	lookup_wipe(m);
	forwards_close_all(m);
	sessions_close_all(m);
	tell_outcome(m);
	auth_wipe(&m->auth);
	exchange_wipe(&m->exchange);
	close_descriptors(m);
	IGNORE(state_after(m->state, ALL_IS_CLOSED, &m->state));
}

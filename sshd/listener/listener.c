#include "sshd/listener/listener.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "privsep/sandbox/filter.h"
#include "sshd/base/auto.h"
#include "sshd/base/fd.h"
#include "sshd/base/log.h"
#include "sshd/base/title.h"
#include "sshd/listener/connection.h"
#include "sshd/listener/daemonize.h"
#include "sshd/listener/inetd.h"
#include "sshd/listener/ready.h"
#include "sshd/listener/reload.h"
#include "sshd/listener/rollback.h"

/* How long who has just come may take to get processes of his own before we are gone. */
#define DRAIN_MS      1000u
#define DRAIN_STEP_MS 10u

#define OOM_SCORE_ADJ (-900) /* the way in comes last */

/* --------------------------------------------------------------- signals */

static bool is_drained(const struct listener *listener)
{
	for (const struct connection *at = listener->connections; at != NULL; at = at->next)
		if (at->state < CONNECTION_RUNS)
			return false;
	return listener->greeting.nursery.count == 0;
}

static void on_drain(struct loop_timer *timer, uint64_t now_ms)
{
	struct listener *listener = CONTAINER_OF(timer, struct listener, drain);

	if (is_drained(listener) || now_ms >= listener->drain_until_ms)
		loop_stop(&listener->loop);
	else
		loop_timer_set(&listener->loop, timer, now_ms + DRAIN_STEP_MS);
}

/* The sockets' queues wait for the next listener, if the service manager keeps them open. */
static void drain(struct listener *listener)
{
	if (listener->is_draining || listener->is_single || is_drained(listener)) {
		loop_stop(&listener->loop);
		return;
	}
	listener->is_draining = true;
	listener->drain_until_ms = listener->loop.now_ms + DRAIN_MS;
	sockets_watch(listener, false);
	loop_timer_set(&listener->loop, &listener->drain, listener->loop.now_ms + DRAIN_STEP_MS);
}

static void stop(struct listener *listener, int signal_number)
{
	char number[16];

	snprintf(number, sizeof(number), "%d", signal_number);
	LOG(TERMINATED, T("SIGNAL", number));
	listener->exit_status = signal_number == SIGTERM && !listener->is_single ? 0 : 255;
	ready_stopping();
	/* Who was started for one connection takes it along, once it has ended properly. */
	if (listener->is_single && listener->connections != NULL && !listener->is_ending) {
		listener->is_ending = true;
		connections_end(listener, SIGTERM);
		return;
	}
	drain(listener);
}

static void on_signals(struct loop_source *source, uint32_t events)
{
	struct listener *listener = CONTAINER_OF(source, struct listener, signals);
	struct signalfd_siginfo info;

	(void)events;
	while (read(source->fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			children_reap(&listener->children);
		else if (info.ssi_signo == SIGHUP && listener->is_draining)
			continue;
		else if (info.ssi_signo == SIGHUP && !listener->is_single)
			reload_begin(listener);
		else
			stop(listener, (int)info.ssi_signo);
	}
}

static enum err watch_signals(struct listener *listener)
{
	static const int ours[] = {SIGCHLD, SIGHUP, SIGINT, SIGQUIT, SIGTERM};
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < COUNT_OF(ours); i++) {
		sigaddset(&set, ours[i]);
		/* Ignored signals never reach a signalfd, and an ignored SIGCHLD reaps by itself. */
		if (signal(ours[i], SIG_DFL) == SIG_ERR)
			return ERR_SYSTEM;
	}
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR || sigprocmask(SIG_BLOCK, &set, NULL) != 0)
		return ERR_SYSTEM;
	listener->signals = (struct loop_source){
	    .fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK), .ready = on_signals};
	if (listener->signals.fd < 0)
		return ERR_SYSTEM;
	return loop_add(&listener->loop, &listener->signals, EPOLLIN);
}

/* ---------------------------------------------------------------- timers */

static void on_resume(struct loop_timer *timer, uint64_t now_ms)
{
	struct listener *listener = CONTAINER_OF(timer, struct listener, resume);

	(void)now_ms;
	if (listener->is_serving && listener->options->mode == MODE_INETD && !listener->inetd.has_begun)
		inetd_begin(listener);
	connections_resume(listener);
}

static void on_accept_again(struct loop_timer *timer, uint64_t now_ms)
{
	struct listener *listener = CONTAINER_OF(timer, struct listener, accept_again);

	(void)now_ms;
	sockets_watch(listener, !listener->is_draining);
}

static void on_signer_again(struct loop_timer *timer, uint64_t now_ms)
{
	struct listener *listener = CONTAINER_OF(timer, struct listener, signer_again);

	(void)now_ms;
	if (listener->coming_signer == NULL &&
	    signer_start(listener, listener->settings, &listener->coming_signer) != ERR_OK)
		loop_timer_set(&listener->loop, timer, listener->loop.now_ms + SIGNER_RETRY_MS);
}

static void on_watchdog(struct loop_timer *timer, uint64_t now_ms)
{
	struct listener *listener = CONTAINER_OF(timer, struct listener, watchdog);

	ready_feed_watchdog(listener);
	loop_timer_set(&listener->loop, timer, now_ms + listener->watchdog_ms);
}

static void set_timers(struct listener *listener)
{
	listener->resume.fired = on_resume;
	listener->accept_again.fired = on_accept_again;
	listener->signer_again.fired = on_signer_again;
	listener->watchdog.fired = on_watchdog;
	listener->drain.fired = on_drain;
	listener->watchdog_ms = ready_watchdog_ms();
	if (listener->watchdog_ms > 0)
		loop_timer_set(&listener->loop, &listener->watchdog, listener->loop.now_ms + listener->watchdog_ms);
}

/* ----------------------------------------------------------------- start */

/* One line for what stopped us; returns the error. */
static enum err complain(const char *what, enum err err)
{
	AUTO(buf_wipe) struct buf text = buf_empty(1024);
	const char *reason = err == ERR_SYSTEM ? strerror(errno) : err_text(err);

	if (buf_append_format(&text, "%s: %s", what, reason) == ERR_OK)
		LOG(FATAL, F("TEXT", buf_view(&text)));
	return err;
}

static enum err open_programs(struct listener *listener)
{
	AUTO(buf_wipe) struct buf complaint = buf_empty(4096);
	enum err err = programs_open(listener->candidate->conf->libexec_dir, &listener->programs, &complaint);

	if (err != ERR_OK)
		LOG(FATAL, F("TEXT", buf_view(&complaint)));
	return err;
}

/* A descriptor per connection and per guest; children get the old limit back. */
static void raise_limits(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

static enum err init_tables(struct listener *listener)
{
	uint64_t key[2];

	if (getrandom(key, sizeof(key), 0) != sizeof(key))
		return ERR_SYSTEM;
	penalties_init(&listener->penalties, key);
	templates_init(listener);
	listener->datagram.len = IPC_DATAGRAM_LIMIT;
	listener->datagram.ptr = malloc(IPC_DATAGRAM_LIMIT);
	if (listener->datagram.ptr == NULL)
		return ERR_NO_MEMORY;
	return listener->is_single ? ERR_OK : greeting_init(listener);
}

enum err listener_start(struct listener *listener)
{
	const struct { const char *what; enum err (*step)(struct listener *listener); } steps[] = {
	    {"event loop", NULL},
	    {"signals", watch_signals},
	    {"memory", init_tables},
	};
	enum err err = loop_init(&listener->loop);

	for (size_t i = 1; err == ERR_OK && i < COUNT_OF(steps); i++)
		if ((err = steps[i].step(listener)) != ERR_OK)
			return complain(steps[i].what, err);
	if (err != ERR_OK)
		return complain(steps[0].what, err);
	TRY(open_programs(listener));
	err = host_test(&listener->host);
	if (err != ERR_OK)
		return complain("self-test of the sandbox", err);
	err = filter_compile_sealed(&filter_net, &listener->filter_fd);
	if (err != ERR_OK)
		return complain("seccomp program", err);
	if (listener->host.is_root && !listener->is_single)
		IGNORE(oom_score_adjust(OOM_SCORE_ADJ)); /* containers may forbid it */
	raise_limits();
	set_timers(listener);
	rollback_watch(listener);
	err = reload_candidate(listener);
	return err != ERR_OK ? complain("sshd-signer", err) : ERR_OK;
}

void listener_template_ready(struct listener *listener)
{
	if (listener->is_serving || listener->net.serving == NULL || listener->monitor.serving == NULL)
		return;
	listener->is_serving = true;
	rollback_announce(listener);
	daemonize_done(listener);
	ready_serving(listener);
}

void listener_resume(struct listener *listener)
{
	loop_timer_set(&listener->loop, &listener->resume, listener->loop.now_ms);
}

void listener_show(const struct listener *listener)
{
	const struct admission_policy *policy = &listener->admission.policy;

	title_set("%s [listener] %zu of %u-%u startups", listener->title, listener->admission.count,
	    policy->begin, policy->full);
}

void listener_fail(struct listener *listener)
{
	listener->exit_status = 255;
	loop_stop(&listener->loop);
}

/*
 * What is logged in goes on without us; what is not ends at its monitor's deadline. The signer
 * and the templates see their channels close.
 */
static void finish(struct listener *listener)
{
	daemonize_end(listener);
	rollback_withdraw(listener);
	if (listener->is_single)
		connections_end(listener, SIGKILL);
	sockets_close(listener);
	greeting_wipe(listener);
	templates_end(listener);
	signer_retire(listener->signer);
	signer_retire(listener->coming_signer);
}

int listener_run(struct listener *listener)
{
	enum err err = loop_run(&listener->loop);

	if (err != ERR_OK) {
		IGNORE(complain("event loop", err)); /* it is on its way out */
		listener->exit_status = 255;
	}
	finish(listener);
	return listener->exit_status;
}

#include "privsep/monitor/login.h"

#include <errno.h>
#include <stdio.h>

#include "privsep/monitor/attempt.h"
#include "privsep/monitor/decision_log.h"
#include "privsep/monitor/monitor.h"
#include "privsep/sandbox/limits.h"
#include "sshd/base/auto.h"
#include "sshd/base/file.h"
#include "sshd/base/fd.h"
#include "sshd/base/text.h"
#include "sshd/base/title.h"

enum verdict login_may_begin(struct monitor *m)
{
	char text[1024];
	const char *obstacle = account_shell_obstacle(&m->auth.account, text, sizeof(text));

	if (obstacle == NULL)
		return PERMIT;
	log_not_allowed(m, slice_text(obstacle));
	return DENY;
}

/* PermitRootLogin counts by the method that completes the login. */
static enum verdict root_weigh(const struct monitor *m, enum auth_method last)
{
	const struct auth *auth = &m->auth;

	if (auth->account.uid != 0 || !m->prepared->handover.is_root)
		return PERMIT;
	switch (auth->conf->permit_root_login) {
	case ROOT_LOGIN_YES:
		return PERMIT;
	case ROOT_LOGIN_PROHIBIT_PASSWORD:
		return last == METHOD_PUBLICKEY || last == METHOD_HOSTBASED || last == METHOD_GSSAPI ? PERMIT
												     : DENY;
	case ROOT_LOGIN_FORCED_COMMANDS_ONLY:
		return last == METHOD_PUBLICKEY && auth->restrictions.has_command ? PERMIT : DENY;
	case ROOT_LOGIN_NO:
		break;
	}
	return DENY;
}

static uint32_t permitted_forwarding(const struct conf *conf)
{
	static const struct {
		uint8_t bit;
		uint32_t tcp, streamlocal;
	} directions[] = {
	    {FORWARDING_LOCAL, MAY_OPEN_TCP, MAY_OPEN_STREAMLOCAL},
	    {FORWARDING_REMOTE, MAY_LISTEN_TCP, MAY_LISTEN_STREAMLOCAL},
	};
	uint32_t permitted = 0;

	if (conf->disable_forwarding)
		return 0;
	for (size_t i = 0; i < COUNT_OF(directions); i++) {
		if (conf->allow_tcp_forwarding & directions[i].bit)
			permitted |= directions[i].tcp;
		if (conf->allow_stream_local_forwarding & directions[i].bit)
			permitted |= directions[i].streamlocal;
	}
	if (conf->permit_tunnel & TUNNEL_POINT_TO_POINT)
		permitted |= MAY_TUNNEL_POINT_TO_POINT;
	if (conf->permit_tunnel & TUNNEL_ETHERNET)
		permitted |= MAY_TUNNEL_ETHERNET;
	if (conf->allow_agent_forwarding)
		permitted |= MAY_FORWARD_AGENT;
	if (conf->x11_forwarding)
		permitted |= MAY_FORWARD_X11;
	return permitted;
}

/* What the configuration leaves of what the credentials permit. */
static enum err restrict_by_conf(struct auth *auth)
{
	const struct conf *conf = auth->conf;
	uint32_t permitted = permitted_forwarding(conf);

	if (conf->permit_tty)
		permitted |= MAY_HAVE_PTY;
	if (conf->permit_user_rc)
		permitted |= MAY_RUN_USER_RC;
	auth->restrictions.permitted &= permitted;
	if (conf->force_command == NULL)
		return ERR_OK;
	/* sshd_config(5): whatever a key forces, the administrator's command is what runs. */
	buf_wipe(&auth->restrictions.command);
	auth->restrictions.has_command = true;
	auth->is_command_configured = true;
	return buf_append_text(&auth->restrictions.command, conf->force_command);
}

enum verdict login_weigh(struct monitor *m, enum auth_method last)
{
	struct auth *auth = &m->auth;

	if (root_weigh(m, last) != PERMIT) {
		log_root_refused(m);
		return DENY;
	}
	if (restrict_by_conf(auth) != ERR_OK) {
		auth->is_valid = false;
		return DENY;
	}
	return PERMIT;
}

/* ------------------------------------------------------------------- open */

/* The kernel's own word on who is behind a pidfd. */
static pid_t pid_of(int process)
{
	AUTO(buf_wipe) struct buf info = buf_empty(4096);
	AUTO(fd_release) int fd = -1;
	const char *text = NULL, *line;
	char path[64];
	long pid = 0;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", process);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || file_read(fd, &info) != ERR_OK || buf_c_string(&info, &text) != ERR_OK)
		return 0;
	line = strstr(text, "\nPid:");
	if (line == NULL || sscanf(line, "\nPid: %ld", &pid) != 1 || pid <= 0)
		return 0;
	return (pid_t)pid;
}

static void lift_limits(struct monitor *m)
{
	pid_t net = pid_of(m->connection.net_process);

	/* A net that runs into its limit of processor time ends its connection: nothing worse. */
	if (net > 0)
		IGNORE(limits_lift_cpu(net));
}

static void tell_listener(struct monitor *m)
{
	struct msg_authenticated authenticated = {.uid = m->auth.account.uid};

	/* The listener may be gone: an authenticated connection outlives it. */
	IGNORE(IPC_SEND(&m->status, STATE_READY, MSG_AUTHENTICATED, authenticated, &authenticated,
	    monitor_scratch()));
	m->outcome = OUTCOME_AUTHENTICATED;
}

static enum err append_timeouts(const struct conf *conf, struct buf *out)
{
	for (size_t i = 0; i < conf->channel_timeouts.count; i++) {
		const struct conf_timeout *timeout = &conf->channel_timeouts.items[i];

		TRY(buf_append_format(out, "%s%s=%u", i > 0 ? " " : "", timeout->type, timeout->seconds));
	}
	return ERR_OK;
}

static enum err send_open(struct monitor *m)
{
	const struct conf *conf = m->auth.conf;
	AUTO(buf_wipe) struct buf timeouts = buf_empty(2048);
	struct msg_net_open open = {
	    .keepalive_seconds = conf->client_alive_interval_s,
	    .keepalive_count = conf->client_alive_count_max,
	    .rekey_bytes = conf->rekey_limit.bytes,
	    .rekey_seconds = conf->rekey_limit.seconds,
	    .unused_seconds = conf->unused_connection_timeout_s,
	    .ip_qos_interactive = (uint32_t)conf->ip_qos.interactive,
	    .ip_qos_bulk = (uint32_t)conf->ip_qos.bulk,
	    .is_compression_delayed = conf->compression == CONF_COMPRESSION_DELAYED,
	};

	TRY(append_timeouts(conf, &timeouts));
	open.channel_timeouts = buf_view(&timeouts);
	return NET_SEND(m, NET_OPEN, net_open, &open);
}

enum err login_open(struct monitor *m)
{
	loop_timer_cancel(&m->loop, &m->deadline);
	lookup_wipe(m);
	lift_limits(m);
	tell_listener(m);
	title_set("%s [priv]", m->auth.account.name);
	TRY(monitor_move(m, ACCOUNT_AGREES));
	TRY(attempt_answer(m, ATTEMPT_SUCCEEDED));
	return send_open(m);
}

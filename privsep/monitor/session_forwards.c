/* What of the forwards belongs to a session: its agent and its display. */
#include <stdio.h>
#include <unistd.h>

#include "privsep/monitor/monitor.h"
#include "sshd/base/auto.h"

bool forwards_session_waits(const struct monitor *m, const struct session *session)
{
	for (const struct listener *l = m->forwarding.listeners; l != NULL; l = l->next)
		if (l->state != LISTENER_OPEN && (l->kind == FORWARD_X11 || l->kind == FORWARD_AGENT) &&
		    l->session == session->number)
			return true;
	return false;
}

void forwards_close_session(struct monitor *m, const struct session *session)
{
	for (struct listener *l = m->forwarding.listeners, *next; l != NULL; l = next) {
		next = l->next;
		/* A process that takes no messages any more is ended with the connection. */
		if (l->kind == FORWARD_X11 && l->session == session->number)
			IGNORE(listener_close(m, l));
	}
}

/* "localhost:10.0", or this host's name where the display listens to the network. */
static void display_value(const struct monitor *m, const struct session *session, const char *local_name,
    char display[static DISPLAY_SIZE])
{
	char host[65] = "localhost";

	if (m->auth.conf->x11_use_localhost)
		snprintf(host, sizeof(host), "%s", local_name);
	else if (gethostname(host, sizeof(host) - 1) != 0)
		snprintf(host, sizeof(host), "localhost");
	host[sizeof(host) - 1] = 0;
	snprintf(display, DISPLAY_SIZE, "%s:%u.%u", host, session->x11.display, session->x11.screen);
}

void session_name_display(const struct monitor *m, const struct session *session,
    char display[static DISPLAY_SIZE])
{
	display[0] = 0;
	if (session->x11.is_wanted)
		display_value(m, session, "unix", display);
}

enum err session_append_forwards(const struct monitor *m, const struct session *session, struct buf *out)
{
	char display[DISPLAY_SIZE];

	if (session->wants_agent && m->forwarding.agent_path[0] != 0) {
		TRY(buf_append_format(out, "SSH_AUTH_SOCK=%s", m->forwarding.agent_path));
		TRY(buf_append(out, BYTES(0)));
	}
	if (!session->x11.is_wanted)
		return ERR_OK;
	display_value(m, session, "localhost", display);
	TRY(buf_append_format(out, "DISPLAY=%s", display));
	return buf_append(out, BYTES(0));
}

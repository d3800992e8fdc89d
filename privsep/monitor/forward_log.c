/* What is said of forwards in the log: who, where, how much, how long. */
#include <stdio.h>

#include "privsep/monitor/monitor.h"
#include "sshd/base/log.h"

#define DECIMAL_SIZE 24
#define WHERE_SIZE   1200

#define WHO(m)                                                                                     \
	T("USER", (m)->auth.account.name), T("ADDRESS", (m)->peer.address), T("PORT", (m)->peer.port)

static const char *const kinds[FORWARD_KIND_COUNT] = {
    [FORWARD_NONE] = "",
    [FORWARD_TCP] = "tcp",
    [FORWARD_STREAMLOCAL] = "socket",
    [FORWARD_AGENT] = "agent",
    [FORWARD_X11] = "x11",
    [FORWARD_TUN_POINT_TO_POINT] = "tun",
    [FORWARD_TUN_ETHERNET] = "tap",
};

static const char *decimal(char text[static DECIMAL_SIZE], uint64_t number)
{
	snprintf(text, DECIMAL_SIZE, "%llu", (unsigned long long)number);
	return text;
}

/* "connect db port 5432", "listen on localhost port 8080", "listen on /run/x.sock". */
static const char *describe(char text[static WHERE_SIZE], bool is_listen, const char *where, uint32_t port)
{
	char number[DECIMAL_SIZE];

	snprintf(text, WHERE_SIZE, "%s%s%s%s", is_listen ? "listen on " : "connect to ",
	    where[0] != 0 ? where : "*", port != 0 ? " port " : "", port != 0 ? decimal(number, port) : "");
	return text;
}

/* A peer may ask faster than anybody reads. */
static bool may_log(struct monitor *m)
{
	if (pace_try(&m->events_pace, m->loop.now_ms))
		return true;
	m->events_suppressed++;
	return false;
}

void log_forward_refused(struct monitor *m, enum forward_kind kind, bool is_listen, const char *where,
    uint32_t port, const char *reason)
{
	char text[WHERE_SIZE];

	if (may_log(m))
		LOG(FORWARD_REFUSED, T("KIND", kinds[kind]), T("WHERE", describe(text, is_listen, where, port)),
		    WHO(m), T("REASON", reason));
}

void log_forward_failed(struct monitor *m, const struct forward *forward, struct slice reason)
{
	char text[WHERE_SIZE];

	if (may_log(m))
		LOG(FORWARD_FAILED, T("KIND", kinds[forward->kind]),
		    T("WHERE", describe(text, forward->is_accepted, forward->where, forward->port)), WHO(m),
		    F("REASON", reason));
}

void log_forward_end(const struct monitor *m, const struct forward *forward, uint64_t bytes_in,
    uint64_t bytes_out)
{
	char text[WHERE_SIZE], in[DECIMAL_SIZE], out[DECIMAL_SIZE], seconds[DECIMAL_SIZE];

	LOG(FORWARD_END, T("KIND", kinds[forward->kind]),
	    T("WHERE", describe(text, forward->is_accepted, forward->where, forward->port)), WHO(m),
	    T("RECEIVED", decimal(in, bytes_in)), T("SENT", decimal(out, bytes_out)),
	    T("SECONDS", decimal(seconds, (clock_now_ms() - forward->since_ms) / 1000)));
}

void log_listening(const struct monitor *m, const struct listener *listener)
{
	char text[WHERE_SIZE];

	LOG(FORWARD_LISTENING, T("KIND", kinds[listener->kind]),
	    T("WHERE", describe(text, true, listener->address, listener->port)), WHO(m));
}

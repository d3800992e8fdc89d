/* Ends what has been idle for too long: channels one by one, all of them, or the connection. */
#include "sshd/base/auto.h"
#include "sshd/connection/channel.h"

/* As ChannelTimeout names them, which is not always as the protocol does. */
static const char *const type_names[CHANNEL_TYPE_COUNT] = {
    [CHANNEL_SESSION] = "session",
    [CHANNEL_DIRECT_TCPIP] = "direct-tcpip",
    [CHANNEL_DIRECT_STREAMLOCAL] = "direct-streamlocal@openssh.com",
    [CHANNEL_FORWARDED_TCPIP] = "forwarded-tcpip",
    [CHANNEL_FORWARDED_STREAMLOCAL] = "forwarded-streamlocal@openssh.com",
    [CHANNEL_X11] = "x11-connection",
    [CHANNEL_AGENT] = "agent-connection",
    [CHANNEL_TUN] = "tun-connection",
};

/* "session:shell", "session:command", "session:subsystem:NAME"; empty when nothing was started. */
static struct slice finer_name(const struct channel *channel)
{
	const struct session *session = &channel->session;

	if (channel->type != CHANNEL_SESSION || session->phase != SESSION_STARTED)
		return (struct slice){0};
	if (session->what == SESSION_SUBSYSTEM)
		return slice_over(session->subsystem, session->subsystem_len);
	return session->what == SESSION_SHELL ? LITERAL("session:shell")
	                                      : LITERAL("session:command");
}

static bool is_idle(struct channel *channel, uint64_t now_ms, uint64_t *next_ms)
{
	uint64_t after_ms = timeouts_find(&channel->connection->timeouts,
	    slice_text(type_names[channel->type]), finer_name(channel));

	return idle_watch_look(&channel->idle, channel->has_traffic, after_ms, now_ms, next_ms);
}

enum err connection_tick(struct connection *connection, uint64_t now_ms, uint64_t *next_ms)
{
	bool has_traffic = false, is_used = connection->has_closed, is_all_idle;
	struct channel *channel = NULL;

	*next_ms = UINT64_MAX;
	timeouts_next_look(&connection->timeouts, now_ms, next_ms);
	connection->now_ms = now_ms;
	connection->has_closed = false;
	for (; (channel = connection_next_channel(connection, channel)) != NULL; is_used = true) {
		has_traffic |= channel->has_traffic;
		if (is_idle(channel, now_ms, next_ms))
			TRY(channel_close(channel));
		channel->has_traffic = false;
	}
	is_all_idle = idle_watch_look(&connection->idle, has_traffic || !is_used,
	    connection->timeouts.global_ms, now_ms, next_ms);
	while (is_all_idle && (channel = connection_next_channel(connection, NULL)) != NULL)
		TRY(channel_close(channel));
	if (idle_watch_look(&connection->unused, is_used,
	        connection->settings.unused_seconds * (uint64_t)1000, now_ms, next_ms))
		return ERR_TIMEOUT;
	return ERR_OK;
}

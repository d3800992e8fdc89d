/* ChannelTimeout and UnusedConnectionTimeout: the connection is looked at when it asks to be. */
#include "privsep/net/net.h"
#include "sshd/base/auto.h"
#include "sshd/wire/numbers.h"

/* The client is told; the monitor has the line for the log. */
static void end_unused(struct net *net)
{
	transport_disconnect(net->transport, SSH_DISCONNECT_BY_APPLICATION, "terminating inactive connection");
	net_end(net, END_UNUSED, 0, (struct slice){0});
}

static void look(struct net *net)
{
	uint64_t next_ms = UINT64_MAX;
	enum err err;

	if (net->phase != PHASE_OPEN)
		return;
	err = connection_tick(net->connection, net->loop.now_ms, &next_ms);
	if (err == ERR_TIMEOUT)
		end_unused(net);
	else if (err != ERR_OK)
		net_fail(net, err);
	else if (next_ms != UINT64_MAX)
		loop_timer_set(&net->loop, &net->idle_timer, next_ms);
}

static void on_timer(struct loop_timer *timer, uint64_t now_ms)
{
	struct net *net = CONTAINER_OF(timer, struct net, idle_timer);

	(void)now_ms;
	look(net);
	net_turn(net);
}

void idle_start(struct net *net)
{
	net->idle_timer.fired = on_timer;
	look(net);
}

void idle_stop(struct net *net)
{
	loop_timer_cancel(&net->loop, &net->idle_timer);
}

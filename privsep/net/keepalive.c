/* ClientAliveInterval: a silent client is asked, and given up after so many questions. */
#include "privsep/net/net.h"
#include "sshd/base/auto.h"

/* ERR_TIMEOUT: the client is given up. */
static enum err probe(struct net *net)
{
	struct net_keepalive *keepalive = &net->keepalive;
	uint64_t packets = transport_packets_received(net->transport);

	/* Whatever the client says is a sign of life. */
	if (packets != keepalive->packets_seen) {
		keepalive->packets_seen = packets;
		keepalive->unanswered = 0;
		return ERR_OK;
	}
	if (keepalive->limit > 0 && keepalive->unanswered >= keepalive->limit)
		return ERR_TIMEOUT;
	keepalive->unanswered++;
	return connection_send_keepalive(net->connection);
}

static void on_timer(struct loop_timer *timer, uint64_t now_ms)
{
	struct net *net = CONTAINER_OF(timer, struct net, keepalive.timer);
	enum err err = probe(net);

	loop_timer_set(&net->loop, timer, now_ms + net->keepalive.interval_ms);
	if (err == ERR_TIMEOUT)
		net_end(net, END_TIMEOUT, 0, LITERAL("keepalive"));
	else if (err != ERR_OK)
		net_fail(net, err);
	net_turn(net);
}

void keepalive_start(struct net *net, uint32_t interval_seconds, uint32_t count)
{
	if (interval_seconds == 0)
		return;
	net->keepalive = (struct net_keepalive){
	    .timer = {.fired = on_timer},
	    .interval_ms = (uint64_t)interval_seconds * 1000,
	    .limit = count,
	    .packets_seen = transport_packets_received(net->transport),
	};
	loop_timer_set(&net->loop, &net->keepalive.timer, net->loop.now_ms + net->keepalive.interval_ms);
}

void keepalive_stop(struct net *net)
{
	loop_timer_cancel(&net->loop, &net->keepalive.timer);
}

/*
 * The templates of sshd-net and sshd-monitor: executed ahead, forked per connection, replaced
 * by rule. Nobody gets a second try at a memory layout that he has crashed.
 *
 * A template is replaced after TEMPLATE_CONNECTIONS_LIMIT connections, TEMPLATE_USE_MS after its
 * first, and at each reload: its successor is made ready first. After a crash or a breach it is
 * retired at once and connections wait for the successor. FreshProcesses, -i and -d use each
 * for a single connection, which it becomes itself.
 */
#pragma once

#include "privsep/ipc/channel.h"
#include "sshd/base/loop.h"
#include "sshd/listener/children.h"
#include "sshd/listener/programs.h"

#define TEMPLATE_CONNECTIONS_LIMIT 256u
#define TEMPLATE_USE_MS            60000u
#define TEMPLATE_RETRY_MS          1000u

struct listener;
struct connection;
struct template; /* templates.c */

struct template_slot {
	struct listener *listener;
	enum program program;
	struct template *serving; /* ready; NULL: connections wait */
	struct template *coming;
	struct loop_timer used_up; /* TEMPLATE_USE_MS after the first use of the serving one */
	struct loop_timer retry;
};

void templates_init(struct listener *listener);

/* Successors with the settings in force. */
void templates_renew(struct listener *listener);

/* A crash or breach: the present ones take no more connections. */
void templates_renew_at_once(struct listener *listener);

/* Retires all; they end when their channel closes. */
void templates_end(struct listener *listener);

/*
 * Asks for the connection's process. ERR_AGAIN: no template is ready, connections_resume will be
 * called.
 */
enum err templates_start_net(struct listener *listener, struct connection *connection);
enum err templates_start_monitor(struct listener *listener, struct connection *connection);

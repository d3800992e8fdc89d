/*
 * The server's half of a key exchange: RFC 4253 sections 7 and 8, RFC 4419, RFC 5656, strict
 * key exchange. The host key is elsewhere: a signature is asked for by an event. Called only
 * where phase.c permits it.
 */
#pragma once

#include "sshd/transport/state.h"

/* Sends our KEXINIT; enters the exchange when theirs is here already. */
enum err exchange_offer(struct transport *t, struct slice I_S);

/* One for each message of an exchange; each may set the event. */
enum err exchange_on_kexinit(
    struct transport *t, const struct opened_packet *packet, struct transport_event *event);
enum err exchange_on_guess(struct transport *t);
enum err exchange_on_init(struct transport *t, struct slice payload, struct transport_event *event);
enum err exchange_on_gex_request(
    struct transport *t, struct slice payload, struct transport_event *event);
enum err exchange_on_gex_init(
    struct transport *t, struct slice payload, struct transport_event *event);
enum err exchange_on_newkeys(
    struct transport *t, struct slice payload, struct transport_event *event);

enum err exchange_choose_group(struct transport *t, struct slice p, struct slice g);
enum err exchange_sign(struct transport *t, struct slice signature);

/* Frees and wipes everything of the running exchange. */
void exchange_wipe(struct exchange *exchange);
void exchange_init(struct exchange *exchange);

/* Steps that most tests of the transport begin with; each fails the test when it does not work. */
#pragma once

#include <check.h>

#include "tests/support/transport_pair.h"

/*
 * Payloads as text: the first character is the message number. '^' is CHANNEL_DATA, '_' its
 * extended form, 'P' a global request, 'a' CHANNEL_CLOSE, 'c' and 'd' the answers to requests.
 */

static inline void begin(struct pair *pair, const struct pair_settings *settings)
{
	ck_assert_int_eq(pair_init(pair, settings), ERR_OK);
}

static inline void shake_hands(struct pair *pair)
{
	enum err err = pair_handshake(pair);

	ck_assert_msg(err == ERR_OK, "%s (server: %s, client: %s)", err_name(err),
	    err_name(pair->server_err), err_name(pair->client_err));
}

static inline void echo_once(struct pair *pair)
{
	size_t before_server = pair_payload_count(&pair->at_server);
	size_t before_client = pair_payload_count(&pair->at_client);

	ck_assert_int_eq(client_send(pair->client, LITERAL("^to the server")), ERR_OK);
	ck_assert_int_eq(transport_send(pair->server, LITERAL("_to the client")), ERR_OK);
	pair_run(pair);
	ck_assert_int_eq(pair->server_err, ERR_OK);
	ck_assert_int_eq(pair->client_err, ERR_OK);
	ck_assert(slice_is(pair_payload(&pair->at_server, before_server), "^to the server"));
	ck_assert(slice_is(pair_payload(&pair->at_client, before_client), "_to the client"));
}

static inline void log_in(struct pair *pair, const struct pair_settings *settings)
{
	begin(pair, settings);
	shake_hands(pair);
	ck_assert_int_eq(transport_authenticated(pair->server), ERR_OK);
}

/*
 * For the tests of this room: a peer that speaks by function and a sink that writes down what
 * happened, one line for each thing.
 *
 *   ?START r3 s1 exec "ls"     a question, its request number and session
 *   >SUCCESS 7                 a message and the recipient channel in it
 *   data "hello"               what the sink was told
 */
#pragma once

#include "sshd/base/buf.h"
#include "sshd/connection/channels.h"
#include "sshd/wire/messages_connection.h"

struct recorder {
	struct connection *connection;
	struct buf lines;
	size_t takes; /* how many bytes `deliver` takes before it is full */
	uint64_t now_ms;
	uint64_t tick_ms;      /* when connection_tick is due */
	uint32_t last_request; /* of the last question that has an answer */
	uint8_t scratch[300000];
};

struct recorder *recorder_new(const struct connection_settings *settings);
void recorder_release(struct recorder **recorder);

/* What happened since the last call is exactly this. */
void expect(struct recorder *recorder, const char *lines);
void forget(struct recorder *recorder);

/* The result of connection_feed; the functions of the second kind insist on ERR_OK. */
enum err feed(struct recorder *recorder, struct slice payload);
enum err feed_notice(struct recorder *recorder, uint8_t number, uint32_t channel);
enum err feed_open(struct recorder *recorder, const char *type, uint32_t sender_channel,
    uint32_t window, uint32_t max_packet, struct slice fields);
enum err feed_data(struct recorder *recorder, uint32_t channel, const char *text);
enum err feed_bulk(struct recorder *recorder, uint32_t channel, size_t len);
enum err feed_adjust(struct recorder *recorder, uint32_t channel, uint32_t bytes);
enum err feed_request(struct recorder *recorder, uint32_t channel, const char *type,
    bool want_reply, struct slice fields);
enum err feed_global(
    struct recorder *recorder, const char *name, bool want_reply, struct slice fields);

/* Answers a question. Returns the channel concerned. */
struct channel *grant(struct recorder *recorder, uint32_t request);
struct channel *deny(struct recorder *recorder, uint32_t request);

/* A session channel of the peer's number 7 + n for the n-th, granted; its program started. */
struct channel *open_session_channel(struct recorder *recorder);
struct channel *start_program(struct recorder *recorder, bool has_stderr);

/* Sends `len` bytes of the program as the pump does. */
void pump(
    struct recorder *recorder, struct channel *channel, enum channel_stream stream, size_t len);

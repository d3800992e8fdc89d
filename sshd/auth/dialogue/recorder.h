/*
 * For the tests of this room: a sink that writes down what the dialogue did, one line for each
 * thing, "?NAME details" for a question and ">NAME detail" for a message.
 */
#pragma once

#include "sshd/auth/dialogue/dialogue.h"
#include "sshd/base/buf.h"

struct record {
	struct dialogue *dialogue;
	struct buf lines;
	uint8_t scratch[65536];
};

struct record *record_new(void);
void record_release(struct record **record);

/* The sink's part for tests that have a sink of their own. */
enum err record_ask(void *owner, const struct dialogue_question *question);

/* What happened since the last call is exactly this. */
void expect(struct record *record, const char *lines);

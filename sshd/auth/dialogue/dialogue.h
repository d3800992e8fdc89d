/*
 * User authentication as it is spoken (RFC 4252, RFC 4256): it turns requests into questions
 * and answers into messages. It decides nothing and keeps no secret; whoever answers the
 * questions decides.
 */
#pragma once

#include "sshd/base/err.h"
#include "sshd/base/slice.h"

/* The limits of what a client sends are those of sshd/wire/messages_userauth.h. */
#define DIALOGUE_PAYLOAD_LIMIT 32768u /* RFC 4253, section 6.1: what every peer must take */

enum dialogue_question_kind {
	DIALOGUE_USER,    /* once, before the first other question; has no answer */
	DIALOGUE_NONE,    /* method "none" */
	DIALOGUE_UNKNOWN, /* a method, or a form of one, that is not served */
	DIALOGUE_PROBE,   /* would this key be accepted? */
	DIALOGUE_KEYSIG,  /* a signature by this key */
	DIALOGUE_PASSWORD,
	DIALOGUE_PASSWORD_CHANGE, /* only after the answer CHANGEREQ */
	DIALOGUE_KBD_START,       /* keyboard-interactive begins */
	DIALOGUE_KBD_RESPONSE,    /* what was typed at the last prompt */
	DIALOGUE_KBD_ABORT,       /* the client went on to something else; has no answer */
	DIALOGUE_QUESTION_COUNT,
};

/* The slices are views that end with the call of `ask`. */
struct dialogue_question {
	enum dialogue_question_kind kind;
	union {
		struct slice user;   /* USER */
		struct slice method; /* UNKNOWN */
		struct {             /* PROBE; KEYSIG with all of them */
			struct slice algorithm;
			struct slice blob;
			struct slice signature;
			struct slice host_key; /* what publickey-hostbound names, else empty */
			bool is_hostbound;
		} key;
		struct { /* PASSWORD, and PASSWORD_CHANGE with both */
			struct slice current;
			struct slice replacement;
		} password;
		struct slice submethods; /* KBD_START: a name-list, not checked */
		struct {                 /* KBD_RESPONSE: as many as there were prompts */
			uint32_t count;  /* 0 or 1 */
			struct slice response;
		} typed;
	};
};

enum dialogue_answer_kind {
	DIALOGUE_FAILURE,   /* refused; `methods` can continue */
	DIALOGUE_PARTIAL,   /* accepted, and `methods` are still needed */
	DIALOGUE_SUCCESS,   /* authenticated */
	DIALOGUE_KEY_OK,    /* to PROBE: this key would do */
	DIALOGUE_CHANGEREQ, /* to PASSWORD: expired; `prompt` asks for a new one */
	DIALOGUE_PROMPT,    /* to KBD_START and KBD_RESPONSE */
};

struct dialogue_answer {
	enum dialogue_answer_kind kind;
	struct slice methods;     /* FAILURE, PARTIAL: name-list */
	struct slice prompt;      /* CHANGEREQ, PROMPT */
	struct slice name;        /* PROMPT */
	struct slice instruction; /* PROMPT */
	bool has_prompt; /* PROMPT: false sends the texts alone, which asks for no answer */
	bool echo;       /* PROMPT: what is typed may be shown */
};

/* What the dialogue does to the world. Both return at once; an error ends the connection. */
struct dialogue_sink {
	void *owner;
	enum err (*send)(void *owner, struct slice payload);
	enum err (*ask)(void *owner, const struct dialogue_question *question);
};

struct dialogue;

/* `sink` is copied. ERR_NO_MEMORY. */
enum err dialogue_new(const struct dialogue_sink *sink, struct dialogue **out);
void dialogue_free(struct dialogue *dialogue);
void dialogue_release(struct dialogue **dialogue); /* for AUTO */

/*
 * One payload of the client: SERVICE_REQUEST (5) or a number from 50 to 79. To be called only
 * while dialogue_is_waiting says no, so that a client that sends ahead is served in order.
 *
 * After success a USERAUTH_REQUEST is ignored, as RFC 4252 section 5.1 wants it.
 *
 * ERR_AGAIN: called while waiting; the payload was not looked at. ERR_UNEXPECTED: not permitted
 * now, or the user or the service changed. ERR_SERVICE: another service than ssh-userauth and
 * ssh-connection. ERR_TRUNCATED, ERR_TOO_LONG, ERR_TRAILING, ERR_MALFORMED: not well formed.
 * All but ERR_AGAIN end the connection, whoever the user is. Errors of the sink as they come.
 */
enum err dialogue_feed(struct dialogue *dialogue, struct slice payload);

/*
 * The answer to the one outstanding question. ERR_BREACH: there is none, or this answer does
 * not go with it. ERR_TOO_LONG: its texts make a payload past DIALOGUE_PAYLOAD_LIMIT.
 */
enum err dialogue_answer(struct dialogue *dialogue, const struct dialogue_answer *answer);

/*
 * Sends a banner, in several messages when it is long: after the first SERVICE_REQUEST and
 * before success, waiting or not. ERR_BREACH at any other time.
 */
enum err dialogue_banner(struct dialogue *dialogue, struct slice text);

/* A question is outstanding: feed nothing. */
bool dialogue_is_waiting(const struct dialogue *dialogue);

/* USERAUTH_SUCCESS was sent. */
bool dialogue_is_done(const struct dialogue *dialogue);

/*
 * The messages of user authentication (RFC 4252, RFC 4256, publickey-hostbound-v00@openssh.com).
 * Payloads begin with their message number, method fields with what follows the method's name
 * in a USERAUTH_REQUEST; parsed slices point into them. Out parameters stay untouched on failure.
 *
 * Every parse: ERR_UNEXPECTED for another number; ERR_TRUNCATED, ERR_TOO_LONG, ERR_TRAILING.
 */
#pragma once

#include "sshd/wire/numbers.h"
#include "sshd/wire/reader.h"
#include "sshd/wire/writer.h"

#define USERAUTH_USER_LIMIT       255u
#define USERAUTH_SERVICE_LIMIT    64u /* RFC 4251, section 6 */
#define USERAUTH_METHOD_LIMIT     64u
#define USERAUTH_ALGORITHM_LIMIT  64u
#define USERAUTH_BLOB_LIMIT       (16u << 10)
#define USERAUTH_SIGNATURE_LIMIT  (16u << 10)
#define USERAUTH_PASSWORD_LIMIT   1024u
#define USERAUTH_SUBMETHODS_LIMIT 1024u
#define USERAUTH_LANGUAGE_LIMIT   256u
#define USERAUTH_RESPONSE_LIMIT   1024u /* one typed answer */
#define USERAUTH_PROMPT_COUNT     16u /* answers in one INFO_RESPONSE, prompts in one INFO_REQUEST */
#define USERAUTH_METHODS_LIMIT    1024u
#define USERAUTH_TEXT_LIMIT       (16u << 10) /* of a banner, a prompt, an instruction */

/* RFC 4252, section 5. */
struct userauth_request {
	struct slice user;
	struct slice service;
	struct slice method;
	struct slice fields; /* of the method, not looked at */
};

enum err userauth_request_parse(struct slice payload, struct userauth_request *out);
void userauth_request_encode(struct writer *w, const struct userauth_request *request);

/* RFC 4252, section 7; with the server's host key when the method is the hostbound one. */
struct userauth_publickey {
	bool has_signature;
	struct slice algorithm;
	struct slice blob;
	struct slice host_key;  /* hostbound only */
	struct slice signature; /* has_signature only */
};

enum err userauth_publickey_parse(
    struct slice fields, bool is_hostbound, struct userauth_publickey *out);
void userauth_publickey_encode(
    struct writer *w, bool is_hostbound, const struct userauth_publickey *publickey);

/* RFC 4252, section 8. */
struct userauth_password {
	bool is_change;
	struct slice current;
	struct slice replacement; /* is_change only */
};

enum err userauth_password_parse(struct slice fields, struct userauth_password *out);
void userauth_password_encode(struct writer *w, const struct userauth_password *password);

/* RFC 4256, section 3.1. */
struct userauth_keyboard {
	struct slice language;
	struct slice submethods;
};

enum err userauth_keyboard_parse(struct slice fields, struct userauth_keyboard *out);
void userauth_keyboard_encode(struct writer *w, const struct userauth_keyboard *keyboard);

/* RFC 4252, section 5.1. */
struct userauth_failure {
	struct slice methods; /* name-list of those that can continue */
	bool is_partial;
};

enum err userauth_failure_parse(struct slice payload, struct userauth_failure *out);
void userauth_failure_encode(struct writer *w, const struct userauth_failure *failure);

enum err userauth_success_parse(struct slice payload);
void userauth_success_encode(struct writer *w);

/* RFC 4252, section 5.4; the language tag is dropped, and written empty. */
enum err userauth_banner_parse(struct slice payload, struct slice *text);
void userauth_banner_encode(struct writer *w, struct slice text);

/* RFC 4252, section 7. */
struct userauth_pk_ok {
	struct slice algorithm;
	struct slice blob;
};

enum err userauth_pk_ok_parse(struct slice payload, struct userauth_pk_ok *out);
void userauth_pk_ok_encode(struct writer *w, const struct userauth_pk_ok *pk_ok);

/* RFC 4252, section 8. */
enum err userauth_changereq_parse(struct slice payload, struct slice *prompt);
void userauth_changereq_encode(struct writer *w, struct slice prompt);

/* RFC 4256, section 3.2, with one prompt or none: what every client gets right. */
struct userauth_info_request {
	struct slice name;
	struct slice instruction;
	bool has_prompt;
	struct slice prompt;
	bool echo;
};

/* ERR_RANGE: more than one prompt. */
enum err userauth_info_request_parse(struct slice payload, struct userauth_info_request *out);
void userauth_info_request_encode(struct writer *w, const struct userauth_info_request *request);

/* RFC 4256, section 3.4. */
struct userauth_info_response {
	uint32_t count;       /* at most USERAUTH_PROMPT_COUNT */
	struct slice strings; /* `count` strings, each checked, one after the other */
};

/* ERR_RANGE: more than USERAUTH_PROMPT_COUNT. */
enum err userauth_info_response_parse(struct slice payload, struct userauth_info_response *out);
void userauth_info_response_encode(struct writer *w, const struct userauth_info_response *response);

/*
 * The messages of the connection protocol (RFC 4254 sections 4 and 5). What stands behind the
 * name of a request or of a channel type is left as `fields`, for messages_channel_open.h,
 * messages_channel_request.h and messages_global_request.h. Payloads begin with their message
 * number; parsed slices point into them. Out parameters stay untouched on failure.
 *
 * Every parse: ERR_UNEXPECTED for another number; ERR_TRUNCATED, ERR_TOO_LONG, ERR_TRAILING.
 */
#pragma once

#include "sshd/wire/numbers.h"
#include "sshd/wire/reader.h"
#include "sshd/wire/writer.h"

#define CONNECTION_NAME_LIMIT   256u /* RFC 4251 section 6 says 64; vendors are not asked */
#define CONNECTION_TEXT_LIMIT   4096u
#define CHANNEL_DATA_WIRE_LIMIT (256u << 10) /* in one packet; the window says how much is taken   \
	                                      */

struct global_request {
	struct slice name;
	bool want_reply;
	struct slice fields;
};

enum err global_request_parse(struct slice payload, struct global_request *out);
void global_request_encode(struct writer *w, const struct global_request *request);

/* RFC 4254, section 4: the data depend on the request, empty for most. */
enum err request_success_parse(struct slice payload, struct slice *data);
void request_success_encode(struct writer *w, struct slice data);
enum err request_failure_parse(struct slice payload);
void request_failure_encode(struct writer *w);

/* RFC 4254, section 5.1. */
struct channel_open {
	struct slice type;
	uint32_t sender_channel;
	uint32_t initial_window_size;
	uint32_t maximum_packet_size;
	struct slice fields;
};

enum err channel_open_parse(struct slice payload, struct channel_open *out);
void channel_open_encode(struct writer *w, const struct channel_open *open);

struct channel_open_confirmation {
	uint32_t recipient_channel;
	uint32_t sender_channel;
	uint32_t initial_window_size;
	uint32_t maximum_packet_size;
	struct slice fields; /* of the type; empty for all that we know */
};

enum err channel_open_confirmation_parse(
    struct slice payload, struct channel_open_confirmation *out);
void channel_open_confirmation_encode(
    struct writer *w, const struct channel_open_confirmation *confirmation);

/* The language tag is dropped, and written empty. */
struct channel_open_failure {
	uint32_t recipient_channel;
	uint32_t reason; /* SSH_OPEN_* */
	struct slice text;
};

enum err channel_open_failure_parse(struct slice payload, struct channel_open_failure *out);
void channel_open_failure_encode(struct writer *w, const struct channel_open_failure *failure);

/* RFC 4254, section 5.2. */
struct channel_window_adjust {
	uint32_t recipient_channel;
	uint32_t bytes_to_add;
};

enum err channel_window_adjust_parse(struct slice payload, struct channel_window_adjust *out);
void channel_window_adjust_encode(struct writer *w, const struct channel_window_adjust *adjust);

struct channel_data {
	uint32_t recipient_channel;
	struct slice data;
};

#define CHANNEL_DATA_HEADER_LEN 9u /* what stands before the data */
enum err channel_data_parse(struct slice payload, struct channel_data *out);
void channel_data_encode(struct writer *w, const struct channel_data *data);

struct channel_extended_data {
	uint32_t recipient_channel;
	uint32_t data_type;
	struct slice data;
};

#define CHANNEL_EXTENDED_DATA_HEADER_LEN 13u
enum err channel_extended_data_parse(struct slice payload, struct channel_extended_data *out);
void channel_extended_data_encode(struct writer *w, const struct channel_extended_data *data);

/* The messages with nothing but a channel: EOF, CLOSE, SUCCESS, FAILURE. */
enum err channel_notice_parse(struct slice payload, uint8_t number, uint32_t *recipient_channel);
void channel_notice_encode(struct writer *w, uint8_t number, uint32_t recipient_channel);

/* RFC 4254, section 5.4. */
struct channel_request {
	uint32_t recipient_channel;
	struct slice type;
	bool want_reply;
	struct slice fields;
};

enum err channel_request_parse(struct slice payload, struct channel_request *out);
void channel_request_encode(struct writer *w, const struct channel_request *request);

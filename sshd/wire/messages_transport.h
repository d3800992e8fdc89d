/*
 * The messages of the transport layer (RFC 4253 sections 7.1 and 10 to 11, RFC 8308, and
 * ping@openssh.com). Payloads begin with their message number; parsed slices point into them.
 * Every parse fails with ERR_UNEXPECTED for another number, else with the reader's errors.
 */
#pragma once

#include "sshd/wire/numbers.h"
#include "sshd/wire/reader.h"
#include "sshd/wire/writer.h"

#define DISCONNECT_TEXT_LIMIT 4096u
#define LANGUAGE_TAG_LIMIT    256u
#define SERVICE_NAME_LIMIT    64u
#define KEXINIT_LIST_LIMIT    16384u
#define EXT_INFO_COUNT_LIMIT  256u
#define EXT_INFO_NAME_LIMIT   256u
#define EXT_INFO_VALUE_LIMIT  16384u
#define OPAQUE_LIMIT          (256u * 1024) /* data of IGNORE, DEBUG, PING and PONG */

/* The message number; 0, which no message has, for an empty payload. */
static inline uint8_t message_number(struct slice payload)
{
	return payload.len > 0 ? payload.ptr[0] : 0;
}

struct disconnect {
	uint32_t reason;
	struct slice text;
	struct slice language;
};

enum err disconnect_parse(struct slice payload, struct disconnect *out);
void disconnect_encode(struct writer *w, uint32_t reason, struct slice text);

enum err ignore_parse(struct slice payload, struct slice *data);
void ignore_encode(struct writer *w, struct slice data);

struct debug_message {
	bool always_display;
	struct slice text;
	struct slice language;
};

enum err debug_message_parse(struct slice payload, struct debug_message *out);
void debug_message_encode(struct writer *w, bool always_display, struct slice text);

enum err unimplemented_parse(struct slice payload, uint32_t *sequence_number);
void unimplemented_encode(struct writer *w, uint32_t sequence_number);

enum err service_request_parse(struct slice payload, struct slice *name);
void service_request_encode(struct writer *w, struct slice name);
enum err service_accept_parse(struct slice payload, struct slice *name);
void service_accept_encode(struct writer *w, struct slice name);

/* The ten name-lists of KEXINIT, in the order of RFC 4253 section 7.1. */
enum kexinit_list {
	KEXINIT_KEX,
	KEXINIT_HOST_KEY,
	KEXINIT_CIPHER_CLIENT_TO_SERVER,
	KEXINIT_CIPHER_SERVER_TO_CLIENT,
	KEXINIT_MAC_CLIENT_TO_SERVER,
	KEXINIT_MAC_SERVER_TO_CLIENT,
	KEXINIT_COMPRESSION_CLIENT_TO_SERVER,
	KEXINIT_COMPRESSION_SERVER_TO_CLIENT,
	KEXINIT_LANGUAGE_CLIENT_TO_SERVER,
	KEXINIT_LANGUAGE_SERVER_TO_CLIENT,
	KEXINIT_LISTS,
};

#define KEXINIT_COOKIE_LEN 16u

struct kexinit {
	struct slice cookie; /* KEXINIT_COOKIE_LEN bytes */
	struct slice lists[KEXINIT_LISTS];
	bool first_kex_packet_follows;
};

/* The lists are well formed afterwards. ERR_MALFORMED and ERR_TOO_LONG of name_list_check_names too. */
enum err kexinit_parse(struct slice payload, struct kexinit *out);
void kexinit_encode(struct writer *w, const struct kexinit *kexinit);

void newkeys_encode(struct writer *w);
enum err newkeys_parse(struct slice payload);

/* RFC 8308 section 2.3. */
struct ext_info {
	uint32_t count;
	struct slice pairs; /* `count` times string name, string value; checked */
};

enum err ext_info_parse(struct slice payload, struct ext_info *out);

/* The next extension, as name_list_next does. False at the end. */
bool ext_info_next(struct ext_info *info, struct slice *name, struct slice *value);

/* The value of the first extension of this name. */
bool ext_info_find(const struct ext_info *info, const char *name, struct slice *value);

/* Begin writes number and count, each adds one pair. */
void ext_info_encode_begin(struct writer *w, uint32_t count);
void ext_info_encode_pair(struct writer *w, const char *name, struct slice value);

enum err ping_parse(struct slice payload, struct slice *data);
void ping_encode(struct writer *w, struct slice data);
enum err pong_parse(struct slice payload, struct slice *data);
void pong_encode(struct writer *w, struct slice data);

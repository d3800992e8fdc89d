#include "sshd/wire/messages_transport.h"

#include "sshd/base/auto.h"
#include "sshd/wire/name_list.h"

static struct reader reader_of(struct slice payload, uint8_t number)
{
	struct reader r = reader_over(payload);

	if (read_byte(&r) != number)
		reader_fail(&r, ERR_UNEXPECTED);
	return r;
}

enum err disconnect_parse(struct slice payload, struct disconnect *out)
{
	struct reader r = reader_of(payload, SSH_MSG_DISCONNECT);
	struct disconnect disconnect = {0};

	disconnect.reason = read_u32(&r);
	disconnect.text = read_string(&r, DISCONNECT_TEXT_LIMIT);
	disconnect.language = read_string(&r, LANGUAGE_TAG_LIMIT);

	TRY(reader_finish(&r));
	*out = disconnect;
	return ERR_OK;
}

void disconnect_encode(struct writer *w, uint32_t reason, struct slice text)
{
	write_byte(w, SSH_MSG_DISCONNECT);
	write_u32(w, reason);
	write_string(w, text);
	write_text(w, "");
}

/* One number and one string: the shape of seven messages. */
static enum err one_string_parse(
    struct slice payload, uint8_t number, size_t limit, struct slice *out)
{
	struct reader r = reader_of(payload, number);
	struct slice string = read_string(&r, limit);

	TRY(reader_finish(&r));
	*out = string;
	return ERR_OK;
}

static void one_string_encode(struct writer *w, uint8_t number, struct slice string)
{
	write_byte(w, number);
	write_string(w, string);
}

enum err ignore_parse(struct slice payload, struct slice *data)
{
	return one_string_parse(payload, SSH_MSG_IGNORE, OPAQUE_LIMIT, data);
}

void ignore_encode(struct writer *w, struct slice data)
{
	one_string_encode(w, SSH_MSG_IGNORE, data);
}

enum err debug_message_parse(struct slice payload, struct debug_message *out)
{
	struct reader r = reader_of(payload, SSH_MSG_DEBUG);
	struct debug_message debug = {0};

	debug.always_display = read_boolean(&r);
	debug.text = read_string(&r, OPAQUE_LIMIT);
	debug.language = read_string(&r, LANGUAGE_TAG_LIMIT);

	TRY(reader_finish(&r));
	*out = debug;
	return ERR_OK;
}

void debug_message_encode(struct writer *w, bool always_display, struct slice text)
{
	write_byte(w, SSH_MSG_DEBUG);
	write_boolean(w, always_display);
	write_string(w, text);
	write_text(w, "");
}

enum err unimplemented_parse(struct slice payload, uint32_t *sequence_number)
{
	struct reader r = reader_of(payload, SSH_MSG_UNIMPLEMENTED);
	uint32_t number = read_u32(&r);

	TRY(reader_finish(&r));
	*sequence_number = number;
	return ERR_OK;
}

void unimplemented_encode(struct writer *w, uint32_t sequence_number)
{
	write_byte(w, SSH_MSG_UNIMPLEMENTED);
	write_u32(w, sequence_number);
}

enum err service_request_parse(struct slice payload, struct slice *name)
{
	return one_string_parse(payload, SSH_MSG_SERVICE_REQUEST, SERVICE_NAME_LIMIT, name);
}

void service_request_encode(struct writer *w, struct slice name)
{
	one_string_encode(w, SSH_MSG_SERVICE_REQUEST, name);
}

enum err service_accept_parse(struct slice payload, struct slice *name)
{
	return one_string_parse(payload, SSH_MSG_SERVICE_ACCEPT, SERVICE_NAME_LIMIT, name);
}

void service_accept_encode(struct writer *w, struct slice name)
{
	one_string_encode(w, SSH_MSG_SERVICE_ACCEPT, name);
}

enum err kexinit_parse(struct slice payload, struct kexinit *out)
{
	struct reader r = reader_of(payload, SSH_MSG_KEXINIT);
	struct kexinit kexinit = {0};

	kexinit.cookie = read_bytes(&r, KEXINIT_COOKIE_LEN);
	for (size_t i = 0; i < KEXINIT_LISTS; i++)
		kexinit.lists[i] = read_string(&r, KEXINIT_LIST_LIMIT);
	kexinit.first_kex_packet_follows = read_boolean(&r);
	(void)read_u32(&r); /* reserved for future extension: any value */

	TRY(reader_finish(&r));
	for (size_t i = 0; i < KEXINIT_LISTS; i++)
		TRY(name_list_check_names(kexinit.lists[i]));
	*out = kexinit;
	return ERR_OK;
}

void kexinit_encode(struct writer *w, const struct kexinit *kexinit)
{
	write_byte(w, SSH_MSG_KEXINIT);
	write_bytes(w, kexinit->cookie);
	for (size_t i = 0; i < KEXINIT_LISTS; i++)
		write_string(w, kexinit->lists[i]);
	write_boolean(w, kexinit->first_kex_packet_follows);
	write_u32(w, 0);
}

void newkeys_encode(struct writer *w)
{
	write_byte(w, SSH_MSG_NEWKEYS);
}

enum err newkeys_parse(struct slice payload)
{
	struct reader r = reader_of(payload, SSH_MSG_NEWKEYS);

	return reader_finish(&r);
}

enum err ext_info_parse(struct slice payload, struct ext_info *out)
{
	struct reader r = reader_of(payload, SSH_MSG_EXT_INFO);
	struct ext_info info = {0};

	info.count = read_u32(&r);
	if (info.count > EXT_INFO_COUNT_LIMIT)
		reader_fail(&r, ERR_LIMIT);
	info.pairs = r.left;
	for (uint32_t i = 0; i < info.count && r.err == ERR_OK; i++) {
		(void)read_string(&r, EXT_INFO_NAME_LIMIT);
		(void)read_string(&r, EXT_INFO_VALUE_LIMIT);
	}

	TRY(reader_finish(&r));
	*out = info;
	return ERR_OK;
}

bool ext_info_next(struct ext_info *info, struct slice *name, struct slice *value)
{
	struct reader r = reader_over(info->pairs);

	if (info->count == 0)
		return false;
	*name = read_string(&r, EXT_INFO_NAME_LIMIT);
	*value = read_string(&r, EXT_INFO_VALUE_LIMIT);
	info->pairs = r.left;
	info->count--;
	return r.err == ERR_OK;
}

bool ext_info_find(const struct ext_info *info, const char *name, struct slice *value)
{
	struct ext_info left = *info;
	struct slice candidate, its_value;

	while (ext_info_next(&left, &candidate, &its_value)) {
		if (slice_is(candidate, name)) {
			*value = its_value;
			return true;
		}
	}
	return false;
}

void ext_info_encode_begin(struct writer *w, uint32_t count)
{
	write_byte(w, SSH_MSG_EXT_INFO);
	write_u32(w, count);
}

void ext_info_encode_pair(struct writer *w, const char *name, struct slice value)
{
	write_text(w, name);
	write_string(w, value);
}

enum err ping_parse(struct slice payload, struct slice *data)
{
	return one_string_parse(payload, SSH_MSG_PING, OPAQUE_LIMIT, data);
}

void ping_encode(struct writer *w, struct slice data)
{
	one_string_encode(w, SSH_MSG_PING, data);
}

enum err pong_parse(struct slice payload, struct slice *data)
{
	return one_string_parse(payload, SSH_MSG_PONG, OPAQUE_LIMIT, data);
}

void pong_encode(struct writer *w, struct slice data)
{
	one_string_encode(w, SSH_MSG_PONG, data);
}

/*
 * Every message of user authentication over arbitrary bytes. What a parser takes, its encoder
 * writes again so that the parser takes it again, with the same encoding: nothing is half read.
 */
#include <assert.h>

#include "sshd/wire/messages_userauth.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t first[1u << 17], second[1u << 17];

/* Parses, encodes, parses and encodes again; both encodings are equal. */
#define ROUND(type, parse, encode)                                                                 \
	static void round_##type(struct slice bytes)                                               \
	{                                                                                          \
		struct writer w = writer_into((struct span){first, sizeof(first)});                \
		struct writer again = writer_into((struct span){second, sizeof(second)});          \
		struct userauth_##type value;                                                      \
                                                                                                   \
		if (parse(bytes, &value) != ERR_OK)                                                \
			return;                                                                    \
		encode(&w, &value);                                                                \
		assert(parse(writer_view(&w), &value) == ERR_OK);                                  \
		encode(&again, &value);                                                            \
		assert(w.err == ERR_OK && slice_equal(writer_view(&w), writer_view(&again)));      \
	}

#define plain_parse(bytes, out)     userauth_publickey_parse(bytes, false, out)
#define plain_encode(w, value)      userauth_publickey_encode(w, false, value)
#define hostbound_parse(bytes, out) userauth_publickey_parse(bytes, true, out)
#define hostbound_encode(w, value)  userauth_publickey_encode(w, true, value)
#define userauth_hostbound          userauth_publickey

ROUND(request, userauth_request_parse, userauth_request_encode)
ROUND(publickey, plain_parse, plain_encode)
ROUND(hostbound, hostbound_parse, hostbound_encode)
ROUND(password, userauth_password_parse, userauth_password_encode)
ROUND(keyboard, userauth_keyboard_parse, userauth_keyboard_encode)
ROUND(failure, userauth_failure_parse, userauth_failure_encode)
ROUND(pk_ok, userauth_pk_ok_parse, userauth_pk_ok_encode)
ROUND(info_request, userauth_info_request_parse, userauth_info_request_encode)
ROUND(info_response, userauth_info_response_parse, userauth_info_response_encode)

static void round_texts(struct slice bytes)
{
	struct slice text;

	if (userauth_banner_parse(bytes, &text) == ERR_OK)
		assert(text.len <= USERAUTH_TEXT_LIMIT);
	if (userauth_changereq_parse(bytes, &text) == ERR_OK)
		assert(text.len <= USERAUTH_TEXT_LIMIT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const rounds[])(struct slice) = {round_request, round_publickey,
	    round_hostbound, round_password, round_keyboard, round_failure, round_pk_ok,
	    round_info_request, round_info_response, round_texts};

	if (size == 0)
		return 0;
	rounds[data[0] % (sizeof(rounds) / sizeof(rounds[0]))](slice_over(data + 1, size - 1));
	return 0;
}

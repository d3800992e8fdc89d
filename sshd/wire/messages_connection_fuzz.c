/*
 * Every message of the connection protocol, and every part that depends on a type or a name, over
 * arbitrary bytes. What a parser takes, its encoder writes again so that the parser takes it again,
 * with the same encoding: nothing is half read.
 */
#include <assert.h>

#include "sshd/wire/messages_channel_request.h"
#include "sshd/wire/messages_connection.h"
#include "sshd/wire/messages_global_request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t first[1u << 20], second[1u << 20];

/* Parses, encodes, parses and encodes again; both encodings are equal. */
#define ROUND(type)                                                                                \
	static void round_##type(struct slice bytes)                                               \
	{                                                                                          \
		struct writer w = writer_into((struct span){first, sizeof(first)});                \
		struct writer again = writer_into((struct span){second, sizeof(second)});          \
		struct type value;                                                                 \
                                                                                                   \
		if (type##_parse(bytes, &value) != ERR_OK)                                         \
			return;                                                                    \
		type##_encode(&w, &value);                                                         \
		assert(type##_parse(writer_view(&w), &value) == ERR_OK);                           \
		type##_encode(&again, &value);                                                     \
		assert(w.err == ERR_OK && slice_equal(writer_view(&w), writer_view(&again)));      \
	}

/* The same for those whose value is one string. */
#define ROUND_STRING(name)                                                                         \
	static void round_##name(struct slice bytes)                                               \
	{                                                                                          \
		struct writer w = writer_into((struct span){first, sizeof(first)});                \
		struct slice value, again;                                                         \
                                                                                                   \
		if (name##_parse(bytes, &value) != ERR_OK)                                         \
			return;                                                                    \
		name##_encode(&w, value);                                                          \
		assert(name##_parse(writer_view(&w), &again) == ERR_OK);                           \
		assert(slice_equal(value, again));                                                 \
	}

#define window_size_parse  request_window_change_parse
#define window_size_encode request_window_change_encode

ROUND(global_request)
ROUND(channel_open)
ROUND(channel_open_confirmation)
ROUND(channel_open_failure)
ROUND(channel_window_adjust)
ROUND(channel_data)
ROUND(channel_extended_data)
ROUND(channel_request)
ROUND(open_tcpip)
ROUND(open_x11)
ROUND(open_tun)
ROUND(request_pty)
ROUND(window_size)
ROUND(request_env)
ROUND(request_x11)
ROUND(request_exit_signal)
ROUND(global_tcpip)
ROUND_STRING(request_success)
ROUND_STRING(open_direct_streamlocal)
ROUND_STRING(open_forwarded_streamlocal)
ROUND_STRING(request_string)
ROUND_STRING(global_streamlocal)

static void round_numbers(struct slice bytes)
{
	uint32_t a, b;

	if (request_break_parse(bytes, &a) == ERR_OK)
		assert(request_exit_status_parse(bytes, &b) == ERR_OK && a == b);
	if (channel_notice_parse(bytes, SSH_MSG_CHANNEL_EOF, &a) == ERR_OK)
		assert(bytes.len == 5 && request_failure_parse(bytes) != ERR_OK);
}

static void round_strings(struct slice bytes)
{
	struct global_strings strings;
	struct slice string;
	size_t total = 0;

	if (global_strings_parse(bytes, 16, &strings) != ERR_OK)
		return;
	assert(strings.count <= 16);
	while (global_strings_next(&strings, &string))
		total += string.len + 4;
	assert(strings.count == 0 && total == bytes.len);
}

static void round_modes(struct slice bytes)
{
	struct slice good = terminal_modes_well_formed(bytes);
	uint8_t opcode;
	uint32_t value;

	assert(good.len <= bytes.len && good.len % 5 == 0);
	while (terminal_modes_next(&good, &opcode, &value))
		assert(opcode >= 1 && opcode <= 159);
	assert(good.len == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const rounds[])(struct slice) = {
	    round_global_request,
	    round_channel_open,
	    round_channel_open_confirmation,
	    round_channel_open_failure,
	    round_channel_window_adjust,
	    round_channel_data,
	    round_channel_extended_data,
	    round_channel_request,
	    round_open_tcpip,
	    round_open_x11,
	    round_open_tun,
	    round_request_pty,
	    round_window_size,
	    round_request_env,
	    round_request_x11,
	    round_request_exit_signal,
	    round_global_tcpip,
	    round_request_success,
	    round_open_direct_streamlocal,
	    round_open_forwarded_streamlocal,
	    round_request_string,
	    round_global_streamlocal,
	    round_numbers,
	    round_strings,
	    round_modes,
	};

	if (size == 0 || size > sizeof(first) / 2)
		return 0;
	rounds[data[0] % (sizeof(rounds) / sizeof(rounds[0]))](slice_over(data + 1, size - 1));
	return 0;
}

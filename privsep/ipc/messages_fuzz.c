/*
 * Every parser between the processes: the first two bytes choose the pair and the type, the
 * rest is the body. What parses must encode to the very same bytes, and stay within its row.
 */
#include <stdlib.h>

#include "privsep/ipc/channel.h"
#include "sshd/base/auto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t room[IPC_DATAGRAM_LIMIT];

static void check_same(struct slice body, size_t len)
{
	if (!slice_equal(body, slice_over(room, len)))
		abort();
}

#define U8(field)
#define U32(field)
#define U64(field)
#define FLAG(field)
#undef BYTES
#define BYTES(field, limit)
#define MESSAGE_END(NAME, name)

#define MESSAGE_BEGIN(NAME, name, direction, states, fds, limit)                                   \
	static void try_##name(struct slice body)                                                  \
	{                                                                                          \
		struct msg_##name msg;                                                             \
		size_t len = 0;                                                                    \
                                                                                                   \
		if (msg_##name##_parse(body, &msg) != ERR_OK)                                      \
			return;                                                                    \
		if (msg_##name##_encode(&msg, (struct span){room, sizeof(room)}, &len) != ERR_OK)  \
			abort();                                                                   \
		check_same(body, len);                                                             \
	}
#include "privsep/ipc/messages_listener.def"
#include "privsep/ipc/messages_net.def"
#include "privsep/ipc/messages_signer.def"
#include "privsep/ipc/messages_user.def"
#undef MESSAGE_BEGIN

#define MESSAGE_BEGIN(NAME, name, direction, states, fds, limit) try_##name,
typedef void try_function(struct slice body);
static try_function *const net[] = {
#include "privsep/ipc/messages_net.def"
};
static try_function *const user[] = {
#include "privsep/ipc/messages_user.def"
};
static try_function *const signer[] = {
#include "privsep/ipc/messages_signer.def"
};
static try_function *const listener[] = {
#include "privsep/ipc/messages_listener.def"
};

static const struct {
	try_function *const *types;
	size_t count;
	const struct message_table *table;
} pairs[] = {
    {net, COUNT_OF(net), &net_messages},
    {user, COUNT_OF(user), &user_messages},
    {signer, COUNT_OF(signer), &signer_messages},
    {listener, COUNT_OF(listener), &listener_messages},
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t pair, type;

	if (size < 2)
		return 0;
	pair = data[0] % COUNT_OF(pairs);
	type = data[1];
	if (type == 0 || type > pairs[pair].count)
		return 0;
	if (size - 2 + IPC_HEADER_LEN > pairs[pair].table->rows[type].limit_bytes)
		return 0;
	pairs[pair].types[type - 1](slice_over(data + 2, size - 2));
	return 0;
}

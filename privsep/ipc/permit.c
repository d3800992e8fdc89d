#include "privsep/ipc/permit.h"

#define U8(field)
#define U32(field)
#define U64(field)
#define FLAG(field)
#undef BYTES
#define BYTES(field, limit)
#define MESSAGE_BEGIN(NAME, name, direction, states, fds, limit)                                   \
	{#name, direction, states, fds, limit},
#define MESSAGE_END(NAME, name)

static const struct message_row net_rows[] = {{0},
#include "privsep/ipc/messages_net.def"
};
static const struct message_row user_rows[] = {{0},
#include "privsep/ipc/messages_user.def"
};
static const struct message_row signer_rows[] = {{0},
#include "privsep/ipc/messages_signer.def"
};
static const struct message_row listener_rows[] = {{0},
#include "privsep/ipc/messages_listener.def"
};

#define TABLE(pair, rows) {pair, rows, sizeof(rows) / sizeof((rows)[0])}
const struct message_table net_messages = TABLE("net", net_rows);
const struct message_table user_messages = TABLE("user", user_rows);
const struct message_table signer_messages = TABLE("signer", signer_rows);
const struct message_table listener_messages = TABLE("listener", listener_rows);

enum err message_permit(const struct message_table *table, unsigned type,
    enum message_direction direction, unsigned state, size_t len, unsigned descriptors)
{
	const struct message_row *row;

	if (type == 0 || type >= table->count || (state >= 32 && state != STATE_UNKNOWN))
		return ERR_BREACH;
	row = &table->rows[type];
	if (row->direction != direction)
		return ERR_BREACH;
	if (state != STATE_UNKNOWN && !(row->states & 1u << state))
		return ERR_BREACH;
	if (len > row->limit_bytes || descriptors != row->descriptors)
		return ERR_BREACH;
	return ERR_OK;
}

const char *message_name(const struct message_table *table, unsigned type)
{
	return type > 0 && type < table->count ? table->rows[type].name : "unknown";
}

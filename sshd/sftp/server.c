#include "sshd/sftp/server.h"

#include "sshd/base/auto.h"
#include "sshd/sftp/sha2.h"

#define REQUEST(NAME, number, name, parser, handler, access)                                       \
	[SFTP_REQUEST_##NAME] = {name, number, NULL, NULL, parser, SFTP_##access},
#define EXTENSION(NAME, wire_name, version, name, parser, handler, access)                         \
	[SFTP_REQUEST_##NAME] = {name, SSH_FXP_EXTENDED, wire_name, version, parser, SFTP_##access},
const struct sftp_request_row sftp_request_rows[SFTP_REQUEST_COUNT] = {
#include "sshd/sftp/requests.def"
};
#undef REQUEST
#undef EXTENSION

_Static_assert(SFTP_REQUEST_COUNT < 64, "a set of requests is a u64");

/* The VERSION reply: every extension's name and version fit in this. */
#define VERSION_ROOM (SFTP_REQUEST_COUNT * 80u)

uint64_t sftp_request_named(struct slice name)
{
	for (unsigned kind = 0; kind < SFTP_REQUEST_COUNT; kind++)
		if (slice_is(name, sftp_request_rows[kind].name))
			return SFTP_REQUEST_BIT(kind);
	return 0;
}

struct sftp_server sftp_server_over(const struct sftp_operations *operations,
    struct sftp_session *session, uint64_t permitted, bool is_read_only)
{
	for (unsigned kind = 0; is_read_only && kind < SFTP_REQUEST_COUNT; kind++)
		if (sftp_request_rows[kind].access == SFTP_CHANGES)
			permitted &= ~SFTP_REQUEST_BIT(kind);
	return (struct sftp_server){operations, session, permitted, 0, false};
}

static enum sftp_request_kind kind_of(uint8_t number, struct slice extension)
{
	for (unsigned kind = 0; kind < SFTP_REQUEST_COUNT; kind++) {
		const struct sftp_request_row *row = &sftp_request_rows[kind];

		if (row->number == number &&
		    (row->extension == NULL || slice_is(extension, row->extension)))
			return (enum sftp_request_kind)kind;
	}
	return SFTP_REQUEST_COUNT;
}

/* Section 4. The version is where other packets have their id, so the frame of a reply fits. */
static enum err answer_init(struct sftp_server *server, struct reader *r, struct buf *out)
{
	struct sftp_reply reply = {.out = out, .id = SFTP_VERSION};
	uint32_t version = read_u32(r);

	TRY(r->err);
	if (!reply_begin(&reply, SSH_FXP_VERSION, VERSION_ROOM))
		return ERR_NO_MEMORY;
	for (unsigned kind = 0; kind < SFTP_REQUEST_COUNT; kind++) {
		const struct sftp_request_row *row = &sftp_request_rows[kind];

		if (row->version == NULL || !(server->permitted & SFTP_REQUEST_BIT(kind)))
			continue;
		write_text(&reply.w, row->extension);
		write_text(&reply.w, row->version);
	}
	/* A client that claims version 0 has said hello all the same. */
	server->version = version > 0 ? version : 1;
	return reply_end(&reply) ? ERR_OK : ERR_LIMIT;
}

/* ERR_LIMIT: it is held. */
static enum err perform(struct sftp_server *server, enum sftp_request_kind kind, struct reader *r,
    struct sftp_reply *reply, enum sftp_status *status)
{
	const struct sftp_operations *operations = server->operations;
	struct sftp_request request = {.id = reply->id};

	sftp_request_rows[kind].parse(r, &request);
	if (r->err != ERR_OK) {
		*status = SSH_FX_BAD_MESSAGE;
		return ERR_OK;
	}
	if (operations->is_held != NULL && operations->is_held(server->session, kind, &request))
		return ERR_LIMIT;
	*status = operations->perform[kind](server->session, &request, reply);
	return ERR_OK;
}

static enum err answer(
    struct sftp_server *server, uint8_t number, struct reader *r, struct buf *out)
{
	struct sftp_reply reply = {.out = out, .id = read_u32(r), .version = server->version};
	struct slice extension = {0};
	enum sftp_status status = SSH_FX_OP_UNSUPPORTED;
	enum sftp_request_kind kind;
	bool is_refused = false;

	if (number == SSH_FXP_EXTENDED)
		extension = read_string(r, SFTP_EXTENSION_LIMIT);
	TRY(r->err);
	kind = kind_of(number, extension);
	is_refused = kind != SFTP_REQUEST_COUNT && !(server->permitted & SFTP_REQUEST_BIT(kind));
	if (is_refused)
		status = SSH_FX_PERMISSION_DENIED;
	else if (kind != SFTP_REQUEST_COUNT)
		TRY(perform(server, kind, r, &reply, &status));
	server->has_tail = reply.has_tail;
	if (status == SFTP_LATER)
		return ERR_OK;
	if (!reply.is_sent && !reply_status(&reply, status))
		return ERR_NO_MEMORY;
	if (server->operations->answered != NULL)
		server->operations->answered(server->session, kind, status, is_refused);
	return ERR_OK;
}

static enum err take_packet(struct sftp_server *server, struct slice packet, struct buf *out)
{
	struct reader r = reader_over(packet);
	uint8_t number = read_byte(&r);

	if (number == SSH_FXP_INIT)
		return answer_init(server, &r, out);
	if (server->version == 0)
		return ERR_UNEXPECTED;
	return answer(server, number, &r, out);
}

/* Room behind what waits, so that a large reply never moves another one to make it. */
static bool has_room(const struct buf *out, size_t full)
{
	return buf_len(out) == 0 || (buf_len(out) < full && out->limit - out->end >= REPLY_ROOM);
}

enum err sftp_server_run(struct sftp_server *server, struct buf *in, struct buf *out, size_t full)
{
	while (!server->has_tail && has_room(out, full)) {
		struct slice bytes = buf_view(in);
		struct slice packet;

		TRY(sftp_packet_next(&bytes, &packet));
		TRY(take_packet(server, packet, out));
		buf_consume(in, packet.len + 4);
	}
	return ERR_LIMIT;
}

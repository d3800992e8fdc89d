#include "sshd/wire/messages_global_request.h"

#include "sshd/base/auto.h"

enum err global_nothing_parse(struct slice fields)
{
	return fields.len == 0 ? ERR_OK : ERR_TRAILING;
}

enum err global_tcpip_parse(struct slice fields, struct global_tcpip *out)
{
	struct reader r = reader_over(fields);
	struct global_tcpip forward = {0};

	forward.address = read_string(&r, OPEN_HOST_LIMIT);
	forward.port = read_u32(&r);

	TRY(reader_finish(&r));
	*out = forward;
	return ERR_OK;
}

void global_tcpip_encode(struct writer *w, const struct global_tcpip *forward)
{
	write_string(w, forward->address);
	write_u32(w, forward->port);
}

enum err global_tcpip_port_parse(struct slice data, uint32_t *port)
{
	struct reader r = reader_over(data);
	uint32_t number = read_u32(&r);

	TRY(reader_finish(&r));
	*port = number;
	return ERR_OK;
}

void global_tcpip_port_encode(struct writer *w, uint32_t port)
{
	write_u32(w, port);
}

enum err global_streamlocal_parse(struct slice fields, struct slice *path)
{
	struct reader r = reader_over(fields);
	struct slice socket_path = read_string(&r, OPEN_PATH_LIMIT);

	TRY(reader_finish(&r));
	*path = socket_path;
	return ERR_OK;
}

void global_streamlocal_encode(struct writer *w, struct slice path)
{
	write_string(w, path);
}

enum err global_strings_parse(struct slice fields, uint32_t limit, struct global_strings *out)
{
	struct reader r = reader_over(fields);
	struct global_strings strings = {.strings = fields};

	while (r.err == ERR_OK && r.left.len > 0) {
		if (strings.count == limit)
			reader_fail(&r, ERR_RANGE);
		read_string(&r, GLOBAL_KEY_BLOB_LIMIT);
		strings.count++;
	}

	TRY(reader_finish(&r));
	*out = strings;
	return ERR_OK;
}

bool global_strings_next(struct global_strings *strings, struct slice *out)
{
	struct reader r = reader_over(strings->strings);
	struct slice string = read_string(&r, GLOBAL_KEY_BLOB_LIMIT);

	if (r.err != ERR_OK)
		return false;
	strings->strings = r.left;
	strings->count--;
	*out = string;
	return true;
}

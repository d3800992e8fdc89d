#include "sshd/wire/messages_channel_open.h"

#include "sshd/base/auto.h"

#define RESERVED_LIMIT 256u

enum err open_nothing_parse(struct slice fields)
{
	return fields.len == 0 ? ERR_OK : ERR_TRAILING;
}

enum err open_tcpip_parse(struct slice fields, struct open_tcpip *out)
{
	struct reader r = reader_over(fields);
	struct open_tcpip open = {0};

	open.host = read_string(&r, OPEN_HOST_LIMIT);
	open.port = read_u32(&r);
	open.originator = read_string(&r, OPEN_HOST_LIMIT);
	open.originator_port = read_u32(&r);

	TRY(reader_finish(&r));
	*out = open;
	return ERR_OK;
}

void open_tcpip_encode(struct writer *w, const struct open_tcpip *open)
{
	write_string(w, open->host);
	write_u32(w, open->port);
	write_string(w, open->originator);
	write_u32(w, open->originator_port);
}

enum err open_direct_streamlocal_parse(struct slice fields, struct slice *path)
{
	struct reader r = reader_over(fields);
	struct slice socket_path = read_string(&r, OPEN_PATH_LIMIT);

	read_string(&r, RESERVED_LIMIT);
	read_u32(&r);

	TRY(reader_finish(&r));
	*path = socket_path;
	return ERR_OK;
}

void open_direct_streamlocal_encode(struct writer *w, struct slice path)
{
	write_string(w, path);
	write_text(w, "");
	write_u32(w, 0);
}

enum err open_forwarded_streamlocal_parse(struct slice fields, struct slice *path)
{
	struct reader r = reader_over(fields);
	struct slice socket_path = read_string(&r, OPEN_PATH_LIMIT);

	read_string(&r, RESERVED_LIMIT);

	TRY(reader_finish(&r));
	*path = socket_path;
	return ERR_OK;
}

void open_forwarded_streamlocal_encode(struct writer *w, struct slice path)
{
	write_string(w, path);
	write_text(w, "");
}

enum err open_x11_parse(struct slice fields, struct open_x11 *out)
{
	struct reader r = reader_over(fields);
	struct open_x11 open = {0};

	open.originator = read_string(&r, OPEN_HOST_LIMIT);
	open.originator_port = read_u32(&r);

	TRY(reader_finish(&r));
	*out = open;
	return ERR_OK;
}

void open_x11_encode(struct writer *w, const struct open_x11 *open)
{
	write_string(w, open->originator);
	write_u32(w, open->originator_port);
}

enum err open_tun_parse(struct slice fields, struct open_tun *out)
{
	struct reader r = reader_over(fields);
	struct open_tun open = {0};

	open.mode = read_u32(&r);
	open.unit = read_u32(&r);

	TRY(reader_finish(&r));
	*out = open;
	return ERR_OK;
}

void open_tun_encode(struct writer *w, const struct open_tun *open)
{
	write_u32(w, open->mode);
	write_u32(w, open->unit);
}

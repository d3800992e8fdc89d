/* Types of addresses and ports. */
#include "config/types.h"

#include "config/pattern.h"
#include "sshd/base/auto.h"
#include "sshd/base/text.h"

/* Listening addresses are their product. */
#define PORTS_LIMIT  256u
#define LISTEN_LIMIT 1024u

/* The services that configurations name; others are written as numbers. */
static const struct {
	const char *name;
	uint16_t port;
} services[] = {
    {"ftp", 21},
    {"ssh", 22},
    {"telnet", 23},
    {"smtp", 25},
    {"domain", 53},
    {"http", 80},
    {"pop3", 110},
    {"ntp", 123},
    {"imap2", 143},
    {"imap", 143},
    {"snmp", 161},
    {"ldap", 389},
    {"https", 443},
    {"submission", 587},
    {"rsync", 873},
    {"ldaps", 636},
    {"imaps", 993},
    {"pop3s", 995},
    {"ms-sql-s", 1433},
    {"mysql", 3306},
    {"ms-wbt-server", 3389},
    {"git", 9418},
    {"svn", 3690},
    {"postgresql", 5432},
    {"x11", 6000},
    {"redis", 6379},
    {"http-alt", 8080},
};

bool port_parse(struct slice text, uint16_t *port)
{
	uint64_t number;

	if (text_parse_u64(text, UINT16_MAX, &number) == ERR_OK) {
		*port = (uint16_t)number;
		return true;
	}
	for (size_t i = 0; i < COUNT_OF(services); i++) {
		if (!slice_is(text, services[i].name))
			continue;
		*port = services[i].port;
		return true;
	}
	return false;
}

static enum err ports_parse(struct value_input *in, const struct type *type, void *value)
{
	struct conf_array array = {0};
	struct slice word;
	uint16_t port;
	void *items;

	TRY(value_single(in, "the port", &word));
	if (!port_parse(word, &port) || port == 0)
		return value_refuse(in, 0, NULL, "\"%.*s\" is not a port from 1 to 65535",
		    (int)word.len, (const char *)word.ptr);
	TRY(value_array(in, type, 0, 1, &array, &items));
	*(uint16_t *)items = port;
	memcpy(value, &array, sizeof(array));
	return ERR_OK;
}

static enum err ports_print(
    const struct type *type, const char *name, const void *value, struct buf *out)
{
	const struct conf_ports *ports = value;

	(void)type;
	for (size_t i = 0; i < ports->count; i++)
		TRY(buf_append_format(out, "%s %u\n", name, ports->items[i]));
	return ERR_OK;
}

const struct type type_PORTS = {
    .name = "PORTS",
    .size = sizeof(struct conf_ports),
    .item_size = sizeof(uint16_t),
    .parse = ports_parse,
    .print = ports_print,
    .lines_limit = PORTS_LIMIT,
};

/*
 * Splits "host", "host:port", "[host]:port" and "[host]"; a text with several colons and no
 * brackets is an IPv6 address. port is empty when there is none; false: a bracket is open, or
 * something else than a port follows it.
 */
static bool split_host_port(struct slice text, struct slice *host, struct slice *port)
{
	const uint8_t *end;

	*port = (struct slice){0};
	if (slice_starts(text, "[")) {
		end = memchr(text.ptr, ']', text.len);
		if (end == NULL)
			return false;
		*host = slice_first(slice_after(text, 1), (size_t)(end - text.ptr) - 1);
		text = slice_after(text, (size_t)(end - text.ptr) + 1);
		if (text.len == 0)
			return true;
		*port = slice_after(text, 1);
		return text.ptr[0] == ':' && port->len > 0;
	}
	end = text.len > 0 ? memchr(text.ptr, ':', text.len) : NULL;
	*host = text;
	if (end == NULL || memchr(end + 1, ':', text.len - (size_t)(end - text.ptr) - 1) != NULL)
		return true;
	*host = slice_first(text, (size_t)(end - text.ptr));
	*port = slice_after(text, host->len + 1);
	return port->len > 0;
}

/* A name that could be looked up, or an address; what has colons must be an IPv6 address. */
static bool is_host(struct slice host)
{
	struct address address;

	for (size_t i = 0; i < host.len; i++) {
		uint8_t c = host.ptr[i];

		if (c == ':' || c == '%')
			return address_parse(host, &address);
		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
		    c != '.' && c != '-' && c != '_')
			return false;
	}
	return host.len > 0;
}

static enum err listen_parse(struct value_input *in, const struct type *type, void *value)
{
	const struct line *line = in->line;
	struct conf_array array = {0};
	struct conf_listen *row;
	struct slice host, port;
	void *items;

	if (line->count == 0 || line->words[0].text.len == 0)
		return value_refuse(in, 0, NULL, "the address is missing");
	if (line->count > 1) {
		if (line->count == 3 &&
		    text_equal_ignoring_case(line->words[1].text, LITERAL("rdomain")))
			return value_refuse(in, 2, NULL, "there are no routing domains on Linux");
		return value_refuse(in, 1, NULL, "takes one address, and more follows on the line");
	}
	TRY(value_array(in, type, 0, 1, &array, &items));
	row = items;
	if (!split_host_port(line->words[0].text, &host, &port) || !is_host(host) ||
	    (port.len > 0 && (!port_parse(port, &row->port) || row->port == 0)))
		return value_refuse(in, 0, "write address, address:port or [address]:port",
		    "\"%.*s\" is not an address to listen on", (int)line->words[0].text.len,
		    (const char *)line->words[0].text.ptr);
	TRY(value_text(in, host, &row->host));
	memcpy(value, &array, sizeof(array));
	return ERR_OK;
}

static enum err listen_print(
    const struct type *type, const char *name, const void *value, struct buf *out)
{
	const struct conf_listens *listen = value;

	(void)type;
	for (size_t i = 0; i < listen->count; i++) {
		const struct conf_listen *row = &listen->items[i];
		bool is_ipv6 = strchr(row->host, ':') != NULL;

		TRY(buf_append_format(out, "%s %s%s%s:%u\n", name, is_ipv6 ? "[" : "", row->host,
		    is_ipv6 ? "]" : "", row->port));
	}
	return ERR_OK;
}

const struct type type_LISTEN = {
    .name = "LISTEN",
    .size = sizeof(struct conf_listens),
    .item_size = sizeof(struct conf_listen),
    .parse = listen_parse,
    .print = listen_print,
    .lines_limit = LISTEN_LIMIT,
};

/* ---- PermitOpen and PermitListen ---- */

enum permission_flags { PORT_ALONE = 1 };

/* "*" as host or port is any. */
static enum err permission_parse(
    struct value_input *in, const struct type *type, size_t index, struct conf_permission *row)
{
	struct slice word = in->line->words[index].text, host = {0}, port = {0};
	bool is_port_alone = (type->flags & PORT_ALONE) != 0 && word.len > 0 &&
	                     memchr(word.ptr, ':', word.len) == NULL;

	if (is_port_alone)
		port = word;
	else if (!split_host_port(word, &host, &port) || host.len == 0 || port.len == 0)
		return value_refuse(in, index, "an IPv6 address is written in brackets",
		    "\"%.*s\" is not host:port", (int)word.len, (const char *)word.ptr);
	if (!slice_is(port, "*") && (!port_parse(port, &row->port) || row->port == 0))
		return value_refuse(in, index, NULL, "\"%.*s\" is not a port", (int)port.len,
		    (const char *)port.ptr);
	if (host.len > 0 && !slice_is(host, "*"))
		TRY(value_text(in, host, &row->host));
	if (!is_port_alone)
		return value_text(in, word, &row->text);
	row->text = arena_format(in->arena, "*:%.*s", (int)word.len, (const char *)word.ptr);
	return row->text ? ERR_OK : ERR_NO_MEMORY;
}

static enum err permissions_parse(struct value_input *in, const struct type *type, void *value)
{
	struct conf_permissions *permissions = value;
	struct conf_array array = {0};
	size_t count = in->line->count;
	struct slice first = count > 0 ? in->line->words[0].text : (struct slice){0};
	void *items;

	if (slice_is(first, "any") || slice_is(first, "none")) {
		if (count > 1)
			return value_refuse(in, 0, NULL, "\"%.*s\" must stand alone",
			    (int)first.len, (const char *)first.ptr);
		permissions->is_any = slice_is(first, "any");
		return ERR_OK;
	}
	if (count == 0)
		return value_refuse(in, 0, NULL, "its values are missing");
	TRY(value_array(in, type, 0, count, &array, &items));
	for (size_t i = 0; i < count; i++)
		TRY(permission_parse(in, type, i, (struct conf_permission *)items + i));
	memcpy(&permissions->rows, &array, sizeof(array));
	return ERR_OK;
}

static enum err permissions_print(
    const struct type *type, const char *name, const void *value, struct buf *out)
{
	const struct conf_permissions *permissions = value;

	(void)type;
	if (permissions->is_any || permissions->rows.count == 0)
		return print_text(name, permissions->is_any ? "any" : NULL, out);
	TRY(buf_append_text(out, name));
	for (size_t i = 0; i < permissions->rows.count; i++)
		TRY(print_word(permissions->rows.items[i].text, out));
	return buf_append_text(out, "\n");
}

const struct type type_PERMIT_OPEN = {
    .name = "PERMIT_OPEN",
    .size = sizeof(struct conf_permissions),
    .item_size = sizeof(struct conf_permission),
    .parse = permissions_parse,
    .print = permissions_print,
};

const struct type type_PERMIT_LISTEN = {
    .name = "PERMIT_LISTEN",
    .size = sizeof(struct conf_permissions),
    .item_size = sizeof(struct conf_permission),
    .parse = permissions_parse,
    .print = permissions_print,
    .flags = PORT_ALONE,
};

/* ---- address lists ---- */

static enum err addresses_parse(struct value_input *in, const struct type *type, void *value)
{
	struct slice word, list, one, fault;

	(void)type;
	TRY(value_single(in, "the address list", &word));
	if (text_equal_ignoring_case(word, LITERAL("none"))) {
		*(const char **)value = NULL;
		return ERR_OK;
	}
	if (address_list_fault(word, &fault))
		return value_refuse(in, 0, NULL, "\"%.*s\" is not a possible address block",
		    (int)fault.len, (const char *)fault.ptr);
	for (list = word; list_next(&list, &one);) {
		struct address address;
		unsigned bits;

		if (slice_starts(one, "!"))
			one = slice_after(one, 1);
		if (cidr_parse(one, &address, &bits) == CIDR_NOT)
			value_warn(in, 0, "\"%.*s\" is not an address and counts as a pattern",
			    (int)one.len, (const char *)one.ptr);
	}
	return value_text(in, word, value);
}

const struct type type_ADDRESSES = {
    .name = "ADDRESSES",
    .size = sizeof(const char *),
    .parse = addresses_parse,
    .print = print_quoted,
};

/* ---- PerSourceNetBlockSize: bits of IPv4, and of IPv6 behind a colon ---- */

static enum err net_block_parse(struct value_input *in, const struct type *type, void *value)
{
	struct conf_net_block *block = value;
	uint64_t ipv4 = 0, ipv6 = 128;
	struct slice word, host, port;

	(void)type;
	TRY(value_single(in, "the number of bits", &word));
	if (!split_host_port(word, &host, &port) || text_parse_u64(host, 32, &ipv4) != ERR_OK ||
	    (port.len > 0 && text_parse_u64(port, 128, &ipv6) != ERR_OK))
		return value_refuse(in, 0, "write 0 to 32, a colon, and 0 to 128",
		    "\"%.*s\" is not a pair of address lengths", (int)word.len,
		    (const char *)word.ptr);
	*block = (struct conf_net_block){(uint32_t)ipv4, (uint32_t)ipv6};
	return ERR_OK;
}

static enum err net_block_print(
    const struct type *type, const char *name, const void *value, struct buf *out)
{
	const struct conf_net_block *block = value;

	(void)type;
	return buf_append_format(out, "%s %u:%u\n", name, block->ipv4_bits, block->ipv6_bits);
}

const struct type type_NET_BLOCK = {
    .name = "NET_BLOCK",
    .size = sizeof(struct conf_net_block),
    .parse = net_block_parse,
    .print = net_block_print,
};

/* The options of PROTOCOL.certkeys: critical ones restrict, extensions permit. */
#include "sshd/base/auto.h"
#include "sshd/crypto/certificate.h"
#include "sshd/wire/reader.h"

#define NAME_LIMIT  256u
#define VALUE_LIMIT KEY_BLOB_LIMIT

enum value_kind { VALUE_NONE, VALUE_STRING };

struct option_row {
	const char *name;
	enum value_kind value_kind;
	size_t flag_offset;  /* of the bool in struct certificate_options */
	size_t value_offset; /* of the slice; VALUE_STRING only */
};

#define OFFSET(member) offsetof(struct certificate_options, member)

static const struct option_row critical_options[] = {
    {"force-command", VALUE_STRING, OFFSET(has_command), OFFSET(command)},
    {"source-address", VALUE_STRING, OFFSET(has_source_address), OFFSET(source_address)},
    {"verify-required", VALUE_NONE, OFFSET(verify_required), 0},
    {NULL, VALUE_NONE, 0, 0},
};

static const struct option_row extensions[] = {
    {"no-touch-required", VALUE_NONE, OFFSET(no_touch_required), 0},
    {"permit-X11-forwarding", VALUE_NONE, OFFSET(permit_x11_forwarding), 0},
    {"permit-agent-forwarding", VALUE_NONE, OFFSET(permit_agent_forwarding), 0},
    {"permit-port-forwarding", VALUE_NONE, OFFSET(permit_port_forwarding), 0},
    {"permit-pty", VALUE_NONE, OFFSET(permit_pty), 0},
    {"permit-user-rc", VALUE_NONE, OFFSET(permit_user_rc), 0},
    {NULL, VALUE_NONE, 0, 0},
};

static const struct option_row *row_named(const struct option_row *rows, struct slice name)
{
	while (rows->name != NULL && !slice_is(name, rows->name))
		rows++;
	return rows->name != NULL ? rows : NULL;
}

/* Data are empty, or a string inside the string. */
static enum err take_option(
    const struct option_row *row, struct slice data, struct certificate_options *options)
{
	bool *flag = (bool *)((char *)options + row->flag_offset);
	struct slice *value = (struct slice *)(void *)((char *)options + row->value_offset);
	struct reader r = reader_over(data);
	struct slice text;

	if (*flag)
		return ERR_MALFORMED;
	if (row->value_kind == VALUE_STRING) {
		text = read_string(&r, VALUE_LIMIT);
		TRY(reader_finish(&r));
		*value = text;
	} else {
		TRY(reader_finish(&r));
	}
	*flag = true;
	return ERR_OK;
}

static enum err parse_list(struct slice list, const struct option_row *rows, enum err if_unknown,
    struct certificate_options *options)
{
	struct reader r = reader_over(list);

	while (r.left.len > 0) {
		struct slice name = read_string(&r, NAME_LIMIT);
		struct slice data = read_string(&r, VALUE_LIMIT);
		const struct option_row *row = row_named(rows, name);

		TRY(r.err);
		TRY(row != NULL ? take_option(row, data, options) : if_unknown);
	}
	return reader_finish(&r);
}

enum err certificate_options_parse(
    const struct certificate *certificate, struct certificate_options *out)
{
	struct certificate_options options = {0};

	TRY(parse_list(certificate->critical_options, critical_options, ERR_UNSUPPORTED, &options));
	TRY(parse_list(certificate->extensions, extensions, ERR_OK, &options));
	*out = options;
	return ERR_OK;
}

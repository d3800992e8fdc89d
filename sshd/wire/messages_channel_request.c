#include "sshd/wire/messages_channel_request.h"

#include "sshd/base/auto.h"

#define ANY_LENGTH     SIZE_MAX
#define MODE_PAIR_LEN  5u
#define MODE_END       0u   /* TTY_OP_END */
#define MODE_UNDEFINED 160u /* from here on no length is known */
#define LANGUAGE_LIMIT 256u

enum err request_nothing_parse(struct slice fields)
{
	return fields.len == 0 ? ERR_OK : ERR_TRAILING;
}

enum err request_string_parse(struct slice fields, struct slice *out)
{
	struct reader r = reader_over(fields);
	struct slice string = read_string(&r, ANY_LENGTH);

	TRY(reader_finish(&r));
	*out = string;
	return ERR_OK;
}

void request_string_encode(struct writer *w, struct slice string)
{
	write_string(w, string);
}

static struct window_size read_window_size(struct reader *r)
{
	struct window_size size = {0};

	size.columns = read_u32(r);
	size.rows = read_u32(r);
	size.width = read_u32(r);
	size.height = read_u32(r);
	return size;
}

static void write_window_size(struct writer *w, const struct window_size *size)
{
	write_u32(w, size->columns);
	write_u32(w, size->rows);
	write_u32(w, size->width);
	write_u32(w, size->height);
}

enum err request_pty_parse(struct slice fields, struct request_pty *out)
{
	struct reader r = reader_over(fields);
	struct request_pty pty = {0};

	pty.term = read_string(&r, ANY_LENGTH);
	pty.size = read_window_size(&r);
	pty.modes = read_string(&r, ANY_LENGTH);

	TRY(reader_finish(&r));
	*out = pty;
	return ERR_OK;
}

void request_pty_encode(struct writer *w, const struct request_pty *pty)
{
	write_string(w, pty->term);
	write_window_size(w, &pty->size);
	write_string(w, pty->modes);
}

bool terminal_modes_next(struct slice *modes, uint8_t *opcode, uint32_t *value)
{
	struct reader r = reader_over(*modes);
	uint8_t code = read_byte(&r);
	uint32_t argument = read_u32(&r);

	if (r.err != ERR_OK || code == MODE_END || code >= MODE_UNDEFINED)
		return false;
	*modes = r.left;
	*opcode = code;
	*value = argument;
	return true;
}

struct slice terminal_modes_well_formed(struct slice modes)
{
	struct slice rest = modes;
	uint8_t opcode;
	uint32_t value;

	while (terminal_modes_next(&rest, &opcode, &value))
		;
	return slice_first(modes, modes.len - rest.len);
}

enum err request_window_change_parse(struct slice fields, struct window_size *out)
{
	struct reader r = reader_over(fields);
	struct window_size size = read_window_size(&r);

	TRY(reader_finish(&r));
	*out = size;
	return ERR_OK;
}

void request_window_change_encode(struct writer *w, const struct window_size *size)
{
	write_window_size(w, size);
}

enum err request_env_parse(struct slice fields, struct request_env *out)
{
	struct reader r = reader_over(fields);
	struct request_env env = {0};

	env.name = read_string(&r, ANY_LENGTH);
	env.value = read_string(&r, ANY_LENGTH);

	TRY(reader_finish(&r));
	*out = env;
	return ERR_OK;
}

void request_env_encode(struct writer *w, const struct request_env *env)
{
	write_string(w, env->name);
	write_string(w, env->value);
}

enum err request_x11_parse(struct slice fields, struct request_x11 *out)
{
	struct reader r = reader_over(fields);
	struct request_x11 x11 = {0};

	x11.single_connection = read_boolean(&r);
	x11.protocol = read_string(&r, ANY_LENGTH);
	x11.cookie = read_string(&r, ANY_LENGTH);
	x11.screen = read_u32(&r);

	TRY(reader_finish(&r));
	*out = x11;
	return ERR_OK;
}

void request_x11_encode(struct writer *w, const struct request_x11 *x11)
{
	write_boolean(w, x11->single_connection);
	write_string(w, x11->protocol);
	write_string(w, x11->cookie);
	write_u32(w, x11->screen);
}

/* One number: "break" and "exit-status". */
static enum err number_parse(struct slice fields, uint32_t *out)
{
	struct reader r = reader_over(fields);
	uint32_t number = read_u32(&r);

	TRY(reader_finish(&r));
	*out = number;
	return ERR_OK;
}

enum err request_break_parse(struct slice fields, uint32_t *length_ms)
{
	return number_parse(fields, length_ms);
}

void request_break_encode(struct writer *w, uint32_t length_ms)
{
	write_u32(w, length_ms);
}

enum err request_exit_status_parse(struct slice fields, uint32_t *status)
{
	return number_parse(fields, status);
}

void request_exit_status_encode(struct writer *w, uint32_t status)
{
	write_u32(w, status);
}

enum err request_exit_signal_parse(struct slice fields, struct request_exit_signal *out)
{
	struct reader r = reader_over(fields);
	struct request_exit_signal exit = {0};

	exit.signal = read_string(&r, ANY_LENGTH);
	exit.core_dumped = read_boolean(&r);
	exit.message = read_string(&r, ANY_LENGTH);
	read_string(&r, LANGUAGE_LIMIT);

	TRY(reader_finish(&r));
	*out = exit;
	return ERR_OK;
}

void request_exit_signal_encode(struct writer *w, const struct request_exit_signal *exit)
{
	write_string(w, exit->signal);
	write_boolean(w, exit->core_dumped);
	write_string(w, exit->message);
	write_text(w, "");
}

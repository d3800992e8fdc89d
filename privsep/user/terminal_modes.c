#include <unistd.h>

#include "privsep/user/terminal.h"
#include "sshd/base/auto.h"
#include "sshd/wire/reader.h"

enum {
	OPCODE_END = 0,
	OPCODE_INPUT_SPEED = 128,
	OPCODE_OUTPUT_SPEED = 129,
	OPCODE_FIRST_UNDEFINED = 160,
	CONTROL_CHARACTER_OFF = 255,
};

enum mode_kind { MODE_NONE, MODE_CONTROL, MODE_BIT, MODE_SIZE };

struct mode_row {
	enum mode_kind kind;
	size_t field; /* offset of the flag word in struct termios, or index into c_cc */
	tcflag_t mask;
};

#define CONTROL(opcode, index)   [opcode] = {MODE_CONTROL, index, 0},
#define BIT(opcode, field, mask) [opcode] = {MODE_BIT, offsetof(struct termios, field), mask},
#define SIZE(opcode, mask)       [opcode] = {MODE_SIZE, offsetof(struct termios, c_cflag), mask},
static const struct mode_row rows[OPCODE_FIRST_UNDEFINED] = {
#include "privsep/user/terminal_modes.def"
};

static const struct {
	uint32_t bits_per_second;
	speed_t speed;
} speeds[] = {
    {0, B0}, {50, B50}, {75, B75}, {110, B110}, {134, B134}, {150, B150}, {200, B200},
    {300, B300}, {600, B600}, {1200, B1200}, {1800, B1800}, {2400, B2400}, {4800, B4800},
    {9600, B9600}, {19200, B19200}, {38400, B38400}, {57600, B57600}, {115200, B115200},
    {230400, B230400}, {460800, B460800}, {921600, B921600}, {1000000, B1000000},
    {2000000, B2000000}, {4000000, B4000000},
};

/* A speed the system has no name for leaves the terminal's as it is. */
static void apply_speed(struct termios *settings, uint32_t value, int (*set)(struct termios *, speed_t))
{
	for (size_t i = 0; i < COUNT_OF(speeds); i++)
		if (speeds[i].bits_per_second == value)
			(void)set(settings, speeds[i].speed);
}

static tcflag_t *flags_at(struct termios *settings, size_t offset)
{
	return (tcflag_t *)(void *)((char *)settings + offset);
}

static void apply(struct termios *settings, uint8_t opcode, uint32_t value)
{
	const struct mode_row *row = &rows[opcode];

	switch (row->kind) {
	case MODE_CONTROL:
		settings->c_cc[row->field] =
		    value == CONTROL_CHARACTER_OFF ? _POSIX_VDISABLE : (cc_t)value;
		break;
	case MODE_BIT:
		if (value)
			*flags_at(settings, row->field) |= row->mask;
		else
			*flags_at(settings, row->field) &= ~row->mask;
		break;
	case MODE_SIZE:
		if (value)
			settings->c_cflag = (settings->c_cflag & ~(tcflag_t)CSIZE) | row->mask;
		break;
	case MODE_NONE:
		if (opcode == OPCODE_INPUT_SPEED)
			apply_speed(settings, value, cfsetispeed);
		else if (opcode == OPCODE_OUTPUT_SPEED)
			apply_speed(settings, value, cfsetospeed);
		break;
	}
}

enum err terminal_modes_apply(struct slice modes, struct termios *settings)
{
	struct reader r = reader_over(modes);

	while (r.left.len > 0) {
		uint8_t opcode = read_byte(&r);
		uint32_t value;

		if (opcode == OPCODE_END || opcode >= OPCODE_FIRST_UNDEFINED)
			return ERR_OK;
		value = read_u32(&r);
		TRY(r.err);
		apply(settings, opcode, value);
	}
	return r.err;
}

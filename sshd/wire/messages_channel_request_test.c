#include "sshd/wire/messages_channel_request.h"

#include "tests/support/suite.h"

enum kind { NOTHING, STRING, PTY, WINDOW_CHANGE, ENV, X11, BREAK, EXIT_STATUS, EXIT_SIGNAL };

static enum err parse_and_encode(enum kind kind, struct slice fields, struct writer *w)
{
	struct request_pty pty;
	struct window_size size;
	struct request_env env;
	struct request_x11 x11;
	struct request_exit_signal exit_signal;
	struct slice string;
	uint32_t number;

	switch (kind) {
	case NOTHING:
		TRY(request_nothing_parse(fields));
		break;
	case STRING:
		TRY(request_string_parse(fields, &string));
		request_string_encode(w, string);
		break;
	case PTY:
		TRY(request_pty_parse(fields, &pty));
		request_pty_encode(w, &pty);
		break;
	case WINDOW_CHANGE:
		TRY(request_window_change_parse(fields, &size));
		request_window_change_encode(w, &size);
		break;
	case ENV:
		TRY(request_env_parse(fields, &env));
		request_env_encode(w, &env);
		break;
	case X11:
		TRY(request_x11_parse(fields, &x11));
		request_x11_encode(w, &x11);
		break;
	case BREAK:
		TRY(request_break_parse(fields, &number));
		request_break_encode(w, number);
		break;
	case EXIT_STATUS:
		TRY(request_exit_status_parse(fields, &number));
		request_exit_status_encode(w, number);
		break;
	case EXIT_SIGNAL:
		TRY(request_exit_signal_parse(fields, &exit_signal));
		request_exit_signal_encode(w, &exit_signal);
		break;
	}
	return ERR_OK;
}

static const struct {
	enum kind kind;
	struct slice wire;
} requests[] = {
    {NOTHING, BYTES()},
    {STRING, BYTES(0, 0, 0, 2, 'l', 's')},
    {STRING, BYTES(0, 0, 0, 0)},
    {PTY, BYTES(0, 0, 0, 5, 'x', 't', 'e', 'r', 'm', 0, 0, 0, 80, 0, 0, 0, 24, 0, 0, 2, 128, 0, 0,
              1, 224, 0, 0, 0, 6, 53, 0, 0, 0, 1, 0)},
    {WINDOW_CHANGE, BYTES(0, 0, 0, 80, 0, 0, 0, 24, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff)},
    {ENV, BYTES(0, 0, 0, 4, 'L', 'A', 'N', 'G', 0, 0, 0, 1, 'C')},
    {X11, BYTES(1, 0, 0, 0, 1, 'M', 0, 0, 0, 2, 'a', 'b', 0, 0, 0, 7)},
    {BREAK, BYTES(0, 0, 1, 0xf4)},
    {EXIT_STATUS, BYTES(0, 0, 0, 3)},
    {EXIT_SIGNAL, BYTES(0, 0, 0, 4, 'K', 'I', 'L', 'L', 1, 0, 0, 0, 1, 'm', 0, 0, 0, 0)},
};

START_TEST(every_length_but_the_right_one_is_refused)
{
	uint8_t longer[128] = {0}, room[128];
	struct slice wire = requests[_i].wire;
	struct writer w = writer_into((struct span){room, sizeof(room)});

	for (size_t len = 0; len < wire.len; len++)
		ck_assert_int_eq(
		    parse_and_encode(requests[_i].kind, slice_first(wire, len), &w), ERR_TRUNCATED);
	if (wire.len > 0)
		memcpy(longer, wire.ptr, wire.len);
	ck_assert_int_eq(parse_and_encode(requests[_i].kind, slice_over(longer, wire.len + 1), &w),
	    ERR_TRAILING);
	ck_assert_uint_eq(w.len, 0);
	ck_assert_int_eq(parse_and_encode(requests[_i].kind, wire, &w), ERR_OK);
	ck_assert(slice_equal(writer_view(&w), wire));
}
END_TEST

START_TEST(fields_stand_where_the_rfc_has_them)
{
	struct request_pty pty;
	struct request_x11 x11;
	struct request_exit_signal exit_signal;

	ck_assert_int_eq(request_pty_parse(requests[3].wire, &pty), ERR_OK);
	ck_assert(slice_is(pty.term, "xterm"));
	ck_assert_uint_eq(pty.size.columns, 80);
	ck_assert_uint_eq(pty.size.rows, 24);
	ck_assert_uint_eq(pty.size.width, 640);
	ck_assert_uint_eq(pty.size.height, 480);
	ck_assert_uint_eq(pty.modes.len, 6);
	ck_assert_int_eq(request_x11_parse(requests[6].wire, &x11), ERR_OK);
	ck_assert(
	    x11.single_connection && slice_is(x11.protocol, "M") && slice_is(x11.cookie, "ab"));
	ck_assert_uint_eq(x11.screen, 7);
	ck_assert_int_eq(request_exit_signal_parse(requests[9].wire, &exit_signal), ERR_OK);
	ck_assert(exit_signal.core_dumped && slice_is(exit_signal.signal, "KILL"));
}
END_TEST

/* RFC 4254, section 8. */
static const struct {
	const char *why;
	struct slice modes;
	size_t expect; /* bytes that are whole pairs */
} modes[] = {
    {"nothing at all", BYTES(), 0},
    {"TTY_OP_END alone", BYTES(0), 0},
    {"one pair and the end", BYTES(1, 0, 0, 0, 3, 0), 5},
    {"no end", BYTES(1, 0, 0, 0, 3), 5},
    {"a value cut short", BYTES(1, 0, 0, 0, 3, 53, 0, 0), 5},
    {"an opcode alone", BYTES(1, 0, 0, 0, 3, 53), 5},
    {"the last opcode with a value", BYTES(159, 0, 0, 0, 1, 0), 5},
    {"an opcode without a known length", BYTES(1, 0, 0, 0, 3, 160, 0, 0, 0, 1, 0), 5},
    {"pairs behind the end", BYTES(0, 1, 0, 0, 0, 3), 0},
    {"speeds", BYTES(128, 0, 0, 0x96, 0, 129, 0, 0, 0x96, 0, 0), 10},
};

START_TEST(terminal_modes_end_where_they_stop_making_sense)
{
	struct slice good = terminal_modes_well_formed(modes[_i].modes);
	unsigned pairs = 0;
	uint8_t opcode;
	uint32_t value;

	ck_assert_msg(good.len == modes[_i].expect, "%s: %zu", modes[_i].why, good.len);
	ck_assert(good.len == 0 || good.ptr == modes[_i].modes.ptr);
	while (terminal_modes_next(&good, &opcode, &value))
		pairs++;
	ck_assert_uint_eq(pairs, modes[_i].expect / 5);
}
END_TEST

START_TEST(terminal_modes_give_opcode_and_value)
{
	struct slice pairs = BYTES(128, 0, 0, 0x96, 0, 53, 0, 0, 0, 1);
	uint8_t opcode;
	uint32_t value;

	ck_assert(terminal_modes_next(&pairs, &opcode, &value));
	ck_assert_uint_eq(opcode, 128);
	ck_assert_uint_eq(value, 38400);
	ck_assert(terminal_modes_next(&pairs, &opcode, &value));
	ck_assert_uint_eq(opcode, 53);
	ck_assert_uint_eq(value, 1);
	ck_assert(!terminal_modes_next(&pairs, &opcode, &value));
}
END_TEST

SUITE("messages_channel_request",
    LOOP_TEST(every_length_but_the_right_one_is_refused, COUNT_OF(requests)),
    TEST(fields_stand_where_the_rfc_has_them),
    LOOP_TEST(terminal_modes_end_where_they_stop_making_sense, COUNT_OF(modes)),
    TEST(terminal_modes_give_opcode_and_value))

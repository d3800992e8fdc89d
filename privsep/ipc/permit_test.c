/*
 * Every message in every state. The expectations are written down a second time here, by hand,
 * so that widening a row of a .def file takes two decisions.
 */
#include "privsep/ipc/permit.h"

#include <string.h>

#include "privsep/ipc/channel.h"
#include "tests/support/suite.h"

/* A letter for each state of the monitor in its order: START KEX KEYED AUTH CONV ACCT OPEN DRAIN DEAD. */
static const char letters[] = "SKYACTODX";

static const struct {
	const char *name;
	const char *states;
	unsigned descriptors;
} net_may_send[] = {
    {"net_ready", "S", 0},
    {"net_sign", "KYACO", 0},
    {"net_rekey", "YACO", 0},
    {"net_group", "KYACO", 0},
    {"net_user", "Y", 0},
    {"net_none", "A", 0},
    {"net_unknown", "A", 0},
    {"net_probe", "A", 0},
    {"net_keysig", "A", 0},
    {"net_password", "A", 0},
    {"net_password_change", "A", 0},
    {"net_kbd_start", "A", 0},
    {"net_kbd_response", "C", 0},
    {"net_kbd_abort", "C", 0},
    {"net_session", "O", 0},
    {"net_pty", "O", 0},
    {"net_env", "O", 0},
    {"net_start", "O", 0},
    {"net_resize", "O", 0},
    {"net_signal", "O", 0},
    {"net_break", "O", 0},
    {"net_close", "O", 0},
    {"net_prove", "O", 0},
    {"net_agent", "O", 0},
    {"net_x11", "O", 0},
    {"net_connect", "O", 0},
    {"net_listen", "O", 0},
    {"net_cancel", "O", 0},
    {"net_offered", "O", 0},
    {"net_forward_end", "O", 0},
    {"net_event", letters, 0},
    {"net_bye", letters, 0},
};

static const char *expected_states(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(net_may_send); i++)
		if (strcmp(net_may_send[i].name, name) == 0)
			return net_may_send[i].states;
	return "";
}

START_TEST(net_may_send_only_what_is_written_here)
{
	for (unsigned type = 0; type < 256; type++) {
		const char *expected = expected_states(message_name(&net_messages, type));

		for (unsigned state = 0; state < MONITOR_STATE_COUNT; state++) {
			bool is_expected = strchr(expected, letters[state]) != NULL;
			enum err err = message_permit(&net_messages, type, UP, state, IPC_HEADER_LEN, 0);

			ck_assert_msg((err == ERR_OK) == is_expected, "%s (%u) in state %u: %s",
			    message_name(&net_messages, type), type, state, err_name(err));
			for (unsigned fds = 1; fds <= IPC_DESCRIPTOR_LIMIT + 1; fds++)
				ck_assert_int_eq(message_permit(&net_messages, type, UP, state,
						     IPC_HEADER_LEN, fds), ERR_BREACH);
		}
	}
}
END_TEST

START_TEST(there_is_a_letter_for_each_state)
{
	ck_assert_uint_eq(strlen(letters), MONITOR_STATE_COUNT);
	ck_assert_int_eq(message_permit(&net_messages, MSG_NET_BYE, UP, 32, IPC_HEADER_LEN, 0), ERR_BREACH);
	ck_assert_int_eq(message_permit(&net_messages, MSG_NET_BYE, UP, ~0u, IPC_HEADER_LEN, 0), ERR_BREACH);
}
END_TEST

/* The list above has no row that the table lacks: a renamed message would pass unseen. */
START_TEST(every_expectation_has_its_row)
{
	const char *name = net_may_send[_i].name;
	unsigned found = 0;

	for (unsigned type = 1; type < net_messages.count; type++)
		found += strcmp(net_messages.rows[type].name, name) == 0;
	ck_assert_msg(found == 1, "%s", name);
}
END_TEST

static const struct message_table *const tables[] = {
    &net_messages, &user_messages, &signer_messages, &listener_messages};

START_TEST(rows_are_sane)
{
	const struct message_table *table = tables[_i];

	ck_assert_ptr_null(table->rows[0].name);
	for (unsigned type = 1; type < table->count; type++) {
		const struct message_row *row = &table->rows[type];

		ck_assert_msg(row->direction == UP || row->direction == DOWN, "%s", row->name);
		ck_assert_msg(row->states != 0, "%s", row->name);
		ck_assert_msg(row->limit_bytes >= IPC_HEADER_LEN && row->limit_bytes <= IPC_DATAGRAM_LIMIT,
		    "%s", row->name);
		ck_assert_msg(row->descriptors <= IPC_DESCRIPTOR_LIMIT, "%s", row->name);
	}
}
END_TEST

START_TEST(a_row_is_kept_to_the_letter)
{
	const struct message_table *table = tables[_i];

	for (unsigned type = 1; type < table->count; type++) {
		const struct message_row *row = &table->rows[type];
		enum message_direction wrong = row->direction == UP ? DOWN : UP;
		unsigned state = 0;

		while (!(row->states & 1u << state))
			state++;
		ck_assert_int_eq(message_permit(table, type, wrong, state, IPC_HEADER_LEN, row->descriptors),
		    ERR_BREACH);
		ck_assert_int_eq(message_permit(table, type, DIRECTION_NONE, state, IPC_HEADER_LEN,
				     row->descriptors), ERR_BREACH);
		ck_assert_int_eq(message_permit(table, type, row->direction, state, row->limit_bytes + 1,
				     row->descriptors), ERR_BREACH);
		ck_assert_int_eq(message_permit(table, type, row->direction, state, row->limit_bytes,
				     row->descriptors + 1), ERR_BREACH);
		ck_assert_int_eq(message_permit(table, type, row->direction, state, row->limit_bytes,
				     row->descriptors), ERR_OK);
	}
}
END_TEST

/* To the user's own process nothing goes but work; from it no more than the descriptors of a session. */
START_TEST(the_user_may_send_few_descriptors)
{
	for (unsigned type = 1; type < user_messages.count; type++) {
		const struct message_row *row = &user_messages.rows[type];

		if (row->direction == UP)
			ck_assert_msg(row->descriptors <= 3, "%s", row->name);
		else
			ck_assert_msg(row->descriptors == 0, "%s", row->name);
	}
}
END_TEST

START_TEST(unknown_types_have_a_name_for_the_log)
{
	ck_assert_str_eq(message_name(&net_messages, 0), "unknown");
	ck_assert_str_eq(message_name(&net_messages, net_messages.count), "unknown");
	ck_assert_str_eq(message_name(&net_messages, 1), "net_ready");
}
END_TEST

SUITE("permit", TEST(there_is_a_letter_for_each_state), TEST(net_may_send_only_what_is_written_here),
    LOOP_TEST(every_expectation_has_its_row, COUNT_OF(net_may_send)),
    LOOP_TEST(rows_are_sane, COUNT_OF(tables)), LOOP_TEST(a_row_is_kept_to_the_letter, COUNT_OF(tables)),
    TEST(the_user_may_send_few_descriptors), TEST(unknown_types_have_a_name_for_the_log))

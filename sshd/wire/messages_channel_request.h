/*
 * The type-specific part of a CHANNEL_REQUEST of a session (RFC 4254 section 6, RFC 4335).
 *
 * fields   what follows "want reply"; parsed slices point into them; out parameters stay
 *          untouched on failure
 *
 * ERR_TRUNCATED, ERR_TRAILING: the peer broke the protocol. The strings are taken as long as
 * they come: one that is too long is a request to refuse, not a connection to end.
 */
#pragma once

#include "sshd/wire/reader.h"
#include "sshd/wire/writer.h"

/* No type-specific part: "shell", "auth-agent-req@openssh.com", "eow@openssh.com". */
enum err request_nothing_parse(struct slice fields);

/* One string: "exec" (command), "subsystem" (name), "signal" (name without "SIG"). */
enum err request_string_parse(struct slice fields, struct slice *out);
void request_string_encode(struct writer *w, struct slice string);

/* RFC 4254, sections 6.2 and 6.7. */
struct window_size {
	uint32_t columns, rows; /* characters */
	uint32_t width, height; /* pixels */
};

struct request_pty {
	struct slice term;
	struct window_size size;
	struct slice modes; /* section 8, encoded; see terminal_modes_well_formed */
};

enum err request_pty_parse(struct slice fields, struct request_pty *out);
void request_pty_encode(struct writer *w, const struct request_pty *pty);

/*
 * The leading part of encoded terminal modes that is whole pairs of an opcode (1 to 159) and a
 * uint32. It ends before TTY_OP_END (0), before an opcode from 160 on, where section 8 says
 * that parsing stops, and before a pair cut short, which clients do send.
 */
struct slice terminal_modes_well_formed(struct slice modes);

/* Takes the next pair off modes that are well formed. False at their end. */
bool terminal_modes_next(struct slice *modes, uint8_t *opcode, uint32_t *value);

/* "window-change". */
enum err request_window_change_parse(struct slice fields, struct window_size *out);
void request_window_change_encode(struct writer *w, const struct window_size *size);

/* RFC 4254, section 6.4. */
struct request_env {
	struct slice name;
	struct slice value;
};

enum err request_env_parse(struct slice fields, struct request_env *out);
void request_env_encode(struct writer *w, const struct request_env *env);

/* RFC 4254, section 6.3.1. */
struct request_x11 {
	bool single_connection;
	struct slice protocol;
	struct slice cookie; /* hexadecimal */
	uint32_t screen;
};

enum err request_x11_parse(struct slice fields, struct request_x11 *out);
void request_x11_encode(struct writer *w, const struct request_x11 *x11);

/* RFC 4335. */
enum err request_break_parse(struct slice fields, uint32_t *length_ms);
void request_break_encode(struct writer *w, uint32_t length_ms);

/* RFC 4254, section 6.10. */
enum err request_exit_status_parse(struct slice fields, uint32_t *status);
void request_exit_status_encode(struct writer *w, uint32_t status);

struct request_exit_signal {
	struct slice signal; /* without "SIG" */
	bool core_dumped;
	struct slice message;
};

enum err request_exit_signal_parse(struct slice fields, struct request_exit_signal *out);
void request_exit_signal_encode(struct writer *w, const struct request_exit_signal *exit);

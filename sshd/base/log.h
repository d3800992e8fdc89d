/*
 * Events to a sink. Text comes from events.def; what peers said is a field, escaped, never
 * a format.
 */
#pragma once

#include "sshd/base/err.h"
#include "sshd/base/slice.h"

enum log_level {
	LOG_LEVEL_QUIET,
	LOG_LEVEL_FATAL,
	LOG_LEVEL_ERROR,
	LOG_LEVEL_INFO,
	LOG_LEVEL_VERBOSE,
	LOG_LEVEL_DEBUG1,
	LOG_LEVEL_DEBUG2,
	LOG_LEVEL_DEBUG3,
};

#define EVENT(name, level, priority, message_id, text) EVENT_##name,
enum event {
#include "sshd/base/events.def"
	EVENT_COUNT
};
#undef EVENT

/* One value of an event; `name` is upper case as in the text's {NAME} and journald's SSH_NAME. */
struct log_field {
	const char *name;
	struct slice value;
};

enum log_sink_kind { LOG_TO_STDERR, LOG_TO_FILE, LOG_TO_SYSLOG, LOG_TO_JOURNAL };

/* One per process. Zero: nothing below FATAL, to standard error. */
struct log_sink {
	enum log_sink_kind kind;
	enum log_level level;
	int fd;               /* stderr, the file of -E, or the connected log socket */
	int facility;         /* LOG_AUTH and so on, syslog and journal only */
	const char *suffix;   /* such as " [preauth]", or NULL */
};

/*
 * Connects to journald where it runs, else to /dev/log, else standard error. A process that
 * will lose its root calls this first. Facility: one of syslog.h's LOG_ values.
 */
void log_open_system(struct log_sink *sink, enum log_level level, int facility);

/* Sets the sink of this process; it is copied. */
void log_use(const struct log_sink *sink);
const struct log_sink *log_in_use(void);
bool log_wants(enum log_level level);

/* Writes one event with `count` fields. Never fails: a full or dead sink loses the line. */
void log_event(enum event event, const struct log_field *fields, size_t count);

/* LOG(AUTH_ACCEPTED, F("USER", user), F("PORT", port)); F takes slices, T takes C strings. */
#define F(name, slice) ((struct log_field){name, slice})
#define T(name, text) ((struct log_field){name, slice_text(text)})
#define LOG(event, ...)                                                                            \
	log_event(EVENT_##event, (const struct log_field[]){__VA_ARGS__},                          \
	    sizeof((const struct log_field[]){__VA_ARGS__}) / sizeof(struct log_field))

/* The rows, for the catalog check and the journald encoder. */
const char *event_name(enum event event);
const char *event_text(enum event event);
const char *event_message_id(enum event event);
enum log_level event_level(enum event event);
int event_priority(enum event event); /* syslog.h's LOG_ERR and so on */

struct buf;
/* The event's text with the fields put in, appended. ERR_LIMIT. */
enum err event_render(enum event event, const struct log_field *fields, size_t count, struct buf *out);

/* "DEBUG2" to a level, any case. ERR_MALFORMED. */
enum err log_level_parse(struct slice name, enum log_level *level);

struct buf;
/* journal.c: one datagram of journald's native protocol, appended. */
enum err journal_encode(enum event event, const struct log_field *fields, size_t count,
    struct slice text, int facility, struct buf *out);

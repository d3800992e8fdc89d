#include "sshd/base/log.h"

#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "sshd/base/auto.h"
#include "sshd/base/buf.h"
#include "sshd/base/fd.h"
#include "sshd/base/text.h"

#define LINE_LIMIT  8192u
#define FIELD_LIMIT 1024u

struct event_row {
	const char *name;
	enum log_level level;
	int priority;
	const char *message_id;
	const char *text;
};

#define EVENT(name, level, priority, message_id, text)                                             \
	[EVENT_##name] = {#name, LOG_LEVEL_##level, LOG_##priority, message_id, text},
static const struct event_row rows[EVENT_COUNT] = {
#include "sshd/base/events.def"
};
#undef EVENT

static struct log_sink process_sink = {.kind = LOG_TO_STDERR, .level = LOG_LEVEL_FATAL, .fd = 2};

const char *event_name(enum event event)
{
	return rows[event].name;
}

const char *event_text(enum event event)
{
	return rows[event].text;
}

const char *event_message_id(enum event event)
{
	return rows[event].message_id;
}

enum log_level event_level(enum event event)
{
	return rows[event].level;
}

int event_priority(enum event event)
{
	return rows[event].priority;
}

enum err log_level_parse(struct slice name, enum log_level *level)
{
	static const struct {
		const char *name;
		enum log_level level;
	} names[] = {
	    {"QUIET", LOG_LEVEL_QUIET},
	    {"FATAL", LOG_LEVEL_FATAL},
	    {"ERROR", LOG_LEVEL_ERROR},
	    {"INFO", LOG_LEVEL_INFO},
	    {"VERBOSE", LOG_LEVEL_VERBOSE},
	    {"DEBUG", LOG_LEVEL_DEBUG1},
	    {"DEBUG1", LOG_LEVEL_DEBUG1},
	    {"DEBUG2", LOG_LEVEL_DEBUG2},
	    {"DEBUG3", LOG_LEVEL_DEBUG3},
	};

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		if (text_equal_ignoring_case(name, slice_text(names[i].name))) {
			*level = names[i].level;
			return ERR_OK;
		}
	}
	return ERR_MALFORMED;
}

void log_use(const struct log_sink *sink)
{
	process_sink = *sink;
}

const struct log_sink *log_in_use(void)
{
	return &process_sink;
}

bool log_wants(enum log_level level)
{
	return level <= process_sink.level;
}

static int connect_datagram(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	AUTO(fd_release) int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0)
		return -1;
	return TAKE_FD(fd);
}

void log_open_system(struct log_sink *sink, enum log_level level, int facility)
{
	*sink = (struct log_sink){.kind = LOG_TO_JOURNAL, .level = level, .facility = facility};
	sink->fd = connect_datagram("/run/systemd/journal/socket");
	if (sink->fd >= 0)
		return;
	sink->kind = LOG_TO_SYSLOG;
	sink->fd = connect_datagram("/dev/log");
	if (sink->fd >= 0)
		return;
	sink->kind = LOG_TO_STDERR;
	sink->fd = STDERR_FILENO;
}

static const struct log_field *field_named(const struct log_field *fields, size_t count, struct slice name)
{
	for (size_t i = 0; i < count; i++)
		if (slice_is(name, fields[i].name))
			return &fields[i];
	return NULL;
}

enum err event_render(enum event event, const struct log_field *fields, size_t count, struct buf *out)
{
	const char *at = rows[event].text;

	while (*at != 0) {
		size_t literal = strcspn(at, "{");
		const struct log_field *field;
		const char *end;

		TRY(buf_append(out, slice_over(at, literal)));
		at += literal;
		if (*at == 0)
			break;
		end = strchr(at, '}');
		if (end == NULL)
			return ERR_MALFORMED;
		field = field_named(fields, count, slice_over(at + 1, (size_t)(end - at - 1)));
		if (field != NULL)
			TRY(text_append_escaped(out, field->value, FIELD_LIMIT));
		at = end + 1;
	}
	return ERR_OK;
}

/* BSD syslog as /dev/log takes it: <priority>Mon DD HH:MM:SS tag[pid]: text */
static enum err encode_syslog(enum event event, struct slice text, struct buf *out)
{
	time_t now = time(NULL);
	struct tm parts;
	char stamp[32] = "";

	if (localtime_r(&now, &parts) != NULL)
		strftime(stamp, sizeof(stamp), "%b %e %T ", &parts);
	TRY(buf_append_format(out, "<%d>%ssshd[%ld]: ",
	    process_sink.facility | rows[event].priority, stamp, (long)getpid()));
	return buf_append(out, text);
}

static enum err encode(enum event event, const struct log_field *fields, size_t count, struct slice text,
    struct buf *out)
{
	switch (process_sink.kind) {
	case LOG_TO_SYSLOG:
		return encode_syslog(event, text, out);
	case LOG_TO_JOURNAL:
		return journal_encode(event, fields, count, text, process_sink.facility, out);
	case LOG_TO_STDERR:
	case LOG_TO_FILE:
		break;
	}
	TRY(buf_append(out, text));
	/* OpenSSH ends lines on a terminal with CR LF: the user's terminal may be in raw mode. */
	return buf_append_text(out, process_sink.kind == LOG_TO_STDERR ? "\r\n" : "\n");
}

void log_event(enum event event, const struct log_field *fields, size_t count)
{
	AUTO(buf_wipe) struct buf text = buf_empty(LINE_LIMIT);
	AUTO(buf_wipe) struct buf line = buf_empty(2 * LINE_LIMIT + FIELD_LIMIT * 16);
	ssize_t written;

	if (!log_wants(rows[event].level))
		return;
	if (event_render(event, fields, count, &text) != ERR_OK)
		return;
	if (process_sink.suffix != NULL && buf_append_text(&text, process_sink.suffix) != ERR_OK)
		return;
	if (encode(event, fields, count, buf_view(&text), &line) != ERR_OK)
		return;
	written = write(process_sink.fd, buf_view(&line).ptr, buf_len(&line));
	(void)written; /* there is nowhere left to report it */
}

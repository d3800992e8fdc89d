#include "sshd/listener/records.h"

#include <paths.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>
#include <utmpx.h>

#include "sshd/listener/connection.h"

static struct connection_record *find(struct connection *connection, const char *line, pid_t pid)
{
	for (size_t i = 0; i < CONNECTION_RECORDS_LIMIT; i++) {
		struct connection_record *record = &connection->records[i];

		if (record->pid == pid && (pid == 0 || strcmp(record->line, line) == 0))
			return record;
	}
	return NULL;
}

void records_note(struct connection *connection, const struct msg_record *told)
{
	struct connection_record *record;
	char line[sizeof(record->line)] = "";

	if (connection->records == NULL)
		connection->records = calloc(CONNECTION_RECORDS_LIMIT, sizeof(*connection->records));
	if (connection->records == NULL || told->line.len == 0 || told->line.len >= sizeof(line))
		return;
	memcpy(line, told->line.ptr, told->line.len);
	record = find(connection, line, told->is_open ? 0 : (pid_t)told->pid);
	if (record == NULL)
		return;
	record->pid = told->is_open ? (pid_t)told->pid : 0;
	memcpy(record->line, line, sizeof(line));
}

/* The fields are not C strings: a text that fills one has no zero byte behind it. */
static void fill(char *field, size_t size, const char *text)
{
	size_t len = strlen(text);

	memcpy(field, text, len < size ? len : size);
}

static void close_one(const struct connection_record *record)
{
	struct utmpx entry = {.ut_type = DEAD_PROCESS, .ut_pid = record->pid};
	size_t len = strlen(record->line);
	struct timeval now;

	gettimeofday(&now, NULL);
	entry.ut_tv.tv_sec = (__typeof__(entry.ut_tv.tv_sec))now.tv_sec;
	entry.ut_tv.tv_usec = (__typeof__(entry.ut_tv.tv_usec))now.tv_usec;
	fill(entry.ut_line, sizeof(entry.ut_line), record->line);
	fill(entry.ut_id, sizeof(entry.ut_id), record->line + (len > 4 ? len - 4 : 0));
	if (access(_PATH_UTMP, W_OK) == 0) {
		setutxent();
		(void)pututxline(&entry);
		endutxent();
	}
	if (access(_PATH_WTMP, W_OK) == 0)
		updwtmpx(_PATH_WTMP, &entry);
}

void records_close(struct connection *connection)
{
	for (size_t i = 0; connection->records != NULL && i < CONNECTION_RECORDS_LIMIT; i++)
		if (connection->records[i].pid != 0)
			close_one(&connection->records[i]);
	free(connection->records);
	connection->records = NULL;
}

#include "privsep/monitor/records.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <lastlog.h>
#include <paths.h>
#include <stdio.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#include <utmpx.h>

#include "privsep/monitor/monitor.h"
#include "sshd/base/auto.h"
#include "sshd/base/fd.h"

/* These fields are not C strings: a text that fills one has no zero byte behind it. */
static void fill(char *field, size_t size, const char *text)
{
	size_t len = strlen(text);

	memcpy(field, text, len < size ? len : size);
}

static void fill_address(struct utmpx *entry, const char *address)
{
	if (inet_pton(AF_INET, address, &entry->ut_addr_v6[0]) != 1)
		(void)inet_pton(AF_INET6, address, entry->ut_addr_v6);
}

static struct utmpx entry_for(const struct monitor *m, const struct session *session, short type)
{
	struct utmpx entry = {.ut_type = type, .ut_pid = getpid()};
	struct timeval now;
	size_t len = strlen(session->tty);

	gettimeofday(&now, NULL);
	entry.ut_tv.tv_sec = (__typeof__(entry.ut_tv.tv_sec))now.tv_sec;
	entry.ut_tv.tv_usec = (__typeof__(entry.ut_tv.tv_usec))now.tv_usec;
	fill(entry.ut_line, sizeof(entry.ut_line), session->tty);
	/* The end of the name tells terminals apart in the four bytes there are. */
	fill(entry.ut_id, sizeof(entry.ut_id), session->tty + (len > 4 ? len - 4 : 0));
	if (type == USER_PROCESS) {
		fill(entry.ut_user, sizeof(entry.ut_user), m->auth.account.name);
		fill(entry.ut_host, sizeof(entry.ut_host), m->peer.address);
		fill_address(&entry, m->peer.address);
	}
	return entry;
}

/* True when at least one of the files is there to be written. */
static bool write_entry(const struct utmpx *entry)
{
	bool is_written = false;

	if (access(_PATH_UTMP, W_OK) == 0) {
		setutxent();
		is_written = pututxline(entry) != NULL;
		endutxent();
	}
	if (access(_PATH_WTMP, W_OK) == 0) {
		updwtmpx(_PATH_WTMP, entry);
		is_written = true;
	}
	return is_written;
}

static off_t lastlog_position(const struct monitor *m)
{
	return (off_t)m->auth.account.uid * (off_t)sizeof(struct lastlog);
}

/* "Last login: Sat Nov 21 13:10:30 2026 from 192.0.2.1" */
static enum err tell_last_login(const struct lastlog *entry, struct buf *out)
{
	char when[32];
	time_t time = entry->ll_time;
	struct tm parts;

	if (time == 0 || localtime_r(&time, &parts) == NULL ||
	    strftime(when, sizeof(when), "%a %b %e %H:%M:%S %Y", &parts) == 0)
		return ERR_OK;
	TRY(buf_append_format(out, "Last login: %s", when));
	if (entry->ll_host[0] != 0)
		TRY(buf_append_format(out, " from %.*s", (int)sizeof(entry->ll_host), entry->ll_host));
	return buf_append_text(out, "\r\n");
}

enum err records_last_login(const struct monitor *m, struct buf *out)
{
	AUTO(fd_release) int fd = open(_PATH_LASTLOG, O_RDONLY | O_CLOEXEC);
	struct lastlog entry;

	if (fd < 0 || pread(fd, &entry, sizeof(entry), lastlog_position(m)) != (ssize_t)sizeof(entry))
		return ERR_OK;
	return tell_last_login(&entry, out);
}

static void write_lastlog(const struct monitor *m, const struct session *session)
{
	AUTO(fd_release) int fd = open(_PATH_LASTLOG, O_WRONLY | O_CLOEXEC);
	struct lastlog entry = {.ll_time = (__typeof__(entry.ll_time))time(NULL)};
	ssize_t written;

	if (fd < 0)
		return;
	fill(entry.ll_line, sizeof(entry.ll_line), session->tty);
	fill(entry.ll_host, sizeof(entry.ll_host), m->peer.address);
	written = pwrite(fd, &entry, sizeof(entry), lastlog_position(m));
	(void)written; /* a login does not fail because a disk is full */
}

static void tell_listener(struct monitor *m, const struct session *session, bool is_open)
{
	struct msg_record record = {
	    .line = slice_text(session->tty), .pid = (uint32_t)getpid(), .is_open = is_open};

	/* The listener may be gone: an authenticated connection outlives it. */
	IGNORE(IPC_SEND(&m->status, STATE_READY, MSG_RECORD, record, &record, monitor_scratch()));
}

enum verdict records_login(struct monitor *m, const struct session *session)
{
	struct utmpx entry;

	if (!m->prepared->handover.is_root)
		return DENY;
	entry = entry_for(m, session, USER_PROCESS);
	write_lastlog(m, session);
	if (!write_entry(&entry))
		return DENY;
	tell_listener(m, session, true);
	return PERMIT;
}

void records_logout(struct monitor *m, const struct session *session)
{
	struct utmpx entry = entry_for(m, session, DEAD_PROCESS);

	(void)write_entry(&entry);
	tell_listener(m, session, false);
}

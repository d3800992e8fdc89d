#include "privsep/monitor/program.h"

#include <stdio.h>
#include <unistd.h>

#include "privsep/monitor/decision_log.h"
#include "privsep/monitor/monitor.h"
#include "sshd/base/auto.h"
#include "sshd/base/log.h"

#define INTERNAL_SFTP "internal-sftp"
#define SFTP_SERVER   "sftp-server"

/* -------------------------------------------------------------- subsystem */

static const struct conf_subsystem *subsystem_named(const struct conf *conf, struct slice name)
{
	for (size_t i = 0; i < conf->subsystems.count; i++)
		if (slice_is(name, conf->subsystems.items[i].name))
			return &conf->subsystems.items[i];
	return NULL;
}

static const char *last_component(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/*
 * A configuration of another system names its sftp-server, which is not where ours is: then
 * ours answers, with the same arguments, since it takes the same.
 */
static enum err append_sftp(struct monitor *m, const struct conf_subsystem *row, struct buf *command)
{
	const char *arguments = strchr(row->command, ' ');

	LOG(SUBSYSTEM_REPLACED, T("SUBSYSTEM", row->name), T("FILE", row->path), T("ADDRESS", m->peer.address));
	TRY(buf_append_text(command, INTERNAL_SFTP));
	return arguments != NULL ? buf_append_text(command, arguments) : ERR_OK;
}

static enum err append_subsystem(struct monitor *m, const struct conf_subsystem *row, struct buf *command)
{
	bool is_foreign = strcmp(last_component(row->path), SFTP_SERVER) == 0 && row->path[0] == '/' &&
	    access(row->path, X_OK) != 0;

	return is_foreign ? append_sftp(m, row, command) : buf_append_text(command, row->command);
}

/* ----------------------------------------------------------- what will run */

static enum err remember_original(struct session *session, struct slice original)
{
	if (original.len == 0)
		return ERR_OK;
	TRY(buf_append_text(&session->environment, "SSH_ORIGINAL_COMMAND="));
	TRY(buf_append(&session->environment, original));
	return buf_append(&session->environment, BYTES(0));
}

/* Forced: whatever was asked for becomes a variable. */
static enum err lay_out_forced(struct monitor *m, struct session *session, struct slice original,
    char *description, size_t size)
{
	const struct restrictions *set = &m->auth.restrictions;
	struct slice command = buf_view(&set->command);

	session->has_command = true;
	TRY(buf_append(&session->command, command));
	snprintf(description, size, "forced-command (%s) '%.*s'",
	    m->auth.is_command_configured ? "config" : "key-option",
	    (int)(command.len < 900 ? command.len : 900), (const char *)command.ptr);
	return remember_original(session, original);
}

static enum err lay_out_asked(struct session *session, uint8_t kind, struct slice command,
    char *description, size_t size)
{
	/* An empty command is a shell, as with every sshd. */
	session->has_command = kind != PROGRAM_SHELL && command.len > 0;
	session->takes_signals = kind != PROGRAM_SUBSYSTEM;
	snprintf(description, size, "%s", session->has_command ? "command" : "shell");
	return buf_append(&session->command, command);
}

static enum err lay_out(struct monitor *m, struct session *session, uint8_t kind, struct slice asked,
    char *description, size_t size)
{
	AUTO(buf_wipe) struct buf line = buf_empty(PROGRAM_COMMAND_LIMIT);
	const struct conf_subsystem *row;

	if (kind == PROGRAM_SUBSYSTEM) {
		row = subsystem_named(m->auth.conf, asked);
		if (row == NULL) {
			LOG(SUBSYSTEM_UNKNOWN, F("SUBSYSTEM", asked), T("USER", m->auth.account.name));
			return ERR_NOT_FOUND;
		}
		LOG(SUBSYSTEM_REQUESTED, F("SUBSYSTEM", asked), T("USER", m->auth.account.name));
		TRY(append_subsystem(m, row, &line));
	} else if (kind == PROGRAM_EXEC) {
		TRY(buf_append(&line, asked));
	}
	if (m->auth.restrictions.has_command)
		return lay_out_forced(m, session, buf_view(&line), description, size);
	TRY(lay_out_asked(session, kind, buf_view(&line), description, size));
	if (kind == PROGRAM_SUBSYSTEM)
		snprintf(description, size, "subsystem '%.*s'", (int)(asked.len < 900 ? asked.len : 900),
		    (const char *)asked.ptr);
	return ERR_OK;
}

static bool is_text(struct slice bytes)
{
	return bytes.len == 0 || memchr(bytes.ptr, 0, bytes.len) == NULL;
}

enum verdict program_decide(struct monitor *m, struct session *session, uint8_t kind,
    struct slice command)
{
	char description[1024];

	if (kind > PROGRAM_SUBSYSTEM || !is_text(command))
		return DENY;
	session->kind = kind;
	if (lay_out(m, session, kind, command, description, sizeof(description)) != ERR_OK) {
		buf_wipe(&session->command);
		return DENY;
	}
	log_session_starting(m, session, description);
	return PERMIT;
}

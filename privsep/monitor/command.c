#include "privsep/monitor/command.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "config/lexer.h"
#include "privsep/monitor/decision_log.h"
#include "privsep/monitor/monitor.h"
#include "privsep/sandbox/identity.h"
#include "sshd/base/auto.h"
#include "sshd/base/fd.h"

#define WORD_LIMIT 8192u

/* The words of a command, ready for execve. */
struct arguments {
	struct buf texts[COMMAND_WORDS_LIMIT];
	char *words[COMMAND_WORDS_LIMIT + 1];
	size_t count;
};

static void arguments_wipe(struct arguments *arguments)
{
	for (size_t i = 0; i < arguments->count; i++)
		buf_wipe(&arguments->texts[i]);
	arguments->count = 0;
}

static enum err arguments_add(struct arguments *arguments, struct slice word, const struct token *tokens,
    size_t token_count)
{
	AUTO(buf_wipe) struct buf plain = buf_empty(WORD_LIMIT);
	struct buf *text = &arguments->texts[arguments->count];
	const char *written = NULL, *expanded = NULL;

	if (arguments->count == COMMAND_WORDS_LIMIT)
		return ERR_LIMIT;
	*text = buf_empty(4 * WORD_LIMIT);
	arguments->count++;
	TRY(buf_append(&plain, word));
	TRY(buf_c_string(&plain, &written));
	TRY(tokens_expand(written, tokens, token_count, text));
	TRY(buf_c_string(text, &expanded));
	arguments->words[arguments->count - 1] = (char *)(uintptr_t)expanded;
	return ERR_OK;
}

static enum err split(const char *line, const struct token *tokens, size_t token_count,
    struct arguments *arguments)
{
	AUTO(arena_wipe) struct arena arena = {0};
	AUTO(line_wipe) struct line words = {0};

	TRY(line_split_value(slice_text(line), &arena, &words));
	for (size_t i = 0; i < words.count; i++)
		TRY(arguments_add(arguments, words.words[i].text, tokens, token_count));
	return arguments->count > 0 ? ERR_OK : ERR_MALFORMED;
}

/* Only the administrator may have written it, or moved something into its place. */
static bool is_administrators(const char *path)
{
	char at[PATH_MAX];
	struct stat facts;

	if (path[0] != '/' || realpath(path, at) == NULL)
		return false;
	if (stat(at, &facts) != 0 || !S_ISREG(facts.st_mode))
		return false;
	for (;;) {
		char *slash = strrchr(at, '/');

		if (stat(at, &facts) != 0 || (facts.st_uid != 0 && facts.st_uid != getuid()) ||
		    (facts.st_mode & (S_IWGRP | S_IWOTH)))
			return false;
		if (strcmp(at, "/") == 0)
			return true;
		slash[slash == at ? 1 : 0] = 0;
	}
}

/* -------------------------------------------------------------------- child */

_Noreturn static void become_and_execute(const struct prepared *prepared, const struct account *account,
    const struct arguments *arguments, int output)
{
	char user[USER_NAME_LIMIT + 16], logname[USER_NAME_LIMIT + 16], home[PATH_MAX + 8];
	char *environment[] = {(char[]){"PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"}, user, logname, home, NULL};
	int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);

	snprintf(user, sizeof(user), "USER=%s", account->name);
	snprintf(logname, sizeof(logname), "LOGNAME=%s", account->name);
	snprintf(home, sizeof(home), "HOME=%s", account->home);
	IGNORE(inheritance_restore(&prepared->handover.inheritance)); /* what cannot be given back stays */
	if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 || dup2(nothing, STDERR_FILENO) < 0 ||
	    dup2(output, STDOUT_FILENO) < 0 || fd_close_from(STDERR_FILENO + 1) != ERR_OK)
		_exit(126);
	if (prepared->handover.is_root &&
	    identity_become(account->uid, account->gid, account->groups, account->group_count) != ERR_OK)
		_exit(126);
	inheritance_restore_mask(&prepared->handover.inheritance);
	execve(arguments->words[0], arguments->words, environment);
	_exit(127);
}

/* ------------------------------------------------------------------- parent */

static void on_readable(struct loop_source *source, uint32_t events)
{
	struct command *command = CONTAINER_OF(source, struct command, source);
	struct span room;
	ssize_t got;

	(void)events;
	if (buf_reserve(&command->output, 1, &room) != ERR_OK) {
		command->is_ended = command->has_failed = true;
		return;
	}
	got = read(source->fd, room.ptr, room.len);
	if (got > 0)
		buf_commit(&command->output, (size_t)got);
	else if (got == 0 || (errno != EAGAIN && errno != EINTR))
		command->is_ended = true;
}

static bool is_ended(const struct monitor *m)
{
	return m->command.is_ended;
}

static enum err read_all(struct monitor *m, int fd)
{
	struct command *command = &m->command;
	enum err err;

	*command = (struct command){
	    .source = {.fd = fd, .ready = on_readable}, .output = buf_empty(COMMAND_OUTPUT_LIMIT)};
	TRY(fd_set_nonblocking(fd));
	TRY(loop_add(&m->loop, &command->source, EPOLLIN));
	err = monitor_wait(m, is_ended, clock_now_ms() + COMMAND_TIME_MS);
	loop_remove(&m->loop, &command->source);
	return err == ERR_OK && command->has_failed ? ERR_LIMIT : err;
}

/* It has closed its output, or is to end now. */
static bool ended_well(pid_t pid, bool kills)
{
	int status = 0;

	if (kills)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return false;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static enum err run(struct monitor *m, const struct account *account, const struct arguments *arguments,
    struct buf *output, enum verdict *verdict)
{
	AUTO(fd_release) int reading = -1;
	AUTO(fd_release) int writing = -1;
	int ends[2];
	enum err err;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return ERR_SYSTEM;
	reading = ends[0];
	writing = ends[1];
	pid = fork();
	if (pid == 0)
		become_and_execute(m->prepared, account, arguments, writing);
	if (pid < 0)
		return ERR_SYSTEM;
	fd_release(&writing);
	err = read_all(m, reading);
	if (ended_well(pid, err != ERR_OK) && err == ERR_OK) {
		*output = m->command.output;
		*verdict = PERMIT;
	} else {
		buf_wipe(&m->command.output);
	}
	m->command.output = buf_empty(0);
	return err;
}

/* Without root nothing can be run as anybody else. */
static enum err find_runner(struct monitor *m, const char *user, struct account *account)
{
	uid_t only = m->prepared->handover.is_root ? (uid_t)-1 : getuid();

	TRY(account_find(slice_text(user), only, &m->prepared->nobody, account));
	if (!account->exists)
		return ERR_NOT_FOUND;
	return account_load_groups(account);
}

static enum err prepare_and_run(struct monitor *m, const char *line, const char *user,
    const struct token *tokens, size_t token_count, struct buf *output, enum verdict *verdict)
{
	AUTO(arguments_wipe) struct arguments arguments = {0};
	AUTO(account_wipe) struct account account = {0};

	TRY(find_runner(m, user, &account));
	TRY(split(line, tokens, token_count, &arguments));
	if (!is_administrators(arguments.words[0]))
		return ERR_MODE;
	return run(m, &account, &arguments, output, verdict);
}

enum err command_run(struct monitor *m, const char *line, const char *user, const struct token *tokens,
    size_t token_count, struct buf *output, enum verdict *verdict)
{
	enum err err;

	*verdict = DENY;
	if (user == NULL)
		return ERR_OK;
	err = prepare_and_run(m, line, user, tokens, token_count, output, verdict);
	if (err == ERR_CLOSED || err == ERR_NO_MEMORY)
		return err;
	if (*verdict != PERMIT)
		log_command_failed(m, line, err);
	return ERR_OK;
}

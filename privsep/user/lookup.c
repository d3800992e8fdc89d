/* The look-up role: file bytes and facts about modes of the user's own files, never verdicts. */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "privsep/user/user.h"
#include "sshd/base/auto.h"
#include "sshd/base/fd.h"
#include "sshd/wire/writer.h"

#define PART_LEN         65536u
#define COMPONENTS_LIMIT 60000u
#define PATHS_LIMIT      60000u

static enum err read_path(struct slice path, char out[static PATH_MAX])
{
	if (path.len == 0 || path.len >= PATH_MAX || memchr(path.ptr, 0, path.len) != NULL)
		return ERR_MALFORMED;
	memcpy(out, path.ptr, path.len);
	out[path.len] = 0;
	return ERR_OK;
}

static void write_component(struct writer *w, const char *path, const struct stat *facts)
{
	write_text(w, path);
	write_u32(w, facts->st_uid);
	write_u32(w, facts->st_mode);
}

/*
 * The file and every directory above it, up to the home directory or the root: what others
 * could change to make this file say something else.
 */
static enum err write_components(struct writer *w, int fd, const char *path, const char *home)
{
	char real[PATH_MAX], real_home[PATH_MAX];
	struct stat facts;

	if (realpath(path, real) == NULL || fstat(fd, &facts) != 0)
		return ERR_SYSTEM;
	if (realpath(home, real_home) == NULL)
		real_home[0] = 0;
	write_component(w, real, &facts);
	for (;;) {
		char *slash = strrchr(real, '/');

		if (slash == NULL)
			return ERR_SYSTEM;
		slash[slash == real ? 1 : 0] = 0;
		if (stat(real, &facts) != 0)
			return ERR_SYSTEM;
		write_component(w, real, &facts);
		if (strcmp(real, real_home) == 0 || strcmp(real, "/") == 0)
			return writer_finish(w, NULL);
	}
}

static enum err send_part(struct user *user, struct slice bytes)
{
	struct msg_user_part part = {.bytes = bytes};

	return IPC_SEND_FDS(&user->channel, STATE_LOOKUP, MSG_USER_PART, user_part, &part, user->datagram,
	    NULL, 0, true);
}

static enum err send_content(struct user *user, int fd, size_t limit)
{
	static uint8_t bytes[PART_LEN];
	size_t sent = 0;

	while (sent < limit) {
		size_t wanted = limit - sent < sizeof(bytes) ? limit - sent : sizeof(bytes);
		ssize_t got = read(fd, bytes, wanted);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		TRY(send_part(user, slice_over(bytes, (size_t)got)));
		sent += (size_t)got;
	}
	return send_part(user, (struct slice){0});
}

/* ERR_SYSTEM with errno; a FIFO or device is none of the user's key files. */
static enum err open_regular(const char *path, int *out, struct stat *facts)
{
	AUTO(fd_release) int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, facts) != 0)
		return ERR_SYSTEM;
	if (!S_ISREG(facts->st_mode)) {
		errno = EINVAL;
		return ERR_SYSTEM;
	}
	*out = TAKE_FD(fd);
	return ERR_OK;
}

static enum err answer(struct user *user, const char *path, size_t limit)
{
	static uint8_t components[COMPONENTS_LIMIT];
	struct writer w = writer_into((struct span){components, sizeof(components)});
	AUTO(fd_release) int fd = -1;
	struct msg_user_found found = {0};
	struct stat facts;

	if (open_regular(path, &fd, &facts) != ERR_OK ||
	    write_components(&w, fd, path, user->setup.home) != ERR_OK) {
		found.error = errno != 0 ? (uint32_t)errno : EIO;
		fd_release(&fd);
	} else {
		found.components = writer_view(&w);
		found.size = (uint64_t)facts.st_size;
	}
	TRY(IPC_SEND_FDS(&user->channel, STATE_LOOKUP, MSG_USER_FOUND, user_found, &found, user->datagram,
	    NULL, 0, true));
	return fd < 0 ? send_part(user, (struct slice){0}) : send_content(user, fd, limit);
}

static enum err look_up(struct user *user, struct slice body)
{
	char asked[PATH_MAX], path[2 * PATH_MAX];
	struct msg_user_lookup msg;

	TRY(msg_user_lookup_parse(body, &msg));
	TRY(read_path(msg.path, asked));
	if (asked[0] == '/')
		snprintf(path, sizeof(path), "%s", asked);
	else
		snprintf(path, sizeof(path), "%s/%s", user->setup.home, asked);
	return answer(user, path, msg.limit_bytes);
}

/* Relative patterns are below the home, which may itself hold characters of patterns. */
static enum err match_paths(struct user *user, struct slice body)
{
	static uint8_t room[PATHS_LIMIT];
	char pattern[PATH_MAX];
	struct writer w = writer_into((struct span){room, sizeof(room)});
	struct msg_user_glob msg;
	struct msg_user_paths paths;
	glob_t found = {0};

	TRY(msg_user_glob_parse(body, &msg));
	TRY(read_path(msg.pattern, pattern));
	if (chdir(user->setup.home) == 0 || pattern[0] == '/')
		(void)glob(pattern, 0, NULL, &found); /* nothing found is nothing found */
	for (size_t i = 0; i < found.gl_pathc; i++)
		write_bytes(&w, slice_over(found.gl_pathv[i], strlen(found.gl_pathv[i]) + 1));
	globfree(&found);
	paths = (struct msg_user_paths){.paths = writer_view(&w)};
	return IPC_SEND_FDS(&user->channel, STATE_LOOKUP, MSG_USER_PATHS, user_paths, &paths, user->datagram, NULL, 0,
	    true);
}

enum err lookup_serve(struct user *user)
{
	for (;;) {
		AUTO(ipc_message_wipe) struct ipc_message message = {0};
		enum err err = ipc_receive(&user->channel, STATE_LOOKUP, user->datagram, true, &message);

		if (err == ERR_CLOSED)
			return ERR_OK;
		TRY(err);
		TRY(message.type == MSG_USER_GLOB ? match_paths(user, message.body) : look_up(user, message.body));
	}
}

/*
 * The socket at which programs find the client's agent: ~/.ssh/agent/s.RANDOM.sshd.RANDOM, or in
 * a folder of its own below /tmp where the home cannot have it. Only the user reaches either.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "privsep/user/forwards.h"
#include "sshd/base/auto.h"
#include "sshd/base/fd.h"

#define BACKLOG     128
#define NAME_RANDOM 10u

static bool draw_name(char name[static NAME_RANDOM + 1])
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789__";
	uint8_t bytes[NAME_RANDOM];

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return false;
	for (size_t i = 0; i < NAME_RANDOM; i++)
		name[i] = letters[bytes[i] % 64];
	name[NAME_RANDOM] = 0;
	return true;
}

/* The folder, made when it is not there, if it is the user's and nobody else may enter. */
static bool is_private_folder(const char *path)
{
	struct stat facts;

	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return false;
	return lstat(path, &facts) == 0 && S_ISDIR(facts.st_mode) && facts.st_uid == geteuid() &&
	       (facts.st_mode & (S_IRWXG | S_IRWXO)) == 0;
}

static bool name_in_home(const char *home, char path[static AGENT_PATH_SIZE])
{
	char first[NAME_RANDOM + 1], second[NAME_RANDOM + 1], folder[AGENT_PATH_SIZE];
	int len;

	len = snprintf(folder, sizeof(folder), "%s/.ssh", home);
	if (len < 0 || (size_t)len >= sizeof(folder) - sizeof("/agent"))
		return false;
	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		return false;
	snprintf(folder + len, sizeof(folder) - (size_t)len, "/agent");
	if (!is_private_folder(folder) || !draw_name(first) || !draw_name(second))
		return false;
	len = snprintf(path, AGENT_PATH_SIZE, "%s/s.%s.sshd.%s", folder, first, second);
	return len > 0 && (size_t)len < sizeof(((struct sockaddr_un *)NULL)->sun_path);
}

static bool name_in_tmp(char path[static AGENT_PATH_SIZE])
{
	char folder[] = "/tmp/ssh-XXXXXXXXXX";

	if (mkdtemp(folder) == NULL)
		return false;
	snprintf(path, AGENT_PATH_SIZE, "%s/agent.%ld", folder, (long)getpid());
	return true;
}

static enum err bind_at(const char *path, int *out)
{
	AUTO(fd_release) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un address;
	mode_t before;
	int result;

	if (fd < 0 || !socket_path_address(path, &address))
		return ERR_SYSTEM;
	before = umask(0177);
	result = bind(fd, (const struct sockaddr *)&address, sizeof(address));
	umask(before);
	if (result != 0 || listen(fd, BACKLOG) != 0)
		return ERR_SYSTEM;
	*out = TAKE_FD(fd);
	return ERR_OK;
}

enum err agent_socket_open(const char *home, char path[static AGENT_PATH_SIZE], int *fd)
{
	if (name_in_home(home, path) && bind_at(path, fd) == ERR_OK)
		return ERR_OK;
	if (!name_in_tmp(path))
		return ERR_SYSTEM;
	if (bind_at(path, fd) == ERR_OK)
		return ERR_OK;
	agent_socket_remove(path);
	return ERR_SYSTEM;
}

void agent_socket_remove(const char *path)
{
	char folder[AGENT_PATH_SIZE];
	char *slash;

	(void)unlink(path);
	snprintf(folder, sizeof(folder), "%s", path);
	slash = strrchr(folder, '/');
	if (slash == NULL || strncmp(folder, "/tmp/ssh-", strlen("/tmp/ssh-")) != 0)
		return;
	*slash = 0;
	(void)rmdir(folder);
}

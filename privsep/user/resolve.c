#include "privsep/user/resolve.h"

#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sshd/base/auto.h"
#include "sshd/base/fd.h"

/* A resolver without an answer for so long has none. */
#define RESOLVE_SECONDS 60u

/* ------------------------------------------------------------------ the child */

static void copy_addresses(const struct addrinfo *list, struct addresses *addresses)
{
	for (; list != NULL && addresses->count < ADDRESSES_LIMIT; list = list->ai_next) {
		union address *address = &addresses->items[addresses->count];

		if (list->ai_addrlen > sizeof(*address) ||
		    (list->ai_family != AF_INET && list->ai_family != AF_INET6))
			continue;
		memcpy(address, list->ai_addr, list->ai_addrlen);
		addresses->count++;
	}
}

_Noreturn static void resolve_in_child(const char *name, int fd)
{
	const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
	struct addresses addresses = {0};
	struct addrinfo *list = NULL;
	uint8_t room[ADDRESSES_ENCODED_LIMIT];
	size_t len = 0;
	int error;

	signal(SIGALRM, SIG_DFL);
	alarm(RESOLVE_SECONDS);
	error = getaddrinfo(name, NULL, &hints, &list);
	if (error == 0)
		copy_addresses(list, &addresses);
	if (addresses_encode(&addresses, (uint8_t)-error, (struct span){room, sizeof(room)}, &len) != ERR_OK ||
	    fd_write_all(fd, slice_over(room, len)) != ERR_OK)
		_exit(1);
	_exit(0);
}

/* ----------------------------------------------------------------- the parent */

void resolve_end(struct resolving *resolving, struct loop *loop)
{
	if (resolving->child <= 0)
		return;
	loop_remove(loop, &resolving->source);
	fd_release(&resolving->source.fd);
	(void)kill(resolving->child, SIGKILL);
	while (waitpid(resolving->child, NULL, 0) < 0 && errno == EINTR)
		continue;
	resolving->child = 0;
}

static void finish(struct resolving *resolving)
{
	struct addresses addresses;
	uint8_t error = 0;

	if (addresses_parse(slice_over(resolving->answer, resolving->len), &addresses, &error) != ERR_OK)
		resolving->done(resolving, NULL, "the name could not be resolved in time");
	else if (error != 0)
		resolving->done(resolving, NULL, gai_strerror(-(int)error));
	else if (addresses.count == 0)
		resolving->done(resolving, NULL, "the name has no address");
	else
		resolving->done(resolving, &addresses, NULL);
}

static void on_answer(struct loop_source *source, uint32_t events)
{
	struct resolving *resolving = CONTAINER_OF(source, struct resolving, source);
	ssize_t len;

	(void)events;
	len = read(source->fd, resolving->answer + resolving->len,
	    sizeof(resolving->answer) - resolving->len);
	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (len > 0)
		resolving->len += (size_t)len;
	else
		finish(resolving);
}

enum err resolve_begin(struct resolving *resolving, struct loop *loop, const char *name,
    void (*done)(struct resolving *, const struct addresses *, const char *))
{
	AUTO(fd_release) int ours = -1;
	AUTO(fd_release) int theirs = -1;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
		return ERR_SYSTEM;
	ours = ends[0];
	theirs = ends[1];
	*resolving = (struct resolving){.source = {.fd = TAKE_FD(ours), .ready = on_answer}, .done = done};
	resolving->child = fork();
	if (resolving->child == 0) {
		if (dup2(theirs, 3) < 0 || fd_close_from(4) != ERR_OK)
			_exit(1);
		resolve_in_child(name, 3);
	}
	if (resolving->child < 0) {
		resolving->child = 0;
		fd_release(&resolving->source.fd);
		return ERR_SYSTEM;
	}
	if (loop_add(loop, &resolving->source, EPOLLIN) != ERR_OK) {
		resolve_end(resolving, loop);
		return ERR_SYSTEM;
	}
	return ERR_OK;
}

#include "sshd/base/secret.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sshd/base/auto.h"
#include "sshd/base/fd.h"

struct secret {
	uint8_t *pages;
	size_t mapped_bytes;
	size_t len;
};

static void *map_unreachable(size_t bytes)
{
#ifdef SYS_memfd_secret
	AUTO(fd_release) int fd = (int)syscall(SYS_memfd_secret, (unsigned)O_CLOEXEC);

	if (fd >= 0 && ftruncate(fd, (off_t)bytes) == 0)
		return mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
#endif
	return MAP_FAILED;
}

static void *map_locked(size_t bytes)
{
	void *pages = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED)
		return pages;
	(void)mlock(pages, bytes); /* forbidden by RLIMIT_MEMLOCK in containers */
	(void)madvise(pages, bytes, MADV_DONTDUMP);
	(void)madvise(pages, bytes, MADV_WIPEONFORK);
	return pages;
}

enum err secret_new(size_t len, struct secret **out)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct secret *secret;
	void *pages;

	if (len == 0 || len > SECRET_LIMIT)
		return ERR_RANGE;
	secret = calloc(1, sizeof(*secret));
	if (secret == NULL)
		return ERR_NO_MEMORY;
	secret->mapped_bytes = (len + page - 1) / page * page;
	pages = map_unreachable(secret->mapped_bytes);
	if (pages == MAP_FAILED)
		pages = map_locked(secret->mapped_bytes);
	if (pages == MAP_FAILED) {
		free(secret);
		return ERR_NO_MEMORY;
	}
	secret->pages = pages;
	secret->len = len;
	*out = secret;
	return ERR_OK;
}

static enum err read_into(int fd, struct secret *secret, size_t limit)
{
	size_t got = 0;

	for (;;) {
		/* One byte more than allowed is asked for, to tell "exactly" from "too long". */
		ssize_t n = read(fd, secret->pages + got, limit + 1 - got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ERR_SYSTEM;
		if (n == 0)
			break;
		got += (size_t)n;
		if (got > limit)
			return ERR_TOO_LONG;
	}
	secret->len = got;
	return ERR_OK;
}

enum err secret_read(int fd, size_t limit, struct secret **out)
{
	AUTO(secret_release) struct secret *secret = NULL;

	TRY(secret_new(limit + 1, &secret));
	TRY(read_into(fd, secret, limit));
	*out = TAKE(secret);
	return ERR_OK;
}

void secret_free(struct secret *secret)
{
	if (secret == NULL)
		return;
	explicit_bzero(secret->pages, secret->mapped_bytes);
	munmap(secret->pages, secret->mapped_bytes);
	free(secret);
}

void secret_release(struct secret **secret)
{
	secret_free(*secret);
	*secret = NULL;
}

struct span secret_expose(struct secret *secret)
{
	return (struct span){secret->pages, secret->len};
}

void secret_shorten(struct secret *secret, size_t len)
{
	if (len >= secret->len)
		return;
	explicit_bzero(secret->pages + len, secret->len - len);
	secret->len = len;
}

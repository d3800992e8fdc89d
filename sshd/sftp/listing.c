#include "sshd/sftp/listing.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

#include "sshd/base/auto.h"

struct sftp_listing {
	size_t at, end;
	bool is_over;
	_Alignas(struct dirent64) uint8_t entries[SFTP_LISTING_ROOM];
};

enum err sftp_listing_new(struct sftp_listing **listing)
{
	struct sftp_listing *new = malloc(sizeof(*new));

	if (new == NULL)
		return ERR_NO_MEMORY;
	new->at = new->end = 0;
	new->is_over = false;
	*listing = new;
	return ERR_OK;
}

void sftp_listing_free(struct sftp_listing *listing)
{
	free(listing);
}

bool sftp_listing_is_drained(const struct sftp_listing *listing)
{
	return listing->at == listing->end;
}

static const struct dirent64 *current(const struct sftp_listing *listing)
{
	return (const struct dirent64 *)(const void *)(listing->entries + listing->at);
}

enum err sftp_listing_peek(struct sftp_listing *listing, int fd, const char **name)
{
	if (listing->at == listing->end) {
		ssize_t len = listing->is_over
		                  ? 0
		                  : getdents64(fd, listing->entries, sizeof(listing->entries));

		/* A directory that was removed meanwhile has no entries any more. */
		if (len < 0 && errno == ENOENT)
			len = 0;
		if (len < 0)
			return ERR_SYSTEM;
		listing->at = 0;
		listing->end = (size_t)len;
		listing->is_over = len == 0;
	}
	if (listing->is_over)
		return ERR_NOT_FOUND;
	*name = current(listing)->d_name;
	return ERR_OK;
}

void sftp_listing_advance(struct sftp_listing *listing)
{
	listing->at += current(listing)->d_reclen;
}

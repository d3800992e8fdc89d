/* Names of users and groups, and their homes, from wherever they can be had. */
#pragma once

#include "sshd/base/buf.h"

#define SFTP_NAME_LIMIT 255u /* longer ones are as good as unknown */

enum sftp_name_kind { SFTP_USER_NAME, SFTP_GROUP_NAME, SFTP_NAME_KIND_COUNT };

/* Somebody who knows names. One who is asked may block for as long as name service does. */
struct sftp_names {
	/* Appends the name of a uid or gid. ERR_NOT_FOUND. */
	enum err (*find)(
	    struct sftp_names *names, enum sftp_name_kind kind, uint32_t id, struct buf *name);
	/* Appends the home directory of a user. ERR_NOT_FOUND. */
	enum err (*find_home)(struct sftp_names *names, struct slice user, struct buf *home);
};

/* Asks the C library, in this process. */
extern struct sftp_names sftp_names_of_system;

/* What was found and what was not, remembered: listings ask for the same few again and again. */
#define SFTP_NAME_CACHE_SLOTS 64u

struct sftp_name_cache {
	struct sftp_names *names; /* NULL: nothing is known */
	struct {
		uint32_t id;
		bool is_used;
		char *text; /* NULL: there is none */
	} slots[SFTP_NAME_KIND_COUNT][SFTP_NAME_CACHE_SLOTS];
};

/* The name, or NULL when there is none; valid until the next call. */
const char *sftp_name_find(struct sftp_name_cache *cache, enum sftp_name_kind kind, uint32_t id);
void sftp_name_cache_wipe(struct sftp_name_cache *cache);

/*
 * AuthorizedPrincipalsFile: the names of which a certificate must carry one, each with key
 * options in front of it if there are any (sshd_config(5)).
 */
#pragma once

#include "sshd/auth/evidence/authorized_keys.h"

struct principals_search {
	/* Whether the certificate carries this name. */
	bool (*names)(void *owner, struct slice name);
	void (*remark)(void *owner, unsigned line, enum key_remark remark, struct slice detail);
	bool (*source_matches)(void *owner, struct slice patterns);
	void *owner;
	uint64_t now_s;
	const struct local_zone *zone;
};

/*
 * The first line whose name the certificate carries and whose options do not object.
 *
 * options   of that line, the caller's to wipe; set with PERMIT only
 * ERR_NO_MEMORY
 */
enum err principals_find(struct slice file, const struct principals_search *search, enum verdict *verdict,
    struct key_options *options, unsigned *line);

/* One line taken apart; false: nothing on it. Both point into the line. For tests. */
bool principals_line_parse(struct slice line, struct slice *options, struct slice *name);

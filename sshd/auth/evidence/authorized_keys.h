/*
 * authorized_keys: lines and their options (AUTHORIZED_KEYS FILE FORMAT of sshd(8)). The file
 * is its user's, who may write anything into it: a line that is not understood grants nothing.
 */
#pragma once

#include "sshd/auth/evidence/restrictions.h"

#define AUTHORIZED_KEYS_LINE_LIMIT (64u * 1024)

/* One line, taken apart. The slices point into the file. */
struct authorized_line {
	unsigned number; /* from 1 */
	struct slice options; /* as written, empty when there are none */
	struct slice key_type, key_base64, comment;
};

/*
 * The next line that holds a key; `file` loses what was read, `number` counts lines and begins
 * at 0. Empty lines, comments and lines without a key are passed over. False: no more.
 */
bool authorized_line_next(struct slice *file, unsigned *number, struct authorized_line *line);

struct key_options {
	struct restrictions restrictions;
	bool is_authority;     /* cert-authority: the key signs certificates */
	bool has_principals;
	struct buf principals; /* one name per text, each ended by a zero byte */
	bool has_from;
	struct buf from;       /* patterns separated by commas */
	uint64_t expires_s;    /* the last second in which it is good, + 1; 0: for ever */
	bool has_touch, touch_required;   /* FIDO: said something, and what */
	bool verify_required;
};

struct key_options key_options_none(void);
void key_options_wipe(struct key_options *options); /* for AUTO */

/*
 * Parses the options of one line. expiry-time without a Z is in the time zone that is
 * `utc_offset`: seconds east of UTC, given a time.
 *
 * options    filled on success only; its owner wipes it
 * complaint  on failure: what is wrong, for the log; the line then grants nothing
 * ERR_MALFORMED: unknown option, bad quotes, bad value. ERR_NO_MEMORY, ERR_LIMIT.
 */
struct local_zone {
	int64_t (*utc_offset_s)(int64_t local_time_s);
};
enum err key_options_parse(struct slice text, const struct local_zone *zone,
    struct key_options *options, const char **complaint);

/* Why a line that names the key does not count. */
enum key_remark {
	KEY_OPTIONS_BAD,  /* detail: the complaint */
	KEY_NOT_FROM_HERE, /* detail: the patterns */
	KEY_EXPIRED,
	KEY_REMARK_COUNT,
};

struct key_search {
	struct slice blob;       /* of the key, or of the authority that signed the certificate */
	bool wants_authority;
	uint64_t now_s;
	const struct local_zone *zone;
	void *owner;
	bool (*source_matches)(void *owner, struct slice patterns);
	void (*remark)(void *owner, unsigned line, enum key_remark remark, struct slice detail);
};

/*
 * Looks for the key in the text of an authorized_keys file. Compares blobs only: nothing in the
 * file but the line that names the key is decoded further.
 *
 * verdict   PERMIT: found, `options` and `line` are set and are the caller's to wipe
 * ERR_NO_MEMORY
 */
enum err authorized_keys_search(struct slice file, const struct key_search *search,
    enum verdict *verdict, struct key_options *options, unsigned *line);

/* Public key authentication: the key's algorithm, the files, the line. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <time.h>

#include "config/ctl/why.h"
#include "config/pattern.h"
#include "config/tokens.h"
#include "sshd/auth/evidence/authorized_keys.h"
#include "sshd/base/auto.h"
#include "sshd/base/fd.h"
#include "sshd/base/file.h"
#include "sshd/crypto/key_blob.h"
#include "sshd/crypto/key_file.h"

#define KEYS_LIMIT (1u << 20)

/* The first line of a file that is neither empty nor a comment. */
static bool first_line(struct slice text, struct slice *line)
{
	while (text_next_line(&text, line))
		if (line->len > 0 && !slice_starts(*line, "#"))
			return true;
	return false;
}

bool why_read_key(struct why *why, const char *path)
{
	AUTO(buf_wipe) struct buf content = buf_empty(KEYS_LIMIT);
	AUTO(fd_release) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct slice line;
	size_t len;

	if (fd < 0 || file_read(fd, &content) != ERR_OK) {
		why_step(why, STEP_FAILS, NULL, "%s: cannot be read: %s", path, strerror(errno));
		return false;
	}
	why->key_blob = buf_empty(KEY_BLOB_LIMIT);
	if (!first_line(buf_view(&content), &line) ||
	    public_key_line_parse(line, &why->key_blob) != ERR_OK) {
		why_step(why, STEP_FAILS, NULL, "%s: holds no public key", path);
		return false;
	}
	for (len = 0; len < line.len && line.ptr[len] != ' ' && line.ptr[len] != '\t';)
		len++;
	why->key_type = slice_text(arena_text(&why->arena, slice_first(line, len)));
	why->has_key = true;
	return true;
}

static bool list_has(const char *list, struct slice name)
{
	struct slice rest = slice_text(list), one;

	while (list_next(&rest, &one))
		if (slice_equal(one, name))
			return true;
	return false;
}

/* An RSA key may sign in several ways, any other in one. */
static bool is_algorithm_accepted(struct why *why)
{
	const char *accepted = why->conf->pubkey_accepted_algorithms;
	bool is_rsa = slice_is(why->key_type, "ssh-rsa");
	bool is_accepted = list_has(accepted, why->key_type) ||
	                   (is_rsa && (list_has(accepted, LITERAL("rsa-sha2-512")) ||
	                                  list_has(accepted, LITERAL("rsa-sha2-256"))));

	if (!is_accepted)
		why_step(why, STEP_FAILS, NULL,
		    "keys of type %.*s are not in PubkeyAcceptedAlgorithms", (int)why->key_type.len,
		    (const char *)why->key_type.ptr);
	return is_accepted;
}

static bool is_long_enough(struct why *why)
{
	struct key_blob key;
	unsigned bits;

	if (key_blob_parse(buf_view(&why->key_blob), &key) != ERR_OK || key.kind != KEY_RSA)
		return true;
	bits = key_blob_bits(&key);
	if (bits >= why->conf->required_rsa_bits)
		return true;
	why_step(why, STEP_FAILS, NULL, "the key has %u bits, RequiredRSASize asks for %u", bits,
	    why->conf->required_rsa_bits);
	return false;
}

/* ---- the files ---- */

static int64_t utc_offset(int64_t local_time_s)
{
	time_t time = (time_t)local_time_s;
	struct tm broken;

	return localtime_r(&time, &broken) != NULL ? broken.tm_gmtoff : 0;
}

static bool source_matches(void *owner, struct slice patterns)
{
	const struct why *why = owner;

	/* Without --from nothing is known that could stand against it. */
	if (why->facts->address == NULL)
		return true;
	return host_list_match(why->facts->host, slice_text(why->facts->address), patterns) ==
	       MATCH_YES;
}

static void remark(void *owner, unsigned line, enum key_remark remark, struct slice detail)
{
	static const char *const texts[KEY_REMARK_COUNT] = {
	    [KEY_OPTIONS_BAD] = "its options are not understood",
	    [KEY_NOT_FROM_HERE] = "its from= does not name the address",
	    [KEY_EXPIRED] = "it has expired",
	};

	why_step(owner, STEP_FAILS, NULL, "line %u holds the key, but %s%s%.*s", line,
	    texts[remark], detail.len > 0 ? ": " : "", (int)detail.len, (const char *)detail.ptr);
}

static bool find_key(struct why *why, const char *path, struct slice content)
{
	const struct local_zone zone = {utc_offset};
	const struct key_search search = {.blob = buf_view(&why->key_blob),
	    .now_s = (uint64_t)time(NULL),
	    .zone = &zone,
	    .owner = why,
	    .source_matches = source_matches,
	    .remark = remark};
	AUTO(key_options_wipe) struct key_options options = key_options_none();
	enum verdict verdict = DENY;
	unsigned line = 0;

	if (authorized_keys_search(content, &search, &verdict, &options, &line) != ERR_OK ||
	    verdict != PERMIT) {
		why_step(why, STEP_INFO, NULL, "%s: does not grant the key", path);
		return false;
	}
	why->is_command_forced = options.restrictions.has_command;
	why_step(why, STEP_OK, NULL, "%s:%u: holds the key%s", path, line,
	    why->is_command_forced ? ", for a forced command" : "");
	return true;
}

static bool has_keys(struct why *why, const char *path, struct slice content)
{
	struct authorized_line line;
	unsigned number = 0, count = 0;

	while (authorized_line_next(&content, &number, &line))
		count++;
	why_step(why, count > 0 ? STEP_OK : STEP_INFO, NULL, "%s: %u keys", path, count);
	return count > 0;
}

/* One file of AuthorizedKeysFile, walked, then read. */
static bool look_at_file(struct why *why, const char *path)
{
	AUTO(buf_wipe) struct buf content = buf_empty(KEYS_LIMIT);
	const char *home = why->account.home;
	bool is_at_home = strncmp(path, home, strlen(home)) == 0;

	if (!why_walk(why, path, is_at_home ? home : "/", why->conf->strict_modes))
		return false;
	AUTO(fd_release) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0 || file_read(fd, &content) != ERR_OK) {
		why_step(
		    why, STEP_INFO, NULL, "%s: cannot be read here: %s", path, strerror(errno));
		return false;
	}
	return why->has_key ? find_key(why, path, buf_view(&content))
	                    : has_keys(why, path, buf_view(&content));
}

static bool look_at_template(struct why *why, const char *template)
{
	AUTO(buf_wipe) struct buf path = buf_empty(PATH_MAX);
	char uid[16];
	const struct token tokens[] = {
	    {'h', why->account.home}, {'U', uid}, {'u', why->account.name}};
	const char *text;

	snprintf(uid, sizeof(uid), "%u", why->account.uid);
	if (template[0] != '/' && strncmp(template, "%h", 2) != 0 &&
	    buf_append_format(&path, "%s/", why->account.home) != ERR_OK)
		return false;
	if (tokens_expand(template, tokens, COUNT_OF(tokens), &path) != ERR_OK ||
	    buf_c_string(&path, &text) != ERR_OK)
		return false;
	return look_at_file(why, text);
}

/* What other places may grant keys; they are not asked here. */
static bool has_other_source(struct why *why)
{
	const struct conf *conf = why->conf;

	if (conf->authorized_keys_command != NULL)
		why_step(why, STEP_INFO, NULL, "AuthorizedKeysCommand may know the key: %s",
		    conf->authorized_keys_command);
	if (conf->trusted_user_ca_keys != NULL)
		why_step(why, STEP_INFO, NULL, "a certificate of %s may log in",
		    conf->trusted_user_ca_keys);
	return conf->authorized_keys_command != NULL || conf->trusted_user_ca_keys != NULL;
}

bool why_public_key(struct why *why)
{
	const struct conf_texts *templates = &why->conf->authorized_keys_files;
	bool is_granted = false;

	if (why->has_key && (!is_algorithm_accepted(why) || !is_long_enough(why)))
		return false;
	for (size_t i = 0; i < templates->count && !is_granted; i++)
		is_granted = look_at_template(why, templates->items[i]);
	return is_granted || has_other_source(why);
}

/* Who speaks for a key: the user's files, the administrator's authorities, a command. */
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

#include "config/pattern.h"
#include "privsep/monitor/command.h"
#include "privsep/monitor/decision_log.h"
#include "privsep/monitor/publickey.h"
#include "privsep/monitor/strict_modes.h"
#include "sshd/base/auto.h"
#include "sshd/base/fd.h"
#include "sshd/base/text.h"
#include "sshd/crypto/revocation.h"

#define KEY_PATH_LIMIT 4096u

bool source_is_among(const struct monitor *m, struct slice patterns)
{
	return host_list_match(m->auth.match.host, slice_text(m->peer.address), patterns) == MATCH_YES;
}

static int64_t utc_offset_s(int64_t local_time_s)
{
	time_t time = (time_t)local_time_s;
	struct tm parts;

	if (localtime_r(&time, &parts) == NULL)
		return 0;
	/* Once more from the first guess, for times near a change of the clocks. */
	time -= parts.tm_gmtoff;
	return localtime_r(&time, &parts) != NULL ? parts.tm_gmtoff : 0;
}

const struct local_zone local_zone = {utc_offset_s};

/* ------------------------------------------------------------- lines of keys */

struct searching {
	struct monitor *m;
	const char *path;
};

static bool source_matches(void *owner, struct slice patterns)
{
	const struct searching *searching = owner;

	return source_is_among(searching->m, patterns);
}

static void on_remark(void *owner, unsigned line, enum key_remark remark, struct slice detail)
{
	const struct searching *searching = owner;

	log_key_remark(searching->m, searching->path, line, remark, detail);
}

/* A line that names the key, or the authority of the certificate, and does not object. */
static enum err take_line(struct monitor *m, const char *path, unsigned line, struct offered_key *offered,
    const struct key_options *options, enum verdict *verdict)
{
	if (offered->is_certificate) {
		TRY(certificate_by_line(m, offered, options, verdict));
		if (*verdict == PERMIT)
			log_certificate_found(m, offered, path, line);
		return ERR_OK;
	}
	TRY(key_grant_narrow(&offered->grant, options, verdict));
	if (*verdict == PERMIT)
		log_key_found(m, path, line, buf_view(&offered->info));
	return ERR_OK;
}

static enum err search_lines(struct monitor *m, const char *path, struct slice content,
    struct offered_key *offered, enum verdict *verdict)
{
	AUTO(key_options_wipe) struct key_options options = key_options_none();
	struct searching searching = {.m = m, .path = path};
	struct key_search search = {
	    .blob = offered->is_certificate ? offered->certificate.authority : offered->blob,
	    .wants_authority = offered->is_certificate,
	    .now_s = (uint64_t)time(NULL),
	    .zone = &local_zone,
	    .owner = &searching,
	    .source_matches = source_matches,
	    .remark = on_remark,
	};
	unsigned line = 0;

	TRY(authorized_keys_search(content, &search, verdict, &options, &line));
	return *verdict == PERMIT ? take_line(m, path, line, offered, &options, verdict) : ERR_OK;
}

/* ---------------------------------------------------------------- user's files */

static enum err modes_weigh(struct monitor *m, const struct looked_up *file, enum verdict *verdict)
{
	AUTO(buf_wipe) struct buf obstacle = buf_empty(2 * KEY_PATH_LIMIT);

	*verdict = PERMIT;
	if (!m->auth.conf->strict_modes)
		return ERR_OK;
	TRY(strict_modes_weigh(buf_view(&file->components), m->auth.account.uid, verdict, &obstacle));
	if (*verdict != PERMIT)
		log_modes_refused(m, buf_view(&obstacle));
	return ERR_OK;
}

enum err key_file_get(struct monitor *m, const char *path, struct slice *content, enum verdict *verdict)
{
	const struct looked_up *file = NULL;

	*verdict = DENY;
	TRY(lookup_file(m, path, &file));
	if (file->error != 0)
		return ERR_OK;
	TRY(modes_weigh(m, file, verdict));
	*content = buf_view(&file->content);
	return ERR_OK;
}

static enum err search_file(struct monitor *m, const char *path, struct offered_key *offered,
    enum verdict *verdict)
{
	struct slice content;

	TRY(key_file_get(m, path, &content, verdict));
	if (*verdict != PERMIT)
		return ERR_OK;
	return search_lines(m, path, content, offered, verdict);
}

static bool is_pattern(const char *path)
{
	return strpbrk(path, "*?[") != NULL;
}

/* One path, or all that match it as the user sees them. */
static enum err search_path(struct monitor *m, const char *path, struct offered_key *offered,
    enum verdict *verdict)
{
	struct slice paths, one;

	if (!is_pattern(path))
		return search_file(m, path, offered, verdict);
	TRY(lookup_paths(m, path, &paths));
	while (*verdict != PERMIT && text_next(&paths, &one))
		TRY(search_file(m, (const char *)one.ptr, offered, verdict));
	return ERR_OK;
}

/* A look-up that fails is no key found; the connection goes on unless it is over. */
static enum err search_files(struct monitor *m, struct offered_key *offered, enum verdict *verdict)
{
	const struct conf_texts *patterns = &m->auth.conf->authorized_keys_files;

	for (size_t i = 0; i < patterns->count && *verdict != PERMIT; i++) {
		AUTO(buf_wipe) struct buf path = buf_empty(KEY_PATH_LIMIT);
		const char *text = NULL;
		enum err err;

		if (account_expand(&m->auth.account, patterns->items[i], &path) != ERR_OK ||
		    buf_c_string(&path, &text) != ERR_OK)
			continue;
		*verdict = DENY;
		err = search_path(m, text, offered, verdict);
		if (err == ERR_CLOSED)
			return err;
		if (err != ERR_OK) {
			*verdict = DENY;
			log_lookup_failed(m, text, err);
		}
	}
	return ERR_OK;
}

/* -------------------------------------------------------------------- command */

static enum err search_command(struct monitor *m, struct offered_key *offered, enum verdict *verdict)
{
	const struct conf *conf = m->auth.conf;
	AUTO(buf_wipe) struct buf output = buf_empty(0);
	AUTO(buf_wipe) struct buf fingerprint = buf_empty(128);
	AUTO(buf_wipe) struct buf base64 = buf_empty(2 * KEY_BLOB_LIMIT);
	AUTO(buf_wipe) struct buf type = buf_empty(128);
	struct account_tokens account;
	struct token tokens[ACCOUNT_TOKENS + 3];
	size_t count = account_tokens(&m->auth.account, &m->peer, &account, tokens);

	*verdict = DENY;
	if (conf->authorized_keys_command == NULL)
		return ERR_OK;
	TRY(key_fingerprint(buf_view(&offered->key_blob), HASH_SHA256, &fingerprint));
	TRY(text_append_base64(&base64, offered->blob, true));
	TRY(buf_append(&type, offered->is_certificate ? offered->certificate.type : offered->key.type));
	tokens[count] = (struct token){'f', NULL};
	TRY(buf_c_string(&fingerprint, &tokens[count++].value));
	tokens[count] = (struct token){'k', NULL};
	TRY(buf_c_string(&base64, &tokens[count++].value));
	tokens[count] = (struct token){'t', NULL};
	TRY(buf_c_string(&type, &tokens[count++].value));
	TRY(command_run(m, conf->authorized_keys_command, conf->authorized_keys_command_user, tokens, count, &output,
	    verdict));
	if (*verdict != PERMIT)
		return ERR_OK;
	return search_lines(m, conf->authorized_keys_command, buf_view(&output), offered, verdict);
}

enum err key_sources_ask(struct monitor *m, struct offered_key *offered, enum verdict *verdict)
{
	*verdict = DENY;
	TRY(search_files(m, offered, verdict));
	if (*verdict != PERMIT && offered->is_certificate)
		TRY(certificate_by_authority(m, offered, verdict));
	if (*verdict != PERMIT)
		TRY(search_command(m, offered, verdict));
	return ERR_OK;
}

/* ----------------------------------------------------------------- revocation */

/* Lists can be long: they are mapped, not read. */
static enum err map_list(const char *path, struct slice *list)
{
	AUTO(fd_release) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stat facts;
	void *mapped;

	*list = (struct slice){0};
	if (fd < 0 || fstat(fd, &facts) != 0)
		return ERR_SYSTEM;
	if (!S_ISREG(facts.st_mode) || facts.st_size > REVOCATION_LIST_LIMIT)
		return ERR_TOO_LONG;
	if (facts.st_size == 0)
		return ERR_OK;
	mapped = mmap(NULL, (size_t)facts.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (mapped == MAP_FAILED)
		return ERR_SYSTEM;
	*list = slice_over(mapped, (size_t)facts.st_size);
	return ERR_OK;
}

static void unmap_list(struct slice *list)
{
	if (list->len > 0)
		munmap((void *)(uintptr_t)list->ptr, list->len);
}

static enum verdict list_weigh(struct monitor *m, const char *path, const struct offered_key *offered)
{
	AUTO(unmap_list) struct slice list = {0};
	enum revocation answer = REVOKED;
	enum err err = map_list(path, &list);

	if (err == ERR_OK)
		err = revocation_check(list, buf_view(&offered->key_blob),
		    offered->is_certificate ? &offered->certificate : NULL, &answer);
	if (err == ERR_OK && answer == NOT_REVOKED)
		return PERMIT;
	log_revoked(m, offered, path, err);
	return DENY;
}

enum verdict key_is_not_revoked(struct monitor *m, const struct offered_key *offered)
{
	const struct conf_texts *lists = &m->auth.conf->revoked_keys;

	for (size_t i = 0; i < lists->count; i++)
		if (list_weigh(m, lists->items[i], offered) != PERMIT)
			return DENY;
	return PERMIT;
}

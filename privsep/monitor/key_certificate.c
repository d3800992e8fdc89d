/* Certificates: does their authority, their time, their names and their options let this user in? */
#include <stdio.h>
#include <time.h>

#include "privsep/monitor/command.h"
#include "privsep/monitor/decision_log.h"
#include "privsep/monitor/publickey.h"
#include "sshd/auth/evidence/principals.h"
#include "sshd/base/auto.h"
#include "sshd/base/file.h"
#include "sshd/base/text.h"

#define AUTHORITIES_FILE_LIMIT (4u << 20)
#define KEY_PATH_LIMIT         4096u

/* ------------------------------------------------------------------- options */

static uint32_t permitted_by(const struct certificate_options *options)
{
	uint32_t permitted = 0;

	if (options->permit_pty)
		permitted |= MAY_HAVE_PTY;
	if (options->permit_user_rc)
		permitted |= MAY_RUN_USER_RC;
	if (options->permit_port_forwarding)
		permitted |= MAY_FORWARD_PORTS;
	if (options->permit_agent_forwarding)
		permitted |= MAY_FORWARD_AGENT;
	if (options->permit_x11_forwarding)
		permitted |= MAY_FORWARD_X11;
	return permitted;
}

/* As if a line of keys said it: nothing that is not named in the extensions is permitted. */
static enum err options_of(const struct certificate_options *from, struct key_options *to)
{
	to->restrictions.permitted = permitted_by(from);
	to->has_touch = from->no_touch_required;
	to->touch_required = !from->no_touch_required;
	to->verify_required = from->verify_required;
	if (!from->has_command)
		return ERR_OK;
	to->restrictions.has_command = true;
	return buf_append(&to->restrictions.command, from->command);
}

static enum err refuse(struct monitor *m, const struct offered_key *offered, const char *why)
{
	log_certificate_refused(m, offered, why);
	return ERR_OK;
}

/* Everything but whose names it must carry; only now does the library see the authority's key. */
static enum err hold(struct monitor *m, struct offered_key *offered, enum verdict *verdict)
{
	AUTO(key_options_wipe) struct key_options options = key_options_none();
	enum certificate_answer answer = CERTIFICATE_UNCHECKED;
	struct certificate_options said;

	*verdict = DENY;
	TRY(certificate_verify(&offered->certificate, CERTIFICATE_OF_USER, (uint64_t)time(NULL),
	    slice_text(m->auth.conf->ca_signature_algorithms), &answer));
	if (answer != CERTIFICATE_VALID)
		return refuse(m, offered, certificate_answer_text(answer));
	if (certificate_options_parse(&offered->certificate, &said) != ERR_OK)
		return refuse(m, offered, "certificate options are not acceptable");
	if (said.has_source_address && !source_is_among(m, said.source_address))
		return refuse(m, offered, "not from a permitted address");
	TRY(options_of(&said, &options));
	TRY(key_grant_narrow(&offered->grant, &options, verdict));
	return *verdict == PERMIT ? ERR_OK : refuse(m, offered, "forced command options do not match");
}

/* -------------------------------------------------------------- by a line */

static bool carries_one_of(const struct certificate *certificate, struct slice names)
{
	struct slice name;

	while (text_next(&names, &name))
		if (certificate_names(certificate, name))
			return true;
	return false;
}

enum err certificate_by_line(struct monitor *m, struct offered_key *offered, const struct key_options *options,
    enum verdict *verdict)
{
	const struct certificate *certificate = &offered->certificate;
	bool is_named = options->has_principals
			    ? carries_one_of(certificate, buf_view(&options->principals))
			    : certificate_names(certificate, slice_text(m->auth.account.name));

	*verdict = DENY;
	if (!is_named)
		return refuse(m, offered, "certificate does not carry an authorized principal");
	TRY(key_grant_narrow(&offered->grant, options, verdict));
	return *verdict == PERMIT ? hold(m, offered, verdict) : ERR_OK;
}

/* ----------------------------------------------------------- by an authority */

/* The lines of TrustedUserCAKeys are keys and nothing else. */
static bool authority_is_listed(struct slice file, struct slice blob)
{
	struct authorized_line line;
	unsigned number = 0;

	while (authorized_line_next(&file, &number, &line)) {
		AUTO(buf_wipe) struct buf decoded = buf_empty(KEY_BLOB_LIMIT);

		if (line.options.len == 0 && text_parse_base64(line.key_base64, &decoded) == ERR_OK &&
		    slice_equal(buf_view(&decoded), blob))
			return true;
	}
	return false;
}

static bool authority_is_trusted(struct monitor *m, const struct offered_key *offered)
{
	AUTO(buf_wipe) struct buf file = buf_empty(AUTHORITIES_FILE_LIMIT);
	const char *path = m->auth.conf->trusted_user_ca_keys;

	if (path == NULL)
		return false;
	if (file_read_path(path, &file) != ERR_OK) {
		log_lookup_failed(m, path, ERR_SYSTEM);
		return false;
	}
	return authority_is_listed(buf_view(&file), offered->certificate.authority);
}

struct principals {
	struct monitor *m;
	const struct certificate *certificate;
	const char *path;
};

static bool names(void *owner, struct slice name)
{
	const struct principals *principals = owner;

	return certificate_names(principals->certificate, name);
}

static bool source_matches(void *owner, struct slice patterns)
{
	const struct principals *principals = owner;

	return source_is_among(principals->m, patterns);
}

static void on_remark(void *owner, unsigned line, enum key_remark remark, struct slice detail)
{
	const struct principals *principals = owner;

	log_key_remark(principals->m, principals->path, line, remark, detail);
}

static enum err search_principals(struct monitor *m, struct offered_key *offered, const char *path,
    struct slice content, enum verdict *verdict)
{
	AUTO(key_options_wipe) struct key_options options = key_options_none();
	struct principals principals = {.m = m, .certificate = &offered->certificate, .path = path};
	struct principals_search search = {
	    .names = names,
	    .remark = on_remark,
	    .source_matches = source_matches,
	    .owner = &principals,
	    .now_s = (uint64_t)time(NULL),
	    .zone = &local_zone,
	};
	unsigned line = 0;

	TRY(principals_find(content, &search, verdict, &options, &line));
	return *verdict == PERMIT ? key_grant_narrow(&offered->grant, &options, verdict) : ERR_OK;
}

static enum err by_file(struct monitor *m, struct offered_key *offered, enum verdict *verdict)
{
	AUTO(buf_wipe) struct buf path = buf_empty(KEY_PATH_LIMIT);
	const char *text = NULL;
	struct slice content;

	*verdict = DENY;
	if (m->auth.conf->authorized_principals_file == NULL)
		return ERR_OK;
	TRY(account_expand(&m->auth.account, m->auth.conf->authorized_principals_file, &path));
	TRY(buf_c_string(&path, &text));
	TRY(key_file_get(m, text, &content, verdict));
	return *verdict == PERMIT ? search_principals(m, offered, text, content, verdict) : ERR_OK;
}

/* The tokens of AuthorizedPrincipalsCommand that speak of the certificate. */
struct certificate_tokens {
	struct buf texts[8];
	size_t count;
};

static void certificate_tokens_wipe(struct certificate_tokens *tokens)
{
	for (size_t i = 0; i < tokens->count; i++)
		buf_wipe(&tokens->texts[i]);
}

static enum err add_token(struct certificate_tokens *kept, struct token *tokens, size_t *count, char letter,
    struct buf *text)
{
	struct buf *home = &kept->texts[kept->count++];

	*home = *text;
	*text = buf_empty(0);
	tokens[*count] = (struct token){.letter = letter};
	TRY(buf_c_string(home, &tokens[*count].value));
	++*count;
	return ERR_OK;
}

static enum err add_key_tokens(struct certificate_tokens *kept, struct token *tokens, size_t *count,
    const char *letters, struct slice blob, struct slice named, struct slice type)
{
	AUTO(buf_wipe) struct buf fingerprint = buf_empty(128);
	AUTO(buf_wipe) struct buf base64 = buf_empty(2 * KEY_BLOB_LIMIT);
	AUTO(buf_wipe) struct buf type_text = buf_empty(128);

	TRY(key_fingerprint(named, HASH_SHA256, &fingerprint));
	TRY(text_append_base64(&base64, blob, true));
	TRY(buf_append(&type_text, type));
	TRY(add_token(kept, tokens, count, letters[0], &fingerprint));
	TRY(add_token(kept, tokens, count, letters[1], &base64));
	return add_token(kept, tokens, count, letters[2], &type_text);
}

static enum err gather_tokens(const struct offered_key *offered, struct certificate_tokens *kept,
    struct token *tokens, size_t *count)
{
	const struct certificate *certificate = &offered->certificate;
	AUTO(buf_wipe) struct buf id = buf_empty(KEY_BLOB_LIMIT);
	AUTO(buf_wipe) struct buf serial = buf_empty(32);
	struct key_blob authority;

	TRY(key_blob_parse(certificate->authority, &authority));
	TRY(add_key_tokens(kept, tokens, count, "fkt", offered->blob, buf_view(&offered->key_blob),
	    certificate->type));
	TRY(add_key_tokens(kept, tokens, count, "FKT", certificate->authority, certificate->authority,
	    authority.type));
	TRY(buf_append(&id, certificate->key_id));
	TRY(add_token(kept, tokens, count, 'i', &id));
	TRY(buf_append_format(&serial, "%llu", (unsigned long long)certificate->serial));
	return add_token(kept, tokens, count, 's', &serial);
}

static enum err by_command(struct monitor *m, struct offered_key *offered, enum verdict *verdict)
{
	const struct conf *conf = m->auth.conf;
	AUTO(certificate_tokens_wipe) struct certificate_tokens kept = {0};
	AUTO(buf_wipe) struct buf output = buf_empty(0);
	struct account_tokens account;
	struct token tokens[ACCOUNT_TOKENS + COUNT_OF(kept.texts)];
	size_t count = account_tokens(&m->auth.account, &m->peer, &account, tokens);

	*verdict = DENY;
	if (conf->authorized_principals_command == NULL)
		return ERR_OK;
	TRY(gather_tokens(offered, &kept, tokens, &count));
	TRY(command_run(m, conf->authorized_principals_command, conf->authorized_principals_command_user, tokens, count,
	    &output, verdict));
	if (*verdict != PERMIT)
		return ERR_OK;
	return search_principals(m, offered, conf->authorized_principals_command, buf_view(&output), verdict);
}

/* Where neither file nor command names principals, the account's own name must be one. */
static enum err principal_weigh(struct monitor *m, struct offered_key *offered, enum verdict *verdict)
{
	const struct conf *conf = m->auth.conf;

	*verdict = DENY;
	if (conf->authorized_principals_file == NULL && conf->authorized_principals_command == NULL) {
		if (certificate_names(&offered->certificate, slice_text(m->auth.account.name)))
			*verdict = PERMIT;
		return ERR_OK;
	}
	TRY(by_file(m, offered, verdict));
	return *verdict == PERMIT ? ERR_OK : by_command(m, offered, verdict);
}

enum err certificate_by_authority(struct monitor *m, struct offered_key *offered, enum verdict *verdict)
{
	enum err err;

	*verdict = DENY;
	if (!authority_is_trusted(m, offered))
		return ERR_OK;
	err = principal_weigh(m, offered, verdict);
	if (err == ERR_CLOSED || err == ERR_NO_MEMORY)
		return err;
	if (err != ERR_OK || *verdict != PERMIT) {
		*verdict = DENY;
		return refuse(m, offered, "certificate does not carry an authorized principal");
	}
	TRY(hold(m, offered, verdict));
	if (*verdict == PERMIT)
		log_certificate_found(m, offered, m->auth.conf->trusted_user_ca_keys, 0);
	return ERR_OK;
}

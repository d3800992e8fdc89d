/* publickey: is the key one of the user's own, and was the signature made with it? */
#include <stdio.h>
#include <time.h>

#include "config/pattern.h"
#include "config/tokens.h"
#include "privsep/monitor/attempt.h"
#include "privsep/monitor/decision_log.h"
#include "privsep/monitor/monitor.h"
#include "privsep/monitor/strict_modes.h"
#include "sshd/auth/evidence/authorized_keys.h"
#include "sshd/auth/evidence/signed_request.h"
#include "sshd/base/auto.h"
#include "sshd/crypto/key_blob.h"
#include "sshd/crypto/signature.h"
#include "sshd/wire/name_list.h"

#define KEY_PATH_LIMIT 4096u
#define KEY_INFO_LIMIT 256u

/* A key that was offered: what it is and what the user's files say of it. */
struct offered_key {
	struct slice algorithm, blob;
	const struct signature_algorithm *row;
	struct key_blob key;
	struct buf info; /* "ED25519 SHA256:..." */
	struct key_options options;
	bool is_listed;
};

static void offered_key_wipe(struct offered_key *offered)
{
	buf_wipe(&offered->info);
	key_options_wipe(&offered->options);
}

/* ---------------------------------------------------- before any file is read */

/* Names are compared whole, before the key is looked at: "an ecdsa key" is not one algorithm. */
static enum verdict algorithm_weigh(const struct monitor *m, struct offered_key *offered)
{
	const struct conf *conf = m->auth.conf;

	offered->row = signature_algorithm_named(offered->algorithm);
	if (offered->row == NULL ||
	    !name_list_contains(slice_text(conf->pubkey_accepted_algorithms), offered->algorithm))
		return DENY;
	if (key_blob_parse(offered->blob, &offered->key) != ERR_OK)
		return DENY;
	if (!slice_is(offered->key.type, offered->row->key_type))
		return DENY;
	if (offered->key.kind == KEY_RSA && key_blob_bits(&offered->key) < conf->required_rsa_bits)
		return DENY;
	return PERMIT;
}

static enum err describe(const struct monitor *m, struct offered_key *offered)
{
	enum hash_kind kind = m->auth.conf->fingerprint_hash == CONF_HASH_MD5 ? HASH_MD5 : HASH_SHA256;

	offered->info = buf_empty(KEY_INFO_LIMIT);
	offered->options = key_options_none();
	if (key_blob_parse(offered->blob, &offered->key) != ERR_OK)
		return ERR_OK;
	TRY(buf_append_format(&offered->info, "%s ", key_blob_type_name(&offered->key)));
	return key_fingerprint(offered->blob, kind, &offered->info);
}

static enum err digest_of(struct slice blob, struct digest *digest)
{
	return hash_parts(HASH_SHA256, &blob, 1, digest);
}

static bool was_used(const struct auth *auth, struct slice blob)
{
	struct digest digest;

	if (auth->used_key_count == 0)
		return false;
	if (digest_of(blob, &digest) != ERR_OK)
		return true;
	for (unsigned i = 0; i < auth->used_key_count; i++)
		if (slice_equal(digest_view(&auth->used_keys[i]), digest_view(&digest)))
			return true;
	return false;
}

static enum err remember_used(struct auth *auth, struct slice blob)
{
	if (auth->used_key_count == USED_KEYS_LIMIT)
		return ERR_LIMIT;
	TRY(digest_of(blob, &auth->used_keys[auth->used_key_count]));
	auth->used_key_count++;
	return ERR_OK;
}

/* -------------------------------------------------------------- the files */

struct searching {
	struct monitor *m;
	const char *path;
};

static bool source_matches(void *owner, struct slice patterns)
{
	const struct searching *searching = owner;
	struct slice address = slice_text(searching->m->peer.address);

	return host_list_match(NULL, address, patterns) == MATCH_YES;
}

static void on_remark(void *owner, unsigned line, enum key_remark remark, struct slice detail)
{
	const struct searching *searching = owner;

	log_key_remark(searching->m, searching->path, line, remark, detail);
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

static const struct local_zone local_zone = {utc_offset_s};

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

static enum err search_file(struct monitor *m, const char *path, struct offered_key *offered,
    enum verdict *verdict)
{
	struct searching searching = {.m = m, .path = path};
	struct key_search search = {
	    .blob = offered->blob,
	    .now_s = (uint64_t)time(NULL),
	    .zone = &local_zone,
	    .owner = &searching,
	    .source_matches = source_matches,
	    .remark = on_remark,
	};
	const struct looked_up *file = NULL;
	unsigned line = 0;

	TRY(lookup_file(m, path, &file));
	if (file->error != 0)
		return ERR_OK;
	TRY(modes_weigh(m, file, verdict));
	if (*verdict != PERMIT)
		return ERR_OK;
	TRY(authorized_keys_search(buf_view(&file->content), &search, verdict, &offered->options, &line));
	if (*verdict == PERMIT)
		log_key_found(m, path, line, buf_view(&offered->info));
	return ERR_OK;
}

static enum err expand_path(const struct account *account, const char *pattern, struct buf *out)
{
	char uid[16];
	const struct token tokens[] = {{'h', account->home}, {'U', uid}, {'u', account->name}};

	snprintf(uid, sizeof(uid), "%u", account->uid);
	return tokens_expand(pattern, tokens, COUNT_OF(tokens), out);
}

/* A look-up that fails is no key found; the connection goes on unless it is over. */
static enum err search_files(struct monitor *m, struct offered_key *offered, enum verdict *verdict)
{
	const struct conf_texts *patterns = &m->auth.conf->authorized_keys_files;

	for (size_t i = 0; i < patterns->count && *verdict != PERMIT; i++) {
		AUTO(buf_wipe) struct buf path = buf_empty(KEY_PATH_LIMIT);
		const char *text = NULL;
		enum err err;

		if (expand_path(&m->auth.account, patterns->items[i], &path) != ERR_OK ||
		    buf_c_string(&path, &text) != ERR_OK)
			continue;
		*verdict = DENY;
		err = search_file(m, text, offered, verdict);
		if (err == ERR_CLOSED)
			return err;
		if (err != ERR_OK) {
			*verdict = DENY;
			log_lookup_failed(m, text, err);
		}
	}
	return ERR_OK;
}

/*
 * Is the key listed for the account? All steps are taken for accounts that do not exist or
 * may not log in, too; they just never end well.
 */
static enum err key_weigh(struct monitor *m, struct offered_key *offered, enum verdict *verdict)
{
	struct factor factor = {METHOD_PUBLICKEY, DEVICE_NONE};
	struct auth *auth = &m->auth;
	enum verdict listed = DENY;

	*verdict = DENY;
	if (algorithm_weigh(m, offered) != PERMIT || required_wants(&auth->required, factor) != PERMIT)
		return ERR_OK;
	TRY(search_files(m, offered, &listed));
	lookup_rest(m);
	if (listed == PERMIT && auth->is_valid && auth->account.exists && !was_used(auth, offered->blob))
		*verdict = PERMIT;
	return ERR_OK;
}

/* --------------------------------------------------------------- question */

enum err on_net_probe(struct monitor *m, const struct msg_net_probe *msg)
{
	AUTO(offered_key_wipe) struct offered_key offered = {.algorithm = msg->algorithm, .blob = msg->blob};
	struct attempt attempt = {.method = METHOD_PUBLICKEY, .is_query = true};
	enum verdict verdict = DENY;

	TRY(describe(m, &offered));
	TRY(key_weigh(m, &offered, &verdict));
	attempt.info = buf_view(&offered.info);
	attempt.result = verdict == PERMIT ? RESULT_POSTPONED : RESULT_FAILED;
	return attempt_finish(m, &attempt);
}

/* -------------------------------------------------------------- signature */

/* A security key's touch and PIN: the configuration, the key's line, and by default a touch. */
static enum verdict presence_weigh(const struct monitor *m, const struct offered_key *offered,
    const struct signature_facts *facts)
{
	const struct key_options *options = &offered->options;
	enum conf_pubkey_options required = m->auth.conf->pubkey_auth_options;
	bool wants_touch = !options->has_touch || options->touch_required ||
	    (required & PUBKEY_TOUCH_REQUIRED);
	bool wants_pin = options->verify_required || (required & PUBKEY_VERIFY_REQUIRED);

	if (!offered->row->is_security_key)
		return PERMIT;
	if (wants_touch && !facts->user_present)
		return DENY;
	return wants_pin && !facts->user_verified ? DENY : PERMIT;
}

/* The signature over what this monitor knows the request to be. */
static enum err signature_weigh(struct monitor *m, const struct offered_key *offered,
    const struct msg_net_keysig *msg, enum verdict *verdict)
{
	static uint8_t room[SIGNED_REQUEST_LIMIT];
	struct slice host_key = m->prepared->host_keys.rows[m->exchange.host_key].blob;
	struct signed_request request = {
	    .session_id = digest_view(&m->exchange.session_id),
	    .user = slice_text(m->auth.account.name),
	    .algorithm = offered->algorithm,
	    .key_blob = offered->blob,
	    .is_hostbound = msg->is_hostbound,
	    .host_key = host_key,
	};
	struct signature_facts facts = {0};
	struct slice data;

	*verdict = DENY;
	TRY(signed_request_build(&request, (struct span){room, sizeof(room)}, &data));
	if (signature_verify(offered->row, offered->blob, msg->signature, data, &facts) != ERR_OK)
		return ERR_OK;
	*verdict = presence_weigh(m, offered, &facts);
	return ERR_OK;
}

static enum err take_restrictions(struct auth *auth, const struct offered_key *offered,
    enum verdict *verdict)
{
	TRY(remember_used(auth, offered->blob));
	return restrictions_narrow(&auth->restrictions, &offered->options.restrictions, verdict);
}

enum err on_net_keysig(struct monitor *m, const struct msg_net_keysig *msg)
{
	AUTO(offered_key_wipe) struct offered_key offered = {.algorithm = msg->algorithm, .blob = msg->blob};
	struct attempt attempt = {.method = METHOD_PUBLICKEY, .result = RESULT_FAILED};
	enum verdict verdict = DENY;

	TRY(describe(m, &offered));
	TRY(key_weigh(m, &offered, &verdict));
	attempt.info = buf_view(&offered.info);
	if (verdict == PERMIT)
		TRY(signature_weigh(m, &offered, msg, &verdict));
	if (verdict == PERMIT)
		TRY(take_restrictions(&m->auth, &offered, &verdict));
	return verdict == PERMIT ? attempt_earned(m, &attempt) : attempt_finish(m, &attempt);
}

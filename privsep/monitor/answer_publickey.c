/* publickey: does something speak for the key, and was the signature made with it? */
#include "privsep/monitor/attempt.h"
#include "privsep/monitor/decision_log.h"
#include "privsep/monitor/publickey.h"
#include "sshd/auth/evidence/signed_request.h"
#include "sshd/base/auto.h"
#include "sshd/wire/name_list.h"

#define KEY_INFO_LIMIT 1024u

void offered_key_wipe(struct offered_key *offered)
{
	buf_wipe(&offered->info);
	buf_wipe(&offered->key_blob);
	restrictions_wipe(&offered->grant.restrictions);
}

enum err key_grant_narrow(struct key_grant *grant, const struct key_options *by, enum verdict *verdict)
{
	bool waives = by->has_touch && !by->touch_required;

	grant->waives_touch = waives && (!grant->is_begun || grant->waives_touch);
	grant->wants_pin = grant->wants_pin || by->verify_required;
	grant->is_begun = true;
	return restrictions_narrow(&grant->restrictions, &by->restrictions, verdict);
}

/* ----------------------------------------------------- what was offered, by its shape */

static enum err append_description(const struct monitor *m, const struct key_blob *key, const char *suffix,
    struct slice blob, struct buf *out)
{
	enum hash_kind kind = m->auth.conf->fingerprint_hash == CONF_HASH_MD5 ? HASH_MD5 : HASH_SHA256;

	TRY(buf_append_format(out, "%s%s ", key_blob_type_name(key), suffix));
	return key_fingerprint(blob, kind, out);
}

static enum err describe_authority(const struct monitor *m, const struct certificate *certificate,
    struct buf *info)
{
	struct key_blob authority;

	TRY(buf_append_text(info, " ID "));
	TRY(buf_append(info, slice_first(certificate->key_id, KEY_INFO_LIMIT / 2)));
	TRY(buf_append_format(info, " (serial %llu) CA ", (unsigned long long)certificate->serial));
	TRY(key_blob_parse(certificate->authority, &authority));
	return append_description(m, &authority, "", certificate->authority, info);
}

static enum err parse(struct offered_key *offered)
{
	offered->is_certificate = certificate_parse(offered->blob, &offered->certificate) == ERR_OK;
	if (offered->is_certificate)
		TRY(certificate_plain_key(&offered->certificate, &offered->key_blob));
	else
		TRY(buf_append(&offered->key_blob, offered->blob));
	return key_blob_parse(buf_view(&offered->key_blob), &offered->key);
}

/* What cannot be parsed has no description, and is refused later like any other key. */
static enum err take_offer(const struct monitor *m, struct slice algorithm, struct slice blob,
    struct offered_key *offered)
{
	*offered = (struct offered_key){
	    .algorithm = algorithm,
	    .blob = blob,
	    .key_blob = buf_empty(KEY_BLOB_LIMIT),
	    .info = buf_empty(2 * KEY_INFO_LIMIT),
	    .grant.restrictions = restrictions_none(),
	};
	if (parse(offered) != ERR_OK) {
		offered->key.kind = KEY_NONE;
		return ERR_OK;
	}
	TRY(append_description(m, &offered->key, offered->is_certificate ? "-CERT" : "",
	    buf_view(&offered->key_blob), &offered->info));
	return offered->is_certificate ? describe_authority(m, &offered->certificate, &offered->info) : ERR_OK;
}

/* Names are compared whole, before the key is looked at: "an ecdsa key" is not one algorithm. */
static enum verdict algorithm_weigh(const struct monitor *m, struct offered_key *offered)
{
	const struct conf *conf = m->auth.conf;
	struct slice type = offered->is_certificate ? offered->certificate.type : offered->key.type;

	offered->row = signature_algorithm_named(offered->algorithm);
	if (offered->row == NULL || offered->key.kind == KEY_NONE ||
	    !name_list_contains(slice_text(conf->pubkey_accepted_algorithms), offered->algorithm))
		return DENY;
	if (offered->row->is_certificate != offered->is_certificate || !slice_is(type, offered->row->key_type))
		return DENY;
	offered->plain = signature_algorithm_named(slice_text(offered->row->signature_name));
	if (offered->plain == NULL)
		return DENY;
	if (offered->key.kind == KEY_RSA && key_blob_bits(&offered->key) < conf->required_rsa_bits)
		return DENY;
	return PERMIT;
}

/* ------------------------------------------------------------ two different keys */

static enum err digest_of(const struct offered_key *offered, struct digest *digest)
{
	struct slice blob = buf_view(&offered->key_blob);

	return hash_parts(HASH_SHA256, &blob, 1, digest);
}

static bool was_used(const struct auth *auth, const struct offered_key *offered)
{
	struct digest digest;

	if (auth->used_key_count == 0)
		return false;
	if (digest_of(offered, &digest) != ERR_OK)
		return true;
	for (unsigned i = 0; i < auth->used_key_count; i++)
		if (slice_equal(digest_view(&auth->used_keys[i]), digest_view(&digest)))
			return true;
	return false;
}

static enum err remember_used(struct auth *auth, const struct offered_key *offered)
{
	if (auth->used_key_count == USED_KEYS_LIMIT)
		return ERR_LIMIT;
	TRY(digest_of(offered, &auth->used_keys[auth->used_key_count]));
	auth->used_key_count++;
	return ERR_OK;
}

/* ------------------------------------------------------------------- weigh */

/*
 * Would this key do for the account? All steps are taken for accounts that do not exist or may
 * not log in, too; they just never end well.
 */
static enum err key_weigh(struct monitor *m, struct offered_key *offered, enum verdict *verdict)
{
	struct factor factor = {METHOD_PUBLICKEY, DEVICE_NONE};
	struct auth *auth = &m->auth;
	enum verdict spoken_for = DENY;

	*verdict = DENY;
	if (algorithm_weigh(m, offered) != PERMIT || required_wants(&auth->required, factor) != PERMIT)
		return ERR_OK;
	TRY(key_sources_ask(m, offered, &spoken_for));
	lookup_rest(m);
	if (spoken_for != PERMIT || key_is_not_revoked(m, offered) != PERMIT)
		return ERR_OK;
	if (auth->is_valid && auth->account.exists && !auth->must_change && !was_used(auth, offered))
		*verdict = PERMIT;
	return ERR_OK;
}

enum err on_net_probe(struct monitor *m, const struct msg_net_probe *msg)
{
	AUTO(offered_key_wipe) struct offered_key offered = {0};
	struct attempt attempt = {.method = METHOD_PUBLICKEY, .is_query = true};
	enum verdict verdict = DENY;

	TRY(take_offer(m, msg->algorithm, msg->blob, &offered));
	TRY(key_weigh(m, &offered, &verdict));
	attempt.info = buf_view(&offered.info);
	attempt.result = verdict == PERMIT ? RESULT_POSTPONED : RESULT_FAILED;
	return attempt_finish(m, &attempt);
}

/* -------------------------------------------------------------- signature */

/* A security key's touch and PIN: the configuration, what speaks for the key, and by default a touch. */
static enum verdict presence_weigh(const struct monitor *m, const struct offered_key *offered,
    const struct signature_facts *facts)
{
	enum conf_pubkey_options required = m->auth.conf->pubkey_auth_options;
	bool wants_touch = !offered->grant.waives_touch || (required & PUBKEY_TOUCH_REQUIRED);
	bool wants_pin = offered->grant.wants_pin || (required & PUBKEY_VERIFY_REQUIRED);

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
	if (signature_verify(offered->plain, buf_view(&offered->key_blob), msg->signature, data, &facts) != ERR_OK)
		return ERR_OK;
	*verdict = presence_weigh(m, offered, &facts);
	return ERR_OK;
}

static enum err take_restrictions(struct auth *auth, const struct offered_key *offered,
    enum verdict *verdict)
{
	TRY(remember_used(auth, offered));
	return restrictions_narrow(&auth->restrictions, &offered->grant.restrictions, verdict);
}

enum err on_net_keysig(struct monitor *m, const struct msg_net_keysig *msg)
{
	AUTO(offered_key_wipe) struct offered_key offered = {0};
	struct attempt attempt = {.method = METHOD_PUBLICKEY, .result = RESULT_FAILED};
	enum verdict verdict = DENY;

	TRY(take_offer(m, msg->algorithm, msg->blob, &offered));
	TRY(key_weigh(m, &offered, &verdict));
	attempt.info = buf_view(&offered.info);
	attempt.blob = offered.blob;
	if (verdict == PERMIT)
		TRY(signature_weigh(m, &offered, msg, &verdict));
	if (verdict == PERMIT)
		TRY(take_restrictions(&m->auth, &offered, &verdict));
	return verdict == PERMIT ? attempt_earned(m, &attempt) : attempt_finish(m, &attempt);
}

/*
 * FIDO security keys (PROTOCOL.u2f). The authenticator signs what it saw: the application, its
 * flags and counter, and a hash of the message. Only verification exists here; the private half
 * never leaves its token.
 */
#include "sshd/crypto/signature_ops.h"

#include "sshd/base/auto.h"
#include "sshd/base/text.h"
#include "sshd/wire/writer.h"

#define INNER_LIMIT       142u /* ECDSA; Ed25519 has 64 */
#define ORIGIN_LIMIT      1024u
#define EXTENSIONS_LIMIT  4096u
#define CLIENT_DATA_LIMIT SIGNATURE_BLOB_LIMIT

/* WebAuthn, section 6.1: the flags of authenticator data. */
enum {
	FLAG_USER_PRESENT = 0x01,
	FLAG_USER_VERIFIED = 0x04,
	FLAG_ATTESTED = 0x40,
	FLAG_EXTENSIONS = 0x80,
};

struct sk_signature {
	struct slice inner;
	uint8_t flags;
	uint32_t counter;
	struct slice origin, client_data, extensions; /* webauthn only */
};

static struct sk_signature read_sk_signature(struct reader *r)
{
	struct sk_signature signature = {0};

	signature.inner = read_string(r, INNER_LIMIT);
	signature.flags = read_byte(r);
	signature.counter = read_u32(r);
	return signature;
}

static struct signature_facts facts_of(const struct sk_signature *signature)
{
	return (struct signature_facts){
	    .user_present = signature->flags & FLAG_USER_PRESENT,
	    .user_verified = signature->flags & FLAG_USER_VERIFIED,
	    .counter = signature->counter,
	};
}

/* What the authenticator signed: the hashed application, flags, counter, extensions, message. */
#define SIGNED_LIMIT (2 * HASH_LIMIT + 5 + EXTENSIONS_LIMIT)

static enum err write_signed(const struct key_blob *key, const struct sk_signature *signature,
    struct slice message, struct writer *w)
{
	struct digest application, hashed;

	TRY(hash_parts(HASH_SHA256, &key->application, 1, &application));
	TRY(hash_parts(HASH_SHA256, &message, 1, &hashed));
	write_bytes(w, digest_view(&application));
	write_byte(w, signature->flags);
	write_u32(w, signature->counter);
	write_bytes(w, signature->extensions);
	write_bytes(w, digest_view(&hashed));
	return writer_finish(w, NULL);
}

static enum err verify_signed(
    const struct key_blob *key, const struct sk_signature *signature, struct slice message)
{
	uint8_t bytes[SIGNED_LIMIT];
	struct writer w = writer_into((struct span){bytes, sizeof(bytes)});

	TRY(write_signed(key, signature, message, &w));
	if (key->kind == KEY_SK_ED25519)
		return ed25519_verify(key->point, signature->inner, writer_view(&w));
	return ecdsa_verify(key, HASH_SHA256, signature->inner, writer_view(&w));
}

static enum err verify(const struct signature_algorithm *algorithm, const struct key_blob *key,
    struct reader *r, struct slice data, struct signature_facts *facts)
{
	struct sk_signature signature = read_sk_signature(r);

	(void)algorithm;
	if (reader_finish(r) != ERR_OK)
		return ERR_SIGNATURE;
	TRY(verify_signed(key, &signature, data));
	*facts = facts_of(&signature);
	return ERR_OK;
}

/* ---------------------------------------------------------------------------- webauthn */

/* Nothing that a browser would have had to escape, so that the text has one reading. */
static bool origin_is_plain(struct slice origin)
{
	for (size_t i = 0; i < origin.len; i++)
		if (origin.ptr[i] < 0x20 || origin.ptr[i] == '"' || origin.ptr[i] == '\\')
			return false;
	return true;
}

static enum err append_base64url(struct buf *out, struct slice bytes)
{
	size_t start = buf_len(out);

	TRY(text_append_base64(out, bytes, false));
	for (uint8_t *c = out->data + out->start + start; c < out->data + out->end; c++)
		*c = *c == '+' ? '-' : *c == '/' ? '_' : *c;
	return ERR_OK;
}

/*
 * WebAuthn, section 5.8.1.2: client data are serialised in one way, whose beginning names
 * purpose, challenge and origin. The challenge is the data signed, so it is this comparison
 * that ties the signature to them.
 */
static enum err check_client_data(const struct sk_signature *signature, struct slice data)
{
	AUTO(buf_wipe) struct buf expected = buf_empty(CLIENT_DATA_LIMIT);
	enum err err = buf_append_text(&expected, "{\"type\":\"webauthn.get\",\"challenge\":\"");

	if (err == ERR_OK)
		err = append_base64url(&expected, data);
	if (err == ERR_OK)
		err = buf_append_text(&expected, "\",\"origin\":\"");
	if (err == ERR_OK)
		err = buf_append(&expected, signature->origin);
	if (err == ERR_OK)
		err = buf_append_text(&expected, "\"");
	if (err != ERR_OK) /* longer than any client data we read */
		return err == ERR_LIMIT ? ERR_SIGNATURE : err;
	if (!slice_equal(
	        slice_first(signature->client_data, buf_len(&expected)), buf_view(&expected)))
		return ERR_SIGNATURE;
	return ERR_OK;
}

/* An assertion carries no attestation, and extensions exactly when it says so. */
static bool flags_fit(const struct sk_signature *signature)
{
	bool says_extensions = signature->flags & FLAG_EXTENSIONS;

	return !(signature->flags & FLAG_ATTESTED) &&
	       says_extensions == (signature->extensions.len > 0);
}

static enum err verify_webauthn(const struct signature_algorithm *algorithm,
    const struct key_blob *key, struct reader *r, struct slice data, struct signature_facts *facts)
{
	struct sk_signature signature = read_sk_signature(r);

	(void)algorithm;
	signature.origin = read_string(r, ORIGIN_LIMIT);
	signature.client_data = read_string(r, CLIENT_DATA_LIMIT);
	signature.extensions = read_string(r, EXTENSIONS_LIMIT);
	if (reader_finish(r) != ERR_OK || !origin_is_plain(signature.origin) ||
	    !flags_fit(&signature))
		return ERR_SIGNATURE;
	TRY(check_client_data(&signature, data));
	TRY(verify_signed(key, &signature, signature.client_data));
	*facts = facts_of(&signature);
	return ERR_OK;
}

const struct signature_ops signature_sk_ed25519 = {KEY_SK_ED25519, verify, NULL};
const struct signature_ops signature_sk_ecdsa = {KEY_SK_ECDSA, verify, NULL};
const struct signature_ops signature_sk_webauthn = {KEY_SK_ECDSA, verify_webauthn, NULL};

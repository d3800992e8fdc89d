/* New keys, written as PROTOCOL.key has them. */
#include <openssl/core_names.h>

#include "sshd/base/auto.h"
#include "sshd/base/text.h"
#include "sshd/crypto/key_file.h"
#include "sshd/crypto/private_key.h"
#include "sshd/crypto/random.h"
#include "sshd/wire/mpint.h"

#define NUMBER_LIMIT  1024 /* bytes: RSA of 8192 bits */
#define ED25519_LEN   32
#define PADDED_TO     8
#define LINE_LEN      70
#define COMMENT_LIMIT 1024u
#define BINARY_LIMIT  16384u

static void number_release(BIGNUM **number)
{
	BN_clear_free(*number);
}

/* ------------------------------------------------------------------------- the private part */

static enum err write_number(EVP_PKEY *pkey, const char *name, struct writer *w)
{
	AUTO(number_release) BIGNUM *number = NULL;
	uint8_t bytes[NUMBER_LIMIT];
	bool is_done = EVP_PKEY_get_bn_param(pkey, name, &number) == 1 &&
	               BN_bn2binpad(number, bytes, sizeof(bytes)) == sizeof(bytes);

	if (is_done)
		write_mpint(w, SLICE_OF(bytes));
	explicit_bzero(bytes, sizeof(bytes));
	return is_done ? ERR_OK : library_failed();
}

/* The last string of a plain blob: the public key of Ed25519, the point of ECDSA. */
static struct slice point_of(const struct private_key *key)
{
	struct key_blob parsed;

	if (key_blob_parse(private_key_blob(key), &parsed) != ERR_OK)
		return (struct slice){0};
	return parsed.point;
}

static enum err write_ed25519(const struct private_key *key, struct writer *w)
{
	uint8_t both[2 * ED25519_LEN];
	struct slice public = point_of(key);
	size_t len = ED25519_LEN;
	bool is_done =
	    public.len == ED25519_LEN && EVP_PKEY_get_raw_private_key(key->pkey, both, &len) == 1;

	if (is_done) {
		memcpy(both + ED25519_LEN, public.ptr, ED25519_LEN);
		write_text(w, "ssh-ed25519");
		write_string(w, public);
		write_string(w, SLICE_OF(both));
	}
	explicit_bzero(both, sizeof(both));
	return is_done ? ERR_OK : library_failed();
}

/* Type, curve and point stand here as they stand in the blob. */
static enum err write_ecdsa(const struct private_key *key, struct writer *w)
{
	write_bytes(w, private_key_blob(key));
	return write_number(key->pkey, OSSL_PKEY_PARAM_PRIV_KEY, w);
}

static enum err write_rsa(const struct private_key *key, struct writer *w)
{
	static const char *const names[] = {OSSL_PKEY_PARAM_RSA_N, OSSL_PKEY_PARAM_RSA_E,
	    OSSL_PKEY_PARAM_RSA_D, OSSL_PKEY_PARAM_RSA_COEFFICIENT1, OSSL_PKEY_PARAM_RSA_FACTOR1,
	    OSSL_PKEY_PARAM_RSA_FACTOR2};

	write_text(w, "ssh-rsa");
	for (size_t i = 0; i < COUNT_OF(names); i++)
		TRY(write_number(key->pkey, names[i], w));
	return ERR_OK;
}

static const struct generator {
	enum key_kind kind;
	unsigned bits; /* 0: RSA, any from 2048 to 8192 */
	bool is_usual; /* what 0 bits ask for */
	enum err (*write)(const struct private_key *key, struct writer *w);
	const char *group;
} generators[] = {
    {KEY_ED25519, 256, true, write_ed25519, NULL},
    {KEY_ECDSA, 256, true, write_ecdsa, "P-256"},
    {KEY_ECDSA, 384, false, write_ecdsa, "P-384"},
    {KEY_ECDSA, 521, false, write_ecdsa, "P-521"},
    {KEY_RSA, 0, true, write_rsa, NULL},
};

static enum err write_private(const struct generator *generator, const struct private_key *key,
    struct slice comment, struct writer *w)
{
	size_t section = write_string_begin(w), start = w->len;
	uint8_t check[4];

	TRY(random_fill((struct span){check, sizeof(check)}));
	write_bytes(w, SLICE_OF(check));
	write_bytes(w, SLICE_OF(check));
	TRY(generator->write(key, w));
	write_string(w, comment);
	for (uint8_t i = 1; (w->len - start) % PADDED_TO != 0 && w->err == ERR_OK; i++)
		write_byte(w, i);
	write_string_end(w, section);
	return ERR_OK;
}

/* -------------------------------------------------------------------------------- the file */

static enum err append_binary(const struct generator *generator, const struct private_key *key,
    struct slice comment, struct buf *out)
{
	struct span room;
	struct writer w;

	TRY(buf_reserve(out, BINARY_LIMIT, &room));
	w = writer_into(room);
	write_bytes(&w, slice_over("openssh-key-v1", sizeof("openssh-key-v1")));
	write_text(&w, "none"); /* cipher */
	write_text(&w, "none"); /* key derivation */
	write_text(&w, "");
	write_u32(&w, 1);
	write_string(&w, private_key_blob(key));
	TRY(write_private(generator, key, comment, &w));
	TRY(writer_finish(&w, NULL));
	buf_commit(out, w.len);
	return ERR_OK;
}

static enum err append_lines(struct buf *text, struct slice base64)
{
	TRY(buf_append_text(text, "-----BEGIN OPENSSH PRIVATE KEY-----\n"));
	for (; base64.len > 0; base64 = slice_after(base64, LINE_LEN)) {
		TRY(buf_append(text, slice_first(base64, LINE_LEN)));
		TRY(buf_append_text(text, "\n"));
	}
	return buf_append_text(text, "-----END OPENSSH PRIVATE KEY-----\n");
}

static EVP_PKEY *library_generate(const struct generator *generator, unsigned bits)
{
	switch (generator->kind) {
	case KEY_ED25519:
		return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	case KEY_ECDSA:
		return EVP_PKEY_Q_keygen(NULL, NULL, "EC", generator->group);
	default:
		return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)bits);
	}
}

static const struct generator *generator_for(enum key_kind kind, unsigned bits)
{
	for (size_t i = 0; i < COUNT_OF(generators); i++) {
		const struct generator *row = &generators[i];

		if (row->kind == kind &&
		    (row->bits == 0 || row->bits == bits || (bits == 0 && row->is_usual)))
			return row;
	}
	return NULL;
}

enum err private_key_generate(
    enum key_kind kind, unsigned bits, struct slice comment, struct buf *text)
{
	AUTO(private_key_release) struct private_key *key = NULL;
	AUTO(buf_wipe) struct buf binary = buf_empty_secret(BINARY_LIMIT);
	AUTO(buf_wipe) struct buf base64 = buf_empty_secret(2 * BINARY_LIMIT);
	const struct generator *generator = generator_for(kind, bits);
	EVP_PKEY *pkey;

	if (kind == KEY_RSA && bits == 0)
		bits = 3072;
	if (generator == NULL || (kind == KEY_RSA && (bits < 2048 || bits > 8192)))
		return ERR_KEY;
	if (comment.len > COMMENT_LIMIT)
		return ERR_TOO_LONG;
	library_start();
	pkey = library_generate(generator, bits);
	if (pkey == NULL)
		return library_failed();
	TRY(private_key_new(pkey, &key));
	TRY(append_binary(generator, key, comment, &binary));
	TRY(text_append_base64(&base64, buf_view(&binary), true));
	return append_lines(text, buf_view(&base64));
}

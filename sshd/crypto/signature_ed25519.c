/* RFC 8709. OpenSSL refuses an S that is not reduced, so signatures are not malleable. */
#include "sshd/crypto/signature_ops.h"

#include "sshd/base/auto.h"
#include "sshd/wire/writer.h"

#define SIGNATURE_LEN 64u

enum err ed25519_verify(struct slice public_key, struct slice signature, struct slice data)
{
	AUTO(pkey_release) EVP_PKEY *pkey = NULL;

	if (signature.len != SIGNATURE_LEN)
		return ERR_SIGNATURE;
	pkey =
	    EVP_PKEY_new_raw_public_key_ex(NULL, "ED25519", NULL, public_key.ptr, public_key.len);
	if (pkey == NULL)
		return library_failed();
	return pkey_verify(pkey, HASH_NONE, signature, data);
}

static enum err verify(const struct signature_algorithm *algorithm, const struct key_blob *key,
    struct reader *r, struct slice data, struct signature_facts *facts)
{
	struct slice signature = read_string(r, SIGNATURE_LEN);

	(void)algorithm;
	(void)facts;
	if (reader_finish(r) != ERR_OK)
		return ERR_SIGNATURE;
	return ed25519_verify(key->point, signature, data);
}

static enum err sign(EVP_PKEY *pkey, const struct signature_algorithm *algorithm, struct slice data,
    struct buf *signature)
{
	uint8_t bytes[SIGNATURE_LEN];
	size_t len = sizeof(bytes);
	struct span room;
	struct writer w;

	TRY(pkey_sign(pkey, algorithm->hash, data, bytes, &len));
	TRY(buf_reserve(signature, 4 + len, &room));
	w = writer_into(room);
	write_string(&w, slice_over(bytes, len));
	TRY(writer_finish(&w, NULL));
	buf_commit(signature, w.len);
	return ERR_OK;
}

const struct signature_ops signature_ed25519 = {KEY_ED25519, verify, sign};

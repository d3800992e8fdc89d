#include "sshd/crypto/exchange.h"

#include <stdlib.h>

#include "sshd/base/auto.h"
#include "sshd/crypto/exchange_ops.h"
#include "sshd/crypto/keccak.h"
#include "sshd/crypto/library.h"

#define PUBLIC_VALUE_LIMIT 2048u /* bytes of the longest Q_C or Q_S */

struct kex_keys kex_keys_empty(void)
{
	return (struct kex_keys){
	    .Q_S = buf_empty(PUBLIC_VALUE_LIMIT),
	    .K = buf_empty_secret(K_LIMIT),
	};
}

void kex_keys_wipe(struct kex_keys *keys)
{
	buf_wipe(&keys->Q_S);
	buf_wipe(&keys->K);
}

enum err kex_respond(const struct kex_algorithm *algorithm, struct slice Q_C, struct kex_keys *keys)
{
	AUTO(kex_keys_wipe) struct kex_keys made = kex_keys_empty();

	if (algorithm->ops->respond == NULL)
		return ERR_UNSUPPORTED;
	TRY(algorithm->ops->respond(algorithm, Q_C, &made));
	kex_keys_replace(keys, &made);
	return ERR_OK;
}

void kex_keys_replace(struct kex_keys *keys, struct kex_keys *made)
{
	kex_keys_wipe(keys);
	*keys = *made;
	*made = kex_keys_empty();
}

enum err kex_client_new(const struct kex_algorithm *algorithm, struct kex_client **client)
{
	struct kex_client *made = malloc(sizeof(*made));

	if (made == NULL)
		return ERR_NO_MEMORY;
	*made = (struct kex_client){
	    .algorithm = algorithm,
	    .finish = algorithm != NULL ? algorithm->ops->finish : NULL,
	    .secret = buf_empty_secret(KEX_CLIENT_SECRET_LIMIT),
	    .p = buf_empty(K_LIMIT),
	};
	*client = made;
	return ERR_OK;
}

enum err kex_client_begin(const struct kex_algorithm *algorithm, struct kex_client **client,
    struct buf *Q_C)
{
	AUTO(kex_client_release) struct kex_client *made = NULL;

	if (algorithm->ops->begin == NULL)
		return ERR_UNSUPPORTED;
	TRY(kex_client_new(algorithm, &made));
	TRY(algorithm->ops->begin(made, Q_C));
	*client = TAKE(made);
	return ERR_OK;
}

enum err kex_client_finish(struct kex_client *client, struct slice Q_S, struct buf *K)
{
	return client->finish(client, Q_S, K);
}

void kex_client_free(struct kex_client *client)
{
	if (client == NULL)
		return;
	buf_wipe(&client->secret);
	buf_wipe(&client->p);
	free(client);
}

void kex_client_release(struct kex_client **client)
{
	kex_client_free(*client);
	*client = NULL;
}

static enum err prepare_all(void)
{
	if (library_hash(HASH_SHA256) == NULL || library_hash(HASH_SHA512) == NULL)
		return library_failed();
	TRY(curve_ecdh_prepare());
	TRY(keccak_prepare());
	return curve_x25519_prepare();
}

enum err crypto_prepare_exchange(void)
{
	enum err err = prepare_all();

	return library_is_fips() ? ERR_OK : err;
}

/*
 * HMAC (RFC 2104), from OpenSSL with the key kept between packets. (OpenSSL 3.0 allocates two
 * small contexts inside EVP for each packet, whichever of its doors one takes.)
 */
#include "sshd/crypto/mac_ops.h"

#include <openssl/core_names.h>
#include <openssl/params.h>

#include "sshd/base/auto.h"
#include "sshd/crypto/library.h"

struct hmac {
	struct mac mac;
	EVP_MAC_CTX *context;
};

static struct hmac *hmac_of(struct mac *mac)
{
	return CONTAINER_OF(mac, struct hmac, mac);
}

static enum err start(struct mac *mac, struct slice key)
{
	struct hmac *hmac = hmac_of(mac);
	const EVP_MD *hash = library_hash(mac->algorithm->ops->hash);
	OSSL_PARAM params[2] = {OSSL_PARAM_construct_end(), OSSL_PARAM_construct_end()};

	if (hash == NULL || library_hmac() == NULL)
		return library_failed();
	params[0] = OSSL_PARAM_construct_utf8_string(
	    OSSL_MAC_PARAM_DIGEST, (char *)EVP_MD_get0_name(hash), 0);
	hmac->context = EVP_MAC_CTX_new(library_hmac());
	if (hmac->context == NULL || EVP_MAC_init(hmac->context, key.ptr, key.len, params) != 1)
		return library_failed();
	return ERR_OK;
}

static void stop(struct mac *mac)
{
	EVP_MAC_CTX_free(hmac_of(mac)->context);
}

/* RFC 4253, section 6.4: the sequence number goes before the packet, as a uint32. */
static enum err compute(struct mac *mac, uint32_t sequence_number, struct slice packet,
    uint8_t tag[static MAC_TAG_LIMIT])
{
	EVP_MAC_CTX *context = hmac_of(mac)->context;
	const uint8_t number[] = {
	    (uint8_t)(sequence_number >> 24),
	    (uint8_t)(sequence_number >> 16),
	    (uint8_t)(sequence_number >> 8),
	    (uint8_t)sequence_number,
	};
	size_t len;

	if (EVP_MAC_init(context, NULL, 0, NULL) != 1 ||
	    EVP_MAC_update(context, number, sizeof(number)) != 1 ||
	    EVP_MAC_update(context, packet.ptr, packet.len) != 1 ||
	    EVP_MAC_final(context, tag, &len, MAC_TAG_LIMIT) != 1)
		return library_failed();
	return ERR_OK;
}

#define HMAC_OVER(kind)                                                                            \
	{                                                                                          \
		.state_size = sizeof(struct hmac), .hash = (kind), .start = start, .stop = stop,   \
		.compute = compute,                                                                \
	}

const struct mac_ops mac_hmac_sha1 = HMAC_OVER(HASH_SHA1);
const struct mac_ops mac_hmac_sha256 = HMAC_OVER(HASH_SHA256);
const struct mac_ops mac_hmac_sha512 = HMAC_OVER(HASH_SHA512);

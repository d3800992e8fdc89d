#include "sshd/crypto/mac_ops.h"

#include <stdlib.h>

#include "sshd/base/auto.h"

enum err mac_new(const struct mac_algorithm *algorithm, struct slice key, struct mac **out)
{
	AUTO(mac_release) struct mac *mac = NULL;

	if (key.len != algorithm->key_len)
		return ERR_CRYPTO;
	mac = calloc(1, algorithm->ops->state_size);
	if (mac == NULL)
		return ERR_NO_MEMORY;
	mac->algorithm = algorithm;
	TRY(algorithm->ops->start(mac, key));
	*out = TAKE(mac);
	return ERR_OK;
}

void mac_free(struct mac *mac)
{
	if (mac == NULL)
		return;
	const struct mac_ops *ops = mac->algorithm->ops;

	ops->stop(mac);
	explicit_bzero(mac, ops->state_size);
	free(mac);
}

void mac_release(struct mac **mac)
{
	mac_free(*mac);
	*mac = NULL;
}

enum err mac_compute(struct mac *mac, uint32_t sequence_number, struct slice packet,
    uint8_t tag[static MAC_TAG_LIMIT])
{
	return mac->algorithm->ops->compute(mac, sequence_number, packet, tag);
}

#include "sshd/transport/packet.h"

#include "sshd/base/auto.h"

enum err packet_keys_init(struct packet_keys *keys, const struct cipher_algorithm *cipher,
    const struct mac_algorithm *mac, enum cipher_direction direction, struct slice iv,
    struct slice cipher_key, struct slice mac_key)
{
	AUTO(packet_keys_wipe)
	struct packet_keys made = {
	    .cipher_algorithm = cipher,
	    .mac_algorithm = cipher->tag_len > 0 ? NULL : mac,
	};

	TRY(cipher_new(cipher, direction, cipher_key, iv, &made.cipher));
	if (made.mac_algorithm != NULL)
		TRY(mac_new(made.mac_algorithm, mac_key, &made.mac));
	*keys = made;
	made = (struct packet_keys){0};
	return ERR_OK;
}

void packet_keys_wipe(struct packet_keys *keys)
{
	cipher_free(keys->cipher);
	mac_free(keys->mac);
	*keys = (struct packet_keys){0};
}

struct packet_shape packet_shape_of(const struct packet_keys *keys)
{
	const struct cipher_algorithm *cipher = keys->cipher_algorithm;
	const struct mac_algorithm *mac = keys->mac_algorithm;

	if (cipher == NULL)
		return (struct packet_shape){.block_len = 8};
	if (mac == NULL)
		return (struct packet_shape){cipher->block_len, cipher->tag_len, 4};
	return (struct packet_shape){cipher->block_len, mac->tag_len, mac->is_etm ? 4 : 0};
}

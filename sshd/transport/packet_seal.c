#include "sshd/transport/packet_seal.h"

#include "sshd/base/auto.h"

/* A sequence number must not come back under the same keys (RFC 4344 section 3.1). */
#define PACKETS_PER_KEY_LIMIT UINT32_MAX

void packet_sealer_init(struct packet_sealer *sealer, struct random_pool *padding)
{
	*sealer = (struct packet_sealer){.padding = padding};
	sealer->shape = packet_shape_of(&sealer->keys);
}

void packet_sealer_wipe(struct packet_sealer *sealer)
{
	packet_keys_wipe(&sealer->keys);
}

void packet_sealer_rekey(struct packet_sealer *sealer, struct packet_keys *keys)
{
	packet_keys_wipe(&sealer->keys);
	sealer->keys = *keys;
	*keys = (struct packet_keys){0};
	sealer->shape = packet_shape_of(&sealer->keys);
	sealer->traffic = (struct packet_traffic){0};
}

/* The least padding of at least four bytes that fills the last block. */
static size_t padding_for(const struct packet_shape *shape, size_t payload_len)
{
	size_t padded = PACKET_HEADER_LEN - shape->unpadded_len + payload_len;
	size_t padding = shape->block_len - padded % shape->block_len;

	return padding < PACKET_PADDING_MIN ? padding + shape->block_len : padding;
}

static void put_u32(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 24);
	at[1] = (uint8_t)(value >> 16);
	at[2] = (uint8_t)(value >> 8);
	at[3] = (uint8_t)value;
}

static enum err encrypt_then_mac(struct packet_sealer *sealer, struct span packet)
{
	struct span body = {packet.ptr + 4, packet.len - 4};

	TRY(cipher_apply(sealer->keys.cipher, body));
	return mac_compute(
	    sealer->keys.mac, sealer->sequence_number, span_view(packet), packet.ptr + packet.len);
}

static enum err encrypt_and_mac(struct packet_sealer *sealer, struct span packet)
{
	TRY(mac_compute(
	    sealer->keys.mac, sealer->sequence_number, span_view(packet), packet.ptr + packet.len));
	return cipher_apply(sealer->keys.cipher, packet);
}

/* `packet` is length field to padding; the tag goes behind it. */
static enum err protect(struct packet_sealer *sealer, struct span packet)
{
	if (sealer->keys.cipher == NULL)
		return ERR_OK;
	if (sealer->keys.mac == NULL)
		return cipher_seal(
		    sealer->keys.cipher, sealer->sequence_number, packet, packet.ptr + packet.len);
	if (sealer->keys.mac_algorithm->is_etm)
		return encrypt_then_mac(sealer, packet);
	return encrypt_and_mac(sealer, packet);
}

enum err packet_seal(
    struct packet_sealer *sealer, struct span room, size_t payload_len, size_t *packet_len)
{
	size_t padding_len = padding_for(&sealer->shape, payload_len);
	size_t body_len = 1 + payload_len + padding_len;
	struct span padding = {room.ptr + PACKET_HEADER_LEN + payload_len, padding_len};

	if (payload_len == 0 || body_len > PACKET_LENGTH_LIMIT ||
	    room.len < payload_len + PACKET_OVERHEAD_LIMIT)
		return ERR_RANGE;
	if (sealer->traffic.packets >= PACKETS_PER_KEY_LIMIT)
		return ERR_LIMIT;
	put_u32(room.ptr, (uint32_t)body_len);
	room.ptr[4] = (uint8_t)padding_len;
	TRY(random_pool_take(sealer->padding, padding));
	TRY(protect(sealer, (struct span){room.ptr, 4 + body_len}));
	sealer->sequence_number++;
	sealer->traffic.packets++;
	sealer->traffic.bytes += 4 + body_len;
	*packet_len = 4 + body_len + sealer->shape.tag_len;
	return ERR_OK;
}

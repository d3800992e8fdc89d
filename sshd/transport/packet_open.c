#include "sshd/transport/packet_open.h"

#include "sshd/base/auto.h"
#include "sshd/base/compare.h"

void packet_opener_init(struct packet_opener *opener)
{
	*opener = (struct packet_opener){0};
	opener->shape = packet_shape_of(&opener->keys);
}

void packet_opener_wipe(struct packet_opener *opener)
{
	packet_keys_wipe(&opener->keys);
}

void packet_opener_rekey(struct packet_opener *opener, struct packet_keys *keys)
{
	packet_keys_wipe(&opener->keys);
	opener->keys = *keys;
	*keys = (struct packet_keys){0};
	opener->shape = packet_shape_of(&opener->keys);
	opener->traffic = (struct packet_traffic){0};
}

/* The length is behind the encryption and no tag covers it before the end of the packet. */
static bool length_needs_first_block(const struct packet_opener *opener)
{
	return opener->keys.mac != NULL && !opener->keys.mac_algorithm->is_etm;
}

/* Checked before any arithmetic is done with it. */
static enum err check_length(const struct packet_shape *shape, uint32_t packet_length)
{
	if (packet_length < PACKET_LENGTH_MIN || packet_length > PACKET_LENGTH_LIMIT)
		return ERR_PACKET_LENGTH;
	if ((4 - shape->unpadded_len + packet_length) % shape->block_len != 0)
		return ERR_PACKET_LENGTH;
	return ERR_OK;
}

static enum err decrypt_first_block(struct packet_opener *opener, struct span input)
{
	size_t block_len = opener->shape.block_len;

	if (input.len < block_len)
		return ERR_AGAIN;
	return cipher_apply(opener->keys.cipher, (struct span){input.ptr, block_len});
}

static enum err learn_length(struct packet_opener *opener, struct span input)
{
	uint32_t packet_length;

	if (input.len < 4)
		return ERR_AGAIN;
	if (length_needs_first_block(opener))
		TRY(decrypt_first_block(opener, input));
	if (opener->keys.cipher != NULL && opener->keys.mac == NULL)
		TRY(cipher_open_length(
		    opener->keys.cipher, opener->sequence_number, input.ptr, &packet_length));
	else
		packet_length = packet_get_u32(input.ptr);
	TRY(check_length(&opener->shape, packet_length));
	opener->packet_length = packet_length;
	return ERR_OK;
}

static enum err check_mac(struct packet_opener *opener, struct span packet)
{
	uint8_t tag[MAC_TAG_LIMIT];
	size_t tag_len = opener->shape.tag_len;

	TRY(mac_compute(opener->keys.mac, opener->sequence_number, span_view(packet), tag));
	if (!equal_in_constant_time(
	        slice_over(tag, tag_len), slice_over(packet.ptr + packet.len, tag_len)))
		return ERR_MAC;
	return ERR_OK;
}

static enum err decrypt_from(struct packet_opener *opener, struct span packet, size_t position)
{
	return cipher_apply(
	    opener->keys.cipher, (struct span){packet.ptr + position, packet.len - position});
}

/* `packet` is length field to padding; its tag lies behind it. */
static enum err unprotect(struct packet_opener *opener, struct span packet)
{
	if (opener->keys.cipher == NULL)
		return ERR_OK;
	if (opener->keys.mac == NULL)
		return cipher_open(
		    opener->keys.cipher, opener->sequence_number, packet, packet.ptr + packet.len);
	if (opener->keys.mac_algorithm->is_etm) {
		TRY(check_mac(opener, packet));
		return decrypt_from(opener, packet, 4);
	}
	/* The first block was decrypted for its length. */
	TRY(decrypt_from(opener, packet, opener->shape.block_len));
	return check_mac(opener, packet);
}

static enum err find_payload(struct span packet, struct slice *payload)
{
	size_t padding_len = packet.ptr[4];
	size_t payload_and_padding_len = packet.len - PACKET_HEADER_LEN;

	/* An empty payload has no message number. */
	if (padding_len < PACKET_PADDING_MIN || padding_len >= payload_and_padding_len)
		return ERR_MALFORMED;
	*payload =
	    slice_over(packet.ptr + PACKET_HEADER_LEN, payload_and_padding_len - padding_len);
	return ERR_OK;
}

enum err packet_open(struct packet_opener *opener, struct span input, struct opened_packet *packet)
{
	struct slice payload;
	struct span bytes;

	if (opener->packet_length == 0)
		TRY(learn_length(opener, input));
	bytes = (struct span){input.ptr, 4 + opener->packet_length};
	if (input.len < bytes.len + opener->shape.tag_len)
		return ERR_AGAIN;
	TRY(unprotect(opener, bytes));
	TRY(find_payload(bytes, &payload));
	*packet = (struct opened_packet){
	    payload, bytes.len + opener->shape.tag_len, opener->sequence_number};
	opener->sequence_number++;
	opener->traffic.packets++;
	opener->traffic.bytes += bytes.len;
	opener->packet_length = 0;
	return ERR_OK;
}

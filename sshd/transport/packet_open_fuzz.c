/*
 * Packets under every cipher and MAC: the first byte chooses them, the second how the rest
 * arrives. Keys are known bytes, so seeds can hold packets that open.
 */
#include <assert.h>
#include <stdlib.h>

#include "sshd/base/auto.h"
#include "sshd/transport/packet_open.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The suite of this number; false: no keys. */
static bool choose(
    uint8_t number, const struct cipher_algorithm **cipher, const struct mac_algorithm **mac)
{
	for (*cipher = cipher_algorithms; (*cipher)->name != NULL; (*cipher)++) {
		*mac = NULL;
		if ((*cipher)->tag_len > 0) {
			if (number-- == 0)
				return true;
			continue;
		}
		for (*mac = mac_algorithms; (*mac)->name != NULL; (*mac)++)
			if (number-- == 0)
				return true;
	}
	return false;
}

static void give_keys(struct packet_opener *opener, uint8_t number)
{
	const struct cipher_algorithm *cipher;
	const struct mac_algorithm *mac;
	struct packet_keys keys;
	uint8_t bytes[256];

	if (!choose(number, &cipher, &mac))
		return;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)i;
	if (packet_keys_init(&keys, cipher, mac, CIPHER_OPENS,
	        slice_over(bytes + 0x80, cipher->iv_len), slice_over(bytes, cipher->key_len),
	        slice_over(bytes + 0x40, mac ? mac->key_len : 0)) != ERR_OK)
		abort();
	packet_opener_rekey(opener, &keys);
}

/* Opens packets off the front, shown `step` bytes more at a time. */
static void open_stream(struct packet_opener *opener, struct span stream, size_t step)
{
	size_t end = 0;

	while (end < stream.len) {
		struct opened_packet packet;
		enum err err;

		end = stream.len - end < step ? stream.len : end + step;
		while ((err = packet_open(opener, (struct span){stream.ptr, end}, &packet)) ==
		       ERR_OK) {
			assert(packet.payload.len > 0 && packet.payload.len <= PACKET_LENGTH_LIMIT);
			assert(packet.packet_len <= end);
			assert(packet.payload.ptr >= stream.ptr + PACKET_HEADER_LEN);
			assert(packet.payload.ptr + packet.payload.len <=
			       stream.ptr + packet.packet_len);
			stream.ptr += packet.packet_len;
			stream.len -= packet.packet_len;
			end -= packet.packet_len;
		}
		if (err != ERR_AGAIN)
			return;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct packet_opener opener;
	struct span stream;

	if (size < 2)
		return 0;
	stream = (struct span){malloc(size), size - 2};
	if (stream.ptr == NULL)
		return 0;
	memcpy(stream.ptr, data + 2, stream.len);
	packet_opener_init(&opener);
	give_keys(&opener, data[0]);
	{
		uint8_t *allocated = stream.ptr;

		open_stream(&opener, stream, 1 + data[1]);
		free(allocated);
	}
	packet_opener_wipe(&opener);
	return 0;
}

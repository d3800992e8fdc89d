/* A client's KEXINIT against ours: what is chosen is on both lists. */
#include <assert.h>

#include "sshd/transport/negotiate.h"
#include "sshd/wire/name_list.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const ours[KEXINIT_LISTS] = {
    "mlkem768x25519-sha256,curve25519-sha256,ext-info-s,kex-strict-s-v00@openssh.com",
    "ssh-ed25519,rsa-sha2-512",
    "chacha20-poly1305@openssh.com,aes128-gcm@openssh.com,aes256-ctr",
    "aes128-gcm@openssh.com,aes256-ctr",
    "umac-64-etm@openssh.com,hmac-sha2-256",
    "hmac-sha2-256",
    "none,zlib@openssh.com",
    "none",
    "",
    "",
};

static void check_chosen(const struct kexinit *client, enum kexinit_list list, const char *name)
{
	assert(name_list_contains_text(client->lists[list], name));
	assert(name_list_contains_text(slice_text(ours[list]), name));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct transport_host_key keys[] = {
	    {LITERAL("rsa-sha2-512"), LITERAL("")}, {LITERAL("ssh-ed25519"), LITERAL("")}};
	struct kexinit client, server = {0};
	struct transport_mismatch mismatch = {0};
	struct negotiation got;

	for (size_t i = 0; i < KEXINIT_LISTS; i++)
		server.lists[i] = slice_text(ours[i]);
	if (kexinit_parse(slice_over(data, size), &client) != ERR_OK)
		return 0;
	if (negotiate(&client, &server, keys, 2, &got, &mismatch) != ERR_OK) {
		assert(mismatch.what != NULL);
		return 0;
	}
	check_chosen(&client, KEXINIT_KEX, got.algorithms.kex->name);
	check_chosen(&client, KEXINIT_HOST_KEY, got.algorithms.signature->name);
	for (unsigned direction = 0; direction < TRANSPORT_DIRECTIONS; direction++) {
		check_chosen(&client, KEXINIT_CIPHER_CLIENT_TO_SERVER + direction,
		    got.algorithms.cipher[direction]->name);
		if (got.algorithms.mac[direction] != NULL)
			check_chosen(&client, KEXINIT_MAC_CLIENT_TO_SERVER + direction,
			    got.algorithms.mac[direction]->name);
		check_chosen(&client, KEXINIT_COMPRESSION_CLIENT_TO_SERVER + direction,
		    got.algorithms.compression[direction]->name);
	}
	return 0;
}

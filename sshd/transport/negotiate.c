#include "sshd/transport/negotiate.h"

#include "sshd/base/auto.h"
#include "sshd/wire/name_list.h"

/*
 * A name counts only when it has a row: the markers stand in the same lists as the methods, and
 * a peer that repeats ours must not make one of them the method.
 */
#define DEFINE_CHOOSE(kind)                                                                        \
	static const struct kind##_algorithm *choose_##kind(                                       \
	    struct slice client, struct slice server)                                              \
	{                                                                                          \
		const struct kind##_algorithm *row;                                                \
		struct slice name;                                                                 \
                                                                                                   \
		while (name_list_next(&client, &name)) {                                           \
			row = kind##_algorithm_named(name);                                        \
			if (row != NULL && name_list_contains(server, name))                       \
				return row;                                                        \
		}                                                                                  \
		return NULL;                                                                       \
	}
DEFINE_CHOOSE(kex)
DEFINE_CHOOSE(cipher)
DEFINE_CHOOSE(mac)
DEFINE_CHOOSE(compression)

static bool host_key_for(
    struct slice name, const struct transport_host_key *host_keys, size_t count, size_t *host_key)
{
	for (size_t i = 0; i < count; i++) {
		if (name_list_contains(host_keys[i].algorithms, name)) {
			*host_key = i;
			return true;
		}
	}
	return false;
}

/* As the others, but there must also be a key that can sign so. */
static const struct signature_algorithm *choose_host_key(struct slice client, struct slice server,
    const struct transport_host_key *host_keys, size_t count, size_t *host_key)
{
	const struct signature_algorithm *row;
	struct slice name;

	while (name_list_next(&client, &name)) {
		row = signature_algorithm_named(name);
		if (row != NULL && name_list_contains(server, name) &&
		    host_key_for(name, host_keys, count, host_key))
			return row;
	}
	return NULL;
}

static enum err none_in_common(
    const struct kexinit *client, enum kexinit_list list, struct transport_mismatch *mismatch)
{
	static const char *const words[KEXINIT_LISTS] = {
	    [KEXINIT_KEX] = "key exchange method",
	    [KEXINIT_HOST_KEY] = "host key type",
	    [KEXINIT_CIPHER_CLIENT_TO_SERVER] = "cipher",
	    [KEXINIT_CIPHER_SERVER_TO_CLIENT] = "cipher",
	    [KEXINIT_MAC_CLIENT_TO_SERVER] = "MAC",
	    [KEXINIT_MAC_SERVER_TO_CLIENT] = "MAC",
	    [KEXINIT_COMPRESSION_CLIENT_TO_SERVER] = "compression method",
	    [KEXINIT_COMPRESSION_SERVER_TO_CLIENT] = "compression method",
	};

	*mismatch = (struct transport_mismatch){words[list], client->lists[list]};
	return ERR_NO_COMMON;
}

/* Cipher, MAC (unless the cipher authenticates) and compression of one direction. */
static enum err negotiate_direction(const struct kexinit *client, const struct kexinit *server,
    unsigned direction, struct transport_algorithms *chosen, struct transport_mismatch *mismatch)
{
	enum kexinit_list cipher = KEXINIT_CIPHER_CLIENT_TO_SERVER + direction;
	enum kexinit_list mac = KEXINIT_MAC_CLIENT_TO_SERVER + direction;
	enum kexinit_list compression = KEXINIT_COMPRESSION_CLIENT_TO_SERVER + direction;

	chosen->cipher[direction] = choose_cipher(client->lists[cipher], server->lists[cipher]);
	if (chosen->cipher[direction] == NULL)
		return none_in_common(client, cipher, mismatch);
	if (chosen->cipher[direction]->tag_len == 0) {
		chosen->mac[direction] = choose_mac(client->lists[mac], server->lists[mac]);
		if (chosen->mac[direction] == NULL)
			return none_in_common(client, mac, mismatch);
	}
	chosen->compression[direction] =
	    choose_compression(client->lists[compression], server->lists[compression]);
	if (chosen->compression[direction] == NULL)
		return none_in_common(client, compression, mismatch);
	return ERR_OK;
}

/* Section 7: right when both sides put the same names first in both lists. */
static bool guesses_agree(const struct kexinit *client, const struct kexinit *server)
{
	static const enum kexinit_list lists[] = {KEXINIT_KEX, KEXINIT_HOST_KEY};

	for (size_t i = 0; i < COUNT_OF(lists); i++) {
		struct slice theirs = client->lists[lists[i]], ours = server->lists[lists[i]];
		struct slice their_first, our_first;

		if (!name_list_next(&theirs, &their_first) || !name_list_next(&ours, &our_first) ||
		    !slice_equal(their_first, our_first))
			return false;
	}
	return true;
}

enum err negotiate(const struct kexinit *client, const struct kexinit *server,
    const struct transport_host_key *host_keys, size_t host_key_count, struct negotiation *out,
    struct transport_mismatch *mismatch)
{
	struct negotiation made = {0};
	struct transport_algorithms *chosen = &made.algorithms;

	chosen->kex = choose_kex(client->lists[KEXINIT_KEX], server->lists[KEXINIT_KEX]);
	if (chosen->kex == NULL)
		return none_in_common(client, KEXINIT_KEX, mismatch);
	chosen->signature = choose_host_key(client->lists[KEXINIT_HOST_KEY],
	    server->lists[KEXINIT_HOST_KEY], host_keys, host_key_count, &chosen->host_key);
	if (chosen->signature == NULL)
		return none_in_common(client, KEXINIT_HOST_KEY, mismatch);
	for (unsigned direction = 0; direction < TRANSPORT_DIRECTIONS; direction++)
		TRY(negotiate_direction(client, server, direction, chosen, mismatch));
	made.is_guess_wrong = client->first_kex_packet_follows && !guesses_agree(client, server);
	*out = made;
	return ERR_OK;
}

#include "sshd/transport/key_derivation.h"

#include "sshd/base/auto.h"

static void wipe_digest(struct digest *digest)
{
	explicit_bzero(digest, sizeof(*digest));
}

struct k_header {
	uint8_t bytes[5];
	size_t len;
};

/* What stands before K's magnitude or string where it is hashed: its length, and a sign byte. */
static struct k_header header_of_K(enum k_kind kind, struct slice K)
{
	bool needs_sign_byte = kind == K_MPINT && K.len > 0 && (K.ptr[0] & 0x80);
	size_t len = K.len + (needs_sign_byte ? 1 : 0);

	return (struct k_header){
	    .bytes = {(uint8_t)(len >> 24), (uint8_t)(len >> 16), (uint8_t)(len >> 8), (uint8_t)len,
	        0},
	    .len = needs_sign_byte ? 5 : 4,
	};
}

static struct slice canonical_K(const struct key_source *source)
{
	struct slice K = source->K;

	while (source->k_kind == K_MPINT && K.len > 0 && K.ptr[0] == 0)
		K = slice_after(K, 1);
	return K;
}

enum err key_derive(const struct key_source *source, char letter, struct span key)
{
	AUTO(wipe_digest) struct digest block = {0};
	uint8_t known[DERIVED_KEY_LIMIT];
	struct slice K = canonical_K(source);
	struct k_header header = header_of_K(source->k_kind, K);
	size_t known_len = 0;

	if (key.len > sizeof(known))
		return ERR_RANGE;
	/* K1 = HASH(K || H || X || session_id), K2 = HASH(K || H || K1), K3 = HASH(K || H || K1 ||
	 * K2) */
	while (known_len < key.len) {
		const struct slice parts[] = {
		    slice_over(header.bytes, header.len),
		    K,
		    source->H,
		    known_len == 0 ? slice_over(&letter, 1) : slice_over(known, known_len),
		    known_len == 0 ? source->session_id : (struct slice){0},
		};
		enum err err = hash_parts(source->hash, parts, COUNT_OF(parts), &block);
		size_t taken;

		if (err != ERR_OK) {
			explicit_bzero(known, sizeof(known));
			return err;
		}
		taken =
		    block.len < sizeof(known) - known_len ? block.len : sizeof(known) - known_len;
		memcpy(known + known_len, block.bytes, taken);
		known_len += taken;
	}
	if (key.len > 0)
		memcpy(key.ptr, known, key.len);
	explicit_bzero(known, sizeof(known));
	return ERR_OK;
}

struct derived {
	uint8_t iv[DERIVED_KEY_LIMIT], cipher_key[DERIVED_KEY_LIMIT], mac_key[DERIVED_KEY_LIMIT];
};

static void wipe_derived(struct derived *derived)
{
	explicit_bzero(derived, sizeof(*derived));
}

enum err key_derive_direction(const struct key_source *source, bool is_client_to_server,
    const struct cipher_algorithm *cipher, const struct mac_algorithm *mac,
    enum cipher_direction direction, struct packet_keys *keys)
{
	AUTO(wipe_derived) struct derived derived = {0};
	struct span iv = {derived.iv, cipher->iv_len};
	struct span cipher_key = {derived.cipher_key, cipher->key_len};
	struct span mac_key = {derived.mac_key, mac != NULL ? mac->key_len : 0};

	TRY(key_derive(source, is_client_to_server ? 'A' : 'B', iv));
	TRY(key_derive(source, is_client_to_server ? 'C' : 'D', cipher_key));
	TRY(key_derive(source, is_client_to_server ? 'E' : 'F', mac_key));
	return packet_keys_init(
	    keys, cipher, mac, direction, span_view(iv), span_view(cipher_key), span_view(mac_key));
}

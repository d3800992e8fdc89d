#include "config/algorithm_names.h"

#include "config/pattern.h"
#include "sshd/base/auto.h"

static const char *const kex_names[] = {
    "diffie-hellman-group1-sha1",
    "diffie-hellman-group14-sha1",
    "diffie-hellman-group14-sha256",
    "diffie-hellman-group16-sha512",
    "diffie-hellman-group18-sha512",
    "diffie-hellman-group-exchange-sha1",
    "diffie-hellman-group-exchange-sha256",
    "ecdh-sha2-nistp256",
    "ecdh-sha2-nistp384",
    "ecdh-sha2-nistp521",
    "curve25519-sha256",
    "curve25519-sha256@libssh.org",
    "sntrup761x25519-sha512",
    "sntrup761x25519-sha512@openssh.com",
    "mlkem768x25519-sha256",
    "mlkem768nistp256-sha256",
};

static const char *const cipher_names[] = {
    "3des-cbc",
    "aes128-cbc",
    "aes192-cbc",
    "aes256-cbc",
    "aes128-ctr",
    "aes192-ctr",
    "aes256-ctr",
    "aes128-gcm@openssh.com",
    "aes256-gcm@openssh.com",
    "chacha20-poly1305@openssh.com",
};

static const char *const mac_names[] = {
    "hmac-sha1",
    "hmac-sha1-96",
    "hmac-sha2-256",
    "hmac-sha2-512",
    "hmac-md5",
    "hmac-md5-96",
    "umac-64@openssh.com",
    "umac-128@openssh.com",
    "hmac-sha1-etm@openssh.com",
    "hmac-sha1-96-etm@openssh.com",
    "hmac-sha2-256-etm@openssh.com",
    "hmac-sha2-512-etm@openssh.com",
    "hmac-md5-etm@openssh.com",
    "hmac-md5-96-etm@openssh.com",
    "umac-64-etm@openssh.com",
    "umac-128-etm@openssh.com",
};

static const char *const signature_names[] = {
    "ssh-ed25519",
    "ssh-ed25519-cert-v01@openssh.com",
    "sk-ssh-ed25519@openssh.com",
    "sk-ssh-ed25519-cert-v01@openssh.com",
    "ssh-mldsa44-ed25519@openssh.com",
    "ssh-mldsa44-ed25519-cert-v01@openssh.com",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp256-cert-v01@openssh.com",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp384-cert-v01@openssh.com",
    "ecdsa-sha2-nistp521",
    "ecdsa-sha2-nistp521-cert-v01@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
    "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com",
    "webauthn-sk-ecdsa-sha2-nistp256@openssh.com",
    "webauthn-sk-ecdsa-sha2-nistp256-cert-v01@openssh.com",
    "ssh-rsa",
    "ssh-rsa-cert-v01@openssh.com",
    "rsa-sha2-256",
    "rsa-sha2-256-cert-v01@openssh.com",
    "rsa-sha2-512",
    "rsa-sha2-512-cert-v01@openssh.com",
};

static const struct {
	const char *const *names;
	size_t count;
} classes[CLASS_COUNT] = {
    [CLASS_KEX] = {kex_names, COUNT_OF(kex_names)},
    [CLASS_CIPHER] = {cipher_names, COUNT_OF(cipher_names)},
    [CLASS_MAC] = {mac_names, COUNT_OF(mac_names)},
    [CLASS_SIGNATURE] = {signature_names, COUNT_OF(signature_names)},
};

const char *const *algorithm_names(enum algorithm_class class, size_t *count)
{
	*count = classes[class].count;
	return classes[class].names;
}

bool algorithm_name_is_known(enum algorithm_class class, struct slice name)
{
	for (size_t i = 0; i < classes[class].count; i++)
		if (slice_is(name, classes[class].names[i]))
			return true;
	return false;
}

/* Enough for every known name of a class once. */
#define LIST_ROOM 32u

struct name_set {
	struct slice names[LIST_ROOM];
	size_t count;
};

/* A name that is there already is not added again; there are no more than the known ones. */
static void set_add(struct name_set *set, struct slice name)
{
	for (size_t i = 0; i < set->count; i++)
		if (slice_equal(set->names[i], name))
			return;
	if (set->count < LIST_ROOM)
		set->names[set->count++] = name;
}

static bool has_wildcard(struct slice text)
{
	return memchr(text.ptr, '*', text.len) != NULL || memchr(text.ptr, '?', text.len) != NULL;
}

/* Adds every known name that `pattern` stands for; false: there is none. */
static bool set_add_matching(
    struct name_set *set, enum algorithm_class class, struct slice pattern, bool permits_patterns)
{
	bool is_found = false;

	if (!permits_patterns || !has_wildcard(pattern)) {
		if (!algorithm_name_is_known(class, pattern))
			return false;
		set_add(set, pattern);
		return true;
	}
	for (size_t i = 0; i < classes[class].count; i++) {
		struct slice name = slice_text(classes[class].names[i]);

		if (text_matches_pattern(name, pattern)) {
			set_add(set, name);
			is_found = true;
		}
	}
	return is_found;
}

static enum err set_add_list(struct name_set *set, enum algorithm_class class, struct slice list,
    bool permits_patterns, struct slice *fault)
{
	struct slice one;

	while (list_next(&list, &one)) {
		if (one.len == 0 || set_add_matching(set, class, one, permits_patterns))
			continue;
		*fault = one;
		return ERR_NOT_FOUND;
	}
	return ERR_OK;
}

static void set_add_defaults(struct name_set *set, struct slice defaults, struct slice without)
{
	struct slice one;

	while (list_next(&defaults, &one))
		if (pattern_list_match(one, without, false) != MATCH_YES)
			set_add(set, one);
}

static enum err set_join(const struct name_set *set, struct arena *arena, const char **list)
{
	size_t len = 0;
	char *text, *at;

	for (size_t i = 0; i < set->count; i++)
		len += set->names[i].len + 1;
	text = at = arena_alloc(arena, len + 1);
	if (text == NULL)
		return ERR_NO_MEMORY;
	for (size_t i = 0; i < set->count; i++) {
		if (i > 0)
			*at++ = ',';
		memcpy(at, set->names[i].ptr, set->names[i].len);
		at += set->names[i].len;
	}
	*list = text;
	return ERR_OK;
}

enum err algorithm_list_assemble(enum algorithm_class class, struct slice text,
    const char *defaults, bool permits_patterns, struct arena *arena, const char **list,
    struct slice *fault)
{
	struct name_set set = {0};
	char operation = text.len > 0 ? (char)text.ptr[0] : 0;

	if (operation == '+' || operation == '^' || operation == '-')
		text = slice_after(text, 1);
	else
		operation = 0;

	if (operation == '-') {
		set_add_defaults(&set, slice_text(defaults), text);
		return set_join(&set, arena, list);
	}
	if (operation == '+')
		set_add_defaults(&set, slice_text(defaults), (struct slice){0});
	TRY(set_add_list(&set, class, text, permits_patterns, fault));
	if (operation == '^')
		set_add_defaults(&set, slice_text(defaults), (struct slice){0});
	return set_join(&set, arena, list);
}

/* Names, kinds and default lists; no functions behind the names, so nothing links OpenSSL here. */
#include "sshd/crypto/algorithms.h"

#include "sshd/base/auto.h"

struct name_row {
	const char *name;
	enum algorithm_default is_default;
};

#define CERTIFICATE_SUFFIX "-cert-v01@openssh.com"

static const struct name_row kex_names[] = {
#define KEX(name, is_default, ...) {name, is_default},
#include "sshd/crypto/algorithms.def"
    {NULL, NOT_DEFAULT},
};

static const struct name_row signature_names[] = {
#define SIGNATURE(stem, domain, key_stem, is_default, ...) {stem CERTIFICATE_SUFFIX, is_default},
#include "sshd/crypto/algorithms.def"
#define SIGNATURE(stem, domain, key_stem, is_default, ...) {stem domain, is_default},
#include "sshd/crypto/algorithms.def"
    {NULL, NOT_DEFAULT},
};

static const struct name_row ca_signature_names[] = {
#define SIGNATURE(stem, domain, key_stem, is_default, ...) {stem domain, is_default},
#include "sshd/crypto/algorithms.def"
    {NULL, NOT_DEFAULT},
};

static const struct name_row cipher_names[] = {
#define CIPHER(name, is_default, ...) {name, is_default},
#include "sshd/crypto/algorithms.def"
    {NULL, NOT_DEFAULT},
};

static const struct name_row mac_names[] = {
#define MAC(name, is_default, ...) {name, is_default},
#include "sshd/crypto/algorithms.def"
    {NULL, NOT_DEFAULT},
};

static const struct name_row compression_names[] = {
#define COMPRESSION(name, is_default, ...) {name, is_default},
#include "sshd/crypto/algorithms.def"
    {NULL, NOT_DEFAULT},
};

static const struct {
	const struct name_row *rows;
	size_t count;
} kinds[ALGORITHM_KIND_COUNT] = {
#define KIND(names) {names, COUNT_OF(names) - 1}
    [ALGORITHM_KEX] = KIND(kex_names),
    [ALGORITHM_SIGNATURE] = KIND(signature_names),
    [ALGORITHM_CIPHER] = KIND(cipher_names),
    [ALGORITHM_MAC] = KIND(mac_names),
    [ALGORITHM_COMPRESSION] = KIND(compression_names),
    [ALGORITHM_CA_SIGNATURE] = KIND(ca_signature_names),
#undef KIND
};

const char *algorithm_name_at(enum algorithm_kind kind, size_t position, bool *is_default)
{
	if ((unsigned)kind >= ALGORITHM_KIND_COUNT || position >= kinds[kind].count)
		return NULL;
	if (is_default != NULL)
		*is_default = kinds[kind].rows[position].is_default == IS_DEFAULT;
	return kinds[kind].rows[position].name;
}

bool algorithm_is_known(enum algorithm_kind kind, struct slice name)
{
	const char *known;

	for (size_t i = 0; (known = algorithm_name_at(kind, i, NULL)) != NULL; i++)
		if (slice_is(name, known))
			return true;
	return false;
}

enum err algorithm_default_list(enum algorithm_kind kind, struct buf *out)
{
	const char *separator = "", *name;
	bool is_default;

	for (size_t i = 0; (name = algorithm_name_at(kind, i, &is_default)) != NULL; i++) {
		if (!is_default)
			continue;
		TRY(buf_append_text(out, separator));
		TRY(buf_append_text(out, name));
		separator = ",";
	}
	return ERR_OK;
}

const struct compression_algorithm compression_algorithms[] = {
#define COMPRESSION(name, is_default, kind) {name, is_default, COMPRESSION_##kind},
#include "sshd/crypto/algorithms.def"
    {0},
};

const struct compression_algorithm *compression_algorithm_named(struct slice name)
{
	for (const struct compression_algorithm *row = compression_algorithms; row->name; row++)
		if (slice_is(name, row->name))
			return row;
	return NULL;
}

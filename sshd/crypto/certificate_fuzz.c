/* Certificates: what is accepted lies inside the input, and its parts can be used. */
#include <assert.h>

#include "sshd/base/auto.h"
#include "sshd/crypto/certificate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_inside(struct slice part, struct slice whole)
{
	assert(part.len == 0 ||
	       (part.ptr >= whole.ptr && part.ptr + part.len <= whole.ptr + whole.len));
}

static void check_parts(const struct certificate *certificate, struct slice blob)
{
	struct slice principals = certificate->principals, name;
	unsigned count = 0;

	check_inside(certificate->key_fields, blob);
	check_inside(certificate->key_id, blob);
	check_inside(certificate->authority, blob);
	check_inside(certificate->signed_part, blob);
	check_inside(certificate->signature, blob);
	while (certificate_principal_next(&principals, &name)) {
		check_inside(name, blob);
		count++;
	}
	assert(principals.len == 0 && count <= CERTIFICATE_PRINCIPALS_LIMIT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(buf_wipe) struct buf plain = buf_empty(2 * KEY_BLOB_LIMIT);
	enum certificate_answer answer = CERTIFICATE_UNCHECKED;
	struct slice blob = slice_over(data, size);
	struct certificate certificate;
	struct certificate_options options;
	struct key_blob key;

	if (certificate_parse(blob, &certificate) != ERR_OK)
		return 0;
	check_parts(&certificate, blob);
	assert(certificate_plain_key(&certificate, &plain) == ERR_OK);
	assert(
	    key_blob_parse(buf_view(&plain), &key) == ERR_OK && key.kind == certificate.key.kind);
	if (certificate_options_parse(&certificate, &options) == ERR_OK)
		check_inside(options.command, blob);
	assert(certificate_verify(&certificate, certificate.kind, certificate.valid_after_s,
	           LITERAL("ssh-ed25519,rsa-sha2-512"), &answer) == ERR_OK);
	assert(answer != CERTIFICATE_UNCHECKED);
	return 0;
}

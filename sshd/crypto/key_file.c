#include "sshd/crypto/key_file.h"

#include <openssl/pem.h>

#include "sshd/base/auto.h"
#include "sshd/base/text.h"
#include "sshd/crypto/lines.h"
#include "sshd/crypto/private_key.h"

#define BEGIN  "-----BEGIN "
#define END    "-----END "
#define DASHES "-----"

static bool line_is_marker(struct slice line, const char *kind, struct slice label)
{
	return slice_starts(line, kind) && line.len == strlen(kind) + label.len + strlen(DASHES) &&
	       slice_equal(slice_first(slice_after(line, strlen(kind)), label.len), label) &&
	       slice_is(slice_after(line, strlen(kind) + label.len), DASHES);
}

struct block {
	struct slice label;   /* "OPENSSH PRIVATE KEY" */
	struct slice content; /* what follows the BEGIN line */
	struct slice whole;   /* the same with that line */
};

/* The first block, but for the curve that `openssl ecparam -genkey` puts before its key. */
static bool block_find(struct slice text, struct block *block)
{
	struct slice line;

	while (block->whole = text, line_next(&text, &line)) {
		block->label = slice_after(line, strlen(BEGIN));
		if (!slice_starts(line, BEGIN) || block->label.len < strlen(DASHES))
			continue;
		block->label.len -= strlen(DASHES);
		block->content = text;
		if (line_is_marker(line, BEGIN, block->label) &&
		    !slice_is(block->label, "EC PARAMETERS"))
			return true;
	}
	return false;
}

/* The lines up to the END line, without their breaks. ERR_MALFORMED: there is no END line. */
static enum err join_lines(const struct block *block, struct buf *joined)
{
	struct slice text = block->content, line;

	while (line_next(&text, &line)) {
		if (line_is_marker(line, END, block->label))
			return ERR_OK;
		TRY(buf_append(joined, line));
	}
	return ERR_MALFORMED;
}

static enum err parse_openssh(const struct block *block, struct private_key **out)
{
	AUTO(buf_wipe) struct buf base64 = buf_empty_secret(KEY_FILE_LIMIT);
	AUTO(buf_wipe) struct buf bytes = buf_empty_secret(KEY_FILE_LIMIT);

	TRY(join_lines(block, &base64));
	TRY(text_parse_base64(buf_view(&base64), &bytes));
	return openssh_key_parse(buf_view(&bytes), out);
}

static int no_passphrase(char *room, int size, int is_writing, void *context)
{
	(void)room;
	(void)size;
	(void)is_writing;
	(void)context;
	return -1;
}

static void bio_release(BIO **bio)
{
	BIO_free(*bio);
}

/* RFC 1421, section 4.6.1.1: the header that OpenSSL's older formats put before the base64. */
static bool says_encrypted(struct slice text)
{
	struct slice line;

	while (line_next(&text, &line) && line.len > 0 && !slice_starts(line, DASHES))
		if (slice_starts(line, "Proc-Type: 4,ENCRYPTED"))
			return true;
	return false;
}

static enum err parse_pem(const struct block *block, struct private_key **out)
{
	AUTO(bio_release) BIO *bio = BIO_new_mem_buf(block->whole.ptr, (int)block->whole.len);
	EVP_PKEY *pkey;

	if (says_encrypted(block->content))
		return ERR_ENCRYPTED;
	if (bio == NULL)
		return library_failed();
	pkey = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
	if (pkey == NULL) {
		library_forget();
		return ERR_MALFORMED;
	}
	return private_key_new(pkey, out);
}

static enum err parse_encrypted(const struct block *block, struct private_key **out)
{
	(void)block;
	(void)out;
	return ERR_ENCRYPTED;
}

static const struct {
	const char *label;
	enum err (*parse)(const struct block *block, struct private_key **out);
} formats[] = {
    {"OPENSSH PRIVATE KEY", parse_openssh},
    {"PRIVATE KEY", parse_pem},     /* PKCS #8 */
    {"RSA PRIVATE KEY", parse_pem}, /* PKCS #1 */
    {"EC PRIVATE KEY", parse_pem},  /* SEC 1 */
    {"ENCRYPTED PRIVATE KEY", parse_encrypted},
};

enum err private_key_parse(struct slice text, struct private_key **out)
{
	struct block block;

	if (text.len > KEY_FILE_LIMIT)
		return ERR_TOO_LONG;
	if (!block_find(text, &block))
		return ERR_MALFORMED;
	library_start();
	for (size_t i = 0; i < COUNT_OF(formats); i++)
		if (slice_is(block.label, formats[i].label))
			return formats[i].parse(&block, out);
	return ERR_KEY;
}

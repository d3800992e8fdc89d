#include "privsep/signer/signer_keys.h"

#include <errno.h>
#include <sys/stat.h>

#include "sshd/base/auto.h"
#include "sshd/base/fd.h"
#include "sshd/base/secret.h"
#include "sshd/crypto/key_file.h"
#include "sshd/wire/writer.h"

struct signer_keys signer_keys_none(void)
{
	return (struct signer_keys){.complaints = buf_empty(SIGNER_COMPLAINTS_LIMIT)};
}

void signer_keys_wipe(struct signer_keys *keys)
{
	for (unsigned i = 0; i < keys->count; i++)
		private_key_free(keys->keys[i]);
	keys->count = 0;
	buf_wipe(&keys->complaints);
}

/* ------------------------------------------------------------------- load */

/* Only its owner may read it: whoever else can is who the clients will have to trust, too. */
static bool is_private(int fd, mode_t *mode)
{
	struct stat facts;

	*mode = 0;
	if (fstat(fd, &facts) != 0 || !S_ISREG(facts.st_mode))
		return false;
	*mode = facts.st_mode & 07777;
	return (facts.st_mode & (S_IRWXG | S_IRWXO)) == 0;
}

static enum err complain(struct signer_keys *keys, const char *path, enum err err, mode_t mode)
{
	struct buf *to = &keys->complaints;

	switch (err) {
	case ERR_MODE:
		return buf_append_format(to,
		    "host key %s is skipped: with permissions %04o others can read it; mend with: "
		    "chmod 600 %s\n",
		    path, mode, path);
	case ERR_ENCRYPTED:
		return buf_append_format(to,
		    "host key %s is skipped: it is protected by a passphrase; mend with: "
		    "ssh-keygen -p -N '' -f %s\n",
		    path, path);
	case ERR_SYSTEM:
		return buf_append_format(to, "host key %s cannot be read: %s\n", path, strerror(errno));
	case ERR_KEY:
		return buf_append_format(to,
		    "host key %s is skipped: its type or size is not supported; make one with: "
		    "ssh-keygen -t ed25519 -N '' -f %s\n",
		    path, path);
	default:
		return buf_append_format(to, "host key %s is skipped: %s\n", path, err_text(err));
	}
}

static enum err load(const char *path, struct private_key **key, mode_t *mode)
{
	AUTO(fd_release) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	AUTO(secret_release) struct secret *text = NULL;

	if (fd < 0)
		return ERR_SYSTEM;
	if (!is_private(fd, mode))
		return ERR_MODE;
	TRY(secret_read(fd, KEY_FILE_LIMIT, &text));
	return private_key_parse(span_view(secret_expose(text)), key);
}

static bool is_there(const struct signer_keys *keys, struct slice blob)
{
	for (unsigned i = 0; i < keys->count; i++)
		if (slice_equal(private_key_blob(keys->keys[i]), blob))
			return true;
	return false;
}

enum err signer_keys_add(struct signer_keys *keys, const char *path, bool is_optional)
{
	AUTO(private_key_release) struct private_key *key = NULL;
	mode_t mode = 0;
	enum err err = load(path, &key, &mode);

	if (err == ERR_SYSTEM && errno == ENOENT && is_optional)
		return ERR_OK;
	if (err != ERR_OK)
		return complain(keys, path, err, mode);
	if (is_there(keys, private_key_blob(key)))
		return ERR_OK;
	if (keys->count == SIGNER_KEYS_LIMIT)
		return ERR_LIMIT;
	keys->keys[keys->count++] = TAKE(key);
	return ERR_OK;
}

/* ----------------------------------------------------------------- encode */

/* Whether it really signs shows in signing: here, before any client waits for it. */
static enum err append_algorithms(const struct private_key *key, struct writer *w)
{
	bool is_first = true;

	for (const struct signature_algorithm *row = signature_algorithms; row->name != NULL; row++) {
		AUTO(buf_wipe) struct buf signature = buf_empty(SIGNATURE_BLOB_LIMIT);

		if (row->is_certificate || row->is_security_key ||
		    private_key_sign(key, row, LITERAL("a trial"), &signature) != ERR_OK)
			continue;
		if (!is_first)
			write_bytes(w, LITERAL(","));
		write_bytes(w, slice_text(row->name));
		is_first = false;
	}
	return ERR_OK;
}

enum err signer_keys_encode(const struct signer_keys *keys, struct buf *out)
{
	struct span room;
	struct writer w;

	TRY(buf_reserve(out, SIGNER_LIST_LIMIT, &room));
	w = writer_into(room);
	for (unsigned i = 0; i < keys->count; i++) {
		size_t position = write_string_begin(&w);

		TRY(append_algorithms(keys->keys[i], &w));
		write_string_end(&w, position);
		write_string(&w, private_key_blob(keys->keys[i]));
	}
	TRY(writer_finish(&w, NULL));
	buf_commit(out, w.len);
	return ERR_OK;
}

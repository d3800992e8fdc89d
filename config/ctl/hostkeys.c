/* sshdctl hostkeys: makes the host keys that are missing; fingerprints and SSHFP records of all. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "config/ctl/input.h"
#include "config/ctl/verbs.h"
#include "config/json.h"
#include "config/resolve.h"
#include "sshd/base/auto.h"
#include "sshd/base/fd.h"
#include "sshd/base/file.h"
#include "sshd/base/text.h"
#include "sshd/crypto/key_file.h"

#define OUTPUT_LIMIT (1u << 20)
#define LINE_LIMIT   (2 * KEY_BLOB_LIMIT)

/* What a key of a name is made as: the first row whose word the file's name holds. */
static const struct key_row {
	const char *word;
	enum key_kind kind; /* KEY_NONE: not a key we make */
	unsigned bits;
} key_rows[] = {
    {"ecdsa", KEY_ECDSA, 256},
    {"ed25519", KEY_ED25519, 256},
    {"rsa", KEY_RSA, 3072},
    {"dsa", KEY_NONE, 0},
    {"", KEY_ED25519, 256},
};

/* RFC 4255, 6594 and 7479. */
static const uint8_t sshfp_algorithms[] = {[KEY_RSA] = 1, [KEY_ECDSA] = 3, [KEY_ED25519] = 4};
#define SSHFP_SHA256 2

struct host_keys {
	const char *owner; /* of the records: the host's name */
	bool is_json;
	size_t count, failures;
	struct buf out;
};

static void complain(struct host_keys *keys, const char *path, const char *what, enum err err)
{
	const char *reason = err == ERR_SYSTEM ? strerror(errno) : err_text(err);

	fprintf(stderr, "sshdctl hostkeys: %s: %s%s\n", path, what, reason);
	keys->failures++;
}

/* ---------------------------------------------------------------------------- making a key */

static const struct key_row *row_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	const struct key_row *row = key_rows;

	while (strstr(slash != NULL ? slash : path, row->word) == NULL)
		row++;
	return row;
}

/* The directory of a path, open, and the name in it. */
static enum err directory_open(const char *path, int *dir, const char **name)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_MAX];

	*name = slash != NULL ? slash + 1 : path;
	if (slash == NULL || slash == path)
		snprintf(folder, sizeof(folder), "%s", slash == NULL ? "." : "/");
	else if (snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path) >=
	         (int)sizeof(folder))
		return ERR_TOO_LONG;
	*dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return *dir < 0 ? ERR_SYSTEM : ERR_OK;
}

static enum err public_line(struct slice blob, const char *comment, struct buf *line)
{
	struct key_blob key;

	TRY(key_blob_parse(blob, &key));
	TRY(buf_append(line, key.type));
	TRY(buf_append_text(line, " "));
	TRY(text_append_base64(line, blob, true));
	return buf_append_format(line, " %s\n", comment);
}

/* Neither file takes the place of one that lies there; without the second the first stays out. */
static enum err write_pair(const char *path, const char *comment, struct slice text)
{
	AUTO(private_key_release) struct private_key *key = NULL;
	AUTO(buf_wipe) struct buf line = buf_empty(LINE_LIMIT);
	AUTO(fd_release) int dir = -1;
	char public_name[NAME_MAX + 1];
	const char *name;
	enum err err;
	int saved;

	TRY(private_key_parse(text, &key));
	TRY(public_line(private_key_blob(key), comment, &line));
	TRY(directory_open(path, &dir, &name));
	if (snprintf(public_name, sizeof(public_name), "%s.pub", name) >= (int)sizeof(public_name))
		return ERR_TOO_LONG;
	TRY(file_create(dir, name, text, 0600));
	/* A public half without its private one is of no use to anybody. */
	err = file_replace(dir, public_name, buf_view(&line), 0644);
	if (err != ERR_OK) {
		saved = errno;
		unlinkat(dir, name, 0);
		errno = saved;
	}
	return err;
}

static enum err make(const char *path, const struct key_row *row, const char *host)
{
	AUTO(buf_wipe) struct buf text = buf_empty_secret(KEY_FILE_LIMIT);
	AUTO(buf_wipe) struct buf comment = buf_empty(1024);
	const char *comment_text;

	TRY(buf_append_format(&comment, "root@%s", host));
	TRY(buf_c_string(&comment, &comment_text));
	TRY(private_key_generate(row->kind, row->bits, buf_view(&comment), &text));
	return write_pair(path, comment_text, buf_view(&text));
}

/* ---------------------------------------------------------------------------- telling one */

/* Of a key that is encrypted, or lies in an agent, the public half beside it is told. */
static enum err read_public(const char *path, bool is_here, struct buf *blob)
{
	AUTO(buf_wipe) struct buf text = buf_empty_secret(KEY_FILE_LIMIT);
	AUTO(private_key_release) struct private_key *key = NULL;
	AUTO(buf_wipe) struct buf beside = buf_empty(PATH_MAX);
	const char *public_path = path;
	enum err err;

	TRY(file_read_path(path, &text));
	if (!is_here && public_key_line_parse(buf_view(&text), blob) == ERR_OK)
		return ERR_OK;
	err = private_key_parse(buf_view(&text), &key);
	if (err == ERR_OK)
		return buf_append(blob, private_key_blob(key));
	if (err != ERR_ENCRYPTED && is_here)
		return err;
	TRY(buf_append_format(&beside, "%s.pub", path));
	TRY(buf_c_string(&beside, &public_path));
	buf_wipe(&text);
	if (file_read_path(public_path, &text) != ERR_OK)
		return err;
	return public_key_line_parse(buf_view(&text), blob);
}

static enum err tell(
    struct host_keys *keys, const char *path, bool is_new, struct slice blob)
{
	AUTO(buf_wipe) struct buf print = buf_empty(256), record = buf_empty(1024);
	const char *print_text, *record_text;
	struct digest digest;
	struct key_blob key;
	struct buf *out = &keys->out;

	TRY(key_blob_parse(blob, &key));
	if (key.kind >= COUNT_OF(sshfp_algorithms))
		return ERR_UNSUPPORTED;
	TRY(key_fingerprint(blob, HASH_SHA256, &print));
	TRY(hash_parts(HASH_SHA256, &blob, 1, &digest));
	TRY(buf_append_format(&record, "%s IN SSHFP %u %u ", keys->owner,
	    sshfp_algorithms[key.kind], SSHFP_SHA256));
	TRY(text_append_hex(&record, digest_view(&digest)));
	TRY(buf_c_string(&print, &print_text));
	TRY(buf_c_string(&record, &record_text));
	if (!keys->is_json) {
		TRY(text_append_escaped(out, slice_text(path), PATH_MAX));
		return buf_append_format(out, "%s\n    %u %s (%s)\n    %s\n", is_new ? " (new)" : "",
		    key_blob_bits(&key), print_text, key_blob_type_name(&key), record_text);
	}
	TRY(buf_append_text(out, keys->count++ > 0 ? ",\n{" : "\n{"));
	TRY(json_append_member(out, true, "path", path));
	TRY(json_append_flag(out, false, "is_new", is_new));
	TRY(json_append_member(out, false, "type", key_blob_type_name(&key)));
	TRY(json_append_number(out, false, "bits", key_blob_bits(&key)));
	TRY(json_append_member(out, false, "fingerprint", print_text));
	TRY(json_append_member(out, false, "sshfp", record_text));
	return buf_append_text(out, "}");
}

/* Returns only what leaves no sense in going on; a key that fails is told and counted. */
static enum err handle(struct host_keys *keys, const char *path, bool has_agent)
{
	AUTO(buf_wipe) struct buf blob = buf_empty(KEY_BLOB_LIMIT);
	const struct key_row *row = row_of(path);
	bool is_new = access(path, F_OK) != 0 && errno == ENOENT;
	enum err err;

	if (is_new && (has_agent || row->kind == KEY_NONE)) {
		fprintf(stderr, "sshdctl hostkeys: %s: is not there, and %s\n", path,
		    has_agent ? "HostKeyAgent holds the keys" : "DSA keys are not made");
		keys->failures++;
		return ERR_OK;
	}
	err = is_new ? make(path, row, keys->owner) : ERR_OK;
	if (err != ERR_OK) {
		complain(keys, path, "cannot be made: ", err);
		return ERR_OK;
	}
	err = read_public(path, !has_agent, &blob);
	if (err != ERR_OK) {
		complain(keys, path, "", err);
		return ERR_OK;
	}
	return tell(keys, path, is_new, buf_view(&blob));
}

static enum err run(const struct arguments *arguments, struct host_keys *keys)
{
	AUTO(input_wipe) struct input input = {0};
	AUTO(conf_release) struct conf *conf = NULL;
	const char *root = arguments->root != NULL ? arguments->root : "";
	enum err err = input_read(arguments, &input);

	if (err == ERR_CONFIG || (err == ERR_OK && diagnostics_has_errors(&input.diagnostics)))
		return input_complain(&input);
	TRY(err);
	TRY(conf_resolve(input.config, NULL, &conf, NULL));
	TRY(crypto_prepare());
	TRY(private_key_protect());
	for (size_t i = 0; i < conf->host_keys.count; i++) {
		const char *path =
		    arena_format(&input.arena, "%s%s", root, conf->host_keys.items[i]);

		if (path == NULL)
			return ERR_NO_MEMORY;
		TRY(handle(keys, path, conf->host_key_agent != NULL));
	}
	if (!keys->is_json)
		return output_write(&keys->out) ? ERR_OK : ERR_SYSTEM;
	TRY(buf_append_text(&keys->out, "]\n"));
	return output_write(&keys->out) ? ERR_OK : ERR_SYSTEM;
}

enum status verb_hostkeys(int argc, char **argv)
{
	struct arguments arguments = {0};
	char host[HOST_NAME_MAX + 1] = "localhost";
	struct host_keys keys = {.out = buf_empty(OUTPUT_LIMIT)};
	enum err err;

	if (!arguments_parse(argc, argv, &arguments) || arguments.rest_count != 0) {
		fputs("usage: sshdctl hostkeys [--host NAME] [--json] [--root DIR] [-f FILE]\n",
		    stderr);
		return STATUS_FAILED;
	}
	if (gethostname(host, sizeof(host) - 1) != 0)
		snprintf(host, sizeof(host), "localhost");
	keys.owner = arguments.host != NULL ? arguments.host : host;
	keys.is_json = arguments.output == OUTPUT_JSON;
	err = keys.is_json ? buf_append_text(&keys.out, "[") : ERR_OK;
	if (err == ERR_OK)
		err = run(&arguments, &keys);
	buf_wipe(&keys.out);
	if (err != ERR_OK && err != ERR_CONFIG)
		output_failed("hostkeys", err);
	return err == ERR_OK && keys.failures == 0 ? STATUS_OK : STATUS_FAILED;
}

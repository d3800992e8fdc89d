/* For tests: a session in this process over a scratch directory, and a client to talk to it. */
#pragma once

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sshd/base/auto.h"
#include "sshd/sftp/session.h"

#define NOBODY 65534

/*
 * scratch/outside/secret holds "secret"; scratch/jail has a file "file" with "content", a directory
 * "dir" with "dir/inner", and links: "link" to file, "up" to .., "escape" and "escape-absolute" to
 * the secret, "escape-dir" to the directory it lies in.
 */
struct scratch {
	char path[64];
	char jail[80];
	char outside[80];
	char secret[96];
};

struct client {
	struct sftp_options options;
	struct sftp_session session;
	struct sftp_server server;
	struct buf in, out;
	uint32_t id;
};

/* One reply; `rest` is what stands behind its id and is valid until the next request. */
struct answer {
	uint8_t type;
	uint32_t status; /* of a STATUS; UINT32_MAX for any other */
	struct slice rest;
};

static inline int scratch_remove_one(
    const char *path, const struct stat *st, int flag, struct FTW *walk)
{
	(void)st;
	(void)flag;
	(void)walk;
	return remove(path);
}

static inline void scratch_wipe(struct scratch *scratch)
{
	if (chmod(scratch->jail, 0700) != 0)
		return; /* it was never made */
	nftw(scratch->path, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static inline void scratch_file(const char *path, const char *content)
{
	FILE *file = fopen(path, "w");

	if (file == NULL || fputs(content, file) < 0 || fclose(file) != 0)
		abort();
}

/* Whoever runs the tests: should the jail leak, only what belongs to nobody is within reach. */
static inline void give_up_root(void)
{
	if (geteuid() != 0)
		return;
	if (setgroups(0, NULL) != 0 || setresgid(NOBODY, NOBODY, NOBODY) != 0 ||
	    setresuid(NOBODY, NOBODY, NOBODY) != 0 || setuid(0) == 0)
		abort();
}

static inline void scratch_make(struct scratch *scratch)
{
	const char *parent = getenv("TMPDIR");
	bool is_made;

	give_up_root();
	if (parent == NULL || access(parent, W_OK | X_OK) != 0)
		parent = "/tmp";
	snprintf(scratch->path, sizeof(scratch->path), "%.40s/sftp-XXXXXX", parent);
	if (mkdtemp(scratch->path) == NULL)
		abort();
	snprintf(scratch->jail, sizeof(scratch->jail), "%s/jail", scratch->path);
	snprintf(scratch->outside, sizeof(scratch->outside), "%s/outside", scratch->path);
	snprintf(scratch->secret, sizeof(scratch->secret), "%s/secret", scratch->outside);
	is_made = mkdir(scratch->outside, 0755) == 0 && mkdir(scratch->jail, 0755) == 0 &&
	          chdir(scratch->jail) == 0 && mkdir("dir", 0755) == 0 &&
	          symlink("file", "link") == 0 && symlink("..", "up") == 0 &&
	          symlink("../outside/secret", "escape") == 0 &&
	          symlink(scratch->secret, "escape-absolute") == 0 &&
	          symlink("../outside", "escape-dir") == 0;
	if (!is_made)
		abort();
	scratch_file(scratch->secret, "secret");
	scratch_file("file", "content");
	scratch_file("dir/inner", "inner");
}

/* Begins a session after the options are set; `jail`: a path, or NULL for none. */
static inline void client_start(struct client *client, const char *jail)
{
	client->options.user = "tester";
	client->options.client = "test";
	client->options.jail = -1;
	if (client->options.permitted == 0)
		client->options.permitted = SFTP_REQUESTS_ALL;
	if (jail != NULL)
		snprintf(client->options.jail_path, sizeof(client->options.jail_path), "%s", jail);
	client->in = buf_empty(2 * SFTP_PACKET_LIMIT);
	client->out = buf_empty(SFTP_OUT_LIMIT);
	client->server = sftp_server_over(&sftp_file_operations, &client->session,
	    client->options.permitted, client->options.is_read_only);
	client->server.version = SFTP_VERSION;
	if (sftp_session_init(&client->session, &client->options) != ERR_OK)
		abort();
}

static inline void client_wipe(struct client *client)
{
	sftp_session_wipe(&client->session);
	buf_wipe(&client->in);
	buf_wipe(&client->out);
}

/* A field of a request. */
struct field {
	enum { FIELD_U32, FIELD_U64, FIELD_STRING } kind;
	uint64_t number;
	struct slice string;
};

#define U32(value)   ((struct field){FIELD_U32, (value), {0}})
#define U64(value)   ((struct field){FIELD_U64, (value), {0}})
#define STR(text)    ((struct field){FIELD_STRING, 0, slice_text(text)})
#define BYTES_(data) ((struct field){FIELD_STRING, 0, (data)})
#define NO_ATTRS     U32(0)

/* Sends one request without waiting for its reply. */
static inline void client_send(
    struct client *client, uint8_t type, const struct field *fields, size_t count)
{
	static uint8_t bytes[SFTP_PACKET_LIMIT + 4];
	struct writer w = writer_into((struct span){bytes, sizeof(bytes)});
	size_t position = write_string_begin(&w);

	write_byte(&w, type);
	write_u32(&w, ++client->id);
	for (size_t i = 0; i < count; i++) {
		if (fields[i].kind == FIELD_U32)
			write_u32(&w, (uint32_t)fields[i].number);
		else if (fields[i].kind == FIELD_U64)
			write_u64(&w, fields[i].number);
		else
			write_string(&w, fields[i].string);
	}
	write_string_end(&w, position);
	ck_assert_int_eq(w.err, ERR_OK);
	ck_assert_int_eq(buf_append(&client->in, writer_view(&w)), ERR_OK);
}

static inline struct answer client_ask_with(
    struct client *client, uint8_t type, const struct field *fields, size_t count)
{
	struct answer answer = {.status = UINT32_MAX};
	struct slice bytes, packet;
	struct reader r;

	buf_consume(&client->out, buf_len(&client->out));
	client_send(client, type, fields, count);
	ck_assert_int_eq(
	    sftp_server_run(&client->server, &client->in, &client->out, SFTP_OUT_LIMIT), ERR_AGAIN);
	while (client->session.jobs.count > 0)
		ck_assert_int_eq(sftp_jobs_work(&client->session, &client->out), ERR_OK);
	bytes = buf_view(&client->out);
	ck_assert_int_eq(sftp_packet_next(&bytes, &packet), ERR_OK);
	ck_assert_uint_eq(bytes.len, 0);
	r = reader_over(packet);
	answer.type = read_byte(&r);
	ck_assert_uint_eq(read_u32(&r), client->id);
	answer.rest = r.left;
	if (answer.type == SSH_FXP_STATUS)
		answer.status = read_u32(&r);
	ck_assert_int_eq(r.err, ERR_OK);
	return answer;
}

/* The status of the answer; UINT32_MAX when it is another reply. */
#define ask(client, type, ...)                                                                     \
	client_ask_with((client), (type), (const struct field[]){__VA_ARGS__},                     \
	    COUNT_OF(((const struct field[]){__VA_ARGS__})))
#define ask_extended(client, name, ...) ask((client), SSH_FXP_EXTENDED, STR(name), __VA_ARGS__)

enum {
	OPEN = 3,
	CLOSE,
	READ,
	WRITE,
	LSTAT,
	FSTAT,
	SETSTAT,
	FSETSTAT,
	OPENDIR,
	READDIR,
	REMOVE,
	MKDIR,
	RMDIR,
	REALPATH,
	STAT,
	RENAME,
	READLINK,
	SYMLINK
};

/* A handle as a client keeps it. */
struct name {
	uint8_t bytes[SFTP_HANDLE_NAME_LEN];
};
#define HANDLE(name) BYTES_(slice_over((name).bytes, SFTP_HANDLE_NAME_LEN))

static inline bool name_of(struct answer answer, struct name *name)
{
	struct reader r = reader_over(answer.rest);
	struct slice handle = read_string(&r, SFTP_HANDLE_LIMIT);

	if (answer.type != SSH_FXP_HANDLE)
		return false;
	ck_assert_uint_eq(handle.len, SFTP_HANDLE_NAME_LEN);
	memcpy(name->bytes, handle.ptr, handle.len);
	return true;
}

/* The file's content as far as it fits, or NULL. */
static inline const char *content_of(const char *path)
{
	static char content[4096];
	FILE *file = fopen(path, "r");
	size_t len;

	if (file == NULL)
		return NULL;
	len = fread(content, 1, sizeof(content) - 1, file);
	fclose(file);
	content[len] = 0;
	return content;
}

static inline struct name open_file(struct client *client, const char *path, uint32_t flags)
{
	struct name name;

	ck_assert_msg(
	    name_of(ask(client, OPEN, STR(path), U32(flags), NO_ATTRS), &name), "open %s", path);
	return name;
}

static inline struct name open_directory(struct client *client, const char *path)
{
	struct name name;

	ck_assert_msg(name_of(ask(client, OPENDIR, STR(path)), &name), "opendir %s", path);
	return name;
}

static inline void check_data(struct answer answer, struct slice expect)
{
	struct reader r = reader_over(answer.rest);

	ck_assert_uint_eq(answer.type, SSH_FXP_DATA);
	ck_assert(slice_equal(read_string(&r, SFTP_READ_LIMIT), expect));
	ck_assert_int_eq(reader_finish(&r), ERR_OK);
}

/* The scratch directory and a client over it, to be started when its options are set. */
#define SESSION(scratch, client)                                                                   \
	AUTO(scratch_wipe) struct scratch scratch = {0};                                           \
	AUTO(client_wipe) struct client client = {0};                                              \
	scratch_make(&scratch)

/*
 * The whole server over a scratch directory that is its jail: whatever the client asks for, every
 * request that got its packet gets exactly one reply, and nothing outside the jail changes.
 *
 * The input: a byte of switches, then requests, each as its length in two bytes (so that a mutation
 * keeps the rest in step) and its content.
 */
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sshd/base/auto.h"
#include "sshd/sftp/session.h"

#define NOBODY        65534
#define CANARY        "what is outside stays as it is"
#define REQUEST_LIMIT 64u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int scratch_fd = -1, outside_fd = -1;
static char scratch_path[64];
static struct stat outside_before, canary_before, scratch_before;

static void must(bool is_so, const char *what)
{
	if (!is_so) {
		perror(what);
		abort();
	}
}

static void write_file(int dir, const char *name, const char *content)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	must(fd >= 0 && write(fd, content, strlen(content)) == (ssize_t)strlen(content), name);
	close(fd);
}

/* Should the jail leak, only what belongs to nobody is within reach. */
static void give_up_root(void)
{
	if (geteuid() != 0)
		return;
	must(setgroups(0, NULL) == 0, "setgroups");
	must(setresgid(NOBODY, NOBODY, NOBODY) == 0, "setresgid");
	must(setresuid(NOBODY, NOBODY, NOBODY) == 0 && setuid(0) != 0, "setresuid");
}

static void remove_tree(int dir, const char *name)
{
	struct dirent *entry;
	DIR *folder;
	int fd;

	if (unlinkat(dir, name, 0) == 0 || (errno != EISDIR && errno != EPERM))
		return;
	if (fchmodat(dir, name, 0700, 0) != 0)
		return;
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	folder = fd >= 0 ? fdopendir(fd) : NULL;
	while (folder != NULL && (entry = readdir(folder)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			remove_tree(fd, entry->d_name);
	if (folder != NULL)
		closedir(folder);
	unlinkat(dir, name, AT_REMOVEDIR);
}

static void remove_scratch(void)
{
	remove_tree(AT_FDCWD, scratch_path);
}

static enum err find_name(
    struct sftp_names *names, enum sftp_name_kind kind, uint32_t id, struct buf *name)
{
	(void)names;
	(void)kind;
	return id % 2 == 0 ? buf_append_text(name, "somebody") : ERR_NOT_FOUND;
}

static enum err find_home(struct sftp_names *names, struct slice user, struct buf *home)
{
	(void)names;
	return user.len < 6 ? buf_append_text(home, "/home") : ERR_NOT_FOUND;
}

static struct sftp_names few_names = {find_name, find_home};

/* Made once: scratch/outside/canary, which each run is checked against. */
static void scratch_open(void)
{
	const char *parent = getenv("TMPDIR");

	give_up_root();
	if (parent == NULL || access(parent, W_OK | X_OK) != 0)
		parent = access("/dev/shm", W_OK | X_OK) == 0 ? "/dev/shm" : "/tmp";
	snprintf(scratch_path, sizeof(scratch_path), "%.40s/sftp-fuzz-XXXXXX", parent);
	must(mkdtemp(scratch_path) != NULL, scratch_path);
	atexit(remove_scratch);
	scratch_fd = open(scratch_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	must(scratch_fd >= 0 && mkdirat(scratch_fd, "outside", 0755) == 0, "outside");
	outside_fd = openat(scratch_fd, "outside", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	must(outside_fd >= 0, "outside");
	write_file(outside_fd, "canary", CANARY);
	must(fstat(outside_fd, &outside_before) == 0, "outside");
	must(fstatat(outside_fd, "canary", &canary_before, 0) == 0, "canary");
}

/* Made for each run: scratch/jail. */
static int jail_open(void)
{
	int jail;

	remove_tree(scratch_fd, "jail");
	must(mkdirat(scratch_fd, "jail", 0755) == 0, "jail");
	jail = openat(scratch_fd, "jail", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	must(jail >= 0 && mkdirat(jail, "d", 0755) == 0, "jail");
	write_file(jail, "f", "content");
	must(symlinkat("../outside", jail, "o") == 0 && symlinkat("d/../f", jail, "l") == 0,
	    "links");
	must(fstat(scratch_fd, &scratch_before) == 0, "scratch");
	return jail;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_mode == b->st_mode && a->st_nlink == b->st_nlink &&
	       a->st_size == b->st_size && a->st_uid == b->st_uid && a->st_gid == b->st_gid &&
	       a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

static void check_outside(void)
{
	struct stat now;

	assert(fstat(scratch_fd, &now) == 0 && is_same(&now, &scratch_before));
	assert(fstat(outside_fd, &now) == 0 && is_same(&now, &outside_before));
	assert(fstatat(outside_fd, "canary", &now, 0) == 0 && is_same(&now, &canary_before));
}

static bool holds_canary(struct slice bytes)
{
	return memmem(bytes.ptr, bytes.len, CANARY, strlen(CANARY)) != NULL;
}

/* Whole packets only, each with the id of a request; how many there are. */
static unsigned count_replies(struct slice bytes)
{
	unsigned count = 0;

	while (bytes.len > 0) {
		struct slice packet = {0};

		assert(sftp_packet_next(&bytes, &packet) == ERR_OK);
		assert(packet.len >= 5);
		count++;
	}
	return count;
}

/* Takes one request of the input into `in`. False: there are no more. */
static bool feed(struct reader *r, struct buf *in)
{
	size_t len = (size_t)read_byte(r) << 8;
	uint8_t length_field[4] = {0};
	struct slice content;

	len |= read_byte(r);
	if (r->err != ERR_OK)
		return false;
	content = read_bytes(r, len < r->left.len ? len : r->left.len);
	length_field[2] = (uint8_t)(content.len >> 8);
	length_field[3] = (uint8_t)content.len;
	return buf_append(in, SLICE_OF(length_field)) == ERR_OK &&
	       buf_append(in, content) == ERR_OK;
}

static void run(struct sftp_session *session, struct reader *r)
{
	AUTO(buf_wipe) struct buf in = buf_empty(1u << 20);
	AUTO(buf_wipe) struct buf out = buf_empty(SFTP_OUT_LIMIT);
	struct sftp_server server = sftp_server_over(&sftp_file_operations, session,
	    session->options->permitted, session->options->is_read_only);

	server.version = SFTP_VERSION;
	for (unsigned i = 0; i < REQUEST_LIMIT && feed(r, &in); i++) {
		enum err err = sftp_server_run(&server, &in, &out, SFTP_OUT_LIMIT);

		while (session->jobs.count > 0)
			assert(sftp_jobs_work(session, &out) == ERR_OK);
		if (err != ERR_AGAIN)
			break; /* the connection would end here */
		assert(count_replies(buf_view(&out)) == 1);
		assert(!holds_canary(buf_view(&out)));
		buf_consume(&out, buf_len(&out));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reader r = reader_over(slice_over(data, size));
	uint8_t switches = read_byte(&r);
	struct sftp_options options = {
	    .permitted = SFTP_REQUESTS_ALL,
	    .is_read_only = switches & 1,
	    .has_file_mode = switches & 2,
	    .file_mode = 0640,
	    .jail = -1,
	    .user = "fuzz",
	    .client = "fuzz",
	    .names = &few_names,
	};
	struct sftp_session session;

	if (scratch_fd < 0)
		scratch_open();
	options.jail = jail_open();
	if (switches & 4)
		memcpy(options.start, "/d", 3);
	must(sftp_session_init(&session, &options) == ERR_OK, "session");
	session.handles.limit = 8;
	run(&session, &r);
	sftp_session_wipe(&session);
	close(options.jail);
	check_outside();
	return 0;
}

/* Requests on real files, without a jail. */
#include "sshd/sftp/test_client.h"

#include <sys/resource.h>

#include "tests/support/suite.h"

static struct name open_file(struct client *client, const char *path, uint32_t flags)
{
	struct name name;

	ck_assert_msg(name_of(ask(client, OPEN, STR(path), U32(flags), NO_ATTRS), &name), "open %s", path);
	return name;
}

static struct name open_directory(struct client *client, const char *path)
{
	struct name name;

	ck_assert_msg(name_of(ask(client, OPENDIR, STR(path)), &name), "opendir %s", path);
	return name;
}

static void check_data(struct answer answer, struct slice expect)
{
	struct reader r = reader_over(answer.rest);

	ck_assert_uint_eq(answer.type, SSH_FXP_DATA);
	ck_assert(slice_equal(read_string(&r, SFTP_READ_LIMIT), expect));
	ck_assert_int_eq(reader_finish(&r), ERR_OK);
}

#define SESSION(scratch, client)                                                                   \
	AUTO(scratch_wipe) struct scratch scratch = {0};                                           \
	AUTO(client_wipe) struct client client = {0};                                              \
	scratch_make(&scratch)

static const struct {
	const char *why;
	uint8_t type;
	const char *path;
	enum sftp_status expect;
} refusals[] = {
    {"stat of nothing", STAT, "none", SSH_FX_NO_SUCH_FILE},
    {"stat of no name", STAT, "", SSH_FX_NO_SUCH_FILE},
    {"stat below a file", STAT, "file/x", SSH_FX_NO_SUCH_FILE},
    {"opendir of a file", OPENDIR, "file", SSH_FX_NO_SUCH_FILE},
    {"remove of a directory", REMOVE, "dir", SSH_FX_FAILURE},
    {"remove of nothing", REMOVE, "none", SSH_FX_NO_SUCH_FILE},
    {"rmdir of a full directory", RMDIR, "dir", SSH_FX_FAILURE},
    {"rmdir of a file", RMDIR, "file", SSH_FX_NO_SUCH_FILE},
    {"readlink of a file", READLINK, "file", SSH_FX_BAD_MESSAGE},
    {"realpath below nothing", REALPATH, "none/none", SSH_FX_NO_SUCH_FILE},
    {"realpath below a file", REALPATH, "file/none", SSH_FX_NO_SUCH_FILE},
    {"realpath of a loop", REALPATH, "loop", SSH_FX_NO_SUCH_FILE},
    {"stat of a loop", STAT, "loop", SSH_FX_NO_SUCH_FILE},
};

START_TEST(what_cannot_be_done_has_its_status)
{
	SESSION(scratch, client);
	client_start(&client, NULL);
	ck_assert_int_eq(symlink("loop", "loop"), 0);
	ck_assert_msg(ask(&client, refusals[_i].type, STR(refusals[_i].path)).status == refusals[_i].expect,
	    "%s", refusals[_i].why);
}
END_TEST

START_TEST(names_too_long_are_refused)
{
	char path[SFTP_PATH_LIMIT + 2];
	SESSION(scratch, client);

	client_start(&client, NULL);
	memset(path, 'a', sizeof(path));
	path[SFTP_PATH_LIMIT + 1] = 0;
	ck_assert_uint_eq(ask(&client, STAT, STR(path)).status, SSH_FX_BAD_MESSAGE);
	path[SFTP_PATH_LIMIT] = 0;
	ck_assert_uint_eq(ask(&client, STAT, STR(path)).status, SSH_FX_BAD_MESSAGE); /* ENAMETOOLONG */
	ck_assert_uint_eq(ask(&client, REALPATH, STR(path)).status, SSH_FX_BAD_MESSAGE);
	for (unsigned i = 1; i < SFTP_PATH_LIMIT; i += 2)
		path[i - 1] = '.', path[i] = '/';
	ck_assert_uint_eq(ask(&client, STAT, STR(path)).type, SSH_FXP_STATUS);
	path[SFTP_PATH_LIMIT - 1] = 0;
	ck_assert_uint_eq(ask(&client, STAT, STR(path)).type, SSH_FXP_ATTRS);
}
END_TEST

START_TEST(reads_are_cut_at_the_limit_and_the_end)
{
	static uint8_t large[SFTP_READ_LIMIT + 1000];
	SESSION(scratch, client);
	struct name name;

	client_start(&client, NULL);
	memset(large, 'x', sizeof(large));
	large[SFTP_READ_LIMIT - 1] = 'y';
	name = open_file(&client, "large", SSH_FXF_READ | SSH_FXF_WRITE | SSH_FXF_CREAT);
	for (size_t at = 0; at < sizeof(large);) {
		struct slice piece = slice_first(slice_after(SLICE_OF(large), at), 200000);

		ck_assert_uint_eq(ask(&client, WRITE, HANDLE(name), U64(at), BYTES_(piece)).status, SSH_FX_OK);
		at += piece.len;
	}
	check_data(ask(&client, READ, HANDLE(name), U64(0), U32(UINT32_MAX)),
	    slice_over(large, SFTP_READ_LIMIT));
	check_data(ask(&client, READ, HANDLE(name), U64(SFTP_READ_LIMIT), U32(5000)),
	    slice_over(large + SFTP_READ_LIMIT, 1000));
	check_data(ask(&client, READ, HANDLE(name), U64(SFTP_READ_LIMIT - 1), U32(2)), LITERAL("yx"));
	check_data(ask(&client, READ, HANDLE(name), U64(0), U32(0)), (struct slice){0});
	ck_assert_uint_eq(
	    ask(&client, READ, HANDLE(name), U64(sizeof(large)), U32(1)).status, SSH_FX_EOF);
	ck_assert_uint_eq(
	    ask(&client, READ, HANDLE(name), U64(UINT64_MAX), U32(1)).status, SSH_FX_BAD_MESSAGE);
}
END_TEST

START_TEST(handles_are_of_one_kind_and_one_use)
{
	SESSION(scratch, client);
	struct name file, directory;

	client_start(&client, NULL);
	file = open_file(&client, "file", SSH_FXF_READ);
	directory = open_directory(&client, "dir");
	ck_assert_uint_eq(ask(&client, READDIR, HANDLE(file)).status, SSH_FX_FAILURE);
	ck_assert_uint_eq(ask(&client, READ, HANDLE(directory), U64(0), U32(1)).status, SSH_FX_FAILURE);
	ck_assert_uint_eq(ask(&client, WRITE, HANDLE(directory), U64(0), STR("x")).status, SSH_FX_FAILURE);
	ck_assert_uint_eq(ask(&client, WRITE, HANDLE(file), U64(0), STR("x")).status, SSH_FX_NO_SUCH_FILE);
	ck_assert_uint_eq(ask(&client, FSTAT, HANDLE(directory)).type, SSH_FXP_ATTRS);
	ck_assert_uint_eq(ask(&client, CLOSE, HANDLE(file)).status, SSH_FX_OK);
	ck_assert_uint_eq(ask(&client, CLOSE, HANDLE(file)).status, SSH_FX_NO_SUCH_FILE);
	ck_assert_uint_eq(ask(&client, FSTAT, HANDLE(file)).status, SSH_FX_FAILURE);
	ck_assert_uint_eq(ask(&client, CLOSE, STR("nonsense")).status, SSH_FX_NO_SUCH_FILE);
}
END_TEST

START_TEST(an_open_too_many_does_nothing)
{
	SESSION(scratch, client);
	struct answer answer;
	struct name name;

	client_start(&client, NULL);
	client.session.handles.limit = 3;
	for (unsigned i = 0; i < 3; i++)
		name = open_file(&client, "file", SSH_FXF_READ);
	answer = ask(&client, OPEN, STR("new"), U32(SSH_FXF_WRITE | SSH_FXF_CREAT), NO_ATTRS);
	ck_assert_uint_eq(answer.status, SSH_FX_FAILURE);
	answer = ask(&client, OPEN, STR("file"), U32(SSH_FXF_WRITE | SSH_FXF_TRUNC), NO_ATTRS);
	ck_assert_uint_eq(answer.status, SSH_FX_FAILURE);
	ck_assert_uint_eq(ask(&client, OPENDIR, STR("dir")).status, SSH_FX_FAILURE);
	ck_assert_int_eq(access("new", F_OK), -1);
	ck_assert_str_eq(content_of("file"), "content");
	ck_assert_uint_eq(ask(&client, CLOSE, HANDLE(name)).status, SSH_FX_OK);
	open_file(&client, "new", SSH_FXF_WRITE | SSH_FXF_CREAT);
}
END_TEST

static unsigned open_descriptors(void)
{
	unsigned count = 0;

	for (int fd = 0; fd < 1024; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

START_TEST(nothing_stays_open)
{
	unsigned before = open_descriptors();
	struct scratch scratch = {0};

	scratch_make(&scratch);
	for (unsigned is_jailed = 0; is_jailed < 2; is_jailed++) {
		struct client client = {0};

		client_start(&client, is_jailed ? scratch.jail : NULL);
		open_file(&client, "file", SSH_FXF_READ);
		open_directory(&client, "dir");
		ask(&client, STAT, STR("file"));
		ask(&client, LSTAT, STR("dir/inner"));
		ask(&client, SETSTAT, STR("file"), U32(SSH_FILEXFER_ATTR_SIZE), U64(3));
		ask(&client, RENAME, STR("file"), STR("dir/inner"));
		ask(&client, RENAME, STR("none"), STR("none/none"));
		ask(&client, REALPATH, STR("dir/../link"));
		ask_extended(&client, "statvfs@openssh.com", STR("."));
		client_wipe(&client);
	}
	scratch_wipe(&scratch);
	ck_assert_uint_eq(open_descriptors(), before);
}
END_TEST

START_TEST(appends_go_to_the_end)
{
	SESSION(scratch, client);
	struct name name;

	client_start(&client, NULL);
	name = open_file(&client, "file", SSH_FXF_WRITE | SSH_FXF_APPEND);
	ck_assert_uint_eq(ask(&client, WRITE, HANDLE(name), U64(0), STR("+more")).status, SSH_FX_OK);
	ck_assert_str_eq(content_of("file"), "content+more");
}
END_TEST

static const struct {
	uint32_t flags;
	const char *path;
	enum sftp_status expect; /* SSH_FX_OK: a handle */
	const char *content;     /* afterwards; NULL: there is no file */
} opens[] = {
    {SSH_FXF_READ, "none", SSH_FX_NO_SUCH_FILE, NULL},
    {SSH_FXF_WRITE, "none", SSH_FX_NO_SUCH_FILE, NULL},
    {SSH_FXF_WRITE | SSH_FXF_CREAT, "none", SSH_FX_OK, ""},
    {SSH_FXF_WRITE | SSH_FXF_CREAT, "file", SSH_FX_OK, "content"},
    {SSH_FXF_WRITE | SSH_FXF_CREAT | SSH_FXF_EXCL, "file", SSH_FX_FAILURE, "content"},
    {SSH_FXF_WRITE | SSH_FXF_CREAT | SSH_FXF_EXCL, "link", SSH_FX_FAILURE, "content"},
    {SSH_FXF_WRITE | SSH_FXF_TRUNC, "file", SSH_FX_OK, ""},
    {SSH_FXF_WRITE | SSH_FXF_CREAT, "none/none", SSH_FX_NO_SUCH_FILE, NULL},
    {SSH_FXF_WRITE, "dir", SSH_FX_FAILURE, NULL},
    {SSH_FXF_WRITE, "fifo", SSH_FX_FAILURE, NULL}, /* nobody reads it: no waiting */
};

START_TEST(open_follows_its_flags)
{
	SESSION(scratch, client);
	struct answer answer;

	client_start(&client, NULL);
	ck_assert_int_eq(mkfifo("fifo", 0600), 0);
	answer = ask(&client, OPEN, STR(opens[_i].path), U32(opens[_i].flags), NO_ATTRS);
	if (opens[_i].expect == SSH_FX_OK)
		ck_assert_uint_eq(answer.type, SSH_FXP_HANDLE);
	else
		ck_assert_uint_eq(answer.status, opens[_i].expect);
	if (opens[_i].content != NULL)
		ck_assert_str_eq(content_of(opens[_i].path), opens[_i].content);
}
END_TEST

START_TEST(rename_keeps_what_is_there)
{
	SESSION(scratch, client);

	client_start(&client, NULL);
	ck_assert_uint_eq(ask(&client, RENAME, STR("file"), STR("dir/inner")).status, SSH_FX_FAILURE);
	ck_assert_uint_eq(ask(&client, RENAME, STR("file"), STR("file")).status, SSH_FX_FAILURE);
	ck_assert_uint_eq(ask(&client, RENAME, STR("dir"), STR("link")).status, SSH_FX_FAILURE);
	ck_assert_str_eq(content_of("file"), "content");
	ck_assert_str_eq(content_of("dir/inner"), "inner");
	ck_assert_uint_eq(ask(&client, RENAME, STR("dir"), STR("dir/below")).status, SSH_FX_BAD_MESSAGE);
	ck_assert_uint_eq(ask(&client, RENAME, STR("file"), STR("dir/moved")).status, SSH_FX_OK);
	ck_assert_uint_eq(ask(&client, RENAME, STR("dir"), STR("folder")).status, SSH_FX_OK);
	ck_assert_str_eq(content_of("folder/moved"), "content");
	ck_assert_uint_eq(
	    ask_extended(&client, "posix-rename@openssh.com", STR("folder/moved"), STR("folder/inner")).status,
	    SSH_FX_OK);
	ck_assert_str_eq(content_of("folder/inner"), "content");
}
END_TEST

START_TEST(links_are_made)
{
	char target[64] = "";
	struct stat st;
	SESSION(scratch, client);

	client_start(&client, NULL);
	ck_assert_uint_eq(ask(&client, SYMLINK, STR("the target"), STR("made")).status, SSH_FX_OK);
	ck_assert_int_eq(readlink("made", target, sizeof(target) - 1), 10);
	ck_assert_str_eq(target, "the target");
	ck_assert_uint_eq(ask(&client, SYMLINK, STR("x"), STR("made")).status, SSH_FX_FAILURE);
	ck_assert_uint_eq(ask_extended(&client, "hardlink@openssh.com", STR("file"), STR("hard")).status, SSH_FX_OK);
	ck_assert_int_eq(stat("hard", &st), 0);
	ck_assert_uint_eq(st.st_nlink, 2);
	/* A link to a link is to the link itself. */
	ck_assert_uint_eq(ask_extended(&client, "hardlink@openssh.com", STR("link"), STR("hard2")).status, SSH_FX_OK);
	ck_assert_int_eq(lstat("hard2", &st), 0);
	ck_assert(S_ISLNK(st.st_mode));
}
END_TEST

START_TEST(attributes_are_set)
{
	const uint32_t all = SSH_FILEXFER_ATTR_SIZE | SSH_FILEXFER_ATTR_UIDGID | SSH_FILEXFER_ATTR_PERMISSIONS |
	    SSH_FILEXFER_ATTR_ACMODTIME;
	struct stat st;
	struct name name;
	SESSION(scratch, client);

	client_start(&client, NULL);
	ck_assert_uint_eq(ask(&client, SETSTAT, STR("link"), U32(all), U64(3), U32(getuid()), U32(getgid()),
			      U32(0100604), U32(1000), U32(2000)).status, SSH_FX_OK);
	ck_assert_int_eq(stat("file", &st), 0);
	ck_assert_uint_eq(st.st_mode, 0100604);
	ck_assert_int_eq(st.st_size, 3);
	ck_assert_int_eq(st.st_atime, 1000);
	ck_assert_int_eq(st.st_mtime, 2000);
	name = open_file(&client, "file", SSH_FXF_READ | SSH_FXF_WRITE);
	ck_assert_uint_eq(ask(&client, FSETSTAT, HANDLE(name),
			      U32(SSH_FILEXFER_ATTR_SIZE | SSH_FILEXFER_ATTR_PERMISSIONS), U64(1), U32(0640)).status,
	    SSH_FX_OK);
	ck_assert_int_eq(fstatat(AT_FDCWD, "file", &st, 0), 0);
	ck_assert_uint_eq(st.st_mode, 0100640);
	ck_assert_int_eq(st.st_size, 1);
	/* What fails does not keep the rest from being set. */
	ck_assert_uint_eq(ask(&client, SETSTAT, STR("dir"),
			      U32(SSH_FILEXFER_ATTR_SIZE | SSH_FILEXFER_ATTR_PERMISSIONS), U64(1), U32(0711)).status,
	    SSH_FX_FAILURE);
	ck_assert_int_eq(stat("dir", &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0711);
	ck_assert_uint_eq(ask_extended(&client, "lsetstat@openssh.com", STR("link"),
			      U32(SSH_FILEXFER_ATTR_ACMODTIME), U32(7), U32(8)).status, SSH_FX_OK);
	ck_assert_int_eq(lstat("link", &st), 0);
	ck_assert_int_eq(st.st_mtime, 8);
	ck_assert_uint_eq(ask_extended(&client, "lsetstat@openssh.com", STR("link"),
			      U32(SSH_FILEXFER_ATTR_SIZE), U64(8)).status, SSH_FX_BAD_MESSAGE);
}
END_TEST

START_TEST(read_only_changes_nothing)
{
	struct stat before, after;
	SESSION(scratch, client);

	client.options.is_read_only = true;
	client_start(&client, NULL);
	ck_assert_int_eq(stat("file", &before), 0);
	for (uint32_t flags = 0; flags < 0x40; flags++) {
		struct answer answer = ask(&client, OPEN, STR("file"), U32(flags), NO_ATTRS);
		bool changes = flags & (SSH_FXF_WRITE | SSH_FXF_CREAT | SSH_FXF_TRUNC);

		ck_assert_msg((answer.status == SSH_FX_PERMISSION_DENIED) == changes, "flags %u", flags);
	}
	ask(&client, SETSTAT, STR("file"), U32(SSH_FILEXFER_ATTR_SIZE), U64(0));
	ask(&client, REMOVE, STR("file"));
	ask(&client, RENAME, STR("file"), STR("moved"));
	ask(&client, MKDIR, STR("new"), NO_ATTRS);
	ask(&client, RMDIR, STR("dir"));
	ask(&client, SYMLINK, STR("a"), STR("new"));
	ask_extended(&client, "posix-rename@openssh.com", STR("file"), STR("new"));
	ask_extended(&client, "hardlink@openssh.com", STR("file"), STR("new"));
	ask_extended(&client, "lsetstat@openssh.com", STR("file"), U32(4), U32(0));
	ck_assert_int_eq(stat("file", &after), 0);
	ck_assert(before.st_ctim.tv_sec == after.st_ctim.tv_sec && before.st_ctim.tv_nsec == after.st_ctim.tv_nsec);
	ck_assert_int_eq(access("new", F_OK), -1);
	ck_assert_int_eq(access("dir/inner", F_OK), 0);
}
END_TEST

START_TEST(forced_modes_win)
{
	const uint32_t mode = SSH_FILEXFER_ATTR_PERMISSIONS;
	struct stat st;
	SESSION(scratch, client);

	client.options.has_file_mode = client.options.has_directory_mode = true;
	client.options.file_mode = 0664;
	client.options.directory_mode = 0772;
	client.options.has_umask = true;
	client.options.umask = 022;
	client_start(&client, NULL);
	ask(&client, OPEN, STR("new"), U32(SSH_FXF_WRITE | SSH_FXF_CREAT), U32(mode), U32(0777));
	ck_assert_int_eq(stat("new", &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0664);
	ask(&client, MKDIR, STR("newdir"), U32(mode), U32(0777));
	ck_assert_int_eq(stat("newdir", &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0772);
	ck_assert_uint_eq(ask(&client, SETSTAT, STR("new"), U32(mode), U32(0777)).status, SSH_FX_OK);
	ck_assert_uint_eq(ask(&client, SETSTAT, STR("newdir"), U32(mode), U32(0777)).status, SSH_FX_OK);
	ck_assert_int_eq(stat("new", &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0664);
	ck_assert_int_eq(stat("newdir", &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0772);
}
END_TEST

START_TEST(the_umask_is_for_what_is_not_forced)
{
	struct stat st;
	SESSION(scratch, client);

	client.options.has_file_mode = true;
	client.options.file_mode = 0666;
	client.options.has_umask = true;
	client.options.umask = 027;
	client_start(&client, NULL);
	ask(&client, OPEN, STR("new"), U32(SSH_FXF_WRITE | SSH_FXF_CREAT), NO_ATTRS);
	ask(&client, MKDIR, STR("newdir"), NO_ATTRS);
	ck_assert_int_eq(stat("new", &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0666);
	ck_assert_int_eq(stat("newdir", &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0750);
}
END_TEST

/* Counts the entries of one NAME and checks that each is whole. */
static uint32_t count_names(struct answer answer)
{
	struct reader r = reader_over(answer.rest);
	uint32_t count = read_u32(&r);

	ck_assert_uint_eq(answer.type, SSH_FXP_NAME);
	for (uint32_t i = 0; i < count; i++) {
		struct slice name = read_string(&r, 255);
		struct slice line = read_string(&r, 1024);

		sftp_attributes_read(&r);
		ck_assert(line.len > name.len && slice_equal(slice_after(line, line.len - name.len), name));
	}
	ck_assert_int_eq(reader_finish(&r), ERR_OK);
	return count;
}

START_TEST(long_listings_come_in_batches)
{
	SESSION(scratch, client);
	uint32_t count = 0, batches = 0;
	struct name name, file;
	struct answer answer;

	client_start(&client, NULL);
	for (unsigned i = 0; i < 2000; i++) {
		char path[64];

		snprintf(path, sizeof(path), "dir/entry-%04u", i);
		scratch_file(path, "");
	}
	name = open_directory(&client, "dir");
	file = open_file(&client, "file", SSH_FXF_READ);
	while ((answer = ask(&client, READDIR, HANDLE(name))).type == SSH_FXP_NAME) {
		ck_assert_uint_le(buf_len(&client.out), 34000); /* what the draft lets us send to anybody */
		count += count_names(answer);
		batches++;
		check_data(ask(&client, READ, HANDLE(file), U64(0), U32(100)), LITERAL("content"));
	}
	ck_assert_uint_eq(answer.status, SSH_FX_EOF);
	ck_assert_uint_eq(count, 2000 + 3);
	ck_assert_uint_ge(batches, 8);
	ck_assert_uint_eq(ask(&client, READDIR, HANDLE(name)).status, SSH_FX_EOF);
}
END_TEST

START_TEST(copy_data_copies)
{
	SESSION(scratch, client);
	struct name from, to, append;

	client_start(&client, NULL);
	from = open_file(&client, "file", SSH_FXF_READ);
	to = open_file(&client, "copy", SSH_FXF_READ | SSH_FXF_WRITE | SSH_FXF_CREAT);
#define COPY(from, at, len, to, where)                                                             \
	ask_extended(&client, "copy-data", HANDLE(from), U64(at), U64(len), HANDLE(to), U64(where)).status
	ck_assert_uint_eq(COPY(from, 0, 0, from, 9), SSH_FX_FAILURE);
	ck_assert_uint_eq(COPY(to, 0, 0, from, 0), SSH_FX_OK); /* nothing to copy, nothing refused */
	ck_assert_uint_eq(COPY(from, 0, 0, to, 0), SSH_FX_OK);
	ck_assert_str_eq(content_of("copy"), "content");
	ck_assert_uint_eq(COPY(from, 3, 2, to, 7), SSH_FX_OK);
	ck_assert_str_eq(content_of("copy"), "contentte");
	ck_assert_uint_eq(COPY(to, 0, 0, from, 0), SSH_FX_NO_SUCH_FILE); /* not open for writing */
	/* Two handles of one file: its end would run away from the reader. */
	append = open_file(&client, "file", SSH_FXF_WRITE | SSH_FXF_APPEND);
	ck_assert_uint_eq(COPY(from, 0, 0, append, 0), SSH_FX_FAILURE);
	append = open_file(&client, "copy", SSH_FXF_WRITE | SSH_FXF_APPEND);
	ck_assert_uint_eq(COPY(from, 0, 100, append, 0), SSH_FX_OK);
	ck_assert_str_eq(content_of("copy"), "contenttecontent");
#undef COPY
}
END_TEST

#define LONG_WORK (48u << 20)

/* Reads what is in `out` as replies; their ids. */
static size_t ids_of(struct client *client, uint32_t ids[16])
{
	struct slice bytes = buf_view(&client->out), packet;
	size_t count = 0;

	while (count < 16 && sftp_packet_next(&bytes, &packet) == ERR_OK) {
		struct reader r = reader_over(packet);

		read_byte(&r);
		ids[count++] = read_u32(&r);
	}
	buf_consume(&client->out, buf_len(&client->out));
	return count;
}

#define SEND(client, type, ...)                                                                    \
	client_send((client), (type), (const struct field[]){__VA_ARGS__},                         \
	    COUNT_OF(((const struct field[]){__VA_ARGS__})))
#define CHECK(name)                                                                                \
	STR("check-file-handle"), HANDLE(name), STR("sha256"), U64(0), U64(0), U32(0)

START_TEST(long_work_lets_others_pass)
{
	uint32_t ids[16];
	unsigned slices = 0;
	SESSION(scratch, client);
	struct name large, file;

	client_start(&client, NULL);
	ck_assert_int_eq(truncate("file", LONG_WORK), 0);
	large = open_file(&client, "file", SSH_FXF_READ);
	file = open_file(&client, "dir/inner", SSH_FXF_READ);
	buf_consume(&client.out, buf_len(&client.out));
	client.id = 100;
	SEND(&client, SSH_FXP_EXTENDED, CHECK(large));               /* 101 */
	SEND(&client, READ, HANDLE(file), U64(0), U32(10));          /* 102: another file */
	SEND(&client, STAT, STR("file"));                            /* 103 */
	SEND(&client, READ, HANDLE(large), U64(LONG_WORK), U32(10)); /* 104: has to wait for 101 */
	SEND(&client, STAT, STR("dir"));                             /* 105: stands behind it */
	ck_assert_int_eq(sftp_server_run(&client.server, &client.in, &client.out, SFTP_OUT_LIMIT), ERR_LIMIT);
	ck_assert_uint_eq(client.session.jobs.count, 1);
	ck_assert_uint_eq(ids_of(&client, ids), 2);
	ck_assert_uint_eq(ids[0], 102);
	ck_assert_uint_eq(ids[1], 103);
	for (; client.session.jobs.count > 0; slices++) {
		ck_assert_int_eq(sftp_server_run(&client.server, &client.in, &client.out, SFTP_OUT_LIMIT), ERR_LIMIT);
		ck_assert_uint_eq(buf_len(&client.out), 0);
		ck_assert_int_eq(sftp_jobs_work(&client.session, &client.out), ERR_OK);
	}
	ck_assert_uint_ge(slices, 2);
	ck_assert_int_eq(sftp_server_run(&client.server, &client.in, &client.out, SFTP_OUT_LIMIT), ERR_AGAIN);
	ck_assert_uint_eq(ids_of(&client, ids), 3);
	ck_assert_uint_eq(ids[0], 101);
	ck_assert_uint_eq(ids[1], 104);
	ck_assert_uint_eq(ids[2], 105);
}
END_TEST

START_TEST(so_many_jobs_and_no_more)
{
	uint32_t ids[16];
	SESSION(scratch, client);
	struct name names[SFTP_JOB_LIMIT + 1];

	client_start(&client, NULL);
	ck_assert_int_eq(truncate("file", LONG_WORK), 0);
	for (unsigned i = 0; i <= SFTP_JOB_LIMIT; i++)
		names[i] = open_file(&client, "file", SSH_FXF_READ);
	buf_consume(&client.out, buf_len(&client.out));
	client.id = 0;
	for (unsigned i = 0; i <= SFTP_JOB_LIMIT; i++)
		SEND(&client, SSH_FXP_EXTENDED, CHECK(names[i]));
	ck_assert_int_eq(sftp_server_run(&client.server, &client.in, &client.out, SFTP_OUT_LIMIT), ERR_LIMIT);
	ck_assert_uint_eq(client.session.jobs.count, SFTP_JOB_LIMIT);
	while (client.session.jobs.count == SFTP_JOB_LIMIT)
		ck_assert_int_eq(sftp_jobs_work(&client.session, &client.out), ERR_OK);
	ck_assert_uint_eq(ids_of(&client, ids), 1);
	ck_assert_int_eq(sftp_server_run(&client.server, &client.in, &client.out, SFTP_OUT_LIMIT), ERR_AGAIN);
	ck_assert_uint_eq(client.session.jobs.count, SFTP_JOB_LIMIT);
	/* And the session ends in the middle of them. */
}
END_TEST

static const struct {
	const char *why;
	const char *request, *path, *hashes;
	uint64_t offset, length;
	uint32_t block_size;
	enum sftp_status status; /* SSH_FX_OK: a reply, of as many bytes behind the name of the hash */
	const char *hash;
	size_t len;
} checks[] = {
    {"no hash that we have", "check-file-name", "file", "md5,sha1", 0, 0, 0, SSH_FX_OP_UNSUPPORTED, NULL, 0},
    {"no hash named", "check-file-name", "file", "", 0, 0, 0, SSH_FX_OP_UNSUPPORTED, NULL, 0},
    {"no file", "check-file-name", "none", "sha256", 0, 0, 0, SSH_FX_NO_SUCH_FILE, NULL, 0},
    {"a directory", "check-file-name", "dir", "sha256", 0, 0, 0, SSH_FX_FAILURE, NULL, 0},
    {"behind the end", "check-file-name", "file", "sha256", 6001, 0, 0, SSH_FX_FAILURE, NULL, 0},
    {"blocks too small", "check-file-name", "file", "sha256", 0, 0, 255, SSH_FX_FAILURE, NULL, 0},
    {"too many blocks", "check-file-name", "huge", "sha512", 0, 0, 256, SSH_FX_FAILURE, NULL, 0},
    {"all of it", "check-file-name", "file", "md5,sha512,sha256", 0, 0, 0, SSH_FX_OK, "sha512", 64},
    {"nothing left", "check-file-name", "file", "sha256", 6000, 0, 0, SSH_FX_OK, "sha256", 32},
    {"in blocks", "check-file-name", "file", "sha256", 0, 0, 1000, SSH_FX_OK, "sha256", 6 * 32},
    {"in blocks, the last one short", "check-file-name", "file", "sha224", 0, 0, 1024, SSH_FX_OK, "sha224", 6 * 28},
    {"part of it in blocks", "check-file-name", "file", "sha256", 500, 2000, 999, SSH_FX_OK, "sha256", 3 * 32},
};

START_TEST(check_file_checks)
{
	SESSION(scratch, client);
	struct answer answer;
	struct reader r;

	client_start(&client, NULL);
	ck_assert_int_eq(truncate("file", 6000), 0);
	scratch_file("huge", "");
	ck_assert_int_eq(truncate("huge", 1 << 20), 0);
	answer = ask_extended(&client, checks[_i].request, STR(checks[_i].path), STR(checks[_i].hashes),
	    U64(checks[_i].offset), U64(checks[_i].length), U32(checks[_i].block_size));
	if (checks[_i].status != SSH_FX_OK) {
		ck_assert_msg(answer.status == checks[_i].status, "%s: %u", checks[_i].why, answer.status);
		return;
	}
	ck_assert_msg(answer.type == SSH_FXP_EXTENDED_REPLY, "%s", checks[_i].why);
	r = reader_over(answer.rest);
	ck_assert(slice_is(read_string(&r, 16), checks[_i].hash));
	ck_assert_uint_eq(r.left.len, checks[_i].len);
}
END_TEST

static enum err find_name(struct sftp_names *names, enum sftp_name_kind kind, uint32_t id, struct buf *name)
{
	(void)names;
	if (id == 7)
		return ERR_NOT_FOUND;
	return buf_append_text(name, kind == SFTP_USER_NAME ? "user" : "group");
}

START_TEST(names_of_ids)
{
	static uint8_t many[60000];
	struct sftp_names names = {.find = find_name};
	SESSION(scratch, client);
	struct answer answer;
	struct reader r;

	client.options.names = &names;
	client_start(&client, NULL);
	answer = ask_extended(&client, "users-groups-by-id@openssh.com", BYTES_(BYTES(0, 0, 0, 1, 0, 0, 0, 7)),
	    BYTES_(BYTES(0, 0, 0, 2)));
	r = reader_over(answer.rest);
	ck_assert(slice_equal(read_string(&r, 100), BYTES(0, 0, 0, 4, 'u', 's', 'e', 'r', 0, 0, 0, 0)));
	ck_assert(slice_equal(read_string(&r, 100), BYTES(0, 0, 0, 5, 'g', 'r', 'o', 'u', 'p')));
	ck_assert_int_eq(reader_finish(&r), ERR_OK);
	answer = ask_extended(
	    &client, "users-groups-by-id@openssh.com", BYTES_(BYTES(0, 0, 1)), BYTES_(BYTES(0, 0, 0, 2)));
	ck_assert_uint_eq(answer.status, SSH_FX_BAD_MESSAGE);
	answer = ask_extended(
	    &client, "users-groups-by-id@openssh.com", BYTES_(SLICE_OF(many)), BYTES_(SLICE_OF(many)));
	ck_assert_uint_eq(answer.type, SSH_FXP_EXTENDED_REPLY);
}
END_TEST

START_TEST(more_names_than_a_reply_holds)
{
	static uint8_t many[160000];
	struct sftp_names names = {.find = find_name};
	SESSION(scratch, client);

	client.options.names = &names;
	client_start(&client, NULL);
	ck_assert_uint_eq(ask_extended(&client, "users-groups-by-id@openssh.com", BYTES_(SLICE_OF(many)),
			      BYTES_((struct slice){0})).status, SSH_FX_FAILURE);
	ck_assert_uint_eq(ask(&client, STAT, STR("file")).type, SSH_FXP_ATTRS);
}
END_TEST

START_TEST(limits_are_announced)
{
	const uint64_t expect[] = {262144, 261120, 261120, 0};
	SESSION(scratch, client);
	struct rlimit limit = {0};
	struct reader r;

	client_start(&client, NULL);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	r = reader_over(ask_extended(&client, "limits@openssh.com", STR("ignored")).rest);
	for (unsigned i = 0; i < 3; i++)
		ck_assert_uint_eq(read_u64(&r), expect[i]);
	ck_assert_uint_eq(read_u64(&r), sftp_handles_limit_for(limit.rlim_cur));
	ck_assert_int_eq(reader_finish(&r), ERR_OK);
}
END_TEST

SUITE("session", LOOP_TEST(what_cannot_be_done_has_its_status, COUNT_OF(refusals)),
    TEST(names_too_long_are_refused), TEST(reads_are_cut_at_the_limit_and_the_end),
    TEST(handles_are_of_one_kind_and_one_use), TEST(an_open_too_many_does_nothing), TEST(nothing_stays_open),
    TEST(appends_go_to_the_end), LOOP_TEST(open_follows_its_flags, COUNT_OF(opens)),
    TEST(rename_keeps_what_is_there), TEST(links_are_made), TEST(attributes_are_set),
    TEST(read_only_changes_nothing), TEST(forced_modes_win),
    TEST(the_umask_is_for_what_is_not_forced), TEST(long_listings_come_in_batches),
    TEST(copy_data_copies), TEST(long_work_lets_others_pass), TEST(so_many_jobs_and_no_more),
    LOOP_TEST(check_file_checks, COUNT_OF(checks)), TEST(names_of_ids), TEST(more_names_than_a_reply_holds),
    TEST(limits_are_announced))

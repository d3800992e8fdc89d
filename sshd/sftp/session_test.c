/* Requests on real files, without a jail. */
#include "sshd/sftp/test_client.h"

#include "tests/support/suite.h"

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
	ck_assert_msg(
	    ask(&client, refusals[_i].type, STR(refusals[_i].path)).status == refusals[_i].expect,
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
	ck_assert_uint_eq(
	    ask(&client, STAT, STR(path)).status, SSH_FX_BAD_MESSAGE); /* ENAMETOOLONG */
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

		ck_assert_uint_eq(
		    ask(&client, WRITE, HANDLE(name), U64(at), BYTES_(piece)).status, SSH_FX_OK);
		at += piece.len;
	}
	check_data(ask(&client, READ, HANDLE(name), U64(0), U32(UINT32_MAX)),
	    slice_over(large, SFTP_READ_LIMIT));
	check_data(ask(&client, READ, HANDLE(name), U64(SFTP_READ_LIMIT), U32(5000)),
	    slice_over(large + SFTP_READ_LIMIT, 1000));
	check_data(
	    ask(&client, READ, HANDLE(name), U64(SFTP_READ_LIMIT - 1), U32(2)), LITERAL("yx"));
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
	ck_assert_uint_eq(
	    ask(&client, READ, HANDLE(directory), U64(0), U32(1)).status, SSH_FX_FAILURE);
	ck_assert_uint_eq(
	    ask(&client, WRITE, HANDLE(directory), U64(0), STR("x")).status, SSH_FX_FAILURE);
	ck_assert_uint_eq(
	    ask(&client, WRITE, HANDLE(file), U64(0), STR("x")).status, SSH_FX_NO_SUCH_FILE);
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
	ck_assert_uint_eq(
	    ask(&client, WRITE, HANDLE(name), U64(0), STR("+more")).status, SSH_FX_OK);
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
	ck_assert_uint_eq(
	    ask(&client, RENAME, STR("file"), STR("dir/inner")).status, SSH_FX_FAILURE);
	ck_assert_uint_eq(ask(&client, RENAME, STR("file"), STR("file")).status, SSH_FX_FAILURE);
	ck_assert_uint_eq(ask(&client, RENAME, STR("dir"), STR("link")).status, SSH_FX_FAILURE);
	ck_assert_str_eq(content_of("file"), "content");
	ck_assert_str_eq(content_of("dir/inner"), "inner");
	ck_assert_uint_eq(
	    ask(&client, RENAME, STR("dir"), STR("dir/below")).status, SSH_FX_BAD_MESSAGE);
	ck_assert_uint_eq(ask(&client, RENAME, STR("file"), STR("dir/moved")).status, SSH_FX_OK);
	ck_assert_uint_eq(ask(&client, RENAME, STR("dir"), STR("folder")).status, SSH_FX_OK);
	ck_assert_str_eq(content_of("folder/moved"), "content");
	ck_assert_uint_eq(ask_extended(&client, "posix-rename@openssh.com", STR("folder/moved"),
	                      STR("folder/inner"))
	                      .status,
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
	ck_assert_uint_eq(
	    ask_extended(&client, "hardlink@openssh.com", STR("file"), STR("hard")).status,
	    SSH_FX_OK);
	ck_assert_int_eq(stat("hard", &st), 0);
	ck_assert_uint_eq(st.st_nlink, 2);
	/* A link to a link is to the link itself. */
	ck_assert_uint_eq(
	    ask_extended(&client, "hardlink@openssh.com", STR("link"), STR("hard2")).status,
	    SSH_FX_OK);
	ck_assert_int_eq(lstat("hard2", &st), 0);
	ck_assert(S_ISLNK(st.st_mode));
}
END_TEST

START_TEST(attributes_are_set)
{
	const uint32_t all = SSH_FILEXFER_ATTR_SIZE | SSH_FILEXFER_ATTR_UIDGID |
	                     SSH_FILEXFER_ATTR_PERMISSIONS | SSH_FILEXFER_ATTR_ACMODTIME;
	struct stat st;
	struct name name;
	SESSION(scratch, client);

	client_start(&client, NULL);
	ck_assert_uint_eq(ask(&client, SETSTAT, STR("link"), U32(all), U64(3), U32(getuid()),
	                      U32(getgid()), U32(0100604), U32(1000), U32(2000))
	                      .status,
	    SSH_FX_OK);
	ck_assert_int_eq(stat("file", &st), 0);
	ck_assert_uint_eq(st.st_mode, 0100604);
	ck_assert_int_eq(st.st_size, 3);
	ck_assert_int_eq(st.st_atime, 1000);
	ck_assert_int_eq(st.st_mtime, 2000);
	name = open_file(&client, "file", SSH_FXF_READ | SSH_FXF_WRITE);
	ck_assert_uint_eq(
	    ask(&client, FSETSTAT, HANDLE(name),
	        U32(SSH_FILEXFER_ATTR_SIZE | SSH_FILEXFER_ATTR_PERMISSIONS), U64(1), U32(0640))
	        .status,
	    SSH_FX_OK);
	ck_assert_int_eq(fstatat(AT_FDCWD, "file", &st, 0), 0);
	ck_assert_uint_eq(st.st_mode, 0100640);
	ck_assert_int_eq(st.st_size, 1);
	/* What fails does not keep the rest from being set. */
	ck_assert_uint_eq(
	    ask(&client, SETSTAT, STR("dir"),
	        U32(SSH_FILEXFER_ATTR_SIZE | SSH_FILEXFER_ATTR_PERMISSIONS), U64(1), U32(0711))
	        .status,
	    SSH_FX_FAILURE);
	ck_assert_int_eq(stat("dir", &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0711);
	ck_assert_uint_eq(ask_extended(&client, "lsetstat@openssh.com", STR("link"),
	                      U32(SSH_FILEXFER_ATTR_ACMODTIME), U32(7), U32(8))
	                      .status,
	    SSH_FX_OK);
	ck_assert_int_eq(lstat("link", &st), 0);
	ck_assert_int_eq(st.st_mtime, 8);
	ck_assert_uint_eq(ask_extended(&client, "lsetstat@openssh.com", STR("link"),
	                      U32(SSH_FILEXFER_ATTR_SIZE), U64(8))
	                      .status,
	    SSH_FX_BAD_MESSAGE);
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

		ck_assert_msg(
		    (answer.status == SSH_FX_PERMISSION_DENIED) == changes, "flags %u", flags);
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
	ck_assert(before.st_ctim.tv_sec == after.st_ctim.tv_sec &&
	          before.st_ctim.tv_nsec == after.st_ctim.tv_nsec);
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
	ck_assert_uint_eq(
	    ask(&client, SETSTAT, STR("new"), U32(mode), U32(0777)).status, SSH_FX_OK);
	ck_assert_uint_eq(
	    ask(&client, SETSTAT, STR("newdir"), U32(mode), U32(0777)).status, SSH_FX_OK);
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
		ck_assert(line.len > name.len &&
		          slice_equal(slice_after(line, line.len - name.len), name));
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
		ck_assert_uint_le(
		    buf_len(&client.out), 34000); /* what the draft lets us send to anybody */
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

SUITE("session", LOOP_TEST(what_cannot_be_done_has_its_status, COUNT_OF(refusals)),
    TEST(names_too_long_are_refused), TEST(reads_are_cut_at_the_limit_and_the_end),
    TEST(handles_are_of_one_kind_and_one_use), TEST(an_open_too_many_does_nothing),
    TEST(nothing_stays_open), TEST(appends_go_to_the_end),
    LOOP_TEST(open_follows_its_flags, COUNT_OF(opens)), TEST(rename_keeps_what_is_there),
    TEST(links_are_made), TEST(attributes_are_set), TEST(read_only_changes_nothing),
    TEST(forced_modes_win), TEST(the_umask_is_for_what_is_not_forced),
    TEST(long_listings_come_in_batches))

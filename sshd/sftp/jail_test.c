/* Nothing that a client asks for leaves the jail. */
#include "sshd/sftp/test_client.h"

#include <signal.h>
#include <sys/wait.h>

#include "tests/support/suite.h"

#define RACE_REQUESTS 3000
#define RACE_LIMIT_MS 20000u /* a busy machine may let one side run for long */

/* Every way out that we know to write; each leads to the secret, its directory or above. */
static const char *const ways_out[] = {
    "../outside/secret",
    "/../outside/secret",
    "/../../../../../../../../../../etc/passwd",
    "dir/../../outside/secret",
    "/dir/../../outside/secret",
    "./../outside/secret",
    "//..//outside//secret",
    "up/outside/secret",
    "up/up/outside/secret",
    "dir/../up/outside/secret",
    "escape",
    "/escape",
    "escape/",
    "escape-absolute",
    "escape-dir/secret",
    "escape-dir/../outside/secret",
    "escape-dir/.",
    "escape-dir",
    "..",
    "/..",
    "up",
    "up/",
    "up/.",
    "up/..",
    "/proc/self/root/etc/passwd",
    "/proc/self/cwd/../outside/secret",
    "/dev/fd/0",
    "~/../outside/secret",
    "..\\outside\\secret",
    "%2e%2e/outside/secret",
    ".../outside/secret",
};

/* Content, modes, times and number of names outside are as scratch_make left them. */
struct outside {
	struct stat directory, secret;
};

static struct outside outside_look(const struct scratch *scratch)
{
	struct outside look = {0};

	ck_assert_int_eq(stat(scratch->outside, &look.directory), 0);
	ck_assert_int_eq(stat(scratch->secret, &look.secret), 0);
	return look;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_mode == b->st_mode && a->st_nlink == b->st_nlink &&
	       a->st_size == b->st_size && a->st_uid == b->st_uid &&
	       a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

static void outside_check(
    const struct scratch *scratch, const struct outside *before, const char *why)
{
	struct outside after = outside_look(scratch);

	ck_assert_msg(is_same(&before->directory, &after.directory),
	    "%s: the directory outside changed", why);
	ck_assert_msg(is_same(&before->secret, &after.secret), "%s: the file outside changed", why);
	ck_assert_str_eq(content_of(scratch->secret), "secret");
}

static bool holds(struct slice bytes, const char *text)
{
	return memmem(bytes.ptr, bytes.len, text, strlen(text)) != NULL;
}

/* What is outside is not told of either: a size of six is the secret's. */
static void check_answer(struct answer answer, const char *path, const struct scratch *scratch)
{
	struct reader r = reader_over(answer.rest);

	ck_assert_msg(!holds(answer.rest, scratch->path), "%s: tells where the jail lies", path);
	if (answer.type == SSH_FXP_ATTRS)
		ck_assert_msg(sftp_attributes_read(&r).size != strlen("secret"), "%s: found", path);
}

START_TEST(no_request_leads_out)
{
	const char *path = ways_out[_i];
	AUTO(scratch_wipe) struct scratch scratch = {0};
	AUTO(client_wipe) struct client client = {0};
	struct outside before;
	struct answer answer;
	struct name name;

	scratch_make(&scratch);
	before = outside_look(&scratch);
	client_start(&client, scratch.jail);
	for (uint32_t flags = 1; flags < 0x40; flags++) {
		answer = ask(&client, OPEN, STR(path), U32(flags), NO_ATTRS);
		if (!name_of(answer, &name))
			continue;
		/* Something inside: a file that the way now leads to. */
		check_answer(ask(&client, FSTAT, HANDLE(name)), path, &scratch);
		ask(&client, WRITE, HANDLE(name), U64(0), STR("overwritten"));
		ask(&client, FSETSTAT, HANDLE(name), U32(5), U64(0), U32(0755));
		answer = ask(&client, READ, HANDLE(name), U64(0), U32(100));
		ck_assert(!holds(answer.rest, "secret") && !holds(answer.rest, "root:"));
	}
	outside_check(&scratch, &before, path);
	check_answer(ask(&client, STAT, STR(path)), path, &scratch);
	check_answer(ask(&client, LSTAT, STR(path)), path, &scratch);
	check_answer(ask(&client, REALPATH, STR(path)), path, &scratch);
	check_answer(ask_extended(&client, "expand-path@openssh.com", STR(path)), path, &scratch);
	ask(&client, SETSTAT, STR(path), U32(0x0f), U64(0), U32(getuid()), U32(getgid()), U32(0755),
	    U32(1), U32(1));
	ask_extended(
	    &client, "lsetstat@openssh.com", STR(path), U32(0x0c), U32(0755), U32(1), U32(1));
	ask(&client, MKDIR, STR(path), NO_ATTRS);
	ask(&client, SYMLINK, STR("x"), STR(path));
	ask_extended(&client, "hardlink@openssh.com", STR(path), STR("taken"));
	ask_extended(&client, "hardlink@openssh.com", STR("file"), STR(path));
	ask(&client, RENAME, STR(path), STR("taken2"));
	ask_extended(&client, "posix-rename@openssh.com", STR("dir/inner"), STR(path));
	ask_extended(&client, "posix-rename@openssh.com", STR(path), STR("taken3"));
	ask(&client, RMDIR, STR(path));
	ask(&client, REMOVE, STR(path));
	outside_check(&scratch, &before, path);
}
END_TEST

START_TEST(the_listing_of_the_root_hides_what_is_above)
{
	AUTO(scratch_wipe) struct scratch scratch = {0};
	AUTO(client_wipe) struct client client = {0};
	struct sftp_attributes self = {0}, above = {0};
	struct reader r;
	struct name name;
	uint32_t count;

	scratch_make(&scratch);
	ck_assert_int_eq(chmod(scratch.path, 0701), 0);
	client_start(&client, scratch.jail);
	ck_assert(name_of(ask(&client, OPENDIR, STR("/")), &name));
	r = reader_over(ask(&client, READDIR, HANDLE(name)).rest);
	count = read_u32(&r);
	ck_assert_uint_eq(count, 9);
	for (uint32_t i = 0; i < count; i++) {
		struct slice entry = read_string(&r, 255);
		struct sftp_attributes attributes;

		read_string(&r, 1024);
		attributes = sftp_attributes_read(&r);
		if (slice_is(entry, "."))
			self = attributes;
		if (slice_is(entry, ".."))
			above = attributes;
	}
	ck_assert_uint_eq(self.permissions & 07777, 0755);
	ck_assert_uint_eq(above.permissions & 07777, 0755);
}
END_TEST

static void check_text(struct slice got, const char *expect)
{
	ck_assert_msg(slice_is(got, expect), "got %.*s, want %s", (int)got.len,
	    (const char *)got.ptr, expect);
}

START_TEST(paths_are_seen_from_inside)
{
	static const struct {
		const char *path, *expect;
	} cases[] = {
	    {"", "/dir"},
	    {".", "/dir"},
	    {"/", "/"},
	    {"inner", "/dir/inner"},
	    {"none", "/dir/none"},
	    {"..", "/"},
	    {"../../..", "/"},
	    {"/up", "/"},
	    {"/up/up/dir", "/dir"},
	    {"/link", "/file"},
	    {"/dir/", "/dir"},
	    {"/escape", NULL},
	    {"/absolute/inner", "/dir/inner"},
	};
	AUTO(scratch_wipe) struct scratch scratch = {0};
	AUTO(client_wipe) struct client client = {.options.start = "/up/dir"};

	scratch_make(&scratch);
	ck_assert_int_eq(symlink("/dir", "absolute"), 0);
	client_start(&client, scratch.jail);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct answer answer = ask(&client, REALPATH, STR(cases[i].path));
		struct reader r = reader_over(answer.rest);

		read_u32(&r);
		if (cases[i].expect == NULL)
			ck_assert_uint_eq(answer.status, SSH_FX_NO_SUCH_FILE);
		else
			check_text(read_string(&r, SFTP_PATH_LIMIT), cases[i].expect);
	}
	ck_assert_uint_eq(ask(&client, STAT, STR("inner")).type, SSH_FXP_ATTRS);
	ck_assert_uint_eq(ask(&client, STAT, STR("/absolute/inner")).type, SSH_FXP_ATTRS);
	ck_assert_uint_eq(ask(&client, STAT, STR("")).status, SSH_FX_NO_SUCH_FILE);
}
END_TEST

START_TEST(work_inside_goes_on_as_outside)
{
	AUTO(scratch_wipe) struct scratch scratch = {0};
	AUTO(client_wipe) struct client client = {0};
	struct stat st;

	scratch_make(&scratch);
	client_start(&client, scratch.jail);
	ck_assert_uint_eq(ask(&client, MKDIR, STR("/new/"), NO_ATTRS).status, SSH_FX_OK);
	ck_assert_uint_eq(ask(&client, MKDIR, STR("/"), NO_ATTRS).status, SSH_FX_FAILURE);
	ck_assert_uint_eq(ask(&client, RMDIR, STR("/")).type, SSH_FXP_STATUS);
	ck_assert_uint_eq(ask(&client, RMDIR, STR("/new/.")).status, SSH_FX_BAD_MESSAGE);
	ck_assert_uint_eq(ask(&client, RENAME, STR("/file"), STR("/new/moved")).status, SSH_FX_OK);
	ck_assert_uint_eq(ask(&client, SETSTAT, STR("/new/moved"),
	                      U32(SSH_FILEXFER_ATTR_PERMISSIONS | SSH_FILEXFER_ATTR_ACMODTIME |
	                          SSH_FILEXFER_ATTR_UIDGID),
	                      U32(getuid()), U32(getgid()), U32(0200), U32(5), U32(6))
	                      .status,
	    SSH_FX_OK);
	ck_assert_int_eq(stat("new/moved", &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0200);
	ck_assert_int_eq(st.st_mtime, 6);
	/* No right to read it, nor to write it: its owner changes its mode all the same. */
	ck_assert_uint_eq(
	    ask(&client, SETSTAT, STR("/new/moved"), U32(SSH_FILEXFER_ATTR_PERMISSIONS), U32(0))
	        .status,
	    SSH_FX_OK);
	ck_assert_uint_eq(
	    ask(&client, SETSTAT, STR("/new/moved"), U32(SSH_FILEXFER_ATTR_PERMISSIONS), U32(0644))
	        .status,
	    SSH_FX_OK);
	ck_assert_int_eq(stat("new/moved", &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0644);
	ck_assert_uint_eq(ask_extended(&client, "statvfs@openssh.com", STR("/new/moved")).type,
	    SSH_FXP_EXTENDED_REPLY);
	ck_assert_uint_eq(ask(&client, LSTAT, STR("/")).type, SSH_FXP_ATTRS);
	ck_assert_uint_eq(
	    ask_extended(&client, "home-directory", STR("root")).status, SSH_FX_FAILURE);
	ck_assert_uint_eq(
	    ask_extended(&client, "home-directory", STR("tester")).type, SSH_FXP_NAME);
	ck_assert_uint_eq(ask_extended(&client, "expand-path@openssh.com", STR("~root/x")).status,
	    SSH_FX_NO_SUCH_FILE);
}
END_TEST

START_TEST(a_jail_that_is_none_is_no_session)
{
	AUTO(scratch_wipe) struct scratch scratch = {0};
	struct sftp_options options = {.jail = -1, .permitted = SFTP_REQUESTS_ALL};
	struct sftp_session session;

	scratch_make(&scratch);
	snprintf(options.jail_path, sizeof(options.jail_path), "%s/file", scratch.jail);
	ck_assert_int_eq(sftp_session_init(&session, &options), ERR_SYSTEM);
	snprintf(options.jail_path, sizeof(options.jail_path), "%s/none", scratch.jail);
	ck_assert_int_eq(sftp_session_init(&session, &options), ERR_SYSTEM);
}
END_TEST

/* Another process of the user replaces a directory by a link to outside and back, without end. */
static pid_t start_swapping(void)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	for (;;) {
		if (rename("swap", "real") != 0 || symlink("../outside", "swap") != 0 ||
		    unlink("swap") != 0 || rename("real", "swap") != 0)
			_exit(1);
	}
}

static bool is_early(uint64_t deadline_ms)
{
	return sftp_now_ms() < deadline_ms;
}

START_TEST(a_race_of_links_is_lost)
{
	AUTO(scratch_wipe) struct scratch scratch = {0};
	AUTO(client_wipe) struct client client = {0};
	uint64_t deadline_ms = sftp_now_ms() + RACE_LIMIT_MS;
	struct outside before;
	unsigned found = 0, not_found = 0;
	int status;
	pid_t pid;

	scratch_make(&scratch);
	ck_assert_int_eq(mkdir("swap", 0755), 0);
	scratch_file("swap/secret", "decoy, and longer");
	before = outside_look(&scratch);
	client_start(&client, scratch.jail);
	pid = start_swapping();
	for (unsigned i = 0;
	     i < RACE_REQUESTS || (is_early(deadline_ms) && (found == 0 || not_found == 0)); i++) {
		struct answer answer = ask(&client, STAT, STR("/swap/secret"));
		struct name name;

		check_answer(answer, "/swap/secret", &scratch);
		found += answer.type == SSH_FXP_ATTRS;
		not_found += answer.status == SSH_FX_NO_SUCH_FILE;
		ask(&client, MKDIR, STR("/swap/made"), NO_ATTRS);
		ask(&client, SETSTAT, STR("/swap/secret"), U32(SSH_FILEXFER_ATTR_PERMISSIONS),
		    U32(0666));
		answer = ask(&client, OPEN, STR("/swap/secret"), U32(SSH_FXF_WRITE | SSH_FXF_CREAT),
		    NO_ATTRS);
		if (name_of(answer, &name))
			ask(&client, CLOSE, HANDLE(name));
		ask(&client, RMDIR, STR("/swap/made"));
	}
	kill(pid, SIGKILL);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFSIGNALED(status), "the other side gave up");
	outside_check(&scratch, &before, "race");
	/* Both sides of the race were seen, else it was none. */
	ck_assert_uint_gt(found, 0);
	ck_assert_uint_gt(not_found, 0);
}
END_TEST

SUITE("jail", LOOP_TEST(no_request_leads_out, COUNT_OF(ways_out)),
    TEST(the_listing_of_the_root_hides_what_is_above), TEST(paths_are_seen_from_inside),
    TEST(work_inside_goes_on_as_outside), TEST(a_jail_that_is_none_is_no_session),
    TEST(a_race_of_links_is_lost))

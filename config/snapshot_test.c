#include "config/snapshot.h"

#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/test_conf.h"

/* A scratch directory that goes away with its scope. */
struct scratch {
	char path[64];
};

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

static void scratch_wipe(struct scratch *scratch)
{
	nftw(scratch->path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static struct scratch scratch_new(void)
{
	struct scratch scratch = {"/tmp/snapshot-test-XXXXXX"};

	ck_assert_ptr_nonnull(mkdtemp(scratch.path));
	return scratch;
}

static void put(const struct scratch *scratch, const char *name, const char *text)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", scratch->path, name);
	file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(text, file), 0);
	ck_assert_int_eq(fclose(file), 0);
	ck_assert_int_eq(chmod(path, 0644), 0);
}

static enum err read_from(
    const struct scratch *scratch, struct snapshot **out, struct diagnostics *d)
{
	char main_path[128], sekisho_path[128];
	struct snapshot_source source = {
	    .path = main_path, .sekisho_path = sekisho_path, .include_dir = scratch->path};

	snprintf(main_path, sizeof(main_path), "%s/sshd_config", scratch->path);
	snprintf(sekisho_path, sizeof(sekisho_path), "%s/sekisho.conf", scratch->path);
	return snapshot_read(&source, out, d);
}

/* What Banner says after everything is read; NULL: nothing, or the reading failed. */
static enum err banner_of(
    const struct snapshot *snapshot, struct diagnostics *d, char *banner, size_t size)
{
	AUTO(config_release) struct config *config = NULL;
	AUTO(conf_release) struct conf *conf = NULL;

	TRY(config_parse(snapshot, &config, d));
	TRY(conf_resolve(config, NULL, &conf, d));
	snprintf(banner, size, "%s", conf->banner ? conf->banner : "none");
	return ERR_OK;
}

START_TEST(a_missing_main_file_is_told)
{
	AUTO(scratch_wipe) struct scratch scratch = scratch_new();
	AUTO(snapshot_release) struct snapshot *snapshot = NULL;
	AUTO(diagnostics_wipe) struct diagnostics d = {0};

	ck_assert_int_eq(read_from(&scratch, &snapshot, &d), ERR_CONFIG);
	ck_assert_ptr_null(snapshot);
	ck_assert(has_diagnostic(&d, SEVERITY_ERROR, "No such file"));
}
END_TEST

START_TEST(a_file_that_is_too_long_is_told)
{
	AUTO(scratch_wipe) struct scratch scratch = scratch_new();
	AUTO(snapshot_release) struct snapshot *snapshot = NULL;
	AUTO(diagnostics_wipe) struct diagnostics d = {0};
	char path[128];

	put(&scratch, "sshd_config", "");
	snprintf(path, sizeof(path), "%s/sshd_config", scratch.path);
	ck_assert_int_eq(truncate(path, SNAPSHOT_FILE_LIMIT + 1), 0);
	ck_assert_int_eq(read_from(&scratch, &snapshot, &d), ERR_CONFIG);
	ck_assert(has_diagnostic(&d, SEVERITY_ERROR, "too long"));
}
END_TEST

/* Lines of sshd_config, of a.conf and of b.conf in the directory d, and what comes of them. */
static const struct {
	const char *why, *main, *a, *b;
	enum err expect;
	const char *banner;
	enum severity severity;
	const char *told;
} trees[] = {
    /* clang-format off */
    {"a file includes itself", "Include d/a.conf\n", "Include d/a.conf\n", "", ERR_CONFIG, NULL, SEVERITY_ERROR, "includes itself"},
    {"a circle of two", "Include d/a.conf\n", "Include d/b.conf\n", "Include d/a.conf\n", ERR_CONFIG, NULL, SEVERITY_ERROR, "includes itself"},
    {"an error in an included file", "Include d/*.conf\n", "Foo\n", "", ERR_CONFIG, NULL, SEVERITY_ERROR, "unknown keyword"},
    {"Include without a file", "Include # x\n", "", "", ERR_CONFIG, NULL, SEVERITY_ERROR, "file name is missing"},
    {"a directory", "Include d\n", "", "", ERR_OK, "none", SEVERITY_WARNING, "is a directory"},
    {"a file that is not there", "Include d/x.conf d/y*\nBanner /m\n", "", "", ERR_OK, "/m", SEVERITY_NOTE, NULL},
    {"in the order of names", "Include d/*.conf\n", "Banner /a\n", "Banner /b\n", ERR_OK, "/a", SEVERITY_NOTE, NULL},
    {"in the order of words", "Include d/b.conf d/a.conf\n", "Banner /a\n", "Banner /b\n", ERR_OK, "/b", SEVERITY_NOTE, NULL},
    {"Include stands where it stands", "Banner /m\nInclude d/*.conf\n", "Banner /a\n", "", ERR_OK, "/m", SEVERITY_NOTE, NULL},
    {"a block ends with its file", "Include d/a.conf\nBanner /m\n", "Match User u\nBanner /a\n", "", ERR_OK, "/m", SEVERITY_NOTE, NULL},
    {"the next file begins outside", "Include d/a.conf d/b.conf\n", "Match User u\n", "Banner /b\n", ERR_OK, "/b", SEVERITY_NOTE, NULL},
    {"within a block a file is conditional", "Match User u\nInclude d/a.conf\nMatch all\nBanner /m\n", "Banner /a\n", "", ERR_OK, "/m", SEVERITY_NOTE, NULL},
    {"a block in a file in a block", "Match User u\nInclude d/a.conf\nMatch all\nBanner /m\n", "Match all\nBanner /a\n", "", ERR_OK, "/m", SEVERITY_NOTE, NULL},
    {"the outer block goes on", "Match User u\nInclude d/a.conf\nPort 22\n", "Match all\n", "", ERR_CONFIG, NULL, SEVERITY_ERROR, "not allowed within a Match block"},
    {"the same file twice", "Include d/a.conf\nInclude d/a.conf\n", "Banner /a\n", "", ERR_OK, "/a", SEVERITY_NOTE, NULL},
    {"files in files", "Include d/a.conf\n", "Include d/b.conf\n", "Banner /b\n", ERR_OK, "/b", SEVERITY_NOTE, NULL},
    {"a byte order mark", "\xef\xbb\xbf" "Banner /m\n", "", "", ERR_OK, "/m", SEVERITY_WARNING, "byte order mark"},
    {"carriage returns", "Banner /m\r\n", "", "", ERR_OK, "/m", SEVERITY_WARNING, "carriage returns"},
    {"a control character", "Banner /m\001\n", "", "", ERR_OK, "/m\001", SEVERITY_WARNING, "control character"},
    {"no newline at the end", "Banner /m", "", "", ERR_OK, "/m", SEVERITY_NOTE, NULL},
    /* clang-format on */
};

static void plant(const struct scratch *scratch, const char *main, const char *a, const char *b)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/d", scratch->path);
	ck_assert_int_eq(mkdir(path, 0755), 0);
	put(scratch, "sshd_config", main);
	put(scratch, "d/a.conf", a);
	put(scratch, "d/b.conf", b);
}

START_TEST(trees_are_read)
{
	AUTO(scratch_wipe) struct scratch scratch = scratch_new();
	AUTO(snapshot_release) struct snapshot *snapshot = NULL, *copy = NULL;
	AUTO(diagnostics_wipe) struct diagnostics d = {0};
	AUTO(buf_wipe) struct buf bytes = buf_empty(SNAPSHOT_BYTES_LIMIT);
	char banner[64] = "untouched";
	enum err got;

	plant(&scratch, trees[_i].main, trees[_i].a, trees[_i].b);
	ck_assert_int_eq(read_from(&scratch, &snapshot, &d), ERR_OK);
	/* What another process gets is as good as what was read. */
	ck_assert_int_eq(snapshot_encode(snapshot, &bytes), ERR_OK);
	ck_assert_int_eq(snapshot_decode(buf_view(&bytes), &copy), ERR_OK);
	got = banner_of(copy, &d, banner, sizeof(banner));
	ck_assert_msg(got == trees[_i].expect, "%s: got %s: %s", trees[_i].why, err_name(got),
	    d.first ? d.first->text : "");
	ck_assert_msg(strcmp(banner, trees[_i].banner ? trees[_i].banner : "untouched") == 0,
	    "%s: banner %s", trees[_i].why, banner);
	if (trees[_i].told != NULL)
		ck_assert_msg(has_diagnostic(&d, trees[_i].severity, trees[_i].told), "%s: told %s",
		    trees[_i].why, d.first ? d.first->text : "nothing");
}
END_TEST

START_TEST(includes_nest_to_a_limit)
{
	AUTO(scratch_wipe) struct scratch scratch = scratch_new();
	AUTO(snapshot_release) struct snapshot *snapshot = NULL, *deep = NULL;
	AUTO(diagnostics_wipe) struct diagnostics d = {0};
	char name[32], text[64], banner[64];

	put(&scratch, "sshd_config", "Include f1\n");
	for (unsigned i = 1; i <= SNAPSHOT_DEPTH_LIMIT; i++) {
		snprintf(name, sizeof(name), "f%u", i);
		snprintf(text, sizeof(text),
		    i < SNAPSHOT_DEPTH_LIMIT ? "Include f%u\n" : "Banner /deep%u\n", i + 1);
		put(&scratch, name, text);
	}
	ck_assert_int_eq(read_from(&scratch, &snapshot, &d), ERR_OK);
	ck_assert_int_eq(banner_of(snapshot, &d, banner, sizeof(banner)), ERR_OK);
	ck_assert_str_eq(banner, "/deep17");

	snprintf(text, sizeof(text), "Include g\n");
	put(&scratch, name, text);
	put(&scratch, "g", "Banner /deeper\n");
	ck_assert_int_eq(read_from(&scratch, &deep, &d), ERR_OK);
	ck_assert_int_eq(banner_of(deep, &d, banner, sizeof(banner)), ERR_CONFIG);
	ck_assert(has_diagnostic(&d, SEVERITY_ERROR, "too deep"));
}
END_TEST

START_TEST(our_own_file_is_apart)
{
	AUTO(scratch_wipe) struct scratch scratch = scratch_new();
	AUTO(snapshot_release) struct snapshot *snapshot = NULL, *wrong = NULL;
	AUTO(config_release) struct config *config = NULL, *none = NULL;
	AUTO(conf_release) struct conf *conf = NULL;
	AUTO(diagnostics_wipe) struct diagnostics d = {0};
	struct match_facts facts = {.user = "u"};

	put(&scratch, "sshd_config", "Banner /m\n");
	put(&scratch, "sekisho.conf", "NetUidRange 300000-309999\nMatch User u\nMaxKeyQueries 9\n");
	ck_assert_int_eq(read_from(&scratch, &snapshot, &d), ERR_OK);
	ck_assert_int_eq(config_parse(snapshot, &config, &d), ERR_OK);
	ck_assert_int_eq(conf_resolve(config, &facts, &conf, NULL), ERR_OK);
	ck_assert_uint_eq(conf->net_uid_range.first, 300000);
	ck_assert_uint_eq(conf->net_uid_range.last, 309999);
	ck_assert_uint_eq(conf->max_key_queries, 9);

	put(&scratch, "sekisho.conf", "Banner /s\n");
	ck_assert_int_eq(read_from(&scratch, &wrong, &d), ERR_OK);
	ck_assert_int_eq(config_parse(wrong, &none, &d), ERR_CONFIG);
	ck_assert(has_diagnostic(&d, SEVERITY_ERROR, "no place in sekisho.conf"));
}
END_TEST

/* Modes of the file and of its directory, and whether they are told, and how. */
static const struct {
	const char *why;
	mode_t file, directory;
	const char *sekisho;
	enum err expect;
	const char *told;
} modes[] = {
    /* clang-format off */
    {"others may write", 0646, 0755, "", ERR_OK, "written by others"},
    {"the group may write", 0664, 0755, "", ERR_OK, "written by others"},
    {"the directory is open", 0644, 0777, "", ERR_OK, "the directory"},
    {"strict", 0664, 0755, "StrictConfigFiles yes\n", ERR_CONFIG, "written by others"},
    {"strict about directories", 0644, 0775, "StrictConfigFiles yes\n", ERR_CONFIG, "the directory"},
    {"a sticky directory", 0644, 01777, "StrictConfigFiles yes\n", ERR_OK, NULL},
    {"nothing wrong", 0600, 0700, "StrictConfigFiles yes\n", ERR_OK, NULL},
    /* clang-format on */
};

START_TEST(owners_and_modes_are_checked)
{
	AUTO(scratch_wipe) struct scratch scratch = scratch_new();
	AUTO(snapshot_release) struct snapshot *snapshot = NULL;
	AUTO(config_release) struct config *config = NULL;
	AUTO(diagnostics_wipe) struct diagnostics d = {0};
	char path[128];

	put(&scratch, "sshd_config", "");
	put(&scratch, "sekisho.conf", modes[_i].sekisho);
	snprintf(path, sizeof(path), "%s/sshd_config", scratch.path);
	ck_assert_int_eq(chmod(path, modes[_i].file), 0);
	ck_assert_int_eq(chmod(scratch.path, modes[_i].directory), 0);
	ck_assert_int_eq(read_from(&scratch, &snapshot, &d), ERR_OK);
	ck_assert_msg(config_parse(snapshot, &config, &d) == modes[_i].expect, "%s", modes[_i].why);
	if (modes[_i].told == NULL)
		ck_assert_msg(d.first == NULL, "%s: told %s", modes[_i].why, d.first->text);
	else
		ck_assert_msg(has_diagnostic(&d,
		                  modes[_i].expect == ERR_OK ? SEVERITY_WARNING : SEVERITY_ERROR,
		                  modes[_i].told),
		    "%s", modes[_i].why);
}
END_TEST

START_TEST(damaged_bytes_are_refused)
{
	AUTO(snapshot_release) struct snapshot *snapshot = NULL;
	AUTO(buf_wipe) struct buf bytes = buf_empty(4096);
	const char *options[] = {"Port 22"};
	struct slice all;

	ck_assert_int_eq(
	    snapshot_of_text("t", LITERAL("Banner /m\n"), options, 1, &snapshot), ERR_OK);
	ck_assert_int_eq(snapshot_encode(snapshot, &bytes), ERR_OK);
	all = buf_view(&bytes);
	for (size_t len = 0; len < all.len; len++) {
		struct snapshot *copy = NULL;

		ck_assert_msg(snapshot_decode(slice_first(all, len), &copy) != ERR_OK,
		    "accepted %zu of %zu bytes", len, all.len);
		ck_assert_ptr_null(copy);
	}
	ck_assert_int_eq(buf_append(&bytes, BYTES(0)), ERR_OK);
	AUTO(snapshot_release) struct snapshot *longer = NULL;
	ck_assert_int_eq(snapshot_decode(buf_view(&bytes), &longer), ERR_TRAILING);
}
END_TEST

SUITE("snapshot", TEST(a_missing_main_file_is_told), TEST(a_file_that_is_too_long_is_told),
    LOOP_TEST(trees_are_read, COUNT_OF(trees)), TEST(includes_nest_to_a_limit),
    TEST(our_own_file_is_apart), LOOP_TEST(owners_and_modes_are_checked, COUNT_OF(modes)),
    TEST(damaged_bytes_are_refused))

/*
 * A configuration as it stood on disk at one moment: the text of every file, what stat said
 * of it and of the directories above it, and which files each Include pattern named. Reading
 * one is the only thing in this folder that touches the world; the rest works on snapshots,
 * and a process that is handed the bytes of one never looks at the disk.
 */
#pragma once

#include <sys/types.h>

#include "config/arena.h"
#include "config/diagnostics.h"

#define SNAPSHOT_FILE_LIMIT     (4u << 20) /* bytes of one file */
#define SNAPSHOT_TOTAL_LIMIT    (6u << 20) /* bytes of all of them */
#define SNAPSHOT_FILES_LIMIT    4096u
#define SNAPSHOT_INCLUDES_LIMIT 4096u      /* different Include patterns */
#define SNAPSHOT_OPTIONS_LIMIT  1024u      /* -o lines */
#define SNAPSHOT_DEPTH_LIMIT    16u        /* of Includes in each other */
#define SNAPSHOT_BYTES_LIMIT    (7u << 20) /* of an encoded snapshot */

/* What to read. */
struct snapshot_source {
	const char *path;           /* -f, or the default sshd_config */
	bool is_default_path;       /* root then refuses files that everyone may write */
	const char *sekisho_path;   /* NULL: none is read; it may be missing */
	const char *include_dir;    /* what relative Include patterns belong to: "/etc/ssh" */
	const char *root;           /* put in front of absolute Include patterns; NULL: nothing */
	const char *const *options; /* -o lines, in their order */
	size_t option_count;
};

struct snapshot_directory {
	const char *path;
	uid_t uid;
	gid_t gid;
	mode_t mode;
};

struct snapshot_file {
	const char *path;      /* as named in the configuration or on the command line */
	const char *real_path; /* absolute and without links; NULL: could not be found out */
	struct slice content;
	int error;        /* errno of reading it; 0: it was read */
	bool is_too_long; /* past a limit above; content is empty */
	uid_t uid;
	gid_t gid;
	mode_t mode; /* with its type */
};

/* An Include pattern after include_dir was put in, and the files it named, in order. */
struct snapshot_include {
	const char *pattern;
	const uint32_t *files;
	size_t count;
	int error; /* errno of the search, 0: none */
};

struct snapshot {
	uid_t euid; /* of who read it */
	bool is_default_path;
	const char *directory; /* where relative paths belong; NULL: unknown */
	const char *home;      /* of the account that read it; NULL: unknown */
	const char *include_dir;
	const char *root; /* in front of absolute Include patterns; NULL: nothing */
	const char *const *options;
	size_t option_count;
	struct snapshot_file *files; /* files[0] is the main file */
	size_t file_count;
	uint32_t sekisho_file; /* its index; 0: there is none */
	struct snapshot_directory *directories;
	size_t directory_count;
	struct snapshot_include *includes;
	size_t include_count;
	struct arena arena;
};

/*
 * Reads everything that `source` leads to. A file that cannot be read, or is too long, is in
 * the snapshot with its error, so that config_parse can point at the line that named it.
 *
 * ERR_CONFIG: the main file cannot be read; diagnostics say why. ERR_NO_MEMORY.
 */
enum err snapshot_read(
    const struct snapshot_source *source, struct snapshot **out, struct diagnostics *diagnostics);

/* A snapshot of one text that is on no disk: tests, fuzzing, lint of standard input. */
enum err snapshot_of_text(const char *path, struct slice text, const char *const *options,
    size_t option_count, struct snapshot **out);

void snapshot_free(struct snapshot *snapshot);
void snapshot_release(struct snapshot **snapshot); /* for AUTO */

/* The files of an Include pattern as written in the configuration; NULL: it was not read. */
const struct snapshot_include *snapshot_include_find(
    const struct snapshot *snapshot, const char *pattern);

/*
 * An Include pattern as it is searched for: root in front of an absolute one, the home for ~/,
 * include_dir in front of others. NULL: out of memory.
 */
const char *snapshot_include_pattern(
    const struct snapshot *snapshot, struct slice pattern, struct arena *arena);

/*
 * As bytes for another process (version 1, all numbers big-endian), and back. Decoding checks
 * every index and length and copies what it keeps.
 *
 * ERR_LIMIT; ERR_TRUNCATED, ERR_TRAILING, ERR_MALFORMED, ERR_TOO_LONG, ERR_RANGE: these are not
 * the bytes of a snapshot. ERR_NO_MEMORY.
 */
enum err snapshot_encode(const struct snapshot *snapshot, struct buf *out);
enum err snapshot_decode(struct slice bytes, struct snapshot **out);

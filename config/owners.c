/* Who could have written the configuration: owner and mode of its files and directories. */
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "config/parse.h"

struct owner_check {
	const struct snapshot *snapshot;
	struct diagnostics *diagnostics;
	enum severity severity;
};

static bool is_trusted(const struct owner_check *check, uid_t uid)
{
	return uid == 0 || uid == check->snapshot->euid;
}

#define TELL(check, severity, name, fix, ...)                                                      \
	do {                                                                                       \
		struct place place_ = {.file = (name)};                                            \
		char hint_[PATH_MAX + 64];                                                         \
                                                                                                   \
		snprintf(hint_, sizeof(hint_), "mend it with: %s %s", fix, name);                  \
		diagnostics_add((check)->diagnostics, severity, &place_, hint_, __VA_ARGS__);      \
	} while (0)

static void check_directory(
    const struct owner_check *check, const struct snapshot_directory *directory)
{
	/* In a sticky directory nobody can replace what belongs to another. */
	bool is_shared =
	    (directory->mode & (S_IWGRP | S_IWOTH)) != 0 && (directory->mode & S_ISVTX) == 0;

	if (!is_trusted(check, directory->uid))
		TELL(check, check->severity, directory->path, "chown root",
		    "the directory belongs to uid %u, who can replace what is in it",
		    directory->uid);
	if (is_shared)
		TELL(check, check->severity, directory->path, "chmod go-w",
		    "the directory (mode %04o) can be written by others than its owner",
		    directory->mode & 07777);
}

static void check_file(const struct owner_check *check, const struct snapshot_file *file)
{
	/* What everybody may write is refused by root even where nothing else is. */
	bool is_refused = check->snapshot->euid == 0 && check->snapshot->is_default_path &&
	                  (file->mode & S_IWOTH) != 0;

	if (file->error != 0)
		return;
	if (!S_ISREG(file->mode)) {
		TELL(check, check->severity, file->path, "replace", "not a regular file (mode %o)",
		    file->mode);
		return;
	}
	if (!is_trusted(check, file->uid))
		TELL(check, check->severity, file->path, "chown root",
		    "the file belongs to uid %u, who can change it", file->uid);
	if ((file->mode & (S_IWGRP | S_IWOTH)) != 0)
		TELL(check, is_refused ? SEVERITY_ERROR : check->severity, file->path, "chmod go-w",
		    "the file (mode %04o) can be written by others than its owner",
		    file->mode & 07777);
}

void snapshot_check_owners(
    const struct snapshot *snapshot, bool is_strict, struct diagnostics *diagnostics)
{
	struct owner_check check = {
	    snapshot, diagnostics, is_strict ? SEVERITY_ERROR : SEVERITY_WARNING};

	for (size_t i = 0; i < snapshot->file_count; i++)
		check_file(&check, &snapshot->files[i]);
	for (size_t i = 0; i < snapshot->directory_count; i++)
		check_directory(&check, &snapshot->directories[i]);
}

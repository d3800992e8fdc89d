/* Reading a configuration from the disk: the only file of this folder with effects. */
#include "config/snapshot.h"

#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/lexer.h"
#include "config/keywords.h"
#include "sshd/base/auto.h"
#include "sshd/base/fd.h"
#include "sshd/base/file.h"

struct read_state {
	struct snapshot *snapshot;
	size_t total; /* bytes of content so far */
	size_t file_capacity, directory_capacity, include_capacity;
};

static void state_wipe(struct read_state *state)
{
	snapshot_free(state->snapshot);
}

/* Makes room for one row more in a table of the arena, by a copy twice as large. */
static enum err grow(struct arena *arena, void **rows, size_t count, size_t *capacity, size_t size)
{
	size_t larger = *capacity == 0 ? 8 : 2 * *capacity;
	void *copy;

	if (count < *capacity)
		return ERR_OK;
	copy = arena_alloc(arena, larger * size);
	if (copy == NULL)
		return ERR_NO_MEMORY;
	if (count > 0)
		memcpy(copy, *rows, count * size);
	*rows = copy;
	*capacity = larger;
	return ERR_OK;
}

#define GROW(state, rows, count, capacity)                                                         \
	({                                                                                         \
		void *table_ = (rows);                                                             \
		enum err grown_ = grow(                                                            \
		    &(state)->snapshot->arena, &table_, (count), &(capacity), sizeof(*(rows)));    \
		(rows) = table_;                                                                   \
		grown_;                                                                            \
	})

static enum err note_directory(struct read_state *state, const char *path)
{
	struct snapshot *snapshot = state->snapshot;
	struct snapshot_directory *row;
	struct stat st;

	for (size_t i = 0; i < snapshot->directory_count; i++)
		if (strcmp(snapshot->directories[i].path, path) == 0)
			return ERR_OK;
	if (stat(path, &st) != 0)
		return ERR_OK;
	TRY(GROW(
	    state, snapshot->directories, snapshot->directory_count, state->directory_capacity));
	row = &snapshot->directories[snapshot->directory_count];
	row->path = arena_text(&snapshot->arena, slice_text(path));
	row->uid = st.st_uid;
	row->gid = st.st_gid;
	row->mode = st.st_mode;
	if (row->path == NULL)
		return ERR_NO_MEMORY;
	snapshot->directory_count++;
	return ERR_OK;
}

/* Every directory above an absolute path, the root included. */
static enum err note_directories(struct read_state *state, const char *path)
{
	char above[PATH_MAX];

	if (path[0] != '/' || strlen(path) >= sizeof(above))
		return ERR_OK;
	TRY(note_directory(state, "/"));
	for (size_t i = 1; path[i] != 0; i++) {
		if (path[i] != '/' || path[i - 1] == '/')
			continue;
		memcpy(above, path, i);
		above[i] = 0;
		TRY(note_directory(state, above));
	}
	return ERR_OK;
}

/* Owner and mode of the open file, and of what stands above it, as named and as found. */
static enum err note_facts(struct read_state *state, struct snapshot_file *file, int fd)
{
	struct snapshot *snapshot = state->snapshot;
	char found[PATH_MAX], named[PATH_MAX];
	struct stat st;

	if (fstat(fd, &st) != 0)
		return ERR_SYSTEM;
	file->uid = st.st_uid;
	file->gid = st.st_gid;
	file->mode = st.st_mode;
	if (file->path[0] == '/') {
		TRY(note_directories(state, file->path));
	} else if (snapshot->directory != NULL &&
	           strlen(snapshot->directory) + strlen(file->path) + 2 <= sizeof(named)) {
		stpcpy(stpcpy(stpcpy(named, snapshot->directory), "/"), file->path);
		TRY(note_directories(state, named));
	}
	if (realpath(file->path, found) == NULL)
		return ERR_OK;
	file->real_path = arena_text(&snapshot->arena, slice_text(found));
	return file->real_path ? note_directories(state, found) : ERR_NO_MEMORY;
}

/* The content; what is wrong with the file is noted in it and no error of ours. */
static enum err read_content(struct read_state *state, struct snapshot_file *file)
{
	AUTO(fd_release) int fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	AUTO(buf_wipe) struct buf content = buf_empty(SNAPSHOT_FILE_LIMIT);
	struct arena *arena = &state->snapshot->arena;
	enum err err;
	char *copy;

	if (fd < 0) {
		file->error = errno;
		return ERR_OK;
	}
	TRY(note_facts(state, file, fd));
	err = file_read(fd, &content);
	if (err == ERR_SYSTEM)
		file->error = errno;
	if (err == ERR_LIMIT || buf_len(&content) > SNAPSHOT_TOTAL_LIMIT - state->total)
		file->is_too_long = true;
	if (err == ERR_NO_MEMORY)
		return err;
	if (file->error != 0 || file->is_too_long)
		return ERR_OK;
	copy = arena_text(arena, buf_view(&content));
	if (copy == NULL)
		return ERR_NO_MEMORY;
	file->content = slice_over(copy, buf_len(&content));
	state->total += file->content.len;
	return ERR_OK;
}

static bool find_file(const struct snapshot *snapshot, const char *path, uint32_t *index)
{
	for (size_t i = 0; i < snapshot->file_count; i++) {
		if (strcmp(snapshot->files[i].path, path) != 0)
			continue;
		*index = (uint32_t)i;
		return true;
	}
	return false;
}

/* ERR_LIMIT: there are too many files. */
static enum err add_file(struct read_state *state, const char *path, uint32_t *index)
{
	struct snapshot *snapshot = state->snapshot;
	struct snapshot_file file = {0};

	if (find_file(snapshot, path, index))
		return ERR_OK;
	if (snapshot->file_count == SNAPSHOT_FILES_LIMIT)
		return ERR_LIMIT;
	file.path = arena_text(&snapshot->arena, slice_text(path));
	if (file.path == NULL)
		return ERR_NO_MEMORY;
	TRY(read_content(state, &file));
	TRY(GROW(state, snapshot->files, snapshot->file_count, state->file_capacity));
	*index = (uint32_t)snapshot->file_count;
	snapshot->files[snapshot->file_count++] = file;
	return ERR_OK;
}

static enum err read_includes(struct read_state *state, uint32_t index, unsigned depth);

/* Reads the files a pattern names and what they include in their turn. */
static enum err read_matches(
    struct read_state *state, const glob_t *found, struct snapshot_include *include, unsigned depth)
{
	uint32_t *files =
	    arena_alloc(&state->snapshot->arena, (found->gl_pathc + 1) * sizeof(*files));

	if (files == NULL)
		return ERR_NO_MEMORY;
	for (size_t i = 0; i < found->gl_pathc; i++) {
		size_t known = state->snapshot->file_count;
		enum err err = add_file(state, found->gl_pathv[i], &files[i]);

		if (err == ERR_LIMIT) {
			include->error = E2BIG;
			break;
		}
		TRY(err);
		include->count++;
		if (state->snapshot->file_count > known)
			TRY(read_includes(state, files[i], depth + 1));
	}
	include->files = files;
	return ERR_OK;
}

static void glob_release(glob_t *found)
{
	globfree(found);
}

static enum err read_pattern(struct read_state *state, const char *pattern, unsigned depth)
{
	struct snapshot *snapshot = state->snapshot;
	AUTO(glob_release) glob_t found = {0};
	struct snapshot_include include = {.pattern = pattern};
	size_t place;
	int result;

	if (snapshot_include_find(snapshot, pattern) != NULL)
		return ERR_OK;
	if (snapshot->include_count == SNAPSHOT_INCLUDES_LIMIT)
		return ERR_OK; /* the parser does not find the pattern and says so */
	/* In the table before its files are read: they may include it again. */
	TRY(GROW(state, snapshot->includes, snapshot->include_count, state->include_capacity));
	place = snapshot->include_count++;
	snapshot->includes[place] = include;

	errno = 0;
	result = glob(pattern, 0, NULL, &found);
	/* The parser says so where the line stands. */
	if (result == 0 && depth > SNAPSHOT_DEPTH_LIMIT) {
		snapshot->includes[place].error = ELOOP;
		return ERR_OK;
	}
	if (result == GLOB_NOSPACE)
		return ERR_NO_MEMORY;
	if (result == GLOB_ABORTED)
		include.error = errno ? errno : EIO;
	if (result == 0)
		TRY(read_matches(state, &found, &include, depth));
	snapshot->includes[place] = include;
	return ERR_OK;
}

/* Follows one line when it is an Include; what is wrong with it the parser tells. */
static enum err read_line(
    struct read_state *state, struct slice source, struct line *line, unsigned depth)
{
	struct snapshot *snapshot = state->snapshot;
	enum err err = line_split(source, &snapshot->arena, line);
	const struct name_row *row;

	if (err == ERR_MALFORMED)
		return ERR_OK;
	TRY(err);
	row = name_find(line->name);
	if (row == NULL || row->kind != NAME_INCLUDE)
		return ERR_OK;
	for (size_t i = 0; i < line->count; i++) {
		const char *pattern =
		    snapshot_include_pattern(snapshot, line->words[i].text, &snapshot->arena);

		if (pattern == NULL)
			return ERR_NO_MEMORY;
		TRY(read_pattern(state, pattern, depth));
	}
	return ERR_OK;
}

static bool may_be_include(struct slice source)
{
	for (size_t i = 0; i < source.len; i++)
		if (source.ptr[i] != ' ' && source.ptr[i] != '\t')
			return source.ptr[i] == 'i' || source.ptr[i] == 'I';
	return false;
}

static enum err read_includes(struct read_state *state, uint32_t index, unsigned depth)
{
	struct slice text = state->snapshot->files[index].content, source;
	AUTO(line_wipe) struct line line = {0};

	while (text_next_line(&text, &source))
		if (may_be_include(source))
			TRY(read_line(state, source, &line, depth));
	return ERR_OK;
}

/* What relative paths and ~ will stand for. */
static enum err note_surroundings(struct snapshot *snapshot, const struct snapshot_source *source)
{
	const struct passwd *account = getpwuid(getuid());
	const char *include_dir = source->include_dir ? source->include_dir : SEKISHO_SYSCONFDIR;
	const char **options;
	char directory[PATH_MAX];

	snapshot->euid = geteuid();
	snapshot->is_default_path = source->is_default_path;
	if (getcwd(directory, sizeof(directory)) != NULL)
		snapshot->directory = arena_text(&snapshot->arena, slice_text(directory));
	if (account != NULL && account->pw_dir != NULL)
		snapshot->home = arena_text(&snapshot->arena, slice_text(account->pw_dir));
	snapshot->include_dir = arena_text(&snapshot->arena, slice_text(include_dir));
	if (source->root != NULL) {
		snapshot->root = arena_text(&snapshot->arena, slice_text(source->root));
		if (snapshot->root == NULL)
			return ERR_NO_MEMORY;
	}
	options = arena_alloc(&snapshot->arena, (source->option_count + 1) * sizeof(*options));
	if (options == NULL || snapshot->include_dir == NULL)
		return ERR_NO_MEMORY;
	for (size_t i = 0; i < source->option_count; i++) {
		options[i] = arena_text(&snapshot->arena, slice_text(source->options[i]));
		if (options[i] == NULL)
			return ERR_NO_MEMORY;
	}
	snapshot->options = options;
	snapshot->option_count = source->option_count;
	return ERR_OK;
}

static enum err read_main(struct read_state *state, const char *path, struct diagnostics *d)
{
	const struct snapshot_file *file;
	uint32_t index;

	TRY(add_file(state, path, &index));
	file = &state->snapshot->files[index];
	if (file->error != 0 || file->is_too_long) {
		struct place place = {.file = path};

		diagnostics_add(d, SEVERITY_ERROR, &place, NULL, "cannot read the file: %s",
		    file->is_too_long ? "it is too long" : strerror(file->error));
		return ERR_CONFIG;
	}
	return read_includes(state, index, 1);
}

/* sekisho.conf may be missing; everything else is told by the parser. */
static enum err read_sekisho(struct read_state *state, const char *path)
{
	struct stat st;
	uint32_t index;

	if (path == NULL || (stat(path, &st) != 0 && errno == ENOENT))
		return ERR_OK;
	TRY(add_file(state, path, &index));
	state->snapshot->sekisho_file = index;
	return read_includes(state, index, 1);
}

enum err snapshot_read(
    const struct snapshot_source *source, struct snapshot **out, struct diagnostics *diagnostics)
{
	AUTO(state_wipe) struct read_state state = {0};

	if (source->option_count > SNAPSHOT_OPTIONS_LIMIT)
		return ERR_LIMIT;
	state.snapshot = calloc(1, sizeof(*state.snapshot));
	if (state.snapshot == NULL)
		return ERR_NO_MEMORY;
	TRY(note_surroundings(state.snapshot, source));
	TRY(read_main(&state, source->path, diagnostics));
	TRY(read_sekisho(&state, source->sekisho_path));
	*out = TAKE(state.snapshot);
	return ERR_OK;
}

/* Snapshots in memory and as bytes. Nothing here reads a disk: see snapshot_read.c. */
#include "config/snapshot.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "sshd/base/auto.h"
#include "sshd/wire/reader.h"

#define MAGIC           0x534b5331u /* "SKS1" */
#define PATH_TEXT_LIMIT 8192u
#define OPTION_LIMIT    65536u

void snapshot_free(struct snapshot *snapshot)
{
	if (snapshot == NULL)
		return;
	arena_wipe(&snapshot->arena);
	free(snapshot);
}

void snapshot_release(struct snapshot **snapshot)
{
	snapshot_free(*snapshot);
	*snapshot = NULL;
}

static enum err copy_options(struct snapshot *snapshot, const char *const *options, size_t count)
{
	const char **copies = arena_alloc(&snapshot->arena, (count + 1) * sizeof(*copies));

	if (copies == NULL)
		return ERR_NO_MEMORY;
	for (size_t i = 0; i < count; i++)
		if ((copies[i] = arena_text(&snapshot->arena, slice_text(options[i]))) == NULL)
			return ERR_NO_MEMORY;
	snapshot->options = copies;
	snapshot->option_count = count;
	return ERR_OK;
}

enum err snapshot_of_text(const char *path, struct slice text, const char *const *options,
    size_t option_count, struct snapshot **out)
{
	AUTO(snapshot_release) struct snapshot *snapshot = calloc(1, sizeof(*snapshot));
	struct snapshot_file *file;
	char *copy;

	if (snapshot == NULL)
		return ERR_NO_MEMORY;
	file = arena_alloc(&snapshot->arena, sizeof(*file));
	copy = arena_text(&snapshot->arena, text);
	if (file == NULL || copy == NULL)
		return ERR_NO_MEMORY;
	file->path = arena_text(&snapshot->arena, slice_text(path));
	file->content = slice_over(copy, text.len);
	file->mode = S_IFREG | 0600;
	snapshot->files = file;
	snapshot->file_count = 1;
	snapshot->include_dir = SEKISHO_SYSCONFDIR;
	TRY(copy_options(snapshot, options, option_count));
	if (file->path == NULL)
		return ERR_NO_MEMORY;
	*out = TAKE(snapshot);
	return ERR_OK;
}

const char *snapshot_include_pattern(
    const struct snapshot *snapshot, struct slice pattern, struct arena *arena)
{
	const char *in_front = snapshot->include_dir, *between = "/";

	if (slice_starts(pattern, "~/") && snapshot->home != NULL) {
		pattern = slice_after(pattern, 2);
		in_front = snapshot->home;
	} else if (slice_starts(pattern, "/")) {
		in_front = snapshot->root;
		between = "";
	}
	if (in_front == NULL)
		return arena_text(arena, pattern);
	return arena_format(
	    arena, "%s%s%.*s", in_front, between, (int)pattern.len, (const char *)pattern.ptr);
}

const struct snapshot_include *snapshot_include_find(
    const struct snapshot *snapshot, const char *pattern)
{
	for (size_t i = 0; i < snapshot->include_count; i++)
		if (strcmp(snapshot->includes[i].pattern, pattern) == 0)
			return &snapshot->includes[i];
	return NULL;
}

/* ---- bytes ---- */

static enum err put_u32(struct buf *out, uint32_t value)
{
	const uint8_t bytes[] = {
	    (uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8), (uint8_t)value};

	return buf_append(out, SLICE_OF(bytes));
}

static enum err put_string(struct buf *out, struct slice text)
{
	if (text.len > UINT32_MAX)
		return ERR_LIMIT;
	TRY(put_u32(out, (uint32_t)text.len));
	return buf_append(out, text);
}

/* A text that may be NULL: a flag, then the text. */
static enum err put_optional(struct buf *out, const char *text)
{
	TRY(put_u32(out, text != NULL));
	return put_string(out, slice_text(text));
}

static enum err put_file(struct buf *out, const struct snapshot_file *file)
{
	TRY(put_optional(out, file->path));
	TRY(put_optional(out, file->real_path));
	TRY(put_u32(out, (uint32_t)file->error));
	TRY(put_u32(out, file->is_too_long));
	TRY(put_u32(out, file->uid));
	TRY(put_u32(out, file->gid));
	TRY(put_u32(out, file->mode));
	return put_string(out, file->content);
}

static enum err put_include(struct buf *out, const struct snapshot_include *include)
{
	TRY(put_optional(out, include->pattern));
	TRY(put_u32(out, (uint32_t)include->error));
	TRY(put_u32(out, (uint32_t)include->count));
	for (size_t i = 0; i < include->count; i++)
		TRY(put_u32(out, include->files[i]));
	return ERR_OK;
}

enum err snapshot_encode(const struct snapshot *snapshot, struct buf *out)
{
	TRY(put_u32(out, MAGIC));
	TRY(put_u32(out, snapshot->euid));
	TRY(put_u32(out, snapshot->is_default_path));
	TRY(put_optional(out, snapshot->directory));
	TRY(put_optional(out, snapshot->home));
	TRY(put_optional(out, snapshot->include_dir));
	TRY(put_optional(out, snapshot->root));
	TRY(put_u32(out, (uint32_t)snapshot->option_count));
	for (size_t i = 0; i < snapshot->option_count; i++)
		TRY(put_string(out, slice_text(snapshot->options[i])));
	TRY(put_u32(out, (uint32_t)snapshot->file_count));
	TRY(put_u32(out, snapshot->sekisho_file));
	for (size_t i = 0; i < snapshot->file_count; i++)
		TRY(put_file(out, &snapshot->files[i]));
	TRY(put_u32(out, (uint32_t)snapshot->directory_count));
	for (size_t i = 0; i < snapshot->directory_count; i++) {
		const struct snapshot_directory *directory = &snapshot->directories[i];

		TRY(put_optional(out, directory->path));
		TRY(put_u32(out, directory->uid));
		TRY(put_u32(out, directory->gid));
		TRY(put_u32(out, directory->mode));
	}
	TRY(put_u32(out, (uint32_t)snapshot->include_count));
	for (size_t i = 0; i < snapshot->include_count; i++)
		TRY(put_include(out, &snapshot->includes[i]));
	return ERR_OK;
}

/* Reading back: a reader, the arena for what is kept, and whether memory was out. */
struct decoder {
	struct reader r;
	struct arena *arena;
};

static const char *take_text(struct decoder *d, size_t limit)
{
	struct slice text = read_string(&d->r, limit);
	char *copy;

	if (d->r.err != ERR_OK)
		return "";
	if (text.len > 0 && memchr(text.ptr, 0, text.len) != NULL) {
		reader_fail(&d->r, ERR_MALFORMED);
		return "";
	}
	copy = arena_text(d->arena, text);
	if (copy == NULL)
		reader_fail(&d->r, ERR_NO_MEMORY);
	return copy ? copy : "";
}

static const char *take_optional(struct decoder *d)
{
	bool is_there = read_u32(&d->r) != 0;
	const char *text = take_text(d, PATH_TEXT_LIMIT);

	return is_there ? text : NULL;
}

/* A path that must be there. */
static const char *take_path(struct decoder *d)
{
	const char *path = take_optional(d);

	if (path == NULL)
		reader_fail(&d->r, ERR_MALFORMED);
	return path ? path : "";
}

/* `count` rows of `size` bytes; the count is checked before memory is taken for it. */
static void *take_rows(struct decoder *d, size_t limit, size_t size, size_t *count)
{
	uint32_t wanted = read_u32(&d->r);
	void *rows;

	/* Each row is at least four bytes, so a count past that is a lie. */
	if (d->r.err != ERR_OK || wanted > limit || wanted > d->r.left.len / 4) {
		reader_fail(&d->r, ERR_RANGE);
		wanted = 0;
	}
	rows = arena_alloc(d->arena, (wanted + 1) * size);
	if (rows == NULL) {
		reader_fail(&d->r, ERR_NO_MEMORY);
		wanted = 0;
	}
	*count = wanted;
	return rows;
}

static void take_file(struct decoder *d, struct snapshot_file *file)
{
	struct slice content;
	char *copy;

	file->path = take_path(d);
	file->real_path = take_optional(d);
	file->error = (int)read_u32(&d->r);
	file->is_too_long = read_u32(&d->r) != 0;
	file->uid = read_u32(&d->r);
	file->gid = read_u32(&d->r);
	file->mode = read_u32(&d->r);
	content = read_string(&d->r, SNAPSHOT_FILE_LIMIT);
	copy = arena_text(d->arena, content);
	if (copy == NULL)
		reader_fail(&d->r, ERR_NO_MEMORY);
	file->content = slice_over(copy, copy ? content.len : 0);
}

static void take_directory(struct decoder *d, struct snapshot_directory *directory)
{
	directory->path = take_path(d);
	directory->uid = read_u32(&d->r);
	directory->gid = read_u32(&d->r);
	directory->mode = read_u32(&d->r);
}

static void take_include(struct decoder *d, struct snapshot_include *include, size_t file_count)
{
	uint32_t *files;

	include->pattern = take_path(d);
	include->error = (int)read_u32(&d->r);
	files = take_rows(d, SNAPSHOT_FILES_LIMIT, sizeof(*files), &include->count);
	for (size_t i = 0; i < include->count; i++) {
		files[i] = read_u32(&d->r);
		if (files[i] >= file_count)
			reader_fail(&d->r, ERR_RANGE);
	}
	include->files = files;
}

static void take_head(struct decoder *d, struct snapshot *snapshot)
{
	const char **options;

	if (read_u32(&d->r) != MAGIC)
		reader_fail(&d->r, ERR_MALFORMED);
	snapshot->euid = read_u32(&d->r);
	snapshot->is_default_path = read_u32(&d->r) != 0;
	snapshot->directory = take_optional(d);
	snapshot->home = take_optional(d);
	snapshot->include_dir = take_optional(d);
	snapshot->root = take_optional(d);
	options = take_rows(d, SNAPSHOT_OPTIONS_LIMIT, sizeof(*options), &snapshot->option_count);
	for (size_t i = 0; i < snapshot->option_count; i++)
		options[i] = take_text(d, OPTION_LIMIT);
	snapshot->options = options;
}

static void take_files(struct decoder *d, struct snapshot *snapshot)
{
	uint32_t wanted = read_u32(&d->r);

	snapshot->sekisho_file = read_u32(&d->r);
	/* Each file is at least 36 bytes. */
	if (wanted == 0 || wanted > SNAPSHOT_FILES_LIMIT || wanted > d->r.left.len / 36 ||
	    snapshot->sekisho_file >= wanted) {
		reader_fail(&d->r, ERR_RANGE);
		return;
	}
	snapshot->files = arena_alloc(d->arena, wanted * sizeof(*snapshot->files));
	if (snapshot->files == NULL) {
		reader_fail(&d->r, ERR_NO_MEMORY);
		return;
	}
	snapshot->file_count = wanted;
	for (size_t i = 0; i < snapshot->file_count; i++)
		take_file(d, &snapshot->files[i]);
}

enum err snapshot_decode(struct slice bytes, struct snapshot **out)
{
	AUTO(snapshot_release) struct snapshot *snapshot = calloc(1, sizeof(*snapshot));
	struct decoder d;

	if (snapshot == NULL)
		return ERR_NO_MEMORY;
	if (bytes.len > SNAPSHOT_BYTES_LIMIT)
		return ERR_LIMIT;
	d = (struct decoder){reader_over(bytes), &snapshot->arena};
	take_head(&d, snapshot);
	take_files(&d, snapshot);
	snapshot->directories = take_rows(
	    &d, SNAPSHOT_FILES_LIMIT, sizeof(*snapshot->directories), &snapshot->directory_count);
	for (size_t i = 0; i < snapshot->directory_count; i++)
		take_directory(&d, &snapshot->directories[i]);
	snapshot->includes = take_rows(
	    &d, SNAPSHOT_INCLUDES_LIMIT, sizeof(*snapshot->includes), &snapshot->include_count);
	for (size_t i = 0; i < snapshot->include_count; i++)
		take_include(&d, &snapshot->includes[i], snapshot->file_count);
	TRY(reader_finish(&d.r));
	*out = TAKE(snapshot);
	return ERR_OK;
}

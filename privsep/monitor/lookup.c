#include "privsep/monitor/lookup.h"

#include <stdlib.h>

#include "privsep/monitor/monitor.h"
#include "sshd/base/auto.h"

static void file_wipe(struct looked_up *file)
{
	free(file->path);
	buf_wipe(&file->components);
	buf_wipe(&file->content);
	*file = (struct looked_up){0};
}

void lookup_init(struct monitor *m)
{
	m->lookup = (struct lookup){.process = USER_PROCESS_NONE, .paths = buf_empty(LOOKUP_PATHS_LIMIT)};
}

void lookup_rest(struct monitor *m)
{
	user_process_end(m, &m->lookup.process, true);
	m->lookup.is_ready = false;
}

void lookup_wipe(struct monitor *m)
{
	lookup_rest(m);
	buf_wipe(&m->lookup.paths);
	for (unsigned i = 0; i < m->lookup.file_count; i++)
		file_wipe(&m->lookup.files[i]);
	m->lookup.file_count = 0;
}

/* ---------------------------------------------------------------- receive */

static enum err on_found(struct lookup *lookup, struct slice body)
{
	struct msg_user_found found;

	TRY(msg_user_found_parse(body, &found));
	if (lookup->current == NULL || lookup->has_found)
		return ERR_BREACH;
	lookup->has_found = true;
	lookup->current->error = (int)found.error;
	if (found.size > LOOKUP_FILE_LIMIT)
		return ERR_LIMIT;
	return buf_append(&lookup->current->components, found.components);
}

static enum err on_part(struct lookup *lookup, struct slice body)
{
	struct msg_user_part part;

	TRY(msg_user_part_parse(body, &part));
	if (lookup->current == NULL || !lookup->has_found || lookup->is_done)
		return ERR_BREACH;
	lookup->is_done = part.bytes.len == 0;
	return buf_append(&lookup->current->content, part.bytes);
}

/* Each path must end: they are read as texts. */
static enum err on_paths(struct lookup *lookup, struct slice body)
{
	struct msg_user_paths paths;

	TRY(msg_user_paths_parse(body, &paths));
	if (!lookup->awaits_paths || lookup->is_done)
		return ERR_BREACH;
	if (paths.paths.len > 0 && paths.paths.ptr[paths.paths.len - 1] != 0)
		return ERR_BREACH;
	lookup->is_done = true;
	return buf_append(&lookup->paths, paths.paths);
}

static enum err on_message(struct lookup *lookup, const struct ipc_message *message)
{
	switch (message->type) {
	case MSG_USER_READY:
		lookup->is_ready = true;
		lookup->process.state = STATE_LOOKUP;
		return ERR_OK;
	case MSG_USER_FOUND:
		return on_found(lookup, message->body);
	case MSG_USER_PART:
		return on_part(lookup, message->body);
	case MSG_USER_PATHS:
		return on_paths(lookup, message->body);
	default: /* USER_FAILED */
		return ERR_SYSTEM;
	}
}

static void on_readable(struct loop_source *source, uint32_t events)
{
	struct lookup *lookup = CONTAINER_OF(source, struct lookup, process.source);
	struct monitor *m = CONTAINER_OF(lookup, struct monitor, lookup);
	AUTO(ipc_message_wipe) struct ipc_message message = {0};
	enum err err = ipc_receive(&lookup->process.channel, lookup->process.state, monitor_room(), false,
	    &message);

	(void)events;
	if (err == ERR_AGAIN)
		return;
	if (err == ERR_OK)
		err = on_message(lookup, &message);
	if (err != ERR_OK) {
		lookup->has_failed = true;
		loop_remove(&m->loop, source);
	}
}

/* -------------------------------------------------------------------- ask */

static bool is_ready(const struct monitor *m)
{
	return m->lookup.is_ready || m->lookup.has_failed;
}

static bool is_answered(const struct monitor *m)
{
	return m->lookup.is_done || m->lookup.has_failed;
}

static enum err start(struct monitor *m, uint64_t until_ms)
{
	struct user_start start = {
	    .role = ROLE_LOOKUP,
	    .account = &m->auth.account,
	    .ready = on_readable,
	};

	m->lookup.has_failed = false;
	TRY(account_load_groups(&m->auth.account));
	TRY(user_process_start(m, &start, &m->lookup.process));
	TRY(monitor_wait(m, is_ready, until_ms));
	return m->lookup.has_failed ? ERR_SYSTEM : ERR_OK;
}

static enum err await(struct monitor *m, uint64_t until_ms)
{
	enum err err = monitor_wait(m, is_answered, until_ms);

	m->lookup.current = NULL;
	m->lookup.awaits_paths = false;
	return err == ERR_OK && m->lookup.has_failed ? ERR_BREACH : err;
}

static enum err ask(struct monitor *m, struct looked_up *file, uint64_t until_ms)
{
	struct lookup *lookup = &m->lookup;
	struct msg_user_lookup message = {
	    .path = slice_text(file->path), .limit_bytes = LOOKUP_FILE_LIMIT};

	/* It may have misbehaved since it was ready, unasked. */
	if (lookup->has_failed)
		return ERR_BREACH;
	lookup->current = file;
	lookup->has_found = lookup->is_done = false;
	TRY(IPC_SEND(&lookup->process.channel, STATE_LOOKUP, MSG_USER_LOOKUP, user_lookup, &message,
	    monitor_scratch()));
	return await(m, until_ms);
}

static enum err ask_paths(struct monitor *m, const char *pattern, uint64_t until_ms)
{
	struct lookup *lookup = &m->lookup;
	struct msg_user_glob message = {.pattern = slice_text(pattern)};

	if (lookup->has_failed)
		return ERR_BREACH;
	buf_wipe(&lookup->paths);
	lookup->awaits_paths = true;
	lookup->is_done = false;
	TRY(IPC_SEND(&lookup->process.channel, STATE_LOOKUP, MSG_USER_GLOB, user_glob, &message,
	    monitor_scratch()));
	return await(m, until_ms);
}

/* ------------------------------------------------------------------ files */

static struct looked_up *find_kept(struct monitor *m, const char *path)
{
	for (unsigned i = 0; i < m->lookup.file_count; i++) {
		struct looked_up *file = &m->lookup.files[i];

		if (strcmp(file->path, path) == 0 && m->loop.now_ms - file->at_ms < LOOKUP_KEEP_MS)
			return file;
	}
	return NULL;
}

/* An entry for the path: the one it had, a free one, else the oldest. */
static enum err entry_for(struct monitor *m, const char *path, struct looked_up **out)
{
	struct lookup *lookup = &m->lookup;
	struct looked_up *entry = NULL;

	for (unsigned i = 0; i < lookup->file_count; i++) {
		struct looked_up *file = &lookup->files[i];

		if (strcmp(file->path, path) == 0) {
			entry = file;
			break;
		}
		if (lookup->file_count == LOOKUP_FILES_LIMIT && (!entry || file->at_ms < entry->at_ms))
			entry = file;
	}
	if (entry != NULL)
		file_wipe(entry);
	else
		entry = &lookup->files[lookup->file_count++];
	*entry = (struct looked_up){
	    .path = strdup(path),
	    .components = buf_empty(LOOKUP_FILE_LIMIT),
	    .content = buf_empty(LOOKUP_FILE_LIMIT),
	    .at_ms = m->loop.now_ms,
	};
	if (entry->path == NULL) {
		*entry = lookup->files[--lookup->file_count];
		return ERR_NO_MEMORY;
	}
	*out = entry;
	return ERR_OK;
}

static void forget(struct monitor *m, struct looked_up *file)
{
	file_wipe(file);
	*file = m->lookup.files[--m->lookup.file_count];
}

enum err lookup_paths(struct monitor *m, const char *pattern, struct slice *paths)
{
	uint64_t until_ms = clock_now_ms() + LOOKUP_TIME_MS;
	enum err err = ERR_OK;

	if (m->lookup.process.process < 0)
		err = start(m, until_ms);
	if (err == ERR_OK)
		err = ask_paths(m, pattern, until_ms);
	if (err != ERR_OK) {
		lookup_rest(m);
		return err;
	}
	*paths = buf_view(&m->lookup.paths);
	return ERR_OK;
}

enum err lookup_file(struct monitor *m, const char *path, const struct looked_up **file)
{
	uint64_t until_ms = clock_now_ms() + LOOKUP_TIME_MS;
	struct looked_up *entry = find_kept(m, path);
	enum err err = ERR_OK;

	if (entry == NULL) {
		TRY(entry_for(m, path, &entry));
		if (m->lookup.process.process < 0)
			err = start(m, until_ms);
		if (err == ERR_OK)
			err = ask(m, entry, until_ms);
		if (err != ERR_OK) {
			lookup_rest(m);
			forget(m, entry);
			return err;
		}
	}
	*file = entry;
	return ERR_OK;
}

#include "privsep/monitor/host_keys.h"

#include "sshd/base/auto.h"
#include "sshd/wire/name_list.h"
#include "sshd/wire/reader.h"
#include "sshd/wire/writer.h"

#define ALGORITHMS_LIMIT 4096u
#define BLOB_LIMIT       16384u

enum err host_keys_parse(struct slice bytes, struct host_keys *keys)
{
	struct reader r = reader_over(bytes);
	struct host_keys parsed = {0};

	while (r.left.len > 0 && r.err == ERR_OK) {
		struct host_key key;

		key.algorithms = read_string(&r, ALGORITHMS_LIMIT);
		key.blob = read_string(&r, BLOB_LIMIT);
		if (parsed.count == HOST_KEYS_LIMIT)
			return ERR_LIMIT;
		parsed.rows[parsed.count++] = key;
	}
	TRY(reader_finish(&r));
	*keys = parsed;
	return ERR_OK;
}

static enum err append_string(struct buf *out, struct slice bytes)
{
	struct span room;
	struct writer w;

	TRY(buf_reserve(out, bytes.len + 4, &room));
	w = writer_into(room);
	write_string(&w, bytes);
	TRY(writer_finish(&w, NULL));
	buf_commit(out, w.len);
	return ERR_OK;
}

static enum err append_name(struct buf *list, struct slice name)
{
	if (buf_len(list) > 0)
		TRY(buf_append_text(list, ","));
	return buf_append(list, name);
}

static enum err filter_names(struct slice names, struct slice permitted, struct buf *out)
{
	struct slice name;

	while (name_list_next(&permitted, &name))
		if (name_list_contains(names, name))
			TRY(append_name(out, name));
	return ERR_OK;
}

enum err host_keys_filter(const struct host_keys *keys, struct slice permitted, struct buf *out)
{
	for (unsigned i = 0; i < keys->count; i++) {
		AUTO(buf_wipe) struct buf names = buf_empty(ALGORITHMS_LIMIT);

		TRY(filter_names(keys->rows[i].algorithms, permitted, &names));
		TRY(append_string(out, buf_view(&names)));
		TRY(append_string(out, keys->rows[i].blob));
	}
	return ERR_OK;
}

enum err host_keys_algorithms(const struct host_keys *keys, struct slice permitted, struct buf *out)
{
	AUTO(buf_wipe) struct buf list = buf_empty(ALGORITHMS_LIMIT);
	struct slice name;

	while (name_list_next(&permitted, &name)) {
		bool is_there = false;

		for (unsigned i = 0; i < keys->count && !is_there; i++)
			is_there = name_list_contains(keys->rows[i].algorithms, name);
		if (is_there)
			TRY(append_name(&list, name));
	}
	return buf_append(out, buf_view(&list));
}

const struct host_key *host_key_of_blob(const struct host_keys *keys, struct slice blob)
{
	for (unsigned i = 0; i < keys->count; i++)
		if (slice_equal(keys->rows[i].blob, blob))
			return &keys->rows[i];
	return NULL;
}

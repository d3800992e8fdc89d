/* Every parser of requests over arbitrary bytes: views stay inside, paths hold no zero byte. */
#include <assert.h>

#include "sshd/base/auto.h"
#include "sshd/wire/messages_sftp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static sftp_parser *const parsers[] = {
    sftp_parse_nothing,
    sftp_parse_path,
    sftp_parse_path_attributes,
    sftp_parse_paths,
    sftp_parse_handle,
    sftp_parse_handle_attributes,
    sftp_parse_open,
    sftp_parse_read,
    sftp_parse_write,
    sftp_parse_copy,
    sftp_parse_user,
    sftp_parse_ids,
    sftp_parse_hash_handle,
    sftp_parse_hash_path,
};

static void check_view(struct slice view, struct slice all, size_t limit)
{
	assert(view.len <= limit);
	assert(view.len == 0 || (view.ptr >= all.ptr && view.ptr + view.len <= all.ptr + all.len));
}

static void check_path(struct slice path, struct slice all)
{
	check_view(path, all, SFTP_PATH_LIMIT);
	assert(path.len == 0 || memchr(path.ptr, 0, path.len) == NULL);
}

/* Attributes that were read can be written and read again. */
static void check_attributes(const struct sftp_attributes *attributes)
{
	uint8_t bytes[SFTP_ATTRIBUTES_ROOM];
	struct writer w = writer_into((struct span){bytes, sizeof(bytes)});
	struct reader r;
	struct sftp_attributes again;

	sftp_attributes_write(&w, attributes);
	assert(w.err == ERR_OK);
	r = reader_over(writer_view(&w));
	again = sftp_attributes_read(&r);
	assert(reader_finish(&r) == ERR_OK);
	assert(again.size == attributes->size && again.permissions == attributes->permissions);
	assert(again.uid == attributes->uid && again.mtime == attributes->mtime);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice all = slice_over(data, size);
	struct slice packet, rest = all;

	if (sftp_packet_next(&rest, &packet) == ERR_OK)
		assert(packet.len + 4 + rest.len == size);
	for (size_t i = 0; i < COUNT_OF(parsers); i++) {
		struct reader r = reader_over(all);
		struct sftp_request request = {0};

		parsers[i](&r, &request);
		if (r.err != ERR_OK)
			continue;
		check_path(request.path, all);
		check_path(request.target, all);
		check_view(request.handle, all, SFTP_HANDLE_LIMIT);
		check_view(request.target_handle, all, SFTP_HANDLE_LIMIT);
		check_view(request.data, all, SFTP_PACKET_LIMIT);
		check_view(request.hash_names, all, SFTP_HASH_NAMES_LIMIT);
		assert(request.uids.len % 4 == 0 && request.gids.len % 4 == 0);
		check_attributes(&request.attributes);
	}
	return 0;
}

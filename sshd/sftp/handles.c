#include "sshd/sftp/handles.h"

#include <stdlib.h>

#include "sshd/base/auto.h"
#include "sshd/wire/reader.h"
#include "sshd/wire/writer.h"

#define CHAIN_END         UINT32_MAX
#define SMALLEST_CAPACITY 8u

struct sftp_handles sftp_handles_empty(uint32_t limit)
{
	return (struct sftp_handles){.limit = limit, .first_unused = CHAIN_END};
}

uint32_t sftp_handles_limit_for(uint64_t descriptor_limit)
{
	uint64_t limit =
	    descriptor_limit > SFTP_DESCRIPTORS_KEPT ? descriptor_limit - SFTP_DESCRIPTORS_KEPT : 1;

	return limit < SFTP_HANDLE_COUNT_LIMIT ? (uint32_t)limit : SFTP_HANDLE_COUNT_LIMIT;
}

bool sftp_handles_have_room(const struct sftp_handles *handles)
{
	return handles->open_count < handles->limit;
}

static enum err grow(struct sftp_handles *handles)
{
	uint32_t capacity = handles->capacity ? handles->capacity * 2 : SMALLEST_CAPACITY;
	struct sftp_handle *slots = reallocarray(handles->slots, capacity, sizeof(*slots));

	if (slots == NULL)
		return ERR_NO_MEMORY;
	handles->slots = slots;
	handles->capacity = capacity;
	return ERR_OK;
}

static enum err slot_take(struct sftp_handles *handles, struct sftp_handle **slot)
{
	if (handles->first_unused != CHAIN_END) {
		*slot = &handles->slots[handles->first_unused];
		handles->first_unused = (*slot)->next_unused;
		return ERR_OK;
	}
	if (handles->count == handles->capacity)
		TRY(grow(handles));
	*slot = &handles->slots[handles->count++];
	**slot = (struct sftp_handle){.fd = -1};
	return ERR_OK;
}

enum err sftp_handles_add(struct sftp_handles *handles, enum sftp_handle_kind kind, int fd,
    struct slice path, struct sftp_handle **added)
{
	struct sftp_handle *slot;
	char *copy;

	if (!sftp_handles_have_room(handles))
		return ERR_LIMIT;
	copy = strndup((const char *)path.ptr, path.len);
	if (copy == NULL)
		return ERR_NO_MEMORY;
	if (slot_take(handles, &slot) != ERR_OK) {
		free(copy);
		return ERR_NO_MEMORY;
	}
	*slot = (struct sftp_handle){
	    .kind = kind, .generation = slot->generation + 1, .fd = fd, .path = copy};
	handles->open_count++;
	*added = slot;
	return ERR_OK;
}

struct sftp_handle *sftp_handles_find(
    const struct sftp_handles *handles, struct slice name, enum sftp_handle_kind kind)
{
	struct reader r = reader_over(name);
	uint32_t index = read_u32(&r);
	uint32_t generation = read_u32(&r);
	struct sftp_handle *handle;

	if (reader_finish(&r) != ERR_OK || index >= handles->count)
		return NULL;
	handle = &handles->slots[index];
	if (handle->kind == SFTP_HANDLE_UNUSED || handle->generation != generation)
		return NULL;
	return kind == SFTP_HANDLE_UNUSED || handle->kind == kind ? handle : NULL;
}

struct slice sftp_handle_name(const struct sftp_handles *handles, const struct sftp_handle *handle,
    uint8_t name[SFTP_HANDLE_NAME_LEN])
{
	struct writer w = writer_into((struct span){name, SFTP_HANDLE_NAME_LEN});

	write_u32(&w, (uint32_t)(handle - handles->slots));
	write_u32(&w, handle->generation);
	return writer_view(&w);
}

void sftp_handles_make_writable(struct sftp_handles *handles, struct sftp_handle *handle)
{
	handles->writable_count += !handle->is_writable;
	handle->is_writable = true;
}

void sftp_handles_remove(struct sftp_handles *handles, struct sftp_handle *handle)
{
	bool is_writable = handle->is_writable;

	free(handle->path);
	*handle = (struct sftp_handle){
	    .generation = handle->generation, .next_unused = handles->first_unused, .fd = -1};
	handles->first_unused = (uint32_t)(handle - handles->slots);
	handles->open_count--;
	handles->writable_count -= is_writable;
}

struct sftp_handle *sftp_handles_next(
    const struct sftp_handles *handles, struct sftp_handle *previous)
{
	for (size_t i = previous ? (size_t)(previous - handles->slots) + 1 : 0; i < handles->count;
	     i++)
		if (handles->slots[i].kind != SFTP_HANDLE_UNUSED)
			return &handles->slots[i];
	return NULL;
}

void sftp_handles_wipe(struct sftp_handles *handles)
{
	free(handles->slots);
	*handles = sftp_handles_empty(handles->limit);
}

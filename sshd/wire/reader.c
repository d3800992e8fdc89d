#include "sshd/wire/reader.h"

struct reader reader_over(struct slice bytes)
{
	return (struct reader){.left = bytes};
}

void reader_fail(struct reader *r, enum err err)
{
	if (r->err == ERR_OK)
		r->err = err;
}

struct slice read_bytes(struct reader *r, size_t len)
{
	struct slice taken;

	if (r->err == ERR_OK && r->left.len < len)
		r->err = ERR_TRUNCATED;
	if (r->err != ERR_OK)
		return (struct slice){0};
	taken = slice_first(r->left, len);
	r->left = slice_after(r->left, len);
	return taken;
}

uint8_t read_byte(struct reader *r)
{
	struct slice one = read_bytes(r, 1);

	return one.len == 1 ? one.ptr[0] : 0;
}

bool read_boolean(struct reader *r)
{
	return read_byte(r) != 0;
}

uint32_t read_u32(struct reader *r)
{
	struct slice b = read_bytes(r, 4);

	if (b.len != 4)
		return 0;
	return (uint32_t)b.ptr[0] << 24 | (uint32_t)b.ptr[1] << 16 | (uint32_t)b.ptr[2] << 8 | b.ptr[3];
}

uint64_t read_u64(struct reader *r)
{
	uint64_t high = read_u32(r);
	uint64_t low = read_u32(r);

	/* After a failure of the second half the first must not leak out either. */
	return r->err == ERR_OK ? high << 32 | low : 0;
}

struct slice read_string(struct reader *r, size_t limit)
{
	uint32_t len = read_u32(r);

	if (r->err == ERR_OK && len > limit)
		r->err = ERR_TOO_LONG;
	return read_bytes(r, len);
}

struct slice read_rest(struct reader *r)
{
	return read_bytes(r, r->left.len);
}

enum err reader_finish(const struct reader *r)
{
	if (r->err != ERR_OK)
		return r->err;
	return r->left.len == 0 ? ERR_OK : ERR_TRAILING;
}

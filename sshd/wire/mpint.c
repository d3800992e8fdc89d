#include "sshd/wire/mpint.h"

struct slice read_mpint(struct reader *r, size_t limit)
{
	struct slice bytes = read_string(r, limit + 1);

	if (r->err != ERR_OK || bytes.len == 0)
		return (struct slice){0};
	if (bytes.ptr[0] & 0x80) {
		reader_fail(r, ERR_MALFORMED);
		return (struct slice){0};
	}
	if (bytes.ptr[0] == 0) {
		bytes = slice_after(bytes, 1);
		/* The zero byte is there for the sign; else the form is not the shortest. */
		if (bytes.len == 0 || !(bytes.ptr[0] & 0x80)) {
			reader_fail(r, ERR_MALFORMED);
			return (struct slice){0};
		}
	}
	if (bytes.len > limit) {
		reader_fail(r, ERR_TOO_LONG);
		return (struct slice){0};
	}
	return bytes;
}

void write_mpint(struct writer *w, struct slice magnitude)
{
	bool needs_sign_byte;

	while (magnitude.len > 0 && magnitude.ptr[0] == 0)
		magnitude = slice_after(magnitude, 1);
	needs_sign_byte = magnitude.len > 0 && (magnitude.ptr[0] & 0x80);
	write_u32(w, (uint32_t)(magnitude.len + (needs_sign_byte ? 1 : 0)));
	if (needs_sign_byte)
		write_byte(w, 0);
	write_bytes(w, magnitude);
}

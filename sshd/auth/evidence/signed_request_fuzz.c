/* Whatever the fields hold, what is laid out says each of them once and nothing else. */
#include <assert.h>

#include "sshd/auth/evidence/signed_request.h"
#include "sshd/wire/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct slice take(struct slice *from, size_t limit)
{
	size_t len = from->len > 0 ? from->ptr[0] : 0;
	struct slice part = slice_first(slice_after(*from, 1), len < limit ? len : limit);

	*from = slice_after(*from, 1 + part.len);
	return part;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t room[SIGNED_REQUEST_LIMIT];
	struct slice from = {data, size};
	struct signed_request request;
	struct slice laid_out;
	struct reader r;

	request.is_hostbound = size > 0 && data[0] & 1;
	request.session_id = take(&from, 64);
	request.user = take(&from, 255);
	request.algorithm = take(&from, 64);
	request.key_blob = take(&from, 255);
	request.host_key = take(&from, 255);
	if (signed_request_build(&request, (struct span){room, sizeof(room)}, &laid_out) != ERR_OK)
		return 0;
	r = reader_over(laid_out);
	assert(slice_equal(read_string(&r, 64), request.session_id));
	assert(read_byte(&r) == 50);
	assert(slice_equal(read_string(&r, 255), request.user));
	assert(slice_is(read_string(&r, 64), "ssh-connection"));
	assert(slice_is(read_string(&r, 64),
	    request.is_hostbound ? "publickey-hostbound-v00@openssh.com" : "publickey"));
	assert(read_byte(&r) == 1);
	assert(slice_equal(read_string(&r, 64), request.algorithm));
	assert(slice_equal(read_string(&r, 255), request.key_blob));
	assert(!request.is_hostbound || slice_equal(read_string(&r, 255), request.host_key));
	assert(reader_finish(&r) == ERR_OK);
	return 0;
}

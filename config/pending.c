#include "config/pending.h"

#include "sshd/base/auto.h"
#include "sshd/wire/reader.h"
#include "sshd/wire/writer.h"

#define MAGIC "sekisho pending 1"
/* The lengths and numbers besides the texts. */
#define FIXED_LEN 64u

enum err pending_encode(const struct pending *pending, struct buf *out)
{
	struct span room;
	struct writer w;
	struct slice written;

	if (pending->target.len > PENDING_PATH_LIMIT || pending->before.len > PENDING_FILE_LIMIT ||
	    pending->after.len > PENDING_FILE_LIMIT)
		return ERR_TOO_LONG;
	TRY(buf_reserve(out,
	    FIXED_LEN + pending->target.len + pending->before.len + pending->after.len, &room));
	w = writer_into(room);
	write_text(&w, MAGIC);
	write_string(&w, pending->target);
	write_u64(&w, pending->deadline_s);
	write_u32(&w, pending->wait_s);
	write_u32(&w, pending->mode);
	write_string(&w, pending->before);
	write_string(&w, pending->after);
	TRY(writer_finish(&w, &written));
	buf_commit(out, written.len);
	return ERR_OK;
}

enum err pending_parse(struct slice bytes, struct pending *out)
{
	struct reader r = reader_over(bytes);
	struct slice magic = read_string(&r, sizeof(MAGIC));
	struct pending pending = {0};

	pending.target = read_string(&r, PENDING_PATH_LIMIT);
	pending.deadline_s = read_u64(&r);
	pending.wait_s = read_u32(&r);
	pending.mode = read_u32(&r);
	pending.before = read_string(&r, PENDING_FILE_LIMIT);
	pending.after = read_string(&r, PENDING_FILE_LIMIT);
	TRY(reader_finish(&r));
	if (!slice_is(magic, MAGIC) || pending.wait_s > PENDING_WAIT_LIMIT_S ||
	    (pending.mode & ~07777u) != 0)
		return ERR_MALFORMED;
	*out = pending;
	return ERR_OK;
}

uint64_t pending_left_s(const struct pending *pending, uint64_t now_s)
{
	uint64_t left = pending->deadline_s > now_s ? pending->deadline_s - now_s : 0;

	/* A clock that was set back does not keep a stranger's configuration in force. */
	return left < pending->wait_s ? left : pending->wait_s;
}

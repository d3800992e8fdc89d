/* journald's native protocol: NAME=value lines, or NAME, length and bytes where a value has newlines. */
#include "sshd/base/log.h"

#include <syslog.h>
#include <unistd.h>

#include "sshd/base/auto.h"
#include "sshd/base/buf.h"

static enum err append_field(struct buf *out, const char *prefix, const char *name, struct slice value)
{
	TRY(buf_append_text(out, prefix));
	TRY(buf_append_text(out, name));
	if (value.len == 0 || memchr(value.ptr, '\n', value.len) == NULL) {
		TRY(buf_append_text(out, "="));
	} else {
		uint8_t len[8];

		for (size_t i = 0; i < sizeof(len); i++)
			len[i] = (uint8_t)((uint64_t)value.len >> (8 * i));
		TRY(buf_append_text(out, "\n"));
		TRY(buf_append(out, SLICE_OF(len)));
	}
	TRY(buf_append(out, value));
	return buf_append_text(out, "\n");
}

enum err journal_encode(enum event event, const struct log_field *fields, size_t count,
    struct slice text, int facility, struct buf *out)
{
	TRY(append_field(out, "", "MESSAGE", text));
	TRY(buf_append_format(out,
	    "PRIORITY=%d\nSYSLOG_FACILITY=%d\nSYSLOG_IDENTIFIER=sshd\nSYSLOG_PID=%ld\n",
	    event_priority(event), facility >> 3, (long)getpid()));
	if (event_message_id(event)[0] != 0)
		TRY(append_field(out, "", "MESSAGE_ID", slice_text(event_message_id(event))));
	for (size_t i = 0; i < count; i++)
		TRY(append_field(out, "SSH_", fields[i].name, fields[i].value));
	return ERR_OK;
}

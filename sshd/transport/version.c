#include "sshd/transport/version.h"

#include "sshd/base/auto.h"

#define PREFIX "SSH-"

/* True when the bytes that are there agree with the prefix. */
static bool may_become_prefix(struct slice input)
{
	size_t len = sizeof(PREFIX) - 1;

	return memcmp(input.ptr, PREFIX, input.len < len ? input.len : len) == 0;
}

/* Zero bytes end no string of ours; a lone CR would let two readers see two different lines. */
static enum err check_characters(struct slice text)
{
	if (memchr(text.ptr, 0, text.len) != NULL || memchr(text.ptr, '\r', text.len) != NULL)
		return ERR_VERSION;
	return ERR_OK;
}

/* "SSH-protoversion-softwareversion": 1.99 is 2.0 that could also speak 1 (section 5.1). */
static enum err check_protocol(struct slice text)
{
	struct slice after = slice_after(text, sizeof(PREFIX) - 1);
	const uint8_t *dash = memchr(after.ptr, '-', after.len);
	struct slice protocol;

	if (dash == NULL)
		return ERR_VERSION;
	protocol = slice_first(after, (size_t)(dash - after.ptr));
	if (slice_is(protocol, "2.0") || slice_is(protocol, "1.99"))
		return ERR_OK;
	if (protocol.len < 3 || protocol.ptr[0] < '0' || protocol.ptr[0] > '9' ||
	    protocol.ptr[1] != '.')
		return ERR_VERSION;
	return ERR_UNSUPPORTED;
}

enum err version_parse(struct slice input, struct version_line *line)
{
	const uint8_t *end;
	struct slice text;

	if (input.len == 0)
		return ERR_AGAIN;
	if (!may_become_prefix(input))
		return ERR_VERSION;
	end = memchr(
	    input.ptr, '\n', input.len < VERSION_LINE_LIMIT ? input.len : VERSION_LINE_LIMIT);
	if (end == NULL)
		return input.len < VERSION_LINE_LIMIT ? ERR_AGAIN : ERR_VERSION;
	text = slice_first(input, (size_t)(end - input.ptr));
	if (text.len > 0 && text.ptr[text.len - 1] == '\r')
		text.len--;
	if (text.len < sizeof(PREFIX) - 1)
		return ERR_VERSION;
	TRY(check_characters(text));
	TRY(check_protocol(text));
	*line = (struct version_line){text, (size_t)(end - input.ptr) + 1};
	return ERR_OK;
}

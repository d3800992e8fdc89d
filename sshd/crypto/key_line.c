/* Public keys as text: "type base64 comment", one on each line. */
#include "sshd/base/auto.h"
#include "sshd/base/text.h"
#include "sshd/crypto/certificate.h"
#include "sshd/crypto/key_file.h"
#include "sshd/crypto/lines.h"
#include "sshd/wire/reader.h"

static struct slice word_next(struct slice *line)
{
	struct slice word;
	size_t len = 0;

	while (line->len > 0 && (line->ptr[0] == ' ' || line->ptr[0] == '\t'))
		*line = slice_after(*line, 1);
	while (len < line->len && line->ptr[len] != ' ' && line->ptr[len] != '\t')
		len++;
	word = slice_first(*line, len);
	*line = slice_after(*line, len);
	return word;
}

static struct slice line_trimmed(struct slice line)
{
	while (line.len > 0 && (line.ptr[line.len - 1] == '\n' || line.ptr[line.len - 1] == '\r'))
		line.len--;
	return line;
}

enum err public_key_line_parse(struct slice line, struct buf *blob)
{
	AUTO(buf_wipe) struct buf decoded = buf_empty(KEY_BLOB_LIMIT);
	struct slice type, base64, inner;
	struct reader r;

	line = line_trimmed(line);
	type = word_next(&line);
	base64 = word_next(&line);
	if (type.len == 0 || base64.len == 0)
		return ERR_MALFORMED;
	TRY(text_parse_base64(base64, &decoded));
	r = reader_over(buf_view(&decoded));
	inner = read_string(&r, KEY_TYPE_LIMIT);
	if (r.err != ERR_OK || !slice_equal(inner, type))
		return ERR_MALFORMED;
	return buf_append(blob, buf_view(&decoded));
}

/* The plain key of a line: of a certificate, the one it is for. */
static enum err line_key(struct slice line, struct buf *key)
{
	AUTO(buf_wipe) struct buf blob = buf_empty(KEY_BLOB_LIMIT);
	struct certificate certificate;

	TRY(public_key_line_parse(line, &blob));
	if (certificate_parse(buf_view(&blob), &certificate) == ERR_OK)
		return certificate_plain_key(&certificate, key);
	return buf_append(key, buf_view(&blob));
}

enum err public_key_list_search(struct slice text, struct slice blob, bool *is_listed)
{
	AUTO(buf_wipe) struct buf key = buf_empty(KEY_BLOB_LIMIT);
	enum err worst = ERR_OK;
	struct slice line, rest, first;

	while (line_next(&text, &line)) {
		enum err err;

		rest = line;
		first = word_next(&rest);
		if (first.len == 0 || first.ptr[0] == '#')
			continue;
		buf_truncate(&key, 0);
		err = line_key(line, &key);
		if (err == ERR_NO_MEMORY)
			return err;
		if (err == ERR_OK && slice_equal(buf_view(&key), blob)) {
			*is_listed = true;
			return ERR_OK;
		}
		if (err != ERR_OK)
			worst = ERR_MALFORMED;
	}
	TRY(worst);
	*is_listed = false;
	return ERR_OK;
}

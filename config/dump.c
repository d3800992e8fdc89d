/* -T: the settings in the words of sshd_config. */
#include <ctype.h>

#include "config/resolve.h"
#include "config/types.h"
#include "sshd/base/auto.h"

#define NAME_ROOM 64u

enum err conf_dump_keyword(const struct conf *conf, enum keyword_id id, struct buf *out)
{
	const struct keyword *keyword = keyword_of(id);
	const void *value = (const char *)conf + keyword->offset;
	char name[NAME_ROOM] = {0};

	for (size_t i = 0; i + 1 < sizeof(name) && keyword->name[i] != 0; i++)
		name[i] = (char)tolower((unsigned char)keyword->name[i]);
	return keyword->type->print(keyword->type, name, value, out);
}

/* OpenSSH could not read our own keywords back, and prints none of an option that is off. */
static bool is_dumped(const struct conf *conf, const struct keyword *keyword)
{
	if (keyword_is_ours(keyword) || keyword->state == STATE_OFF)
		return false;
	return keyword->default_value != NULL || keyword->type->item_size > 0 ||
	       conf->origins[keyword->id].line > 0;
}

enum err conf_dump(const struct conf *conf, struct buf *out)
{
	for (unsigned id = 0; id < KEYWORD_COUNT; id++)
		if (is_dumped(conf, keyword_of(id)))
			TRY(conf_dump_keyword(conf, id, out));
	return ERR_OK;
}

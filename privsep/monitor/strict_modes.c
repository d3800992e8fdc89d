#include "privsep/monitor/strict_modes.h"

#include <sys/stat.h>

#include "sshd/base/auto.h"
#include "sshd/wire/reader.h"

#define PATH_LIMIT 4096u

struct component {
	struct slice path;
	uint32_t uid, mode;
};

static struct component component_read(struct reader *r)
{
	struct component component;

	component.path = read_string(r, PATH_LIMIT);
	component.uid = read_u32(r);
	component.mode = read_u32(r);
	return component;
}

static bool is_safe(const struct component *component, uid_t uid)
{
	return (component->uid == 0 || component->uid == uid) &&
	    (component->mode & (S_IWGRP | S_IWOTH)) == 0;
}

static enum err name_obstacle(const struct component *component, bool is_file, struct buf *obstacle)
{
	TRY(buf_append_format(obstacle, "bad ownership or modes for %s ", is_file ? "file" : "directory"));
	return buf_append(obstacle, component->path);
}

enum err strict_modes_weigh(struct slice components, uid_t uid, enum verdict *verdict,
    struct buf *obstacle)
{
	struct reader r = reader_over(components);
	unsigned count = 0;

	*verdict = DENY;
	while (r.left.len > 0) {
		struct component component = component_read(&r);

		if (r.err != ERR_OK)
			return ERR_MALFORMED;
		if (!is_safe(&component, uid))
			return name_obstacle(&component, count == 0, obstacle);
		count++;
	}
	/* A file has at least one directory above it. */
	if (count < 2)
		return ERR_MALFORMED;
	*verdict = PERMIT;
	return ERR_OK;
}

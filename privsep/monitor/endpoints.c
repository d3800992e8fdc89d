#include "privsep/monitor/endpoints.h"

#include "config/pattern.h"

static bool host_agrees(struct slice host, struct slice entry, bool is_listen)
{
	if (is_listen)
		return text_matches_pattern(host, entry);
	return slice_is(entry, "*") || slice_equal(host, entry);
}

static bool list_has(struct slice list, struct slice host, uint16_t port, bool is_listen)
{
	struct slice entry, entry_host;
	uint16_t entry_port;

	while (text_next(&list, &entry)) {
		if (endpoint_parse(entry, is_listen, &entry_host, &entry_port) != ERR_OK)
			continue;
		if ((entry_port == 0 || entry_port == port) && host_agrees(host, entry_host, is_listen))
			return true;
	}
	return false;
}

enum verdict endpoints_permit(const struct endpoint_lists *lists, struct slice host, uint16_t port,
    bool is_listen)
{
	for (unsigned i = 0; i < lists->count; i++)
		if (!list_has(buf_view(&lists->lists[i]), host, port, is_listen))
			return DENY;
	return PERMIT;
}

enum verdict endpoints_permit_path(const struct endpoint_lists *lists)
{
	return lists->count == 0 ? PERMIT : DENY;
}

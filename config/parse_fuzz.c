/*
 * A whole configuration. What is accepted resolves, for the daemon and for a connection; what -T
 * prints of it is accepted in its turn and prints the same.
 */
#include <assert.h>

#include "config/check.h"
#include "sshd/base/auto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define DUMP_LIMIT (32u << 20)

static void check_round(const struct conf *conf)
{
	AUTO(buf_wipe) struct buf first = buf_empty(DUMP_LIMIT), second = buf_empty(DUMP_LIMIT);
	AUTO(snapshot_release) struct snapshot *snapshot = NULL;
	AUTO(config_release) struct config *config = NULL;
	AUTO(conf_release) struct conf *again = NULL;
	AUTO(diagnostics_wipe) struct diagnostics d = {0};

	if (conf_dump(conf, &first) != ERR_OK)
		return;
	if (snapshot_of_text("again", buf_view(&first), NULL, 0, &snapshot) != ERR_OK)
		return;
	assert(config_parse(snapshot, &config, &d) == ERR_OK);
	assert(conf_resolve(config, NULL, &again, &d) == ERR_OK);
	assert(conf_dump(again, &second) == ERR_OK);
	assert(slice_equal(buf_view(&first), buf_view(&second)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct match_facts facts = {.user = "alice", .address = "192.0.2.7"};
	AUTO(snapshot_release) struct snapshot *snapshot = NULL;
	AUTO(config_release) struct config *config = NULL;
	AUTO(conf_release) struct conf *daemon = NULL, *connection = NULL;
	AUTO(diagnostics_wipe) struct diagnostics d = {0};
	AUTO(buf_wipe) struct buf out = buf_empty(DUMP_LIMIT);
	enum err err;

	if (snapshot_of_text("f", slice_over(data, size), NULL, 0, &snapshot) != ERR_OK)
		return 0;
	err = config_parse(snapshot, &config, &d);
	assert(err == ERR_OK || err == ERR_CONFIG);
	assert((err == ERR_CONFIG) == diagnostics_has_errors(&d));
	err = diagnostics_render(&d, &out);
	assert(err == ERR_OK || err == ERR_LIMIT);
	if (config == NULL)
		return 0;
	assert(conf_resolve(config, NULL, &daemon, &d) == ERR_OK);
	assert(conf_resolve(config, &facts, &connection, &d) == ERR_OK);
	err = config_check(config, &d);
	assert(err == ERR_OK || err == ERR_CONFIG);
	check_round(daemon);
	check_round(connection);
	return 0;
}

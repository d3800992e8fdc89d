#include "privsep/monitor/prepared.h"

#include <unistd.h>

#include "sshd/base/auto.h"
#include "sshd/crypto/algorithms.h"
#include "sshd/wire/name_list.h"

#define LIST_LIMIT 4096u

static enum err append_name(struct buf *list, struct slice name)
{
	if (buf_len(list) > 0)
		TRY(buf_append_text(list, ","));
	return buf_append(list, name);
}

/* Of the configured names those that are built. */
static enum err filter_built(enum algorithm_kind kind, const char *configured, struct buf *list)
{
	struct slice names = slice_text(configured), name;

	*list = buf_empty(LIST_LIMIT);
	while (name_list_next(&names, &name))
		if (algorithm_is_known(kind, name))
			TRY(append_name(list, name));
	return buf_len(list) > 0 ? ERR_OK : ERR_NO_COMMON;
}

static enum err list_compression(enum conf_compression configured, struct buf *list)
{
	*list = buf_empty(LIST_LIMIT);
	TRY(buf_append_text(list, "none"));
	if (configured != CONF_COMPRESSION_NO &&
	    algorithm_is_known(ALGORITHM_COMPRESSION, LITERAL("zlib@openssh.com")))
		return buf_append_text(list, ",zlib@openssh.com");
	return ERR_OK;
}

/* RFC 8308: what signatures are taken; certificate algorithms are not signatures. */
static enum err list_signatures(const char *accepted, struct buf *list)
{
	struct slice names = slice_text(accepted), name;

	*list = buf_empty(LIST_LIMIT);
	while (name_list_next(&names, &name)) {
		const struct signature_algorithm *row = signature_algorithm_named(name);

		if (row != NULL && !row->is_certificate)
			TRY(append_name(list, name));
	}
	return ERR_OK;
}

enum err prepared_init_lists(struct prepared *prepared)
{
	const struct conf *conf = prepared->conf;
	struct slice permitted = slice_text(conf->host_key_algorithms);

	TRY(host_keys_parse(prepared->handover.host_keys, &prepared->host_keys));
	prepared->host_keys_for_net = buf_empty(prepared->handover.host_keys.len);
	TRY(host_keys_filter(&prepared->host_keys, permitted, &prepared->host_keys_for_net));
	prepared->host_key_algorithms = buf_empty(LIST_LIMIT);
	TRY(host_keys_algorithms(&prepared->host_keys, permitted, &prepared->host_key_algorithms));
	if (buf_len(&prepared->host_key_algorithms) == 0)
		return ERR_NO_COMMON;
	TRY(filter_built(ALGORITHM_KEX, conf->kex_algorithms, &prepared->kex));
	TRY(filter_built(ALGORITHM_CIPHER, conf->ciphers, &prepared->ciphers));
	TRY(filter_built(ALGORITHM_MAC, conf->macs, &prepared->macs));
	TRY(list_compression(conf->compression, &prepared->compression));
	TRY(list_signatures(conf->pubkey_accepted_algorithms, &prepared->server_sig_algs));
	prepared->lists = (struct kexinit_lists){
	    .kex = buf_view(&prepared->kex),
	    .host_key = buf_view(&prepared->host_key_algorithms),
	    .ciphers = buf_view(&prepared->ciphers),
	    .macs = buf_view(&prepared->macs),
	    .compression = buf_view(&prepared->compression),
	};
	return ERR_OK;
}

/* ------------------------------------------------------------------- conf */

static enum err read_config(struct prepared *prepared)
{
	AUTO(snapshot_release) struct snapshot *snapshot = NULL;
	AUTO(diagnostics_wipe) struct diagnostics diagnostics = {0};

	TRY(snapshot_decode(prepared->handover.snapshot, &snapshot));
	TRY(config_parse(snapshot, &prepared->config, &diagnostics));
	return conf_resolve(prepared->config, NULL, &prepared->conf, &diagnostics);
}

enum err prepared_init(struct prepared *prepared, struct slice handover)
{
	TRY(handover_parse(handover, &prepared->handover));
	prepared->nobody = (struct nobody){prepared->handover.net_uid, prepared->handover.net_gid};
	if (!prepared->handover.is_root)
		prepared->nobody = (struct nobody){getuid(), getgid()};
	TRY(read_config(prepared));
	return prepared_init_lists(prepared);
}

static enum log_level level_of(const struct prepared *prepared, const struct conf *conf)
{
	enum log_level floor = prepared->handover.log_level_floor;

	if (prepared->handover.is_quiet)
		return LOG_LEVEL_QUIET;
	return conf->log_level > floor ? conf->log_level : floor;
}

void prepared_use_log_level(const struct prepared *prepared, const struct conf *conf)
{
	struct log_sink sink = *log_in_use();

	sink.level = level_of(prepared, conf);
	log_use(&sink);
}

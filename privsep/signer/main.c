/*
 * sshd-signer: reads the host keys, gives up everything it does not need for signing, and says
 * which keys it holds. Usage: sshd-signer --uid U --gid G --layers MASK
 *     [--host-key PATH | --default-host-key PATH]...
 */
#include <stdlib.h>
#include <unistd.h>

#include "privsep/ipc/failure.h"
#include "privsep/sandbox/filter.h"
#include "privsep/sandbox/identity.h"
#include "privsep/sandbox/landlock.h"
#include "privsep/sandbox/limits.h"
#include "privsep/sandbox/process.h"
#include "privsep/sandbox/sandbox.h"
#include "privsep/signer/serve.h"
#include "sshd/base/auto.h"
#include "sshd/base/fd.h"
#include "sshd/base/text.h"
#include "sshd/base/title.h"
#include "sshd/crypto/hash.h"
#include "sshd/crypto/key_file.h"

enum { FD_CONTROL = 3, FD_FIRST_SPARE = 4 };

struct options {
	uint64_t uid, gid;
	uint32_t layers;
	bool has_layers;
};

/* One option and its value; host keys are loaded as they are named. */
static enum err take_option(struct options *options, struct signer_keys *keys, const char *name,
    const char *value)
{
	if (strcmp(name, "--uid") == 0)
		return text_parse_u64(slice_text(value), UINT32_MAX - 1, &options->uid);
	if (strcmp(name, "--gid") == 0)
		return text_parse_u64(slice_text(value), UINT32_MAX - 1, &options->gid);
	if (strcmp(name, "--layers") == 0) {
		options->has_layers = true;
		return layers_parse(value, &options->layers);
	}
	if (strcmp(name, "--host-key") == 0)
		return signer_keys_add(keys, value, false);
	if (strcmp(name, "--default-host-key") == 0)
		return signer_keys_add(keys, value, true);
	return ERR_UNSUPPORTED;
}

static enum err take_options(int argc, char **argv, struct options *options, struct signer_keys *keys)
{
	if (argc % 2 == 0)
		return ERR_MALFORMED;
	for (int i = 1; i < argc; i += 2)
		TRY(take_option(options, keys, argv[i], argv[i + 1]));
	return options->has_layers ? ERR_OK : ERR_MALFORMED;
}

static enum err deny_files(void)
{
	enum err err = landlock_deny_all();

	return err == ERR_UNSUPPORTED ? ERR_SANDBOX : err;
}

/* In this order: each step needs what the next one takes away. */
static enum err enter_sandbox(const struct options *options)
{
	AUTO(buf_wipe) struct buf filter = buf_empty(FILTER_LIMIT);

	TRY(filter_compile(&filter_signer, &filter));
	if (options->layers & LAYER_MDWE)
		TRY(process_refuse_writable_code());
	if (options->layers & LAYER_IDENTITY) {
		identity_drop_bounding();
		TRY(identity_become((uid_t)options->uid, (gid_t)options->gid, NULL, 0));
		TRY(identity_drop_capabilities());
	}
	TRY(limits_apply(LIMITS_SIGNER));
	TRY(process_refuse_dumps());
	TRY(process_refuse_new_privileges());
	if (options->layers & LAYER_LANDLOCK)
		TRY(deny_files());
	return filter_load(buf_view(&filter));
}

static enum err run(int argc, char **argv)
{
	AUTO(signer_keys_wipe) struct signer_keys keys = signer_keys_none();
	struct options options = {0};
	struct loop loop;

	TRY(fd_set_cloexec(FD_CONTROL, true));
	TRY(fd_close_from(FD_FIRST_SPARE));
	TRY(process_refuse_dumps());
	TRY(crypto_prepare());
	TRY(private_key_protect());
	TRY(take_options(argc, argv, &options, &keys));
	TRY(loop_init(&loop));
	title_set("[signer]");
	TRY(enter_sandbox(&options));
	return signer_serve(&keys, &loop, FD_CONTROL);
}

int main(int argc, char **argv)
{
	enum err err;

	title_init(argc, argv);
	err = run(argc, argv);
	if (err != ERR_OK) {
		struct ipc_channel control = ipc_channel_over(FD_CONTROL, &listener_messages, UP, false);

		control.uses_write = true;
		failure_tell(&control, "sshd-signer", "start", err);
	}
	return err == ERR_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}

#include <errno.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "privsep/sandbox/empty_root.h"
#include "privsep/sandbox/identity.h"
#include "privsep/sandbox/probe.h"
#include "sshd/base/auto.h"
#include "sshd/base/log.h"
#include "sshd/listener/host.h"

#define RUN_DIR    "/run/sekisho"
#define EMPTY_ROOT RUN_DIR "/empty"

/* The first account of a list that exists; said once when it is not the first. */
static struct host_account account_find(const char *program, const char *wanted)
{
	const char *const names[] = {wanted, "sshd", "nobody"};

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		const struct passwd *entry = getpwnam(names[i]);

		if (entry == NULL || entry->pw_uid == 0)
			continue;
		if (i > 0)
			LOG(ACCOUNT_MISSING, T("WANTED", wanted), T("PROGRAM", program), T("USER", names[i]));
		return (struct host_account){entry->pw_uid, entry->pw_gid};
	}
	/* A root file system without any account: the traditional numbers of nobody. */
	LOG(ACCOUNT_MISSING, T("WANTED", wanted), T("PROGRAM", program), T("USER", "65534"));
	return (struct host_account){65534, 65534};
}

/* Made by tmpfiles.d, and by us where there is none. */
static const char *empty_root_prepare(void)
{
	struct stat status;

	(void)mkdir(RUN_DIR, 0755);
	(void)mkdir(EMPTY_ROOT, 0555);
	return lstat(EMPTY_ROOT, &status) == 0 && S_ISDIR(status.st_mode) ? EMPTY_ROOT : NULL;
}

static void report_missing(uint32_t missing)
{
	AUTO(buf_wipe) struct buf names = buf_empty(512);

	if (missing != 0 && layers_append(&names, missing) == ERR_OK)
		LOG(LAYERS_MISSING, F("LAYERS", buf_view(&names)));
}

static void report_personality(void)
{
	const struct passwd *entry = getpwuid(geteuid());

	LOG(PERSONALITY, T("USER", entry != NULL ? entry->pw_name : "the calling user"));
}

enum err host_test(struct host *host)
{
	struct host found = {.network_fd = -1, .net = {getuid(), getgid()}, .signer = {getuid(), getgid()}};
	uint32_t expected = LAYERS_ALL;
	uint32_t required = LAYERS_REQUIRED;

	if (geteuid() == 0) {
		found.net = account_find("sshd-net", "sekisho-net");
		found.signer = account_find("sshd-signer", "sekisho-sign");
		/* Root of a user namespace that maps nobody else is a user like any other. */
		found.is_root = identity_can_become(found.net.uid) && identity_can_become(found.signer.uid);
	}
	if (found.is_root) {
		required = LAYERS_REQUIRED_AS_ROOT;
		found.empty_root = empty_root_prepare();
	} else {
		found.net = found.signer = (struct host_account){getuid(), getgid()};
		expected &= ~(uint32_t)(LAYER_IDENTITY | LAYER_EMPTY_ROOT | LAYER_EMPTY_NETWORK);
		report_personality();
	}
	found.layers = expected & probe_layers(&(struct probe){.uid = found.net.uid,
	    .gid = found.net.gid, .is_root = found.is_root, .empty_root = found.empty_root});
	report_missing(expected & ~found.layers);
	if ((found.layers & required) != required)
		return ERR_SANDBOX;
	if (found.layers & LAYER_EMPTY_NETWORK)
		TRY(empty_network_open(&found.network_fd));
	*host = found;
	return ERR_OK;
}

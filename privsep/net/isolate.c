/* Sandbox first, socket second: the order is that of the sandbox's README. */
#include "privsep/net/net.h"
#include "privsep/sandbox/empty_root.h"
#include "privsep/sandbox/identity.h"
#include "privsep/sandbox/landlock.h"
#include "privsep/sandbox/limits.h"
#include "privsep/sandbox/process.h"
#include "privsep/sandbox/sandbox.h"
#include "sshd/base/auto.h"

static enum err enter_network(const struct isolation *isolation)
{
	return empty_network_enter(isolation->network);
}

static enum err enter_root(const struct isolation *isolation)
{
	return empty_root_enter(isolation->empty_root);
}

static enum err become(const struct isolation *isolation)
{
	identity_drop_bounding();
	TRY(identity_become(isolation->uid, isolation->gid, NULL, 0));
	return identity_drop_capabilities();
}

static enum err refuse_dumps(const struct isolation *isolation)
{
	(void)isolation;
	return process_refuse_dumps();
}

static enum err refuse_new_privileges(const struct isolation *isolation)
{
	(void)isolation;
	return process_refuse_new_privileges();
}

static enum err refuse_writable_code(const struct isolation *isolation)
{
	(void)isolation;
	return process_refuse_writable_code();
}

static enum err deny_files(const struct isolation *isolation)
{
	(void)isolation;
	return landlock_deny_all();
}

/* In this order: what needs root first, what forbids the rest last. */
static const struct {
	uint32_t layer;
	const char *what;
	enum err (*apply)(const struct isolation *isolation);
} steps[] = {
    {LAYER_EMPTY_NETWORK, "empty network", enter_network},
    {LAYER_EMPTY_ROOT, "empty root", enter_root},
    {LAYER_IDENTITY, "identity", become},
    {LAYER_NON_DUMPABLE, "non-dumpable", refuse_dumps},
    {LAYER_NO_NEW_PRIVS, "no_new_privs", refuse_new_privileges},
    {LAYER_MDWE, "mdwe", refuse_writable_code},
    {LAYER_LANDLOCK, "landlock", deny_files},
};

/* The steps from `first` up to, but not including, `end`. */
static enum err apply_steps(const struct isolation *isolation, size_t first, size_t end, const char **what)
{
	for (size_t i = first; i < end; i++) {
		if (!(isolation->layers & steps[i].layer))
			continue;
		*what = steps[i].what;
		TRY(steps[i].apply(isolation));
	}
	return ERR_OK;
}

/* Where the process of one connection goes on. */
static size_t first_late_step(const struct isolation *isolation)
{
	size_t i = 0;

	if (!isolation->is_late)
		return COUNT_OF(steps);
	while (i < COUNT_OF(steps) && steps[i].layer != LAYER_IDENTITY)
		i++;
	return i;
}

enum err isolate_template(const struct isolation *isolation, const char **what)
{
	return apply_steps(isolation, 0, first_late_step(isolation), what);
}

enum err isolate_connection(const struct isolation *isolation, struct slice filter, const char **what)
{
	TRY(apply_steps(isolation, first_late_step(isolation), COUNT_OF(steps), what));
	*what = "rlimits";
	if (isolation->layers & LAYER_RLIMITS)
		TRY(limits_apply(LIMITS_NET));
	*what = "seccomp";
	return filter_load(filter);
}

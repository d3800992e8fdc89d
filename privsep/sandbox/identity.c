#include "privsep/sandbox/identity.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sshd/base/auto.h"
#include "sshd/base/buf.h"
#include "sshd/base/fd.h"

#define NOBODY_IN_PARTICULAR ((uid_t)-1)

static void gids_release(gid_t **gids)
{
	free(*gids);
	*gids = NULL;
}

static int by_number(const void *a, const void *b)
{
	gid_t left = *(const gid_t *)a;
	gid_t right = *(const gid_t *)b;

	return left < right ? -1 : left > right;
}

/* The kernel sorts what it is given, so both sides are compared sorted. */
static enum err prove_groups(const gid_t *groups, size_t count)
{
	AUTO(gids_release) gid_t *asked = calloc(count + 1, sizeof(gid_t));
	AUTO(gids_release) gid_t *found = calloc(count + 1, sizeof(gid_t));

	if (asked == NULL || found == NULL)
		return ERR_NO_MEMORY;
	if (getgroups((int)count + 1, found) != (int)count)
		return ERR_SANDBOX;
	if (count == 0)
		return ERR_OK;
	memcpy(asked, groups, count * sizeof(gid_t));
	qsort(asked, count, sizeof(gid_t), by_number);
	qsort(found, count, sizeof(gid_t), by_number);
	return memcmp(asked, found, count * sizeof(gid_t)) != 0 ? ERR_SANDBOX : ERR_OK;
}

static bool has_ids(uid_t uid, gid_t gid)
{
	uid_t real_uid, effective_uid, saved_uid;
	gid_t real_gid, effective_gid, saved_gid;

	if (getresuid(&real_uid, &effective_uid, &saved_uid) != 0 ||
	    getresgid(&real_gid, &effective_gid, &saved_gid) != 0)
		return false;
	return real_uid == uid && effective_uid == uid && saved_uid == uid && real_gid == gid &&
	    effective_gid == gid && saved_gid == gid &&
	    (uid_t)setfsuid(NOBODY_IN_PARTICULAR) == uid &&
	    (gid_t)setfsgid(NOBODY_IN_PARTICULAR) == gid;
}

static enum err capabilities_read(struct __user_cap_data_struct data[static 2])
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};

	return syscall(SYS_capget, &header, data) != 0 ? ERR_SYSTEM : ERR_OK;
}

static enum err prove_powerless(void)
{
	struct __user_cap_data_struct data[2];

	TRY(capabilities_read(data));
	for (int i = 0; i < 2; i++)
		if (data[i].effective != 0 || data[i].permitted != 0)
			return ERR_SANDBOX;
	return ERR_OK;
}

/* Trying is the proof: whoever gets an old id back has not given it up. */
static enum err prove_no_return(uid_t uid, gid_t gid, uid_t old_uid, gid_t old_gid)
{
	const uid_t keep_uid = NOBODY_IN_PARTICULAR;
	const gid_t keep_gid = (gid_t)-1;

	if (uid != 0 && (setresuid(keep_uid, 0, keep_uid) == 0 || setresuid(0, keep_uid, keep_uid) == 0))
		return ERR_SANDBOX;
	if (uid != old_uid && setresuid(keep_uid, old_uid, keep_uid) == 0)
		return ERR_SANDBOX;
	if (uid != 0 && gid != old_gid && setresgid(keep_gid, old_gid, keep_gid) == 0)
		return ERR_SANDBOX;
	if (uid != 0 && setgroups(0, NULL) == 0)
		return ERR_SANDBOX;
	return ERR_OK;
}

enum err identity_become(uid_t uid, gid_t gid, const gid_t *groups, size_t count)
{
	uid_t old_uid = geteuid();
	gid_t old_gid = getegid();

	if (old_uid != 0)
		return has_ids(uid, gid) ? ERR_OK : ERR_SANDBOX;
	if (setgroups(count, groups) != 0 || setresgid(gid, gid, gid) != 0 || setresuid(uid, uid, uid) != 0)
		return ERR_SYSTEM;
	if (!has_ids(uid, gid))
		return ERR_SANDBOX;
	TRY(prove_groups(groups, count));
	if (uid != 0)
		TRY(prove_powerless());
	return prove_no_return(uid, gid, old_uid, old_gid);
}

void identity_drop_bounding(void)
{
	for (unsigned long cap = 0; prctl(PR_CAPBSET_READ, cap, 0ul, 0ul, 0ul) >= 0; cap++)
		(void)prctl(PR_CAPBSET_DROP, cap, 0ul, 0ul, 0ul);
}

enum err identity_drop_capabilities(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[2] = {{0}, {0}};
	struct __user_cap_data_struct left[2];

	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0ul, 0ul, 0ul) != 0)
		return ERR_SYSTEM;
	if (syscall(SYS_capset, &header, none) != 0)
		return ERR_SYSTEM;
	TRY(capabilities_read(left));
	return memcmp(left, none, sizeof(none)) != 0 ? ERR_SANDBOX : ERR_OK;
}

/* /proc/self/uid_map: lines of "first inside, first outside, count". */
bool identity_can_become(uid_t uid)
{
	FILE *map = fopen("/proc/self/uid_map", "re");
	unsigned long first, outside, count;
	bool is_mapped = false;

	if (geteuid() != 0)
		return false;
	if (map == NULL)
		return true; /* no /proc: the change itself will tell */
	while (!is_mapped && fscanf(map, "%lu %lu %lu", &first, &outside, &count) == 3)
		is_mapped = uid >= first && uid - first < count;
	fclose(map);
	return is_mapped;
}

#include "privsep/sandbox/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sshd/base/auto.h"
#include "sshd/base/fd.h"

/*
 * The kernel's interface in our own words: system headers of the distributions we support know
 * between one and seven of its versions, and we use what the running kernel has.
 */
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule       445
#define SYS_landlock_restrict_self  446
#endif

#define CREATE_RULESET_VERSION 1u
#define RULE_PATH_BENEATH      1
#define ACCESS_WRITE_FILE      (1ull << 1)
#define ACCESS_READ_FILE       (1ull << 2)
#define ACCESS_READ_DIR        (1ull << 3)
#define ACCESS_REMOVE_DIR      (1ull << 4)
#define ACCESS_REMOVE_FILE     (1ull << 5)
#define ACCESS_MAKE_DIR        (1ull << 7)
#define ACCESS_MAKE_REG        (1ull << 8)
#define ACCESS_MAKE_SYM        (1ull << 12)
#define ACCESS_REFER           (1ull << 13) /* ABI 2 */
#define ACCESS_TRUNCATE        (1ull << 14) /* ABI 3 */

#define READING (ACCESS_READ_FILE | ACCESS_READ_DIR)
#define WRITING                                                                                    \
	(ACCESS_WRITE_FILE | ACCESS_REMOVE_DIR | ACCESS_REMOVE_FILE | ACCESS_MAKE_DIR |            \
	    ACCESS_MAKE_REG | ACCESS_MAKE_SYM | ACCESS_REFER | ACCESS_TRUNCATE)

struct ruleset {
	uint64_t files;
	uint64_t network; /* ABI 4 */
	uint64_t scoped;  /* ABI 6 */
};

struct path_beneath {
	uint64_t allowed;
	int32_t parent_fd;
} __attribute__((packed));

/* What each version of the interface can deny. */
static const struct {
	int abi;
	unsigned file_bits; /* so many access bits, from bit 0 */
	uint64_t network, scoped;
	size_t size;
} versions[] = {
    {6, 16, 3, 3, 24},
    {5, 16, 3, 0, 16},
    {4, 15, 3, 0, 16},
    {3, 15, 0, 0, 8},
    {2, 14, 0, 0, 8},
    {1, 13, 0, 0, 8},
};

int landlock_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, (size_t)0, CREATE_RULESET_VERSION);

	return abi < 0 ? 0 : (int)abi;
}

static enum err ruleset_open(int *fd, uint64_t *known)
{
	int abi = landlock_abi();
	struct ruleset rules = {0};
	size_t i = 0;
	long opened;

	if (abi == 0)
		return ERR_UNSUPPORTED;
	while (versions[i].abi > abi)
		i++;
	rules.files = (1ull << versions[i].file_bits) - 1;
	rules.network = versions[i].network;
	rules.scoped = versions[i].scoped;
	opened = syscall(SYS_landlock_create_ruleset, &rules, versions[i].size, 0u);
	if (opened < 0)
		return ERR_SYSTEM;
	*fd = (int)opened;
	*known = rules.files;
	return ERR_OK;
}

/* Denies everything but `allowed` beneath the directories. */
static enum err restrict_to(const int *dirs, size_t count, uint64_t allowed)
{
	AUTO(fd_release) int ruleset = -1;
	uint64_t known;

	TRY(ruleset_open(&ruleset, &known));
	for (size_t i = 0; i < count; i++) {
		struct path_beneath rule = {allowed & known, dirs[i]};

		if (syscall(SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &rule, 0u) != 0)
			return ERR_SYSTEM;
	}
	if (syscall(SYS_landlock_restrict_self, ruleset, 0u) != 0)
		return ERR_SYSTEM;
	return ERR_OK;
}

enum err landlock_read_only(const int *dirs, size_t count)
{
	return restrict_to(dirs, count, READING);
}

enum err landlock_read_write(const int *dirs, size_t count)
{
	/* The first version denies every move between directories. */
	if (landlock_abi() < 2)
		return ERR_UNSUPPORTED;
	return restrict_to(dirs, count, READING | WRITING);
}

enum err landlock_deny_all(void)
{
	return landlock_read_only(NULL, 0);
}

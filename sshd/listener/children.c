#include "sshd/listener/children.h"

#include <signal.h>
#include <sys/wait.h>

#include "sshd/base/auto.h"

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

static struct child **link_to(struct children *children, pid_t pid)
{
	struct child **link = &children->buckets[(unsigned)pid % CHILD_BUCKETS];

	while (*link != NULL && (*link)->pid != pid)
		link = &(*link)->next;
	return link;
}

static bool is_reaped(int pidfd)
{
	siginfo_t info = {0};

	return pidfd >= 0 && waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED | WNOHANG | WNOWAIT) != 0;
}

static struct child_end end_of_orphan(struct children *children, pid_t pid)
{
	for (unsigned i = 0; i < ORPHAN_LIMIT; i++) {
		struct orphan *orphan = &children->orphans[i];

		if (orphan->pid != pid)
			continue;
		orphan->pid = 0;
		return orphan->end;
	}
	return (struct child_end){.pid = pid};
}

void children_watch(struct children *children, struct child *child, pid_t pid, int pidfd)
{
	struct child **link;

	if (is_reaped(pidfd)) {
		child->ended(child, end_of_orphan(children, pid));
		return;
	}
	link = link_to(children, pid);
	child->pid = pid;
	child->next = *link;
	*link = child;
}

void children_forget(struct children *children, struct child *child)
{
	struct child **link;

	if (child->pid == 0)
		return;
	link = link_to(children, child->pid);
	if (*link == child)
		*link = child->next;
	child->pid = 0;
}

static struct child_end end_of(const siginfo_t *info)
{
	return (struct child_end){.pid = info->si_pid, .is_known = true, .by_signal = info->si_code != CLD_EXITED,
	    .number = info->si_status};
}

void children_reap(struct children *children)
{
	for (;;) {
		siginfo_t info = {0};
		struct child **link;
		struct child *child;

		if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG) != 0 || info.si_pid == 0)
			return;
		link = link_to(children, info.si_pid);
		child = *link;
		if (child == NULL) {
			children->orphans[children->next_orphan++ % ORPHAN_LIMIT] =
			    (struct orphan){info.si_pid, end_of(&info)};
			continue;
		}
		*link = child->next;
		child->pid = 0;
		child->ended(child, end_of(&info));
	}
}

void child_kill(const struct child *child, int signal_number)
{
	if (child->pid > 0)
		kill(child->pid, signal_number);
}

bool child_end_is_crash(struct child_end end)
{
	if (!end.is_known)
		return false;
	return end.by_signal ? end.number != SIGKILL && end.number != SIGTERM : end.number != 0;
}

#include "privsep/monitor/user_process.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "privsep/monitor/monitor.h"
#include "sshd/base/auto.h"
#include "sshd/base/fd.h"
#include "sshd/base/log.h"
#include "sshd/base/title.h"
#include "sshd/wire/writer.h"

enum { USER_FD_CHANNEL = 3 };

/*
 * In the child of vfork: nothing but system calls, and no memory of the parent's is changed.
 * The program is executed by its descriptor, which is not at USER_FD_CHANNEL (template.h) and
 * closes by itself, as everything else does.
 */
static void exec_program(int program, int channel, const struct inheritance *inheritance,
    bool restores_all)
{
	static const char *const argv[] = {"sshd-user", NULL};
	static const char *const environment[] = {title_room, NULL};

	if (channel != USER_FD_CHANNEL) {
		if (dup2(channel, USER_FD_CHANNEL) < 0)
			return;
	} else if (fcntl(channel, F_SETFD, 0) != 0) {
		return;
	}
	/*
	 * The user gets what this daemon was given. For a login that was done before PAM opened the
	 * session, whose modules may have changed it since.
	 */
	if (restores_all)
		IGNORE(inheritance_restore(inheritance));
	inheritance_restore_mask(inheritance);
	syscall(SYS_execveat, program, "", argv, environment, AT_EMPTY_PATH);
}

static enum err spawn(const struct prepared *prepared, int channel, bool restores_all, int *process)
{
	pid_t pid = vfork();

	if (pid == 0) {
		exec_program(prepared->user_program, channel, &prepared->handover.inheritance, restores_all);
		_exit(127);
	}
	if (pid < 0)
		return ERR_SYSTEM;
	/* Nobody else waits for it, so the number cannot be another's by now. */
	*process = (int)syscall(SYS_pidfd_open, pid, 0u);
	return *process < 0 ? ERR_SYSTEM : ERR_OK;
}

static enum err encode_groups(const struct account *account, struct buf *out)
{
	struct span room;
	struct writer w;

	TRY(buf_reserve(out, account->group_count * 4 + 1, &room));
	w = writer_into(room);
	for (size_t i = 0; i < account->group_count; i++)
		write_u32(&w, account->groups[i]);
	TRY(writer_finish(&w, NULL));
	buf_commit(out, w.len);
	return ERR_OK;
}

static enum err send_setup(struct monitor *m, const struct user_start *start,
    struct user_process *process)
{
	AUTO(buf_wipe) struct buf groups = buf_empty(GROUPS_LIMIT * 4 + 1);
	const struct account *account = start->account;
	const struct peer *peer = &m->peer;
	char client[2 * ADDRESS_TEXT_SIZE], connection[3 * ADDRESS_TEXT_SIZE];
	struct msg_user_setup setup = {
	    .role = (uint8_t)start->role,
	    .switches_identity = m->prepared->handover.is_root,
	    .uid = account->uid,
	    .gid = account->gid,
	    .name = slice_text(account->name),
	    .home = slice_text(account->home),
	    .shell = slice_text(account->shell),
	    .chroot = slice_text(start->chroot),
	    .environment = start->environment,
	    .auth_info = start->auth_info,
	    .log_level = (uint8_t)log_in_use()->level,
	    .reads_environment = start->reads_environment,
	    .minds_nologin = start->minds_nologin,
	};

	snprintf(client, sizeof(client), "%s %s %s", peer->address, peer->port, peer->local_port);
	snprintf(connection, sizeof(connection), "%s %s %s %s", peer->address, peer->port,
	    peer->local_address, peer->local_port);
	setup.ssh_client = slice_text(client);
	setup.ssh_connection = slice_text(connection);
	TRY(encode_groups(account, &groups));
	setup.groups = buf_view(&groups);
	return IPC_SEND(&process->channel, STATE_BORN, MSG_USER_SETUP, user_setup, &setup,
	    monitor_scratch());
}

enum err user_process_start(struct monitor *m, const struct user_start *start,
    struct user_process *process)
{
	int ends[2] = {-1, -1};
	enum err err;

	TRY(ipc_pair(ends));
	*process = USER_PROCESS_NONE;
	err = spawn(m->prepared, ends[1], !m->is_inheritance_restored, &process->process);
	fd_close(ends[1]);
	process->channel = ipc_channel_over(ends[0], &user_messages, DOWN, start->role == ROLE_SESSIONS);
	process->source = (struct loop_source){.fd = ends[0], .ready = start->ready};
	if (err == ERR_OK)
		err = loop_add(&m->loop, &process->source, EPOLLIN);
	if (err == ERR_OK)
		err = send_setup(m, start, process);
	if (err != ERR_OK)
		user_process_end(m, process, true);
	return err;
}

static bool process_ends(int process, int wait_ms)
{
	struct pollfd poll_for = {.fd = process, .events = POLLIN};

	return poll(&poll_for, 1, wait_ms) > 0;
}

/* How long a process that was asked to end is waited for before it is killed. */
#define END_WAIT_MS 500

void user_process_end(struct monitor *m, struct user_process *process, bool kills)
{
	siginfo_t info;

	loop_remove(&m->loop, &process->source);
	fd_release(&process->channel.fd);
	if (process->process < 0)
		return;
	if (kills || !process_ends(process->process, END_WAIT_MS))
		(void)syscall(SYS_pidfd_send_signal, process->process, SIGKILL, NULL, 0u);
	while (waitid(P_PIDFD, (id_t)process->process, &info, WEXITED) != 0 && errno == EINTR)
		continue;
	fd_release(&process->process);
}

/*
 * An sshd-user whose user has taken it over: behaves as the file `behaviour` beside the program
 * says, and otherwise does nothing.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "privsep/ipc/channel.h"
#include "sshd/base/auto.h"

static uint8_t room[IPC_DATAGRAM_LIMIT], scratch[IPC_DATAGRAM_LIMIT];
static struct ipc_channel channel;

#define SAY(TYPE, name, ...)                                                                       \
	IGNORE(IPC_SEND_FDS(&channel, STATE_UNKNOWN, MSG_##TYPE, name, &((struct msg_##name){__VA_ARGS__}),        \
	    ((struct span){scratch, sizeof(scratch)}), NULL, 0, true))
#define SAY_FDS(TYPE, name, fds, count, ...)                                                       \
	IGNORE(IPC_SEND_FDS(&channel, STATE_UNKNOWN, MSG_##TYPE, name, &((struct msg_##name){__VA_ARGS__}),        \
	    ((struct span){scratch, sizeof(scratch)}), fds, count, true))

/* Receives until a message of this type comes; its session, if it has one. */
static uint32_t hear(unsigned type)
{
	for (;;) {
		AUTO(ipc_message_wipe) struct ipc_message message = {0};

		if (ipc_receive(&channel, STATE_UNKNOWN, (struct span){room, sizeof(room)}, true, &message) != ERR_OK)
			exit(0);
		if (message.type == type)
			return message.body.len >= 4 ? (uint32_t)message.body.ptr[0] << 24 |
				(uint32_t)message.body.ptr[1] << 16 | (uint32_t)message.body.ptr[2] << 8 |
				message.body.ptr[3]
						     : 0;
	}
}

static void wait_for_end(void)
{
	(void)hear(0);
}

static void exits_at_once(void)
{
}

static void stays_silent(void)
{
	wait_for_end();
}

static void fails(void)
{
	SAY(USER_FAILED, user_failed, .text = LITERAL("cannot become \n the user"));
}

static void readies_twice(void)
{
	SAY(USER_READY, user_ready, 0);
	SAY(USER_READY, user_ready, 0);
	wait_for_end();
}

static void finds_unasked(void)
{
	SAY(USER_FOUND, user_found, 0);
	SAY(USER_READY, user_ready, 0);
	wait_for_end();
}

static void parts_without_found(void)
{
	SAY(USER_READY, user_ready, 0);
	(void)hear(MSG_USER_LOOKUP);
	SAY(USER_PART, user_part, .bytes = LITERAL("x"));
	wait_for_end();
}

static void sends_parts_without_end(void)
{
	static uint8_t zeros[65536];

	SAY(USER_READY, user_ready, 0);
	(void)hear(MSG_USER_LOOKUP);
	SAY(USER_FOUND, user_found, .size = 1);
	for (;;) {
		if (IPC_SEND_FDS(&channel, STATE_UNKNOWN, MSG_USER_PART, user_part,
			&((struct msg_user_part){.bytes = SLICE_OF(zeros)}), ((struct span){scratch, sizeof(scratch)}),
			NULL, 0, true) != ERR_OK)
			exit(0);
	}
}

static void serves_nothing(void)
{
	SAY(USER_READY, user_ready, 0);
	wait_for_end();
}

static void starts_unasked(void)
{
	SAY(USER_READY, user_ready, 0);
	SAY(USER_STARTED, user_started, .session = 0, .pid = 1);
	wait_for_end();
}

static void gives_a_file_as_terminal(void)
{
	int fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC);

	SAY(USER_READY, user_ready, 0);
	SAY_FDS(USER_PTY_READY, user_pty_ready, &fd, 1, .session = hear(MSG_USER_PTY));
	wait_for_end();
}

static void gives_null_as_terminal(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	SAY(USER_READY, user_ready, 0);
	SAY_FDS(USER_PTY_READY, user_pty_ready, &fd, 1, .session = hear(MSG_USER_PTY));
	wait_for_end();
}

static void gives_files_as_pipes(void)
{
	int fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC), fds[] = {fd, fd, fd};

	SAY(USER_READY, user_ready, 0);
	SAY_FDS(USER_STARTED_PIPES, user_started_pipes, fds, 3, .session = hear(MSG_USER_START), .pid = 1);
	wait_for_end();
}

static void exits_unstarted(void)
{
	SAY(USER_READY, user_ready, 0);
	SAY(USER_EXITED, user_exited, .session = hear(MSG_USER_START));
	wait_for_end();
}

static void refuses_all(void)
{
	SAY(USER_READY, user_ready, 0);
	for (;;)
		SAY(USER_REFUSED, user_refused, .session = hear(MSG_USER_START), .text = LITERAL("no\nway"));
}

static const struct {
	const char *name;
	void (*behave)(void);
} behaviours[] = {
    {"exits_at_once", exits_at_once},
    {"stays_silent", stays_silent},
    {"fails", fails},
    {"readies_twice", readies_twice},
    {"finds_unasked", finds_unasked},
    {"parts_without_found", parts_without_found},
    {"sends_parts_without_end", sends_parts_without_end},
    {"serves_nothing", serves_nothing},
    {"starts_unasked", starts_unasked},
    {"gives_a_file_as_terminal", gives_a_file_as_terminal},
    {"gives_null_as_terminal", gives_null_as_terminal},
    {"gives_files_as_pipes", gives_files_as_pipes},
    {"exits_unstarted", exits_unstarted},
    {"refuses_all", refuses_all},
};

/* The program's own place, with another last component. */
static void place_of(const char *name, char *path, size_t size)
{
	ssize_t len = readlink("/proc/self/exe", path, size - 1);

	path[len > 0 ? len : 0] = 0;
	snprintf(strrchr(path, '/') + 1, 64, "%s", name);
}

int main(void)
{
	char path[512], behaviour[64] = "", real[512];
	AUTO(ipc_message_wipe) struct ipc_message message = {0};
	struct msg_user_setup setup;
	FILE *file;

	place_of("behaviour", path, sizeof(path));
	file = fopen(path, "r");
	if (file == NULL || fgets(behaviour, sizeof(behaviour), file) == NULL)
		return 1;
	channel = ipc_channel_over(3, &user_messages, UP, false);
	if (recv(3, room, sizeof(room), MSG_PEEK) < 9)
		return 1;
	/* The role that is not under test is the real program's. */
	place_of("role", path, sizeof(path));
	if (room[8] != (access(path, F_OK) == 0 ? ROLE_LOOKUP : ROLE_SESSIONS)) {
		place_of("sshd-user", real, sizeof(real));
		execl(real, "sshd-user", NULL);
		return 1;
	}
	if (ipc_receive(&channel, STATE_UNKNOWN, (struct span){room, sizeof(room)}, true, &message) != ERR_OK ||
	    msg_user_setup_parse(message.body, &setup) != ERR_OK)
		return 1;
	for (size_t i = 0; i < COUNT_OF(behaviours); i++)
		if (strcmp(behaviours[i].name, behaviour) == 0)
			behaviours[i].behave();
	return 0;
}

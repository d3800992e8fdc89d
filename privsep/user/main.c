/*
 * sshd-user: takes its one message from the monitor, becomes the user, proves it, and serves.
 * Nothing here outlives the connection but the user's own programs.
 */
#include <stdlib.h>
#include <unistd.h>

#include "privsep/sandbox/landlock.h"
#include "privsep/user/user_files.h"
#include "privsep/user/user.h"
#include "sshd/base/auto.h"
#include "sshd/base/fd.h"
#include "sshd/base/title.h"

enum { FD_CHANNEL = 3, FD_FIRST_SPARE = 4 };

static uint8_t datagram[IPC_DATAGRAM_LIMIT];

static enum err receive_setup(struct user *user)
{
	AUTO(ipc_message_wipe) struct ipc_message message = {0};
	struct msg_user_setup msg;

	TRY(ipc_receive(&user->channel, STATE_BORN, user->datagram, true, &message));
	if (message.type != MSG_USER_SETUP)
		return ERR_BREACH;
	TRY(msg_user_setup_parse(message.body, &msg));
	return user_setup_take(&msg, &user->setup);
}

static enum err tell_failed(struct user *user, struct slice what)
{
	return IPC_SEND_FDS(&user->channel, STATE_BORN, MSG_USER_FAILED, user_failed,
	    &((struct msg_user_failed){.text = slice_first(what, 512)}), user->datagram, NULL, 0, true);
}

static enum err tell_ready(struct user *user)
{
	AUTO(buf_wipe) struct buf file = buf_empty(ENVIRONMENT_FILE_LIMIT);
	struct msg_user_ready ready = {.layers = 0};

	if (user->setup.reads_environment)
		TRY(environment_file_read(user->setup.home, &file));
	ready.environment_file = buf_view(&file);
	return IPC_SEND_FDS(&user->channel, STATE_BORN, MSG_USER_READY, user_ready, &ready, user->datagram,
	    NULL, 0, true);
}

static enum err run(struct user *user)
{
	AUTO(buf_wipe) struct buf what = buf_empty(2048);
	enum err err;

	TRY(receive_setup(user));
	title_set("%s", user->setup.name);
	err = user_become(user, &what);
	if (err != ERR_OK) {
		IGNORE(tell_failed(user, buf_view(&what))); /* the process ends with the first error */
		return err;
	}
	TRY(tell_ready(user));
	return user->setup.role == ROLE_LOOKUP ? lookup_serve(user) : programs_serve(user);
}

int main(int argc, char **argv)
{
	struct user user = {
	    .channel = ipc_channel_over(FD_CHANNEL, &user_messages, UP, false),
	    .dev = -1,
	    .datagram = {datagram, sizeof(datagram)},
	};

	title_init(argc, argv);
	if (fd_set_cloexec(FD_CHANNEL, true) != ERR_OK || fd_close_from(FD_FIRST_SPARE) != ERR_OK)
		return EXIT_FAILURE;
	return run(&user) == ERR_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}

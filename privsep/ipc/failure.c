#include "privsep/ipc/failure.h"

#include <errno.h>
#include <stdio.h>

#include "sshd/base/auto.h"

void failure_tell(struct ipc_channel *control, const char *program, const char *what, enum err err)
{
	uint8_t datagram[1024];
	char text[512];

	snprintf(text, sizeof(text), "%s: %s: %s%s%s", program, what, err_text(err),
	    err == ERR_SYSTEM ? ": " : "", err == ERR_SYSTEM ? strerror(errno) : "");
	IGNORE(IPC_SEND_FDS(control, STATE_READY, MSG_TEMPLATE_FAILED, template_failed,
	    &((struct msg_template_failed){.text = slice_text(text)}),
	    ((struct span){datagram, sizeof(datagram)}), NULL, 0, true)); /* the exit status says the rest */
}

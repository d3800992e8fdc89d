#include "sshd/base/auto.h"
#include "sshd/connection/channel.h"

/* RFC 4254, section 6.1. A client that said "no more sessions" and asks for one is being used by
 * somebody else: the connection ends, as the extension has it. */
enum err open_session(struct connection *connection, const struct channel_open *open)
{
	struct connection_question question = {.kind = CONNECTION_SESSION_OPEN};
	struct channel *channel;

	if (connection->refuses_sessions)
		return ERR_UNEXPECTED;
	TRY(open_accept(connection, open, CHANNEL_SESSION, &channel));
	if (channel == NULL)
		return ERR_OK;
	return pending_ask(connection, channel, true, &question);
}

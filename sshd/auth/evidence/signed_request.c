#include "sshd/auth/evidence/signed_request.h"

#include "sshd/base/auto.h"
#include "sshd/wire/numbers.h"
#include "sshd/wire/writer.h"

enum err signed_request_build(const struct signed_request *request, struct span room,
    struct slice *data)
{
	struct writer w = writer_into(room);

	if (request->session_id.len == 0 || request->user.len == 0 || request->key_blob.len == 0)
		return ERR_RANGE;
	if (request->is_hostbound && request->host_key.len == 0)
		return ERR_RANGE;
	write_string(&w, request->session_id);
	write_byte(&w, SSH_MSG_USERAUTH_REQUEST);
	write_string(&w, request->user);
	write_text(&w, "ssh-connection");
	write_text(&w, request->is_hostbound ? "publickey-hostbound-v00@openssh.com" : "publickey");
	write_boolean(&w, true);
	write_string(&w, request->algorithm);
	write_string(&w, request->key_blob);
	if (request->is_hostbound)
		write_string(&w, request->host_key);
	return writer_finish(&w, data);
}

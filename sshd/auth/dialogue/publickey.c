#include "sshd/auth/dialogue/method.h"
#include "sshd/base/auto.h"
#include "sshd/wire/messages_userauth.h"

static enum err key_question(
    const struct method_request *request, bool is_hostbound, struct dialogue_question *question)
{
	struct userauth_publickey publickey;

	TRY(userauth_publickey_parse(request->fields, is_hostbound, &publickey));
	*question = (struct dialogue_question){
	    .kind = publickey.has_signature ? DIALOGUE_KEYSIG : DIALOGUE_PROBE,
	    .key.algorithm = publickey.algorithm,
	    .key.blob = publickey.blob,
	    .key.signature = publickey.signature,
	    .key.host_key = publickey.host_key,
	    .key.is_hostbound = is_hostbound,
	};
	return ERR_OK;
}

/* RFC 4252, section 7. */
enum err publickey_question(
    const struct method_request *request, struct dialogue_question *question)
{
	return key_question(request, false, question);
}

/* The same with the server's host key, so that a signature is bound to one server. */
enum err publickey_hostbound_question(
    const struct method_request *request, struct dialogue_question *question)
{
	return key_question(request, true, question);
}

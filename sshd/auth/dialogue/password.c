#include "sshd/auth/dialogue/method.h"
#include "sshd/base/auto.h"
#include "sshd/wire/messages_userauth.h"

/*
 * RFC 4252, section 8. A change that nobody asked for is refused without a look at its passwords:
 * servers have let people in who sent one first thing (CVE-2012-5975).
 */
enum err password_question(const struct method_request *request, struct dialogue_question *question)
{
	struct userauth_password password;

	TRY(userauth_password_parse(request->fields, &password));
	if (password.is_change && !request->may_change) {
		*question =
		    (struct dialogue_question){.kind = DIALOGUE_UNKNOWN, .method = request->method};
		return ERR_OK;
	}
	*question = (struct dialogue_question){
	    .kind = password.is_change ? DIALOGUE_PASSWORD_CHANGE : DIALOGUE_PASSWORD,
	    .password = {.current = password.current, .replacement = password.replacement},
	};
	return ERR_OK;
}

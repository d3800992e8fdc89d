#include "sshd/auth/dialogue/method.h"
#include "sshd/base/auto.h"
#include "sshd/wire/messages_userauth.h"

/* RFC 4256, section 3.1. The language tag is deprecated there and not passed on. */
enum err keyboard_interactive_question(
    const struct method_request *request, struct dialogue_question *question)
{
	struct userauth_keyboard keyboard;

	TRY(userauth_keyboard_parse(request->fields, &keyboard));
	*question = (struct dialogue_question){
	    .kind = DIALOGUE_KBD_START, .submethods = keyboard.submethods};
	return ERR_OK;
}

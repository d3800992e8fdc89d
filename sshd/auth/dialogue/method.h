/* What the method files give to the dialogue: fields of a request in, one question out. */
#pragma once

#include "sshd/auth/dialogue/dialogue.h"

struct method_request {
	struct slice method; /* its name, as the client sent it */
	struct slice fields; /* what follows the name in USERAUTH_REQUEST */
	bool may_change;     /* the answer before was CHANGEREQ */
};

/*
 * Parses all of `request->fields` and fills `question`, whose slices point into them.
 *
 * The errors of the parsers of sshd/wire/messages_userauth.h. A form that is well formed but not
 * served is not an error: it becomes the question DIALOGUE_UNKNOWN.
 */
typedef enum err method_question(
    const struct method_request *request, struct dialogue_question *question);

#define METHOD(name, question) method_question question;
#include "sshd/auth/dialogue/methods.def"
#undef METHOD

#include "sshd/auth/dialogue/method.h"

/* RFC 4252, section 5.2: no fields. */
enum err none_question(const struct method_request *request, struct dialogue_question *question)
{
	if (request->fields.len > 0)
		return ERR_TRAILING;
	*question = (struct dialogue_question){.kind = DIALOGUE_NONE};
	return ERR_OK;
}

#include "config/ctl/guard.h"

#include <stdio.h>
#include <unistd.h>

#include "config/ctl/caller.h"
#include "config/ctl/why.h"
#include "sshd/base/auto.h"
#include "sshd/base/fd.h"

#define TOLD_LIMIT (1u << 20)

/* `told` gets the whole of it when the answer is no; it may be NULL. */
static enum err ask(struct config *config, const struct arguments *login, struct buf *told, bool *can_log_in)
{
	AUTO(why_wipe) struct why why = {.is_wary = true};
	bool answer = false;

	TRY(why_evaluate(config, login, &why, &answer));
	if (!answer && told != NULL)
		TRY(why_text(&why, answer, told));
	*can_log_in = answer;
	return ERR_OK;
}

static enum err judge_one(const struct arguments *login, struct config *before, struct config *after,
    bool is_remote, bool *can_return)
{
	AUTO(buf_wipe) struct buf told = buf_empty(TOLD_LIMIT);
	bool could = true, can = false;

	TRY(ask(after, login, &told, &can));
	/* Who cannot come in today loses nothing; the caller who came by SSH did come in. */
	if (!can && !is_remote && before != NULL)
		TRY(ask(before, login, NULL, &could));
	if (!can && could) {
		fprintf(stderr, "sshdctl apply: %s%s%s could not log in%s:\n", login->user,
		    login->from != NULL ? " from " : "", login->from != NULL ? login->from : "",
		    is_remote ? " again" : " any more");
		TRY(fd_write_all(STDERR_FILENO, buf_view(&told)));
		*can_return = false;
	}
	return ERR_OK;
}

enum err guard_decide(const struct arguments *arguments, struct config *before, struct config *after,
    bool *can_return)
{
	AUTO(caller_wipe) struct caller caller = {0};
	struct arguments login = *arguments;
	bool answer = true;

	TRY(caller_find(&caller));
	if (caller.count == 0) {
		fputs(caller.is_remote
		        ? "sshdctl apply: warning: your account is not known: nobody's login is checked\n"
		        : "sshdctl apply: warning: no account of the groups sudo and wheel: nobody's login "
		          "is checked\n",
		    stderr);
	} else if (!caller.is_remote) {
		fprintf(stderr, "sshdctl apply: warning: no SSH connection: %zu accounts of the groups sudo "
		                "and wheel are checked, from no address\n", caller.count);
	} else if (arguments->key == NULL) {
		fprintf(stderr, "sshdctl apply: warning: which key you use is not known (--key): any of %s's "
		                "is taken for it\n", caller.accounts[0]);
	}
	login.from = caller.address;
	login.local_address = caller.local_address;
	login.local_port = caller.local_port;
	login.key = caller.is_remote ? arguments->key : NULL;
	for (size_t i = 0; i < caller.count; i++) {
		login.user = caller.accounts[i];
		TRY(judge_one(&login, before, after, caller.is_remote, &answer));
	}
	*can_return = answer;
	return ERR_OK;
}

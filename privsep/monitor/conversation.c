#include "privsep/monitor/conversation.h"

#include "privsep/monitor/decision_log.h"
#include "privsep/monitor/monitor.h"
#include "sshd/base/auto.h"
#include "sshd/base/text.h"

void conversation_init(struct conversation *conversation)
{
	*conversation = (struct conversation){
	    .texts = buf_empty(CONVERSATION_TEXTS_LIMIT),
	    .answer = buf_empty_secret(PAM_ANSWER_LIMIT + 1),
	};
}

void conversation_wipe(struct conversation *conversation)
{
	buf_wipe(&conversation->texts);
	buf_wipe(&conversation->answer);
}

void conversation_begin(struct conversation *conversation, enum conversation_mode mode, bool is_fake)
{
	conversation_wipe(conversation);
	conversation->mode = mode;
	conversation->is_fake = is_fake;
	conversation->device = DEVICE_PAM;
	conversation->is_answered = conversation->is_aborted = conversation->is_waiting = false;
	conversation->has_answer = false;
	conversation->prompt_count = 0;
	conversation->password = conversation->replacement = (struct slice){0};
}

enum err conversation_clean(const char *text, size_t limit, struct buf *out)
{
	size_t len = strnlen(text, limit);

	for (size_t i = 0; i < len; i++) {
		uint8_t c = (uint8_t)text[i];

		if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f)
			continue;
		TRY(buf_append(out, slice_over(&c, 1)));
	}
	return ERR_OK;
}

/* -------------------------------------------------------------------- texts */

/* What does not fit any more is dropped: a module that talks that much says nothing. */
static void keep_text(struct conversation *conversation, const char *text)
{
	size_t before = buf_len(&conversation->texts);

	if (conversation_clean(text, PAM_TEXT_LIMIT, &conversation->texts) != ERR_OK ||
	    buf_append_text(&conversation->texts, "\n") != ERR_OK)
		buf_truncate(&conversation->texts, before);
}

static void show(void *owner, const char *text)
{
	struct monitor *m = owner;

	keep_text(&m->auth.conversation, text);
}

/* ------------------------------------------------------------------ answers */

/* Of the same length, and never anybody's password: it holds what no keyboard types. */
static enum err append_fake(size_t len, struct buf *answer)
{
	static const char fake[] = "\b\n\r\177INCORRECT";

	for (size_t i = 0; i < len; i++)
		TRY(buf_append(answer, slice_over(&fake[i % (sizeof(fake) - 1)], 1)));
	return ERR_OK;
}

static enum err give(struct conversation *conversation, struct slice secret, struct buf *answer)
{
	return conversation->is_fake ? append_fake(secret.len, answer) : buf_append(answer, secret);
}

/* Anything behind the password would be a second factor's, which it is not (security rule of PAM). */
static enum err answer_password(struct conversation *conversation, bool echo, struct buf *answer)
{
	if (echo || conversation->is_answered)
		return ERR_UNEXPECTED;
	conversation->is_answered = true;
	return give(conversation, conversation->password, answer);
}

static bool mentions(const char *text, const char *word)
{
	struct slice at = slice_text(text);
	size_t len = strlen(word);

	for (; at.len >= len; at = slice_after(at, 1))
		if (text_equal_ignoring_case(slice_first(at, len), slice_text(word)))
			return true;
	return false;
}

/* Modules ask for the old password first, unless they know it, and then for the new one twice. */
static enum err answer_change(struct conversation *conversation, const char *prompt, bool echo,
    struct buf *answer)
{
	bool wants_new = mentions(prompt, "new") || mentions(prompt, "again") || mentions(prompt, "retype");

	if (echo || conversation->prompt_count >= CONVERSATION_ROUNDS_LIMIT)
		return ERR_UNEXPECTED;
	conversation->prompt_count++;
	if (!wants_new && !conversation->is_answered) {
		conversation->is_answered = true;
		return buf_append(answer, conversation->password);
	}
	return buf_append(answer, conversation->replacement);
}

/* ------------------------------------------------------------------- client */

static bool is_answered(const struct monitor *m)
{
	return !m->auth.conversation.is_waiting;
}

static enum err send_prompt(struct monitor *m, struct slice prompt, bool has_prompt, bool echo)
{
	struct conversation *conversation = &m->auth.conversation;
	struct msg_net_prompt message = {
	    .instruction = buf_view(&conversation->texts),
	    .has_prompt = has_prompt,
	    .prompt = prompt,
	    .echo = echo,
	};

	TRY(monitor_move(m, PROMPT_IS_SENT));
	TRY(NET_ANSWER(m, NET_PROMPT, net_prompt, &message));
	buf_wipe(&conversation->texts);
	conversation->is_waiting = true;
	conversation->wants_answer = has_prompt;
	conversation->has_answer = false;
	return ERR_OK;
}

/* The client takes its time; only the time to log in limits it. */
static enum err wait_for_client(struct monitor *m)
{
	struct conversation *conversation = &m->auth.conversation;

	TRY(monitor_wait(m, is_answered, UINT64_MAX));
	return conversation->is_aborted ? ERR_CLOSED : ERR_OK;
}

static enum err request(struct monitor *m, const char *text, bool has_prompt, bool echo)
{
	AUTO(buf_wipe) struct buf prompt = buf_empty(PAM_PROMPT_LIMIT);
	struct conversation *conversation = &m->auth.conversation;

	if (conversation->is_aborted)
		return ERR_CLOSED;
	if (conversation->prompt_count >= CONVERSATION_ROUNDS_LIMIT)
		return ERR_LIMIT;
	if (conversation->prompt_count++ == 0)
		log_postponed(m, conversation->device);
	TRY(conversation_clean(text, PAM_PROMPT_LIMIT, &prompt));
	TRY(send_prompt(m, buf_view(&prompt), has_prompt, echo));
	return wait_for_client(m);
}

enum err conversation_ask(struct monitor *m, const char *prompt, bool echo, struct buf *answer)
{
	struct conversation *conversation = &m->auth.conversation;
	enum err err;

	TRY(request(m, prompt, true, echo));
	err = give(conversation, buf_view(&conversation->answer), answer);
	buf_wipe(&conversation->answer);
	return err;
}

static enum err ask(void *owner, const char *prompt, bool echo, struct buf *answer)
{
	struct monitor *m = owner;
	struct conversation *conversation = &m->auth.conversation;

	switch (conversation->mode) {
	case CONVERSATION_PASSWORD:
		return answer_password(conversation, echo, answer);
	case CONVERSATION_CHANGE:
		return answer_change(conversation, prompt, echo, answer);
	case CONVERSATION_CLIENT:
		return conversation_ask(m, prompt, echo, answer);
	case CONVERSATION_SILENT:
		break;
	}
	return ERR_UNEXPECTED;
}

const struct pam_client conversation_client = {.ask = ask, .show = show};

enum err conversation_say_rest(struct monitor *m)
{
	struct conversation *conversation = &m->auth.conversation;
	struct slice texts = buf_view(&conversation->texts);

	if (texts.len == 0 || conversation->is_aborted)
		return ERR_OK;
	if (conversation->mode == CONVERSATION_CLIENT && conversation->prompt_count < CONVERSATION_ROUNDS_LIMIT)
		return request(m, "", false, false);
	TRY(NET_SEND(m, NET_BANNER, net_banner, &((struct msg_net_banner){.text = texts})));
	buf_wipe(&conversation->texts);
	return ERR_OK;
}

/* ------------------------------------------------------------------ from net */

enum err on_net_kbd_response(struct monitor *m, const struct msg_net_kbd_response *msg)
{
	struct conversation *conversation = &m->auth.conversation;

	if (!conversation->is_waiting || msg->count != (conversation->wants_answer ? 1 : 0))
		return ERR_BREACH;
	buf_wipe(&conversation->answer);
	TRY(buf_append(&conversation->answer, msg->response));
	conversation->is_waiting = false;
	conversation->has_answer = true;
	return ERR_OK;
}

enum err on_net_kbd_abort(struct monitor *m, const struct msg_net_kbd_abort *msg)
{
	struct conversation *conversation = &m->auth.conversation;

	(void)msg;
	if (!conversation->is_waiting)
		return ERR_BREACH;
	conversation->is_waiting = false;
	conversation->is_aborted = true;
	return ERR_OK;
}

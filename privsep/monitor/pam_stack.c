#include "privsep/monitor/pam_stack.h"

#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "sshd/base/auto.h"

void pam_stack_release(struct pam_stack **stack)
{
	pam_stack_free(*stack);
	*stack = NULL;
}

#ifdef HAVE_PAM

#include <security/pam_appl.h>

struct pam_stack {
	pam_handle_t *handle;
	struct pam_client client;
	char *user;
	int last; /* what the last function returned, for pam_end */
	bool has_credentials, has_session;
	uint32_t delay_us;
};

/* ------------------------------------------------------------ conversation */

static void wipe_responses(struct pam_response *responses, int count)
{
	for (int i = 0; i < count; i++) {
		if (responses[i].resp != NULL)
			explicit_bzero(responses[i].resp, strlen(responses[i].resp));
		free(responses[i].resp);
	}
	free(responses);
}

/* The module frees and wipes its copy. */
static char *copy_answer(struct buf *answer)
{
	const char *text = NULL;

	return buf_c_string(answer, &text) == ERR_OK ? strdup(text) : NULL;
}

static int answer_one(const struct pam_client *client, const struct pam_message *message,
    struct pam_response *response)
{
	AUTO(buf_wipe) struct buf answer = buf_empty_secret(PAM_ANSWER_LIMIT + 1);
	const char *text = message->msg ? message->msg : "";

	switch (message->msg_style) {
	case PAM_PROMPT_ECHO_OFF:
	case PAM_PROMPT_ECHO_ON:
		if (client->ask(client->owner, text, message->msg_style == PAM_PROMPT_ECHO_ON, &answer) != ERR_OK)
			return PAM_CONV_ERR;
		response->resp = copy_answer(&answer);
		return response->resp ? PAM_SUCCESS : PAM_BUF_ERR;
	case PAM_ERROR_MSG:
	case PAM_TEXT_INFO:
		client->show(client->owner, text);
		return PAM_SUCCESS;
	default: /* binary prompts and the like are for programs */
		return PAM_CONV_ERR;
	}
}

static int converse(int count, const struct pam_message **messages, struct pam_response **out, void *data)
{
	struct pam_stack *stack = data;
	struct pam_response *responses;

	*out = NULL;
	if (count <= 0 || count > (int)PAM_MESSAGES_LIMIT || count > PAM_MAX_NUM_MSG)
		return PAM_CONV_ERR;
	responses = calloc((size_t)count, sizeof(*responses));
	if (responses == NULL)
		return PAM_BUF_ERR;
	for (int i = 0; i < count; i++) {
		int result = answer_one(&stack->client, messages[i], &responses[i]);

		if (result != PAM_SUCCESS) {
			wipe_responses(responses, count);
			return result;
		}
	}
	*out = responses;
	return PAM_SUCCESS;
}

/* Remembered, not slept: the answer leaves on the grid of times. */
static void remember_delay(int result, unsigned delay_us, void *data)
{
	struct pam_stack *stack = data;

	(void)result;
	if (delay_us > stack->delay_us)
		stack->delay_us = delay_us;
}

/* ------------------------------------------------------------------- handle */

static int set_items(struct pam_stack *stack, const struct pam_facts *facts)
{
	union {
		void (*function)(int, unsigned, void *);
		const void *pointer;
	} delay = {.function = remember_delay};
	int result = PAM_SUCCESS;

	/* Always the number: a name that DNS gave is the client's word. */
	if (facts->address != NULL)
		result = pam_set_item(stack->handle, PAM_RHOST, facts->address);
	if (result == PAM_SUCCESS)
		result = pam_set_item(stack->handle, PAM_TTY, "ssh");
	if (result == PAM_SUCCESS)
		result = pam_set_item(stack->handle, PAM_FAIL_DELAY, delay.pointer);
	return result;
}

enum err pam_stack_new(const struct pam_facts *facts, struct pam_stack **out)
{
	AUTO(pam_stack_release) struct pam_stack *stack = calloc(1, sizeof(*stack));
	AUTO(buf_wipe) struct buf variable = buf_empty(512);
	const char *text = NULL;
	struct pam_conv conversation = {converse, stack};

	if (stack == NULL)
		return ERR_NO_MEMORY;
	stack->client = *facts->client;
	stack->user = strdup(facts->user);
	if (stack->user == NULL)
		return ERR_NO_MEMORY;
	if (pam_start(facts->service, facts->user, &conversation, &stack->handle) != PAM_SUCCESS) {
		stack->handle = NULL;
		return ERR_SYSTEM;
	}
	if (set_items(stack, facts) != PAM_SUCCESS)
		return ERR_SYSTEM;
	TRY(buf_append_format(&variable, "SSH_CONNECTION=%s", facts->connection));
	TRY(buf_c_string(&variable, &text));
	TRY(pam_stack_set_environment(stack, text));
	*out = TAKE(stack);
	return ERR_OK;
}

/* A name that a module changed would be another's login: everything was decided for this one. */
static enum err check_user(const struct pam_stack *stack)
{
	const void *item = NULL;

	if (pam_get_item(stack->handle, PAM_USER, &item) != PAM_SUCCESS || item == NULL)
		return ERR_UNEXPECTED;
	return strcmp(item, stack->user) == 0 ? ERR_OK : ERR_UNEXPECTED;
}

static enum err finish(struct pam_stack *stack, int result, struct pam_end *end)
{
	stack->last = result;
	*end = (struct pam_end){.verdict = DENY};
	end->delay_ms = stack->delay_us / 1000;
	end->must_change = result == PAM_NEW_AUTHTOK_REQD;
	snprintf(end->text, sizeof(end->text), "%s", pam_strerror(stack->handle, result));
	TRY(check_user(stack));
	if (result == PAM_SUCCESS)
		end->verdict = PERMIT;
	return ERR_OK;
}

static int null_flag(bool permits_empty)
{
	return permits_empty ? 0 : PAM_DISALLOW_NULL_AUTHTOK;
}

enum err pam_stack_authenticate(struct pam_stack *stack, bool permits_empty, struct pam_end *end)
{
	stack->delay_us = 0;
	return finish(stack, pam_authenticate(stack->handle, null_flag(permits_empty)), end);
}

enum err pam_stack_account(struct pam_stack *stack, bool permits_empty, struct pam_end *end)
{
	return finish(stack, pam_acct_mgmt(stack->handle, null_flag(permits_empty)), end);
}

enum err pam_stack_change(struct pam_stack *stack, struct pam_end *end)
{
	return finish(stack, pam_chauthtok(stack->handle, PAM_CHANGE_EXPIRED_AUTHTOK), end);
}

enum err pam_stack_open(struct pam_stack *stack, struct pam_end *end)
{
	TRY(finish(stack, pam_setcred(stack->handle, PAM_ESTABLISH_CRED), end));
	if (end->verdict != PERMIT)
		return ERR_OK;
	stack->has_credentials = true;
	TRY(finish(stack, pam_open_session(stack->handle, 0), end));
	if (end->verdict != PERMIT)
		return ERR_OK;
	stack->has_session = true;
	/* Whoever needed the password has had it. */
	(void)pam_set_item(stack->handle, PAM_AUTHTOK, NULL);
	(void)pam_set_item(stack->handle, PAM_OLDAUTHTOK, NULL);
	return ERR_OK;
}

/* -------------------------------------------------------------- environment */

/* What would make a program of the login run something else: no module has a good reason. */
static bool is_dangerous(const char *assignment)
{
	static const char *const names[] = {"LD_", "BASH_ENV=", "ENV=", "IFS=", "SHELLOPTS=", "BASHOPTS=", "PS4=",
	    "GCONV_PATH="};

	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (strncmp(assignment, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

static void free_list(char ***list)
{
	for (size_t i = 0; *list != NULL && (*list)[i] != NULL; i++)
		free((*list)[i]);
	free(*list);
}

enum err pam_stack_environment(const struct pam_stack *stack, struct buf *out)
{
	AUTO(free_list) char **list = pam_getenvlist(stack->handle);

	for (size_t i = 0; list != NULL && list[i] != NULL; i++) {
		if (is_dangerous(list[i]))
			continue;
		TRY(buf_append_text(out, list[i]));
		TRY(buf_append(out, BYTES(0)));
	}
	return ERR_OK;
}

enum err pam_stack_set_environment(struct pam_stack *stack, const char *assignment)
{
	return pam_putenv(stack->handle, assignment) == PAM_SUCCESS ? ERR_OK : ERR_NO_MEMORY;
}

/* ---------------------------------------------------------------------- end */

void pam_stack_free(struct pam_stack *stack)
{
	if (stack == NULL)
		return;
	if (stack->has_session)
		stack->last = pam_close_session(stack->handle, PAM_SILENT);
	if (stack->has_credentials)
		stack->last = pam_setcred(stack->handle, PAM_DELETE_CRED | PAM_SILENT);
	if (stack->handle != NULL)
		(void)pam_end(stack->handle, stack->last);
	free(stack->user);
	free(stack);
}

#else

struct pam_stack {
	int unused;
};

enum err pam_stack_new(const struct pam_facts *facts, struct pam_stack **out)
{
	(void)facts;
	(void)out;
	return ERR_UNSUPPORTED;
}

enum err pam_stack_authenticate(struct pam_stack *stack, bool permits_empty, struct pam_end *end)
{
	(void)stack;
	(void)permits_empty;
	(void)end;
	return ERR_UNSUPPORTED;
}

enum err pam_stack_account(struct pam_stack *stack, bool permits_empty, struct pam_end *end)
{
	return pam_stack_authenticate(stack, permits_empty, end);
}

enum err pam_stack_change(struct pam_stack *stack, struct pam_end *end)
{
	return pam_stack_authenticate(stack, false, end);
}

enum err pam_stack_open(struct pam_stack *stack, struct pam_end *end)
{
	return pam_stack_authenticate(stack, false, end);
}

enum err pam_stack_environment(const struct pam_stack *stack, struct buf *out)
{
	(void)stack;
	(void)out;
	return ERR_OK;
}

enum err pam_stack_set_environment(struct pam_stack *stack, const char *assignment)
{
	(void)stack;
	(void)assignment;
	return ERR_UNSUPPORTED;
}

void pam_stack_free(struct pam_stack *stack)
{
	free(stack);
}

#endif

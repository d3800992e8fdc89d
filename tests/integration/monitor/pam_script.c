/*
 * A PAM module that does what its arguments say, one after the other, in every phase:
 *
 * text=T error=T       says T           off=P on=P     asks P (hidden, shown)
 * expect=A             fails unless the last answer was A
 * many=N               N texts in one call; binary: a prompt of a kind nobody knows
 * delay=MS sleep=MS    asks for a delay; takes its time
 * user=U env=N=V       changes the name; sets a variable
 * data=T               remembers T until pam_end, which writes it to the trace
 * fork                 runs a program, as pam_exec does; crash
 * return=NAME          ends with this result (success unless said)
 * trace=FILE           where the phase and what happens is written
 *
 * "_" stands for a blank.
 */
#define PAM_SM_AUTH
#define PAM_SM_ACCOUNT
#define PAM_SM_SESSION
#define PAM_SM_PASSWORD
#include <security/pam_appl.h>
#include <security/pam_modules.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct script {
	pam_handle_t *handle;
	const char *phase, *trace;
	char answer[4096];
	int result;
};

static void write_trace(const char *trace, const char *phase, const char *text)
{
	FILE *file = trace ? fopen(trace, "a") : NULL;

	if (file == NULL)
		return;
	fprintf(file, "%s:%s\n", phase, text);
	fclose(file);
}

static int say(struct script *s, int style, const char *text, int count)
{
	struct pam_message message = {.msg_style = style, .msg = text};
	const struct pam_message *messages[64];
	struct pam_response *responses = NULL;
	const struct pam_conv *conversation = NULL;
	int result;

	for (int i = 0; i < 64; i++)
		messages[i] = &message;
	if (pam_get_item(s->handle, PAM_CONV, (const void **)&conversation) != PAM_SUCCESS)
		return PAM_CONV_ERR;
	result = conversation->conv(count, messages, &responses, conversation->appdata_ptr);
	if (result != PAM_SUCCESS)
		return result;
	if (responses != NULL && responses[0].resp != NULL)
		snprintf(s->answer, sizeof(s->answer), "%s", responses[0].resp);
	for (int i = 0; responses != NULL && i < count; i++)
		free(responses[i].resp);
	free(responses);
	return PAM_SUCCESS;
}

static void forget_data(pam_handle_t *handle, void *data, int status)
{
	char *text = data;
	char *trace = strchr(text, '|');

	(void)handle;
	(void)status;
	*trace = 0;
	write_trace(trace + 1, "end", text);
	free(text);
}

static int keep_data(struct script *s, const char *text)
{
	char *data = malloc(1024);

	snprintf(data, 1024, "%s|%s", text, s->trace ? s->trace : "/dev/null");
	return pam_set_data(s->handle, "script", data, forget_data);
}

static int run_program(struct script *s)
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		execl("/bin/sh", "sh", "-c", "grep SigBlk /proc/self/status | grep -q 0000000000000000", NULL);
		_exit(9);
	}
	if (waitpid(pid, &status, 0) != pid || status != 0) {
		write_trace(s->trace, s->phase, "signals are blocked");
		return PAM_SYSTEM_ERR;
	}
	return PAM_SUCCESS;
}

static int named_result(const char *name)
{
	static const struct {
		const char *name;
		int result;
	} results[] = {{"success", PAM_SUCCESS}, {"auth_err", PAM_AUTH_ERR}, {"acct_expired", PAM_ACCT_EXPIRED},
	    {"new_authtok", PAM_NEW_AUTHTOK_REQD}, {"perm_denied", PAM_PERM_DENIED}, {"user_unknown", PAM_USER_UNKNOWN},
	    {"maxtries", PAM_MAXTRIES}, {"system_err", PAM_SYSTEM_ERR}, {"cred_err", PAM_CRED_ERR},
	    {"session_err", PAM_SESSION_ERR}, {"authtok_err", PAM_AUTHTOK_ERR}, {"abort", PAM_ABORT}};

	for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++)
		if (strcmp(results[i].name, name) == 0)
			return results[i].result;
	return PAM_SERVICE_ERR;
}

static int step(struct script *s, const char *name, const char *value)
{
	if (strcmp(name, "text") == 0)
		return say(s, PAM_TEXT_INFO, value, 1);
	if (strcmp(name, "error") == 0)
		return say(s, PAM_ERROR_MSG, value, 1);
	if (strcmp(name, "off") == 0)
		return say(s, PAM_PROMPT_ECHO_OFF, value, 1);
	if (strcmp(name, "on") == 0)
		return say(s, PAM_PROMPT_ECHO_ON, value, 1);
	if (strcmp(name, "many") == 0)
		return say(s, PAM_TEXT_INFO, "again", atoi(value));
	if (strcmp(name, "binary") == 0)
		return say(s, 7, "", 1);
	if (strcmp(name, "expect") == 0)
		return strcmp(s->answer, value) == 0 ? PAM_SUCCESS : PAM_AUTH_ERR;
	if (strcmp(name, "delay") == 0)
		return pam_fail_delay(s->handle, (unsigned)atoi(value) * 1000);
	if (strcmp(name, "sleep") == 0)
		return usleep((unsigned)atoi(value) * 1000), PAM_SUCCESS;
	if (strcmp(name, "user") == 0)
		return pam_set_item(s->handle, PAM_USER, value);
	if (strcmp(name, "env") == 0)
		return pam_putenv(s->handle, value);
	if (strcmp(name, "data") == 0)
		return keep_data(s, value);
	if (strcmp(name, "fork") == 0)
		return run_program(s);
	if (strcmp(name, "crash") == 0)
		abort();
	if (strcmp(name, "once") == 0) {
		/* Fails the first time, by a file that is made then. */
		if (access(value, F_OK) == 0)
			return PAM_SUCCESS;
		fclose(fopen(value, "w"));
		return PAM_NEW_AUTHTOK_REQD;
	}
	if (strcmp(name, "return") == 0)
		s->result = named_result(value);
	return PAM_SUCCESS;
}

static int run(pam_handle_t *handle, const char *phase, int argc, const char **argv)
{
	struct script s = {.handle = handle, .phase = phase, .result = PAM_SUCCESS};

	for (int i = 0; i < argc; i++) {
		char text[1024];
		char *value;
		int result;

		snprintf(text, sizeof(text), "%s", argv[i]);
		for (char *c = text; *c != 0; c++)
			if (*c == '_' && strncmp(text, "return", 6) != 0 && strncmp(text, "trace", 5) != 0 &&
			    strncmp(text, "once", 4) != 0)
				*c = ' ';
		value = strchr(text, '=');
		if (value != NULL)
			*value++ = 0;
		if (strcmp(text, "trace") == 0) {
			s.trace = strchr(argv[i], '=') + 1;
			continue;
		}
		result = step(&s, text, value ? value : "");
		if (result != PAM_SUCCESS) {
			write_trace(s.trace, phase, pam_strerror(handle, result));
			return result;
		}
	}
	write_trace(s.trace, phase, "done");
	return s.result;
}

int pam_sm_authenticate(pam_handle_t *handle, int flags, int argc, const char **argv)
{
	return run(handle, flags & PAM_DISALLOW_NULL_AUTHTOK ? "auth" : "auth-null", argc, argv);
}

/* libpam calls this of the auth lines: only what is meant for it. */
int pam_sm_setcred(pam_handle_t *handle, int flags, int argc, const char **argv)
{
	const char *trace = NULL;
	int result = PAM_SUCCESS;

	for (int i = 0; i < argc; i++) {
		if (strncmp(argv[i], "trace=", 6) == 0)
			trace = argv[i] + 6;
		if (strncmp(argv[i], "setcred=", 8) == 0 && flags & PAM_ESTABLISH_CRED)
			result = named_result(argv[i] + 8);
	}
	(void)handle;
	write_trace(trace, flags & PAM_DELETE_CRED ? "setcred-delete" : "setcred", "done");
	return result;
}

int pam_sm_acct_mgmt(pam_handle_t *handle, int flags, int argc, const char **argv)
{
	(void)flags;
	return run(handle, "acct", argc, argv);
}

int pam_sm_open_session(pam_handle_t *handle, int flags, int argc, const char **argv)
{
	(void)flags;
	return run(handle, "open", argc, argv);
}

int pam_sm_close_session(pam_handle_t *handle, int flags, int argc, const char **argv)
{
	(void)flags;
	for (int i = 0; i < argc; i++)
		if (strncmp(argv[i], "trace=", 6) == 0)
			write_trace(argv[i] + 6, "close", "done");
	(void)handle;
	return PAM_SUCCESS;
}

int pam_sm_chauthtok(pam_handle_t *handle, int flags, int argc, const char **argv)
{
	if (flags & PAM_PRELIM_CHECK)
		return PAM_SUCCESS;
	return run(handle, "change", argc, argv);
}

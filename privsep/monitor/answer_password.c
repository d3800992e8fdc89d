/* The method password: through PAM with one blind answer, or against shadow. */
#include "privsep/monitor/decision_log.h"
#include "privsep/monitor/login.h"
#include "privsep/monitor/monitor.h"
#include "privsep/monitor/password.h"
#include "privsep/monitor/shadow.h"
#include "sshd/base/auto.h"

enum err pam_begin(struct monitor *m)
{
	AUTO(buf_wipe) struct buf connection = buf_empty(512);
	struct pam_client client = conversation_client;
	const struct peer *peer = &m->peer;
	struct pam_facts facts = {
	    .service = m->auth.conf->pam_service,
	    .user = m->auth.account.name,
	    .address = m->connection.is_socket ? peer->address : NULL,
	    .client = &client,
	};

	if (m->auth.pam != NULL)
		return ERR_OK;
	client.owner = m;
	TRY(buf_append_format(&connection, "%s %s %s %s", peer->address, peer->port, peer->local_address,
	    peer->local_port));
	TRY(buf_c_string(&connection, &facts.connection));
	return pam_stack_new(&facts, &m->auth.pam);
}

bool answers_are_fake(const struct monitor *m, enum auth_method method)
{
	struct policy_question question = {.ask = ASK_METHOD, .method = (enum policy_method)method};

	if (!m->auth.is_valid)
		return true;
	/* What root may not log in with must not even clear a counter of failures. */
	return m->auth.facts.is_root &&
	    policy_decide(m->auth.conf, &m->auth.facts, &question).verdict != PERMIT;
}

enum err attempt_conclude(struct monitor *m, struct attempt *attempt, enum verdict verdict)
{
	attempt->result = RESULT_FAILED;
	return verdict == PERMIT ? attempt_earned(m, attempt) : attempt_finish(m, attempt);
}

/* ------------------------------------------------------------------- check */

static enum err check_by_pam(struct monitor *m, struct slice password, struct attempt *attempt,
    enum verdict *verdict)
{
	struct conversation *conversation = &m->auth.conversation;
	struct pam_end end = {0};
	enum err err;

	TRY(pam_begin(m));
	conversation_begin(conversation, CONVERSATION_PASSWORD, answers_are_fake(m, METHOD_PASSWORD));
	conversation->password = password;
	err = pam_stack_authenticate(m->auth.pam, m->auth.conf->permit_empty_passwords, &end);
	conversation->password = (struct slice){0};
	TRY(err);
	attempt->wanted_ms = end.delay_ms;
	*verdict = end.verdict;
	return conversation_say_rest(m);
}

static enum err check_by_shadow(struct monitor *m, struct slice password, enum verdict *verdict)
{
	struct shadow_answer answer;

	TRY(shadow_check(&m->auth.account, password, m->auth.conf->permit_empty_passwords, &answer));
	*verdict = answer.age == SHADOW_TOO_OLD ? DENY : answer.verdict;
	m->auth.must_run_passwd = answer.age == SHADOW_MUST_CHANGE;
	return ERR_OK;
}

static enum err check(struct monitor *m, struct slice password, struct attempt *attempt, enum verdict *verdict)
{
	struct factor factor = {(uint8_t)attempt->method, (uint8_t)attempt->device};

	*verdict = DENY;
	if (m->auth.must_change)
		return ERR_OK;
	if (attempt->method == METHOD_PASSWORD && required_wants(&m->auth.required, factor) != PERMIT)
		return ERR_OK;
	/* A stack with nullok would take it; the answer comes no earlier for that. */
	if (password.len == 0 && !m->auth.conf->permit_empty_passwords)
		return ERR_OK;
	if (m->auth.conf->use_pam)
		return check_by_pam(m, password, attempt, verdict);
	return check_by_shadow(m, password, verdict);
}

/* The datagram it came in is ours to wipe. */
static void wipe(struct slice secret)
{
	if (secret.len > 0)
		explicit_bzero((void *)(uintptr_t)secret.ptr, secret.len);
}

enum err on_net_password(struct monitor *m, const struct msg_net_password *msg)
{
	struct attempt attempt = {.method = METHOD_PASSWORD};
	enum verdict verdict = DENY;
	enum err err = check(m, msg->password, &attempt, &verdict);

	wipe(msg->password);
	TRY(err);
	return attempt_conclude(m, &attempt, verdict);
}

/* RFC 4252 section 5.2; PermitEmptyPasswords lets in whoever has an empty one. */
enum err on_net_none(struct monitor *m, const struct msg_net_none *msg)
{
	struct attempt attempt = {.method = METHOD_NONE, .result = RESULT_FAILED};
	struct factor factor = {METHOD_NONE, DEVICE_NONE};
	enum verdict verdict = DENY;

	(void)msg;
	if (required_wants(&m->auth.required, factor) != PERMIT)
		return attempt_finish(m, &attempt);
	TRY(check(m, (struct slice){0}, &attempt, &verdict));
	return attempt_conclude(m, &attempt, verdict);
}

/* ------------------------------------------------------------------- change */

static enum err send_changereq(struct monitor *m)
{
	AUTO(buf_wipe) struct buf prompt = buf_empty(1024);
	struct slice texts = slice_first(buf_view(&m->auth.conversation.texts), 900);

	TRY(buf_append(&prompt, texts));
	TRY(buf_append_text(&prompt, "Your password has expired. Choose a new password."));
	buf_wipe(&m->auth.conversation.texts);
	return NET_ANSWER(m, NET_CHANGEREQ, net_changereq,
	    &((struct msg_net_changereq){.prompt = buf_view(&prompt)}));
}

enum err password_ask_change(struct monitor *m)
{
	TRY(monitor_move(m, ATTEMPT_IS_OVER));
	return send_changereq(m);
}

static enum err change(struct monitor *m, const struct msg_net_password_change *msg, struct attempt *attempt,
    enum verdict *verdict)
{
	struct conversation *conversation = &m->auth.conversation;
	struct pam_end end = {0};
	enum err err;

	conversation_begin(conversation, CONVERSATION_CHANGE, false);
	conversation->password = msg->old_password;
	conversation->replacement = msg->new_password;
	err = pam_stack_change(m->auth.pam, &end);
	conversation->password = conversation->replacement = (struct slice){0};
	attempt->wanted_ms = end.delay_ms;
	*verdict = end.verdict;
	return err;
}

/* A change that nobody asked for is nothing but a failed attempt (CVE-2012-5975). */
enum err on_net_password_change(struct monitor *m, const struct msg_net_password_change *msg)
{
	struct attempt attempt = {.method = METHOD_PASSWORD, .result = RESULT_FAILED};
	enum verdict verdict = DENY;
	enum err err = ERR_OK;

	if (m->auth.must_change)
		err = change(m, msg, &attempt, &verdict);
	wipe(msg->old_password);
	wipe(msg->new_password);
	TRY(err);
	if (verdict == PERMIT)
		return login_changed(m, &attempt);
	TRY(conversation_say_rest(m));
	return attempt_finish(m, &attempt);
}

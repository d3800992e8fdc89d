#include "privsep/monitor/session_start.h"

#include <stdio.h>

#include "config/tokens.h"
#include "privsep/monitor/environment_file.h"
#include "privsep/monitor/forwards.h"
#include "privsep/monitor/login.h"
#include "privsep/monitor/monitor.h"
#include "privsep/monitor/records.h"
#include "sshd/base/auto.h"
#include "sshd/base/text.h"

enum err chroot_path(struct monitor *m, struct buf *out)
{
	const struct account *account = &m->auth.account;
	const char *directory = m->auth.conf->chroot_directory;
	char uid[16];
	const struct token tokens[] = {{'h', account->home}, {'U', uid}, {'u', account->name}};

	if (directory == NULL || !m->prepared->handover.is_root)
		return ERR_OK;
	snprintf(uid, sizeof(uid), "%u", account->uid);
	return tokens_expand(directory, tokens, COUNT_OF(tokens), out);
}

/* ------------------------------------------------------------ environment */

static bool user_may_set(const struct monitor *m, struct slice name)
{
	char text[256];

	if (name.len == 0 || name.len >= sizeof(text))
		return false;
	memcpy(text, name.ptr, name.len);
	text[name.len] = 0;
	return login_permits(m, ASK_USER_ENVIRONMENT, text, 0) == PERMIT;
}

static enum err append(struct buf *out, struct slice name, struct slice value)
{
	TRY(buf_append(out, name));
	TRY(buf_append_text(out, "="));
	TRY(buf_append(out, value));
	return buf_append(out, BYTES(0));
}

enum err user_environment_take(struct monitor *m, struct slice file)
{
	struct slice name, value;

	while (environment_file_next(&file, &name, &value))
		if (user_may_set(m, name))
			TRY(append(&m->sessions.user_environment, name, value));
	return ERR_OK;
}

/* Of what a key sets, the names that PermitUserEnvironment lets through. */
static enum err append_of_key(const struct monitor *m, struct buf *out)
{
	struct slice assignments = buf_view(&m->auth.restrictions.environment);
	struct slice assignment;

	while (text_next(&assignments, &assignment)) {
		const uint8_t *equals = memchr(assignment.ptr, '=', assignment.len);
		size_t len = equals != NULL ? (size_t)(equals - assignment.ptr) : 0;

		if (len > 0 && user_may_set(m, slice_first(assignment, len)))
			TRY(append(out, slice_first(assignment, len), slice_after(assignment, len + 1)));
	}
	return ERR_OK;
}

/* In this order, later ones over earlier ones: client, key, the user's file, the administrator. */
enum err session_environment(struct monitor *m, const struct session *session, struct buf *out)
{
	const struct conf *conf = m->auth.conf;

	TRY(buf_append(out, buf_view(&session->environment)));
	TRY(append_of_key(m, out));
	TRY(buf_append(out, buf_view(&m->sessions.user_environment)));
	for (size_t i = 0; i < conf->set_env.count; i++) {
		TRY(buf_append_text(out, conf->set_env.items[i]));
		TRY(buf_append(out, BYTES(0)));
	}
	return session_append_forwards(m, session, out);
}

/* --------------------------------------------------------------- greeting */

enum err session_greeting(struct monitor *m, const struct session *session, struct buf *out)
{
	if (!session->has_terminal || session->has_command)
		return ERR_OK;
	TRY(buf_append(out, buf_view(&m->auth.greeting)));
	return m->auth.conf->print_last_log ? records_last_login(m, out) : ERR_OK;
}

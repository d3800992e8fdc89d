#include "sshd/listener/reload.h"

#include <stdio.h>

#include "sshd/base/auto.h"
#include "sshd/base/log.h"
#include "sshd/listener/daemonize.h"
#include "sshd/listener/listener.h"
#include "sshd/listener/ready.h"
#include "sshd/listener/rollback.h"

/* One line of a log has no room for the source line and its caret, but for the correction. */
static enum err render_line(const struct diagnostic *diagnostic, struct buf *text)
{
	if (diagnostic->file != NULL)
		TRY(buf_append_format(text, "%s:%u:%u: ", diagnostic->file, diagnostic->line, diagnostic->column));
	TRY(buf_append_text(text, diagnostic->text));
	if (diagnostic->hint != NULL)
		TRY(buf_append_format(text, "; %s", diagnostic->hint));
	return ERR_OK;
}

void reload_log_diagnostics(const struct diagnostics *diagnostics)
{
	for (const struct diagnostic *at = diagnostics->first; at != NULL; at = at->next) {
		AUTO(buf_wipe) struct buf text = buf_empty(4096);

		if (at->severity == SEVERITY_NOTE || render_line(at, &text) != ERR_OK)
			continue;
		if (at->severity == SEVERITY_ERROR)
			LOG(CONFIG_ERROR, F("TEXT", buf_view(&text)));
		else
			LOG(CONFIG_WARNING, F("TEXT", buf_view(&text)));
	}
}

/* The first error, for one line of the service manager's status. */
static const char *first_error(const struct diagnostics *diagnostics)
{
	const struct diagnostic *at = diagnostics->first;

	while (at != NULL && at->severity != SEVERITY_ERROR)
		at = at->next;
	return at != NULL ? at->text : "out of memory";
}

static void refuse(struct listener *listener, const char *reason)
{
	LOG(RELOAD_REFUSED, T("REASON", reason));
	settings_release(&listener->candidate);
	if (listener->settings == NULL) { /* SIGHUP came before we were up */
		listener_fail(listener);
		return;
	}
	snprintf(listener->refusal, sizeof(listener->refusal), "%s", reason);
	ready_serving(listener);
}

void reload_begin(struct listener *listener)
{
	AUTO(diagnostics_wipe) struct diagnostics diagnostics = {0};
	struct settings *settings = NULL;
	enum err err;

	IGNORE(daemonize_open_log(listener)); /* rotated meanwhile; else the old one goes on */
	LOG(RELOAD, T("SIGNAL", "1"));
	ready_reloading();
	/* A second SIGHUP before the first was done: what is on disk now counts. */
	settings_release(&listener->candidate);
	signer_retire(TAKE(listener->coming_signer));
	rollback_overdue(listener->options);
	rollback_watch(listener);
	err = settings_read(listener->options, &settings, &diagnostics);
	reload_log_diagnostics(&diagnostics);
	if (err != ERR_OK) {
		refuse(listener, first_error(&diagnostics));
		return;
	}
	listener->candidate = settings;
	err = reload_candidate(listener);
	if (err != ERR_OK)
		refuse(listener, err_text(err));
}

enum err reload_candidate(struct listener *listener)
{
	return signer_start(listener, listener->candidate, &listener->coming_signer);
}

/* Everything that follows from settings and keys. */
static void commit(struct listener *listener)
{
	struct settings *old = listener->settings;

	if (listener->candidate != NULL)
		listener->settings = TAKE(listener->candidate);
	listener->refusal[0] = 0;
	daemonize_log(listener);
	refusals_configure(listener);
	/* Bound before the old ones' settings go; what could not be bound is in the log. */
	if (!listener->is_single || old == NULL) {
		enum err err = listener->options->mode == MODE_INETD
		    ? ERR_OK
		    : sockets_reconcile(listener, listener->settings->conf);

		if (err != ERR_OK && !listener->is_serving) {
			LOG(FATAL, T("TEXT", "Cannot bind any address."));
			listener_fail(listener);
		}
	}
	templates_renew(listener);
	listener_resume(listener);
	if (old != listener->settings)
		settings_free(old);
	listener_show(listener);
	if (listener->is_serving)
		ready_serving(listener);
}

void reload_signer_ready(struct listener *listener, struct signer *signer)
{
	signer_retire(listener->signer);
	listener->signer = signer;
	listener->coming_signer = NULL;
	commit(listener);
}

void reload_signer_failed(struct listener *listener, struct signer *signer, const char *reason)
{
	bool was_in_force = listener->signer == signer;

	signer_retire(signer);
	if (was_in_force) {
		/* It died: the same settings need another. Connections keep failing until then. */
		listener->signer = NULL;
		loop_timer_set(&listener->loop, &listener->signer_again, listener->loop.now_ms + SIGNER_RETRY_MS);
		return;
	}
	listener->coming_signer = NULL;
	if (!listener->is_serving) {
		LOG(FATAL, T("TEXT", reason));
		listener_fail(listener);
	} else if (listener->signer == NULL) {
		loop_timer_set(&listener->loop, &listener->signer_again, listener->loop.now_ms + SIGNER_RETRY_MS);
	} else {
		refuse(listener, reason);
	}
}

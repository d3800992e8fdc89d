#include "privsep/monitor/decision_log.h"

#include <stdio.h>
#include <unistd.h>

#include "privsep/monitor/monitor.h"
#include "privsep/monitor/publickey.h"
#include "sshd/base/auto.h"
#include "sshd/base/log.h"
#include "sshd/wire/numbers.h"

#define ADDRESS(m) T("ADDRESS", (m)->peer.address)
#define PORT(m)    T("PORT", (m)->peer.port)
#define USER(m)    T("USER", (m)->auth.account.name)
#define FROM(m)    ADDRESS(m), PORT(m)
#define PREAUTH(m) T("PREAUTH", is_open(m) ? "" : " [preauth]")

#define DECIMAL_SIZE 24

static bool is_open(const struct monitor *m)
{
	return m->outcome == OUTCOME_AUTHENTICATED;
}

static bool has_user(const struct monitor *m)
{
	return m->auth.account.name[0] != 0;
}

static const char *decimal(char text[static DECIMAL_SIZE], uint64_t number)
{
	snprintf(text, DECIMAL_SIZE, "%llu", (unsigned long long)number);
	return text;
}

/* In front of the name: OpenSSH says it of accounts that do not exist or may not log in. */
static const char *invalid_prefix(const struct monitor *m)
{
	return m->auth.is_valid ? "" : "invalid user ";
}

#define WHO_SIZE (USER_NAME_LIMIT + 32)

/* In front of the address: whose connection this is, as far as it is known. */
static const char *whose(const struct monitor *m, char text[static WHO_SIZE])
{
	const char *kind = is_open(m) ? "user " : m->auth.is_valid ? "authenticating user "
								   : "invalid user ";

	if (!has_user(m))
		return "";
	snprintf(text, WHO_SIZE, "%s%s ", kind, m->auth.account.name);
	return text;
}

/* --------------------------------------------------------- authentication */

void log_refusal(const struct monitor *m, enum policy_reason reason, struct slice line)
{
	log_event(reason == REASON_NO_ACCOUNT ? EVENT_INVALID_USER : EVENT_USER_REFUSED,
	    (const struct log_field[]){F("LINE", line), USER(m), FROM(m), T("RULE", policy_reason_name(reason))},
	    5);
}

static enum event event_of(const struct monitor *m, const struct attempt *attempt)
{
	if (attempt->result == RESULT_ACCEPTED)
		return EVENT_AUTH_ACCEPTED;
	return attempts_deserve_notice(&m->auth.attempts, attempt->method, attempt->result, m->auth.is_valid)
		   ? EVENT_AUTH_FAILED
		   : EVENT_AUTH_STEP;
}

void log_attempt(const struct monitor *m, const struct attempt *attempt)
{
	static const char *const results[] = {
	    [RESULT_FAILED] = "Failed",
	    [RESULT_PARTIAL] = "Partial",
	    [RESULT_ACCEPTED] = "Accepted",
	};
	const char *device = device_name(attempt->device);
	AUTO(buf_wipe) struct buf info = buf_empty(1024);
	char method[64];

	/* `none` that fails only asked what there is, and what we do not have has no name here. */
	if (attempt->method == METHOD_UNKNOWN ||
	    (attempt->method == METHOD_NONE && !m->auth.conf->permit_empty_passwords))
		return;
	snprintf(method, sizeof(method), "%s%s%s", method_name(attempt->method), *device ? "/" : "", device);
	/* Of a key that would do OpenSSH's unprivileged process tells, which does not show it. */
	if (attempt->result == RESULT_POSTPONED) {
		LOG(AUTH_POSTPONED, T("METHOD", method), T("WHO", invalid_prefix(m)), USER(m), FROM(m));
		return;
	}
	if (attempt->info.len > 0 &&
	    (buf_append_text(&info, ": ") != ERR_OK || buf_append(&info, attempt->info) != ERR_OK))
		buf_wipe(&info);
	log_event(event_of(m, attempt),
	    (const struct log_field[]){T("RESULT", results[attempt->result]), T("METHOD", method),
		T("WHO", invalid_prefix(m)), USER(m), FROM(m), F("INFO", buf_view(&info))},
	    7);
}

void log_postponed(const struct monitor *m, enum auth_device device)
{
	const char *method = device == DEVICE_OTP ? "keyboard-interactive/otp" : "keyboard-interactive/pam";

	LOG(AUTH_POSTPONED, T("METHOD", method), T("WHO", invalid_prefix(m)), USER(m), FROM(m));
}

void log_too_many_tries(const struct monitor *m)
{
	LOG(TOO_MANY_TRIES, T("WHO", invalid_prefix(m)), USER(m), FROM(m));
	log_disconnecting(m, "Too many authentication failures");
}

void log_disconnecting(const struct monitor *m, const char *reason)
{
	char who[WHO_SIZE];

	LOG(DISCONNECTING, T("WHO", whose(m, who)), FROM(m), T("REASON", reason), PREAUTH(m));
}

void log_pam_failure(const struct monitor *m, const char *text)
{
	LOG(PAM_FAILURE, T("TEXT", text), T("WHO", m->auth.is_valid ? "" : "illegal user "), USER(m), ADDRESS(m));
}

void log_otp(const struct monitor *m, const char *what)
{
	LOG(OTP_REMARK, USER(m), FROM(m), T("TEXT", what));
}

void log_account_refused(const struct monitor *m, const char *text)
{
	LOG(ACCOUNT_REFUSED, USER(m), FROM(m), T("TEXT", text));
}

void log_session_refused(const struct monitor *m, const char *text)
{
	LOG(SESSION_REFUSED, USER(m), FROM(m), T("TEXT", text));
}

void log_key_found(const struct monitor *m, const char *path, unsigned line, struct slice info)
{
	char number[DECIMAL_SIZE];

	LOG(KEY_FOUND, F("INFO", info), T("FILE", path), T("LINE", decimal(number, line)), USER(m), FROM(m));
}

/* "ED25519 CA SHA256:..." of the authority that signed. */
static enum err describe_authority(const struct offered_key *offered, struct buf *out)
{
	struct key_blob authority;

	TRY(key_blob_parse(offered->certificate.authority, &authority));
	TRY(buf_append_format(out, "%s CA ", key_blob_type_name(&authority)));
	return key_fingerprint(offered->certificate.authority, HASH_SHA256, out);
}

static void log_certificate(const struct monitor *m, enum event event, const struct offered_key *offered,
    const char *where, const char *why)
{
	AUTO(buf_wipe) struct buf authority = buf_empty(256);
	char serial[DECIMAL_SIZE];

	if (describe_authority(offered, &authority) != ERR_OK)
		buf_wipe(&authority);
	log_event(event,
	    (const struct log_field[]){F("ID", offered->certificate.key_id),
		T("SERIAL", decimal(serial, offered->certificate.serial)), F("AUTHORITY", buf_view(&authority)),
		T("WHERE", where), T("REASON", why), USER(m), FROM(m)},
	    8);
}

void log_certificate_found(const struct monitor *m, const struct offered_key *offered, const char *path,
    unsigned line)
{
	char where[1024];

	if (line > 0)
		snprintf(where, sizeof(where), "found at %.900s:%u", path, line);
	else
		snprintf(where, sizeof(where), "via %.900s", path);
	log_certificate(m, EVENT_CERTIFICATE_FOUND, offered, where, "");
}

void log_certificate_refused(const struct monitor *m, const struct offered_key *offered, const char *why)
{
	log_certificate(m, EVENT_CERTIFICATE_REFUSED, offered, "", why);
}

void log_revoked(const struct monitor *m, const struct offered_key *offered, const char *path, enum err err)
{
	LOG(KEY_REVOKED, F("INFO", buf_view(&offered->info)), T("FILE", path),
	    T("REASON", err == ERR_OK ? "revoked by" : "not accepted, since there is no relying on"),
	    T("ERROR", err == ERR_OK ? "" : err_text(err)), USER(m), FROM(m));
}

void log_command_failed(const struct monitor *m, const char *line, enum err err)
{
	LOG(COMMAND_FAILED, T("COMMAND", line), T("REASON", err == ERR_OK ? "it did not end well" : err_text(err)),
	    USER(m), FROM(m));
}

void log_key_remark(const struct monitor *m, const char *path, unsigned line, enum key_remark remark,
    struct slice detail)
{
	static const enum event events[KEY_REMARK_COUNT] = {
	    [KEY_OPTIONS_BAD] = EVENT_KEY_OPTIONS_BAD,
	    [KEY_NOT_FROM_HERE] = EVENT_KEY_NOT_FROM_HERE,
	    [KEY_EXPIRED] = EVENT_KEY_EXPIRED,
	};
	char number[DECIMAL_SIZE];

	log_event(events[remark],
	    (const struct log_field[]){T("FILE", path), T("LINE", decimal(number, line)),
		F("REASON", detail), F("PATTERNS", detail), USER(m), FROM(m)},
	    7);
}

void log_modes_refused(const struct monitor *m, struct slice obstacle)
{
	LOG(MODES_REFUSED, F("REASON", obstacle), USER(m), FROM(m));
}

void log_lookup_failed(const struct monitor *m, const char *path, enum err err)
{
	LOG(LOOKUP_FAILED, T("FILE", path), USER(m), FROM(m), T("REASON", err_text(err)));
}

/* ------------------------------------------------------------- connection */

void log_deadline(const struct monitor *m)
{
	char pid[DECIMAL_SIZE];

	LOG(GRACE_TIMEOUT, FROM(m), T("LOCAL_ADDRESS", m->peer.local_address),
	    T("PID", decimal(pid, (uint64_t)getpid())));
}

static void log_no_common(const struct monitor *m, const struct msg_net_event *event)
{
	static const char *const words[] = NO_COMMON_WORDS;
	const char *list = event->number < COUNT_OF(words) ? words[event->number] : "algorithm";

	LOG(NOTHING_IN_COMMON, FROM(m), T("LIST", list), F("TEXT", event->text));
}

static void log_disconnect(const struct monitor *m, uint32_t number, struct slice text)
{
	char decimals[DECIMAL_SIZE];

	log_event(number == SSH_DISCONNECT_BY_APPLICATION ? EVENT_DISCONNECT_RECEIVED
							  : EVENT_DISCONNECT_ERROR,
	    (const struct log_field[]){FROM(m), T("NUMBER", decimal(decimals, number)), F("TEXT", text),
		PREAUTH(m)},
	    5);
}

/* Net may be anybody's by now: so many lines at once, then a few per second. */
static bool may_log(struct monitor *m)
{
	if (pace_try(&m->events_pace, m->loop.now_ms))
		return true;
	m->events_suppressed++;
	return false;
}

void log_net_event(struct monitor *m, const struct msg_net_event *event)
{
	if (!may_log(m))
		return;
	switch (event->event) {
	case NET_EVENT_NO_COMMON:
		m->has_logged_end = true;
		log_no_common(m, event);
		break;
	case NET_EVENT_BAD_VERSION:
		m->has_logged_end = true;
		LOG(BAD_IDENTIFICATION, FROM(m), F("TEXT", event->text));
		break;
	case NET_EVENT_DISCONNECT:
		m->has_logged_disconnect = true;
		log_disconnect(m, event->number, event->text);
		break;
	default:
		LOG(DEBUG, F("TEXT", event->text), FROM(m));
		break;
	}
}

static void log_transferred(const struct monitor *m, const struct msg_net_bye *bye)
{
	char sent[DECIMAL_SIZE], received[DECIMAL_SIZE];

	LOG(TRANSFERRED, T("SENT", decimal(sent, bye->bytes_out)),
	    T("RECEIVED", decimal(received, bye->bytes_in)), FROM(m), USER(m));
	LOG(CLOSING, FROM(m));
}

void log_bye(struct monitor *m, const struct msg_net_bye *bye)
{
	static const enum event events[] = {
	    [END_CLOSED] = EVENT_CONNECTION_CLOSED,
	    [END_RESET] = EVENT_CONNECTION_RESET,
	    [END_PEER_DISCONNECT] = EVENT_DISCONNECTED,
	    [END_PROTOCOL] = EVENT_CONNECTION_BROKEN,
	    [END_TIMEOUT] = EVENT_CONNECTION_SILENT,
	    [END_UNUSED] = EVENT_CONNECTION_UNUSED,
	};
	char who[WHO_SIZE], number[DECIMAL_SIZE];

	if (bye->end == END_NONE || bye->end >= COUNT_OF(events) || m->has_logged_end)
		return;
	if (bye->end == END_PEER_DISCONNECT && !m->has_logged_disconnect)
		log_disconnect(m, bye->reason, bye->text);
	if (m->events_suppressed > 0)
		LOG(EVENTS_SUPPRESSED, FROM(m), T("NUMBER", decimal(number, m->events_suppressed)));
	log_event(events[bye->end],
	    (const struct log_field[]){T("WHO", whose(m, who)), FROM(m), PREAUTH(m),
		bye->text.len > 0 ? F("REASON", bye->text)
				  : T("REASON", bye->reason < ERR_COUNT ? err_text(bye->reason) : "")},
	    5);
	if (is_open(m) && bye->end == END_CLOSED)
		log_transferred(m, bye);
}

void log_broken(const struct monitor *m, enum err err, const char *what)
{
	if (err == ERR_BREACH)
		LOG(MONITOR_BREACH, FROM(m), T("STATE", state_name(m->state)), T("REASON", what));
	else
		LOG(MONITOR_FAILED, FROM(m), T("WHAT", what), T("REASON", err_text(err)));
}

/* --------------------------------------------------------------- sessions */

void log_session_starting(const struct monitor *m, const struct session *session, const char *kind)
{
	char slot[DECIMAL_SIZE], tty[TTY_NAME_SIZE + 8] = "";

	if (session->tty[0] != 0)
		snprintf(tty, sizeof(tty), " on %s", session->tty);
	LOG(SESSION_STARTING, T("KIND", kind), T("TTY", tty), USER(m), FROM(m),
	    T("ID", decimal(slot, session->slot)));
}

void log_session_closed(const struct monitor *m, const struct session *session)
{
	char slot[DECIMAL_SIZE];

	LOG(SESSION_CLOSED, USER(m), FROM(m), T("ID", decimal(slot, session->slot)));
}

/* The text may be anything that the user likes: a field, told as what internal-sftp says. */
void log_sftp(const struct monitor *m, enum log_level level, struct slice text)
{
	log_event(level <= LOG_LEVEL_ERROR ? EVENT_SFTP_TOLD_ERROR : EVENT_SFTP_TOLD,
	    (const struct log_field[]){F("TEXT", text), USER(m), FROM(m)}, 4);
}

void log_user_process(const struct monitor *m, struct slice reason)
{
	LOG(USER_PROCESS_FAILED, USER(m), F("REASON", reason), FROM(m));
}

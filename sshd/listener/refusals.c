#include "sshd/listener/refusals.h"

#include <stdio.h>

#include "config/pattern.h"
#include "sshd/base/auto.h"
#include "sshd/base/log.h"
#include "sshd/listener/accept.h"
#include "sshd/listener/listener.h"

#define LOGGED_PER_MINUTE 5u
#define MINUTE_MS         60000u
#define NO_PENALTY        PENALTY_TIMES

/* Which time of PerSourcePenalties an outcome costs, and how OpenSSH names it. */
static const struct {
	enum penalty penalty;
	const char *reason;
} outcomes[] = {
    [OUTCOME_NONE] = {NO_PENALTY, ""},
    [OUTCOME_AUTHENTICATED] = {NO_PENALTY, ""},
    [OUTCOME_NO_AUTHENTICATION] = {PENALTY_NOAUTH, "penalty: connections without attempting authentication"},
    [OUTCOME_FAILED] = {PENALTY_AUTHFAIL, "penalty: failed authentication"},
    [OUTCOME_INVALID_USER] = {PENALTY_INVALIDUSER, "penalty: attempted authentication by invalid user"},
    [OUTCOME_GRACE_EXCEEDED] = {PENALTY_GRACE_EXCEEDED, "penalty: exceeded LoginGraceTime"},
    [OUTCOME_REFUSED] = {PENALTY_REFUSECONNECTION, "penalty: connection prohibited by RefuseConnection"},
    [OUTCOME_CRASHED] = {PENALTY_CRASH, "penalty: caused crash"},
};

static uint64_t milliseconds(int64_t time_us)
{
	return time_us > 0 ? (uint64_t)time_us / 1000 : 0;
}

static struct penalty_family_policy family_policy(int64_t max_sources, enum conf_overflow overflow)
{
	return (struct penalty_family_policy){
	    .max_sources = max_sources < 0 ? 65536 : max_sources > UINT32_MAX / 2 ? UINT32_MAX / 2 : (uint32_t)max_sources,
	    .denies_all = overflow == OVERFLOW_DENY_ALL,
	};
}

void refusals_configure(struct listener *listener)
{
	const struct conf *conf = listener->settings->conf;
	const struct conf_penalties *configured = &conf->per_source_penalties;
	const struct penalty_policy policy = {
	    .min_ms = milliseconds(configured->time_us[PENALTY_MIN]),
	    .max_ms = milliseconds(configured->time_us[PENALTY_MAX]),
	    .ipv4 = family_policy(configured->max_sources4, configured->overflow4),
	    .ipv6 = family_policy(configured->max_sources6, configured->overflow6),
	};

	penalties_set_policy(&listener->penalties, &policy);
	listener->admission.policy = (struct admission_policy){
	    .begin = conf->max_startups.begin,
	    .rate = conf->max_startups.rate,
	    .full = conf->max_startups.full,
	    .per_source = conf->per_source_max_startups,
	};
}

static bool has_penalties(const struct listener *listener)
{
	return listener->settings->conf->per_source_penalties.enabled != PENALTIES_OFF;
}

/* The moments between which MaxStartups refuses anybody, as OpenSSH tells them. */
static void note_throttling(struct listener *listener, bool is_refused)
{
	struct refusals *refusals = &listener->refusals;
	uint64_t now_ms = listener->loop.now_ms;
	uint64_t seconds;
	char duration[32], count[16];

	if (is_refused && !refusals->is_throttling) {
		LOG(THROTTLING, T("ADDRESS", ""));
		refusals->is_throttling = true;
		refusals->throttling_since_ms = now_ms;
		refusals->throttled = 0;
	}
	refusals->throttled += is_refused;
	if (is_refused || !refusals->is_throttling ||
	    listener->admission.count >= listener->admission.policy.begin)
		return;
	refusals->is_throttling = false;
	seconds = (now_ms - refusals->throttling_since_ms) / 1000;
	snprintf(duration, sizeof(duration), "%02u:%02u:%02u", (unsigned)(seconds / 3600),
	    (unsigned)(seconds / 60 % 60), (unsigned)(seconds % 60));
	snprintf(count, sizeof(count), "%u", refusals->throttled);
	LOG(THROTTLED, T("DURATION", duration), T("COUNT", count));
}

const char *refusals_reason(struct listener *listener, const struct source *source,
    unsigned random_percent)
{
	unsigned reason = 0;
	enum admission_answer answer;

	if (has_penalties(listener)) {
		switch (penalties_check(&listener->penalties, source, listener->loop.now_ms, &reason)) {
		case PENALTY_REFUSES:
			return outcomes[reason].reason;
		case PENALTY_OVERFLOW:
			return "too many penalised addresses";
		case PENALTY_PERMITS:
			break;
		}
	}
	answer = admission_ask(&listener->admission, source, random_percent);
	note_throttling(listener, answer == REFUSED_FULL);
	if (answer == REFUSED_FULL)
		return "past MaxStartups";
	return answer == REFUSED_PER_SOURCE ? "past PerSourceMaxStartups" : NULL;
}

static bool may_log(struct refusals *refusals, uint64_t now_ms)
{
	char count[16];

	if (now_ms - refusals->minute_began_ms >= MINUTE_MS) {
		snprintf(count, sizeof(count), "%u", refusals->unlogged);
		if (refusals->unlogged > 0)
			LOG(DROPPED_MORE, T("COUNT", count));
		refusals->minute_began_ms = now_ms;
		refusals->logged = refusals->unlogged = 0;
	}
	if (refusals->logged < LOGGED_PER_MINUTE) {
		refusals->logged++;
		return true;
	}
	refusals->unlogged++;
	return false;
}

void refusals_log(struct listener *listener, const struct accepted *accepted, const char *reason)
{
	char address[ADDRESS_TEXT_SIZE], port[8], local_address[ADDRESS_TEXT_SIZE], local_port[8];
	struct sockaddr_storage local = {0};
	socklen_t len = sizeof(local);
	char count[16];

	if (!log_wants(event_level(EVENT_DROPPED)) || !may_log(&listener->refusals, listener->loop.now_ms))
		return;
	(void)getsockname(accepted->fd, (struct sockaddr *)&local, &len);
	address_format((const struct sockaddr *)&accepted->peer, address, port);
	address_format((const struct sockaddr *)&local, local_address, local_port);
	snprintf(count, sizeof(count), "%zu", listener->admission.count);
	LOG(DROPPED, T("STARTUPS", count), T("ADDRESS", address), T("PORT", port),
	    T("LOCAL_ADDRESS", local_address), T("LOCAL_PORT", local_port), T("REASON", reason));
}

static void log_penalty(enum penalty_change change, const struct source *source, uint64_t add_ms,
    const char *reason)
{
	static const char *const changes[] = {[PENALTY_FORGOTTEN] = "no room for a",
	    [PENALTY_DEFERRED] = "deferred", [PENALTY_ACTIVATED] = "activating", [PENALTY_EXTENDED] = "extending"};
	AUTO(buf_wipe) struct buf text = buf_empty(128);
	char seconds[24];

	if (source_append(&text, source) != ERR_OK)
		return;
	snprintf(seconds, sizeof(seconds), "%g", (double)add_ms / 1000);
	if (change == PENALTY_ACTIVATED)
		LOG(PENALTY_ACTIVE, F("SOURCE", buf_view(&text)), T("SECONDS", seconds), T("REASON", reason));
	else
		LOG(PENALTY_NOTED, F("SOURCE", buf_view(&text)), T("CHANGE", changes[change]),
		    T("SECONDS", seconds), T("REASON", reason));
}

static bool is_exempt(const struct conf *conf, const struct sockaddr *peer)
{
	char address[ADDRESS_TEXT_SIZE], port[8];

	if (conf->per_source_penalty_exempt == NULL)
		return false;
	address_format(peer, address, port);
	return address_list_match(slice_text(address), slice_text(conf->per_source_penalty_exempt), NULL) ==
	    MATCH_YES;
}

void refusals_penalise(struct listener *listener, const struct sockaddr *peer,
    enum connection_outcome outcome)
{
	const struct conf *conf = listener->settings->conf;
	struct source source = source_of(peer, conf->per_source_net_block.ipv4_bits,
	    conf->per_source_net_block.ipv6_bits);
	enum penalty_change change;
	uint64_t add_ms;

	if (outcome >= COUNT_OF(outcomes) || outcomes[outcome].penalty == NO_PENALTY)
		return;
	if (!has_penalties(listener) || listener->is_single || is_exempt(conf, peer))
		return;
	add_ms = milliseconds(conf->per_source_penalties.time_us[outcomes[outcome].penalty]);
	if (add_ms == 0 || penalties_add(&listener->penalties, &source, add_ms, outcome,
			       listener->loop.now_ms, &change) != ERR_OK)
		return;
	log_penalty(change, &source, add_ms, outcomes[outcome].reason);
}

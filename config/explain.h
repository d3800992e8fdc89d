/* Settings and decisions told to a person, or as JSON: what holds, and which line says so. */
#pragma once

#include "config/policy.h"
#include "config/resolve.h"

/* What became of a line of a keyword. */
enum line_fate {
	LINE_HOLDS,     /* its value, or some of its values, are in force */
	LINE_SHADOWED,  /* another line was first, or a Match block replaced it */
	LINE_CONDITION, /* it stands in a Match block that does not hold */
};

/* conf: resolved for these facts (NULL: those of the daemon). */
enum line_fate explain_fate(
    const struct conf *conf, const struct match_facts *facts, const struct entry *entry);

/*
 * A keyword's value, where it comes from, and every line of it that did not make it:
 *
 *     passwordauthentication yes
 *         holds: /etc/ssh/sshd_config.d/50-cloud-init.conf:1: PasswordAuthentication yes
 *         shadowed: /etc/ssh/sshd_config:57: PasswordAuthentication no
 */
enum err explain_keyword(
    const struct conf *conf, const struct match_facts *facts, enum keyword_id id, struct buf *out);

/* The same as one JSON object, without a newline. */
enum err explain_keyword_json(
    const struct conf *conf, const struct match_facts *facts, enum keyword_id id, struct buf *out);

/* "denied: the user is not listed in AllowUsers (/etc/ssh/sshd_config:12: AllowUsers bob)" */
enum err explain_decision(
    const struct conf *conf, const struct decision *decision, struct buf *out);
enum err explain_decision_json(
    const struct conf *conf, const struct decision *decision, struct buf *out);

/* The line at an origin, as written; NULL: there is none. */
const char *explain_line(const struct conf *conf, struct origin origin);

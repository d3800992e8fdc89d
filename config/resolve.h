/* Entries to settings: which line wins, and what holds where no line says anything. */
#pragma once

#include "config/parse.h"

/*
 * The settings for a connection, or, with facts NULL, those of the daemon itself: what stands
 * outside of Match blocks and within those that hold for every connection ("all", "version").
 *
 * A value set in any Match block that holds is used instead of one outside; between blocks
 * that hold the first wins; a list in a block replaces the list outside.
 *
 * `out` keeps a reference to `config`; `diagnostics` may be NULL. ERR_NO_MEMORY.
 */
enum err conf_resolve(struct config *config, const struct match_facts *facts, struct conf **out,
    struct diagnostics *diagnostics);

/* As for a connection for which this one Match block holds, and no other but "all". */
enum err conf_resolve_scope(struct config *config, uint32_t scope, struct conf **out);

void conf_free(struct conf *conf);
void conf_release(struct conf **conf); /* for AUTO */

/* The entries it was made from. */
const struct config *conf_config(const struct conf *conf);

/* "file:line" of a keyword's value, or "default". Appended. */
enum err conf_origin_append(const struct conf *conf, struct origin origin, struct buf *out);

/* Everything as -T prints it: "keyword value" lines that a configuration could hold. */
enum err conf_dump(const struct conf *conf, struct buf *out);

/* One keyword of it. */
enum err conf_dump_keyword(const struct conf *conf, enum keyword_id id, struct buf *out);

/* Whether the entry's block, and those it is nested in, hold. */
bool entry_holds(
    const struct config *config, const struct entry *entry, const struct match_facts *facts);

/* Everything that is wrong with a configuration, collected in one run. */
#pragma once

#include "config/arena.h"
#include "sshd/base/buf.h"

/* More than this many of one severity are only counted. */
#define DIAGNOSTICS_LIMIT 1000u

enum severity { SEVERITY_NOTE, SEVERITY_WARNING, SEVERITY_ERROR };

/* A stretch of a line. line 0: the whole file. Columns count bytes from 1. */
struct place {
	const char *file;
	uint32_t line, column, width;
	struct slice source; /* the line itself, without its end */
};

struct diagnostic {
	enum severity severity;
	const char *file;
	uint32_t line, column, width;
	const char *source; /* NULL when there is no line to show */
	const char *text;   /* one sentence, without file and line */
	const char *hint;   /* the likely correction, or NULL */
	struct diagnostic *next;
};

struct diagnostics {
	struct arena arena;
	struct diagnostic *first, *last;
	size_t counts[SEVERITY_ERROR + 1];
	bool is_incomplete; /* memory was out */
};

/* Adds one. All texts are copied; place may be NULL (nothing to point at), hint too. */
void diagnostics_add(struct diagnostics *d, enum severity severity, const struct place *place,
    const char *hint, const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Frees the texts; `d` is empty and usable again. AUTO-able. */
void diagnostics_wipe(struct diagnostics *d);

bool diagnostics_has_errors(const struct diagnostics *d);

/*
 * For people:
 *
 *     /etc/ssh/sshd_config:7:1: error: unknown keyword "MaxAuthTrys"; did you mean MaxAuthTries?
 *         MaxAuthTrys 3
 *         ^~~~~~~~~~~
 *
 * Bytes that a terminal would act on are shown escaped. ERR_LIMIT, ERR_NO_MEMORY.
 */
enum err diagnostic_render(const struct diagnostic *diagnostic, struct buf *out);
enum err diagnostics_render(const struct diagnostics *d, struct buf *out);

const char *severity_name(enum severity severity);

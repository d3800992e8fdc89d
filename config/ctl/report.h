/* What `sshdctl check` prints: what the parser told and what lint found, in three forms. */
#pragma once

#include "config/ctl/input.h"

struct report {
	const struct config *config;
	const struct diagnostics *diagnostics;
	const struct findings *findings; /* of all profiles asked for */
	bool is_coloured;
};

size_t report_count(const struct report *report, enum severity severity);

enum err report_text(const struct report *report, struct buf *out);
enum err report_json(const struct report *report, struct buf *out);

/* SARIF 2.1.0. */
enum err report_sarif(const struct report *report, struct buf *out);

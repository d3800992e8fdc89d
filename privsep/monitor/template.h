/* The template: made ready once, forked for each connection. */
#pragma once

#include "privsep/monitor/prepared.h"

/* Descriptors that the listener puts there. */
enum template_fd { TEMPLATE_FD_CONTROL = 3, TEMPLATE_FD_HANDOVER = 4, TEMPLATE_FD_USER = 5 };

/*
 * Serves START_MONITOR until the listener closes the channel. With `is_fresh` this process is
 * the one connection's monitor itself and returns when that is over.
 */
enum err template_serve(const struct prepared *prepared, bool is_fresh);

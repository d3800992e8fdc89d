/*
 * The watch over a configuration that waits for `sshdctl confirm`: it is ours, since sshdctl may
 * die with the connection that the new configuration cut off.
 */
#pragma once

#include <stdbool.h>

struct listener;
struct options;

/*
 * Before the files are read: puts the old configuration back if nobody confirmed the new one in
 * time, also what an earlier daemon left undone. True: the file on disk is another one now.
 */
bool rollback_overdue(const struct options *options);

/* Sets the timer for what waits; to be called at start and after each reading of the files. */
void rollback_watch(struct listener *listener);

/* From now on sshdctl finds us. Without a state directory it does not: no --confirm then. */
void rollback_announce(struct listener *listener);
void rollback_withdraw(struct listener *listener);

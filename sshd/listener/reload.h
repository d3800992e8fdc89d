/*
 * From a configuration on disk to one in force, at start and at SIGHUP alike: read and check it,
 * have a signer read its keys, and only then change anything. What fails changes nothing.
 */
#pragma once

#include "config/diagnostics.h"

struct listener;
struct signer;

/* Reads the files again. The outcome is logged and told to the service manager. */
void reload_begin(struct listener *listener);

/* The settings in listener->candidate are good: go on to their keys. ERR_SYSTEM. */
enum err reload_candidate(struct listener *listener);

/* Called by signer.c. */
void reload_signer_ready(struct listener *listener, struct signer *signer);
void reload_signer_failed(struct listener *listener, struct signer *signer, const char *reason);

/* Each finding as a log event. */
void reload_log_diagnostics(const struct diagnostics *diagnostics);

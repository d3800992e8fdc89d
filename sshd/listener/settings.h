/* One configuration as the listener holds it: read once, kept whole, handed on as bytes. */
#pragma once

#include "config/resolve.h"
#include "config/snapshot.h"
#include "sshd/listener/options.h"

struct settings {
	struct config *config;
	struct conf *conf;   /* of the daemon itself: outside of Match */
	struct buf snapshot; /* encoded, for the monitors */
	char V_S[256];       /* our identification string without CR LF */
};

/* The main configuration file. */
const char *settings_path(const struct options *options);

/*
 * Reads and checks what the command line and the files say.
 *
 * diagnostics   everything found, warnings too
 * ERR_CONFIG: told to diagnostics. ERR_NO_MEMORY, ERR_LIMIT.
 */
enum err settings_read(const struct options *options, struct settings **out,
    struct diagnostics *diagnostics);

void settings_free(struct settings *settings);
void settings_release(struct settings **settings);

/*
 * The process that holds the host keys. One belongs to one set of keys: a reload or its death
 * brings another, and the old one serves the connections it has until the last is gone.
 */
#pragma once

#include "privsep/ipc/channel.h"
#include "sshd/base/loop.h"
#include "sshd/listener/children.h"

#define SIGNER_RETRY_MS 1000u

struct listener;
struct settings;
struct signer;

/*
 * Executes one for the host keys of `settings`. It reads them and answers through
 * reload_signer_ready or reload_signer_failed. ERR_SYSTEM, ERR_NO_MEMORY.
 */
enum err signer_start(struct listener *listener, const struct settings *settings, struct signer **out);

/* No new channels; it ends when its last one closes. NULL is fine. */
void signer_retire(struct signer *signer);

/* As SIGNER_KEYS carried them; empty before. */
struct slice signer_keys(const struct signer *signer);

/* Gives it the other end of a monitor's channel, which is closed here. ERR_CLOSED: none lives. */
enum err signer_take_channel(struct signer *signer, uint64_t connection, int fd);

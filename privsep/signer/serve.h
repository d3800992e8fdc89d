/* The signer's loop: channels from the listener, requests from monitors. */
#pragma once

#include "privsep/signer/signer_keys.h"
#include "sshd/base/loop.h"

#define SIGNER_CHANNELS_LIMIT 65536u

/*
 * Tells the listener of the keys, then serves until it is retired, or the listener is gone, and
 * the last monitor has closed its channel.
 *
 * control   the listener's channel
 */
enum err signer_serve(const struct signer_keys *keys, struct loop *loop, int control);

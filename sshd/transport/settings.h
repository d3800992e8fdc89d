/* What the caller said at the start, checked and kept. */
#pragma once

#include "sshd/transport/transport.h"

/* ERR_RANGE, ERR_MALFORMED: not usable. */
enum err settings_check(const struct transport_settings *settings);

/* A copy whose slices all point into one block, which the caller frees. ERR_NO_MEMORY. */
enum err settings_copy(
    const struct transport_settings *from, struct transport_settings *to, uint8_t **block);

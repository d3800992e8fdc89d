/*
 * An answer, as opposed to an error: zero denies, so that a forgotten assignment fails closed,
 * and a single flipped bit does not turn the one into the other.
 */
#pragma once

enum [[nodiscard]] verdict { DENY = 0, PERMIT = 0x5ac396e1 };

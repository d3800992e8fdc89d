/*
 * The layers of a sandbox: which there are, which a host must give, what they are called.
 *
 * The listener's self-test finds out which layers this host gives (probe.h) and hands the mask
 * to every program it starts. A layer in the mask is fatal when it fails; one that is not in
 * the mask is not tried. LAYERS_REQUIRED are in every mask.
 */
#pragma once

#include "sshd/base/buf.h"

/*      bit  name            word for the log and for --layers */
#define LAYER_TABLE(LAYER)                                                                         \
	LAYER(0, SECCOMP, "seccomp")             /* only the system calls of filter_*.def */       \
	LAYER(1, NO_NEW_PRIVS, "no_new_privs")   /* exec never gives more rights */                \
	LAYER(2, RLIMITS, "rlimits")             /* limits.h */                                    \
	LAYER(3, NON_DUMPABLE, "non-dumpable")   /* no core, no ptrace, no reading of /proc/PID */ \
	LAYER(4, IDENTITY, "identity")           /* another uid, and no way back */                \
	LAYER(5, EMPTY_ROOT, "empty root")       /* chroot to a directory with nothing in it */    \
	LAYER(6, EMPTY_NETWORK, "empty network") /* a network namespace without an interface */    \
	LAYER(7, LANDLOCK, "landlock")           /* no file opened, by the kernel's own rules */   \
	LAYER(8, SECRET_MEMORY, "secret memory") /* pages the kernel itself cannot reach */        \
	LAYER(9, MDWE, "mdwe")                   /* memory is never both written and executed */

#define LAYER_BIT(bit, name, word) LAYER_##name = 1u << (bit),
enum layer { LAYER_TABLE(LAYER_BIT) };
#undef LAYER_BIT

#define LAYERS_ALL      0x3ffu
#define LAYERS_REQUIRED (LAYER_SECCOMP | LAYER_NO_NEW_PRIVS | LAYER_RLIMITS | LAYER_NON_DUMPABLE)
/* As root the change of uid is required as well. */
#define LAYERS_REQUIRED_AS_ROOT (LAYERS_REQUIRED | LAYER_IDENTITY)

/* The names of the layers in `mask`, separated by ", ", appended. */
enum err layers_append(struct buf *out, uint32_t mask);

/* The mask as the argument of --layers, and back. ERR_MALFORMED: not all required are in it. */
#define LAYERS_TEXT_SIZE 11
void layers_format(uint32_t mask, char text[static LAYERS_TEXT_SIZE]);
enum err layers_parse(const char *text, uint32_t *mask);

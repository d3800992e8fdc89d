/* Cleanup on every way out of a scope, and the one macro that returns early. */
#pragma once

#include "sshd/base/err.h"

/* AUTO(fd_release) int fd = ...;   release runs when fd leaves its scope. */
#define AUTO(release) __attribute__((cleanup(release)))

/* Hands a pointer on and leaves NULL behind, so that its AUTO has nothing to do. */
#define TAKE(pointer)                                                                              \
	({                                                                                         \
		__typeof__(pointer) taken_ = (pointer);                                            \
		(pointer) = NULL;                                                                  \
		taken_;                                                                            \
	})

/* Hands a descriptor on and leaves -1 behind. */
#define TAKE_FD(fd)                                                                                \
	({                                                                                         \
		int taken_ = (fd);                                                                 \
		(fd) = -1;                                                                         \
		taken_;                                                                            \
	})

/* Returns the error of `expr` from the enclosing function, if it is one. */
#define TRY(expr)                                                                                  \
	do {                                                                                       \
		enum err try_ = (expr);                                                            \
		if (try_ != ERR_OK)                                                                \
			return try_;                                                               \
	} while (0)

/* For the few calls whose failure changes nothing; say why beside each use. */
#define IGNORE(expr)                                                                               \
	do {                                                                                       \
		enum err ignored_ = (expr);                                                        \
		(void)ignored_;                                                                    \
	} while (0)

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* The struct of `type` whose `member` is at `pointer`. */
#define CONTAINER_OF(pointer, type, member)                                                        \
	((type *)(void *)((char *)(pointer)-__builtin_offsetof(type, member)))

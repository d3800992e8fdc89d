/*
 * What the sanitizers' run time asks of a program. The linker is told to take this file into every
 * program of --enable-sanitizers (configure.ac); in a release it is empty.
 */
#include "config.h"

#ifdef SEKISHO_SANITIZERS

#include <sys/prctl.h>
#include <unistd.h>

int __lsan_is_turned_off(void);
const char *__asan_default_options(void);

/*
 * At exit the leak checker stops its process by ptrace from a clone. A filter kills it for that,
 * and without root a process that refuses dumps cannot be traced: there is no check there.
 */
int __lsan_is_turned_off(void)
{
	if (prctl(PR_GET_SECCOMP) != 0)
		return 1;
	return prctl(PR_GET_DUMPABLE) != 1 && geteuid() != 0;
}

/* A report is a core nobody wants, and a death by signal that the listener and the tests see. */
const char *__asan_default_options(void)
{
	return "abort_on_error=1:detect_stack_use_after_return=0:allow_user_segv_handler=0";
}

#endif

#include "privsep/sandbox/process.h"

#include <errno.h>
#include <sys/prctl.h>

#ifndef PR_SET_MDWE
#define PR_SET_MDWE              65
#define PR_MDWE_REFUSE_EXEC_GAIN 1ul
#endif

enum err process_refuse_dumps(void)
{
	return prctl(PR_SET_DUMPABLE, 0ul, 0ul, 0ul, 0ul) != 0 ? ERR_SYSTEM : ERR_OK;
}

enum err process_refuse_new_privileges(void)
{
	return prctl(PR_SET_NO_NEW_PRIVS, 1ul, 0ul, 0ul, 0ul) != 0 ? ERR_SYSTEM : ERR_OK;
}

enum err process_refuse_writable_code(void)
{
	if (prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0ul, 0ul, 0ul) == 0)
		return ERR_OK;
	return errno == EINVAL ? ERR_UNSUPPORTED : ERR_SYSTEM;
}

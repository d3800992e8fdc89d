#include "sshd/sftp/confine.h"

#include <time.h>

#include "privsep/sandbox/filter_load.h"
#include "privsep/sandbox/landlock.h"
#include "privsep/sandbox/limits.h"
#include "privsep/sandbox/process.h"
#include "sshd/base/auto.h"

static const uint8_t filter[] = {
#include "sshd/sftp/filter_bpf.inc"
};

enum err sftp_confine(int jail)
{
	enum err err;

	/* The time zone's file may be out of reach later. */
	tzset();
	TRY(limits_apply(LIMITS_SFTP));
	TRY(process_refuse_dumps());
	TRY(process_refuse_new_privileges());
	if (jail >= 0) {
		/* openat2 holds the jail by itself; Landlock is the second wall, where there is
		 * one. */
		err = landlock_read_write(&jail, 1);
		if (err != ERR_OK && err != ERR_UNSUPPORTED)
			return err;
	}
	return filter_load(SLICE_OF(filter));
}

#include "privsep/monitor/kexinit.h"

#include "sshd/base/auto.h"
#include "sshd/wire/numbers.h"

static void write_both_directions(struct writer *w, struct slice list)
{
	write_string(w, list);
	write_string(w, list);
}

enum err kexinit_write(const struct kexinit_lists *lists, struct slice cookie, bool is_first,
    struct writer *w)
{
	size_t position;

	if (cookie.len != COOKIE_LEN)
		return ERR_RANGE;
	write_byte(w, SSH_MSG_KEXINIT);
	write_bytes(w, cookie);
	position = write_string_begin(w);
	write_bytes(w, lists->kex);
	if (is_first)
		write_bytes(w, LITERAL(",ext-info-s,kex-strict-s-v00@openssh.com"));
	write_string_end(w, position);
	write_string(w, lists->host_key);
	write_both_directions(w, lists->ciphers);
	write_both_directions(w, lists->macs);
	write_both_directions(w, lists->compression);
	write_both_directions(w, (struct slice){0}); /* languages */
	write_boolean(w, false); /* no guessed packet follows */
	write_u32(w, 0);
	return writer_finish(w, NULL);
}

/*
 * Run by the build: prints the compiled seccomp list of filter_sftp.def as the inside of a C array.
 * So a session loads it with one system call and links no library for it.
 */
#include <stdio.h>
#include <stdlib.h>

#include "privsep/sandbox/filter.h"
#include "sshd/base/auto.h"

int main(void)
{
	AUTO(buf_wipe) struct buf bpf = buf_empty(FILTER_LIMIT);
	enum err err = filter_compile(&filter_sftp, &bpf);
	struct slice bytes = buf_view(&bpf);

	if (err != ERR_OK) {
		fprintf(stderr, "filter_sftp.def: %s\n", err_text(err));
		return EXIT_FAILURE;
	}
	for (size_t i = 0; i < bytes.len; i++)
		printf("%u,%s", bytes.ptr[i], i % 24 == 23 ? "\n" : "");
	return fflush(stdout) == 0 && !ferror(stdout) ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* Encoded terminal modes of a peer: nothing but flags may change. */
#include "privsep/user/terminal.h"
#include "sshd/base/auto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct termios settings = {0};

	IGNORE(terminal_modes_apply(slice_over(data, size), &settings));
	return 0;
}

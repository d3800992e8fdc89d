#include "sshd/base/compare.h"

bool equal_in_constant_time(struct slice a, struct slice b)
{
	volatile uint8_t difference = 0;

	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		difference |= (uint8_t)(a.ptr[i] ^ b.ptr[i]);
	return difference == 0;
}

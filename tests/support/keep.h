/* Memory for vectors, kept until the test ends; leak checkers find it by its list. */
#pragma once

#include <check.h>
#include <stdlib.h>

struct kept {
	struct kept *next;
	unsigned char bytes[];
};

/* At least `len` zero bytes. */
static inline void *keep(size_t len)
{
	static struct kept *all;
	struct kept *kept = calloc(1, sizeof(*kept) + len + 1);

	ck_assert_ptr_nonnull(kept);
	kept->next = all;
	all = kept;
	return kept->bytes;
}

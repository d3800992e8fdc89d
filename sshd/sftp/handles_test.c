#include "sshd/sftp/handles.h"

#include "tests/support/suite.h"

static struct sftp_handle *add(struct sftp_handles *handles, const char *path)
{
	struct sftp_handle *handle;

	ck_assert_int_eq(
	    sftp_handles_add(handles, SFTP_HANDLE_FILE, 7, slice_text(path), &handle), ERR_OK);
	return handle;
}

START_TEST(the_limit_is_kept)
{
	struct sftp_handles handles = sftp_handles_empty(20);
	struct sftp_handle *handle, *untouched = NULL;

	for (unsigned i = 0; i < 20; i++) {
		ck_assert(sftp_handles_have_room(&handles));
		add(&handles, "a");
	}
	ck_assert(!sftp_handles_have_room(&handles));
	ck_assert_int_eq(
	    sftp_handles_add(&handles, SFTP_HANDLE_FILE, 7, LITERAL("a"), &untouched), ERR_LIMIT);
	ck_assert_ptr_null(untouched);
	sftp_handles_remove(&handles, sftp_handles_next(&handles, NULL));
	add(&handles, "b");
	while ((handle = sftp_handles_next(&handles, NULL)) != NULL)
		sftp_handles_remove(&handles, handle);
	sftp_handles_wipe(&handles);
}
END_TEST

START_TEST(an_old_name_is_not_taken_for_a_new_handle)
{
	struct sftp_handles handles = sftp_handles_empty(2);
	struct sftp_handle *first = add(&handles, "first"), *second;
	uint8_t old[SFTP_HANDLE_NAME_LEN], new[SFTP_HANDLE_NAME_LEN];
	struct slice old_name = sftp_handle_name(&handles, first, old);
	struct slice new_name;

	ck_assert_ptr_eq(sftp_handles_find(&handles, old_name, SFTP_HANDLE_FILE), first);
	sftp_handles_remove(&handles, first);
	ck_assert_ptr_null(sftp_handles_find(&handles, old_name, SFTP_HANDLE_UNUSED));
	second = add(&handles, "second");
	new_name = sftp_handle_name(&handles, second, new);
	ck_assert_ptr_eq(second, first); /* the same slot */
	ck_assert_ptr_null(sftp_handles_find(&handles, old_name, SFTP_HANDLE_FILE));
	ck_assert_ptr_eq(sftp_handles_find(&handles, new_name, SFTP_HANDLE_FILE), second);
	sftp_handles_remove(&handles, second);
	sftp_handles_wipe(&handles);
}
END_TEST

static const struct {
	const char *why;
	struct slice name;
} no_handles[] = {
    {"empty", {0}},
    {"too short", BYTES(0, 0, 0, 0, 0, 0, 1)},
    {"too long", BYTES(0, 0, 0, 0, 0, 0, 0, 1, 0)},
    {"another slot", BYTES(0, 0, 0, 1, 0, 0, 0, 1)},
    {"slot far away", BYTES(0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1)},
    {"another generation", BYTES(0, 0, 0, 0, 0, 0, 0, 2)},
    {"generation none", BYTES(0, 0, 0, 0, 0, 0, 0, 0)},
};

START_TEST(find_refuses_what_is_no_handle)
{
	struct sftp_handles handles = sftp_handles_empty(8);
	struct sftp_handle *handle = add(&handles, "a");

	for (size_t i = 0; i < COUNT_OF(no_handles); i++)
		ck_assert_msg(
		    sftp_handles_find(&handles, no_handles[i].name, SFTP_HANDLE_UNUSED) == NULL,
		    "%s", no_handles[i].why);
	ck_assert_ptr_null(
	    sftp_handles_find(&handles, BYTES(0, 0, 0, 0, 0, 0, 0, 1), SFTP_HANDLE_DIRECTORY));
	ck_assert_ptr_eq(
	    sftp_handles_find(&handles, BYTES(0, 0, 0, 0, 0, 0, 0, 1), SFTP_HANDLE_FILE), handle);
	sftp_handles_remove(&handles, handle);
	sftp_handles_wipe(&handles);
}
END_TEST

START_TEST(the_limit_follows_the_descriptors)
{
	static const struct {
		uint64_t descriptors;
		uint32_t handles;
	} cases[] = {{0, 1}, {SFTP_DESCRIPTORS_KEPT, 1}, {SFTP_DESCRIPTORS_KEPT + 1, 1},
	    {1024, 1024 - SFTP_DESCRIPTORS_KEPT}, {1u << 20, SFTP_HANDLE_COUNT_LIMIT},
	    {UINT64_MAX, SFTP_HANDLE_COUNT_LIMIT}};

	for (size_t i = 0; i < COUNT_OF(cases); i++)
		ck_assert_uint_eq(sftp_handles_limit_for(cases[i].descriptors), cases[i].handles);
}
END_TEST

SUITE("handles", TEST(the_limit_is_kept), TEST(an_old_name_is_not_taken_for_a_new_handle),
    TEST(find_refuses_what_is_no_handle), TEST(the_limit_follows_the_descriptors))

/* Every parser of transport and key exchange messages, and what they give: views into the input. */
#include <assert.h>

#include "sshd/base/auto.h"
#include "sshd/wire/messages_kex.h"
#include "sshd/wire/name_list.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct slice input;

static void check_inside(struct slice s)
{
	assert(s.len == 0 || (s.ptr >= input.ptr && s.ptr + s.len <= input.ptr + input.len));
}

static void try_kexinit(void)
{
	struct kexinit kexinit;
	struct slice name;

	if (kexinit_parse(input, &kexinit) != ERR_OK)
		return;
	assert(kexinit.cookie.len == KEXINIT_COOKIE_LEN);
	for (size_t i = 0; i < KEXINIT_LISTS; i++) {
		check_inside(kexinit.lists[i]);
		while (name_list_next(&kexinit.lists[i], &name))
			assert(name.len > 0);
	}
}

static void try_ext_info(void)
{
	struct slice name, value;
	struct ext_info info;
	size_t count = 0;

	if (ext_info_parse(input, &info) != ERR_OK)
		return;
	while (ext_info_next(&info, &name, &value)) {
		check_inside(name);
		check_inside(value);
		count++;
	}
	assert(count <= EXT_INFO_COUNT_LIMIT && info.pairs.len == 0);
}

static void try_small(void)
{
	struct disconnect disconnect = {0};
	struct debug_message debug = {0};
	struct slice string = {0};
	uint32_t number;

	IGNORE(disconnect_parse(input, &disconnect)); /* here and below: what it gives is checked */
	check_inside(disconnect.text);
	IGNORE(debug_message_parse(input, &debug));
	check_inside(debug.text);
	IGNORE(ignore_parse(input, &string));
	IGNORE(service_request_parse(input, &string));
	IGNORE(service_accept_parse(input, &string));
	IGNORE(ping_parse(input, &string));
	IGNORE(pong_parse(input, &string));
	check_inside(string);
	IGNORE(unimplemented_parse(input, &number));
	IGNORE(newkeys_parse(input));
}

static void try_kex(void)
{
	struct gex_request request;
	struct gex_group group = {0};
	struct kex_reply reply = {0};
	struct slice Q_C = {0};

	IGNORE(gex_request_parse(input, &request)); /* as above */
	IGNORE(gex_group_parse(input, &group));
	check_inside(group.p);
	for (unsigned is_mpint = 0; is_mpint < 2; is_mpint++) {
		IGNORE(kex_init_parse(input, message_number(input), is_mpint, &Q_C));
		check_inside(Q_C);
		IGNORE(kex_reply_parse(input, message_number(input), is_mpint, &reply));
		check_inside(reply.signature);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	input = slice_over(data, size);
	try_kexinit();
	try_ext_info();
	try_small();
	try_kex();
	return 0;
}

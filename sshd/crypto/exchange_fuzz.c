/*
 * Public values of every method, the client's and the server's. The first byte chooses the row
 * and, by its highest bit, the side that is fuzzed; a group exchange takes its group from the
 * input as well. Whatever comes of it, what was not accepted leaves nothing behind.
 */
#include <assert.h>
#include <stdlib.h>

#include "sshd/base/auto.h"
#include "sshd/crypto/exchange.h"
#include "sshd/wire/reader.h"

#define PRIME_LIMIT 256u /* bytes: larger ones only cost time */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t row_count(void)
{
	size_t count = 0;

	while (kex_algorithms[count].name != NULL)
		count++;
	return count;
}

static void check_answer(enum err err, const struct kex_keys *keys)
{
	assert((err == ERR_OK) == (buf_len(&keys->Q_S) > 0));
	assert((err == ERR_OK) == (buf_len(&keys->K) > 0));
	assert(err == ERR_OK || err == ERR_EXCHANGE || err == ERR_RANGE);
}

static void respond(const struct kex_algorithm *algorithm, struct slice Q_C)
{
	AUTO(kex_keys_wipe) struct kex_keys keys = kex_keys_empty();
	enum err err = kex_respond(algorithm, Q_C, &keys);

	check_answer(err, &keys);
	assert(err != ERR_RANGE);
	if (err == ERR_OK && algorithm->flow == KEX_FLOW_ECDH)
		assert(
		    Q_C.len == algorithm->Q_C_limit && buf_len(&keys.Q_S) == algorithm->Q_S_limit);
}

static void respond_in_group(struct slice input)
{
	AUTO(kex_keys_wipe) struct kex_keys keys = kex_keys_empty();
	struct reader r = reader_over(input);
	struct dh_group group = {0};
	struct slice e;

	group.p = read_string(&r, PRIME_LIMIT);
	group.g = read_string(&r, PRIME_LIMIT);
	e = read_rest(&r);
	check_answer(dh_respond(&group, e, &keys), &keys);
}

/* One client for each row lives as long as the process: making sntrup761's key takes 7 ms. */
static void finish(size_t row, struct slice Q_S)
{
	static struct kex_client *clients[64];
	AUTO(buf_wipe) struct buf Q_C = buf_empty(4096);
	AUTO(buf_wipe) struct buf K = buf_empty_secret(K_LIMIT);
	enum err err;

	if (clients[row] == NULL &&
	    kex_client_begin(&kex_algorithms[row], &clients[row], &Q_C) != ERR_OK)
		abort();
	err = kex_client_finish(clients[row], Q_S, &K);
	assert((err == ERR_OK) == (buf_len(&K) > 0));
	assert(err == ERR_OK || err == ERR_EXCHANGE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice value;
	size_t row;

	if (size == 0)
		return 0;
	row = (data[0] & 0x3fu) % row_count();
	value = slice_over(data + 1, size - 1);
	if (kex_algorithms[row].flow == KEX_FLOW_GROUP)
		respond_in_group(value);
	else if (data[0] & 0x80)
		finish(row, value);
	else
		respond(&kex_algorithms[row], value);
	return 0;
}

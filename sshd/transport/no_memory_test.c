/*
 * Every allocation of a connection fails once, in turn: the connection ends with an error, and
 * nothing leaks or is used half made (the sanitizers and valgrind see to that).
 */
#include <stdlib.h>
#include <sys/mman.h>

#include "tests/support/suite.h"
#include "tests/support/transport_pair.h"

static long allowed = -1; /* allocations until the one that fails; negative: none does */
static unsigned failed;

/* The linker gives these our own code's calls (--wrap); OpenSSL keeps the real ones. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_mmap(void *at, size_t len, int protection, int flags, int fd, off_t offset);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_mmap(void *at, size_t len, int protection, int flags, int fd, off_t offset);

static bool fails_now(void)
{
	if (allowed < 0 || allowed-- > 0)
		return false;
	failed++;
	return true;
}

void *__wrap_malloc(size_t size)
{
	return fails_now() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails_now() ? NULL : __real_calloc(count, size);
}

void *__wrap_mmap(void *at, size_t len, int protection, int flags, int fd, off_t offset)
{
	return fails_now() ? MAP_FAILED : __real_mmap(at, len, protection, flags, fd, offset);
}

/* A handshake, compressed data both ways and a rekey, with large payloads. */
static enum err whole_life(struct pair *pair)
{
	static const uint8_t data[100000] = {SSH_MSG_CHANNEL_DATA};
	struct pair_settings settings = {.compression = "zlib@openssh.com"};

	settings.client.lists[KEXINIT_COMPRESSION_CLIENT_TO_SERVER] = "zlib@openssh.com";
	settings.client.lists[KEXINIT_COMPRESSION_SERVER_TO_CLIENT] = "zlib@openssh.com";
	TRY(pair_init(pair, &settings));
	TRY(pair_handshake(pair));
	TRY(transport_send(pair->server, BYTES(SSH_MSG_USERAUTH_SUCCESS)));
	TRY(transport_authenticated(pair->server));
	pair_run(pair);
	TRY(pair->client_err);
	transport_rekey_now(pair->server);
	pair_run_server(pair);
	TRY(pair->server_err);
	TRY(transport_send(pair->server, SLICE_OF(data)));
	pair_run(pair);
	TRY(pair->server_err);
	TRY(pair->client_err);
	TRY(client_send(pair->client, SLICE_OF(data)));
	pair_run(pair);
	TRY(pair->server_err);
	TRY(pair->client_err);
	return pair_payload_count(&pair->at_server) == 1 ? ERR_OK : ERR_NOT_FOUND;
}

START_TEST(every_allocation_may_fail)
{
	enum err err = ERR_NO_MEMORY;
	long count;

	ck_assert_int_eq(crypto_prepare(), ERR_OK);
	for (count = 0; err != ERR_OK && count < 1000; count++) {
		struct pair pair = {0};

		allowed = count;
		err = whole_life(&pair);
		allowed = -1;
		/* A failure may show as an error of the library that was called with it. */
		ck_assert_msg(err == ERR_OK || err == ERR_NO_MEMORY || err == ERR_CRYPTO,
		    "allocation %ld: %s", count, err_name(err));
		pair_wipe(&pair);
	}
	ck_assert_int_eq(err, ERR_OK);
	/* Each of them but the last round was in the way. */
	ck_assert_uint_eq(failed, (unsigned)count - 1);
	ck_assert_int_gt(count, 50);
}
END_TEST

SUITE("no_memory", TEST(every_allocation_may_fail))

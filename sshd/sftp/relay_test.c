#include "sshd/sftp/relay.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/support/suite.h"

#define FILE_SIZE (SFTP_READ_LIMIT + 12345)

/* A file in memory with a content that shows where each byte was, and a pipe for the client. */
struct stage {
	int file;
	int client[2];
	struct relay relay;
};

static uint8_t byte_at(size_t at)
{
	return (uint8_t)(at ^ at >> 8 ^ at >> 16);
}

static void stage_make(struct stage *stage)
{
	static uint8_t content[FILE_SIZE];

	for (size_t i = 0; i < FILE_SIZE; i++)
		content[i] = byte_at(i);
	stage->file = memfd_create("file", MFD_CLOEXEC);
	ck_assert_int_eq(write(stage->file, content, FILE_SIZE), FILE_SIZE);
	ck_assert_int_eq(pipe2(stage->client, O_CLOEXEC | O_NONBLOCK), 0);
	stage->relay = relay_to(stage->client[1]);
}

static void stage_wipe(struct stage *stage)
{
	relay_wipe(&stage->relay);
	close(stage->file);
	close(stage->client[0]);
	close(stage->client[1]);
}

/* Passes on and reads until nothing is pending; checks each byte. */
static size_t drain(struct stage *stage, size_t offset)
{
	size_t total = 0;
	enum err err;

	do {
		static uint8_t bytes[65536];
		ssize_t n;

		err = relay_pass(&stage->relay);
		ck_assert(err == ERR_OK || err == ERR_AGAIN);
		while ((n = read(stage->client[0], bytes, sizeof(bytes))) > 0)
			for (ssize_t i = 0; i < n; i++, total++)
				ck_assert_uint_eq(bytes[i], byte_at(offset + total));
	} while (err == ERR_AGAIN);
	ck_assert_uint_eq(stage->relay.pending, 0);
	return total;
}

static const struct {
	size_t offset, len, expect;
} takes[] = {
    {0, RELAY_LEAST, RELAY_LEAST},
    {1, SFTP_READ_LIMIT, SFTP_READ_LIMIT},
    {4095, SFTP_READ_LIMIT, SFTP_READ_LIMIT},
    {12345, SFTP_READ_LIMIT, SFTP_READ_LIMIT},
    {12346, SFTP_READ_LIMIT, SFTP_READ_LIMIT - 1},
    {FILE_SIZE - 1, SFTP_READ_LIMIT, 1},
    {FILE_SIZE, SFTP_READ_LIMIT, 0},
    {FILE_SIZE + 999999, SFTP_READ_LIMIT, 0},
};

START_TEST(what_is_taken_arrives)
{
	AUTO(stage_wipe) struct stage stage;
	size_t taken = 4242;

	stage_make(&stage);
	ck_assert_int_eq(
	    relay_take(&stage.relay, stage.file, takes[_i].offset, takes[_i].len, &taken), ERR_OK);
	ck_assert_uint_eq(taken, takes[_i].expect);
	ck_assert_uint_eq(drain(&stage, takes[_i].offset), takes[_i].expect);
}
END_TEST

START_TEST(short_reads_are_left_to_others)
{
	AUTO(stage_wipe) struct stage stage;
	size_t taken = 4242;

	stage_make(&stage);
	ck_assert_int_eq(
	    relay_take(&stage.relay, stage.file, 0, RELAY_LEAST - 1, &taken), ERR_UNSUPPORTED);
	ck_assert_uint_eq(taken, 4242);
}
END_TEST

START_TEST(a_client_without_a_pipe_gets_copies)
{
	AUTO(stage_wipe) struct stage stage;
	size_t taken;

	stage_make(&stage);
	relay_wipe(&stage.relay);
	ck_assert_int_eq(
	    relay_take(&stage.relay, stage.file, 0, RELAY_LEAST, &taken), ERR_UNSUPPORTED);
}
END_TEST

START_TEST(errors_are_those_of_reading)
{
	AUTO(stage_wipe) struct stage stage;
	size_t taken = 4242;

	stage_make(&stage);
	ck_assert_int_eq(
	    relay_take(&stage.relay, stage.client[1], 0, RELAY_LEAST, &taken), ERR_SYSTEM);
	ck_assert_int_eq(relay_take(&stage.relay, -1, 0, RELAY_LEAST, &taken), ERR_SYSTEM);
	ck_assert_int_eq(errno, EBADF);
	ck_assert_uint_eq(taken, 4242);
	ck_assert_uint_eq(stage.relay.pending, 0);
}
END_TEST

START_TEST(a_client_who_went_is_told_of)
{
	AUTO(stage_wipe) struct stage stage;
	size_t taken;

	signal(SIGPIPE, SIG_IGN);
	stage_make(&stage);
	ck_assert_int_eq(relay_take(&stage.relay, stage.file, 0, RELAY_LEAST, &taken), ERR_OK);
	close(stage.client[0]);
	ck_assert_int_eq(relay_pass(&stage.relay), ERR_CLOSED);
	stage.client[0] = -1;
}
END_TEST

SUITE("relay", LOOP_TEST(what_is_taken_arrives, COUNT_OF(takes)),
    TEST(short_reads_are_left_to_others), TEST(a_client_without_a_pipe_gets_copies),
    TEST(errors_are_those_of_reading), TEST(a_client_who_went_is_told_of))

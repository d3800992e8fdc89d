#include "privsep/ipc/channel.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "privsep/ipc/descriptors.h"
#include "tests/support/suite.h"

static uint8_t room[IPC_DATAGRAM_LIMIT];
static const struct span scratch = {room, sizeof(room)};

struct pair {
	struct ipc_channel net;     /* sends UP */
	struct ipc_channel monitor; /* receives UP, without room for descriptors */
};

static struct pair pair_new(bool monitor_takes_descriptors)
{
	int fds[2];

	ck_assert_int_eq(ipc_pair(fds), ERR_OK);
	return (struct pair){ipc_channel_over(fds[0], &net_messages, UP, true),
	    ipc_channel_over(fds[1], &net_messages, DOWN, monitor_takes_descriptors)};
}

static void pair_wipe(struct pair *pair)
{
	close(pair->net.fd);
	close(pair->monitor.fd);
}

static unsigned count_open(void)
{
	DIR *directory = opendir("/proc/self/fd");
	unsigned count = 0;

	ck_assert_ptr_nonnull(directory);
	while (readdir(directory) != NULL)
		count++;
	closedir(directory);
	return count;
}

static enum err receive(struct ipc_channel *channel, unsigned state, struct ipc_message *message)
{
	return ipc_receive(channel, state, scratch, false, message);
}

/* The first message of net in state START is NET_READY: type, three zeros, number, u32 layers. */
static const struct {
	const char *why;
	struct slice datagram;
	enum err expect;
} datagrams[] = {
    {"less than a header", BYTES(MSG_NET_READY, 0, 0, 0, 0, 0, 0), ERR_BREACH},
    {"one byte", BYTES(MSG_NET_READY), ERR_BREACH},
    {"type 0", BYTES(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1), ERR_BREACH},
    {"a type past the table", BYTES(255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1), ERR_BREACH},
    {"a message of the other direction", BYTES(MSG_NET_HELLO, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1), ERR_BREACH},
    {"a message of another state", BYTES(MSG_NET_USER, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), ERR_BREACH},
    {"padding that is not zero", BYTES(MSG_NET_READY, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1), ERR_BREACH},
    {"the second number first", BYTES(MSG_NET_READY, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1), ERR_BREACH},
    {"longer than its row", {room, 65}, ERR_BREACH},
    {"as it should be", BYTES(MSG_NET_READY, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1), ERR_OK},
};

START_TEST(framing_is_checked)
{
	AUTO(pair_wipe) struct pair pair = pair_new(false);
	struct ipc_message message = {.type = 4242};
	enum err err;

	room[0] = MSG_NET_READY;
	ck_assert_int_eq(write(pair.net.fd, datagrams[_i].datagram.ptr, datagrams[_i].datagram.len),
	    (ssize_t)datagrams[_i].datagram.len);
	err = receive(&pair.monitor, STATE_START, &message);
	ck_assert_msg(err == datagrams[_i].expect, "%s: got %s", datagrams[_i].why, err_name(err));
	if (err != ERR_OK)
		ck_assert_uint_eq(message.type, 4242);
}
END_TEST

static enum err send_event(struct ipc_channel *channel, const char *text)
{
	return IPC_SEND(channel, STATE_OPEN, MSG_NET_EVENT, net_event,
	    &((struct msg_net_event){.event = NET_EVENT_DEBUG, .text = slice_text(text)}), scratch);
}

START_TEST(a_doubled_datagram_is_a_breach)
{
	AUTO(pair_wipe) struct pair pair = pair_new(false);
	struct ipc_message message;

	ck_assert_int_eq(send_event(&pair.net, "one"), ERR_OK);
	ck_assert_int_eq(send_event(&pair.net, "two"), ERR_OK);
	pair.net.next_sent = 1;
	ck_assert_int_eq(send_event(&pair.net, "two again"), ERR_OK);
	ck_assert_int_eq(receive(&pair.monitor, STATE_OPEN, &message), ERR_OK);
	ck_assert_int_eq(receive(&pair.monitor, STATE_OPEN, &message), ERR_OK);
	ck_assert_int_eq(receive(&pair.monitor, STATE_OPEN, &message), ERR_BREACH);
}
END_TEST

/* Where no descriptor is expected there is no room for one, and the kernel says so. */
START_TEST(an_unexpected_descriptor_is_a_breach)
{
	AUTO(pair_wipe) struct pair pair = pair_new(false);
	struct ipc_message message;
	const int fd = STDERR_FILENO;
	unsigned before = count_open();

	ck_assert_int_eq(descriptors_send(pair.net.fd,
			     BYTES(MSG_NET_READY, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1), &fd, 1, 0), 12);
	ck_assert_int_eq(receive(&pair.monitor, STATE_START, &message), ERR_BREACH);
	ck_assert_uint_eq(count_open(), before);
}
END_TEST

START_TEST(a_wrong_number_of_descriptors_is_a_breach_and_all_are_closed)
{
	static const unsigned counts[] = {1, 2, 8};
	AUTO(pair_wipe) struct pair pair = pair_new(true);
	struct ipc_message message;
	const int fds[8] = {2, 2, 2, 2, 2, 2, 2, 2};
	unsigned before = count_open();

	for (size_t i = 0; i < COUNT_OF(counts); i++) {
		pair.monitor.next_received = 0;
		ck_assert_int_eq(descriptors_send(pair.net.fd,
				     BYTES(MSG_NET_READY, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1), fds, counts[i], 0),
		    12);
		ck_assert_int_eq(receive(&pair.monitor, STATE_START, &message), ERR_BREACH);
		ck_assert_uint_eq(count_open(), before);
	}
}
END_TEST

START_TEST(descriptors_arrive_closed_on_exec)
{
	AUTO(pair_wipe) struct pair pair = pair_new(false);
	AUTO(ipc_message_wipe) struct ipc_message message = {0};
	const int fd = STDERR_FILENO;

	ck_assert_int_eq(IPC_SEND_FDS(&pair.monitor, STATE_START, MSG_NET_SOCKET, net_socket,
			     &((struct msg_net_socket){.is_socket = true}), scratch, &fd, 1, false), ERR_OK);
	ck_assert_int_eq(receive(&pair.net, STATE_START, &message), ERR_OK);
	ck_assert_uint_eq(message.fd_count, 1);
	ck_assert_int_eq(fcntl(message.fds[0], F_GETFD), FD_CLOEXEC);
}
END_TEST

START_TEST(nothing_is_sent_against_the_table)
{
	AUTO(pair_wipe) struct pair pair = pair_new(false);
	struct ipc_message message;
	const int fd = STDERR_FILENO;

	ck_assert_int_eq(IPC_SEND(&pair.net, STATE_AUTH, MSG_NET_READY, net_ready,
			     &((struct msg_net_ready){0}), scratch), ERR_BREACH);
	ck_assert_int_eq(IPC_SEND(&pair.monitor, STATE_START, MSG_NET_READY, net_ready,
			     &((struct msg_net_ready){0}), scratch), ERR_BREACH);
	ck_assert_int_eq(IPC_SEND_FDS(&pair.net, STATE_START, MSG_NET_READY, net_ready,
			     &((struct msg_net_ready){0}), scratch, &fd, 1, false), ERR_BREACH);
	ck_assert_int_eq(receive(&pair.monitor, STATE_START, &message), ERR_AGAIN);
	ck_assert_int_eq(receive(&pair.net, STATE_START, &message), ERR_AGAIN);
}
END_TEST

START_TEST(a_field_past_its_limit_is_not_sent)
{
	AUTO(pair_wipe) struct pair pair = pair_new(false);
	static const uint8_t name[256];

	ck_assert_int_eq(IPC_SEND(&pair.net, STATE_KEYED, MSG_NET_USER, net_user,
			     &((struct msg_net_user){.name = {name, sizeof(name)}}), scratch), ERR_TOO_LONG);
	ck_assert_uint_eq(pair.net.next_sent, 0);
}
END_TEST

START_TEST(messages_arrive_in_order_and_whole)
{
	AUTO(pair_wipe) struct pair pair = pair_new(false);
	struct msg_net_event event;
	struct ipc_message message;
	char text[8];

	pair.net.uses_write = true;
	for (int i = 0; i < 20; i++) {
		snprintf(text, sizeof(text), "%d", i);
		ck_assert_int_eq(send_event(&pair.net, text), ERR_OK);
		ck_assert_int_eq(receive(&pair.monitor, STATE_OPEN, &message), ERR_OK);
		ck_assert_uint_eq(message.type, MSG_NET_EVENT);
		ck_assert_int_eq(msg_net_event_parse(message.body, &event), ERR_OK);
		ck_assert(slice_is(event.text, text));
	}
}
END_TEST

START_TEST(a_closed_peer_and_a_full_socket_are_told_apart)
{
	struct pair pair = pair_new(false);
	struct ipc_message message;
	enum err err = ERR_OK;

	ck_assert_int_eq(receive(&pair.monitor, STATE_OPEN, &message), ERR_AGAIN);
	for (int i = 0; i < 100000 && err == ERR_OK; i++)
		err = send_event(&pair.net, "more");
	ck_assert_int_eq(err, ERR_AGAIN);
	close(pair.net.fd);
	do
		err = receive(&pair.monitor, STATE_OPEN, &message);
	while (err == ERR_OK);
	ck_assert_int_eq(err, ERR_CLOSED);
	ck_assert_int_eq(IPC_SEND(&pair.monitor, STATE_OPEN, MSG_NET_GRANTED, net_granted,
			     &((struct msg_net_granted){0}), scratch), ERR_CLOSED);
	close(pair.monitor.fd);
}
END_TEST

SUITE("channel", LOOP_TEST(framing_is_checked, COUNT_OF(datagrams)), TEST(a_doubled_datagram_is_a_breach),
    TEST(an_unexpected_descriptor_is_a_breach),
    TEST(a_wrong_number_of_descriptors_is_a_breach_and_all_are_closed),
    TEST(descriptors_arrive_closed_on_exec), TEST(nothing_is_sent_against_the_table),
    TEST(a_field_past_its_limit_is_not_sent), TEST(messages_arrive_in_order_and_whole),
    TEST(a_closed_peer_and_a_full_socket_are_told_apart))

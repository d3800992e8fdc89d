/*
 * What a gigabyte costs in the transport alone: CPU seconds per GB sealed and opened, for every
 * cipher (and MAC), in packets of one channel data message each. No sockets: opening includes the
 * copy into the input that a read would make, sealing assumes that the data were read in place.
 *
 *     transport_bench [payload bytes [megabytes]]
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "sshd/base/auto.h"
#include "tests/support/transport_pair.h"

#define WRITE_LEN (128u * 1024)

static void must(enum err err)
{
	if (err == ERR_OK)
		return;
	fprintf(stderr, "%s\n", err_text(err));
	exit(1);
}

static double cpu_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double seal(struct pair *pair, size_t payload_len, size_t total)
{
	double begin = cpu_seconds();

	for (size_t done = 0; done < total; done += payload_len) {
		struct span room;

		must(transport_packet_begin(pair->server, payload_len, &room));
		room.ptr[0] = SSH_MSG_CHANNEL_DATA;
		must(transport_packet_end(pair->server, payload_len));
		if (transport_output_len(pair->server) >= WRITE_LEN)
			transport_output_consume(pair->server, transport_output_len(pair->server));
	}
	transport_output_consume(pair->server, transport_output_len(pair->server));
	return cpu_seconds() - begin;
}

static void feed(struct pair *pair, struct slice *stream)
{
	struct transport_event event;
	struct span room;
	struct slice part;

	must(transport_input_room(pair->server, &room));
	part = slice_first(*stream, room.len);
	memcpy(room.ptr, part.ptr, part.len);
	transport_input_commit(pair->server, part.len);
	*stream = slice_after(*stream, part.len);
	do
		must(transport_next(pair->server, 0, &event));
	while (event.kind != TRANSPORT_NOTHING);
}

/* The client's sealing is not counted. */
static double open(struct pair *pair, size_t payload_len, size_t total)
{
	size_t batch = 8u << 20;
	uint8_t *payload = calloc(1, payload_len);
	double seconds = 0;

	payload[0] = SSH_MSG_CHANNEL_DATA;
	for (size_t done = 0; done < total;) {
		struct slice stream;
		double begin;

		for (size_t sealed = 0; sealed < batch && done < total; sealed += payload_len) {
			must(client_send(pair->client, slice_over(payload, payload_len)));
			done += payload_len;
		}
		stream = buf_view(&pair->client->out);
		begin = cpu_seconds();
		while (stream.len > 0)
			feed(pair, &stream);
		seconds += cpu_seconds() - begin;
		buf_consume(&pair->client->out, buf_len(&pair->client->out));
	}
	free(payload);
	return seconds;
}

static void measure(const char *cipher, const char *mac, size_t payload_len, size_t total)
{
	struct pair_settings settings = {0};
	struct pair pair;
	double sealed, opened, gigabytes = (double)total / 1e9;

	settings.client.lists[KEXINIT_CIPHER_CLIENT_TO_SERVER] = cipher;
	settings.client.lists[KEXINIT_CIPHER_SERVER_TO_CLIENT] = cipher;
	settings.client.lists[KEXINIT_MAC_CLIENT_TO_SERVER] = mac;
	settings.client.lists[KEXINIT_MAC_SERVER_TO_CLIENT] = mac;
	must(pair_init(&pair, &settings));
	must(pair_handshake(&pair));
	sealed = seal(&pair, payload_len, total);
	opened = open(&pair, payload_len, total);
	printf("%-30s %-32s %8.3f %8.3f\n", cipher, mac ? mac : "", sealed / gigabytes,
	    opened / gigabytes);
	pair_wipe(&pair);
}

int main(int argc, char **argv)
{
	size_t payload_len = argc > 1 ? (size_t)atol(argv[1]) : 9 + 32768;
	size_t total = (argc > 2 ? (size_t)atol(argv[2]) : 256) * 1000000;

	printf("CPU seconds per GB in payloads of %zu bytes\n%-30s %-32s %8s %8s\n", payload_len,
	    "cipher", "MAC", "seal", "open");
	for (const struct cipher_algorithm *c = cipher_algorithms; c->name != NULL; c++) {
		if (c->tag_len > 0) {
			measure(c->name, NULL, payload_len, total);
			continue;
		}
		for (const struct mac_algorithm *m = mac_algorithms; m->name != NULL; m++)
			measure(c->name, m->name, payload_len, total);
	}
	return 0;
}

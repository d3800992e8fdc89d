/*
 * What each method costs: exchanges per second of one processor, the server's half, the client's
 * and the exchange hash apart. Not a test; `make sshd/crypto/exchange_bench` and run it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "sshd/base/auto.h"
#include "sshd/crypto/exchange_hash.h"
#include "sshd/crypto/exchange.h"

#define MEASURED_NS 300000000.0

static double cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void must(enum err err)
{
	if (err == ERR_OK)
		return;
	fprintf(stderr, "exchange_bench: %s\n", err_text(err));
	exit(EXIT_FAILURE);
}

/* Both halves of one exchange; the group exchange runs in the 4096 bit group. */
static void run_once(const struct kex_algorithm *algorithm, double *server_ns, double *client_ns)
{
	AUTO(kex_client_release) struct kex_client *client = NULL;
	AUTO(kex_keys_wipe) struct kex_keys keys = kex_keys_empty();
	AUTO(buf_wipe) struct buf Q_C = buf_empty(4096);
	AUTO(buf_wipe) struct buf K = buf_empty_secret(K_LIMIT);
	struct dh_group group = {0};
	double begun = cpu_ns(), sent, answered;

	if (algorithm->flow == KEX_FLOW_GROUP) {
		dh_group_of(kex_algorithm_named(LITERAL("diffie-hellman-group16-sha512")), &group);
		must(dh_client_begin(&group, &client, &Q_C));
	} else {
		must(kex_client_begin(algorithm, &client, &Q_C));
	}
	sent = cpu_ns();
	if (algorithm->flow == KEX_FLOW_GROUP)
		must(dh_respond(&group, buf_view(&Q_C), &keys));
	else
		must(kex_respond(algorithm, buf_view(&Q_C), &keys));
	answered = cpu_ns();
	must(kex_client_finish(client, buf_view(&keys.Q_S), &K));
	*server_ns += answered - sent;
	*client_ns += cpu_ns() - answered + sent - begun;
}

/* A transcript of the usual size. */
static double hash_ns(const struct kex_algorithm *algorithm)
{
	static const uint8_t zeros[4096];
	const struct transcript transcript = {
	    .V_C = slice_over(zeros, 40),
	    .V_S = slice_over(zeros, 40),
	    .I_C = slice_over(zeros, 1500),
	    .I_S = slice_over(zeros, 1100),
	    .K_S = slice_over(zeros, 51),
	    .Q_C = slice_over(zeros, algorithm->Q_C_limit),
	    .Q_S = slice_over(zeros, algorithm->Q_S_limit),
	    .K = slice_over(zeros, 32),
	};
	struct digest H;
	double begun = cpu_ns();

	for (int i = 0; i < 1000; i++)
		must(exchange_hash(algorithm, &transcript, &H));
	return (cpu_ns() - begun) / 1000;
}

static void measure(const struct kex_algorithm *algorithm)
{
	double server_ns = 0, client_ns = 0, warm_ns = 0;
	unsigned count = 0;

	run_once(algorithm, &warm_ns, &warm_ns);
	for (; server_ns + client_ns < MEASURED_NS; count++)
		run_once(algorithm, &server_ns, &client_ns);
	printf("%-38s %10.0f %10.0f %10.0f\n", algorithm->name, count * 1e9 / server_ns,
	    count * 1e9 / client_ns, 1e9 / hash_ns(algorithm));
}

int main(void)
{
	must(crypto_prepare_exchange());
	printf("%-38s %10s %10s %10s\n", "per second", "server", "client", "hash H");
	for (const struct kex_algorithm *algorithm = kex_algorithms; algorithm->name != NULL;
	     algorithm++)
		measure(algorithm);
	return EXIT_SUCCESS;
}

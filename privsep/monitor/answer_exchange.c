/* Key exchange: what is signed is laid out here, around a cookie that was drawn here. */
#include "privsep/monitor/monitor.h"

#include <errno.h>

#include "privsep/monitor/moduli.h"
#include "sshd/base/auto.h"
#include "sshd/base/file.h"
#include "sshd/crypto/exchange.h"
#include "sshd/crypto/exchange_hash.h"
#include "sshd/crypto/random.h"
#include "sshd/wire/name_list.h"

#define GROUP_LIMIT       1025u
#define MODULI_FILE_LIMIT (4u << 20)

/* ---------------------------------------------------------------- cookies */

static enum err issue_cookie(struct monitor *m, bool is_first)
{
	struct exchange *exchange = &m->exchange;
	uint8_t cookie[COOKIE_LEN];
	struct span room;
	struct writer w;

	TRY(random_fill((struct span){cookie, sizeof(cookie)}));
	buf_wipe(&exchange->I_S);
	TRY(buf_reserve(&exchange->I_S, KEXINIT_LIMIT, &room));
	w = writer_into(room);
	TRY(kexinit_write(&m->prepared->lists, SLICE_OF(cookie), is_first, &w));
	buf_commit(&exchange->I_S, w.len);
	exchange->has_cookie = true;
	exchange->has_group = false;
	return ERR_OK;
}

static void on_rekey_due(struct loop_timer *timer, uint64_t now_ms)
{
	struct monitor *m = CONTAINER_OF(timer, struct monitor, exchange.rekey_due);
	struct msg_net_rekeyed rekeyed = {0};
	enum err err = issue_cookie(m, false);

	(void)now_ms;
	m->exchange.is_rekey_due = false;
	rekeyed.I_S = buf_view(&m->exchange.I_S);
	if (err == ERR_OK)
		err = NET_ANSWER(m, NET_REKEYED, net_rekeyed, &rekeyed);
	if (err != ERR_OK)
		monitor_end_by(m, err, "rekey");
}

void exchange_init(struct monitor *m)
{
	m->exchange = (struct exchange){
	    .I_S = buf_empty(KEXINIT_LIMIT),
	    .pace = pace_begin(REKEY_BURST, REKEY_MS, m->loop.now_ms),
	    .rekey_due.fired = on_rekey_due,
	    .group.p = buf_empty(GROUP_LIMIT),
	    .group.g = buf_empty(GROUP_LIMIT),
	};
}

void exchange_wipe(struct exchange *exchange)
{
	buf_wipe(&exchange->I_S);
	buf_wipe(&exchange->group.p);
	buf_wipe(&exchange->group.g);
}

/* ------------------------------------------------------------------ start */

static enum err send_hello(struct monitor *m)
{
	const struct prepared *prepared = m->prepared;
	struct msg_net_hello hello = {
	    .V_S = prepared->handover.V_S,
	    .version_is_sent = m->connection.version_is_sent,
	    .I_S = buf_view(&m->exchange.I_S),
	    .host_keys = buf_view(&prepared->host_keys_for_net),
	    .server_sig_algs = buf_view(&prepared->server_sig_algs),
	    .requires_strict = prepared->conf->strict_kex_required,
	    .rekey_bytes = prepared->conf->rekey_limit.bytes,
	    .rekey_seconds = prepared->conf->rekey_limit.seconds,
	};

	return NET_SEND(m, NET_HELLO, net_hello, &hello);
}

static enum err send_connection(struct monitor *m)
{
	const int fds[] = {m->connection.input, m->connection.output};
	struct msg_net_socket socket = {.is_socket = true};
	struct msg_net_pipes pipes = {.is_socket = false};

	if (m->connection.is_socket)
		return NET_SEND_FDS(m, NET_SOCKET, net_socket, &socket, fds, 1);
	return NET_SEND_FDS(m, NET_PIPES, net_pipes, &pipes, fds, 2);
}

/* Only now is there a process that may hold the connection. */
enum err on_net_ready(struct monitor *m, const struct msg_net_ready *msg)
{
	if (msg->layers != m->prepared->handover.layers)
		return ERR_SANDBOX;
	TRY(issue_cookie(m, true));
	TRY(send_hello(m));
	TRY(send_connection(m));
	return monitor_move(m, NET_IS_READY);
}

/* ------------------------------------------------------------------- sign */

static enum err check_values(const struct exchange *exchange, const struct kex_algorithm *kex,
    const struct msg_net_sign *msg)
{
	if (msg->V_C.len == 0 || msg->I_C.len == 0 || msg->Q_C.len == 0 || msg->Q_S.len == 0 ||
	    msg->K.len == 0 || msg->K.len > K_LIMIT)
		return ERR_BREACH;
	if (msg->Q_C.len > kex->Q_C_limit || msg->Q_S.len > kex->Q_S_limit)
		return ERR_BREACH;
	if (kex->flow == KEX_FLOW_ECDH &&
	    (msg->Q_C.len != kex->Q_C_limit || msg->Q_S.len != kex->Q_S_limit))
		return ERR_BREACH;
	return (kex->flow == KEX_FLOW_GROUP) == exchange->has_group ? ERR_OK : ERR_BREACH;
}

/* Net may use what was offered in this connection and nothing else. */
static enum err check_names(const struct prepared *prepared, const struct msg_net_sign *msg,
    const struct kex_algorithm **kex, const struct signature_algorithm **signature)
{
	*kex = kex_algorithm_named(msg->kex);
	*signature = signature_algorithm_named(msg->signature_algorithm);
	if (*kex == NULL || *signature == NULL || msg->host_key >= prepared->host_keys.count)
		return ERR_BREACH;
	if (!name_list_contains(prepared->lists.kex, msg->kex) ||
	    !name_list_contains(prepared->lists.host_key, msg->signature_algorithm))
		return ERR_BREACH;
	if (!name_list_contains(prepared->host_keys.rows[msg->host_key].algorithms,
		msg->signature_algorithm))
		return ERR_BREACH;
	return ERR_OK;
}

static struct transcript transcript_of(const struct monitor *m, const struct msg_net_sign *msg)
{
	const struct exchange *exchange = &m->exchange;

	return (struct transcript){
	    .V_C = msg->V_C,
	    .V_S = m->prepared->handover.V_S,
	    .I_C = msg->I_C,
	    .I_S = buf_view(&exchange->I_S),
	    .K_S = m->prepared->host_keys.rows[msg->host_key].blob,
	    .group.is_old = exchange->group.is_old,
	    .group.min = exchange->group.min,
	    .group.n = exchange->group.n,
	    .group.max = exchange->group.max,
	    .group.p = buf_view(&exchange->group.p),
	    .group.g = buf_view(&exchange->group.g),
	    .Q_C = msg->Q_C,
	    .Q_S = msg->Q_S,
	    .K = msg->K,
	};
}

static enum err ask_signer_to_sign(struct monitor *m, const struct msg_net_sign *msg,
    const struct transcript *t)
{
	struct msg_signer_exchange ask = {
	    .kex = msg->kex,
	    .signature_algorithm = msg->signature_algorithm,
	    .host_key = msg->host_key,
	    .V_C = t->V_C,
	    .V_S = t->V_S,
	    .I_C = t->I_C,
	    .I_S = t->I_S,
	    .is_old_group = t->group.is_old,
	    .group_min = t->group.min,
	    .group_n = t->group.n,
	    .group_max = t->group.max,
	    .group_p = t->group.p,
	    .group_g = t->group.g,
	    .Q_C = t->Q_C,
	    .Q_S = t->Q_S,
	    .K = t->K,
	};

	return IPC_SEND(&m->signer, STATE_READY, MSG_SIGNER_EXCHANGE, signer_exchange, &ask,
	    monitor_scratch());
}

static enum err remember_question(struct exchange *exchange, bool is_proof, uint32_t request)
{
	if (exchange->question_count == QUESTIONS_LIMIT)
		return ERR_BREACH;
	exchange->questions[exchange->question_count++] =
	    (struct signer_question){.is_proof = is_proof, .request = request};
	return ERR_OK;
}

enum err on_net_sign(struct monitor *m, const struct msg_net_sign *msg)
{
	struct exchange *exchange = &m->exchange;
	const struct signature_algorithm *signature = NULL;
	const struct kex_algorithm *kex = NULL;
	struct transcript transcript;
	struct digest H;

	if (!exchange->has_cookie)
		return ERR_BREACH;
	TRY(check_names(m->prepared, msg, &kex, &signature));
	TRY(check_values(exchange, kex, msg));
	transcript = transcript_of(m, msg);
	TRY(exchange_hash(kex, &transcript, &H));
	/* From here on this cookie has had its signature, whatever becomes of it. */
	exchange->has_cookie = false;
	if (m->state == STATE_KEX) {
		exchange->session_id = H;
		exchange->host_key = msg->host_key;
		exchange->signature = signature;
	}
	TRY(remember_question(exchange, false, 0));
	return ask_signer_to_sign(m, msg, &transcript);
}

/* ------------------------------------------------------------------ rekey */

enum err on_net_rekey(struct monitor *m, const struct msg_net_rekey *msg)
{
	struct exchange *exchange = &m->exchange;
	uint64_t now = m->loop.now_ms;

	(void)msg;
	/* As many signatures as cookies: the last one must have been used up. */
	if (exchange->has_cookie || exchange->is_rekey_due || exchange->question_count > PROOFS_LIMIT)
		return ERR_BREACH;
	if (++exchange->rekeys > REKEYS_LIMIT)
		return ERR_BREACH;
	exchange->is_rekey_due = true;
	loop_timer_set(&m->loop, &exchange->rekey_due, now + pace_take(&exchange->pace, now));
	return ERR_OK;
}

/* ------------------------------------------------------------------ group */

/* The sizes of RFC 4419 section 3 brought within ours; an old request names one size only. */
static enum err clamp_sizes(const struct msg_net_group *msg, unsigned *min, unsigned *n, unsigned *max)
{
	*min = msg->is_old || msg->min < GROUP_BITS_LEAST ? GROUP_BITS_LEAST : msg->min;
	*max = msg->is_old || msg->max > GROUP_BITS_MOST ? GROUP_BITS_MOST : msg->max;
	*n = msg->n < GROUP_BITS_LEAST ? GROUP_BITS_LEAST : msg->n;
	if (*n > GROUP_BITS_MOST)
		*n = GROUP_BITS_MOST;
	return *min <= *max && *n >= *min && *n <= *max ? ERR_OK : ERR_RANGE;
}

static enum err pick_from_file(const char *path, unsigned min, unsigned n, unsigned max, struct buf *p,
    struct buf *g)
{
	AUTO(buf_wipe) struct buf file = buf_empty(MODULI_FILE_LIMIT);
	unsigned count = 0, bits;
	uint32_t draw = 0;

	if (path == NULL || file_read_path(path, &file) != ERR_OK)
		return ERR_NOT_FOUND;
	bits = moduli_best_size(buf_view(&file), min, n, max, &count);
	if (bits == 0)
		return ERR_NOT_FOUND;
	TRY(random_fill((struct span){(uint8_t *)&draw, sizeof(draw)}));
	return moduli_pick(buf_view(&file), bits, draw % count, p, g);
}

/* Without a usable file: the fixed groups of RFC 3526 by size. */
static enum err pick_fixed(unsigned max, struct buf *p, struct buf *g)
{
	static const struct {
		unsigned max;
		const char *name;
	} fixed[] = {
	    {3071, "diffie-hellman-group14-sha256"},
	    {6143, "diffie-hellman-group16-sha512"},
	    {GROUP_BITS_MOST, "diffie-hellman-group18-sha512"},
	};
	struct dh_group group;

	for (size_t i = 0; i < COUNT_OF(fixed); i++) {
		const struct kex_algorithm *row = kex_algorithm_named(slice_text(fixed[i].name));

		if (max > fixed[i].max || row == NULL || !dh_group_of(row, &group))
			continue;
		TRY(buf_append(p, group.p));
		return buf_append(g, group.g);
	}
	return ERR_NOT_FOUND;
}

enum err on_net_group(struct monitor *m, const struct msg_net_group *msg)
{
	struct exchange *exchange = &m->exchange;
	struct buf *p = &exchange->group.p, *g = &exchange->group.g;
	struct msg_net_group_is answer = {0};
	unsigned min = 0, n = 0, max = 0;

	if (!exchange->has_cookie || exchange->has_group)
		return ERR_BREACH;
	if (clamp_sizes(msg, &min, &n, &max) == ERR_OK) {
		buf_wipe(p);
		buf_wipe(g);
		if (pick_from_file(m->prepared->conf->moduli_file, min, n, max, p, g) != ERR_OK) {
			buf_wipe(p);
			buf_wipe(g);
			TRY(pick_fixed(max, p, g));
		}
		exchange->group.is_old = msg->is_old;
		exchange->group.min = msg->min;
		exchange->group.n = msg->n;
		exchange->group.max = msg->max;
		exchange->has_group = true;
		answer.p = buf_view(p);
		answer.g = buf_view(g);
	}
	return NET_ANSWER(m, NET_GROUP_IS, net_group_is, &answer); /* empty: no such group */
}

/* ------------------------------------------------------------------ prove */

static const struct signature_algorithm *algorithm_for_proof(const struct exchange *exchange,
    const struct host_key *key)
{
	struct slice names = key->algorithms, name = {0};

	/* A client that negotiated an RSA signature wants the proof made the same way. */
	if (exchange->signature != NULL && name_list_contains_text(names, exchange->signature->name))
		return exchange->signature;
	return name_list_next(&names, &name) ? signature_algorithm_named(name) : NULL;
}

enum err on_net_prove(struct monitor *m, const struct msg_net_prove *msg)
{
	const struct host_keys *keys = &m->prepared->host_keys;
	const struct host_key *key = host_key_of_blob(keys, msg->blob);
	const struct signature_algorithm *algorithm;
	struct msg_signer_proof ask;
	unsigned index;

	if (key == NULL)
		return ERR_BREACH; /* net knows the list and asks only for what is in it */
	index = (unsigned)(key - keys->rows);
	algorithm = algorithm_for_proof(&m->exchange, key);
	if (m->exchange.proven & 1u << index || algorithm == NULL)
		return NET_SEND(m, NET_DENIED, net_denied, &((struct msg_net_denied){.request = msg->request}));
	m->exchange.proven |= 1u << index;
	TRY(remember_question(&m->exchange, true, msg->request));
	ask = (struct msg_signer_proof){
	    .signature_algorithm = slice_text(algorithm->name),
	    .host_key = index,
	    .session_id = digest_view(&m->exchange.session_id),
	};
	return IPC_SEND(&m->signer, STATE_READY, MSG_SIGNER_PROOF, signer_proof, &ask, monitor_scratch());
}

/* -------------------------------------------------------- from the signer */

static struct signer_question next_question(struct exchange *exchange)
{
	struct signer_question first = exchange->questions[0];

	exchange->question_count--;
	memmove(&exchange->questions[0], &exchange->questions[1],
	    exchange->question_count * sizeof(exchange->questions[0]));
	return first;
}

static enum err pass_signature(struct monitor *m, const struct signer_question *question,
    struct slice signature)
{
	struct msg_net_proof proof = {.request = question->request, .signature = signature};
	struct msg_net_signed made = {.signature = signature};

	if (question->is_proof)
		return NET_SEND(m, NET_PROOF, net_proof, &proof);
	TRY(NET_ANSWER(m, NET_SIGNED, net_signed, &made));
	return m->state == STATE_KEX ? monitor_move(m, EXCHANGE_IS_SIGNED) : ERR_OK;
}

enum err on_signer_message(struct monitor *m, const struct ipc_message *message)
{
	struct signer_question question;
	struct msg_signer_signed made;

	if (m->exchange.question_count == 0)
		return ERR_BREACH;
	question = next_question(&m->exchange);
	if (message->type == MSG_SIGNER_SIGNED) {
		TRY(msg_signer_signed_parse(message->body, &made));
		return pass_signature(m, &question, made.signature);
	}
	if (!question.is_proof)
		return ERR_CRYPTO;
	return NET_SEND(m, NET_DENIED, net_denied,
	    &((struct msg_net_denied){.request = question.request}));
}

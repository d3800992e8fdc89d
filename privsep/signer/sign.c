#include "privsep/signer/sign.h"

#include "sshd/base/auto.h"
#include "sshd/crypto/exchange.h"
#include "sshd/crypto/exchange_hash.h"
#include "sshd/wire/writer.h"

#define PROOF_LIMIT 20480u
#define KEXINIT_NUMBER 20u

static enum err find_key(const struct signer_keys *keys, uint32_t index, struct slice algorithm,
    const struct private_key **key, const struct signature_algorithm **row)
{
	if (index >= keys->count)
		return ERR_RANGE;
	*key = keys->keys[index];
	*row = signature_algorithm_named(algorithm);
	return *row != NULL && !(*row)->is_certificate ? ERR_OK : ERR_UNSUPPORTED;
}

static bool is_kexinit(struct slice payload)
{
	return payload.len > 17 && payload.ptr[0] == KEXINIT_NUMBER;
}

/* Shapes only: that the cookie is fresh is the monitor's promise, which it can only break for itself. */
static enum err check(const struct kex_algorithm *kex, const struct msg_signer_exchange *ask)
{
	bool has_group = ask->group_p.len > 0 && ask->group_g.len > 0;

	if (kex == NULL)
		return ERR_UNSUPPORTED;
	if (!slice_starts(ask->V_C, "SSH-") || !slice_starts(ask->V_S, "SSH-2.0-"))
		return ERR_MALFORMED;
	if (!is_kexinit(ask->I_C) || !is_kexinit(ask->I_S))
		return ERR_MALFORMED;
	if (ask->Q_C.len == 0 || ask->Q_C.len > kex->Q_C_limit || ask->Q_S.len == 0 ||
	    ask->Q_S.len > kex->Q_S_limit || ask->K.len == 0 || ask->K.len > K_LIMIT)
		return ERR_MALFORMED;
	return has_group == (kex->flow == KEX_FLOW_GROUP) ? ERR_OK : ERR_MALFORMED;
}

enum err sign_exchange(const struct signer_keys *keys, const struct msg_signer_exchange *ask,
    struct buf *signature)
{
	const struct kex_algorithm *kex = kex_algorithm_named(ask->kex);
	const struct signature_algorithm *row = NULL;
	const struct private_key *key = NULL;
	struct transcript transcript;
	struct digest H;

	TRY(find_key(keys, ask->host_key, ask->signature_algorithm, &key, &row));
	TRY(check(kex, ask));
	transcript = (struct transcript){
	    .V_C = ask->V_C,
	    .V_S = ask->V_S,
	    .I_C = ask->I_C,
	    .I_S = ask->I_S,
	    .K_S = private_key_blob(key),
	    .group.is_old = ask->is_old_group,
	    .group.min = ask->group_min,
	    .group.n = ask->group_n,
	    .group.max = ask->group_max,
	    .group.p = ask->group_p,
	    .group.g = ask->group_g,
	    .Q_C = ask->Q_C,
	    .Q_S = ask->Q_S,
	    .K = ask->K,
	};
	TRY(exchange_hash(kex, &transcript, &H));
	return private_key_sign(key, row, digest_view(&H), signature);
}

enum err sign_proof(const struct signer_keys *keys, const struct msg_signer_proof *ask,
    struct buf *signature)
{
	uint8_t room[PROOF_LIMIT];
	struct writer w = writer_into((struct span){room, sizeof(room)});
	const struct signature_algorithm *row = NULL;
	const struct private_key *key = NULL;
	struct slice data;

	TRY(find_key(keys, ask->host_key, ask->signature_algorithm, &key, &row));
	if (ask->session_id.len < 20)
		return ERR_MALFORMED;
	write_text(&w, "hostkeys-prove-00@openssh.com");
	write_string(&w, ask->session_id);
	write_string(&w, private_key_blob(key));
	TRY(writer_finish(&w, &data));
	return private_key_sign(key, row, data, signature);
}

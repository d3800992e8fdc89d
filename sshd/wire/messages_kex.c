#include "sshd/wire/messages_kex.h"

#include "sshd/base/auto.h"
#include "sshd/wire/mpint.h"

static struct slice read_public(struct reader *r, bool is_mpint)
{
	return is_mpint ? read_mpint(r, KEX_MPINT_LIMIT) : read_string(r, KEX_PUBLIC_LIMIT);
}

static void write_public(struct writer *w, bool is_mpint, struct slice value)
{
	if (is_mpint)
		write_mpint(w, value);
	else
		write_string(w, value);
}

enum err kex_init_parse(struct slice payload, uint8_t number, bool is_mpint, struct slice *Q_C)
{
	struct reader r = reader_over(payload);
	struct slice value;

	if (read_byte(&r) != number)
		reader_fail(&r, ERR_UNEXPECTED);
	value = read_public(&r, is_mpint);

	TRY(reader_finish(&r));
	*Q_C = value;
	return ERR_OK;
}

void kex_init_encode(struct writer *w, uint8_t number, bool is_mpint, struct slice Q_C)
{
	write_byte(w, number);
	write_public(w, is_mpint, Q_C);
}

enum err kex_reply_parse(struct slice payload, uint8_t number, bool is_mpint, struct kex_reply *out)
{
	struct reader r = reader_over(payload);
	struct kex_reply reply = {0};

	if (read_byte(&r) != number)
		reader_fail(&r, ERR_UNEXPECTED);
	reply.K_S = read_string(&r, KEX_HOST_KEY_LIMIT);
	reply.Q_S = read_public(&r, is_mpint);
	reply.signature = read_string(&r, KEX_SIGNATURE_LIMIT);

	TRY(reader_finish(&r));
	*out = reply;
	return ERR_OK;
}

void kex_reply_encode(
    struct writer *w, uint8_t number, bool is_mpint, const struct kex_reply *reply)
{
	write_byte(w, number);
	write_string(w, reply->K_S);
	write_public(w, is_mpint, reply->Q_S);
	write_string(w, reply->signature);
}

enum err gex_request_parse(struct slice payload, struct gex_request *out)
{
	struct reader r = reader_over(payload);
	struct gex_request request = {0};
	uint8_t number = read_byte(&r);

	if (number != SSH_MSG_KEX_DH_GEX_REQUEST && number != SSH_MSG_KEX_DH_GEX_REQUEST_OLD)
		reader_fail(&r, ERR_UNEXPECTED);
	request.is_old = number == SSH_MSG_KEX_DH_GEX_REQUEST_OLD;
	if (!request.is_old)
		request.min = read_u32(&r);
	request.n = read_u32(&r);
	if (!request.is_old)
		request.max = read_u32(&r);

	TRY(reader_finish(&r));
	*out = request;
	return ERR_OK;
}

void gex_request_encode(struct writer *w, const struct gex_request *request)
{
	write_byte(
	    w, request->is_old ? SSH_MSG_KEX_DH_GEX_REQUEST_OLD : SSH_MSG_KEX_DH_GEX_REQUEST);
	if (!request->is_old)
		write_u32(w, request->min);
	write_u32(w, request->n);
	if (!request->is_old)
		write_u32(w, request->max);
}

enum err gex_group_parse(struct slice payload, struct gex_group *out)
{
	struct reader r = reader_over(payload);
	struct gex_group group = {0};

	if (read_byte(&r) != SSH_MSG_KEX_DH_GEX_GROUP)
		reader_fail(&r, ERR_UNEXPECTED);
	group.p = read_mpint(&r, KEX_MPINT_LIMIT);
	group.g = read_mpint(&r, KEX_MPINT_LIMIT);

	TRY(reader_finish(&r));
	*out = group;
	return ERR_OK;
}

void gex_group_encode(struct writer *w, const struct gex_group *group)
{
	write_byte(w, SSH_MSG_KEX_DH_GEX_GROUP);
	write_mpint(w, group->p);
	write_mpint(w, group->g);
}

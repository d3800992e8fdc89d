#include "sshd/crypto/exchange_hash.h"

#include "sshd/base/auto.h"
#include "sshd/wire/mpint.h"

/* No field is longer; keeps the sum of their lengths from wrapping. */
static bool has_sane_lengths(const struct slice *fields, size_t count, size_t *sum)
{
	*sum = 0;
	for (size_t i = 0; i < count; i++) {
		if (fields[i].len > TRANSCRIPT_LIMIT)
			return false;
		*sum += mpint_room(fields[i].len);
	}
	return *sum <= TRANSCRIPT_LIMIT;
}

static enum err room_for(const struct transcript *t, size_t *room)
{
	const struct slice fields[] = {
	    t->V_C, t->V_S, t->I_C, t->I_S, t->K_S, t->group.p, t->group.g, t->Q_C, t->Q_S, t->K,
	};

	if (!has_sane_lengths(fields, COUNT_OF(fields), room))
		return ERR_LIMIT;
	*room += 3 * sizeof(uint32_t);
	return ERR_OK;
}

/* RFC 4419 section 3; a request of the old form names n alone. */
static void write_group(struct writer *w, const struct transcript *t)
{
	if (!t->group.is_old)
		write_u32(w, t->group.min);
	write_u32(w, t->group.n);
	if (!t->group.is_old)
		write_u32(w, t->group.max);
	write_mpint(w, t->group.p);
	write_mpint(w, t->group.g);
}

static void write_transcript(struct writer *w, const struct kex_algorithm *algorithm,
    const struct transcript *t)
{
	void (*write_public)(struct writer *, struct slice) =
	    algorithm->flow == KEX_FLOW_ECDH ? write_string : write_mpint;
	void (*write_shared)(struct writer *, struct slice) =
	    algorithm->k_kind == K_STRING ? write_string : write_mpint;

	write_string(w, t->V_C);
	write_string(w, t->V_S);
	write_string(w, t->I_C);
	write_string(w, t->I_S);
	write_string(w, t->K_S);
	if (algorithm->flow == KEX_FLOW_GROUP)
		write_group(w, t);
	write_public(w, t->Q_C);
	write_public(w, t->Q_S);
	write_shared(w, t->K);
}

enum err exchange_hash(const struct kex_algorithm *algorithm, const struct transcript *transcript,
    struct digest *H)
{
	AUTO(buf_wipe) struct buf bytes = buf_empty_secret(TRANSCRIPT_LIMIT + 64);
	struct span room;
	struct writer w;
	struct slice written;
	size_t needed;

	TRY(room_for(transcript, &needed));
	TRY(buf_reserve(&bytes, needed, &room));
	w = writer_into(room);
	write_transcript(&w, algorithm, transcript);
	TRY(writer_finish(&w, &written));
	return hash_parts(algorithm->hash, &written, 1, H);
}

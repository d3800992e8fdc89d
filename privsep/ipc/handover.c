#include "privsep/ipc/handover.h"

#include "sshd/base/auto.h"
#include "sshd/base/log.h"
#include "sshd/wire/reader.h"
#include "sshd/wire/writer.h"

#define SNAPSHOT_LIMIT  (64u << 20)
#define HOST_KEYS_LIMIT 65536u
#define FIXED_ROOM      1024u

static void write_inheritance(struct writer *w, const struct inheritance *inheritance)
{
	write_u64(w, inheritance->blocked_signals);
	write_u64(w, inheritance->ignored_signals);
	for (size_t i = 0; i < INHERITANCE_LIMITS; i++)
		write_u64(w, inheritance->soft_limits[i]);
	write_u32(w, (uint32_t)inheritance->oom_score_adj);
	write_boolean(w, inheritance->has_oom_score_adj);
	write_u32(w, inheritance->umask);
}

static struct inheritance read_inheritance(struct reader *r)
{
	struct inheritance inheritance = {0};

	inheritance.blocked_signals = read_u64(r);
	inheritance.ignored_signals = read_u64(r);
	for (size_t i = 0; i < INHERITANCE_LIMITS; i++)
		inheritance.soft_limits[i] = read_u64(r);
	inheritance.oom_score_adj = (int32_t)read_u32(r);
	inheritance.has_oom_score_adj = read_boolean(r);
	inheritance.umask = read_u32(r);
	return inheritance;
}

enum err handover_encode(const struct handover *handover, struct buf *out)
{
	struct span room;
	struct writer w;

	TRY(buf_reserve(out, handover->snapshot.len + handover->host_keys.len + handover->V_S.len +
		FIXED_ROOM, &room));
	w = writer_into(room);
	write_string(&w, handover->snapshot);
	write_string(&w, handover->host_keys);
	write_string(&w, handover->V_S);
	write_boolean(&w, handover->is_root);
	write_boolean(&w, handover->is_debugging);
	write_u32(&w, handover->layers);
	write_u32(&w, handover->net_uid);
	write_u32(&w, handover->net_gid);
	write_byte(&w, (uint8_t)handover->log);
	write_byte(&w, handover->log_level_floor);
	write_boolean(&w, handover->is_quiet);
	write_u32(&w, handover->utmp_host_len);
	write_inheritance(&w, &handover->inheritance);
	TRY(writer_finish(&w, NULL));
	buf_commit(out, w.len);
	return ERR_OK;
}

enum err handover_parse(struct slice bytes, struct handover *handover)
{
	struct reader r = reader_over(bytes);
	struct handover parsed = {0};
	uint8_t log;

	parsed.snapshot = read_string(&r, SNAPSHOT_LIMIT);
	parsed.host_keys = read_string(&r, HOST_KEYS_LIMIT);
	parsed.V_S = read_string(&r, HANDOVER_V_S_LIMIT);
	parsed.is_root = read_boolean(&r);
	parsed.is_debugging = read_boolean(&r);
	parsed.layers = read_u32(&r);
	parsed.net_uid = read_u32(&r);
	parsed.net_gid = read_u32(&r);
	log = read_byte(&r);
	parsed.log_level_floor = read_byte(&r);
	parsed.is_quiet = read_boolean(&r);
	parsed.utmp_host_len = read_u32(&r);
	parsed.inheritance = read_inheritance(&r);
	TRY(reader_finish(&r));
	if (log >= HANDOVER_LOG_COUNT || parsed.log_level_floor > LOG_LEVEL_DEBUG3)
		return ERR_MALFORMED;
	parsed.log = (enum handover_log)log;
	*handover = parsed;
	return ERR_OK;
}

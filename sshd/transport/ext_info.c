#include "sshd/transport/ext_info.h"

#include "sshd/base/auto.h"
#include "sshd/wire/messages_transport.h"

/* Those whose value is a version; server-sig-algs goes before them. Few and short: see DESIGN.md.
 */
static const struct {
	const char *name, *value;
} extensions[] = {
    {"publickey-hostbound@openssh.com", "0"},
    {"ping@openssh.com", "0"},
};

#define OTHER_EXTENSIONS_ROOM 256u

enum err ext_info_send(struct outbox *out, struct slice server_sig_algs)
{
	struct span room;
	struct writer w;

	TRY(outbox_begin(out, false, server_sig_algs.len + OTHER_EXTENSIONS_ROOM, &room));
	w = writer_into(room);
	ext_info_encode_begin(&w, 1 + COUNT_OF(extensions));
	ext_info_encode_pair(&w, "server-sig-algs", server_sig_algs);
	for (size_t i = 0; i < COUNT_OF(extensions); i++)
		ext_info_encode_pair(&w, extensions[i].name, slice_text(extensions[i].value));
	TRY(writer_finish(&w, NULL));
	return outbox_end(out, w.len);
}

enum err ext_info_read(struct slice payload, bool *takes_in_auth)
{
	struct ext_info info;
	struct slice value;

	TRY(ext_info_parse(payload, &info));
	*takes_in_auth =
	    ext_info_find(&info, "ext-info-in-auth@openssh.com", &value) && slice_is(value, "0");
	return ERR_OK;
}

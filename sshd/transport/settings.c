#include "sshd/transport/settings.h"

#include <stdlib.h>

#include "sshd/base/auto.h"
#include "sshd/transport/version.h"
#include "sshd/wire/messages_transport.h"

static size_t settings_size(const struct transport_settings *from)
{
	size_t size = from->V_S.len + from->I_S.len + from->server_sig_algs.len;

	for (size_t i = 0; i < from->host_key_count; i++)
		size += from->host_keys[i].algorithms.len + from->host_keys[i].blob.len;
	return size + from->host_key_count * sizeof(struct transport_host_key);
}

enum err settings_check(const struct transport_settings *settings)
{
	struct kexinit kexinit;

	if (settings->V_S.len == 0 || settings->V_S.len > VERSION_LINE_LIMIT - 2)
		return ERR_RANGE;
	if (settings->host_key_count == 0 || settings->host_key_count > TRANSPORT_HOST_KEYS_LIMIT)
		return ERR_RANGE;
	if (settings->I_S.len > TRANSPORT_KEXINIT_LIMIT)
		return ERR_RANGE;
	return kexinit_parse(settings->I_S, &kexinit) == ERR_OK ? ERR_OK : ERR_MALFORMED;
}

static struct slice copy_slice(uint8_t **at, struct slice from)
{
	struct slice copy = {*at, from.len};

	if (from.len > 0)
		memcpy(*at, from.ptr, from.len);
	*at += from.len;
	return copy;
}

/* All of it into one block; the host keys first, for their alignment. */
enum err settings_copy(
    const struct transport_settings *from, struct transport_settings *to, uint8_t **block)
{
	uint8_t *bytes = malloc(settings_size(from));
	struct transport_host_key *keys = (struct transport_host_key *)(void *)bytes;
	uint8_t *at = bytes + from->host_key_count * sizeof(*keys);

	if (bytes == NULL)
		return ERR_NO_MEMORY;
	for (size_t i = 0; i < from->host_key_count; i++) {
		keys[i].algorithms = copy_slice(&at, from->host_keys[i].algorithms);
		keys[i].blob = copy_slice(&at, from->host_keys[i].blob);
	}
	*to = *from;
	to->host_keys = keys;
	to->V_S = copy_slice(&at, from->V_S);
	to->I_S = copy_slice(&at, from->I_S);
	to->server_sig_algs = copy_slice(&at, from->server_sig_algs);
	*block = bytes;
	return ERR_OK;
}

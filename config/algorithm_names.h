/*
 * The algorithm names that sshd_config may hold: what OpenSSH 10.5 knows, in its order, and
 * its default lists. What of it is built is the business of sshd/crypto; a name that is known
 * here and not built there is accepted and never offered.
 */
#pragma once

#include "config/arena.h"
#include "sshd/base/err.h"

enum algorithm_class {
	CLASS_KEX,
	CLASS_CIPHER,
	CLASS_MAC,
	CLASS_SIGNATURE, /* of host keys and users' keys, certificates included */
	CLASS_COUNT,
};

#define DEFAULT_KEX                                                                                \
	"mlkem768x25519-sha256,sntrup761x25519-sha512,sntrup761x25519-sha512@openssh.com,"         \
	"curve25519-sha256,curve25519-sha256@libssh.org,"                                          \
	"ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521"

#define DEFAULT_CIPHERS                                                                            \
	"chacha20-poly1305@openssh.com,aes128-gcm@openssh.com,aes256-gcm@openssh.com,"             \
	"aes128-ctr,aes192-ctr,aes256-ctr"

#define DEFAULT_MACS                                                                               \
	"umac-64-etm@openssh.com,umac-128-etm@openssh.com,hmac-sha2-256-etm@openssh.com,"          \
	"hmac-sha2-512-etm@openssh.com,hmac-sha1-etm@openssh.com,umac-64@openssh.com,"             \
	"umac-128@openssh.com,hmac-sha2-256,hmac-sha2-512,hmac-sha1"

#define DEFAULT_CA_SIGNATURES                                                                      \
	"ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,"                 \
	"sk-ssh-ed25519@openssh.com,sk-ecdsa-sha2-nistp256@openssh.com,"                           \
	"webauthn-sk-ecdsa-sha2-nistp256@openssh.com,rsa-sha2-512,rsa-sha2-256"

#define DEFAULT_SIGNATURES                                                                         \
	"ssh-ed25519-cert-v01@openssh.com,ecdsa-sha2-nistp256-cert-v01@openssh.com,"               \
	"ecdsa-sha2-nistp384-cert-v01@openssh.com,ecdsa-sha2-nistp521-cert-v01@openssh.com,"       \
	"sk-ssh-ed25519-cert-v01@openssh.com,sk-ecdsa-sha2-nistp256-cert-v01@openssh.com,"         \
	"webauthn-sk-ecdsa-sha2-nistp256-cert-v01@openssh.com,"                                    \
	"rsa-sha2-512-cert-v01@openssh.com,rsa-sha2-256-cert-v01@openssh."                         \
	"com," DEFAULT_CA_SIGNATURES

/* The known names of a class in OpenSSH's order. */
const char *const *algorithm_names(enum algorithm_class class, size_t *count);

bool algorithm_name_is_known(enum algorithm_class class, struct slice name);

/*
 * What `text` makes of the default list: "+names" appended, "^names" put first, "-patterns"
 * removed, anything else instead of it. Names are taken once; empty elements are left out.
 *
 * permits_patterns   elements may hold * and ?, and stand for every known name they match
 * list               on success: a NUL-terminated list in `arena`; empty: nothing is left
 *
 * ERR_NOT_FOUND: `fault` is an element that is no known name, or a pattern that matches none.
 * ERR_NO_MEMORY.
 */
enum err algorithm_list_assemble(enum algorithm_class class, struct slice text,
    const char *defaults, bool permits_patterns, struct arena *arena, const char **list,
    struct slice *fault);

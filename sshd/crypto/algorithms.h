/*
 * One row per algorithm in algorithms.def; negotiation keeps a pointer to the chosen row and
 * never copies from it. Rows stand in the default order of preference of their kind.
 */
#pragma once

#include "sshd/base/buf.h"
#include "sshd/crypto/hash.h"

/* What a name is good for when nothing is configured. */
enum algorithm_default { NOT_DEFAULT, IS_DEFAULT };

/* How K enters the exchange hash and the key derivation. */
enum k_kind { K_MPINT, K_STRING };

/* Which messages carry the exchange. */
enum kex_flow {
	KEX_FLOW_ECDH,  /* 30: string Q_C; 31: K_S, string Q_S, signature (RFC 5656, RFC 8731, hybrids) */
	KEX_FLOW_DH,    /* 30: mpint e;    31: K_S, mpint f, signature (RFC 4253 section 8) */
	KEX_FLOW_GROUP, /* 34 or 30, 31, 32, 33 (RFC 4419) */
};

struct kex_ops; /* exchange_ops.h */
struct kex_algorithm {
	const char *name;
	enum algorithm_default is_default;
	enum kex_flow flow;
	enum hash_kind hash;
	enum k_kind k_kind;
	size_t Q_C_limit; /* bytes of the client's public value; exact for the ECDH flow */
	size_t Q_S_limit;
	const struct kex_ops *ops;
	unsigned strength_bits;
};

struct cipher_ops; /* cipher_ops.h */
struct cipher_algorithm {
	const char *name;
	enum algorithm_default is_default;
	size_t key_len, iv_len;
	size_t block_len; /* what packets are padded to, at least 8 */
	size_t tag_len;   /* 0: needs a MAC */
	bool encrypts_length;
	const struct cipher_ops *ops;
};

struct mac_ops; /* mac_ops.h */
struct mac_algorithm {
	const char *name;
	enum algorithm_default is_default;
	size_t key_len, tag_len;
	bool is_etm; /* covers the ciphertext and leaves the length in clear */
	const struct mac_ops *ops;
};

enum compression_kind { COMPRESSION_NONE, COMPRESSION_ZLIB_AFTER_AUTHENTICATION };
struct compression_algorithm {
	const char *name;
	enum algorithm_default is_default;
	enum compression_kind kind;
};

struct signature_ops; /* signature_ops.h */
struct signature_algorithm {
	const char *name; /* as in server-sig-algs, host key lists and userauth requests */
	enum algorithm_default is_default;
	const char *key_type;       /* first string of the key or certificate blob */
	const char *plain_key_type; /* the same without certificate: "ssh-rsa" for all of RSA */
	const char *signature_name; /* first string of the signature blob */
	enum hash_kind hash;
	bool is_certificate; /* name ends in -cert-v01@openssh.com */
	bool is_security_key;
	const struct signature_ops *ops;
};

/*
 * The tables; each ends with a row whose name is NULL. Each stands in a file of its own
 * (algorithms_kex.c and so on), so that a program links only the arithmetic it asks for, and one
 * that asks for names alone links none.
 */
extern const struct kex_algorithm kex_algorithms[];
extern const struct signature_algorithm signature_algorithms[];
extern const struct cipher_algorithm cipher_algorithms[];
extern const struct mac_algorithm mac_algorithms[];
extern const struct compression_algorithm compression_algorithms[];

/* By exact name; NULL: no such row. */
const struct kex_algorithm *kex_algorithm_named(struct slice name);
const struct signature_algorithm *signature_algorithm_named(struct slice name);
const struct cipher_algorithm *cipher_algorithm_named(struct slice name);
const struct mac_algorithm *mac_algorithm_named(struct slice name);
const struct compression_algorithm *compression_algorithm_named(struct slice name);

enum algorithm_kind {
	ALGORITHM_KEX,
	ALGORITHM_SIGNATURE,
	ALGORITHM_CIPHER,
	ALGORITHM_MAC,
	ALGORITHM_COMPRESSION,
	ALGORITHM_CA_SIGNATURE, /* the signature rows that are no certificates */
	ALGORITHM_KIND_COUNT,
};

/* The rows of a kind by position, for lists and completion; NULL past the end. */
const char *algorithm_name_at(enum algorithm_kind kind, size_t position, bool *is_default);
bool algorithm_is_known(enum algorithm_kind kind, struct slice name);

/* Appends the default list of a kind as a name-list, in order of preference. */
enum err algorithm_default_list(enum algorithm_kind kind, struct buf *out);

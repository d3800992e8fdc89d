/* What can go wrong, in one table. An answer ("wrong password") is never one of these. */
#pragma once

/*
 * ERR(name, disconnect reason of RFC 4253 section 11.1, text)
 *
 * The reason is what a peer is told when this error ends its connection; 0 where no peer is
 * to blame or the connection simply goes away.
 */
#define ERR_TABLE(ERR)                                                                             \
	ERR(SYSTEM, 11, "a system call failed")                                                    \
	ERR(NO_MEMORY, 11, "out of memory")                                                        \
	ERR(LIMIT, 2, "a limit was reached")                                                       \
	ERR(TRUNCATED, 2, "the data end too early")                                                \
	ERR(TOO_LONG, 2, "a field is longer than allowed")                                         \
	ERR(TRAILING, 2, "there are bytes after the end")                                          \
	ERR(MALFORMED, 2, "the data are not well formed")                                          \
	ERR(RANGE, 2, "a value is out of range")                                                   \
	ERR(UNEXPECTED, 2, "the message is not permitted now")                                     \
	ERR(UNSUPPORTED, 2, "this is not supported")                                               \
	ERR(VERSION, 8, "the identification string is not acceptable")                             \
	ERR(NO_COMMON, 3, "no algorithm in common")                                                \
	ERR(EXCHANGE, 3, "the key exchange failed")                                                \
	ERR(PACKET_LENGTH, 2, "the packet length is not acceptable")                               \
	ERR(MAC, 5, "message authentication failed")                                               \
	ERR(COMPRESSION, 6, "decompression failed")                                                \
	ERR(SERVICE, 7, "no such service")                                                         \
	ERR(TOO_MANY_ATTEMPTS, 2, "too many authentication failures")                              \
	ERR(SIGNATURE, 2, "the signature is not valid")                                            \
	ERR(KEY, 2, "the key is not acceptable")                                                   \
	ERR(ENCRYPTED, 0, "the key file is protected by a passphrase")                             \
	ERR(MODE, 0, "owner or permissions are not acceptable")                                    \
	ERR(CRYPTO, 11, "the cryptographic library failed")                                        \
	ERR(NOT_FOUND, 0, "not found")                                                             \
	ERR(EXISTS, 0, "already there")                                                            \
	ERR(AGAIN, 0, "not now")                                                                   \
	ERR(CLOSED, 0, "the other side closed")                                                    \
	ERR(TIMEOUT, 0, "time ran out")                                                            \
	ERR(BREACH, 2, "a process broke the message table")                                        \
	ERR(SANDBOX, 11, "the sandbox could not be set up")                                        \
	ERR(CONFIG, 0, "the configuration is not valid")

#define ERR_ROW(name, reason, text) ERR_##name,
enum [[nodiscard]] err { ERR_OK, ERR_TABLE(ERR_ROW) ERR_COUNT };
#undef ERR_ROW

/* The name without its prefix, such as "TRUNCATED"; "OK" for ERR_OK. */
const char *err_name(enum err err);

/* A sentence fragment for people, lower case, without a full stop. */
const char *err_text(enum err err);

/* The disconnect reason of RFC 4253 section 11.1 that fits; 0: none. */
unsigned err_disconnect_reason(enum err err);

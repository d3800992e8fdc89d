/*
 * Patterns: "*" stands for any characters, "?" for one; in a comma-separated list "!" in front
 * of an element refuses what it matches. Addresses are compared with CIDR blocks.
 */
#pragma once

#include <netinet/in.h>

#include "sshd/base/slice.h"
#include "sshd/base/text.h"

enum match_result { MATCH_NO, MATCH_YES, MATCH_REFUSED /* by an element with "!" */ };

/* One pattern is text_matches_pattern's of sshd/base/text.h. */

/* MATCH_REFUSED wins over MATCH_YES, wherever it stands in the list. */
enum match_result pattern_list_match(struct slice text, struct slice list, bool ignores_case);

/* Takes the first element of a comma-separated list; false: there is none left. */
bool list_next(struct slice *list, struct slice *element);

struct address {
	int family; /* AF_INET, AF_INET6; 0: none */
	uint8_t bytes[16];
	uint32_t scope_id;
};

/* Numeric IPv4 or IPv6; an IPv4-mapped IPv6 address counts as IPv4. */
bool address_parse(struct slice text, struct address *address);

enum cidr_kind {
	CIDR_NOT, /* not an address at all */
	CIDR_OK,
	CIDR_BAD_BITS, /* the length is impossible, or host bits are set */
};

/* "10.0.0.0/8", "2001:db8::/32", or a bare address (all its bits). */
enum cidr_kind cidr_parse(struct slice text, struct address *address, unsigned *bits);
bool cidr_contains(const struct address *block, unsigned bits, const struct address *address);

/*
 * A list of addresses, CIDR blocks and patterns against an address in text form.
 * `fault` may be NULL; else it gets the first element with an impossible block (CIDR_BAD_BITS
 * elements match nothing).
 */
enum match_result address_list_match(struct slice address, struct slice list, struct slice *fault);

/* The first element of such a list that is an impossible block; false: there is none. */
bool address_list_fault(struct slice list, struct slice *fault);

/* A list of host name patterns and addresses, as after USER@ and in from=. NULL host: unknown. */
enum match_result host_list_match(const char *host, struct slice address, struct slice list);

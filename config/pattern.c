#include "config/pattern.h"

#include <arpa/inet.h>

#include "sshd/base/text.h"

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

/* A pattern longer than this is compared as it is. */
#define LOWERED_LIMIT 1024u

static bool matches_ignoring_case(struct slice text, struct slice pattern)
{
	uint8_t low_text[LOWERED_LIMIT], low_pattern[LOWERED_LIMIT];

	if (text.len > LOWERED_LIMIT || pattern.len > LOWERED_LIMIT)
		return text_matches_pattern(text, pattern);
	for (size_t i = 0; i < text.len; i++)
		low_text[i] = lower(text.ptr[i]);
	for (size_t i = 0; i < pattern.len; i++)
		low_pattern[i] = lower(pattern.ptr[i]);
	return text_matches_pattern(
	    slice_over(low_text, text.len), slice_over(low_pattern, pattern.len));
}

bool list_next(struct slice *list, struct slice *element)
{
	const uint8_t *comma;

	if (list->ptr == NULL || (list->len == 0))
		return false;
	comma = memchr(list->ptr, ',', list->len);
	if (comma == NULL) {
		*element = *list;
		*list = (struct slice){0};
		return true;
	}
	*element = slice_first(*list, (size_t)(comma - list->ptr));
	*list = slice_after(*list, element->len + 1);
	return true;
}

/* Strips the "!" of an element. */
static bool take_refusal(struct slice *element)
{
	if (!slice_starts(*element, "!"))
		return false;
	*element = slice_after(*element, 1);
	return true;
}

enum match_result pattern_list_match(struct slice text, struct slice list, bool ignores_case)
{
	enum match_result result = MATCH_NO;
	struct slice one;

	while (list_next(&list, &one)) {
		bool refuses = take_refusal(&one);

		if (!(ignores_case ? matches_ignoring_case(text, one) : text_matches_pattern(text, one)))
			continue;
		if (refuses)
			return MATCH_REFUSED;
		result = MATCH_YES;
	}
	return result;
}

static bool is_ipv4_mapped(const uint8_t *bytes)
{
	static const uint8_t prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

	return memcmp(bytes, prefix, sizeof(prefix)) == 0;
}

bool address_parse(struct slice text, struct address *out)
{
	char numeric[INET6_ADDRSTRLEN + 1] = {0};
	struct address address = {0};
	/* A zone ("%eth0") is no part of what is compared. */
	const uint8_t *zone = text.len > 0 ? memchr(text.ptr, '%', text.len) : NULL;
	size_t len = zone ? (size_t)(zone - text.ptr) : text.len;

	if (len == 0 || len >= sizeof(numeric))
		return false;
	memcpy(numeric, text.ptr, len);
	if (zone == NULL && inet_pton(AF_INET, numeric, address.bytes) == 1) {
		address.family = AF_INET;
	} else if (inet_pton(AF_INET6, numeric, address.bytes) == 1) {
		address.family = AF_INET6;
		if (is_ipv4_mapped(address.bytes)) {
			address.family = AF_INET;
			memmove(address.bytes, address.bytes + 12, 4);
			memset(address.bytes + 4, 0, 12);
		}
	} else {
		return false;
	}
	*out = address;
	return true;
}

static unsigned address_bits(const struct address *address)
{
	return address->family == AF_INET ? 32 : 128;
}

static bool has_host_bits(const struct address *address, unsigned bits)
{
	for (unsigned i = bits; i < address_bits(address); i++)
		if (address->bytes[i / 8] & (0x80u >> (i % 8)))
			return true;
	return false;
}

enum cidr_kind cidr_parse(struct slice text, struct address *address, unsigned *bits)
{
	const uint8_t *slash = text.len > 0 ? memchr(text.ptr, '/', text.len) : NULL;
	size_t len = slash ? (size_t)(slash - text.ptr) : text.len;
	struct address parsed;
	uint64_t given;

	if (!address_parse(slice_first(text, len), &parsed))
		return CIDR_NOT;
	given = address_bits(&parsed);
	if (slash != NULL && (text_parse_u64(slice_after(text, len + 1), given, &given) != ERR_OK ||
	                         has_host_bits(&parsed, (unsigned)given)))
		return CIDR_BAD_BITS;
	*address = parsed;
	*bits = (unsigned)given;
	return CIDR_OK;
}

bool cidr_contains(const struct address *block, unsigned bits, const struct address *address)
{
	unsigned whole = bits / 8, rest = bits % 8;

	if (block->family != address->family)
		return false;
	if (memcmp(block->bytes, address->bytes, whole) != 0)
		return false;
	return rest == 0 || (block->bytes[whole] ^ address->bytes[whole]) >> (8 - rest) == 0;
}

enum match_result address_list_match(struct slice address, struct slice list, struct slice *fault)
{
	enum match_result result = MATCH_NO;
	struct address numeric = {0};
	struct slice one;

	/* Text that is no address matches no block, but may match a pattern. */
	if (!address_parse(address, &numeric))
		numeric.family = 0;
	while (list_next(&list, &one)) {
		bool refuses = take_refusal(&one);
		struct address block;
		unsigned bits;
		enum cidr_kind kind = cidr_parse(one, &block, &bits);

		if (kind == CIDR_BAD_BITS && fault != NULL && fault->ptr == NULL)
			*fault = one;
		if (kind == CIDR_OK ? !cidr_contains(&block, bits, &numeric)
		                    : kind == CIDR_BAD_BITS || !text_matches_pattern(address, one))
			continue;
		if (refuses)
			return MATCH_REFUSED;
		result = MATCH_YES;
	}
	return result;
}

bool address_list_fault(struct slice list, struct slice *fault)
{
	struct slice one;

	while (list_next(&list, &one)) {
		struct address block;
		unsigned bits;

		take_refusal(&one);
		if (cidr_parse(one, &block, &bits) != CIDR_BAD_BITS)
			continue;
		*fault = one;
		return true;
	}
	return false;
}

enum match_result host_list_match(const char *host, struct slice address, struct slice list)
{
	enum match_result by_address = address_list_match(address, list, NULL);
	enum match_result by_name;

	if (by_address == MATCH_REFUSED || host == NULL)
		return by_address;
	by_name = pattern_list_match(slice_text(host), list, true);
	return by_name == MATCH_NO ? by_address : by_name;
}

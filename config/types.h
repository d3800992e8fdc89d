/*
 * The types of values: for each one parser from the words of a line and one printer for -T,
 * which prints what the parser reads. Rows of keywords.def name them.
 */
#pragma once

#include "config/conf.h"
#include "config/diagnostics.h"
#include "config/lexer.h"

/* One value of an enumeration; of several texts with the same value the first is printed. */
struct choice {
	const char *text;
	int value;
};

/* What a parser reads, and where it complains. */
struct value_input {
	const struct keyword *keyword;
	const struct line *line;
	const char *file;      /* for messages */
	struct origin origin;  /* of the line */
	const char *directory; /* relative paths belong below it; NULL: kept as they are */
	const char *home;      /* what ~ stands for; NULL: kept */
	struct arena *arena;   /* keeps the value */
	struct diagnostics *diagnostics;
	bool is_default; /* the built-in default: may be what no file may say */
};

struct type {
	const char *name;
	size_t size;      /* of the value */
	size_t item_size; /* of one item of an array; 0: not an array */

	/*
	 * Reads the line into the zeroed value. ERR_CONFIG: told to the diagnostics already.
	 * ERR_NO_MEMORY.
	 */
	enum err (*parse)(struct value_input *in, const struct type *type, void *value);

	/* Appends whole lines, "name value\n"; none for what is empty. `name` is lower case. */
	enum err (*print)(
	    const struct type *type, const char *name, const void *value, struct buf *out);

	/* MERGE_FILL: what `value` leaves open is taken from `later`. */
	void (*fill)(void *value, const void *later);

	/* MERGE_NONE_RESETS: this value is "none". */
	bool (*is_none)(const void *value);

	const struct choice *choices;
	bool is_case_sensitive;
	uint64_t max;       /* of numbers */
	unsigned flags;     /* the parsers' own */
	size_t lines_limit; /* of a keyword in one configuration; 0: none of its own */
};

/* What the common shape of conf.h's arrays looks like from outside. */
CONF_ARRAY(conf_array, void);

/*      name             field of struct conf        */
#define TYPE_TABLE(TYPE)                                                                           \
	TYPE(FLAG, bool)                                                                           \
	TYPE(FAMILY, enum conf_family)                                                             \
	TYPE(ROOT_LOGIN, enum conf_root_login)                                                     \
	TYPE(RHOSTS, enum conf_rhosts)                                                             \
	TYPE(COMPRESSION, enum conf_compression)                                                   \
	TYPE(GATEWAY, enum conf_gateway)                                                           \
	TYPE(FORWARDING, enum conf_forwarding)                                                     \
	TYPE(TUNNEL, enum conf_tunnel)                                                             \
	TYPE(LOG_LEVEL, enum log_level)                                                            \
	TYPE(FACILITY, int)                                                                        \
	TYPE(HASH, enum conf_hash)                                                                 \
	TYPE(FACTOR, enum conf_second_factor)                                                      \
	TYPE(PUBKEY_OPTIONS, enum conf_pubkey_options)                                             \
	TYPE(COUNT, uint32_t)                                                                      \
	TYPE(COUNT_OR_NONE, uint32_t)                                                              \
	TYPE(SECONDS, uint32_t)                                                                    \
	TYPE(SECONDS_OR_NONE, uint32_t)                                                            \
	TYPE(MASK, uint32_t)                                                                       \
	TYPE(WORD, const char *)                                                                   \
	TYPE(WORD_OR_NONE, const char *)                                                           \
	TYPE(PATH, const char *)                                                                   \
	TYPE(AGENT, const char *)                                                                  \
	TYPE(PROVIDER, const char *)                                                               \
	TYPE(TEMPLATE, const char *)                                                               \
	TYPE(REST, const char *)                                                                   \
	TYPE(KEYS_COMMAND, const char *)                                                           \
	TYPE(PRINCIPALS_COMMAND, const char *)                                                     \
	TYPE(ADDENDUM, const char *)                                                               \
	TYPE(ROUTING, const char *)                                                                \
	TYPE(ADDRESSES, const char *)                                                              \
	TYPE(CIPHERS, const char *)                                                                \
	TYPE(MACS, const char *)                                                                   \
	TYPE(KEX, const char *)                                                                    \
	TYPE(KEY_ALGORITHMS, const char *)                                                         \
	TYPE(CA_ALGORITHMS, const char *)                                                          \
	TYPE(WORDS, struct conf_texts)                                                             \
	TYPE(NAMES, struct conf_texts)                                                             \
	TYPE(PATHS, struct conf_texts)                                                             \
	TYPE(TEMPLATES, struct conf_texts)                                                         \
	TYPE(HOST_KEYS, struct conf_texts)                                                         \
	TYPE(USER_PATTERNS, struct conf_texts)                                                     \
	TYPE(ENV_PATTERNS, struct conf_texts)                                                      \
	TYPE(ASSIGNMENTS, struct conf_texts)                                                       \
	TYPE(METHODS, struct conf_texts)                                                           \
	TYPE(PORTS, struct conf_ports)                                                             \
	TYPE(LISTEN, struct conf_listens)                                                          \
	TYPE(SUBSYSTEM, struct conf_subsystems)                                                    \
	TYPE(TIMEOUTS, struct conf_timeouts)                                                       \
	TYPE(PERMIT_OPEN, struct conf_permissions)                                                 \
	TYPE(PERMIT_LISTEN, struct conf_permissions)                                               \
	TYPE(STARTUPS, struct conf_startups)                                                       \
	TYPE(NET_BLOCK, struct conf_net_block)                                                     \
	TYPE(REKEY, struct conf_rekey)                                                             \
	TYPE(QOS, struct conf_qos)                                                                 \
	TYPE(PENALTIES, struct conf_penalties)                                                     \
	TYPE(USER_ENV, struct conf_user_env)                                                       \
	TYPE(UID_RANGE, struct conf_uid_range)

#define TYPE_ROW(name, field_type)                                                                 \
	extern const struct type type_##name;                                                      \
	struct type_field_##name {                                                                 \
		field_type content;                                                                \
	};
TYPE_TABLE(TYPE_ROW)
#undef TYPE_ROW

/* ---- for the parsers only ---- */

/* Tells an error at word `index` of the line (at the keyword when there is no such word). */
enum err value_refuse(struct value_input *in, size_t index, const char *hint, const char *format,
    ...) __attribute__((format(printf, 4, 5)));
void value_warn(struct value_input *in, size_t index, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The only word of the line, which must not be empty. `what` is for the message. */
enum err value_single(struct value_input *in, const char *what, struct slice *word);

/* An array of `count` zeroed items of the type with the words from `first` on as origins. */
enum err value_array(struct value_input *in, const struct type *type, size_t first, size_t count,
    struct conf_array *array, void **items);

/* A copy of the text that lives as long as the value. */
enum err value_text(struct value_input *in, struct slice text, const char **copy);

/* ~ and a missing leading / done as `in` says. */
enum err value_path(struct value_input *in, struct slice text, const char **path);

/* "600", "1h30m", "1.5": microseconds. ERR_MALFORMED, ERR_RANGE. */
enum err duration_parse(struct slice text, uint64_t max_s, uint64_t *us);

/* Where a % is not followed by one of `letters`; false: nowhere. */
bool token_fault(struct slice text, const char *letters, size_t *at);

/* A TCP port, by number or by a well-known name. */
bool port_parse(struct slice text, uint16_t *port);

/* Prints "name text\n"; NULL is "none". */
enum err print_text(const char *name, const char *text, struct buf *out);

/* Prints a blank and the word, quoted where it must be. */
enum err print_word(const char *text, struct buf *out);

/* The printer of types that are one word. */
enum err print_quoted(
    const struct type *type, const char *name, const void *value, struct buf *out);

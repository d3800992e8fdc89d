/*
 * struct conf: the settings that hold, the only settings type. It is made by conf_resolve
 * (resolve.h) and not changed afterwards. Each field belongs to one row of keywords.def.
 *
 * Strings are NUL-terminated and, like the arrays, owned by the conf. A string that the
 * configuration sets to "none" is NULL. Durations are seconds (_s).
 */
#pragma once

#include "config/keywords.h"
#include "sshd/base/log.h"
#include "sshd/base/slice.h"

/* Where a value was written. line 0: a built-in default; file: see config_file_name. */
struct origin {
	uint32_t file;
	uint32_t line;
	uint32_t column;
};

/* Arrays share this shape; origins[i] says where items[i] was written. */
#define CONF_ARRAY(name, item)                                                                     \
	struct name {                                                                              \
		const item *items;                                                                 \
		const struct origin *origins;                                                      \
		size_t count;                                                                      \
	}

enum conf_family { FAMILY_ANY, FAMILY_INET, FAMILY_INET6 };

enum conf_root_login {
	ROOT_LOGIN_NO,
	ROOT_LOGIN_PROHIBIT_PASSWORD,
	ROOT_LOGIN_FORCED_COMMANDS_ONLY,
	ROOT_LOGIN_YES,
};

enum conf_rhosts { RHOSTS_HONOUR, RHOSTS_SHOSTS_ONLY, RHOSTS_IGNORE };
enum conf_compression { CONF_COMPRESSION_NO, CONF_COMPRESSION_DELAYED };
enum conf_gateway { GATEWAY_NO, GATEWAY_YES, GATEWAY_CLIENT_SPECIFIED };
enum conf_hash {
	CONF_HASH_MD5,
	CONF_HASH_SHA1,
	CONF_HASH_SHA256,
	CONF_HASH_SHA384,
	CONF_HASH_SHA512,
};
enum conf_second_factor { SECOND_FACTOR_NONE, SECOND_FACTOR_OTP };

/* Bits: which kinds of forward; YES is both. */
enum conf_forwarding {
	FORWARDING_NO = 0,
	FORWARDING_LOCAL = 1,
	FORWARDING_REMOTE = 2,
	FORWARDING_YES = FORWARDING_LOCAL | FORWARDING_REMOTE,
};

enum conf_tunnel {
	TUNNEL_NO = 0,
	TUNNEL_POINT_TO_POINT = 1,
	TUNNEL_ETHERNET = 2,
	TUNNEL_YES = TUNNEL_POINT_TO_POINT | TUNNEL_ETHERNET,
};

enum conf_pubkey_options {
	PUBKEY_NONE = 0,
	PUBKEY_TOUCH_REQUIRED = 1,
	PUBKEY_VERIFY_REQUIRED = 2,
};

CONF_ARRAY(conf_texts, char *const);
CONF_ARRAY(conf_ports, uint16_t);

/*
 * After conf_resolve one row per socket to bind: the product of the addresses and the ports,
 * in the order of the configuration, or for each port both families' wildcard ("::" first,
 * as AddressFamily permits) when no ListenAddress is given.
 */
struct conf_listen {
	const char *host;    /* a numeric address, or a name that the listener looks up */
	uint16_t port;       /* before conf_resolve 0: each Port */
	const char *rdomain; /* NULL: none */
};
CONF_ARRAY(conf_listens, struct conf_listen);

struct conf_subsystem {
	const char *name;
	const char *command; /* the whole line, as a shell would get it */
	const char *path;    /* its first word, quotes removed; "internal-sftp" is special */
};
CONF_ARRAY(conf_subsystems, struct conf_subsystem);

struct conf_timeout {
	const char *type; /* a pattern of channel types, or "global" */
	uint32_t seconds; /* 0: never */
	const char *text; /* as written */
};
CONF_ARRAY(conf_timeouts, struct conf_timeout);

/* One permitted destination or listening address. host NULL: any; port 0: any. */
struct conf_permission {
	const char *host; /* PermitListen: may hold wildcards */
	uint16_t port;
	const char *text; /* as written */
};
CONF_ARRAY(conf_permission_rows, struct conf_permission);

struct conf_permissions {
	bool is_any; /* no restriction; else only `rows`, of which there may be none */
	struct conf_permission_rows rows;
};

struct conf_startups {
	uint32_t begin, rate,
	    full; /* from `begin` on drop `rate` per cent, rising to all at `full` */
};

struct conf_net_block {
	uint32_t ipv4_bits, ipv6_bits;
};

struct conf_rekey {
	uint64_t bytes;   /* 0: by the cipher's own limit */
	uint32_t seconds; /* 0: not by time */
	bool is_bytes_set, is_seconds_set;
};

/* Type of service; value -1: leave the system's. */
struct conf_qos {
	int32_t interactive, bulk;
};

enum penalty {
	PENALTY_CRASH,
	PENALTY_AUTHFAIL,
	PENALTY_NOAUTH,
	PENALTY_INVALIDUSER,
	PENALTY_GRACE_EXCEEDED,
	PENALTY_REFUSECONNECTION,
	PENALTY_MAX,
	PENALTY_MIN,
	PENALTY_TIMES,
};

enum conf_overflow { OVERFLOW_UNSET, OVERFLOW_PERMISSIVE, OVERFLOW_DENY_ALL };
enum conf_penalties_enabled { PENALTIES_UNSET, PENALTIES_OFF, PENALTIES_ON };

struct conf_penalties {
	enum conf_penalties_enabled enabled;
	int64_t time_us[PENALTY_TIMES]; /* microseconds; -1 while not set */
	int64_t max_sources4, max_sources6;
	enum conf_overflow overflow4, overflow6;
};

struct conf_user_env {
	bool is_allowed;
	const char *patterns; /* NULL: every variable; else names that may be set */
};

struct conf_uid_range {
	uint32_t first, last; /* both 0: none */
};

struct conf {
	/* where it listens */
	struct conf_ports ports;
	enum conf_family family;
	struct conf_listens listen;
	bool tcp_keep_alive;
	bool use_dns;
	struct conf_qos ip_qos;
	const char *version_addendum;

	/* files of the daemon */
	const char *pid_file;
	const char *moduli_file;
	const char *xauth_location;
	const char *sshd_session_path;
	const char *sshd_auth_path;
	struct conf_texts host_keys;
	struct conf_texts host_certificates;
	const char *host_key_agent;
	const char *security_key_provider;

	/* log */
	enum log_level log_level;
	int syslog_facility; /* LOG_AUTH and so on of syslog.h */
	enum conf_hash fingerprint_hash;
	struct conf_texts log_verbose;

	/* admission */
	uint32_t login_grace_s;
	struct conf_startups max_startups;
	uint32_t per_source_max_startups; /* UINT32_MAX: none */
	struct conf_net_block per_source_net_block;
	struct conf_penalties per_source_penalties;
	const char *per_source_penalty_exempt;
	bool refuse_connection;

	/* algorithms: comma-separated names, what + - ^ ask for already done */
	const char *ciphers;
	const char *macs;
	const char *kex_algorithms;
	const char *host_key_algorithms;
	const char *pubkey_accepted_algorithms;
	const char *hostbased_accepted_algorithms;
	const char *ca_signature_algorithms;
	uint32_t required_rsa_bits;
	enum conf_compression compression;
	struct conf_rekey rekey_limit;

	/* who */
	struct conf_texts allow_users;
	struct conf_texts deny_users;
	struct conf_texts allow_groups;
	struct conf_texts deny_groups;
	enum conf_root_login permit_root_login;
	bool permit_empty_passwords;

	/* authentication */
	uint32_t max_auth_tries;
	struct conf_texts authentication_methods; /* "publickey,password" each; none: any one */
	bool pubkey_authentication;
	bool password_authentication;
	bool kbd_interactive_authentication;
	bool hostbased_authentication;
	bool hostbased_packet_name_only;
	enum conf_rhosts ignore_rhosts;
	bool ignore_user_known_hosts;
	bool kerberos_authentication;
	bool kerberos_or_local_password;
	bool kerberos_ticket_cleanup;
	bool kerberos_get_afs_token;
	bool gssapi_authentication;
	bool gssapi_cleanup;
	bool gssapi_delegate;
	bool gssapi_strict_acceptor;
	bool use_pam;
	const char *pam_service;
	bool strict_modes;
	enum conf_pubkey_options pubkey_auth_options;
	struct conf_texts authorized_keys_files;
	const char *authorized_keys_command;
	const char *authorized_keys_command_user;
	const char *authorized_principals_file;
	const char *authorized_principals_command;
	const char *authorized_principals_command_user;
	const char *trusted_user_ca_keys;
	struct conf_texts revoked_keys;
	const char *banner;
	bool expose_auth_info;

	/* sessions */
	uint32_t max_sessions;
	bool permit_tty;
	bool permit_user_rc;
	bool print_motd;
	bool print_last_log;
	const char *force_command;
	const char *chroot_directory;
	const char *rdomain;
	struct conf_subsystems subsystems;
	struct conf_texts accept_env;
	struct conf_texts set_env; /* NAME=VALUE */
	struct conf_user_env permit_user_environment;

	/* time limits of an open connection */
	uint32_t client_alive_interval_s;
	uint32_t client_alive_count_max;
	uint32_t unused_connection_timeout_s; /* 0: none */
	struct conf_timeouts channel_timeouts;

	/* forwarding */
	bool disable_forwarding;
	enum conf_forwarding allow_tcp_forwarding;
	enum conf_forwarding allow_stream_local_forwarding;
	bool allow_agent_forwarding;
	enum conf_gateway gateway_ports;
	struct conf_permissions permit_open;
	struct conf_permissions permit_listen;
	enum conf_tunnel permit_tunnel;
	uint32_t stream_local_bind_mask;
	bool stream_local_bind_unlink;
	bool x11_forwarding;
	bool x11_use_localhost;
	uint32_t x11_display_offset;

	/* sekisho.conf */
	bool strict_config_files;
	bool fresh_processes;
	bool strict_kex_required;
	uint32_t max_key_queries; /* UINT32_MAX: not counted apart */
	enum conf_second_factor second_factor;
	uint32_t otp_grace_until; /* YYYYMMDD; UINT32_MAX: none */
	struct conf_uid_range net_uid_range;

	/* the command line */
	const char *libexec_dir;
	const char *otp_dir;
	uint32_t refusal_delay_ms;
	struct conf_ports ports_given; /* -p; they are in `ports` then */

	/* Where each keyword's value (an array's first) was written. */
	struct origin origins[KEYWORD_COUNT];

	struct conf_store *store; /* resolve.c's: the memory behind the pointers */
};

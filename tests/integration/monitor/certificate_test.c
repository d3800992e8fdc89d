/*
 * Certificates, authorities, principals, revocation, commands that give keys: made by
 * ssh-keygen; without it there is nothing to test.
 */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sshd/base/file.h"
#include "sshd/base/text.h"
#include "tests/integration/monitor/rig.h"
#include "tests/support/suite.h"

static struct rig rig;
static struct net net;
static struct private_key *key;
static struct buf certificate;

static bool can_test(void)
{
	return access("/usr/bin/ssh-keygen", X_OK) == 0;
}

/* A shell command in the rig's directory. */
static void run(const char *format, const char *first, const char *second)
{
	char command[1024], line[2048];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(command, sizeof(command), format, first, second);
#pragma GCC diagnostic pop
	snprintf(line, sizeof(line), "cd %s && %s", rig.dir, command);
	ck_assert_msg(system(line) == 0, "%s", line);
}

static void read_into(const char *name, struct buf *out)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", rig.dir, name);
	ck_assert_int_eq(file_read_path(path, out), ERR_OK);
}

/* The second word of a line, decoded. */
static void read_blob(const char *name, struct buf *blob)
{
	AUTO(buf_wipe) struct buf text = buf_empty(65536);
	const char *line = NULL;
	const char *from, *to;

	read_into(name, &text);
	ck_assert_int_eq(buf_c_string(&text, &line), ERR_OK);
	from = strchr(line, ' ') + 1;
	to = strpbrk(from, " \n");
	ck_assert_int_eq(text_parse_base64(slice_over(from, (size_t)(to - from)), blob), ERR_OK);
}

static void make_keys(const char *type)
{
	AUTO(buf_wipe) struct buf text = buf_empty_secret(65536);

	rig_make_dir(&rig);
	run("ssh-keygen -q -t %s -N '' -f user -C user%s", type, "");
	run("ssh-keygen -q -t ed25519 -N '' -f ca -C ca && ssh-keygen -q -t ed25519 -N '' -f other -C other%s%s", "", "");
	read_into("user", &text);
	ck_assert_int_eq(private_key_parse(buf_view(&text), &key), ERR_OK);
}

/* Signs user.pub with these options of ssh-keygen. */
static void certify(const char *authority, const char *options)
{
	run("ssh-keygen -q -s %s -I 'the id' -z 7 %s user.pub", authority, options);
	certificate = buf_empty(65536);
	read_blob("user-cert.pub", &certificate);
}

static void start(const char *conf)
{
	/* Without the usual file of keys. */
	rig_start(&rig, conf);
	rig_write(&rig, "keys", LITERAL(""));
}

static void stop(void)
{
	rig_stop(&rig);
	private_key_free(key);
	buf_wipe(&certificate);
}

static void offer(const char *algorithm, const char *plain)
{
	AUTO(buf_wipe) struct buf signature = buf_empty(16384);

	net_open(&rig, &net);
	net_exchange(&net);
	net_user(&net, rig_user());
	client_sign_blob(&net, key, rig_user(), algorithm, buf_view(&certificate), plain, &signature);
	NET_SAY(&net, NET_KEYSIG, net_keysig, .algorithm = slice_text(algorithm), .blob = buf_view(&certificate),
	    .signature = buf_view(&signature));
}

#define ED25519_CERT "ssh-ed25519-cert-v01@openssh.com"

static void offer_ed25519(void)
{
	offer(ED25519_CERT, "ssh-ed25519");
}

static void expect(bool is_accepted)
{
	if (!is_accepted) {
		net_expect_result(&net, ATTEMPT_FAILED, "publickey");
		return;
	}
	net_expect_result(&net, ATTEMPT_SUCCEEDED, "");
	net_receive(&net, MSG_NET_OPEN);
}

/* ------------------------------------------------------------ by an authority */

static const struct {
	const char *why;
	const char *authority, *options; /* USER stands for the name */
	bool is_accepted;
	const char *logged;
} certificates[] = {
    {"good", "ca", "-n USER", true, "Accepted certificate ID \"the id\" (serial 7) signed by ED25519 CA SHA256:"},
    {"good among other names", "ca", "-n a,USER,b", true, "Accepted publickey for "},
    {"another authority", "other", "-n USER", false, "Failed publickey for "},
    {"no names", "ca", "", false, "certificate does not carry an authorized principal"},
    {"another name", "ca", "-n somebody", false, "certificate does not carry an authorized principal"},
    {"expired", "ca", "-n USER -V 20200101:20200102", false, "certificate has expired"},
    {"not yet valid", "ca", "-n USER -V 20990101:20990102", false, "not yet valid"},
    {"of a host", "ca", "-h -n USER", false, "error: Refusing certificate ID \"the id\" serial=7 signed by ED25519 CA "},
    {"an unknown critical option", "ca", "-n USER -O critical:strange@example.com=x", false, "options are not acceptable"},
    {"an unknown extension", "ca", "-n USER -O extension:strange@example.com=x", true, "Accepted publickey"},
    {"from here", "ca", "-n USER -O source-address=127.0.0.0/8", true, "Accepted publickey"},
    {"from elsewhere", "ca", "-n USER -O source-address=10.0.0.0/8", false, "not from a permitted address"},
};

/* Puts the user's name where USER stands. */
static const char *with_user(const char *options)
{
	static char text[512];
	const char *at = strstr(options, "USER");

	if (at == NULL)
		return options;
	snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - options), options, rig_user(), at + 4);
	return text;
}

START_TEST(a_trusted_authority_speaks_for_its_certificates)
{
	char conf[256];

	if (!can_test())
		return;
	make_keys("ed25519");
	certify(certificates[_i].authority, with_user(certificates[_i].options));
	snprintf(conf, sizeof(conf), "TrustedUserCAKeys %s/ca.pub", rig.dir);
	start(conf);
	offer_ed25519();
	expect(certificates[_i].is_accepted);
	rig_expect_log(&rig, certificates[_i].logged);
	net_close(&net);
	stop();
}
END_TEST

static const struct {
	const char *type, *algorithm, *plain;
} types[] = {
    {"ed25519", ED25519_CERT, "ssh-ed25519"},
    {"ecdsa", "ecdsa-sha2-nistp256-cert-v01@openssh.com", "ecdsa-sha2-nistp256"},
    {"rsa", "rsa-sha2-512-cert-v01@openssh.com", "rsa-sha2-512"},
    {"rsa", "rsa-sha2-256-cert-v01@openssh.com", "rsa-sha2-256"},
};

START_TEST(certificates_of_all_types_are_taken)
{
	char conf[256];

	if (!can_test())
		return;
	make_keys(types[_i].type);
	certify("ca", with_user("-n USER"));
	snprintf(conf, sizeof(conf), "TrustedUserCAKeys %s/ca.pub", rig.dir);
	start(conf);
	offer(types[_i].algorithm, types[_i].plain);
	expect(true);
	net_close(&net);
	/* The name of the plain algorithm does not go with a certificate. */
	offer(types[_i].plain, types[_i].plain);
	expect(false);
	net_close(&net);
	stop();
}
END_TEST

START_TEST(an_authority_must_sign_in_a_permitted_way)
{
	char conf[256];

	if (!can_test())
		return;
	make_keys("ed25519");
	certify("ca", with_user("-n USER"));
	snprintf(conf, sizeof(conf), "CASignatureAlgorithms rsa-sha2-512\nTrustedUserCAKeys %s/ca.pub", rig.dir);
	start(conf);
	offer_ed25519();
	expect(false);
	net_close(&net);
	stop();
}
END_TEST

/* What the certificate does not permit, nothing gives back. */
START_TEST(a_certificate_restricts)
{
	char conf[256];

	if (!can_test())
		return;
	make_keys("ed25519");
	certify("ca", with_user("-n USER -O clear -O force-command='echo forced'"));
	snprintf(conf, sizeof(conf), "TrustedUserCAKeys %s/ca.pub", rig.dir);
	start(conf);
	offer_ed25519();
	expect(true);
	NET_SAY(&net, NET_SESSION, net_session, .request = 1, .channel = 1);
	net_receive(&net, MSG_NET_GRANTED);
	NET_SAY(&net, NET_PTY, net_pty, .request = 2, .channel = 1, .term = LITERAL("x"));
	net_receive(&net, MSG_NET_DENIED);
	NET_SAY(&net, NET_START, net_start, .request = 3, .channel = 1, .kind = PROGRAM_SHELL);
	net_receive(&net, MSG_NET_GRANTED_PIPES);
	rig_expect_log(&rig, "Starting session: forced-command (key-option) 'echo forced'");
	net_close(&net);
	stop();
}
END_TEST

/* -------------------------------------------------------------- by a user's line */

static const struct {
	const char *why;
	const char *line, *options;
	bool is_accepted;
} lines[] = {
    {"an authority of the user's", "cert-authority", "-n USER", true},
    {"of another name", "cert-authority", "-n somebody", false},
    {"whose names the line says", "cert-authority,principals=\"a,b\"", "-n b", true},
    {"a name is not its part", "cert-authority,principals=\"a,b\"", "-n a,bb -n c", false},
    {"a comma in a name is no list (CVE-2026-35414)", "cert-authority,principals=\"root\"", "-n 'x'", false},
    {"the account's name is not enough then", "cert-authority,principals=\"a,b\"", "-n USER", false},
    {"no authority, but a key", "", "-n USER", false},
    {"two commands that differ", "cert-authority,command=\"a\"", "-n USER -O force-command=b", false},
    {"two commands that agree", "cert-authority,command=\"a\"", "-n USER -O force-command=a", true},
};

START_TEST(a_line_of_the_user_speaks_for_certificates)
{
	if (!can_test())
		return;
	make_keys("ed25519");
	certify("ca", with_user(lines[_i].options));
	start("");
	run("printf '%%s ' '%s' > keys; cat ca.pub >> keys%s", lines[_i].line, "");
	offer_ed25519();
	if (lines[_i].is_accepted)
		net_expect_result(&net, ATTEMPT_SUCCEEDED, "");
	else
		net_expect_result(&net, ATTEMPT_FAILED, "publickey");
	net_close(&net);
	stop();
}
END_TEST

/* ------------------------------------------------------------------ principals */

static const struct {
	const char *why;
	const char *file;
	bool is_accepted;
} principals[] = {
    {"listed", "# people\\nadmins\\n", true},
    {"not listed", "users\\n", false},
    {"with an option that objects", "from=\"10.0.0.0/8\" admins\\n", false},
    {"with an option that does not", "from=\"127.0.0.1\",no-pty admins\\n", true},
    {"empty", "", false},
};

START_TEST(principals_are_those_of_the_file)
{
	char conf[512];

	if (!can_test())
		return;
	make_keys("ed25519");
	certify("ca", "-n admins");
	snprintf(conf, sizeof(conf), "TrustedUserCAKeys %s/ca.pub\nAuthorizedPrincipalsFile %s/principals-%%u", rig.dir,
	    rig.dir);
	start(conf);
	run("printf '%s' > principals-%s", principals[_i].file, rig_user());
	offer_ed25519();
	expect(principals[_i].is_accepted);
	net_close(&net);
	stop();
}
END_TEST

/* ------------------------------------------------------------------- revocation */

static const struct {
	const char *why;
	const char *command; /* makes the file `revoked` */
	bool is_accepted;
} revocations[] = {
    {"an empty list", ": > revoked", true},
    {"the key as text", "cp user.pub revoked", false},
    {"its authority as text", "cp ca.pub revoked", false},
    {"another key as text", "cp other.pub revoked", true},
    {"a list that names the key", "ssh-keygen -q -k -f revoked user.pub", false},
    {"a list that names the serial", "echo serial: 7 | ssh-keygen -q -k -s ca.pub -f revoked -", false},
    {"a list of other serials", "echo serial: 8-9 | ssh-keygen -q -k -s ca.pub -f revoked -", true},
    {"a list that names the id", "echo id: the id | ssh-keygen -q -k -s ca.pub -f revoked -", false},
    {"a list that is none", "head -c 50 /dev/zero > revoked; printf SSHKRL >> revoked", false},
    {"a list that is cut", "ssh-keygen -q -k -f whole other.pub; head -c 60 whole > revoked", false},
    {"no list at all", "rm -f revoked", false},
};

START_TEST(what_is_revoked_does_not_count)
{
	char conf[512];

	if (!can_test())
		return;
	make_keys("ed25519");
	certify("ca", with_user("-n USER"));
	run("%s%s", revocations[_i].command, "");
	snprintf(conf, sizeof(conf), "TrustedUserCAKeys %s/ca.pub\nRevokedKeys %s/revoked", rig.dir, rig.dir);
	start(conf);
	offer_ed25519();
	expect(revocations[_i].is_accepted);
	if (!revocations[_i].is_accepted)
		rig_expect_log(&rig, "error: Authentication key ED25519-CERT SHA256:");
	net_close(&net);
	stop();
}
END_TEST

/* --------------------------------------------------------------------- commands */

static void write_program(const char *name, const char *text, unsigned mode)
{
	char path[256];

	rig_write(&rig, name, slice_text(text));
	snprintf(path, sizeof(path), "%s/%s", rig.dir, name);
	ck_assert_int_eq(chmod(path, mode), 0);
}

/* /tmp is anybody's: a command there is not the administrator's. */
START_TEST(a_command_that_others_could_replace_is_not_run)
{
	char conf[512];

	make_keys("ed25519");
	write_program("command", "#!/bin/sh\ncat $(dirname $0)/user.pub\n", 0755);
	snprintf(conf, sizeof(conf), "AuthorizedKeysCommand %s/command %%u\nAuthorizedKeysCommandUser %s", rig.dir,
	    rig_user());
	certificate = buf_empty(65536);
	ck_assert_int_eq(buf_append(&certificate, private_key_blob(key)), ERR_OK);
	start(conf);
	offer("ssh-ed25519", "ssh-ed25519");
	expect(false);
	rig_expect_log(&rig, "owner or permissions are not acceptable");
	net_close(&net);
	stop();
}
END_TEST

static const struct {
	const char *why;
	const char *arguments;
	bool is_accepted;
} commands[] = {
    {"prints the key", "-c 'cat %s/user.pub'", true},
    {"prints the key with options", "-c 'printf no-pty,; printf \"no-user-rc \"; cat %s/user.pub'", true},
    {"prints another one", "-c 'cat %s/other.pub'", false},
    {"prints it and fails", "-c 'cat %s/user.pub; exit 1'", false},
    {"is killed", "-c 'cat %s/user.pub; kill -9 $$'", false},
    {"prints too much", "-c 'cat %s/user.pub; head -c 2000000 /dev/zero'", false},
};

START_TEST(a_command_gives_keys)
{
	char arguments[256], conf[1024];

	make_keys("ed25519");
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(arguments, sizeof(arguments), commands[_i].arguments, rig.dir);
#pragma GCC diagnostic pop
	snprintf(conf, sizeof(conf), "AuthorizedKeysCommand /bin/sh %s\nAuthorizedKeysCommandUser %s", arguments,
	    rig_user());
	certificate = buf_empty(65536);
	ck_assert_int_eq(buf_append(&certificate, private_key_blob(key)), ERR_OK);
	start(conf);
	offer("ssh-ed25519", "ssh-ed25519");
	expect(commands[_i].is_accepted);
	net_close(&net);
	stop();
}
END_TEST

START_TEST(a_command_is_told_who_asks)
{
	char conf[1024];

	make_keys("ed25519");
	snprintf(conf, sizeof(conf),
	    "AuthorizedKeysCommand /bin/sh -c 'echo \"$@\" > %s/asked; cat %s/user.pub' x %%u %%U %%t %%f %%k %%h %%C %%%%\n"
	    "AuthorizedKeysCommandUser %s", rig.dir, rig.dir, rig_user());
	certificate = buf_empty(65536);
	ck_assert_int_eq(buf_append(&certificate, private_key_blob(key)), ERR_OK);
	start(conf);
	offer("ssh-ed25519", "ssh-ed25519");
	expect(true);
	run("grep -q '^%s '\"$(id -u) ssh-ed25519 $(ssh-keygen -lf user.pub | cut -d' ' -f2) $(cut -d' ' -f2 user.pub) "
	    "\".*' 127.0.0.1 [0-9]* 127.0.0.1 [0-9]* %%$' asked%s", rig_user(), "");
	net_close(&net);
	stop();
}
END_TEST

/* ----------------------------------------------------------------------- patterns */

START_TEST(files_may_be_named_by_a_pattern)
{
	char conf[256];

	make_keys("ed25519");
	run("mkdir keys.d && cp other.pub keys.d/a && cp user.pub keys.d/b && cp user.pub keys.d/.hidden%s%s", "", "");
	snprintf(conf, sizeof(conf), "AuthorizedKeysFile %s/keys.d/[ab]*", rig.dir);
	certificate = buf_empty(65536);
	ck_assert_int_eq(buf_append(&certificate, private_key_blob(key)), ERR_OK);
	start(conf);
	offer("ssh-ed25519", "ssh-ed25519");
	expect(true);
	rig_expect_log(&rig, "keys.d/b:1");
	net_close(&net);
	run("rm keys.d/b%s%s", "", "");
	offer("ssh-ed25519", "ssh-ed25519");
	expect(false);
	net_close(&net);
	stop();
}
END_TEST

SUITE("certificate", LOOP_TEST(a_trusted_authority_speaks_for_its_certificates, COUNT_OF(certificates)),
    LOOP_TEST(certificates_of_all_types_are_taken, COUNT_OF(types)), TEST(an_authority_must_sign_in_a_permitted_way),
    TEST(a_certificate_restricts), LOOP_TEST(a_line_of_the_user_speaks_for_certificates, COUNT_OF(lines)),
    LOOP_TEST(principals_are_those_of_the_file, COUNT_OF(principals)),
    LOOP_TEST(what_is_revoked_does_not_count, COUNT_OF(revocations)),
    TEST(a_command_that_others_could_replace_is_not_run), LOOP_TEST(a_command_gives_keys, COUNT_OF(commands)),
    TEST(a_command_is_told_who_asks), TEST(files_may_be_named_by_a_pattern))

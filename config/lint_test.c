#include "config/lint.h"

#include <stdio.h>

#include "config/test_conf.h"

/* A host of a few files, accounts and groups. */
static const struct {
	const char *path;
	mode_t mode;
	uid_t uid;
	const char *content;
} files[] = {
    {"/", S_IFDIR | 0755, 0, NULL},
    {"/bin", S_IFDIR | 0755, 0, NULL},
    {"/bin/keys", S_IFREG | 0755, 0, NULL},
    {"/bin/open", S_IFREG | 0775, 0, NULL},
    {"/srv", S_IFDIR | 0755, 0, NULL},
    {"/home", S_IFDIR | 0755, 0, NULL},
    {"/home/bob", S_IFDIR | 0700, 1000, NULL},
    {"/home/bob/keys", S_IFREG | 0755, 0, NULL},
    {"/tmp", S_IFDIR | 01777, 0, NULL},
    {"/etc/ca", S_IFREG | 0644, 0, NULL},
    {"/etc/key", S_IFREG | 0644, 0, NULL},
    {"/etc/moduli", S_IFREG | 0644, 0, "20200101000000 2 6 100 2047 2 ABC\n"},
    {"/etc/pam.d/common-auth", S_IFREG | 0644, 0, "auth required pam_unix.so nullok\n"},
};

static enum err look(void *owner, const char *path, struct stat *st)
{
	(void)owner;
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		if (strcmp(files[i].path, path) != 0)
			continue;
		*st = (struct stat){.st_mode = files[i].mode, .st_uid = files[i].uid};
		return ERR_OK;
	}
	return ERR_NOT_FOUND;
}

static enum err read_file(void *owner, const char *path, struct buf *out)
{
	(void)owner;
	for (size_t i = 0; i < COUNT_OF(files); i++)
		if (strcmp(files[i].path, path) == 0 && files[i].content != NULL)
			return buf_append_text(out, files[i].content);
	return ERR_NOT_FOUND;
}

static bool has_name(void *owner, const char *name)
{
	(void)owner;
	return strcmp(name, "known") == 0;
}

static const struct lint_world world = {NULL, look, read_file, has_name, has_name};

static const struct finding *find(const struct findings *findings, const char *id)
{
	for (const struct finding *one = findings->first; one != NULL; one = one->next)
		if (strcmp(one->rule->id, id) == 0)
			return one;
	return NULL;
}

#define EVERY PROFILE_EVERY

/* A text, and the finding it has: at which line, behind which line, about what. */
static const struct {
	const char *text, *id;
	enum lint_profile profile;
	uint32_t line, shadowing;
	const char *detail;
} found[] = {
    /* clang-format off */
    /* what OpenSSH's own check lets through */
    {"Banner /a\nBanner /b\n", "shadowed", EVERY, 2, 1, "Banner /b"},
    {"Match User u\nBanner /a\nBanner /b\n", "shadowed", EVERY, 3, 2, NULL},
    {"Subsystem a /1\nSubsystem b /1\nSubsystem a /2\n", "shadowed", EVERY, 3, 1, NULL},
    {"AuthenticationMethods publickey\nAuthenticationMethods password\n", "methods-second-line", EVERY, 2, 1, NULL},
    {"AuthorizedKeysCommand /bin/none\nAuthorizedKeysCommandUser known\n", "keys-command", EVERY, 1, 0, "/bin/none"},
    {"AuthorizedKeysCommand /bin/open %u\nAuthorizedKeysCommandUser known\n", "keys-command", EVERY, 1, 0, "/bin/open (mode 0775, uid 0)"},
    {"AuthorizedKeysCommand /home/bob/keys\nAuthorizedKeysCommandUser known\n", "keys-command", EVERY, 1, 0, "/home/bob (mode 0700, uid 1000)"},
    {"AuthorizedKeysCommand /bin/keys\nAuthorizedKeysCommandUser nobody\n", "keys-command-user", EVERY, 2, 0, "nobody"},
    {"AuthorizedPrincipalsCommand /bin/none\nAuthorizedPrincipalsCommandUser nobody\n", "principals-command", EVERY, 1, 0, NULL},
    {"AuthorizedPrincipalsCommand /bin/keys\nAuthorizedPrincipalsCommandUser nobody\n", "principals-command-user", EVERY, 2, 0, NULL},
    {"Banner /none\n", "banner-file", EVERY, 1, 0, "/none"},
    {"TrustedUserCAKeys /none\n", "ca-keys", EVERY, 1, 0, "/none"},
    {"TrustedUserCAKeys /bin/open\n", "ca-keys-mode", EVERY, 1, 0, NULL},
    {"RevokedKeys /etc/ca /none\n", "revoked-keys", EVERY, 1, 0, "/none"},
    {"Subsystem sftp /usr/libexec/sftp-server\n", "subsystem", EVERY, 1, 0, "/usr/libexec/sftp-server"},
    {"ChrootDirectory /none\n", "chroot", EVERY, 1, 0, "/none"},
    {"ChrootDirectory /tmp\n", "chroot", EVERY, 1, 0, "/tmp (mode 1777, uid 0)"},
    {"ChrootDirectory /none/%u\n", "chroot", EVERY, 1, 0, "/none"},
    {"AllowGroups known nosuch\n", "unknown-group", EVERY, 1, 0, "nosuch"},
    {"Match Group nosuch\nBanner none\n", "unknown-group", EVERY, 1, 0, "nosuch"},
    {"AllowUsers typo\n", "unknown-user", EVERY, 1, 0, "typo"},
    {"PasswordAuthentication no\nMatch User u\nAuthenticationMethods publickey,password\n", "methods-impossible", EVERY, 3, 0, "password"},
    {"PubkeyAuthentication no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n", "nobody", EVERY, 0, 0, NULL},
    {"Match User u\n  Banner none\nAllowUsers x\n", "swallowed", EVERY, 3, 1, "AllowUsers x"},
    {"Match User u\nBanner none\n\n# all\nPermitRootLogin no\n", "swallowed", EVERY, 5, 1, "PermitRootLogin no"},
    {"Match Host a.example\nBanner none\n", "match-host", EVERY, 1, 0, NULL},
    {"LoginGraceTime 0\n", "grace-endless", EVERY, 1, 0, NULL},
    {"UsePAM no\n", "locked-accounts", EVERY, 1, 0, NULL},
    {"HostCertificate /none\n", "host-certificate", EVERY, 1, 0, "/none"},
    {"AllowUsers known\nMatch User u\nAllowUsers v\n", "list-replaced", EVERY, 3, 1, NULL},
    {"Match User u\nMatch User v\nBanner none\n", "no-effect", EVERY, 1, 0, NULL},

    /* who gets in */
    {"PermitRootLogin yes\n", "root-password", PROFILE_DEFAULT, 1, 0, NULL},
    {"PermitRootLogin prohibit-password\n", "root-login", PROFILE_CIS, 1, 0, NULL},
    {"PermitEmptyPasswords yes\n", "empty-passwords", EVERY, 1, 0, NULL},
    {"Match User u\nPermitEmptyPasswords yes\n", "empty-passwords", EVERY, 2, 0, NULL},
    {"", "passwords", PROFILE_DEFAULT, 0, 0, NULL},
    {"UsePAM yes\nPasswordAuthentication no\n", "passwords-by-pam", PROFILE_DEFAULT, 0, 0, NULL},
    {"PubkeyAuthentication no\n", "pubkey", PROFILE_STIG, 1, 0, NULL},
    {"AuthenticationMethods publickey,keyboard-interactive:otp\n", "otp-elsewhere", PROFILE_DEFAULT, 1, 0, NULL},
    {"", "second-factor", PROFILE_MOZILLA, 0, 0, NULL},
    {"", "access-list", PROFILE_CIS, 0, 0, NULL},
    {"HostbasedAuthentication yes\n", "hostbased", PROFILE_CIS, 1, 0, NULL},
    {"MaxAuthTries 6\n", "max-auth-tries", PROFILE_CIS, 1, 0, NULL},
    {"MaxAuthTries 2\n", "max-auth-tries-keys", PROFILE_CIS, 1, 0, NULL},
    {"PermitUserEnvironment yes\n", "user-environment", EVERY, 1, 0, NULL},
    {"AcceptEnv LANG *\n", "accept-env", EVERY, 1, 0, "*"},
    {"StrictModes no\n", "strict-modes", EVERY, 1, 0, NULL},
    {"", "rsa-size", PROFILE_DEFAULT, 0, 0, NULL},
    {"UsePAM yes\n", "pam-nullok", EVERY, 1, 0, "/etc/pam.d/common-auth"},

    /* cryptography */
    {"KexAlgorithms curve25519-sha256\n", "kex-quantum", PROFILE_DEFAULT, 1, 0, "curve25519-sha256"},
    {"KexAlgorithms +diffie-hellman-group14-sha1\n", "kex-sha1", EVERY, 1, 0, "diffie-hellman-group14-sha1"},
    {"Ciphers +aes128-cbc\n", "cipher-cbc", EVERY, 1, 0, "aes128-cbc"},
    {"Ciphers +aes128-cbc\n", "not-offered", PROFILE_DEFAULT, 0, 0, "aes128-cbc"},
    {"", "mac-weak", EVERY, 0, 0, "umac-64-etm@openssh.com"},
    {"", "mac-etm", PROFILE_AUDIT, 0, 0, "umac-64@openssh.com"},
    {"", "terrapin", PROFILE_AUDIT, 0, 0, NULL},
    {"PubkeyAcceptedAlgorithms +ssh-rsa\n", "user-key-sha1", EVERY, 1, 0, "ssh-rsa"},
    {"RekeyLimit 1G\n", "rekey", PROFILE_STIG, 1, 0, NULL},
    {"ModuliFile /etc/moduli\n", "moduli", PROFILE_AUDIT, 1, 0, "/etc/moduli"},
    {"HostKey /etc/key\n", "host-key-mode", EVERY, 1, 0, "/etc/key (mode 0644)"},
    {"HostKey /etc/none\n", "host-key-mode", EVERY, 1, 0, "/etc/none is missing"},

    /* sessions, forwarding, log */
    {"ForceCommand internal-sftp\n", "forced-command-open", EVERY, 1, 0, NULL},
    {"ForceCommand /bin/x\nDisableForwarding yes\n", "forced-command-rc", PROFILE_DEFAULT, 1, 0, NULL},
    {"ChrootDirectory /srv\n", "chroot-shell", PROFILE_DEFAULT, 1, 0, NULL},
    {"Subsystem sftp internal-sftp\n", "subsystem-log", PROFILE_MOZILLA, 1, 0, NULL},
    {"X11Forwarding yes\n", "x11", PROFILE_STIG, 1, 0, NULL},
    {"GatewayPorts yes\n", "gateway-ports", EVERY, 1, 0, NULL},
    {"MaxStartups 100\n", "max-startups", PROFILE_CIS, 1, 0, NULL},
    {"PerSourcePenalties no\n", "penalties", EVERY, 1, 0, NULL},
    {"PerSourcePenaltyExemptList 10.0.0.0/8\n", "penalty-exempt", EVERY, 1, 0, "10.0.0.0/8"},
    {"ClientAliveCountMax 0\n", "client-alive-count", PROFILE_STIG, 1, 0, NULL},
    {"LogLevel DEBUG\n", "log-level", EVERY, 1, 0, NULL},
    {"", "banner", PROFILE_CIS, 0, 0, NULL},
    {"VersionAddendum x\n", "addendum", EVERY, 1, 0, NULL},
    {"TCPKeepAlive no\n", "tcp-keep-alive", EVERY, 1, 0, NULL},
    {"PermitTTY no\nForceCommand /bin/x\n", "port-open-any", PROFILE_DEFAULT, 0, 0, NULL},
    /* clang-format on */
};

static void run(const char *text, const struct lint_world *host, enum lint_profile profile,
    struct findings *findings)
{
	AUTO(config_release) struct config *config = config_from(text);

	ck_assert_int_eq(lint_run(config, host, profile, findings), ERR_OK);
}

START_TEST(faults_are_found)
{
	AUTO(findings_wipe) struct findings findings = {0};
	const struct finding *one;

	run(found[_i].text, &world, found[_i].profile, &findings);
	one = find(&findings, found[_i].id);
	ck_assert_msg(one != NULL, "%s: not found in %s", found[_i].id, found[_i].text);
	ck_assert_msg(
	    one->origin.line == found[_i].line && one->shadowing.line == found[_i].shadowing,
	    "%s: line %u behind %u", found[_i].id, one->origin.line, one->shadowing.line);
	if (found[_i].detail != NULL)
		ck_assert_msg(one->detail != NULL && strcmp(one->detail, found[_i].detail) == 0,
		    "%s: %s", found[_i].id, one->detail ? one->detail : "no detail");
}
END_TEST

/* What looks like a fault and is none. */
static const struct {
	const char *text, *id;
} clean[] = {
    /* clang-format off */
    {"Banner /a\nBanner /a\n", "shadowed"},
    {"Banner /a\nMatch User u\nBanner /b\n", "shadowed"},
    {"AllowUsers known\nAllowUsers known\n", "shadowed"},
    {"Subsystem a /1\nSubsystem b /2\n", "shadowed"},
    {"Match User u\n  Banner none\n  X11Forwarding no\n", "swallowed"},
    {"Match User u\nBanner none\nX11Forwarding no\n", "swallowed"},
    {"Match User u\n  Banner none\nMatch all\nBanner none\n", "swallowed"},
    {"AuthorizedKeysCommand /bin/keys\nAuthorizedKeysCommandUser known\n", "keys-command"},
    {"AuthorizedKeysCommand /bin/keys\nAuthorizedKeysCommandUser known\n", "keys-command-user"},
    {"TrustedUserCAKeys /etc/ca\n", "ca-keys"},
    {"ChrootDirectory /srv/%u\n", "chroot"},
    {"AllowGroups known ssh-*\n", "unknown-group"},
    {"UseDNS yes\nMatch Host a.example\nBanner none\n", "match-host"},
    {"PasswordAuthentication no\n", "passwords"},
    {"AuthenticationMethods publickey,password\n", "passwords"},
    {"PasswordAuthentication no\nUsePAM yes\nKbdInteractiveAuthentication no\n", "passwords-by-pam"},
    {"PasswordAuthentication no\nUsePAM yes\nAuthenticationMethods publickey,keyboard-interactive\n", "passwords-by-pam"},
    {"AcceptEnv LANG LC_*\n", "accept-env"},
    {"", "kex-quantum"},
    {"", "kex-sha1"},
    {"", "not-offered"},
    {"RekeyLimit 1G 1h\n", "rekey"},
    {"ForceCommand internal-sftp\nDisableForwarding yes\n", "forced-command-open"},
    {"ForceCommand internal-sftp\n", "forced-command-rc"},
    {"ListenAddress 192.0.2.1\n", "many-listeners"},
    {"AllowUsers known\nMatch User u\nBanner none\n", "list-replaced"},
    {"HostKey /bin/none-but-default\n", "moduli"},
    /* clang-format on */
};

START_TEST(what_is_right_is_not_found)
{
	AUTO(findings_wipe) struct findings findings = {0};
	const struct finding *one;

	run(clean[_i].text, &world, PROFILE_EVERY, &findings);
	one = find(&findings, clean[_i].id);
	ck_assert_msg(one == NULL, "%s: found in %s at line %u", clean[_i].id, clean[_i].text,
	    one->origin.line);
}
END_TEST

START_TEST(a_block_is_told_apart)
{
	AUTO(findings_wipe) struct findings findings = {0};
	const struct finding *one;

	run("PasswordAuthentication no\nMatch User u\nPermitEmptyPasswords yes\n", NULL,
	    PROFILE_DEFAULT, &findings);
	one = find(&findings, "empty-passwords");
	ck_assert_ptr_nonnull(one);
	ck_assert_str_eq(one->scope, "Match User u");
	ck_assert_str_eq(one->value, "yes");
	ck_assert_ptr_null(find(&findings, "passwords"));
}
END_TEST

START_TEST(without_a_world_its_checks_are_left_out)
{
	AUTO(findings_wipe) struct findings findings = {0};

	run("Banner /none\nChrootDirectory /none\nAllowGroups nosuch\nHostKey /none\nUsePAM yes\n"
	    "Subsystem x /none\nAuthorizedKeysCommand /none\nAuthorizedKeysCommandUser nobody\n",
	    NULL, PROFILE_EVERY, &findings);
	ck_assert_ptr_null(find(&findings, "banner-file"));
	ck_assert_ptr_null(find(&findings, "chroot"));
	ck_assert_ptr_null(find(&findings, "unknown-group"));
	ck_assert_ptr_null(find(&findings, "host-key-mode"));
	ck_assert_ptr_null(find(&findings, "subsystem"));
	ck_assert_ptr_null(find(&findings, "keys-command"));
}
END_TEST

/* Every row can be printed, and is of some profile; a name stands once in each profile. */
START_TEST(rules_are_well_formed)
{
	size_t count;
	const struct lint_rule *rules = lint_rules(&count);

	for (size_t i = 0; i < count; i++) {
		ck_assert_msg(rules[i].profiles != 0, "%s: of no profile", rules[i].id);
		ck_assert_msg(rules[i].reason[0] != 0 && rules[i].fix[0] != 0, "%s", rules[i].id);
		for (size_t k = 0; k < i; k++)
			ck_assert_msg(strcmp(rules[i].id, rules[k].id) != 0 ||
			                  (rules[i].profiles & rules[k].profiles) == 0,
			    "%s stands twice in a profile", rules[i].id);
	}
	printf("rules: %zu\n", count);
}
END_TEST

START_TEST(profiles_have_names)
{
	enum lint_profile profile = PROFILE_EVERY;

	ck_assert(!lint_profile_parse(LITERAL("cis"), &profile));
	ck_assert_int_eq(profile, PROFILE_EVERY);
	ck_assert(lint_profile_parse(LITERAL("cis-l1"), &profile));
	ck_assert_str_eq(lint_profile_name(profile), "cis-l1");
}
END_TEST

SUITE("lint", LOOP_TEST(faults_are_found, COUNT_OF(found)),
    LOOP_TEST(what_is_right_is_not_found, COUNT_OF(clean)), TEST(a_block_is_told_apart),
    TEST(without_a_world_its_checks_are_left_out), TEST(rules_are_well_formed),
    TEST(profiles_have_names))

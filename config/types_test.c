#include "config/types.h"

#include "config/test_conf.h"

/* A line, and what -T prints of it; expect NULL: refused, and `told` is part of why. */
static const struct {
	const char *line, *expect, *told;
} cases[] = {
    /* clang-format off */
    /* choices */
    {"UseDNS maybe", NULL, "not one of its values"},
    {"UseDNS true", NULL, "not one of its values"},
    {"UseDNS yes no", NULL, "takes one value"},
    {"UseDNS \"\"", NULL, "is missing"},
    {"UseDNS # yes", NULL, "is missing"},
    {"PermitTunnel YES", NULL, "not one of its values"},
    {"PubkeyAuthOptions touch", NULL, "not one of its options"},
    {"UseDNS YES", "usedns yes\n", NULL},
    {"AddressFamily INET6", "addressfamily inet6\n", NULL},
    {"PermitRootLogin without-password", "permitrootlogin prohibit-password\n", NULL},
    {"PermitRootLogin forced-commands-only", "permitrootlogin forced-commands-only\n", NULL},
    {"Compression delayed", "compression yes\n", NULL},
    {"AllowTcpForwarding all", "allowtcpforwarding yes\n", NULL},
    {"AllowStreamLocalForwarding Local", "allowstreamlocalforwarding local\n", NULL},
    {"GatewayPorts clientspecified", "gatewayports clientspecified\n", NULL},
    {"IgnoreRhosts shosts-only", "ignorerhosts shosts-only\n", NULL},
    {"PermitTunnel point-to-point", "permittunnel point-to-point\n", NULL},
    {"LogLevel debug1", "loglevel DEBUG\n", NULL},
    {"SyslogFacility local7", "syslogfacility LOCAL7\n", NULL},
    {"FingerprintHash md5", "fingerprinthash MD5\n", NULL},
    {"PubkeyAuthOptions verify-required touch-required", "pubkeyauthoptions touch-required verify-required\n", NULL},
    {"PubkeyAuthOptions none", "pubkeyauthoptions none\n", NULL},

    /* numbers and times */
    {"MaxAuthTries -1", NULL, "not a whole number"},
    {"MaxAuthTries 1.5", NULL, "not a whole number"},
    {"MaxAuthTries 2147483648", NULL, "larger than 2147483647"},
    {"MaxAuthTries 99999999999999999999999", NULL, "larger than"},
    {"StreamLocalBindMask 0178", NULL, "not an octal mask"},
    {"StreamLocalBindMask 1000", NULL, "not an octal mask"},
    {"LoginGraceTime 5q", NULL, "not a time"},
    {"LoginGraceTime m", NULL, "not a time"},
    {"LoginGraceTime 1.", NULL, "not a time"},
    {"LoginGraceTime -5", NULL, "not a time"},
    {"LoginGraceTime 99999w", NULL, "not a time"},
    {"LoginGraceTime 1 m", NULL, "takes one value"},
    {"PerSourceMaxStartups none1", NULL, "not a whole number"},
    {"MaxAuthTries 2147483647", "maxauthtries 2147483647\n", NULL},
    {"LoginGraceTime 1h30m", "logingracetime 5400\n", NULL},
    {"LoginGraceTime 1W1d1H1M1s", "logingracetime 694861\n", NULL},
    {"LoginGraceTime 1.5", "logingracetime 1\n", NULL},
    {"LoginGraceTime 1.5m", "logingracetime 90\n", NULL},
    {"LoginGraceTime 0", "logingracetime 0\n", NULL},
    {"UnusedConnectionTimeout 5m", "unusedconnectiontimeout 300\n", NULL},
    {"PerSourceMaxStartups 7", "persourcemaxstartups 7\n", NULL},
    {"StreamLocalBindMask 17", "streamlocalbindmask 017\n", NULL},

    /* texts */
    {"Banner a b", NULL, "takes one value"},
    {"AuthorizedKeysFile %q", NULL, "token \"%q\""},
    {"AuthorizedKeysFile /a%", NULL, "token \"%\""},
    {"AuthorizedKeysFile a none", NULL, "must stand alone"},
    {"AuthorizedKeysFile a \"\"", NULL, "is empty"},
    {"ChrootDirectory /home/%C", NULL, "token \"%C\""},
    {"AuthorizedKeysCommand keys.sh", NULL, "absolute path"},
    {"AuthorizedKeysCommand /bin/keys %F", NULL, "token \"%F\""},
    {"AuthorizedPrincipalsCommand /bin/p %q", NULL, "token \"%q\""},
    {"VersionAddendum caf\xc3\xa9", NULL, "printable ASCII"},
    {"RDomain vrf1", NULL, "no routing domains"},
    {"AcceptEnv A=b", NULL, "without a value"},
    {"SetEnv A", NULL, "NAME=VALUE"},
    {"SetEnv =b", NULL, "NAME=VALUE"},
    {"AllowUsers a@10.0.0.1/8", NULL, "not a possible address block"},
    {"HostKey /a /b", NULL, "takes one value"},
    {"Banner NONE", "banner none\n", NULL},
    {"Banner \"/a b\"", "banner \"/a b\"\n", NULL},
    {"Banner /a # b", "banner /a\n", NULL},
    {"ForceCommand echo \"a b\" # c", "forcecommand echo \"a b\" # c\n", NULL},
    {"ForceCommand none", "forcecommand none\n", NULL},
    {"VersionAddendum x # y", "versionaddendum x # y\n", NULL},
    {"AuthorizedKeysCommand /bin/keys -t %t %%", "authorizedkeyscommand /bin/keys -t %t %%\n", NULL},
    {"AuthorizedPrincipalsCommand /bin/p %F %s", "authorizedprincipalscommand /bin/p %F %s\n", NULL},
    {"AuthorizedKeysFile none", "authorizedkeysfile none\n", NULL},
    {"AuthorizedKeysFile .ssh/k /etc/keys/%u", "authorizedkeysfile .ssh/k /etc/keys/%u\n", NULL},
    {"RevokedKeys none", "", NULL},
    {"RevokedKeys /a /b", "revokedkeys /a /b\n", NULL},
    {"SetEnv A=b \"C=d e\" A=x", "setenv A=b \"C=d e\"\n", NULL},
    {"HostKeyAgent SSH_AUTH_SOCK", "hostkeyagent SSH_AUTH_SOCK\n", NULL},
    {"SecurityKeyProvider Internal", "securitykeyprovider internal\n", NULL},
    {"AllowUsers a*@10.0.0.0/8 b", "allowusers a*@10.0.0.0/8\nallowusers b\n", NULL},
    {"AllowGroups \"domain users\"", "allowgroups \"domain users\"\n", NULL},

    /* addresses and ports */
    {"Port 0", NULL, "not a port"},
    {"Port 65536", NULL, "not a port"},
    {"Port nosuch", NULL, "not a port"},
    {"ListenAddress [::1", NULL, "not an address to listen on"},
    {"ListenAddress 1.2.3.4:", NULL, "not an address to listen on"},
    {"ListenAddress :22", NULL, "not an address to listen on"},
    {"ListenAddress 1.2.3.4:0", NULL, "not an address to listen on"},
    {"ListenAddress a rdomain b", NULL, "no routing domains"},
    {"ListenAddress a b", NULL, "takes one address"},
    {"PermitOpen host", NULL, "not host:port"},
    {"PermitOpen ::1:80", NULL, "not host:port"},
    {"PermitOpen host:0", NULL, "not a port"},
    {"PermitOpen any host:1", NULL, "must stand alone"},
    {"PermitListen host:x", NULL, "not a port"},
    {"PerSourceNetBlockSize 33", NULL, "not a pair"},
    {"PerSourceNetBlockSize 32:129", NULL, "not a pair"},
    {"PerSourcePenaltyExemptList 10.0.0.1/8", NULL, "not a possible address block"},
    {"Port ssh", "port 22\n", NULL},
    {"ListenAddress ::1", "listenaddress [::1]:22\n", NULL},
    {"ListenAddress [::1]:2222", "listenaddress [::1]:2222\n", NULL},
    {"ListenAddress host:2222", "listenaddress host:2222\n", NULL},
    {"PermitOpen host:https [::1]:22 *:*", "permitopen host:https [::1]:22 *:*\n", NULL},
    {"PermitOpen none", "permitopen none\n", NULL},
    {"PermitListen 8080 localhost:80", "permitlisten *:8080 localhost:80\n", NULL},
    {"PerSourceNetBlockSize 24:56", "persourcenetblocksize 24:56\n", NULL},
    {"PerSourceNetBlockSize 24", "persourcenetblocksize 24:128\n", NULL},
    {"PerSourcePenaltyExemptList 10.0.0.0/8,::1", "persourcepenaltyexemptlist 10.0.0.0/8,::1\n", NULL},

    /* limits */
    {"MaxStartups 10:30", NULL, "not a limit of startups"},
    {"MaxStartups 10:0:20", NULL, "not a limit of startups"},
    {"MaxStartups 10:101:20", NULL, "not a limit of startups"},
    {"MaxStartups 30:30:20", NULL, "not a limit of startups"},
    {"MaxStartups 1:2:3:4", NULL, "not a limit of startups"},
    {"MaxStartups 0", NULL, "not a limit of startups"},
    {"RekeyLimit 15", NULL, "not a size"},
    {"RekeyLimit 1T", NULL, "not a size"},
    {"RekeyLimit 99999999999G", NULL, "not a size"},
    {"RekeyLimit 1G never", NULL, "not a time"},
    {"RekeyLimit 1G 1h 1", NULL, "more follows"},
    {"ChannelTimeout session", NULL, "not a timeout"},
    {"ChannelTimeout =5m", NULL, "not a timeout"},
    {"ChannelTimeout session=x", NULL, "not a timeout"},
    {"ChannelTimeout none session=5m", NULL, "not a timeout"},
    {"IPQoS best", NULL, "not a type of service"},
    {"IPQoS 256", NULL, "not a type of service"},
    {"IPQoS ef cs0 cs1", NULL, "two values"},
    {"PerSourcePenalties crash", NULL, "not a possible value"},
    {"PerSourcePenalties boredom:1", NULL, "not a kind of penalty"},
    {"PerSourcePenalties overflow:maybe", NULL, "not a possible value"},
    {"PerSourcePenalties max-sources4:0", NULL, "not a possible value"},
    {"MaxStartups 50", "maxstartups 50:30:50\n", NULL},
    {"MaxStartups 3:100:9", "maxstartups 3:100:9\n", NULL},
    {"RekeyLimit 512M 1h", "rekeylimit 536870912 3600\n", NULL},
    {"RekeyLimit default none", "rekeylimit 0 0\n", NULL},
    {"ChannelTimeout session=1h global=5m", "channeltimeout session=1h global=5m\n", NULL},
    {"IPQoS af21", "ipqos af21 af21\n", NULL},
    {"IPQoS lowdelay throughput", "ipqos ef cs0\n", NULL},
    {"IPQoS 0x10 none", "ipqos 0x10 none\n", NULL},
    {"IPQoS 184", "ipqos ef ef\n", NULL},
    {"PerSourcePenalties no", "persourcepenalties no\n", NULL},

    /* algorithms */
    {"Ciphers aes128-gmc@openssh.com", NULL, "not the name of an algorithm"},
    {"Ciphers aes*", NULL, "not the name of an algorithm"},
    {"Ciphers +none", NULL, "not the name of an algorithm"},
    {"Ciphers -*", NULL, "leaves no algorithm"},
    {"Ciphers ,", NULL, "leaves no algorithm"},
    {"KexAlgorithms +", "kexalgorithms " "mlkem768x25519-sha256,sntrup761x25519-sha512,sntrup761x25519-sha512@openssh.com,curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521\n", NULL},
    {"HostKeyAlgorithms *dsa*384*", "hostkeyalgorithms ecdsa-sha2-nistp384,ecdsa-sha2-nistp384-cert-v01@openssh.com\n", NULL},
    {"Ciphers aes256-ctr,aes256-ctr,,aes128-ctr", "ciphers aes256-ctr,aes128-ctr\n", NULL},
    {"Ciphers ^aes256-ctr,aes128-cbc", "ciphers aes256-ctr,aes128-cbc,chacha20-poly1305@openssh.com,aes128-gcm@openssh.com,aes256-gcm@openssh.com,aes128-ctr,aes192-ctr\n", NULL},
    {"Ciphers -aes*,3des-cbc", "ciphers chacha20-poly1305@openssh.com\n", NULL},
    {"Ciphers +aes128-cbc", "ciphers chacha20-poly1305@openssh.com,aes128-gcm@openssh.com,aes256-gcm@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr,aes128-cbc\n", NULL},

    /* login and session */
    {"AuthenticationMethods publickey,", NULL, "is empty"},
    {"AuthenticationMethods publickey,,password", NULL, "is empty"},
    {"AuthenticationMethods passwort", NULL, "not a method"},
    {"AuthenticationMethods any publickey", NULL, "must stand alone"},
    {"AuthenticationMethods publickey any", NULL, "must stand alone"},
    {"AuthenticationMethods keyboard-interactive:otp", NULL, "never a login by itself"},
    {"AuthenticationMethods publickey:pam", NULL, "none of the lists"},
    {"Subsystem sftp", NULL, "command of the subsystem is missing"},
    {"Subsystem \"\" x", NULL, "name of the subsystem is missing"},
    {"AuthenticationMethods any", "authenticationmethods any\n", NULL},
    {"AuthenticationMethods publickey,keyboard-interactive:otp password,password", "authenticationmethods publickey,keyboard-interactive:otp password,password\n", NULL},
    {"AuthenticationMethods keyboard-interactive:bsdauth publickey", "authenticationmethods publickey\n", NULL},
    {"Subsystem sftp /lib/sftp -x \"y z\" # c", "subsystem sftp /lib/sftp -x \"y z\"\n", NULL},
    {"PermitUserEnvironment YES", "permituserenvironment YES\n", NULL},
    {"PermitUserEnvironment yes", "permituserenvironment yes\n", NULL},
    /* clang-format on */
};

/* The one line parsed; the diagnostics stay with the caller. */
static enum err dump_line(const char *text, struct diagnostics *d, struct buf *out)
{
	AUTO(snapshot_release) struct snapshot *snapshot = NULL;
	AUTO(config_release) struct config *config = NULL;
	AUTO(conf_release) struct conf *conf = NULL;

	TRY(snapshot_of_text("t", slice_text(text), NULL, 0, &snapshot));
	TRY(config_parse(snapshot, &config, d));
	TRY(conf_resolve(config, NULL, &conf, d));
	ck_assert_uint_le(config->entry_count, 1);
	return config->entry_count == 0
	           ? ERR_OK
	           : conf_dump_keyword(conf, config->entries[0].keyword->id, out);
}

START_TEST(values_are_read_and_printed)
{
	AUTO(diagnostics_wipe) struct diagnostics d = {0}, again = {0};
	AUTO(buf_wipe) struct buf out = buf_empty(65536), twice = buf_empty(65536);
	const char *text;
	enum err got = dump_line(cases[_i].line, &d, &out);

	if (cases[_i].expect == NULL) {
		ck_assert_msg(got == ERR_CONFIG, "%s: got %s", cases[_i].line, err_name(got));
		ck_assert_msg(has_diagnostic(&d, SEVERITY_ERROR, cases[_i].told), "%s: told %s",
		    cases[_i].line, d.first->text);
		return;
	}
	ck_assert_msg(got == ERR_OK, "%s: %s", cases[_i].line, d.first ? d.first->text : "");
	ck_assert_msg(slice_is(buf_view(&out), cases[_i].expect), "%s: printed %.*s",
	    cases[_i].line, (int)buf_len(&out), (const char *)buf_view(&out).ptr);

	/* What is printed of one line means the same when it is read. */
	if (memchr(cases[_i].expect, '\n', strlen(cases[_i].expect)) !=
	    strrchr(cases[_i].expect, '\n'))
		return;
	ck_assert_int_eq(buf_c_string(&out, &text), ERR_OK);
	ck_assert_int_eq(dump_line(text, &again, &twice), ERR_OK);
	ck_assert_msg(slice_equal(buf_view(&out), buf_view(&twice)), "%s: then %.*s", text,
	    (int)buf_len(&twice), (const char *)buf_view(&twice).ptr);
}
END_TEST

START_TEST(every_keyword_refuses_a_bare_name)
{
	AUTO(diagnostics_wipe) struct diagnostics d = {0};
	AUTO(buf_wipe) struct buf out = buf_empty(65536);
	const struct keyword *keyword = keyword_of((enum keyword_id)_i);

	if (keyword_is_ours(keyword))
		return;
	ck_assert_int_eq(dump_line(keyword->name, &d, &out), ERR_CONFIG);
	ck_assert_msg(has_diagnostic(&d, SEVERITY_ERROR, "value is missing"), "%s: %s",
	    keyword->name, d.first->text);
}
END_TEST

SUITE("types", LOOP_TEST(values_are_read_and_printed, COUNT_OF(cases)),
    LOOP_TEST(every_keyword_refuses_a_bare_name, KEYWORD_COUNT))

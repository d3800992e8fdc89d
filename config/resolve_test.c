#include "config/resolve.h"

#include "config/test_conf.h"

static const struct {
	const char *why, *text, *spec;
	enum keyword_id id;
	const char *expect;
} cases[] = {
    /* clang-format off */
    {"the first value wins", "Banner /a\nBanner /b\n", NULL, KEYWORD_Banner, "banner /a\n"},
    {"the last mask wins", "StreamLocalBindMask 0111\nStreamLocalBindMask 0222\n", NULL, KEYWORD_StreamLocalBindMask, "streamlocalbindmask 0222\n"},
    {"ports add up", "Port 22\nPort 2222\n", NULL, KEYWORD_Port, "port 22\nport 2222\n"},
    {"none wins late", "UnusedConnectionTimeout 5\nUnusedConnectionTimeout none\n", NULL, KEYWORD_UnusedConnectionTimeout, "unusedconnectiontimeout none\n"},
    {"a size leaves the time open", "RekeyLimit 1G\nRekeyLimit 2G 1h\n", NULL, KEYWORD_RekeyLimit, "rekeylimit 1073741824 3600\n"},
    {"a block that holds beats what is outside", "Banner /a\nMatch User u\nBanner /b\n", "user=u", KEYWORD_Banner, "banner /b\n"},
    {"a block that does not hold", "Banner /a\nMatch User u\nBanner /b\n", "user=v", KEYWORD_Banner, "banner /a\n"},
    {"without a connection no block holds", "Banner /a\nMatch User u\nBanner /b\n", NULL, KEYWORD_Banner, "banner /a\n"},
    {"between blocks the first wins", "Match User u\nBanner /b\nMatch User u*\nBanner /c\n", "user=u", KEYWORD_Banner, "banner /b\n"},
    {"a list in a block replaces", "AllowUsers a b\nMatch User u\nAllowUsers c\n", "user=u", KEYWORD_AllowUsers, "allowusers c\n"},
    {"lists of several blocks add up", "AllowUsers a\nMatch User u\nAllowUsers c\nMatch User u*\nAllowUsers d\n", "user=u", KEYWORD_AllowUsers, "allowusers c\nallowusers d\n"},
    {"a list set to nothing", "ChannelTimeout a=1\nMatch User u\nChannelTimeout none\n", "user=u", KEYWORD_ChannelTimeout, "channeltimeout none\n"},
    {"subsystems merge by name", "Subsystem a /a\nSubsystem b /b\nMatch User u\nSubsystem a /c\n", "user=u", KEYWORD_Subsystem, "subsystem a /c\nsubsystem b /b\n"},
    {"a block's size, the outer time", "RekeyLimit 1G 1h\nMatch User u\nRekeyLimit 2G\n", "user=u", KEYWORD_RekeyLimit, "rekeylimit 2147483648 3600\n"},
    {"Match all holds without a connection", "Match all\nPort 33\n", NULL, KEYWORD_Port, "port 33\n"},
    {"PAMServiceName under Match", "UsePAM yes\nMatch User u\nPAMServiceName x\n", "user=u", KEYWORD_PAMServiceName, "pamservicename x\n"},
    {"penalties: each kind by its first mention", "PerSourcePenalties crash:1\nPerSourcePenalties crash:2 max:5m\n", NULL, KEYWORD_PerSourcePenalties,
        "persourcepenalties crash:1.000000 authfail:5.000000 noauth:1.000000 invaliduser:5.000000 grace-exceeded:10.000000 refuseconnection:10.000000 max:300.000000 min:15.000000 max-sources4:65536 max-sources6:65536 overflow:permissive overflow6:permissive\n"},
    {"addresses times ports", "Port 1\nPort 2\nListenAddress a\nListenAddress b:9\n", NULL, KEYWORD_ListenAddress, "listenaddress a:1\nlistenaddress a:2\nlistenaddress b:9\n"},
    {"no address: both families", "Port 1\n", NULL, KEYWORD_ListenAddress, "listenaddress [::]:1\nlistenaddress 0.0.0.0:1\n"},
    {"no address: one family", "Port 1\nAddressFamily inet6\n", NULL, KEYWORD_ListenAddress, "listenaddress [::]:1\n"},
    {"an address block", "Match Address 10.0.0.0/8\nBanner /b\n", "addr=10.1.2.3", KEYWORD_Banner, "banner /b\n"},
    {"another address", "Match Address 10.0.0.0/8\nBanner /b\n", "addr=11.1.2.3", KEYWORD_Banner, "banner none\n"},
    {"what is not known does not match", "Match User *\nBanner /b\n", "addr=11.1.2.3", KEYWORD_Banner, "banner none\n"},
    {"criteria with =", "Match User=u LocalPort=22\nBanner /b\n", "user=u,lport=22", KEYWORD_Banner, "banner /b\n"},
    {"an invalid user", "Match invalid-user\nBanner /b\n", "invalid-user", KEYWORD_Banner, "banner /b\n"},
    {"our version", "Match version OpenSSH_10.*\nBanner /b\n", "user=u", KEYWORD_Banner, "banner /b\n"},
    /* clang-format on */
};

START_TEST(values_resolve)
{
	AUTO(conf_release) struct conf *conf = conf_from(cases[_i].text, cases[_i].spec);
	AUTO(buf_wipe) struct buf out = buf_empty(4096);

	ck_assert_int_eq(conf_dump_keyword(conf, cases[_i].id, &out), ERR_OK);
	ck_assert_msg(slice_is(buf_view(&out), cases[_i].expect), "%s: got %.*s", cases[_i].why,
	    (int)buf_len(&out), (const char *)buf_view(&out).ptr);
}
END_TEST

START_TEST(options_come_first)
{
	const char *options[] = {"Banner=/o", "PortGiven 99"};
	AUTO(snapshot_release) struct snapshot *snapshot = NULL;
	AUTO(config_release) struct config *config = NULL;
	AUTO(conf_release) struct conf *conf = NULL;
	AUTO(diagnostics_wipe) struct diagnostics d = {0};

	ck_assert_int_eq(
	    snapshot_of_text("t", LITERAL("Banner /a\nPort 22\n"), options, 2, &snapshot), ERR_OK);
	ck_assert_int_eq(config_parse(snapshot, &config, &d), ERR_OK);
	ck_assert_int_eq(conf_resolve(config, NULL, &conf, NULL), ERR_OK);
	ck_assert_str_eq(conf->banner, "/o");
	ck_assert_uint_eq(conf->ports.count, 1);
	ck_assert_uint_eq(conf->ports.items[0], 99);
	ck_assert_str_eq(
	    config_file_name(conf_config(conf), conf->origins[KEYWORD_Banner]), "command line");
}
END_TEST

START_TEST(values_know_where_they_come_from)
{
	AUTO(conf_release)
	struct conf *conf = conf_from("# x\nAllowUsers a b\n\nAllowUsers c\n", NULL);
	AUTO(buf_wipe) struct buf out = buf_empty(4096);

	ck_assert_uint_eq(conf->allow_users.count, 3);
	ck_assert_uint_eq(conf->allow_users.origins[1].line, 2);
	ck_assert_uint_eq(conf->allow_users.origins[1].column, 14);
	ck_assert_uint_eq(conf->allow_users.origins[2].line, 4);
	ck_assert_int_eq(conf_origin_append(conf, conf->allow_users.origins[2], &out), ERR_OK);
	ck_assert(slice_is(buf_view(&out), "t:4"));
}
END_TEST

SUITE("resolve", LOOP_TEST(values_resolve, COUNT_OF(cases)), TEST(options_come_first),
    TEST(values_know_where_they_come_from))

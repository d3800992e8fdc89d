#include "config/explain.h"

#include "config/json.h"
#include "config/test_conf.h"

static const char text[] = "Banner /a\nBanner /b\nAllowUsers x\nAllowUsers y\n"
                           "Subsystem a /1\nSubsystem a /2\n"
                           "Match User u\nBanner /m\nAllowUsers z\nMatch User v\nBanner /n\n";

static const struct {
	const char *why, *user;
	enum keyword_id id;
	const char *expect;
} cases[] = {
    /* clang-format off */
    {"a default", NULL, KEYWORD_MaxSessions, "maxsessions 10\n    holds: built-in default\n"},
    {"a list that is empty", NULL, KEYWORD_DenyUsers, "DenyUsers is not set\n    holds: built-in default\n"},
    {"the daemon's", NULL, KEYWORD_Banner,
        "banner /a\n"
        "    holds: t:1: Banner /a\n"
        "    shadowed: t:2: Banner /b\n"
        "    not for this connection: t:8: Banner /m (Match User u, line 7)\n"
        "    not for this connection: t:11: Banner /n (Match User v, line 10)\n"},
    {"of a block that holds", "u", KEYWORD_Banner,
        "banner /m\n"
        "    shadowed: t:1: Banner /a\n"
        "    shadowed: t:2: Banner /b\n"
        "    holds: t:8: Banner /m (Match User u, line 7)\n"
        "    not for this connection: t:11: Banner /n (Match User v, line 10)\n"},
    {"a list that adds up", "w", KEYWORD_AllowUsers,
        "allowusers x\nallowusers y\n"
        "    holds: t:3: AllowUsers x\n"
        "    holds: t:4: AllowUsers y\n"
        "    not for this connection: t:9: AllowUsers z (Match User u, line 7)\n"},
    {"a list that is replaced", "u", KEYWORD_AllowUsers,
        "allowusers z\n"
        "    shadowed: t:3: AllowUsers x\n"
        "    shadowed: t:4: AllowUsers y\n"
        "    holds: t:9: AllowUsers z (Match User u, line 7)\n"},
    {"a subsystem named twice", NULL, KEYWORD_Subsystem,
        "subsystem a /1\n    holds: t:5: Subsystem a /1\n    shadowed: t:6: Subsystem a /2\n"},
    /* clang-format on */
};

START_TEST(values_tell_where_they_come_from)
{
	AUTO(config_release) struct config *config = config_from(text);
	AUTO(conf_release) struct conf *conf = NULL;
	AUTO(buf_wipe) struct buf out = buf_empty(65536);
	const struct match_facts facts = {.user = cases[_i].user};
	const struct match_facts *known = cases[_i].user ? &facts : NULL;

	ck_assert_int_eq(conf_resolve(config, known, &conf, NULL), ERR_OK);
	ck_assert_int_eq(explain_keyword(conf, known, cases[_i].id, &out), ERR_OK);
	ck_assert_msg(slice_is(buf_view(&out), cases[_i].expect), "%s:\n%.*s", cases[_i].why,
	    (int)buf_len(&out), (const char *)buf_view(&out).ptr);
}
END_TEST

START_TEST(values_as_json)
{
	AUTO(conf_release)
	struct conf *conf = conf_from("Banner \"/a b\"\nMatch User u\nBanner /m\n", NULL);
	AUTO(buf_wipe) struct buf out = buf_empty(65536);

	ck_assert_int_eq(explain_keyword_json(conf, NULL, KEYWORD_Banner, &out), ERR_OK);
	ck_assert_msg(slice_is(buf_view(&out),
	                  "{\"keyword\":\"Banner\",\"values\":[\"\\\"/a b\\\"\"],\"default\":false,"
	                  "\"summary\":\"file shown before authentication\",\"lines\":["
	                  "{\"fate\":\"holds\",\"file\":\"t\",\"line\":1,\"column\":1,\"text\":"
	                  "\"Banner \\\"/a b\\\"\"},"
	                  "{\"fate\":\"condition\",\"file\":\"t\",\"line\":3,\"column\":1,\"text\":"
	                  "\"Banner /m\","
	                  "\"match\":\"Match User u\"}]}"),
	    "%.*s", (int)buf_len(&out), (const char *)buf_view(&out).ptr);
}
END_TEST

START_TEST(decisions_tell_their_line)
{
	AUTO(conf_release) struct conf *conf = conf_from("\nAllowUsers bob\n", NULL);
	AUTO(buf_wipe) struct buf out = buf_empty(65536), json = buf_empty(65536);
	const struct match_facts who = {.user = "alice", .address = "192.0.2.1"};
	const struct policy_facts facts = {.connection = &who, .exists = true};
	struct decision decision =
	    policy_decide(conf, &facts, &(struct policy_question){.ask = ASK_ACCOUNT});

	ck_assert_int_eq(explain_decision(conf, &decision, &out), ERR_OK);
	ck_assert(slice_is(
	    buf_view(&out), "denied: the user is not listed in AllowUsers (t:2: AllowUsers bob)"));
	ck_assert_int_eq(explain_decision_json(conf, &decision, &json), ERR_OK);
	ck_assert_msg(
	    slice_is(buf_view(&json),
	        "{\"permitted\":false,\"reason\":\"NOT_IN_ALLOW_USERS\","
	        "\"text\":\"the user is not listed in AllowUsers\",\"keyword\":\"AllowUsers\","
	        "\"detail\":null,\"file\":\"t\",\"line\":2}"),
	    "%.*s", (int)buf_len(&json), (const char *)buf_view(&json).ptr);
}
END_TEST

START_TEST(decisions_by_default_say_so)
{
	AUTO(conf_release) struct conf *conf = conf_from("", NULL);
	AUTO(buf_wipe) struct buf out = buf_empty(65536);
	const struct policy_facts facts = {.exists = true};
	struct decision decision =
	    policy_decide(conf, &facts, &(struct policy_question){.ask = ASK_X11});

	ck_assert_int_eq(explain_decision(conf, &decision, &out), ERR_OK);
	ck_assert(
	    slice_is(buf_view(&out), "denied: a setting forbids it (X11Forwarding, by default)"));
}
END_TEST

static const struct {
	struct slice text;
	const char *expect;
} strings[] = {
    {LITERAL(""), "\"\""},
    {LITERAL("a\"b\\c"), "\"a\\\"b\\\\c\""},
    {LITERAL("\n\x1f\x7f"), "\"\\u000a\\u001f\\u007f\""},
    {LITERAL("caf\xc3\xa9"), "\"caf\xc3\xa9\""},
    {LITERAL("\xff\xc3"), "\"\xef\xbf\xbd\xef\xbf\xbd\""},
    {LITERAL("\0"), "\"\\u0000\""},
};

START_TEST(json_strings_are_escaped)
{
	AUTO(buf_wipe) struct buf out = buf_empty(1024);

	ck_assert_int_eq(json_append_string(&out, strings[_i].text), ERR_OK);
	ck_assert_msg(slice_is(buf_view(&out), strings[_i].expect), "%.*s", (int)buf_len(&out),
	    (const char *)buf_view(&out).ptr);
}
END_TEST

SUITE("explain", LOOP_TEST(values_tell_where_they_come_from, COUNT_OF(cases)), TEST(values_as_json),
    TEST(decisions_tell_their_line), TEST(decisions_by_default_say_so),
    LOOP_TEST(json_strings_are_escaped, COUNT_OF(strings)))

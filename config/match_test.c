#include "config/match.h"

#include "config/test_conf.h"

static const struct {
	const char *line, *told;
} refused[] = {
    {"Match #x", "criteria are missing"},
    {"Match User", "a value is missing"},
    {"Match User=", "a value is missing"},
    {"Match User \"\"", "a value is missing"},
    {"Match Grop x", "no criterion"},
    {"Match all User x", "must stand alone"},
    {"Match User x all", "must stand alone"},
    {"Match all=yes", "takes no value"},
    {"Match invalid-user=x", "takes no value"},
    {"Match LocalPort abc", "not a port"},
    {"Match LocalPort 65536", "not a port"},
    {"Match Address 10.0.0.1/8", "not a possible address block"},
    {"Match LocalAddress a,!10.0.0.0/40", "not a possible address block"},
};

START_TEST(wrong_lines_are_told)
{
	AUTO(snapshot_release) struct snapshot *snapshot = NULL;
	AUTO(config_release) struct config *config = NULL;
	AUTO(diagnostics_wipe) struct diagnostics d = {0};

	ck_assert_int_eq(
	    snapshot_of_text("t", slice_text(refused[_i].line), NULL, 0, &snapshot), ERR_OK);
	ck_assert_int_eq(config_parse(snapshot, &config, &d), ERR_CONFIG);
	ck_assert_ptr_null(config);
	ck_assert_msg(has_diagnostic(&d, SEVERITY_ERROR, refused[_i].told), "%s: told %s",
	    refused[_i].line, d.first->text);
}
END_TEST

static const char *const groups[] = {"wheel", "staff"};
static const struct match_facts known = {.user = "alice",
    .groups = groups,
    .group_count = 2,
    .host = "Client.Example",
    .address = "192.0.2.7",
    .local_address = "198.51.100.1",
    .local_port = 2222,
    .rdomain = "red"};

static const struct {
	const char *line;
	bool expect;
} held[] = {
    {"Match User bob", false},
    {"Match User *,!alice", false},
    {"Match Group users", false},
    {"Match Group *,!staff", false},
    {"Match Host *.test", false},
    {"Match Address 10.0.0.0/8", false},
    {"Match LocalPort 22", false},
    {"Match RDomain blue", false},
    {"Match Invalid-User", false},
    {"Match Version OpenSSH_9*", false},
    {"Match User alice LocalPort 22", false},
    {"Match all", true},
    {"Match User alice", true},
    {"Match USER bob,al*", true},
    {"Match Group users,wheel", true},
    {"Match Host client.example", true},
    {"Match Address 192.0.2.0/24,10.0.0.0/8", true},
    {"Match LocalAddress 198.51.100.1", true},
    {"Match LocalPort 2222", true},
    {"Match RDomain r*", true},
    {"Match Version=OpenSSH_10.*", true},
    {"Match User alice Address 192.0.2.7 # and so on", true},
};

START_TEST(criteria_hold)
{
	AUTO(config_release) struct config *config = config_from(held[_i].line);

	ck_assert_msg(
	    match_holds(config->scopes[1].match, &known) == held[_i].expect, "%s", held[_i].line);
}
END_TEST

START_TEST(unknown_facts_never_match)
{
	static const char *const lines[] = {"Match User *", "Match Group *", "Match Host *",
	    "Match Address *", "Match LocalAddress *", "Match LocalPort 22", "Match RDomain *",
	    "Match Invalid-User"};
	const struct match_facts nothing = {0};

	for (size_t i = 0; i < COUNT_OF(lines); i++) {
		AUTO(config_release) struct config *config = config_from(lines[i]);

		ck_assert_msg(!match_holds(config->scopes[1].match, &nothing), "%s", lines[i]);
		ck_assert_msg(!match_holds(config->scopes[1].match, NULL), "%s", lines[i]);
		ck_assert_msg(!match_is_static(config->scopes[1].match), "%s", lines[i]);
	}
}
END_TEST

START_TEST(needs_are_known)
{
	AUTO(config_release) struct config *none = config_from("Match User u\n");
	AUTO(config_release) struct config *both = config_from("Match Group g\nMatch Host h\n");

	ck_assert(!config_wants_groups(none) && !config_wants_host(none));
	ck_assert(config_wants_groups(both) && config_wants_host(both));
}
END_TEST

static const struct {
	const char *spec;
	enum err expect;
} specs[] = {
    {"user", ERR_MALFORMED},
    {"colour=red", ERR_MALFORMED},
    {"lport=x", ERR_MALFORMED},
    {"lport=0", ERR_MALFORMED},
    {"user=a,", ERR_OK},
    {"user=a,host=b,addr=c,laddr=d,lport=22,rdomain=e,invalid-user", ERR_OK},
};

START_TEST(specifications_are_read)
{
	AUTO(arena_wipe) struct arena arena = {0};
	struct match_facts facts = {0};

	ck_assert_int_eq(
	    match_facts_parse(slice_text(specs[_i].spec), &arena, &facts), specs[_i].expect);
	if (specs[_i].expect == ERR_OK)
		ck_assert_str_eq(facts.user, "a");
}
END_TEST

SUITE("match", LOOP_TEST(wrong_lines_are_told, COUNT_OF(refused)),
    LOOP_TEST(criteria_hold, COUNT_OF(held)), TEST(unknown_facts_never_match),
    TEST(needs_are_known), LOOP_TEST(specifications_are_read, COUNT_OF(specs)))

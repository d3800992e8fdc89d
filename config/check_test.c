#include "config/check.h"

#include "config/test_conf.h"

static const struct {
	const char *why, *text;
	enum err expect;
	enum severity severity;
	const char *told;
} cases[] = {
    /* clang-format off */
    {"a command without its user", "AuthorizedKeysCommand /bin/x\n", ERR_CONFIG, SEVERITY_ERROR, "needs AuthorizedKeysCommandUser"},
    {"principals likewise", "AuthorizedPrincipalsCommand /bin/x\n", ERR_CONFIG, SEVERITY_ERROR, "needs AuthorizedPrincipalsCommandUser"},
    {"methods that are off", "PubkeyAuthentication no\nAuthenticationMethods publickey\n", ERR_CONFIG, SEVERITY_ERROR, "no list can be completed"},
    {"the same in a block", "Match User u\nPubkeyAuthentication no\nAuthenticationMethods publickey\n", ERR_OK, SEVERITY_WARNING, "where \"Match User u\" holds"},
    {"a command in a block", "Match User u\nAuthorizedKeysCommand /bin/x\n", ERR_OK, SEVERITY_WARNING, "needs AuthorizedKeysCommandUser"},
    {"a block that takes the last method away", "AuthenticationMethods password\nMatch User u\nPasswordAuthentication no\n", ERR_OK, SEVERITY_WARNING, "no list can be completed"},
    {"nobody can log in", "PubkeyAuthentication no\nPasswordAuthentication no\n", ERR_OK, SEVERITY_WARNING, "nobody can log in"},
    {"a command with its user", "AuthorizedKeysCommand /bin/x\nAuthorizedKeysCommandUser u\n", ERR_OK, SEVERITY_NOTE, NULL},
    {"a block that completes it", "AuthorizedKeysCommandUser u\nMatch User u\nAuthorizedKeysCommand /bin/x\n", ERR_OK, SEVERITY_NOTE, NULL},
    {"nothing said", "", ERR_OK, SEVERITY_NOTE, NULL},
    /* clang-format on */
};

START_TEST(settings_are_checked_together)
{
	AUTO(config_release) struct config *config = config_from(cases[_i].text);
	AUTO(diagnostics_wipe) struct diagnostics d = {0};
	enum err got = config_check(config, &d);

	ck_assert_msg(got == cases[_i].expect, "%s: got %s", cases[_i].why, err_name(got));
	if (cases[_i].told != NULL)
		ck_assert_msg(has_diagnostic(&d, cases[_i].severity, cases[_i].told),
		    "%s: not told, but: %s", cases[_i].why, d.first ? d.first->text : "nothing");
	else
		ck_assert_msg(d.first == NULL, "%s: told %s", cases[_i].why, d.first->text);
}
END_TEST

SUITE("check", LOOP_TEST(settings_are_checked_together, COUNT_OF(cases)))

#include "privsep/monitor/nss_preload.h"
#include "tests/support/suite.h"

static const struct {
	const char *line;
	const char *services[4];
} lines[] = {
    {"", {NULL}},
    {"# passwd: files", {NULL}},
    {"hosts: files dns", {NULL}},
    {"passwdx: files", {NULL}},
    {"passwd:", {NULL}},
    {"passwd: files systemd", {"files", "systemd"}},
    {"  group:\tfiles\tsss # ldap", {"files", "sss"}},
    {"shadow: files [NOTFOUND=return] ldap", {"files", "ldap"}},
    {"initgroups: files[success=continue]nis", {"files", "nis"}},
    {"passwd: [unterminated", {NULL}},
};

START_TEST(services_are_found)
{
	struct slice services = {0}, service;
	size_t i = 0;

	if (nss_line_services(slice_text(lines[_i].line), &services)) {
		while (nss_service_next(&services, &service)) {
			ck_assert_ptr_nonnull(lines[_i].services[i]);
			ck_assert(slice_is(service, lines[_i].services[i]));
			i++;
		}
	}
	ck_assert_msg(lines[_i].services[i] == NULL, "%s: %s is missing", lines[_i].line, lines[_i].services[i]);
}
END_TEST

/* A strange file does no harm. */
START_TEST(nothing_is_loaded_by_path)
{
	nss_preload(LITERAL("passwd: ../../tmp/x /etc/passwd no-such-service\npasswd"));
}
END_TEST

SUITE("nss_preload", LOOP_TEST(services_are_found, COUNT_OF(lines)), TEST(nothing_is_loaded_by_path))

noinst_LIBRARIES += config/libconfig.a
config_libconfig_a_SOURCES = \
	config/algorithm_names.c config/algorithm_names.h \
	config/arena.c config/arena.h \
	config/check.c config/check.h \
	config/conf.h \
	config/diagnostics.c config/diagnostics.h \
	config/dump.c \
	config/explain.c config/explain.h \
	config/groups.c \
	config/json.c config/json.h \
	config/keywords.c config/keywords.def config/keywords.h \
	config/lexer.c config/lexer.h \
	config/lint.c config/lint.h config/lint_checks.c config/lint_checks.h config/lint_lines.c \
	config/lint_rules.def config/lint_world.c \
	config/match.c config/match.h \
	config/owners.c \
	config/parse.c config/parse.h \
	config/parse_text.c config/parse_text.h \
	config/pattern.c config/pattern.h \
	config/pending.c config/pending.h config/pending_file.c \
	config/policy.c config/policy.h config/policy_methods.c config/policy_text.c \
	config/resolve.c config/resolve.h \
	config/snapshot.c config/snapshot.h config/snapshot_read.c \
	config/tokens.c config/tokens.h \
	config/types.c config/types.h config/types_algorithms.c config/types_limits.c \
	config/types_network.c config/types_numbers.c config/types_penalties.c config/types_session.c \
	config/types_text.c

config_libs = config/libconfig.a sshd/wire/libwire.a sshd/base/libbase.a

noinst_PROGRAMS += config/config_dump
config_config_dump_SOURCES = config/config_dump.c
config_config_dump_LDADD = $(config_libs)

UNIT_TESTS += config/check_test config/explain_test config/keywords_test config/lexer_test \
	config/lint_test config/match_test \
	config/parse_test config/pattern_test config/pending_test config/policy_test config/resolve_test \
	config/snapshot_test config/tokens_test config/types_test
config_check_test_LDADD = $(config_libs) $(test_libs)
config_explain_test_LDADD = $(config_libs) $(test_libs)
config_keywords_test_LDADD = $(config_libs) $(test_libs)
config_lexer_test_LDADD = $(config_libs) $(test_libs)
config_lint_test_LDADD = $(config_libs) $(test_libs)
config_match_test_LDADD = $(config_libs) $(test_libs)
config_parse_test_LDADD = $(config_libs) $(test_libs)
config_pattern_test_LDADD = $(config_libs) $(test_libs)
config_pending_test_LDADD = $(config_libs) $(test_libs)
config_policy_test_LDADD = $(config_libs) $(test_libs)
config_resolve_test_LDADD = $(config_libs) $(test_libs)
config_snapshot_test_LDADD = $(config_libs) $(test_libs)
config_tokens_test_LDADD = $(config_libs) $(test_libs)
config_types_test_LDADD = $(config_libs) $(test_libs)

FUZZ_TARGETS += config/lexer_fuzz config/match_fuzz config/parse_fuzz config/pending_fuzz \
	config/snapshot_fuzz config/types_fuzz
config_lexer_fuzz_LDADD = $(fuzz_main) $(config_libs)
config_lexer_fuzz_LDFLAGS = $(fuzz_ldflags)
config_match_fuzz_LDADD = $(fuzz_main) $(config_libs)
config_match_fuzz_LDFLAGS = $(fuzz_ldflags)
config_parse_fuzz_LDADD = $(fuzz_main) $(config_libs)
config_parse_fuzz_LDFLAGS = $(fuzz_ldflags)
config_pending_fuzz_LDADD = $(fuzz_main) $(config_libs)
config_pending_fuzz_LDFLAGS = $(fuzz_ldflags)
config_snapshot_fuzz_LDADD = $(fuzz_main) $(config_libs)
config_snapshot_fuzz_LDFLAGS = $(fuzz_ldflags)
config_types_fuzz_LDADD = $(fuzz_main) $(config_libs)
config_types_fuzz_LDFLAGS = $(fuzz_ldflags)

# Our -T beside the values of a corpus and beside an installed OpenSSH; a script for contrib/check.
EXTRA_DIST += tests/config/agreement tests/config/corpus/1-grammar tests/config/corpus/2-values \
	tests/config/corpus/3-lists tests/config/corpus/4-match tests/config/corpus/5-include \
	tests/config/corpus/6-field tests/config/manual tests/config/sshdctl

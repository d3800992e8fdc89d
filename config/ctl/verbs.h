/* The verbs of sshdctl. Each gets its own arguments, argv[0] being its name. */
#pragma once

/* What a verb ends the program with. */
enum status { STATUS_OK = 0, STATUS_FINDINGS = 1, STATUS_FAILED = 2 };

enum status verb_apply(int argc, char **argv);
enum status verb_check(int argc, char **argv);
enum status verb_confirm(int argc, char **argv);
enum status verb_explain(int argc, char **argv);
enum status verb_hostkeys(int argc, char **argv);
enum status verb_why(int argc, char **argv);

/* What ps shows of a process: administrators grep for it. */
#pragma once

/*
 * Called first thing in main: names the process "sshd" (its comm) and makes the memory of the
 * arguments and the environment free for titles; the environment itself moves elsewhere.
 * Pointers into argv stay valid until the first title_set.
 */
void title_init(int argc, char **argv);

/*
 * Replaces the command line by "sshd: " and the text; cut where the memory ends. Does nothing
 * before title_init.
 */
void title_set(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * An entry for the environment of a program that is started with few arguments, so that its
 * titles have room. title_init there takes it out again.
 */
extern const char title_room[];

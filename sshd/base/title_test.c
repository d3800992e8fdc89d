#include "sshd/base/title.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/suite.h"

static void read_proc(const char *path, char *into, size_t room)
{
	int fd = open(path, O_RDONLY);
	ssize_t len = read(fd, into, room - 1);

	into[len > 0 ? len : 0] = 0;
	close(fd);
}

/* In a child each, executed anew: the memory of the arguments can be taken over only once. */
static int show_titles(int argc, char **argv)
{
	char shown[4096];

	title_set("ignored before title_init");
	title_init(argc, argv);
	title_set("%s [priv]", "alice");
	read_proc("/proc/self/cmdline", shown, sizeof(shown));
	if (strcmp(shown, "sshd: alice [priv]") != 0)
		return 1;
	title_set("b");
	read_proc("/proc/self/cmdline", shown, sizeof(shown));
	if (strcmp(shown, "sshd: b") != 0)
		return 2;
	if (getenv("SEKISHO_TITLE") != NULL)
		return 3;
	if (getenv("KEPT") == NULL || strcmp(getenv("KEPT"), "yes") != 0)
		return 4;
	read_proc("/proc/self/comm", shown, sizeof(shown));
	return strcmp(shown, "sshd\n") == 0 ? 0 : 5;
}

static int run_self(char **environment)
{
	char *arguments[] = {(char *)"t", (char *)"titles", NULL};
	pid_t child = fork();
	int status = 0;

	if (child == 0) {
		execve("/proc/self/exe", arguments, environment);
		_exit(99);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 98;
}

START_TEST(titles_replace_the_command_line)
{
	char *environment[] = {(char *)"KEPT=yes", (char *)(uintptr_t)title_room, NULL};

	ck_assert_int_eq(run_self(environment), 0);
}
END_TEST

START_TEST(a_title_without_room_is_cut)
{
	char *environment[] = {(char *)"KEPT=yes", NULL};

	/* Two short arguments and one variable: too little for the whole title, and no overrun. */
	ck_assert_int_eq(run_self(environment), 1);
}
END_TEST

int main(int argc, char **argv)
{
	const struct suite_entry entries[] = {
	    TEST(titles_replace_the_command_line),
	    TEST(a_title_without_room_is_cut),
	};

	if (argc == 2 && strcmp(argv[1], "titles") == 0)
		return show_titles(argc, argv);
	return suite_run("title", entries, COUNT_OF(entries));
}

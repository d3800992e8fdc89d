#include "privsep/user/terminal.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "sshd/base/fd.h"
#include "tests/support/suite.h"

static const struct {
	const char *why;
	struct slice modes;
	enum err expect;
} shapes[] = {
    {"argument missing", BYTES(53), ERR_TRUNCATED},
    {"argument cut", BYTES(53, 0, 0, 0), ERR_TRUNCATED},
    {"nothing at all", {0}, ERR_OK},
    {"ends without TTY_OP_END", BYTES(53, 0, 0, 0, 1), ERR_OK},
    {"undefined opcode stops the reading", BYTES(160, 1), ERR_OK},
    {"bytes after the end are nobody's", BYTES(0, 53, 0), ERR_OK},
};

START_TEST(shapes_of_encoded_modes)
{
	struct termios settings = {0};
	enum err got = terminal_modes_apply(shapes[_i].modes, &settings);

	ck_assert_msg(got == shapes[_i].expect, "%s: got %s", shapes[_i].why, err_name(got));
}
END_TEST

START_TEST(modes_reach_the_settings)
{
	struct termios settings = {.c_lflag = ICANON, .c_cflag = CS8};
	struct slice modes = BYTES(1, 0, 0, 0, 7, 2, 0, 0, 0, 255, 51, 0, 0, 0, 0, 53, 0, 0, 0, 1, 90, 0,
	    0, 0, 1, 91, 0, 0, 0, 0, 129, 0, 0, 0x96, 0, 15, 9, 9, 9, 9, 0);

	ck_assert_int_eq(terminal_modes_apply(modes, &settings), ERR_OK);
	ck_assert_uint_eq(settings.c_cc[VINTR], 7);
	ck_assert_uint_eq(settings.c_cc[VQUIT], _POSIX_VDISABLE);
	ck_assert_uint_eq(settings.c_lflag, ECHO);
	ck_assert_uint_eq(settings.c_cflag & CSIZE, CS7);
	ck_assert_uint_eq(cfgetospeed(&settings), B38400);
}
END_TEST

START_TEST(a_terminal_has_the_size_and_modes_asked_for)
{
	AUTO(fd_release) int dev = open("/dev", O_PATH | O_DIRECTORY | O_CLOEXEC);
	AUTO(fd_release) int master = -1;
	struct terminal_size size = {132, 70000, 0, 0};
	char name[TERMINAL_NAME_LIMIT];
	struct winsize window;
	struct termios settings;

	ck_assert_int_eq(terminal_open(dev, &size, BYTES(53, 0, 0, 0, 0), &master), ERR_OK);
	ck_assert_int_eq(ioctl(master, TIOCGWINSZ, &window), 0);
	ck_assert_uint_eq(window.ws_col, 132);
	ck_assert_uint_eq(window.ws_row, UINT16_MAX);
	ck_assert_int_eq(tcgetattr(master, &settings), 0);
	ck_assert_uint_eq(settings.c_lflag & ECHO, 0);
	ck_assert_int_eq(terminal_name(master, name), ERR_OK);
	ck_assert_int_eq(strncmp(name, "/dev/pts/", 9), 0);
}
END_TEST

SUITE("terminal", LOOP_TEST(shapes_of_encoded_modes, COUNT_OF(shapes)), TEST(modes_reach_the_settings),
    TEST(a_terminal_has_the_size_and_modes_asked_for))

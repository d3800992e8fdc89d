#include "privsep/user/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "sshd/base/auto.h"
#include "sshd/base/fd.h"

static unsigned short clamp(uint32_t value)
{
	return value > UINT16_MAX ? UINT16_MAX : (unsigned short)value;
}

enum err terminal_resize(int master, const struct terminal_size *size)
{
	struct winsize window = {
	    .ws_col = clamp(size->columns),
	    .ws_row = clamp(size->rows),
	    .ws_xpixel = clamp(size->width_pixels),
	    .ws_ypixel = clamp(size->height_pixels),
	};

	return ioctl(master, TIOCSWINSZ, &window) != 0 ? ERR_SYSTEM : ERR_OK;
}

enum err terminal_name(int master, char name[static TERMINAL_NAME_LIMIT])
{
	unsigned number;

	if (ioctl(master, TIOCGPTN, &number) != 0)
		return ERR_SYSTEM;
	snprintf(name, TERMINAL_NAME_LIMIT, "/dev/pts/%u", number);
	return ERR_OK;
}

static enum err set_modes(int master, struct slice modes)
{
	struct termios settings;

	/* On Linux a master reads and sets its slave's settings: no slave needs to be opened. */
	if (tcgetattr(master, &settings) != 0)
		return ERR_SYSTEM;
	TRY(terminal_modes_apply(modes, &settings));
	return tcsetattr(master, TCSANOW, &settings) != 0 ? ERR_SYSTEM : ERR_OK;
}

enum err terminal_open(int dev, const struct terminal_size *size, struct slice modes, int *master)
{
	AUTO(fd_release) int fd = openat(dev, "ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
	int unlocked = 0;

	if (fd < 0 || ioctl(fd, TIOCSPTLCK, &unlocked) != 0)
		return ERR_SYSTEM;
	TRY(set_modes(fd, modes));
	TRY(terminal_resize(fd, size));
	*master = TAKE_FD(fd);
	return ERR_OK;
}

enum err terminal_enter(int master)
{
	int slave;

	if (setsid() < 0)
		return ERR_SYSTEM;
	slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0 || ioctl(slave, TIOCSCTTY, 0) != 0)
		return ERR_SYSTEM;
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (dup2(slave, fd) < 0)
			return ERR_SYSTEM;
	return ERR_OK;
}

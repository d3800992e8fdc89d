/* A tun device, as far as the kernel gives it to the user: root, or who it was prepared for. */
#include <errno.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <stdio.h>
#include <sys/ioctl.h>

#include "privsep/user/forwards.h"
#include "sshd/base/auto.h"
#include "sshd/base/fd.h"
#include "sshd/wire/messages_channel_open.h"

enum err tun_open(int dev, bool is_ethernet, uint32_t unit, int *out)
{
	AUTO(fd_release) int fd = openat(dev, "net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	struct ifreq request = {.ifr_flags = is_ethernet ? IFF_TAP | IFF_NO_PI : IFF_TUN};

	if (fd < 0)
		return ERR_SYSTEM;
	if (unit != OPEN_TUN_ANY_UNIT)
		snprintf(request.ifr_name, sizeof(request.ifr_name), "%s%u", is_ethernet ? "tap" : "tun", unit);
	if (ioctl(fd, TUNSETIFF, &request) != 0)
		return ERR_SYSTEM;
	*out = TAKE_FD(fd);
	return ERR_OK;
}

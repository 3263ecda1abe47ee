// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What does the kernel say of a VFIO group? Prints "viable" or "not viable"
 * (VFIO_GROUP_GET_STATUS), or why it cannot be opened: "ENOENT", "EBUSY", "EPERM".
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct vfio_group_status status = {.argsz = sizeof(status)};
	int group;

	if (argc != 2) {
		fputs("usage: vfio_viable /dev/vfio/N\n", stderr);
		return 2;
	}
	group = open(argv[1], O_RDWR | O_CLOEXEC);
	if (group < 0) {
		puts(strerrorname_np(errno));
		return 0;
	}
	if (ioctl(group, VFIO_GROUP_GET_STATUS, &status)) {
		fprintf(stderr, "vfio_viable: %s: status: %s\n", argv[1], strerror(errno));
		return 1;
	}
	puts(status.flags & VFIO_GROUP_FLAGS_VIABLE ? "viable" : "not viable");
	close(group);
	return 0;
}

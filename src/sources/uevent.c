// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * uevent: listens to the kernel's kobject messages.
 * In: a netlink socket. Out: whether the topology may have changed. Must never know: topology.
 */
#include "uevent.h"

#include <errno.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../util.h"

enum {
	KERNEL_GROUP = 1,    /* udev's own messages go to group 2 */
	MESSAGE_SIZE = 8192, /* the kernel's are 2 KiB of variables and a path */
	BATCH = 256,         /* messages a drain: a storm must not keep the caller from walking */
};

/* Buses whose devices can sit behind an IOMMU, and the class of the IOMMU units. */
static const char *const subsystems[] = {
	"amba", "auxiliary", "cdx", "fsl-mc", "host1x", "iommu", "mdev", "pci", "platform", "vfio",
};

static bool known_subsystem(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(subsystems); i++) {
		if (!strcmp(name, subsystems[i]))
			return true;
	}
	return false;
}

/* Size of the message, 0 for one that does not come from the kernel, -1 at the end or an error. */
static ssize_t receive(int fd, char *buffer, size_t size)
{
	struct sockaddr_nl sender = {0};
	socklen_t length = sizeof(sender);
	ssize_t received;

	do {
		received = recvfrom(fd, buffer, size, MSG_DONTWAIT, (struct sockaddr *)&sender,
		                    &length);
	} while (received < 0 && errno == EINTR);
	return received > 0 && sender.nl_pid ? 0 : received;
}

int uevent_open(struct error *err)
{
	const struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = KERNEL_GROUP};
	int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
	                NETLINK_KOBJECT_UEVENT);
	int code;

	if (fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	code = errno;
	if (fd >= 0)
		close(fd);
	return error_set(err, code, "no kobject uevents: %s", strerror(code));
}

bool uevent_drain(int fd)
{
	char message[MESSAGE_SIZE];
	bool ours = false;

	for (int i = 0; i < BATCH; i++) {
		ssize_t size = receive(fd, message, sizeof(message));

		if (size < 0)
			return ours || errno == ENOBUFS;
		ours = ours || uevent_concerns_us(message, (size_t)size);
	}
	return ours;
}

bool uevent_concerns_us(const char *message, size_t size)
{
	static const char key[] = "SUBSYSTEM=";
	const char *end = message + size;

	while (message < end) {
		size_t length = strnlen(message, (size_t)(end - message));

		if (message + length == end)
			return false;
		if (!strncmp(message, key, sizeof(key) - 1))
			return known_subsystem(message + sizeof(key) - 1);
		message += length + 1;
	}
	return false;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* uevent: which of the kernel's messages are a reason to look again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sources/uevent.h"
#include "util.h"

/* In memory of exactly its size, so that a sanitizer sees a read past the end. */
static bool concerns_us(const char *message, size_t size)
{
	char *exact = xmalloc(size);
	bool result;

	memcpy(exact, message, size);
	result = uevent_concerns_us(exact, size);
	free(exact);
	return result;
}

#define CONCERNS_US(message) concerns_us(message, sizeof(message))

static void buses_behind_an_iommu_concern_us(void **state)
{
	(void)state;
	assert_true(CONCERNS_US("unbind@/devices/pci0000:00/0000:00:02.0\0ACTION=unbind\0"
	                        "DEVPATH=/devices/pci0000:00/0000:00:02.0\0SUBSYSTEM=pci\0"
	                        "DRIVER=e1000e\0SEQNUM=17"));
	assert_true(CONCERNS_US("add@/devices/virtual/iommu/dmar0\0SUBSYSTEM=iommu"));
	assert_false(CONCERNS_US("add@/devices/virtual/net/lo\0ACTION=add\0SUBSYSTEM=net"));
	assert_false(CONCERNS_US("add@/bus/x\0SUBSYSTEM=pci_express"));
	assert_false(CONCERNS_US("add@/module/x\0ACTION=add\0SEQNUM=17"));
}

static void broken_messages_do_not(void **state)
{
	static const char unended[] = "add@/x\0SUBSYSTEM=pci";

	(void)state;
	assert_false(concerns_us("", 0));
	assert_false(concerns_us(unended, sizeof(unended) - 1));
	assert_false(concerns_us("", 1));
	assert_false(concerns_us("\0\0\0\0", 4));
	assert_false(concerns_us("x", 1));
}

static void a_burst_is_taken_at_once(void **state)
{
	static const char ours[] = "bind@/x\0SUBSYSTEM=pci", other[] = "add@/x\0SUBSYSTEM=tty";
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends), 0);
	assert_false(uevent_drain(ends[0]));
	send(ends[1], other, sizeof(other), 0);
	assert_false(uevent_drain(ends[0]));
	send(ends[1], other, sizeof(other), 0);
	send(ends[1], ours, sizeof(ours), 0);
	send(ends[1], other, sizeof(other), 0);
	assert_true(uevent_drain(ends[0]));
	assert_false(uevent_drain(ends[0]));
	close(ends[0]);
	close(ends[1]);
}

static void the_kernels_socket_does_not_block(void **state)
{
	struct error err;
	int fd = uevent_open(&err);

	(void)state;
	if (fd < 0)
		skip();
	uevent_drain(fd);
	close(fd);
}

static void only_the_kernel_is_believed(void **state)
{
	static const char message[] = "bind@/x\0SUBSYSTEM=pci";
	struct sockaddr_nl address = {0};
	socklen_t size = sizeof(address);
	struct error err;
	int ours = uevent_open(&err), others = uevent_open(&err);
	ssize_t sent = -1;

	(void)state;
	if (ours >= 0 && others >= 0) {
		getsockname(ours, (struct sockaddr *)&address, &size);
		address.nl_groups = 0;
		sent = sendto(others, message, sizeof(message), 0, (struct sockaddr *)&address,
		              size);
	}
	if (sent > 0)
		assert_false(uevent_drain(ours));
	close(ours);
	close(others);
	if (sent < 0) /* the kernel lets none but root try */
		skip();
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(buses_behind_an_iommu_concern_us),
		cmocka_unit_test(broken_messages_do_not),
		cmocka_unit_test(a_burst_is_taken_at_once),
		cmocka_unit_test(the_kernels_socket_does_not_block),
		cmocka_unit_test(only_the_kernel_is_believed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_UEVENT_H
#define IOMMUTOP_UEVENT_H

#include <stdbool.h>
#include <stddef.h>

#include "../error.h"

/*
 * The kernel's word that a device came, went, or got another driver (kobject_uevent(), lib/
 * kobject_uevent.c). Not more than a hint that sysfs is worth another look.
 */

/* A descriptor that turns readable with each message, or -1 and *err. Needs no privilege. */
int uevent_open(struct error *err);

/* Takes what waits, without blocking. True if any of it, or something lost, may concern us. */
bool uevent_drain(int fd);

/* One message, size bytes: "add@/devices/...", NUL, "ACTION=add", NUL, ... */
bool uevent_concerns_us(const char *message, size_t size);

#endif

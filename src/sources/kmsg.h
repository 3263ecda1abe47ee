/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_KMSG_H
#define IOMMUTOP_KMSG_H

#include <stdbool.h>

#include "../error.h"
#include "../source.h"

/*
 * The kernel log, from its oldest record on: faults, and what the log says it swallowed. Records
 * not of the kernel facility are ignored: anybody with rights can write those.
 * path: NULL for /dev/kmsg; a plain file holds one record a line, as read(2) would give it.
 * A log that may not be read is told as HEALTH, and so is a machine without one; NULL only for a
 * path that was given and cannot be opened for another reason than rights.
 */
struct source *kmsg_open(const char *path, struct error *err);

/* While off, records are read and forgotten. */
void kmsg_report_faults(struct source *source, bool on);

#endif

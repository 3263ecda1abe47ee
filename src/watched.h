/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_WATCHED_H
#define IOMMUTOP_WATCHED_H

#include "error.h"
#include "snapshot.h"

/*
 * What a whole recording amounts to: *snap (zeroed) is as its end left it, with sizes of domains.
 * *watched_ns: from its start to its last tick or what came behind that; 0 where it has no start.
 * path as recording_open has it. -1: it cannot be read.
 */
int watched_read(const char *path, struct snapshot *snap, uint64_t *watched_ns, struct error *err);

#endif

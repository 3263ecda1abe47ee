/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_RECORDING_H
#define IOMMUTOP_RECORDING_H

#include "error.h"
#include "snapshot.h"

/*
 * What a whole recording amounts to: *snap (zeroed) is as its end left it, with sizes of domains.
 * *watched_ns: from its start to its last tick or what came behind that; 0 where it has no start.
 * path as replay_open has it. -1: it cannot be read.
 */
int recording_read(const char *path, struct snapshot *snap, uint64_t *watched_ns,
                   struct error *err);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_CLOCK_H
#define IOMMUTOP_CLOCK_H

#include <stdint.h>
#include <time.h>

uint64_t clock_ns(clockid_t clock);

/* What the zone of this machine adds to UTC at that time of CLOCK_REALTIME. */
int32_t clock_utc_offset_s(uint64_t wall_ns);

#endif

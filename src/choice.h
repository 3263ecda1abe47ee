/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_CHOICE_H
#define IOMMUTOP_CHOICE_H

#include "sinks/filter.h"

/*
 * The rows that a text leaves of the lists in output: just those that it leaves on the screen,
 * whose tables are asked. Starts as {0}.
 */
struct choice {
	struct output_choice rows;
	bool *marks;
	size_t capacity;
};

/* group: of the screen that would be open, NO_GROUP; what is chosen holds for this snapshot. */
void choice_make(struct choice *choice, const struct snapshot *snap, uint32_t group,
                 const char *needle, int32_t utc_offset_s);

void choice_release(struct choice *choice);

#endif

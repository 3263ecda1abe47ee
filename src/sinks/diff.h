/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_DIFF_H
#define IOMMUTOP_DIFF_H

#include <stdbool.h>
#include <stdio.h>

#include "../compare.h"

/* Two recordings and how they compare. */
struct diff {
	const char *names[2]; /* as the user gave them */
	struct compare_side sides[2];
	const struct comparison *comparison;
};

/*
 * A title a recording, then a table: lower bounds are marked, what is not known is '-'. -1 when out
 * could not be written (errno says why).
 */
int diff_write(FILE *out, const struct diff *diff, bool ascii);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_LIST_H
#define IOMMUTOP_LIST_H

#include <stdio.h>

#include "../lines.h"
#include "filter.h"

/*
 * Units and groups once, a line a device, as people paste it into reports: the listing of -1.
 * -1 when out could not be written.
 */
int list_write(FILE *out, const struct snapshot *snap, const struct output_filter *filter);

/* Lines with their tones, a line each: the report of --doctor. -1 as above. */
int list_lines(FILE *out, const struct lines *lines);

#endif

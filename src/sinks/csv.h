/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_CSV_H
#define IOMMUTOP_CSV_H

#include <stdio.h>

#include "filter.h"

/*
 * One row a domain, flushed; header: with the line of titles before them. Texts stand in quotes as
 * RFC 4180 has them, numbers without, lines end in \n, and what is not known is empty. The column
 * at_least names those of the row that are lower bounds. -1 when out could not be written (errno
 * says why).
 */
int csv_write(FILE *out, const struct snapshot *snap, const struct output_filter *filter,
              bool header);

#endif

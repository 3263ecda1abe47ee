/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_JSON_H
#define IOMMUTOP_JSON_H

#include <stdio.h>

#include "../lines.h"
#include "diff.h"
#include "filter.h"

/*
 * One object, one line, flushed. What is not known is null. -1 when out could not be written
 * (errno says why).
 */
int json_write(FILE *out, const struct snapshot *snap, const struct output_filter *filter);

/* The report of --doctor: one object, in the schema's words "doctor". -1 as above. */
int json_doctor(FILE *out, const char *verdict, const struct lines *lines);

/* Two recordings side by side, in docs/diff-schema.json. -1 as above. */
int json_diff(FILE *out, const struct diff *diff);

#endif

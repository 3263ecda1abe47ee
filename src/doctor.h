/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_DOCTOR_H
#define IOMMUTOP_DOCTOR_H

#include "lines.h"
#include "snapshot.h"

/* Is the IOMMU on, and did the options take effect? Pure. */

enum doctor_verdict { DOCTOR_FINE = 0, DOCTOR_WARNINGS = 3, DOCTOR_NOT_USABLE = 4 };

/* "fine", "warnings", "not_usable": for machines. */
const char *doctor_verdict_word(enum doctor_verdict verdict);

/*
 * Adds what was found, the gravest thing first; the verdict is the exit status of --doctor. Fine:
 * all is plain or good. Not usable: something is bad. What cannot be said is a warning.
 */
enum doctor_verdict doctor_say(const struct snapshot *snap, struct lines *lines);

#endif

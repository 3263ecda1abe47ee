/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_DOCTOR_OPTIONS_H
#define IOMMUTOP_DOCTOR_OPTIONS_H

#include <stdbool.h>

#include "lines.h"
#include "snapshot.h"

/* What was asked for on the kernel's command line, and what came of it. Pure. */

enum doctor_maker { MAKER_UNKNOWN, MAKER_INTEL, MAKER_AMD, MAKER_OTHER };

/* Whose IOMMU this machine has, by its units, or by what its firmware describes. */
enum doctor_maker doctor_maker(const struct snapshot *snap);

/* Whether list, separated by blanks or commas, has this word. */
bool doctor_has_word(const char *list, const char *word);

/* Whether an option has this among its values: ("intel_iommu=on,sm_on", "intel_iommu", "sm_on"). In
 * the last place where the option stands; the kernel compares beginnings. */
bool doctor_option_has(const char *options, const char *name, const char *value);

/* Options that have no effect, and those that weaken what groups promise. */
void doctor_say_options(const struct snapshot *snap, struct lines *lines);
/* Default domains: passthrough or translated, lazy or strict, against what was asked. For a machine
 * that has groups. */
void doctor_say_defaults(const struct snapshot *snap, struct lines *lines);

#endif

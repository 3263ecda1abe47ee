/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_ANSWERS_H
#define IOMMUTOP_ANSWERS_H

#include "lines.h"
#include "snapshot.h"

/* What people ask of a group before they assign it, a row each: the one list that the screen, -1
 * and JSON walk. */
struct answer {
	const char *topic; /* "why together" */
	const char *word;  /* for machines: "why_together"; NULL: they have it otherwise */
	void (*say)(const struct snapshot *snap, const struct snapshot_group *group,
	            struct lines *lines);
};

extern const struct answer answers[];
extern const size_t answer_count;

#endif

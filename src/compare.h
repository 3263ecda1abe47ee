/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_COMPARE_H
#define IOMMUTOP_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "snapshot.h"

/* Two recordings side by side, each as it stood at its end: rows of figures, by what they are of.
 */

enum figure_known {
	FIGURE_NOT,      /* nobody can say */
	FIGURE_EXACT,    /* of all that happened */
	FIGURE_AT_LEAST, /* something was missed meanwhile */
	FIGURE_ABOUT     /* of what was seen, neither more nor less; or rounded */
};

struct figure {
	double value;
	enum figure_known known;
};

enum figure_unit {
	UNIT_COUNT,
	UNIT_PER_S,
	UNIT_BYTES,
	UNIT_BYTES_PER_S,
	UNIT_NS,
	UNIT_NS_PER_S,
	UNIT_PER_MIB,
	UNIT_SHARE, /* 0 to 1 */
	UNIT_COUNT_OF
};

/* "count", "per_s", "bytes", ...: for machines. */
extern const char *const figure_unit_words[UNIT_COUNT_OF];

enum change_kind {
	CHANGE_UNKNOWN, /* one of them is not exact, or it began at 0 */
	CHANGE_FACTOR,  /* b is so many times a */
	CHANGE_BY       /* counts: b is so much more than a */
};

struct change {
	enum change_kind kind;
	double value;
};

struct compare_row {
	char *name; /* owned */
	enum figure_unit unit;
	struct figure a, b;
	struct change change;
};

enum part_kind { PART_MACHINE, PART_DOMAIN, PART_BURST, PART_FAULTS, PART_KIND_COUNT };

/* "machine", "domain", ...: for machines. */
extern const char *const part_kind_words[PART_KIND_COUNT];

#define PART_ABOUT_MAX 64

/* What one side says of a part. */
struct part_side {
	bool there;
	char about[PART_ABOUT_MAX]; /* "DMA lazy", "VFIO; 2 domains; 1 freed"; may be empty */
};

struct compare_part {
	enum part_kind kind;
	char *name; /* owned: of a domain its label, of a burst "vm1 start" */
	struct part_side a, b;
	double weight; /* domains: maps and unmaps of both; the most come first */
	struct compare_row *rows;
	size_t row_count, row_capacity;
};

/* The machine, domains that had traffic, bursts of guests, faults. Starts as {0}. */
struct comparison {
	struct compare_part *parts;
	size_t part_count, part_capacity;
};

/* A recording at its end; with sizes of domains. */
struct compare_side {
	const struct snapshot *snap;
	uint64_t watched_ns; /* 0: not known */
};

void compare(const struct compare_side *a, const struct compare_side *b,
             struct comparison *comparison);
void compare_release(struct comparison *comparison);

/* How maps and unmaps were collected at the end: "events one by one", ... */
const char *compare_collect_words(const struct snapshot *snap);
/* Whether figures of one were collected in another way than those of the other. */
bool compare_collected_alike(const struct snapshot *a, const struct snapshot *b);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_SERIES_H
#define IOMMUTOP_SERIES_H

#include "../snapshot.h"

/*
 * Which domains and faults have a time series of their own, and how to keep counters from falling.
 *
 * A domain that is told in the series of the others stays there, whatever room there is later: else
 * that series would fall, and a reader take it for a restart that counted everything anew. One with
 * a series of its own that is freed and forgotten goes to the others, which rise by as much.
 */
#define SERIES_MOST 256u

/* Sorted numbers. */
struct id_set {
	uint32_t *ids;
	size_t count, capacity;
};

struct domain_series {
	struct id_set own, others;
};

/* Takes the rows of a snapshot; those gone since the last one make room. */
void domain_series_update(struct domain_series *series, const struct snapshot *snap);
bool domain_series_is_own(const struct domain_series *series, uint32_t id);
void domain_series_release(struct domain_series *series);

/* The place of one set of labels. */
struct fault_series {
	char *labels; /* NULL: a free place */
	uint64_t count;
	uint64_t shown; /* the most it ever was */
	bool present;
};

/* The same for rows of faults: those with the same labels are one series. */
struct faults_series {
	struct fault_series places[SERIES_MOST];
	struct id_set others, next_others;
	uint64_t own; /* sum of the rows that are in places */
};

/* Between begin and end come the rows of a snapshot in its order, each with its labels. */
void faults_series_begin(struct faults_series *series);
void faults_series_add(struct faults_series *series, const struct snapshot_fault *fault,
                       const char *labels);
void faults_series_end(struct faults_series *series);
void faults_series_release(struct faults_series *series);

#endif

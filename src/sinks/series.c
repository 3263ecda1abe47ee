// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * series: who has a time series of its own. In: snapshots, one after the other. Out: what belongs
 * where. Must never know: the form of output. Pure.
 */
#include "series.h"

#include <stdlib.h>
#include <string.h>

#include "../util.h"

/* ---- domains ---- */

static bool has(const struct id_set *set, uint32_t id)
{
	size_t at = place_of_id(set->ids, set->count, sizeof(*set->ids), id);

	return at < set->count && set->ids[at] == id;
}

static void add(struct id_set *set, uint32_t id)
{
	set->ids = grow(set->ids, &set->capacity, set->count, sizeof(*set->ids));
	set->ids[set->count++] = id;
}

/* Not domains, but series that are always there. */
static bool is_sum(uint32_t id)
{
	return id == DOMAIN_UNATTRIBUTED || id == DOMAIN_FORMER;
}

static size_t count_own(const struct domain_series *series, const struct snapshot *snap)
{
	size_t count = 0;

	for (size_t i = 0; i < snap->domain_count; i++)
		count += has(&series->own, snap->domains[i].id);
	return count;
}

/* The rows come sorted by number, so both new sets are. */
void domain_series_update(struct domain_series *series, const struct snapshot *snap)
{
	size_t taken = count_own(series, snap);
	struct domain_series next = {0};

	for (size_t i = 0; i < snap->domain_count; i++) {
		uint32_t id = snap->domains[i].id;
		bool own = has(&series->own, id);

		if (is_sum(id))
			continue;
		if (!own && !has(&series->others, id) && taken < SERIES_MOST) {
			own = true;
			taken++;
		}
		add(own ? &next.own : &next.others, id);
	}
	domain_series_release(series);
	*series = next;
}

bool domain_series_is_own(const struct domain_series *series, uint32_t id)
{
	return has(&series->own, id);
}

void domain_series_release(struct domain_series *series)
{
	free(series->own.ids);
	free(series->others.ids);
	*series = (struct domain_series){0};
}

/* ---- faults ---- */

void faults_series_begin(struct faults_series *series)
{
	series->own = 0;
	for (size_t i = 0; i < SERIES_MOST; i++) {
		series->places[i].count = 0;
		series->places[i].present = false;
	}
}

static struct fault_series *find(struct faults_series *series, const char *labels)
{
	for (size_t i = 0; i < SERIES_MOST; i++)
		if (series->places[i].labels && !strcmp(series->places[i].labels, labels))
			return &series->places[i];
	return NULL;
}

static struct fault_series *make(struct faults_series *series, const char *labels)
{
	for (size_t i = 0; i < SERIES_MOST; i++) {
		if (series->places[i].labels)
			continue;
		series->places[i].labels = xstrdup(labels);
		return &series->places[i];
	}
	return NULL;
}

/* What a row is called can change: its device is known later, a line of the log tells the reason.
 */
void faults_series_add(struct faults_series *series, const struct snapshot_fault *fault,
                       const char *labels)
{
	bool other = has(&series->others, (uint32_t)fault->id);
	struct fault_series *place = other ? NULL : find(series, labels);

	if (!place && !other)
		place = make(series, labels);
	if (!place) {
		add(&series->next_others, (uint32_t)fault->id);
		return;
	}
	place->present = true;
	place->count += fault->count;
	series->own += fault->count;
}

/* A line of the log can show that a fault was of another row: that row then has one less. */
static void end_place(struct fault_series *place)
{
	if (place->labels && !place->present) {
		free(place->labels);
		*place = (struct fault_series){0};
	}
	if (place->count > place->shown)
		place->shown = place->count;
}

void faults_series_end(struct faults_series *series)
{
	for (size_t i = 0; i < SERIES_MOST; i++)
		end_place(&series->places[i]);
	free(series->others.ids);
	series->others = series->next_others;
	series->next_others = (struct id_set){0};
}

void faults_series_release(struct faults_series *series)
{
	for (size_t i = 0; i < SERIES_MOST; i++)
		free(series->places[i].labels);
	free(series->others.ids);
	free(series->next_others.ids);
	*series = (struct faults_series){0};
}

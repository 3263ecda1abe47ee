// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * model_faults: faults, a row for each device, reason and direction, and the newest of each row one
 * by one. In: FAULT events. Out: rows. Must never know: what a reason means. Pure.
 *
 * There are limits.faults rows; the one seen longest ago gives way to a new one. So a storm of one
 * row hides no other, and a storm of many rows leaves the newest.
 */
#include "model_private.h"

#include <stdlib.h>
#include <string.h>

#include "util.h"

#define PAGE_SHIFT 12

/* Pages; so near to those before it a fault makes the range longer. */
#define RANGE_GAP 64u

#define FIRST_OCCURRENCES 8u

/* ---- rows ---- */

void model_faults_init(struct model *model)
{
	struct fault_table *t = &model->faults;

	t->rows = xcalloc(model->limits.faults, sizeof(*t->rows));
	t->bucket_count = 16;
	while (t->bucket_count < 2 * model->limits.faults)
		t->bucket_count *= 2;
	t->buckets = xmalloc(t->bucket_count * sizeof(*t->buckets));
	memset(t->buckets, 0xff, t->bucket_count * sizeof(*t->buckets));
	t->newest = t->oldest = NO_ROW;
	t->next_id = NO_FAULT + 1;
}

static struct fault_key key_of(struct model *model, const struct event *ev)
{
	bool has_stream = ev->fault.flags & FAULT_HAS_STREAM;

	return (struct fault_key){
		.device = model_texts_id(&model->texts, ev->fault.device),
		.reason = model_texts_id(&model->texts, ev->fault.reason),
		.stream = has_stream ? ev->fault.stream : 0,
		.direction = ev->fault.direction,
		.has_stream = has_stream,
		.interrupt = ev->fault.flags & FAULT_INTERRUPT,
	};
}

static bool same_key(const struct fault_key *a, const struct fault_key *b)
{
	return a->device == b->device && a->reason == b->reason && a->stream == b->stream &&
	       a->direction == b->direction && a->has_stream == b->has_stream &&
	       a->interrupt == b->interrupt;
}

static uint32_t *bucket_of(const struct fault_table *t, const struct fault_key *key)
{
	uint64_t hash = key->device;

	hash = hash * 0x9e3779b97f4a7c15ull + key->reason;
	hash = hash * 0x9e3779b97f4a7c15ull + key->stream;
	hash = hash * 0x9e3779b97f4a7c15ull + key->direction + key->interrupt * 16u;
	return &t->buckets[(hash * 0x9e3779b97f4a7c15ull >> 40) & (t->bucket_count - 1)];
}

static struct fault_row *find_row(const struct fault_table *t, const struct fault_key *key)
{
	uint32_t at = *bucket_of(t, key);

	while (at != NO_ROW && !same_key(&t->rows[at].key, key))
		at = t->rows[at].next;
	return at == NO_ROW ? NULL : &t->rows[at];
}

static uint32_t number_of(const struct fault_table *t, const struct fault_row *row)
{
	return (uint32_t)(row - t->rows);
}

static void link_key(struct fault_table *t, struct fault_row *row)
{
	uint32_t *bucket = bucket_of(t, &row->key);

	row->next = *bucket;
	*bucket = number_of(t, row);
}

static void unlink_key(struct fault_table *t, const struct fault_row *row)
{
	uint32_t *at = bucket_of(t, &row->key);

	while (*at != number_of(t, row))
		at = &t->rows[*at].next;
	*at = row->next;
}

static void link_newest(struct fault_table *t, struct fault_row *row)
{
	row->newer = NO_ROW;
	row->older = t->newest;
	if (t->newest != NO_ROW)
		t->rows[t->newest].newer = number_of(t, row);
	else
		t->oldest = number_of(t, row);
	t->newest = number_of(t, row);
}

static void unlink_age(struct fault_table *t, const struct fault_row *row)
{
	if (row->newer != NO_ROW)
		t->rows[row->newer].older = row->older;
	else
		t->newest = row->older;
	if (row->older != NO_ROW)
		t->rows[row->older].newer = row->newer;
	else
		t->oldest = row->newer;
}

/* It is gone, and the first to give its place. */
static void drop_row(struct fault_table *t, struct fault_row *row)
{
	unlink_key(t, row);
	unlink_age(t, row);
	free(row->occurrences);
	*row = (struct fault_row){.newer = t->oldest, .older = NO_ROW};
	if (t->oldest != NO_ROW)
		t->rows[t->oldest].older = number_of(t, row);
	else
		t->newest = number_of(t, row);
	t->oldest = number_of(t, row);
}

static bool is_free(const struct fault_row *row)
{
	return row->shown.id == NO_FAULT;
}

/* A free one, or that of the row seen longest ago. */
static struct fault_row *take_place(struct model *model)
{
	struct fault_table *t = &model->faults;
	bool has_free = t->oldest != NO_ROW && is_free(&t->rows[t->oldest]);
	struct fault_row *row;

	if (!has_free && t->used < model->limits.faults)
		return &t->rows[t->used++];
	if (!has_free) {
		t->dropped++;
		drop_row(t, &t->rows[t->oldest]);
	}
	row = &t->rows[t->oldest];
	unlink_age(t, row);
	return row;
}

static struct fault_row *make_row(struct model *model, const struct fault_key *key)
{
	struct fault_table *t = &model->faults;
	struct fault_row *row = take_place(model);

	*row = (struct fault_row){
		.shown = {.id = t->next_id++,
	                  .device = key->device,
	                  .reason = key->reason,
	                  .device_index = NO_NUMBER,
	                  .stream = key->stream,
	                  .direction = key->direction},
		.key = *key,
		.requester = NO_NUMBER,
	};
	link_key(t, row);
	link_newest(t, row);
	return row;
}

static struct fault_row *row_of(struct model *model, const struct fault_key *key)
{
	struct fault_row *row = find_row(&model->faults, key);

	return row ? row : make_row(model, key);
}

static struct fault_place place_of(const struct model *model, const struct fault_row *row)
{
	return (struct fault_place){number_of(&model->faults, row), row->shown.id};
}

/* NULL where that row gave way. */
static struct fault_row *row_at(const struct model *model, struct fault_place place)
{
	struct fault_row *row = &model->faults.rows[place.row];

	return !is_free(row) && row->shown.id == place.id ? row : NULL;
}

/* Devices may become known after their faults, so they are looked up again when the topology has
 * changed. */
static uint32_t requester_of(struct model *model, struct fault_row *row)
{
	if (row->found_in == model->topology.version)
		return row->requester;
	row->requester =
		model_requester(model, &row->shown, &row->shown.ambiguous, &row->shown.guessed);
	row->found_in = model->topology.version;
	return row->requester;
}

/* ---- a fault ---- */

static bool is_before(const struct model *model, const struct event *ev)
{
	return model->start_ns && ev->ts_ns < model->start_ns;
}

static bool is_near(uint64_t page, uint64_t lowest, uint64_t highest)
{
	return page < lowest ? lowest - page <= RANGE_GAP
	                     : page <= highest || page - highest <= RANGE_GAP;
}

static void add_address(struct fault_row *row, const struct event *ev)
{
	struct snapshot_fault *shown = &row->shown;
	unsigned int shift = ev->fault.flags & FAULT_INTERRUPT ? 0 : PAGE_SHIFT;
	uint64_t iova = ev->fault.iova;

	if (!(ev->fault.flags & (FAULT_HAS_IOVA | FAULT_INTERRUPT)))
		return;
	shown->iova = iova;
	if (shown->addresses == ADDRESSES_NONE)
		shown->lowest = shown->highest = iova;
	row->scattered |= !is_near(iova >> shift, shown->lowest >> shift, shown->highest >> shift);
	if (iova < shown->lowest)
		shown->lowest = iova;
	if (iova > shown->highest)
		shown->highest = iova;
	shown->addresses = row->scattered                                      ? ADDRESSES_SCATTERED
	                   : shown->lowest >> shift == shown->highest >> shift ? ADDRESSES_ONE_PAGE
	                                                                       : ADDRESSES_RANGE;
}

/* The newest are kept; a row of few takes little memory. */
static struct snapshot_occurrence *next_occurrence(struct model *model, struct fault_row *row)
{
	size_t limit = model->limits.occurrences, capacity = row->occurrence_capacity;

	if (row->occurrence_next >= capacity && capacity < limit) {
		capacity = capacity ? 2 * capacity : FIRST_OCCURRENCES;
		row->occurrence_capacity = capacity < limit ? capacity : limit;
		row->occurrences = xrealloc(row->occurrences,
		                            row->occurrence_capacity * sizeof(*row->occurrences));
	}
	return &row->occurrences[row->occurrence_next++ % limit];
}

static struct snapshot_occurrence *occurrence_of(const struct model *model,
                                                 const struct fault_row *row, uint64_t id)
{
	if (id >= row->occurrence_next || row->occurrence_next - id > model->limits.occurrences)
		return NULL;
	return &row->occurrences[id % model->limits.occurrences];
}

static void add_occurrence(struct model *model, struct fault_row *row, const struct event *ev)
{
	uint64_t id = row->occurrence_next;

	if (!model->limits.occurrences)
		return;
	*next_occurrence(model, row) = (struct snapshot_occurrence){
		.id = id,
		.ts_ns = ev->ts_ns,
		.iova = ev->fault.iova,
		.pasid = ev->fault.pasid,
		.flags = ev->fault.flags,
		.before_start = is_before(model, ev),
		.logged = ev->fault.source == SOURCE_LOG,
		.traced = ev->fault.source == SOURCE_TRACE,
		.verdict = row->shown.verdict,
	};
}

/* What the log says of the newest fault and the tracepoint does not. */
static void take_words(struct fault_row *row, const struct event *ev)
{
	row->shown.code = ev->fault.code;
	row->shown.dialect = ev->fault.dialect;
	row->shown.flags = ev->fault.flags;
	row->shown.pasid = ev->fault.pasid;
}

static void tell(struct fault_row *row, const struct event *ev)
{
	if (ev->fault.source == SOURCE_LOG || !row->shown.logged) {
		take_words(row, ev);
		return;
	}
	row->shown.flags &= (uint8_t)~FAULT_HAS_PASID;
	row->shown.flags |= FAULT_HAS_IOVA;
}

static void count(struct model *model, struct fault_row *row, const struct event *ev)
{
	struct snapshot_fault *shown = &row->shown;
	bool before = is_before(model, ev), first = !shown->count && !shown->count_before;

	unlink_age(&model->faults, row);
	link_newest(&model->faults, row);
	shown->count += !before;
	shown->count_before += before;
	if (first || ev->ts_ns < shown->first_ns)
		shown->first_ns = ev->ts_ns;
	if (ev->ts_ns > shown->last_ns)
		shown->last_ns = ev->ts_ns;
	tell(row, ev);
	shown->logged |= ev->fault.source == SOURCE_LOG;
	shown->traced |= ev->fault.source == SOURCE_TRACE;
	add_address(row, ev);
	shown->verdict = model_verdict(model, ev, requester_of(model, row));
	add_occurrence(model, row, ev);
}

/* ---- what both tell ---- */

/* By its full name, as the tracepoint has it. */
static text_id full_name(struct model *model, const struct event *ev)
{
	text_id name = model_texts_id(&model->texts, ev->fault.device);
	bool ambiguous;
	uint32_t found;

	if (!(ev->fault.flags & FAULT_NO_SEGMENT) || !name)
		return name;
	found = model_topology_find(model, ev->fault.device, true, &ambiguous);
	return found == NO_NUMBER ? name : model->topology.devices[found].name;
}

/* A row without a reason was waiting for this line. */
static void rename_row(struct model *model, struct fault_row *row, const struct fault_key *key)
{
	unlink_key(&model->faults, row);
	row->key = *key;
	row->shown.reason = key->reason;
	row->shown.device = key->device;
	row->found_in = 0;
	link_key(&model->faults, row);
}

/* Its line has another reason than the row in which the fault was counted: it is taken from there.
 * What the row had from it (its newest address, the span of all) stays, as nobody knows it
 * without. */
static void take_back(struct model *model, struct fault_row *row, uint64_t occurrence)
{
	if (row->occurrence_next && occurrence == row->occurrence_next - 1)
		row->occurrence_next--;
	if (row->before_tick == row->shown.count)
		row->before_tick--;
	if (!--row->shown.count && !row->shown.count_before)
		drop_row(&model->faults, row);
}

static void note_both(struct model *model, struct fault_row *row, uint64_t id)
{
	struct snapshot_occurrence *occurrence = occurrence_of(model, row, id);

	row->shown.logged = row->shown.traced = true;
	if (occurrence)
		occurrence->logged = occurrence->traced = true;
}

/* The row that has the fault of this line in the end. */
static struct fault_row *join_line(struct model *model, const struct event *ev,
                                   const struct fault_key *key, const struct fault_waiting *waiting)
{
	struct fault_row *row = row_at(model, waiting->place);
	struct fault_row *named = find_row(&model->faults, key);
	uint64_t occurrence = waiting->occurrence;

	if (row && row != named && !named && !row->key.reason && !row->shown.logged) {
		rename_row(model, row, key);
		named = row;
	}
	if (row && row == named) {
		if (occurrence + 1 == row->occurrence_next)
			take_words(row, ev);
		note_both(model, row, occurrence);
		return row;
	}
	named = row_of(model, key);
	row = row_at(model, waiting->place); /* it may have given way to that */
	if (row)
		take_back(model, row, occurrence);
	count(model, named, ev);
	note_both(model, named, named->occurrence_next - 1);
	return named;
}

/* Its other half was dropped while it waited: whether this is another fault, nobody knows. */
static struct fault_row *doubtful(struct model *model, const struct event *ev, text_id device)
{
	const struct fault_channel *channel =
		model_merge_channel(model, device, ev->fault.direction);

	if (!channel || !channel->dropped_ns ||
	    channel->dropped_ns + FAULT_LINE_AFTER_NS < ev->ts_ns)
		return NULL;
	return row_at(model, channel->place);
}

static bool can_have_halves(const struct model *model, const struct event *ev)
{
	return ev->fault.flags & FAULT_HAS_IOVA && !(ev->fault.flags & FAULT_INTERRUPT) &&
	       !is_before(model, ev);
}

static void add_line(struct model *model, const struct event *ev, const struct fault_key *key)
{
	text_id device = full_name(model, ev);
	bool halves = can_have_halves(model, ev);
	const struct fault_waiting *waiting = halves ? model_merge_take(model, ev, device) : NULL;
	struct fault_row *row;

	if (!is_before(model, ev))
		model->faults_logged++;
	if (waiting) {
		row = join_line(model, ev, key, waiting);
		model_merge_name(model, device, ev->fault.direction, place_of(model, row));
		return;
	}
	if (halves && doubtful(model, ev, device)) {
		model->faults_unsure = true;
		return;
	}
	row = row_of(model, key);
	count(model, row, ev);
	if (!is_before(model, ev))
		model->faults_since_start++;
	if (ev->fault.flags & FAULT_INTERRUPT)
		return;
	model_merge_name(model, device, ev->fault.direction, place_of(model, row));
	if (halves)
		model_merge_wait(model, ev, device, place_of(model, row), row->occurrence_next - 1);
}

static struct fault_row *row_of_trace(struct model *model, const struct event *ev,
                                      const struct fault_key *key)
{
	const struct fault_channel *channel =
		model_merge_channel(model, key->device, ev->fault.direction);
	struct fault_row *row = channel ? row_at(model, channel->place) : NULL;

	return row && !key->reason ? row : row_of(model, key);
}

static void add_traced(struct model *model, const struct event *ev, const struct fault_key *key)
{
	/* One that has a reason is a page request: no line of the log tells of it as well, and it
	 * is no fault of the machine's, for the kernel may well bring that page. */
	bool half = !key->reason;
	const struct fault_waiting *waiting =
		half ? model_merge_take(model, ev, key->device) : NULL;
	struct fault_row *row = waiting ? row_at(model, waiting->place) : NULL;

	if (waiting) {
		if (row)
			note_both(model, row, waiting->occurrence);
		return;
	}
	row = row_of_trace(model, ev, key);
	count(model, row, ev);
	if (half && !is_before(model, ev))
		model->faults_since_start++;
	if (half)
		model_merge_wait(model, ev, key->device, place_of(model, row),
		                 row->occurrence_next - 1);
}

void model_faults_add(struct model *model, const struct event *ev)
{
	struct fault_key key = key_of(model, ev);

	if (ev->fault.source == SOURCE_TRACE)
		add_traced(model, ev, &key);
	else
		add_line(model, ev, &key);
}

/* The first value is what happened since boot; what it grows by happened since then. */
void model_faults_interrupts(struct model *model, const struct event *ev)
{
	model->interrupts_known = ev->attr.value != VALUE_UNKNOWN;
	if (!model->interrupts_known)
		return;
	/* A unit that went away took its count with it. */
	if (!model->interrupts_ever || ev->attr.value < model->interrupts)
		model->interrupts_first += ev->attr.value - model->interrupts;
	model->interrupts_ever = true;
	model->interrupts = ev->attr.value;
}

/* ---- ticks and snapshots ---- */

void model_faults_tick(struct model *model)
{
	model->faults_in_tick = model->faults_since_start - model->faults_before_tick;
	model->faults_before_tick = model->faults_since_start;
	for (size_t i = 0; i < model->faults.used; i++) {
		struct fault_row *row = &model->faults.rows[i];
		uint64_t now = row->shown.count, before = row->before_tick;

		row->shown.per_s =
			model->interval_ns && now > before
				? (double)(now - before) * 1e9 / (double)model->interval_ns
				: 0;
		row->before_tick = now;
	}
}

/*
 * The log is always read as far as it goes, class or not; without it, only some drivers speak
 * through the tracepoint. So: exact while the log is readable and swallowed nothing.
 */
static enum known faults_known(const struct model *model)
{
	const struct class_state *state = &model->classes[CLASS_FAULT];
	bool log = model->health[SOURCE_LOG].state == HEALTH_OK;
	bool trace = model->health[SOURCE_TRACE].state >= HEALTH_PARTIAL;
	bool swallowed = model->suppressed || model->overflows || model->faults_unsure;

	if (state->known && !state->on)
		return KNOWN_OFF;
	if (!log && !trace)
		return KNOWN_NOT;
	return log && !swallowed && !model_lost(model, true) && !state->gap ? KNOWN_EXACT
	                                                                    : KNOWN_AT_LEAST;
}

/* What was counted stays counted when nobody watches any more. */
static enum known total_known(const struct model *model, enum known now)
{
	bool watched = now == KNOWN_EXACT || now == KNOWN_AT_LEAST;

	return model->faults_since_start && !watched ? KNOWN_AT_LEAST : now;
}

/* Lines, however many faults each of them stands for. */
static struct count logged_count(const struct model *model)
{
	bool log = model->health[SOURCE_LOG].state == HEALTH_OK;
	bool whole = log && !model->suppressed && !model->lost[SOURCE_LOG].total;

	return (struct count){model->faults_logged, whole                         ? KNOWN_EXACT
	                                            : log || model->faults_logged ? KNOWN_AT_LEAST
	                                                                          : KNOWN_NOT};
}

static struct count interrupt_count(const struct model *model)
{
	if (!model->interrupts_ever)
		return (struct count){0, KNOWN_NOT};
	return (struct count){model->interrupts - model->interrupts_first,
	                      model->interrupts_known ? KNOWN_EXACT : KNOWN_AT_LEAST};
}

static void sums_snapshot(const struct model *model, struct snapshot *snap)
{
	enum known known = faults_known(model);
	bool log = model->health[SOURCE_LOG].state == HEALTH_OK;

	snap->faults = (struct count){model->faults_since_start, total_known(model, known)};
	snap->faults_per_s =
		(struct rate){model->interval_ns ? (double)model->faults_in_tick * 1e9 /
	                                                   (double)model->interval_ns
	                                         : 0,
	                      model->interval_ns ? known : KNOWN_NOT};
	snap->suppressed = (struct count){model->suppressed, log ? KNOWN_EXACT : KNOWN_NOT};
	snap->faults_logged = logged_count(model);
	snap->fault_interrupts = interrupt_count(model);
	snap->overflows = model->overflows;
	snap->rows_dropped = model->faults.dropped;
}

static void put_row(struct model *model, struct fault_row *row, struct snapshot_fault *out)
{
	uint32_t requester = requester_of(model, row);

	*out = row->shown;
	out->before_start = !row->shown.count && row->shown.count_before;
	if (requester == NO_NUMBER)
		return;
	out->device_index = model->topology.places[requester];
	out->behind = model_topology_is_bridge(&model->topology.devices[requester]);
}

static int compare_rows(const void *left, const void *right)
{
	const struct snapshot_fault *a = left, *b = right;

	return a->id < b->id ? -1 : a->id > b->id;
}

static void put_occurrences(const struct model *model, const struct fault_row *row,
                            struct snapshot *snap)
{
	uint64_t kept = row->occurrence_next < model->limits.occurrences
	                        ? row->occurrence_next
	                        : model->limits.occurrences;

	snap->fault_wanted = row->shown.id;
	snap->occurrences_gone = row->occurrence_next - kept;
	model_reserve(&snap->occurrences, &snap->occurrence_capacity, kept,
	              sizeof(*snap->occurrences));
	for (uint64_t id = row->occurrence_next - kept; id < row->occurrence_next; id++)
		snap->occurrences[snap->occurrence_count++] = *occurrence_of(model, row, id);
}

void model_faults_snapshot(struct model *model, const struct snapshot_want *want,
                           struct snapshot *snap)
{
	struct fault_table *t = &model->faults;

	sums_snapshot(model, snap);
	snap->fault_wanted = NO_FAULT;
	snap->fault_count = snap->occurrence_count = 0;
	snap->occurrences_gone = 0;
	model_reserve(&snap->faults_seen, &snap->fault_capacity, t->used,
	              sizeof(*snap->faults_seen));
	for (size_t i = 0; i < t->used; i++) {
		if (is_free(&t->rows[i]))
			continue;
		put_row(model, &t->rows[i], &snap->faults_seen[snap->fault_count++]);
		if (want->fault != NO_FAULT && t->rows[i].shown.id == want->fault)
			put_occurrences(model, &t->rows[i], snap);
	}
	if (snap->fault_count)
		qsort(snap->faults_seen, snap->fault_count, sizeof(*snap->faults_seen),
		      compare_rows);
}

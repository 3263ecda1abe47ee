// SPDX-License-Identifier: GPL-2.0-or-later
/* model_tell: who hears what a model says of the machine knows the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "event_text.h"
#include "scene.h"
#include "sources/replay.h"
#include "util.h"

struct listener {
	struct model *model; /* NULL: only the lines count */
	struct event_line at;
	char *lines;
	size_t size, capacity;
};

static void hear(void *context, const struct event *ev)
{
	struct listener *listener = context;
	char line[EVENT_LINE_MAX];
	size_t length = event_to_line(&listener->at, ev, line);

	if (listener->capacity < listener->size + length + 2) {
		listener->capacity = 2 * listener->capacity + length + 2;
		listener->lines = xrealloc(listener->lines, listener->capacity);
	}
	memcpy(listener->lines + listener->size, line, length);
	listener->size += length;
	listener->lines[listener->size++] = '\n';
	listener->lines[listener->size] = '\0';
	if (listener->model)
		model_apply(listener->model, ev);
}

static struct listener tell(const struct model *model, struct model *to)
{
	struct listener listener = {.model = to};
	const struct event_sink sink = {.emit = hear, .context = &listener};

	model_tell(model, 5 * SECOND, &sink);
	return listener;
}

static void apply(struct model *model, struct event ev)
{
	model_apply(model, &ev);
}

/* What it says, said to another, is said by that one in the same words. */
static void assert_understood(const struct model *model)
{
	struct model *other = model_new(&model_default_limits);
	struct listener said = tell(model, other), again = tell(other, NULL);

	assert_string_equal(said.lines, again.lines);
	free(said.lines);
	free(again.lines);
	model_free(other);
}

static void everything_is_understood(void **state)
{
	struct model *model = model_new(&model_default_limits);

	(void)state;
	say_everything(model);
	say_text(model, ATTR_MACHINE_OPTIONS, NULL, 0, "intel_iommu=on");
	say_number(model, ATTR_MACHINE_PHYSICAL_BITS, NULL, 0, 39);
	say_text(model, ATTR_PROCESS_NAME, NULL, 77, "qemu-system-x86");
	say_number(model, ATTR_PROCESS_LOCKED, NULL, 77, 4096);
	assert_understood(model);
	model_free(model);
}

static void a_model_that_knows_nothing_says_no_more(void **state)
{
	struct model *model = model_new(&model_default_limits);

	(void)state;
	assert_understood(model);
	model_free(model);
}

/* Names, ids and types of groups, devices and domains. */
static void assert_same_machine(struct snapshot *a, struct snapshot *b)
{
	char left[200], right[200];

	assert_int_equal(a->group_count, b->group_count);
	assert_int_equal(a->device_count, b->device_count);
	for (size_t i = 0; i < a->group_count; i++) {
		assert_int_equal(a->groups[i].domain, b->groups[i].domain);
		assert_int_equal(a->groups[i].default_domain, b->groups[i].default_domain);
		assert_int_equal(a->groups[i].holder, b->groups[i].holder);
	}
	for (size_t i = 0; i < a->domain_count; i++) {
		const struct snapshot_domain *domain = &a->domains[i];
		const struct snapshot_domain *same = snapshot_domain_by_id(b, domain->id);

		if (domain->freed || domain->id == DOMAIN_UNATTRIBUTED)
			continue;
		assert_non_null(same);
		assert_int_equal(domain->type, same->type);
		assert_string_equal(snapshot_domain_name(a, domain, left, sizeof(left)),
		                    snapshot_domain_name(b, same, right, sizeof(right)));
	}
}

/* At many places of a recording with a guest in it: the rest of it, after what is said there, ends
 * with the same machine. */
static void a_recording_can_begin_anywhere(void **state)
{
	enum { CUTS = 12, MOST = 2300 };
	struct event ev;
	struct error err;

	(void)state;
	for (size_t cut = 1; cut <= CUTS; cut++) {
		struct replay *replay = replay_open("tests/fixtures/sessions/guest.rec", &err);
		struct model *whole = model_new(&model_default_limits);
		struct model *rest = model_new(&model_default_limits);
		struct snapshot a = {0}, b = {0};
		struct listener said = {0};

		assert_non_null(replay);
		for (size_t i = 0; replay_next(replay, &ev); i++) {
			model_apply(whole, &ev);
			if (i == cut * MOST / CUTS)
				said = tell(whole, rest);
			else if (said.lines)
				model_apply(rest, &ev);
		}
		assert_non_null(said.lines);
		look(whole, &a);
		look(rest, &b);
		assert_same_machine(&a, &b);
		free(said.lines);
		snapshot_release(&a);
		snapshot_release(&b);
		model_free(whole);
		model_free(rest);
		replay_close(replay);
	}
}

/* A machine that is watched by probes from second 1 on. */
static struct model *watching(bool groups)
{
	struct model *model = model_new(&model_default_limits);

	apply(model, (struct event){.kind = EVENT_START, .ts_ns = SECOND});
	say_number(model, ATTR_DEVICE_GROUP, "0000:00:02.0", 0, 7);
	say_all_classes(model, true);
	apply(model, (struct event){.kind = EVENT_COLLECT, .collect = {.mode = COLLECT_EVENTS}});
	if (groups)
		say_number(model, ATTR_GROUP_DOMAIN, NULL, 7, 1);
	return model;
}

static void attach(struct model *model, uint64_t ts_ns, uint32_t domain, uint32_t pasid)
{
	apply(model,
	      (struct event){
		      .kind = EVENT_ATTACH,
		      .ts_ns = ts_ns,
		      .member = {.device = "0000:00:02.0", .domain = domain, .pasid = pasid}});
}

static void pasids_are_said_again(void **state)
{
	struct model *model = watching(true), *other = model_new(&model_default_limits);
	struct snapshot snap = {0};
	struct listener said;

	(void)state;
	attach(model, 2 * SECOND, 3, 5);
	said = tell(model, other);
	apply(other, (struct event){.kind = EVENT_FAULT,
	                            .ts_ns = 6 * SECOND,
	                            .fault = {.device = "0000:00:02.0",
	                                      .reason = "not present",
	                                      .iova = 0x5000,
	                                      .pasid = 5,
	                                      .flags = FAULT_HAS_IOVA | FAULT_HAS_PASID,
	                                      .source = SOURCE_LOG}});
	look(other, &snap);
	assert_int_equal(snap.faults_seen[0].verdict.domain, 3);
	assert_int_equal(snap.groups[0].domain, 1);
	snapshot_release(&snap);
	free(said.lines);
	model_free(model);
	model_free(other);
}

/* It had a life before, in which it may have mapped anything. */
static void a_domain_that_was_there_is_not_born_again(void **state)
{
	struct model *model = watching(true), *other = model_new(&model_default_limits);
	struct snapshot snap = {0};
	struct listener said;

	(void)state;
	say_number(model, ATTR_DOMAIN_TYPE, NULL, 3, DOMAIN_TYPE_UNMANAGED);
	attach(model, 2 * SECOND, 3, 0);
	attach(model, 3 * SECOND, 1, 0);
	said = tell(model, other);
	attach(other, 5 * SECOND + 1, 3, 0);
	look(other, &snap);
	assert_int_not_equal(snapshot_domain_by_id(&snap, 3)->outstanding_bytes.known, KNOWN_EXACT);
	snapshot_release(&snap);
	free(said.lines);
	model_free(model);
	model_free(other);
}

/* Nor does it seem that the kernel told of groups, where it could not. */
static void what_was_seen_is_not_told_as_said_by_the_kernel(void **state)
{
	struct model *model = watching(false), *other = model_new(&model_default_limits);
	struct snapshot snap = {0};
	struct listener said;

	(void)state;
	attach(model, 2 * SECOND, 3, 0);
	said = tell(model, other);
	assert_null(strstr(said.lines, "group 7 domain"));
	look(other, &snap);
	assert_int_equal(snap.groups[0].domain, 3);
	/* Of the DMA API, and perhaps the default of a group since before the start. */
	apply(other, event_attr_number(6 * SECOND, ATTR_DOMAIN_TYPE, NULL, 4, DOMAIN_TYPE_DMA));
	attach(other, 6 * SECOND, 4, 0);
	look(other, &snap);
	assert_int_not_equal(snapshot_domain_by_id(&snap, 4)->outstanding_bytes.known, KNOWN_EXACT);
	snapshot_release(&snap);
	free(said.lines);
	model_free(model);
	model_free(other);
}

/* ---- what it says of what it did not see ---- */

static const char *const sessions[] = {"domains", "faults", "guest", "lab", "odd"};

/* A model at the end of a session, and what it knew when the other began. */
struct part {
	struct model *model;
	struct snapshot snap;
};

/* The whole session, what was known at a tick of it, and what one says who heard from there on. */
struct cut {
	struct part whole, rest;
	struct snapshot before;
	uint64_t begin_ns;
};

static void see(struct part *part, uint64_t fault)
{
	const struct snapshot_want want = {.log = true, .domain = NO_DOMAIN, .fault = fault};

	model_snapshot(part->model, &want, &part->snap);
}

/* False: the session has no such tick, with more behind it. */
static bool cut_at(struct cut *cut, const char *name, size_t tick)
{
	const struct snapshot_want want = {.log = true, .domain = NO_DOMAIN};
	struct listener said = {0};
	char path[80];
	struct error err;
	struct event ev;
	struct replay *replay;
	size_t ticks = 0, behind = 0;

	*cut = (struct cut){.whole.model = model_new(&model_default_limits),
	                    .rest.model = model_new(&model_default_limits)};
	snprintf(path, sizeof(path), "tests/fixtures/sessions/%s.rec", name);
	replay = replay_open(path, &err);
	assert_non_null(replay);
	while (replay_next(replay, &ev)) {
		model_apply(cut->whole.model, &ev);
		if (said.lines) {
			model_apply(cut->rest.model, &ev);
			behind++;
		} else if (ev.kind == EVENT_TICK && ticks++ == tick) {
			const struct event_sink sink = {.emit = hear, .context = &said};

			said.model = cut->rest.model;
			cut->begin_ns = ev.ts_ns;
			model_snapshot(cut->whole.model, &want, &cut->before);
			model_tell(cut->whole.model, ev.ts_ns, &sink);
		}
	}
	replay_close(replay);
	free(said.lines);
	see(&cut->whole, NO_FAULT);
	see(&cut->rest, NO_FAULT);
	return behind > 0;
}

static void release_cut(struct cut *cut)
{
	snapshot_release(&cut->whole.snap);
	snapshot_release(&cut->rest.snap);
	snapshot_release(&cut->before);
	model_free(cut->whole.model);
	model_free(cut->rest.model);
}

/* Runs check for each tick of each session. */
static void at_each_tick(void (*check)(struct cut *cut))
{
	size_t checked = 0;

	for (size_t i = 0; i < ARRAY_SIZE(sessions); i++) {
		struct cut cut;

		for (size_t tick = 0; cut_at(&cut, sessions[i], tick); tick++, checked++) {
			print_message("%s, from tick %zu\n", sessions[i], tick);
			check(&cut);
			release_cut(&cut);
		}
		release_cut(&cut);
	}
	assert_true(checked > 50);
}

/* What is exact is just what came since; of what is not, no more is claimed than came. */
static void assert_since(struct count rest, struct count whole, uint64_t before)
{
	if (rest.known == KNOWN_EXACT)
		assert_int_equal(rest.n, whole.n - before);
	else
		assert_true(rest.n <= whole.n - before);
	/* And nothing that came unseen is a reason to doubt what came later. */
	if (whole.known == KNOWN_EXACT)
		assert_int_equal(rest.known, KNOWN_EXACT);
}

static void assert_traffic_since(const struct traffic *rest, const struct traffic *whole,
                                 const struct traffic *before)
{
	static const struct traffic none;

	if (!before)
		before = &none;
	assert_since(rest->maps, whole->maps, before->maps.n);
	assert_since(rest->unmaps, whole->unmaps, before->unmaps.n);
	assert_since(rest->map_bytes, whole->map_bytes, before->map_bytes.n);
	assert_since(rest->unmap_bytes, whole->unmap_bytes, before->unmap_bytes.n);
}

/* All that is mapped is known of a domain only where its whole life was seen. */
static void assert_outstanding(const struct cut *cut, const struct snapshot_domain *rest,
                               const struct snapshot_domain *whole)
{
	if (rest->complete_since_ns)
		assert_true(rest->complete_since_ns >= cut->begin_ns);
	if (whole->outstanding_bytes.known == KNOWN_EXACT)
		assert_true(rest->outstanding_bytes.n <= whole->outstanding_bytes.n);
	if (whole->complete_since_ns <= cut->begin_ns) {
		assert_int_not_equal(rest->outstanding_bytes.known, KNOWN_EXACT);
		assert_int_not_equal(rest->mappings.known, KNOWN_EXACT);
		return;
	}
	assert_int_equal(rest->complete_since_ns, whole->complete_since_ns);
	assert_int_equal(rest->outstanding_bytes.known, whole->outstanding_bytes.known);
	assert_int_equal(rest->outstanding_bytes.n, whole->outstanding_bytes.n);
	assert_int_equal(rest->mappings.known, whole->mappings.known);
	assert_int_equal(rest->mappings.n, whole->mappings.n);
}

static void check_counts(struct cut *cut)
{
	struct snapshot *rest = &cut->rest.snap, *whole = &cut->whole.snap, *before = &cut->before;

	assert_int_equal(rest->start_ns, cut->begin_ns);
	assert_traffic_since(&rest->traffic, &whole->traffic, &before->traffic);
	assert_since(rest->faults, whole->faults, before->faults.n);
	assert_since(rest->lost, whole->lost, before->lost.n);
	assert_since(rest->missed, whole->missed, before->missed.n);
	assert_since(rest->suppressed, whole->suppressed, before->suppressed.n);
	assert_since(rest->unattributed, whole->unattributed, before->unattributed.n);
	for (size_t i = 0; i < rest->unit_count; i++)
		assert_since(rest->units[i].invalidations, whole->units[i].invalidations,
		             i < before->unit_count ? before->units[i].invalidations.n : 0);
	for (size_t i = 0; i < rest->domain_count; i++) {
		const struct snapshot_domain *domain = &rest->domains[i];
		const struct snapshot_domain *same = snapshot_domain_by_id(whole, domain->id);
		const struct snapshot_domain *then = snapshot_domain_by_id(before, domain->id);

		assert_non_null(same);
		assert_traffic_since(&domain->traffic, &same->traffic,
		                     then ? &then->traffic : NULL);
		assert_outstanding(cut, domain, same);
	}
}

static void totals_begin_where_it_begins(void **state)
{
	(void)state;
	at_each_tick(check_counts);
}

static const struct snapshot_fault *same_fault(const struct snapshot *in, const struct snapshot *of,
                                               const struct snapshot_fault *fault)
{
	for (size_t i = 0; i < in->fault_count; i++)
		if (!strcmp(snapshot_text(in, in->faults_seen[i].device),
		            snapshot_text(of, fault->device)) &&
		    !strcmp(snapshot_text(in, in->faults_seen[i].reason),
		            snapshot_text(of, fault->reason)) &&
		    in->faults_seen[i].direction == fault->direction)
			return &in->faults_seen[i];
	return NULL;
}

/* Of what nobody saw nothing is said: neither where an address came from nor that it never was. */
static void check_faults(struct cut *cut)
{
	const struct snapshot *rest = &cut->rest.snap, *whole = &cut->whole.snap;

	for (size_t i = 0; i < rest->fault_count; i++) {
		const struct snapshot_fault *fault = &rest->faults_seen[i];
		const struct snapshot_fault *same = same_fault(whole, rest, fault);
		const struct snapshot_fault *then = same_fault(&cut->before, rest, fault);
		const struct snapshot_verdict *verdict = &fault->verdict;

		assert_non_null(same);
		assert_int_equal(fault->count, same->count - (then ? then->count : 0));
		assert_true(!verdict->since_ns || verdict->since_ns >= cut->begin_ns);
		if (verdict->kind != VERDICT_NOT_KNOWN) {
			assert_int_equal(verdict->kind, same->verdict.kind);
			assert_int_equal(verdict->at_ns, same->verdict.at_ns);
		}
	}
}

static void addresses_of_faults_are_looked_up_from_there_on(void **state)
{
	(void)state;
	at_each_tick(check_faults);
}

static const struct snapshot_transition *same_transition(const struct snapshot *in,
                                                         const struct snapshot_transition *like)
{
	for (size_t i = 0; i < in->transition_count; i++) {
		const struct snapshot_transition *other = &in->transitions[i];

		if (other->kind == like->kind && other->group == like->group &&
		    other->to_domain == like->to_domain &&
		    (other->begin_ns == like->begin_ns || !like->begin_ns ||
		     other->end_ns == like->end_ns))
			return other;
	}
	return NULL;
}

static void check_transitions(struct cut *cut)
{
	const struct snapshot *rest = &cut->rest.snap, *whole = &cut->whole.snap;

	for (size_t i = 0; i < rest->transition_count; i++) {
		const struct snapshot_transition *way = &rest->transitions[i];
		const struct snapshot_transition *same = same_transition(whole, way);

		assert_non_null(same);
		assert_true(!way->begin_ns || way->begin_ns > cut->begin_ns);
		assert_int_equal(way->end_ns, same->end_ns);
		assert_true(way->count <= same->count);
		if (!way->at_least && !same->at_least) {
			assert_int_equal(way->count, same->count);
			assert_int_equal(way->bytes, same->bytes);
		}
	}
}

static void journeys_that_had_begun_are_told_as_such(void **state)
{
	(void)state;
	at_each_tick(check_transitions);
}

/* A recording that somebody wrote, or more names than are kept. */
static void a_device_without_a_name_is_not_attached(void **state)
{
	struct model *model = model_new(&model_default_limits);
	struct snapshot snap = {0};

	(void)state;
	say_number(model, ATTR_DOMAIN_TYPE, NULL, 5, DOMAIN_TYPE_DMA);
	say_text(model, ATTR_DOMAIN_ATTACHED, NULL, 5, " 7");
	say_tick(model, SECOND);
	look(model, &snap);
	assert_int_equal(snap.domain_device_count, 0);
	assert_understood(model);
	snapshot_release(&snap);
	model_free(model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_is_understood),
		cmocka_unit_test(a_model_that_knows_nothing_says_no_more),
		cmocka_unit_test(a_recording_can_begin_anywhere),
		cmocka_unit_test(pasids_are_said_again),
		cmocka_unit_test(a_domain_that_was_there_is_not_born_again),
		cmocka_unit_test(what_was_seen_is_not_told_as_said_by_the_kernel),
		cmocka_unit_test(totals_begin_where_it_begins),
		cmocka_unit_test(addresses_of_faults_are_looked_up_from_there_on),
		cmocka_unit_test(a_device_without_a_name_is_not_attached),
		cmocka_unit_test(journeys_that_had_begun_are_told_as_such),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

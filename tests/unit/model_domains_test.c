// SPDX-License-Identifier: GPL-2.0-or-later
/* model_domains: a bounded table whose rows add up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench.h"

static const struct model_limits little = {.faults = 1,
                                           .log = 4,
                                           .tasks = 4,
                                           .domains = 4,
                                           .former = 3,
                                           .transitions = 2,
                                           .pool_bytes = 4096};

static void begin_anew(struct bench *bench, const struct model_limits *limits)
{
	model_free(bench->model);
	snapshot_release(&bench->snap);
	bench->model = model_new(limits);
	say_watching(bench->model, SECOND);
}

static void a_domain_is_shown_once_it_did_something(void **state)
{
	struct bench *bench = *state;

	say_watching(bench->model, SECOND);
	say_type(bench->model, 2 * SECOND, 1, DOMAIN_TYPE_UNMANAGED);
	assert_int_equal(seen(bench)->domain_count, 1);
	say_map_at(bench->model, 3 * SECOND, 1, 4096, 0);
	assert_int_equal(row(bench, 1)->type, DOMAIN_TYPE_UNMANAGED);
	assert_int_equal(row(bench, 1)->first_seen_ns, 2 * SECOND);
	assert_int_equal(row(bench, 1)->replaced_ns, 0);
	say_type(bench->model, 4 * SECOND, 1, 999);
	assert_int_equal(row(bench, 1)->type, DOMAIN_TYPE_UNKNOWN);
}

/* An identity domain has no traffic, yet a group is attached to it. */
static void a_domain_is_shown_while_something_is_attached(void **state)
{
	struct bench *bench = *state;

	say_watching(bench->model, SECOND);
	say_type(bench->model, SECOND, 4, DOMAIN_TYPE_IDENTITY);
	say_group_domain(bench->model, 7, 4, 4);
	assert_int_equal(row(bench, 4)->type, DOMAIN_TYPE_IDENTITY);
	count_is(row(bench, 4)->traffic.maps, 0, KNOWN_EXACT);
	say_type(bench->model, SECOND, 5, DOMAIN_TYPE_DMA);
	say_number(bench->model, ATTR_GROUP_DOMAIN, NULL, 7, 5);
	assert_null(snapshot_domain_by_id(seen(bench), 4));
}

static void a_freed_domain_stays_with_what_it_did(void **state)
{
	struct bench *bench = *state;

	say_watching(bench->model, SECOND);
	say_attach(bench->model, 2 * SECOND, "d", 1);
	say_map_at(bench->model, 3 * SECOND, 1, 4096, 0);
	say_attach(bench->model, 4 * SECOND, "d", 2);
	say_freed(bench->model, 5 * SECOND, 1);
	assert_true(row(bench, 1)->freed);
	assert_int_equal(row(bench, 1)->attached_ns, 2 * SECOND);
	assert_int_equal(row(bench, 1)->replaced_ns, 4 * SECOND);
	assert_int_equal(row(bench, 1)->freed_ns, 5 * SECOND);
	count_is(row(bench, 1)->traffic.maps, 1, KNOWN_EXACT);
	count_is(row(bench, 1)->outstanding_bytes, 0, KNOWN_NOT);
	name_is(bench, 1, "d");
	say_freed(bench->model, 6 * SECOND, 1);
	assert_int_equal(row(bench, 1)->freed_ns, 5 * SECOND);
}

static void a_freed_domain_that_did_nothing_is_forgotten(void **state)
{
	struct bench *bench = *state;

	say_watching(bench->model, SECOND);
	say_attach(bench->model, 2 * SECOND, "d", 1);
	assert_int_equal(seen(bench)->domain_count, 2);
	say_freed(bench->model, 3 * SECOND, 1);
	say_freed(bench->model, 3 * SECOND, DOMAIN_UNATTRIBUTED);
	say_freed(bench->model, 3 * SECOND, 77);
	assert_int_equal(seen(bench)->domain_count, 1);
}

/* They come a tick later: nothing lives again by them. */
static void counts_of_a_freed_domain_find_it_or_nobody(void **state)
{
	struct bench *bench = *state;

	begin_anew(bench, &little);
	say_collect(bench->model, COLLECT_COUNTS, false);
	say_attach(bench->model, 2 * SECOND, "d", 9);
	say_freed(bench->model, 2 * SECOND, 9); /* did nothing: forgotten */
	for (uint32_t id = 1; id <= 4; id++) {
		say_counts(bench->model, COUNTS_MAP, id, 10, 40960);
		say_freed(bench->model, 2 * SECOND, id);
	}
	say_counts(bench->model, COUNTS_UNMAP, 9, 1, 4096);
	say_counts(bench->model, COUNTS_UNMAP, 1, 2, 8192); /* one of the sum */
	say_counts(bench->model, COUNTS_UNMAP, 2, 10, 40960);
	say_counts(bench->model, COUNTS_UNMAP, DOMAIN_ALL, 13, 53248);
	say_tick(bench->model, 3 * SECOND);
	assert_null(snapshot_domain_by_id(seen(bench), 9));
	assert_null(snapshot_domain_by_id(seen(bench), 1));
	assert_true(row(bench, 2)->freed);
	count_is(row(bench, 2)->traffic.unmaps, 10, KNOWN_EXACT);
	count_is(row(bench, DOMAIN_UNATTRIBUTED)->traffic.unmaps, 3, KNOWN_EXACT);
	say_counts(bench->model, COUNTS_UNMAP, 5, 1, 4096);
	assert_false(row(bench, 5)->freed);
}

static void old_former_domains_are_a_sum(void **state)
{
	struct bench *bench = *state;

	say_watching(bench->model, SECOND);
	for (uint32_t id = 1; id <= model_default_limits.former + 2; id++) {
		say_map_at(bench->model, 2 * SECOND, id, 4096ull * id, 100);
		say_map_failed(bench->model, id, 12);
		say_freed(bench->model, 2 * SECOND, id);
	}
	assert_null(snapshot_domain_by_id(seen(bench), 2));
	count_is(row(bench, DOMAIN_FORMER)->traffic.maps, 2, KNOWN_EXACT);
	count_is(row(bench, DOMAIN_FORMER)->traffic.map_bytes, 3 * 4096, KNOWN_EXACT);
	count_is(row(bench, DOMAIN_FORMER)->failed_maps, 2, KNOWN_EXACT);
	assert_int_equal(row(bench, DOMAIN_FORMER)->map_mean_ns, 100);
	assert_int_equal(row(bench, DOMAIN_FORMER),
	                 bench->snap.domains + bench->snap.domain_count - 1);
	assert_int_equal(detail(bench, DOMAIN_FORMER)->pages_4k, 2);
	assert_int_equal(bench->snap.detail.errors[0].count, 2);
	name_is(bench, DOMAIN_FORMER, "former domains");
	assert_int_equal(row(bench, 3)->id, 3);
}

static void numbers_that_mean_something_else_are_no_domains(void **state)
{
	struct bench *bench = *state;

	say_watching(bench->model, SECOND);
	say_map(bench->model, DOMAIN_ALL, 4096);
	say_map(bench->model, DOMAIN_FORMER, 4096);
	say_type(bench->model, SECOND, DOMAIN_FORMER, DOMAIN_TYPE_DMA);
	say_attach(bench->model, SECOND, "d", DOMAIN_ALL);
	assert_int_equal(seen(bench)->domain_count, 1);
	count_is(bench->snap.unattributed, 2, KNOWN_EXACT);
}

static void a_detail_that_nobody_wants_is_of_none(void **state)
{
	struct bench *bench = *state;
	const struct snapshot_want want = {.domain = NO_DOMAIN}, other = {.domain = 12};

	say_map(bench->model, 1, 4096);
	assert_int_equal(detail(bench, 1)->map_sizes[0], 1);
	model_snapshot(bench->model, &want, &bench->snap);
	assert_int_equal(bench->snap.detail.domain, NO_DOMAIN);
	assert_int_equal(bench->snap.detail.map_sizes[0], 0);
	model_snapshot(bench->model, &other, &bench->snap);
	assert_int_equal(bench->snap.detail.domain, NO_DOMAIN);
}

/* ---- bounds ---- */

static void a_full_table_makes_room_by_forgetting_idle_ones(void **state)
{
	struct bench *bench = *state;

	begin_anew(bench, &little);
	for (uint32_t id = 1; id <= 20; id++)
		say_type(bench->model, SECOND, id, DOMAIN_TYPE_UNMANAGED);
	for (uint32_t id = 21; id <= 24; id++)
		say_map(bench->model, id, 4096);
	assert_int_equal(seen(bench)->domain_count, 5);
	count_is(bench->snap.unattributed, 0, KNOWN_EXACT);
	count_is(row(bench, 24)->traffic.maps, 1, KNOWN_EXACT);
	say_map(bench->model, 25, 4096);
	count_is(seen(bench)->unattributed, 1, KNOWN_EXACT);
}

/* Some of what a late one did before it had a place went to the unattributed. */
static void a_domain_that_got_its_place_late_is_at_least(void **state)
{
	struct bench *bench = *state;

	begin_anew(bench, &little);
	for (uint32_t id = 1; id <= 5; id++)
		say_map(bench->model, id, 4096);
	say_freed(bench->model, 2 * SECOND, 1);
	say_map(bench->model, 5, 4096);
	count_is(row(bench, 5)->traffic.maps, 1, KNOWN_AT_LEAST);
	count_is(row(bench, 4)->traffic.maps, 1, KNOWN_EXACT);
	count_is(bench->snap.traffic.maps, 6, KNOWN_EXACT);
}

static void rows_add_up(struct bench *bench)
{
	const struct snapshot *snap = seen(bench);
	uint64_t maps = 0, unmaps = 0, map_bytes = 0, unmap_bytes = 0;
	double rate = 0;

	for (size_t i = 0; i < snap->domain_count; i++) {
		const struct traffic *traffic = &snap->domains[i].traffic;

		maps += traffic->maps.n;
		unmaps += traffic->unmaps.n;
		map_bytes += traffic->map_bytes.n;
		unmap_bytes += traffic->unmap_bytes.n;
		rate += traffic->maps_per_s.per_s;
		assert_true(!i || snap->domains[i - 1].id < snap->domains[i].id);
	}
	assert_int_equal(maps, snap->traffic.maps.n);
	assert_int_equal(unmaps, snap->traffic.unmaps.n);
	assert_int_equal(map_bytes, snap->traffic.map_bytes.n);
	assert_int_equal(unmap_bytes, snap->traffic.unmap_bytes.n);
	assert_float_equal((float)rate, (float)snap->traffic.maps_per_s.per_s, 0.01f);
}

static void churn_step(struct model *model, unsigned int *seed, uint32_t *newest, uint64_t ts_ns)
{
	uint32_t some = *newest - (unsigned int)rand_r(seed) % 8;
	char name[16];

	snprintf(name, sizeof(name), "d%u", (unsigned int)rand_r(seed) % 5);
	switch ((unsigned int)rand_r(seed) % 9) {
	case 0:
		say_type(model, ts_ns, ++*newest, (enum domain_type)(rand_r(seed) % 5));
		break;
	case 1:
		say_attach(model, ts_ns, name, some);
		break;
	case 2:
		say_detach(model, ts_ns, name, some);
		break;
	case 3:
		say_freed(model, ts_ns, some);
		break;
	case 4:
		say_number(model, ATTR_GROUP_DOMAIN, NULL, (uint32_t)rand_r(seed) % 3, some);
		break;
	case 5:
		say_number(model, ATTR_DEVICE_GROUP, name, 0, (uint32_t)rand_r(seed) % 3);
		break;
	case 6:
		say_unmap_at(model, ts_ns, some, 2 << 20, 5);
		break;
	default:
		say_map_at(model, ts_ns, some, 2 << 20, 7);
		break;
	}
}

static void churn(struct bench *bench, const struct model_limits *limits, unsigned int seed)
{
	uint32_t newest = 9;

	begin_anew(bench, limits);
	for (uint64_t i = 1; i < 3000; i++) {
		churn_step(bench->model, &seed, &newest, SECOND + i * 10000000);
		if (i % 50)
			continue;
		say_tick(bench->model, SECOND + i * 10000000);
		rows_add_up(bench);
	}
}

static void rows_add_up_whatever_domains_do(void **state)
{
	struct bench *bench = *state;

	for (unsigned int seed = 1; seed <= 5; seed++) {
		churn(bench, &little, seed);
		churn(bench, &model_default_limits, seed);
	}
}

/* One guest after the other, each with a name, a process and a thread of its own. */
static void one_guest(struct model *model, uint32_t id, uint64_t ts_ns)
{
	char vm[32];

	snprintf(vm, sizeof(vm), "vm%u", id);
	say_type(model, ts_ns, id, DOMAIN_TYPE_UNMANAGED);
	say_attach(model, ts_ns, "0000:00:02.0", id);
	say_holder(model, 2, id, "qemu", vm);
	say_text(model, ATTR_TASK_COMM, NULL, id, vm);
	say_map_at(model, ts_ns, id, 4 << 20, 9);
	say_unmap_at(model, ts_ns, id, 4 << 20, 9);
	say_attach(model, ts_ns, "0000:00:02.0", 1);
	say_freed(model, ts_ns, id);
	say_number(model, ATTR_GROUP_HOLDER, NULL, 2, VALUE_UNKNOWN);
	say_gone(model, SUBJECT_PROCESS, NULL, id);
}

static void a_hundred_thousand_domains_take_no_more_room(void **state)
{
	struct bench *bench = *state;
	struct model_limits limits = model_default_limits;

	limits.pool_bytes = 64 << 10;
	begin_anew(bench, &limits);
	say_number(bench->model, ATTR_DEVICE_GROUP, "0000:00:02.0", 0, 2);
	say_type(bench->model, SECOND, 1, DOMAIN_TYPE_DMA);
	say_group_domain(bench->model, 2, 1, 1);
	for (uint32_t id = 2; id < 100000; id++) {
		one_guest(bench->model, id, id * SECOND);
		if (id % 10000 && id > 3)
			continue;
		say_tick(bench->model, id * SECOND + SECOND / 2);
		rows_add_up(bench);
		assert_true(bench->snap.domain_count <= limits.former + 3);
		assert_true(bench->snap.process_count <= limits.former + 1);
		assert_true(bench->snap.transition_count <= limits.transitions);
		assert_true(bench->snap.pool_bytes <= limits.pool_bytes);
		assert_true(bench->snap.domain_device_count <= limits.former + 2);
	}
	count_is(seen(bench)->unattributed, 0, KNOWN_EXACT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(a_domain_is_shown_once_it_did_something),
		bench_test(a_domain_is_shown_while_something_is_attached),
		bench_test(a_freed_domain_stays_with_what_it_did),
		bench_test(a_freed_domain_that_did_nothing_is_forgotten),
		bench_test(counts_of_a_freed_domain_find_it_or_nobody),
		bench_test(old_former_domains_are_a_sum),
		bench_test(numbers_that_mean_something_else_are_no_domains),
		bench_test(a_detail_that_nobody_wants_is_of_none),
		bench_test(a_full_table_makes_room_by_forgetting_idle_ones),
		bench_test(a_domain_that_got_its_place_late_is_at_least),
		bench_test(rows_add_up_whatever_domains_do),
		bench_test(a_hundred_thousand_domains_take_no_more_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

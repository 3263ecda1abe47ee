// SPDX-License-Identifier: GPL-2.0-or-later
/* model_verdict: where an address came from, and no more than is certain. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench.h"

#define MILLISECOND 1000000ull
#define DEVICE      "0000:00:02.0"

/* A device that was given to a guest while we watched: domain 3 was born at 10 s. */
static void begin(struct bench *bench)
{
	struct model *model = bench->model;

	say_text(model, ATTR_KERNEL, NULL, 0, "6.1.0");
	say_text(model, ATTR_UNIT_VENDOR, "dmar0", 0, "VT-d");
	say_device(model, DEVICE, 1, NULL, NULL, NULL);
	say_text(model, ATTR_DEVICE_UNIT, DEVICE, 0, "dmar0");
	say_watching(model, SECOND);
	say_type(model, SECOND, 1, DOMAIN_TYPE_DMA_FQ);
	say_group_domain(model, 1, 1, 1);
	say_text(model, ATTR_TASK_COMM, NULL, 42, "qemu");
	say_type(model, 10 * SECOND, 3, DOMAIN_TYPE_UNMANAGED);
	say_attach(model, 10 * SECOND, DEVICE, 3);
}

static void map(struct bench *bench, uint64_t ts_ns, uint64_t iova, uint64_t size_bytes,
                uint8_t protection)
{
	const struct event ev = {.ts_ns = ts_ns,
	                         .kind = EVENT_MAP,
	                         .pid = 42,
	                         .map = {.iova = iova,
	                                 .size_bytes = size_bytes,
	                                 .domain = 3,
	                                 .protection = protection}};

	model_apply(bench->model, &ev);
}

static void unmap(struct bench *bench, uint64_t ts_ns, uint64_t iova, uint64_t size_bytes)
{
	const struct event ev = {.ts_ns = ts_ns,
	                         .kind = EVENT_UNMAP,
	                         .pid = 42,
	                         .unmap = {.iova = iova,
	                                   .size_bytes = size_bytes,
	                                   .unmapped_bytes = size_bytes,
	                                   .domain = 3}};

	model_apply(bench->model, &ev);
}

static const struct snapshot_verdict *judged(struct bench *bench, struct event ev)
{
	ev.kind = EVENT_FAULT;
	ev.fault.source = SOURCE_LOG;
	if (!ev.fault.device)
		ev.fault.device = DEVICE;
	if (!ev.fault.flags)
		ev.fault.flags = FAULT_HAS_IOVA | FAULT_PAGE_MASKED;
	model_apply(bench->model, &ev);
	seen(bench);
	return &bench->snap.faults_seen[bench->snap.fault_count - 1].verdict;
}

static const struct snapshot_verdict *judge(struct bench *bench, uint64_t ts_ns, uint64_t iova)
{
	return judged(bench, (struct event){.ts_ns = ts_ns,
	                                    .fault = {.iova = iova, .direction = DIRECTION_WRITE}});
}

static void kind_is(const struct snapshot_verdict *verdict, enum verdict_kind kind)
{
	assert_string_equal(verdict_words[verdict->kind], verdict_words[kind]);
}

/* ---- what was seen ---- */

static void an_address_unmapped_before_says_when_and_by_whom(void **state)
{
	struct bench *bench = *state;
	const struct snapshot_verdict *verdict;

	begin(bench);
	map(bench, 11 * SECOND, 0x10000, 0x4000, 0);
	unmap(bench, 12 * SECOND, 0x10000, 0x4000);
	verdict = judge(bench, 12 * SECOND + 6 * MILLISECOND, 0x12345);
	kind_is(verdict, VERDICT_UNMAPPED);
	assert_int_equal(verdict->domain, 3);
	assert_int_equal(verdict->at_ns, 12 * SECOND);
	assert_int_equal(verdict->pid, 42);
	assert_string_equal(verdict->comm, "qemu");
	assert_int_equal(verdict->iova, 0x10000);
	assert_int_equal(verdict->size_bytes, 0x4000);
	assert_int_equal(verdict->since_ns, 10 * SECOND);
	assert_false(verdict->uncertain);
	verdict = judge(bench, 12 * SECOND + 5 * MILLISECOND, 0x12345);
	kind_is(verdict, VERDICT_UNMAPPED);
	assert_true(verdict->uncertain);
}

static void nobody_is_named_for_what_an_interrupt_did(void **state)
{
	struct bench *bench = *state;
	const struct event ev = {.ts_ns = 11 * SECOND,
	                         .kind = EVENT_MAP,
	                         .context = CONTEXT_SOFT_IRQ,
	                         .pid = 42,
	                         .map = {.iova = 0x10000, .size_bytes = 0x1000, .domain = 3}};
	struct event gone = {.ts_ns = 12 * SECOND,
	                     .kind = EVENT_UNMAP,
	                     .context = CONTEXT_HARD_IRQ,
	                     .pid = 42,
	                     .unmap = {.iova = 0x10000,
	                               .size_bytes = 0x1000,
	                               .unmapped_bytes = 0x1000,
	                               .domain = 3}};
	const struct snapshot_verdict *verdict;

	begin(bench);
	model_apply(bench->model, &ev);
	verdict = judge(bench, 11 * SECOND + 6 * MILLISECOND, 0x10345);
	kind_is(verdict, VERDICT_MAPPED);
	assert_int_equal(verdict->pid, 0);
	assert_string_equal(verdict->comm, "");
	model_apply(bench->model, &gone);
	verdict = judge(bench, 12 * SECOND + 6 * MILLISECOND, 0x10345);
	kind_is(verdict, VERDICT_UNMAPPED);
	assert_int_equal(verdict->pid, 0);
}

static void only_a_protection_that_is_known_forbids(void **state)
{
	struct bench *bench = *state;
	const struct snapshot_verdict *verdict;

	begin(bench);
	map(bench, 11 * SECOND, 0x10000, 0x1000, MAP_READ | MAP_PROTECTION_KNOWN);
	map(bench, 11 * SECOND, 0x20000, 0x1000, MAP_READ);
	map(bench, 11 * SECOND, 0x30000, 0x1000, MAP_READ | MAP_WRITE | MAP_PROTECTION_KNOWN);
	verdict = judge(bench, 12 * SECOND, 0x10000);
	kind_is(verdict, VERDICT_DIRECTION);
	assert_int_equal(verdict->protection, MAP_READ | MAP_PROTECTION_KNOWN);
	assert_int_equal(verdict->at_ns, 11 * SECOND);
	kind_is(judge(bench, 12 * SECOND, 0x20000), VERDICT_MAPPED);
	kind_is(judge(bench, 12 * SECOND, 0x30000), VERDICT_MAPPED);
	kind_is(judged(bench,
	               (struct event){.ts_ns = 12 * SECOND,
	                              .fault = {.iova = 0x10000, .direction = DIRECTION_READ}}),
	        VERDICT_MAPPED);
	kind_is(judged(bench, (struct event){.ts_ns = 12 * SECOND, .fault = {.iova = 0x10000}}),
	        VERDICT_MAPPED);
}

static void the_page_after_a_mapping_is_told(void **state)
{
	struct bench *bench = *state;
	const struct snapshot_verdict *verdict;

	begin(bench);
	map(bench, 11 * SECOND, 0x10000, 0x4000, 0);
	verdict = judge(bench, 12 * SECOND, 0x14010);
	kind_is(verdict, VERDICT_AFTER);
	assert_int_equal(verdict->iova, 0x10000);
	assert_int_equal(verdict->size_bytes, 0x4000);
	assert_int_equal(verdict->pid, 42);
	kind_is(judge(bench, 12 * SECOND, 0x15000), VERDICT_NEVER);
	kind_is(judge(bench, 12 * SECOND, 0xf000), VERDICT_NEVER);
	kind_is(judge(bench, 12 * SECOND, 0), VERDICT_NEVER);
	unmap(bench, 13 * SECOND, 0x10000, 0x4000);
	kind_is(judge(bench, 14 * SECOND, 0x14010), VERDICT_NEVER);
}

static void what_a_failed_map_took_back_was_never_mapped(void **state)
{
	struct bench *bench = *state;
	const struct event ev = {.ts_ns = 11 * SECOND,
	                         .kind = EVENT_UNMAP,
	                         .unmap = {.iova = 0x10000,
	                                   .size_bytes = 0x1000,
	                                   .unmapped_bytes = 0x1000,
	                                   .domain = 3,
	                                   .undoes = true}};

	begin(bench);
	model_apply(bench->model, &ev);
	kind_is(judge(bench, 12 * SECOND, 0x10000), VERDICT_NEVER);
}

/* ---- how far back ---- */

static void without_a_history_nothing_is_claimed(void **state)
{
	struct bench *bench = *state;
	struct model_limits limits = model_default_limits;
	const struct snapshot_verdict *verdict;

	limits.history_bytes = 0;
	model_free(bench->model);
	bench->model = model_new(&limits);
	begin(bench);
	map(bench, 11 * SECOND, 0x10000, 0x4000, 0);
	map(bench, 11 * SECOND, 0x20000, 0x4000, 0);
	unmap(bench, 12 * SECOND, 0x10000, 0x4000);
	for (uint64_t iova = 0x10000; iova <= 0x30000; iova += 0x10000) {
		verdict = judge(bench, 13 * SECOND, iova);
		kind_is(verdict, VERDICT_NOT_KNOWN);
		assert_true(verdict->unkept);
		assert_int_equal(verdict->since_ns, 0);
	}
}

static void what_was_missed_is_not_known(void **state)
{
	struct bench *bench = *state;
	const struct snapshot_verdict *verdict;
	const struct event lost = {.ts_ns = 12 * SECOND,
	                           .kind = EVENT_LOST,
	                           .lost = {.count = 1, .source = SOURCE_TRACE}};

	begin(bench);
	map(bench, 11 * SECOND, 0x10000, 0x4000, 0);
	kind_is(judge(bench, 12 * SECOND, 0x50000), VERDICT_NEVER);
	model_apply(bench->model, &lost);
	verdict = judge(bench, 13 * SECOND, 0x50000);
	kind_is(verdict, VERDICT_NOT_KNOWN);
	assert_int_equal(verdict->since_ns, 12 * SECOND);
	kind_is(judge(bench, 13 * SECOND, 0x10000), VERDICT_NOT_KNOWN);
	kind_is(judge(bench, 13 * SECOND, 0x14000), VERDICT_NOT_KNOWN);
	map(bench, 13 * SECOND, 0x10000, 0x1000, 0);
	kind_is(judge(bench, 14 * SECOND, 0x10000), VERDICT_MAPPED);
}

static void a_loss_of_the_log_is_no_loss_of_maps(void **state)
{
	struct bench *bench = *state;
	const struct event lost = {.ts_ns = 12 * SECOND,
	                           .kind = EVENT_LOST,
	                           .lost = {.count = 1, .source = SOURCE_LOG}};

	begin(bench);
	model_apply(bench->model, &lost);
	kind_is(judge(bench, 13 * SECOND, 0x50000), VERDICT_NEVER);
}

static void counts_and_a_class_off_say_nothing_of_addresses(void **state)
{
	struct bench *bench = *state;
	struct event ev = {
		.ts_ns = 12 * SECOND, .kind = EVENT_CLASS, .class = {.class = CLASS_UNMAP}};

	begin(bench);
	map(bench, 11 * SECOND, 0x10000, 0x4000, 0);
	model_apply(bench->model, &ev);
	kind_is(judge(bench, 13 * SECOND, 0x10000), VERDICT_NOT_KNOWN);
	assert_int_equal(judge(bench, 13 * SECOND, 0x10000)->since_ns, 0);
	ev.ts_ns = 14 * SECOND;
	ev.class.on = true;
	model_apply(bench->model, &ev);
	assert_int_equal(judge(bench, 15 * SECOND, 0x10000)->since_ns, 14 * SECOND);
	say_collect(bench->model, COLLECT_COUNTS, false);
	assert_int_equal(judge(bench, 15 * SECOND, 0x10000)->since_ns, 0);
}

static void a_domain_older_than_the_start_may_have_had_it(void **state)
{
	struct bench *bench = *state;
	const struct snapshot_verdict *verdict;

	begin(bench);
	say_attach(bench->model, 20 * SECOND, DEVICE, 1);
	verdict = judge(bench, 30 * SECOND, 0x50000);
	kind_is(verdict, VERDICT_NOT_KNOWN);
	assert_int_equal(verdict->domain, 1);
	assert_int_equal(verdict->since_ns, SECOND);
}

static void before_the_start_nobody_looked(void **state)
{
	struct bench *bench = *state;
	const struct snapshot_verdict *verdict;

	begin(bench);
	verdict = judge(bench, SECOND / 2, 0x50000);
	kind_is(verdict, VERDICT_NOT_KNOWN);
	assert_int_equal(verdict->since_ns, SECOND);
	assert_int_equal(verdict->domain, NO_DOMAIN);
}

/* A device that has just been moved may have faulted before that. */
static void close_to_the_attach_is_uncertain(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	assert_true(judge(bench, 10 * SECOND + 5 * MILLISECOND, 0x50000)->uncertain);
	assert_false(judge(bench, 10 * SECOND + 6 * MILLISECOND, 0x50000)->uncertain);
}

/* ---- whom and what to ask ---- */

static void there_must_be_something_to_ask(void **state)
{
	struct bench *bench = *state;
	const struct event faults[] = {
		{.ts_ns = 12 * SECOND, .fault = {.flags = FAULT_PAGE_MASKED}},
		{.ts_ns = 12 * SECOND, .fault = {.flags = FAULT_INTERRUPT | FAULT_HAS_IOVA}},
		{.ts_ns = 12 * SECOND,
	         .fault = {.device = "0000:00:09.0", .flags = FAULT_HAS_IOVA}},
		{.ts_ns = 12 * SECOND,
	         .fault = {.pasid = 4, .flags = FAULT_HAS_IOVA | FAULT_HAS_PASID}},
	};

	begin(bench);
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++)
		kind_is(judged(bench, faults[i]), VERDICT_NOT_ASKED);
}

static void a_pasid_is_asked_for_its_own_domain(void **state)
{
	struct bench *bench = *state;
	const struct event fault = {
		.ts_ns = 13 * SECOND,
		.fault = {.iova = 0x10000, .pasid = 4, .flags = FAULT_HAS_IOVA | FAULT_HAS_PASID}};

	begin(bench);
	map(bench, 11 * SECOND, 0x10000, 0x1000, 0);
	say_type(bench->model, 12 * SECOND, 5, DOMAIN_TYPE_UNMANAGED);
	say_member(bench->model, EVENT_ATTACH, 12 * SECOND, DEVICE, 5, 4);
	kind_is(judged(bench, fault), VERDICT_NEVER);
	assert_int_equal(judged(bench, fault)->domain, 5);
	kind_is(judge(bench, 13 * SECOND, 0x10000), VERDICT_MAPPED);
}

static void domains_that_translate_nothing_say_so(void **state)
{
	static const struct {
		enum domain_type type;
		enum verdict_kind kind;
	} types[] = {
		{DOMAIN_TYPE_IDENTITY, VERDICT_IDENTITY}, {DOMAIN_TYPE_BLOCKED, VERDICT_BLOCKED},
		{DOMAIN_TYPE_NESTED, VERDICT_NOT_KNOWN},  {DOMAIN_TYPE_SVA, VERDICT_NOT_KNOWN},
		{DOMAIN_TYPE_DMA, VERDICT_NEVER},         {DOMAIN_TYPE_UNKNOWN, VERDICT_NOT_KNOWN},
	};
	struct bench *bench = *state;

	begin(bench);
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		say_type(bench->model, 11 * SECOND, 3, types[i].type);
		kind_is(judge(bench, 12 * SECOND, 0x50000), types[i].kind);
	}
}

/* Its DMA API maps past the tracepoints: what was not seen may be there. */
static void an_old_kernel_hides_what_its_drivers_map(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	say_type(bench->model, 11 * SECOND, 3, DOMAIN_TYPE_DMA);
	kind_is(judge(bench, 12 * SECOND, 0x50000), VERDICT_NEVER);
	say_text(bench->model, ATTR_KERNEL, NULL, 0, "5.10.0");
	kind_is(judge(bench, 12 * SECOND, 0x50000), VERDICT_NOT_KNOWN);
	say_type(bench->model, 11 * SECOND, 3, DOMAIN_TYPE_UNMANAGED);
	kind_is(judge(bench, 12 * SECOND, 0x50000), VERDICT_NEVER);
}

static void reserved_regions_are_told(void **state)
{
	struct bench *bench = *state;
	const struct snapshot_verdict *verdict;

	begin(bench);
	say_text(bench->model, ATTR_GROUP_RESERVED, NULL, 1,
	         "direct 0x50000-0x50fff,msi 0xfee00000-0xfeefffff");
	verdict = judge(bench, 12 * SECOND, 0x50fff);
	kind_is(verdict, VERDICT_RESERVED);
	assert_int_equal(verdict->iova, 0x50000);
	assert_int_equal(verdict->size_bytes, 0x1000);
	kind_is(judge(bench, 12 * SECOND, 0xfeefffff), VERDICT_RESERVED);
	kind_is(judge(bench, 12 * SECOND, 0x51000), VERDICT_NEVER);
	map(bench, 12 * SECOND, 0x50000, 0x1000, 0);
	kind_is(judge(bench, 13 * SECOND, 0x50000), VERDICT_MAPPED);
	say_text(bench->model, ATTR_GROUP_RESERVED, NULL, 1, "msi 0x,direct");
	kind_is(judge(bench, 13 * SECOND, 0x60000), VERDICT_NEVER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(an_address_unmapped_before_says_when_and_by_whom),
		bench_test(nobody_is_named_for_what_an_interrupt_did),
		bench_test(only_a_protection_that_is_known_forbids),
		bench_test(the_page_after_a_mapping_is_told),
		bench_test(what_a_failed_map_took_back_was_never_mapped),
		bench_test(without_a_history_nothing_is_claimed),
		bench_test(what_was_missed_is_not_known),
		bench_test(a_loss_of_the_log_is_no_loss_of_maps),
		bench_test(counts_and_a_class_off_say_nothing_of_addresses),
		bench_test(a_domain_older_than_the_start_may_have_had_it),
		bench_test(before_the_start_nobody_looked),
		bench_test(close_to_the_attach_is_uncertain),
		bench_test(there_must_be_something_to_ask),
		bench_test(a_pasid_is_asked_for_its_own_domain),
		bench_test(domains_that_translate_nothing_say_so),
		bench_test(an_old_kernel_hides_what_its_drivers_map),
		bench_test(reserved_regions_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

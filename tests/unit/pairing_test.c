// SPDX-License-Identifier: GPL-2.0-or-later
/* pairing: each case by itself, then random contexts against a known truth. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sources/pairing.h"
#include "sources/stream.h"
#include "util.h"

#define D1   0xffff888000001000u
#define D2   0xffff888000002000u
#define DEV1 0xffff888000100000u
#define DEV2 0xffff888000200000u
#define NIC  "0000:00:02.0"
#define DISK "0000:00:04.0"

/* A pairing, what it has emitted, and the context that the next records are of. */
struct desk {
	struct domain_ids *ids;
	struct pairing *pairing;
	struct event_queue heard;
	size_t read;
	struct raw at; /* time, cpu, pid, context of the next record */
};

static int set_up(void **state)
{
	struct desk *desk = xcalloc(1, sizeof(*desk));

	desk->ids = domain_ids_new();
	desk->pairing = pairing_new(desk->ids);
	desk->at = (struct raw){.ts_ns = 1000, .pid = 100};
	*state = desk;
	return 0;
}

static int tear_down(void **state)
{
	struct desk *desk = *state;

	pairing_free(desk->pairing);
	domain_ids_free(desk->ids);
	event_queue_release(&desk->heard);
	free(desk);
	return 0;
}

static void hear(void *context, const struct event *ev)
{
	struct desk *desk = context;

	event_queue_push(&desk->heard, ev);
}

static void take(struct desk *desk, uint8_t kind, const char *text, uint64_t v0, uint64_t v1,
                 uint64_t v2, uint64_t v3)
{
	struct event_sink sink = {.emit = hear, .context = desk};
	struct raw raw = desk->at;

	raw.kind = kind;
	raw.text = (char *)text;
	raw.value[0] = v0;
	raw.value[1] = v1;
	raw.value[2] = v2;
	raw.value[3] = v3;
	pairing_take(desk->pairing, &raw, raw.ts_ns, &sink);
	desk->at.ts_ns += 10;
}

static void settle(struct desk *desk)
{
	struct event_sink sink = {.emit = hear, .context = desk};

	pairing_settle(desk->pairing, desk->at.ts_ns, desk->at.ts_ns, &sink);
}

static void map_call(struct desk *desk, uint64_t domain, uint64_t iova, uint64_t size)
{
	take(desk, RAW_MAP_CALL, NULL, domain, iova, size, 7);
}

static void map(struct desk *desk, uint64_t iova, uint64_t size)
{
	take(desk, RAW_MAP, NULL, iova, size, 0, 0);
}

static void map_return(struct desk *desk, int32_t ret)
{
	take(desk, RAW_MAP_RETURN, NULL, (uint64_t)(int64_t)ret, 0, 0, 0);
}

static void unmap_call(struct desk *desk, uint64_t domain, uint64_t iova, uint64_t size)
{
	take(desk, RAW_UNMAP_CALL, NULL, domain, iova, size, DOMAIN_TYPE_UNKNOWN);
}

static void unmap(struct desk *desk, uint64_t iova, uint64_t size, uint64_t unmapped)
{
	take(desk, RAW_UNMAP, NULL, iova, size, unmapped, 0);
}

static void task(struct desk *desk, int32_t pid, uint16_t cpu)
{
	desk->at.pid = pid;
	desk->at.cpu = cpu;
	desk->at.context = 0;
}

/* The next event that was not read yet; it is of this kind. */
static const struct event *next(struct desk *desk, enum event_kind kind)
{
	const struct event *ev;

	assert_true(desk->read < desk->heard.count);
	ev = &desk->heard.events[desk->heard.first + desk->read++];
	assert_int_equal(ev->kind, kind);
	return ev;
}

static void nothing_more(const struct desk *desk)
{
	assert_int_equal(desk->read, desk->heard.count);
}

static uint32_t id(const struct desk *desk, uint64_t address)
{
	return domain_ids_find(desk->ids, address);
}

static void map_of(struct desk *desk, uint32_t domain, uint64_t iova)
{
	const struct event *ev = next(desk, EVENT_MAP);

	assert_int_equal(ev->map.domain, domain);
	assert_int_equal(ev->map.iova, iova);
}

static void unmap_of(struct desk *desk, uint32_t domain, uint64_t iova, bool undoes)
{
	const struct event *ev = next(desk, EVENT_UNMAP);

	assert_int_equal(ev->unmap.domain, domain);
	assert_int_equal(ev->unmap.iova, iova);
	assert_int_equal(ev->unmap.undoes, undoes);
}

static void failed_of(struct desk *desk, uint32_t domain, uint64_t iova, uint64_t size,
                      int32_t error)
{
	const struct event *ev = next(desk, EVENT_MAP_FAILED);

	assert_int_equal(ev->map_failed.domain, domain);
	assert_int_equal(ev->map_failed.iova, iova);
	assert_int_equal(ev->map_failed.size_bytes, size);
	assert_int_equal(ev->map_failed.error, error);
	assert_int_equal(ev->pid, 100);
}

static void type_of(struct desk *desk, uint32_t domain, uint64_t type)
{
	const struct event *ev = next(desk, EVENT_ATTR);

	assert_int_equal(ev->attr.attribute, ATTR_DOMAIN_TYPE);
	assert_int_equal(ev->attr.id, domain);
	assert_int_equal(ev->attr.value, type);
}

static void attach_of(struct desk *desk, const char *device, uint32_t domain, uint32_t pasid)
{
	const struct event *ev = next(desk, EVENT_ATTACH);

	assert_string_equal(ev->member.device, device);
	assert_int_equal(ev->member.domain, domain);
	assert_int_equal(ev->member.pasid, pasid);
}

/* ---- without probes ---- */

static void without_probes_nothing_is_attributed(void **state)
{
	struct desk *desk = *state;
	const struct event *ev;

	desk->at.context = CONTEXT_SOFT_IRQ;
	desk->at.cpu = 3;
	map(desk, 0x1000, 0x3000);
	unmap(desk, 0x1000, 0x3000, 0x2000);
	ev = next(desk, EVENT_MAP);
	assert_int_equal(ev->ts_ns, 1000);
	assert_int_equal(ev->cpu, 3);
	assert_int_equal(ev->pid, 100);
	assert_int_equal(ev->context, CONTEXT_SOFT_IRQ);
	assert_int_equal(ev->map.iova, 0x1000);
	assert_int_equal(ev->map.size_bytes, 0x3000);
	assert_int_equal(ev->map.domain, DOMAIN_UNATTRIBUTED);
	assert_int_equal(ev->map.inside_ns, 0);
	assert_int_equal(ev->map.protection, 0);
	ev = next(desk, EVENT_UNMAP);
	assert_int_equal(ev->unmap.size_bytes, 0x3000);
	assert_int_equal(ev->unmap.unmapped_bytes, 0x2000);
	assert_int_equal(ev->unmap.domain, DOMAIN_UNATTRIBUTED);
	nothing_more(desk);
	assert_int_equal(pairing_unnamed(desk->pairing), 0);
}

static void members_are_told(void **state)
{
	struct desk *desk = *state;
	const struct event *ev;

	take(desk, RAW_ATTACH, NIC, 0, 0, 0, 0);
	take(desk, RAW_DETACH, NIC, 0, 0, 0, 0);
	take(desk, RAW_GROUP_ADD, NIC, 12, 0, 0, 0);
	take(desk, RAW_GROUP_LEAVE, NIC, 13, 0, 0, 0);
	attach_of(desk, NIC, DOMAIN_UNATTRIBUTED, 0);
	assert_string_equal(next(desk, EVENT_DETACH)->member.device, NIC);
	ev = next(desk, EVENT_GROUP_ADD);
	assert_string_equal(ev->member.device, NIC);
	assert_int_equal(ev->member.group, 12);
	ev = next(desk, EVENT_GROUP_LEAVE);
	assert_string_equal(ev->member.device, NIC);
	assert_int_equal(ev->member.group, 13);
	nothing_more(desk);
}

static void faults_are_told(void **state)
{
	static const struct {
		uint64_t flags;
		uint8_t direction;
	} rows[] = {{0, DIRECTION_READ}, {1, DIRECTION_WRITE}, {2, DIRECTION_UNKNOWN}};
	struct desk *desk = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct event *ev;

		take(desk, RAW_FAULT, NIC, 0x5678000, rows[i].flags, 0, 0);
		ev = next(desk, EVENT_FAULT);
		assert_string_equal(ev->fault.device, NIC);
		assert_null(ev->fault.reason);
		assert_int_equal(ev->fault.iova, 0x5678000);
		assert_int_equal(ev->fault.flags, FAULT_HAS_IOVA);
		assert_int_equal(ev->fault.source, SOURCE_TRACE);
		assert_int_equal(ev->fault.direction, rows[i].direction);
	}
}

static void page_requests_are_told(void **state)
{
	static const struct {
		uint64_t dw0, dw1;
		uint8_t direction, flags;
		uint32_t pasid;
	} rows[] = {
		{0x0000000000180001, 0x5678001, DIRECTION_READ, 0, 0},
		{0x0000000000180001, 0x5678003, DIRECTION_WRITE, 0, 0},
		{0x0000000000180001, 0x5678ffc, DIRECTION_UNKNOWN, 0, 0},
		{0x0000002a00180101, 0x5678002, DIRECTION_WRITE, FAULT_HAS_PASID, 42},
		{0xff9fffff00180101, 0x5678005, DIRECTION_EXECUTE, FAULT_HAS_PASID, 0xfffff},
		/* a number without its bit is none */
		{0x0000002a00180001, 0x5678001, DIRECTION_READ, 0, 0},
	};
	struct desk *desk = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct event *ev;

		take(desk, RAW_PAGE_REQUEST, NIC, rows[i].dw0, rows[i].dw1, 0, 0);
		ev = next(desk, EVENT_FAULT);
		assert_string_equal(ev->fault.device, NIC);
		assert_string_equal(ev->fault.reason, "page request");
		assert_int_equal(ev->fault.iova, 0x5678000);
		assert_int_equal(ev->fault.flags,
		                 FAULT_HAS_IOVA | FAULT_PAGE_MASKED | rows[i].flags);
		assert_int_equal(ev->fault.pasid, rows[i].pasid);
		assert_int_equal(ev->fault.dialect, FAULT_VTD);
		assert_int_equal(ev->fault.source, SOURCE_TRACE);
		assert_int_equal(ev->fault.direction, rows[i].direction);
	}
}

static void losses_are_told(void **state)
{
	struct desk *desk = *state;
	const struct event *ev;

	take(desk, RAW_LOST, NULL, 300, 0, 0, 0);
	take(desk, RAW_LOST, NULL, 0, 0, 0, 0);
	ev = next(desk, EVENT_LOST);
	assert_int_equal(ev->lost.count, 300);
	assert_true(ev->lost.exact);
	assert_int_equal(ev->lost.source, SOURCE_TRACE);
	ev = next(desk, EVENT_LOST);
	assert_int_equal(ev->lost.count, 1);
	assert_false(ev->lost.exact);
	nothing_more(desk);
}

static void what_cannot_be_read_ends_its_own_context(void **state)
{
	struct desk *desk = *state;
	const int32_t pid = desk->at.pid;

	map_call(desk, D1, 0x1000, 4096);
	desk->at.pid = pid + 1;
	map_call(desk, D1, 0x8000, 4096);
	take(desk, RAW_UNREAD, NULL, RAW_MAP, 0, 0, 0);
	map_call(desk, D1, 0x9000, 4096);
	map(desk, 0x9000, 4096);
	assert_int_equal(next(desk, EVENT_MAP)->map.domain, 1);
	desk->at.pid = pid;
	map(desk, 0x1000, 4096);
	assert_int_equal(next(desk, EVENT_MAP)->map.domain, 1);
	nothing_more(desk);
}

/* ---- pairs ---- */

static void a_call_and_its_tracepoint_are_one_event(void **state)
{
	struct desk *desk = *state;
	const struct event *ev;

	map_call(desk, D1, 0x1000, 8192);
	map(desk, 0x1000, 8192);
	desk->at.ts_ns += 90;
	take(desk, RAW_UNMAP_CALL, NULL, D1, 0x1000, 8192, DOMAIN_TYPE_DMA);
	unmap(desk, 0x1000, 8192, 4096);
	ev = next(desk, EVENT_MAP);
	assert_int_equal(ev->map.domain, 1);
	assert_int_equal(ev->map.inside_ns, 10);
	assert_int_equal(ev->map.protection, MAP_READ | MAP_WRITE | MAP_PROTECTION_KNOWN);
	type_of(desk, 1, DOMAIN_TYPE_DMA);
	ev = next(desk, EVENT_UNMAP);
	assert_int_equal(ev->unmap.domain, 1);
	assert_int_equal(ev->unmap.inside_ns, 10);
	assert_int_equal(ev->unmap.size_bytes, 8192);
	assert_int_equal(ev->unmap.unmapped_bytes, 4096);
	assert_false(ev->unmap.undoes);
	nothing_more(desk);
}

static void the_time_inside_is_at_least_one_and_has_an_end(void **state)
{
	struct desk *desk = *state;

	map_call(desk, D1, 0x1000, 4096);
	desk->at.ts_ns -= 10;
	map(desk, 0x1000, 4096);
	assert_int_equal(next(desk, EVENT_MAP)->map.inside_ns, 1);
	map_call(desk, D1, 0x1000, 4096);
	desk->at.ts_ns += 1ull << 40;
	map(desk, 0x1000, 4096);
	assert_int_equal(next(desk, EVENT_MAP)->map.inside_ns, UINT32_MAX);
}

static void a_type_is_told_when_it_changes(void **state)
{
	struct desk *desk = *state;

	for (int i = 0; i < 4; i++)
		take(desk, RAW_UNMAP_CALL, NULL, D1, 0, 4096, i / 2 ? 11 : 3);
	type_of(desk, 1, DOMAIN_TYPE_DMA);
	type_of(desk, 1, DOMAIN_TYPE_DMA_FQ);
	nothing_more(desk);
}

static void an_interrupt_has_calls_of_its_own(void **state)
{
	struct desk *desk = *state;

	map_call(desk, D1, 0x1000, 4096);
	desk->at.context = CONTEXT_SOFT_IRQ;
	map_call(desk, D2, 0x1000, 4096);
	desk->at.context = CONTEXT_HARD_IRQ | CONTEXT_SOFT_IRQ | CONTEXT_NEED_RESCHED;
	map_call(desk, D1, 0x3000, 4096);
	desk->at.context = CONTEXT_HARD_IRQ | CONTEXT_SOFT_IRQ;
	map(desk, 0x3000, 4096);
	desk->at.context = CONTEXT_SOFT_IRQ;
	map(desk, 0x1000, 4096);
	desk->at.context = CONTEXT_NEED_RESCHED;
	map(desk, 0x1000, 4096);
	map_of(desk, id(desk, D1), 0x3000);
	map_of(desk, id(desk, D2), 0x1000);
	map_of(desk, id(desk, D1), 0x1000);
	nothing_more(desk);
}

/* Whatever task an interrupt came upon, its calls are the CPU's. */
static void an_interrupt_does_not_belong_to_the_task(void **state)
{
	struct desk *desk = *state;

	desk->at.context = CONTEXT_HARD_IRQ;
	map_call(desk, D1, 0x1000, 4096);
	desk->at.cpu = 1;
	map(desk, 0x1000, 4096);
	map_of(desk, DOMAIN_UNATTRIBUTED, 0x1000);
	desk->at.cpu = 0;
	desk->at.pid = 101;
	map(desk, 0x1000, 4096);
	map_of(desk, id(desk, D1), 0x1000);
}

static void idle_is_another_context_on_each_cpu(void **state)
{
	struct desk *desk = *state;

	desk->at.pid = 0;
	for (uint16_t cpu = 0; cpu < 300; cpu++) {
		desk->at.cpu = cpu;
		map_call(desk, D1 + cpu * 0x100u, 0x1000, 4096);
	}
	for (uint16_t cpu = 300; cpu-- > 0;) {
		desk->at.cpu = cpu;
		map(desk, 0x1000, 4096);
		map_of(desk, cpu + 1u, 0x1000);
	}
	nothing_more(desk);
}

static void a_task_may_migrate_inside(void **state)
{
	struct desk *desk = *state;

	map_call(desk, D1, 0x1000, 4096);
	task(desk, 101, 0);
	map_call(desk, D2, 0x1000, 4096);
	task(desk, 100, 1);
	map(desk, 0x1000, 4096);
	task(desk, 101, 0);
	map(desk, 0x1000, 4096);
	map_of(desk, id(desk, D1), 0x1000);
	map_of(desk, id(desk, D2), 0x1000);
	nothing_more(desk);
}

static void only_the_same_range_pairs(void **state)
{
	struct desk *desk = *state;

	map_call(desk, D1, 0x1000, 4096);
	map(desk, 0x2000, 4096); /* its probe missed a hit */
	map(desk, 0x1000, 4096);
	map_call(desk, D1, 0x1000, 4096);
	map(desk, 0x1000, 8192);
	unmap_call(desk, D1, 0x1000, 8192);
	unmap(desk, 0x1000, 4096, 4096);
	unmap_call(desk, D1, 0x1000, 8192);
	map(desk, 0x1000, 8192);
	map_of(desk, DOMAIN_UNATTRIBUTED, 0x2000);
	map_of(desk, DOMAIN_UNATTRIBUTED, 0x1000);
	map_of(desk, DOMAIN_UNATTRIBUTED, 0x1000);
	unmap_of(desk, DOMAIN_UNATTRIBUTED, 0x1000, false);
	map_of(desk, DOMAIN_UNATTRIBUTED, 0x1000);
	nothing_more(desk);
}

static void a_missed_probe_costs_one_event(void **state)
{
	struct desk *desk = *state;

	map_call(desk, D1, 0x1000, 4096);
	map(desk, 0x1000, 4096);
	map(desk, 0x1000, 4096);
	map_call(desk, D2, 0x1000, 4096);
	map(desk, 0x1000, 4096);
	map_of(desk, id(desk, D1), 0x1000);
	map_of(desk, DOMAIN_UNATTRIBUTED, 0x1000);
	map_of(desk, id(desk, D2), 0x1000);
	nothing_more(desk);
}

static void reclaim_maps_inside_of_a_map(void **state)
{
	struct desk *desk = *state;

	map_call(desk, D1, 0x1000, 1 << 20);
	for (uint64_t i = 0; i < 3; i++) {
		map_call(desk, D2, 0x5000 + (i << 12), 4096);
		map(desk, 0x5000 + (i << 12), 4096);
		map_of(desk, id(desk, D2), 0x5000 + (i << 12));
	}
	unmap_call(desk, D2, 0x5000, 4096);
	unmap(desk, 0x5000, 4096, 4096);
	unmap_of(desk, id(desk, D2), 0x5000, false);
	map(desk, 0x1000, 1 << 20);
	map_of(desk, id(desk, D1), 0x1000);
	nothing_more(desk);
}

/* Up to 7.0: the outer one fails after the inner one has. */
static void maps_fail_inside_of_maps(void **state)
{
	struct desk *desk = *state;

	map_call(desk, D1, 0x1000, 1 << 20);
	map_call(desk, D2, 0x5000, 8192);
	unmap_call(desk, D2, 0x5000, 0);
	unmap(desk, 0x5000, 0, 0);
	map_return(desk, -12);
	unmap_call(desk, D1, 0x1000, 4096);
	unmap(desk, 0x1000, 4096, 4096);
	map_return(desk, -28);
	unmap_of(desk, id(desk, D2), 0x5000, true);
	failed_of(desk, id(desk, D2), 0x5000, 8192, 12);
	unmap_of(desk, id(desk, D1), 0x1000, true);
	failed_of(desk, id(desk, D1), 0x1000, 1 << 20, 28);
	nothing_more(desk);
}

/* More tasks than there are places at the same time: some are forgotten, none is confused. */
static void too_many_tasks_cost_unattributed_events(void **state)
{
	struct desk *desk = *state;
	unsigned int attributed = 0;

	for (int32_t pid = 1; pid <= 20000; pid++) {
		task(desk, pid, 0);
		map_call(desk, D1 + (uint32_t)pid * 0x100u, 0x1000, 4096);
	}
	for (int32_t pid = 1; pid <= 20000; pid++) {
		const struct event *ev;

		task(desk, pid, 0);
		map(desk, 0x1000, 4096);
		ev = next(desk, EVENT_MAP);
		if (ev->map.domain == DOMAIN_UNATTRIBUTED)
			continue;
		assert_int_equal(ev->map.domain, pid);
		attributed++;
	}
	nothing_more(desk);
	assert_in_range(attributed, 1000, 4096);
}

/* ---- maps that fail ---- */

static void up_to_7_0_a_failed_map_only_undoes(void **state)
{
	struct desk *desk = *state;

	map_call(desk, D1, 0x1000, 16384);
	unmap_call(desk, D1, 0x1000, 8192);
	unmap(desk, 0x1000, 8192, 8192);
	map_return(desk, -12);
	unmap_of(desk, 1, 0x1000, true);
	failed_of(desk, 1, 0x1000, 16384, 12);
	map_call(desk, D1, 0x1000, 16384);
	map(desk, 0x1000, 16384);
	unmap_call(desk, D1, 0x1000, 8192);
	unmap(desk, 0x1000, 8192, 8192);
	map_of(desk, 1, 0x1000);
	unmap_of(desk, 1, 0x1000, false);
	nothing_more(desk);
}

static void without_its_return_the_next_call_tells_of_a_failure(void **state)
{
	struct desk *desk = *state;

	map_call(desk, D1, 0x1000, 16384);
	unmap_call(desk, D1, 0x1000, 0);
	unmap(desk, 0x1000, 0, 0);
	map_call(desk, D2, 0x1000, 16384);
	map(desk, 0x1000, 16384);
	unmap_of(desk, 1, 0x1000, true);
	failed_of(desk, 1, 0x1000, 16384, 0);
	map_of(desk, 2, 0x1000);
	nothing_more(desk);
}

static void without_anything_patience_ends(void **state)
{
	struct desk *desk = *state;

	map_call(desk, D1, 0x1000, 16384);
	unmap_call(desk, D1, 0x1000, 0);
	unmap(desk, 0x1000, 0, 0);
	settle(desk);
	unmap_of(desk, 1, 0x1000, true);
	nothing_more(desk);
	desk->at.ts_ns += PAIRING_PATIENCE_NS;
	settle(desk);
	failed_of(desk, 1, 0x1000, 16384, 0);
	settle(desk);
	map_return(desk, -12);
	map_call(desk, D1, 0x1000, 16384);
	nothing_more(desk);
}

static void a_refused_map_is_told_by_its_return_or_its_successor(void **state)
{
	struct desk *desk = *state;

	map_call(desk, D1, 0x1000, 16384);
	map_return(desk, -22);
	failed_of(desk, 1, 0x1000, 16384, 22);
	map_call(desk, D1, 0x2000, 16384);
	map_call(desk, D1, 0x3000, 16384);
	failed_of(desk, 1, 0x2000, 16384, 0);
	map_return(desk, 0);
	map(desk, 0x3000, 16384);
	map_of(desk, 1, 0x3000);
	map_return(desk, -22);
	nothing_more(desk);
}

static void from_7_1_on_the_tracepoint_tells_of_a_failure(void **state)
{
	static const uint64_t mapped[] = {0, 4096};
	struct desk *desk = *state;

	for (size_t i = 0; i < ARRAY_SIZE(mapped); i++) {
		map_call(desk, D1, 0x1000, 16384);
		map(desk, 0x1000, mapped[i]);
		unmap_call(desk, D1, 0x1000, mapped[i]);
		unmap(desk, 0x1000, mapped[i], mapped[i]);
		map_return(desk, -12);
		unmap_of(desk, 1, 0x1000, true);
		failed_of(desk, 1, 0x1000, 16384, 12);
		nothing_more(desk);
	}
}

static void the_undo_may_follow_the_return(void **state)
{
	struct desk *desk = *state;

	map_call(desk, D1, 0x1000, 16384);
	map(desk, 0x1000, 4096);
	map_return(desk, -12);
	unmap_call(desk, D1, 0x1000, 4096);
	unmap(desk, 0x1000, 4096, 4096);
	unmap_call(desk, D1, 0x1000, 4096);
	unmap(desk, 0x1000, 4096, 4096);
	failed_of(desk, 1, 0x1000, 16384, 12);
	unmap_of(desk, 1, 0x1000, true);
	unmap_of(desk, 1, 0x1000, false);
	nothing_more(desk);
}

static void from_7_1_on_without_its_return(void **state)
{
	struct desk *desk = *state;

	map_call(desk, D1, 0x1000, 16384);
	map(desk, 0x1000, 4096);
	unmap_call(desk, D1, 0x1000, 4096);
	unmap(desk, 0x1000, 4096, 4096);
	unmap_call(desk, D1, 0x1000, 4096);
	unmap_of(desk, 1, 0x1000, true);
	failed_of(desk, 1, 0x1000, 16384, 0);
	unmap(desk, 0x1000, 4096, 4096);
	unmap_of(desk, 1, 0x1000, false);
	nothing_more(desk);
}

static void another_domains_unmap_undoes_nothing(void **state)
{
	struct desk *desk = *state;

	map_call(desk, D1, 0x1000, 16384);
	map(desk, 0x1000, 4096);
	unmap_call(desk, D2, 0x1000, 4096);
	failed_of(desk, 1, 0x1000, 16384, 0);
	unmap(desk, 0x1000, 4096, 4096);
	unmap_of(desk, 2, 0x1000, false);
	nothing_more(desk);
}

/* ---- losses ---- */

static void a_loss_empties_its_cpu_and_all_tasks(void **state)
{
	struct desk *desk = *state;

	map_call(desk, D1, 0x1000, 4096);
	task(desk, 101, 1);
	map_call(desk, D2, 0x1000, 16384);
	map(desk, 0x1000, 0);
	for (uint16_t cpu = 0; cpu < 2; cpu++) {
		desk->at = (struct raw){.ts_ns = desk->at.ts_ns, .cpu = cpu};
		map_call(desk, D1, 0x5000, 4096);
		desk->at.context = CONTEXT_HARD_IRQ;
		map_call(desk, D2, 0x6000, 4096);
	}
	desk->at.context = 0;
	take(desk, RAW_LOST, NULL, 7, 0, 0, 0);
	next(desk, EVENT_LOST);
	desk->at.ts_ns += 2 * PAIRING_PATIENCE_NS;
	settle(desk);
	for (uint16_t cpu = 0; cpu < 2; cpu++) {
		desk->at = (struct raw){.ts_ns = desk->at.ts_ns, .cpu = cpu};
		map(desk, 0x5000, 4096);
		desk->at.context = CONTEXT_HARD_IRQ;
		map(desk, 0x6000, 4096);
		map_of(desk, cpu ? DOMAIN_UNATTRIBUTED : id(desk, D1), 0x5000);
		map_of(desk, cpu ? DOMAIN_UNATTRIBUTED : id(desk, D2), 0x6000);
	}
	task(desk, 100, 0);
	map(desk, 0x1000, 4096);
	map_of(desk, DOMAIN_UNATTRIBUTED, 0x1000);
	map_call(desk, D2, 0x1000, 4096);
	map(desk, 0x1000, 4096);
	map_of(desk, id(desk, D2), 0x1000);
	nothing_more(desk);
}

static void no_task_pairs_in_a_gap(void **state)
{
	struct desk *desk = *state;

	desk->at.context = CONTEXT_HARD_IRQ;
	map_call(desk, D2, 0x9000, 4096);
	desk->at.context = 0;
	desk->at.cpu = 1;
	take(desk, RAW_GAP, NULL, 1040, 0, 0, 0);
	desk->at.cpu = 0;
	map_call(desk, D1, 0x1000, 4096); /* 1020 */
	map(desk, 0x1000, 4096);
	map_call(desk, D1, 0x1000, 4096); /* 1040 */
	map(desk, 0x1000, 4096);
	map_call(desk, D1, 0x1000, 4096); /* 1060 */
	map(desk, 0x1000, 4096);
	desk->at.context = CONTEXT_HARD_IRQ;
	map(desk, 0x9000, 4096);
	map_of(desk, DOMAIN_UNATTRIBUTED, 0x1000);
	map_of(desk, DOMAIN_UNATTRIBUTED, 0x1000);
	map_of(desk, id(desk, D1), 0x1000);
	map_of(desk, id(desk, D2), 0x9000);
	nothing_more(desk);
}

static void what_is_forgotten_has_not_failed(void **state)
{
	struct desk *desk = *state;

	map_call(desk, D1, 0x1000, 4096);
	desk->at.context = CONTEXT_HARD_IRQ;
	map_call(desk, D1, 0x1000, 4096);
	pairing_forget(desk->pairing);
	map(desk, 0x1000, 4096);
	desk->at.context = 0;
	map(desk, 0x1000, 4096);
	map_call(desk, D1, 0x2000, 4096);
	pairing_forget(desk->pairing);
	map_call(desk, D1, 0x3000, 4096);
	map_of(desk, DOMAIN_UNATTRIBUTED, 0x1000);
	map_of(desk, DOMAIN_UNATTRIBUTED, 0x1000);
	nothing_more(desk);
}

/* ---- attaches ---- */

static void attach_call(struct desk *desk, uint64_t domain, uint64_t device, uint64_t type)
{
	take(desk, RAW_ATTACH_CALL, NULL, domain, device, type, 0);
}

static void attach(struct desk *desk, const char *device)
{
	take(desk, RAW_ATTACH, device, 0, 0, 0, 0);
}

static void attach_return(struct desk *desk, int32_t ret)
{
	take(desk, RAW_ATTACH_RETURN, NULL, (uint64_t)(int64_t)ret, 0, 0, 0);
}

static void an_attach_has_its_domain(void **state)
{
	struct desk *desk = *state;

	attach_call(desk, D1, DEV1, DOMAIN_TYPE_DMA);
	map_call(desk, D1, 0xfee00000, 4096); /* direct mappings */
	map(desk, 0xfee00000, 4096);
	attach(desk, NIC);
	attach_return(desk, 0);
	type_of(desk, 1, DOMAIN_TYPE_DMA);
	map_of(desk, 1, 0xfee00000);
	attach_of(desk, NIC, 1, 0);
	attach_call(desk, D2, DEV1, DOMAIN_TYPE_UNMANAGED);
	attach(desk, NIC);
	type_of(desk, 2, DOMAIN_TYPE_UNMANAGED);
	attach_of(desk, NIC, 2, 0);
	nothing_more(desk);
}

static void a_refused_attach_is_told(void **state)
{
	struct desk *desk = *state;
	const struct event *ev;

	attach_call(desk, D1, DEV1, DOMAIN_TYPE_DMA);
	attach_return(desk, -16);
	type_of(desk, 1, DOMAIN_TYPE_DMA);
	ev = next(desk, EVENT_ATTACH_FAILED);
	assert_null(ev->member.device);
	assert_int_equal(ev->member.domain, 1);
	assert_int_equal(ev->member.error, 16);
	take(desk, RAW_GROUP_MEMBER, NIC, 5, DEV1, 0, 0);
	attach_call(desk, D1, DEV1, DOMAIN_TYPE_DMA);
	attach_return(desk, -22);
	ev = next(desk, EVENT_ATTACH_FAILED);
	assert_string_equal(ev->member.device, NIC);
	assert_int_equal(ev->member.error, 22);
	assert_int_equal(ev->pid, 100);
	attach(desk, NIC);
	attach_of(desk, NIC, DOMAIN_UNATTRIBUTED, 0);
	nothing_more(desk);
}

static void an_attach_without_tracepoint_counts_by_its_return(void **state)
{
	struct desk *desk = *state;

	take(desk, RAW_GROUP_MEMBER, NIC, 5, DEV1, 0, 0);
	attach_call(desk, D1, DEV1, DOMAIN_TYPE_UNKNOWN);
	attach_return(desk, 0);
	attach_of(desk, NIC, 1, 0);
	attach_call(desk, D1, DEV2, DOMAIN_TYPE_UNKNOWN);
	attach_return(desk, 0);
	attach_return(desk, 0);
	nothing_more(desk);
}

static void an_attach_whose_end_was_not_seen_is_dropped(void **state)
{
	struct desk *desk = *state;

	take(desk, RAW_GROUP_MEMBER, DISK, 5, DEV2, 0, 0);
	attach_call(desk, D1, DEV1, DOMAIN_TYPE_UNKNOWN);
	attach_call(desk, D2, DEV2, DOMAIN_TYPE_UNKNOWN);
	attach(desk, DISK);
	attach_of(desk, DISK, 2, 0);
	/* Refused, and the next call missed: another device's tracepoint is not its own. */
	attach_call(desk, D1, DEV2, DOMAIN_TYPE_UNKNOWN);
	attach(desk, NIC);
	attach_of(desk, NIC, DOMAIN_UNATTRIBUTED, 0);
	nothing_more(desk);
}

static void a_name_is_forgotten_when_its_device_leaves(void **state)
{
	struct desk *desk = *state;

	attach_call(desk, D1, DEV1, DOMAIN_TYPE_UNKNOWN);
	attach(desk, NIC);
	take(desk, RAW_GROUP_LEAVE, NIC, 5, 0, 0, 0);
	attach_call(desk, D1, DEV1, DOMAIN_TYPE_UNKNOWN);
	attach_return(desk, -16);
	attach_of(desk, NIC, 1, 0);
	next(desk, EVENT_GROUP_LEAVE);
	assert_null(next(desk, EVENT_ATTACH_FAILED)->member.device);
	nothing_more(desk);
}

static void a_pasid_is_attached_by_its_return(void **state)
{
	struct desk *desk = *state;
	const struct event *ev;

	take(desk, RAW_PASID_CALL, NULL, D1, DEV1, 3, DOMAIN_TYPE_SVA);
	take(desk, RAW_PASID_RETURN, NULL, 0, 0, 0, 0);
	type_of(desk, 1, DOMAIN_TYPE_SVA);
	nothing_more(desk);
	take(desk, RAW_GROUP_MEMBER, NIC, 5, DEV1, 0, 0);
	take(desk, RAW_PASID_CALL, NULL, D1, DEV1, 3, DOMAIN_TYPE_SVA);
	attach_return(desk, -5); /* of something else */
	take(desk, RAW_PASID_RETURN, NULL, 0, 0, 0, 0);
	attach_of(desk, NIC, 1, 3);
	take(desk, RAW_PASID_CALL, NULL, D1, DEV1, 4, DOMAIN_TYPE_SVA);
	take(desk, RAW_PASID_RETURN, NULL, (uint32_t)-16, 0, 0, 0); /* 32 bits will do */
	ev = next(desk, EVENT_ATTACH_FAILED);
	assert_string_equal(ev->member.device, NIC);
	assert_int_equal(ev->member.pasid, 4);
	assert_int_equal(ev->member.error, 16);
	nothing_more(desk);
}

/* ---- lives and names of domains ---- */

static void a_freed_address_is_another_domain(void **state)
{
	struct desk *desk = *state;
	const struct event *ev;

	map_call(desk, D1, 0x1000, 4096);
	map(desk, 0x1000, 4096);
	take(desk, RAW_DOMAIN_FREE, NULL, D1, 0, 0, 0);
	take(desk, RAW_DOMAIN_FREE, NULL, D1, 0, 0, 0);
	map_call(desk, D1, 0x1000, 4096);
	map(desk, 0x1000, 4096);
	map_of(desk, 1, 0x1000);
	ev = next(desk, EVENT_GONE);
	assert_int_equal(ev->attr.subject, SUBJECT_DOMAIN);
	assert_int_equal(ev->attr.id, 1);
	map_of(desk, 2, 0x1000);
	nothing_more(desk);
}

static void group_of(struct desk *desk, enum attribute attribute, uint64_t value)
{
	const struct event *ev = next(desk, EVENT_ATTR);

	assert_int_equal(ev->attr.attribute, attribute);
	assert_int_equal(ev->attr.id, 12);
	assert_int_equal(ev->attr.value, value);
}

static void a_snapshot_tells_what_is_new(void **state)
{
	struct desk *desk = *state;

	for (int i = 0; i < 2; i++)
		take(desk, RAW_GROUP_DOMAINS, NULL, 12, D1, D1, DOMAIN_TYPE_DMA);
	group_of(desk, ATTR_GROUP_DEFAULT_DOMAIN, 1);
	group_of(desk, ATTR_GROUP_DOMAIN, 1);
	type_of(desk, 1, DOMAIN_TYPE_DMA);
	nothing_more(desk);
	take(desk, RAW_GROUP_DOMAINS, NULL, 12, D1, D2, DOMAIN_TYPE_UNMANAGED);
	group_of(desk, ATTR_GROUP_DOMAIN, 2);
	type_of(desk, 2, DOMAIN_TYPE_UNMANAGED);
	take(desk, RAW_GROUP_DOMAINS, NULL, 12, 0, 0, 0);
	group_of(desk, ATTR_GROUP_DEFAULT_DOMAIN, VALUE_UNKNOWN);
	group_of(desk, ATTR_GROUP_DOMAIN, VALUE_UNKNOWN);
	nothing_more(desk);
	take(desk, RAW_GROUP_DOMAINS, NULL, 0xfffffff0, D1, 0, 0);
	assert_int_equal(desk->heard.count - desk->read, 2);
}

/* There and back again between two looks at the groups. */
static void after_an_attach_to_nobody_knows_where_groups_are_told_anew(void **state)
{
	struct desk *desk = *state;

	take(desk, RAW_GROUP_DOMAINS, NULL, 12, D1, D1, DOMAIN_TYPE_UNKNOWN);
	group_of(desk, ATTR_GROUP_DEFAULT_DOMAIN, 1);
	group_of(desk, ATTR_GROUP_DOMAIN, 1);
	attach_call(desk, D2, DEV1, DOMAIN_TYPE_UNKNOWN);
	attach(desk, NIC);
	attach_of(desk, NIC, 2, 0);
	attach(desk, NIC); /* the probe missed it */
	attach_of(desk, NIC, DOMAIN_UNATTRIBUTED, 0);
	take(desk, RAW_GROUP_DOMAINS, NULL, 12, D1, D1, DOMAIN_TYPE_UNKNOWN);
	group_of(desk, ATTR_GROUP_DEFAULT_DOMAIN, 1);
	group_of(desk, ATTR_GROUP_DOMAIN, 1);
	pairing_forget(desk->pairing);
	take(desk, RAW_GROUP_DOMAINS, NULL, 12, D1, D1, DOMAIN_TYPE_UNKNOWN);
	group_of(desk, ATTR_GROUP_DEFAULT_DOMAIN, 1);
	group_of(desk, ATTR_GROUP_DOMAIN, 1);
	nothing_more(desk);
}

/* 7.1: the tracepoint tells of nothing done, and the domain goes before the errno was waited for.
 */
static void a_failure_is_told_before_its_domain_is_gone(void **state)
{
	struct desk *desk = *state;

	map_call(desk, D1, 0x1000, 8192);
	map(desk, 0x1000, 0);
	take(desk, RAW_DOMAIN_FREE, NULL, D1, 0, 0, 0);
	failed_of(desk, 1, 0x1000, 8192, 0);
	assert_int_equal(next(desk, EVENT_GONE)->attr.id, 1);
	nothing_more(desk);
}

static void dma_call(struct desk *desk, const char *device, uint64_t domain)
{
	take(desk, RAW_DMA_CALL, device, 0, 0, 0, 0);
	map_call(desk, domain, 0x1000, 4096);
	map(desk, 0x1000, 4096);
}

static void dma_device_of(struct desk *desk, uint32_t domain, const char *device)
{
	const struct event *ev = next(desk, EVENT_ATTR);

	assert_int_equal(ev->attr.attribute, ATTR_DOMAIN_DEVICE);
	assert_int_equal(ev->attr.id, domain);
	assert_string_equal(ev->attr.text, device);
}

static void two_dma_calls_name_a_domain(void **state)
{
	struct desk *desk = *state;

	dma_call(desk, NIC, D1);
	dma_call(desk, DISK, D1);
	map_of(desk, 1, 0x1000);
	map_of(desk, 1, 0x1000);
	nothing_more(desk);
	dma_call(desk, NIC, D1);
	dma_device_of(desk, 1, NIC);
	map_of(desk, 1, 0x1000);
	dma_call(desk, NIC, D1);
	dma_call(desk, DISK, D1);
	map_of(desk, 1, 0x1000);
	dma_device_of(desk, 1, DISK);
	map_of(desk, 1, 0x1000);
	nothing_more(desk);
}

static void dma_calls_do_not_name_what_vfio_maps(void **state)
{
	struct desk *desk = *state;

	take(desk, RAW_GROUP_DOMAINS, NULL, 12, 0, D1, DOMAIN_TYPE_UNMANAGED);
	desk->read = desk->heard.count;
	for (int i = 0; i < 3; i++) {
		dma_call(desk, NIC, D1);
		map_of(desk, 1, 0x1000);
	}
	nothing_more(desk);
}

static void a_dma_call_names_only_what_follows_at_once(void **state)
{
	struct desk *desk = *state;

	for (int i = 0; i < 3; i++) {
		take(desk, RAW_DMA_CALL, NIC, 0, 0, 0, 0);
		unmap(desk, 0x9000, 4096, 4096);
		map_call(desk, D1, 0x1000, 4096);
		map(desk, 0x1000, 4096);
		map_call(desk, D1, 0x2000, 4096);
		map(desk, 0x2000, 4096);
		next(desk, EVENT_UNMAP);
		map_of(desk, 1, 0x1000);
		map_of(desk, 1, 0x2000);
	}
	nothing_more(desk);
	/* one call, two maps: only the first */
	take(desk, RAW_DMA_CALL, NIC, 0, 0, 0, 0);
	map_call(desk, D1, 0x1000, 4096);
	map(desk, 0x1000, 4096);
	map_call(desk, D1, 0x2000, 4096);
	map(desk, 0x2000, 4096);
	map_of(desk, 1, 0x1000);
	map_of(desk, 1, 0x2000);
	nothing_more(desk);
}

static void unnamed_domains_are_counted_once(void **state)
{
	struct desk *desk = *state;

	for (int i = 0; i < 3; i++) {
		map_call(desk, D1, 0x1000, 4096);
		map(desk, 0x1000, 4096);
	}
	assert_int_equal(pairing_unnamed(desk->pairing), 1);
	attach_call(desk, D2, DEV1, DOMAIN_TYPE_UNKNOWN);
	attach(desk, NIC);
	map_call(desk, D2, 0x1000, 4096);
	map(desk, 0x1000, 4096);
	assert_int_equal(pairing_unnamed(desk->pairing), 1);
	take(desk, RAW_GROUP_DOMAINS, NULL, 12, 0, D2 + 0x100, DOMAIN_TYPE_UNKNOWN);
	unmap_call(desk, D2 + 0x100, 0x1000, 4096);
	unmap(desk, 0x1000, 4096, 4096);
	assert_int_equal(pairing_unnamed(desk->pairing), 1);
	unmap_call(desk, D2 + 0x200, 0x1000, 4096);
	assert_int_equal(pairing_unnamed(desk->pairing), 1);
	unmap(desk, 0x1000, 4096, 4096);
	assert_int_equal(pairing_unnamed(desk->pairing), 2);
}

/* ---- devices and tasks instead of probes ---- */

static void maps_with_a_device_are_of_its_domain(void **state)
{
	struct desk *desk = *state;
	const struct event *ev;

	take(desk, RAW_DEVICE_MAP, NIC, 0xfff01200, 8192, 0, 0);
	take(desk, RAW_DEVICE_MAP, DISK, 0xfff01200, 0xe00, 2, 0);
	take(desk, RAW_DEVICE_MAP, NIC, 0xfff01200, 0xe01, 1, 0);
	take(desk, RAW_DEVICE_UNMAP, NIC, 0xfff01200, 0xe01, 0, 0);
	dma_device_of(desk, 1, NIC);
	ev = next(desk, EVENT_MAP);
	assert_int_equal(ev->map.domain, 1);
	assert_int_equal(ev->map.iova, 0xfff01000);
	assert_int_equal(ev->map.size_bytes, 8192);
	dma_device_of(desk, 2, DISK);
	ev = next(desk, EVENT_MAP);
	assert_int_equal(ev->map.domain, 2);
	assert_int_equal(ev->map.size_bytes, 4096);
	ev = next(desk, EVENT_MAP);
	assert_int_equal(ev->map.domain, 1);
	assert_int_equal(ev->map.size_bytes, 8192);
	ev = next(desk, EVENT_UNMAP);
	assert_int_equal(ev->unmap.domain, 1);
	assert_int_equal(ev->unmap.iova, 0xfff01000);
	assert_int_equal(ev->unmap.size_bytes, 8192);
	assert_int_equal(ev->unmap.unmapped_bytes, 8192);
	assert_int_equal(pairing_unnamed(desk->pairing), 0);
	take(desk, RAW_GROUP_LEAVE, NIC, 5, 0, 0, 0);
	next(desk, EVENT_GROUP_LEAVE);
	assert_int_equal(next(desk, EVENT_GONE)->attr.id, 1);
	nothing_more(desk);
}

static void a_pair_knows_better_than_a_device(void **state)
{
	struct desk *desk = *state;

	map_call(desk, D1, 0x1000, 4096);
	take(desk, RAW_MAP, NIC, 0x1000, 4096, 0, 0);
	take(desk, RAW_MAP, NIC, 0x2000, 4096, 0, 0);
	map_of(desk, 1, 0x1000);
	dma_device_of(desk, 2, NIC);
	map_of(desk, 2, 0x2000);
	nothing_more(desk);
}

static void hear_number(struct desk *desk, enum attribute attribute, uint32_t subject,
                        uint64_t value)
{
	struct event ev = event_attr_number(0, attribute, NULL, subject, value);

	pairing_hear(desk->pairing, &ev);
}

/* Process 90 with the threads 100 and 101; process 80 is somebody else. */
static void begin_processes(struct desk *desk)
{
	pairing_set_mode(desk->pairing, COLLECT_TRACEPOINTS);
	hear_number(desk, ATTR_TASK_PROCESS, 100, 90);
	hear_number(desk, ATTR_TASK_PROCESS, 101, 90);
	hear_number(desk, ATTR_TASK_PROCESS, 80, 80);
}

static void process_domain_of(struct desk *desk, uint32_t domain, uint32_t process)
{
	const struct event *ev = next(desk, EVENT_ATTR);

	assert_int_equal(ev->attr.attribute, ATTR_TASK_PROCESS);
	assert_int_equal(ev->attr.id, process);
	assert_int_equal(ev->attr.value, process);
	ev = next(desk, EVENT_ATTR);
	assert_int_equal(ev->attr.attribute, ATTR_DOMAIN_TASK);
	assert_int_equal(ev->attr.id, domain);
	assert_int_equal(ev->attr.value, process);
}

static void map_is_of(struct desk *desk, int32_t pid, uint32_t domain)
{
	task(desk, pid, 0);
	map(desk, 0x2000, 4096);
	map_of(desk, domain, 0x2000);
}

static void what_a_holder_maps_is_of_its_process(void **state)
{
	struct desk *desk = *state;

	begin_processes(desk);
	map_is_of(desk, 100, DOMAIN_UNATTRIBUTED);
	hear_number(desk, ATTR_GROUP_HOLDER, 7, 90);
	map(desk, 0x1000, 4096);
	process_domain_of(desk, 1, 90);
	map_of(desk, 1, 0x1000);
	unmap(desk, 0x1000, 4096, 4096);
	unmap_of(desk, 1, 0x1000, false);
	map_is_of(desk, 101, 1);
	map_is_of(desk, 80, DOMAIN_UNATTRIBUTED);
	map_is_of(desk, 102, DOMAIN_UNATTRIBUTED);
	task(desk, 100, 0);
	desk->at.context = CONTEXT_HARD_IRQ;
	map(desk, 0x1000, 4096);
	map_of(desk, DOMAIN_UNATTRIBUTED, 0x1000);
	/* Another task has the number now, of a process that nobody knows. */
	hear_number(desk, ATTR_TASK_PROCESS, 101, VALUE_UNKNOWN);
	map_is_of(desk, 101, DOMAIN_UNATTRIBUTED);
	nothing_more(desk);
}

static void the_domain_of_a_process_ends_with_its_last_group(void **state)
{
	struct desk *desk = *state;
	struct event gone = event_gone(0, SUBJECT_GROUP, NULL, 8);

	begin_processes(desk);
	hear_number(desk, ATTR_GROUP_HOLDER, 7, 90);
	hear_number(desk, ATTR_GROUP_HOLDER, 8, 90);
	map(desk, 0x1000, 4096);
	process_domain_of(desk, 1, 90);
	map_of(desk, 1, 0x1000);
	hear_number(desk, ATTR_GROUP_HOLDER, 7, VALUE_UNKNOWN);
	hear_number(desk, ATTR_GROUP_HOLDER, 8, 90);
	settle(desk);
	map_is_of(desk, 100, 1);
	pairing_hear(desk->pairing, &gone);
	settle(desk);
	assert_int_equal(next(desk, EVENT_GONE)->attr.id, 1);
	settle(desk);
	map_is_of(desk, 100, DOMAIN_UNATTRIBUTED);
	hear_number(desk, ATTR_GROUP_HOLDER, 7, 80);
	map_is_of(desk, 100, DOMAIN_UNATTRIBUTED);
	hear_number(desk, ATTR_GROUP_HOLDER, 7, 90);
	task(desk, 100, 0);
	map(desk, 0x1000, 4096);
	process_domain_of(desk, 2, 90);
	map_of(desk, 2, 0x1000);
	nothing_more(desk);
}

/* With probes a map without its call was missed: whose it is nobody knows. */
static void with_probes_no_process_stands_for_a_domain(void **state)
{
	struct desk *desk = *state;

	begin_processes(desk);
	hear_number(desk, ATTR_GROUP_HOLDER, 7, 90);
	pairing_set_mode(desk->pairing, COLLECT_EVENTS);
	map_is_of(desk, 100, DOMAIN_UNATTRIBUTED);
	nothing_more(desk);
}

/* A day's worth of domains: what is gone takes no room (the sanitizer would see to the rest). */
static void many_domains_come_and_go(void **state)
{
	struct desk *desk = *state;

	for (uint64_t i = 0; i < 100000; i++) {
		uint64_t domain = D1 + i % 777 * 0x100;

		attach_call(desk, domain, DEV1, DOMAIN_TYPE_DMA);
		dma_call(desk, NIC, domain);
		take(desk, RAW_DOMAIN_FREE, NULL, domain, 0, 0, 0);
		while (desk->heard.count)
			event_queue_pop(&desk->heard);
		assert_int_equal(id(desk, domain), DOMAIN_UNATTRIBUTED);
	}
	assert_int_equal(pairing_unnamed(desk->pairing), 100000);
	map_call(desk, D1, 0x1000, 4096);
	map(desk, 0x1000, 4096);
	map_of(desk, 100001, 0x1000);
}

/* ---- random contexts against the truth ---- */

enum {
	CPUS = 4,
	TASKS = 10,
	DOMAINS = 6,
	STEPS_MAX = 64,
	RECORDS = 6000,
	FIRST_PID = 50,
	NO_TRUTH = -1,
	LIVES_MAX = 4096,
};

/* What a run of the world does. */
struct manner {
	bool new_kernel; /* 7.1+: a failed map has its tracepoint */
	bool returns;    /* those of maps are recorded */
	bool refuses;    /* maps that fail at once, without a trace */
	bool loses, misses;
};

/* What a record that becomes an event really is. */
struct truth {
	uint64_t ts_ns;
	int life; /* of the domain */
	bool undoes, swallowed, lost;
};

struct refusal {
	int life;
	uint64_t iova, size;
	int32_t error, pid;
	bool told;
};

struct step {
	struct raw raw;
	int life;   /* of the domain it is about, else NO_TRUTH */
	bool event; /* it becomes one */
	bool undoes;
	bool swallowed;
};

/* What runs: a task, an interrupt, the idle loop of a CPU; and what it still has to do. */
struct runner {
	struct step steps[STEPS_MAX];
	unsigned int first, count;
	int32_t pid;
	uint8_t context;
};

struct world {
	struct manner manner;
	unsigned int dice;
	struct domain_ids *ids;
	struct stream *stream;
	struct event_queue heard;
	struct runner tasks[TASKS], idle[CPUS], soft[CPUS], hard[CPUS];
	struct runner *running[CPUS]; /* a task or idle */
	bool in_soft[CPUS], in_hard[CPUS];
	bool losing[CPUS];
	uint64_t lost[CPUS];
	uint64_t now_ns;
	int life[DOMAINS]; /* which life of its address this is */
	int lives;
	unsigned int uses[DOMAINS]; /* steps that wait */
	struct truth truths[RECORDS * 2];
	size_t truth_count;
	struct refusal refusals[RECORDS];
	size_t refusal_count;
	uint64_t told_lost;
	uint32_t id_of_life[LIVES_MAX];
};

static unsigned int pick(struct world *world, unsigned int below)
{
	return (unsigned int)rand_r(&world->dice) % below;
}

static bool one_in(struct world *world, unsigned int chance)
{
	return pick(world, chance) == 0;
}

static void hear_world(void *context, const struct event *ev)
{
	struct world *world = context;

	event_queue_push(&world->heard, ev);
}

static uint64_t address_of(unsigned int domain)
{
	return D1 + domain * 0x1000u;
}

/* ---- what a runner has to do ---- */

static struct step *add(struct world *world, struct runner *runner, uint8_t kind,
                        unsigned int domain, uint64_t v0, uint64_t v1, uint64_t v2, uint64_t v3)
{
	struct step *step = &runner->steps[(runner->first + runner->count++) % STEPS_MAX];

	*step = (struct step){
		.raw = {.kind = kind, .value = {v0, v1, v2, v3}},
		.life = world->life[domain],
		.event = kind == RAW_MAP || kind == RAW_UNMAP || kind == RAW_ATTACH,
	};
	world->uses[domain]++;
	return step;
}

static void add_unmap(struct world *world, struct runner *runner, unsigned int domain,
                      uint64_t iova, uint64_t size, bool undoes)
{
	add(world, runner, RAW_UNMAP_CALL, domain, address_of(domain), iova, size,
	    DOMAIN_TYPE_UNKNOWN);
	add(world, runner, RAW_UNMAP, domain, iova, size, pick(world, 2) ? size : size / 2, 0)
		->undoes = undoes;
}

static void add_return(struct world *world, struct runner *runner, unsigned int domain,
                       int32_t error)
{
	if (world->manner.returns)
		add(world, runner, RAW_MAP_RETURN, domain, (uint64_t)(int64_t)-error, 0, 0, 0);
}

static void add_failure(struct world *world, struct runner *runner, unsigned int domain,
                        uint64_t iova, uint64_t size)
{
	uint64_t done = (uint64_t)pick(world, 3) * 1024;
	bool undo_last = world->manner.new_kernel && one_in(world, 2);
	int32_t error = (int32_t)pick(world, 30) + 1;

	world->refusals[world->refusal_count++] =
		(struct refusal){world->life[domain], iova, size, world->manner.returns ? error : 0,
	                         runner->pid,         false};
	if (world->manner.refuses && one_in(world, 4)) {
		add_return(world, runner, domain, error);
		return;
	}
	if (world->manner.new_kernel)
		add(world, runner, RAW_MAP, domain, iova, done, 0, 0)->swallowed = true;
	if (undo_last)
		add_return(world, runner, domain, error);
	add_unmap(world, runner, domain, iova, done, true);
	if (!undo_last)
		add_return(world, runner, domain, error);
}

/* Few addresses and sizes, so that what is not the same looks the same. */
static void add_map(struct world *world, struct runner *runner, bool nested)
{
	unsigned int domain = pick(world, DOMAINS);
	uint64_t iova = (pick(world, 3) + 1) * 0x10000u;
	uint64_t size = (pick(world, 2) + 1) * 4096u;

	add(world, runner, RAW_MAP_CALL, domain, address_of(domain), iova, size, 3);
	if (nested && one_in(world, 8)) {
		unsigned int other = (domain + 1 + pick(world, DOMAINS - 1)) % DOMAINS;

		add(world, runner, RAW_MAP_CALL, other, address_of(other), 0x90000, 4096, 3);
		add(world, runner, RAW_MAP, other, 0x90000, 4096, 0, 0);
		if (one_in(world, 2))
			add_unmap(world, runner, other, 0x90000, 4096, false);
	}
	if (one_in(world, 6))
		add_failure(world, runner, domain, iova, size);
	else
		add(world, runner, RAW_MAP, domain, iova, size, 0, 0);
}

static void add_attach(struct world *world, struct runner *runner)
{
	unsigned int domain = pick(world, DOMAINS);

	add(world, runner, RAW_ATTACH_CALL, domain, address_of(domain), DEV1, DOMAIN_TYPE_UNKNOWN,
	    0);
	if (one_in(world, 2))
		add_map(world, runner, false);
	if (one_in(world, 3)) {
		add(world, runner, RAW_ATTACH_RETURN, domain, (uint64_t)-16, 0, 0, 0);
		return;
	}
	add(world, runner, RAW_ATTACH, domain, 0, 0, 0, 0);
	add(world, runner, RAW_ATTACH_RETURN, domain, 0, 0, 0, 0);
}

static void add_work(struct world *world, struct runner *runner)
{
	unsigned int kind = pick(world, 10);
	unsigned int domain = pick(world, DOMAINS);
	bool task = runner->pid && !runner->context;

	if (kind == 0 && task)
		add_attach(world, runner);
	else if (kind < 5)
		add_unmap(world, runner, domain, (pick(world, 3) + 1) * 0x10000u,
		          (pick(world, 2) + 1) * 4096u, false);
	else
		add_map(world, runner, task);
}

/* ---- what of it is seen ---- */

static void push_lost(struct world *world, unsigned int cpu)
{
	struct raw raw = {.ts_ns = world->now_ns, .cpu = (uint16_t)cpu, .kind = RAW_LOST};

	raw.value[0] = one_in(world, 2) ? world->lost[cpu] : 0;
	stream_push_raw(world->stream, cpu, &raw);
	world->losing[cpu] = false;
	world->lost[cpu] = 0;
	world->told_lost++;
}

static unsigned int domain_of_life(const struct world *world, int life)
{
	unsigned int domain = 0;

	while (world->life[domain] != life)
		domain++;
	return domain;
}

static bool is_call(uint8_t kind)
{
	return kind == RAW_MAP_CALL || kind == RAW_UNMAP_CALL || kind == RAW_ATTACH_CALL;
}

static void record(struct world *world, unsigned int cpu, struct runner *runner)
{
	struct step step = runner->steps[runner->first];

	runner->first = (runner->first + 1) % STEPS_MAX;
	runner->count--;
	world->uses[domain_of_life(world, step.life)]--;
	step.raw.ts_ns = world->now_ns;
	step.raw.cpu = (uint16_t)cpu;
	/* An interrupt has the pid of what it came upon. */
	step.raw.pid = runner->context ? world->running[cpu]->pid : runner->pid;
	step.raw.context = runner->context;
	if (step.event)
		world->truths[world->truth_count++] = (struct truth){
			world->now_ns, step.life, step.undoes, step.swallowed, world->losing[cpu]};
	if (world->losing[cpu]) {
		world->lost[cpu]++;
		return;
	}
	if (world->manner.misses && is_call(step.raw.kind) && one_in(world, 20))
		return;
	if (step.raw.kind == RAW_ATTACH)
		step.raw.text = xstrdup(NIC);
	stream_push_raw(world->stream, cpu, &step.raw);
}

/* ---- how time goes by ---- */

static void let_another_task_run(struct world *world, unsigned int cpu)
{
	struct runner *next = &world->tasks[pick(world, TASKS)];

	for (unsigned int other = 0; other < CPUS; other++)
		if (world->running[other] == next)
			next = &world->idle[cpu];
	world->running[cpu] = next;
}

static void free_a_domain(struct world *world, unsigned int cpu)
{
	unsigned int domain = pick(world, DOMAINS);
	struct raw raw = {.ts_ns = world->now_ns,
	                  .cpu = (uint16_t)cpu,
	                  .kind = RAW_DOMAIN_FREE,
	                  .value = {address_of(domain)}};

	if (world->uses[domain] || world->losing[cpu] || world->lives + 1 >= LIVES_MAX)
		return;
	stream_push_raw(world->stream, cpu, &raw);
	world->life[domain] = world->lives++;
}

static struct runner *runner_of(struct world *world, unsigned int cpu)
{
	if (world->in_hard[cpu])
		return &world->hard[cpu];
	return world->in_soft[cpu] ? &world->soft[cpu] : world->running[cpu];
}

/* Into an interrupt, or out of it when there is nothing more to do in it. */
static void interrupt(struct world *world, unsigned int cpu)
{
	struct runner *runner = runner_of(world, cpu);

	if (!runner->count && world->in_hard[cpu])
		world->in_hard[cpu] = false;
	else if (!runner->count && world->in_soft[cpu])
		world->in_soft[cpu] = false;
	else if (!world->in_hard[cpu] && one_in(world, 12))
		world->in_hard[cpu] = true;
	else if (!world->in_hard[cpu] && !world->in_soft[cpu] && one_in(world, 12))
		world->in_soft[cpu] = true;
}

static void drain_world(struct world *world)
{
	struct event_sink sink = {.emit = hear_world, .context = world};

	for (unsigned int cpu = 0; cpu < CPUS; cpu++)
		if (world->losing[cpu])
			return;
	stream_flush(world->stream, world->now_ns, &sink);
}

static void tick_world(struct world *world)
{
	unsigned int cpu = pick(world, CPUS);
	struct runner *runner;

	world->now_ns += 1 + pick(world, 3);
	interrupt(world, cpu);
	if (!world->in_hard[cpu] && !world->in_soft[cpu] && one_in(world, 5))
		let_another_task_run(world, cpu);
	runner = runner_of(world, cpu);
	if (!runner->count)
		add_work(world, runner);
	if (world->losing[cpu] && one_in(world, 10))
		push_lost(world, cpu);
	else if (world->manner.loses && one_in(world, 300))
		world->losing[cpu] = true;
	if (one_in(world, 50))
		free_a_domain(world, cpu);
	else
		record(world, cpu, runner);
	if (one_in(world, 40))
		drain_world(world);
}

/* ---- was it told as it was ---- */

static void same_domain(struct world *world, int life, uint32_t domain)
{
	for (int other = 0; other < world->lives; other++)
		if (other != life && domain && world->id_of_life[other] == domain)
			fail_msg("domain %u is of two lives", domain);
	if (!world->id_of_life[life])
		world->id_of_life[life] = domain;
	if (world->id_of_life[life] != domain)
		fail_msg("life %d is domain %u and %u", life, world->id_of_life[life], domain);
}

static uint32_t domain_told(const struct event *ev)
{
	if (ev->kind == EVENT_MAP)
		return ev->map.domain;
	return ev->kind == EVENT_UNMAP ? ev->unmap.domain : ev->member.domain;
}

static void check_event(struct world *world, const struct event *ev, const struct truth *truth)
{
	uint32_t domain = domain_told(ev);
	bool whole = !world->manner.loses && !world->manner.misses;

	if (truth->lost || (truth->swallowed && (whole || domain)))
		fail_msg("an event that was none");
	if (domain)
		same_domain(world, truth->life, domain);
	else if (whole)
		fail_msg("nothing was lost, but an event is unattributed");
	/* A refused map whose return is not seen is not told from one that began to fail. */
	if (world->manner.refuses && !world->manner.returns)
		return;
	if (ev->kind == EVENT_UNMAP && ev->unmap.undoes != truth->undoes &&
	    (whole || ev->unmap.undoes))
		fail_msg("it undoes %d, but is told as %d", truth->undoes, ev->unmap.undoes);
}

static bool could_be(const struct world *world, const struct refusal *refusal,
                     const struct event *ev)
{
	bool whole = !world->manner.loses && !world->manner.misses;
	int32_t error = ev->map_failed.error;

	return !refusal->told && refusal->iova == ev->map_failed.iova &&
	       refusal->size == ev->map_failed.size_bytes &&
	       (error == refusal->error || (!whole && !error));
}

/* A life that nothing else was told of has its number from the failure. */
static void check_failure(struct world *world, const struct event *ev)
{
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < world->refusal_count; i++) {
			struct refusal *refusal = &world->refusals[i];
			uint32_t known = world->id_of_life[refusal->life];

			if (!could_be(world, refusal, ev) ||
			    known != (pass ? 0 : ev->map_failed.domain))
				continue;
			same_domain(world, refusal->life, ev->map_failed.domain);
			refusal->told = true;
			return;
		}
	}
	fail_msg("a map is said to have failed that did not");
}

/* Those with an errno first: another one could be any of the rest. */
static size_t check_failures(struct world *world, bool with_error)
{
	size_t count = 0;

	for (size_t i = 0; i < world->heard.count; i++) {
		const struct event *ev = &world->heard.events[world->heard.first + i];

		if (ev->kind != EVENT_MAP_FAILED || (ev->map_failed.error != 0) != with_error)
			continue;
		check_failure(world, ev);
		count++;
	}
	return count;
}

static void check_world(struct world *world)
{
	size_t failures, losses = 0, at = 0;

	for (size_t i = 0; i < world->heard.count; i++) {
		const struct event *ev = &world->heard.events[world->heard.first + i];

		losses += ev->kind == EVENT_LOST;
		assert_int_not_equal(ev->kind, EVENT_LATE);
		if (ev->kind != EVENT_MAP && ev->kind != EVENT_UNMAP && ev->kind != EVENT_ATTACH)
			continue;
		while (at < world->truth_count && world->truths[at].ts_ns != ev->ts_ns) {
			if (!world->truths[at].lost && !world->truths[at].swallowed)
				fail_msg("an event is missing");
			at++;
		}
		assert_true(at < world->truth_count);
		check_event(world, ev, &world->truths[at++]);
	}
	for (; at < world->truth_count; at++)
		assert_true(world->truths[at].lost || world->truths[at].swallowed);
	failures = check_failures(world, true) + check_failures(world, false);
	assert_int_equal(losses, world->told_lost);
	if (!world->manner.loses && !world->manner.misses &&
	    (world->manner.returns || !world->manner.refuses))
		assert_int_equal(failures, world->refusal_count);
}

static void end_world(struct world *world)
{
	struct event_sink sink = {.emit = hear_world, .context = world};

	/* What was begun is done, each on a CPU of its own. */
	for (unsigned int cpu = 0; cpu < CPUS; cpu++) {
		world->now_ns++;
		if (world->losing[cpu])
			push_lost(world, cpu);
		world->in_hard[cpu] = world->in_soft[cpu] = false;
		for (; world->hard[cpu].count; world->now_ns++)
			record(world, cpu, &world->hard[cpu]);
		for (; world->soft[cpu].count; world->now_ns++)
			record(world, cpu, &world->soft[cpu]);
		for (; world->idle[cpu].count; world->now_ns++)
			record(world, cpu, &world->idle[cpu]);
	}
	for (int i = 0; i < TASKS; i++)
		for (; world->tasks[i].count; world->now_ns++)
			record(world, 0, &world->tasks[i]);
	stream_flush(world->stream, world->now_ns + 2 * PAIRING_PATIENCE_NS, &sink);
}

static void begin_world(struct world *world)
{
	world->ids = domain_ids_new();
	world->stream = stream_new(CPUS, world->ids);
	for (unsigned int i = 0; i < DOMAINS; i++)
		world->life[i] = world->lives++;
	for (int i = 0; i < TASKS; i++)
		world->tasks[i].pid = FIRST_PID + i;
	for (unsigned int cpu = 0; cpu < CPUS; cpu++) {
		world->soft[cpu].context = CONTEXT_SOFT_IRQ;
		world->hard[cpu].context = CONTEXT_HARD_IRQ;
		world->running[cpu] = &world->idle[cpu];
	}
}

static size_t run_world(struct manner manner, unsigned int from)
{
	struct world *world = xcalloc(1, sizeof(*world));
	size_t attributed = 0;

	world->manner = manner;
	world->dice = from;
	begin_world(world);
	for (int i = 0; i < RECORDS; i++)
		tick_world(world);
	end_world(world);
	check_world(world);
	for (size_t i = 0; i < world->heard.count; i++)
		attributed += world->heard.events[world->heard.first + i].kind == EVENT_MAP &&
		              world->heard.events[world->heard.first + i].map.domain;
	event_queue_release(&world->heard);
	stream_free(world->stream);
	domain_ids_free(world->ids);
	free(world);
	return attributed;
}

static unsigned int seed; /* of the run at hand; 0: all went well */

static int tell_seed(void **state)
{
	(void)state;
	if (seed)
		print_message("# it was seed %u\n", seed);
	return 0;
}

static void random_contexts_are_never_confused(void **state)
{
	(void)state;
	for (seed = 1; seed <= 160; seed++) {
		struct manner manner = {
			.new_kernel = seed & 1,
			.returns = seed & 2,
			.loses = seed & 4,
			.misses = seed & 8,
			.refuses = (seed & 16) && !(seed & 8),
		};
		size_t attributed;

		attributed = run_world(manner, seed);
		/* To say nothing at all would be no mistake, either. */
		assert_true(attributed > (manner.loses ? 200 : 1000));
	}
	seed = 0;
}

/* ---- two at once ---- */

/* Anything that can be under way, in few contexts, with few ranges and domains. */
static struct raw random_raw(struct world *world, const struct raw *before)
{
	static const uint8_t kinds[] = {
		RAW_MAP_CALL, RAW_MAP_CALL,    RAW_MAP_CALL, RAW_UNMAP_CALL,  RAW_UNMAP_CALL,
		RAW_MAP,      RAW_MAP,         RAW_MAP,      RAW_UNMAP,       RAW_UNMAP,
		RAW_UNMAP,    RAW_MAP_RETURN,  RAW_DMA_CALL, RAW_ATTACH_CALL, RAW_GAP,
		RAW_LOST,     RAW_DOMAIN_FREE, RAW_UNREAD,
	};
	struct raw raw = {
		.ts_ns = before->ts_ns + pick(world, 3),
		.cpu = (uint16_t)pick(world, 2),
		.pid = (int32_t)pick(world, 3),
		.kind = kinds[pick(world, ARRAY_SIZE(kinds))],
		.context = one_in(world, 8) ? CONTEXT_SOFT_IRQ : 0,
		.value = {pick(world, 4) ? address_of(pick(world, 2)) : 0, 0x1000, 4096,
	                  DOMAIN_TYPE_DMA},
	};

	if (raw.kind == RAW_GAP || raw.kind == RAW_LOST)
		raw.value[1] = raw.value[0] = raw.ts_ns + 1;
	if (raw.kind == RAW_MAP_RETURN)
		raw.value[0] = (uint64_t)-12;
	if (raw.kind == RAW_MAP || raw.kind == RAW_UNMAP)
		raw.value[0] = 0x1000;
	if (raw.kind == RAW_MAP || raw.kind == RAW_UNMAP)
		raw.value[1] = raw.value[2] = one_in(world, 5) ? 1024 : 4096;
	if (raw.kind == RAW_UNMAP_CALL)
		raw.value[2] = one_in(world, 5) ? 1024 : 4096;
	if ((raw.kind == RAW_MAP || raw.kind == RAW_UNMAP) && !one_in(world, 4)) {
		raw.kind = before->kind == RAW_UNMAP_CALL ? RAW_UNMAP : RAW_MAP;
		raw.cpu = before->cpu;
		raw.pid = before->pid;
		raw.context = before->context;
	}
	if (raw.kind == RAW_DMA_CALL)
		raw.text = (char *)NIC;
	return raw;
}

static void same_events(const struct event_queue *a, const struct event_queue *b)
{
	assert_int_equal(a->count, b->count);
	for (size_t i = 0; i < a->count; i++) {
		const struct event *x = &a->events[a->first + i], *y = &b->events[b->first + i];

		assert_int_equal(x->ts_ns, y->ts_ns);
		assert_int_equal(x->kind, y->kind);
		assert_int_equal(x->context, y->context);
		assert_int_equal(x->cpu, y->cpu);
		assert_int_equal(x->pid, y->pid);
		if (x->kind == EVENT_MAP) {
			assert_int_equal(x->map.iova, y->map.iova);
			assert_int_equal(x->map.size_bytes, y->map.size_bytes);
			assert_int_equal(x->map.domain, y->map.domain);
			assert_int_equal(x->map.inside_ns, y->map.inside_ns);
			assert_int_equal(x->map.protection, y->map.protection);
		} else if (x->kind == EVENT_UNMAP) {
			assert_int_equal(x->unmap.size_bytes, y->unmap.size_bytes);
			assert_int_equal(x->unmap.unmapped_bytes, y->unmap.unmapped_bytes);
			assert_int_equal(x->unmap.domain, y->unmap.domain);
			assert_int_equal(x->unmap.inside_ns, y->unmap.inside_ns);
			assert_int_equal(x->unmap.undoes, y->unmap.undoes);
		} else if (x->kind == EVENT_MAP_FAILED) {
			assert_int_equal(x->map_failed.domain, y->map_failed.domain);
			assert_int_equal(x->map_failed.error, y->map_failed.error);
		} else if (x->kind == EVENT_ATTR) {
			assert_int_equal(x->attr.id, y->attr.id);
			assert_int_equal(x->attr.attribute, y->attr.attribute);
		}
	}
}

/* What the decoder makes of two that follow each other. */
static bool make_pair(const struct raw *call, const struct raw *raw, struct raw *pair)
{
	bool map = raw->kind == RAW_MAP && call->kind == RAW_MAP_CALL;
	bool unmap = raw->kind == RAW_UNMAP && call->kind == RAW_UNMAP_CALL;

	if ((!map && !unmap) || call->pid != raw->pid || call->cpu != raw->cpu ||
	    call->context != raw->context || call->value[1] != raw->value[0] ||
	    call->value[2] != raw->value[1] || (unmap && call->value[2] != raw->value[2]))
		return false;
	*pair = *call;
	pair->kind = map ? RAW_MAP_PAIR : RAW_UNMAP_PAIR;
	pair->inside_ns = (uint32_t)(raw->ts_ns - call->ts_ns);
	return true;
}

/* Now and then a process begins or ends to hold a group, in both. */
static void hear_of_holder(struct world *world, struct desk *a, struct desk *b)
{
	const uint64_t process = pick(world, 3);
	const struct event of_task =
		event_attr_number(0, ATTR_TASK_PROCESS, NULL, (uint32_t)process, process);
	const struct event of_group =
		event_attr_number(0, ATTR_GROUP_HOLDER, NULL, 1, process ? process : VALUE_UNKNOWN);

	if (!one_in(world, 20))
		return;
	pairing_hear(a->pairing, &of_task);
	pairing_hear(b->pairing, &of_task);
	pairing_hear(a->pairing, &of_group);
	pairing_hear(b->pairing, &of_group);
}

/* At most one of these; it is heard. */
static bool take_lone(struct desk *desk, const struct raw *raw)
{
	struct event ev;

	if (!pairing_take_lone(desk->pairing, raw, 1, 0, UINT64_MAX, &ev))
		return false;
	hear(desk, &ev);
	return true;
}

static void those_taken_at_once_tell_what_one_by_one_tell(void **state)
{
	enum { RUNS = 3000, LENGTH = 60 };
	struct world *world = xcalloc(1, sizeof(*world));
	size_t at_once = 0, lone = 0, not = 0;

	(void)state;
	world->dice = 1;
	for (int run = 0; run < RUNS; run++) {
		struct raw raws[LENGTH] = {{.ts_ns = 1000, .kind = RAW_GAP}};
		struct desk *a, *b;

		set_up((void **)&a);
		set_up((void **)&b);
		for (size_t i = 1; i < LENGTH; i++)
			raws[i] = random_raw(world, &raws[i - 1]);
		if (one_in(world, 2)) {
			pairing_set_mode(a->pairing, COLLECT_TRACEPOINTS);
			pairing_set_mode(b->pairing, COLLECT_TRACEPOINTS);
		}
		for (size_t i = 0; i < LENGTH; i++) {
			bool two;
			struct raw pair;
			struct event ev;

			hear_of_holder(world, a, b);
			two = i + 1 < LENGTH && make_pair(&raws[i], &raws[i + 1], &pair) &&
			      pairing_take_pairs(b->pairing, &pair, 1, 0, UINT64_MAX, &ev);
			for (size_t j = i; j <= i + two; j++)
				pairing_take(a->pairing, &raws[j], raws[j].ts_ns,
				             &(struct event_sink){.emit = hear, .context = a});
			if (two) {
				hear(b, &ev);
				at_once++;
				i++;
				continue;
			}
			if (take_lone(b, &raws[i])) {
				lone++;
				continue;
			}
			pairing_take(b->pairing, &raws[i], raws[i].ts_ns,
			             &(struct event_sink){.emit = hear, .context = b});
			not ++;
		}
		a->at.ts_ns = b->at.ts_ns = 1000 + 2 * PAIRING_PATIENCE_NS;
		settle(a);
		settle(b);
		same_events(&a->heard, &b->heard);
		tear_down((void **)&a);
		tear_down((void **)&b);
	}
	assert_true(at_once > RUNS);
	assert_true(lone > RUNS);
	assert_true(not > RUNS);
	free(world);
}

#define desk_test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		desk_test(without_probes_nothing_is_attributed),
		desk_test(members_are_told),
		desk_test(faults_are_told),
		desk_test(page_requests_are_told),
		desk_test(losses_are_told),
		desk_test(what_cannot_be_read_ends_its_own_context),
		desk_test(a_call_and_its_tracepoint_are_one_event),
		desk_test(the_time_inside_is_at_least_one_and_has_an_end),
		desk_test(a_type_is_told_when_it_changes),
		desk_test(an_interrupt_has_calls_of_its_own),
		desk_test(an_interrupt_does_not_belong_to_the_task),
		desk_test(idle_is_another_context_on_each_cpu),
		desk_test(a_task_may_migrate_inside),
		desk_test(only_the_same_range_pairs),
		desk_test(a_missed_probe_costs_one_event),
		desk_test(reclaim_maps_inside_of_a_map),
		desk_test(maps_fail_inside_of_maps),
		desk_test(too_many_tasks_cost_unattributed_events),
		desk_test(up_to_7_0_a_failed_map_only_undoes),
		desk_test(without_its_return_the_next_call_tells_of_a_failure),
		desk_test(without_anything_patience_ends),
		desk_test(a_refused_map_is_told_by_its_return_or_its_successor),
		desk_test(from_7_1_on_the_tracepoint_tells_of_a_failure),
		desk_test(the_undo_may_follow_the_return),
		desk_test(from_7_1_on_without_its_return),
		desk_test(another_domains_unmap_undoes_nothing),
		desk_test(a_loss_empties_its_cpu_and_all_tasks),
		desk_test(no_task_pairs_in_a_gap),
		desk_test(what_is_forgotten_has_not_failed),
		desk_test(an_attach_has_its_domain),
		desk_test(after_an_attach_to_nobody_knows_where_groups_are_told_anew),
		desk_test(a_failure_is_told_before_its_domain_is_gone),
		desk_test(a_refused_attach_is_told),
		desk_test(an_attach_without_tracepoint_counts_by_its_return),
		desk_test(an_attach_whose_end_was_not_seen_is_dropped),
		desk_test(a_name_is_forgotten_when_its_device_leaves),
		desk_test(a_pasid_is_attached_by_its_return),
		desk_test(a_freed_address_is_another_domain),
		desk_test(a_snapshot_tells_what_is_new),
		desk_test(two_dma_calls_name_a_domain),
		desk_test(dma_calls_do_not_name_what_vfio_maps),
		desk_test(a_dma_call_names_only_what_follows_at_once),
		desk_test(unnamed_domains_are_counted_once),
		desk_test(maps_with_a_device_are_of_its_domain),
		desk_test(a_pair_knows_better_than_a_device),
		desk_test(what_a_holder_maps_is_of_its_process),
		desk_test(the_domain_of_a_process_ends_with_its_last_group),
		desk_test(with_probes_no_process_stands_for_a_domain),
		desk_test(many_domains_come_and_go),
		cmocka_unit_test(those_taken_at_once_tell_what_one_by_one_tell),
		cmocka_unit_test_teardown(random_contexts_are_never_confused, tell_seed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* stream: order, time that never goes back, and what becomes of each raw kind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sources/stream.h"
#include "util.h"

/* Everything a stream has emitted; texts are owned. */
struct heard {
	struct event_queue queue;
};

static void hear(void *context, const struct event *ev)
{
	struct heard *heard = context;

	event_queue_push(&heard->queue, ev);
}

static struct event_sink ear(struct heard *heard)
{
	return (struct event_sink){hear, heard};
}

static const struct event *heard_at(const struct heard *heard, size_t index)
{
	assert_true(index < heard->queue.count);
	return &heard->queue.events[heard->queue.first + index];
}

static void flush(struct stream *stream, struct heard *heard, uint64_t watermark_ns)
{
	struct event_sink sink = ear(heard);

	stream_flush(stream, watermark_ns, &sink);
}

static void push_map(struct stream *stream, unsigned int cpu, uint64_t ts_ns, uint64_t iova)
{
	struct raw raw = {
		.ts_ns = ts_ns, .cpu = (uint16_t)cpu, .kind = RAW_MAP, .value = {iova, 0, 4096}};

	stream_push_raw(stream, cpu, &raw);
}

static void push_attr(struct stream *stream, uint64_t ts_ns, uint32_t id, const char *text)
{
	struct event ev = event_attr_text(ts_ns, ATTR_TASK_COMM, NULL, id, text);

	stream_push_event(stream, &ev);
}

static void merges_by_time(void **state)
{
	static const uint64_t times[] = {10, 20, 25, 30, 40, 50};
	struct stream *stream = stream_new(3);
	struct heard heard = {0};

	(void)state;
	push_map(stream, 0, 10, 0);
	push_map(stream, 0, 40, 0);
	push_map(stream, 2, 20, 0);
	push_map(stream, 2, 50, 0);
	push_map(stream, 1, 30, 0);
	push_attr(stream, 25, 1, "between");
	flush(stream, &heard, 100);
	assert_int_equal(heard.queue.count, ARRAY_SIZE(times));
	for (size_t i = 0; i < ARRAY_SIZE(times); i++)
		assert_int_equal(heard_at(&heard, i)->ts_ns, times[i]);
	event_queue_release(&heard.queue);
	stream_free(stream);
}

static void nothing_passes_the_watermark(void **state)
{
	struct stream *stream = stream_new(2);
	struct heard heard = {0};

	(void)state;
	push_map(stream, 0, 10, 0);
	push_map(stream, 0, 30, 0);
	push_map(stream, 1, 20, 0);
	push_attr(stream, 21, 1, "waits");
	flush(stream, &heard, 20);
	assert_int_equal(heard.queue.count, 2);
	flush(stream, &heard, 20);
	assert_int_equal(heard.queue.count, 2);
	flush(stream, &heard, 30);
	assert_int_equal(heard.queue.count, 4);
	assert_string_equal(heard_at(&heard, 2)->attr.text, "waits");
	event_queue_release(&heard.queue);
	stream_free(stream);
}

static void equal_times_keep_lane_order(void **state)
{
	struct stream *stream = stream_new(3);
	struct heard heard = {0};

	(void)state;
	push_attr(stream, 10, 1, "first pushed");
	push_attr(stream, 10, 2, "second pushed");
	push_map(stream, 2, 10, 0);
	push_map(stream, 0, 10, 0);
	push_map(stream, 0, 10, 1);
	push_map(stream, 1, 10, 0);
	flush(stream, &heard, 10);
	assert_int_equal(heard.queue.count, 6);
	assert_int_equal(heard_at(&heard, 0)->cpu, 0);
	assert_int_equal(heard_at(&heard, 0)->map.iova, 0);
	assert_int_equal(heard_at(&heard, 1)->map.iova, 1);
	assert_int_equal(heard_at(&heard, 2)->cpu, 1);
	assert_int_equal(heard_at(&heard, 3)->cpu, 2);
	assert_int_equal(heard_at(&heard, 4)->attr.id, 1);
	assert_int_equal(heard_at(&heard, 5)->attr.id, 2);
	event_queue_release(&heard.queue);
	stream_free(stream);
}

static void late_events_are_clamped_and_counted(void **state)
{
	struct stream *stream = stream_new(1);
	struct heard heard = {0};

	(void)state;
	push_map(stream, 0, 100, 0);
	flush(stream, &heard, 100);
	push_map(stream, 0, 60, 1);
	push_map(stream, 0, 70, 2);
	push_map(stream, 0, 110, 3);
	push_attr(stream, 99, 7, "late, too");
	flush(stream, &heard, 200);
	assert_int_equal(heard.queue.count, 6);
	for (size_t i = 1; i < 4; i++)
		assert_int_equal(heard_at(&heard, i)->ts_ns, 100);
	assert_int_equal(heard_at(&heard, 4)->ts_ns, 110);
	assert_int_equal(heard_at(&heard, 5)->kind, EVENT_LATE);
	assert_int_equal(heard_at(&heard, 5)->late.count, 3);
	assert_int_equal(heard_at(&heard, 5)->ts_ns, 110);
	flush(stream, &heard, 300);
	assert_int_equal(heard.queue.count, 6);
	event_queue_release(&heard.queue);
	stream_free(stream);
}

static void a_lane_that_goes_back_is_late(void **state)
{
	struct stream *stream = stream_new(2);
	struct heard heard = {0};

	(void)state;
	push_map(stream, 0, 50, 0);
	push_map(stream, 0, 40, 1);
	push_map(stream, 1, 45, 2);
	flush(stream, &heard, 100);
	assert_int_equal(heard.queue.count, 4);
	assert_int_equal(heard_at(&heard, 0)->map.iova, 2);
	assert_int_equal(heard_at(&heard, 1)->map.iova, 0);
	assert_int_equal(heard_at(&heard, 2)->map.iova, 1);
	assert_int_equal(heard_at(&heard, 2)->ts_ns, 50);
	assert_int_equal(heard_at(&heard, 3)->late.count, 1);
	event_queue_release(&heard.queue);
	stream_free(stream);
}

static void sources_may_push_in_any_order(void **state)
{
	static const uint32_t ids[] = {3, 1, 4, 0, 2};
	struct stream *stream = stream_new(0);
	struct heard heard = {0};
	char text[8] = "borrowed";

	(void)state;
	text[7] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
		push_attr(stream, 10 + ids[i], ids[i], text);
	memset(text, 'x', 7);
	flush(stream, &heard, 100);
	assert_int_equal(heard.queue.count, ARRAY_SIZE(ids));
	for (uint32_t i = 0; i < ARRAY_SIZE(ids); i++) {
		assert_int_equal(heard_at(&heard, i)->attr.id, i);
		assert_string_equal(heard_at(&heard, i)->attr.text, "borrowe");
	}
	event_queue_release(&heard.queue);
	stream_free(stream);
}

static struct event converted(struct raw raw, struct heard *heard)
{
	struct stream *stream = stream_new(4);

	raw.ts_ns = 5;
	raw.cpu = 3;
	raw.pid = 77;
	raw.context = CONTEXT_SOFT_IRQ;
	stream_push_raw(stream, 3, &raw);
	flush(stream, heard, 5);
	stream_free(stream);
	assert_int_equal(heard->queue.count, 1);
	assert_int_equal(heard_at(heard, 0)->ts_ns, 5);
	assert_int_equal(heard_at(heard, 0)->cpu, 3);
	assert_int_equal(heard_at(heard, 0)->pid, 77);
	assert_int_equal(heard_at(heard, 0)->context, CONTEXT_SOFT_IRQ);
	return *heard_at(heard, 0);
}

static void converts_maps_and_unmaps(void **state)
{
	struct heard map = {0};
	struct heard unmap = {0};
	struct event ev;

	(void)state;
	ev = converted((struct raw){.kind = RAW_MAP, .value = {0x1000, 0x2000, 0x3000}}, &map);
	assert_int_equal(ev.kind, EVENT_MAP);
	assert_int_equal(ev.map.iova, 0x1000);
	assert_int_equal(ev.map.size_bytes, 0x3000);
	assert_int_equal(ev.map.domain, DOMAIN_UNATTRIBUTED);
	ev = converted((struct raw){.kind = RAW_UNMAP, .value = {0x1000, 0x2000, 0x3000}}, &unmap);
	assert_int_equal(ev.kind, EVENT_UNMAP);
	assert_int_equal(ev.unmap.iova, 0x1000);
	assert_int_equal(ev.unmap.size_bytes, 0x2000);
	assert_int_equal(ev.unmap.unmapped_bytes, 0x3000);
	event_queue_release(&map.queue);
	event_queue_release(&unmap.queue);
}

static void converts_members(void **state)
{
	static const struct {
		uint8_t raw, event;
		uint32_t group;
	} rows[] = {
		{RAW_ATTACH, EVENT_ATTACH, 0},
		{RAW_DETACH, EVENT_DETACH, 0},
		{RAW_GROUP_ADD, EVENT_GROUP_ADD, 12},
		{RAW_GROUP_LEAVE, EVENT_GROUP_LEAVE, 13},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct heard heard = {0};
		struct event ev = converted((struct raw){.kind = rows[i].raw,
		                                         .text = xstrdup("0000:00:02.0"),
		                                         .value = {rows[i].group}},
		                            &heard);

		assert_int_equal(ev.kind, rows[i].event);
		assert_string_equal(ev.member.device, "0000:00:02.0");
		assert_int_equal(ev.member.group, rows[i].group);
		event_queue_release(&heard.queue);
	}
}

static void converts_faults(void **state)
{
	static const struct {
		uint64_t flags;
		uint8_t direction;
	} rows[] = {{0, DIRECTION_READ}, {1, DIRECTION_WRITE}, {2, DIRECTION_UNKNOWN}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct heard heard = {0};
		struct event ev = converted((struct raw){.kind = RAW_FAULT,
		                                         .text = xstrdup("0000:00:03.0"),
		                                         .value = {0x5678000, rows[i].flags}},
		                            &heard);

		assert_int_equal(ev.kind, EVENT_FAULT);
		assert_string_equal(ev.fault.device, "0000:00:03.0");
		assert_null(ev.fault.reason);
		assert_int_equal(ev.fault.iova, 0x5678000);
		assert_int_equal(ev.fault.flags, FAULT_HAS_IOVA);
		assert_int_equal(ev.fault.source, SOURCE_TRACE);
		assert_int_equal(ev.fault.direction, rows[i].direction);
		event_queue_release(&heard.queue);
	}
}

static void converts_losses(void **state)
{
	struct heard counted = {0};
	struct heard uncounted = {0};
	struct event ev;

	(void)state;
	ev = converted((struct raw){.kind = RAW_LOST, .value = {300}}, &counted);
	assert_int_equal(ev.kind, EVENT_LOST);
	assert_int_equal(ev.lost.count, 300);
	assert_true(ev.lost.exact);
	assert_int_equal(ev.lost.source, SOURCE_TRACE);
	ev = converted((struct raw){.kind = RAW_LOST}, &uncounted);
	assert_int_equal(ev.lost.count, 1);
	assert_false(ev.lost.exact);
	event_queue_release(&counted.queue);
	event_queue_release(&uncounted.queue);
}

static void frees_what_was_never_emitted(void **state)
{
	struct stream *stream = stream_new(1);
	struct raw raw = {.ts_ns = 10, .kind = RAW_ATTACH, .text = xstrdup("0000:00:02.0")};

	(void)state;
	stream_push_raw(stream, 0, &raw);
	push_attr(stream, 10, 1, "never");
	stream_free(stream);
	stream_free(NULL);
}

/* A raw as the property test sees it: where it was pushed, and its place there. */
struct pushed {
	uint64_t ts_ns;
	unsigned int lane, number;
};

static int by_time_then_lane(const void *a, const void *b)
{
	const struct pushed *x = a;
	const struct pushed *y = b;

	if (x->ts_ns != y->ts_ns)
		return x->ts_ns < y->ts_ns ? -1 : 1;
	if (x->lane != y->lane)
		return x->lane < y->lane ? -1 : 1;
	return x->number < y->number ? -1 : 1;
}

enum { PUSHES = 20000 };

static void check_heard(const struct heard *heard, struct pushed *pushed)
{
	qsort(pushed, PUSHES, sizeof(*pushed), by_time_then_lane);
	assert_int_equal(heard->queue.count, PUSHES);
	for (size_t i = 0; i < PUSHES; i++) {
		const struct event *ev = heard_at(heard, i);

		assert_int_equal(ev->ts_ns, pushed[i].ts_ns);
		assert_int_equal(ev->cpu, pushed[i].lane);
		assert_int_equal(ev->map.iova, pushed[i].number);
	}
}

/*
 * Random lanes, random pauses (often none), random flushes at a watermark that all lanes have
 * reached: what comes out is what a sort of everything gives.
 */
static void run_random(unsigned int seed, unsigned int lanes)
{
	struct stream *stream = stream_new(lanes);
	struct pushed *pushed = xcalloc(PUSHES, sizeof(*pushed));
	uint64_t *clocks = xcalloc(lanes, sizeof(*clocks));
	struct heard heard = {0};
	uint64_t watermark = 0;

	srand(seed);
	for (unsigned int i = 0; i < PUSHES; i++) {
		unsigned int lane = (unsigned int)rand() % lanes;

		clocks[lane] += (unsigned int)rand() % 4;
		if (clocks[lane] <= watermark)
			clocks[lane] = watermark + 1;
		pushed[i] = (struct pushed){clocks[lane], lane, i};
		push_map(stream, lane, clocks[lane], i);
		if (rand() % 100 == 0)
			flush(stream, &heard, watermark += (unsigned int)rand() % 8);
	}
	flush(stream, &heard, UINT64_MAX);
	check_heard(&heard, pushed);
	event_queue_release(&heard.queue);
	free(clocks);
	free(pushed);
	stream_free(stream);
}

static void random_interleavings_come_out_sorted(void **state)
{
	static const unsigned int lanes[] = {1, 2, 3, 16, 256, 1024};

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(lanes); i++)
		for (unsigned int seed = 0; seed < 4; seed++)
			run_random(seed * 31 + i, lanes[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(merges_by_time),
		cmocka_unit_test(nothing_passes_the_watermark),
		cmocka_unit_test(equal_times_keep_lane_order),
		cmocka_unit_test(late_events_are_clamped_and_counted),
		cmocka_unit_test(a_lane_that_goes_back_is_late),
		cmocka_unit_test(sources_may_push_in_any_order),
		cmocka_unit_test(converts_maps_and_unmaps),
		cmocka_unit_test(converts_members),
		cmocka_unit_test(converts_faults),
		cmocka_unit_test(converts_losses),
		cmocka_unit_test(frees_what_was_never_emitted),
		cmocka_unit_test(random_interleavings_come_out_sorted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

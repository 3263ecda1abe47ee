// SPDX-License-Identifier: GPL-2.0-or-later
/* stream: order, time that never goes back, gaps, and devices that are told behind their maps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "event_text.h"
#include "owned.h"
#include "sources/domain_ids.h"
#include "sources/pairing.h"
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
	return (struct event_sink){.emit = hear, .context = heard};
}

static const struct event *heard_at(const struct heard *heard, size_t index)
{
	assert_true(index < heard->queue.count);
	return &heard->queue.events[heard->queue.first + index];
}

static struct domain_ids *ids; /* of the one stream that there is at a time */

static struct stream *open_stream(unsigned int cpus)
{
	ids = domain_ids_new();
	return stream_new(cpus, ids);
}

static void close_stream(struct stream *stream)
{
	stream_free(stream);
	domain_ids_free(ids);
}

static void flush(struct stream *stream, struct heard *heard, uint64_t watermark_ns)
{
	struct event_sink sink = ear(heard);

	stream_flush(stream, watermark_ns, &sink);
}

static void push_map(struct stream *stream, unsigned int cpu, uint64_t ts_ns, uint64_t iova)
{
	struct raw raw = {
		.ts_ns = ts_ns, .cpu = (uint16_t)cpu, .kind = RAW_MAP, .value = {iova, 4096}};

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
	struct stream *stream = open_stream(3);
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
	close_stream(stream);
}

static void nothing_passes_the_watermark(void **state)
{
	struct stream *stream = open_stream(2);
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
	close_stream(stream);
}

static void equal_times_keep_lane_order(void **state)
{
	struct stream *stream = open_stream(3);
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
	close_stream(stream);
}

static void late_events_are_clamped_and_counted(void **state)
{
	struct stream *stream = open_stream(1);
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
	close_stream(stream);
}

static void a_lane_that_goes_back_is_late(void **state)
{
	struct stream *stream = open_stream(2);
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
	close_stream(stream);
}

static void sources_may_push_in_any_order(void **state)
{
	static const uint32_t order[] = {3, 1, 4, 0, 2};
	struct stream *stream = open_stream(0);
	struct heard heard = {0};
	char text[8] = "borrowed";

	(void)state;
	text[7] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(order); i++)
		push_attr(stream, 10 + order[i], order[i], text);
	memset(text, 'x', 7);
	flush(stream, &heard, 100);
	assert_int_equal(heard.queue.count, ARRAY_SIZE(order));
	for (uint32_t i = 0; i < ARRAY_SIZE(order); i++) {
		assert_int_equal(heard_at(&heard, i)->attr.id, i);
		assert_string_equal(heard_at(&heard, i)->attr.text, "borrowe");
	}
	event_queue_release(&heard.queue);
	close_stream(stream);
}

/* ---- many lanes ---- */

enum { LANES = 5, ROUNDS = 300, RECORDS = 40 };

static uint32_t random_below(uint64_t *state, uint32_t below)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*state >> 33) % below;
}

/* What was pushed and is not heard yet; oldest first. The lane of pushed events is the last. */
struct waiting {
	uint64_t ts_ns[LANES + 1][RECORDS * 2], number[LANES + 1][RECORDS * 2];
	size_t first[LANES + 1], count[LANES + 1];
};

/* Of equal times the lower lane's. -1: nothing that old. */
static int oldest_lane(const struct waiting *waiting, uint64_t watermark_ns)
{
	int oldest = -1;

	for (int lane = 0; lane <= LANES; lane++) {
		if (waiting->first[lane] == waiting->count[lane] ||
		    waiting->ts_ns[lane][waiting->first[lane]] > watermark_ns)
			continue;
		if (oldest < 0 || waiting->ts_ns[lane][waiting->first[lane]] <
		                          waiting->ts_ns[oldest][waiting->first[oldest]])
			oldest = lane;
	}
	return oldest;
}

/* Few times, so that most are equal to others'; some at once, as a page brings them. */
static void push_lane(struct stream *stream, struct waiting *waiting, unsigned int lane,
                      uint64_t now_ns, uint64_t *number, uint64_t *random)
{
	size_t count = random_below(random, RECORDS);
	struct raw raws[RECORDS];

	for (size_t i = 0; i < count; i++) {
		size_t at = waiting->count[lane]++;

		now_ns += random_below(random, 2);
		waiting->ts_ns[lane][at] = now_ns;
		waiting->number[lane][at] = ++*number;
		raws[i] = (struct raw){.ts_ns = now_ns,
		                       .cpu = (uint16_t)lane,
		                       .kind = RAW_MAP,
		                       .value = {*number, 4096}};
		if (lane == LANES)
			push_attr(stream, now_ns, (uint32_t)*number, "x");
	}
	if (lane < LANES && random_below(random, 2))
		stream_push_raws(stream, lane, raws, count);
	else if (lane < LANES)
		for (size_t i = 0; i < count; i++)
			stream_push_raw(stream, lane, &raws[i]);
}

static void check_order(struct stream *stream, struct waiting *waiting, uint64_t watermark_ns)
{
	struct heard heard = {0};
	size_t at = 0;
	int lane;

	flush(stream, &heard, watermark_ns);
	while ((lane = oldest_lane(waiting, watermark_ns)) >= 0) {
		const struct event *ev = heard_at(&heard, at++);
		size_t place = waiting->first[lane]++;

		assert_int_equal(ev->ts_ns, waiting->ts_ns[lane][place]);
		assert_int_equal(lane == LANES ? ev->attr.id : ev->map.iova,
		                 waiting->number[lane][place]);
	}
	assert_int_equal(heard.queue.count, at);
	event_queue_release(&heard.queue);
}

static void lanes_interleave_by_time_and_then_by_number(void **state)
{
	struct stream *stream = open_stream(LANES);
	uint64_t random = 1, number = 0, now_ns = 1000;

	(void)state;
	for (unsigned int round = 0; round < ROUNDS; round++) {
		struct waiting waiting = {0};

		for (int part = 0; part < 2; part++) {
			for (unsigned int lane = 0; lane <= LANES; lane++)
				push_lane(stream, &waiting, lane, now_ns, &number, &random);
			now_ns += random_below(&random, RECORDS);
			check_order(stream, &waiting, now_ns);
			now_ns += RECORDS;
		}
		check_order(stream, &waiting, now_ns);
	}
	close_stream(stream);
}

/* In a row with others, and as the last of one row before the next. */
static void losses_are_found_among_many(void **state)
{
	struct raw raws[] = {
		{.ts_ns = 10, .kind = RAW_MAP, .value = {1, 4096}},
		{.ts_ns = 20, .kind = RAW_LOST, .value = {3}},
		{.ts_ns = 30, .kind = RAW_MAP, .value = {2, 4096}},
		{.ts_ns = 40, .kind = RAW_LOST, .value = {4}},
		{.ts_ns = 50, .kind = RAW_MAP_CALL, .pid = 7, .value = {0xd1, 3, 4096}},
		{.ts_ns = 50, .kind = RAW_MAP, .pid = 7, .value = {3, 4096}},
		{.ts_ns = 60, .kind = RAW_MAP_CALL, .pid = 7, .value = {0xd1, 4, 4096}},
		{.ts_ns = 70, .kind = RAW_MAP, .pid = 7, .value = {4, 4096}},
	};
	static const uint8_t kinds[] = {EVENT_MAP,  EVENT_LOST, EVENT_MAP,
	                                EVENT_LOST, EVENT_MAP,  EVENT_MAP};

	(void)state;
	for (size_t cut = 1; cut < ARRAY_SIZE(raws); cut++) {
		struct stream *stream = open_stream(1);
		struct heard heard = {0};

		stream_push_raws(stream, 0, raws, cut);
		stream_push_raws(stream, 0, raws + cut, ARRAY_SIZE(raws) - cut);
		flush(stream, &heard, 100);
		assert_int_equal(heard.queue.count, ARRAY_SIZE(kinds));
		for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
			assert_int_equal(heard_at(&heard, i)->kind, kinds[i]);
		/* No task's call may be paired up to the first record behind the loss. */
		assert_int_equal(heard_at(&heard, 4)->map.domain, DOMAIN_UNATTRIBUTED);
		assert_int_equal(heard_at(&heard, 5)->map.domain, domain_ids_find(ids, 0xd1));
		event_queue_release(&heard.queue);
		close_stream(stream);
	}
}

/* ---- pairs ---- */

static void push(struct stream *stream, struct raw raw)
{
	stream_push_raw(stream, raw.cpu, &raw);
}

static struct raw call_at(unsigned int cpu, uint64_t ts_ns, uint64_t domain, uint64_t iova)
{
	return (struct raw){.ts_ns = ts_ns,
	                    .cpu = (uint16_t)cpu,
	                    .pid = 7,
	                    .kind = RAW_MAP_CALL,
	                    .value = {domain, iova, 4096, MAP_WRITE}};
}

static struct raw map_at(unsigned int cpu, uint64_t ts_ns, uint64_t iova)
{
	return (struct raw){.ts_ns = ts_ns,
	                    .cpu = (uint16_t)cpu,
	                    .pid = 7,
	                    .kind = RAW_MAP,
	                    .value = {iova, 4096}};
}

static struct raw pair_at(unsigned int cpu, uint64_t ts_ns, uint64_t domain, uint64_t iova,
                          uint32_t inside_ns)
{
	struct raw pair = call_at(cpu, ts_ns, domain, iova);

	pair.kind = RAW_MAP_PAIR;
	pair.inside_ns = inside_ns;
	return pair;
}

static void a_pair_that_nothing_divides_is_one_event(void **state)
{
	struct stream *stream = open_stream(2);
	struct heard heard = {0};

	(void)state;
	push(stream, pair_at(0, 10, 0xd1, 0x1000, 5));
	push(stream, pair_at(1, 16, 0xd1, 0x2000, 0));
	flush(stream, &heard, 20);
	assert_int_equal(heard.queue.count, 2);
	assert_int_equal(heard_at(&heard, 0)->ts_ns, 15);
	assert_int_equal(heard_at(&heard, 0)->map.iova, 0x1000);
	assert_int_equal(heard_at(&heard, 0)->map.inside_ns, 5);
	assert_int_equal(heard_at(&heard, 0)->map.domain, domain_ids_find(ids, 0xd1));
	assert_int_equal(heard_at(&heard, 0)->map.protection, MAP_WRITE | MAP_PROTECTION_KNOWN);
	assert_int_equal(heard_at(&heard, 1)->ts_ns, 16);
	assert_int_equal(heard_at(&heard, 1)->map.inside_ns, 1);
	event_queue_release(&heard.queue);
	close_stream(stream);
}

/* What another CPU did meanwhile comes between its halves; so does the end of a flush. */
static void a_pair_is_taken_apart_where_something_comes_between(void **state)
{
	struct stream *stream = open_stream(2);
	struct heard heard = {0};

	(void)state;
	push(stream, pair_at(0, 10, 0xd1, 0x1000, 10));
	push(stream, (struct raw){.ts_ns = 15, .cpu = 1, .kind = RAW_MAP, .value = {5, 4096}});
	push(stream, pair_at(0, 30, 0xd1, 0x2000, 10));
	flush(stream, &heard, 35);
	assert_int_equal(heard.queue.count, 2);
	assert_int_equal(heard_at(&heard, 0)->ts_ns, 15);
	assert_int_equal(heard_at(&heard, 1)->ts_ns, 20);
	assert_int_equal(heard_at(&heard, 1)->map.inside_ns, 10);
	flush(stream, &heard, 40);
	assert_int_equal(heard.queue.count, 3);
	assert_int_equal(heard_at(&heard, 2)->ts_ns, 40);
	assert_int_equal(heard_at(&heard, 2)->map.inside_ns, 10);
	assert_int_equal(heard_at(&heard, 2)->map.domain, domain_ids_find(ids, 0xd1));
	event_queue_release(&heard.queue);
	close_stream(stream);
}

/* A loss on another CPU between its halves: the task may have been there. */
static void a_loss_divides_a_pair(void **state)
{
	struct stream *stream = open_stream(2);
	struct heard heard = {0};

	(void)state;
	push(stream, pair_at(0, 10, 0xd1, 0x1000, 10));
	push(stream, (struct raw){.ts_ns = 12, .cpu = 1, .kind = RAW_LOST, .value = {1}});
	push(stream, (struct raw){.ts_ns = 14, .cpu = 1, .kind = RAW_MAP, .value = {5, 4096}});
	flush(stream, &heard, 40);
	assert_int_equal(heard.queue.count, 3);
	assert_int_equal(heard_at(&heard, 0)->kind, EVENT_LOST);
	assert_int_equal(heard_at(&heard, 2)->map.iova, 0x1000);
	assert_int_equal(heard_at(&heard, 2)->map.domain, DOMAIN_UNATTRIBUTED);
	event_queue_release(&heard.queue);
	close_stream(stream);
}

/* A gap begins behind the tracepoint, not behind the call. */
static void a_gap_begins_behind_a_whole_pair(void **state)
{
	struct stream *stream = open_stream(1);
	struct heard heard = {0};

	(void)state;
	push(stream, pair_at(0, 10, 0xd1, 0x1000, 10));
	push(stream, (struct raw){.ts_ns = 30, .kind = RAW_LOST, .value = {1}});
	flush(stream, &heard, 40);
	assert_int_equal(heard.queue.count, 2);
	assert_int_equal(heard_at(&heard, 0)->map.domain, domain_ids_find(ids, 0xd1));
	assert_int_equal(heard_at(&heard, 1)->kind, EVENT_LOST);
	event_queue_release(&heard.queue);
	close_stream(stream);
}

static void halves_of_two_lanes_and_flushes_are_one_event(void **state)
{
	struct stream *stream = open_stream(2);
	struct heard heard = {0};

	(void)state;
	push(stream, call_at(0, 10, 0xd1, 0x1000));
	flush(stream, &heard, 10);
	assert_int_equal(heard.queue.count, 0);
	push(stream, map_at(1, 20, 0x1000));
	flush(stream, &heard, 20);
	assert_int_equal(heard.queue.count, 1);
	assert_int_equal(heard_at(&heard, 0)->map.domain, domain_ids_find(ids, 0xd1));
	assert_int_equal(heard_at(&heard, 0)->map.inside_ns, 10);
	event_queue_release(&heard.queue);
	close_stream(stream);
}

static uint32_t domain_after(const struct event *between)
{
	struct stream *stream = open_stream(1);
	struct heard heard = {0};
	uint32_t domain;

	push(stream, call_at(0, 10, 0xd1, 0x1000));
	push(stream, map_at(0, 20, 0x1000));
	stream_push_event(stream, between);
	flush(stream, &heard, 100);
	assert_int_equal(heard.queue.count, 2);
	domain = heard_at(&heard, 1)->map.domain;
	event_queue_release(&heard.queue);
	close_stream(stream);
	return domain;
}

static void what_breaks_pairs_is_heeded_in_its_place(void **state)
{
	struct event lost = {.ts_ns = 15, .kind = EVENT_LOST};

	(void)state;
	for (int kind = 0; kind < EVENT_KIND_COUNT; kind++) {
		const struct event ev = {.ts_ns = 15, .kind = (uint8_t)kind};
		bool breaks = kind == EVENT_CLASS || kind == EVENT_COLLECT || kind == EVENT_MISSED;

		assert_int_equal(domain_after(&ev), breaks ? DOMAIN_UNATTRIBUTED : 1);
	}
	lost.lost.source = SOURCE_LOG;
	assert_int_equal(domain_after(&lost), 1);
	lost.lost.source = SOURCE_TRACE;
	assert_int_equal(domain_after(&lost), DOMAIN_UNATTRIBUTED);
}

static void push_collect(struct stream *stream, uint64_t ts_ns, enum collect_mode mode)
{
	struct event ev = {.ts_ns = ts_ns, .kind = EVENT_COLLECT};

	ev.collect.mode = (uint8_t)mode;
	stream_push_event(stream, &ev);
}

static void what_is_counted_is_told_once(void **state)
{
	struct stream *stream = open_stream(1);
	struct heard heard = {0};

	(void)state;
	push_collect(stream, 15, COLLECT_COUNTS);
	push_collect(stream, 45, COLLECT_EVENTS);
	push(stream, call_at(0, 10, 0xd1, 0x1000));
	push(stream, map_at(0, 12, 0x1000));
	push(stream, call_at(0, 20, 0xd1, 0x2000));
	push(stream, map_at(0, 30, 0x2000));
	push(stream, call_at(0, 35, 0xd1, 0x3000));
	push(stream, map_at(0, 40, 0x3000));
	push(stream, call_at(0, 50, 0xd1, 0x4000));
	push(stream, map_at(0, 60, 0x4000));
	flush(stream, &heard, 100);
	assert_int_equal(heard.queue.count, 4);
	assert_int_equal(heard_at(&heard, 0)->map.iova, 0x1000);
	assert_int_equal(heard_at(&heard, 3)->map.iova, 0x4000);
	assert_int_equal(heard_at(&heard, 3)->map.domain, 1);
	event_queue_release(&heard.queue);
	close_stream(stream);
}

static void late_halves_pair_with_nothing(void **state)
{
	struct stream *stream = open_stream(2);
	struct heard heard = {0};

	(void)state;
	push(stream, map_at(0, 100, 0x1000));
	flush(stream, &heard, 100);
	push(stream, call_at(1, 90, 0xd1, 0x1000));
	push(stream, map_at(0, 110, 0x1000));
	flush(stream, &heard, 200);
	assert_int_equal(heard.queue.count, 3);
	assert_int_equal(heard_at(&heard, 1)->kind, EVENT_MAP);
	assert_int_equal(heard_at(&heard, 1)->map.domain, DOMAIN_UNATTRIBUTED);
	assert_int_equal(heard_at(&heard, 2)->late.count, 1);
	event_queue_release(&heard.queue);
	close_stream(stream);
}

/*
 * A task calls for domain 1 on CPU 1, gets to CPU 0, where the tracepoint and its next call, for
 * domain 2, are lost, and comes back: the loss is only told after all that.
 */
static void a_gap_counts_from_where_it_began(void **state)
{
	struct stream *stream = open_stream(2);
	struct heard heard = {0};

	(void)state;
	push(stream, map_at(0, 5, 0x9000));
	flush(stream, &heard, 10);
	push(stream, call_at(1, 20, 0xd1, 0x1000));
	push(stream, map_at(1, 50, 0x1000));
	push(stream, (struct raw){.ts_ns = 60, .kind = RAW_LOST, .value = {2}});
	push(stream, call_at(0, 60, 0xd2, 0x2000));
	push(stream, call_at(1, 61, 0xd2, 0x2000));
	push(stream, map_at(1, 62, 0x2000));
	flush(stream, &heard, 100);
	assert_int_equal(heard.queue.count, 4);
	assert_int_equal(heard_at(&heard, 1)->ts_ns, 50);
	assert_int_equal(heard_at(&heard, 1)->map.domain, DOMAIN_UNATTRIBUTED);
	assert_int_equal(heard_at(&heard, 2)->kind, EVENT_LOST);
	assert_int_equal(heard_at(&heard, 2)->ts_ns, 60);
	assert_int_equal(heard_at(&heard, 3)->map.domain, domain_ids_find(ids, 0xd2));
	event_queue_release(&heard.queue);
	close_stream(stream);
}

/* What could not be read of a page was lost behind the loss, up to the next that could. */
static void a_gap_lasts_until_reading_goes_on(void **state)
{
	struct stream *stream = open_stream(2);
	struct heard heard = {0};

	(void)state;
	push(stream, map_at(0, 20, 0x9000));
	push(stream, (struct raw){.ts_ns = 20, .kind = RAW_LOST});
	push(stream, call_at(1, 30, 0xd1, 0x1000));
	push(stream, map_at(1, 40, 0x1000));
	push(stream, (struct raw){.ts_ns = 41, .kind = RAW_FAULT});
	flush(stream, &heard, 100);
	assert_int_equal(heard.queue.count, 4);
	assert_int_equal(heard_at(&heard, 2)->map.iova, 0x1000);
	assert_int_equal(heard_at(&heard, 2)->map.domain, DOMAIN_UNATTRIBUTED);
	event_queue_release(&heard.queue);
	close_stream(stream);
}

/* ---- devices told behind ---- */

static void push_dma(struct stream *stream, uint8_t kind, uint64_t ts_ns, uint64_t address,
                     uint64_t size, uint8_t context)
{
	push(stream, (struct raw){.ts_ns = ts_ns,
	                          .pid = 7,
	                          .kind = kind,
	                          .context = context,
	                          .value = {address, size},
	                          .text = xstrdup("0000:00:04.0")});
}

static void a_dma_record_names_the_maps_before_it(void **state)
{
	struct stream *stream = open_stream(1);
	struct heard heard = {0};
	struct raw nested = map_at(0, 13, 0x7000);

	(void)state;
	nested.context = CONTEXT_HARD_IRQ;
	push(stream, map_at(0, 10, 0x5000));
	push(stream, map_at(0, 11, 0x1000));
	push(stream, map_at(0, 12, 0x2000));
	push(stream, nested);
	push_dma(stream, RAW_DMA_MAP, 14, 0x1200, 0x1000, CONTEXT_NEED_RESCHED);
	push(stream, map_at(0, 15, 0x1000));
	flush(stream, &heard, 100);
	assert_int_equal(heard.queue.count, 6);
	assert_int_equal(heard_at(&heard, 0)->map.domain, DOMAIN_UNATTRIBUTED);
	assert_int_equal(heard_at(&heard, 1)->kind, EVENT_ATTR);
	assert_int_equal(heard_at(&heard, 1)->attr.attribute, ATTR_DOMAIN_DEVICE);
	assert_string_equal(heard_at(&heard, 1)->attr.text, "0000:00:04.0");
	assert_int_equal(heard_at(&heard, 2)->map.domain, heard_at(&heard, 1)->attr.id);
	assert_int_equal(heard_at(&heard, 3)->map.domain, heard_at(&heard, 1)->attr.id);
	assert_int_equal(heard_at(&heard, 4)->map.domain, DOMAIN_UNATTRIBUTED);
	assert_int_equal(heard_at(&heard, 5)->map.domain, DOMAIN_UNATTRIBUTED);
	event_queue_release(&heard.queue);
	close_stream(stream);
}

static void a_dma_record_of_no_map_names_none(void **state)
{
	struct stream *stream = open_stream(1);
	struct heard heard = {0};

	(void)state;
	push(stream, map_at(0, 10, 0x1000));
	push(stream, map_at(0, 11, 0x5000)); /* stands between */
	push_dma(stream, RAW_DMA_MAP, 12, 0x1000, 0x1000, 0);
	push(stream, map_at(0, 13, 0x2000));
	push_dma(stream, RAW_DMA_UNMAP, 14, 0x2000, 0x1000, 0);
	push(stream, map_at(0, 15, 0x3000));
	push_dma(stream, RAW_DMA_MAP, 16, 0x3000, 0x1000, CONTEXT_SOFT_IRQ);
	flush(stream, &heard, 100);
	push_dma(stream, RAW_DMA_MAP, 101, 0x3000, 0x1000, 0); /* too late */
	flush(stream, &heard, 200);
	assert_int_equal(heard.queue.count, 4);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(heard_at(&heard, i)->map.domain, DOMAIN_UNATTRIBUTED);
	event_queue_release(&heard.queue);
	close_stream(stream);
}

/* ---- lists ---- */

#define LIST_DEVICE "0000:00:04.0"

static struct raw piece_at(uint64_t ts_ns, uint64_t iova, uint64_t size)
{
	struct raw raw = map_at(0, ts_ns, iova);

	raw.value[1] = size;
	return raw;
}

static struct raw unmap_at(uint64_t ts_ns, uint64_t iova, uint64_t size, uint8_t context)
{
	struct raw raw = piece_at(ts_ns, iova, size);

	raw.kind = RAW_UNMAP;
	raw.value[2] = size;
	raw.context = context;
	return raw;
}

static void push_list(struct stream *stream, uint64_t ts_ns, uint64_t address, uint64_t size,
                      uint64_t physical)
{
	push(stream, (struct raw){.ts_ns = ts_ns,
	                          .pid = 7,
	                          .kind = RAW_DMA_MAP_LIST,
	                          .value = {address, size, physical},
	                          .text = xstrdup(LIST_DEVICE)});
}

/* Whether each map and unmap that was heard has a device. */
static void heard_named(struct heard *heard, const char *wanted)
{
	size_t at = 0;

	for (size_t i = 0; i < heard->queue.count; i++) {
		const struct event *ev = heard_at(heard, i);

		if (ev->kind != EVENT_MAP && ev->kind != EVENT_UNMAP)
			continue;
		assert_true(wanted[at]);
		assert_int_equal((ev->kind == EVENT_MAP ? ev->map.domain : ev->unmap.domain) !=
		                         DOMAIN_UNATTRIBUTED,
		                 wanted[at] == 'y');
		at++;
	}
	assert_int_equal(wanted[at], 0);
	event_queue_release(&heard->queue);
	*heard = (struct heard){0};
}

/* The second one of three goes beyond what its record tells; as for a list of 129 and more. */
static void a_list_names_all_its_pieces(void **state)
{
	struct stream *stream = open_stream(1);
	struct heard heard = {0};
	struct raw nested = piece_at(13, 0x3000, 0x1000);

	(void)state;
	nested.context = CONTEXT_SOFT_IRQ;
	push(stream, piece_at(10, 0xf000, 0x1000)); /* ends where the list begins, by chance */
	push(stream, piece_at(11, 0x10000, 0x2000));
	push(stream, piece_at(12, 0x12000, 0x1000));
	push(stream, nested);
	push(stream, piece_at(14, 0x13000, 0x4000));
	push_list(stream, 15, 0x10200, 0x6000, 0x777200);
	flush(stream, &heard, 100);
	heard_named(&heard, "nyyny");
	for (uint64_t i = 0; i < 200; i++)
		push(stream, piece_at(110 + i, 0x100000 + i * 4096, 4096));
	push_list(stream, 320, 0x100000, 128 * 4096, 0x777000);
	flush(stream, &heard, 400);
	for (size_t i = 0; i < 200; i++)
		assert_int_not_equal(heard_at(&heard, i)->map.domain, DOMAIN_UNATTRIBUTED);
	event_queue_release(&heard.queue);
	close_stream(stream);
}

static void a_list_that_does_not_fit_names_none(void **state)
{
	struct stream *stream = open_stream(1);
	struct heard heard = {0};

	(void)state;
	push(stream, piece_at(10, 0x1000, 0x1000)); /* a hole behind it */
	push(stream, piece_at(11, 0x3000, 0x1000));
	push_list(stream, 12, 0x1000, 0x3000, 0x777000);
	push(stream, piece_at(20, 0x5000, 0x1000)); /* too short */
	push_list(stream, 21, 0x5000, 0x1001, 0x777000);
	push(stream, piece_at(30, 0x8000, 0x4000)); /* begins before, or in another page */
	push_list(stream, 31, 0x9000, 0x1000, 0x777000);
	push(stream, piece_at(40, 0xa000, 0x1000)); /* not in order, or failed */
	push_list(stream, 41, 0xa000, 0, 0x777000);
	flush(stream, &heard, 100);
	heard_named(&heard, "nnnnn");
	close_stream(stream);
}

static void announce_list(struct stream *stream, uint64_t ts_ns, uint64_t physical, uint8_t context)
{
	push_dma(stream, RAW_DMA_UNMAP_LIST, ts_ns, physical, 0, context);
}

static void a_lists_unmap_is_known_by_its_memory(void **state)
{
	struct stream *stream = open_stream(1);
	struct heard heard = {0};

	(void)state;
	push(stream, piece_at(10, 0x1000, 0x2000));
	push_list(stream, 11, 0x1000, 0x2000, 0x777000);
	push(stream, piece_at(12, 0x8000, 0x1000)); /* the same memory once more */
	push_list(stream, 13, 0x8000, 0x1000, 0x777000);
	announce_list(stream, 20, 0x777000, CONTEXT_SOFT_IRQ);
	push(stream, unmap_at(21, 0x4000, 0x1000, CONTEXT_HARD_IRQ)); /* comes in between */
	push(stream, unmap_at(22, 0x1000, 0x2000, CONTEXT_SOFT_IRQ));
	push(stream, unmap_at(23, 0x1000, 0x2000, CONTEXT_SOFT_IRQ)); /* announced once */
	announce_list(stream, 24, 0x777000, 0);
	push(stream, unmap_at(25, 0x8000, 0x1000, 0));
	announce_list(stream, 26, 0x777000, 0); /* not mapped any more */
	push(stream, unmap_at(27, 0x8000, 0x1000, 0));
	flush(stream, &heard, 100);
	heard_named(&heard, "yynynyn");
	close_stream(stream);
}

/* A device without translation unmaps nothing: what follows is another's. */
static void an_unmap_of_something_else_is_not_the_lists(void **state)
{
	struct stream *stream = open_stream(1);
	struct heard heard = {0};
	struct raw other_task = unmap_at(33, 0x1000, 0x1000, 0);

	(void)state;
	other_task.pid = 8;
	push(stream, piece_at(10, 0x1000, 0x1000));
	push_list(stream, 11, 0x1000, 0x1000, 0x777000);
	announce_list(stream, 20, 0x777000, 0); /* another address */
	push(stream, unmap_at(21, 0x2000, 0x1000, 0));
	push(stream, unmap_at(22, 0x1000, 0x1000, 0)); /* too late */
	announce_list(stream, 30, 0x778000, 0);        /* other memory */
	push(stream, unmap_at(31, 0x1000, 0x1000, 0));
	announce_list(stream, 32, 0x777000, 0);
	push(stream, other_task);
	announce_list(stream, 40, 0x777000, 0);
	push_dma(stream, RAW_DMA_MAP, 41, 0x9000, 0x1000, 0); /* the list's call is over */
	push(stream, unmap_at(42, 0x1000, 0x1000, 0));
	announce_list(stream, 50, 0x777000, 0);
	push(stream, (struct raw){.ts_ns = 51, .kind = RAW_LOST});
	push(stream, unmap_at(52, 0x1000, 0x1000, 0));
	flush(stream, &heard, 100);
	heard_named(&heard, "ynnnnnn");
	close_stream(stream);
}

static void what_is_freed_is_known_by_its_address(void **state)
{
	struct stream *stream = open_stream(1);
	struct heard heard = {0};

	(void)state;
	push_dma(stream, RAW_DMA_FREE, 10, 0x1100, 0x1000, 0);
	push(stream, unmap_at(11, 0x1000, 0x2000, 0));
	push_dma(stream, RAW_DMA_FREE, 12, 0x1000, 0x2000, 0);
	push(stream, unmap_at(13, 0x1000, 0x1000, 0)); /* too short */
	push_dma(stream, RAW_DMA_FREE, 14, 0x1000, 0x1000, 0);
	push(stream, unmap_at(15, 0x2000, 0x1000, 0));
	flush(stream, &heard, 100);
	heard_named(&heard, "ynn");
	push_dma(stream, RAW_DMA_FREE, 110, 0x1000, 0x1000, 0); /* never comes */
	close_stream(stream);
}

/* Those that are pushed together take the same way. */
static void announced_among_many(void **state)
{
	struct stream *stream = open_stream(1);
	struct heard heard = {0};
	struct raw raws[] = {
		piece_at(10, 0x9000, 0x1000),
		{.ts_ns = 11, .pid = 7, .kind = RAW_DMA_FREE, .value = {0x1000, 0x1000}},
		unmap_at(12, 0x1000, 0x1000, 0),
		unmap_at(13, 0x1000, 0x1000, 0),
	};

	(void)state;
	raws[1].text = xstrdup(LIST_DEVICE);
	stream_push_raws(stream, 0, raws, ARRAY_SIZE(raws));
	flush(stream, &heard, 100);
	heard_named(&heard, "nyn");
	close_stream(stream);
}

static void push_number(struct stream *stream, enum attribute attribute, uint32_t id,
                        uint64_t value)
{
	struct event ev = event_attr_number(1, attribute, NULL, id, value);

	stream_push_event(stream, &ev);
}

/* Without probes: what is told of processes beside the records names the domain of the record. */
static void what_is_told_of_processes_names_their_maps(void **state)
{
	struct event collect = {.ts_ns = 1, .kind = EVENT_COLLECT};
	struct raw raw = {.ts_ns = 10, .pid = 101, .kind = RAW_MAP, .value = {0x1000, 4096}};
	struct stream *stream = open_stream(1);
	struct heard heard = {0};

	(void)state;
	collect.collect.mode = COLLECT_TRACEPOINTS;
	stream_push_event(stream, &collect);
	push_number(stream, ATTR_TASK_PROCESS, 101, 90);
	push_number(stream, ATTR_GROUP_HOLDER, 3, 90);
	stream_push_raw(stream, 0, &raw);
	flush(stream, &heard, 10);
	assert_int_equal(heard.queue.count, 6);
	assert_int_equal(heard_at(&heard, 4)->attr.attribute, ATTR_DOMAIN_TASK);
	assert_int_equal(heard_at(&heard, 4)->attr.value, 90);
	assert_int_equal(heard_at(&heard, 5)->map.domain, heard_at(&heard, 4)->attr.id);
	event_queue_release(&heard.queue);
	close_stream(stream);
}

static void frees_what_was_never_emitted(void **state)
{
	struct stream *stream = open_stream(1);
	struct raw raw = {.ts_ns = 10, .kind = RAW_ATTACH, .text = xstrdup("0000:00:02.0")};

	(void)state;
	stream_push_raw(stream, 0, &raw);
	push_attr(stream, 10, 1, "never");
	close_stream(stream);
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
	struct stream *stream = open_stream(lanes);
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
	close_stream(stream);
}

static void random_interleavings_come_out_sorted(void **state)
{
	static const unsigned int lanes[] = {1, 2, 3, 16, 256, 1024};

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(lanes); i++)
		for (unsigned int seed = 0; seed < 4; seed++)
			run_random(seed * 31 + i, lanes[i]);
}

/* ---- a copy ---- */

#define COPY_CPUS 3

struct dice {
	uint64_t state;
};

static uint32_t roll(struct dice *dice, uint32_t sides)
{
	dice->state = dice->state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(dice->state >> 33) % sides;
}

static bool has_device(uint8_t kind)
{
	return kind == RAW_ATTACH || kind == RAW_DETACH || kind == RAW_GROUP_MEMBER ||
	       kind == RAW_DMA_CALL || kind == RAW_DMA_MAP || kind == RAW_DMA_UNMAP ||
	       kind == RAW_DMA_MAP_LIST || kind == RAW_DMA_UNMAP_LIST || kind == RAW_DMA_FREE;
}

/* Anything that can follow anything, of few tasks, domains and addresses. */
static void push_anything(struct stream *stream, struct dice *dice, uint64_t ts_ns)
{
	static const uint8_t kinds[] = {
		RAW_MAP,           RAW_UNMAP,          RAW_ATTACH,       RAW_DETACH,
		RAW_MAP_CALL,      RAW_UNMAP_CALL,     RAW_MAP_RETURN,   RAW_ATTACH_CALL,
		RAW_ATTACH_RETURN, RAW_DOMAIN_FREE,    RAW_GROUP_MEMBER, RAW_GROUP_DOMAINS,
		RAW_DMA_MAP,       RAW_DMA_UNMAP,      RAW_DMA_CALL,     RAW_DMA_MAP_LIST,
		RAW_DMA_FREE,      RAW_DMA_UNMAP_LIST, RAW_LOST,         RAW_MAP,
		RAW_UNMAP,         RAW_MAP_CALL,       RAW_UNMAP_CALL,   RAW_UNREAD,
	};
	static char *const devices[] = {"0000:00:02.0", "0000:00:03.0"};
	unsigned int cpu = roll(dice, COPY_CPUS);
	struct raw raw = {.ts_ns = ts_ns, .cpu = (uint16_t)cpu};

	raw.kind = kinds[roll(dice, ARRAY_SIZE(kinds))];
	raw.pid = (int32_t)roll(dice, 3);
	raw.context = roll(dice, 8) ? 0 : CONTEXT_SOFT_IRQ;
	raw.value[0] = roll(dice, 2) ? 0x1000 : 0xd1 + roll(dice, 2);
	raw.value[1] = roll(dice, 2) ? 0x1000 : 4096;
	raw.value[2] = 4096;
	raw.value[3] = DOMAIN_TYPE_DMA;
	if (has_device(raw.kind))
		raw.text = xstrdup(devices[roll(dice, 2)]);
	stream_push_raw(stream, cpu, &raw);
}

static void push_what_others_say(struct stream *stream, struct dice *dice, uint64_t ts_ns)
{
	struct event ev = event_attr_number(ts_ns, ATTR_TASK_PROCESS, NULL, 1 + roll(dice, 2), 1);

	if (roll(dice, 2))
		ev = event_attr_number(ts_ns, ATTR_GROUP_HOLDER, NULL, roll(dice, 2),
		                       roll(dice, 2));
	else if (roll(dice, 2))
		ev = event_attr_text(ts_ns, ATTR_TASK_COMM, NULL, 1, "somebody");
	stream_push_event(stream, &ev);
}

static void go_on(struct stream *stream, struct heard *heard, uint64_t seed, uint64_t from_ns)
{
	struct dice dice = {seed};

	for (uint64_t ts_ns = from_ns; ts_ns < from_ns + 60; ts_ns++) {
		push_anything(stream, &dice, ts_ns);
		if (!roll(&dice, 8))
			push_what_others_say(stream, &dice, ts_ns);
		if (!roll(&dice, 6))
			flush(stream, heard, ts_ns - roll(&dice, 5));
	}
}

static void same_lines(const struct heard *a, const struct heard *b)
{
	assert_int_equal(a->queue.count, b->queue.count);
	for (size_t i = 0; i < a->queue.count; i++) {
		struct event_line at_a = {0}, at_b = {0};
		char line_a[EVENT_LINE_MAX], line_b[EVENT_LINE_MAX];
		size_t length = event_to_line(&at_a, heard_at(a, i), line_a);

		assert_int_equal(event_to_line(&at_b, heard_at(b, i), line_b), length);
		assert_memory_equal(line_a, line_b, length);
	}
}

/* Wherever it is made. */
static void a_copy_goes_on_as_the_original(void **state)
{
	(void)state;
	for (uint64_t run = 1; run <= 1000; run++) {
		struct stream *stream = open_stream(COPY_CPUS), *copy = stream;
		struct domain_ids *copy_ids = ids;
		struct owned owned = {.task = OWNED_COPY};
		struct heard before = {0}, a = {0}, b = {0};

		pairing_set_mode(stream_pairing(stream),
		                 run % 2 ? COLLECT_TRACEPOINTS : COLLECT_EVENTS);
		go_on(stream, &before, run, 1000);
		domain_ids_owned(&copy_ids, &owned);
		stream_owned(&copy, copy_ids, &owned);
		assert_true(owned.bytes > 0);
		go_on(stream, &a, ~run, 1060);
		flush(stream, &a, 1u << 30);
		close_stream(stream); /* what the copy has is its own */
		go_on(copy, &b, ~run, 1060);
		flush(copy, &b, 1u << 30);
		same_lines(&a, &b);
		stream_free(copy);
		domain_ids_free(copy_ids);
		event_queue_release(&before.queue);
		event_queue_release(&a.queue);
		event_queue_release(&b.queue);
	}
}

static void a_copy_knows_which_lists_are_mapped(void **state)
{
	struct stream *stream = open_stream(1), *copy = stream;
	struct domain_ids *copy_ids = ids;
	struct owned owned = {.task = OWNED_COPY};
	struct heard heard = {0};

	(void)state;
	push(stream, piece_at(10, 0x1000, 0x2000));
	push_list(stream, 11, 0x1000, 0x2000, 0x777000);
	domain_ids_owned(&copy_ids, &owned);
	stream_owned(&copy, copy_ids, &owned);
	close_stream(stream);
	announce_list(copy, 20, 0x777000, 0);
	push(copy, unmap_at(21, 0x1000, 0x2000, 0));
	flush(copy, &heard, 100);
	heard_named(&heard, "yy");
	stream_free(copy);
	domain_ids_free(copy_ids);
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
		cmocka_unit_test(lanes_interleave_by_time_and_then_by_number),
		cmocka_unit_test(losses_are_found_among_many),
		cmocka_unit_test(a_pair_that_nothing_divides_is_one_event),
		cmocka_unit_test(a_pair_is_taken_apart_where_something_comes_between),
		cmocka_unit_test(a_loss_divides_a_pair),
		cmocka_unit_test(a_gap_begins_behind_a_whole_pair),
		cmocka_unit_test(halves_of_two_lanes_and_flushes_are_one_event),
		cmocka_unit_test(what_breaks_pairs_is_heeded_in_its_place),
		cmocka_unit_test(late_halves_pair_with_nothing),
		cmocka_unit_test(a_gap_counts_from_where_it_began),
		cmocka_unit_test(a_gap_lasts_until_reading_goes_on),
		cmocka_unit_test(a_dma_record_names_the_maps_before_it),
		cmocka_unit_test(a_dma_record_of_no_map_names_none),
		cmocka_unit_test(a_list_names_all_its_pieces),
		cmocka_unit_test(a_list_that_does_not_fit_names_none),
		cmocka_unit_test(a_lists_unmap_is_known_by_its_memory),
		cmocka_unit_test(an_unmap_of_something_else_is_not_the_lists),
		cmocka_unit_test(what_is_freed_is_known_by_its_address),
		cmocka_unit_test(announced_among_many),
		cmocka_unit_test(what_is_counted_is_told_once),
		cmocka_unit_test(what_is_told_of_processes_names_their_maps),
		cmocka_unit_test(frees_what_was_never_emitted),
		cmocka_unit_test(random_interleavings_come_out_sorted),
		cmocka_unit_test(a_copy_goes_on_as_the_original),
		cmocka_unit_test(a_copy_knows_which_lists_are_mapped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

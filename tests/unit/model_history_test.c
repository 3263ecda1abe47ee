// SPDX-License-Identifier: GPL-2.0-or-later
/* model_history: the same answers as a table of all pages gives, in whatever little memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model_history.h"
#include "util.h"

#define PAGE 4096ull

static void say_map(struct history *history, uint64_t ts_ns, uint32_t domain, uint64_t page,
                    uint64_t pages, int32_t pid, uint8_t protection)
{
	const struct event ev = {.ts_ns = ts_ns,
	                         .kind = EVENT_MAP,
	                         .pid = pid,
	                         .map = {.iova = page * PAGE,
	                                 .size_bytes = pages * PAGE,
	                                 .domain = domain,
	                                 .protection = protection}};

	history_map(history, &ev);
}

static void say_unmap(struct history *history, uint64_t ts_ns, uint32_t domain, uint64_t page,
                      uint64_t pages, int32_t pid)
{
	const struct event ev = {.ts_ns = ts_ns,
	                         .kind = EVENT_UNMAP,
	                         .pid = pid,
	                         .unmap = {.iova = page * PAGE,
	                                   .size_bytes = pages * PAGE,
	                                   .unmapped_bytes = pages * PAGE,
	                                   .domain = domain}};

	history_unmap(history, &ev);
}

static struct history *watching(size_t limit_bytes)
{
	struct history *history = history_new(limit_bytes);

	history_watch(history, true, 1);
	return history;
}

static void state_is(struct history *history, uint32_t domain, uint64_t page,
                     enum history_state state)
{
	assert_int_equal(history_ask(history, domain, page * PAGE).state, state);
}

/* ---- one by one ---- */

static void a_mapping_is_found_by_each_of_its_addresses(void **state)
{
	struct history *history = watching(1 << 16);
	struct history_answer answer;

	(void)state;
	say_map(history, 10, 3, 0x100, 4, 42, MAP_READ | MAP_PROTECTION_KNOWN);
	answer = history_ask(history, 3, 0x103fff);
	assert_int_equal(answer.state, HISTORY_MAPPED);
	assert_int_equal(answer.protection, MAP_READ | MAP_PROTECTION_KNOWN);
	assert_int_equal(answer.pid, 42);
	assert_int_equal(answer.ts_ns, 10);
	assert_int_equal(answer.iova, 0x100000);
	assert_int_equal(answer.size_bytes, 4 * PAGE);
	state_is(history, 3, 0xff, HISTORY_NOTHING);
	state_is(history, 3, 0x104, HISTORY_BEHIND);
	state_is(history, 3, 0x105, HISTORY_NOTHING);
	state_is(history, 4, 0x100, HISTORY_NOTHING);
	history_free(history);
}

static void an_unmap_says_when_and_by_whom(void **state)
{
	struct history *history = watching(1 << 16);
	struct history_answer answer;

	(void)state;
	say_map(history, 10, 3, 0x100, 4, 42, 0);
	say_unmap(history, 20, 3, 0x100, 4, 43);
	answer = history_ask(history, 3, 0x102000);
	assert_int_equal(answer.state, HISTORY_UNMAPPED);
	assert_int_equal(answer.pid, 43);
	assert_int_equal(answer.ts_ns, 20);
	assert_int_equal(answer.size_bytes, 4 * PAGE);
	say_map(history, 30, 3, 0x102, 1, 44, 0);
	state_is(history, 3, 0x102, HISTORY_MAPPED);
	state_is(history, 3, 0x101, HISTORY_UNMAPPED);
	history_free(history);
}

static void what_was_missed_makes_it_begin_anew(void **state)
{
	struct history *history = watching(1 << 16);

	(void)state;
	say_map(history, 10, 3, 1, 1, 0, 0);
	history_gap(history, 20);
	assert_int_equal(history_since(history, 3), 20);
	state_is(history, 3, 1, HISTORY_NOTHING);
	say_map(history, 30, 3, 1, 1, 0, 0);
	say_map(history, 40, DOMAIN_UNATTRIBUTED, 9, 1, 0, 0);
	assert_int_equal(history_since(history, 3), 40);
	state_is(history, 3, 1, HISTORY_NOTHING);
	say_map(history, 50, 3, 1, 1, 0, 0);
	history_watch(history, false, 60);
	assert_int_equal(history_since(history, 3), 0);
	say_map(history, 70, 3, 1, 1, 0, 0);
	state_is(history, 3, 1, HISTORY_NOTHING);
	history_watch(history, true, 80);
	assert_int_equal(history_since(history, 3), 80);
	state_is(history, 3, 1, HISTORY_NOTHING);
	history_free(history);
}

/* No page table has such: some of what is around it was not seen. */
static void addresses_that_are_no_pages_are_a_gap(void **state)
{
	static const struct {
		uint64_t iova, size_bytes;
	} odd[] = {{0x800, 0x1000}, {0x1000, 0x10}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(odd); i++) {
		struct history *history = watching(1 << 16);
		const struct event ev = {
			.ts_ns = 30,
			.kind = EVENT_MAP,
			.map = {.iova = odd[i].iova, .size_bytes = odd[i].size_bytes, .domain = 3}};

		say_map(history, 10, 3, 1, 1, 0, 0);
		history_map(history, &ev);
		assert_int_equal(history_since(history, 3), 30);
		state_is(history, 3, 1, HISTORY_NOTHING);
		history_free(history);
	}
}

static void the_last_page_of_all_is_one_as_any(void **state)
{
	struct history *history = watching(1 << 10);
	uint64_t last = UINT64_MAX / PAGE;

	(void)state;
	say_map(history, 10, 3, last, 1, 7, 0);
	for (uint64_t i = 0; i < 1000; i++) {
		state_is(history, 3, last, HISTORY_MAPPED);
		say_map(history, 10, 4, 5, 1, 7, 0);
		say_unmap(history, 10, 4, 5, 1, 7);
	}
	say_unmap(history, 20, 3, last, 1, 7);
	state_is(history, 3, last, HISTORY_UNMAPPED);
	state_is(history, 3, 0, HISTORY_NOTHING);
	history_free(history);
}

/* By what another domain does. */
static void push_out_at(struct history *history, uint64_t ts_ns)
{
	for (uint64_t i = 0; i < 1000; i++) {
		say_map(history, ts_ns, 4000000, 5, 1, 7, 0);
		say_unmap(history, ts_ns, 4000000, 5, 1, 7);
	}
}

static void push_out(struct history *history)
{
	push_out_at(history, 1000);
}

/* More than what is known of which pages the extents may have can tell of. */
static void a_map_of_very_many_pages_is_cut_anywhere(void **state)
{
	struct history *history = watching(1 << 16);

	(void)state;
	for (uint64_t page = 0; page < 0x400; page += 0x100) {
		say_map(history, 10, 3, page, 1, 42, 0);
		say_unmap(history, 20, 3, page, 1, 42);
	}
	push_out(history);
	say_map(history, 2000, 3, 0, 0x4000, 42, 0);
	push_out(history);
	for (uint64_t page = 0; page < 0x400; page += 0x100)
		say_unmap(history, 3000, 3, page, 1, 42);
	push_out(history);
	for (uint64_t page = 0; page < 0x400; page += 0x100) {
		assert_int_not_equal(history_ask(history, 3, page * PAGE).state, HISTORY_MAPPED);
		state_is(history, 3, page + 1, HISTORY_MAPPED);
	}
	history_free(history);
}

/* Some of its pages were unmapped, and another map has them: the unmap is of both. */
static void a_map_with_a_hole_takes_back_nothing_for_another(void **state)
{
	(void)state;
	for (uint64_t behind = 0; behind < 2; behind++) {
		struct history *history = watching(1 << 12);

		say_map(history, 10, 3, 0x100, 8, 42, 0);
		say_unmap(history, 20, 3, 0x102, 2, 42);
		say_map(history, 30, 3, 0x102, 2, 42, 0);
		if (behind)
			say_map(history, 40, 3, 0x108, 1, 42, 0);
		say_unmap(history, 50, 3, 0x100, 8 + behind, 42);
		push_out(history);
		for (uint64_t page = 0x100; page < 0x109; page++)
			state_is(history, 3, page, HISTORY_NOTHING);
		history_free(history);
	}
}

/* Mapped one behind the other, but unmapped and mapped again one by one. */
static void a_run_can_be_taken_apart(void **state)
{
	struct history *history = watching(1 << 12);

	(void)state;
	for (uint64_t page = 0x100; page < 0x108; page++)
		say_map(history, page, 3, page, 1, 42, 0);
	say_unmap(history, 500, 3, 0x103, 1, 42);
	say_map(history, 510, 3, 0x103, 1, 43, 0);
	say_unmap(history, 520, 3, 0x100, 6, 42);
	push_out(history);
	for (uint64_t page = 0x100; page < 0x106; page++)
		state_is(history, 3, page, HISTORY_NOTHING);
	state_is(history, 3, 0x106, HISTORY_MAPPED);
	state_is(history, 3, 0x107, HISTORY_MAPPED);
	history_free(history);
}

/* A map that had gone was found by its address and hid that a younger one had lost that page. */
static void a_map_that_has_gone_hides_nothing(void **state)
{
	struct history *history = watching(1 << 12);

	(void)state;
	say_map(history, 10, 3, 71, 1, 42, 0);
	say_unmap(history, 20, 3, 500, 1, 42);
	say_unmap(history, 30, 3, 71, 1, 42);
	say_map(history, 40, 3, 70, 2, 42, 0);
	say_unmap(history, 50, 3, 71, 1, 42);
	say_map(history, 60, 3, 71, 1, 42, 0);
	say_unmap(history, 70, 3, 70, 2, 42);
	state_is(history, 3, 71, HISTORY_UNMAPPED);
	push_out(history);
	state_is(history, 3, 70, HISTORY_NOTHING);
	state_is(history, 3, 71, HISTORY_NOTHING);
	history_free(history);
}

/* Some drivers map what is mapped: the newest counts, and one unmap takes all of them back. */
static void a_map_over_another_is_unmapped_with_it(void **state)
{
	(void)state;
	for (uint64_t pages = 1; pages <= 4; pages += 3) {
		struct history *history = watching(1 << 12);

		say_map(history, 10, 3, 0x100, 4, 42, 0);
		say_map(history, 20, 3, 0x100, pages, 43, 0);
		assert_int_equal(history_ask(history, 3, 0x100 * PAGE).pid, 43);
		say_unmap(history, 30, 3, 0x100, 4, 42);
		push_out(history);
		for (uint64_t page = 0x100; page < 0x104; page++)
			state_is(history, 3, page, HISTORY_NOTHING);
		history_free(history);
	}
}

/* ---- much ---- */

static void the_memory_of_a_guest_is_one_extent_an_hour_later(void **state)
{
	struct history *history = watching(8u << 20);
	uint64_t pages = 1u << 20;
	struct history_answer answer;

	(void)state;
	for (uint64_t page = 0; page < pages; page++)
		say_map(history, 10 + page, 3, page, 1, 42, MAP_READ | MAP_PROTECTION_KNOWN);
	for (uint64_t i = 0; i < 600000; i++) {
		say_map(history, i << 24, 4, 0xffffe - i % 5000, 1, 7, 0);
		say_unmap(history, i << 24, 4, 0xffffe - i % 5000, 1, 7);
	}
	answer = history_ask(history, 3, pages / 2 * PAGE);
	assert_int_equal(answer.state, HISTORY_MAPPED);
	assert_int_equal(answer.iova, 0);
	assert_int_equal(answer.size_bytes, pages * PAGE);
	assert_int_equal(answer.pid, 42);
	assert_int_equal(answer.ts_ns, 9 + pages);
	state_is(history, 3, pages, HISTORY_BEHIND);
	state_is(history, 3, pages + 1, HISTORY_NOTHING);
	assert_int_equal(history_since(history, 3), 1);
	assert_int_equal(history_ask(history, 4, 0xffffd000).state, HISTORY_UNMAPPED);
	history_free(history);
}

/* Every second page: nothing can be put together. The other domain keeps what it has. */
static void mappings_side_by_side_are_one_stretch(void **state)
{
	struct history *history = watching(1 << 16);

	(void)state;
	assert_int_equal(history_stretches(history, 3), 0);
	say_map(history, 10, 3, 0x100, 4, 42, MAP_READ);
	say_map(history, 11, 3, 0x104, 4, 42, MAP_READ);
	say_map(history, 12, 4, 0x108, 4, 42, MAP_READ);
	assert_int_equal(history_stretches(history, 3), 1);
	say_map(history, 13, 3, 0x108, 4, 42, MAP_WRITE);
	say_map(history, 14, 3, 0x10c, 4, 43, MAP_WRITE);
	say_map(history, 15, 3, 0x120, 1, 43, MAP_WRITE);
	assert_int_equal(history_stretches(history, 3), 4);
	say_unmap(history, 16, 3, 0x102, 1, 42);
	assert_int_equal(history_stretches(history, 3), 5);
	push_out(history);
	assert_int_equal(history_stretches(history, 3), 5);
	say_unmap(history, 17, 3, 0x100, 0x20, 42);
	assert_int_equal(history_stretches(history, 3), 1);
	history_forget(history, 3, 18);
	assert_int_equal(history_stretches(history, 3), 0);
	assert_int_equal(history_stretches(history, 4), 1);
	history_free(history);
}

static void a_domain_too_large_is_not_known_and_harms_no_other(void **state)
{
	struct history *history = watching(1 << 14);
	uint64_t ts_ns = 10, since_ns;

	(void)state;
	say_map(history, ts_ns, 4, 77, 2, 1, 0);
	for (uint64_t i = 0; i < 5000; i++)
		say_map(history, ++ts_ns, 3, 2 * i, 1, 1, 0);
	since_ns = history_since(history, 3);
	assert_in_range(since_ns, 11, ts_ns);
	assert_int_equal(history_since(history, 4), 1);
	state_is(history, 4, 78, HISTORY_MAPPED);
	for (uint64_t i = 0; i < 5000; i++)
		if (11 + i > since_ns)
			state_is(history, 3, 2 * i, HISTORY_MAPPED);
	history_free(history);
}

static void many_domains_too_large_are_told_apart_no_more(void **state)
{
	struct history *history = watching(1 << 12);

	(void)state;
	for (uint32_t domain = 1; domain <= 20; domain++)
		for (uint64_t i = 0; i < 200; i++)
			say_map(history, domain * 1000 + i, domain, 2 * i, 1, 1, 0);
	for (uint32_t domain = 1; domain < 20; domain++)
		assert_true(history_since(history, domain) > 1);
	history_free(history);
}

static void it_stays_within_its_memory(void **state)
{
	(void)state;
	for (size_t limit = 1 << 11; limit <= 64u << 20; limit += limit / 3) {
		struct history *history = history_new(limit);

		assert_true(history_bytes(history) <= limit);
		if (limit > 1 << 16)
			assert_true(history_bytes(history) > limit / 2);
		history_free(history);
	}
}

/* ---- the same as a table of all pages ---- */

#define DOMAINS 3
#define PAGES   96
#define BASE    464ull /* of the first page: they stand on both sides of 2 MiB */

/* What is done in a run. */
struct course {
	unsigned int pages;  /* so many of them are in use */
	unsigned int any;    /* so many of 1000 steps unmap pages, mapped or not */
	unsigned int over;   /* so many map pages, mapped or not */
	unsigned int beside; /* so many push the journal on, beside the domains */
	bool roomy;          /* all of it is in the journal at the end */
};

struct page {
	bool mapped, ever_unmapped;
	uint32_t map; /* which map, by number; 0: none */
	uint64_t map_ns, unmap_ns;
	int32_t map_pid, unmap_pid;
	uint8_t protection;
};

struct oracle {
	struct course course;
	uint32_t number[DOMAINS];
	struct page pages[DOMAINS][PAGES];
	uint32_t maps;
	uint64_t now_ns;
	unsigned int seed;
};

static unsigned int dice(struct oracle *oracle, unsigned int sides)
{
	return (unsigned int)rand_r(&oracle->seed) % sides;
}

static void map_at(struct oracle *oracle, struct history *history, unsigned int domain,
                   unsigned int first, unsigned int count)
{
	uint8_t protection = dice(oracle, 2) ? MAP_READ | MAP_PROTECTION_KNOWN : 0;
	int32_t pid = 1 + (int32_t)dice(oracle, 2);

	oracle->maps++;
	for (unsigned int i = 0; i < count; i++) {
		struct page *page = &oracle->pages[domain][first + i];

		page->mapped = true;
		page->map = oracle->maps;
		page->map_ns = oracle->now_ns;
		page->map_pid = pid;
		page->protection = protection;
	}
	say_map(history, oracle->now_ns, oracle->number[domain], BASE + first, count, pid,
	        protection);
}

static void map_some(struct oracle *oracle, struct history *history, unsigned int domain)
{
	unsigned int first = dice(oracle, oracle->course.pages), count = 0,
		     most = 1 + dice(oracle, 8);

	while (first + count < oracle->course.pages && count < most &&
	       !oracle->pages[domain][first + count].mapped)
		count++;
	if (count)
		map_at(oracle, history, domain, first, count);
}

static void unmap_run(struct oracle *oracle, struct history *history, unsigned int domain,
                      unsigned int first, unsigned int count)
{
	int32_t pid = 1 + (int32_t)dice(oracle, 3);

	for (unsigned int i = 0; i < count; i++) {
		struct page *page = &oracle->pages[domain][first + i];

		page->mapped = false;
		page->ever_unmapped = true;
		page->unmap_ns = oracle->now_ns;
		page->unmap_pid = pid;
	}
	say_unmap(history, oracle->now_ns, oracle->number[domain], BASE + first, count, pid);
}

static unsigned int any_count(struct oracle *oracle, unsigned int first)
{
	unsigned int count = 1 + dice(oracle, 12), room = oracle->course.pages - first;

	return count < room ? count : room;
}

static void map_any(struct oracle *oracle, struct history *history, unsigned int domain)
{
	unsigned int first = dice(oracle, oracle->course.pages);

	map_at(oracle, history, domain, first, any_count(oracle, first));
}

static void unmap_any(struct oracle *oracle, struct history *history, unsigned int domain)
{
	unsigned int first = dice(oracle, oracle->course.pages);

	unmap_run(oracle, history, domain, first, any_count(oracle, first));
}

/* As for a list of pages: maps side by side, then one unmap of all of them. */
static void map_list(struct oracle *oracle, struct history *history, unsigned int domain)
{
	unsigned int first = dice(oracle, oracle->course.pages), room = 0, count;

	while (first + room < oracle->course.pages && !oracle->pages[domain][first + room].mapped)
		room++;
	for (; room; room -= count, first += count) {
		count = 1 + dice(oracle, room);
		map_at(oracle, history, domain, first, count);
		if (!dice(oracle, 4))
			break;
	}
}

/* Mostly a whole map or several; else some pages, of however many maps. */
static void unmap_some(struct oracle *oracle, struct history *history, unsigned int domain)
{
	struct page *pages = oracle->pages[domain];
	unsigned int first = dice(oracle, oracle->course.pages), count = 0,
		     most = 1 + dice(oracle, 12);
	unsigned int maps = dice(oracle, 3); /* more than one */
	bool whole = dice(oracle, 8) > 0;

	if (!pages[first].mapped)
		return;
	while (whole && first && pages[first - 1].mapped &&
	       pages[first - 1].map == pages[first].map)
		first--;
	while (first + count < oracle->course.pages && pages[first + count].mapped &&
	       (whole ? pages[first + count].map == pages[first].map : count < most))
		count++;
	while (whole && maps && first + count < oracle->course.pages &&
	       pages[first + count].mapped) {
		maps -= pages[first + count].map != pages[first + count - 1].map;
		count++;
	}
	while (whole && first + count < oracle->course.pages && pages[first + count].mapped &&
	       pages[first + count].map == pages[first + count - 1].map)
		count++;
	unmap_run(oracle, history, domain, first, count);
}

static void free_domain(struct oracle *oracle, struct history *history, unsigned int domain)
{
	history_forget(history, oracle->number[domain], oracle->now_ns);
	memset(oracle->pages[domain], 0, sizeof(oracle->pages[domain]));
	oracle->number[domain] += DOMAINS;
}

static void gap(struct oracle *oracle, struct history *history)
{
	history_gap(history, oracle->now_ns);
	memset(oracle->pages, 0, sizeof(oracle->pages));
}

/* Exact where it says something; says nothing only where it may. */
static void page_is_right(struct oracle *oracle, struct history *history, unsigned int domain,
                          unsigned int at)
{
	const struct page *page = &oracle->pages[domain][at];
	uint32_t number = oracle->number[domain];
	uint64_t iova = (BASE + at) * PAGE;
	struct history_answer answer = history_ask(history, number, iova + dice(oracle, 4096));
	bool roomy = oracle->course.roomy;

	if (answer.state == HISTORY_BEHIND) {
		assert_int_equal(answer.iova + answer.size_bytes, iova);
		assert_true(at && page[-1].mapped);
		assert_true(!page->mapped || page->map_ns <= history_since(history, number));
		assert_int_equal(answer.pid, page[-1].map_pid);
	} else if (answer.state != HISTORY_NOTHING) {
		assert_true(answer.iova <= iova);
		assert_true(answer.iova + answer.size_bytes > iova);
	}
	if (page->mapped && (roomy || page->map_ns > history_since(history, number)))
		assert_int_equal(answer.state, HISTORY_MAPPED);
	if (!page->mapped && page->ever_unmapped && roomy)
		assert_int_equal(answer.state, HISTORY_UNMAPPED);
	if (!page->mapped && !page->ever_unmapped && at && page[-1].mapped && roomy)
		assert_int_equal(answer.state, HISTORY_BEHIND);
	switch (answer.state) {
	case HISTORY_MAPPED:
		assert_true(page->mapped);
		assert_int_equal(answer.pid, page->map_pid);
		assert_int_equal(answer.protection, page->protection);
		assert_true(answer.ts_ns >= page->map_ns);
		if (roomy)
			assert_int_equal(answer.ts_ns, page->map_ns);
		break;
	case HISTORY_UNMAPPED:
		assert_true(!page->mapped && page->ever_unmapped);
		assert_int_equal(answer.pid, page->unmap_pid);
		assert_int_equal(answer.ts_ns, page->unmap_ns);
		break;
	default:
		break;
	}
}

/* As many as an answer of each page tells of. */
static void stretches_are_right(const struct oracle *oracle, struct history *history,
                                unsigned int domain)
{
	struct history_answer before = {.state = HISTORY_NOTHING}, here;
	size_t count = 0;

	for (unsigned int at = 0; at < oracle->course.pages; at++) {
		here = history_ask(history, oracle->number[domain], (BASE + at) * PAGE);
		count += here.state == HISTORY_MAPPED &&
		         (before.state != HISTORY_MAPPED || here.pid != before.pid ||
		          here.protection != before.protection);
		before = here;
	}
	assert_int_equal(history_stretches(history, oracle->number[domain]), count);
}

static void all_is_right(struct oracle *oracle, struct history *history)
{
	for (unsigned int domain = 0; domain < DOMAINS; domain++)
		stretches_are_right(oracle, history, domain);
	for (unsigned int domain = 0; domain < DOMAINS; domain++)
		for (unsigned int at = 0; at < oracle->course.pages; at++)
			page_is_right(oracle, history, domain, at);
}

/* Mostly what drivers do. */
static void do_as_drivers(struct oracle *oracle, struct history *history, unsigned int domain)
{
	unsigned int kind = dice(oracle, 1000);

	if (!kind)
		gap(oracle, history);
	else if (kind < 4)
		free_domain(oracle, history, domain);
	else if (kind < 100)
		map_list(oracle, history, domain);
	else if (kind < 500)
		map_some(oracle, history, domain);
	else
		unmap_some(oracle, history, domain);
}

/* Only what is in the journal no more shows what was made of it. */
static void push_out_all(struct oracle *oracle, struct history *history)
{
	push_out_at(history, oracle->now_ns);
	all_is_right(oracle, history);
}

static void do_something(struct oracle *oracle, struct history *history, unsigned int domain)
{
	const struct course *course = &oracle->course;
	unsigned int kind = dice(oracle, 1000);

	if (kind < course->any)
		unmap_any(oracle, history, domain);
	else if (kind < course->any + course->over)
		map_any(oracle, history, domain);
	else if (kind < course->any + course->over + course->beside)
		push_out_all(oracle, history);
	else
		do_as_drivers(oracle, history, domain);
}

static void run_against_the_oracle(size_t limit_bytes, unsigned int seed, unsigned int steps,
                                   const struct course *course)
{
	struct oracle oracle = {.course = *course, .seed = seed, .now_ns = 1, .number = {1, 2, 3}};
	struct history *history = watching(limit_bytes);

	for (unsigned int step = 0; step < steps; step++) {
		unsigned int domain = dice(&oracle, DOMAINS);

		oracle.now_ns++;
		do_something(&oracle, history, domain);
		if (step % 7 == 0)
			page_is_right(&oracle, history, domain, dice(&oracle, course->pages));
		if (step % 500 == 0)
			all_is_right(&oracle, history);
	}
	all_is_right(&oracle, history);
	history_free(history);
}

static void with_room_it_knows_all_that_a_table_of_pages_knows(void **state)
{
	static const struct course courses[] = {
		{.pages = PAGES, .roomy = true},
		{.pages = 8, .any = 200, .over = 50, .roomy = true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(courses); i++)
		for (unsigned int seed = 1; seed <= 10; seed++)
			run_against_the_oracle(8u << 20, seed, 20000, &courses[i]);
}

static void with_little_room_it_says_nothing_wrong(void **state)
{
	(void)state;
	for (size_t limit = 256; limit <= 1 << 16; limit *= 2)
		for (unsigned int seed = 1; seed <= 6; seed++)
			run_against_the_oracle(limit, seed, 10000,
			                       &(struct course){.pages = PAGES});
}

/* Some of a map, of several, of none; on few pages, so that all that can meet there does. */
static void whatever_is_unmapped_it_says_nothing_wrong(void **state)
{
	static const struct course courses[] = {
		{.pages = 2, .any = 20, .beside = 50},
		{.pages = 3, .any = 50, .beside = 50},
		{.pages = 6, .any = 200, .beside = 20},
		{.pages = 20, .any = 500, .beside = 5},
		{.pages = 6, .any = 100, .over = 50, .beside = 20},
		{.pages = 64, .any = 300, .over = 300, .beside = 5},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(courses); i++)
		for (size_t limit = 1 << 11; limit <= 1 << 15; limit *= 2)
			for (unsigned int seed = 1; seed <= 3; seed++)
				run_against_the_oracle(limit, seed, 5000, &courses[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mapping_is_found_by_each_of_its_addresses),
		cmocka_unit_test(an_unmap_says_when_and_by_whom),
		cmocka_unit_test(what_was_missed_makes_it_begin_anew),
		cmocka_unit_test(addresses_that_are_no_pages_are_a_gap),
		cmocka_unit_test(the_last_page_of_all_is_one_as_any),
		cmocka_unit_test(a_map_of_very_many_pages_is_cut_anywhere),
		cmocka_unit_test(a_map_with_a_hole_takes_back_nothing_for_another),
		cmocka_unit_test(a_run_can_be_taken_apart),
		cmocka_unit_test(a_map_that_has_gone_hides_nothing),
		cmocka_unit_test(a_map_over_another_is_unmapped_with_it),
		cmocka_unit_test(the_memory_of_a_guest_is_one_extent_an_hour_later),
		cmocka_unit_test(mappings_side_by_side_are_one_stretch),
		cmocka_unit_test(a_domain_too_large_is_not_known_and_harms_no_other),
		cmocka_unit_test(many_domains_too_large_are_told_apart_no_more),
		cmocka_unit_test(it_stays_within_its_memory),
		cmocka_unit_test(with_room_it_knows_all_that_a_table_of_pages_knows),
		cmocka_unit_test(with_little_room_it_says_nothing_wrong),
		cmocka_unit_test(whatever_is_unmapped_it_says_nothing_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* model_copy: a copy lives on its own, and the same becomes of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model_private.h"
#include "owned.h"
#include "picture.h"
#include "scene.h"
#include "sources/replay.h"
#include "util.h"

/* So little that everything overflows. */
static const struct model_limits little = {
	.faults = 3,
	.occurrences = 3,
	.notes = 4,
	.history_bytes = 8192,
	.log = 16,
	.boot = 4,
	.tasks = 16,
	.domains = 6,
	.former = 2,
	.transitions = 4,
	.pool_bytes = 4096,
};

static void assert_alike(struct model *a, struct model *b)
{
	char *left = picture_of(a), *right = picture_of(b);

	assert_string_equal(left, right);
	free(left);
	free(right);
}

/* ---- recordings ---- */

static const char *const sessions[] = {"doctor", "domains", "faults", "guest",
                                       "lab",    "odd",     "streams"};

struct run {
	struct replay *replay;
	struct model *first, *copy, *still; /* the last hears nothing */
	char *then;                         /* what still looked like */
	size_t ticks;
};

static struct replay *open_session(const char *name)
{
	struct error err;
	char path[100];
	struct replay *replay;

	snprintf(path, sizeof(path), "tests/fixtures/sessions/%s.rec", name);
	replay = replay_open(path, &err);
	assert_non_null(replay);
	return replay;
}

static size_t events_of(const char *name)
{
	struct replay *replay = open_session(name);
	struct event ev;
	size_t count = 0;

	while (replay_next(replay, &ev))
		count++;
	replay_close(replay);
	return count;
}

static void part(struct run *run)
{
	run->copy = model_copy(run->first);
	run->still = model_copy(run->first);
	assert_int_equal(model_bytes(run->copy), model_bytes(run->first));
	assert_alike(run->first, run->copy);
	run->then = picture_of(run->still);
}

static void hear(struct run *run, const struct event *ev)
{
	model_apply(run->first, ev);
	if (!run->copy)
		return;
	model_apply(run->copy, ev);
	/* Each look costs much more than what is looked at. */
	if (ev->kind == EVENT_TICK && ++run->ticks % 16 == 0)
		assert_alike(run->first, run->copy);
}

/* Either goes first. */
static void end_run(struct run *run, bool copy_first)
{
	char *now = picture_of(run->still);

	assert_string_equal(now, run->then);
	assert_alike(run->first, run->copy);
	model_free(copy_first ? run->copy : run->first);
	free(picture_of(copy_first ? run->first : run->copy));
	model_free(copy_first ? run->first : run->copy);
	model_free(run->still);
	replay_close(run->replay);
	free(run->then);
	free(now);
}

static void run_session(const char *name, size_t cut, const struct model_limits *limits)
{
	struct run run = {.replay = open_session(name), .first = model_new(limits)};
	struct event ev;

	for (size_t i = 0; replay_next(run.replay, &ev); i++) {
		if (i == cut)
			part(&run);
		hear(&run, &ev);
	}
	end_run(&run, cut % 2);
}

static void the_same_becomes_of_a_copy(void **state)
{
	enum { CUTS = 4 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sessions); i++) {
		size_t events = events_of(sessions[i]);

		for (size_t cut = 0; cut < CUTS; cut++) {
			run_session(sessions[i], cut * events / CUTS + cut,
			            cut % 2 ? &little : &model_default_limits);
		}
	}
}

static void a_copy_that_goes_on_leaves_its_model_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sessions); i++) {
		struct replay *replay = open_session(sessions[i]);
		struct model *model = model_new(&little), *copy;
		size_t at = 0, cut = events_of(sessions[i]) / 2;
		struct event ev;
		char *before, *after;

		while (at++ < cut && replay_next(replay, &ev))
			model_apply(model, &ev);
		before = picture_of(model);
		copy = model_copy(model);
		while (replay_next(replay, &ev))
			model_apply(copy, &ev);
		after = picture_of(model);
		assert_string_equal(before, after);
		free(before);
		free(after);
		model_free(copy);
		model_free(model);
		replay_close(replay);
	}
}

/* ---- whatever comes ---- */

struct dice {
	unsigned int seed;
	uint32_t newest; /* domain */
	uint64_t now_ns;
};

static unsigned int roll(struct dice *dice, unsigned int sides)
{
	return (unsigned int)rand_r(&dice->seed) % sides;
}

static uint64_t page_at(unsigned int number)
{
	return 0x100000 + (uint64_t)number * 4096;
}

static void map_pages(struct model *model, struct dice *dice, uint32_t domain)
{
	unsigned int first = roll(dice, 400), count = 1 + roll(dice, 20);
	int32_t pid = (int32_t)roll(dice, 40);

	for (unsigned int i = 0; i < count; i++) {
		struct event ev = {.ts_ns = dice->now_ns,
		                   .kind = EVENT_MAP,
		                   .pid = pid,
		                   .map = {.iova = page_at(first + i),
		                           .size_bytes = 4096,
		                           .domain = domain,
		                           .inside_ns = 300}};

		model_apply(model, &ev);
	}
}

static void unmap_pages(struct model *model, struct dice *dice, uint32_t domain)
{
	unsigned int first = roll(dice, 400);
	uint64_t bytes = 4096 * (1 + roll(dice, 20));
	struct event ev = {.ts_ns = dice->now_ns,
	                   .kind = EVENT_UNMAP,
	                   .pid = (int32_t)roll(dice, 40),
	                   .unmap = {.iova = page_at(first),
	                             .size_bytes = bytes,
	                             .unmapped_bytes = bytes,
	                             .domain = domain}};

	model_apply(model, &ev);
}

static void some_fault(struct model *model, struct dice *dice, const char *device)
{
	static const char *const reasons[] = {"not set", "no page", "busy"};
	struct event ev = {.ts_ns = dice->now_ns,
	                   .kind = EVENT_FAULT,
	                   .fault = {.device = device,
	                             .reason = reasons[roll(dice, 3)],
	                             .iova = page_at(roll(dice, 420)),
	                             .direction = DIRECTION_READ,
	                             .source = roll(dice, 2) ? SOURCE_LOG : SOURCE_TRACE,
	                             .flags = FAULT_HAS_IOVA}};

	model_apply(model, &ev);
}

static void some_note(struct model *model, struct dice *dice, const char *device)
{
	char text[40];
	struct event ev = {.ts_ns = dice->now_ns, .kind = EVENT_NOTE};

	snprintf(text, sizeof(text), "line %u", roll(dice, 1000));
	ev.note.device = device;
	ev.note.text = text;
	ev.note.topic = NOTE_DEVICE;
	model_apply(model, &ev);
}

static void some_task(struct model *model, struct dice *dice)
{
	uint32_t pid = roll(dice, 40);
	char comm[16];

	snprintf(comm, sizeof(comm), "task%u", roll(dice, 100));
	say_text(model, ATTR_TASK_COMM, NULL, pid, comm);
	say_number(model, ATTR_TASK_PROCESS, NULL, pid, roll(dice, 10));
}

static void some_before(struct model *model, struct dice *dice, const char *device)
{
	struct event ev = {
		.ts_ns = dice->now_ns, .pid = (int32_t)roll(dice, 40), .context = CONTEXT_BEFORE};

	ev.kind = roll(dice, 2) ? EVENT_MAP : EVENT_GROUP_ADD;
	if (ev.kind == EVENT_GROUP_ADD)
		ev.member.device = device;
	else
		ev.map.iova = dice->now_ns;
	say_text(model, ATTR_TASK_COMM_BEFORE, NULL, roll(dice, 40), device);
	model_apply(model, &ev);
}

static void a_seam(struct model *model, struct dice *dice)
{
	switch (roll(dice, 4)) {
	case 0:
		say_collect(model, COLLECT_COUNTS, false);
		say_counts(model, COUNTS_MAP, dice->newest, 20, 20 << 12);
		break;
	case 1:
		say_lost(model, 3, true);
		break;
	case 2:
		say_missed(model, dice->now_ns, 2);
		break;
	default:
		say_collect(model, COLLECT_EVENTS, false);
		break;
	}
}

static void something(struct model *model, struct dice *dice)
{
	uint32_t domain = dice->newest - roll(dice, 8), group = roll(dice, 5);
	char device[32], vm[16];

	dice->now_ns += 10000000;
	snprintf(device, sizeof(device), "0000:00:%02x.0", roll(dice, 6));
	snprintf(vm, sizeof(vm), "vm%u", roll(dice, 9));
	switch (roll(dice, 30)) {
	case 0:
		say_type(model, dice->now_ns, ++dice->newest, (enum domain_type)roll(dice, 5));
		break;
	case 1:
		say_attach(model, dice->now_ns, device, domain);
		break;
	case 2:
		say_detach(model, dice->now_ns, device, domain);
		break;
	case 3:
		say_freed(model, dice->now_ns, domain);
		break;
	case 4:
		say_group_domain(model, group, domain, dice->newest);
		break;
	case 5:
		say_number(model, ATTR_DEVICE_GROUP, device, 0, group);
		break;
	case 6:
		say_holder(model, group, roll(dice, 10), "qemu", vm);
		break;
	case 7:
		say_gone(model, roll(dice, 2) ? SUBJECT_DEVICE : SUBJECT_PROCESS, device,
		         roll(dice, 10));
		break;
	case 8:
		some_note(model, dice, device);
		break;
	case 9:
		some_task(model, dice);
		some_before(model, dice, device);
		break;
	case 10:
		if (!roll(dice, 5))
			a_seam(model, dice);
		break;
	case 11:
	case 12:
		some_fault(model, dice, device);
		break;
	case 13:
		say_tick(model, dice->now_ns);
		break;
	case 14:
	case 15:
	case 16:
	case 17:
	case 18:
	case 19:
		unmap_pages(model, dice, domain);
		break;
	default:
		map_pages(model, dice, domain);
		break;
	}
}

static struct model *begin(const struct model_limits *limits, struct dice *dice)
{
	struct model *model = model_new(limits);

	dice->newest = 9;
	dice->now_ns = 2 * SECOND;
	say_watching(model, SECOND);
	say_topology(model);
	return model;
}

/* Copies of copies, each of which sees one stretch of the way; what became of them is what becomes
 * of one that sees all of it. */
static void random_events_make_the_same_of_it(void **state)
{
	enum { STRETCHES = 8, EVENTS = 250 };

	(void)state;
	for (unsigned int seed = 1; seed <= 7; seed++) {
		const struct model_limits *limits = seed % 6 ? &little : &model_default_limits;
		struct dice dice = {.seed = seed}, same;
		struct model *model = begin(limits, &dice), *copy = model_copy(model), *next;

		for (int i = 0; i < STRETCHES; i++) {
			same = dice;
			for (int k = 0; k < EVENTS; k++)
				something(model, &dice);
			for (int k = 0; k < EVENTS; k++)
				something(copy, &same);
			assert_alike(model, copy);
			assert_int_equal(model_bytes(model), model_bytes(copy));
			next = model_copy(copy);
			model_free(copy);
			copy = next;
		}
		model_free(model);
		model_free(copy);
	}
}

/* ---- its memory ---- */

struct area {
	const char *begin, *end;
};

struct areas {
	struct area list[4096];
	size_t count;
};

static void put_area(void *context, const void *memory, size_t used_bytes)
{
	struct areas *areas = context;

	assert_true(areas->count < ARRAY_SIZE(areas->list));
	areas->list[areas->count++] = (struct area){memory, (const char *)memory + used_bytes};
}

static void list_areas(struct model *model, struct areas *areas)
{
	struct owned owned = {.task = OWNED_COUNT, .see = put_area, .context = areas};

	areas->count = 0;
	put_area(areas, model, sizeof(*model));
	model_owned(model, &owned);
}

static bool is_in(const struct areas *areas, const char *address)
{
	for (size_t i = 0; i < areas->count; i++)
		if (address >= areas->list[i].begin && address < areas->list[i].end)
			return true;
	return false;
}

/* No word of it is an address in any of those. */
static void assert_none_points_into(const struct areas *of, const struct areas *those)
{
	for (size_t i = 0; i < of->count; i++) {
		const char *at = of->list[i].begin;

		for (; at + sizeof(char *) <= of->list[i].end; at += sizeof(char *)) {
			const char *word;

			memcpy(&word, at, sizeof(word));
			if (is_in(those, word))
				fail_msg("area %zu has a pointer at byte %zu", i,
				         (size_t)(at - of->list[i].begin));
		}
	}
}

static void no_pointer_of_a_copy_leads_into_its_model(void **state)
{
	static struct areas of_model, of_copy;
	enum { EVENTS = 3000, STEP = 300 };

	(void)state;
	for (unsigned int seed = 20; seed < 23; seed++) {
		struct dice dice = {.seed = seed};
		struct model *model = begin(&little, &dice), *copy;

		for (int i = 0; i < EVENTS; i++) {
			something(model, &dice);
			if (i % STEP)
				continue;
			copy = model_copy(model);
			list_areas(model, &of_model);
			list_areas(copy, &of_copy);
			assert_int_equal(of_model.count, of_copy.count);
			assert_none_points_into(&of_copy, &of_model);
			model_free(copy);
		}
		model_free(model);
	}
}

static void what_comes_takes_memory_which_is_counted(void **state)
{
	struct dice dice = {.seed = 5};
	struct model *model = begin(&model_default_limits, &dice);
	size_t before = model_bytes(model);

	(void)state;
	for (int i = 0; i < 100; i++)
		map_pages(model, &dice, 7);
	/* At least a table for the history, and its records. */
	assert_true(model_bytes(model) > before + model_default_limits.history_bytes / 8);
	model_free(model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_becomes_of_a_copy),
		cmocka_unit_test(a_copy_that_goes_on_leaves_its_model_alone),
		cmocka_unit_test(random_events_make_the_same_of_it),
		cmocka_unit_test(no_pointer_of_a_copy_leads_into_its_model),
		cmocka_unit_test(what_comes_takes_memory_which_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

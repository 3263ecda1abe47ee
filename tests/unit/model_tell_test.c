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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_is_understood),
		cmocka_unit_test(a_model_that_knows_nothing_says_no_more),
		cmocka_unit_test(a_recording_can_begin_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

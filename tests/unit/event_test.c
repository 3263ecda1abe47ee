// SPDX-License-Identifier: GPL-2.0-or-later
/* event: tables that have every row, makers, and the queue that owns its texts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "event.h"
#include "util.h"

static void every_word_has_its_row(void **state)
{
	(void)state;
	for (int i = 0; i < CLASS_COUNT; i++)
		assert_non_null(event_class_names[i]);
	for (int i = 0; i < SOURCE_COUNT; i++)
		assert_non_null(source_names[i]);
	for (int i = 0; i < HEALTH_STATE_COUNT; i++)
		assert_non_null(health_state_names[i]);
	for (int i = 0; i < COLLECT_MODE_COUNT; i++)
		assert_non_null(collect_mode_names[i]);
	for (int i = 0; i < CHOICE_COUNT; i++)
		assert_non_null(collect_choice_names[i]);
	for (int i = 0; i < COUNTS_WHAT_COUNT; i++)
		assert_non_null(counts_what_names[i]);
	for (int i = 0; i < DIRECTION_COUNT; i++)
		assert_non_null(direction_names[i]);
	for (int i = 0; i < SUBJECT_COUNT; i++)
		assert_non_null(subject_names[i]);
}

static void no_two_attributes_of_a_subject_share_a_word(void **state)
{
	(void)state;
	for (int i = 0; i < ATTRIBUTE_COUNT; i++)
		for (int j = 0; j < i; j++)
			if (attribute_infos[i].subject == attribute_infos[j].subject)
				assert_string_not_equal(attribute_infos[i].word,
				                        attribute_infos[j].word);
}

static void no_two_kinds_share_a_letter(void **state)
{
	static const char letters[] = {
#define X(name, letter) letter,
		EVENT_KINDS(X)
#undef X
	};

	(void)state;
	for (size_t i = 0; i < sizeof(letters); i++)
		assert_ptr_equal(memchr(letters, letters[i], sizeof(letters)), letters + i);
}

static void makers_know_the_subject_and_say_what_is_unknown(void **state)
{
	struct event ev = event_attr_text(5, ATTR_DEVICE_DRIVER, "0000:00:02.0", 0, NULL);

	(void)state;
	assert_int_equal(ev.kind, EVENT_ATTR);
	assert_int_equal(ev.ts_ns, 5);
	assert_int_equal(ev.attr.subject, SUBJECT_DEVICE);
	assert_int_equal(ev.attr.attribute, ATTR_DEVICE_DRIVER);
	assert_null(ev.attr.text);
	assert_true(ev.attr.value == VALUE_UNKNOWN);
	ev = event_attr_number(6, ATTR_GROUP_SLOW_S, NULL, 9, 3);
	assert_int_equal(ev.attr.subject, SUBJECT_GROUP);
	assert_int_equal(ev.attr.id, 9);
	assert_int_equal(ev.attr.value, 3);
	ev = event_gone(7, SUBJECT_UNIT, "dmar0", 0);
	assert_int_equal(ev.kind, EVENT_GONE);
	assert_string_equal(ev.attr.name, "dmar0");
	ev = event_health(8, SOURCE_LOG, HEALTH_PARTIAL, "why");
	assert_int_equal(ev.health.source, SOURCE_LOG);
	assert_int_equal(ev.health.state, HEALTH_PARTIAL);
}

static void the_queue_keeps_order_and_owns_its_texts(void **state)
{
	struct event_queue queue = {0};
	char name[16] = "";

	(void)state;
	for (uint32_t i = 0; i < 100; i++) {
		struct event ev = event_attr_text(i, ATTR_DEVICE_NAME, name, 0, name);

		snprintf(name, sizeof(name), "device %u", i);
		event_queue_push(&queue, &ev);
	}
	strcpy(name, "gone");
	for (uint32_t i = 0; i < 100; i++) {
		char expected[16];

		snprintf(expected, sizeof(expected), "device %u", i);
		assert_int_equal(event_queue_head(&queue)->ts_ns, i);
		assert_string_equal(event_queue_head(&queue)->attr.name, expected);
		assert_string_equal(event_queue_head(&queue)->attr.text, expected);
		event_queue_pop(&queue);
	}
	assert_null(event_queue_head(&queue));
	event_queue_release(&queue);
}

/* What is pushed and popped at the same pace does not need more and more room. */
static void the_queue_uses_the_places_of_popped_events_again(void **state)
{
	struct event_queue queue = {0};

	(void)state;
	for (uint64_t i = 0; i < 10000; i++) {
		struct event ev = event_health(i, SOURCE_LOG, HEALTH_OFF, "reason");

		event_queue_push(&queue, &ev);
		if (i >= 5) {
			assert_int_equal(event_queue_head(&queue)->ts_ns, i - 5);
			event_queue_pop(&queue);
		}
	}
	assert_true(queue.capacity <= 32);
	assert_int_equal(queue.count, 5);
	event_queue_release(&queue);
	assert_null(queue.events);
}

/* Each kind's texts are its own: nothing of another kind's is taken for one. */
static void texts_of_every_kind_are_owned(void **state)
{
	static const uint8_t kinds[] = {EVENT_ATTACH, EVENT_ATTACH_FAILED, EVENT_COLLECT,
	                                EVENT_CALLER};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct event_queue queue = {0};
		struct event ev = {.kind = kinds[i]};
		char text[8] = "text";
		const char *kept;

		if (ev.kind == EVENT_COLLECT)
			ev.collect.reason = text;
		else if (ev.kind == EVENT_CALLER)
			ev.caller.name = text;
		else
			ev.member.device = text;
		event_queue_push(&queue, &ev);
		strcpy(text, "gone");
		ev = *event_queue_head(&queue);
		if (ev.kind == EVENT_COLLECT)
			kept = ev.collect.reason;
		else
			kept = ev.kind == EVENT_CALLER ? ev.caller.name : ev.member.device;
		assert_string_equal(kept, "text");
		event_queue_release(&queue);
	}
}

static void events_without_texts_pass_the_queue_too(void **state)
{
	struct event_queue queue = {0};
	const struct event map = {.kind = EVENT_MAP, .map = {.iova = 1, .size_bytes = 2}};
	const struct event fault = {.kind = EVENT_FAULT, .fault = {.iova = 3}};

	(void)state;
	event_queue_push(&queue, &map);
	event_queue_push(&queue, &fault);
	assert_int_equal(event_queue_head(&queue)->map.size_bytes, 2);
	event_queue_pop(&queue);
	assert_null(event_queue_head(&queue)->fault.device);
	event_queue_release(&queue);
}

/* Runs of it are added up; what is of before the start counts in nothing. */
static void traffic_is_of_now(void **state)
{
	struct event ev = {.kind = EVENT_MAP, .context = CONTEXT_HARD_IRQ};

	(void)state;
	assert_true(event_is_traffic(&ev));
	ev.context |= CONTEXT_BEFORE;
	assert_false(event_is_traffic(&ev));
	ev = (struct event){.kind = EVENT_ATTACH};
	assert_false(event_is_traffic(&ev));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_word_has_its_row),
		cmocka_unit_test(no_two_attributes_of_a_subject_share_a_word),
		cmocka_unit_test(no_two_kinds_share_a_letter),
		cmocka_unit_test(makers_know_the_subject_and_say_what_is_unknown),
		cmocka_unit_test(the_queue_keeps_order_and_owns_its_texts),
		cmocka_unit_test(the_queue_uses_the_places_of_popped_events_again),
		cmocka_unit_test(texts_of_every_kind_are_owned),
		cmocka_unit_test(traffic_is_of_now),
		cmocka_unit_test(events_without_texts_pass_the_queue_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

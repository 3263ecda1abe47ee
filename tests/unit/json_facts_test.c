// SPDX-License-Identifier: GPL-2.0-or-later
/* json_facts: every attribute there is, or a reason why not; what filters leave of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "choice.h"
#include "scene.h"
#include "sinks/json_facts.h"

#define NAME "thing"
#define ID   7u

/* What JSON says of these elsewhere; NULL: it is a fact. */
static const char *const elsewhere[ATTRIBUTE_COUNT] = {
	[ATTR_FAULT_INTERRUPTS] = "totals.fault_interrupts: those since the start",
	[ATTR_UNIT_INVALIDATIONS] = "units: invalidations, since the start",
	[ATTR_TASK_COMM] = "tasks come with what they did: faults, domains, the event log",
	[ATTR_TASK_COMM_BEFORE] = "of a line of the log",
	[ATTR_DOMAIN_ATTACHED] = "domains: devices",
	[ATTR_TASK_PROCESS] = "domains: holder",
	[ATTR_DOMAIN_TYPE] = "domains: type",
	[ATTR_DOMAIN_DEVICE] = "domains: label and named_by",
	[ATTR_DOMAIN_TASK] = "domains: label and named_by",
	[ATTR_DOMAIN_CALLERS] = "of the one domain whose screen is open",
};

static const char *const parts[SUBJECT_COUNT] = {
	[SUBJECT_MACHINE] = "machine", [SUBJECT_UNIT] = "units",        [SUBJECT_GROUP] = "groups",
	[SUBJECT_DEVICE] = "devices",  [SUBJECT_PROCESS] = "processes",
};

static const struct output_filter all = {.group = NO_GROUP};

/* A process is heard of by its name. */
static void say_subjects(struct model *model)
{
	say_text(model, ATTR_UNIT_VENDOR, NAME, 0, NULL);
	say_text(model, ATTR_GROUP_DEFAULT_TYPE, NULL, ID, NULL);
	say_number(model, ATTR_DEVICE_GROUP, NAME, 0, ID);
	say_text(model, ATTR_PROCESS_NAME, NULL, ID, "qemu");
}

static void say_one(struct model *model, enum attribute attribute)
{
	const struct attribute_info *info = &attribute_infos[attribute];
	const char *name = subject_keys[info->subject] == KEY_BY_NAME ? NAME : NULL;
	uint32_t id = subject_keys[info->subject] == KEY_BY_ID ? ID : 0;

	if (info->type == VALUE_TEXT)
		say_text(model, attribute, name, id, "some text");
	else
		say_number(model, attribute, name, id, ID);
}

static const json_t *subject_of(const json_t *facts, enum subject subject)
{
	const json_t *part = parts[subject] ? json_object_get(facts, parts[subject]) : NULL;
	char id[16];

	snprintf(id, sizeof(id), "%u", ID);
	switch (subject_keys[subject]) {
	case KEY_BY_NAME:
		return json_object_get(part, NAME);
	case KEY_BY_ID:
		return json_object_get(part, id);
	default:
		return part;
	}
}

static void check_fact(enum attribute attribute, const json_t *fact)
{
	const struct attribute_info *info = &attribute_infos[attribute];

	if (elsewhere[attribute]) {
		if (fact)
			fail_msg("%s is a fact now", info->word);
		return;
	}
	if (!fact)
		fail_msg("%s.%s is not told", subject_names[info->subject], info->word);
	if (info->type == VALUE_TEXT)
		assert_string_equal(json_string_value(fact), "some text");
	else
		assert_int_equal(json_integer_value(fact), ID);
}

static void every_attribute_is_told_or_has_a_reason(void **state)
{
	(void)state;
	for (int i = 0; i < ATTRIBUTE_COUNT; i++) {
		struct model *model = model_new(&model_default_limits);
		struct snapshot snap = {0};
		json_t *facts;

		say_subjects(model);
		say_one(model, (enum attribute)i);
		look(model, &snap);
		facts = json_facts(&snap, &all);
		check_fact((enum attribute)i,
		           json_object_get(subject_of(facts, attribute_infos[i].subject),
		                           attribute_infos[i].word));
		json_decref(facts);
		snapshot_release(&snap);
		model_free(model);
	}
}

/* The words of one subject, in docs/schema.json. */
static const json_t *words_of(const json_t *schema, enum subject subject)
{
	const json_t *facts = json_object_get(json_object_get(schema, "properties"), "facts");
	const json_t *part = json_object_get(json_object_get(facts, "properties"), parts[subject]);
	const json_t *of_each = json_object_get(part, "additionalProperties");

	return json_object_get(of_each ? of_each : part, "properties");
}

static void the_schema_has_each_of_them(void **state)
{
	json_t *schema = json_load_file("docs/schema.json", 0, NULL);

	(void)state;
	assert_non_null(schema);
	for (int i = 0; i < ATTRIBUTE_COUNT; i++) {
		const struct attribute_info *info = &attribute_infos[i];
		const char *type = info->type == VALUE_TEXT ? "string" : "integer";
		const json_t *word;

		if (elsewhere[i])
			continue;
		word = json_object_get(words_of(schema, info->subject), info->word);
		if (!word)
			fail_msg("no %s.%s", parts[info->subject], info->word);
		assert_string_equal(json_string_value(json_object_get(word, "type")), type);
	}
	json_decref(schema);
}

static void what_is_not_known_is_left_out(void **state)
{
	struct model *model = model_new(&model_default_limits);
	struct snapshot snap = {0};
	json_t *facts;

	(void)state;
	say_text(model, ATTR_UNIT_VENDOR, NAME, 0, NULL);
	say_number(model, ATTR_DEVICE_GROUP, NAME, 0, VALUE_UNKNOWN);
	say_text(model, ATTR_GROUP_DEFAULT_TYPE, NULL, ID, NULL);
	look(model, &snap);
	facts = json_facts(&snap, &all);
	assert_int_equal(json_object_size(json_object_get(facts, "machine")), 0);
	for (int i = SUBJECT_UNIT; i <= SUBJECT_DEVICE; i++) {
		assert_non_null(subject_of(facts, (enum subject)i));
		assert_int_equal(json_object_size(subject_of(facts, (enum subject)i)), 0);
	}
	json_decref(facts);
	snapshot_release(&snap);
	model_free(model);
}

static size_t count_of(const json_t *facts, const char *part)
{
	return json_object_size(json_object_get(facts, part));
}

static void say_two_groups(struct model *model)
{
	say_text(model, ATTR_UNIT_VENDOR, "dmar0", 0, "VT-d");
	say_text(model, ATTR_UNIT_VENDOR, "dmar1", 0, "VT-d");
	for (uint32_t i = 0; i < 2; i++) {
		const char *device = i ? "0000:00:02.0" : "0000:00:01.0";

		say_number(model, ATTR_DEVICE_GROUP, device, 0, i);
		say_text(model, ATTR_DEVICE_UNIT, device, 0, i ? "dmar1" : "dmar0");
		say_holder(model, i, 100 + i, i ? "qemu" : "dpdk", NULL);
	}
}

static void filters_leave_what_belongs_together(void **state)
{
	struct output_filter filters[] = {{.group = 1}, {.group = NO_GROUP, .needle = "00:02"}};
	struct choice choice = {0};
	struct model *model = model_new(&model_default_limits);
	struct snapshot snap = {0};

	(void)state;
	say_two_groups(model);
	look(model, &snap);
	choice_make(&choice, &snap, NO_GROUP, filters[1].needle, 0);
	filters[1].choice = &choice.rows;
	for (size_t i = 0; i < 2; i++) {
		json_t *facts = json_facts(&snap, &filters[i]);

		assert_int_equal(count_of(facts, "groups"), 1);
		assert_int_equal(count_of(facts, "devices"), 1);
		assert_int_equal(count_of(facts, "processes"), 1);
		assert_non_null(json_object_get(json_object_get(facts, "processes"), "101"));
		/* units have no text to look for */
		assert_int_equal(count_of(facts, "units"), i ? 2 : 1);
		assert_non_null(json_object_get(json_object_get(facts, "units"), "dmar1"));
		json_decref(facts);
	}
	choice_release(&choice);
	snapshot_release(&snap);
	model_free(model);
}

static void a_long_text_is_whole_and_a_hostile_one_clean(void **state)
{
	struct model *model = model_new(&model_default_limits);
	struct snapshot snap = {0};
	char regions[3000];
	json_t *facts;
	const json_t *group;

	(void)state;
	memset(regions, 'x', sizeof(regions));
	memcpy(regions, "direct \033[2J", 11);
	regions[sizeof(regions) - 1] = '\0';
	say_text(model, ATTR_GROUP_RESERVED, NULL, ID, regions);
	look(model, &snap);
	facts = json_facts(&snap, &all);
	group = subject_of(facts, SUBJECT_GROUP);
	assert_true(is_clean(json_string_value(json_object_get(group, "reserved"))));
	assert_true(json_string_length(json_object_get(group, "reserved")) >= sizeof(regions) - 1);
	json_decref(facts);
	snapshot_release(&snap);
	model_free(model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_attribute_is_told_or_has_a_reason),
		cmocka_unit_test(the_schema_has_each_of_them),
		cmocka_unit_test(what_is_not_known_is_left_out),
		cmocka_unit_test(filters_leave_what_belongs_together),
		cmocka_unit_test(a_long_text_is_whole_and_a_hostile_one_clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* topology: what is told when one state becomes another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sources/topology.h"

static void write_key(FILE *out, const struct event *ev)
{
	if (ev->attr.name)
		fputs(ev->attr.name, out);
	else
		fprintf(out, "%u", ev->attr.id);
}

static void write_event(void *context, const struct event *ev)
{
	const struct attribute_info *info = &attribute_infos[ev->attr.attribute];
	FILE *out = context;

	assert_int_equal(ev->ts_ns, 0);
	if (ev->kind == EVENT_GONE)
		fprintf(out, "gone %s ", subject_names[ev->attr.subject]);
	write_key(out, ev);
	if (ev->kind == EVENT_ATTR && info->type == VALUE_TEXT)
		fprintf(out, " %s=%s", info->word, ev->attr.text ? ev->attr.text : "-");
	else if (ev->kind == EVENT_ATTR && ev->attr.value == VALUE_UNKNOWN)
		fprintf(out, " %s=-", info->word);
	else if (ev->kind == EVENT_ATTR)
		fprintf(out, " %s=%ju", info->word, (uintmax_t)ev->attr.value);
	fputc('\n', out);
}

static void assert_diff(const struct topology *told, const struct topology *read,
                        const char *expected)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	const struct event_sink sink = {.emit = write_event, .context = out};

	topology_diff(told, read, &sink);
	fclose(out);
	assert_string_equal(text, expected);
	free(text);
}

static struct topology_item *add_device(struct topology *topology, const char *name, uint64_t group,
                                        const char *driver)
{
	struct topology_item *item = topology_add(topology, SUBJECT_DEVICE, name, 0);

	topology_set_number(item, ATTR_DEVICE_GROUP, group);
	topology_set_text(item, ATTR_DEVICE_DRIVER, driver);
	return item;
}

static void add_group(struct topology *topology, uint32_t id, const char *type)
{
	topology_set_text(topology_add(topology, SUBJECT_GROUP, NULL, id), ATTR_GROUP_DEFAULT_TYPE,
	                  type);
}

static void fill(struct topology *topology)
{
	add_device(topology, "0000:00:03.0", 10, NULL);
	add_group(topology, 10, NULL);
	add_device(topology, "0000:00:02.0", 2, "e1000e");
	add_group(topology, 2, "DMA");
	topology_set_text(topology_add(topology, SUBJECT_UNIT, "dmar0", 0), ATTR_UNIT_VENDOR,
	                  "VT-d");
	add_device(topology, "0000:00:01.0", VALUE_UNKNOWN, NULL);
	topology_sort(topology);
}

static void first_state_is_told_whole_and_in_order(void **state)
{
	struct topology told = {0}, read = {0};

	(void)state;
	fill(&read);
	assert_diff(&told, &read,
	            "dmar0 vendor=VT-d\n"
	            "2 default_type=DMA\n"
	            "10 default_type=-\n"
	            "0000:00:01.0 group=-\n"
	            "0000:00:02.0 group=2\n"
	            "0000:00:02.0 driver=e1000e\n"
	            "0000:00:03.0 group=10\n");
	assert_diff(&read, &read, "");
	topology_release(&read);
}

static void only_what_differs_is_told(void **state)
{
	struct topology told = {0}, read = {0};

	(void)state;
	fill(&told);
	add_group(&read, 2, "identity");
	add_group(&read, 10, NULL);
	add_device(&read, "0000:00:01.0", VALUE_UNKNOWN, "pcieport");
	add_device(&read, "0000:00:02.0", 10, NULL);
	add_device(&read, "0000:00:03.0", VALUE_UNKNOWN, NULL);
	add_device(&read, "0000:00:04.0", 10, NULL);
	topology_sort(&read);
	assert_diff(&told, &read,
	            "gone unit dmar0\n"
	            "2 default_type=identity\n"
	            "0000:00:01.0 driver=pcieport\n"
	            "0000:00:02.0 group=10\n"
	            "0000:00:02.0 driver=-\n"
	            "0000:00:03.0 group=-\n"
	            "0000:00:04.0 group=10\n");
	topology_release(&read);
	topology_release(&told);
}

static void what_is_gone_goes_devices_first(void **state)
{
	struct topology told = {0}, read = {0};

	(void)state;
	fill(&told);
	assert_diff(&told, &read,
	            "gone device 0000:00:03.0\n"
	            "gone device 0000:00:02.0\n"
	            "gone device 0000:00:01.0\n"
	            "gone group 10\n"
	            "gone group 2\n"
	            "gone unit dmar0\n");
	topology_release(&told);
}

static void the_first_of_two_stays(void **state)
{
	struct topology told = {0}, read = {0};

	(void)state;
	for (uint64_t group = 5; group < 40; group++)
		add_device(&read, "twice", group, "first");
	add_group(&read, 5, "first");
	add_group(&read, 5, "second");
	topology_sort(&read);
	topology_sort(&read);
	assert_int_equal(read.count, 2);
	assert_diff(&told, &read,
	            "5 default_type=first\n"
	            "twice group=5\n"
	            "twice driver=first\n");
	topology_release(&read);
}

static void find_sees_what_is_sorted(void **state)
{
	struct topology topology = {0};

	(void)state;
	assert_null(topology_find(&topology, SUBJECT_GROUP, NULL, 2));
	fill(&topology);
	add_group(&topology, 3, "later");
	assert_non_null(topology_find(&topology, SUBJECT_GROUP, NULL, 2));
	assert_null(topology_find(&topology, SUBJECT_GROUP, NULL, 3));
	assert_null(topology_find(&topology, SUBJECT_UNIT, "0000:00:01.0", 0));
	assert_non_null(topology_find(&topology, SUBJECT_DEVICE, "0000:00:01.0", 0));
	topology_release(&topology);
}

/* A holder ends before its group is told to have none. */
static void processes_go_first_and_come_last(void **state)
{
	struct topology told = {0}, read = {0};

	(void)state;
	topology_set_text(topology_add(&told, SUBJECT_PROCESS, NULL, 12), ATTR_PROCESS_NAME,
	                  "qemu");
	add_group(&told, 2, "DMA");
	topology_set_number(&told.items[1], ATTR_GROUP_HOLDER, 12);
	add_group(&read, 2, "DMA");
	topology_set_number(&read.items[0], ATTR_GROUP_HOLDER, 7);
	topology_add(&read, SUBJECT_PROCESS, NULL, 300);
	topology_set_text(topology_add(&read, SUBJECT_PROCESS, NULL, 7), ATTR_PROCESS_VM, "vm");
	add_device(&read, "0000:00:02.0", 2, NULL);
	topology_sort(&told);
	topology_sort(&read);
	assert_diff(&told, &read,
	            "gone process 12\n"
	            "2 holder=7\n"
	            "0000:00:02.0 group=2\n"
	            "7 name=-\n"
	            "7 vm=vm\n"
	            "300 name=-\n");
	topology_release(&read);
	topology_release(&told);
}

static void facts_are_copied(void **state)
{
	struct topology told = {0}, read = {0};
	struct topology_item *old = add_device(&told, "a", 1, "driver"), *item;

	(void)state;
	item = add_device(&read, "a", 2, NULL);
	topology_copy_fact(item, old, ATTR_DEVICE_DRIVER);
	topology_copy_fact(item, old, ATTR_DEVICE_GROUP);
	assert_true(topology_same_fact(item, old, ATTR_DEVICE_DRIVER));
	assert_true(topology_same_fact(item, old, ATTR_DEVICE_GROUP));
	topology_release(&told);
	topology_sort(&read);
	assert_diff(&told, &read, "a group=1\na driver=driver\n");
	topology_release(&read);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_state_is_told_whole_and_in_order),
		cmocka_unit_test(only_what_differs_is_told),
		cmocka_unit_test(what_is_gone_goes_devices_first),
		cmocka_unit_test(the_first_of_two_stays),
		cmocka_unit_test(find_sees_what_is_sorted),
		cmocka_unit_test(processes_go_first_and_come_last),
		cmocka_unit_test(facts_are_copied),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

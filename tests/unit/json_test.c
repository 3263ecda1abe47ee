// SPDX-License-Identifier: GPL-2.0-or-later
/* json: the shape that readers rely on, null where nothing is known, valid whatever a name is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <jansson.h>

#include "scene.h"
#include "sinks/json.h"
#include "util.h"

struct bench {
	struct model *model;
	struct snapshot snap;
	json_t *object;
};

static int make_bench(void **state)
{
	struct bench *bench = xcalloc(1, sizeof(*bench));

	bench->model = model_new(&model_default_limits);
	*state = bench;
	return 0;
}

static int free_bench(void **state)
{
	struct bench *bench = *state;

	json_decref(bench->object);
	model_free(bench->model);
	snapshot_release(&bench->snap);
	free(bench);
	return 0;
}

/* Writes, checks that it is one line, reads it back with a strict parser. */
static const json_t *write_filtered(struct bench *bench, uint32_t group, const char *needle)
{
	const struct output_filter filter = {group, needle};
	json_error_t err;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	look(bench->model, &bench->snap);
	assert_int_equal(json_write(out, &bench->snap, &filter), 0);
	fclose(out);
	assert_ptr_equal(strchr(text, '\n'), text + size - 1);
	json_decref(bench->object);
	bench->object = json_loads(text, JSON_REJECT_DUPLICATES, &err);
	if (!bench->object)
		fail_msg("%s: %s", err.text, text);
	free(text);
	return bench->object;
}

static const json_t *written(struct bench *bench)
{
	return write_filtered(bench, NO_GROUP, NULL);
}

static const json_t *get(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	if (!value)
		fail_msg("no key %s", key);
	return value;
}

static const json_t *element(const json_t *object, const char *key, size_t index)
{
	const json_t *list = get(object, key);

	assert_true(json_is_array(list));
	assert_true(index < json_array_size(list));
	return json_array_get(list, index);
}

static void text_is(const json_t *object, const char *key, const char *expected)
{
	assert_true(json_is_string(get(object, key)));
	assert_string_equal(json_string_value(get(object, key)), expected);
}

static void number_is(const json_t *object, const char *key, double expected)
{
	assert_true(json_is_number(get(object, key)));
	assert_float_equal((float)json_number_value(get(object, key)), (float)expected, 0.001f);
}

static void is_null(const json_t *object, const char *key)
{
	if (!json_is_null(get(object, key)))
		fail_msg("%s is not null", key);
}

static void keys_are(const json_t *object, const char *const *keys, size_t count)
{
	for (size_t i = 0; i < count; i++)
		get(object, keys[i]);
	assert_int_equal(json_object_size(object), count);
}

#define KEYS_ARE(object, ...)                                \
	keys_are(object, (const char *const[]){__VA_ARGS__}, \
	         sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

/* ---- shape ---- */

static void the_object_has_every_key_of_the_schema(void **state)
{
	const json_t *object;

	say_everything(((struct bench *)*state)->model);
	object = written(*state);
	KEYS_ARE(object, "schema", "time_s", "boot_s", "interval_s", "collect", "collect_reason",
	         "collect_asked", "attempts", "cost", "classes", "health", "lost", "missed", "late",
	         "totals", "rates", "units", "groups", "ungrouped", "domains", "transitions",
	         "faults");
	KEYS_ARE(get(object, "cost"), "own", "kernel");
	KEYS_ARE(get(object, "totals"), "maps", "unmaps", "map_bytes", "unmap_bytes", "failed_maps",
	         "faults", "suppressed", "lost", "missed", "unattributed", "map_attempts_over");
	KEYS_ARE(get(object, "rates"), "maps_per_s", "unmaps_per_s", "map_bytes_per_s",
	         "unmap_bytes_per_s", "faults_per_s");
	KEYS_ARE(element(object, "health", 0), "source", "state", "reason");
	KEYS_ARE(element(object, "units", 0), "name", "vendor", "invalidations",
	         "invalidations_per_s");
	KEYS_ARE(element(object, "groups", 0), "id", "default_type", "current_type", "devices");
	KEYS_ARE(element(element(object, "groups", 0), "devices", 0), "bdf", "name", "class",
	         "vendor_id", "device_id", "driver");
	KEYS_ARE(element(object, "domains", 0), "id", "label", "named_by", "type", "groups",
	         "devices", "holder", "maps", "unmaps", "map_bytes", "unmap_bytes",
	         "outstanding_bytes", "failed_maps", "maps_per_s", "unmaps_per_s",
	         "map_bytes_per_s", "vfio", "freed", "complete_since_s", "times");
	KEYS_ARE(get(element(object, "domains", 0), "times"), "map_mean_ns", "map_p99_ns",
	         "unmap_mean_ns", "unmap_p99_ns");
	KEYS_ARE(element(object, "faults", 0), "device", "iova", "direction", "reason", "source",
	         "count", "first_s", "last_s", "verdict");
	text_is(object, "schema", "iommutop/1");
}

static void an_unknown_machine_has_the_same_keys(void **state)
{
	const json_t *object = written(*state);

	assert_int_equal(json_object_size(object), 17);
	is_null(object, "time_s");
	is_null(object, "boot_s");
	is_null(object, "interval_s");
	is_null(object, "lost");
	is_null(object, "late");
	text_is(object, "collect", "none");
	assert_int_equal(json_array_size(get(object, "classes")), 0);
	assert_int_equal(json_array_size(get(object, "health")), 0);
	for (const char *const *key = (const char *const[]){"maps", "unmaps", "map_bytes", "faults",
	                                                    "lost", "unattributed", NULL};
	     *key; key++)
		is_null(get(object, "totals"), *key);
	is_null(get(object, "rates"), "maps_per_s");
	is_null(get(object, "rates"), "faults_per_s");
}

static void figures_are_the_models(void **state)
{
	struct bench *bench = *state;
	const json_t *object;

	say_all_classes(bench->model, true);
	say_health(bench->model, SOURCE_LOG, HEALTH_OK, NULL);
	say_tick(bench->model, SECOND);
	say_map(bench->model, 0, 4096);
	say_map(bench->model, 4, 8192);
	say_unmap(bench->model, 0, 4096, 4096);
	say_tick(bench->model, 4 * SECOND);
	object = written(bench);
	number_is(object, "boot_s", 4);
	number_is(object, "interval_s", 3);
	number_is(get(object, "totals"), "maps", 2);
	number_is(get(object, "totals"), "map_bytes", 12288);
	number_is(get(object, "totals"), "unmaps", 1);
	number_is(get(object, "totals"), "unattributed", 2);
	number_is(get(object, "totals"), "faults", 0);
	number_is(get(object, "totals"), "lost", 0);
	number_is(get(object, "rates"), "maps_per_s", 0.667);
	number_is(get(object, "rates"), "map_bytes_per_s", 4096);
	number_is(element(object, "domains", 1), "id", 4);
	text_is(element(object, "domains", 0), "label", "unattributed");
	text_is(element(object, "domains", 1), "label", "domain 4");
	number_is(element(object, "domains", 1), "map_bytes", 8192);
	assert_int_equal(json_array_size(get(object, "classes")), CLASS_COUNT);
	assert_int_equal(json_array_size(get(object, "health")), 1); /* none that is silent */
	text_is(element(object, "health", 0), "source", "log");
	text_is(element(object, "health", 0), "state", "ok");
	is_null(element(object, "health", 0), "reason");
}

static void what_is_off_is_null(void **state)
{
	struct bench *bench = *state;
	const json_t *object;

	say_all_classes(bench->model, false);
	say_tick(bench->model, SECOND);
	say_tick(bench->model, 2 * SECOND);
	object = written(bench);
	is_null(get(object, "totals"), "maps");
	is_null(get(object, "rates"), "maps_per_s");
	is_null(get(object, "totals"), "faults");
	is_null(element(object, "domains", 0), "maps");
	assert_int_equal(json_array_size(get(object, "classes")), 0);
}

static void devices_are_written_with_their_numbers(void **state)
{
	struct bench *bench = *state;
	const json_t *device;

	say_topology(bench->model);
	device = element(element(written(bench), "groups", 1), "devices", 0);
	text_is(device, "bdf", "0000:00:03.0");
	text_is(device, "class", "0200");
	text_is(device, "vendor_id", "8086");
	text_is(device, "device_id", "10d3");
	text_is(device, "driver", "e1000e");
	is_null(element(bench->object, "groups", 3), "default_type");
	assert_int_equal(json_array_size(get(bench->object, "ungrouped")), 2);
}

static void numbers_that_are_unknown_are_null(void **state)
{
	struct bench *bench = *state;
	const json_t *device;

	say_number(bench->model, ATTR_DEVICE_GROUP, "d", 0, 1);
	device = element(element(written(bench), "groups", 0), "devices", 0);
	is_null(device, "class");
	is_null(device, "vendor_id");
	is_null(device, "device_id");
	is_null(device, "driver");
	is_null(device, "name");
}

static void faults_say_no_more_than_is_known(void **state)
{
	struct bench *bench = *state;
	const struct event bare = {.ts_ns = 5 * SECOND, .kind = EVENT_FAULT};
	const json_t *object;

	say_topology(bench->model);
	say_fault(bench->model, 3 * SECOND, "00:03.0", FAULT_HAS_IOVA | FAULT_NO_SEGMENT);
	say_fault(bench->model, 4 * SECOND, "x", FAULT_INTERRUPT | FAULT_HAS_IOVA);
	model_apply(bench->model, &bare);
	object = written(bench);
	text_is(element(object, "faults", 0), "device", "0000:00:03.0");
	text_is(element(object, "faults", 0), "iova", "0xdead000");
	text_is(element(object, "faults", 0), "direction", "read");
	text_is(element(object, "faults", 0), "source", "log");
	number_is(element(object, "faults", 0), "first_s", 3);
	is_null(element(object, "faults", 1), "iova");
	is_null(element(object, "faults", 2), "device");
	is_null(element(object, "faults", 2), "iova");
	is_null(element(object, "faults", 2), "direction");
	is_null(element(object, "faults", 2), "reason");
}

/* ---- what could break it ---- */

static void hostile_names_make_valid_json(void **state)
{
	static const char hostile[] = "\"\\\033[2J\x01\n\xff\xc3\xed\xa0\x80 \xc2\x9b{";
	struct bench *bench = *state;
	char huge[4000];

	memset(huge, '\xff', sizeof(huge));
	huge[sizeof(huge) - 1] = '\0';
	say_text(bench->model, ATTR_UNIT_VENDOR, hostile, 0, hostile);
	say_text(bench->model, ATTR_GROUP_DEFAULT_TYPE, NULL, 3, hostile);
	say_device(bench->model, hostile, 3, hostile, huge, hostile);
	say_device(bench->model, huge, NO_GROUP, hostile, hostile, hostile);
	say_fault(bench->model, 1, hostile, 0);
	say_health(bench->model, SOURCE_TRACE, HEALTH_PARTIAL, hostile);
	say_health(bench->model, SOURCE_LOG, HEALTH_PARTIAL, huge);
	written(bench);
	assert_true(is_clean(json_string_value(get(element(bench->object, "units", 0), "vendor"))));
	assert_true(
		is_clean(json_string_value(get(element(bench->object, "health", 0), "reason"))));
	assert_true(is_clean(json_string_value(element(bench->object, "ungrouped", 0))));
}

static void the_greatest_numbers_stay_great(void **state)
{
	struct bench *bench = *state;
	const json_t *object;

	say_all_classes(bench->model, true);
	say_text(bench->model, ATTR_GROUP_DEFAULT_TYPE, NULL, NO_GROUP - 1, "DMA");
	say_map(bench->model, UINT32_MAX, UINT64_MAX);
	object = written(bench);
	number_is(element(object, "groups", 0), "id", 4294967294.0);
	number_is(element(object, "domains", 1), "id", 4294967295.0);
	assert_true(json_number_value(get(get(object, "totals"), "map_bytes")) > 1.8e19);
}

static void a_full_disk_is_noticed(void **state)
{
	struct bench *bench = *state;
	const struct output_filter filter = {NO_GROUP, NULL};
	FILE *out = fopen("/dev/full", "w");

	assert_non_null(out);
	look(bench->model, &bench->snap);
	assert_int_equal(json_write(out, &bench->snap, &filter), -1);
	fclose(out);
}

/* ---- filters ---- */

static void filters_touch_lists_and_not_totals(void **state)
{
	struct bench *bench = *state;
	const json_t *object;

	say_everything(bench->model);
	object = write_filtered(bench, 7, NULL);
	assert_int_equal(json_array_size(get(object, "groups")), 1);
	assert_int_equal(json_array_size(get(object, "ungrouped")), 0);
	assert_int_equal(json_array_size(get(object, "domains")), 0);
	assert_int_equal(json_array_size(get(object, "faults")), 1);
	number_is(get(object, "totals"), "maps", 70);
	object = write_filtered(bench, NO_GROUP, "bochs");
	assert_int_equal(json_array_size(get(object, "groups")), 1);
	assert_int_equal(json_array_size(get(element(object, "groups", 0), "devices")), 1);
	assert_int_equal(json_array_size(get(object, "ungrouped")), 0);
	assert_int_equal(json_array_size(get(object, "domains")), 3);
	number_is(get(object, "totals"), "maps", 70);
	object = write_filtered(bench, NO_GROUP, "absent");
	assert_int_equal(json_array_size(get(object, "groups")), 0);
	object = write_filtered(bench, 12345, NULL);
	assert_int_equal(json_array_size(get(object, "groups")), 0);
}

#define bench_test(name) cmocka_unit_test_setup_teardown(name, make_bench, free_bench)

int main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(the_object_has_every_key_of_the_schema),
		bench_test(an_unknown_machine_has_the_same_keys),
		bench_test(figures_are_the_models),
		bench_test(what_is_off_is_null),
		bench_test(devices_are_written_with_their_numbers),
		bench_test(numbers_that_are_unknown_are_null),
		bench_test(faults_say_no_more_than_is_known),
		bench_test(hostile_names_make_valid_json),
		bench_test(the_greatest_numbers_stay_great),
		bench_test(a_full_disk_is_noticed),
		bench_test(filters_touch_lists_and_not_totals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

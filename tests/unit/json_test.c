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

#include "choice.h"
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
static const json_t *write_with(struct bench *bench, const struct output_filter *filter)
{
	json_error_t err;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_int_equal(json_write(out, &bench->snap, filter), 0);
	fclose(out);
	assert_ptr_equal(strchr(text, '\n'), text + size - 1);
	json_decref(bench->object);
	bench->object = json_loads(text, JSON_REJECT_DUPLICATES, &err);
	if (!bench->object)
		fail_msg("%s: %s", err.text, text);
	free(text);
	return bench->object;
}

static const json_t *write_filtered(struct bench *bench, uint32_t group, const char *needle)
{
	struct choice choice = {0};
	struct output_filter filter = {.group = group, .needle = needle};

	look(bench->model, &bench->snap);
	if (needle)
		choice_make(&choice, &bench->snap, group, needle, 0);
	filter.choice = &choice.rows;
	write_with(bench, &filter);
	choice_release(&choice);
	return bench->object;
}

/* Of a snapshot that no model made. */
static const json_t *write_drawn(struct bench *bench)
{
	const struct output_filter all = {.group = NO_GROUP};

	return write_with(bench, &all);
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
	         "totals", "rates", "at_least", "units", "groups", "ungrouped", "domains",
	         "transitions", "faults", "notes", "facts");
	KEYS_ARE(get(object, "cost"), "own", "kernel");
	KEYS_ARE(get(object, "totals"), "maps", "unmaps", "map_bytes", "unmap_bytes", "failed_maps",
	         "faults", "faults_logged", "fault_interrupts", "suppressed", "overflows",
	         "fault_rows_dropped", "lost", "missed", "unattributed", "map_attempts_over");
	KEYS_ARE(get(object, "rates"), "maps_per_s", "unmaps_per_s", "map_bytes_per_s",
	         "unmap_bytes_per_s", "faults_per_s");
	KEYS_ARE(element(object, "health", 0), "source", "state", "reason");
	KEYS_ARE(element(object, "units", 0), "name", "vendor", "invalidations",
	         "invalidations_per_s");
	KEYS_ARE(element(object, "groups", 0), "id", "default_type", "current_type", "viability",
	         "devices");
	KEYS_ARE(get(element(object, "groups", 0), "viability"), "verdict", "certain", "reason",
	         "blockers");
	KEYS_ARE(element(element(object, "groups", 0), "devices", 0), "bdf", "name", "class",
	         "vendor_id", "device_id", "driver");
	KEYS_ARE(element(object, "domains", 0), "id", "label", "named_by", "type", "groups",
	         "devices", "holder", "maps", "unmaps", "map_bytes", "unmap_bytes",
	         "outstanding_bytes", "failed_maps", "maps_per_s", "unmaps_per_s",
	         "map_bytes_per_s", "unmap_bytes_per_s", "vfio", "freed", "complete_since_s",
	         "at_least", "map_sizes", "unmap_sizes", "times", "mappings");
	KEYS_ARE(get(element(object, "domains", 0), "times"), "map_mean_ns", "map_p99_ns",
	         "unmap_mean_ns", "unmap_p99_ns");
	KEYS_ARE(element(object, "faults", 0), "id", "device", "ambiguous", "guessed", "behind",
	         "stream", "pasid", "interrupt", "direction", "reason", "dialect", "code", "iova",
	         "addresses", "source", "sources", "count", "count_before", "per_s", "first_s",
	         "last_s", "verdict");
	KEYS_ARE(get(element(object, "faults", 0), "addresses"), "kind", "last", "lowest",
	         "highest");
	KEYS_ARE(get(element(object, "faults", 0), "verdict"), "kind", "uncertain", "at_s",
	         "since_s", "domain", "task", "protection", "iova", "size_bytes");
	text_is(object, "schema", "iommutop/1");
}

static void an_unknown_machine_has_the_same_keys(void **state)
{
	const json_t *object = written(*state);

	assert_int_equal(json_object_size(object), 25);
	is_null(object, "missed");
	is_null(object, "collect_reason");
	is_null(get(object, "cost"), "own");
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

static void sizes_are_told_where_they_are_those_of_all(void **state)
{
	struct bench *bench = *state;
	const json_t *domain;

	say_watching(bench->model, SECOND);
	say_map(bench->model, 4, 4096);
	say_map(bench->model, 4, 65536);
	say_map(bench->model, 4, 65536 + 4096);
	say_tick(bench->model, 2 * SECOND);
	domain = element(written(bench), "domains", 1);
	assert_int_equal(json_array_size(get(domain, "map_sizes")), 2);
	KEYS_ARE(element(domain, "map_sizes", 0), "from_bytes", "count");
	number_is(element(domain, "map_sizes", 0), "from_bytes", 0);
	number_is(element(domain, "map_sizes", 0), "count", 1);
	number_is(element(domain, "map_sizes", 1), "from_bytes", 65536);
	number_is(element(domain, "map_sizes", 1), "count", 2);
	assert_int_equal(json_array_size(get(domain, "unmap_sizes")), 0);
	/* what the kernel counted for no domain has no sizes */
	say_collect(bench->model, COLLECT_COUNTS, false);
	say_counts(bench->model, COUNTS_MAP, DOMAIN_ALL, 10, 10 * 4096);
	say_counts(bench->model, COUNTS_MAP, 4, 9, 9 * 4096);
	say_tick(bench->model, 3 * SECOND);
	domain = element(written(bench), "domains", 0);
	number_is(domain, "maps", 1);
	is_null(domain, "map_sizes");
	domain = element(bench->object, "domains", 1);
	number_is(element(domain, "map_sizes", 0), "count", 10);
}

/* JSON has no negative sizes. */
static void the_largest_sizes_are_told(void **state)
{
	struct bench *bench = *state;
	const json_t *sizes;

	say_watching(bench->model, SECOND);
	say_map(bench->model, 4, 1ull << 63);
	say_tick(bench->model, 2 * SECOND);
	sizes = get(element(written(bench), "domains", 1), "map_sizes");
	assert_int_equal(json_array_size(sizes), 1);
	assert_true(json_number_value(json_object_get(json_array_get(sizes, 0), "from_bytes")) ==
	            9223372036854775808.0);
}

static void names_are(const json_t *list, const char *expected)
{
	char names[1024] = "";

	for (size_t i = 0; i < json_array_size(list); i++)
		append_text(names, sizeof(names), "%s%s", i ? " " : "",
		            json_string_value(json_array_get(list, i)));
	assert_string_equal(names, expected);
}

static void lower_bounds_are_named(void **state)
{
	struct bench *bench = *state;

	say_watching(bench->model, SECOND);
	say_health(bench->model, SOURCE_LOG, HEALTH_OK, NULL);
	say_map(bench->model, 4, 4096);
	say_tick(bench->model, 2 * SECOND);
	written(bench);
	names_are(get(bench->object, "at_least"), "");
	names_are(get(element(bench->object, "domains", 1), "at_least"), "outstanding_bytes");
	say_lost(bench->model, 3, false);
	say_tick(bench->model, 3 * SECOND);
	written(bench);
	names_are(get(bench->object, "at_least"),
	          "maps unmaps map_bytes unmap_bytes maps_per_s unmaps_per_s map_bytes_per_s "
	          "unmap_bytes_per_s failed_maps faults lost unattributed faults_per_s");
	names_are(get(element(bench->object, "domains", 1), "at_least"),
	          "maps unmaps map_bytes unmap_bytes maps_per_s unmaps_per_s map_bytes_per_s "
	          "unmap_bytes_per_s outstanding_bytes failed_maps");
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
	say_fault(bench->model, 4 * SECOND, "x", FAULT_INTERRUPT);
	model_apply(bench->model, &bare);
	object = written(bench);
	text_is(element(object, "faults", 0), "device", "0000:00:03.0");
	text_is(element(object, "faults", 0), "iova", "0xdead000");
	text_is(element(object, "faults", 0), "direction", "read");
	text_is(element(object, "faults", 0), "source", "log");
	number_is(element(object, "faults", 0), "first_s", 3);
	is_null(element(object, "faults", 0), "per_s"); /* no interval has passed */
	is_null(element(object, "faults", 1), "iova");
	is_null(element(object, "faults", 2), "device");
	is_null(element(object, "faults", 2), "iova");
	is_null(element(object, "faults", 2), "direction");
	is_null(element(object, "faults", 2), "reason");
}

static void a_row_of_faults_is_one_object(void **state)
{
	struct bench *bench = *state;
	struct event ev = {
		.ts_ns = 12 * SECOND,
		.kind = EVENT_FAULT,
		.fault = {.device = "0000:00:03.0",
	                  .reason = "F_TRANSLATION",
	                  .iova = 0x5123,
	                  .pasid = 9,
	                  .code = 0x10,
	                  .direction = DIRECTION_WRITE,
	                  .source = SOURCE_LOG,
	                  .flags = FAULT_HAS_IOVA | FAULT_HAS_CODE | FAULT_HAS_PASID,
	                  .dialect = FAULT_SMMU_V3},
	};
	const json_t *fault;

	say_topology(bench->model);
	say_start(bench->model, 10 * SECOND);
	model_apply(bench->model, &ev);
	ev.ts_ns = 5 * SECOND;
	ev.fault.iova = 0x7000;
	model_apply(bench->model, &ev);
	fault = element(written(bench), "faults", 0);
	assert_int_equal(json_array_size(get(bench->object, "faults")), 1);
	number_is(fault, "count", 1);
	number_is(fault, "count_before", 1);
	number_is(fault, "first_s", 5);
	number_is(fault, "last_s", 12);
	number_is(fault, "code", 0x10);
	number_is(fault, "pasid", 9);
	is_null(fault, "stream");
	text_is(fault, "dialect", "smmu_v3");
	text_is(fault, "direction", "write");
	text_is(get(fault, "addresses"), "kind", "range");
	text_is(get(fault, "addresses"), "lowest", "0x5123");
	text_is(get(fault, "addresses"), "highest", "0x7000");
	text_is(get(fault, "verdict"), "kind", "not_known");
	number_is(get(fault, "verdict"), "since_s", 10);
	is_null(get(fault, "verdict"), "task");
}

static void notes_are_written_with_their_topic(void **state)
{
	struct bench *bench = *state;
	const struct event ev = {
		.ts_ns = 5 * SECOND,
		.kind = EVENT_NOTE,
		.note = {.text = "DMAR: something\033[2J new", .topic = NOTE_RAW, .level = 3}};
	const json_t *note;

	model_apply(bench->model, &ev);
	note = element(written(bench), "notes", 0);
	KEYS_ARE(note, "id", "at_s", "before_start", "topic", "level", "device", "text");
	text_is(note, "topic", "raw");
	number_is(note, "level", 3);
	number_is(note, "at_s", 5);
	is_null(note, "device");
	assert_null(strchr(json_string_value(get(note, "text")), '\033'));
}

static void a_level_that_no_log_tells_is_none(void **state)
{
	struct bench *bench = *state;
	const struct event ev = {
		.ts_ns = 5 * SECOND,
		.kind = EVENT_NOTE,
		.note = {.text = "DMAR: something new", .topic = NOTE_RAW, .level = 255}};

	model_apply(bench->model, &ev);
	is_null(element(written(bench), "notes", 0), "level");
}

static void say(struct bench *bench, struct event ev)
{
	model_apply(bench->model, &ev);
}

/* Group 2 goes from its domain to a guest, which maps its memory. */
static void say_journey(struct bench *bench)
{
	struct model *model = bench->model;

	say_start(model, SECOND);
	say_topology(model);
	say_all_classes(model, true);
	say(bench, (struct event){.kind = EVENT_COLLECT,
	                          .collect = {.mode = COLLECT_EVENTS, .reason = "3 k/s"}});
	say_number(model, ATTR_DOMAIN_TYPE, NULL, 5, DOMAIN_TYPE_DMA_FQ);
	say_number(model, ATTR_GROUP_DEFAULT_DOMAIN, NULL, 2, 5);
	say_number(model, ATTR_GROUP_DOMAIN, NULL, 2, 5);
	say_tick(model, 2 * SECOND);
	say_text(model, ATTR_DEVICE_DRIVER, "0000:00:03.0", 0, "vfio-pci");
	say_text(model, ATTR_PROCESS_NAME, NULL, 1234, "qemu-system-x86");
	say_text(model, ATTR_PROCESS_VM, NULL, 1234, "vm1");
	say_number(model, ATTR_DOMAIN_TYPE, NULL, 6, DOMAIN_TYPE_UNMANAGED);
	say(bench, (struct event){.ts_ns = 2500000000u,
	                          .kind = EVENT_ATTACH,
	                          .member = {.device = "0000:00:03.0", .domain = 6}});
	say_number(model, ATTR_GROUP_HOLDER, NULL, 2, 1234);
	say(bench, (struct event){.ts_ns = 2600000000u,
	                          .kind = EVENT_MAP,
	                          .map = {.iova = 0x200000,
	                                  .size_bytes = 0x200000,
	                                  .domain = 6,
	                                  .inside_ns = 2000}});
	say(bench, (struct event){.kind = EVENT_COST,
	                          .cost = {.own_ns = SECOND / 250, .kernel_ns = SECOND / 100}});
	say(bench, (struct event){.kind = EVENT_MISSED, .missed = {.count = 3}});
	say_tick(model, 3 * SECOND);
}

static const json_t *with_id(const json_t *object, const char *key, double id)
{
	for (size_t i = 0; i < json_array_size(get(object, key)); i++)
		if (json_number_value(get(element(object, key, i), "id")) == id)
			return element(object, key, i);
	fail_msg("no %s %g", key, id);
	return NULL;
}

static void a_guest_s_domain_is_told_whole(void **state)
{
	const json_t *object, *domain;

	say_journey(*state);
	object = written(*state);
	domain = with_id(object, "domains", 6);
	text_is(domain, "label", "vm1 (qemu-system-x86 1234)");
	text_is(domain, "type", "unmanaged");
	text_is(domain, "named_by", "attach");
	assert_true(json_is_true(get(domain, "vfio")));
	assert_true(json_is_false(get(domain, "freed")));
	assert_int_equal(json_integer_value(element(domain, "groups", 0)), 2);
	assert_string_equal(json_string_value(element(domain, "devices", 0)), "0000:00:03.0");
	number_is(get(domain, "holder"), "pid", 1234);
	text_is(get(domain, "holder"), "name", "qemu-system-x86");
	text_is(get(domain, "holder"), "vm", "vm1");
	number_is(get(domain, "times"), "map_mean_ns", 2000);
	is_null(get(domain, "times"), "unmap_mean_ns");
	text_is(with_id(object, "groups", 2), "current_type", "unmanaged");
	text_is(with_id(object, "groups", 2), "default_type", "DMA-FQ");
	is_null(with_id(object, "groups", 7), "current_type");
}

static void who_blocks_a_group_is_told(void **state)
{
	struct model *model = ((struct bench *)*state)->model;
	const json_t *object, *verdict;

	say_topology(model);
	say_holder(model, 2, 1234, "qemu-system-x86", "vm1");
	object = written(*state);
	verdict = get(with_id(object, "groups", 7), "viability");
	text_is(verdict, "verdict", "after");
	assert_true(json_is_true(get(verdict, "certain")));
	text_is(verdict, "reason",
	        "viable after binding 0000:00:02.0 (bochs), 0000:00:02.2 (i801_smbus) to vfio-pci");
	assert_int_equal(json_array_size(get(verdict, "blockers")), 2);
	text_is(element(verdict, "blockers", 1), "bdf", "0000:00:02.2");
	text_is(element(verdict, "blockers", 1), "driver", "i801_smbus");
	verdict = get(with_id(object, "groups", 2), "viability");
	text_is(verdict, "verdict", "in_use");
	text_is(verdict, "reason", "in use by vm1 (qemu-system-x86 1234)");
	assert_int_equal(json_array_size(get(verdict, "blockers")), 0);
}

static void how_it_was_collected_is_told(void **state)
{
	const json_t *object;

	say_journey(*state);
	object = written(*state);
	text_is(object, "collect", "events");
	text_is(object, "collect_reason", "3 k/s");
	assert_true(json_is_false(get(object, "collect_asked")));
	number_is(object, "missed", 3);
	number_is(get(object, "totals"), "missed", 3);
	assert_float_equal((float)json_number_value(get(get(object, "cost"), "own")), 0.004f,
	                   1e-6f);
	assert_float_equal((float)json_number_value(get(get(object, "cost"), "kernel")), 0.01f,
	                   1e-6f);
}

/* Told in the object of the interval in which it happened, and only there. */
static void a_way_to_a_guest_is_told_once(void **state)
{
	struct bench *bench = *state;
	const json_t *away;

	say_journey(bench);
	away = element(written(bench), "transitions", 0);
	KEYS_ARE(away, "id", "kind", "device", "group", "from_domain", "from_type", "to_domain",
	         "to_type", "holder", "left_s", "back_s");
	text_is(away, "kind", "away");
	text_is(away, "device", "0000:00:03.0");
	number_is(away, "group", 2);
	number_is(away, "from_domain", 5);
	text_is(away, "from_type", "DMA-FQ");
	number_is(away, "to_domain", 6);
	text_is(away, "to_type", "unmanaged");
	text_is(get(away, "holder"), "vm", "vm1");
	number_is(away, "left_s", 2.5);
	is_null(away, "back_s");
	assert_int_equal(json_array_size(get(write_filtered(bench, 7, NULL), "transitions")), 0);
	say_tick(bench->model, 4 * SECOND);
	say_tick(bench->model, 5 * SECOND);
	assert_int_equal(json_array_size(get(written(bench), "transitions")), 0);
}

static void a_burst_has_its_own_form(void **state)
{
	struct bench *bench = *state;
	const json_t *burst;

	look(bench->model, &bench->snap);
	bench->snap.transitions = xcalloc(1, sizeof(*bench->snap.transitions));
	bench->snap.transition_count = 1;
	*bench->snap.transitions = (struct snapshot_transition){
		.id = 1,
		.kind = TRANSITION_END,
		.changed = true,
		.group = NO_GROUP,
		.to_domain = 6,
		.process = NO_PROCESS,
		.begin_ns = SECOND,
		.end_ns = 3 * SECOND,
		.count = 512,
		.bytes = 512 * 4096,
		.common_log2 = 12,
		.common_count = 512,
	};
	burst = element(write_drawn(bench), "transitions", 0);
	KEYS_ARE(burst, "id", "kind", "group", "domain", "holder", "begin_s", "end_s", "count",
	         "bytes", "inside_ns", "common_bytes", "common_count", "at_least", "attempts");
	text_is(burst, "kind", "end");
	is_null(burst, "group");
	number_is(burst, "domain", 6);
	is_null(burst, "holder");
	number_is(burst, "count", 512);
	number_is(burst, "common_bytes", 4096);
	is_null(burst, "inside_ns");
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
	say_map(bench->model, DOMAIN_FORMER - 1, UINT64_MAX);
	object = written(bench);
	number_is(element(object, "groups", 0), "id", 4294967294.0);
	number_is(element(object, "domains", 1), "id", 4294967293.0);
	assert_true(json_number_value(get(get(object, "totals"), "map_bytes")) > 1.8e19);
}

static void a_full_disk_is_noticed(void **state)
{
	struct bench *bench = *state;
	const struct output_filter filter = {.group = NO_GROUP};
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
	assert_int_equal(json_array_size(get(object, "domains")), 0);
	number_is(get(object, "totals"), "maps", 70);
	object = write_filtered(bench, NO_GROUP, "absent");
	assert_int_equal(json_array_size(get(object, "groups")), 0);
	object = write_filtered(bench, 12345, NULL);
	assert_int_equal(json_array_size(get(object, "groups")), 0);
}

static void what_the_doctor_found_is_an_object(void **state)
{
	struct lines lines = {0};
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	json_t *object;

	(void)state;
	lines_add(&lines, TONE_WARN, "a \033[1mname\n");
	lines_add(&lines, TONE_PLAIN, "b");
	assert_int_equal(json_doctor(out, "warnings", &lines), 0);
	fclose(out);
	assert_int_equal(text[size - 1], '\n');
	object = json_loads(text, 0, NULL);
	text_is(object, "schema", "iommutop-doctor/1");
	text_is(object, "verdict", "warnings");
	assert_int_equal(json_array_size(get(object, "findings")), 2);
	text_is(element(object, "findings", 0), "tone", "warning");
	assert_true(is_clean(json_string_value(get(element(object, "findings", 0), "text"))));
	text_is(element(object, "findings", 1), "tone", "plain");
	text_is(element(object, "findings", 1), "text", "b");
	json_decref(object);
	free(text);
	lines_release(&lines);
}

#define bench_test(name) cmocka_unit_test_setup_teardown(name, make_bench, free_bench)

int main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(the_object_has_every_key_of_the_schema),
		bench_test(an_unknown_machine_has_the_same_keys),
		bench_test(figures_are_the_models),
		bench_test(a_guest_s_domain_is_told_whole),
		bench_test(who_blocks_a_group_is_told),
		bench_test(how_it_was_collected_is_told),
		bench_test(a_way_to_a_guest_is_told_once),
		bench_test(a_burst_has_its_own_form),
		bench_test(what_is_off_is_null),
		bench_test(sizes_are_told_where_they_are_those_of_all),
		bench_test(the_largest_sizes_are_told),
		bench_test(lower_bounds_are_named),
		bench_test(devices_are_written_with_their_numbers),
		bench_test(numbers_that_are_unknown_are_null),
		bench_test(faults_say_no_more_than_is_known),
		bench_test(a_row_of_faults_is_one_object),
		bench_test(notes_are_written_with_their_topic),
		bench_test(a_level_that_no_log_tells_is_none),
		bench_test(hostile_names_make_valid_json),
		bench_test(the_greatest_numbers_stay_great),
		bench_test(a_full_disk_is_noticed),
		bench_test(filters_touch_lists_and_not_totals),
		cmocka_unit_test(what_the_doctor_found_is_an_object),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

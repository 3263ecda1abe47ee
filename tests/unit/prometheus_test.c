// SPDX-License-Identifier: GPL-2.0-or-later
/* prometheus: one name, one type, no series twice, no counter that falls, and nothing that is not
 * known; whatever comes, goes and is called what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scene.h"
#include "sinks/prometheus.h"
#include "sinks/series.h"
#include "util.h"

struct bench {
	struct model *model;
	struct snapshot snap;
	struct prometheus *prometheus;
	char *text, *before; /* the last exposition, and the one before it */
};

static void make_anew(struct bench *bench, const struct model_limits *limits)
{
	model_free(bench->model);
	bench->model = model_new(limits);
}

static int make_bench(void **state)
{
	struct bench *bench = xcalloc(1, sizeof(*bench));

	make_anew(bench, &model_default_limits);
	bench->prometheus = prometheus_new("1.0-test\"\\\n");
	*state = bench;
	return 0;
}

static int free_bench(void **state)
{
	struct bench *bench = *state;

	free(bench->text);
	free(bench->before);
	prometheus_free(bench->prometheus);
	model_free(bench->model);
	snapshot_release(&bench->snap);
	free(bench);
	return 0;
}

/* ---- reading it back ---- */

static bool is_name_character(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

static size_t name_length(const char *line)
{
	size_t length = 0;

	while (is_name_character(line[length]))
		length++;
	return length;
}

/* The end of {a="b",...}, or what it was given where there is none. */
static const char *skip_labels(const char *at)
{
	if (*at != '{')
		return at;
	do {
		at++;
		assert_true(name_length(at) > 0);
		at += name_length(at);
		assert_memory_equal(at, "=\"", 2);
		for (at += 2; *at != '"'; at++) {
			assert_true(*at && *at != '\n');
			if (*at == '\\') {
				at++;
				assert_true(*at == '\\' || *at == '"');
			}
		}
		at++;
	} while (*at == ',');
	assert_int_equal(*at, '}');
	return at + 1;
}

/* The value of the series with just these labels; false: there is none. */
static bool find(const char *text, const char *series, double *value)
{
	size_t length = strlen(series);

	for (const char *line = text; line && *line; line = strchr(line, '\n') + 1) {
		if (strncmp(line, series, length) || line[length] != ' ')
			continue;
		*value = strtod(line + length, NULL);
		return true;
	}
	return false;
}

static bool is_counter(const char *text, const char *line)
{
	char type[256];

	snprintf(type, sizeof(type), "# TYPE %.*s counter\n", (int)name_length(line), line);
	return strstr(text, type);
}

static void check_sample(const char *text, const char *line)
{
	const char *end = skip_labels(line + name_length(line));
	char head[2560], type[256], *rest;
	double value;

	assert_int_equal(*end, ' ');
	value = strtod(end + 1, &rest);
	assert_true(rest > end + 1 && *rest == '\n' && value >= 0); /* and no timestamp */
	snprintf(head, sizeof(head), "\n%.*s ", (int)(end - line), line);
	rest = strstr(line, head);
	if (rest)
		fail_msg("twice: %s", head);
	snprintf(type, sizeof(type), "# TYPE %.*s ", (int)name_length(line), line);
	rest = strstr(text, type);
	if (!rest || rest > line)
		fail_msg("no type before: %s", head);
	snprintf(type, sizeof(type), "# HELP %.*s ", (int)name_length(line), line);
	assert_non_null(strstr(text, type));
	if (is_counter(text, line))
		assert_memory_equal(line + name_length(line) - 6, "_total", 6);
}

/* Families in one piece each, with their type once. */
static void check_form(const char *text)
{
	const char *last = "";
	size_t last_length = 0;

	assert_int_equal(text[strlen(text) - 1], '\n');
	for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
		size_t length = name_length(line);

		if (!strncmp(line, "# TYPE ", 7)) {
			last = line + 7;
			last_length = name_length(last);
			continue;
		}
		if (*line == '#')
			continue;
		assert_int_equal(length, last_length);
		assert_memory_equal(line, last, length);
		check_sample(text, line);
	}
	for (const char *p = text; *p;) {
		const char *at = p;

		if (text_next_rune(&p) == RUNE_BROKEN && *at != '\n')
			assert_memory_equal(at, "\xef\xbf\xbd", 3);
	}
}

/* A reader takes a counter that falls for a restart, and counts all of it once more. */
static void check_no_fall(const char *before, const char *now)
{
	for (const char *line = before; *line; line = strchr(line, '\n') + 1) {
		const char *end = skip_labels(line + name_length(line));
		char series[2560];
		double value;

		if (*line == '#' || !is_counter(before, line))
			continue;
		snprintf(series, sizeof(series), "%.*s", (int)(end - line), line);
		if (find(now, series, &value) && value < strtod(end, NULL))
			fail_msg("%s fell to %f", series, value);
	}
}

static void write_snapshot(struct bench *bench)
{
	size_t size;
	FILE *out;

	free(bench->before);
	bench->before = bench->text;
	bench->text = NULL;
	out = open_memstream(&bench->text, &size);
	assert_int_equal(prometheus_write(bench->prometheus, out, &bench->snap), 0);
	fclose(out);
	check_form(bench->text);
	if (bench->before)
		check_no_fall(bench->before, bench->text);
}

static void write_now(struct bench *bench)
{
	look(bench->model, &bench->snap);
	write_snapshot(bench);
}

static void is(const struct bench *bench, const char *series, double expected)
{
	double value;

	if (!find(bench->text, series, &value))
		fail_msg("no %s in\n%s", series, bench->text);
	if (value < expected || value > expected)
		fail_msg("%s is %f, not %f", series, value, expected);
}

static void is_absent(const struct bench *bench, const char *text)
{
	const char *found = strstr(bench->text, text);

	if (found)
		fail_msg("%.100s", found);
}

static double sum_of(const char *text, const char *name)
{
	size_t length = strlen(name);
	double sum = 0;

	for (const char *line = text; *line; line = strchr(line, '\n') + 1)
		if (!strncmp(line, name, length) && line[length] == '{')
			sum += strtod(skip_labels(line + length), NULL);
	return sum;
}

static size_t series_of(const char *text, const char *name)
{
	size_t length = strlen(name), count = 0;

	for (const char *line = text; *line; line = strchr(line, '\n') + 1)
		count += !strncmp(line, name, length) && line[length] == '{';
	return count;
}

/* ---- what is told ---- */

static void an_unknown_machine_has_no_figures(void **state)
{
	struct bench *bench = *state;

	write_now(bench);
	is(bench, "iommutop_build_info{version=\"1.0-test\\\"\\\\\xef\xbf\xbd\"}", 1);
	is(bench, "iommutop_collect_info{mode=\"none\"}", 1);
	is_absent(bench, "maps_total ");
	is_absent(bench, "maps_total{");
	is_absent(bench, "faults_total{");
	is_absent(bench, "time_seconds");
	is_absent(bench, "source_state");
	is_absent(bench, "iommutop_groups");
	is_absent(bench, "iommutop_class_on");
	is_absent(bench, "devices_left");
	is_absent(bench, "incomplete");
}

static void figures_are_the_models(void **state)
{
	struct bench *bench = *state;

	say_topology(bench->model);
	say_watching(bench->model, SECOND);
	say_health(bench->model, SOURCE_LOG, HEALTH_OK, NULL);
	say_attach(bench->model, SECOND, "0000:00:03.0", 4);
	say_map(bench->model, 4, 8192);
	say_map(bench->model, 4, 4096);
	say_unmap(bench->model, 4, 4096, 4096);
	say_map(bench->model, 0, 4096);
	say_map_failed(bench->model, 4, 12);
	say_tick(bench->model, 2 * SECOND);
	write_now(bench);
	is(bench, "iommutop_maps_total{domain=\"4\",group=\"2\",device=\"0000:00:03.0\"}", 2);
	is(bench, "iommutop_unmaps_total{domain=\"4\",group=\"2\",device=\"0000:00:03.0\"}", 1);
	is(bench, "iommutop_map_bytes_total{domain=\"4\",group=\"2\",device=\"0000:00:03.0\"}",
	   12288);
	is(bench, "iommutop_unmap_bytes_total{domain=\"4\",group=\"2\",device=\"0000:00:03.0\"}",
	   4096);
	is(bench, "iommutop_failed_maps_total{domain=\"4\",group=\"2\",device=\"0000:00:03.0\"}",
	   1);
	is(bench, "iommutop_outstanding_bytes{domain=\"4\",group=\"2\",device=\"0000:00:03.0\"}",
	   8192);
	is(bench, "iommutop_maps_total{domain=\"unattributed\"}", 1);
	is(bench, "iommutop_machine_maps_total", 3);
	is(bench, "iommutop_machine_map_bytes_total", 16384);
	is(bench, "iommutop_collect_info{mode=\"events\"}", 1);
	is(bench, "iommutop_source_state{source=\"trace\"}", 3);
	is(bench, "iommutop_groups", 4);
	is(bench, "iommutop_units", 2);
	is(bench, "iommutop_class_on{class=\"map\"}", 1);
	is(bench, "iommutop_lost_total", 0);
	is(bench, "iommutop_missed_total", 0);
	is(bench, "iommutop_domain_attempts", 0);
	is(bench, "iommutop_start_time_seconds", 1700000001);
	is(bench, "iommutop_interval_end_time_seconds", 1700000002);
	is_absent(bench, "per_s");
	is_absent(bench, "iommutop_faults_total{device=\"0");
}

static void lower_bounds_are_counted(void **state)
{
	struct bench *bench = *state;

	say_watching(bench->model, SECOND);
	say_map(bench->model, 4, 8192);
	say_map(bench->model, 5, 8192);
	say_tick(bench->model, 2 * SECOND);
	write_now(bench);
	is(bench, "iommutop_incomplete{metric=\"iommutop_maps_total\"}", 0);
	is(bench, "iommutop_incomplete{metric=\"iommutop_machine_maps_total\"}", 0);
	is(bench, "iommutop_incomplete{metric=\"iommutop_outstanding_bytes\"}", 2);
	say_lost(bench->model, 7, false);
	say_tick(bench->model, 3 * SECOND);
	write_now(bench);
	is(bench, "iommutop_incomplete{metric=\"iommutop_maps_total\"}", 3);
	is(bench, "iommutop_incomplete{metric=\"iommutop_machine_maps_total\"}", 1);
	is(bench, "iommutop_incomplete{metric=\"iommutop_lost_total\"}", 1);
	is(bench, "iommutop_lost_total", 7);
}

static void what_was_off_all_the_time_is_absent(void **state)
{
	struct bench *bench = *state;

	say_all_classes(bench->model, false);
	say_tick(bench->model, SECOND);
	say_tick(bench->model, 2 * SECOND);
	write_now(bench);
	is(bench, "iommutop_class_on{class=\"map\"}", 0);
	is_absent(bench, "maps_total ");
	is_absent(bench, "maps_total{");
}

static void attempts_are_said_to_be_some(void **state)
{
	struct bench *bench = *state;

	say_watching(bench->model, SECOND);
	say_collect(bench->model, COLLECT_COUNTS, true);
	say_counts(bench->model, COUNTS_MAP, 4, 5, 5 * 4096);
	say_counts(bench->model, COUNTS_MAP, DOMAIN_ALL, 4, 4 * 4096);
	say_tick(bench->model, 2 * SECOND);
	write_now(bench);
	is(bench, "iommutop_domain_attempts", 1);
	is(bench, "iommutop_maps_total{domain=\"4\"}", 5);
	is(bench, "iommutop_machine_maps_total", 4);
	is(bench, "iommutop_collect_info{mode=\"counts\"}", 1);
}

static void hostile_names_stay_in_their_labels(void **state)
{
	struct bench *bench = *state;

	say_everything(bench->model);
	say_watching(bench->model, 80 * SECOND);
	say_attach(bench->model, 80 * SECOND, "a\"} 1\nb{c=\"", 9);
	say_attach(bench->model, 80 * SECOND, "\\", 10);
	say_map(bench->model, 9, 4096);
	say_map(bench->model, 10, 4096);
	say_fault(bench->model, 81 * SECOND, "x\"\\\n\033[2J", FAULT_HAS_IOVA);
	say_tick(bench->model, 82 * SECOND);
	write_now(bench);
	is(bench, "iommutop_maps_total{domain=\"10\",device=\"\\\\\"}", 1);
	assert_non_null(strstr(bench->text, "domain=\"9\",device=\"a\\\"} 1\xef\xbf\xbd"
	                                    "b{c=\\\"\"} 1\n"));
}

/* As long as names can be, and as many: a label is cut, and still closed. */
static void long_lists_are_cut_at_an_item(void **state)
{
	char name[120], driver[64];
	struct bench *bench = *state;

	say_watching(bench->model, SECOND);
	for (uint32_t i = 0; i < 12; i++) {
		snprintf(driver, sizeof(driver), "0000:%02x:00.0", i);
		say_number(bench->model, ATTR_DEVICE_GROUP, driver, 0, 100 + i);
		say_attach(bench->model, SECOND, driver, 3);
	}
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	say_attach(bench->model, SECOND, name, 4);
	say_map(bench->model, 3, 4096);
	say_map(bench->model, 4, 4096);
	say_tick(bench->model, 2 * SECOND);
	write_now(bench);
	assert_non_null(strstr(bench->text, ",+4\""));
	assert_non_null(strstr(bench->text, "{domain=\"4\",device=\"+1\"}"));
}

/* ---- domains that come and go ---- */

static struct model_limits few_former(size_t former)
{
	struct model_limits limits = model_default_limits;

	limits.former = former;
	return limits;
}

/* Each lives three ticks, maps, and is freed and forgotten: sums grow by what was mapped. */
static void sums_do_not_fall_when_domains_are_forgotten(void **state)
{
	const struct model_limits limits = few_former(4);
	struct bench *bench = *state;
	double maps = 0;

	make_anew(bench, &limits);
	say_watching(bench->model, SECOND);
	for (uint32_t i = 1; i < 40; i++) {
		for (uint32_t id = i > 3 ? i - 3 : 1; id <= i; id++, maps++)
			say_map(bench->model, id, 4096);
		if (i > 3)
			say_freed(bench->model, (1 + i) * SECOND, i - 3);
		say_tick(bench->model, (1 + i) * SECOND);
		write_now(bench);
		assert_true(sum_of(bench->text, "iommutop_maps_total") == maps);
		is(bench, "iommutop_machine_maps_total", maps);
	}
	assert_non_null(strstr(bench->text, "iommutop_maps_total{domain=\"others\"} "));
	is_absent(bench, "iommutop_maps_total{domain=\"1\"}");
}

/* More than have room: those without a series stay without, also when others have gone. */
static void what_has_no_room_stays_with_the_others(void **state)
{
	const struct model_limits limits = few_former(2);
	const uint32_t all = SERIES_MOST + 50;
	struct bench *bench = *state;

	make_anew(bench, &limits);
	say_watching(bench->model, SECOND);
	for (uint32_t id = 1; id <= all; id++)
		say_map(bench->model, id, 4096);
	say_tick(bench->model, 2 * SECOND);
	write_now(bench);
	/* and unattributed, and others */
	assert_int_equal(series_of(bench->text, "iommutop_maps_total"), SERIES_MOST + 2);
	is(bench, "iommutop_maps_total{domain=\"others\"}", 50);
	is(bench, "iommutop_maps_total{domain=\"256\"}", 1);
	is_absent(bench, "{domain=\"257\"}");
	for (uint32_t id = 1; id <= 20; id++)
		say_freed(bench->model, 3 * SECOND, id);
	say_map(bench->model, 300, 4096);
	say_tick(bench->model, 4 * SECOND);
	write_now(bench);
	is(bench, "iommutop_maps_total{domain=\"others\"}", 50 + 18 + 1);
	is_absent(bench, "{domain=\"300\"}");
	say_map(bench->model, 1000, 4096);
	say_tick(bench->model, 5 * SECOND);
	write_now(bench);
	is(bench, "iommutop_maps_total{domain=\"1000\"}", 1);
	is(bench, "iommutop_maps_total{domain=\"others\"}", 50 + 18 + 1);
	assert_true(sum_of(bench->text, "iommutop_maps_total") == all + 2);
}

/* What the kernel's two histograms leave over can shrink when they are read. */
static void the_rest_does_not_fall(void **state)
{
	struct bench *bench = *state;

	say_watching(bench->model, SECOND);
	say_collect(bench->model, COLLECT_COUNTS, false);
	say_counts(bench->model, COUNTS_MAP, DOMAIN_ALL, 100, 100 * 4096);
	say_counts(bench->model, COUNTS_MAP, 4, 90, 90 * 4096);
	say_tick(bench->model, 2 * SECOND);
	write_now(bench);
	is(bench, "iommutop_maps_total{domain=\"unattributed\"}", 10);
	say_counts(bench->model, COUNTS_MAP, 4, 5, 5 * 4096);
	say_tick(bench->model, 3 * SECOND);
	look(bench->model, &bench->snap);
	assert_int_equal(bench->snap.domains[0].traffic.maps.n, 5);
	write_snapshot(bench);
	is(bench, "iommutop_maps_total{domain=\"unattributed\"}", 10);
}

/* ---- faults ---- */

static void say_fault_of(struct model *model, uint64_t ts_ns, const char *device,
                         const char *reason, uint8_t source)
{
	const struct event ev = {.ts_ns = ts_ns,
	                         .kind = EVENT_FAULT,
	                         .fault = {.device = device,
	                                   .reason = reason,
	                                   .iova = 0x1000,
	                                   .direction = DIRECTION_WRITE,
	                                   .source = source,
	                                   .flags = FAULT_HAS_IOVA}};

	model_apply(model, &ev);
}

static void faults_are_told_by_device_and_reason(void **state)
{
	struct bench *bench = *state;

	say_topology(bench->model);
	say_watching(bench->model, 10 * SECOND);
	say_health(bench->model, SOURCE_LOG, HEALTH_OK, NULL);
	say_fault(bench->model, SECOND, "0000:00:03.0", FAULT_HAS_IOVA); /* before the start */
	say_fault(bench->model, 11 * SECOND, "00:03.0", FAULT_HAS_IOVA | FAULT_NO_SEGMENT);
	say_fault(bench->model, 12 * SECOND, "0000:00:03.0", FAULT_HAS_IOVA);
	say_fault_of(bench->model, 12 * SECOND, "0000:01:00.0", "F_ACCESS", SOURCE_LOG);
	say_fault_of(bench->model, 12 * SECOND, "0000:01:00.0", "page request", SOURCE_TRACE);
	say_tick(bench->model, 13 * SECOND);
	write_now(bench);
	/* two rows of the model, for the log named it in two ways */
	is(bench,
	   "iommutop_faults_total{device=\"0000:00:03.0\",group=\"2\",direction=\"read\","
	   "reason=\"PTE Read access is not set\"}",
	   2);
	is(bench,
	   "iommutop_faults_total{device=\"0000:01:00.0\",group=\"0\",direction=\"write\","
	   "reason=\"F_ACCESS\"}",
	   1);
	is(bench, "iommutop_faults_total{device=\"others\"}", 0);
	is(bench, "iommutop_machine_faults_total", 3);
	is(bench, "iommutop_faults_before_start", 1);
	is_absent(bench, "page request");
}

static void say_storm(struct model *model, uint64_t ts_ns, unsigned int first, unsigned int count)
{
	char device[32];

	for (unsigned int i = first; i < first + count; i++) {
		snprintf(device, sizeof(device), "0000:%02x:%02x.0", i / 32, i % 32);
		say_fault_of(model, ts_ns, device, "F_ACCESS", SOURCE_LOG);
	}
}

/* More rows than the model keeps and than have series; old ones go and come again. */
static void a_storm_of_many_devices_is_bounded(void **state)
{
	struct model_limits limits = model_default_limits;
	struct bench *bench = *state;
	double all = 0;

	limits.faults = 400;
	make_anew(bench, &limits);
	say_watching(bench->model, SECOND);
	say_health(bench->model, SOURCE_LOG, HEALTH_OK, NULL);
	for (unsigned int i = 0; i < 12; i++) {
		say_storm(bench->model, (2 + i) * SECOND, i * 90 % 700, 120);
		all += 120;
		say_tick(bench->model, (2 + i) * SECOND);
		write_now(bench);
		assert_true(series_of(bench->text, "iommutop_faults_total") <= SERIES_MOST + 1);
		is(bench, "iommutop_machine_faults_total", all);
		assert_true(sum_of(bench->text, "iommutop_faults_total") >= all);
	}
	assert_true(bench->snap.rows_dropped > 0);
}

/* Before sysfs was walked a fault has the name of the message. */
static void a_device_that_is_known_later_changes_its_series(void **state)
{
	struct bench *bench = *state;

	say_watching(bench->model, SECOND);
	say_health(bench->model, SOURCE_LOG, HEALTH_OK, NULL);
	say_fault(bench->model, 2 * SECOND, "00:03.0", FAULT_HAS_IOVA | FAULT_NO_SEGMENT);
	say_tick(bench->model, 3 * SECOND);
	write_now(bench);
	assert_non_null(strstr(bench->text, "iommutop_faults_total{device=\"00:03.0\","));
	say_topology(bench->model);
	say_tick(bench->model, 4 * SECOND);
	write_now(bench);
	is_absent(bench, "iommutop_faults_total{device=\"00:03.0\"");
	is(bench, "iommutop_faults_total{device=\"others\"}", 0);
	assert_true(sum_of(bench->text, "iommutop_faults_total") == 1);
}

/* ---- who has what ---- */

static void a_device_that_changes_hands_is_counted(void **state)
{
	struct bench *bench = *state;
	struct model *model = bench->model;

	say_start(model, SECOND);
	say_topology(model);
	say_watching(model, SECOND);
	say_type(model, SECOND, 3, DOMAIN_TYPE_DMA);
	say_group_domain(model, 2, 3, 3);
	say_tick(model, 2 * SECOND);
	write_now(bench);
	is(bench, "iommutop_devices_left_total", 0);
	is_absent(bench, "iommutop_device_away");
	say_type(model, 3 * SECOND, 5, DOMAIN_TYPE_UNMANAGED);
	say_holder(model, 2, 99, "qemu", "vm1");
	say_attach(model, 3 * SECOND, "0000:00:03.0", 5);
	say_map(model, 5, 1 << 20);
	say_holder(model, 2, 99, "qemu", "vm1");
	say_tick(model, 4 * SECOND);
	write_now(bench);
	is(bench, "iommutop_devices_left_total", 1);
	is(bench, "iommutop_devices_back_total", 0);
	is(bench, "iommutop_device_away{device=\"0000:00:03.0\",group=\"2\",vm=\"vm1\"}", 1);
	is(bench,
	   "iommutop_maps_total{domain=\"5\",group=\"2\",device=\"0000:00:03.0\",vm=\"vm1\"}", 1);
	say_attach(model, 5 * SECOND, "0000:00:03.0", 3);
	say_tick(model, 6 * SECOND);
	write_now(bench);
	is(bench, "iommutop_devices_left_total", 1);
	is(bench, "iommutop_devices_back_total", 1);
	is_absent(bench, "iommutop_device_away");
}

static void a_full_disk_is_an_error(void **state)
{
	struct bench *bench = *state;
	FILE *full = fopen("/dev/full", "w");

	assert_non_null(full);
	look(bench->model, &bench->snap);
	assert_int_equal(prometheus_write(bench->prometheus, full, &bench->snap), -1);
	fclose(full);
}

#define prometheus_test(name) cmocka_unit_test_setup_teardown(name, make_bench, free_bench)

int main(void)
{
	const struct CMUnitTest tests[] = {
		prometheus_test(an_unknown_machine_has_no_figures),
		prometheus_test(figures_are_the_models),
		prometheus_test(lower_bounds_are_counted),
		prometheus_test(what_was_off_all_the_time_is_absent),
		prometheus_test(attempts_are_said_to_be_some),
		prometheus_test(hostile_names_stay_in_their_labels),
		prometheus_test(long_lists_are_cut_at_an_item),
		prometheus_test(sums_do_not_fall_when_domains_are_forgotten),
		prometheus_test(what_has_no_room_stays_with_the_others),
		prometheus_test(the_rest_does_not_fall),
		prometheus_test(faults_are_told_by_device_and_reason),
		prometheus_test(a_storm_of_many_devices_is_bounded),
		prometheus_test(a_device_that_is_known_later_changes_its_series),
		prometheus_test(a_device_that_changes_hands_is_counted),
		prometheus_test(a_full_disk_is_an_error),
	};

	return cmocka_run_group_tests_name("prometheus", tests, NULL, NULL);
}

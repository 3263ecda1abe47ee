// SPDX-License-Identifier: GPL-2.0-or-later
/* saved_topology: what json_facts wrote comes back, and nothing else is believed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "scene.h"
#include "sinks/json.h"
#include "sources/saved_topology.h"
#include "util.h"

static void apply(void *context, const struct event *ev)
{
	model_apply(context, ev);
}

static char *written(struct model *model)
{
	const struct output_filter all = {.group = NO_GROUP};
	struct snapshot snap = {0};
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	look(model, &snap);
	assert_int_equal(json_write(out, &snap, &all), 0);
	fclose(out);
	snapshot_release(&snap);
	return text;
}

static struct saved_topology *read_text(const char *text)
{
	struct error err = {0};
	struct saved_topology *saved = saved_topology_read(text, strlen(text), "saved", &err);

	if (!saved)
		fail_msg("%s", err.text);
	return saved;
}

static struct model *told(const char *text, bool moment)
{
	struct model *model = model_new(&model_default_limits);
	const struct event_sink sink = {.emit = apply, .context = model};
	struct saved_topology *saved = read_text(text);

	saved_topology_tell(saved, moment, &sink);
	saved_topology_free(saved);
	return model;
}

/* One of each, with a value of its own. */
static void say_all_facts(struct model *model)
{
	for (int i = 0; i < ATTRIBUTE_COUNT; i++) {
		const struct attribute_info *info = &attribute_infos[i];
		bool of_run = i == ATTR_GROUP_DOMAIN || i == ATTR_GROUP_DEFAULT_DOMAIN;
		const char *name = subject_keys[info->subject] == KEY_BY_NAME ? "thing" : NULL;
		uint32_t id = subject_keys[info->subject] == KEY_BY_ID ? 7 : 0;
		char text[32];

		snprintf(text, sizeof(text), "%s \"%d\" \xc3\xa4", info->word, i);
		if (of_run || info->subject == SUBJECT_TASK || info->subject == SUBJECT_DOMAIN ||
		    i == ATTR_FAULT_INTERRUPTS || i == ATTR_UNIT_INVALIDATIONS)
			continue;
		if (info->type == VALUE_TEXT)
			say_text(model, (enum attribute)i, name, id, text);
		else
			say_number(model, (enum attribute)i, name, id,
			           i == ATTR_GROUP_HOLDER ? 7 : 100u + (unsigned int)i);
	}
	say_number(model, ATTR_DEVICE_GROUP, "alone", 0, VALUE_UNKNOWN);
	say_health(model, SOURCE_OWNERS, HEALTH_PARTIAL, "not all of /proc can be read");
	say_health(model, SOURCE_SYSFS, HEALTH_PARTIAL, "no names");
}

static void every_fact_comes_back(void **state)
{
	struct model *first = model_new(&model_default_limits), *second;
	char *before, *after;

	(void)state;
	say_all_facts(first);
	before = written(first);
	second = told(before, true);
	after = written(second);
	assert_string_equal(after, before);
	free(before);
	free(after);
	model_free(first);
	model_free(second);
}

static void the_moment_is_not_told_beside_a_trace(void **state)
{
	struct model *first = model_new(&model_default_limits), *second;
	struct snapshot snap = {0};
	char driver[32], *before;

	(void)state;
	snprintf(driver, sizeof(driver), "driver \"%d\" \xc3\xa4", ATTR_DEVICE_DRIVER);
	say_all_facts(first);
	before = written(first);
	second = told(before, false);
	look(second, &snap);
	assert_int_equal(snap.process_count, 0);
	assert_int_equal(snap.groups[0].holder, NO_PROCESS);
	assert_int_equal(snap.groups[0].slow_s, 0);
	assert_int_equal(snap.machine.boot_trace, 0);
	assert_int_equal(snap.log_count, 0); /* nor that watching began after so many events */
	assert_int_equal(snap.machine.log_since_boot, NO_NUMBER);
	assert_int_equal(snap.machine.boot_said, 0);
	assert_int_equal(snap.machine.boot_type, 0);
	assert_int_equal(snap.machine.boot_policy, 0);
	assert_int_equal(snap.machine.options_unknown, 0);
	assert_int_equal(snap.devices[0].slow_s, 0);
	assert_int_equal(snap.health[SOURCE_OWNERS].state, HEALTH_OFF);
	assert_int_equal(snap.health[SOURCE_SYSFS].state, HEALTH_PARTIAL);
	assert_string_equal(snapshot_text(&snap, snap.devices[0].driver), driver);
	snapshot_release(&snap);
	free(before);
	model_free(first);
	model_free(second);
}

/* Numbers of domains are those of the run that wrote them. */
static void domains_of_another_run_are_not_told(void **state)
{
	struct model *model =
		told("{\"schema\":\"iommutop/1\",\"facts\":{\"machine\":{},\"units\":{},"
	             "\"groups\":{\"3\":{\"domain\":5,\"default_domain\":6}},"
	             "\"devices\":{},\"processes\":{}}}",
	             true);
	struct snapshot snap = {0};

	(void)state;
	look(model, &snap);
	assert_int_equal(snap.group_count, 1);
	assert_int_equal(snap.groups[0].domain, NO_DOMAIN);
	assert_int_equal(snap.groups[0].default_domain, NO_DOMAIN);
	assert_int_equal(snap.health[SOURCE_SYSFS].state, HEALTH_OK);
	snapshot_release(&snap);
	model_free(model);
}

#define HEAD    "{\"schema\":\"iommutop/1\",\"facts\":{\"machine\":{},"
#define NOTHING "\"units\":{},\"groups\":{},\"processes\":{}}}"

static void what_a_later_version_adds_is_passed_over(void **state)
{
	struct model *model = told(
		HEAD "\"moons\":[1],\"devices\":{\"a\":{\"weight\":{},\"numa\":1}}," NOTHING, true);
	struct snapshot snap = {0};

	(void)state;
	look(model, &snap);
	assert_int_equal(snap.device_count, 1);
	assert_int_equal(snap.devices[0].numa, 1);
	snapshot_release(&snap);
	model_free(model);
}

static const struct {
	const char *text, *problem;
} bad[] = {
	{"", "is not JSON, or not all of it: line 1, column 0"},
	{"\x7f"
         "ELF",
         "is not JSON"},
	{"7", "is not JSON"},
	{"{\"schema\":\"iommutop/1\",\n\"facts\":{\"mach", "not all of it: line 2, column"},
	{HEAD "\"devices\":{}," NOTHING "{}", "end of file expected"},
	{"[]", "its \"schema\" is not iommutop/1"},
	{"{}", "its \"schema\" is not iommutop/1"},
	{"{\"schema\":7}", "its \"schema\" is not iommutop/1"},
	{"{\"schema\":\"iommutop-doctor/1\"}", "its \"schema\" is not iommutop/1"},
	{"{\"schema\":\"iommutop/2\\u001b[2J\"}", "is in the form iommutop/2"},
	{"{\"schema\":\"iommutop/1\",\"filtered\":true}", "only what -g or -f left"},
	{"{\"schema\":\"iommutop/1\"}", "has no object \"facts\""},
	{"{\"schema\":\"iommutop/1\",\"facts\":[]}", "has no object \"facts\""},
	{"{\"schema\":\"iommutop/1\",\"facts\":{}}", "facts.machine is no object"},
	{HEAD "\"devices\":[]," NOTHING, "facts.devices is no object"},
	{HEAD NOTHING, "facts.devices is no object"},
	{HEAD "\"devices\":{\"a\":null}," NOTHING, "facts.devices.a is no object"},
	{HEAD "\"devices\":{\"\":{}}," NOTHING, "facts.devices. has no name"},
	{HEAD "\"devices\":{\"a\\u001b[2Jb\":{\"numa\":true}}," NOTHING, "numa is no number"},
	{HEAD "\"devices\":{\"a\":{\"driver\":7}}," NOTHING, "facts.devices.a.driver is no text"},
	{HEAD "\"devices\":{\"a\":{\"numa\":-1}}," NOTHING, "facts.devices.a.numa is no number"},
	{HEAD "\"devices\":{\"a\":{\"numa\":1.5}}," NOTHING, "facts.devices.a.numa is no number"},
	{HEAD "\"devices\":{\"a\":{\"numa\":4294967295}}," NOTHING, "numa is no number"},
	{HEAD "\"devices\":{\"a\":{\"numa\":99999999999999999999}}," NOTHING, "too big"},
	{HEAD "\"devices\":{\"a\":{\"numa\":1e999}}," NOTHING, "overflow"},
	{HEAD "\"devices\":{\"a\":{\"driver\":\"x\\u0000y\"}}," NOTHING, "line 1, column"},
	{HEAD "\"devices\":{\"a\":{\"driver\":\"\xff\"}}," NOTHING, "line 1, column"},
	{HEAD "\"devices\":{\"a\":{},\"a\":{}}," NOTHING, "duplicate"},
	{HEAD "\"devices\":{},\"units\":{},\"processes\":{},\"groups\":{\"7\":{},\"07\":{}}}}",
         "facts.groups or processes have a number twice"},
	{HEAD "\"devices\":{},\"units\":{},\"processes\":{},\"groups\":{\"x\":{}}}}",
         "facts.groups.x has no name or number"},
	{HEAD "\"devices\":{},\"units\":{},\"processes\":{},\"groups\":{\"4294967295\":{}}}}",
         "facts.groups.4294967295 has no name or number"},
};

static void expect_refusal(const char *text, size_t size, const char *problem)
{
	struct error err = {0};

	assert_null(saved_topology_read(text, size, "saved", &err));
	if (strncmp(err.text, "saved", 5) != 0 || !strstr(err.text, problem))
		fail_msg("%s: %s", problem, err.text);
	assert_true(is_clean(err.text));
}

static void what_is_wrong_is_told_with_its_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		expect_refusal(bad[i].text, strlen(bad[i].text), bad[i].problem);
}

static void it_may_be_as_deep_as_it_likes(void **state)
{
	size_t size = 1 << 20;
	char *text = xmalloc(size);

	(void)state;
	memset(text, '[', size);
	expect_refusal(text, size, "is not JSON");
	for (size_t i = 0; i + 5 <= size; i += 5)
		memcpy(text + i, "{\"a\":", 5);
	expect_refusal(text, size, "is not JSON");
	free(text);
}

static void no_machine_has_so_many(void **state)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	fputs(HEAD "\"groups\":{},\"devices\":{},\"processes\":{},\"units\":{\"0\":{}", out);
	for (int i = 1; i <= 1024; i++)
		fprintf(out, ",\"%d\":{}", i);
	fputs("}}}", out);
	fclose(out);
	expect_refusal(text, size, "facts.units has more than any machine");
	free(text);
}

static void cut_anywhere_it_is_refused(void **state)
{
	struct model *model = model_new(&model_default_limits);
	char *text;

	(void)state;
	say_all_facts(model);
	text = written(model);
	for (size_t size = 0; size + 1 < strlen(text); size += 7)
		expect_refusal(text, size, "is not JSON, or not all of it");
	free(text);
	model_free(model);
}

static void files_that_cannot_be_read(void **state)
{
	char path[] = "/tmp/saved_topology_XXXXXX";
	int fd = mkstemp(path);
	struct error err = {0};

	(void)state;
	assert_null(saved_topology_open("/nowhere/at/all", &err));
	assert_non_null(strstr(err.text, "No such file"));
	assert_null(saved_topology_open("/", &err));
	assert_non_null(strstr(err.text, "Is a directory"));
	assert_true(fd >= 0 && ftruncate(fd, ((off_t)SAVED_TOPOLOGY_MIB << 20) + 1) == 0);
	assert_null(saved_topology_open(path, &err));
	assert_non_null(strstr(err.text, "has more than 16 MiB"));
	close(fd);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_fact_comes_back),
		cmocka_unit_test(the_moment_is_not_told_beside_a_trace),
		cmocka_unit_test(domains_of_another_run_are_not_told),
		cmocka_unit_test(what_a_later_version_adds_is_passed_over),
		cmocka_unit_test(what_is_wrong_is_told_with_its_place),
		cmocka_unit_test(it_may_be_as_deep_as_it_likes),
		cmocka_unit_test(no_machine_has_so_many),
		cmocka_unit_test(cut_anywhere_it_is_refused),
		cmocka_unit_test(files_that_cannot_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* probes, probe_groups: plain files stand for tracefs. What kernels take is in tests/vm/probes.sh.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "sources/probe_groups.h"
#include "sources/probes.h"
#include "util.h"

#define FOREIGN "p:kprobes/theirs do_sys_open\np:iommutopx/map __iommu_map\n"

struct world {
	char root[64];
	struct probes *probes;
	struct error err;
};

/* ---- files ---- */

static void put(const struct world *world, const char *name, const char *text)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", world->root, name);
	for (char *at = strchr(path + 1, '/'); at; at = strchr(at + 1, '/')) {
		*at = '\0';
		mkdir(path, 0755);
		*at = '/';
	}
	if (!text)
		return;
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static const char *get(const struct world *world, const char *name)
{
	static char text[16384];
	char path[512];
	size_t length;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", world->root, name);
	file = fopen(path, "r");
	assert_non_null(file);
	length = fread(text, 1, sizeof(text) - 1, file);
	text[length] = '\0';
	fclose(file);
	return text;
}

static void drop(const struct world *world, const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", world->root, name);
	assert_int_equal(remove(path), 0);
}

/* A living iommutop's; closing it is its death. */
static int hold(const struct world *world, const char *instance)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "instances/%s/", instance);
	put(world, path, NULL);
	snprintf(path, sizeof(path), "%s/instances/%s", world->root, instance);
	fd = open(path, O_RDONLY | O_DIRECTORY);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	return fd;
}

static int make_world(void **state)
{
	struct world *world = xcalloc(1, sizeof(*world));

	strcpy(world->root, "/tmp/iommutop-probes-XXXXXX");
	assert_non_null(mkdtemp(world->root));
	put(world, "instances/", NULL);
	put(world, "dynamic_events", FOREIGN);
	put(world, "kprobe_events", FOREIGN);
	*state = world;
	return 0;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int remove_world(void **state)
{
	struct world *world = *state;

	probes_close(world->probes);
	nftw(world->root, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	free(world);
	return 0;
}

/* ---- making ---- */

static void expect_line(const char *text, const char *line)
{
	if (!strstr(text, line))
		fail_msg("no \"%s\" in:\n%s", line, text);
}

static void probes_are_appended(void **state)
{
	struct world *world = *state;
	const char *text;

	world->probes = probes_open(world->root, "iommutop-12");
	assert_string_equal(probes_group(world->probes), "iommutop_12");
	text = get(world, "dynamic_events");
	assert_memory_equal(text, FOREIGN, strlen(FOREIGN));
	expect_line(text, "\np:iommutop_12/map __iommu_map domain=$arg1:x64 iova=$arg2:x64 "
	                  "size=$arg4:u64 prot=$arg5:x32\n");
	expect_line(text, "\nr:iommutop_12/attach_return __iommu_attach_device ret=$retval:s32\n");
	expect_line(text, "\nf:iommutop_12/unmap_done __iommu_unmap%return domain=$arg1:x64 "
	                  "size=$arg3:u64 ret=$retval:u64\n");
	assert_null(strchr(text, '{'));
	for (size_t i = 0; i < PROBE_COUNT; i++)
		assert_true(probes_has(world->probes, (enum probe_id)i));
	assert_int_equal(probes_state(world->probes), HEALTH_OK);
	assert_string_equal(probes_reason(world->probes), "");
}

/* The first that is taken is it: a plain file takes all. */
static void each_is_made_once(void **state)
{
	struct probe_entry entry;
	struct world *world = *state;
	unsigned int counts[PROBE_COUNT] = {0};
	const char *text;

	world->probes = probes_open(world->root, "iommutop-12");
	text = get(world, "dynamic_events");
	while (probe_groups_next(&text, &entry))
		for (size_t i = 0; i < PROBE_COUNT; i++)
			if (strcmp(entry.group, "iommutop_12") == 0 &&
			    strcmp(entry.event, probe_names[i]) == 0)
				counts[i]++;
	for (size_t i = 0; i < PROBE_COUNT; i++)
		assert_int_equal(counts[i], 1);
}

static void what_others_have_stays(void **state)
{
	struct world *world = *state;
	int fd = hold(world, "iommutop-12");

	put(world, "dynamic_events", FOREIGN "p:iommutop_12/map __iommu_map\n");
	world->probes = probes_open(world->root, "iommutop-12");
	assert_string_equal(probes_group(world->probes), "iommutop_12_2");
	assert_null(strstr(get(world, "dynamic_events"), "-:"));
	close(fd);
}

/* Here the list has no more room after some of them. */
static void what_can_be_made_is_kept(void **state)
{
	struct rlimit before, small = {.rlim_cur = 600};
	struct world *world = *state;

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small.rlim_max = before.rlim_max;
	setrlimit(RLIMIT_FSIZE, &small);
	world->probes = probes_open(world->root, "iommutop-12");
	setrlimit(RLIMIT_FSIZE, &before);
	assert_true(probes_has(world->probes, PROBE_MAP));
	assert_true(probes_has(world->probes, PROBE_UNMAP));
	assert_false(probes_has(world->probes, PROBE_UNMAP_DONE));
	assert_int_equal(probes_state(world->probes), HEALTH_PARTIAL);
	expect_line(probes_reason(world->probes), "cannot make probe event ");
	expect_line(probes_reason(world->probes), " more: ");
	expect_line(probes_reason(world->probes), "File too large");
	assert_null(strstr(get(world, "dynamic_events"), "-:"));
}

static void no_probe_events_in_the_kernel(void **state)
{
	struct world *world = *state;

	drop(world, "kprobe_events");
	world->probes = probes_open(world->root, "iommutop-12");
	assert_int_equal(probes_state(world->probes), HEALTH_OFF);
	assert_non_null(strstr(probes_reason(world->probes), "CONFIG_KPROBE_EVENTS"));
	assert_false(probes_has(world->probes, PROBE_MAP));
	assert_int_equal(probes_profile(world->probes).hits, 0);
	assert_string_equal(get(world, "dynamic_events"), FOREIGN);
}

static void a_list_that_cannot_be_read(void **state)
{
	struct world *world = *state;

	drop(world, "dynamic_events");
	put(world, "dynamic_events/", NULL);
	world->probes = probes_open(world->root, "iommutop-12");
	assert_int_equal(probes_state(world->probes), HEALTH_OFF);
	assert_non_null(strstr(probes_reason(world->probes), "Is a directory"));
	assert_false(probes_has(world->probes, PROBE_MAP));
}

static void no_tracefs(void **state)
{
	struct world *world = *state;

	world->probes = probes_open("/nonexistent", "iommutop-12");
	assert_int_equal(probes_state(world->probes), HEALTH_OFF);
	assert_non_null(strstr(probes_reason(world->probes), "No such file"));
	assert_int_equal(probes_sweep("/nonexistent", NULL, &world->err), -1);
}

/* ---- names ---- */

static void instances_have_groups(void **state)
{
	static const struct {
		const char *instance, *group;
	} rows[] = {
		{"iommutop-123", "iommutop_123"},
		{"iommutop-123-2", "iommutop_123_2"},
		{"mine", "iommutop_i_mine"},
		{"a.b c-\xc3\xa4", "iommutop_i_a_b_c___"},
		{"iommutop_7", "iommutop_i_iommutop_7"},
	};
	char group[PROBE_GROUP_SIZE], longest[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		probe_groups_name(rows[i].instance, group);
		assert_string_equal(group, rows[i].group);
	}
	memset(longest, 'x', sizeof(longest));
	longest[255] = '\0';
	probe_groups_name(longest, group);
	assert_int_equal(strlen(group), strlen("iommutop_i_") + 40);
}

/* A name that had to be cut leads back to its instance. */
static void long_names_are_alive(void **state)
{
	struct world *world = *state;
	char name[200];
	int fd;

	memset(name, 'y', sizeof(name));
	name[199] = '\0';
	fd = hold(world, name);
	world->probes = probes_open(world->root, name);
	assert_int_equal(probes_sweep(world->root, NULL, &world->err), 0);
	close(fd);
	assert_int_equal(probes_sweep(world->root, NULL, &world->err), 1);
}

static void lists_are_understood(void **state)
{
	static const char text[] = "p:a/b c d=$arg1\nnonsense\nr10:group/event func\n"
				   "p:noslash func\n\np:/x y\np:z/ y\nf:last/one";
	static const char *const found[][2] = {{"a", "b"}, {"group", "event"}, {"last", "one"}};
	const char *at = text;
	struct probe_entry entry;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(found); i++) {
		assert_true(probe_groups_next(&at, &entry));
		assert_string_equal(entry.group, found[i][0]);
		assert_string_equal(entry.event, found[i][1]);
	}
	assert_false(probe_groups_next(&at, &entry));
}

/* ---- removal ---- */

static void own_ones_go_by_name(void **state)
{
	struct world *world = *state;
	const char *text;

	world->probes = probes_open(world->root, "iommutop-12");
	put(world, "dynamic_events",
	    FOREIGN "p:iommutop_12/map __iommu_map\np:iommutop_13/map __iommu_map\n"
	            "r10:iommutop_12/map_return __iommu_map\n");
	probes_close(world->probes);
	world->probes = NULL;
	text = get(world, "dynamic_events");
	assert_string_equal(strstr(text, "-:"), "-:iommutop_12/map\n-:iommutop_12/map_return\n");
	assert_memory_equal(text, FOREIGN, strlen(FOREIGN));
}

static void those_of_the_dead_are_swept(void **state)
{
	static const char list[] = FOREIGN "p:iommutop_5/map __iommu_map\n"
					   "p:iommutop_5/unmap __iommu_unmap\n"
					   "p:iommutop_6/map __iommu_map\n"
					   "p:iommutop_6_2/map __iommu_map\n"
					   "p:iommutop_6x/map __iommu_map\n"
					   "p:iommutop_i_mine/map __iommu_map\n";
	struct world *world = *state;
	int six = hold(world, "iommutop-6");
	int mine = hold(world, "mine");
	char *said = NULL;
	size_t size;
	FILE *out = open_memstream(&said, &size);

	put(world, "dynamic_events", list);
	assert_int_equal(probes_sweep(world->root, out, &world->err), 2);
	fclose(out);
	assert_string_equal(said, "removed probe events iommutop_5\n"
	                          "removed probe events iommutop_6x\n");
	free(said);
	assert_memory_equal(get(world, "dynamic_events"), list, strlen(list));
	assert_string_equal(get(world, "dynamic_events") + strlen(list),
	                    "-:iommutop_5/map\n-:iommutop_5/unmap\n-:iommutop_6x/map\n");
	close(six);
	close(mine);
}

static void they_are_switched_off_first(void **state)
{
	static const char trigger[] = "hist:keys=domain:vals=hitcount:size=2048 [active]\n"
				      "traceoff:unlimited\n";
	static const char none[] = "# Available triggers:\n# traceon traceoff\n";
	struct world *world = *state;

	put(world, "dynamic_events", "p:iommutop_5/map f\np:iommutop_5/free f\np:kprobes/map f\n");
	put(world, "events/iommutop_5/enable", "1\n");
	put(world, "instances/a/events/iommutop_5/enable", "X\n");
	put(world, "instances/a/events/iommutop_5/map/trigger", trigger);
	put(world, "instances/a/events/iommutop_5/free/trigger", none);
	put(world, "instances/a/events/kprobes/enable", "1\n");
	put(world, "instances/a/events/kprobes/map/trigger", trigger);
	put(world, "instances/b/events/iommutop_5/enable", "0 as it was\n");
	assert_int_equal(probes_sweep(world->root, NULL, &world->err), 1);
	assert_string_equal(get(world, "events/iommutop_5/enable"), "0\n");
	assert_string_equal(get(world, "instances/a/events/iommutop_5/enable"), "0\n");
	assert_string_equal(get(world, "instances/b/events/iommutop_5/enable"), "0 as it was\n");
	assert_string_equal(get(world, "instances/a/events/kprobes/enable"), "1\n");
	assert_string_equal(get(world, "instances/a/events/kprobes/map/trigger"), trigger);
	assert_string_equal(get(world, "instances/a/events/iommutop_5/free/trigger"), none);
	assert_string_equal(get(world, "instances/a/events/iommutop_5/map/trigger") +
	                            strlen(trigger),
	                    "!hist:keys=domain:vals=hitcount:size=2048!traceoff:unlimited");
}

static void in_an_emergency_all_go(void **state)
{
	struct world *world = *state;
	char line[128];
	const char *text;

	put(world, "instances/iommutop-12/events/iommutop_12/enable", "1\n");
	world->probes = probes_open(world->root, "iommutop-12");
	probes_emergency_remove();
	text = get(world, "dynamic_events");
	assert_memory_equal(text, FOREIGN, strlen(FOREIGN));
	for (size_t i = 0; i < PROBE_COUNT; i++) {
		snprintf(line, sizeof(line), "\n-:iommutop_12/%s\n", probe_names[i]);
		expect_line(text, line);
	}
	assert_string_equal(get(world, "instances/iommutop-12/events/iommutop_12/enable"), "0\n");
	probes_close(world->probes);
	world->probes = NULL;
	put(world, "dynamic_events", FOREIGN);
	probes_emergency_remove();
	assert_string_equal(get(world, "dynamic_events"), FOREIGN);
}

/* ---- hits and misses ---- */

static void hits_are_those_of_our_group(void **state)
{
	struct world *world = *state;
	struct probes_profile profile;

	world->probes = probes_open(world->root, "iommutop-12");
	put(world, "kprobe_events",
	    "p:kprobes/map x\np:iommutop_12/map x\n"
	    "r10:iommutop_12/map_return x\np:iommutop_1/map x\n");
	put(world, "kprobe_profile",
	    "  map        1000  100\n  map        7   2\n  map_return   30   1\n"
	    "  map      9  9\n");
	profile = probes_profile(world->probes);
	assert_int_equal(profile.hits, 37);
	assert_int_equal(profile.missed, 3);
	/* Somebody's went between the two reads: nothing new is known. */
	put(world, "kprobe_events", "p:iommutop_12/map x\nr10:iommutop_12/map_return x\n");
	profile = probes_profile(world->probes);
	assert_int_equal(profile.hits, 37);
	put(world, "kprobe_profile", "  map        8   2\n  map_return   30   1\n");
	profile = probes_profile(world->probes);
	assert_int_equal(profile.hits, 38);
	drop(world, "kprobe_profile");
	assert_int_equal(probes_profile(world->probes).missed, 3);
}

#define world_test(function) cmocka_unit_test_setup_teardown(function, make_world, remove_world)

int main(void)
{
	const struct CMUnitTest tests[] = {
		world_test(probes_are_appended),         world_test(each_is_made_once),
		world_test(what_others_have_stays),      world_test(what_can_be_made_is_kept),
		world_test(what_others_have_stays),      world_test(no_probe_events_in_the_kernel),
		world_test(a_list_that_cannot_be_read),  world_test(no_tracefs),
		cmocka_unit_test(instances_have_groups), world_test(long_names_are_alive),
		cmocka_unit_test(lists_are_understood),  world_test(own_ones_go_by_name),
		world_test(those_of_the_dead_are_swept), world_test(they_are_switched_off_first),
		world_test(in_an_emergency_all_go),      world_test(hits_are_those_of_our_group),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* counts: triggers written to plain files, histograms read from plain files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "sources/counts.h"
#include "util.h"

#define A 0xffff888000001000ull
#define B 0xffff888000002000ull

#define BY_DOMAIN "keys=domain,size.log2:vals=hitcount,size:sort=hitcount:size=4096"
#define TOTAL     "keys=size.log2:vals=hitcount,size:sort=hitcount:size=128 if size > 0"

static char directory[] = "/tmp/counts_test.XXXXXX";
static int directory_fd;
static struct counts *counts;
static struct domain_ids *ids;
static struct event seen[64];
static size_t seen_count;
static char seen_name[64];

static void emit(void *context, const struct event *ev)
{
	(void)context;
	assert_true(seen_count < ARRAY_SIZE(seen));
	if (ev->kind == EVENT_ATTR && ev->attr.name)
		snprintf(seen_name, sizeof(seen_name), "%s", ev->attr.name);
	if (ev->kind == EVENT_CALLER)
		snprintf(seen_name, sizeof(seen_name), "%s", ev->caller.name);
	seen[seen_count++] = *ev;
}

static const struct event_sink sink = {.emit = emit, .context = NULL};

static void write_file(const char *name, const char *text)
{
	int fd = openat(directory_fd, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static const char *read_file(const char *name)
{
	static char text[4096];
	int fd = openat(directory_fd, name, O_RDONLY);
	ssize_t got;

	assert_true(fd >= 0);
	got = read(fd, text, sizeof(text) - 1);
	assert_true(got >= 0);
	text[got] = '\0';
	close(fd);
	return text;
}

/* What a kernel prints of a trigger: entries as given, "Entries" and "Dropped" as told. */
static void write_histogram(const char *event, const char *info, const char *entries,
                            unsigned long long hits, unsigned int count, unsigned int dropped)
{
	char name[128], text[4096];

	snprintf(name, sizeof(name), "events/%s/hist", event);
	snprintf(text, sizeof(text),
	         "# event histogram\n#\n# trigger info: hist:%s [active]\n#\n\n%s\nTotals:\n"
	         "    Hits: %llu\n    Entries: %u\n    Dropped: %u\n",
	         info, entries, hits, count, dropped);
	write_file(name, text);
}

static void make_event(const char *event)
{
	char name[128];

	snprintf(name, sizeof(name), "events/%s", event);
	mkdirat(directory_fd, name, 0700);
	snprintf(name, sizeof(name), "events/%s/trigger", event);
	write_file(name, "others\n");
	snprintf(name, sizeof(name), "events/%s/hist", event);
	write_file(name, "");
}

static int set_up(void **state)
{
	(void)state;
	strcpy(directory + strlen(directory) - 6, "XXXXXX");
	assert_non_null(mkdtemp(directory));
	directory_fd = open(directory, O_RDONLY | O_DIRECTORY);
	mkdirat(directory_fd, "events", 0700);
	mkdirat(directory_fd, "events/iommu", 0700);
	mkdirat(directory_fd, "events/ours", 0700);
	make_event("iommu/map");
	make_event("iommu/unmap");
	make_event("ours/map");
	make_event("ours/unmap");
	write_histogram("iommu/map", TOTAL, "", 0, 0, 0);
	write_histogram("ours/map", BY_DOMAIN, "", 0, 0, 0);
	ids = domain_ids_new();
	counts = counts_open(directory_fd, "ours", "", false);
	assert_non_null(counts);
	seen_count = 0;
	return 0;
}

static int tear_down(void **state)
{
	char command[64];

	(void)state;
	counts_close(counts);
	domain_ids_free(ids);
	close(directory_fd);
	snprintf(command, sizeof(command), "rm -rf %s", directory);
	return system(command);
}

static bool read_counts(void)
{
	seen_count = 0;
	return counts_read(counts, ids, 7, &sink);
}

static void set_by_domain(unsigned long long address, unsigned int log2, unsigned long long hits,
                          unsigned long long bytes)
{
	char entry[128];

	snprintf(entry, sizeof(entry),
	         "{ domain: %llu, size: ~ 2^%u } hitcount: %llu  size: %llu\n", address, log2, hits,
	         bytes);
	write_histogram("ours/map", BY_DOMAIN, entry, hits, 1, 0);
}

static void is_counts(const struct event *ev, uint32_t domain, uint8_t log2, uint64_t hits,
                      uint64_t bytes)
{
	assert_int_equal(ev->kind, EVENT_COUNTS);
	assert_int_equal(ev->ts_ns, 7);
	assert_int_equal(ev->counts.what, COUNTS_MAP);
	assert_int_equal(ev->counts.domain, domain);
	assert_int_equal(ev->counts.log2, log2);
	assert_int_equal(ev->counts.hits, hits);
	assert_int_equal(ev->counts.bytes, bytes);
}

static void without_histograms_there_is_none(void **state)
{
	(void)state;
	unlinkat(directory_fd, "events/iommu/map/hist", 0);
	assert_null(counts_open(directory_fd, "ours", "", false));
}

static void triggers_are_appended_and_removed_by_their_text(void **state)
{
	static const char set[] = "others\nhist:keys=size.log2:vals=size:size=128 if size > 0";
	char both[256];

	(void)state;
	assert_false(counts_started(counts, COUNTS_MAP));
	assert_int_equal(counts_start(counts, COUNTS_MAP), 0);
	assert_int_equal(counts_start(counts, COUNTS_MAP), 0);
	assert_true(counts_started(counts, COUNTS_MAP));
	assert_false(counts_started(counts, COUNTS_UNMAP));
	assert_string_equal(read_file("events/iommu/map/trigger"), set);
	assert_string_equal(read_file("events/ours/map/trigger"),
	                    "others\nhist:keys=domain,size.log2:vals=size:size=4096");
	assert_string_equal(read_file("events/iommu/unmap/trigger"), "others\n");
	counts_stop(counts, COUNTS_MAP);
	counts_stop(counts, COUNTS_MAP);
	snprintf(both, sizeof(both), "%s!%s", set, set + strlen("others\n"));
	assert_string_equal(read_file("events/iommu/map/trigger"), both);
	assert_false(counts_started(counts, COUNTS_MAP));
}

static void nothing_is_left_half_done(void **state)
{
	(void)state;
	unlinkat(directory_fd, "events/ours/map/trigger", 0);
	assert_int_equal(counts_start(counts, COUNTS_MAP), -1);
	assert_false(counts_started(counts, COUNTS_MAP));
	assert_non_null(strchr(read_file("events/iommu/map/trigger"), '!'));
}

/* Where somebody else's instance is used, whose they are has to be told after a kill. */
static void totals_are_named_and_found_by_their_name(void **state)
{
	static const char set[] = "hist:name=iommutop_5_map:keys=size.log2:vals=size:size=128";
	struct counts *named = counts_open(directory_fd, "ours", "iommutop_5", false);

	(void)state;
	assert_int_equal(counts_start(named, COUNTS_MAP), 0);
	assert_non_null(strstr(read_file("events/iommu/map/trigger"), set));
	write_histogram("iommu/map", TOTAL, "{ size: ~ 2^12 } hitcount: 12  size: 49152\n", 12, 1,
	                0);
	counts_read(named, ids, 7, &sink);
	for (size_t i = 0; i < seen_count; i++)
		assert_int_equal(seen[i].kind, EVENT_LOST); /* that one is somebody else's */
	seen_count = 0;
	write_histogram("iommu/map", "name=iommutop_5_map:" TOTAL,
	                "{ size: ~ 2^12 } hitcount: 12  size: 49152\n", 12, 1, 0);
	counts_read(named, ids, 7, &sink);
	assert_int_equal(seen_count, 1);
	is_counts(&seen[0], DOMAIN_ALL, 12, 12, 49152);
	counts_close(named);
}

static void what_is_skipped_is_not_told(void **state)
{
	(void)state;
	counts_start(counts, COUNTS_MAP);
	set_by_domain(A, 12, 3, 3 * 4096);
	counts_skip(counts, ids);
	assert_true(counts_moved(counts));
	counts_skip(counts, ids);
	assert_false(counts_moved(counts));
	set_by_domain(A, 12, 5, 5 * 4096);
	assert_true(read_counts());
	assert_true(counts_moved(counts));
	assert_int_equal(seen_count, 1);
	is_counts(&seen[0], domain_ids_find(ids, A), 12, 2, 8192);
	assert_true(read_counts());
	assert_false(counts_moved(counts));
}

static void what_it_grew_by_is_told(void **state)
{
	(void)state;
	counts_start(counts, COUNTS_MAP);
	assert_true(read_counts());
	assert_int_equal(seen_count, 0);
	set_by_domain(A, 12, 10, 40960);
	write_histogram("iommu/map", TOTAL, "{ size: ~ 2^12 } hitcount: 12  size: 49152\n", 12, 1,
	                0);
	assert_true(read_counts());
	assert_int_equal(seen_count, 2);
	is_counts(&seen[0], domain_ids_find(ids, A), 12, 10, 40960);
	is_counts(&seen[1], DOMAIN_ALL, 12, 12, 49152);
	assert_int_equal(domain_ids_find(ids, A), 1);
	assert_int_equal(counts_grown(counts), 12);
	assert_int_equal(counts_hits(counts), 22);
	set_by_domain(A, 12, 15, 61440);
	assert_true(read_counts());
	assert_int_equal(seen_count, 1);
	is_counts(&seen[0], 1, 12, 5, 20480);
	assert_int_equal(counts_grown(counts), 0);
	assert_int_equal(counts_hits(counts), 27);
	assert_false(counts_lost(counts));
}

/* The kernel's 13 is above 4 KiB up to 8 KiB; ours is 8 KiB and more. */
static void sizes_are_rounded_down(void **state)
{
	(void)state;
	counts_start(counts, COUNTS_MAP);
	set_by_domain(A, 13, 2, 2 * 8192);
	read_counts();
	is_counts(&seen[0], 1, 13, 2, 2 * 8192);
	set_by_domain(A, 13, 4, 2 * 8192 + 2 * 6000);
	read_counts();
	is_counts(&seen[0], 1, 12, 2, 2 * 6000);
	set_by_domain(B, 0, 3, 3);
	read_counts();
	is_counts(&seen[0], 2, 0, 3, 3);
}

/* Hits are read a moment before bytes: some are ahead. */
static void hits_that_are_ahead_are_no_other_size(void **state)
{
	(void)state;
	counts_start(counts, COUNTS_MAP);
	set_by_domain(A, 12, 32, 30 * 4096);
	read_counts();
	is_counts(&seen[0], 1, 12, 32, 30 * 4096);
	set_by_domain(B, 13, 32, 32 * 7168);
	read_counts();
	is_counts(&seen[0], 2, 12, 32, 32 * 7168);
}

static void a_freed_address_is_nobodys(void **state)
{
	(void)state;
	counts_start(counts, COUNTS_MAP);
	set_by_domain(A, 12, 10, 40960);
	read_counts();
	domain_ids_retire(ids, A);
	domain_ids_get(ids, A);
	set_by_domain(A, 12, 11, 45056);
	read_counts();
	is_counts(&seen[0], DOMAIN_UNATTRIBUTED, 12, 1, 4096);
	set_by_domain(A, 12, 12, 49152);
	read_counts();
	is_counts(&seen[0], 2, 12, 1, 4096);
}

static void settle(uint64_t round)
{
	seen_count = 0;
	counts_settle(counts, ids, round, 7, &sink);
}

/* A has been seen, is freed, and had one more hit. */
static void free_after_a_hit(void)
{
	counts_start(counts, COUNTS_MAP);
	set_by_domain(A, 12, 10, 40960);
	read_counts();
	domain_ids_retire(ids, A);
	set_by_domain(A, 12, 11, 45056);
	read_counts();
	assert_int_equal(seen_count, 0);
	assert_true(counts_held(counts));
}

static void what_came_before_a_free_is_the_former_domains(void **state)
{
	(void)state;
	free_after_a_hit();
	assert_true(counts_moved(counts));
	read_counts(); /* its entry stays, and is no hit */
	read_counts();
	assert_int_equal(seen_count, 0);
	settle(counts_round(counts) - 3);
	assert_int_equal(seen_count, 0);
	settle(counts_round(counts));
	assert_int_equal(seen_count, 1);
	is_counts(&seen[0], 1, 12, 1, 4096);
	assert_false(counts_held(counts));
	assert_int_equal(domain_ids_find(ids, A), DOMAIN_UNATTRIBUTED);
	set_by_domain(A, 12, 12, 49152);
	read_counts();
	is_counts(&seen[0], 2, 12, 1, 4096);
}

/* It may have had its hits before its attach was seen. */
static void what_is_attached_at_the_address_makes_it_nobodys(void **state)
{
	(void)state;
	free_after_a_hit();
	domain_ids_get(ids, A);
	settle(counts_round(counts));
	is_counts(&seen[0], DOMAIN_UNATTRIBUTED, 12, 1, 4096);
}

static void what_is_hit_again_makes_it_nobodys(void **state)
{
	uint64_t round;

	(void)state;
	free_after_a_hit();
	round = counts_round(counts);
	set_by_domain(A, 12, 12, 49152);
	read_counts();
	is_counts(&seen[0], 2, 12, 1, 4096);
	settle(round);
	is_counts(&seen[0], DOMAIN_UNATTRIBUTED, 12, 1, 4096);
}

/* Only of what stood there at the read before is it known that it did. */
static void what_was_not_there_at_the_last_read_is_nobodys(void **state)
{
	(void)state;
	counts_start(counts, COUNTS_MAP);
	set_by_domain(A, 12, 10, 40960);
	read_counts();
	set_by_domain(B, 12, 10, 40960);
	read_counts();
	domain_ids_retire(ids, A);
	set_by_domain(A, 12, 11, 45056);
	read_counts();
	is_counts(&seen[0], DOMAIN_UNATTRIBUTED, 12, 1, 4096);
	assert_false(counts_held(counts));
}

/* What events tell is not told again. */
static void what_is_skipped_is_not_held(void **state)
{
	(void)state;
	counts_start(counts, COUNTS_MAP);
	set_by_domain(A, 12, 10, 40960);
	read_counts();
	domain_ids_retire(ids, A);
	set_by_domain(A, 12, 11, 45056);
	counts_skip(counts, ids);
	assert_false(counts_held(counts));
}

/* All that came since the last read is the new domain's, if the change was before that read. */
static void a_change_while_idle_is_noticed(void **state)
{
	(void)state;
	counts_start(counts, COUNTS_MAP);
	set_by_domain(A, 12, 10, 40960);
	read_counts();
	domain_ids_retire(ids, A);
	read_counts();
	assert_int_equal(seen_count, 0);
	assert_int_equal(domain_ids_find(ids, A), DOMAIN_UNATTRIBUTED);
	set_by_domain(A, 12, 11, 45056);
	read_counts();
	is_counts(&seen[0], 2, 12, 1, 4096);
}

static void a_full_table_is_begun_anew(void **state)
{
	(void)state;
	counts_start(counts, COUNTS_MAP);
	write_histogram("ours/map", BY_DOMAIN, "", 0, 3071, 0);
	read_counts();
	assert_int_equal(seen_count, 0);
	write_histogram("ours/map", BY_DOMAIN, "", 0, 3072, 0);
	assert_true(read_counts());
	assert_int_equal(seen_count, 1);
	assert_int_equal(seen[0].kind, EVENT_LOST);
	assert_int_equal(seen[0].lost.count, 0);
	assert_false(seen[0].lost.exact);
	assert_true(counts_lost(counts));
	assert_string_equal(read_file("events/ours/map/trigger"),
	                    "others\nhist:keys=domain,size.log2:vals=size:size=4096"
	                    "!hist:keys=domain,size.log2:vals=size:size=4096"
	                    "hist:keys=domain,size.log2:vals=size:size=4096");
}

/* Domains with eight sizes each, as many as fill three quarters of a table. */
static void write_full_histogram(unsigned int size)
{
	FILE *out = fdopen(openat(directory_fd, "events/ours/map/hist", O_WRONLY | O_TRUNC), "w");

	assert_non_null(out);
	fprintf(out,
	        "# trigger info: hist:keys=domain,size.log2:vals=hitcount,size:sort=hitcount:"
	        "size=%u [active]\n\n",
	        size);
	for (unsigned int i = 0; i < size * 3 / 4; i++)
		fprintf(out, "{ domain: %llu, size: ~ 2^%u } hitcount: 1  size: %llu\n",
		        A + i / 8 * 0x1000, 12 + i % 8, 4096ull << i % 8);
	fprintf(out, "\nTotals:\n    Hits: %u\n    Entries: %u\n    Dropped: 0\n", size * 3 / 4,
	        size * 3 / 4);
	fclose(out);
}

static void a_table_full_of_the_living_is_doubled(void **state)
{
	(void)state;
	counts_start(counts, COUNTS_MAP);
	write_full_histogram(4096);
	counts_skip(counts, ids);
	assert_true(counts_lost(counts));
	assert_string_equal(read_file("events/ours/map/trigger"),
	                    "others\nhist:keys=domain,size.log2:vals=size:size=4096"
	                    "!hist:keys=domain,size.log2:vals=size:size=4096"
	                    "hist:keys=domain,size.log2:vals=size:size=8192");
	counts_skip(counts, ids); /* all of them are there again */
	assert_false(counts_lost(counts));
}

static void a_table_grows_to_a_bound(void **state)
{
	const char *at;

	(void)state;
	counts_start(counts, COUNTS_MAP);
	for (unsigned int size = 4096; size <= 131072; size *= 2) {
		write_full_histogram(size);
		counts_skip(counts, ids);
	}
	for (at = read_file("events/ours/map/trigger"); strchr(at, '!'); at = strchr(at, '!') + 1)
		;
	assert_string_equal(at, "hist:keys=domain,size.log2:vals=size:size=65536"
	                        "hist:keys=domain,size.log2:vals=size:size=65536");
}

static void what_was_dropped_is_lost(void **state)
{
	(void)state;
	counts_start(counts, COUNTS_MAP);
	write_histogram("ours/map", BY_DOMAIN, "", 5, 1, 9);
	assert_true(read_counts());
	assert_int_equal(seen_count, 1);
	assert_int_equal(seen[0].kind, EVENT_LOST);
	assert_int_equal(seen[0].lost.count, 9);
	assert_int_equal(seen[0].lost.source, SOURCE_TRACE);
	assert_int_equal(counts_hits(counts), 14);
}

static void who_cleared_it_is_noticed(void **state)
{
	(void)state;
	counts_start(counts, COUNTS_MAP);
	set_by_domain(A, 12, 10, 40960);
	read_counts();
	set_by_domain(A, 12, 3, 12288);
	assert_true(read_counts());
	assert_int_equal(seen_count, 2);
	is_counts(&seen[0], 1, 12, 3, 12288);
	assert_int_equal(seen[1].kind, EVENT_LOST);
	assert_int_equal(seen[1].lost.count, 0);
	assert_int_equal(counts_hits(counts), 13);
}

static void who_removed_it_is_noticed(void **state)
{
	(void)state;
	counts_start(counts, COUNTS_MAP);
	write_file("events/ours/map/hist", "");
	assert_false(read_counts());
	assert_int_equal(seen[0].kind, EVENT_LOST);
	write_histogram("ours/map", BY_DOMAIN, "", 0, 0, 0);
	assert_true(read_counts());
	assert_int_equal(seen_count, 0);
}

static void units_are_told_when_they_grow(void **state)
{
	static const char info[] = "keys=iommu:vals=hitcount:sort=hitcount:size=128";

	(void)state;
	mkdirat(directory_fd, "events/intel_iommu", 0700);
	make_event("intel_iommu/qi_submit");
	for (unsigned int i = 0; i < 2; i++) {
		seen_count = 0;
		write_histogram("intel_iommu/qi_submit", info,
		                "{ iommu: dmar0               } hitcount: 696\n", 696, 1, 0);
		counts_read_units(counts, 7, &sink);
		assert_int_equal(seen_count, 1 - i);
	}
	assert_int_equal(seen[0].attr.attribute, ATTR_UNIT_INVALIDATIONS);
	assert_string_equal(seen_name, "dmar0");
	assert_int_equal(seen[0].attr.value, 696);
	write_histogram("intel_iommu/qi_submit", info, "{ iommu: dmar0    } hitcount: 4\n", 4, 1,
	                0);
	seen_count = 0;
	counts_read_units(counts, 7, &sink);
	assert_int_equal(seen[0].attr.value, 700);
}

static void without_that_event_nothing_is_said(void **state)
{
	(void)state;
	counts_read_units(counts, 7, &sink);
	assert_int_equal(seen_count, 0);
}

#define CALLERS                                                                           \
	"keys=common_stacktrace:vals=hitcount,size:sort=hitcount:size=1024 if domain == " \
	"0xffff888000001000"

static void callers_of_maps_and_unmaps(void **state)
{
	(void)state;
	assert_int_equal(counts_watch_callers(counts, A), 0);
	assert_int_equal(counts_watch_callers(counts, B), -1);
	write_histogram("ours/map", CALLERS,
	                "{ common_stacktrace:\n         __iommu_map+0x5/0x2a0\n"
	                "         f+0x1/0x2 [m]\n} hitcount: 3  size: 12288\n",
	                3, 1, 0);
	write_histogram("ours/unmap", CALLERS,
	                "{ common_stacktrace:\n         __iommu_unmap+0x5/0x2a0\n"
	                "         f+0x1/0x2 [m]\n} hitcount: 4  size: 12288\n",
	                4, 1, 0);
	counts_tell_callers(counts, 5, 6, 7, &sink);
	assert_int_equal(seen_count, 2);
	assert_int_equal(seen[0].attr.attribute, ATTR_DOMAIN_CALLERS);
	assert_int_equal(seen[0].attr.id, 5);
	assert_int_equal(seen[0].attr.value, 6);
	assert_int_equal(seen[1].kind, EVENT_CALLER);
	assert_int_equal(seen[1].caller.domain, 5);
	assert_int_equal(seen[1].caller.count, 7);
	assert_string_equal(seen_name, "f [m]");
	assert_non_null(strstr(read_file("events/ours/unmap/trigger"), "!hist:keys=stacktrace"));
	assert_int_equal(counts_watch_callers(counts, B), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_histograms_there_is_none),
		TEST(triggers_are_appended_and_removed_by_their_text),
		TEST(nothing_is_left_half_done),
		TEST(totals_are_named_and_found_by_their_name),
		TEST(what_is_skipped_is_not_told),
		TEST(what_it_grew_by_is_told),
		TEST(sizes_are_rounded_down),
		TEST(hits_that_are_ahead_are_no_other_size),
		TEST(a_freed_address_is_nobodys),
		TEST(what_came_before_a_free_is_the_former_domains),
		TEST(what_is_attached_at_the_address_makes_it_nobodys),
		TEST(what_is_hit_again_makes_it_nobodys),
		TEST(what_was_not_there_at_the_last_read_is_nobodys),
		TEST(what_is_skipped_is_not_held),
		TEST(a_change_while_idle_is_noticed),
		TEST(a_full_table_is_begun_anew),
		TEST(a_table_full_of_the_living_is_doubled),
		TEST(a_table_grows_to_a_bound),
		TEST(what_was_dropped_is_lost),
		TEST(who_cleared_it_is_noticed),
		TEST(who_removed_it_is_noticed),
		TEST(units_are_told_when_they_grow),
		TEST(without_that_event_nothing_is_said),
		TEST(callers_of_maps_and_unmaps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

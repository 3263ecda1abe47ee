// SPDX-License-Identifier: GPL-2.0-or-later
/* recorder: a recording that begins while others watch. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "recorder.h"
#include "scene.h"
#include "watched.h"

struct bench {
	struct model *model;
	struct recorder recorder;
	char directory[64], old[256];
};

static int set_up(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	strcpy(bench->directory, "/tmp/iommutop-recorder-XXXXXX");
	assert_non_null(mkdtemp(bench->directory));
	assert_non_null(getcwd(bench->old, sizeof(bench->old)));
	assert_int_equal(chdir(bench->directory), 0);
	bench->model = model_new(&model_default_limits);
	*state = bench;
	return 0;
}

static int tear_down(void **state)
{
	struct bench *bench = *state;

	unlink(bench->recorder.path);
	assert_int_equal(chdir(bench->old), 0);
	assert_int_equal(rmdir(bench->directory), 0);
	model_free(bench->model);
	free(bench);
	return 0;
}

static void hear(struct bench *bench, struct event ev)
{
	struct error err;

	model_apply(bench->model, &ev);
	assert_int_equal(recorder_event(&bench->recorder, &ev, &err), 0);
}

static void tick(struct bench *bench, uint64_t second)
{
	hear(bench, (struct event){.kind = EVENT_TICK,
	                           .ts_ns = second * SECOND,
	                           .tick = {.wall_ns = WALL + second * SECOND}});
}

/* What the kernel counted in the interval that ends. */
static void counted(struct bench *bench, uint64_t second, uint64_t hits)
{
	hear(bench, (struct event){.kind = EVENT_COUNTS,
	                           .ts_ns = second * SECOND,
	                           .counts = {.hits = hits,
	                                      .bytes = hits * 4096,
	                                      .domain = DOMAIN_ALL,
	                                      .what = COUNTS_MAP,
	                                      .log2 = 12}});
}

static void begin(struct bench *bench, uint64_t ts_ns)
{
	struct error err;

	assert_int_equal(recorder_begin(&bench->recorder, bench->model, ts_ns, &err), 0);
}

static void end(struct bench *bench, struct snapshot *snap)
{
	struct error err;
	uint64_t watched_ns;

	assert_int_equal(recorder_end(&bench->recorder, &err), 0);
	assert_int_equal(watched_read(bench->recorder.path, snap, &watched_ns, &err), 0);
}

static void start(struct bench *bench)
{
	hear(bench, (struct event){.kind = EVENT_START, .ts_ns = SECOND});
	hear(bench, (struct event){.kind = EVENT_COLLECT, .collect = {.mode = COLLECT_COUNTS}});
	for (uint8_t class = 0; class < CLASS_COUNT; class ++)
		hear(bench,
		     (struct event){.kind = EVENT_CLASS, .class = {.class = class, .on = true}});
	tick(bench, 2);
}

/* What the kernel counted comes at the end of an interval, and is of all of it. */
static void it_begins_with_an_interval(void **state)
{
	struct bench *bench = *state;
	struct snapshot snap = {0};

	start(bench);
	counted(bench, 3, 100);
	tick(bench, 3);
	begin(bench, 3 * SECOND);
	counted(bench, 4, 7);
	tick(bench, 4);
	end(bench, &snap);
	assert_int_equal(snap.start_ns, 3 * SECOND);
	assert_int_equal(snap.now_ns, 4 * SECOND);
	assert_int_equal(snap.interval_ns, SECOND);
	assert_int_equal(snap.traffic.maps.n, 7);
	assert_int_equal(snap.traffic.maps.known, KNOWN_EXACT);
	snapshot_release(&snap);
}

static void ended_at_once_it_has_what_was_known(void **state)
{
	struct bench *bench = *state;
	struct snapshot snap = {0};

	start(bench);
	counted(bench, 3, 100);
	tick(bench, 3);
	begin(bench, 3 * SECOND);
	end(bench, &snap);
	assert_int_equal(snap.start_ns, 3 * SECOND);
	assert_int_equal(snap.collect, COLLECT_COUNTS);
	assert_int_equal(snap.traffic.maps.n, 0);
	snapshot_release(&snap);
}

/* A full disk, before anything is in the file: it can be tried again. */
static void what_cannot_begin_is_not_recorded(void **state)
{
	struct bench *bench = *state;
	struct rlimit kept, none;
	struct snapshot snap = {0};
	struct error err = {0};

	start(bench);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &kept), 0);
	none = (struct rlimit){.rlim_cur = 0, .rlim_max = kept.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	assert_int_equal(recorder_begin(&bench->recorder, bench->model, 2 * SECOND, &err), -1);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &kept), 0);
	assert_int_equal(err.code, EFBIG);
	assert_null(bench->recorder.record);
	assert_false(bench->recorder.stopped);
	assert_int_equal(unlink(bench->recorder.path), 0);
	begin(bench, 2 * SECOND);
	end(bench, &snap);
	assert_int_equal(snap.start_ns, 2 * SECOND);
	snapshot_release(&snap);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(it_begins_with_an_interval, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_cannot_begin_is_not_recorded, set_up,
	                                        tear_down),
		cmocka_unit_test_setup_teardown(ended_at_once_it_has_what_was_known, set_up,
	                                        tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* kernel_log: files and pipes into events, in pieces of any size. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "sources/kernel_log.h"

#define S       1000000000ull
#define IN_2026 (1793614272 * S) /* 2026-11-02 10:11:12 UTC */

#define FAULT(address)                                                           \
	"DMAR: [DMA Read NO_PASID] Request device [00:02.0] fault addr " address \
	" [fault reason 0x06] PTE Read access is not set"

/* A log, its file or pipe, and what has come out of it. */
struct bench {
	char path[40];
	int writer; /* of the pipe */
	struct kernel_log *log;
	struct event_queue out;
};

static int set_up(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	int fd;

	assert_non_null(bench);
	strcpy(bench->path, "/tmp/iommutop-log.XXXXXX");
	fd = mkstemp(bench->path);
	assert_true(fd >= 0);
	close(fd);
	bench->writer = -1;
	*state = bench;
	return 0;
}

static int tear_down(void **state)
{
	struct bench *bench = *state;

	kernel_log_close(bench->log);
	event_queue_release(&bench->out);
	if (bench->writer >= 0)
		close(bench->writer);
	unlink(bench->path);
	free(bench);
	return 0;
}

static void keep(void *context, const struct event *ev)
{
	event_queue_push(context, ev);
}

static enum kernel_log_state read_some(struct bench *bench)
{
	const struct event_sink sink = {.emit = keep, .context = &bench->out};

	return kernel_log_read(bench->log, &sink);
}

static void open_path(struct bench *bench, const char *path)
{
	struct error err;

	bench->log = kernel_log_open(path, IN_2026, 0, &err);
	assert_non_null(bench->log);
}

/* All of a file. */
static void run_bytes(struct bench *bench, const char *bytes, size_t length)
{
	FILE *file = fopen(bench->path, "w");

	assert_int_equal(fwrite(bytes, 1, length, file), length);
	fclose(file);
	open_path(bench, bench->path);
	while (read_some(bench) != KERNEL_LOG_ENDED)
		;
}

static void run(struct bench *bench, const char *text)
{
	run_bytes(bench, text, strlen(text));
}

/* The one with this number of this kind, from 0; NULL: there are not so many. */
static const struct event *event_at(const struct bench *bench, enum event_kind kind, size_t at)
{
	for (size_t i = 0; i < bench->out.count; i++) {
		const struct event *ev = &bench->out.events[bench->out.first + i];

		if (ev->kind == kind && !at--)
			return ev;
	}
	return NULL;
}

static const struct event *fault(const struct bench *bench, size_t at)
{
	return event_at(bench, EVENT_FAULT, at);
}

static void assert_fault(const struct bench *bench, size_t at, uint64_t iova, uint64_t ts_ns)
{
	const struct event *ev = fault(bench, at);

	assert_non_null(ev);
	assert_int_equal(ev->fault.iova, iova);
	assert_int_equal(ev->ts_ns, ts_ns);
}

/* The last that was said of a source. */
static const struct event *health(const struct bench *bench, enum source_id source)
{
	const struct event *ev, *last = NULL;

	for (size_t i = 0; (ev = event_at(bench, EVENT_HEALTH, i)); i++)
		if (ev->health.source == source)
			last = ev;
	return last;
}

static void assert_times(const struct bench *bench, const char *reason)
{
	const struct event *ev = health(bench, SOURCE_REPLAY);

	assert_non_null(ev);
	assert_int_equal(ev->health.state, HEALTH_PARTIAL);
	assert_string_equal(ev->health.reason, reason);
}

static void it_starts_at_nothing_and_ends_with_a_tick(void **state)
{
	struct bench *bench = *state;

	run(bench, "[    5.000000] " FAULT("0x1000") "\n[    7.000000] x\n");
	assert_int_equal(event_queue_head(&bench->out)->kind, EVENT_START);
	assert_int_equal(event_queue_head(&bench->out)->ts_ns, 0);
	assert_fault(bench, 0, 0x1000, 5 * S);
	assert_null(fault(bench, 1));
	assert_int_equal(health(bench, SOURCE_LOG)->health.state, HEALTH_OK);
	assert_null(health(bench, SOURCE_REPLAY));
	assert_null(event_at(bench, EVENT_TICK, 1));
	assert_int_equal(event_at(bench, EVENT_TICK, 0)->ts_ns, 7 * S);
	assert_int_equal(event_at(bench, EVENT_TICK, 0)->tick.wall_ns, 0);
	assert_int_equal(bench->out.events[bench->out.first + bench->out.count - 1].kind,
	                 EVENT_TICK);
}

static void the_wall_clock_is_told_before_its_first_event(void **state)
{
	struct bench *bench = *state;
	const struct event *first;

	run(bench, "2026-11-02T10:11:12+0000 host kernel: " FAULT(
			   "0x1000") "\n"
	                             "2026-11-02T10:11:15+0000 host kernel: " FAULT("0x2000") "\n");
	first = event_at(bench, EVENT_TICK, 0);
	assert_int_equal(first->ts_ns, 0);
	assert_int_equal(first->tick.wall_ns, IN_2026 - S);
	assert_true(first < fault(bench, 0));
	assert_fault(bench, 0, 0x1000, S);
	assert_fault(bench, 1, 0x2000, 4 * S);
	assert_int_equal(event_at(bench, EVENT_TICK, 1)->ts_ns, 4 * S);
	assert_int_equal(event_at(bench, EVENT_TICK, 1)->tick.wall_ns, IN_2026 + 3 * S);
}

static void the_zone_is_that_of_the_log(void **state)
{
	struct bench *bench = *state;

	run(bench, "2026-11-02T10:11:12+0530 host kernel: x\n");
	assert_int_equal(kernel_log_utc_offset_s(bench->log), 19800);
}

#define TWO_LINES_FIRST  "DMAR: DMAR:[DMA Read] Request device [04:00.0] fault addr 1000 "
#define TWO_LINES_SECOND "DMAR:[fault reason 06] PTE Read access is not set"

static void messages_of_two_lines_join(void **state)
{
	struct bench *bench = *state;

	run(bench, "[    5.000000] " TWO_LINES_FIRST "\n               " TWO_LINES_SECOND "\n");
	assert_fault(bench, 0, 0x1000, 5 * S);
	assert_null(health(bench, SOURCE_REPLAY));
}

static void other_programs_do_not_come_between(void **state)
{
	struct bench *bench = *state;

	run(bench, "Nov 02 10:11:12 host kernel: " TWO_LINES_FIRST "\n"
	           "Nov 02 10:11:12 host sshd[7]: hello\n"
	           "                " TWO_LINES_SECOND "\n"
	           "Nov 02 10:11:12 host kernel: " TWO_LINES_SECOND "\n"
	           "Nov 02 10:11:13 host kernel: " TWO_LINES_FIRST "\n"
	           "Nov 02 10:11:13 host kernel: something else\n"
	           "Nov 02 10:11:13 host kernel: " TWO_LINES_SECOND "\n");
	assert_fault(bench, 0, 0x1000, S);
	assert_null(fault(bench, 1));
}

static void nothing_is_forged(void **state)
{
	struct bench *bench = *state;

	run(bench,
	    "Nov 02 10:11:12 host evil[1]: " FAULT(
		    "0x1000") "\n"
	                      "Nov 02 10:11:12 host kernel: x\n"
	                      "Nov 02 10:11:12 host evil[1]: y\n"
	                      "                Nov 02 10:11:12 host kernel: " FAULT(
				      "0x1000") "\n"
	                                        "{\"MESSAGE\":\"" FAULT(
							"0x1000") "\",\"_TRANSPORT\":\"stdout\"}\n"
	                                                          "12,1,1,-;" FAULT(
									  "0x1000") "\n"
	                                                                            "<12>" FAULT(
											    "0x100"
											    "0") "\n");
	assert_null(fault(bench, 0));
}

static void a_year_is_assumed_and_said(void **state)
{
	struct bench *bench = *state;

	run(bench, "Nov 02 10:11:12 host kernel: " FAULT("0x1000") "\n");
	assert_times(bench, "dates have no year: 2026 is assumed");
}

static void bare_lines_keep_their_order(void **state)
{
	struct bench *bench = *state;

	run(bench, FAULT("0x1000") "\n" FAULT("0x2000"));
	assert_fault(bench, 0, 0x1000, 0);
	assert_fault(bench, 1, 0x2000, 0);
	assert_times(bench, "no line has a time: only their order is known");
	assert_int_equal(health(bench, SOURCE_LOG)->health.state, HEALTH_OK);
}

static void what_is_odd_about_times_is_said(void **state)
{
	struct bench *bench = *state;

	run(bench, "[    9.000000] x\n[    1.000000] x\n" FAULT("0x1000") "\n");
	assert_fault(bench, 0, 0x1000, 9 * S);
	assert_times(bench, "lines without a time have that of the line before: 1; "
	                    "times of a new boot go on from the one before: 1");
}

static void a_file_that_is_no_log_is_said_to_be_none(void **state)
{
	struct bench *bench = *state;

	run(bench, "hello\nworld\n");
	assert_int_equal(health(bench, SOURCE_LOG)->health.state, HEALTH_OFF);
	assert_string_equal(health(bench, SOURCE_LOG)->health.reason,
	                    "of 2 lines none is known to be the kernel's: give what dmesg or "
	                    "journalctl -k prints");
	assert_null(health(bench, SOURCE_REPLAY));
}

static void so_is_an_empty_one(void **state)
{
	struct bench *bench = *state;

	run(bench, "");
	assert_int_equal(health(bench, SOURCE_LOG)->health.state, HEALTH_OFF);
	assert_non_null(event_at(bench, EVENT_TICK, 0));
}

static void a_log_of_other_programs_is_none(void **state)
{
	struct bench *bench = *state;

	run(bench, "Nov 02 10:11:12 host sshd[7]: hello\n");
	assert_int_equal(health(bench, SOURCE_LOG)->health.state, HEALTH_OFF);
}

static void a_log_without_faults_is_one(void **state)
{
	struct bench *bench = *state;

	run(bench, "[    1.000000] Linux version\n");
	assert_int_equal(health(bench, SOURCE_LOG)->health.state, HEALTH_OK);
}

static void records_of_dev_kmsg(void **state)
{
	struct bench *bench = *state;

	run(bench, "4,100,5000000,-;" FAULT(
			   "0x1000") "\n SUBSYSTEM=pci\n"
	                             " DEVICE=+pci:0000:00:02.0\n"
	                             "4,101,6000000,-;" TWO_LINES_FIRST
	                             "\n4,102,6000000,-;" TWO_LINES_SECOND "\n"
	                             /* 104 was not saved: it may have been anything */
	                             "4,103,7000000,-;" TWO_LINES_FIRST
	                             "\n4,105,7000000,-;" TWO_LINES_SECOND "\n"
	                             "4,106,8000000,-;dmar_fault: 5 callbacks suppressed");
	assert_fault(bench, 0, 0x1000, 5 * S);
	assert_fault(bench, 1, 0x1000, 6 * S);
	assert_null(fault(bench, 2));
	assert_int_equal(event_at(bench, EVENT_SUPPRESSED, 0)->suppressed.count, 5);
}

#define RAW_EVENT(time, iova)                                     \
	"[" time "] arm-smmu-v3 9.smmuv3: event 0x10 received:\n" \
	"[" time "] arm-smmu-v3 9.smmuv3: \t0x0000020000000010\n" \
	"[" time "] arm-smmu-v3 9.smmuv3: \t0x0000020000000000\n" \
	"[" time "] arm-smmu-v3 9.smmuv3: \t0x00000000" iova "\n" \
	"[" time "] arm-smmu-v3 9.smmuv3: \t0x0000000000000000\n"

/* An event of which more might be told waits, and still is in its place. */
static void what_is_told_late_is_in_order(void **state)
{
	struct bench *bench = *state;

	run(bench, RAW_EVENT("    5.000000", "00001000") "[    5.500000] " FAULT(
			   "0x2000") "\n" RAW_EVENT("    9.000000", "00003000"));
	assert_fault(bench, 0, 0x1000, 5 * S);
	assert_fault(bench, 1, 0x2000, 5 * S + S / 2);
	assert_fault(bench, 2, 0x3000, 9 * S);
	assert_null(event_at(bench, EVENT_LATE, 0));
	assert_int_equal(event_at(bench, EVENT_TICK, 0)->ts_ns, 9 * S);
}

static void json_that_is_broken_is_lost(void **state)
{
	struct bench *bench = *state;

	run(bench, "{\"MESSAGE\":\"" FAULT(
			   "0x1000") "\",\"_TRANSPORT\":\"kernel\","
	                             "\"__REALTIME_TIMESTAMP\":\"1793614272000000\"}\n{\"MESS\n");
	assert_fault(bench, 0, 0x1000, S);
	assert_int_equal(event_at(bench, EVENT_LOST, 0)->lost.count, 1);
	assert_int_equal(event_at(bench, EVENT_LOST, 0)->lost.source, SOURCE_LOG);
	assert_false(event_at(bench, EVENT_LOST, 0)->lost.exact);
}

static void odd_bytes_do_no_harm(void **state)
{
	static const char before[] = "\0\0\n\xff\xfe\x80\r\n\033[2J\n[    5.0]\0x\n";
	static const char after[] = "[    6.000000] " FAULT("0x1000") "\r\n";
	struct bench *bench = *state;
	char text[512];

	memcpy(text, before, sizeof(before) - 1);
	memcpy(text + sizeof(before) - 1, after, sizeof(after) - 1);
	run_bytes(bench, text, sizeof(before) + sizeof(after) - 2);
	assert_fault(bench, 0, 0x1000, 6 * S);
	assert_string_equal(fault(bench, 0)->fault.reason, "PTE Read access is not set");
}

/* Longer than a piece, a line, and all of them together. */
static void long_lines_are_cut(void **state)
{
	static const char after[] = "\n[    6.000000] " FAULT("0x1000");
	struct bench *bench = *state;
	size_t filling = 3 << 20;
	char *text = malloc(filling + sizeof(after));

	memset(text, 'x', filling);
	memcpy(text, "[    5.000000] ", 15);
	memcpy(text + filling, after, sizeof(after));
	run(bench, text);
	free(text);
	assert_fault(bench, 0, 0x1000, 6 * S);
	assert_null(fault(bench, 1));
}

/* Lines meet the ends of pieces at every place there is. */
static void many_lines_come_through(void **state)
{
	struct bench *bench = *state;
	FILE *file = fopen(bench->path, "w");
	unsigned int calls = 1;

	for (unsigned int i = 0; i < 20000; i++)
		fprintf(file, "[%5u.000000] " FAULT("0x%x000") "\n", i + 1, i);
	fclose(file);
	open_path(bench, bench->path);
	while (read_some(bench) != KERNEL_LOG_ENDED)
		calls++;
	assert_true(calls > 2); /* not all at once */
	for (unsigned int i = 0; i < 20000; i++) {
		const struct event *ev = event_queue_head(&bench->out);

		while (ev->kind != EVENT_FAULT) {
			event_queue_pop(&bench->out);
			ev = event_queue_head(&bench->out);
		}
		assert_int_equal(ev->fault.iova, i * 0x1000ull);
		assert_int_equal(ev->ts_ns, (i + 1) * S);
		event_queue_pop(&bench->out);
	}
}

static void put(const struct bench *bench, const char *text)
{
	assert_int_equal(write(bench->writer, text, strlen(text)), strlen(text));
}

static void a_pipe_is_waited_for(void **state)
{
	struct bench *bench = *state;
	const struct event_sink sink = {.emit = keep, .context = &bench->out};
	char path[32];
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	bench->writer = ends[1];
	snprintf(path, sizeof(path), "/dev/fd/%d", ends[0]);
	open_path(bench, path);
	close(ends[0]);
	assert_int_equal(read_some(bench), KERNEL_LOG_WAITS);
	assert_true(kernel_log_fd(bench->log) >= 0);
	put(bench, "[    5.000000] DMAR: [DMA Read NO_PASID] Request ");
	assert_int_equal(read_some(bench), KERNEL_LOG_WAITS);
	assert_null(fault(bench, 0));
	put(bench, "device [00:02.0] fault addr 0x1000 [fault reason 0x06] x\n");
	assert_int_equal(read_some(bench), KERNEL_LOG_WAITS);
	assert_fault(bench, 0, 0x1000, 5 * S);
	assert_null(event_at(bench, EVENT_TICK, 0));
	kernel_log_tick(bench->log, &sink);
	assert_int_equal(event_at(bench, EVENT_TICK, 0)->ts_ns, 5 * S);
	/* a record that may go on is told when nothing new has come */
	assert_false(kernel_log_grew(bench->log));
	put(bench, "4,1,6000000,-;" FAULT("0x2000") "\n");
	assert_int_equal(read_some(bench), KERNEL_LOG_WAITS);
	assert_true(kernel_log_grew(bench->log));
	assert_null(fault(bench, 1));
	assert_int_equal(read_some(bench), KERNEL_LOG_WAITS);
	assert_fault(bench, 1, 0x2000, 6 * S);
	put(bench, "[    7.000000] " FAULT("0x3000"));
	close(bench->writer);
	bench->writer = -1;
	assert_int_equal(read_some(bench), KERNEL_LOG_ENDED);
	assert_fault(bench, 2, 0x3000, 7 * S);
	assert_int_equal(kernel_log_fd(bench->log), -1);
	assert_int_equal(read_some(bench), KERNEL_LOG_ENDED);
	assert_null(event_at(bench, EVENT_TICK, 2));
}

static void a_fifo_without_a_writer_is_waited_for(void **state)
{
	struct bench *bench = *state;

	unlink(bench->path);
	assert_int_equal(mkfifo(bench->path, 0600), 0);
	open_path(bench, bench->path);
	assert_int_equal(read_some(bench), KERNEL_LOG_WAITS);
}

static void what_cannot_be_opened_is_an_error(void **state)
{
	struct bench *bench = *state;
	struct error err;

	assert_null(kernel_log_open("/nowhere/log", IN_2026, 0, &err));
	assert_string_equal(err.text,
	                    "cannot read the kernel log /nowhere/log: No such file or directory");
	assert_null(kernel_log_open("/tmp", IN_2026, 0, &err));
	assert_string_equal(err.text, "cannot read the kernel log /tmp: Is a directory");
	assert_int_equal(err.code, EISDIR);
	assert_null(bench->log);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(it_starts_at_nothing_and_ends_with_a_tick),
		TEST(the_wall_clock_is_told_before_its_first_event),
		TEST(the_zone_is_that_of_the_log),
		TEST(messages_of_two_lines_join),
		TEST(other_programs_do_not_come_between),
		TEST(nothing_is_forged),
		TEST(a_year_is_assumed_and_said),
		TEST(bare_lines_keep_their_order),
		TEST(what_is_odd_about_times_is_said),
		TEST(a_file_that_is_no_log_is_said_to_be_none),
		TEST(so_is_an_empty_one),
		TEST(a_log_of_other_programs_is_none),
		TEST(a_log_without_faults_is_one),
		TEST(records_of_dev_kmsg),
		TEST(what_is_told_late_is_in_order),
		TEST(json_that_is_broken_is_lost),
		TEST(odd_bytes_do_no_harm),
		TEST(long_lines_are_cut),
		TEST(many_lines_come_through),
		TEST(a_pipe_is_waited_for),
		TEST(a_fifo_without_a_writer_is_waited_for),
		TEST(what_cannot_be_opened_is_an_error),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

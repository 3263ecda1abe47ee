// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kmsg: what comes out of a log, with plain files in the place of /dev/kmsg.
 */
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

#include "sources/kmsg.h"
#include "sources/stream.h"

#define NOW 1000000000000u

#define FAULT(address)                                                           \
	"DMAR: [DMA Read NO_PASID] Request device [00:02.0] fault addr " address \
	" [fault reason 0x06] PTE Read access is not set"

/* A log in a file, the source that reads it, and what has come out of its stream. */
struct bench {
	char path[32];
	FILE *file;
	struct source *source;
	struct stream *stream;
	struct event_queue out;
	uint64_t watermark_ns;
};

static int set_up(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	int fd;

	assert_non_null(bench);
	strcpy(bench->path, "/tmp/iommutop-kmsg.XXXXXX");
	fd = mkstemp(bench->path);
	assert_true(fd >= 0);
	bench->file = fdopen(fd, "w");
	bench->stream = stream_new(0, NULL);
	*state = bench;
	return 0;
}

static int tear_down(void **state)
{
	struct bench *bench = *state;

	if (bench->source)
		bench->source->ops->close(bench->source);
	stream_free(bench->stream);
	event_queue_release(&bench->out);
	fclose(bench->file);
	unlink(bench->path);
	free(bench);
	return 0;
}

static void write_text(struct bench *bench, const char *text)
{
	fputs(text, bench->file);
}

static void open_log(struct bench *bench)
{
	struct error err;

	fflush(bench->file);
	bench->source = kmsg_open(bench->path, &err);
	assert_non_null(bench->source);
}

static int drain(struct bench *bench)
{
	bench->watermark_ns = NOW;
	return bench->source->ops->drain(bench->source, bench->stream, &bench->watermark_ns);
}

static void keep(void *context, const struct event *ev)
{
	event_queue_push(context, ev);
}

/* All that has been pushed, whatever its time. */
static void flush(struct bench *bench)
{
	struct event_sink sink = {.emit = keep, .context = &bench->out};

	stream_flush(bench->stream, UINT64_MAX, &sink);
}

static void run(struct bench *bench)
{
	open_log(bench);
	while (drain(bench) == 100)
		;
	flush(bench);
}

static size_t count_of(const struct bench *bench, enum event_kind kind)
{
	size_t count = 0;

	for (size_t i = 0; i < bench->out.count; i++)
		count += bench->out.events[bench->out.first + i].kind == kind;
	return count;
}

static const struct event *event_of(const struct bench *bench, enum event_kind kind)
{
	for (size_t i = 0; i < bench->out.count; i++) {
		if (bench->out.events[bench->out.first + i].kind == kind)
			return &bench->out.events[bench->out.first + i];
	}
	fail_msg("no such event: %d", kind);
	return NULL;
}

static void test_fault_with_its_time(void **state)
{
	struct bench *bench = *state;
	const struct event *ev;

	write_text(bench, "3,7,12345678,-;" FAULT("0x1000") "\n");
	run(bench);
	ev = event_of(bench, EVENT_FAULT);
	assert_int_equal(ev->ts_ns, 12345678000);
	assert_int_equal(ev->fault.source, SOURCE_LOG);
	assert_string_equal(ev->fault.device, "00:02.0");
	assert_string_equal(ev->fault.reason, "PTE Read access is not set");
	assert_int_equal(bench->watermark_ns, NOW);
}

static void test_health_is_told_once(void **state)
{
	struct bench *bench = *state;
	const struct event *ev;

	run(bench);
	drain(bench);
	flush(bench);
	assert_int_equal(count_of(bench, EVENT_HEALTH), 1);
	ev = event_of(bench, EVENT_HEALTH);
	assert_int_equal(ev->ts_ns, NOW);
	assert_int_equal(ev->health.source, SOURCE_LOG);
	assert_int_equal(ev->health.state, HEALTH_OK);
	assert_null(ev->health.reason);
}

static void test_end_of_file_is_for_good(void **state)
{
	struct bench *bench = *state;

	run(bench);
	assert_int_equal(bench->source->ops->fd(bench->source), -1);
	write_text(bench, "3,7,1,-;" FAULT("0x1000") "\n");
	fflush(bench->file);
	assert_int_equal(drain(bench), 0);
	flush(bench);
	assert_int_equal(count_of(bench, EVENT_FAULT), 0);
}

/* Who knows what is missing of it: it is shown, but not understood. */
static void test_last_line_without_newline(void **state)
{
	struct bench *bench = *state;

	write_text(bench, "3,7,1,-;" FAULT("0x1000"));
	run(bench);
	assert_int_equal(count_of(bench, EVENT_FAULT), 0);
	assert_int_equal(event_of(bench, EVENT_NOTE)->note.topic, NOTE_RAW);
}

/* Log facility 1 is what devkmsg_write() makes of a forged fault. */
static void test_only_the_kernel_is_believed(void **state)
{
	struct bench *bench = *state;

	write_text(bench,
	           "11,1,1,-;" FAULT("0x1000") "\n"
	                                       "30,2,2,-;" FAULT("0x2000") "\n"
	                                                                   "3,3,3,-;" FAULT(
										   "0x3000") "\n");
	run(bench);
	assert_int_equal(count_of(bench, EVENT_FAULT), 1);
	assert_int_equal(event_of(bench, EVENT_FAULT)->fault.iova, 0x3000);
	assert_int_equal(count_of(bench, EVENT_LOST), 0);
}

static void test_continuation_lines(void **state)
{
	struct bench *bench = *state;

	write_text(bench,
	           "6,1,1,-;pci 0000:00:02.0: BAR 0\n"
	           " SUBSYSTEM=pci\n DEVICE=+pci:0000:00:02.0\n"
	           "3,2,2,-;" FAULT("0x1000") "\n SUBSYSTEM=pci\n"
	                                      "3,3,3,-;" FAULT(
						      "0x2000") "\n DEVICE=+pci:0000:00:02.0");
	run(bench);
	assert_int_equal(count_of(bench, EVENT_FAULT), 2);
	assert_int_equal(count_of(bench, EVENT_LOST), 0);
}

static void test_two_line_message(void **state)
{
	struct bench *bench = *state;

	write_text(bench, "3,1,1,-;dmar: DMAR:[DMA Read] Request device [01:00.0] fault addr 1000 "
	                  "\\x0aDMAR:[fault reason 06] PTE Read access is not set\n");
	run(bench);
	assert_int_equal(event_of(bench, EVENT_FAULT)->fault.code, 6);
}

static void test_gap_is_a_loss(void **state)
{
	struct bench *bench = *state;
	const struct event *ev;

	write_text(bench, "6,41,1,-;the first that is left\n"
	                  "6,42,2,-;one more\n"
	                  "30,50,3,-;after the gap\n");
	run(bench);
	assert_int_equal(count_of(bench, EVENT_LOST), 1);
	ev = event_of(bench, EVENT_LOST);
	assert_int_equal(ev->ts_ns, 3000);
	assert_int_equal(ev->lost.count, 7);
	assert_int_equal(ev->lost.source, SOURCE_LOG);
	assert_true(ev->lost.exact);
}

static void test_numbers_that_go_back(void **state)
{
	struct bench *bench = *state;

	write_text(bench, "6,41,1,-;a\n6,3,2,-;b\n6,4,3,-;c\n6,18446744073709551615,4,-;d\n"
	                  "6,0,5,-;e\n");
	run(bench);
	assert_int_equal(count_of(bench, EVENT_LOST), 1);
}

static void test_faults_off(void **state)
{
	struct bench *bench = *state;

	write_text(bench, "3,1,1,-;" FAULT("0x1000") "\n"
	                                             "4,2,2,-;dmar_fault: 9 callbacks suppressed\n"
	                                             "6,9,3,-;gap\n");
	open_log(bench);
	kmsg_report_faults(bench->source, false);
	drain(bench);
	flush(bench);
	assert_int_equal(count_of(bench, EVENT_FAULT), 0);
	assert_int_equal(count_of(bench, EVENT_SUPPRESSED), 0);
	assert_int_equal(count_of(bench, EVENT_LOST), 1);
}

static void test_suppressed(void **state)
{
	struct bench *bench = *state;

	write_text(bench, "4,2,2,-;dmar_fault: 893 callbacks suppressed\n");
	run(bench);
	assert_int_equal(event_of(bench, EVENT_SUPPRESSED)->suppressed.count, 893);
}

/* The bound leaves work behind; what is left must not be overtaken by what is younger. */
static void test_bound_holds_the_watermark_back(void **state)
{
	struct bench *bench = *state;
	uint64_t before = 0;

	for (int i = 0; i < 2000; i++)
		fprintf(bench->file, "3,%d,%d,-;%s\n", i, i, FAULT("0x1000"));
	open_log(bench);
	while (drain(bench) == 100) {
		assert_true(bench->watermark_ns > before);
		assert_true(bench->watermark_ns < 2000 * 1000);
		before = bench->watermark_ns;
	}
	assert_true(before > 0);
	assert_int_equal(bench->watermark_ns, NOW);
	flush(bench);
	assert_int_equal(count_of(bench, EVENT_FAULT), 2000);
	assert_int_equal(count_of(bench, EVENT_LOST), 0);
	assert_int_equal(count_of(bench, EVENT_LATE), 0);
}

#define SMMU(text) ";arm-smmu-v3 9050000.smmuv3: " text "\n"

static void write_smmu_event(struct bench *bench)
{
	write_text(bench, "3,1,100,-" SMMU("event 0x10 received:"));
	write_text(bench, "3,2,101,-" SMMU("0x0000000800000010"));
	write_text(bench, "3,3,102,-" SMMU("0x0000000800000000"));
	write_text(bench, "3,4,103,-" SMMU("0x0000000000001000"));
	write_text(bench, "3,5,104,-" SMMU("0x0000000000000000"));
}

/* What it waits for is younger than what it has: nobody may overtake it, for a moment. */
static void test_message_that_may_go_on(void **state)
{
	struct bench *bench = *state;

	write_smmu_event(bench);
	open_log(bench);
	bench->watermark_ns = 110000;
	bench->source->ops->drain(bench->source, bench->stream, &bench->watermark_ns);
	assert_int_equal(bench->watermark_ns, 100000);
	drain(bench);
	assert_int_equal(bench->watermark_ns, NOW);
	flush(bench);
	assert_int_equal(event_of(bench, EVENT_FAULT)->ts_ns, 100000);
	assert_int_equal(event_of(bench, EVENT_FAULT)->fault.iova, 0x1000);
	assert_int_equal(count_of(bench, EVENT_LATE), 0);
}

static void write_bytes(struct bench *bench, size_t count, char byte)
{
	while (count--)
		fputc(byte, bench->file);
}

/* As with the device: what does not fit is passed over and shows as a gap. */
static void test_huge_lines(void **state)
{
	struct bench *bench = *state;

	write_text(bench, "6,1,1,-;a\n6,2,2,-;");
	write_bytes(bench, 100000, 'x');
	write_text(bench, "\n DEVICE=+pci:0000:00:02.0\n3,3,3,-;" FAULT("0x1000") "\n6,4,4,-;");
	write_bytes(bench, 100000, 'y');
	run(bench);
	assert_int_equal(count_of(bench, EVENT_FAULT), 1);
	assert_int_equal(count_of(bench, EVENT_LOST), 1);
	assert_int_equal(event_of(bench, EVENT_LOST)->lost.count, 1);
}

/* What stands where the buffer is full is still the same line, whatever it looks like. */
static void test_tail_of_a_huge_line(void **state)
{
	struct bench *bench = *state;

	write_text(bench, "6,1,1,-;");
	write_bytes(bench, 16384 - strlen("6,1,1,-;"), 'x');
	write_text(bench, "3,2,2,-;" FAULT("0x1000") "\n");
	run(bench);
	assert_int_equal(count_of(bench, EVENT_FAULT), 0);
}

/* Every length around the size of the buffer, where a record ends just there or just not. */
static void test_records_of_every_size(void **state)
{
	struct bench *bench = *state;
	size_t count = 0;

	for (size_t length = 16000; length < 16500; length += 7, count++) {
		fprintf(bench->file, "6,%zu,1,-;", 2 * count);
		write_bytes(bench, length, 'x');
		fprintf(bench->file, "\n3,%zu,1,-;%s\n", 2 * count + 1, FAULT("0x1000"));
	}
	run(bench);
	assert_int_equal(count_of(bench, EVENT_FAULT), count);
}

static void test_binary(void **state)
{
	struct bench *bench = *state;
	unsigned int random = 1;

	for (int i = 0; i < 300000; i++) {
		random = random * 1103515245 + 12345;
		fputc((int)(random >> 16 & 0xff), bench->file);
	}
	write_text(bench, "\n3,1,1,-;" FAULT("0x1000") "\n");
	run(bench);
	assert_int_equal(count_of(bench, EVENT_FAULT), 1);
	assert_int_equal(count_of(bench, EVENT_HEALTH), 1);
}

static void test_no_such_file(void **state)
{
	struct error err = {0};

	(void)state;
	assert_null(kmsg_open("/nowhere/kmsg", &err));
	assert_int_equal(err.code, ENOENT);
	assert_non_null(strstr(err.text, "/nowhere/kmsg"));
}

static void check_off(struct bench *bench, const char *why)
{
	const struct event *ev;

	run(bench);
	drain(bench);
	flush(bench);
	assert_int_equal(count_of(bench, EVENT_HEALTH), 1);
	ev = event_of(bench, EVENT_HEALTH);
	assert_int_equal(ev->health.state, HEALTH_OFF);
	assert_non_null(strstr(ev->health.reason, why));
	assert_int_equal(bench->source->ops->fd(bench->source), -1);
}

static void test_not_for_this_user(void **state)
{
	struct bench *bench = *state;
	uid_t user = geteuid();

	chmod(bench->path, 0);
	if (user == 0)
		assert_return_code(seteuid(65534), errno);
	check_off(bench, "run it with sudo: ");
	assert_return_code(seteuid(user), errno);
}

static void test_what_cannot_be_read(void **state)
{
	struct bench *bench = *state;
	struct error err;

	bench->source = kmsg_open("/", &err);
	assert_non_null(bench->source);
	drain(bench);
	drain(bench);
	flush(bench);
	assert_int_equal(count_of(bench, EVENT_HEALTH), 1);
	assert_int_equal(event_of(bench, EVENT_HEALTH)->health.state, HEALTH_OFF);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_fault_with_its_time),
		TEST(test_health_is_told_once),
		TEST(test_end_of_file_is_for_good),
		TEST(test_last_line_without_newline),
		TEST(test_only_the_kernel_is_believed),
		TEST(test_continuation_lines),
		TEST(test_two_line_message),
		TEST(test_gap_is_a_loss),
		TEST(test_numbers_that_go_back),
		TEST(test_faults_off),
		TEST(test_suppressed),
		TEST(test_message_that_may_go_on),
		TEST(test_bound_holds_the_watermark_back),
		TEST(test_huge_lines),
		TEST(test_tail_of_a_huge_line),
		TEST(test_records_of_every_size),
		TEST(test_binary),
		TEST(test_no_such_file),
		TEST(test_not_for_this_user),
		TEST(test_what_cannot_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kmsg_parse: the corpus of real lines, every way to cut and to spoil them, and the record format.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sources/kmsg_parse.h"
#include "util.h"

#define CORPUS    "tests/fixtures/kmsg/vtd.txt"
#define FIRST_SEQ 100
#define USEC      12345678

#define RECORDS_MOST 4
#define LINE_SIZE    1024
#define TOLD_SIZE    1024

struct sample {
	char lines[RECORDS_MOST][LINE_SIZE];
	size_t count;
	char expected[TOLD_SIZE];
	int line_number;
};

/* What a parser said, a line an event. */
struct told {
	const struct kmsg_parser *parser;
	char text[TOLD_SIZE];
};

static struct sample *corpus;
static size_t corpus_count;
static struct kmsg_record record;

static void add(char *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(char *text, const char *format, ...)
{
	size_t used = strlen(text);
	va_list args;

	va_start(args, format);
	vsnprintf(text + used, TOLD_SIZE - used, format, args);
	va_end(args);
}

static void add_escaped(char *text, const char *from)
{
	for (; *from; from++)
		add(text, (unsigned char)*from < ' ' ? "\\x%02x" : "%c", (unsigned char)*from);
}

static void add_fault(char *text, const struct event *ev)
{
	unsigned int flags = ev->fault.flags;

	assert_int_equal(ev->fault.source, SOURCE_LOG);
	assert_int_equal(ev->fault.dialect,
	                 flags & FAULT_INTERRUPT ? FAULT_VTD_INTERRUPT : FAULT_VTD);
	assert_int_equal(!(flags & FAULT_PAGE_MASKED), !(flags & FAULT_HAS_IOVA));
	add(text, "device %s |", ev->fault.device);
	add(text, "%s", flags & FAULT_NO_SEGMENT ? " bus" : "");
	if (ev->fault.direction)
		add(text, " %s", direction_names[ev->fault.direction]);
	if (flags & FAULT_HAS_IOVA)
		add(text, " iova %#llx", (unsigned long long)ev->fault.iova);
	if (flags & FAULT_INTERRUPT)
		add(text, " interrupt %#llx", (unsigned long long)ev->fault.iova);
	if (flags & FAULT_HAS_CODE)
		add(text, " code %u", ev->fault.code);
	if (flags & FAULT_HAS_PASID)
		add(text, " pasid %#x", ev->fault.pasid);
	else
		assert_int_equal(ev->fault.pasid, 0);
	add(text, " | ");
	add_escaped(text, ev->fault.reason);
}

static void note(void *context, const struct event *ev)
{
	struct told *told = context;

	assert_int_equal(ev->ts_ns, (uint64_t)USEC * 1000);
	add(told->text, "%s | ", told->parser->pattern->dialect);
	if (ev->kind == EVENT_NOTE)
		add(told->text, "note %s", note_topic_names[ev->note.topic]);
	else if (ev->kind == EVENT_SUPPRESSED)
		add(told->text, "suppressed %llu%s", (unsigned long long)ev->suppressed.count,
		    ev->suppressed.overflow ? " overflow" : "");
	else
		add_fault(told->text, ev);
	add(told->text, "\n");
}

/* The bytes are copied to a block of just their size: the sanitizer sees one byte too far. */
static bool parse_bytes(const char *bytes, size_t length)
{
	char *copy = xmalloc(length);
	bool parsed;

	memcpy(copy, bytes, length);
	parsed = kmsg_record_parse(copy, length, &record);
	free(copy);
	return parsed;
}

/* As information, not as an error: what is not understood tells nothing then. */
static size_t make_record(const struct sample *sample, size_t i, char *out, size_t size)
{
	return (size_t)snprintf(out, size, "6,%zu,%d,-;%s\n", FIRST_SEQ + i, USEC,
	                        sample->lines[i]);
}

/* Plays all records; the last one through spoil(), which returns its new length. */
static void play(const struct sample *sample, struct told *told,
                 size_t (*spoil)(char *bytes, size_t length, size_t argument), size_t argument)
{
	struct kmsg_parser parser = {0};
	struct event_sink sink = {.emit = note, .context = told};

	*told = (struct told){.parser = &parser};
	for (size_t i = 0; i < sample->count; i++) {
		char bytes[LINE_SIZE + 64];
		size_t length = make_record(sample, i, bytes, sizeof(bytes));

		if (spoil && i == sample->count - 1)
			length = spoil(bytes, length, argument);
		if (parse_bytes(bytes, length))
			kmsg_parser_take(&parser, &record, &sink);
	}
	told->parser = NULL;
}

static struct sample *next_sample(void)
{
	size_t size = (corpus_count + 1) * sizeof(*corpus);

	corpus = xrealloc(corpus, size);
	memset(&corpus[corpus_count], 0, sizeof(*corpus));
	return &corpus[corpus_count++];
}

static void take_corpus_line(const char *line, int line_number)
{
	struct sample *sample = corpus_count ? &corpus[corpus_count - 1] : NULL;

	if (line[0] == '<') {
		if (!sample || sample->expected[0])
			sample = next_sample();
		assert_true(sample->count < RECORDS_MOST);
		assert_true(copy_text(sample->lines[sample->count++], LINE_SIZE, line + 2));
		sample->line_number = line_number;
	} else if (line[0] == '=') {
		assert_non_null(sample);
		add(sample->expected, "%s\n", line + 2);
	} else {
		assert_true(line[0] == '#' || line[0] == '\0');
	}
}

static int read_corpus(void **state)
{
	FILE *file = fopen(CORPUS, "r");
	char line[LINE_SIZE];

	(void)state;
	assert_non_null(file);
	for (int number = 1; fgets(line, sizeof(line), file); number++) {
		line[strcspn(line, "\n")] = '\0';
		take_corpus_line(line, number);
	}
	fclose(file);
	assert_true(corpus_count > 40);
	return 0;
}

static int free_corpus(void **state)
{
	(void)state;
	free(corpus);
	return 0;
}

static bool gives_nothing(const struct sample *sample)
{
	return !strcmp(sample->expected, "nothing\n");
}

static void test_corpus(void **state)
{
	struct told told;

	(void)state;
	for (size_t i = 0; i < corpus_count; i++) {
		play(&corpus[i], &told, NULL, 0);
		if (gives_nothing(&corpus[i]))
			add(told.text, "nothing\n");
		if (strcmp(told.text, corpus[i].expected) != 0)
			fail_msg("%s:%d:\ngot      %sexpected %s", CORPUS, corpus[i].line_number,
			         told.text, corpus[i].expected);
	}
}

/* What parsers of patterns rely on: braces close within the line, and there is a word to look for.
 */
static void test_patterns_are_well_formed(void **state)
{
	(void)state;
	for (size_t i = 0; i < kmsg_pattern_count; i++) {
		const char *p = kmsg_patterns[i].text;

		while ((p = strchr(p, '{'))) {
			p++;
			assert_int_equal(p[strcspn(p, "{}\n")], '}');
		}
		assert_int_equal(!kmsg_patterns[i].anchor, kmsg_patterns[i].text[0] != '{');
		if (kmsg_patterns[i].anchor)
			assert_non_null(strstr(kmsg_patterns[i].text, kmsg_patterns[i].anchor));
	}
}

/* Not within an escape, where the kernel never cuts either. */
static size_t cut(char *bytes, size_t length, size_t at)
{
	for (size_t back = 1; back < 4 && back <= at && at < length; back++) {
		if (bytes[at - back] == '\\')
			return at - back;
	}
	return at;
}

/* What a line tells that was cut it tells right: the whole event, or those of the lines before. */
static void check_cut(const struct sample *sample, const char *text, size_t at)
{
	if (strncmp(text, sample->expected, strlen(text)) != 0)
		fail_msg("%s:%d cut at %zu gives %s", CORPUS, sample->line_number, at, text);
}

static void test_every_truncation(void **state)
{
	struct told told;

	(void)state;
	for (size_t i = 0; i < corpus_count; i++) {
		char bytes[LINE_SIZE + 64];
		size_t length = make_record(&corpus[i], corpus[i].count - 1, bytes, sizeof(bytes));

		for (size_t at = 0; at < length; at++) {
			play(&corpus[i], &told, cut, at);
			if (!gives_nothing(&corpus[i]))
				check_cut(&corpus[i], told.text, at);
		}
	}
}

static uint64_t random_state = 0x9e3779b97f4a7c15;

static uint64_t next_random(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

/* The time stays: note() looks at it. */
static size_t corrupt(char *bytes, size_t length, size_t times)
{
	size_t start = strlen("3,100,12345678,");

	while (times--)
		bytes[start + next_random() % (length - start)] = (char)next_random();
	return length;
}

static void test_random_corruption(void **state)
{
	struct told told;

	(void)state;
	for (size_t round = 0; round < 400; round++) {
		for (size_t i = 0; i < corpus_count; i++)
			play(&corpus[i], &told, corrupt, 1 + round % 8);
	}
}

static void test_random_bytes(void **state)
{
	char bytes[256];

	(void)state;
	for (size_t round = 0; round < 20000; round++) {
		size_t length = next_random() % sizeof(bytes);

		for (size_t i = 0; i < length; i++)
			bytes[i] = "0123456789,;-\\x \n=+:DEVICE"[next_random() % 26];
		if (parse_bytes(bytes, length))
			assert_true(strlen(record.text) <= length);
	}
}

static void test_record(void **state)
{
	static const char bytes[] = "30,339,5140900,-,caller=T12;NET: a \\x09b\\x5cc\\xc3\\xa9\n"
				    " SUBSYSTEM=pci\n DEVICE=+pci:0000:03:00.0\n";

	(void)state;
	assert_true(parse_bytes(bytes, strlen(bytes)));
	assert_int_equal(record.facility, 3);
	assert_int_equal(record.level, 6);
	assert_int_equal(record.seq, 339);
	assert_int_equal(record.usec, 5140900);
	assert_string_equal(record.text, "NET: a \tb\\c\xc3\xa9");
	assert_string_equal(record.bus, "pci");
	assert_string_equal(record.device, "0000:03:00.0");
	assert_false(record.cut);
}

static void check_text(const char *bytes, size_t length, const char *expected)
{
	assert_true(parse_bytes(bytes, length));
	assert_string_equal(record.text, expected);
}

static void test_text_as_it_comes(void **state)
{
	(void)state;
	check_text("6,1,2,-;", 8, "");
	check_text("6,1,2,-;a\\x4", 12, "a\\x4");
	check_text("6,1,2,-;a\\xzz\\", 14, "a\\xzz\\");
	check_text("6,1,2,-;a\\x00b\0c\x1b", 17, "a?b?c\x1b");
	check_text("6,1,2,-;a;b", 11, "a;b");
}

static void check_device(const char *rest, const char *expected)
{
	char bytes[256];

	snprintf(bytes, sizeof(bytes), "6,1,2,-;text\n%s", rest);
	assert_true(parse_bytes(bytes, strlen(bytes)));
	assert_string_equal(record.device, expected);
}

static void test_device(void **state)
{
	(void)state;
	check_device("", "");
	check_device(" DEVICE=+platform:arm-smmu.1.auto\n", "arm-smmu.1.auto");
	check_device(" DEVICE=+iommu:ivhd0\n", "ivhd0");
	check_device(" DEVICE=+pci:0000:03:00", "");
	check_device(" SUBSYSTEM=block\n DEVICE=b8:0\n", "");
	check_device(" SUBSYSTEM=net\n DEVICE=n2\n", "");
	check_device(" DEVICE=+pci\n", "");
	check_device(" DEVICE=+", "");
	check_device(" DEVICE=", "");
	check_device("DEVICE=+pci:0000:03:00.0\n", "");
	check_device(" DEVICE=+pci:a\\x09b\n", "a\tb");
	check_device("\n\n DEVICE=+pci:a\n DEVICE=+pci:b\n", "a");
}

static void test_not_a_record(void **state)
{
	static const char *const texts[] = {
		"",
		"6",
		";",
		"6;text",
		"6,1,2;text",
		"6,1,2",
		"6,1,x,-;text",
		"-6,1,2,-;text",
		" 6,1,2,-;text",
		"6,,2,-;text",
		"99999,1,2,-;text",
		"6,99999999999999999999,2,-;text",
		/* a time that nanoseconds cannot hold */
		"6,1,18446744073709552,-;text",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		if (parse_bytes(texts[i], strlen(texts[i])))
			fail_msg("taken for a record: %s", texts[i]);
	}
	assert_false(parse_bytes("6\0,1,2,-;text", 13));
}

/* Larger than any kernel makes them: cut, and never more than there is room for. */
static void test_huge_record(void **state)
{
	size_t length = 4 * KMSG_RECORD_BYTES;
	char *bytes = xmalloc(length);

	(void)state;
	memset(bytes, 'x', length);
	assert_false(parse_bytes(bytes, length));
	memcpy(bytes, "6,1,2,-;", 8);
	assert_true(parse_bytes(bytes, length));
	assert_int_equal(strlen(record.text), KMSG_RECORD_BYTES - 1);
	assert_true(record.cut);
	memcpy(bytes + 8, "\n DEVICE=+pci:", 14);
	bytes[length - 1] = '\n';
	assert_true(parse_bytes(bytes, length));
	assert_false(record.cut);
	assert_int_equal(strlen(record.device), KMSG_DEVICE_SIZE - 1);
	free(bytes);
}

static void test_huge_reason(void **state)
{
	static const char start[] = "DMAR: [DMA Read NO_PASID] Request device [00:02.0] "
				    "fault addr 0x1000 [fault reason 0x06] ";
	struct kmsg_parser parser = {0};
	struct told told = {.parser = &parser};
	struct event_sink sink = {.emit = note, .context = &told};

	(void)state;
	record = (struct kmsg_record){.usec = USEC};
	memset(record.text, 'x', sizeof(record.text) - 1);
	memcpy(record.text, start, strlen(start));
	kmsg_parser_take(&parser, &record, &sink);
	assert_non_null(strstr(told.text, "code 6 | xxx"));
	assert_int_equal(strlen(parser.draft.reason), KMSG_REASON_SIZE - 1);
}

static void take(struct kmsg_parser *parser, struct told *told, uint64_t seq, const char *text)
{
	struct event_sink sink = {.emit = note, .context = told};

	record = (struct kmsg_record){.seq = seq, .usec = USEC, .level = 6};
	copy_text(record.text, sizeof(record.text), text);
	kmsg_parser_take(parser, &record, &sink);
}

/* Halves of different messages are no message: the log has lost what was between them. */
static void test_halves_apart(void **state)
{
	static const char first[] = "DMAR:[DMA Read] Request device [02:00.0] fault addr 1000 ";
	static const char second[] = "DMAR:[fault reason 06] PTE Read access is not set";
	struct kmsg_parser parser = {0};
	struct told told = {.parser = &parser};

	(void)state;
	take(&parser, &told, 1, second);
	take(&parser, &told, 5, first);
	take(&parser, &told, 7, second);
	assert_string_equal(told.text, "");
	take(&parser, &told, 8, first);
	take(&parser, &told, 9, first);
	take(&parser, &told, 10, second);
	assert_non_null(strstr(told.text, "iova 0x1000"));
	told.text[0] = '\0';
	take(&parser, &told, 10, second);
	assert_string_equal(told.text, "");
}

/* Empty lines tell nothing and do no harm behind a message; between halves they part them. */
static void test_empty_lines(void **state)
{
	struct kmsg_parser parser = {0};
	struct told told = {.parser = &parser};

	(void)state;
	take(&parser, &told, 1, "");
	take(&parser, &told, 2, "\n\n");
	take(&parser, &told, 3,
	     "INTR-REMAP: Request device [[f0:1f.7] fault index 1\n\n"
	     "INTR-REMAP:[fault reason 34] Present field is clear");
	assert_string_equal(told.text, "");
	take(&parser, &told, 4, "\ndmar_fault: 7 callbacks suppressed\n\n");
	assert_string_equal(told.text, "VT-d rate limit | suppressed 7\n");
}

#define SMMU "arm-smmu-v3 9050000.smmuv3: "

static const char *const smmu_event[] = {
	SMMU "event 0x10 received:", SMMU "\t0x0000000800000010", SMMU "\t0x0000000800000000",
	SMMU "\t0x0000000000001000", SMMU "\t0x0000000000000000",
};

static const char smmu_decoded[] = SMMU "event: F_TRANSLATION client: 0000:00:01.0 sid: 0x8 "
					"ssid: 0x0 iova: 0x1000 ipa: 0x0";

static void note_smmu(void *context, const struct event *ev)
{
	struct told *told = context;

	if (ev->kind == EVENT_NOTE)
		add(told->text, "note %s %s\n", note_topic_names[ev->note.topic], ev->note.text);
	else
		add(told->text, "%s %#llx\n", ev->fault.device, (unsigned long long)ev->fault.iova);
}

static void take_smmu(struct kmsg_parser *parser, struct told *told, uint64_t seq,
                      unsigned int level, unsigned int facility, const char *text)
{
	struct event_sink sink = {.emit = note_smmu, .context = told};

	record = (struct kmsg_record){
		.seq = seq, .usec = USEC, .level = level, .facility = facility};
	copy_text(record.text, sizeof(record.text), text);
	kmsg_parser_take(parser, &record, &sink);
}

static void take_smmu_event(struct kmsg_parser *parser, struct told *told, unsigned int level)
{
	for (size_t i = 0; i < ARRAY_SIZE(smmu_event); i++)
		take_smmu(parser, told, i, level, 0, smmu_event[i]);
}

/* Up to 6.13 nothing more will come; if it does, it is the same fault. */
static void test_raw_event_as_information(void **state)
{
	struct kmsg_parser parser = {0};
	struct told told = {.parser = &parser};
	uint64_t since_ns;

	(void)state;
	take_smmu_event(&parser, &told, 6);
	assert_string_equal(told.text, "9050000.smmuv3 0x1000\n");
	assert_false(kmsg_parser_waits(&parser, &since_ns));
	take_smmu(&parser, &told, 5, 6, 0, smmu_decoded);
	assert_string_equal(told.text, "9050000.smmuv3 0x1000\n");
}

/* 6.14 on: the client follows. */
static void test_raw_event_as_error(void **state)
{
	struct kmsg_parser parser = {0};
	struct told told = {.parser = &parser};
	uint64_t since_ns;

	(void)state;
	take_smmu_event(&parser, &told, 3);
	assert_string_equal(told.text, "");
	assert_true(kmsg_parser_waits(&parser, &since_ns));
	assert_int_equal(since_ns, (uint64_t)USEC * 1000);
	take_smmu(&parser, &told, 5, 3, 0, smmu_decoded);
	assert_string_equal(told.text, "0000:00:01.0 0x1000\n");
	assert_false(kmsg_parser_waits(&parser, &since_ns));
}

/* Lines of user space are no lines of the message, and no gap. */
static void test_user_space_between(void **state)
{
	struct kmsg_parser parser = {0};
	struct told told = {.parser = &parser};
	size_t seq = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(smmu_event); i++) {
		take_smmu(&parser, &told, seq++, 6, 0, smmu_event[i]);
		take_smmu(&parser, &told, seq++, 3, 1, SMMU "\t0x0000000000000bad");
	}
	assert_string_equal(told.text, "9050000.smmuv3 0x1000\n");
}

/* A word is missing: no address may come of the others. That there was something is told. */
static void test_missing_word(void **state)
{
	struct kmsg_parser parser = {0};
	struct told told = {.parser = &parser};
	struct event_sink sink = {.emit = note_smmu, .context = &told};

	(void)state;
	take_smmu(&parser, &told, 0, 3, 0, smmu_event[0]);
	take_smmu(&parser, &told, 1, 3, 0, smmu_event[1]);
	take_smmu(&parser, &told, 3, 3, 0, smmu_event[3]);
	take_smmu(&parser, &told, 4, 3, 0, smmu_event[4]);
	take_smmu(&parser, &told, 5, 3, 0, smmu_event[4]);
	kmsg_parser_flush(&parser, &sink);
	assert_string_equal(told.text, "note raw " SMMU "event 0x10 received:\n");
}

static void test_too_many_lines_between(void **state)
{
	struct kmsg_parser parser = {0};
	struct told told = {.parser = &parser};
	uint64_t seq = 0, since_ns;

	(void)state;
	take_smmu(&parser, &told, seq++, 3, 0, smmu_event[0]);
	while (seq < 100)
		take_smmu(&parser, &told, seq++, 6, 0, "something else");
	assert_false(kmsg_parser_waits(&parser, &since_ns));
	assert_string_equal(told.text, "note raw " SMMU "event 0x10 received:\n");
	told.text[0] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(smmu_event); i++)
		take_smmu(&parser, &told, seq++, 3, 0, smmu_event[i]);
	while (seq < 200)
		take_smmu(&parser, &told, seq++, 6, 0, "something else");
	assert_string_equal(told.text, "9050000.smmuv3 0x1000\n");
}

static void count_fault(void *context, const struct event *ev)
{
	size_t *count = context;

	*count += ev->kind == EVENT_FAULT && ev->fault.iova == 0x1000;
}

/* More units wait for more lines than there are places: none of their faults is lost. */
static void test_many_units(void **state)
{
	struct kmsg_parser parser = {0};
	size_t count = 0, units = KMSG_WAITING_MOST + 3;
	struct event_sink sink = {.emit = count_fault, .context = &count};

	(void)state;
	for (size_t i = 0; i < units * ARRAY_SIZE(smmu_event); i++) {
		const char *line = smmu_event[i % ARRAY_SIZE(smmu_event)];

		record = (struct kmsg_record){.seq = i, .usec = USEC, .level = 3};
		snprintf(record.text, sizeof(record.text), "arm-smmu-v3 unit%zu: %s",
		         i / ARRAY_SIZE(smmu_event), line + strlen(SMMU));
		kmsg_parser_take(&parser, &record, &sink);
	}
	assert_in_range(count, units - KMSG_WAITING_MOST, units - 1);
	kmsg_parser_flush(&parser, &sink);
	assert_int_equal(count, units);
}

/* A log without numbers, and what waits at its end. */
static void test_numbers_that_stand_still(void **state)
{
	struct kmsg_parser parser = {0};
	struct told told = {.parser = &parser};
	struct event_sink sink = {.emit = note_smmu, .context = &told};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(smmu_event); i++)
		take_smmu(&parser, &told, 0, KMSG_LEVEL_UNKNOWN, 0, smmu_event[i]);
	assert_string_equal(told.text, "");
	kmsg_parser_flush(&parser, &sink);
	kmsg_parser_flush(&parser, &sink);
	assert_string_equal(told.text, "9050000.smmuv3 0x1000\n");
}

static void check_note(unsigned int level, const char *text, const char *expected)
{
	struct kmsg_parser parser = {0};
	struct told told = {.parser = &parser};

	take_smmu(&parser, &told, 0, level, 0, text);
	assert_string_equal(told.text, expected);
}

/* What nobody knows is told from a warning on; without levels, where it complains. */
static void test_unknown_lines(void **state)
{
	(void)state;
	check_note(4, "DMAR: IOMMU enabled", "note raw DMAR: IOMMU enabled\n");
	check_note(5, "DMAR: IOMMU enabled", "");
	check_note(KMSG_LEVEL_UNKNOWN, "DMAR: IOMMU enabled", "");
	check_note(KMSG_LEVEL_UNKNOWN, "AMD-Vi: Unexpected thing",
	           "note raw AMD-Vi: Unexpected thing\n");
	check_note(4, "nvme 0000:01:00.0: slow", "note device nvme 0000:01:00.0: slow\n");
	check_note(5, "nvme 0000:01:00.0: slow", "");
	check_note(KMSG_LEVEL_UNKNOWN, "nvme 0000:01:00.0: slow", "");
	check_note(KMSG_LEVEL_UNKNOWN, "nvme 0000:01:00.0: timed out",
	           "note device nvme 0000:01:00.0: timed out\n");
	check_note(0, "nvme nvme0: 0000:01:00.0: fault", "");
	check_note(0, "0000:01:00.0: fault", "");
	check_note(0, "", "");
}

/* A line that is longer than a note may be is cut, and does no harm. */
static void test_huge_note(void **state)
{
	struct kmsg_parser parser = {0};
	struct told told = {.parser = &parser};
	struct event_sink sink = {.emit = note_smmu, .context = &told};

	(void)state;
	record = (struct kmsg_record){.level = 3};
	memset(record.text, 'x', sizeof(record.text) - 1);
	memcpy(record.text, "DMAR: ", 6);
	kmsg_parser_take(&parser, &record, &sink);
	assert_int_equal(strlen(told.text), strlen("note raw \n") + KMSG_NOTE_SIZE - 1);
}

static void keep_flags(void *context, const struct event *ev)
{
	unsigned int *flags = context;

	assert_int_equal(ev->kind, EVENT_FAULT);
	*flags = ev->fault.flags;
}

static unsigned int flags_of(const char *text)
{
	struct kmsg_parser parser = {0};
	unsigned int flags = 0;
	struct event_sink sink = {.emit = keep_flags, .context = &flags};

	record = (struct kmsg_record){.level = 3};
	copy_text(record.text, sizeof(record.text), text);
	kmsg_parser_take(&parser, &record, &sink);
	return flags;
}

/* Who is named by the kernel, and who is a requester id that the hardware gave. */
static void test_amd_names(void **state)
{
	(void)state;
	assert_int_equal(flags_of("nvme 0000:01:00.0: AMD-Vi: Event logged [IO_PAGE_FAULT "
	                          "domain=0x0000 address=0xfc189000 flags=0x0000]"),
	                 FAULT_NAMED | FAULT_HAS_IOVA | FAULT_HAS_CODE);
	assert_int_equal(flags_of("AMD-Vi: Event logged [IO_PAGE_FAULT device=0000:01:00.0 "
	                          "domain=0x0000 address=0xfc189000 flags=0x0000]"),
	                 FAULT_HAS_IOVA | FAULT_HAS_CODE);
	assert_int_equal(
		flags_of("iommu ivhd0: AMD-Vi: Event logged [INVALID_DEVICE_REQUEST "
	                 "device=00:00.1 pasid=0x00000 address=0xfdf8140200 flags=0x0a00]"),
		FAULT_NO_SEGMENT | FAULT_HAS_IOVA | FAULT_HAS_CODE);
	assert_int_equal(
		flags_of("amd_iommu 0000:00:00.2: Event logged [INVALID_DEVICE_REQUEST "
	                 "device=00:00.1 pasid=0x00000 address=0xfdf8140200 flags=0x0a00]"),
		FAULT_NO_SEGMENT | FAULT_HAS_IOVA | FAULT_HAS_CODE);
	assert_int_equal(flags_of("AMD-Vi: Event logged [IO_PAGE_FAULT device=01:00.0 "
	                          "domain=0x0000 address=0xfdf8000120 flags=0x0008]"),
	                 FAULT_NO_SEGMENT | FAULT_INTERRUPT | FAULT_HAS_IOVA | FAULT_HAS_CODE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_corpus),
		cmocka_unit_test(test_patterns_are_well_formed),
		cmocka_unit_test(test_every_truncation),
		cmocka_unit_test(test_random_corruption),
		cmocka_unit_test(test_random_bytes),
		cmocka_unit_test(test_record),
		cmocka_unit_test(test_text_as_it_comes),
		cmocka_unit_test(test_device),
		cmocka_unit_test(test_not_a_record),
		cmocka_unit_test(test_huge_record),
		cmocka_unit_test(test_huge_reason),
		cmocka_unit_test(test_halves_apart),
		cmocka_unit_test(test_empty_lines),
		cmocka_unit_test(test_raw_event_as_information),
		cmocka_unit_test(test_raw_event_as_error),
		cmocka_unit_test(test_user_space_between),
		cmocka_unit_test(test_missing_word),
		cmocka_unit_test(test_too_many_lines_between),
		cmocka_unit_test(test_many_units),
		cmocka_unit_test(test_numbers_that_stand_still),
		cmocka_unit_test(test_unknown_lines),
		cmocka_unit_test(test_huge_note),
		cmocka_unit_test(test_amd_names),
	};

	return cmocka_run_group_tests(tests, read_corpus, free_corpus);
}

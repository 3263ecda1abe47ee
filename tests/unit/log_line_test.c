// SPDX-License-Identifier: GPL-2.0-or-later
/* log_line: every form in which people save a kernel log, and lines that only look like one. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sources/log_line.h"
#include "util.h"

#define TOLD_SIZE (KMSG_RECORD_BYTES + 256)

static struct kmsg_record record;

static const char *const kinds[] = {
	[LOG_LINE_REMARK] = "remark",     [LOG_LINE_FOREIGN] = "foreign",
	[LOG_LINE_KERNEL] = "kernel",     [LOG_LINE_RAW] = "raw",
	[LOG_LINE_RAW_MORE] = "raw more", [LOG_LINE_UNREADABLE] = "unreadable",
};

static void write_stamp(char *out, size_t size, const struct log_stamp *stamp)
{
	char zone[16] = "";

	if (stamp->has_zone)
		snprintf(zone, sizeof(zone), " %+d", (int)stamp->utc_offset_s);
	switch (stamp->kind) {
	case STAMP_MONOTONIC:
		snprintf(out, size, "boot %" PRIu64, stamp->ns);
		break;
	case STAMP_AFTER:
		snprintf(out, size, "after %" PRIu64, stamp->ns);
		break;
	case STAMP_EPOCH:
		snprintf(out, size, "epoch %" PRIu64, stamp->ns);
		break;
	case STAMP_DATE:
		snprintf(out, size, "%d-%d-%d %" PRIu64 "%s", stamp->year, stamp->month, stamp->day,
		         stamp->ns / 1000, zone);
		break;
	default:
		snprintf(out, size, "-");
	}
}

/* "kernel|stamp|level|text", or the kind alone */
static const char *told(struct log_lines *lines, const char *line)
{
	static char out[TOLD_SIZE];
	char stamp_text[64], level[16] = "-";
	struct log_stamp stamp;
	enum log_line_kind kind = log_line_read(lines, line, &record, &stamp);

	if (kind != LOG_LINE_KERNEL)
		return kinds[kind];
	write_stamp(stamp_text, sizeof(stamp_text), &stamp);
	if (record.level != KMSG_LEVEL_UNKNOWN)
		snprintf(level, sizeof(level), "%u", record.level);
	assert_int_equal(record.facility, 0);
	snprintf(out, sizeof(out), "kernel|%s|%s|%s", stamp_text, level, record.text);
	return out;
}

/* The first line of a log. */
static void assert_line(const char *line, const char *expected)
{
	struct log_lines lines = {0};
	const char *got = told(&lines, line);

	if (strcmp(got, expected))
		fail_msg("%s\n gives %s\n not   %s", line, got, expected);
}

/* After a line of the kernel's with a date, as in a log of many programs. */
static void assert_foreign(const char *line)
{
	struct log_lines lines = {0};

	told(&lines, "Nov 02 10:11:12 host kernel: one");
	assert_string_equal(told(&lines, line), "foreign");
	assert_string_equal(told(&lines, "                DMAR: forged"), "foreign");
	assert_string_equal(told(&lines, "   [    1.000000] DMAR: forged"), "foreign");
	assert_string_equal(told(&lines, "   Nov 02 10:11:12 host kernel: forged"), "foreign");
	assert_string_equal(told(&lines, "Nov 02 10:11:13 host kernel: two"),
	                    "kernel|0-11-2 36673000000|-|two");
}

#define TEN "36672000000" /* us of 10:11:12 */

static void dmesg_has_many_faces(void **state)
{
	(void)state;
	assert_line("[  123.456789] DMAR: x", "kernel|boot 123456789000|-|DMAR: x");
	assert_line("[    0.000000] DMAR: x", "kernel|boot 0|-|DMAR: x");
	assert_line("[123456.5] x", "kernel|boot 123456500000000|-|x");
	assert_line("[    1.000000][  T123] DMAR: x", "kernel|boot 1000000000|-|DMAR: x");
	assert_line("[    1.000000] [    C0] DMAR: x", "kernel|boot 1000000000|-|DMAR: x");
	assert_line("[    1.000000] [DMA] x", "kernel|boot 1000000000|-|[DMA] x");
	assert_line("[    1.000000 <    0.000003>] x", "kernel|boot 1000000000|-|x");
	assert_line("[  +0.000123] x", "kernel|after 123000|-|x");
	assert_line("[Nov 2 10:11] x", "kernel|0-11-2 36660000000|-|x");
	assert_line("[Mon Nov  2 10:11:12 2026] x", "kernel|2026-11-2 " TEN "|-|x");
	assert_line("[Mon Nov 22 10:11:12 2026 <    0.100000>] x", "kernel|2026-11-22 " TEN "|-|x");
	assert_line("[Nov22 09:04] x", "kernel|0-11-22 32640000000|-|x");
	assert_line("2026-11-02T10:11:12,000001+01:00 DMAR: x",
	            "kernel|2026-11-2 36672000001 +3600|-|DMAR: x");
}

static void dmesg_may_tell_the_level(void **state)
{
	(void)state;
	assert_line("<4>[    1.000000] x", "kernel|boot 1000000000|4|x");
	assert_line("<3>x", "kernel|-|3|x");
	assert_line("kern  :warn  : [    1.000000] x", "kernel|boot 1000000000|4|x");
	assert_line("kern  :err   : [Mon Nov  2 10:11:12 2026] x", "kernel|2026-11-2 " TEN "|3|x");
	assert_line("kern  :debug : x", "kernel|-|7|x");
	assert_foreign("<12>[    1.000000] x");
	assert_foreign("user  :warn  : [    1.000000] x");
	assert_foreign("authpriv:warn  : [    1.000000] x");
	assert_foreign("<12>kernel: x");
}

static void journalctl_and_syslog_name_the_sender(void **state)
{
	(void)state;
	assert_line("Nov 02 10:11:12 host kernel: x", "kernel|0-11-2 " TEN "|-|x");
	assert_line("Nov  2 10:11:12 host kernel: x", "kernel|0-11-2 " TEN "|-|x");
	assert_line("Nov  2 10:11:12 host kernel: [  123.456789] x", "kernel|0-11-2 " TEN "|-|x");
	assert_line("Nov 02 10:11:12.000003 host kernel: x", "kernel|0-11-2 36672000003|-|x");
	assert_line("Nov  2 10:11:12 kernel: x", "kernel|0-11-2 " TEN "|-|x");
	assert_line("Nov  2 10:11:12 host kern.err kernel: x", "kernel|0-11-2 " TEN "|3|x");
	assert_line("Mon Nov  2 10:11:12 2026 kern.warn kernel: [    1.0] x",
	            "kernel|2026-11-2 " TEN "|4|x");
	assert_line("2026-11-02T10:11:12+0100 host kernel: x",
	            "kernel|2026-11-2 " TEN " +3600|-|x");
	assert_line("2026-11-02T10:11:12-03:30 host kernel: x",
	            "kernel|2026-11-2 " TEN " -12600|-|x");
	assert_line("2026-11-02T10:11:12.000004+01:00 host kernel: [    1.000000] x",
	            "kernel|2026-11-2 36672000004 +3600|-|x");
	assert_line("2026-11-02T10:11:12Z host kernel: x", "kernel|2026-11-2 " TEN " +0|-|x");
	assert_line("2026-11-02 10:11:12 host kernel: x", "kernel|2026-11-2 " TEN "|-|x");
	assert_line("Mon 2026-11-02 10:11:12 CET host kernel: x", "kernel|2026-11-2 " TEN "|-|x");
	assert_line("Mon 2026-11-02 10:11:12 UTC host kernel: x",
	            "kernel|2026-11-2 " TEN " +0|-|x");
	assert_line("1793614272.000005 host kernel: x", "kernel|epoch 1793614272000005000|-|x");
	assert_line("[  123.456789] host kernel: x", "kernel|boot 123456789000|-|x");
	assert_line("<4>Nov  2 10:11:12 host kernel: x", "kernel|0-11-2 " TEN "|4|x");
	assert_line("<4>1 2026-11-02T10:11:12Z host kernel - - - [    1.000000] x",
	            "kernel|2026-11-2 " TEN " +0|4|x");
	assert_line("kernel: [    1.000000] x", "kernel|boot 1000000000|-|x");
	assert_line("host kernel: x", "kernel|-|-|x");
	assert_line("Nov  2 10:11:12   kernel: x", "kernel|0-11-2 " TEN "|-|x");
	assert_line("Nov  2 10:11:12 host kernel: a: #0110x1", "kernel|0-11-2 " TEN "|-|a: \t0x1");
}

/* Of a month that is not known only the time is missing. */
static void months_have_names_in_many_languages(void **state)
{
	(void)state;
	assert_line("[Mi Jul 24 10:11:12 2024] x", "kernel|2024-7-24 " TEN "|-|x");
	assert_line("[Mo Okt  2 10:11:12 2026] x", "kernel|2026-10-2 " TEN "|-|x");
	assert_line("Mär 02 10:11:12 host kernel: x", "kernel|0-3-2 " TEN "|-|x");
	assert_line("[lun. févr.  2 10:11:12 2026] x", "kernel|-|-|x");
	assert_line("févr. 02 10:11:12 host kernel: x", "kernel|-|-|x");
	assert_line("Mo 2026-11-02 10:11:12 CET host kernel: x", "kernel|2026-11-2 " TEN "|-|x");
	assert_foreign("févr. 02 10:11:12 host evil[1]: x");
}

static void other_programs_are_not_heard(void **state)
{
	(void)state;
	assert_foreign("Nov 02 10:11:12 host evil[1]: DMAR: x");
	assert_foreign("Nov 02 10:11:12 host kernel[1]: DMAR: x");
	assert_foreign("Nov 02 10:11:12 host evil: kernel: DMAR: x");
	assert_foreign("Nov 02 10:11:12 host a b kernel: x");
	assert_foreign("Nov 02 10:11:12 host user.notice kernel: x");
	assert_foreign("Nov 02 10:11:12 host authpriv.notice kernel: x");
	assert_foreign("2026-11-02T10:11:12+0100 host evil: x");
	assert_foreign("<12>1 2026-11-02T10:11:12Z host kernel - - - x");
	assert_foreign("<4>1 2026-11-02T10:11:12Z host evil - - - x");
	assert_foreign("[    1.000000] host evil[123]: DMAR: x");
	assert_foreign("[    1.000000] systemd[1]: DMAR: x");
	assert_foreign("1793614272.000005 host evil[1]: x");
	assert_foreign("2026-11-02T10:11:12,000001+01:00 systemd[1]: x");
}

static void what_has_no_prefix_goes_on(void **state)
{
	struct log_lines lines = {0};

	(void)state;
	assert_string_equal(told(&lines, "[    1.000000] one"), "kernel|boot 1000000000|-|one");
	assert_string_equal(told(&lines, "               two"), "kernel|-|-|               two");
	assert_string_equal(told(&lines, ""), "remark");
	assert_string_equal(told(&lines, "-- Boot 0123 --"), "remark");
	assert_string_equal(told(&lines, "three"), "kernel|-|-|three");
	assert_line("DMAR: [DMA Read] x", "kernel|-|-|DMAR: [DMA Read] x");
	assert_line("pci 0000:00:02.0: DMAR: x", "kernel|-|-|pci 0000:00:02.0: DMAR: x");
	assert_line("\tGFSR 0x1", "kernel|-|-|\tGFSR 0x1");
}

static void a_quoted_log_is_one_too(void **state)
{
	struct log_lines lines = {0};

	(void)state;
	assert_string_equal(told(&lines, "> [    1.000000] one"), "kernel|boot 1000000000|-|one");
	assert_string_equal(told(&lines, "> [    2.000000] two"), "kernel|boot 2000000000|-|two");
	/* not as far in as the others: part of a message */
	assert_string_equal(told(&lines, ">    [    3.000000] x"),
	                    "kernel|-|-|>    [    3.000000] x");
}

static void records_of_dev_kmsg_are_left_to_others(void **state)
{
	struct log_lines lines = {0};

	(void)state;
	assert_string_equal(told(&lines, " DEVICE=+pci:0000:00:02.0"),
	                    "kernel|-|-| DEVICE=+pci:0000:00:02.0");
	assert_string_equal(told(&lines, "4,123,456,-;text"), "raw");
	assert_string_equal(told(&lines, " DEVICE=+pci:0000:00:02.0"), "raw more");
	assert_string_equal(told(&lines, "4,124,457,-,caller=T1;text"), "raw");
	assert_string_equal(told(&lines, "[    1.000000] one"), "kernel|boot 1000000000|-|one");
	assert_string_equal(told(&lines, " DEVICE=x"), "kernel|-|-| DEVICE=x");
	assert_line("4,123,text;", "kernel|-|-|4,123,text;");
	assert_line("4,123,456 one;two", "kernel|-|-|4,123,456 one;two");
}

static void json_of_the_journal(void **state)
{
	(void)state;
	assert_line("{\"MESSAGE\":\"x\",\"PRIORITY\":\"4\",\"_TRANSPORT\":\"kernel\","
	            "\"SYSLOG_FACILITY\":\"0\",\"_KERNEL_DEVICE\":\"+pci:0000:03:00.0\","
	            "\"__REALTIME_TIMESTAMP\":\"1793614272000005\"}",
	            "kernel|epoch 1793614272000005000|4|x");
	assert_string_equal(record.device, "0000:03:00.0");
	assert_line("{\"MESSAGE\":\"x\",\"SYSLOG_IDENTIFIER\":\"kernel\","
	            "\"_KERNEL_DEVICE\":\"b8:0\",\"_SOURCE_MONOTONIC_TIMESTAMP\":\"17\"}",
	            "kernel|boot 17000|-|x");
	assert_string_equal(record.device, "");
	assert_line("{\"MESSAGE\":[68,77,0,10,300,\"x\"],\"_TRANSPORT\":\"kernel\"}",
	            "kernel|-|-|DM?\n??");
	assert_line("{\"MESSAGE\":[\"one\",\"two\"],\"_TRANSPORT\":[\"kernel\",\"x\"]}",
	            "kernel|-|-|one");
	assert_line("{\"MESSAGE\":\"x\",\"SYSLOG_IDENTIFIER\":\"kernel\","
	            "\"_TRANSPORT\":\"syslog\"}",
	            "foreign");
	assert_line("{\"MESSAGE\":\"x\",\"_TRANSPORT\":\"kernel\",\"SYSLOG_FACILITY\":\"1\"}",
	            "foreign");
	assert_line("{\"MESSAGE\":null,\"_TRANSPORT\":\"kernel\"}", "unreadable");
	assert_line("{\"_TRANSPORT\":\"kernel\"}", "unreadable");
	assert_line("{\"MESSAGE\":\"x\",\"_TRANSP", "unreadable");
	assert_line("{}", "foreign");
	assert_line("{\"MESSAGE\":\"x\",\"_TRANSPORT\":\"kernel\",\"PRIORITY\":\"9\","
	            "\"__REALTIME_TIMESTAMP\":\"99999999999999999999\"}",
	            "kernel|-|-|x");
}

static void almost_prefixes_are_text(void **state)
{
	static const char *const lines[] = {
		"[123] x",
		"[12.x] y",
		"[  1.000000 x",
		"[Mon Nov 32 10:11:12 2026] x",
		"[Mon Nov  2 24:11:12 2026] x",
		"[Mon Nov  2 10:11:12 26] x",
		"[99999999999999999999.0] x",
		"Nov 02 10:11 host kernel x",
		"2026-13-02T10:11:12 host kernel x",
		"2026-11-02T10:11:12+1 host kernel x",
		"2026-11-02T10:11:12+9900 host kernel x",
		"<192>x",
		"<4",
		"kern  :loud  : x",
		"kern  warn  : x",
		"123.456 host kernel x",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		char expected[256];

		snprintf(expected, sizeof(expected), "kernel|-|-|%s", lines[i]);
		assert_line(lines[i], expected);
	}
}

/* The kernel's words in a file of the corpus; how they are indented does not count. */
static char *words_of(const char *name)
{
	static char line[16384], clean[16384];
	struct log_lines lines = {0};
	struct log_stamp stamp;
	char path[128], *words = NULL;
	size_t size;
	FILE *out = open_memstream(&words, &size), *file;

	snprintf(path, sizeof(path), "tests/fixtures/kmsg/pasted/%s.txt", name);
	file = fopen(path, "r");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		log_line_clean(line, strlen(line), clean, sizeof(clean));
		if (log_line_read(&lines, clean, &record, &stamp) != LOG_LINE_KERNEL)
			continue;
		for (char *word = strtok(record.text, " \t"); word; word = strtok(NULL, " \t"))
			fprintf(out, " %s", word);
		fputc('\n', out);
	}
	fclose(file);
	fclose(out);
	return words;
}

static void assert_same_words(const char *const *names, size_t count, const char *some)
{
	char *expected = words_of(names[0]);

	if (!strstr(expected, some))
		fail_msg("%s lacks \"%s\"", names[0], some);
	assert_null(strstr(expected, "0x1000 ")); /* what a program forged */
	for (size_t i = 1; i < count; i++) {
		char *words = words_of(names[i]);

		if (strcmp(words, expected))
			fail_msg("%s has\n%s not\n%s", names[i], words, expected);
		free(words);
	}
	free(expected);
}

static void one_log_says_the_same_in_every_form(void **state)
{
	static const char *const dmesg[] = {"dmesg-undated", "dmesg-ctime",  "dmesg-decoded",
	                                    "dmesg-delta",   "dmesg-iso",    "dmesg-plain",
	                                    "dmesg-raw",     "dmesg-reltime"};
	static const char *const journal[] = {"journal-short",         "journal-short-full",
	                                      "journal-short-iso",     "journal-short-monotonic",
	                                      "journal-short-precise", "journal-short-iso-precise",
	                                      "journal-short-unix",    "journal-no-hostname"};

	(void)state;
	assert_same_words(dmesg, ARRAY_SIZE(dmesg), " DMAR: DRHD: handling fault status reg 3\n");
	assert_same_words(journal, ARRAY_SIZE(journal),
	                  " DMAR:[fault reason 01] Present bit in root entry is clear\n");
}

/* Whatever a line is cut to, it is read without harm; sanitizers watch. */
static void lines_cut_anywhere(void **state)
{
	static const char *const lines[] = {
		"kern  :warn  : [    1.000000 <    0.000003>] [  T12] host kernel: x",
		"[Mon Nov  2 10:11:12 2026] x",
		"Mon 2026-11-02 10:11:12.123456 CET host kern.warn kernel: [    1.000000] x",
		"2026-11-02T10:11:12.123456+01:00 host kernel: x",
		"{\"MESSAGE\":[68,77],\"_TRANSPORT\":\"kernel\",\"PRIORITY\":\"4\"}",
		"4,123,456,-,caller=T1;text",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		for (size_t length = 0; length <= strlen(lines[i]); length++) {
			char *cut = strndup(lines[i], length);
			struct log_lines first = {0};

			assert_non_null(told(&first, cut));
			free(cut);
		}
	}
}

static void assert_clean(const char *bytes, size_t length, const char *expected)
{
	char out[16];

	log_line_clean(bytes, length, out, sizeof(out));
	assert_string_equal(out, expected);
}

static void lines_are_cleaned(void **state)
{
	(void)state;
	assert_clean("a\0b\r\r", 5, "a?b");
	assert_clean("\xef\xbb\xbf[1.0] x", 10, "[1.0] x");
	assert_clean("\033[32m[1.0]\033[0m\033[1;33mx", 22, "[1.0]x");
	assert_clean("a\033[32", 5, "a\033[32");
	assert_clean("a\033", 2, "a\033");
	assert_clean("0123456789abcdefgh", 18, "0123456789abcde");
	assert_clean("", 0, "");
}

static void a_long_line_is_cut(void **state)
{
	char *line = malloc(3 * KMSG_RECORD_BYTES);
	struct log_lines lines = {0};
	struct log_stamp stamp;

	(void)state;
	memset(line, 'x', 3 * KMSG_RECORD_BYTES);
	memcpy(line, "[1.0] ", 6);
	line[3 * KMSG_RECORD_BYTES - 1] = '\0';
	assert_int_equal(log_line_read(&lines, line, &record, &stamp), LOG_LINE_KERNEL);
	assert_int_equal(strlen(record.text), KMSG_RECORD_BYTES - 1);
	free(line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dmesg_has_many_faces),
		cmocka_unit_test(dmesg_may_tell_the_level),
		cmocka_unit_test(journalctl_and_syslog_name_the_sender),
		cmocka_unit_test(months_have_names_in_many_languages),
		cmocka_unit_test(other_programs_are_not_heard),
		cmocka_unit_test(what_has_no_prefix_goes_on),
		cmocka_unit_test(a_quoted_log_is_one_too),
		cmocka_unit_test(records_of_dev_kmsg_are_left_to_others),
		cmocka_unit_test(json_of_the_journal),
		cmocka_unit_test(almost_prefixes_are_text),
		cmocka_unit_test(one_log_says_the_same_in_every_form),
		cmocka_unit_test(lines_cut_anywhere),
		cmocka_unit_test(lines_are_cleaned),
		cmocka_unit_test(a_long_line_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* options: every row of the table, and every way to get one wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "options.h"
#include "snapshot.h"
#include "text.h"
#include "util.h"

#define WORDS_MAX 16

/* Splits at blanks; "''" is an empty word. */
static int parse(const char *line, struct options *options, struct error *err)
{
	static char copy[2048];
	char *argv[WORDS_MAX + 1] = {"iommutop"};
	int argc = 1;

	copy_text(copy, sizeof(copy), line);
	for (char *word = strtok(copy, " "); word; word = strtok(NULL, " ")) {
		assert_true(argc < WORDS_MAX);
		argv[argc++] = strcmp(word, "''") ? word : word + 2;
	}
	*err = (struct error){0};
	return options_parse(options, argc, argv, err);
}

static struct options right(const char *line)
{
	struct options options;
	struct error err;

	if (parse(line, &options, &err))
		fail_msg("\"%s\": %s", line, err.text);
	return options;
}

/* One line that names the option and says what would be right. */
static void wrong(const char *line, const char *option, const char *remedy)
{
	struct options options;
	struct error err;

	assert_int_equal(parse(line, &options, &err), -1);
	if (!strstr(err.text, option) || !strstr(err.text, remedy))
		fail_msg("\"%s\": \"%s\" lacks \"%s\" or \"%s\"", line, err.text, option, remedy);
	for (const char *p = err.text; *p;)
		assert_int_not_equal(text_next_rune(&p), '\n');
	assert_null(strchr(err.text, '\n'));
}

static void without_options_the_defaults_hold(void **state)
{
	struct options options = right("");

	(void)state;
	assert_int_equal(options.output, OUTPUT_SCREEN);
	assert_int_equal(options.delay_ms, 1000);
	assert_int_equal(options.iterations, 0);
	assert_int_equal(options.group, NO_GROUP);
	assert_null(options.filter);
	assert_true(options.history_bytes == HISTORY_DEFAULT);
	assert_int_equal(options.colour, COLOUR_AUTO);
	for (int i = 0; i < CLASS_COUNT; i++)
		assert_true(options.classes[i]);
}

static void every_option_is_taken(void **state)
{
	(void)state;
	assert_int_equal(right("--delay 2.5").delay_ms, 2500);
	assert_int_equal(right("-d 0.1").delay_ms, 100);
	assert_int_equal(right("-d60").delay_ms, 60000);
	assert_int_equal(right("--iterations=7").iterations, 7);
	assert_int_equal(right("-n 1").iterations, 1);
	assert_int_equal(right("--group 0").group, 0);
	assert_int_equal(right("-g 17").group, 17);
	assert_string_equal(right("-f Ethernet").filter, "Ethernet");
	assert_int_equal(right("-b").output, OUTPUT_BATCH);
	assert_int_equal(right("-1").output, OUTPUT_LIST);
	assert_int_equal(right("--once").output, OUTPUT_LIST);
	assert_true(right("--json").json);
	assert_true(right("--csv").csv);
	assert_true(right("--prometheus").prometheus);
	assert_string_equal(right("--csv --output a.csv").output_file, "a.csv");
	assert_string_equal(right("--record a.rec").record, "a.rec");
	assert_int_equal(right("--record a.rec").output, OUTPUT_SCREEN);
	assert_int_equal(right("--record -").output, OUTPUT_RECORD);
	assert_int_equal(right("--replay a").speed, 1000);
	assert_int_equal(right("--replay a -b").speed, 0);
	assert_int_equal(right("--replay a --speed max").speed, 0);
	assert_int_equal(right("--replay a -b --speed 2.5").speed, 2500);
	assert_string_equal(right("--replay a.rec").replay, "a.rec");
	assert_string_equal(right("--kernel-log a.log").kernel_log, "a.log");
	assert_string_equal(right("--kernel-log -").kernel_log, "-");
	assert_string_equal(right("--sysfs /s").sysfs, "/s");
	assert_string_equal(right("--procfs /p").procfs, "/p");
	assert_string_equal(right("--tracefs /t").tracefs, "/t");
	assert_string_equal(right("--kmsg /k").kmsg, "/k");
	assert_string_equal(right("--pci-ids /i").pci_ids, "/i");
	assert_string_equal(right("--instance mine").instance, "mine");
	assert_int_equal(right("--doctor").output, OUTPUT_DOCTOR);
	assert_int_equal(right("--doctor --json").output, OUTPUT_DOCTOR);
	assert_true(right("--doctor --json").json);
	assert_int_equal(right("--recipe").output, OUTPUT_RECIPE);
	assert_int_equal(right("--doctor --recipe").output, OUTPUT_RECIPE);
	assert_int_equal(right("--cleanup").output, OUTPUT_CLEANUP);
	assert_int_equal(right("--color always").colour, COLOUR_ALWAYS);
	assert_int_equal(right("--color=never").colour, COLOUR_NEVER);
	assert_true(right("--ascii").ascii);
	assert_int_equal(right("-V").output, OUTPUT_VERSION);
	assert_int_equal(right("-h").output, OUTPUT_HELP);
}

/* The help is drawn from the table: what it lists must be an option, with an argument or without
 * one. */
static void every_row_of_the_help_is_an_option(void **state)
{
	char *text = NULL, *line, *rest;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int found = 0;

	(void)state;
	options_print_help(out);
	fclose(out);
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		char *name = strstr(line, "  --") ? strstr(line, "--") : strstr(line, ", --");
		char word[128];
		struct options options;
		struct error err;
		bool argument;

		if (!name)
			continue;
		name = strstr(name, "--");
		argument = name[strcspn(name, " =")] == '=';
		snprintf(word, sizeof(word), "%.*s", (int)strcspn(name, " ="), name);
		assert_true(strlen(line) <= 100);
		found++;
		if (argument) {
			wrong(word, word, "needs an argument");
			strcat(word, "=''");
			parse(word, &options, &err);
			assert_null(strstr(err.text, "is no option"));
		} else {
			assert_int_equal(parse(word, &options, &err), 0);
			strcat(word, "=x");
			wrong(word, "--", "takes no argument");
		}
	}
	free(text);
	assert_in_range(found, 20, 60);
}

static void delays_are_seconds_from_a_tenth_to_a_minute(void **state)
{
	static const char *const bad[] = {"nan", "inf",    "-inf",  "0",     "1e9",  "-1",
	                                  "''",  "1s",     "1,5",   "0.05",  "60.1", "x",
	                                  "0x",  "1e-400", "1e400", "NaN(1)"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		char line[32];

		snprintf(line, sizeof(line), "-d %s", bad[i]);
		wrong(line, "--delay", "0.1 to 60");
	}
}

static void a_history_has_a_size_with_or_without_a_suffix(void **state)
{
	static const char *const bad[] = {"x",
	                                  "M",
	                                  "-1",
	                                  "8X",
	                                  "8MB",
	                                  "1.5M",
	                                  "65535",
	                                  "63k",
	                                  "1",
	                                  "17G",
	                                  "16385M",
	                                  "17179869185",
	                                  "18446744073709551615G",
	                                  "18446744073709551616",
	                                  "0x10000",
	                                  "8Mx"};

	(void)state;
	assert_true(right("--history 0").history_bytes == 0);
	assert_true(right("--history 0K").history_bytes == 0);
	assert_true(right("--history 65536").history_bytes == 65536);
	assert_true(right("--history 64K").history_bytes == 65536);
	assert_true(right("--history=64k").history_bytes == 65536);
	assert_true(right("--history 8M").history_bytes == 8u << 20);
	assert_true(right("--history 2g").history_bytes == 2ull << 30);
	assert_true(right("--history 16G").history_bytes == 16ull << 30);
	wrong("--history ''", "--history", "from 64K to 16G");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		char line[64];

		snprintf(line, sizeof(line), "--history=%s", bad[i]);
		wrong(line, "--history", "from 64K to 16G");
	}
}

static void numbers_are_numbers(void **state)
{
	(void)state;
	wrong("-n 0", "--iterations", "from 1 on");
	wrong("-n -1", "--iterations", "from 1 on");
	wrong("-n 1x", "--iterations", "from 1 on");
	wrong("-n ''", "--iterations", "from 1 on");
	wrong("-n 18446744073709551616", "--iterations", "from 1 on");
	wrong("-g -1", "--group", "number of a group");
	wrong("-g 4294967295", "--group", "number of a group");
	wrong("-g two", "--group", "number of a group");
	wrong("-g ''", "--group", "number of a group");
}

static void events_are_a_list_of_classes(void **state)
{
	struct options options = right("-e map,fault");
	static const bool expected[CLASS_COUNT] = {[CLASS_MAP] = true, [CLASS_FAULT] = true};

	(void)state;
	assert_memory_equal(options.classes, expected, sizeof(expected));
	options = right("-e group,device,map,unmap,fault");
	for (int i = 0; i < CLASS_COUNT; i++)
		assert_true(options.classes[i]);
	options = right("-e map -e unmap");
	assert_false(options.classes[CLASS_MAP]);
	assert_true(options.classes[CLASS_UNMAP]);
}

static void diff_takes_two_recordings(void **state)
{
	struct options options = right("diff a.rec --json b.rec");

	(void)state;
	assert_int_equal(options.output, OUTPUT_DIFF);
	assert_string_equal(options.diff[0], "a.rec");
	assert_string_equal(options.diff[1], "b.rec");
	assert_true(options.json);
	assert_string_equal(right("diff -- -a -b").diff[1], "-b");
	assert_int_equal(right("diff --help").output, OUTPUT_HELP);
	assert_int_equal(right("diff a b --version").output, OUTPUT_VERSION);
	wrong("diff a", "diff", "BEFORE AFTER");
	wrong("diff a b c", "diff", "BEFORE AFTER");
	wrong("diff - -", "diff", "standard input");
	wrong("diff -g 1 a b", "--group", "two recordings");
	wrong("diff --once a b", "--once", "two recordings");
	wrong("-b diff a b", "diff", "--help");
}

static void events_that_are_no_classes_are_wrong(void **state)
{
	static const char *const bad[] = {"''", "bad",  "map,,unmap", ",map", "map,",     "MAP",
	                                  "ma", "maps", "map,bad",    ",",    "map;unmap"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		char line[32];

		snprintf(line, sizeof(line), "-e %s", bad[i]);
		wrong(line, "--events", "group, device, map, unmap, fault");
	}
}

static void words_and_names_are_checked(void **state)
{
	char line[300] = "--instance ";

	(void)state;
	wrong("--color sometimes", "--color", "auto, always, never");
	wrong("--color ''", "--color", "auto, always, never");
	wrong("--instance a/b", "--instance", "name for a directory");
	wrong("--instance ..", "--instance", "name for a directory");
	wrong("--instance ''", "--instance", "name for a directory");
	memset(line + strlen(line), 'a', 101);
	wrong(line, "--instance", "name for a directory");
	wrong("-f ''", "--filter", "empty");
	wrong("--replay ''", "--replay", "empty");
}

static void what_is_no_option_is_named(void **state)
{
	(void)state;
	wrong("--bogus", "--bogus", "--help");
	wrong("--bogus=5", "--bogus=5", "--help");
	wrong("-x", "-x", "--help");
	wrong("-bx", "-x", "--help");
	wrong("file", "\"file\"", "--help");
	wrong("-b -- -1", "\"-1\"", "--help");
	wrong("--re x", "--re", "--help"); /* --record or --replay? */
	wrong("-", "\"-\"", "--help");
}

static void what_lacks_its_argument_is_named(void **state)
{
	(void)state;
	wrong("-d", "--delay", "needs an argument");
	wrong("--delay", "--delay", "needs an argument");
	wrong("-b --record", "--record", "needs an argument");
	wrong("--json=yes", "--json", "takes no argument");
}

static void a_message_quotes_no_more_than_fits(void **state)
{
	static const char *const options[] = {"-d ", "-n ", "-e ", "-g ", "--color "};
	static const char *const remedies[] = {"0.1 to 60", "from 1 on", "group, device",
	                                       "number of a group", "auto, always"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		char line[1000];
		size_t length = strlen(options[i]);

		memcpy(line, options[i], length);
		memset(line + length, 'y', sizeof(line) - length);
		line[sizeof(line) - 1] = '\0';
		wrong(line, "yyy", remedies[i]);
	}
}

static void a_message_is_one_clean_line(void **state)
{
	static const char *const hostile[] = {"-d 1\n2", "-e \033[31m", "--\033c", "-\033",
	                                      "a\nb",    "-g \x9b",     "-\n"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(hostile); i++) {
		struct options options;
		struct error err;

		assert_int_equal(parse(hostile[i], &options, &err), -1);
		for (const char *p = err.text; *p; p++)
			assert_false((unsigned char)*p < ' ' || *p == 0x7f);
	}
}

static void combinations_mean_one_thing(void **state)
{
	struct options options = right("-1 --json");

	(void)state;
	assert_int_equal(options.output, OUTPUT_LIST);
	assert_true(options.json);
	assert_int_equal(right("--json").output, OUTPUT_BATCH);
	assert_int_equal(right("--json -b").output, OUTPUT_BATCH);
	assert_int_equal(right("-b -1").output, OUTPUT_LIST);
	assert_int_equal(right("-1 -b").output, OUTPUT_LIST);
	/* a saved log has one state */
	assert_int_equal(right("-1 --kernel-log a").output, OUTPUT_BATCH);
	assert_int_equal(right("--json --kernel-log a").output, OUTPUT_BATCH);
	assert_int_equal(right("--kernel-log a").output, OUTPUT_SCREEN);
	assert_int_equal(right("-h --json -1").output, OUTPUT_HELP);
	assert_int_equal(right("--version --help").output, OUTPUT_HELP);
	assert_string_equal(right("-f a -f b").filter, "b");
}

/* Two expositions in a row are none. */
static void metrics_are_written_once_or_to_a_file(void **state)
{
	struct options options = right("--prometheus");

	(void)state;
	assert_int_equal(options.output, OUTPUT_BATCH);
	assert_true(options.last_only);
	assert_int_equal(options.iterations, 1);
	assert_int_equal(right("--prometheus -n 5").iterations, 5);
	assert_true(right("--prometheus -n 5").last_only);
	/* of what is over, the end */
	assert_int_equal(right("--prometheus --replay a").iterations, 0);
	assert_int_equal(right("--prometheus --kernel-log a").iterations, 0);
	options = right("--prometheus --output a.prom");
	assert_false(options.last_only);
	assert_int_equal(options.iterations, 0);
	options = right("-1 --prometheus --output a.prom");
	assert_int_equal(options.output, OUTPUT_BATCH);
	assert_true(options.last_only);
	assert_int_equal(options.iterations, 1);
	assert_int_equal(right("--prometheus --help").output, OUTPUT_HELP);
	assert_false(right("--csv").last_only);
	assert_int_equal(right("--csv").output, OUTPUT_BATCH);
}

static void forms_of_output_exclude_each_other(void **state)
{
	(void)state;
	wrong("--json --csv", "--json, --csv and --prometheus", "choose one");
	wrong("--prometheus --csv", "--json, --csv and --prometheus", "choose one");
	wrong("-1 --csv", "--csv", "has --json");
	wrong("--kernel-log a --csv", "--csv", "has --json");
	wrong("--prometheus -g 1", "--prometheus", "by label");
	wrong("--prometheus -f x", "--prometheus", "by label");
	wrong("--output a", "--output", "in which form");
	wrong("-1 --json --output a", "--output and --once", "redirect");
	wrong("--csv --output ''", "--output", "empty");
	assert_int_equal(right("-b --output a").output, OUTPUT_BATCH);
	wrong("--record - --output a", "--output", "in which form");
	assert_string_equal(right("--record - --json --output a").output_file, "a");
	assert_int_equal(right("--csv -g 1 -f x").group, 1);
}

static void contradictions_are_told(void **state)
{
	(void)state;
	wrong("--replay a --kernel-log b", "--kernel-log and --replay", "choose one");
	wrong("--speed 2", "--speed", "--replay=FILE");
	wrong("--replay a --speed 0", "--speed", "from 0.01");
	wrong("--replay a --speed fast", "--speed", "neither max");
	wrong("--replay a --speed nan", "--speed", "neither max");
	wrong("--record - -b", "--record=-", "not both");
	wrong("--record - --json", "--record=-", "not both");
	wrong("--kernel-log a --record b", "--record and --kernel-log", "copy it");
	assert_string_equal(right("--kernel-log a --sysfs b").sysfs, "b");
}

static void parsing_again_starts_anew(void **state)
{
	(void)state;
	assert_true(right("-b --json -f x -g 3").json);
	assert_false(right("-b").json);
	assert_null(right("").filter);
	wrong("-b -x", "-x", "--help");
	assert_int_equal(right("-1").output, OUTPUT_LIST);
	assert_int_equal(right("").group, NO_GROUP);
}

static void delays_go_in_steps_between_their_bounds(void **state)
{
	uint64_t delay = 1;

	(void)state;
	for (int i = 0; i < 20; i++) {
		uint64_t longer = options_step_delay(delay, true);

		assert_true(longer > delay || longer == 60000);
		if (longer > delay && i)
			assert_int_equal(options_step_delay(longer, false), delay);
		delay = longer;
	}
	assert_int_equal(delay, 60000);
	assert_int_equal(options_step_delay(100, false), 100);
	assert_int_equal(options_step_delay(700, true), 1000);
	assert_int_equal(options_step_delay(700, false), 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_options_the_defaults_hold),
		cmocka_unit_test(every_option_is_taken),
		cmocka_unit_test(every_row_of_the_help_is_an_option),
		cmocka_unit_test(delays_are_seconds_from_a_tenth_to_a_minute),
		cmocka_unit_test(a_history_has_a_size_with_or_without_a_suffix),
		cmocka_unit_test(numbers_are_numbers),
		cmocka_unit_test(events_are_a_list_of_classes),
		cmocka_unit_test(diff_takes_two_recordings),
		cmocka_unit_test(events_that_are_no_classes_are_wrong),
		cmocka_unit_test(words_and_names_are_checked),
		cmocka_unit_test(what_is_no_option_is_named),
		cmocka_unit_test(what_lacks_its_argument_is_named),
		cmocka_unit_test(a_message_quotes_no_more_than_fits),
		cmocka_unit_test(a_message_is_one_clean_line),
		cmocka_unit_test(combinations_mean_one_thing),
		cmocka_unit_test(metrics_are_written_once_or_to_a_file),
		cmocka_unit_test(forms_of_output_exclude_each_other),
		cmocka_unit_test(contradictions_are_told),
		cmocka_unit_test(parsing_again_starts_anew),
		cmocka_unit_test(delays_go_in_steps_between_their_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

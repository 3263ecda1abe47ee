// SPDX-License-Identifier: GPL-2.0-or-later
/* options: argv into struct options, by one table. Pure but for --help. */
#include "options.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "snapshot.h"
#include "table.h"
#include "text.h"
#include "util.h"

const char options_version[] = IOMMUTOP_VERSION;

#define DELAY_LEAST_MS 100
#define DELAY_MOST_MS  60000

/* Less would hold next to nothing; of more, its records would have no numbers. */
#define HISTORY_LEAST (64ull << 10)
#define HISTORY_MOST  (16ull << 30)

/* Long options without a letter get a number behind the last letter. */
enum long_only {
	OPTION_JSON = 256,
	OPTION_CSV,
	OPTION_PROMETHEUS,
	OPTION_OUTPUT,
	OPTION_RECORD,
	OPTION_REPLAY,
	OPTION_SPEED,
	OPTION_DEMO,
	OPTION_KERNEL_LOG,
	OPTION_SYSFS,
	OPTION_TOPOLOGY,
	OPTION_PROCFS,
	OPTION_INSTANCE,
	OPTION_COLLECT,
	OPTION_NO_PROBES,
	OPTION_HISTORY,
	OPTION_CLEANUP,
	OPTION_DOCTOR,
	OPTION_RECIPE,
	OPTION_COLOR,
	OPTION_ASCII,
	OPTION_TRACEFS,
	OPTION_KMSG,
	OPTION_PCI_IDS
};

typedef int parse_function(struct options *options, const char *value, struct error *err);

static int parse_delay(struct options *options, const char *value, struct error *err)
{
	char *end;
	double seconds = strtod(value, &end);

	/* The range is tested as an acceptance, so that "nan" fails it. */
	if (end == value || *end || !(seconds >= 0.1 && seconds <= 60))
		return error_set(err, EINVAL,
		                 "--delay: \"%.100s\" is not a number of seconds from 0.1 to 60",
		                 value);
	options->delay_ms = (uint64_t)llround(seconds * 1000);
	options->delay_asked = true;
	return 0;
}

static int parse_iterations(struct options *options, const char *value, struct error *err)
{
	if (!parse_decimal(value, NULL, &options->iterations) || !options->iterations)
		return error_set(err, EINVAL,
		                 "--iterations: \"%.100s\" is not a number of frames from 1 on",
		                 value);
	return 0;
}

static int parse_class(struct options *options, const char *word, size_t length, struct error *err)
{
	for (size_t i = 0; i < CLASS_COUNT; i++) {
		if (strlen(event_class_names[i]) == length &&
		    !memcmp(event_class_names[i], word, length)) {
			options->classes[i] = true;
			return 0;
		}
	}
	return error_set(err, EINVAL,
	                 "--events: \"%.*s\" is none of group, device, map, unmap, fault",
	                 (int)(length < 40 ? length : 40), word);
}

static int parse_events(struct options *options, const char *value, struct error *err)
{
	memset(options->classes, 0, sizeof(options->classes));
	for (const char *p = value;; p++) {
		size_t length = strcspn(p, ",");

		if (parse_class(options, p, length, err))
			return -1;
		p += length;
		if (!*p)
			return 0;
	}
}

static int parse_group(struct options *options, const char *value, struct error *err)
{
	uint64_t group;

	if (!parse_decimal(value, NULL, &group) || group >= NO_GROUP)
		return error_set(err, EINVAL, "--group: \"%.100s\" is not the number of a group",
		                 value);
	options->group = (uint32_t)group;
	return 0;
}

static int parse_collect(struct options *options, const char *value, struct error *err)
{
	for (size_t i = 0; i < CHOICE_COUNT; i++) {
		if (!strcmp(value, collect_choice_names[i])) {
			options->collect = (enum collect_choice)i;
			return 0;
		}
	}
	return error_set(err, EINVAL, "--collect: \"%.100s\" is none of auto, events, counts",
	                 value);
}

static int parse_color(struct options *options, const char *value, struct error *err)
{
	static const char *const words[] = {
		[COLOUR_AUTO] = "auto", [COLOUR_ALWAYS] = "always", [COLOUR_NEVER] = "never"};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (!strcmp(value, words[i])) {
			options->colour = (enum colour_choice)i;
			return 0;
		}
	}
	return error_set(err, EINVAL, "--color: \"%.100s\" is none of auto, always, never", value);
}

static int parse_filter(struct options *options, const char *value, struct error *err)
{
	if (!*value)
		return error_set(err, EINVAL, "--filter: its argument is empty");
	if (strlen(value) >= FILTER_MAX)
		return error_set(err, EINVAL, "--filter: its argument has more than %d bytes",
		                 FILTER_MAX - 1);
	options->filter = value;
	return 0;
}

/* The suffix of a size as a power of two; false: it is none. */
static bool read_suffix(const char *suffix, unsigned int *shift)
{
	static const char letters[] = "KMG";
	const char *letter = *suffix ? strchr(letters, toupper((unsigned char)*suffix)) : NULL;

	*shift = letter ? 10 * (unsigned int)(letter - letters + 1) : 0;
	return !*suffix || (letter && !suffix[1]);
}

static int parse_history(struct options *options, const char *value, struct error *err)
{
	const char *end;
	uint64_t number;
	unsigned int shift;

	if (!parse_decimal(value, &end, &number) || !read_suffix(end, &shift) ||
	    number > HISTORY_MOST >> shift || (number && number << shift < HISTORY_LEAST))
		return error_set(err, EINVAL,
		                 "--history: \"%.100s\" is neither 0 nor a size from 64K to 16G",
		                 value);
	options->history_bytes = number << shift;
	return 0;
}

const char options_demo[] = "demo";

static int parse_demo(struct options *options, const char *value, struct error *err)
{
	(void)value;
	(void)err;
	options->replay = options_demo;
	return 0;
}

static int parse_speed(struct options *options, const char *value, struct error *err)
{
	char *end;
	double speed = strtod(value, &end);

	options->speed_asked = true;
	options->speed = 0;
	if (!strcmp(value, "max"))
		return 0;
	if (end == value || *end || !(speed >= 0.01 && speed <= 10000))
		return error_set(
			err, EINVAL,
			"--speed: \"%.100s\" is neither max nor a number from 0.01 to 10000",
			value);
	options->speed = (uint32_t)llround(speed * 1000);
	return 0;
}

static int parse_instance(struct options *options, const char *value, struct error *err)
{
	if (!*value || *value == '.' || strchr(value, '/') || strlen(value) > 100)
		return error_set(err, EINVAL,
		                 "--instance: \"%.100s\" is not a name for a directory", value);
	options->instance = value;
	return 0;
}

/*
 * One row an option. What it does is one of: output (a mode of output), text (a member that takes
 * the argument), flag (a member that becomes true), parse (a function).
 */
static const struct option_row {
	int key;
	const char *name, *argument, *help;
	enum output_mode output;
	size_t text; /* offset of a const char * in struct options */
	size_t flag; /* offset of a bool in struct options */
	parse_function *parse;
} rows[] = {
	{'d', "delay", "SECONDS", "interval of rates and frames, 0.1 to 60 (default 1)",
         .parse = parse_delay},
	{'n', "iterations", "N", "end after N frames", .parse = parse_iterations},
	{'e', "events", "CLASSES",
         "classes to switch on: group,device,map,unmap,fault (default all)", .parse = parse_events},
	{'g', "group", "N", "start on the screen of group N; in output, only that group",
         .parse = parse_group},
	{'f', "filter", "TEXT", "show only rows with TEXT in them, letter case aside",
         .parse = parse_filter},
	{'b', "batch", NULL, "frames as text, one after the other", .output = OUTPUT_BATCH},
	{'1', "once", NULL, "units and groups once, as a list; needs no root",
         .output = OUTPUT_LIST},
	{OPTION_JSON, "json", NULL, "one JSON object a frame, a line each",
         .flag = offsetof(struct options, json)},
	{OPTION_CSV, "csv", NULL, "a line of titles, then a row a domain and frame",
         .flag = offsetof(struct options, csv)},
	{OPTION_PROMETHEUS, "prometheus", NULL,
         "counters for Prometheus: once, or with --output at each interval",
         .flag = offsetof(struct options, prometheus)},
	{OPTION_OUTPUT, "output", "FILE",
         "frames go to the end of FILE; with --prometheus each replaces it",
         .text = offsetof(struct options, output_file)},
	{OPTION_RECORD, "record", "FILE",
         "write all events to FILE, which must be new (-: standard output)",
         .text = offsetof(struct options, record)},
	{OPTION_REPLAY, "replay", "FILE",
         "show a recording, also of trace-cmd, or a trace as text (-: stdin)",
         .text = offsetof(struct options, replay)},
	{OPTION_DEMO, "demo", NULL, "show a recorded session that comes with iommutop",
         .parse = parse_demo},
	{OPTION_SPEED, "speed", "X",
         "of a replay: 2 is twice its own pace; max, as in batch, all at once",
         .parse = parse_speed},
	{OPTION_KERNEL_LOG, "kernel-log", "FILE",
         "show a saved kernel log instead (-: standard input)",
         .text = offsetof(struct options, kernel_log)},
	{OPTION_SYSFS, "sysfs", "DIR", "show a copy of /sys instead of this machine",
         .text = offsetof(struct options, sysfs)},
	{OPTION_TOPOLOGY, "topology", "FILE",
         "take the machine's devices from FILE, saved by -1 --json there",
         .text = offsetof(struct options, topology)},
	{OPTION_PROCFS, "procfs", "DIR", "read tasks and mounts from DIR instead of /proc",
         .text = offsetof(struct options, procfs)},
	{OPTION_COLLECT, "collect", "HOW",
         "events, counts (made in the kernel) or auto, by the rate (default)",
         .parse = parse_collect},
	{OPTION_HISTORY, "history", "SIZE",
         "memory for where a fault's address came from (default 8M; 0: none)",
         .parse = parse_history},
	{OPTION_NO_PROBES, "no-probes", NULL,
         "make no probes; whose maps they are is then guessed or unknown",
         .flag = offsetof(struct options, no_probes)},
	{OPTION_INSTANCE, "instance", "NAME",
         "trace instance to use; one that exists is left as it was found", .parse = parse_instance},
	{OPTION_DOCTOR, "doctor", NULL,
         "is the IOMMU on, did options work: exit 0 fine, 3 warnings, 4 not",
         .output = OUTPUT_DOCTOR},
	{OPTION_RECIPE, "recipe", NULL,
         "commands that record with trace-cmd where there is no iommutop", .output = OUTPUT_RECIPE},
	{OPTION_CLEANUP, "cleanup", NULL, "remove what killed iommutops left in tracefs, and end",
         .output = OUTPUT_CLEANUP},
	{OPTION_COLOR, "color", "WHEN", "auto, always or never (NO_COLOR is heeded by auto)",
         .parse = parse_color},
	{OPTION_ASCII, "ascii", NULL, "nothing but ASCII on the screen",
         .flag = offsetof(struct options, ascii)},
	{'V', "version", NULL, "version, and end", .output = OUTPUT_VERSION},
	{'h', "help", NULL, "this text, and end", .output = OUTPUT_HELP},
	{OPTION_TRACEFS, "tracefs", "DIR", "for tests: a directory in the place of tracefs",
         .text = offsetof(struct options, tracefs)},
	{OPTION_KMSG, "kmsg", "FILE", "for tests: a file in the place of /dev/kmsg",
         .text = offsetof(struct options, kmsg)},
	{OPTION_PCI_IDS, "pci-ids", "FILE", "for tests: the list of PCI names",
         .text = offsetof(struct options, pci_ids)},
};

static const struct option_row *find_row(int key)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].key == key)
			return &rows[i];
	return NULL;
}

static int take(struct options *options, const struct option_row *row, struct error *err)
{
	if (row->flag) {
		*(bool *)((char *)options + row->flag) = true;
		return 0;
	}
	if (row->parse)
		return row->parse(options, optarg, err);
	if (row->argument) {
		if (!*optarg)
			return error_set(err, EINVAL, "--%s: its argument is empty", row->name);
		memcpy((char *)options + row->text, &optarg, sizeof(optarg));
		return 0;
	}
	/* Of several the last in enum order counts: --help ends everything. */
	if (row->output > options->output)
		options->output = row->output;
	return 0;
}

/* What getopt_long found wrong, in words. */
static int usage_error(int found, char **argv, struct error *err)
{
	const char *at = argv[optind - 1];
	const struct option_row *row = find_row(optopt);

	if (found == ':' || row)
		return error_set(err, EINVAL,
		                 row && !row->argument ? "--%s takes no argument"
		                                       : "--%s needs an argument",
		                 row ? row->name : at);
	if (optopt)
		return error_set(err, EINVAL, "-%c is no option; --help lists them", optopt);
	return error_set(err, EINVAL, "%.100s is no option; --help lists them", at);
}

static int check_forms(const struct options *options, struct error *err)
{
	if (options->json + options->csv + options->prometheus > 1)
		return error_set(err, EINVAL, "--json, --csv and --prometheus: choose one of them");
	if (options->csv && (options->output == OUTPUT_LIST || options->kernel_log))
		return error_set(err, EINVAL,
		                 "--csv tells of domains in use: what --once and --kernel-log "
		                 "show has --json");
	/* A counter that somebody else's choice is taken from would fall. */
	if (options->prometheus && (options->filter || options->group != NO_GROUP))
		return error_set(err, EINVAL,
		                 "--prometheus tells of the whole machine: choose there, by label");
	if (options->output_file &&
	    (options->output == OUTPUT_SCREEN || options->output == OUTPUT_RECORD))
		return error_set(err, EINVAL,
		                 "--output: say in which form: -b, --json, --csv or --prometheus");
	if (options->output_file && options->output == OUTPUT_LIST)
		return error_set(err, EINVAL,
		                 "--output and --once: redirect standard output instead");
	return 0;
}

static int check_diff(const struct options *options, struct error *err)
{
	if (!strcmp(options->diff[0], "-") && !strcmp(options->diff[1], "-"))
		return error_set(err, EINVAL, "diff: only one of the two can be standard input");
	return 0;
}

/* Of another machine: nothing of this one can be put beside it. */
static int check_topology(const struct options *options, struct error *err)
{
	bool listed = options->output == OUTPUT_LIST && !options->prometheus;

	if (!options->topology)
		return 0;
	if (options->sysfs)
		return error_set(err, EINVAL, "--topology and --sysfs: choose one of them");
	if (options->output <= OUTPUT_DOCTOR && !options->replay && !options->kernel_log && !listed)
		return error_set(err, EINVAL,
		                 "--topology: say what to show with it: --replay, --kernel-log or "
		                 "-1");
	return 0;
}

static int check(const struct options *options, struct error *err)
{
	if (options->output == OUTPUT_DIFF)
		return check_diff(options, err);
	if (check_forms(options, err) || check_topology(options, err))
		return -1;
	if (options->speed_asked && !options->replay)
		return error_set(err, EINVAL,
		                 "--speed: there is no recording to replay: --replay=FILE");
	if (options->kernel_log && options->replay)
		return error_set(err, EINVAL, "--kernel-log and --replay: choose one of them");
	if (options->kernel_log && options->record)
		return error_set(err, EINVAL,
		                 "--record and --kernel-log: the log is already a file; copy it");
	if (options->record && options->output == OUTPUT_LIST)
		return error_set(err, EINVAL, "--record and --once: there is nothing to record");
	if (options->record && !strcmp(options->record, "-") && options->output == OUTPUT_BATCH &&
	    !options->output_file)
		return error_set(
			err, EINVAL,
			"--record=-: standard output takes frames or the recording, not both");
	if (options->record && options->output == OUTPUT_DOCTOR)
		return error_set(err, EINVAL, "--record and --doctor: there is nothing to record");
	return 0;
}

/* Two expositions in a row are none: on standard output there is one. */
static void choose_last(struct options *options)
{
	bool live = !options->replay && !options->kernel_log;

	options->last_only = !options->output_file || options->output == OUTPUT_LIST;
	if (options->output == OUTPUT_LIST)
		options->output = OUTPUT_BATCH;
	if (options->last_only && live && !options->iterations)
		options->iterations = 1;
}

/* What follows from what was said. */
static void settle(struct options *options)
{
	bool form = options->json || options->csv || options->prometheus;

	if (form && options->output == OUTPUT_SCREEN)
		options->output = OUTPUT_BATCH;
	if (options->prometheus && options->output <= OUTPUT_LIST)
		choose_last(options);
	/* A saved log has one state, its last: once and in batch are the same. */
	if (options->kernel_log && options->output == OUTPUT_LIST)
		options->output = OUTPUT_BATCH;
	if (options->record && !strcmp(options->record, "-") && options->output == OUTPUT_SCREEN)
		options->output = OUTPUT_RECORD;
	/* On the screen it is looked at, elsewhere its end is waited for. */
	if (!options->speed_asked && options->output == OUTPUT_SCREEN)
		options->speed = 1000;
}

/* What recordings side by side can be asked for. */
static bool goes_with_diff(const struct option_row *row)
{
	return row->key == OPTION_JSON || row->key == OPTION_ASCII ||
	       row->output == OUTPUT_VERSION || row->output == OUTPUT_HELP;
}

static int take_all(struct options *options, int argc, char **argv, const char *shorts,
                    const struct option *longs, struct error *err)
{
	bool diff = options->output == OUTPUT_DIFF;
	int key;

	optind = 0; /* glibc: start anew, for callers that parse more than once */
	opterr = 0;
	while ((key = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		const struct option_row *row = find_row(key);

		if (!row)
			return usage_error(key, argv, err);
		if (diff && !goes_with_diff(row))
			return error_set(err, EINVAL, "diff: --%s says nothing of two recordings",
			                 row->name);
		if (take(options, row, err))
			return -1;
	}
	return 0;
}

static int take_words(struct options *options, int argc, char **argv, bool diff, struct error *err)
{
	if (options->output == OUTPUT_DIFF) {
		if (argc - optind != 2)
			return error_set(err, EINVAL,
			                 "diff: give two recordings: diff BEFORE AFTER");
		options->diff[0] = argv[optind];
		options->diff[1] = argv[optind + 1];
		return 0;
	}
	if (optind < argc && !diff)
		return error_set(err, EINVAL,
		                 "\"%.100s\" is no option, and iommutop takes no "
		                 "other arguments; --help lists them",
		                 argv[optind]);
	return 0;
}

static int parse_all(struct options *options, int argc, char **argv, struct error *err)
{
	struct option longs[ARRAY_SIZE(rows) + 1] = {0};
	char shorts[ARRAY_SIZE(rows) * 2 + 2] = ":";
	bool diff = argc > 1 && !strcmp(argv[1], "diff");
	size_t at = 1;

	*options = (struct options){
		.delay_ms = 1000, .group = NO_GROUP, .history_bytes = HISTORY_DEFAULT};
	memset(options->classes, 1, sizeof(options->classes));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		longs[i] =
			(struct option){rows[i].name, rows[i].argument != NULL, NULL, rows[i].key};
		if (rows[i].key >= 256)
			continue;
		shorts[at++] = (char)rows[i].key;
		if (rows[i].argument)
			shorts[at++] = ':';
	}
	if (diff)
		options->output = OUTPUT_DIFF;
	if (take_all(options, argc - diff, argv + diff, shorts, longs, err) ||
	    take_words(options, argc - diff, argv + diff, diff, err))
		return -1;
	settle(options);
	return check(options, err);
}

/* What was typed wrong is quoted, but stays one line and moves no cursor. */
int options_parse(struct options *options, int argc, char **argv, struct error *err)
{
	char clean[sizeof(err->text)];
	int result = parse_all(options, argc, argv, err);

	if (result)
		copy_text(err->text, sizeof(err->text),
		          text_clean(clean, sizeof(clean), err->text));
	return result;
}

void options_print_help(FILE *out)
{
	fputs("Usage: iommutop [OPTION]...\n"
	      "       iommutop diff BEFORE AFTER   two recordings side by side; also with --json\n"
	      "Shows what the IOMMUs of this machine do: who maps how much, groups, faults.\n\n",
	      out);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char left[64];

		snprintf(left, sizeof(left), "--%s%s%s", rows[i].name, rows[i].argument ? "=" : "",
		         rows[i].argument ? rows[i].argument : "");
		if (rows[i].key < 256)
			fprintf(out, "  -%c, %-22s %s\n", rows[i].key, left, rows[i].help);
		else
			fprintf(out, "      %-22s %s\n", left, rows[i].help);
	}
	fputs("\nWithout root: topology from sysfs. With it: events and faults as they happen.\n"
	      "On the screen, h shows the keys.\n",
	      out);
}

uint64_t options_step_delay(uint64_t delay_ms, bool longer)
{
	static const uint64_t steps[] = {DELAY_LEAST_MS, 200,   500,   1000,         2000,
	                                 5000,           10000, 30000, DELAY_MOST_MS};
	size_t last = ARRAY_SIZE(steps) - 1;

	for (size_t i = 0; longer && i <= last; i++)
		if (steps[i] > delay_ms)
			return steps[i];
	for (size_t i = last + 1; !longer && i-- > 0;)
		if (steps[i] < delay_ms)
			return steps[i];
	return longer ? DELAY_MOST_MS : DELAY_LEAST_MS;
}

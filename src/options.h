/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_OPTIONS_H
#define IOMMUTOP_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "error.h"
#include "event.h"

enum output_mode {
	OUTPUT_SCREEN,
	OUTPUT_BATCH,
	OUTPUT_LIST,
	OUTPUT_RECORD, /* the recording to standard output, and nothing else */
	OUTPUT_DOCTOR,
	OUTPUT_RECIPE,
	OUTPUT_CLEANUP,
	OUTPUT_DIFF, /* two recordings side by side */
	OUTPUT_VERSION,
	OUTPUT_HELP
};

/* Nobody asked for a size: the model knows how much is enough. */
#define HISTORY_DEFAULT UINT64_MAX

enum colour_choice { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER };

struct options {
	enum output_mode output;
	/* what instead of text, at most one of them; never with OUTPUT_SCREEN */
	bool json, csv, prometheus;
	bool last_only;          /* one frame, at the end */
	const char *output_file; /* NULL: standard output */
	uint64_t delay_ms;
	uint64_t iterations; /* 0: for ever */
	bool classes[CLASS_COUNT];
	uint32_t group; /* NO_GROUP: none asked for */
	const char *filter;
	const char *record, *replay;
	const char *diff[2];
	uint32_t speed; /* of a replay, in thousandths of its own pace; 0: as fast as can be */
	bool speed_asked, delay_asked;
	const char *kernel_log; /* "-": standard input */
	const char *topology;   /* a saved one of another machine; NULL: none */
	const char *sysfs, *procfs, *tracefs, *kmsg, *pci_ids; /* NULL: this machine's own */
	const char *instance;
	enum collect_choice collect;
	uint64_t history_bytes; /* for maps and unmaps; 0: none are kept */
	bool no_probes;         /* nothing is put into the kernel's list of dynamic events */
	enum colour_choice colour;
	bool ascii;
};

extern const char options_version[];
/* The replay of --demo: no path, but this very pointer. */
extern const char options_demo[];

/* Texts of *options point into argv. -1 and one sentence for a mistake of the user. */
int options_parse(struct options *options, int argc, char **argv, struct error *err);

/* --help, drawn from the table of options. */
void options_print_help(FILE *out);

/* The steps of + and -: the next longer or shorter delay. */
uint64_t options_step_delay(uint64_t delay_ms, bool longer);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_BOOT_LINES_H
#define IOMMUTOP_BOOT_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../event.h"
#include "boot_options.h"
#include "kmsg_parse.h"

/*
 * What the kernel says about its IOMMUs while it boots. Each line becomes part of a fact of the
 * machine:
 *
 * ATTR_MACHINE_LOG_SINCE_BOOT: 1 where the log has the boot's first line ("Linux version"); a log
 *	that begins later never tells it: then what is missing below may have been said
 * ATTR_MACHINE_OPTIONS: as machine_facts.h has it
 * ATTR_MACHINE_BOOT_TYPE: "Translated", "Passthrough": the default of new domains; with " asked"
 *	behind it where the command line decided
 * ATTR_MACHINE_BOOT_POLICY: "lazy", "strict"; with " asked" in the same way (5.15 on)
 * ATTR_MACHINE_OPTIONS_UNKNOWN: options that the kernel did not know (the list is said by 5.14 and
 *	later), separated by blanks; one whose value it could not read has no value: "iommu.strict"
 * ATTR_MACHINE_BOOT_SAID: words of boot_patterns, separated by blanks
 */
struct boot_lines {
	char type[BOOT_OPTIONS_MAX], policy[BOOT_OPTIONS_MAX];
	char unknown[BOOT_OPTIONS_MAX], said[BOOT_OPTIONS_MAX];
};

enum boot_line_kind {
	BOOT_BEGINS,
	BOOT_COMMAND_LINE,    /* it follows */
	BOOT_SAID,            /* word: what to remember */
	BOOT_TYPE,            /* the type follows */
	BOOT_POLICY,          /* the policy follows, then " mode" */
	BOOT_UNKNOWN_OPTIONS, /* a list follows, all of the command line */
	BOOT_UNKNOWN_VALUE,   /* a quoted value follows; word: the option */
	BOOT_BAD_VALUE        /* the quoted name of an option follows */
};

struct boot_pattern {
	const char *text; /* the line begins so */
	const char *word;
	uint8_t kind;
};

extern const struct boot_pattern boot_patterns[];
extern const size_t boot_pattern_count;

/* Emits what the record tells that was not known. All zero is one that has seen nothing. */
void boot_lines_take(struct boot_lines *boot, const struct kmsg_record *record,
                     const struct event_sink *sink);

#endif

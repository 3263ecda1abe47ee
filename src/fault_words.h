/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_FAULT_WORDS_H
#define IOMMUTOP_FAULT_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event.h"
#include "snapshot.h"

/*
 * What a person would say: of the reason of a fault, of where its address came from, of what else
 * the kernel's log says. Where nothing better is known than the message itself, nothing is said.
 */

/* What the words of a reason hang on. */
struct fault_reason {
	uint8_t dialect, direction, flags; /* as in struct event */
	uint16_t code;
	const char *reason; /* as the message has it; never NULL */
};

/* "no read mapping": at most 20 columns. Returns false, and out "", where there are no words. */
bool fault_words_short(const struct fault_reason *about, char *out, size_t size);
/* "the device read an address that nobody mapped for it"; false as above. */
bool fault_words_sentence(const struct fault_reason *about, char *out, size_t size);
/* What is often behind it, one line; NULL where nobody has written of it. */
const char *fault_words_hint(const struct fault_reason *about);

/* What the words of a verdict hang on: the fault it is of, and times and names as they are shown.
 */
struct verdict_about {
	const struct snapshot_verdict *verdict;
	uint64_t fault_ns, fault_iova;
	const char *since;  /* time of day of verdict->since_ns */
	const char *domain; /* name of verdict->domain, "" where there is none */
	bool brief;         /* short words as short as can be: "unmapped 3.0ms", "read-only" */
};

/* "unmapped 3.0 ms before", "never mapped", "mapped read-only", "-"; a '?' behind what is
 * uncertain. since and domain are not needed. Returns out. */
char *verdict_short(const struct verdict_about *about, char *out, size_t size);
/* The same in full, with the task, the mapping and how far back it can see. Returns out. */
char *verdict_sentence(const struct verdict_about *about, char *out, size_t size);
/* What often lies behind such a verdict; NULL for nothing. */
const char *verdict_hint(const struct snapshot_verdict *verdict);

/* What a line of this topic means, one line. Never NULL. */
const char *note_meaning(enum note_topic topic);

#endif

// SPDX-License-Identifier: GPL-2.0-or-later
/* fault_facts: what is known about one row of faults, in two columns of wrapped text. Pure. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "../format.h"
#include "../util.h"
#include "cells.h"
#include "fault_cells.h"
#include "wrap.h"

#define FACT_WIDTH 14
#define FACT_MAX   800

/* What a fact is told from, and what it comes to. */
struct about {
	const struct view_context *context;
	const struct snapshot *snap;
	const struct snapshot_fault *fault;
	const struct snapshot_device *device; /* NULL: not known */
	enum role role;
	char text[FACT_MAX];
};

/* Continues the text of a fact. */
__attribute__((format(printf, 2, 3))) static void add(struct about *about, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vappend_text(about->text, sizeof(about->text), format, args);
	va_end(args);
}

static bool find(const struct view_context *context, struct about *about)
{
	const struct snapshot *snap = context->snap;

	about->context = context;
	about->snap = snap;
	about->fault = fault_by_id(snap, context->fault);
	about->device = about->fault && about->fault->device_index != NO_NUMBER
	                        ? &snap->devices[about->fault->device_index]
	                        : NULL;
	return about->fault != NULL;
}

/* ---- what happened ---- */

static void put_what(struct about *about)
{
	const struct fault_reason reason = fault_reason_of(about->snap, about->fault);

	about->role = ROLE_STRONG;
	if (!fault_words_sentence(&reason, about->text, sizeof(about->text)))
		add(about, "the unit refused %s",
		    about->fault->flags & FAULT_INTERRUPT ? "an interrupt of the device"
		                                          : "what the device asked for");
	if (about->fault->flags & FAULT_INTERRUPT)
		add(about, " (an interrupt, not data)");
}

/* Who words reasons so, and what it calls their numbers; NULL: nobody looks for these. */
static const struct {
	const char *name, *number;
	bool decimal;
} dialects[FAULT_DIALECT_COUNT] = {
	[FAULT_OTHER] = {"as the message has it", "number", false},
	[FAULT_VTD] = {"VT-d", "reason", false},
	[FAULT_VTD_INTERRUPT] = {"VT-d interrupt remapping", "reason", false},
	[FAULT_AMD] = {"AMD-Vi", NULL, false},
	[FAULT_SMMU] = {"SMMU", "FSR", false},
	[FAULT_SMMU_V3] = {"SMMUv3", "event", false},
	[FAULT_VIRTIO] = {"virtio-iommu", NULL, false},
	[FAULT_RISCV] = {"RISC-V IOMMU", "cause", true},
};

static void put_reason(struct about *about)
{
	const struct snapshot_fault *fault = about->fault;
	const char *reason = snapshot_text(about->snap, fault->reason);
	const char *number = dialects[fault->dialect].number;

	add(about, "%s (%s", *reason ? reason : "none is given", dialects[fault->dialect].name);
	if (number && fault->flags & FAULT_HAS_CODE)
		add(about, dialects[fault->dialect].decimal ? " %s %u" : " %s 0x%02x", number,
		    fault->code);
	add(about, ")");
}

static void put_way(struct about *about)
{
	const struct snapshot_fault *fault = about->fault;

	if (!(fault->flags & FAULT_INTERRUPT))
		add(about, "%s",
		    fault->direction == DIRECTION_UNKNOWN ? "not told"
		                                          : direction_names[fault->direction]);
}

static void add_extent(struct about *about)
{
	const struct snapshot_fault *fault = about->fault;

	if (fault->addresses == ADDRESSES_RANGE)
		add(about, "; all of them from 0x%" PRIx64 " to 0x%" PRIx64, fault->lowest,
		    fault->highest);
	else if (fault->addresses == ADDRESSES_SCATTERED)
		add(about, "; others are scattered from 0x%" PRIx64 " to 0x%" PRIx64, fault->lowest,
		    fault->highest);
}

static void put_address(struct about *about)
{
	const struct snapshot_fault *fault = about->fault;
	bool interrupt = fault_has_index(fault);
	struct cell_text address = {.role = ROLE_NORMAL};

	cell_fault_address(&address, fault, fault->iova, fault->flags);
	if (address.text[0] == '-')
		add(about, "none is given");
	else
		add(about, "%s%s", interrupt ? "interrupt " : "", address.text);
	if (fault->flags & FAULT_PAGE_MASKED && !interrupt)
		add(about, ", as a page: the byte in it is not told");
	add_extent(about);
}

static void put_verdict(struct about *about)
{
	const struct snapshot_fault *fault = about->fault;

	if (fault->verdict.kind == VERDICT_NOT_ASKED)
		return;
	text_verdict_sentence(about->context, &fault->verdict, fault->last_ns, fault->iova,
	                      about->text, sizeof(about->text));
	about->role = verdict_role(&fault->verdict);
}

/* ---- who ---- */

/* A saved log comes without them: then none is missed. */
static bool knows_devices(const struct snapshot *snap)
{
	return snap->health[SOURCE_SYSFS].state != HEALTH_OFF;
}

static void put_device(struct about *about)
{
	const struct snapshot_fault *fault = about->fault;
	const char *told = snapshot_text(about->snap, fault->device);
	struct cell_text words = {.role = ROLE_NORMAL};
	char name[FAULT_NAME_MAX];

	fault_device(about->snap, fault, name, sizeof(name));
	add(about, "%s", *name ? name : "nobody is named");
	if (about->device) {
		cell_device_words(&words, about->snap, about->device);
		add(about, "  %s", words.text[0] == '-' ? "" : words.text);
	} else if (fault->flags & FAULT_HAS_STREAM && *told && strcmp(told, name) != 0) {
		add(about, " of %s: no device is known for it", told);
	} else if (*name && !fault->ambiguous && knows_devices(about->snap)) {
		add(about, ": there is no such device now");
	}
}

/* Who asked need not be who is named. */
static void put_requester(struct about *about)
{
	const struct snapshot_fault *fault = about->fault;

	about->role = ROLE_WARN;
	if (fault->ambiguous)
		add(about, "the message has no PCI segment, and several segments have such a "
		           "device: which one it was is not known");
	if (fault->behind)
		add(about, "a device behind this bridge: requests that come through it bear its "
		           "id, not theirs");
	if (fault->guessed)
		add(about,
		    "a guess: the unit told only stream 0x%" PRIx32
		    ", and this device would have it if streams are numbered like PCI devices",
		    fault->stream);
}

static void put_driver(struct about *about)
{
	if (about->device)
		add(about, "%s",
		    about->device->driver ? snapshot_text(about->snap, about->device->driver)
		                          : "none");
}

static const struct snapshot_group *group_of(const struct about *about)
{
	uint32_t group = snapshot_group_of(about->snap, about->fault->device_index);

	return group == NO_GROUP ? NULL : snapshot_group_by_id(about->snap, group);
}

static void put_holder(struct about *about)
{
	const struct snapshot_group *group = group_of(about);
	const struct snapshot_process *process;

	if (!group || group->holder == NO_PROCESS)
		return;
	process = snapshot_process_by_id(about->snap, group->holder);
	snapshot_process_words(about->snap, group->holder, process ? process->name : 0,
	                       process ? process->vm : 0, about->text, sizeof(about->text));
}

static void put_group(struct about *about)
{
	const struct snapshot_group *group = group_of(about);

	if (group)
		add(about, "%" PRIu32 ", domain now: %s (Enter opens the group)", group->id,
		    snapshot_group_now(about->snap, group));
}

static void put_pasid(struct about *about)
{
	if (about->fault->flags & FAULT_HAS_PASID)
		add(about, "0x%" PRIx32, about->fault->pasid);
}

/* ---- how often, and by whom it is known ---- */

static void put_count(struct about *about)
{
	const struct snapshot_fault *fault = about->fault;
	const char *mark = about->snap->faults.known == KNOWN_AT_LEAST ? GLYPH_AT_LEAST : "";
	char first[32], last[32];

	text_clock(first, sizeof(first), about->context, fault->first_ns);
	text_clock(last, sizeof(last), about->context, fault->last_ns);
	if (fault->before_start)
		add(about, "%" PRIu64 " in the log, before the start", fault->count_before);
	else
		add(about, "%s%" PRIu64 " since the start", mark, fault->count);
	if (fault->count_before && !fault->before_start)
		add(about, ", %" PRIu64 " before it", fault->count_before);
	if (strcmp(first, last) != 0)
		add(about, "; first %s, last %s", first, last);
	else
		add(about, "; %s", last);
}

/* No unit of VT-d has its faults in io_page_fault: what is traced of it are page requests. */
static const char *event_of(const struct snapshot_fault *fault)
{
	return fault->dialect == FAULT_VTD ? "intel_iommu:prq_report" : "io_page_fault";
}

static void put_source(struct about *about)
{
	const struct snapshot_fault *fault = about->fault;

	if (!fault->traced)
		add(about, "the kernel's log");
	else if (fault->logged)
		add(about, "the kernel's log and the %s event, of the same faults",
		    event_of(fault));
	else
		add(about, "the %s event", event_of(fault));
}

/* ---- what may be behind it ---- */

static void put_hint(struct about *about)
{
	const struct fault_reason reason = fault_reason_of(about->snap, about->fault);
	const char *hint = verdict_hint(&about->fault->verdict);

	/* What its address was tells more than what its kind often is. */
	if (!hint)
		hint = fault_words_hint(&reason);
	about->role = ROLE_GOOD;
	add(about, "%s", hint ? hint : "");
}

/* One fact; without text there is nothing to tell of it, and no row. */
static const struct fact {
	const char *name;
	void (*put)(struct about *about);
} facts[] = {
	{"what", put_what},       {"reason", put_reason},       {"direction", put_way},
	{"address", put_address}, {"address was", put_verdict}, {"hint", put_hint},
	{"device", put_device},   {"requester", put_requester}, {"driver", put_driver},
	{"held by", put_holder},  {"group", put_group},         {"PASID", put_pasid},
	{"count", put_count},     {"told by", put_source},
};

static bool tell(const struct view_context *context, size_t fact, struct about *about)
{
	if (!find(context, about))
		return false;
	about->role = ROLE_NORMAL;
	about->text[0] = '\0';
	facts[fact].put(about);
	return about->text[0] != '\0';
}

/* ---- rows ---- */

static uint64_t row_id(size_t fact, uint32_t part)
{
	return (uint64_t)fact << 8 | part;
}

static uint32_t part_of(const struct row *row)
{
	return (uint32_t)(row->id & 0xff);
}

static void list(const struct view_context *context, struct rows *rows)
{
	int width = wrap_width(context, FACT_WIDTH);
	struct about about;

	for (size_t i = 0; i < ARRAY_SIZE(facts); i++) {
		if (!tell(context, i, &about))
			continue;
		for (uint32_t part = 0; *wrap_skip(about.text, part, width); part++)
			rows_add(rows, (struct row){.id = row_id(i, part),
			                            .index = (uint32_t)i,
			                            .parent = NO_PARENT});
	}
}

static void put_fact(const struct view_context *context, const struct row *row,
                     struct cell_text *out)
{
	(void)context;
	if (!part_of(row))
		cell_set(out, ROLE_DIM, "%s", facts[row->index].name);
}

static void put_value(const struct view_context *context, const struct row *row,
                      struct cell_text *out)
{
	int width = wrap_width(context, FACT_WIDTH);
	struct about about;
	const char *line;

	/* The rows may be older than the snapshot. */
	if (!tell(context, row->index, &about))
		return;
	line = wrap_skip(about.text, part_of(row), width);
	cell_set(out, about.role, "%.*s", (int)wrap_length(line, width), line);
}

static void empty(const struct view_context *context, char *out, size_t size)
{
	(void)context;
	copy_text(out, size, "this row gave way to newer ones");
}

static const struct column columns[] = {
	{"FACT", FACT_WIDTH, FACT_WIDTH, .put = put_fact, .help = "what"},
	{"VALUE", WRAP_LEAST, 0, .put = put_value, .help = "what is known of it"},
};

const struct view fault_facts_view = {
	.title = "Fault",
	.columns = columns,
	.column_count = ARRAY_SIZE(columns),
	.list = list,
	.empty = empty,
	.group_of = open_fault_group,
};

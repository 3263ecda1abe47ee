// SPDX-License-Identifier: GPL-2.0-or-later
/* domain_facts: what is known about one domain, in two columns. Pure. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../util.h"
#include "cells.h"

#define WORDS_MAX 48

/* What a fact is told from. detail is NULL where the snapshot has none of this domain. */
struct about {
	const struct view_context *context;
	const struct snapshot *snap;
	const struct snapshot_domain *domain;
	const struct snapshot_detail *detail;
	uint32_t part; /* of a fact of several rows */
};

static bool find(const struct view_context *context, struct about *about)
{
	const struct snapshot *snap = context->snap;

	*about = (struct about){
		.context = context,
		.snap = snap,
		.domain = context->domain == NO_DOMAIN
	                          ? NULL
	                          : snapshot_domain_by_id(snap, context->domain),
		.detail = context->domain != NO_DOMAIN && snap->detail.domain == context->domain
	                          ? &snap->detail
	                          : NULL,
	};
	return about->domain != NULL;
}

/* ---- who it is ---- */

static void put_name(const struct about *about, struct cell_text *out)
{
	char name[CELL_TEXT_MAX / 2];

	snapshot_domain_name(about->snap, about->domain, name, sizeof(name));
	cell_set(out, ROLE_STRONG, "%s", name);
	if (about->domain->id != DOMAIN_UNATTRIBUTED)
		cell_add(out, "  (domain %" PRIu32 ")", about->domain->id);
}

static void put_type(const struct about *about, struct cell_text *out)
{
	const char *words = snapshot_domain_type(about->domain);
	const char *meaning = domain_type_meaning(about->domain->type);

	cell_set(out, about->domain->vfio ? ROLE_GOOD : ROLE_NORMAL, "%s", words);
	if (meaning && !about->domain->old_dma)
		cell_add(out, " (%s)", meaning);
	if (snapshot_domain_is_invisible(about->snap, about->domain))
		cell_add(out, "; its maps and unmaps are not visible on this kernel");
}

static void put_named_by(const struct about *about, struct cell_text *out)
{
	static const char *const sentences[NAMED_BY_COUNT] = {
		[NAMED_NOT] = "nobody could say whose it is",
		[NAMED_SNAPSHOT] = "the kernel told it when asked for each group's domain",
		[NAMED_ATTACH] = "its attach was seen",
		[NAMED_DMA_CALL] = "its device was seen in a call of the DMA API",
		[NAMED_TASK] = "the process that does its maps",
	};

	cell_set(out, about->domain->named_by == NAMED_NOT ? ROLE_DIM : ROLE_NORMAL, "%s",
	         sentences[about->domain->named_by]);
}

static void put_groups(const struct about *about, struct cell_text *out)
{
	if (!about->domain->group_count)
		cell_set(out, ROLE_DIM, "-");
	for (uint32_t i = 0; i < about->domain->group_count; i++)
		cell_add(out, "%s%" PRIu32, i ? ", " : "",
		         about->snap->domain_groups[about->domain->first_group + i]);
	if (about->domain->group_count && about->domain->freed)
		cell_add(out, " at the last");
}

static void put_device(const struct about *about, struct cell_text *out)
{
	const struct snapshot *snap = about->snap;
	const struct snapshot_device *device;
	struct cell_text words = {.role = ROLE_NORMAL};
	text_id name;

	if (!about->domain->device_count) {
		cell_set(out, ROLE_DIM, "-");
		return;
	}
	name = snap->domain_devices[about->domain->first_device + about->part];
	device = snapshot_device_by_name(snap, name);
	cell_set(out, ROLE_NORMAL, "%s", snapshot_text(snap, name));
	if (!device)
		return;
	cell_device_words(&words, snap, device);
	if (strcmp(words.text, "-") != 0)
		cell_add(out, "  %s", words.text);
}

static uint32_t device_parts(const struct about *about)
{
	return about->domain->device_count ? about->domain->device_count : 1;
}

static void put_holder(const struct about *about, struct cell_text *out)
{
	const struct snapshot_domain *domain = about->domain;

	if (domain->process == NO_PROCESS)
		cell_set(out, ROLE_DIM, "-");
	else
		snapshot_process_words(about->snap, domain->process, domain->process_name,
		                       domain->vm, out->text, sizeof(out->text));
}

/* ---- its life ---- */

static void add_moment(const struct about *about, struct cell_text *out, const char *what,
                       uint64_t ts_ns)
{
	char time[WORDS_MAX];

	if (ts_ns)
		cell_add(out, "%s%s %s", *out->text ? ", " : "", what,
		         text_clock(time, sizeof(time), about->context, ts_ns));
}

static void put_life(const struct about *about, struct cell_text *out)
{
	const struct snapshot_domain *domain = about->domain;

	add_moment(about, out, "first seen", domain->first_seen_ns);
	add_moment(about, out, "attached", domain->attached_ns);
	add_moment(about, out, "replaced", domain->replaced_ns);
	add_moment(about, out, "freed", domain->freed_ns);
	if (!*out->text)
		cell_set(out, ROLE_DIM, "-");
	else if (domain->freed)
		out->role = ROLE_WARN;
}

/* ---- what it did ---- */

static void put_traffic(struct cell_text *out, struct count count, struct count bytes)
{
	char number[WORDS_MAX], size[WORDS_MAX];

	if (count.known == KNOWN_NOT || count.known == KNOWN_OFF)
		cell_count(out, count);
	else
		cell_set(out, count.known == KNOWN_EXACT ? ROLE_NORMAL : ROLE_WARN, "%s, %s bytes",
		         text_count(number, sizeof(number), count),
		         text_bytes(size, sizeof(size), bytes));
}

static void put_maps(const struct about *about, struct cell_text *out)
{
	const struct traffic *traffic = &about->domain->traffic;

	put_traffic(out, traffic->maps, traffic->map_bytes);
	if (about->snap->collect == COLLECT_COUNTS && about->snap->collect_attempts)
		cell_add(out, " (attempts and requested bytes)");
	else if (about->snap->map_attempts_over.n)
		cell_add(out, " (with attempts and requested bytes)");
}

static void put_unmaps(const struct about *about, struct cell_text *out)
{
	put_traffic(out, about->domain->traffic.unmaps, about->domain->traffic.unmap_bytes);
}

static void put_held(const struct about *about, struct cell_text *out)
{
	struct count held = about->domain->outstanding_bytes;
	char bytes[WORDS_MAX], time[WORDS_MAX];

	if (held.known == KNOWN_AT_LEAST && !held.n)
		held.known = KNOWN_NOT; /* some or none */
	if (held.known == KNOWN_NOT || held.known == KNOWN_OFF) {
		cell_bytes(out, held);
		return;
	}
	cell_set(out, held.known == KNOWN_EXACT ? ROLE_STRONG : ROLE_WARN, "%s",
	         text_bytes(bytes, sizeof(bytes), held));
	if (about->domain->complete_since_ns)
		cell_add(out, ", complete since %s",
		         text_clock(time, sizeof(time), about->context,
		                    about->domain->complete_since_ns));
}

static void put_mappings(const struct about *about, struct cell_text *out)
{
	char text[WORDS_MAX];

	if (!about->domain->mappings.n)
		cell_set(out, ROLE_NORMAL, "none");
	else
		cell_set(out, ROLE_NORMAL, "%s (those side by side count as one)",
		         text_count(text, sizeof(text), about->domain->mappings));
}

/* Of a guest's domain, whose number of mappings has a limit. */
static uint32_t mapping_parts(const struct about *about)
{
	return about->domain->mappings.known != KNOWN_NOT;
}

/* None at all, or none that was seen; which they were is only told by events. */
static void put_failed(const struct about *about, struct cell_text *out)
{
	struct count failed = about->domain->failed_maps;
	char text[WORDS_MAX], word[WORDS_MAX];

	cell_count(out, failed);
	if (!failed.n && failed.known == KNOWN_AT_LEAST)
		cell_set(out, ROLE_DIM, "none seen");
	if (!failed.n)
		return;
	cell_set(out, ROLE_BAD, "%s", text_count(text, sizeof(text), failed));
	for (size_t i = 0; about->detail && i < about->detail->error_count; i++)
		cell_add(out, "%s %" PRIu64 " %s", i ? "," : ":", about->detail->errors[i].count,
		         text_errno(word, sizeof(word), about->detail->errors[i].error));
}

static bool has_no_context(const struct snapshot_detail *detail)
{
	return detail->context_total == UINT64_MAX || !detail->context_total;
}

/* What only events tell, where none of that kind were seen. */
static void put_untold(const struct about *about, struct cell_text *out)
{
	const struct snapshot_detail *detail = about->detail;
	bool none = detail && has_no_context(detail);

	cell_set(out, ROLE_DIM, "%s",
	         about->snap->collect == COLLECT_COUNTS && none ? "not in counts mode" : "-");
}

static void put_times(const struct about *about, uint32_t mean_ns, uint32_t p99_ns,
                      struct cell_text *out)
{
	char mean[WORDS_MAX], p99[WORDS_MAX];

	if (!mean_ns) {
		put_untold(about, out);
		return;
	}
	cell_set(out, ROLE_NORMAL, "%s mean", text_short_time(mean, sizeof(mean), mean_ns));
	if (p99_ns)
		cell_add(out, ", 99 of 100 within about %s",
		         text_short_time(p99, sizeof(p99), p99_ns));
}

static void put_map_time(const struct about *about, struct cell_text *out)
{
	put_times(about, about->domain->map_mean_ns, about->domain->map_p99_ns, out);
}

static void put_unmap_time(const struct about *about, struct cell_text *out)
{
	put_times(about, about->domain->unmap_mean_ns, about->domain->unmap_p99_ns, out);
}

/* ---- what its traffic looks like ---- */

static void put_page_sizes(const struct about *about, struct cell_text *out)
{
	const struct snapshot_detail *detail = about->detail;
	uint64_t all = detail ? detail->pages_4k + detail->pages_2m + detail->pages_1g : 0;
	char small[WORDS_MAX], large[WORDS_MAX], huge[WORDS_MAX];

	if (!all)
		put_untold(about, out);
	else
		cell_set(out, ROLE_NORMAL,
		         "4K %s, 2M %s, 1G %s (the largest that alignment allows)",
		         text_share(small, sizeof(small), detail->pages_4k, all),
		         text_share(large, sizeof(large), detail->pages_2m, all),
		         text_share(huge, sizeof(huge), detail->pages_1g, all));
}

/* More than was asked for: the page table gave up a larger page. */
static void put_unmapped(const struct about *about, struct cell_text *out)
{
	const struct snapshot_detail *detail = about->detail;
	char done[WORDS_MAX], asked[WORDS_MAX];

	if (!detail || !detail->unmap_asked_bytes) {
		put_untold(about, out);
		return;
	}
	cell_set(out,
	         detail->unmap_done_bytes == detail->unmap_asked_bytes ? ROLE_NORMAL : ROLE_WARN,
	         "%.1f %% of what was asked for: %s of %s",
	         100 * (double)detail->unmap_done_bytes / (double)detail->unmap_asked_bytes,
	         text_bytes(done, sizeof(done),
	                    (struct count){detail->unmap_done_bytes, KNOWN_EXACT}),
	         text_bytes(asked, sizeof(asked),
	                    (struct count){detail->unmap_asked_bytes, KNOWN_EXACT}));
}

static void put_small_unmaps(const struct about *about, struct cell_text *out)
{
	const struct snapshot_detail *detail = about->detail;
	char share[WORDS_MAX];

	if (!detail || !detail->unmaps_seen)
		put_untold(about, out);
	else
		cell_set(out, ROLE_NORMAL, "%s of all unmaps",
		         text_share(share, sizeof(share), detail->small_unmaps,
		                    detail->unmaps_seen));
}

static void put_context(const struct about *about, struct cell_text *out)
{
	const struct snapshot_detail *detail = about->detail;
	char interrupt[WORDS_MAX], waiting[WORDS_MAX], known[WORDS_MAX];

	if (!detail || has_no_context(detail)) {
		put_untold(about, out);
		return;
	}
	cell_set(out, ROLE_NORMAL, "%s; %s with another task waiting to run (need-resched)",
	         text_share(interrupt, sizeof(interrupt), detail->in_interrupt,
	                    detail->context_total),
	         text_share(waiting, sizeof(waiting), detail->need_resched, detail->context_total));
	if (detail->context_unknown)
		cell_add(out, "; of %s it is known",
		         text_share(known, sizeof(known), detail->context_total,
		                    detail->context_total + detail->context_unknown));
}

/* One row a fact; where parts is set, as many as it says. */
static const struct fact {
	const char *name;
	void (*put)(const struct about *about, struct cell_text *out);
	uint32_t (*parts)(const struct about *about);
} facts[] = {
	{"domain", put_name, NULL},
	{"type", put_type, NULL},
	{"held by", put_holder, NULL},
	{"groups", put_groups, NULL},
	{"devices", put_device, device_parts},
	{"known because", put_named_by, NULL},
	{"life", put_life, NULL},
	{"maps", put_maps, NULL},
	{"unmaps", put_unmaps, NULL},
	{"held now", put_held, NULL},
	{"mappings", put_mappings, mapping_parts},
	{"failed maps", put_failed, NULL},
	{"time of a map", put_map_time, NULL},
	{"time of an unmap", put_unmap_time, NULL},
	{"page sizes", put_page_sizes, NULL},
	{"unmapped", put_unmapped, NULL},
	{"unmaps of 4 KiB", put_small_unmaps, NULL},
	{"in interrupts", put_context, NULL},
};

/* ---- the pane ---- */

static void list(const struct view_context *context, struct rows *rows)
{
	struct about about;
	bool found = find(context, &about);

	for (size_t i = 0; found && i < ARRAY_SIZE(facts); i++) {
		uint32_t parts = facts[i].parts ? facts[i].parts(&about) : 1;

		for (uint32_t part = 0; part < parts; part++)
			rows_add(rows, (struct row){.id = (uint64_t)i << 32 | part,
			                            .index = (uint32_t)i,
			                            .parent = NO_PARENT});
	}
}

static void put_fact(const struct view_context *context, const struct row *row,
                     struct cell_text *out)
{
	(void)context;
	if (!(uint32_t)row->id)
		cell_set(out, ROLE_DIM, "%s", facts[row->index].name);
}

static void put_value(const struct view_context *context, const struct row *row,
                      struct cell_text *out)
{
	struct about about;
	bool found = find(context, &about);

	about.part = (uint32_t)row->id;
	/* The rows may be older than the snapshot. */
	if (found && about.part < (facts[row->index].parts ? facts[row->index].parts(&about) : 1))
		facts[row->index].put(&about, out);
}

static void empty(const struct view_context *context, char *out, size_t size)
{
	(void)context;
	copy_text(out, size, "this domain is no longer told by itself (it was freed long ago)");
}

static const struct column columns[] = {
	{"FACT", 16, 16, .put = put_fact, .help = "what"},
	{"VALUE", 20, 0, .put = put_value, .help = "since the start, as far as it was watched"},
};

const struct view domain_facts_view = {
	.title = "Facts",
	.columns = columns,
	.column_count = ARRAY_SIZE(columns),
	.list = list,
	.empty = empty,
};

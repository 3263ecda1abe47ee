// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * callers: stacks to names of who calls.
 * In: entries of a histogram keyed by stack. Out: names and counts. Must never know: files,
 * domains.
 */
#include "callers.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../util.h"

/*
 * Beginnings of functions at the top of each stack that are not who wanted a mapping: how a probe
 * is reached (ftrace, a breakpoint, an optimised jump; x86 and arm64), the IOMMU core, the DMA API
 * (drivers/iommu, kernel/dma, block/blk-mq-dma.c), the page pool that maps for network drivers.
 */
static const char *const machinery[] = {
	"0x", /* a trampoline made at run time */
	"kprobe_",
	"aggr_pre_handler",
	"opt_pre_handler",
	"optimized_callback",
	"ftrace_",
	"arch_ftrace_",
	"fprobe_",
	"__ftrace_",
	"function_graph_enter",
	"int3",
	"do_int3",
	"exc_int3",
	"asm_exc_int3",
	"do_debug_exception",
	"do_el1_brk64",
	"el1_brk64",
	"el1_dbg",
	"el1h_64_sync",
	"brk_handler",
	"call_break_hook",
	"iommu_map",
	"iommu_unmap",
	"__iommu_",
	"iommu_dma_",
	"iommu_sync_map",
	"iova_",
	"fq_",
	"dma_",
	"__dma_",
	"dmam_",
	"pci_map_",
	"blk_dma_",
	"blk_rq_dma_",
	"blk_rq_map_",
	"page_pool_dma_",
};

struct function {
	const char *name;
	size_t length; /* without "+0x1c/0x80" */
	const char *module;
	size_t module_length; /* of "[nvme]"; 0: built in */
};

static bool is_machinery(const char *line, size_t length)
{
	for (size_t i = 0; i < ARRAY_SIZE(machinery); i++) {
		size_t size = strlen(machinery[i]);

		if (length >= size && memcmp(line, machinery[i], size) == 0)
			return true;
	}
	return false;
}

/* "nvme_prep_rq.part.0+0x3b8/0xd50 [nvme]" */
static struct function parse_function(const char *line, size_t length)
{
	const char *plus = memchr(line, '+', length);
	const char *bracket = memchr(line, '[', length);
	struct function function = {.name = line, .length = strcspn(line, " \n")};
	const char *dot;

	if (function.length > length)
		function.length = length;
	if (plus && (size_t)(plus - line) < function.length)
		function.length = (size_t)(plus - line);
	dot = memchr(line, '.', function.length); /* the compiler's copies are the same function */
	if (dot && dot > line)
		function.length = (size_t)(dot - line);
	if (bracket) {
		function.module = bracket;
		function.module_length = length - (size_t)(bracket - line);
	}
	return function;
}

/* A function that does not fit is left out, with those behind it. */
static bool append(char *name, size_t size, const char *line, size_t length)
{
	struct function function = parse_function(line, length);
	size_t used = strlen(name);
	int more = snprintf(name + used, size - used, "%s%.*s%s%.*s", used ? " < " : "",
	                    (int)function.length, function.name, function.module ? " " : "",
	                    (int)function.module_length, function.module ? function.module : "");

	if (more >= 0 && (size_t)more < size - used)
		return true;
	name[used] = '\0';
	return false;
}

static void write_name(char *name, size_t size, const struct histogram_entry *entry)
{
	unsigned int first = 0;

	name[0] = '\0';
	while (first < entry->stack_count &&
	       is_machinery(entry->stack[first], entry->stack_lengths[first]))
		first++;
	for (unsigned int i = first; i < entry->stack_count && i < first + CALLERS_DEPTH; i++)
		if (!append(name, size, entry->stack[i], entry->stack_lengths[i]))
			break;
	if (!name[0])
		snprintf(name, size, "(unknown)");
}

void callers_add(struct callers *callers, const struct histogram_entry *entry)
{
	struct caller caller = {.count = entry->hits};

	write_name(caller.name, sizeof(caller.name), entry);
	for (size_t i = 0; i < callers->count; i++)
		if (strcmp(callers->all[i].name, caller.name) == 0) {
			callers->all[i].count += caller.count;
			return;
		}
	callers->all =
		grow(callers->all, &callers->capacity, callers->count, sizeof(*callers->all));
	callers->all[callers->count++] = caller;
}

static int by_count(const void *a, const void *b)
{
	const struct caller *x = a, *y = b;

	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return strcmp(x->name, y->name);
}

void callers_sort(struct callers *callers)
{
	if (callers->count)
		qsort(callers->all, callers->count, sizeof(*callers->all), by_count);
}

void callers_release(struct callers *callers)
{
	free(callers->all);
	*callers = (struct callers){0};
}

// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * recipe: the commands that record without iommutop.
 * In: which functions this kernel has, where its members lie. Out: lines for a shell.
 * Must never know: tracefs, which it never opens.
 */
#include "recipe.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../util.h"
#include "btf.h"
#include "probes.h"
#include "trace_events.h"

#define EVENTS    "/sys/kernel/tracing/kprobe_events"
#define FILE_NAME "iommutop.dat"

/* Of all the probes those that a recording needs: what others tell is made for histograms, for the
 * causes of failures, or costs too much to stay on. */
static const bool wanted[PROBE_COUNT] = {
	[PROBE_MAP] = true,   [PROBE_UNMAP] = true,         [PROBE_ATTACH] = true,
	[PROBE_PASID] = true, [PROBE_ATTACH_RETURN] = true, [PROBE_PASID_RETURN] = true,
	[PROBE_FREE] = true,  [PROBE_GROUP] = true,         [PROBE_MEMBER] = true,
};

/* For a command line none of them may be missing. */
static const char *const without[PROBE_COUNT] = {
	[PROBE_MAP] = "which domain a map is for",
	[PROBE_UNMAP] = "which domain an unmap is for",
	[PROBE_ATTACH] = "which domain a device is attached to",
	[PROBE_FREE] = "when a domain ends",
	[PROBE_GROUP] = "which domain a group had before",
};

struct recipe {
	FILE *out;
	const struct recipe_options *options;
	struct btf_types *types;
	char *symbols; /* a line each; NULL: not known */
	bool made[PROBE_COUNT];
};

/* ---- what this kernel has ---- */

static char *read_all(const char *directory, const char *name)
{
	char path[PATH_MAX];
	char *text = NULL;
	size_t size;
	FILE *in, *copy;
	int c;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	in = fopen(path, "re");
	copy = in ? open_memstream(&text, &size) : NULL;
	while (copy && (c = getc(in)) != EOF)
		putc(c, copy);
	if (copy)
		fclose(copy);
	if (in)
		fclose(in);
	return text;
}

/* "0000000000000000 t __iommu_map", "... [module]" */
static bool has_function(const struct recipe *recipe, const char *function)
{
	char line[PROBE_LINE_MAX];

	for (int i = 0; i < 2; i++) {
		snprintf(line, sizeof(line), " %c %s\n", "tT"[i], function);
		if (strstr(recipe->symbols, line))
			return true;
	}
	return false;
}

/* Where nobody says what there is, the kernel is asked for each. */
static bool may_be(const struct recipe *recipe, const struct probe_definition *definition)
{
	char btf[PATH_MAX];

	if (!wanted[definition->probe] || definition->type == 'f' || !definition->line[0])
		return false;
	if (recipe->symbols && !has_function(recipe, definition->function))
		return false;
	if (!strstr(definition->line, "->"))
		return true;
	/* The kernel's own reader of arguments goes by its type information, too (6.6 on). */
	snprintf(btf, sizeof(btf), "%s/kernel/btf/vmlinux", recipe->options->sysfs);
	return !access(btf, R_OK);
}

/* One that is there is certain to be taken; of what is only supposed the kernel has to choose. */
static bool is_certain(const struct recipe *recipe, const struct probe_definition *definition)
{
	return recipe->symbols && !strstr(definition->line, "->");
}

/* ---- lines ---- */

static void write_probe(struct recipe *recipe, const struct probe_definition *definition)
{
	if (recipe->made[definition->probe])
		fputs(" 2>/dev/null ||\n\t", recipe->out);
	fprintf(recipe->out, "echo '%s' >>" EVENTS, definition->line);
	recipe->made[definition->probe] = true;
}

static void write_probes(struct recipe *recipe)
{
	struct probe_definition definition;
	bool decided[PROBE_COUNT] = {false};
	int before = -1;

	for (size_t i = 0; probes_define(i, RECIPE_GROUP, recipe->types, &definition); i++) {
		if (decided[definition.probe] || !may_be(recipe, &definition))
			continue;
		if (before >= 0 && before != definition.probe)
			putc('\n', recipe->out);
		before = definition.probe;
		write_probe(recipe, &definition);
		decided[definition.probe] = is_certain(recipe, &definition);
	}
	putc('\n', recipe->out);
	for (size_t i = 0; i < PROBE_COUNT; i++)
		if (wanted[i] && !recipe->made[i] && without[i])
			fprintf(recipe->out, "# Not to be had on this kernel: %s.\n", without[i]);
}

/* By patterns, as up to 6.2 there is an event more (detach_device_from_domain). */
static void write_record(const struct recipe *recipe)
{
	bool faults = !trace_events_faults_are_deadly(recipe->options->sysfs);

	fprintf(recipe->out,
	        "trace-cmd record -C perf -o " FILE_NAME " -e " RECIPE_GROUP
	        " -e iommu:map -e iommu:unmap \\\n"
	        "\t-e 'iommu:*_group' -e 'iommu:*_domain' %s\\\n"
	        "\tsh -c 'cat /sys/kernel/iommu_groups/*/type >/dev/null; sleep 30'\n",
	        faults ? "-e iommu:io_page_fault " : "");
}

static void write_removal(const struct recipe *recipe)
{
	for (size_t i = 0; i < PROBE_COUNT; i++)
		if (recipe->made[i])
			fprintf(recipe->out, "echo '-:" RECIPE_GROUP "/%s' >>" EVENTS "\n",
			        probe_names[i]);
}

int recipe_write(FILE *out, const struct recipe_options *options)
{
	struct recipe recipe = {.out = out, .options = options};

	recipe.types = btf_types_open(NULL);
	recipe.symbols = read_all(options->procfs, "kallsyms");
	if (recipe.symbols && !strstr(recipe.symbols, "iommu")) {
		free(recipe.symbols);
		recipe.symbols = NULL;
	}
	fprintf(out,
	        "# For Linux %s, as root; on another kernel print it there. It needs trace-cmd.\n"
	        "# Probes that tell whose domain a map is for; >> leaves those of others alone.\n",
	        options->release);
	write_probes(&recipe);
	fputs("# Thirty seconds; reading the types lets the probes tell which domain each group "
	      "has.\n",
	      out);
	write_record(&recipe);
	fputs("# The probes go, each by its name. iommutop --replay " FILE_NAME
	      " shows it anywhere.\n",
	      out);
	write_removal(&recipe);
	free(recipe.symbols);
	btf_types_close(recipe.types);
	return fflush(out) || ferror(out) ? -1 : 0;
}

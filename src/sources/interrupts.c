// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * interrupts: the fault interrupts of IOMMU units.
 * In: kernel/irq of sysfs, or /proc/interrupts. Out: one number.
 * Must never know: what the faults were.
 */
#include "interrupts.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../util.h"
#include "files.h"

/* A file of sysfs is at most a page; where more CPUs are than fit, its end is missing. */
#define PAGE_BYTES 4096

/*
 * Names of actions, with # for a number, as drivers/iommu of 4.9 to 7.1 request them. Left out are
 * those for page requests and counters (dmar#-prq, dmar#-perf, AMD-Vi#-PPR, AMD-Vi#-GA,
 * arm-smmu-v3-priq), and what bears the name of a device whatever it is raised for (riscv, whose
 * queues share one name; virtio; rockchip and others of SoCs).
 */
static const char *const names[] = {
	"dmar#",                    /* intel/dmar.c dmar_set_interrupt(): dmar_fault() */
	"AMD-Vi",                   /* amd/init.c iommu_setup_msi(): all logs of a unit in one */
	"AMD-Vi#-Evt",              /* amd/init.c iommu_setup_intcapxt(), 6.6 on: the event log */
	"arm-smmu-v3-evtq",         /* arm-smmu-v3.c arm_smmu_setup_unique_irqs() */
	"arm-smmu-v3-gerror",       /* the same: errors of the unit */
	"arm-smmu-v3-combined-irq", /* arm-smmu-v3.c arm_smmu_setup_irqs(): all in one */
	"arm-smmu-context-fault",   /* arm-smmu.c, with each domain */
	"arm-smmu global fault",    /* arm-smmu.c arm_smmu_device_probe() */
	"qcom-iommu-fault",         /* qcom_iommu.c qcom_iommu_ctx_probe() */
	"apple-dart fault handler", /* apple-dart.c apple_dart_probe() */
};

static bool fits(const char *pattern, const char *name, size_t length)
{
	const char *end = name + length;

	for (; *pattern; pattern++) {
		if (*pattern != '#') {
			if (name == end || *name++ != *pattern)
				return false;
			continue;
		}
		if (name == end || *name < '0' || *name > '9')
			return false;
		while (name < end && *name >= '0' && *name <= '9')
			name++;
	}
	return name == end;
}

bool interrupts_is_fault(const char *name, size_t length)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (fits(names[i], name, length))
			return true;
	return false;
}

/* One that a unit shares with something else counts that, too, and is none of ours. */
static bool all_are_faults(const char *actions, const char *separator)
{
	if (!*actions)
		return false;
	for (;;) {
		const char *end = strstr(actions, separator);

		if (!interrupts_is_fault(actions, end ? (size_t)(end - actions) : strlen(actions)))
			return false;
		if (!end)
			return true;
		actions = end + strlen(separator);
	}
}

/* Of a file that ends as it should; else it was cut, or is not there. */
static bool read_line(int directory, const char *name, const char *file, char *text, size_t size)
{
	char path[NAME_MAX + 32];
	size_t length;

	snprintf(path, sizeof(path), "%s/%s", name, file);
	length = files_read(directory, path, text, size);
	if (!length || text[length - 1] != '\n')
		return false;
	text[length - 1] = '\0';
	return true;
}

static void look_at(struct interrupts *interrupts, int directory, const char *name)
{
	char actions[PAGE_BYTES + 1];
	uint64_t number;

	if (!parse_decimal(name, NULL, &number) || number > INT_MAX ||
	    !read_line(directory, name, "actions", actions, sizeof(actions)) ||
	    !all_are_faults(actions, ","))
		return;
	interrupts->numbers = grow(interrupts->numbers, &interrupts->capacity, interrupts->count,
	                           sizeof(*interrupts->numbers));
	interrupts->numbers[interrupts->count++] = (unsigned int)number;
}

static int open_irqs(const struct interrupts *interrupts)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/kernel/irq", interrupts->sysfs);
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

void interrupts_find(struct interrupts *interrupts)
{
	int fd = open_irqs(interrupts);
	DIR *directory = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *entry;

	interrupts->count = 0;
	interrupts->in_procfs = !directory && interrupts->procfs;
	if (!directory) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((entry = readdir(directory)))
		look_at(interrupts, fd, entry->d_name);
	closedir(directory);
}

bool interrupts_any(const struct interrupts *interrupts)
{
	return interrupts->count || interrupts->in_procfs;
}

/* "5,0,12" */
static bool add_counts(const char *text, uint64_t *sum)
{
	uint64_t count;

	do {
		if (!parse_decimal(text, &text, &count))
			return false;
		*sum += count;
	} while (*text++ == ',');
	return !text[-1];
}

static bool sum_of_sysfs(const struct interrupts *interrupts, uint64_t *sum)
{
	char counts[PAGE_BYTES + 1], name[16];
	int directory = open_irqs(interrupts);
	bool whole = directory >= 0;

	for (size_t i = 0; whole && i < interrupts->count; i++) {
		snprintf(name, sizeof(name), "%u", interrupts->numbers[i]);
		whole = read_line(directory, name, "per_cpu_count", counts, sizeof(counts)) &&
		        add_counts(counts, sum);
	}
	if (directory >= 0)
		close(directory);
	return whole;
}

/* "  24:   5   0  DMAR-MSI    0-edge      dmar0": actions are behind the last two blanks. */
static bool add_line(char *line, size_t cpus, uint64_t *sum)
{
	const char *at = line + strspn(line, " "), *actions = NULL;
	uint64_t count, total = 0;

	line[strcspn(line, "\n")] = '\0';
	if (!parse_decimal(at, &at, &count) || *at++ != ':')
		return false;
	for (size_t i = 0; i < cpus; i++) {
		at += strspn(at, " ");
		if (!parse_decimal(at, &at, &count))
			return false;
		total += count;
	}
	while ((at = strstr(at, "  ")))
		actions = at += 2;
	if (!actions || !all_are_faults(actions, ", "))
		return false;
	*sum += total;
	return true;
}

static size_t count_cpus(const char *header)
{
	size_t cpus = 0;

	while ((header = strstr(header, "CPU"))) {
		header += strlen("CPU");
		cpus++;
	}
	return cpus;
}

static bool sum_of_procfs(const struct interrupts *interrupts, uint64_t *sum)
{
	char path[PATH_MAX], *line = NULL;
	size_t size = 0, cpus = 0, found = 0;
	FILE *file;
	int fd;

	snprintf(path, sizeof(path), "%s/interrupts", interrupts->procfs);
	fd = files_open(AT_FDCWD, path);
	file = fd >= 0 ? fdopen(fd, "r") : NULL;
	if (!file) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	while (getline(&line, &size, file) > 0) {
		if (!cpus)
			cpus = count_cpus(line);
		else
			found += add_line(line, cpus, sum);
	}
	free(line);
	fclose(file);
	return found;
}

/* /proc comes second: it leaves out the CPUs that are off. */
bool interrupts_sum(const struct interrupts *interrupts, uint64_t *sum)
{
	*sum = 0;
	if (interrupts->count && sum_of_sysfs(interrupts, sum))
		return true;
	*sum = 0;
	return interrupts->procfs && sum_of_procfs(interrupts, sum);
}

void interrupts_release(struct interrupts *interrupts)
{
	free(interrupts->numbers);
	interrupts->numbers = NULL;
	interrupts->count = interrupts->capacity = 0;
}

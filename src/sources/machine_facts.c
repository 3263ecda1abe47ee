// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * machine_facts: what files tell of the machine as a whole.
 * In: sysfs, /proc/cmdline, /proc/cpuinfo. Out: facts. Must never know: what follows from them.
 */
#include "machine_facts.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../util.h"
#include "boot_options.h"
#include "files.h"

/* COMMAND_LINE_SIZE is at most this (arch/ of the kernels 5.10 to 7.1). */
#define COMMAND_LINE_BYTES 4097
/* The first processor of /proc/cpuinfo, with a list of flags that grows from year to year. */
#define PROCESSOR_BYTES 16384
#define LIST_BYTES      256
#define SMALL_BYTES     128

struct machine {
	const char *procfs; /* NULL: none */
	const char *sysfs;
	struct topology_item *item;
};

/* "none" is known, and another thing than unknown. */
static void set_list(const struct machine *machine, enum attribute attribute, const char *list)
{
	topology_set_text(machine->item, attribute, *list ? list : "none");
}

static void add_word(char list[LIST_BYTES], const char *word)
{
	append_text(list, LIST_BYTES, "%s%s", *list ? "," : "", word);
}

__attribute__((format(printf, 4, 5))) static size_t read_below(const char *root, char *text,
                                                               size_t size, const char *format, ...)
{
	char path[PATH_MAX] = "";
	va_list args;

	append_text(path, sizeof(path), "%s/", root);
	va_start(args, format);
	vappend_text(path, sizeof(path), format, args);
	va_end(args);
	return files_read(AT_FDCWD, path, text, size);
}

/* ---- what only a boot can change ---- */

static void read_options(const struct machine *machine)
{
	char line[COMMAND_LINE_BYTES], picked[BOOT_OPTIONS_MAX];

	if (!machine->procfs || !read_below(machine->procfs, line, sizeof(line), "cmdline"))
		return;
	boot_options_pick(line, picked);
	set_list(machine, ATTR_MACHINE_OPTIONS, picked);
}

static void read_physical_bits(const struct machine *machine)
{
	static const char words[] = "\naddress sizes\t:";
	char text[PROCESSOR_BYTES];
	const char *at;
	uint64_t bits;

	if (!machine->procfs || !read_below(machine->procfs, text, sizeof(text), "cpuinfo"))
		return;
	at = strstr(text, words);
	if (!at)
		return;
	at += strlen(words);
	at += strspn(at, " \t");
	if (parse_decimal(at, &at, &bits) && !strncmp(at, " bits physical", 14))
		topology_set_number(machine->item, ATTR_MACHINE_PHYSICAL_BITS, bits);
}

static void read_acpi(const struct machine *machine)
{
	static const char *const tables[] = {"DMAR", "IVRS", "IORT", "VIOT", "RIMT"};
	char list[LIST_BYTES] = "", path[PATH_MAX];
	int directory;

	snprintf(path, sizeof(path), "%s/firmware/acpi/tables", machine->sysfs);
	directory = files_open_directory(AT_FDCWD, path);
	if (directory < 0)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
		if (!faccessat(directory, tables[i], F_OK, 0))
			add_word(list, tables[i]);
	close(directory);
	set_list(machine, ATTR_MACHINE_ACPI, list);
}

/*
 * Chips of interrupts that an IOMMU remaps are named so (arch/x86/kernel/apic/io_apic.c, the prefix
 * of irq_remapping.c and amd/iommu.c); those that it does not are "IO-APIC" and "PCI-MSI". Chips of
 * other architectures tell nothing.
 */
static bool chip_tells(const char *chip, bool *remapped)
{
	*remapped = !strncmp(chip, "IR-", 3);
	return *remapped || !strncmp(chip, "PCI-MSI", 7);
}

/* One that is remapped is enough: without remapping none is. */
static void read_remapping(const struct machine *machine)
{
	bool told = false, remapped = false;
	char path[PATH_MAX], chip[SMALL_BYTES];
	const struct dirent *entry;
	DIR *irqs;

	snprintf(path, sizeof(path), "%s/kernel/irq", machine->sysfs);
	irqs = opendir(path);
	if (!irqs)
		return;
	while (!remapped && (entry = readdir(irqs))) {
		char name[NAME_MAX + 16];

		snprintf(name, sizeof(name), "%s/chip_name", entry->d_name);
		if (entry->d_name[0] != '.' && files_read(dirfd(irqs), name, chip, sizeof(chip)))
			told |= chip_tells(chip, &remapped);
	}
	closedir(irqs);
	if (told)
		topology_set_text(machine->item, ATTR_MACHINE_REMAPPING, remapped ? "on" : "off");
}

static const struct lasting {
	enum attribute attribute;
	void (*read)(const struct machine *machine);
} lasting[] = {
	{ATTR_MACHINE_OPTIONS, read_options},
	{ATTR_MACHINE_PHYSICAL_BITS, read_physical_bits},
	{ATTR_MACHINE_ACPI, read_acpi},
	{ATTR_MACHINE_REMAPPING, read_remapping},
};

static void read_lasting(const struct machine *machine, const struct topology *told)
{
	const struct topology_item *before = topology_find(told, SUBJECT_MACHINE, NULL, 0);

	for (size_t i = 0; i < ARRAY_SIZE(lasting); i++) {
		if (before && topology_is_known(before, lasting[i].attribute))
			topology_copy_fact(machine->item, before, lasting[i].attribute);
		else
			lasting[i].read(machine);
	}
}

/* ---- what can change ---- */

/* "none [integrity] confidentiality" (security/lockdown/lockdown.c) */
static void read_lockdown(const struct machine *machine)
{
	char text[SMALL_BYTES];
	char *from, *end;

	if (!read_below(machine->sysfs, text, sizeof(text), "kernel/security/lockdown"))
		return;
	from = strchr(text, '[');
	end = from ? strchr(from, ']') : NULL;
	if (!end)
		return;
	*end = '\0';
	topology_set_text(machine->item, ATTR_MACHINE_LOCKDOWN, from + 1);
}

static void read_dma_entries(const struct machine *machine)
{
	char text[SMALL_BYTES];
	const char *end;
	uint64_t entries;

	if (read_below(machine->sysfs, text, sizeof(text),
	               "module/vfio_iommu_type1/parameters/dma_entry_limit") &&
	    parse_decimal(text, &end, &entries))
		topology_set_number(machine->item, ATTR_MACHINE_DMA_ENTRIES, entries);
}

/* Programs are this machine's: nothing of it is put beside a copy of another one's sysfs. */
static void read_driverctl(const struct machine *machine)
{
	static const char *const paths[] = {"/usr/sbin/driverctl", "/usr/bin/driverctl",
	                                    "/sbin/driverctl", "/usr/local/sbin/driverctl"};
	bool there = false;

	if (strcmp(machine->sysfs, "/sys") != 0)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		there |= !access(paths[i], X_OK);
	topology_set_number(machine->item, ATTR_MACHINE_DRIVERCTL, there);
}

static bool is_on(const struct machine *machine, const char *module, const char *parameter)
{
	char text[SMALL_BYTES];

	return read_below(machine->sysfs, text, sizeof(text), "module/%s/parameters/%s", module,
	                  parameter) &&
	       (text[0] == 'Y' || text[0] == '1');
}

static void read_vfio(const struct machine *machine)
{
	static const char *const modules[] = {"vfio", "vfio_pci", "vfio_iommu_type1", "iommufd"};
	char list[LIST_BYTES] = "", path[PATH_MAX];
	int directory;

	snprintf(path, sizeof(path), "%s/module", machine->sysfs);
	directory = files_open_directory(AT_FDCWD, path);
	if (directory < 0)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(modules); i++)
		if (!faccessat(directory, modules[i], F_OK, 0))
			add_word(list, modules[i]);
	close(directory);
	if (is_on(machine, "vfio_iommu_type1", "allow_unsafe_interrupts"))
		add_word(list, "unsafe_interrupts");
	if (is_on(machine, "vfio", "enable_unsafe_noiommu_mode"))
		add_word(list, "unsafe_noiommu");
	set_list(machine, ATTR_MACHINE_VFIO, list);
}

/* ---- units ---- */

/*
 * Intel, CAP: MGAW (21:16) is one less than the widest address that translates; SAGAW (12:8) which
 * depths of tables there are, 39, 48 and 57 bits from bit 1 on (VT-d specification 11.4.2, and
 * drivers/iommu/intel/iommu.h).
 */
static uint64_t vtd_bits(uint64_t cap)
{
	uint64_t most = (cap >> 16 & 0x3f) + 1;

	for (unsigned int depth = 3; depth >= 1; depth--) {
		uint64_t bits = 30 + 9 * depth;

		if (cap >> 8 & 1u << depth)
			return bits < most ? bits : most;
	}
	return VALUE_UNKNOWN;
}

/*
 * AMD, the extended features: HATS (11:10) is how many levels the host's tables can have, from 4
 * on; 3 stands for none (AMD I/O virtualization specification, and drivers/iommu/amd/init.c).
 */
static uint64_t amd_bits(uint64_t features)
{
	static const uint64_t bits[] = {48, 57, 64, VALUE_UNKNOWN};

	return bits[features >> 10 & 3];
}

static const struct register_file {
	const char *path;
	uint64_t (*bits)(uint64_t value);
} register_files[] = {
	{"intel-iommu/cap", vtd_bits},
	{"amd-iommu/features", amd_bits}, /* "29d3", from 6.3 on "29d3:0" */
};

static void read_unit(const char *sysfs, struct topology_item *unit)
{
	char text[SMALL_BYTES];
	const char *end;
	uint64_t value;

	for (size_t i = 0; i < ARRAY_SIZE(register_files); i++)
		if (read_below(sysfs, text, sizeof(text), "class/iommu/%s/%s", unit->name,
		               register_files[i].path) &&
		    parse_hex(text, &end, &value))
			topology_set_number(unit, ATTR_UNIT_ADDRESS_BITS,
			                    register_files[i].bits(value));
}

void machine_facts_read(const char *procfs, const char *sysfs, const struct topology *told,
                        struct topology *read)
{
	const struct machine machine = {procfs, sysfs,
	                                topology_add(read, SUBJECT_MACHINE, NULL, 0)};

	read_lasting(&machine, told);
	read_lockdown(&machine);
	read_dma_entries(&machine);
	read_driverctl(&machine);
	read_vfio(&machine);
	for (size_t i = 0; i < read->count; i++)
		if (read->items[i].subject == SUBJECT_UNIT)
			read_unit(sysfs, &read->items[i]);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * behaviour: will the devices of a group behave when a guest has them? In: a snapshot. Out: lines.
 * Must never know: sysfs, configuration space, the terminal. Pure.
 *
 * Of many members those that share an answer share its line.
 */
#include "behaviour.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "format.h"
#include "util.h"
#include "viability.h"

#define NAMED_MEMBERS 6 /* so many by name, the others by number */
#define NAMES_MAX     256
#define GIB           (1ull << 30)

/* ---- members, gathered ---- */

/* What is asked of members; those that answer alike share a line. */
typedef const char *fact_of(const struct snapshot *snap, const struct snapshot_device *device);

struct gathering {
	const struct snapshot *snap;
	const struct snapshot_group *group;
	fact_of *fact;
};

static const struct snapshot_device *member(const struct gathering *of, uint32_t i)
{
	const struct snapshot_device *device = &snapshot_devices_of(of->snap, of->group)[i];

	return viability_is_endpoint(of->snap, device) ? device : NULL;
}

static bool says(const struct gathering *of, uint32_t i, const char *text)
{
	const struct snapshot_device *device = member(of, i);

	return device && !strcmp(of->fact(of->snap, device), text);
}

/* The names of all that say this. */
static const char *names_of(const struct gathering *of, const char *text, char names[NAMES_MAX])
{
	uint32_t count = 0;

	names[0] = '\0';
	for (uint32_t i = 0; i < of->group->device_count; i++) {
		if (says(of, i, text) && count++ < NAMED_MEMBERS)
			append_text(names, NAMES_MAX, "%s%s", count > 1 ? ", " : "",
			            snapshot_text(of->snap, member(of, i)->name));
	}
	if (count > NAMED_MEMBERS)
		append_text(names, NAMES_MAX, " and %u more", count - NAMED_MEMBERS);
	return names;
}

/* Calls say with each answer that members give, once. */
static void say_each(const struct gathering *of, struct lines *lines,
                     void (*say)(const struct gathering *of, const char *text, struct lines *lines))
{
	for (uint32_t i = 0; i < of->group->device_count; i++) {
		const char *text;
		uint32_t earlier = 0;

		if (!member(of, i))
			continue;
		text = of->fact(of->snap, member(of, i));
		while (earlier < i && !says(of, earlier, text))
			earlier++;
		if (earlier == i)
			say(of, text, lines);
	}
}

static const struct snapshot_device *first_member(const struct gathering *of)
{
	for (uint32_t i = 0; i < of->group->device_count; i++)
		if (member(of, i))
			return member(of, i);
	return NULL;
}

/* ---- resets ---- */

/* no methods of the kernel's */
#define SHARED_BUS "shared bus"
#define ROOT_BUS   "root bus"

/* "0000:03:01.0" and "0000:03:02.0" are on one bus. */
static bool is_on_bus_of(const char *name, const char *other)
{
	const char *colon = strrchr(other, ':');

	return colon && !strncmp(name, other, (size_t)(colon - other) + 1);
}

static bool shares_its_bus(const struct snapshot *snap, const struct snapshot_device *device)
{
	const char *name = snapshot_text(snap, device->name);

	for (size_t i = 0; i < snap->device_count; i++)
		if (&snap->devices[i] != device &&
		    is_on_bus_of(snapshot_text(snap, snap->devices[i].name), name))
			return true;
	return false;
}

static const struct {
	const char *method;
	enum tone tone;
	const char *words;
} reset_words[] = {
	{"flr", TONE_GOOD, "can be reset alone, by a reset made for that (FLR)"},
	{"af_flr", TONE_GOOD, "can be reset alone, by a reset made for that (AF FLR)"},
	{"device_specific", TONE_GOOD,
         "can be reset, in a way that the kernel knows of this model"},
	{"acpi", TONE_GOOD, "can be reset, by the platform's firmware (ACPI)"},
	{"pm", TONE_PLAIN,
         "can be reset by putting it to sleep (pm): a weak reset, some devices come back as "
         "they were"},
	{"bus", TONE_PLAIN, "can be reset together with its bus, which it has to itself"},
	{"cxl_bus", TONE_PLAIN, "can be reset together with its CXL port"},
	{SHARED_BUS, TONE_WARN,
         "cannot be reset alone, as others share its bus: a guest may find it as the last one left "
         "it, unless VFIO may reset all of the bus"},
	{"some", TONE_PLAIN, "can be reset; in which way, the kernel tells since 5.15"},
	{"none", TONE_WARN,
         "cannot be reset alone: a guest may find it as the last one left it, unless VFIO may "
         "reset all of its bus"},
	{ROOT_BUS, TONE_WARN, "cannot be reset: a guest finds it as the last one left it"},
	{"", TONE_UNKNOWN, "whether it can be reset is not known: sysfs did not tell"},
};

/* Its parent is not a bridge but "pci0000:00". */
static bool is_on_root_bus(const struct snapshot *snap, const struct snapshot_device *device)
{
	return !strncmp(snapshot_text(snap, device->parent), "pci", 3);
}

static bool is_first_word(const char *list, const char *word)
{
	return strcspn(list, " ") == strlen(word) && !strncmp(list, word, strlen(word));
}

/*
 * The kernel takes the first of the methods that works, in the order of reset_method
 * (pci_reset_fn_methods in drivers/pci/pci.c, 5.15 to 7.3). It offers pm only where the device says
 * that it forgets (pci_pm_reset), bus only for a function that has the bus to itself
 * (pci_parent_bus_reset) - but it looks when it finds the device, and the first of a bus is alone
 * then. Without any VFIO can still reset a bus or slot of which all belong to one user
 * (vfio_pci_dev_set_try_reset in drivers/vfio/pci/vfio_pci_core.c), if a bridge leads to it
 * (pci_bus_reset).
 */
static const char *reset_of(const struct snapshot *snap, const struct snapshot_device *device)
{
	const char *reset = snapshot_text(snap, device->reset);

	if (!strcmp(reset, "none") && is_on_root_bus(snap, device))
		return ROOT_BUS;
	if ((is_first_word(reset, "bus") || !strcmp(reset, "none")) && shares_its_bus(snap, device))
		return SHARED_BUS;
	for (size_t i = 0; i < ARRAY_SIZE(reset_words); i++)
		if (is_first_word(reset, reset_words[i].method))
			return reset_words[i].method;
	return reset;
}

static void say_reset(const struct gathering *of, const char *text, struct lines *lines)
{
	char names[NAMES_MAX];

	names_of(of, text, names);
	for (size_t i = 0; i < ARRAY_SIZE(reset_words); i++) {
		if (!strcmp(reset_words[i].method, text)) {
			lines_add(lines, reset_words[i].tone, "%s: %s", names,
			          reset_words[i].words);
			return;
		}
	}
	lines_add(lines, TONE_PLAIN, "%s: can be reset by the method \"%s\"", names, text);
}

/* ---- reserved regions ---- */

#define INTERRUPTS_OF_A_PC "0xfee00000-0xfeefffff"

struct region {
	const char *type, *range;
	int type_length, range_length;
};

/* The next of "msi 0xfee00000-0xfeefffff,...". */
static bool next_region(const char **at, struct region *region)
{
	size_t length = strcspn(*at, ",");
	size_t space = strcspn(*at, " ,");

	if (space >= length)
		return false;
	*region = (struct region){*at, *at + space + 1, (int)space, (int)(length - space - 1)};
	*at += length;
	*at += **at == ',';
	return true;
}

static bool is_type(const struct region *region, const char *type)
{
	return (size_t)region->type_length == strlen(type) &&
	       !strncmp(region->type, type, strlen(type));
}

static bool is_range(const struct region *region, const char *range)
{
	return (size_t)region->range_length == strlen(range) &&
	       !strncmp(region->range, range, strlen(range));
}

/*
 * Of a group that is not refused: Intel's driver refused up to 6.5 (device_is_rmrr_locked), since
 * 6.6 the core does for all (require_direct in drivers/iommu/iommu.c).
 */
static void say_direct(const struct snapshot *snap, const struct snapshot_group *group,
                       const struct region *region, struct lines *lines)
{
	if (viability_of(snap, group).firmware)
		lines_add(lines, TONE_BAD,
		          "the firmware uses %.*s through it and wants that to stay mapped "
		          "(direct): the kernel does not let a guest have it",
		          region->range_length, region->range);
	else
		lines_add(lines, TONE_WARN,
		          "the firmware uses %.*s through it and wants that to stay mapped "
		          "(direct): a guest would cut that off, and newer kernels refuse",
		          region->range_length, region->range);
}

/* device_rmrr_is_relaxable in drivers/iommu/intel/iommu.c; vfio_iommu_resv_exclude in
 * drivers/vfio/vfio_iommu_type1.c leaves out all regions but these. */
static void say_region(const struct snapshot *snap, const struct snapshot_group *group,
                       const struct region *region, struct lines *lines)
{
	if (is_type(region, "direct"))
		say_direct(snap, group, region, lines);
	else if (is_type(region, "direct-relaxable"))
		lines_add(lines, TONE_PLAIN,
		          "the firmware has used %.*s through it (direct-relaxable, of USB and "
		          "graphics): does not stand in the way",
		          region->range_length, region->range);
	else if (is_type(region, "msi") && is_range(region, INTERRUPTS_OF_A_PC))
		return; /* as on every PC: guests know it, and the facts of the group have it */
	else
		lines_add(
			lines, TONE_PLAIN,
			"no guest memory can lie at %.*s (%.*s): a guest that has some there does "
			"not start",
			region->range_length, region->range, region->type_length, region->type);
}

static void say_reserved(const struct snapshot *snap, const struct snapshot_group *group,
                         struct lines *lines)
{
	const char *at = snapshot_text(snap, group->reserved);
	struct region region;

	while (next_region(&at, &region))
		say_region(snap, group, &region, lines);
}

/* ---- what the unit can do ---- */

static const struct snapshot_unit *unit_of(const struct snapshot *snap,
                                           const struct snapshot_device *device)
{
	for (size_t i = 0; device->unit && i < snap->unit_count; i++)
		if (snap->units[i].name == device->unit)
			return &snap->units[i];
	return NULL;
}

/* Where the interrupt controller keeps devices apart, as on arm64, nobody speaks of remapping. */
static bool remaps_interrupts(const struct snapshot *snap, const struct snapshot_unit *unit)
{
	const char *vendor = unit ? snapshot_text(snap, unit->vendor) : "";

	return !strcmp(vendor, "VT-d") || !strcmp(vendor, "AMD-Vi");
}

/* Of a group that an IOMMU guards; noiommu mode asks nobody. vfio_iommu_type1_attach_group
 * (drivers/vfio/vfio_iommu_type1.c) and iommufd_device_bind (drivers/iommu/iommufd/device.c) each
 * have a parameter of this name. */
static void say_interrupts(const struct snapshot *snap, const struct snapshot_unit *unit,
                           struct lines *lines)
{
	const char *remapping = snapshot_text(snap, snap->machine.remapping);

	if (!strcmp(remapping, "on"))
		lines_add(lines, TONE_GOOD,
		          "interrupt remapping is on: a guest cannot raise interrupts of others");
	else if (!strcmp(remapping, "off"))
		lines_add(lines, TONE_BAD,
		          "interrupt remapping is off: VFIO refuses unless allow_unsafe_interrupts "
		          "of vfio_iommu_type1 (or iommufd) is set; then a guest could forge "
		          "interrupts");
	else if (remaps_interrupts(snap, unit))
		lines_add(lines, TONE_UNKNOWN,
		          "whether interrupts are remapped is not known: /sys/kernel/irq does not "
		          "tell");
}

static const char *bits_in_words(uint32_t bits, char *out, size_t size)
{
	static const char *const units[] = {"GiB", "TiB", "PiB", "EiB"};
	uint32_t unit = bits < 40 ? 0 : (bits - 30) / 10;

	if (bits < 30 || unit >= ARRAY_SIZE(units))
		snprintf(out, size, "%u bits", bits);
	else
		snprintf(out, size, "%u %s", 1u << (bits - 30 - 10 * unit), units[unit]);
	return out;
}

/* What a guest has at addresses beyond that cannot be mapped: its memory, and where its firmware
 * puts BARs, which goes by the width of its processor. */
static void say_width(const struct snapshot *snap, const struct snapshot_unit *unit,
                      struct lines *lines)
{
	uint32_t processor = snap->machine.physical_bits;
	const char *name;
	char limit[32];

	if (!unit)
		return;
	name = snapshot_text(snap, unit->name);
	if (unit->address_bits == NO_NUMBER)
		lines_add(lines, TONE_UNKNOWN,
		          "how much address space %s can give to a guest is not known: it does not "
		          "tell",
		          name);
	else if (processor == NO_NUMBER)
		lines_add(lines, TONE_PLAIN, "%s gives a guest %s of addresses (%u bits)", name,
		          bits_in_words(unit->address_bits, limit, sizeof(limit)),
		          unit->address_bits);
	else if (unit->address_bits < processor)
		lines_add(lines, TONE_WARN,
		          "%s has %u bits of address, the processor %u: memory and BARs of a guest "
		          "have to stay below %s (QEMU: -cpu host,host-phys-bits-limit=%u)",
		          name, unit->address_bits, processor,
		          bits_in_words(unit->address_bits, limit, sizeof(limit)),
		          unit->address_bits);
	else
		lines_add(lines, TONE_GOOD,
		          "%s gives a guest %s of addresses (%u bits), %s the processor has", name,
		          bits_in_words(unit->address_bits, limit, sizeof(limit)),
		          unit->address_bits,
		          unit->address_bits == processor ? "as many as" : "more than");
}

/* ---- BARs ---- */

/* All that need not lie below 4 GiB: "0 64 prefetch 0x10000000,2 32 0x4000,3 io 0x80". */
static uint64_t wide_bars_bytes(const char *bars)
{
	uint64_t sum_bytes = 0, size_bytes;

	while (*bars) {
		const char *kind = bars + strcspn(bars, " ,");
		const char *size = strstr(bars, " 0x");

		if (!strncmp(kind, " 64 ", 4) && size && parse_hex(size + 1, &size, &size_bytes))
			sum_bytes += size_bytes;
		bars += strcspn(bars, ",");
		bars += *bars == ',';
	}
	return sum_bytes;
}

/* OvmfPkg had room for 32 GiB until it began to go by the width of the processor, in 2022. */
static void say_bars(const struct snapshot *snap, const struct snapshot_device *device,
                     struct lines *lines)
{
	uint64_t bytes = wide_bars_bytes(snapshot_text(snap, device->bars));
	const char *name = snapshot_text(snap, device->name);
	char size[16];

	if (bytes < 4 * GIB)
		return;
	format_bytes(size, sizeof(size), (double)bytes);
	if (bytes >= 32 * GIB)
		lines_add(lines, TONE_WARN,
		          "%s: %s of BARs: the guest's firmware needs that room above 4 GiB; OVMF "
		          "before 2022 has less (fw_cfg opt/ovmf/X-PciMmio64Mb)",
		          name, size);
	else
		lines_add(lines, TONE_PLAIN,
		          "%s: %s of BARs: the guest's firmware needs that room above 4 GiB", name,
		          size);
}

/* ---- what configuration space told ---- */

static const char *config_of(const struct snapshot *snap, const struct snapshot_device *device)
{
	return snapshot_text(snap, device->config);
}

static const char *features_of(const struct snapshot *snap, const struct snapshot_device *device)
{
	return snapshot_text(snap, device->features);
}

static const char *link_of(const struct snapshot *snap, const struct snapshot_device *device)
{
	return snapshot_text(snap, device->link);
}

static void say_features(const struct gathering *of, const char *text, struct lines *lines)
{
	static const struct {
		const char *word, *name;
	} features[] = {{"ats", "ATS"}, {"pasid", "PASID"}, {"pri", "PRI"}};
	char names[NAMES_MAX], on[32] = "", off[32] = "";

	for (size_t i = 0; i < ARRAY_SIZE(features); i++) {
		const char *at = strstr(text, features[i].word);
		char *words;

		if (!at)
			continue;
		words = at[strlen(features[i].word)] == '+' ? on : off;
		append_text(words, sizeof(on), "%s%s", words[0] ? ", " : "", features[i].name);
	}
	if (!on[0] && !off[0])
		return;
	lines_add(lines, TONE_PLAIN, "%s: %s%s%s%s%s%s", names_of(of, text, names), on,
	          on[0] ? " in use" : "", on[0] && off[0] ? "; " : "", off,
	          off[0] ? " offered, not in use" : "",
	          strstr(text, "ats+") ? ": with ATS it keeps translations itself, and is trusted "
	                                 "to drop them when told"
	                               : "");
}

struct rate_of_link {
	uint64_t tenths_gt_s, lanes;
};

/* "8.0 GT/s x4" */
static bool parse_link(const char *text, const char **end, struct rate_of_link *rate)
{
	uint64_t whole, tenths = 0;

	if (!parse_decimal(text, &text, &whole))
		return false;
	if (*text == '.' && !parse_decimal(text + 1, &text, &tenths))
		return false;
	if (strncmp(text, " GT/s x", 7) != 0 || whole > 10000 || tenths > 9)
		return false;
	rate->tenths_gt_s = 10 * whole + tenths;
	return parse_decimal(text + 7, end, &rate->lanes);
}

/* Fewer lanes come of a slot, a riser or a contact; a lower speed may only save power. */
static void say_link(const struct gathering *of, const char *text, struct lines *lines)
{
	static const char able_to[] = ", able to ";
	struct rate_of_link now, able;
	char names[NAMES_MAX];
	const char *end;

	if (!parse_link(text, &end, &now) || strncmp(end, able_to, strlen(able_to)) != 0 ||
	    !parse_link(end + strlen(able_to), &end, &able))
		return;
	names_of(of, text, names);
	if (now.lanes < able.lanes)
		lines_add(lines, TONE_WARN,
		          "%s: its link runs at %s: look at the slot, if that is not what it has",
		          names, text);
	else if (now.tenths_gt_s < able.tenths_gt_s)
		lines_add(lines, TONE_PLAIN,
		          "%s: its link runs at %s: it may save power, or the slot is slower",
		          names, text);
}

static const struct {
	const char *config;
	enum tone tone;
	const char *words;
} config_words[] = {
	{"whole", TONE_PLAIN, NULL},
	{"64 bytes", TONE_UNKNOWN,
         "ATS, PASID, PRI and the link are not known: the rest of its configuration space needs "
         "root"},
	{"asleep", TONE_UNKNOWN,
         "asleep, not read: ATS, PASID, PRI and the link are not known; W on the group's screen "
         "reads it and wakes it"},
	{"gone", TONE_BAD, "answers with all ones: it is unplugged, or hangs"},
	{"broken", TONE_WARN,
         "lists of its capabilities are broken: ATS, PASID, PRI and the link may not be all"},
	{"", TONE_UNKNOWN,
         "ATS, PASID, PRI and the link are not known: its configuration space was not read"},
	{"none", TONE_UNKNOWN,
         "ATS, PASID, PRI and the link are not known: there is no configuration space to read"},
};

static void say_config(const struct gathering *of, const char *text, struct lines *lines)
{
	char names[NAMES_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(config_words); i++)
		if (!strcmp(config_words[i].config, text) && config_words[i].words)
			lines_add(lines, config_words[i].tone, "%s: %s", names_of(of, text, names),
			          config_words[i].words);
}

/* ---- where it is ---- */

static bool has_several_nodes(const struct snapshot *snap)
{
	uint32_t node = NO_NUMBER;

	for (size_t i = 0; i < snap->device_count; i++) {
		uint32_t other = snap->devices[i].numa;

		if (other == NO_NUMBER)
			continue;
		if (node != NO_NUMBER && node != other)
			return true;
		node = other;
	}
	return false;
}

static void say_node(const struct gathering *of, struct lines *lines)
{
	const struct snapshot_device *first = first_member(of);

	if (first->numa != NO_NUMBER && has_several_nodes(of->snap))
		lines_add(lines, TONE_PLAIN,
		          "on NUMA node %u: a guest with processors and memory of that node is "
		          "nearest to it",
		          first->numa);
}

void behaviour_say(const struct snapshot *snap, const struct snapshot_group *group,
                   struct lines *lines)
{
	struct gathering of = {snap, group, reset_of};
	const struct snapshot_device *first = first_member(&of);

	if (!first)
		return;
	say_each(&of, lines, say_reset);
	say_reserved(snap, group, lines);
	if (viability_of(snap, group).kind != VIABILITY_NO_IOMMU)
		say_interrupts(snap, unit_of(snap, first), lines);
	say_width(snap, unit_of(snap, first), lines);
	for (uint32_t i = 0; i < group->device_count; i++)
		if (member(&of, i))
			say_bars(snap, member(&of, i), lines);
	of.fact = features_of;
	say_each(&of, lines, say_features);
	of.fact = link_of;
	say_each(&of, lines, say_link);
	of.fact = config_of;
	say_each(&of, lines, say_config);
	say_node(&of, lines);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * doctor: is the IOMMU on, and can all be watched that could be? In: a snapshot. Out: lines, the
 * gravest first, and a verdict. Must never know: files, the terminal. Pure.
 */
#include "doctor.h"

#include <stdio.h>
#include <string.h>

#include "doctor_options.h"
#include "util.h"

#define NAMES_MAX 200
#define NAMED     3 /* so many units or devices by name, the others by number */

const char *doctor_verdict_word(enum doctor_verdict verdict)
{
	return verdict == DOCTOR_FINE       ? "fine"
	       : verdict == DOCTOR_WARNINGS ? "warnings"
	                                    : "not_usable";
}

static const char *text(const struct snapshot *snap, text_id id)
{
	return snapshot_text(snap, id);
}

static bool has_said(const struct snapshot *snap, const char *word)
{
	return doctor_has_word(text(snap, snap->machine.boot_said), word);
}

static const char *plural(size_t count)
{
	return count == 1 ? "" : "s";
}

/* ---- there is none ---- */

/* Why a unit that the firmware describes is not in use. */
struct cause {
	const char *option, *value; /* given so; NULL */
	const char *said;           /* the kernel's line, a word of boot_said; NULL */
	const char *sentence;
};

static const struct cause intel_causes[] = {
	{"intel_iommu", "off", NULL,
         "intel_iommu=off on the kernel's command line switches it off. Put intel_iommu=on there "
         "and reboot."},
	{"iommu", "off", NULL,
         "iommu=off on the kernel's command line switches it off. Take it away, put "
         "intel_iommu=on there and reboot."},
	{NULL, NULL, "vtd_table",
         "the kernel could not read the firmware's table DMAR (dmesg | grep DMAR). An update of "
         "the "
         "firmware may bring a better one."},
	{NULL, NULL, "vtd_none",
         "the firmware's table DMAR describes no unit. Switch VT-d on in the firmware's setup."},
	{NULL, NULL, "vtd_failed",
         "the kernel could not bring it up: dmesg | grep DMAR has its reasons."},
	{"intel_iommu", "on", NULL,
         "intel_iommu=on was given, and yet no unit came up: dmesg | grep -e DMAR -e IOMMU may say "
         "why; the kernel may lack CONFIG_INTEL_IOMMU."},
	{NULL, NULL, NULL,
         "no unit came up: most kernels leave it off until they are asked. Put intel_iommu=on on "
         "the "
         "kernel's command line and reboot."},
};

static const struct cause amd_causes[] = {
	{"amd_iommu", "off", NULL,
         "amd_iommu=off on the kernel's command line switches it off. Take it away and reboot."},
	{"iommu", "off", NULL,
         "iommu=off on the kernel's command line switches it off. Take it away and reboot."},
	{NULL, NULL, "amd_table",
         "the kernel found the firmware's table IVRS wrong (dmesg | grep AMD-Vi). An update of the "
         "firmware may bring a better one."},
	{NULL, NULL, "amd_refused",
         "the kernel does not use that of this processor (Stoney Ridge)."},
	{NULL, NULL, "amd_encrypted",
         "this kernel cannot use it while memory encryption (SME) is active."},
	{NULL, NULL, "amd_failed", "the kernel could not bring it up: dmesg | grep AMD-Vi."},
	{NULL, NULL, NULL,
         "the kernel brought up no unit: dmesg | grep AMD-Vi may say why; it may lack "
         "CONFIG_AMD_IOMMU."},
};

static const struct cause other_causes[] = {
	{NULL, NULL, NULL,
         "no unit is in use: the table may describe none, it may be off in the firmware's setup, "
         "or "
         "the kernel may lack its driver."},
};

static bool is_cause(const struct snapshot *snap, const struct cause *cause)
{
	if (cause->option)
		return doctor_option_has(text(snap, snap->machine.options), cause->option,
		                         cause->value);
	return !cause->said || has_said(snap, cause->said);
}

/* The last cause always holds. */
static void say_cause(const struct snapshot *snap, const struct cause *cause, const char *whose,
                      struct lines *lines)
{
	while (!is_cause(snap, cause))
		cause++;
	lines_add(lines, TONE_BAD, "The IOMMU is off. The firmware describes one (%s), but %s",
	          whose, cause->sentence);
}

/* Its list of unknown options tells that a kernel was built without support; that of 5.14 to 5.17
 * has those that were obeyed, too. */
static bool lacks_intel(const struct snapshot *snap)
{
	return doctor_option_has(text(snap, snap->machine.options_unknown), "intel_iommu", "on") &&
	       !has_said(snap, "vtd_asked");
}

static void say_no_table(const struct snapshot *snap, struct lines *lines)
{
	if (snap->machine.acpi)
		lines_add(
			lines, TONE_BAD,
			"There is no IOMMU: the firmware describes none (no table DMAR, IVRS, IORT "
			"or VIOT). Switch it on in the firmware's setup (VT-d, AMD-Vi, IOMMU); a "
			"virtual machine gets one from its host.");
	else
		lines_add(lines, TONE_BAD,
		          "There is no IOMMU in use. What the firmware describes is not known: it "
		          "has "
		          "no ACPI tables here.");
}

static void say_no_unit(const struct snapshot *snap, struct lines *lines)
{
	switch (doctor_maker(snap)) {
	case MAKER_INTEL:
		if (lacks_intel(snap))
			lines_add(lines, TONE_BAD,
			          "The IOMMU is off. The firmware describes one (Intel VT-d), but "
			          "this kernel was built without support for it: intel_iommu=on is "
			          "unknown to it. Boot one with CONFIG_INTEL_IOMMU.");
		else
			say_cause(snap, intel_causes, "Intel VT-d", lines);
		break;
	case MAKER_AMD:
		say_cause(snap, amd_causes, "AMD-Vi", lines);
		break;
	case MAKER_OTHER:
		say_cause(snap, other_causes, text(snap, snap->machine.acpi), lines);
		break;
	default:
		say_no_table(snap, lines);
		break;
	}
}

static bool is_noiommu(const struct snapshot *snap, const struct snapshot_group *group)
{
	return !strcmp(text(snap, group->name), "vfio-noiommu");
}

static size_t count_noiommu(const struct snapshot *snap)
{
	size_t count = 0;

	for (size_t i = 0; i < snap->group_count; i++)
		count += is_noiommu(snap, &snap->groups[i]);
	return count;
}

/* Sysfs has not been read, or not whole: what it does not tell may be there all the same. */
static bool is_untold(const struct snapshot *snap)
{
	const struct snapshot_health *sysfs = &snap->health[SOURCE_SYSFS];

	return !snap->group_count &&
	       (sysfs->state < HEALTH_PARTIAL || !strncmp(sysfs->reason, "run it with sudo", 16));
}

static void say_untold(const struct snapshot *snap, struct lines *lines)
{
	const char *reason = snap->health[SOURCE_SYSFS].reason;

	lines_add(lines, TONE_UNKNOWN, "Which IOMMUs are on is not known: %s",
	          *reason ? reason : "sysfs has not been read");
	if (has_said(snap, "vtd_on"))
		lines_add(lines, TONE_PLAIN, "When it booted, the kernel brought up Intel VT-d.");
}

/* ---- they are on ---- */

static void add_name(char *names, size_t place, size_t count, const char *name)
{
	if (place < NAMED)
		append_text(names, NAMES_MAX, "%s%.40s", place ? ", " : "", name);
	else if (place == NAMED)
		append_text(names, NAMES_MAX, " and %zu more", count - NAMED);
}

static size_t count_members(const struct snapshot *snap)
{
	size_t count = 0;

	for (size_t i = 0; i < snap->group_count; i++)
		count += snap->groups[i].device_count;
	return count;
}

static const char *maker_words(const struct snapshot *snap)
{
	switch (doctor_maker(snap)) {
	case MAKER_INTEL:
		return "Intel VT-d: ";
	case MAKER_AMD:
		return "AMD-Vi: ";
	default:
		return "";
	}
}

static void say_on(const struct snapshot *snap, struct lines *lines)
{
	size_t members = count_members(snap);
	char names[NAMES_MAX] = "";

	for (size_t i = 0; i < snap->unit_count; i++)
		add_name(names, i, snap->unit_count, text(snap, snap->units[i].name));
	if (!snap->unit_count)
		lines_add(lines, TONE_GOOD,
		          "The IOMMU is on, though no unit has a name here: %zu group%s of %zu "
		          "device%s.",
		          snap->group_count, plural(snap->group_count), members, plural(members));
	else if (!snap->group_count)
		lines_add(lines, TONE_BAD,
		          "There are IOMMU units (%s%s), but no device is behind them: nothing is "
		          "held "
		          "back, and nothing can be assigned.",
		          maker_words(snap), names);
	else
		lines_add(lines, TONE_GOOD,
		          "The IOMMU is on: %zu unit%s (%s%s), %zu group%s of %zu device%s.",
		          snap->unit_count, plural(snap->unit_count), maker_words(snap), names,
		          snap->group_count, plural(snap->group_count), members, plural(members));
	if (snap->machine.acpi && strcmp(text(snap, snap->machine.acpi), "none") != 0)
		lines_add(lines, TONE_PLAIN, "The firmware tells of it in ACPI: %s.",
		          text(snap, snap->machine.acpi));
}

static void say_noiommu(const struct snapshot *snap, struct lines *lines)
{
	size_t count = count_noiommu(snap);

	if (!count)
		return;
	lines_add(lines, snap->unit_count ? TONE_WARN : TONE_BAD,
	          "%zu group%s of VFIO without an IOMMU (noiommu): whoever holds such a device can "
	          "reach all memory with it.",
	          count, plural(count));
}

/* ---- interrupts ---- */

/* Arm has its own ways (ITS), of which no chip's name tells. */
static void say_remapping(const struct snapshot *snap, struct lines *lines)
{
	const char *options = text(snap, snap->machine.options);
	const char *remapping = text(snap, snap->machine.remapping);
	enum doctor_maker maker = doctor_maker(snap);
	bool asked_off = doctor_option_has(options, "intremap", "off") ||
	                 doctor_has_word(options, "nointremap");

	if (!strcmp(remapping, "on"))
		lines_add(lines, TONE_GOOD, "Interrupts are remapped.");
	else if (*remapping)
		lines_add(
			lines, TONE_WARN,
			"Interrupts are not remapped%s: a guest could forge interrupts with its "
			"device, so VFIO assigns none unless it is told that this is no matter. %s",
			asked_off                             ? ", as asked on the command line"
			: has_said(snap, "remapping_erratum") ? ", as this chipset does it wrong"
							      : "",
			asked_off ? "Take intremap=off away and reboot."
				  : "The firmware's setup may have a switch; dmesg | grep -e "
				    "DMAR-IR -e AMD-Vi may say why.");
	else if (maker == MAKER_INTEL || maker == MAKER_AMD)
		lines_add(lines, TONE_UNKNOWN,
		          "Whether interrupts are remapped is not known: /sys/kernel/irq does not "
		          "tell.");
}

/* ---- VFIO ---- */

static void say_vfio(const struct snapshot *snap, struct lines *lines)
{
	const char *vfio = text(snap, snap->machine.vfio);

	if (doctor_has_word(vfio, "unsafe_noiommu"))
		lines_add(lines, TONE_WARN,
		          "VFIO may hand out devices without an IOMMU "
		          "(enable_unsafe_noiommu_mode): echo "
		          "N >/sys/module/vfio/parameters/enable_unsafe_noiommu_mode ends that.");
	if (doctor_has_word(vfio, "unsafe_interrupts"))
		lines_add(lines, TONE_WARN,
		          "VFIO assigns devices even where interrupts are not remapped "
		          "(allow_unsafe_interrupts): a guest could forge interrupts.");
	if (doctor_has_word(vfio, "vfio_pci"))
		lines_add(lines, TONE_GOOD, "vfio-pci is there: devices can be bound to it.");
	else if (*vfio)
		lines_add(lines, TONE_PLAIN,
		          "vfio-pci is not loaded: modprobe vfio-pci before a device is assigned.");
}

/* ---- devices that nothing holds back ---- */

/* AMD's are PCI devices themselves, and behind nobody (PCI class 08.06). */
static bool is_iommu(const struct snapshot_device *device)
{
	return device->class_code != NO_NUMBER && device->class_code >> 8 == 0x0806;
}

/* Of the processor, towards its root bus (06.00): it sends nothing of its own. On many AMD machines
 * 00:00.0 is in no group. */
static bool is_host_bridge(const struct snapshot_device *device)
{
	return device->class_code != NO_NUMBER && device->class_code >> 8 == 0x0600;
}

/*
 * Where units are described by a device tree or IORT, a device gets its group with its first driver
 * (really_probe calls dma_configure; up to 6.14 that is where its unit is looked up): before,
 * nobody can say.
 */
static bool is_undecided(const struct snapshot *snap, const struct snapshot_device *device)
{
	return doctor_maker(snap) == MAKER_OTHER && !device->driver;
}

static bool is_held_by_none(const struct snapshot *snap, const struct snapshot_device *device)
{
	return !is_iommu(device) && !is_host_bridge(device) && !is_undecided(snap, device);
}

static size_t count_devices(const struct snapshot *snap,
                            bool (*counts)(const struct snapshot *snap,
                                           const struct snapshot_device *device))
{
	const struct snapshot_device *first;
	size_t all = snapshot_ungrouped(snap, &first), count = 0;

	for (size_t i = 0; i < all; i++)
		count += counts(snap, &first[i]);
	return count;
}

static void name_devices(const struct snapshot *snap, size_t count, char names[NAMES_MAX])
{
	const struct snapshot_device *first;
	size_t all = snapshot_ungrouped(snap, &first), place = 0;

	for (size_t i = 0; i < all; i++) {
		char name[80];

		if (!is_held_by_none(snap, &first[i]))
			continue;
		snprintf(name, sizeof(name), "%.20s%s%.19s", text(snap, first[i].name),
		         first[i].class_name ? " " : "", text(snap, first[i].class_name));
		add_name(names, place++, count, name);
	}
}

static void say_ungrouped(const struct snapshot *snap, struct lines *lines)
{
	size_t count = count_devices(snap, is_held_by_none);
	size_t undecided = count_devices(snap, is_undecided);
	char names[NAMES_MAX] = "";

	name_devices(snap, count, names);
	if (count)
		lines_add(lines, TONE_WARN,
		          "%zu device%s behind no IOMMU: %s. All memory is in reach there, and "
		          "nothing of it can be assigned.",
		          count, count == 1 ? " is" : "s are", names);
	if (undecided)
		lines_add(
			lines, TONE_PLAIN,
			"%zu device%s no driver and no group: on this machine a device may get its "
			"group with its first driver.",
			undecided, undecided == 1 ? " has" : "s have");
}

/* ---- what can be watched ---- */

static const struct watched {
	enum source_id source;
	const char *works, *partly, *fails;
} watched[] = {
	{SOURCE_TRACE, "Tracing works: maps, unmaps and attaches can be watched.",
         "Tracing works in part", "Tracing does not work"},
	{SOURCE_PROBES, "Probes work: maps and unmaps have their domain.", "Probes work in part",
         "Probes do not work"},
	{SOURCE_LOG, "The kernel's log can be read: faults are told.",
         "The kernel's log can be read in part", "The kernel's log cannot be read"},
};

static void say_watched(const struct snapshot *snap, const struct watched *watch,
                        struct lines *lines)
{
	const struct snapshot_health *health = &snap->health[watch->source];

	if (health->state == HEALTH_OK)
		lines_add(lines, TONE_GOOD, "%s", watch->works);
	else if (health->reason[0])
		lines_add(lines, TONE_WARN, "%s: %s.",
		          health->state == HEALTH_OFF ? watch->fails : watch->partly,
		          health->reason);
}

static bool is_looked_at(const struct snapshot *snap, enum source_id source)
{
	return snap->health[source].state != HEALTH_OFF || snap->health[source].reason[0];
}

static void say_sources(const struct snapshot *snap, struct lines *lines)
{
	if (!is_looked_at(snap, SOURCE_TRACE))
		lines_add(
			lines, TONE_PLAIN,
			"Whether tracing works was not looked at: this is not the machine itself.");
	for (size_t i = 0; i < ARRAY_SIZE(watched); i++)
		say_watched(snap, &watched[i], lines);
}

/* Integrity leaves tracing and probes as they are (security/lockdown/lockdown.c, 5.4 on). */
static void say_lockdown(const struct snapshot *snap, struct lines *lines)
{
	const char *lockdown = text(snap, snap->machine.lockdown);

	if (!strcmp(lockdown, "confidentiality"))
		lines_add(lines, TONE_WARN,
		          "The kernel is locked down (confidentiality): tracing and probes are "
		          "forbidden. Boot without lockdown=confidentiality to see maps.");
	else if (!strcmp(lockdown, "integrity"))
		lines_add(lines, TONE_PLAIN,
		          "The kernel is locked down (integrity): tracing is allowed, writing to "
		          "configuration space is not.");
	else if (*lockdown)
		lines_add(lines, TONE_PLAIN, "The kernel is not locked down.");
	else if (is_looked_at(snap, SOURCE_TRACE) && snap->health[SOURCE_TRACE].state != HEALTH_OK)
		lines_add(lines, TONE_UNKNOWN,
		          "Whether the kernel is locked down is not known: mount -t securityfs "
		          "securityfs /sys/kernel/security tells.");
}

/* ---- in order ---- */

static const uint8_t gravity[TONE_COUNT] = {[TONE_BAD] = 3, [TONE_WARN] = 2, [TONE_UNKNOWN] = 1};

/* Those of one gravity stay in their order. */
static void sort_lines(struct lines *lines, size_t first)
{
	for (size_t i = first + 1; i < lines->count; i++) {
		struct line line = lines->lines[i];
		size_t at = i;

		for (; at > first && gravity[lines->lines[at - 1].tone] < gravity[line.tone]; at--)
			lines->lines[at] = lines->lines[at - 1];
		lines->lines[at] = line;
	}
}

static enum doctor_verdict verdict_of(const struct lines *lines, size_t first)
{
	if (first == lines->count || !gravity[lines->lines[first].tone])
		return DOCTOR_FINE;
	return lines->lines[first].tone == TONE_BAD ? DOCTOR_NOT_USABLE : DOCTOR_WARNINGS;
}

enum doctor_verdict doctor_say(const struct snapshot *snap, struct lines *lines)
{
	size_t first = lines->count;
	bool none = !snap->unit_count && snap->group_count == count_noiommu(snap);

	if (is_untold(snap))
		say_untold(snap, lines);
	else if (none)
		say_no_unit(snap, lines);
	else
		say_on(snap, lines);
	say_noiommu(snap, lines);
	doctor_say_options(snap, lines);
	if (snap->group_count && !none) {
		doctor_say_defaults(snap, lines);
		say_remapping(snap, lines);
		say_ungrouped(snap, lines);
		say_vfio(snap, lines);
	}
	say_lockdown(snap, lines);
	say_sources(snap, lines);
	sort_lines(lines, first);
	return verdict_of(lines, first);
}

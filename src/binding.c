// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * binding: the commands that take a group from its drivers and give it back to them. In: a
 * snapshot. Out: lines. Must never know: sysfs, processes, the terminal. Pure.
 *
 * Names come from the kernel, or from a recording, and people paste commands into the shell of
 * root: only names of the strict form get into one.
 *
 * Relied on: drivers/pci/pci-sysfs.c (driver_override), drivers/base/bus.c (unbind, drivers_probe),
 * drivers/pci/pci-driver.c (remove_id), 4.15 to 7.3; driverctl(8) 0.111.
 */
#include "binding.h"

#include <string.h>

#include "losses.h"
#include "util.h"
#include "viability.h"

#define NAMES_MAX     256
#define NAMED_MEMBERS 6 /* so many by name, the others by number */
#define DIGITS        "0123456789abcdef"

/* ---- names that may stand in a command ---- */

/* "0000:02:00.1" */
static bool is_strict_name(const char *name)
{
	size_t domain = strspn(name, DIGITS);

	if (domain < 4 || domain > 8)
		return false;
	name += domain;
	return name[0] == ':' && strspn(name + 1, DIGITS) == 2 && name[3] == ':' &&
	       strspn(name + 4, DIGITS) == 2 && name[6] == '.' && name[7] >= '0' &&
	       name[7] <= '7' && !name[8];
}

/* "e1000e", "vfio-pci" */
static bool is_strict_driver(const char *name)
{
	return *name && *name != '-' &&
	       !name[strspn(name, "abcdefghijklmnopqrstuvwxyz"
	                          "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")];
}

/* ---- members ---- */

static const char *name_of(const struct snapshot *snap, const struct snapshot_device *device)
{
	return snapshot_text(snap, device->name);
}

static const char *driver_of(const struct snapshot *snap, const struct snapshot_device *device)
{
	return snapshot_text(snap, device->driver);
}

static bool is_of_vfio(const struct snapshot *snap, const struct snapshot_device *device)
{
	return strstr(driver_of(snap, device), "vfio") != NULL;
}

/* It is to be bound. */
static bool is_wanted(const struct snapshot *snap, const struct snapshot_device *device)
{
	return viability_is_endpoint(snap, device) && !is_of_vfio(snap, device);
}

/* It is kept for a guest. */
static bool is_kept(const struct snapshot *snap, const struct snapshot_device *device)
{
	return viability_is_endpoint(snap, device) &&
	       (is_of_vfio(snap, device) || !strcmp(driver_of(snap, device), "pci-stub"));
}

/* In the way, and no device that vfio-pci could have. */
static bool is_fixed(const struct snapshot *snap, const struct snapshot_device *device)
{
	return !viability_is_endpoint(snap, device) && viability_blocks(snap, device);
}

static bool is_mediated(const struct snapshot *snap, const struct snapshot_device *device)
{
	return !strcmp(snapshot_text(snap, device->bus), "mdev");
}

/* Buses with a VFIO driver of their own (drivers/vfio). */
static bool is_of_other_bus(const struct snapshot *snap, const struct snapshot_device *device)
{
	static const char *const buses[] = {"platform", "amba", "fsl-mc", "cdx"};

	for (size_t i = 0; i < ARRAY_SIZE(buses); i++)
		if (!strcmp(snapshot_text(snap, device->bus), buses[i]))
			return true;
	return false;
}

typedef bool kind_of_member(const struct snapshot *snap, const struct snapshot_device *device);

/* The first at or after index i; NULL: none. */
static const struct snapshot_device *next_member(const struct snapshot *snap,
                                                 const struct snapshot_group *group,
                                                 kind_of_member *is, uint32_t *i)
{
	const struct snapshot_device *devices = snapshot_devices_of(snap, group);

	for (; *i < group->device_count; ++*i)
		if (is(snap, &devices[*i]))
			return &devices[*i];
	return NULL;
}

static const struct snapshot_device *
first_member(const struct snapshot *snap, const struct snapshot_group *group, kind_of_member *is)
{
	uint32_t i = 0;

	return next_member(snap, group, is, &i);
}

static void say_odd_name(const struct snapshot *snap, const struct snapshot_device *device,
                         struct lines *lines)
{
	lines_add(lines, TONE_UNKNOWN,
	          "no commands for \"%.64s\": that is not how a PCI device is called",
	          name_of(snap, device));
}

static bool has_driverctl(const struct snapshot *snap)
{
	return snap->machine.driverctl == 1;
}

/* ---- commands ---- */

/* By its driver's directory, which is shorter, and fails where the device has another by then. */
static void say_unbind(const struct snapshot *snap, const struct snapshot_device *device,
                       struct lines *lines)
{
	const char *name = name_of(snap, device), *driver = driver_of(snap, device);

	if (is_strict_driver(driver))
		lines_add(lines, TONE_COMMAND, "echo %s > /sys/bus/pci/drivers/%s/unbind", name,
		          driver);
	else if (*driver)
		lines_add(lines, TONE_COMMAND, "echo %s > /sys/bus/pci/devices/%s/driver/unbind",
		          name, name);
}

static void say_probe(const struct snapshot *snap, const struct snapshot_device *device,
                      struct lines *lines)
{
	lines_add(lines, TONE_COMMAND, "echo %s > /sys/bus/pci/drivers_probe",
	          name_of(snap, device));
}

/* The module, or built in; no other of that list has this in its name. */
static bool is_loaded(const struct snapshot *snap)
{
	if (strstr(snapshot_text(snap, snap->machine.vfio), "vfio_pci"))
		return true;
	for (size_t i = 0; i < snap->device_count; i++)
		if (!strcmp(driver_of(snap, &snap->devices[i]), "vfio-pci"))
			return true;
	return false;
}

static void bind_one(const struct snapshot *snap, const struct snapshot_device *device,
                     struct lines *lines)
{
	if (!is_strict_name(name_of(snap, device))) {
		say_odd_name(snap, device, lines);
		return;
	}
	if (has_driverctl(snap)) {
		lines_add(lines, TONE_COMMAND, "driverctl --nosave set-override %s vfio-pci",
		          name_of(snap, device));
		return;
	}
	lines_add(lines, TONE_COMMAND, "echo vfio-pci > /sys/bus/pci/devices/%s/driver_override",
	          name_of(snap, device));
	say_unbind(snap, device, lines);
	say_probe(snap, device, lines);
}

/* A VFIO driver without an override has the device by its id, from vfio-pci.ids or new_id, and
 * would take it again. The id is there once for all devices of a kind. */
static bool is_kept_by_id(const struct snapshot *snap, const struct snapshot_device *device)
{
	return is_kept(snap, device) && !strcmp(snapshot_text(snap, device->override), "none") &&
	       device->vendor_id != NO_NUMBER && device->device_id != NO_NUMBER &&
	       is_strict_driver(driver_of(snap, device));
}

static bool is_same_id(const struct snapshot *snap, const struct snapshot_device *a,
                       const struct snapshot_device *b)
{
	return a->vendor_id == b->vendor_id && a->device_id == b->device_id &&
	       !strcmp(driver_of(snap, a), driver_of(snap, b));
}

/* Before any of the devices is probed, each of which would match. */
static void remove_ids(const struct snapshot *snap, const struct snapshot_group *group,
                       struct lines *lines)
{
	const struct snapshot_device *devices = snapshot_devices_of(snap, group), *device;

	for (uint32_t i = 0; (device = next_member(snap, group, is_kept_by_id, &i)); i++) {
		uint32_t j = 0;

		while (j < i &&
		       !(is_kept_by_id(snap, &devices[j]) && is_same_id(snap, &devices[j], device)))
			j++;
		if (j == i)
			lines_add(lines, TONE_COMMAND,
			          "echo %04x %04x > /sys/bus/pci/drivers/%s/remove_id",
			          device->vendor_id, device->device_id, driver_of(snap, device));
	}
}

static void return_one(const struct snapshot *snap, const struct snapshot_device *device,
                       struct lines *lines)
{
	if (!is_strict_name(name_of(snap, device))) {
		say_odd_name(snap, device, lines);
		return;
	}
	if (has_driverctl(snap)) {
		lines_add(lines, TONE_COMMAND, "driverctl unset-override %s",
		          name_of(snap, device));
		return;
	}
	/* an empty line is no override */
	lines_add(lines, TONE_COMMAND, "echo > /sys/bus/pci/devices/%s/driver_override",
	          name_of(snap, device));
	say_unbind(snap, device, lines);
	say_probe(snap, device, lines);
}

/* ---- to assign ---- */

/* Virtual functions go with the driver of theirs. */
static bool is_used_by_host(const struct snapshot *snap, const struct snapshot_device *device)
{
	return is_wanted(snap, device) &&
	       (losses_of(snap, device) || (device->vfs != NO_NUMBER && device->vfs));
}

static uint32_t name_members(const struct snapshot *snap, const struct snapshot_group *group,
                             kind_of_member *is, bool drivers, char names[NAMES_MAX])
{
	const struct snapshot_device *device;
	uint32_t count = 0;

	names[0] = '\0';
	for (uint32_t i = 0; (device = next_member(snap, group, is, &i)); i++) {
		if (count++ >= NAMED_MEMBERS)
			continue;
		append_text(names, NAMES_MAX, "%s%s", count > 1 ? ", " : "", name_of(snap, device));
		if (drivers)
			append_text(names, NAMES_MAX, " (%s)", driver_of(snap, device));
	}
	if (count > NAMED_MEMBERS)
		append_text(names, NAMES_MAX, " and %u more", count - NAMED_MEMBERS);
	return count;
}

/* What for, the losses tell. */
static void say_host_use(const struct snapshot *snap, const struct snapshot_group *group,
                         struct lines *lines)
{
	char names[NAMES_MAX];

	if (name_members(snap, group, is_used_by_host, false, names))
		lines_add(lines, TONE_WARN,
		          "not before the host can do without %s: see what it loses", names);
}

static uint32_t count_wanted(const struct snapshot *snap, const struct snapshot_group *group)
{
	uint32_t count = 0;

	for (uint32_t i = 0; next_member(snap, group, is_wanted, &i); i++)
		count++;
	return count;
}

static void say_binding(const struct snapshot *snap, const struct snapshot_group *group,
                        const struct viability *verdict, struct lines *lines)
{
	const struct snapshot_device *device;
	bool ready = verdict->kind == VIABILITY_READY;
	uint32_t count = count_wanted(snap, group);

	if (!count)
		return;
	say_host_use(snap, group, lines);
	lines_add(lines, TONE_PLAIN, "%sas root, until the next boot%s%s:",
	          ready ? "ready as it is; to assign the others of it, too, " : "",
	          has_driverctl(snap) ? " (without --nosave: for good)" : "",
	          !ready && !verdict->blockers && count > 1 ? "; one of them is enough" : "");
	if (!has_driverctl(snap) && !is_loaded(snap))
		lines_add(lines, TONE_COMMAND, "modprobe vfio-pci");
	for (uint32_t i = 0; (device = next_member(snap, group, is_wanted, &i)); i++)
		bind_one(snap, device, lines);
}

static void say_fixed(const struct snapshot *snap, const struct snapshot_group *group,
                      struct lines *lines)
{
	char names[NAMES_MAX];

	name_members(snap, group, is_fixed, true, names);
	lines_add(lines, TONE_WARN,
	          "first %s has to be without its driver, which the machine may need; another "
	          "slot may have a group of its own",
	          names);
}

static void say_obstacle(const struct snapshot *snap, const struct snapshot_group *group,
                         const struct viability *verdict, struct lines *lines)
{
	if (verdict->firmware)
		lines_add(lines, TONE_WARN,
		          "first the firmware has to give up the memory that it uses through it: a "
		          "setting of the firmware, or a newer one");
	else
		say_fixed(snap, group, lines);
}

void binding_say_assign(const struct snapshot *snap, const struct snapshot_group *group,
                        struct lines *lines)
{
	struct viability verdict = viability_of(snap, group);

	switch (verdict.kind) {
	case VIABILITY_READY:
	case VIABILITY_AFTER:
		say_binding(snap, group, &verdict, lines);
		break;
	case VIABILITY_NOT:
		say_obstacle(snap, group, &verdict, lines);
		break;
	case VIABILITY_NO_IOMMU:
		lines_add(lines, TONE_WARN,
		          "first an IOMMU has to be on: without one a guest with it can reach all "
		          "memory");
		break;
	case VIABILITY_UNKNOWN:
		lines_add(lines, TONE_UNKNOWN,
		          "no commands, as it is not known whether it can be assigned");
		break;
	case VIABILITY_NOTHING:
		if (first_member(snap, group, is_of_other_bus))
			lines_add(lines, TONE_PLAIN,
			          "not a PCI device: VFIO has another driver for its bus, of which "
			          "no commands are shown");
		break;
	default: /* it is assigned */
		break;
	}
}

/* ---- to give back ---- */

/*
 * vfio_unregister_group_dev (vfio_del_group_dev up to 5.17) waits for whoever has it open; before
 * 5.19 VFIO stopped the kernel (BUG_ON in vfio_iommu_group_notifier) where another driver took a
 * member of a group that was in use.
 */
static void say_holder(const struct snapshot *snap, const struct snapshot_group *group,
                       struct lines *lines)
{
	const struct snapshot_process *process = snapshot_process_by_id(snap, group->holder);
	char holder[NAMES_MAX] = "who has it";

	if (process)
		snapshot_process_words(snap, process->id, process->name, process->vm, holder,
		                       sizeof(holder));
	lines_add(lines, TONE_WARN, "stop %s first: %s", holder,
	          !snapshot_kernel_at_least(snap, 5, 19) && group->device_count > 1
	                  ? "before 5.19 the kernel can crash when a member of a group in use "
	                    "gets another driver"
	                  : "until then unbinding waits, and cannot be interrupted");
}

static void say_other_members(const struct snapshot *snap, const struct snapshot_group *group,
                              struct lines *lines)
{
	const struct snapshot_device *device = first_member(snap, group, is_mediated);

	if (device && is_of_vfio(snap, device))
		lines_add(lines, TONE_PLAIN,
		          "%s is a mediated device: it goes back to its parent when it is removed",
		          name_of(snap, device));
	device = first_member(snap, group, is_of_other_bus);
	if (device && is_of_vfio(snap, device))
		lines_add(lines, TONE_PLAIN,
		          "%s is not a PCI device: no commands are shown to give it back",
		          name_of(snap, device));
}

void binding_say_return(const struct snapshot *snap, const struct snapshot_group *group,
                        struct lines *lines)
{
	const struct snapshot_device *device;

	say_other_members(snap, group, lines);
	if (!first_member(snap, group, is_kept))
		return;
	if (viability_of(snap, group).kind == VIABILITY_IN_USE || group->holder != NO_PROCESS)
		say_holder(snap, group, lines);
	else if (snap->health[SOURCE_OWNERS].state != HEALTH_OK)
		lines_add(lines, TONE_WARN,
		          "first see, as root, that nobody has it: until then unbinding "
		          "waits, and cannot be interrupted");
	if (first_member(snap, group, is_kept_by_id))
		lines_add(lines, TONE_PLAIN,
		          "bound without an override, so by its id (vfio-pci.ids, new_id), which "
		          "goes first; where remove_id says that there is no such device, it was "
		          "bound by hand");
	lines_add(lines, TONE_PLAIN, "as root%s:",
	          has_driverctl(snap) ? " (a choice that was saved is removed, too)" : "");
	remove_ids(snap, group, lines);
	for (uint32_t i = 0; (device = next_member(snap, group, is_kept, &i)); i++)
		return_one(snap, device, lines);
	lines_add(lines, TONE_PLAIN,
	          "if no driver takes it then: load the module that lspci -k names");
}

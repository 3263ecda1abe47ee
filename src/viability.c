// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * viability: can a group be assigned to a guest, and if not, who is in the way? In: a snapshot.
 * Out: a verdict and its words. Must never know: sysfs, the terminal. Pure.
 *
 * The kernel has had two rules. Since 5.19 a driver that is bound to a device claims the DMA of the
 * device's group for the host, unless it sets driver_managed_dma (pci_dma_configure and its like of
 * four more buses, iommu_device_use_default_domain). Before, VFIO looked at the members itself
 * (vfio_dev_viable in drivers/vfio/vfio.c).
 */
#include "viability.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "util.h"

const char *const viability_kind_words[VIABILITY_KIND_COUNT] = {
	[VIABILITY_UNKNOWN] = "unknown",   [VIABILITY_NOTHING] = "nothing",
	[VIABILITY_READY] = "ready",       [VIABILITY_IN_USE] = "in_use",
	[VIABILITY_AFTER] = "after",       [VIABILITY_NOT] = "not_viable",
	[VIABILITY_NO_IOMMU] = "no_iommu",
};

#define NAMED_MEMBERS 6 /* so many by name, the others by number */

/* ---- the kernel's tables ---- */

/* Those of drivers/vfio; most are called as their module. */
static const char *const vfio_drivers[] = {
	"vfio-pci",             /* pci/vfio_pci.c */
	"vfio-platform",        /* platform/vfio_platform.c */
	"vfio-amba",            /* platform/vfio_amba.c */
	"vfio-fsl-mc",          /* fsl-mc/vfio_fsl_mc.c */
	"vfio-cdx",             /* cdx/main.c */
	"hisi_acc_vfio_pci",    /* pci/hisilicon/hisi_acc_vfio_pci.c */
	"ism_vfio_pci",         /* pci/ism/main.c */
	"mlx5_vfio_pci",        /* pci/mlx5/main.c */
	"nvgrace_gpu_vfio_pci", /* pci/nvgrace-gpu/main.c */
	"pds_vfio_pci",         /* pci/pds/pci_drv.c */
	"qat_vfio_pci",         /* pci/qat/main.c */
	"virtio_vfio_pci",      /* pci/virtio/main.c */
	"xe_vfio_pci",          /* pci/xe/main.c */
};

/* Whatever else sets driver_managed_dma, up to 7.1. Other drivers of bridges (shpchp) do not. */
static const char *const other_managed[] = {
	"pcieport", /* drivers/pci/pcie/portdrv.c */
	"pci-stub", /* drivers/pci/pci-stub.c */
	"fsl-pci",  /* arch/powerpc/sysdev/fsl_pci.c */
};

/* vfio_driver_allowed of 5.10 and 5.15; vfio_driver_whitelist before. */
static const char *const once_allowed[] = {"pci-stub"};

/* Buses whose dma_configure claims: drivers/pci, base/platform.c, amba, bus/fsl-mc, cdx. */
static const char *const claiming_buses[] = {"pci", "platform", "amba", "fsl-mc", "cdx"};

static bool is_one_of(const char *const *words, size_t count, const char *word)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(words[i], word))
			return true;
	return false;
}

#define IS_ONE_OF(words, word) is_one_of(words, ARRAY_SIZE(words), word)

/* ---- one member ---- */

/* Of any kind: to PCI, to ISA, of the host. */
static bool is_bridge(const struct snapshot_device *device)
{
	return device->class_code != NO_NUMBER && device->class_code >> 16 == 0x06;
}

/* Its header is not the normal one: that of PCI-to-PCI (also semi-transparent) and CardBus. */
static bool is_interconnect(const struct snapshot_device *device)
{
	uint32_t code = device->class_code == NO_NUMBER ? 0 : device->class_code >> 8;

	return code == 0x0604 || code == 0x0607 || code == 0x0609;
}

bool viability_is_endpoint(const struct snapshot *snap, const struct snapshot_device *device)
{
	return snapshot_device_is_pci(snap, device) && !is_bridge(device);
}

struct stance {
	bool blocks;
	bool vfio; /* bound to one of VFIO's drivers */
	bool unsure;
};

static bool claims_since_5_19(const struct snapshot *snap, const struct snapshot_device *device,
                              const char *driver)
{
	if (device->bus && !IS_ONE_OF(claiming_buses, snapshot_text(snap, device->bus)))
		return false;
	return !IS_ONE_OF(other_managed, driver);
}

static bool blocked_before_5_19(const struct snapshot *snap, const struct snapshot_device *device,
                                const char *driver)
{
	if (snapshot_device_is_pci(snap, device) && is_interconnect(device))
		return false;
	return !IS_ONE_OF(once_allowed, driver);
}

/* Red Hat's kernels of an older number have had later IOMMU code put in. */
static bool is_enterprise(const char *release)
{
	return strstr(release, ".el") != NULL;
}

static struct stance stance_of(const struct snapshot *snap, const struct snapshot_device *device)
{
	const char *driver = snapshot_text(snap, device->driver);
	struct stance stance = {0};
	bool claims;

	if (!*driver)
		return stance;
	if (strstr(driver, "vfio")) {
		stance.vfio = true;
		stance.unsure = !IS_ONE_OF(vfio_drivers, driver);
		return stance;
	}
	claims = claims_since_5_19(snap, device, driver);
	stance.blocks = claims;
	if (!snapshot_kernel_at_least(snap, 5, 19)) {
		stance.blocks = blocked_before_5_19(snap, device, driver);
		stance.unsure =
			stance.blocks != claims && is_enterprise(snapshot_text(snap, snap->kernel));
	}
	return stance;
}

static bool kernel_is_known(const struct snapshot *snap)
{
	const char *end;
	uint64_t major;

	return parse_decimal(snapshot_text(snap, snap->kernel), &end, &major) && *end == '.';
}

/* The version of the kernel decides whether it blocks. */
static bool rules_differ(const struct snapshot *snap, const struct snapshot_device *device)
{
	const char *driver = snapshot_text(snap, device->driver);

	return *driver && !strstr(driver, "vfio") &&
	       claims_since_5_19(snap, device, driver) != blocked_before_5_19(snap, device, driver);
}

bool viability_blocks(const struct snapshot *snap, const struct snapshot_device *device)
{
	return stance_of(snap, device).blocks &&
	       (kernel_is_known(snap) || !rules_differ(snap, device));
}

/* ---- a group ---- */

struct members {
	uint32_t blockers, fixed, endpoints, vfio;
	bool unsure;
};

static struct members members_of(const struct snapshot *snap, const struct snapshot_group *group)
{
	const struct snapshot_device *devices = snapshot_devices_of(snap, group);
	struct members members = {0};

	for (uint32_t i = 0; i < group->device_count; i++) {
		struct stance stance = stance_of(snap, &devices[i]);
		bool endpoint = viability_is_endpoint(snap, &devices[i]);

		members.blockers += stance.blocks;
		members.fixed += stance.blocks && !endpoint;
		members.endpoints += endpoint;
		members.vfio += stance.vfio;
		/* Without its class a bridge is not told from an endpoint. */
		members.unsure |= stance.unsure ||
		                  (endpoint && !stance.vfio && devices[i].class_code == NO_NUMBER);
	}
	return members;
}

/* How long sysfs has not answered about the group or a member; 0: it did. */
static uint32_t slow_of(const struct snapshot *snap, const struct snapshot_group *group)
{
	const struct snapshot_device *devices = snapshot_devices_of(snap, group);
	uint32_t slow_s = group->slow_s;

	for (uint32_t i = 0; i < group->device_count; i++)
		if (devices[i].slow_s > slow_s)
			slow_s = devices[i].slow_s;
	return slow_s;
}

/* VFIO calls groups so that it makes itself: of devices behind no IOMMU, but also of mediated
 * devices, whose parent's driver keeps them apart. */
static bool is_without_iommu(const struct snapshot *snap, const struct snapshot_group *group)
{
	const struct snapshot_device *devices = snapshot_devices_of(snap, group);

	if (strcmp(snapshot_text(snap, group->name), "vfio-noiommu") != 0)
		return false;
	return !devices || strcmp(snapshot_text(snap, devices->bus), "mdev") != 0;
}

/* Attached to a domain of VFIO's, which is so for a group of which nobody may see the holder, too.
 */
static bool is_attached_to_vfio(const struct snapshot *snap, const struct snapshot_group *group)
{
	const struct snapshot_domain *domain = snapshot_domain_by_id(snap, group->domain);

	return group->domain != NO_DOMAIN && domain && domain->id != DOMAIN_UNATTRIBUTED &&
	       domain->vfio && !domain->freed;
}

/* Where a region of firmware's begins that has to stay mapped: the word alone, direct-relaxable
 * regions may go. NULL: there is none. */
static const char *find_direct(const struct snapshot *snap, const struct snapshot_group *group)
{
	const char *at = snapshot_text(snap, group->reserved);

	while (*at) {
		if (!strncmp(at, "direct ", 7))
			return at;
		at += strcspn(at, ",");
		at += strspn(at, ", ");
	}
	return NULL;
}

static bool is_behind_vtd(const struct snapshot *snap, const struct snapshot_group *group)
{
	const struct snapshot_device *devices = snapshot_devices_of(snap, group);

	for (size_t i = 0; devices && devices->unit && i < snap->unit_count; i++)
		if (snap->units[i].name == devices->unit)
			return !strcmp(snapshot_text(snap, snap->units[i].vendor), "VT-d");
	return false;
}

/*
 * Since 6.6 no device with such a region leaves it (require_direct in drivers/iommu/iommu.c).
 * Before, the Intel driver alone refused (device_is_rmrr_locked), and told what it did not mind
 * apart since 5.3.
 */
static bool firmware_forbids(const struct snapshot *snap, const struct snapshot_group *group)
{
	return kernel_is_known(snap) &&
	       (snapshot_kernel_at_least(snap, 6, 6) ||
	        (is_behind_vtd(snap, group) && snapshot_kernel_at_least(snap, 5, 3)));
}

static bool kernel_is_missing(const struct snapshot *snap, const struct snapshot_group *group)
{
	const struct snapshot_device *devices = snapshot_devices_of(snap, group);

	for (uint32_t i = 0; !kernel_is_known(snap) && i < group->device_count; i++)
		if (rules_differ(snap, &devices[i]))
			return true;
	return false;
}

static struct viability judge_members(const struct snapshot *snap,
                                      const struct snapshot_group *group)
{
	struct members members = members_of(snap, group);
	bool direct = find_direct(snap, group) != NULL;
	struct viability verdict = {
		.certain = !members.unsure,
		.blockers = members.blockers,
		.fixed = members.fixed,
	};

	if (!members.endpoints && !members.vfio) {
		verdict = (struct viability){.kind = VIABILITY_NOTHING, .certain = true};
	} else if (direct && firmware_forbids(snap, group)) {
		verdict = (struct viability){VIABILITY_NOT, true, true, members.blockers,
		                             members.fixed};
	} else if (members.fixed) {
		verdict.kind = VIABILITY_NOT;
	} else {
		verdict.kind =
			members.blockers || !members.vfio ? VIABILITY_AFTER : VIABILITY_READY;
		verdict.certain &= !direct;
	}
	return verdict;
}

struct viability viability_of(const struct snapshot *snap, const struct snapshot_group *group)
{
	struct viability verdict = {.kind = VIABILITY_UNKNOWN, .certain = true};

	if (is_without_iommu(snap, group)) {
		verdict.kind = VIABILITY_NO_IOMMU;
	} else if (group->holder != NO_PROCESS || is_attached_to_vfio(snap, group)) {
		verdict.kind = VIABILITY_IN_USE;
	} else if (!group->device_count && !group->slow_s) {
		verdict.kind = VIABILITY_NOTHING;
	} else if (!slow_of(snap, group) && !kernel_is_missing(snap, group)) {
		verdict = judge_members(snap, group);
		/* Somebody may have it whom we are not allowed to see. */
		if (verdict.kind == VIABILITY_READY &&
		    snap->health[SOURCE_OWNERS].state != HEALTH_OK)
			verdict.certain = false;
	}
	return verdict;
}

/* ---- words ---- */

struct line {
	char *out;
	size_t size, length;
};

static void add(struct line *line, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(struct line *line, const char *format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(line->out + line->length, line->size - line->length, format, args);
	va_end(args);
	line->length += (size_t)length;
	if (line->length >= line->size)
		line->length = line->size - 1;
}

/* The first member that blocks and cannot be given away. */
static const struct snapshot_device *first_fixed(const struct snapshot *snap,
                                                 const struct snapshot_group *group)
{
	const struct snapshot_device *devices = snapshot_devices_of(snap, group);

	for (uint32_t i = 0; i < group->device_count; i++)
		if (!viability_is_endpoint(snap, &devices[i]) &&
		    viability_blocks(snap, &devices[i]))
			return &devices[i];
	return NULL;
}

static void add_holder(struct line *line, const struct snapshot *snap,
                       const struct snapshot_group *group)
{
	const struct snapshot_process *process = snapshot_process_by_id(snap, group->holder);

	if (process && process->vm)
		add(line, "%s", snapshot_text(snap, process->vm));
	else if (process && process->name)
		add(line, "%s", snapshot_text(snap, process->name));
	else
		add(line, "in use");
}

static void add_obstacle(struct line *line, const struct snapshot *snap,
                         const struct snapshot_group *group, const struct viability *verdict)
{
	const struct snapshot_device *device = first_fixed(snap, group);

	add(line, "no: %s",
	    verdict->firmware || !device ? "firmware" : snapshot_text(snap, device->driver));
}

char *viability_word(const struct snapshot *snap, const struct snapshot_group *group, char *out,
                     size_t size)
{
	static const char *const plain[VIABILITY_KIND_COUNT] = {
		[VIABILITY_UNKNOWN] = "?",
		[VIABILITY_NOTHING] = "-",
		[VIABILITY_READY] = "ready",
		[VIABILITY_NO_IOMMU] = "no IOMMU",
	};
	struct viability verdict = viability_of(snap, group);
	struct line line = {out, size, 0};

	if (plain[verdict.kind])
		add(&line, "%s", plain[verdict.kind]);
	else if (verdict.kind == VIABILITY_IN_USE)
		add_holder(&line, snap, group);
	else if (verdict.kind == VIABILITY_AFTER)
		add(&line, "bind %u", verdict.blockers ? verdict.blockers : 1);
	else
		add_obstacle(&line, snap, group, &verdict);
	if (!verdict.certain)
		add(&line, "?");
	return out;
}

static void add_member(struct line *line, const struct snapshot *snap,
                       const struct snapshot_device *device)
{
	add(line, "%s (%s)", snapshot_text(snap, device->name),
	    device->driver ? snapshot_text(snap, device->driver) : "no driver");
}

/* Those that block; where none does, all that could be assigned. */
static void add_endpoints(struct line *line, const struct snapshot *snap,
                          const struct snapshot_group *group, bool blocking)
{
	const struct snapshot_device *devices = snapshot_devices_of(snap, group);
	uint32_t count = 0;

	for (uint32_t i = 0; i < group->device_count; i++) {
		if (!viability_is_endpoint(snap, &devices[i]) ||
		    (blocking && !viability_blocks(snap, &devices[i])))
			continue;
		if (count++ >= NAMED_MEMBERS)
			continue;
		add(line, "%s", count > 1 ? ", " : "");
		add_member(line, snap, &devices[i]);
	}
	if (count > NAMED_MEMBERS)
		add(line, " and %u more", count - NAMED_MEMBERS);
}

static bool has_choice(const struct snapshot *snap, const struct snapshot_group *group)
{
	return members_of(snap, group).endpoints > 1;
}

static void say_after(struct line *line, const struct snapshot *snap,
                      const struct snapshot_group *group, const struct viability *verdict)
{
	add(line, "viable after binding %s",
	    !verdict->blockers && has_choice(snap, group) ? "one of " : "");
	add_endpoints(line, snap, group, verdict->blockers > 0);
	add(line, " to vfio-pci");
}

static void say_fixed(struct line *line, const struct snapshot *snap,
                      const struct snapshot_group *group, const struct viability *verdict)
{
	const struct snapshot_device *device = first_fixed(snap, group);

	add(line, "not viable because ");
	add_member(line, snap, device);
	if (snapshot_device_is_pci(snap, device))
		add(line, ", a bridge, ");
	else
		add(line, ", a device of bus %s, ",
		    device->bus ? snapshot_text(snap, device->bus) : "unknown");
	add(line, "%s",
	    snapshot_kernel_at_least(snap, 5, 19)
	            ? "claims the DMA of the group for the host"
	            : "has a driver that VFIO does not allow beside it");
	if (verdict->fixed > 1)
		add(line, "; and %u more of that kind", verdict->fixed - 1);
}

static void say_not(struct line *line, const struct snapshot *snap,
                    const struct snapshot_group *group, const struct viability *verdict)
{
	const char *region = find_direct(snap, group);

	if (verdict->firmware && region)
		add(line,
		    "not viable because the firmware wants memory to stay mapped for it (reserved "
		    "%.*s)",
		    (int)strcspn(region, ","), region);
	else
		say_fixed(line, snap, group, verdict);
}

static void say_in_use(struct line *line, const struct snapshot *snap,
                       const struct snapshot_group *group)
{
	const struct snapshot_process *process = snapshot_process_by_id(snap, group->holder);
	char words[VIABILITY_SENTENCE_MAX / 2];

	if (group->holder == NO_PROCESS)
		add(line, "in use through VFIO, by whom is not known");
	else
		add(line, "in use by %s",
		    snapshot_process_words(snap, group->holder, process ? process->name : 0,
		                           process ? process->vm : 0, words, sizeof(words)));
}

static void say_no_iommu(struct line *line, const struct snapshot *snap,
                         const struct snapshot_group *group)
{
	add(line, "no IOMMU protects memory from it: VFIO hands it out in its noiommu mode");
	if (group->holder != NO_PROCESS) {
		add(line, "; ");
		say_in_use(line, snap, group);
	}
}

static void say_ready(struct line *line, const struct snapshot *snap,
                      const struct snapshot_group *group)
{
	const struct snapshot_device *devices = snapshot_devices_of(snap, group);

	add(line, "ready: ");
	for (uint32_t i = 0; i < group->device_count; i++)
		if (stance_of(snap, &devices[i]).vfio) {
			add(line, "%s is bound to %s", snapshot_text(snap, devices[i].name),
			    snapshot_text(snap, devices[i].driver));
			break;
		}
	add(line, ", and no member blocks");
	if (snap->health[SOURCE_OWNERS].state != HEALTH_OK)
		add(line, "; it may be in use");
}

static void say_nothing(struct line *line, const struct snapshot *snap,
                        const struct snapshot_group *group)
{
	const struct snapshot_device *devices = snapshot_devices_of(snap, group);
	uint32_t of_pci = 0;

	for (uint32_t i = 0; i < group->device_count; i++)
		of_pci += snapshot_device_is_pci(snap, &devices[i]);
	if (!group->device_count)
		add(line, "nothing to assign: no device is in it");
	else if (!of_pci)
		add(line, "nothing for vfio-pci: no PCI device is in it");
	else
		add(line, "nothing to assign: %s in it",
		    of_pci < group->device_count ? "no PCI device but bridges is"
		    : of_pci == 1                ? "only a bridge is"
		                                 : "only bridges are");
}

static void say_unknown(struct line *line, const struct snapshot *snap,
                        const struct snapshot_group *group)
{
	uint32_t slow_s = slow_of(snap, group);

	if (slow_s)
		add(line, "unknown: the kernel has not answered for %u s", slow_s);
	else
		add(line, "unknown: the kernel's version decides, and is not known");
}

char *viability_sentence(const struct snapshot *snap, const struct snapshot_group *group, char *out,
                         size_t size)
{
	struct viability verdict = viability_of(snap, group);
	struct line line = {out, size, 0};

	if (!verdict.certain)
		add(&line, "probably ");
	switch (verdict.kind) {
	case VIABILITY_READY:
		say_ready(&line, snap, group);
		break;
	case VIABILITY_IN_USE:
		say_in_use(&line, snap, group);
		break;
	case VIABILITY_AFTER:
		say_after(&line, snap, group, &verdict);
		break;
	case VIABILITY_NOT:
		say_not(&line, snap, group, &verdict);
		break;
	case VIABILITY_NO_IOMMU:
		say_no_iommu(&line, snap, group);
		break;
	case VIABILITY_NOTHING:
		say_nothing(&line, snap, group);
		break;
	default:
		say_unknown(&line, snap, group);
	}
	if ((verdict.kind == VIABILITY_READY || verdict.kind == VIABILITY_AFTER) &&
	    find_direct(snap, group))
		add(&line, "; memory that the firmware has reserved (direct) may forbid it");
	return out;
}

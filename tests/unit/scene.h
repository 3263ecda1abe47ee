/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_TESTS_SCENE_H
#define IOMMUTOP_TESTS_SCENE_H

/* Events in one line each, and a machine that has some of everything. For the tests of what reads
 * snapshots: include it after cmocka.h. */

#include <string.h>

#include "model.h"
#include "text.h"

#define SECOND 1000000000ull
#define WALL   (1700000000ull * SECOND)

static inline void say_number(struct model *model, enum attribute attribute, const char *name,
                              uint32_t id, uint64_t value)
{
	struct event ev = event_attr_number(0, attribute, name, id, value);

	model_apply(model, &ev);
}

static inline void say_text(struct model *model, enum attribute attribute, const char *name,
                            uint32_t id, const char *text)
{
	struct event ev = event_attr_text(0, attribute, name, id, text);

	model_apply(model, &ev);
}

static inline void say_gone(struct model *model, enum subject subject, const char *name,
                            uint32_t id)
{
	struct event ev = event_gone(0, subject, name, id);

	model_apply(model, &ev);
}

static inline void say_health(struct model *model, enum source_id source, enum health_state state,
                              const char *reason)
{
	struct event ev = event_health(0, source, state, reason);

	model_apply(model, &ev);
}

static inline void say_class(struct model *model, enum event_class class, bool on)
{
	struct event ev = {.kind = EVENT_CLASS, .class = {.class = (uint8_t) class, .on = on}};

	model_apply(model, &ev);
}

static inline void say_all_classes(struct model *model, bool on)
{
	for (int i = 0; i < CLASS_COUNT; i++)
		say_class(model, (enum event_class)i, on);
}

static inline void say_map(struct model *model, uint32_t domain, uint64_t size_bytes)
{
	struct event ev = {.kind = EVENT_MAP,
	                   .map = {.iova = 0x1000, .size_bytes = size_bytes, .domain = domain}};

	model_apply(model, &ev);
}

static inline void say_unmap(struct model *model, uint32_t domain, uint64_t size_bytes,
                             uint64_t unmapped_bytes)
{
	struct event ev = {.kind = EVENT_UNMAP,
	                   .unmap = {.iova = 0x1000,
	                             .size_bytes = size_bytes,
	                             .unmapped_bytes = unmapped_bytes,
	                             .domain = domain}};

	model_apply(model, &ev);
}

static inline void say_lost(struct model *model, uint64_t count, bool exact)
{
	struct event ev = {
		.kind = EVENT_LOST,
		.lost = {.count = count, .source = SOURCE_TRACE, .exact = exact},
	};

	model_apply(model, &ev);
}

static inline void say_fault(struct model *model, uint64_t ts_ns, const char *device, uint8_t flags)
{
	struct event ev = {
		.ts_ns = ts_ns,
		.kind = EVENT_FAULT,
		.fault = {.device = device,
	                  .reason = "PTE Read access is not set",
	                  .iova = 0xdead000,
	                  .direction = DIRECTION_READ,
	                  .source = SOURCE_LOG,
	                  .flags = flags},
	};

	model_apply(model, &ev);
}

static inline void say_start(struct model *model, uint64_t ts_ns)
{
	struct event ev = {.ts_ns = ts_ns, .kind = EVENT_START};

	model_apply(model, &ev);
}

static inline void say_tick(struct model *model, uint64_t ts_ns)
{
	struct event ev = {.ts_ns = ts_ns, .kind = EVENT_TICK, .tick = {.wall_ns = WALL + ts_ns}};

	model_apply(model, &ev);
}

/* ---- domains ---- */

static inline void say_collect(struct model *model, enum collect_mode mode, bool attempts)
{
	struct event ev = {
		.kind = EVENT_COLLECT,
		.collect = {.reason = "because", .mode = (uint8_t)mode, .attempts = attempts}};

	model_apply(model, &ev);
}

/* From here on every map and unmap is seen with its domain. */
static inline void say_watching(struct model *model, uint64_t ts_ns)
{
	say_start(model, ts_ns);
	say_health(model, SOURCE_TRACE, HEALTH_OK, NULL);
	say_health(model, SOURCE_PROBES, HEALTH_OK, NULL);
	say_all_classes(model, true);
	say_collect(model, COLLECT_EVENTS, false);
	say_tick(model, ts_ns);
}

static inline void say_member(struct model *model, enum event_kind kind, uint64_t ts_ns,
                              const char *device, uint32_t domain, uint32_t pasid)
{
	struct event ev = {.ts_ns = ts_ns,
	                   .kind = (uint8_t)kind,
	                   .member = {.device = device, .domain = domain, .pasid = pasid}};

	model_apply(model, &ev);
}

static inline void say_attach(struct model *model, uint64_t ts_ns, const char *device,
                              uint32_t domain)
{
	say_member(model, EVENT_ATTACH, ts_ns, device, domain, 0);
}

static inline void say_detach(struct model *model, uint64_t ts_ns, const char *device,
                              uint32_t domain)
{
	say_member(model, EVENT_DETACH, ts_ns, device, domain, 0);
}

static inline void say_type(struct model *model, uint64_t ts_ns, uint32_t domain,
                            enum domain_type type)
{
	struct event ev = event_attr_number(ts_ns, ATTR_DOMAIN_TYPE, NULL, domain, type);

	model_apply(model, &ev);
}

static inline void say_freed(struct model *model, uint64_t ts_ns, uint32_t domain)
{
	struct event ev = event_gone(ts_ns, SUBJECT_DOMAIN, NULL, domain);

	model_apply(model, &ev);
}

/* What the kernel tells when asked: where a group is and where it belongs. */
static inline void say_group_domain(struct model *model, uint32_t group, uint32_t now,
                                    uint32_t home)
{
	say_number(model, ATTR_GROUP_DEFAULT_DOMAIN, NULL, group, home);
	say_number(model, ATTR_GROUP_DOMAIN, NULL, group, now);
}

static inline void say_holder(struct model *model, uint32_t group, uint32_t process,
                              const char *name, const char *vm)
{
	say_number(model, ATTR_GROUP_HOLDER, NULL, group, process);
	say_text(model, ATTR_PROCESS_NAME, NULL, process, name);
	say_text(model, ATTR_PROCESS_VM, NULL, process, vm);
}

static inline void say_map_at(struct model *model, uint64_t ts_ns, uint32_t domain,
                              uint64_t size_bytes, uint32_t inside_ns)
{
	struct event ev = {.ts_ns = ts_ns,
	                   .kind = EVENT_MAP,
	                   .map = {.iova = 0x1000,
	                           .size_bytes = size_bytes,
	                           .domain = domain,
	                           .inside_ns = inside_ns}};

	model_apply(model, &ev);
}

static inline void say_unmap_at(struct model *model, uint64_t ts_ns, uint32_t domain,
                                uint64_t size_bytes, uint32_t inside_ns)
{
	struct event ev = {.ts_ns = ts_ns,
	                   .kind = EVENT_UNMAP,
	                   .unmap = {.iova = 0x1000,
	                             .size_bytes = size_bytes,
	                             .unmapped_bytes = size_bytes,
	                             .domain = domain,
	                             .inside_ns = inside_ns}};

	model_apply(model, &ev);
}

static inline void say_map_failed(struct model *model, uint32_t domain, int32_t error)
{
	struct event ev = {.kind = EVENT_MAP_FAILED,
	                   .map_failed = {.size_bytes = 4096, .domain = domain, .error = error}};

	model_apply(model, &ev);
}

static inline void say_counts(struct model *model, enum counts_what what, uint32_t domain,
                              uint64_t hits, uint64_t bytes)
{
	struct event ev = {.kind = EVENT_COUNTS,
	                   .counts = {.hits = hits,
	                              .bytes = bytes,
	                              .domain = domain,
	                              .what = (uint8_t)what,
	                              .log2 = 12}};

	model_apply(model, &ev);
}

static inline void say_missed(struct model *model, uint64_t ts_ns, uint64_t count)
{
	struct event ev = {.ts_ns = ts_ns, .kind = EVENT_MISSED, .missed = {.count = count}};

	model_apply(model, &ev);
}

static inline void look(struct model *model, struct snapshot *snap)
{
	const struct snapshot_want want = {.log = true, .sizes = true, .domain = NO_DOMAIN};

	model_snapshot(model, &want, snap);
}

static inline void say_device(struct model *model, const char *name, uint32_t group,
                              const char *class_name, const char *words, const char *driver)
{
	say_number(model, ATTR_DEVICE_GROUP, name, 0, group == NO_GROUP ? VALUE_UNKNOWN : group);
	say_text(model, ATTR_DEVICE_CLASS_NAME, name, 0, class_name);
	say_text(model, ATTR_DEVICE_NAME, name, 0, words);
	say_text(model, ATTR_DEVICE_DRIVER, name, 0, driver);
	say_number(model, ATTR_DEVICE_CLASS, name, 0, 0x020000);
	say_number(model, ATTR_DEVICE_VENDOR_ID, name, 0, 0x8086);
	say_number(model, ATTR_DEVICE_DEVICE_ID, name, 0, 0x10d3);
}

/* Two units, four groups (one of three devices, one of none), two devices behind no IOMMU; names
 * that nobody should print as they are. */
static inline void say_topology(struct model *model)
{
	say_text(model, ATTR_HOST, NULL, 0, "lab\033[31m");
	say_text(model, ATTR_KERNEL, NULL, 0, "6.1.0-1-amd64");
	say_text(model, ATTR_UNIT_VENDOR, "dmar0", 0, "VT-d");
	say_text(model, ATTR_UNIT_VENDOR, "dmar1", 0, "VT-d");
	say_text(model, ATTR_GROUP_DEFAULT_TYPE, NULL, 2, "DMA-FQ");
	say_text(model, ATTR_GROUP_DEFAULT_TYPE, NULL, 0, "DMA");
	say_text(model, ATTR_GROUP_DEFAULT_TYPE, NULL, 7, "identity");
	say_text(model, ATTR_GROUP_DEFAULT_TYPE, NULL, 9, NULL);
	say_device(model, "0000:00:03.0", 2, "Ethernet controller", "Intel 82574L", "e1000e");
	say_device(model, "0000:00:02.1", 7, "Audio device", "HDA\xff\xfe\033]0;x\a", NULL);
	say_device(model, "0000:00:02.0", 7, "VGA compatible controller", "QEMU", "bochs");
	say_device(model, "0000:00:02.2", 7, "SMBus", "\xe6\xbc\xa2\xe5\xad\x97", "i801_smbus");
	say_device(model, "0000:01:00.0", 0, "Non-Volatile memory controller", "NVMe", "nvme");
	say_device(model, "serial8250", NO_GROUP, NULL, NULL, "serial8250");
	say_text(model, ATTR_DEVICE_BUS, "serial8250", 0, "platform");
	say_device(model, "0000:00:1f.0", NO_GROUP, "ISA bridge", "LPC", NULL);
	say_text(model, ATTR_DEVICE_UNIT, "0000:00:03.0", 0, "dmar0");
	say_number(model, ATTR_DEVICE_SLOW_S, "0000:01:00.0", 0, 4);
	say_health(model, SOURCE_SYSFS, HEALTH_OK, NULL);
}

static inline void say_everything(struct model *model)
{
	say_start(model, SECOND);
	say_topology(model);
	say_all_classes(model, true);
	say_health(model, SOURCE_TRACE, HEALTH_PARTIAL, "one event is missing\nin this kernel");
	say_health(model, SOURCE_LOG, HEALTH_OK, NULL);
	say_text(model, ATTR_TASK_COMM, NULL, 42, "dd\t\033c");
	say_tick(model, 2 * SECOND);
	for (uint32_t i = 0; i < 70; i++) {
		say_map(model, i % 3, 4096ull << (i % 5));
		say_unmap(model, i % 3, 4096, i % 2 ? 4096 : 8192);
		say_tick(model, (3 + i) * SECOND);
	}
	say_fault(model, SECOND / 2, "00:03.0", FAULT_HAS_IOVA | FAULT_NO_SEGMENT);
	say_fault(model, 72 * SECOND, "0000:00:02.1", FAULT_HAS_IOVA);
	say_fault(model, 72 * SECOND, NULL, FAULT_INTERRUPT);
	say_lost(model, 3, false);
	say_text(model, ATTR_DEVICE_DRIVER, "0000:00:03.0", 0, "vfio-pci");
	say_tick(model, 73 * SECOND);
}

/* Every character printable, every sequence whole. */
static inline bool is_clean(const char *text)
{
	while (*text) {
		const char *at = text;

		if (text_next_rune(&text) == RUNE_BROKEN && strncmp(at, "\xef\xbf\xbd", 3) != 0)
			return false;
	}
	return true;
}

#endif

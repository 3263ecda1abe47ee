/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_SNAPSHOT_H
#define IOMMUTOP_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event.h"

/*
 * Door 2: what the model knows, as plain data that no longer changes. Views and sinks read it and
 * nothing else. Every figure says how far it can be believed.
 */

enum known {
	KNOWN_NOT,      /* nobody can say: '-', JSON null */
	KNOWN_EXACT,    /* counted, nothing missed */
	KNOWN_AT_LEAST, /* something was lost, suppressed or switched off meanwhile */
	KNOWN_OFF       /* its class is switched off in the kernel */
};

struct count {
	uint64_t n;
	enum known known;
};

struct rate {
	double per_s;
	enum known known;
};

/* A text of the snapshot: an offset into its pool. 0 is none. */
typedef uint32_t text_id;

#define NO_GROUP          UINT32_MAX
#define NO_NUMBER         UINT32_MAX
#define TRAFFIC_CELLS     60
#define TREND_UNKNOWN     -1.0f /* nobody watched in this interval */
#define HEALTH_REASON_MAX 200
#define COMM_MAX          16

struct traffic {
	struct count maps, unmaps, map_bytes, unmap_bytes;
	struct rate maps_per_s, unmaps_per_s, map_bytes_per_s, unmap_bytes_per_s;
};

struct snapshot_health {
	enum health_state state;
	char reason[HEALTH_REASON_MAX]; /* empty when there is nothing to say */
};

struct snapshot_class {
	bool known; /* false: no source can deliver this class */
	bool on;
};

struct snapshot_unit {
	text_id name, vendor;
};

struct snapshot_device {
	text_id name;       /* 0000:00:02.0, or what its bus calls it */
	text_id model;      /* vendor and device in words */
	text_id class_name; /* "Ethernet controller" */
	text_id driver, bus, unit;
	uint32_t group;                                      /* NO_GROUP: behind no IOMMU */
	uint32_t class_code, vendor_id, device_id, revision; /* NO_NUMBER where unknown */
	uint32_t slow_s; /* sysfs has not answered about it for so long; 0: it did */
};

struct snapshot_group {
	uint32_t id;
	text_id default_type, name;
	uint32_t first_device, device_count; /* its slice of devices */
	uint32_t slow_s;
};

struct snapshot_domain {
	uint32_t id; /* DOMAIN_UNATTRIBUTED, or 1 and up */
	struct traffic traffic;
	uint8_t cells;              /* how many of trend are filled, oldest first */
	float trend[TRAFFIC_CELLS]; /* maps and unmaps a second, one cell a tick */
};

struct snapshot_fault {
	uint64_t id; /* counts up over the life of the program */
	uint64_t ts_ns, iova;
	text_id device, reason;
	uint32_t device_index; /* into devices, NO_NUMBER if it is none of them */
	uint32_t pasid;
	uint16_t code;
	uint8_t direction, source, flags; /* as in struct event */
	bool ambiguous;                   /* no segment in the log, and several devices fit */
	bool before_start;                /* older than this program's watching */
};

struct snapshot_log {
	uint64_t id, ts_ns;
	uint64_t iova, size_bytes, unmapped_bytes; /* LOST: size_bytes is the count */
	text_id device, text;
	uint32_t group, domain;
	int32_t pid;
	uint16_t cpu;
	uint8_t kind; /* MAP UNMAP ATTACH DETACH GROUP_ADD GROUP_LEAVE FAULT LOST CLASS ATTR
	                 (driver) */
	uint8_t context, detail; /* detail: direction, class and on/off, source */
	bool exact;
	char comm[COMM_MAX];
};

struct snapshot {
	/* time */
	uint64_t now_ns, wall_ns, start_ns, interval_ns; /* 0: not known yet */
	/* What the wall clock showed at 0 of the timeline; steady, so that times on show do not
	 * flicker with the moment at which each tick read the clock. */
	uint64_t origin_wall_ns;
	uint64_t ticks;

	text_id kernel, host;
	struct snapshot_health health[SOURCE_COUNT];
	struct snapshot_class classes[CLASS_COUNT];
	enum collect_mode collect;
	bool topology_known; /* the first walk of sysfs has ended */

	struct traffic traffic; /* all domains together */
	struct count faults, suppressed, lost, late, unattributed;
	struct rate faults_per_s;
	uint64_t lost_of_log;            /* so many of lost are lines of the kernel's log */
	struct count lost_now, late_now; /* of the interval that just ended */

	struct snapshot_unit *units;
	size_t unit_count, unit_capacity;
	/* groups by number; devices by group and name, those behind no IOMMU last */
	struct snapshot_group *groups;
	size_t group_count, group_capacity;
	struct snapshot_device *devices;
	size_t device_count, device_capacity;
	struct snapshot_domain *domains; /* by number */
	size_t domain_count, domain_capacity;
	/* oldest first */
	struct snapshot_fault *faults_seen;
	size_t fault_count, fault_capacity;
	struct snapshot_log *log;
	size_t log_count, log_capacity;

	char *pool;
	size_t pool_bytes, pool_capacity;
	uint64_t topology_version; /* of the devices and groups held here; 0: none yet */
};

/* Never NULL; "" for 0. */
const char *snapshot_text(const struct snapshot *snap, text_id text);
/* NULL where there is none. */
const struct snapshot_group *snapshot_group_by_id(const struct snapshot *snap, uint32_t id);
const struct snapshot_domain *snapshot_domain_by_id(const struct snapshot *snap, uint32_t id);
/* The group a device is in (NO_GROUP if it is not known or in none). index may be NO_NUMBER. */
uint32_t snapshot_group_of(const struct snapshot *snap, uint32_t device_index);
/* The first of the devices of a group; NULL where it has none. */
const struct snapshot_device *snapshot_devices_of(const struct snapshot *snap,
                                                  const struct snapshot_group *group);
/* Devices behind no IOMMU: the tail of the array; *first is NULL where there are none. */
size_t snapshot_ungrouped(const struct snapshot *snap, const struct snapshot_device **first);

/* "6.1.0-56-amd64" against 5.15: from this version on. Unreadable text counts as new. */
bool snapshot_kernel_at_least(const struct snapshot *snap, unsigned int major, unsigned int minor);

/* A group's type as people say it: "DMA lazy" for DMA-FQ; "-" where it is not known. */
const char *snapshot_type_words(const struct snapshot *snap, text_id type);

/* A copy that lives on its own, for what is compared later. */
void snapshot_copy(struct snapshot *to, const struct snapshot *from);
void snapshot_release(struct snapshot *snap);

#endif

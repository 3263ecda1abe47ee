/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_TESTS_FAULTS_SKETCH_H
#define IOMMUTOP_TESTS_FAULTS_SKETCH_H

/* Faults drawn by hand. Behind stage.h and sketch.h. */

#include "views/fault_cells.h"

static inline uint32_t draw_device(struct stage *stage, const char *name, uint32_t group)
{
	struct snapshot *snap = &stage->snap;

	snap->devices = grow(snap->devices, &snap->device_capacity, snap->device_count,
	                     sizeof(*snap->devices));
	snap->devices[snap->device_count] = (struct snapshot_device){
		.name = draw_text(stage, name),
		.class_name = draw_text(stage, "Ethernet controller"),
		.model = draw_text(stage, "Intel 82574L"),
		.driver = draw_text(stage, "e1000e"),
		.group = group,
	};
	return (uint32_t)snap->device_count++;
}

static inline void draw_group(struct stage *stage, uint32_t id, uint32_t holder)
{
	struct snapshot *snap = &stage->snap;

	snap->groups =
		grow(snap->groups, &snap->group_capacity, snap->group_count, sizeof(*snap->groups));
	snap->groups[snap->group_count++] = (struct snapshot_group){
		.id = id, .domain = NO_DOMAIN, .default_domain = NO_DOMAIN, .holder = holder};
}

/* A VT-d fault of one page, read, seen last at so many seconds. The pointer holds until the next.
 */
static inline struct snapshot_fault *draw_fault(struct stage *stage, const char *device,
                                                uint64_t last_s)
{
	struct snapshot *snap = &stage->snap;

	snap->faults.known = KNOWN_EXACT;
	snap->faults_per_s.known = KNOWN_EXACT;
	snap->faults_seen = grow(snap->faults_seen, &snap->fault_capacity, snap->fault_count,
	                         sizeof(*snap->faults_seen));
	snap->faults_seen[snap->fault_count] = (struct snapshot_fault){
		.id = snap->fault_count + 1,
		.first_ns = last_s * SECOND,
		.last_ns = last_s * SECOND,
		.count = 1,
		.device = draw_text(stage, device),
		.reason = draw_text(stage, "PTE Read access is not set"),
		.device_index = NO_NUMBER,
		.logged = true,
		.code = 6,
		.direction = DIRECTION_READ,
		.dialect = FAULT_VTD,
		.flags = FAULT_HAS_IOVA | FAULT_HAS_CODE | FAULT_PAGE_MASKED,
		.addresses = ADDRESSES_ONE_PAGE,
		.iova = 0xdead000,
		.lowest = 0xdead000,
		.highest = 0xdead000,
		.verdict = {.domain = NO_DOMAIN},
	};
	return &snap->faults_seen[snap->fault_count++];
}

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_TESTS_SKETCH_H
#define IOMMUTOP_TESTS_SKETCH_H

/* Snapshots drawn by hand, for views of what takes a model many events to know. Behind stage.h. */

static inline text_id draw_text(struct stage *stage, const char *text)
{
	struct snapshot *snap = &stage->snap;
	size_t bytes = strlen(text) + 1;
	text_id id;

	if (!snap->pool_bytes) {
		snap->pool = xcalloc(1, 65536);
		snap->pool_capacity = 65536;
		snap->pool_bytes = 1; /* 0 is no text */
	}
	id = (text_id)snap->pool_bytes;
	assert_true(snap->pool_bytes + bytes <= snap->pool_capacity);
	memcpy(snap->pool + id, text, bytes);
	snap->pool_bytes += bytes;
	return id;
}

/* By number, as snapshots have them. The pointer holds until the next one is drawn. */
static inline struct snapshot_domain *draw_domain(struct stage *stage, uint32_t id, uint8_t type)
{
	struct snapshot *snap = &stage->snap;
	const struct count none = {0, KNOWN_EXACT};

	snap->domains = grow(snap->domains, &snap->domain_capacity, snap->domain_count,
	                     sizeof(*snap->domains));
	snap->domains[snap->domain_count] = (struct snapshot_domain){
		.id = id,
		.type = type,
		.process = NO_PROCESS,
		.failed_maps = none,
		.traffic = {.maps = none,
	                    .unmaps = none,
	                    .map_bytes = none,
	                    .unmap_bytes = none,
	                    .maps_per_s = {0, KNOWN_EXACT},
	                    .unmaps_per_s = {0, KNOWN_EXACT},
	                    .map_bytes_per_s = {0, KNOWN_EXACT},
	                    .unmap_bytes_per_s = {0, KNOWN_EXACT}},
	};
	return &snap->domains[snap->domain_count++];
}

static inline void draw_link(struct stage *stage, struct snapshot_domain *domain, uint32_t group,
                             const char *device)
{
	struct snapshot *snap = &stage->snap;

	if (!domain->device_count) {
		domain->first_group = (uint32_t)snap->domain_group_count;
		domain->first_device = (uint32_t)snap->domain_device_count;
	}
	if (!domain_has_group(snap, domain, group)) {
		snap->domain_groups = grow(snap->domain_groups, &snap->domain_group_capacity,
		                           snap->domain_group_count, sizeof(*snap->domain_groups));
		snap->domain_groups[snap->domain_group_count++] = group;
		domain->group_count++;
	}
	snap->domain_devices = grow(snap->domain_devices, &snap->domain_device_capacity,
	                            snap->domain_device_count, sizeof(*snap->domain_devices));
	snap->domain_devices[snap->domain_device_count++] = draw_text(stage, device);
	domain->device_count++;
}

static inline void draw_guest(struct stage *stage, struct snapshot_domain *domain)
{
	domain->vfio = true;
	domain->process = 1234;
	domain->process_name = draw_text(stage, "qemu-system-x86");
	domain->vm = draw_text(stage, "vm1");
}

static inline void draw_traffic(struct snapshot_domain *domain, double maps_per_s, uint64_t maps,
                                uint64_t bytes)
{
	domain->traffic.maps.n = maps;
	domain->traffic.map_bytes.n = bytes;
	domain->traffic.maps_per_s.per_s = maps_per_s;
	domain->traffic.map_bytes_per_s.per_s = maps_per_s * 4096;
}

static inline struct snapshot_transition *draw_transition(struct stage *stage, uint8_t kind)
{
	struct snapshot *snap = &stage->snap;
	size_t id = snap->transition_count + 1;

	snap->transitions = grow(snap->transitions, &snap->transition_capacity,
	                         snap->transition_count, sizeof(*snap->transitions));
	snap->transitions[snap->transition_count] = (struct snapshot_transition){
		.id = id,
		.kind = kind,
		.group = NO_GROUP,
		.from_domain = NO_DOMAIN,
		.to_domain = NO_DOMAIN,
		.process = NO_PROCESS,
	};
	return &snap->transitions[snap->transition_count++];
}

/* At 14:03:00 of a day, which is 0 of the timeline. */
static inline void draw_clock(struct stage *stage)
{
	stage->snap.origin_wall_ns = 1795356180 * SECOND;
	stage->snap.wall_ns = stage->snap.origin_wall_ns + 3600 * SECOND;
}

#endif

// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * model_attach: which devices and groups are attached to which domain, now or last. In: attaches,
 * detaches and what the kernel told when asked; of two the newer one is true. Out: groups and
 * devices of a row. Must never know: what a domain did. Pure.
 *
 * Up to 6.2 a detach is an event of its own; later an attach to another domain is all there is.
 */
#include "model_private.h"

#include <stdlib.h>
#include <string.h>

#include "util.h"

/* What leaves a domain in a row was in it together. */
#define TOGETHER_NS 2000000000ull
/* A number that was heard of longer ago than this before its attach may be an old domain. */
#define BIRTH_NS 1000000000ull
/* More than these are only those that are in it: what leaves and comes in no time has no end. */
#define LINKS_MOST 2048
/* Longer than any device's name. */
#define NAME_SIZE 256
/* Devices come and go, and some never say that they went. */
#define MOST_ATTACHMENTS 65536

/* ---- links ---- */

static struct link *find_link(const struct links *links, uint32_t id)
{
	for (size_t i = 0; i < links->count; i++)
		if (links->items[i].id == id)
			return &links->items[i];
	return NULL;
}

static void prune(struct links *links, bool all, uint64_t ts_ns)
{
	size_t kept = 0;

	for (size_t i = 0; i < links->count; i++) {
		const struct link *link = &links->items[i];

		if (!link->left || (!all && ts_ns - link->left_ns <= TOGETHER_NS))
			links->items[kept++] = *link;
	}
	links->count = kept;
}

static struct link *add_link(struct links *links, uint32_t id)
{
	if (links->count >= LINKS_MOST)
		prune(links, true, 0);
	links->items = grow(links->items, &links->capacity, links->count, sizeof(*links->items));
	links->items[links->count] = (struct link){.id = id};
	return &links->items[links->count++];
}

static void join(struct domain *domain, struct links *links, uint32_t id, uint64_t ts_ns)
{
	struct link *link;

	prune(&domain->groups, !domain->attached, ts_ns);
	prune(&domain->devices, !domain->attached, ts_ns);
	link = find_link(links, id);
	if (link && !link->left)
		return;
	if (!link)
		link = add_link(links, id);
	link->left = false;
	if (domain->attached++)
		return;
	domain->replaced_ns = 0;
	model_journey_attached(domain);
}

static void leave(struct model *model, struct domain *domain, struct links *links, uint32_t id,
                  uint64_t ts_ns)
{
	struct link *link = find_link(links, id);

	if (!link || link->left)
		return;
	link->left = true;
	link->left_ns = ts_ns;
	if (--domain->attached)
		return;
	domain->replaced_ns = ts_ns;
	model_journey_left(model, domain, ts_ns);
}

/* A group's number may be another group's later: from here on its devices stand for it. */
static void remember_members(struct model *model, struct domain *domain, const struct group *group,
                             uint64_t ts_ns)
{
	size_t count = model_topology_members(model, group);

	for (size_t i = 0; i < count; i++) {
		text_id name = model_topology_member(model, group, i)->name;
		struct link *link = find_link(&domain->devices, name);

		if (link && !link->left)
			continue;
		if (!link)
			link = add_link(&domain->devices, name);
		link->left = true;
		link->left_ns = ts_ns;
	}
}

/* ---- devices ---- */

static struct attachment *find_attachment(struct model *model, text_id device, uint32_t pasid)
{
	for (size_t i = 0; i < model->attachment_count; i++)
		if (model->attachments[i].device == device && model->attachments[i].pasid == pasid)
			return &model->attachments[i];
	return NULL;
}

static bool is_attached(const struct model *model, text_id device, uint32_t domain)
{
	for (size_t i = 0; i < model->attachment_count; i++)
		if (model->attachments[i].device == device &&
		    model->attachments[i].domain == domain)
			return true;
	return false;
}

static void end_attachment(struct model *model, struct attachment *attachment, uint64_t ts_ns)
{
	struct attachment old = *attachment;
	struct domain *domain;

	*attachment = model->attachments[--model->attachment_count];
	domain = model_domain_find(model, old.domain);
	if (domain && !is_attached(model, old.device, old.domain))
		leave(model, domain, &domain->devices, old.device, ts_ns);
}

static void begin_attachment(struct model *model, text_id device, uint32_t pasid, uint32_t to,
                             uint64_t ts_ns)
{
	struct domain *domain = model_domain_find(model, to);

	if (!domain || model->attachment_count >= MOST_ATTACHMENTS)
		return;
	model->attachments = grow(model->attachments, &model->attachment_capacity,
	                          model->attachment_count, sizeof(*model->attachments));
	model->attachments[model->attachment_count++] = (struct attachment){
		.device = device,
		.pasid = pasid,
		.domain = to,
		.sequence = model->attach_sequence,
	};
	join(domain, &domain->devices, device, ts_ns);
}

/* ---- groups ---- */

static void leave_group(struct model *model, struct group *group, uint64_t ts_ns)
{
	struct domain *domain = model_domain_find(model, group->shown.domain);

	group->shown.domain = NO_DOMAIN;
	model->topology.version++;
	if (!domain)
		return;
	remember_members(model, domain, group, ts_ns);
	leave(model, domain, &domain->groups, group->shown.id, ts_ns);
}

static void move_group(struct model *model, struct group *group, uint32_t to, text_id device,
                       const struct event *ev)
{
	uint32_t from = group->shown.domain;
	struct domain *domain = model_domain_find(model, to);

	group->told = model->attach_sequence;
	if (from == to)
		return;
	leave_group(model, group, ev->ts_ns);
	group->shown.domain = to;
	if (domain)
		join(domain, &domain->groups, group->shown.id, ev->ts_ns);
	if (from == NO_DOMAIN)
		from = group->detached_from;
	group->detached_from = NO_DOMAIN;
	model_journey_moved(model, group, from, to, device, ev);
	if (domain)
		model_names_look(model, domain);
}

/* ---- events ---- */

/* The number of a domain that is told of, NO_DOMAIN where it has no place in the table. */
static uint32_t domain_of(struct model *model, uint64_t told, uint64_t ts_ns)
{
	uint32_t id = told < DOMAIN_FORMER ? (uint32_t)told : DOMAIN_UNATTRIBUTED;

	id = model_domain(model, id, ts_ns)->id;
	return id == DOMAIN_UNATTRIBUTED ? NO_DOMAIN : id;
}

static bool all_is_seen(const struct model *model)
{
	return model->start_ns &&
	       (model->collect == COLLECT_EVENTS || model->collect == COLLECT_COUNTS) &&
	       model->classes[CLASS_MAP].on && model->classes[CLASS_UNMAP].on;
}

/*
 * A domain whose first sign of life is its attach has nothing mapped yet. One of the DMA API may be
 * a group's default domain that was replaced before the start, unless the kernel told of those.
 */
static bool is_birth(const struct model *model, const struct domain *domain, uint64_t ts_ns)
{
	return !domain->known_otherwise && ts_ns >= model->start_ns && all_is_seen(model) &&
	       ts_ns - domain->first_seen_ns <= BIRTH_NS &&
	       (domain->type == DOMAIN_TYPE_UNMANAGED || model->groups_told);
}

static void note_attach(struct model *model, struct domain *domain, uint64_t ts_ns)
{
	domain->sure = model->doubts;
	domain->by_attach = true;
	if (!domain->attached)
		domain->attached_ns = ts_ns;
	if (!domain->born && is_birth(model, domain, ts_ns)) {
		domain->born = true;
		domain->born_ns = ts_ns;
		domain->born_gaps = model->gaps;
		domain->unknown_before = model->unknown_domains;
		domain->lost_before = model_events_lost(model);
	}
	domain->known_otherwise = true;
}

void model_attach(struct model *model, const struct event *ev)
{
	text_id device = model_texts_id(&model->texts, ev->member.device);
	uint32_t to = domain_of(model, ev->member.domain, ev->ts_ns);
	struct attachment *old;
	struct group *group;

	model->attach_sequence++;
	if (!device)
		return;
	if (to != NO_DOMAIN)
		note_attach(model, model_domain_find(model, to), ev->ts_ns);
	old = find_attachment(model, device, ev->member.pasid);
	if (old && old->domain == to) {
		old->sequence = model->attach_sequence;
	} else {
		begin_attachment(model, device, ev->member.pasid, to, ev->ts_ns);
		old = find_attachment(model, device, ev->member.pasid);
		if (old && old->domain != to)
			end_attachment(model, old, ev->ts_ns);
	}
	group = model_topology_group_of(model, device);
	if (!ev->member.pasid && group)
		move_group(model, group, to, device, ev);
}

static bool ends(uint32_t attached, const struct event *ev)
{
	return attached != NO_DOMAIN &&
	       (ev->member.domain == DOMAIN_UNATTRIBUTED || ev->member.domain == attached);
}

void model_attach_detach(struct model *model, const struct event *ev)
{
	text_id device = model_texts_id(&model->texts, ev->member.device);
	struct attachment *old = find_attachment(model, device, ev->member.pasid);
	struct group *group = device ? model_topology_group_of(model, device) : NULL;

	model->attach_sequence++;
	if (old && ends(old->domain, ev))
		end_attachment(model, old, ev->ts_ns);
	if (ev->member.pasid || !group || !ends(group->shown.domain, ev))
		return;
	group->detached_from = group->shown.domain;
	group->told = model->attach_sequence;
	leave_group(model, group, ev->ts_ns);
}

/* What was seen of its devices before is older than what the kernel says now. */
static void end_others(struct model *model, const struct group *group, uint32_t domain,
                       uint64_t ts_ns)
{
	size_t count = model_topology_members(model, group);

	for (size_t i = 0; i < count; i++) {
		text_id device = model_topology_member(model, group, i)->name;
		struct attachment *attachment = find_attachment(model, device, 0);

		if (attachment && attachment->domain != domain)
			end_attachment(model, attachment, ts_ns);
	}
}

static void note_old(struct model *model, uint32_t id, bool by_snapshot)
{
	struct domain *domain = model_domain_find(model, id);

	if (!domain)
		return;
	domain->known_otherwise = true;
	domain->by_snapshot |= by_snapshot;
	domain->sure = model->doubts;
}

/* ---- doubt ---- */

void model_attach_doubt(struct model *model)
{
	model->doubts++;
}

static void end_attachments(struct model *model, uint32_t domain, uint64_t ts_ns)
{
	for (size_t i = model->attachment_count; i > 0; i--)
		if (model->attachments[i - 1].domain == domain)
			end_attachment(model, &model->attachments[i - 1], ts_ns);
}

static void forget_domain(struct model *model, struct domain *domain, uint64_t ts_ns)
{
	end_attachments(model, domain->id, ts_ns);
	model_names_forget(domain);
	domain->groups.count = domain->devices.count = 0;
	domain->sure = model->doubts;
}

static bool all_groups_are_told(const struct model *model)
{
	for (size_t i = 0; i < model->topology.group_count; i++)
		if (model->topology.groups[i].sure != model->doubts)
			return false;
	return true;
}

/* A group was told of: perhaps the last one. No group is in a domain that is not sure then. */
static void end_doubt(struct model *model, struct group *group, uint64_t ts_ns)
{
	if (group->sure == model->doubts)
		return;
	group->sure = model->doubts;
	if (!all_groups_are_told(model))
		return;
	for (size_t i = 1; i < model->domains.slot_count; i++) {
		struct domain *domain = &model->domains.slots[i];

		if (domain->state == DOMAIN_LIVING && domain->sure != model->doubts)
			forget_domain(model, domain, ts_ns);
	}
}

/* A domain that a group came to unseen may be another one at the address of the one before. */
static void doubt_name(struct model *model, const struct group *group, uint32_t id)
{
	struct domain *domain = model_domain_find(model, id);

	if (domain && domain->sure != model->doubts && group->shown.domain != id)
		model_names_forget(domain);
}

/* ---- what is told ---- */

void model_attach_told(struct model *model, const struct event *ev)
{
	struct group *group = model_topology_group(model, ev->attr.id);
	uint32_t to = domain_of(model, ev->attr.value, ev->ts_ns);

	model->attach_sequence++;
	model->groups_told |= to != NO_DOMAIN;
	if (!group)
		return;
	doubt_name(model, group, to);
	note_old(model, to, true);
	end_others(model, group, to, ev->ts_ns);
	move_group(model, group, to, 0, ev);
	end_doubt(model, group, ev->ts_ns);
}

/* "0000:00:02.0 5" */
static uint32_t pasid_of(const char *text)
{
	const char *blank = strchr(text, ' ');
	uint64_t pasid;

	return blank && parse_decimal(blank + 1, NULL, &pasid) && pasid < UINT32_MAX
	               ? (uint32_t)pasid
	               : 0;
}

/* Somebody saw the attach before the start; or, without a text, that it was there. */
void model_attach_attached(struct model *model, const struct event *ev)
{
	uint32_t to = domain_of(model, ev->attr.id, ev->ts_ns), pasid;
	struct domain *domain = model_domain_find(model, to);
	struct group *group;
	char name[NAME_SIZE];
	text_id device;

	if (!domain)
		return;
	note_old(model, to, false);
	if (!ev->attr.text)
		return;
	copy_text(name, sizeof(name), ev->attr.text);
	name[strcspn(name, " ")] = '\0';
	device = model_texts_id(&model->texts, name);
	if (!device)
		return;
	pasid = pasid_of(ev->attr.text);
	domain->by_attach = true;
	model->attach_sequence++;
	if (!find_attachment(model, device, pasid))
		begin_attachment(model, device, pasid, to, ev->ts_ns);
	group = model_topology_group_of(model, device);
	if (!pasid && group && group->shown.domain == NO_DOMAIN)
		move_group(model, group, to, 0, ev);
}

void model_attach_default(struct model *model, const struct event *ev)
{
	struct group *group = model_topology_group(model, ev->attr.id);
	uint32_t domain = domain_of(model, ev->attr.value, ev->ts_ns);

	note_old(model, domain, false);
	if (!group)
		return;
	group->shown.default_domain = domain;
	model->topology.version++;
}

void model_attach_holder(struct model *model, const struct event *ev)
{
	struct group *group = model_topology_group(model, ev->attr.id);
	struct domain *domain;

	if (!group)
		return;
	domain = model_domain_find(model, group->shown.domain);
	group->shown.holder = ev->attr.value < NO_PROCESS ? (uint32_t)ev->attr.value : NO_PROCESS;
	group->holder_fresh = group->shown.holder != NO_PROCESS;
	model->topology.version++;
	if (domain)
		model_names_look(model, domain);
}

/* Whose maps are made for a device in its DMA API is attached to it. */
void model_attach_dma_device(struct model *model, struct domain *domain, text_id device,
                             const struct event *ev)
{
	struct group *group = device ? model_topology_group_of(model, device) : NULL;

	domain->dma_device = device;
	domain->sure = model->doubts;
	model->attach_sequence++;
	if (group && group->shown.domain == NO_DOMAIN)
		move_group(model, group, domain->id, device, ev);
}

uint32_t model_attach_domain_of(struct model *model, text_id device, uint32_t pasid)
{
	const struct attachment *attachment = find_attachment(model, device, pasid);
	const struct group *group = pasid ? NULL : model_topology_group_of(model, device);

	if (group && group->shown.domain != NO_DOMAIN)
		return group->shown.domain;
	return attachment ? attachment->domain : NO_DOMAIN;
}

void model_attach_grouped(struct model *model, const struct event *ev)
{
	text_id device = model_texts_id(&model->texts, ev->attr.name);
	const struct attachment *attachment = find_attachment(model, device, 0);
	struct group *group = device ? model_topology_group_of(model, device) : NULL;

	if (!group || !attachment || attachment->sequence <= group->told)
		return;
	move_group(model, group, attachment->domain, device, ev);
	group->told = attachment->sequence;
}

void model_attach_device_gone(struct model *model, const struct event *ev)
{
	text_id device = model_texts_id(&model->texts, ev->attr.name);
	struct group *group = device ? model_topology_group_of(model, device) : NULL;

	for (size_t i = model->attachment_count; i > 0; i--)
		if (model->attachments[i - 1].device == device)
			end_attachment(model, &model->attachments[i - 1], ev->ts_ns);
	/* A group without devices is attached to nothing. */
	if (group && model_topology_members(model, group) == 1)
		leave_group(model, group, ev->ts_ns);
}

void model_attach_group_gone(struct model *model, const struct event *ev)
{
	struct group *group = model_topology_find_group(model, ev->attr.id);

	if (group)
		leave_group(model, group, ev->ts_ns);
}

void model_attach_domain_gone(struct model *model, uint32_t id, const struct event *ev)
{
	end_attachments(model, id, ev->ts_ns);
	for (size_t i = 0; i < model->topology.group_count; i++) {
		struct group *group = &model->topology.groups[i];

		if (group->shown.domain == id)
			leave_group(model, group, ev->ts_ns);
		if (group->shown.default_domain == id)
			group->shown.default_domain = NO_DOMAIN;
	}
	model->topology.version++;
}

/* ---- rows ---- */

static bool is_shown(const struct domain *domain, const struct link *link)
{
	if (!link->left)
		return true;
	return !domain->attached && domain->replaced_ns - link->left_ns <= TOGETHER_NS;
}

static void put_group(struct snapshot *snap, struct snapshot_domain *row, uint32_t group)
{
	snap->domain_groups = grow(snap->domain_groups, &snap->domain_group_capacity,
	                           snap->domain_group_count, sizeof(*snap->domain_groups));
	snap->domain_groups[snap->domain_group_count++] = group;
	row->group_count++;
}

static void put_device(struct snapshot *snap, struct snapshot_domain *row, text_id device)
{
	for (size_t i = row->first_device; i < snap->domain_device_count; i++)
		if (snap->domain_devices[i] == device)
			return;
	snap->domain_devices = grow(snap->domain_devices, &snap->domain_device_capacity,
	                            snap->domain_device_count, sizeof(*snap->domain_devices));
	snap->domain_devices[snap->domain_device_count++] = device;
	row->device_count++;
}

static void put_groups(struct model *model, const struct domain *domain, struct snapshot *snap,
                       struct snapshot_domain *row)
{
	const struct group *group;

	for (size_t i = 0; i < domain->groups.count; i++)
		if (is_shown(domain, &domain->groups.items[i]))
			put_group(snap, row, domain->groups.items[i].id);
	if (row->group_count || !domain->dma_device)
		return;
	group = model_topology_group_of(model, domain->dma_device);
	if (group)
		put_group(snap, row, group->shown.id);
}

static void put_members(struct model *model, uint32_t id, struct snapshot *snap,
                        struct snapshot_domain *row)
{
	const struct group *group = model_topology_find_group(model, id);
	size_t count = group ? model_topology_members(model, group) : 0;

	for (size_t i = 0; i < count; i++)
		put_device(snap, row, model_topology_member(model, group, i)->name);
}

/* A group is attached as a whole, whichever of its devices was seen doing so. */
static void put_devices(struct model *model, const struct domain *domain, struct snapshot *snap,
                        struct snapshot_domain *row)
{
	for (size_t i = 0; domain->attached && i < domain->groups.count; i++)
		if (!domain->groups.items[i].left)
			put_members(model, domain->groups.items[i].id, snap, row);
	for (size_t i = 0; i < domain->devices.count; i++)
		if (is_shown(domain, &domain->devices.items[i]))
			put_device(snap, row, domain->devices.items[i].id);
	if (!row->device_count && domain->dma_device)
		put_device(snap, row, domain->dma_device);
}

static int compare_groups(const void *left, const void *right)
{
	const uint32_t *a = left, *b = right;

	return *a < *b ? -1 : *a > *b;
}

static bool is_bridge(struct model *model, text_id name)
{
	const struct snapshot_device *device = model_topology_device(model, name);

	return device && model_topology_is_bridge(device);
}

/* A bridge names nothing that a person would know a domain by. */
static int compare_devices(const void *left, const void *right, void *context)
{
	struct model *model = context;
	text_id a = *(const text_id *)left, b = *(const text_id *)right;
	bool a_bridge = is_bridge(model, a), b_bridge = is_bridge(model, b);

	if (a_bridge != b_bridge)
		return a_bridge - b_bridge;
	return strcmp(model->texts.pool + a, model->texts.pool + b);
}

void model_attach_row(struct model *model, const struct domain *domain, struct snapshot *snap,
                      struct snapshot_domain *row)
{
	row->first_group = (uint32_t)snap->domain_group_count;
	row->first_device = (uint32_t)snap->domain_device_count;
	put_groups(model, domain, snap, row);
	put_devices(model, domain, snap, row);
	if (row->group_count > 1)
		qsort(snap->domain_groups + row->first_group, row->group_count, sizeof(uint32_t),
		      compare_groups);
	if (row->device_count > 1)
		qsort_r(snap->domain_devices + row->first_device, row->device_count,
		        sizeof(text_id), compare_devices, model);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * model_journey: a device's way from the host to a guest and back, and the bursts of maps and
 * unmaps by which a guest's memory comes and goes. In: moves of groups, maps and unmaps of
 * unmanaged domains. Out: transitions. Must never know: what VFIO is. Pure.
 *
 * VFIO attaches a group to a scratch domain (6.1) or a blocked one before the guest's, and to an
 * empty or blocked one before it gives it back: all of this is one journey.
 */
#include "model_private.h"

#include <string.h>

#include "util.h"

/* A busy host can hold a guest's start up for seconds. */
#define QUIET_NS    5000000000ull
#define LEAST_BYTES (1u << 20)

/* ---- the ring ---- */

static struct transition *new_transition(struct model *model, enum transition_kind kind)
{
	struct transition *transition =
		&model->transitions[model->transition_next % model->limits.transitions];

	*transition = (struct transition){
		.shown = {.id = model->transition_next++,
	                  .kind = (uint8_t)kind,
	                  .from_type = DOMAIN_TYPE_UNKNOWN,
	                  .to_type = DOMAIN_TYPE_UNKNOWN,
	                  .group = NO_GROUP,
	                  .from_domain = NO_DOMAIN,
	                  .to_domain = NO_DOMAIN,
	                  .process = NO_PROCESS},
		.touched = true,
		.next = NO_DOMAIN,
	};
	return transition;
}

static uint64_t transitions_kept(const struct model *model)
{
	uint64_t made = model->transition_next - 1;

	return made < model->limits.transitions ? made : model->limits.transitions;
}

/* NULL for 0 and for one that newer ones replaced. */
static struct transition *find_transition(struct model *model, uint64_t id)
{
	struct transition *transition = &model->transitions[id % model->limits.transitions];

	return id && transition->shown.id == id ? transition : NULL;
}

/* ---- who it is ---- */

static void take_process(const struct model *model, struct transition *transition, uint32_t id)
{
	const struct snapshot_process *process = model_names_find(model, id);
	struct snapshot_transition *shown = &transition->shown;

	if (shown->process != id) {
		shown->process = id;
		shown->process_name = shown->vm = 0;
		transition->touched = true;
	}
	if (!process || (shown->process_name == process->name && shown->vm == process->vm))
		return;
	shown->process_name = process->name ? process->name : shown->process_name;
	shown->vm = process->vm ? process->vm : shown->vm;
	transition->touched = true;
}

static void take_process_of(struct transition *transition, const struct domain *domain)
{
	struct snapshot_transition *shown = &transition->shown;

	if (domain->process == NO_PROCESS ||
	    (shown->process == domain->process && shown->process_name == domain->process_name &&
	     shown->vm == domain->vm))
		return;
	shown->process = domain->process;
	shown->process_name = domain->process_name;
	shown->vm = domain->vm;
	transition->touched = true;
}

/* While it is not over, for holders become known later than attaches. */
static void fill(struct model *model, struct transition *transition)
{
	const struct snapshot_transition *shown = &transition->shown;
	const struct domain *domain = model_domain_find(model, shown->to_domain);
	const struct group *group = model_topology_find_group(model, shown->group);

	if (shown->kind != TRANSITION_AWAY) {
		if (domain && domain->state == DOMAIN_LIVING)
			take_process_of(transition, domain);
	} else if (group && group->journey == shown->id) {
		if (group->holder_fresh)
			take_process(model, transition, group->shown.holder);
		else if (domain)
			take_process_of(transition, domain);
	}
}

/* The device by which people know the group: one that is no bridge. */
static text_id device_of(struct model *model, const struct group *group, text_id attached)
{
	const struct snapshot_device *device =
		attached ? model_topology_device(model, attached) : NULL;
	size_t count = model_topology_members(model, group);

	if (attached && (!device || !model_topology_is_bridge(device)))
		return attached;
	for (size_t i = 0; i < count; i++) {
		device = model_topology_member(model, group, i);
		if (!model_topology_is_bridge(device))
			return device->name;
	}
	return count ? model_topology_member(model, group, 0)->name : attached;
}

/* ---- away and back ---- */

static uint8_t type_of(struct model *model, uint32_t id)
{
	const struct domain *domain = model_domain_find(model, id);

	return domain ? domain->type : DOMAIN_TYPE_UNKNOWN;
}

/* Where a group is while the host uses its devices. The default domain can be replaced by one of
 * another type without anybody telling. */
static bool is_home(struct model *model, const struct group *group, uint32_t id)
{
	uint8_t type = type_of(model, id);

	if (id == NO_DOMAIN)
		return false;
	return id == group->shown.default_domain || type == DOMAIN_TYPE_DMA ||
	       type == DOMAIN_TYPE_DMA_FQ || type == DOMAIN_TYPE_IDENTITY;
}

static bool has_maps(struct model *model, uint32_t id)
{
	const struct domain *domain = model_domain_find(model, id);

	return domain && domain->total.maps;
}

static void go_to(struct model *model, struct transition *transition, uint32_t to)
{
	transition->shown.to_domain = to;
	transition->shown.to_type = type_of(model, to);
	transition->mapped = false;
	transition->next = NO_DOMAIN;
	transition->touched = true;
}

/* Once something was mapped for the device it had arrived; from there on only a domain that has
 * maps, too, is a place to go. */
static void settle(struct model *model, struct transition *transition)
{
	if (transition->next != NO_DOMAIN && has_maps(model, transition->next))
		go_to(model, transition, transition->next);
	transition->mapped |= has_maps(model, transition->shown.to_domain);
	if (transition->shown.to_type == DOMAIN_TYPE_UNKNOWN)
		transition->shown.to_type = type_of(model, transition->shown.to_domain);
}

static void follow(struct model *model, struct transition *transition, uint32_t to)
{
	settle(model, transition);
	if (to == NO_DOMAIN || to == transition->shown.to_domain ||
	    type_of(model, to) == DOMAIN_TYPE_BLOCKED)
		return;
	if (transition->mapped)
		transition->next = to;
	else
		go_to(model, transition, to);
}

/* It was away before anybody watched: no line in the log, for nothing happened now. */
static void find_away(struct model *model, struct group *group)
{
	struct transition *transition = new_transition(model, TRANSITION_AWAY);
	struct snapshot_transition *shown = &transition->shown;

	shown->group = group->shown.id;
	shown->from_domain = group->shown.default_domain;
	shown->from_type = type_of(model, shown->from_domain);
	shown->device = device_of(model, group, 0);
	go_to(model, transition, group->shown.domain);
	transition->mapped = true; /* before, as far as it was */
	group->journey = shown->id;
	group->found = false;
}

static void leave_home(struct model *model, struct group *group, uint32_t from, uint32_t to,
                       text_id device, const struct event *ev)
{
	struct transition *transition = new_transition(model, TRANSITION_AWAY);
	struct snapshot_transition *shown = &transition->shown;

	model->devices_left++;
	shown->group = group->shown.id;
	shown->from_domain = from;
	shown->from_type = type_of(model, from);
	shown->device = device_of(model, group, device);
	shown->begin_ns = ev->ts_ns;
	/* Told by the kernel when asked: it left before. */
	shown->at_least = ev->kind == EVENT_ATTR;
	go_to(model, transition, to);
	group->journey = shown->id;
	fill(model, transition);
	model_log_transition(model, shown, ev->ts_ns, false);
}

static void come_back(struct model *model, struct transition *transition, const struct event *ev)
{
	model->devices_back++;
	settle(model, transition);
	fill(model, transition);
	/* Of a domain that nobody is in no type is told. */
	if (transition->shown.from_type == DOMAIN_TYPE_UNKNOWN)
		transition->shown.from_type = type_of(model, transition->shown.from_domain);
	transition->shown.end_ns = ev->ts_ns;
	transition->shown.at_least |= ev->kind == EVENT_ATTR;
	transition->touched = true;
	model_log_transition(model, &transition->shown, ev->ts_ns, true);
}

/* Who holds a group is asked for now and then: an answer from before the group's last stay at home
 * counts only when that process is who attaches it. */
static void confirm_holder(const struct model *model, struct group *group, const struct event *ev)
{
	const struct task *task = model_tasks_find(model, ev->pid);
	uint32_t holder = group->shown.holder;

	if (holder == NO_PROCESS || ev->kind != EVENT_ATTACH)
		return;
	group->holder_fresh |= holder == (uint32_t)ev->pid || (task && task->process == holder);
}

void model_journey_moved(struct model *model, struct group *group, uint32_t from, uint32_t to,
                         text_id device, const struct event *ev)
{
	struct transition *open = find_transition(model, group->journey);
	bool home = is_home(model, group, to), was_home = is_home(model, group, from);

	if (!home)
		confirm_holder(model, group, ev);
	if (open && home)
		come_back(model, open, ev);
	else if (open)
		follow(model, open, to);
	else if (was_home && !home && to != NO_DOMAIN)
		leave_home(model, group, from, to, device, ev);
	if (home && !was_home && from != NO_DOMAIN)
		group->holder_fresh = false;
	if (home)
		group->journey = 0;
	group->found = from == NO_DOMAIN && ev->kind == EVENT_ATTR;
}

/* The types of domains are told after who is in them, devices when sysfs was walked. */
static void find_those_away(struct model *model)
{
	for (size_t i = 0; i < model->topology.group_count; i++) {
		struct group *group = &model->topology.groups[i];

		if (group->found && !find_transition(model, group->journey) &&
		    model_topology_members(model, group) &&
		    group->shown.default_domain != NO_DOMAIN &&
		    group->shown.default_domain != group->shown.domain &&
		    type_of(model, group->shown.domain) == DOMAIN_TYPE_UNMANAGED)
			find_away(model, group);
	}
}

/* ---- bursts ---- */

/* One map or unmap, or some of a size that came in one interval. */
struct portion {
	uint64_t begin_ns, end_ns;
	uint64_t count;
	uint64_t least_bytes; /* none is smaller */
	uint64_t asked_bytes, done_bytes;
	uint64_t inside_ns; /* 0: not known */
};

static void add_to_burst(const struct model *model, struct burst *burst,
                         const struct portion *portion)
{
	struct burst_size *size = &burst->sizes[model_traffic_bucket(portion->least_bytes)];

	if (!burst->last_ns) {
		burst->begin_ns = portion->begin_ns;
		burst->gaps = model->gaps;
		burst->seams = model->seams;
	}
	burst->torn |= burst->seams != model->seams;
	burst->last_ns = portion->end_ns;
	burst->count += portion->count;
	burst->bytes += portion->done_bytes;
	burst->inside_ns += portion->inside_ns;
	burst->inside_unknown |= !portion->inside_ns;
	if (!size->count || portion->least_bytes < size->least_bytes)
		size->least_bytes = portion->least_bytes;
	size->count += portion->count;
	size->bytes += portion->asked_bytes;
}

static bool is_quiet(const struct burst *burst, uint64_t ts_ns)
{
	return burst->last_ns && ts_ns > burst->last_ns && ts_ns - burst->last_ns >= QUIET_NS;
}

static void place_burst(struct model *model, const struct domain *domain,
                        struct snapshot_transition *shown)
{
	const struct group *group;

	shown->to_domain = domain->id;
	shown->to_type = domain->type;
	if (!domain->groups.count)
		return;
	shown->group = domain->groups.items[0].id;
	group = model_topology_find_group(model, shown->group);
	if (group)
		shown->device = device_of(model, group, 0);
}

static void put_sizes(const struct burst *burst, struct snapshot_transition *shown)
{
	const struct burst_size *size;
	size_t common = 0;

	for (size_t i = 1; i < SIZE_BUCKETS; i++)
		if (burst->sizes[i].count > burst->sizes[common].count)
			common = i;
	size = &burst->sizes[common];
	shown->common_log2 = (uint8_t)(common + SIZE_LOG2_MIN);
	shown->common_count = size->count;
	if (size->least_bytes && size->bytes / size->least_bytes == size->count &&
	    size->bytes % size->least_bytes == 0)
		shown->common_bytes = size->least_bytes;
}

static void tell_burst(struct model *model, struct domain *domain, enum transition_kind kind,
                       const struct burst *burst, uint64_t ts_ns)
{
	struct transition *transition = new_transition(model, kind);
	struct snapshot_transition *shown = &transition->shown;

	shown->begin_ns = burst->begin_ns;
	shown->end_ns = burst->last_ns;
	shown->count = burst->count;
	shown->bytes = burst->bytes;
	shown->inside_ns = burst->inside_unknown ? 0 : burst->inside_ns;
	shown->attempts = burst->attempts;
	shown->at_least = burst->torn || burst->gaps != model->gaps ||
	                  (kind == TRANSITION_START && !domain->born);
	put_sizes(burst, shown);
	place_burst(model, domain, shown);
	model_names_look(model, domain);
	take_process_of(transition, domain);
	model_log_transition(model, shown, ts_ns, false);
}

/*
 * The first burst that was seen of an older domain is not its first. One that is mapped into before
 * it is attached (iommufd) counts if the kernel told who was attached and it was not among those.
 */
static bool is_new(const struct model *model, const struct domain *domain)
{
	return domain->born || (model->groups_told && !domain->by_snapshot && !domain->partial &&
	                        domain->first_seen_ns > model->start_ns);
}

static void end_maps(struct model *model, struct domain *domain, uint64_t ts_ns)
{
	struct bursts *bursts = domain->bursts;

	if (bursts->started)
		return;
	bursts->started = bursts->map.bytes >= LEAST_BYTES;
	if (bursts->started && is_new(model, domain))
		tell_burst(model, domain, TRANSITION_START, &bursts->map, ts_ns);
	bursts->map = (struct burst){0};
}

/* The last burst of unmaps is one that had not ended long before the domain was left or freed. */
static void end_unmaps(struct model *model, struct domain *domain, bool over, uint64_t ts_ns)
{
	struct bursts *bursts = domain->bursts;
	const struct burst *burst = &bursts->unmap;
	uint64_t left_ns = ts_ns;

	if (domain->replaced_ns || domain->freed_ns)
		left_ns = domain->replaced_ns ? domain->replaced_ns : domain->freed_ns;

	if (over && !bursts->ended && burst->bytes >= LEAST_BYTES &&
	    burst->last_ns + QUIET_NS >= left_ns) {
		bursts->ended = true;
		tell_burst(model, domain, TRANSITION_END, burst, ts_ns);
	}
	bursts->unmap = (struct burst){0};
}

static bool was_left(const struct domain *domain)
{
	return !domain->attached && domain->replaced_ns;
}

void model_journey_map(struct model *model, struct domain *domain, const struct event *ev)
{
	struct bursts *bursts = domain->bursts;

	if (is_quiet(&bursts->map, ev->ts_ns))
		end_maps(model, domain, ev->ts_ns);
	if (bursts->started)
		return;
	add_to_burst(model, &bursts->map,
	             &(struct portion){
			     .begin_ns = ev->ts_ns,
			     .end_ns = ev->ts_ns,
			     .count = 1,
			     .least_bytes = ev->map.size_bytes,
			     .asked_bytes = ev->map.size_bytes,
			     .done_bytes = ev->map.size_bytes,
			     .inside_ns = ev->map.inside_ns,
		     });
}

void model_journey_unmap(struct model *model, struct domain *domain, const struct event *ev)
{
	struct bursts *bursts = domain->bursts;

	if (is_quiet(&bursts->unmap, ev->ts_ns))
		end_unmaps(model, domain, was_left(domain), ev->ts_ns);
	add_to_burst(model, &bursts->unmap,
	             &(struct portion){
			     .begin_ns = ev->ts_ns,
			     .end_ns = ev->ts_ns,
			     .count = 1,
			     .least_bytes = ev->unmap.size_bytes,
			     .asked_bytes = ev->unmap.size_bytes,
			     .done_bytes = ev->unmap.unmapped_bytes,
			     .inside_ns = ev->unmap.inside_ns,
		     });
}

/*
 * They came at some time since the tick before, so that is where it may begin. Those of a freed
 * domain are told a tick later.
 */
void model_journey_counted(struct model *model, struct domain *domain, const struct event *ev)
{
	struct bursts *bursts = domain->bursts;
	bool maps = ev->counts.what == COUNTS_MAP;
	struct burst *burst = maps ? &bursts->map : &bursts->unmap;
	bool waits = model_journey_waits(domain);
	const struct portion portion = {
		.begin_ns = waits ? bursts->counted_from_ns : model->tick_ns,
		.end_ns = waits ? domain->freed_ns : ev->ts_ns,
		.count = ev->counts.hits,
		.least_bytes = ev->counts.log2 < 64 ? 1ull << ev->counts.log2 : 0,
		.asked_bytes = ev->counts.bytes,
		.done_bytes = ev->counts.bytes,
	};

	bursts->counted_to_end |= waits;
	if (is_quiet(burst, portion.begin_ns) && maps)
		end_maps(model, domain, ev->ts_ns);
	else if (is_quiet(burst, portion.begin_ns))
		end_unmaps(model, domain, was_left(domain), ev->ts_ns);
	if (maps && bursts->started)
		return;
	add_to_burst(model, burst, &portion);
	burst->attempts |= model->collect_attempts;
}

/* In counts mode some of its maps may not be told yet. */
void model_journey_left(struct model *model, struct domain *domain, uint64_t ts_ns)
{
	if (domain->bursts && model->collect != COLLECT_COUNTS)
		end_maps(model, domain, ts_ns);
}

void model_journey_attached(struct domain *domain)
{
	if (domain->bursts)
		domain->bursts->ended = false;
}

static void end_bursts(struct model *model, struct domain *domain, uint64_t ts_ns)
{
	end_maps(model, domain, ts_ns);
	end_unmaps(model, domain, true, ts_ns);
}

/* What was counted since the last tick comes with the second tick from now, if it does. */
void model_journey_freed(struct model *model, struct domain *domain, uint64_t ts_ns)
{
	struct bursts *bursts = domain->bursts;

	if (!bursts)
		return;
	if (model->collect != COLLECT_COUNTS) {
		end_bursts(model, domain, ts_ns);
		return;
	}
	model_names_look(model, domain);
	bursts->ticks_to_wait = 2;
	bursts->counted_from_ns = model->tick_ns;
}

bool model_journey_waits(const struct domain *domain)
{
	return domain->bursts && domain->bursts->ticks_to_wait;
}

/* Where no counts have come nobody knows whether there were any. */
void model_journey_over(struct model *model, struct domain *domain)
{
	struct bursts *bursts = domain->bursts;

	if (!model_journey_waits(domain))
		return;
	bursts->ticks_to_wait = 0;
	if (!bursts->counted_to_end)
		bursts->map.torn = bursts->unmap.torn = true;
	end_bursts(model, domain, model->tick_ns);
}

static void wait_on(struct model *model, struct domain *domain)
{
	if (domain->bursts->ticks_to_wait > 1)
		domain->bursts->ticks_to_wait--;
	else
		model_journey_over(model, domain);
}

void model_journey_doubt(struct model *model)
{
	for (size_t i = 0; i < model->limits.transitions; i++)
		if (model->transitions[i].touched &&
		    model->transitions[i].shown.kind != TRANSITION_AWAY)
			model->transitions[i].shown.at_least = true;
}

static void bursts_tick(struct model *model, struct domain *domain)
{
	if (is_quiet(&domain->bursts->map, model->tick_ns))
		end_maps(model, domain, model->tick_ns);
	if (is_quiet(&domain->bursts->unmap, model->tick_ns))
		end_unmaps(model, domain, was_left(domain), model->tick_ns);
}

void model_journey_tick(struct model *model)
{
	for (size_t i = 1; i < model->domains.slot_count; i++) {
		struct domain *domain = &model->domains.slots[i];

		if (domain->state == DOMAIN_LIVING && domain->bursts)
			bursts_tick(model, domain);
		else if (domain->state == DOMAIN_FREED && model_journey_waits(domain))
			wait_on(model, domain);
	}
	find_those_away(model);
	for (uint64_t n = transitions_kept(model), id = model->transition_next - n;
	     id < model->transition_next; id++) {
		struct transition *transition = find_transition(model, id);

		if (!transition->shown.end_ns)
			settle(model, transition);
		fill(model, transition);
		transition->shown.changed = transition->touched;
		transition->touched = false;
	}
}

void model_journey_snapshot(const struct model *model, struct snapshot *snap)
{
	uint64_t kept = transitions_kept(model);

	model_reserve(&snap->transitions, &snap->transition_capacity, kept,
	              sizeof(*snap->transitions));
	snap->transition_count = kept;
	snap->devices_left = model->devices_left;
	snap->devices_back = model->devices_back;
	for (uint64_t i = 0; i < kept; i++)
		snap->transitions[i] = model->transitions[(model->transition_next - kept + i) %
		                                          model->limits.transitions]
		                               .shown;
}

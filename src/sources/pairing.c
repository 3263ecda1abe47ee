// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pairing: records to events, a call of the kernel's and its tracepoint to one. Its other rooms:
 * pairing_places, pairing_domains, pairing_holders, pairing_attach.
 * In: struct raw of all CPUs in the order of time. Out: struct event.
 * Must never know: files, clocks, lanes, the model.
 */
#include "pairing_private.h"

#include <stdlib.h>

#include "../owned.h"
#include "../util.h"

/* What is taken next is no pair, or comes after others did something. */
static inline void forget_calm(struct pairing *pairing)
{
	pairing->calm = NULL;
	pairing->calm_address = 0;
	pairing->lone = 0;
}

/* ---- telling ---- */

/* A map or an unmap. */
static inline void emit_traffic(const struct turn *turn, const struct event *ev)
{
	if (turn->pairing->mode != COLLECT_COUNTS)
		event_emit(turn->sink, ev);
}

static void emit_map_failed(const struct call *call, int32_t error, uint64_t ts_ns,
                            const struct event_sink *sink)
{
	struct event ev = {
		.ts_ns = ts_ns,
		.kind = EVENT_MAP_FAILED,
		.context = call->context,
		.cpu = call->cpu,
		.pid = call->pid,
		.map_failed = {.iova = call->iova,
	                       .size_bytes = call->size_bytes,
	                       .domain = call->domain,
	                       .error = error},
	};

	event_emit(sink, &ev);
}

static void tell_map_failed(const struct turn *turn, const struct call *call, int32_t error)
{
	emit_map_failed(call, error, turn->ts_ns, turn->sink);
}

/* ---- maps that failed ---- */

static void hold_failure(const struct turn *turn, struct place *place, const struct call *call,
                         uint64_t mapped_bytes, bool undoable)
{
	place->failure = (struct failure){.call = *call,
	                                  .mapped_bytes = mapped_bytes,
	                                  .since_ns = turn->raw->ts_ns,
	                                  .undoable = undoable};
	turn->pairing->waiting = true;
}

/* Something else has begun: neither its errno nor its undoing comes any more. */
static inline void end_failure(const struct turn *turn, struct failure *failure)
{
	if (failure->call.kind == CALL_NONE)
		return;
	if (!failure->told)
		tell_map_failed(turn, &failure->call, 0);
	failure->call.kind = CALL_NONE;
}

/* A failure that waits for its errno is told while its domain is known still. */
static void take_domain_free(const struct turn *turn)
{
	struct place *place = pairing_place(turn);
	uint32_t domain = domain_ids_find(turn->pairing->ids, turn->raw->value[0]);

	if (place && place->failure.call.domain == domain)
		end_failure(turn, &place->failure);
	pairing_tell_gone(turn, turn->raw->value[0]);
}

static void take_map_return(const struct turn *turn)
{
	struct place *place = pairing_place(turn);
	int32_t error = pairing_error_of(turn->raw);
	struct failure *failure;

	if (!place || !error)
		return;
	failure = &place->failure;
	if (failure->call.kind && !failure->told) {
		tell_map_failed(turn, &failure->call, error);
		failure->told = true;
	} else if (!failure->call.kind && place->call.kind == CALL_MAP) {
		tell_map_failed(turn, &place->call, error);
		place->call = place->outer;
		place->outer.kind = CALL_NONE;
	}
	if (!failure->undoable)
		failure->call.kind = CALL_NONE;
}

static bool settle_place(struct place *place, uint64_t now_ns, uint64_t ts_ns,
                         const struct event_sink *sink)
{
	struct failure *failure = &place->failure;

	if (!failure->call.kind || failure->told)
		return false;
	if (now_ns < failure->since_ns + PAIRING_PATIENCE_NS)
		return true;
	emit_map_failed(&failure->call, 0, ts_ns, sink);
	failure->told = true;
	return false;
}

static void settle_failures(struct pairing *pairing, uint64_t now_ns, uint64_t ts_ns,
                            const struct event_sink *sink)
{
	bool waiting = false;

	for (size_t set = 0; set < TASK_SETS; set++)
		for (size_t i = 0; pairing->tasks[set] && i < TASK_WAYS; i++)
			if (pairing->tasks[set][i].generation == pairing->task_generation)
				waiting |=
					settle_place(&pairing->tasks[set][i], now_ns, ts_ns, sink);
	for (size_t cpu = 0; cpu < pairing->cpu_room; cpu++)
		for (int level = 0; level < LEVEL_COUNT; level++)
			if (pairing->cpus[cpu][level].generation == pairing->generation)
				waiting |= settle_place(&pairing->cpus[cpu][level], now_ns, ts_ns,
				                        sink);
	pairing->waiting = waiting;
}

void pairing_settle(struct pairing *pairing, uint64_t now_ns, uint64_t ts_ns,
                    const struct event_sink *sink)
{
	forget_calm(pairing);
	if (pairing->waiting)
		settle_failures(pairing, now_ns, ts_ns, sink);
	for (size_t i = 0; i < pairing->gone_count; i++) {
		struct event ev = event_gone(ts_ns, SUBJECT_DOMAIN, NULL, pairing->gone[i]);

		event_emit(sink, &ev);
	}
	pairing->gone_count = 0;
}

/* ---- calls ---- */

static inline struct call call_of(const struct turn *turn, enum call_kind kind, uint32_t domain)
{
	const struct raw *raw = turn->raw;

	return (struct call){
		.ts_ns = raw->ts_ns,
		.iova = raw->value[1],
		.size_bytes = raw->value[2],
		.domain = domain,
		.pid = raw->pid,
		.cpu = raw->cpu,
		.context = raw->context,
		.kind = (uint8_t)kind,
	};
}

/*
 * Another call begins. A map that is still under way has failed if it is for its own domain. One
 * for another domain may have been made inside of it: a map that may sleep allocates memory, memory
 * is reclaimed by writing, and that maps.
 */
static inline void end_map_by(const struct turn *turn, struct place *place, uint32_t domain)
{
	if (place->call.kind != CALL_MAP)
		return;
	if (place->call.domain == domain)
		tell_map_failed(turn, &place->call, 0);
	else
		place->outer = place->call;
}

static void tell_dma_device(const struct turn *turn, uint32_t domain, const char *device)
{
	uint8_t type = domain_ids_type(turn->pairing->ids, domain);
	struct event ev = event_attr_text(turn->ts_ns, ATTR_DOMAIN_DEVICE, NULL, domain, device);

	if (type != DOMAIN_TYPE_DMA && type != DOMAIN_TYPE_DMA_FQ && type != DOMAIN_TYPE_UNKNOWN)
		return;
	if (!naming_dma_call(turn->pairing->naming, domain, device))
		return;
	naming_named(turn->pairing->naming, domain);
	pairing_emit(turn, &ev);
}

static uint8_t protection_of(const struct raw *raw)
{
	return (uint8_t)((raw->value[3] & (MAP_READ | MAP_WRITE)) | MAP_PROTECTION_KNOWN);
}

static void take_dma_call(const struct turn *turn)
{
	struct place *place = pairing_place(turn);

	if (place)
		place->dma_device = xstrdup(turn->raw->text);
}

static void take_map_call(const struct turn *turn)
{
	uint32_t domain = domain_ids_get(turn->pairing->ids, turn->raw->value[0]);
	struct place *place = pairing_place(turn);

	if (!place || !domain)
		return;
	end_failure(turn, &place->failure);
	end_map_by(turn, place, domain);
	place->call = call_of(turn, CALL_MAP, domain);
	place->call.protection = protection_of(turn->raw);
	if (!place->dma_device)
		return;
	tell_dma_device(turn, domain, place->dma_device);
	free(place->dma_device);
	place->dma_device = NULL;
}

static bool is_same_range(const struct call *a, const struct call *b)
{
	return a->domain == b->domain && a->iova == b->iova;
}

/* Up to 7.0 a map that fails takes back what it did before it returns, without a tracepoint of its
 * own; it cannot have done all of it. */
static bool undoes_call(const struct call *undo, const struct call *map)
{
	return map->kind == CALL_MAP && is_same_range(undo, map) &&
	       undo->size_bytes < map->size_bytes;
}

/* From 7.1 on its tracepoint said before how much it did. */
static bool undoes_failure(const struct call *undo, const struct failure *failure)
{
	return failure->call.kind && failure->undoable && is_same_range(undo, &failure->call) &&
	       undo->size_bytes == failure->mapped_bytes;
}

static void take_unmap_call(const struct turn *turn)
{
	struct call call =
		call_of(turn, CALL_UNMAP, domain_ids_get(turn->pairing->ids, turn->raw->value[0]));
	struct place *place = pairing_place(turn);

	pairing_tell_type(turn, call.domain, turn->raw->value[3]);
	if (!place || !call.domain)
		return;
	if (undoes_failure(&call, &place->failure)) {
		call.undoes = true;
	} else {
		end_failure(turn, &place->failure);
		if (undoes_call(&call, &place->call)) {
			hold_failure(turn, place, &place->call, call.size_bytes, false);
			place->call.kind = CALL_NONE;
			call.undoes = true;
		}
	}
	end_map_by(turn, place, call.domain);
	place->call = call;
}

static bool fits(const struct call *call, enum call_kind kind, uint64_t iova, uint64_t size_bytes)
{
	if (call->kind != kind || call->iova != iova)
		return false;
	return kind == CALL_MAP ? size_bytes <= call->size_bytes : size_bytes == call->size_bytes;
}

/*
 * The call that the tracepoint is of, CALL_NONE if it is of none; then the calls under way are none
 * any more, for what they were part of was not seen in full.
 */
static struct call end_call(const struct turn *turn, struct place *place, enum call_kind kind)
{
	const struct raw *raw = turn->raw;
	struct call call = {0};

	if (fits(&place->call, kind, raw->value[0], raw->value[1])) {
		call = place->call;
		place->call = place->outer;
	} else if (fits(&place->outer, kind, raw->value[0], raw->value[1])) {
		if (place->call.kind == CALL_MAP)
			tell_map_failed(turn, &place->call, 0);
		call = place->outer;
		place->call.kind = CALL_NONE;
	} else {
		place->call.kind = CALL_NONE;
	}
	place->outer.kind = CALL_NONE;
	return call;
}

/* From the call to the record; at least 1, for 0 is not known. */
static inline uint32_t ns_since(const struct raw *raw, uint64_t call_ns)
{
	uint64_t ns = raw->ts_ns - call_ns;

	if (raw->ts_ns <= call_ns)
		return 1;
	return ns < UINT32_MAX ? (uint32_t)ns : UINT32_MAX;
}

/* ---- maps and unmaps ---- */

/* The call's domain, else what else is known. */
static inline uint32_t domain_of(const struct turn *turn, const struct call *call)
{
	uint32_t domain = call->kind ? call->domain : DOMAIN_UNATTRIBUTED;

	if (!domain)
		domain = turn->raw->text ? pairing_domain_of_device(turn)
		                         : pairing_domain_of_task(turn);
	if (domain)
		naming_active(turn->pairing->naming, domain);
	return domain;
}

static inline void tell_map(const struct turn *turn, uint32_t domain, uint32_t inside_ns,
                            uint8_t protection)
{
	struct event ev = pairing_event(turn, EVENT_MAP);

	ev.map.iova = turn->raw->value[0];
	ev.map.size_bytes = turn->raw->value[1];
	ev.map.domain = domain;
	ev.map.inside_ns = inside_ns;
	ev.map.protection = protection;
	emit_traffic(turn, &ev);
}

static inline void tell_unmap(const struct turn *turn, uint32_t domain, uint32_t inside_ns,
                              bool undoes)
{
	struct event ev = pairing_event(turn, EVENT_UNMAP);

	ev.unmap.iova = turn->raw->value[0];
	ev.unmap.size_bytes = turn->raw->value[1];
	ev.unmap.unmapped_bytes = turn->raw->value[2];
	ev.unmap.domain = domain;
	ev.unmap.inside_ns = inside_ns;
	ev.unmap.undoes = undoes;
	emit_traffic(turn, &ev);
}

static void take_map(const struct turn *turn)
{
	const struct raw *raw = turn->raw;
	struct place *place = pairing_place(turn);
	struct call call = {0};

	if (place) {
		end_failure(turn, &place->failure);
		call = end_call(turn, place, CALL_MAP);
	}
	if (call.kind && raw->value[1] < call.size_bytes)
		hold_failure(turn, place, &call, raw->value[1], true);
	else
		tell_map(turn, domain_of(turn, &call), call.kind ? ns_since(raw, call.ts_ns) : 0,
		         call.protection);
}

static void take_unmap(const struct turn *turn)
{
	struct place *place = pairing_place(turn);
	struct call call = {0};

	if (place) {
		call = end_call(turn, place, CALL_UNMAP);
		if (!call.undoes)
			end_failure(turn, &place->failure);
		place->failure.undoable = false;
	}
	tell_unmap(turn, domain_of(turn, &call), call.kind ? ns_since(turn->raw, call.ts_ns) : 0,
	           call.undoes);
}

/* ---- pairs ---- */

/* Where the call would wait; NULL: something is under way there. Not inlined: what asks again and
 * again in one task is to save no registers for it. */
__attribute__((noinline)) static struct place *find_calm_place(struct pairing *pairing,
                                                               const struct raw *pair)
{
	const struct raw call = raw_call_of(pair);
	const struct turn turn = {.pairing = pairing, .raw = &call};
	struct place *place = pairing_place(&turn);

	if (!place || place->call.kind == CALL_MAP || place->outer.kind ||
	    place->failure.call.kind || place->dma_device)
		return NULL;
	place->call.kind = CALL_NONE;
	if (pairing_is_task(&call))
		pairing->calm = place;
	return place;
}

/* The same. A task makes many calls in a row, and pairs leave nothing under way. */
static inline struct place *calm_place(struct pairing *pairing, const struct raw *pair)
{
	struct place *place = pairing->calm;

	if (place && place->pid == pair->pid && !in_interrupt(pair))
		return place;
	return find_calm_place(pairing, pair);
}

__attribute__((noinline)) static void find_calm_domain(struct pairing *pairing, uint64_t address)
{
	pairing->calm_address = address;
	pairing->calm_domain = domain_ids_get(pairing->ids, address);
	pairing->calm_type = domain_ids_type(pairing->ids, pairing->calm_domain);
	naming_active(pairing->naming, pairing->calm_domain);
}

/* Whether the type is none that would have to be told. */
static inline bool is_calm_type(const struct pairing *pairing, uint64_t type)
{
	return type == pairing->calm_type || type >= DOMAIN_TYPE_UNKNOWN;
}

/* The numbers of a domain and its type stay as long as nothing but pairs comes. */
static inline bool is_calm(struct pairing *pairing, const struct raw *pair)
{
	uint64_t address = pair->value[0];

	if (!address || pairing->mode == COLLECT_COUNTS || !calm_place(pairing, pair))
		return false;
	if (address != pairing->calm_address)
		find_calm_domain(pairing, address);
	return pair->kind == RAW_MAP_PAIR || is_calm_type(pairing, pair->value[3]);
}

/* At least 1, for 0 is not known. */
static inline uint32_t inside_of(const struct raw *pair)
{
	return pair->inside_ns ? pair->inside_ns : 1;
}

static inline void fill(const struct raw *pair, uint32_t domain, struct event *ev)
{
	ev->ts_ns = raw_end_ns(pair);
	ev->context = pair->context;
	ev->cpu = pair->cpu;
	ev->pid = pair->pid;
	if (pair->kind == RAW_MAP_PAIR) {
		ev->kind = EVENT_MAP;
		ev->map.iova = pair->value[1];
		ev->map.size_bytes = pair->value[2];
		ev->map.domain = domain;
		ev->map.inside_ns = inside_of(pair);
		ev->map.protection = protection_of(pair);
	} else {
		ev->kind = EVENT_UNMAP;
		ev->unmap.iova = pair->value[1];
		ev->unmap.size_bytes = ev->unmap.unmapped_bytes = pair->value[2];
		ev->unmap.domain = domain;
		ev->unmap.inside_ns = inside_of(pair);
		ev->unmap.undoes = false;
	}
}

size_t pairing_take_pairs(struct pairing *pairing, const struct raw *raws, size_t count,
                          uint64_t from_ns, uint64_t until_ns, struct event *events)
{
	const struct raw *raw = raws, *end = raws + count;

	for (; raw < end && raw_is_one_of(raw->kind, RAW_PAIRS); raw++, events++) {
		if (raw->ts_ns < from_ns || raw_end_ns(raw) > until_ns || !is_calm(pairing, raw))
			break;
		fill(raw, pairing->calm_domain, events);
		from_ns = events->ts_ns;
	}
	return (size_t)(raw - raws);
}

/* ---- tracepoints without a call ---- */

/* Where there are no probes, all are. Not inlined for the reason that find_calm_place() is not. */
__attribute__((noinline)) static bool find_lone(struct pairing *pairing, const struct raw *raw)
{
	const struct turn turn = {.pairing = pairing, .raw = raw};
	const struct place *place = pairing_place(&turn);

	if (place && (place->call.kind || place->outer.kind || place->failure.call.kind))
		return false;
	if (!pairing_is_task(raw))
		return true;
	if (pairing->mode == COLLECT_TRACEPOINTS && holders_process(pairing->holders, raw->pid))
		return false;
	pairing->lone = raw->pid;
	return true;
}

static inline bool is_lone(struct pairing *pairing, const struct raw *raw)
{
	if (!raw_is_one_of(raw->kind, 1u << RAW_MAP | 1u << RAW_UNMAP) || raw->text)
		return false;
	return (raw->pid && raw->pid == pairing->lone && !in_interrupt(raw)) ||
	       find_lone(pairing, raw);
}

/* Of no domain, and nobody knows how long it took. */
static inline void fill_lone(const struct raw *raw, struct event *ev)
{
	ev->ts_ns = raw->ts_ns;
	ev->context = raw->context;
	ev->cpu = raw->cpu;
	ev->pid = raw->pid;
	if (raw->kind == RAW_MAP) {
		ev->kind = EVENT_MAP;
		ev->map.iova = raw->value[0];
		ev->map.size_bytes = raw->value[1];
		ev->map.domain = DOMAIN_UNATTRIBUTED;
		ev->map.inside_ns = 0;
		ev->map.protection = 0;
	} else {
		ev->kind = EVENT_UNMAP;
		ev->unmap.iova = raw->value[0];
		ev->unmap.size_bytes = raw->value[1];
		ev->unmap.unmapped_bytes = raw->value[2];
		ev->unmap.domain = DOMAIN_UNATTRIBUTED;
		ev->unmap.inside_ns = 0;
		ev->unmap.undoes = false;
	}
}

size_t pairing_take_lone(struct pairing *pairing, const struct raw *raws, size_t count,
                         uint64_t from_ns, uint64_t until_ns, struct event *events)
{
	const struct raw *raw = raws, *end = raws + count;

	if (pairing->mode == COLLECT_COUNTS)
		return 0;
	for (; raw < end; raw++, events++) {
		if (raw->ts_ns < from_ns || raw->ts_ns > until_ns || !is_lone(pairing, raw))
			break;
		fill_lone(raw, events);
		from_ns = events->ts_ns;
	}
	return (size_t)(raw - raws);
}

#define PAGE_MASK 4095u

/* Of these kernels' driver: VT-d's own pages of 4 KiB, from the one that address lies in. */
static void take_device_map(const struct turn *turn)
{
	const struct raw *raw = turn->raw;
	struct event ev = pairing_event(turn, EVENT_MAP);
	uint64_t offset = raw->value[2] ? raw->value[0] & PAGE_MASK : 0;

	ev.map.iova = raw->value[0] & ~(uint64_t)PAGE_MASK;
	ev.map.size_bytes = (raw->value[1] + offset + PAGE_MASK) & ~(uint64_t)PAGE_MASK;
	ev.map.domain = domain_of(turn, &(struct call){0});
	emit_traffic(turn, &ev);
}

static void take_device_unmap(const struct turn *turn)
{
	const struct raw *raw = turn->raw;
	struct event ev = pairing_event(turn, EVENT_UNMAP);
	uint64_t end = raw->value[0] + raw->value[1] + PAGE_MASK;

	ev.unmap.iova = raw->value[0] & ~(uint64_t)PAGE_MASK;
	ev.unmap.size_bytes = (end & ~(uint64_t)PAGE_MASK) - ev.unmap.iova;
	ev.unmap.unmapped_bytes = ev.unmap.size_bytes;
	ev.unmap.domain = domain_of(turn, &(struct call){0});
	emit_traffic(turn, &ev);
}

/* ---- the rest ---- */

/*
 * The kernel's IOMMU_FAULT_READ is 0 and IOMMU_FAULT_WRITE 1 (include/linux/iommu.h): a value, not
 * two bits. AMD and arm-smmu tell the two apart; a few drivers of small chips (ipmmu-vmsa, omap,
 * qcom_iommu) always pass 0, which cannot be told from a read here, so 0 is taken at its word.
 * Others pass a register through (vsi-iommu), so what is neither 0 nor 1 says nothing.
 */
static enum fault_direction fault_direction_of(uint64_t flags)
{
	switch (flags) {
	case 0:
		return DIRECTION_READ;
	case 1:
		return DIRECTION_WRITE;
	default:
		return DIRECTION_UNKNOWN;
	}
}

static void take_fault(const struct turn *turn)
{
	struct event ev = pairing_event(turn, EVENT_FAULT);

	ev.fault.device = turn->raw->text;
	ev.fault.iova = turn->raw->value[0];
	ev.fault.direction = (uint8_t)fault_direction_of(turn->raw->value[1]);
	ev.fault.source = SOURCE_TRACE;
	ev.fault.flags = FAULT_HAS_IOVA;
	pairing_emit(turn, &ev);
}

/* Page Request Descriptor: Intel VT-d specification, Page Request Queue. */
#define REQUEST_HAS_PASID  (1ull << 8)
#define REQUEST_EXECUTE    (1ull << 52)
#define REQUEST_PASID(dw0) ((uint32_t)((dw0) >> 32 & 0xfffff))
#define REQUEST_READ       1ull /* of the second word */
#define REQUEST_WRITE      2ull

static enum fault_direction request_direction(uint64_t dw0, uint64_t dw1)
{
	if (dw0 & REQUEST_EXECUTE)
		return DIRECTION_EXECUTE;
	if (dw1 & REQUEST_WRITE)
		return DIRECTION_WRITE;
	return dw1 & REQUEST_READ ? DIRECTION_READ : DIRECTION_UNKNOWN;
}

/* The specification calls it a recoverable fault: the device waits for the page. */
static void take_page_request(const struct turn *turn)
{
	struct event ev = pairing_event(turn, EVENT_FAULT);
	uint64_t dw0 = turn->raw->value[0], dw1 = turn->raw->value[1];

	ev.fault.device = turn->raw->text;
	ev.fault.reason = "page request";
	ev.fault.iova = dw1 & ~(uint64_t)PAGE_MASK;
	ev.fault.direction = (uint8_t)request_direction(dw0, dw1);
	ev.fault.source = SOURCE_TRACE;
	ev.fault.dialect = FAULT_VTD;
	ev.fault.flags = FAULT_HAS_IOVA | FAULT_PAGE_MASKED;
	if (dw0 & REQUEST_HAS_PASID) {
		ev.fault.flags |= FAULT_HAS_PASID;
		ev.fault.pasid = REQUEST_PASID(dw0);
	}
	pairing_emit(turn, &ev);
}

/* Until then a task may have been on the CPU whose records are missing. */
static void begin_gap(const struct turn *turn, uint64_t until_ns)
{
	struct pairing *pairing = turn->pairing;

	pairing_forget_cpu(pairing, turn->raw->cpu);
	pairing_forget_tasks(pairing);
	if (until_ns >= pairing->blind_until_ns)
		pairing->blind_until_ns = until_ns + (until_ns > 0);
}

static void take_gap(const struct turn *turn)
{
	begin_gap(turn, turn->raw->value[0]);
}

static void take_lost(const struct turn *turn)
{
	struct event ev = pairing_event(turn, EVENT_LOST);

	begin_gap(turn, turn->raw->value[1]);
	naming_forget_groups(turn->pairing->naming);
	ev.lost.count = turn->raw->value[0] ? turn->raw->value[0] : 1;
	ev.lost.source = SOURCE_TRACE;
	ev.lost.exact = turn->raw->value[0] > 0;
	pairing_emit(turn, &ev);
}

/* When and where it was is known, so that what is under way elsewhere is not touched. */
static void take_unread(const struct turn *turn)
{
	uint64_t kind = turn->raw->value[0];

	pairing_forget_place(turn);
	if (kind == RAW_GROUP_DOMAINS || kind == RAW_GROUP_MEMBER || kind == RAW_KIND_COUNT)
		naming_forget_groups(turn->pairing->naming);
}

/* Those without a row have said what they had to say: in the stream. */
static void (*const takers[RAW_KIND_COUNT])(const struct turn *turn) = {
	[RAW_MAP] = take_map,
	[RAW_UNMAP] = take_unmap,
	[RAW_ATTACH] = pairing_take_attach,
	[RAW_DETACH] = pairing_take_detach,
	[RAW_GROUP_ADD] = pairing_take_group_add,
	[RAW_GROUP_LEAVE] = pairing_take_group_leave,
	[RAW_FAULT] = take_fault,
	[RAW_PAGE_REQUEST] = take_page_request,
	[RAW_DEVICE_MAP] = take_device_map,
	[RAW_DEVICE_UNMAP] = take_device_unmap,
	[RAW_MAP_CALL] = take_map_call,
	[RAW_MAP_RETURN] = take_map_return,
	[RAW_UNMAP_CALL] = take_unmap_call,
	[RAW_ATTACH_CALL] = pairing_take_attach_call,
	[RAW_ATTACH_RETURN] = pairing_take_attach_return,
	[RAW_PASID_CALL] = pairing_take_pasid_call,
	[RAW_PASID_RETURN] = pairing_take_pasid_return,
	[RAW_DOMAIN_FREE] = take_domain_free,
	[RAW_GROUP_DOMAINS] = pairing_take_group_domains,
	[RAW_GROUP_MEMBER] = pairing_take_group_member,
	[RAW_DMA_CALL] = take_dma_call,
	[RAW_LOST] = take_lost,
	[RAW_GAP] = take_gap,
	[RAW_UNREAD] = take_unread,
};

/* Half of a pair: of no use alone. */
static bool is_half(uint8_t kind)
{
	return pairing_begins(kind) || kind == RAW_MAP_RETURN || kind == RAW_ATTACH_RETURN ||
	       kind == RAW_PASID_RETURN;
}

void pairing_take(struct pairing *pairing, const struct raw *raw, uint64_t ts_ns,
                  const struct event_sink *sink)
{
	const struct turn turn = {.pairing = pairing, .raw = raw, .sink = sink, .ts_ns = ts_ns};

	forget_calm(pairing);
	/* Late: what it belongs to has been taken before it. */
	if (raw->ts_ns < ts_ns) {
		pairing_forget(pairing);
		if (is_half(raw->kind))
			return;
	}
	if (takers[raw->kind])
		takers[raw->kind](&turn);
}

void pairing_forget(struct pairing *pairing)
{
	forget_calm(pairing);
	pairing->generation++;
	pairing_forget_tasks(pairing);
	naming_forget_groups(pairing->naming);
}

void pairing_set_mode(struct pairing *pairing, enum collect_mode mode)
{
	pairing->mode = (uint8_t)mode;
}

uint64_t pairing_unnamed(const struct pairing *pairing)
{
	return naming_unnamed(pairing->naming);
}

struct pairing *pairing_new(struct domain_ids *ids)
{
	struct pairing *pairing = xcalloc(1, sizeof(*pairing));

	pairing->ids = ids;
	pairing->naming = naming_new(ids);
	pairing->holders = holders_new();
	return pairing;
}

static void own_set(struct place **set, struct owned *owned)
{
	OWNED_BEGIN(owned, *set, TASK_WAYS, TASK_WAYS);
	for (size_t i = 0; i < TASK_WAYS; i++)
		owned_text(owned, &(*set)[i].dma_device);
	owned_end(owned, set);
}

static void own_cpus(struct pairing *pairing, struct owned *owned)
{
	OWNED_BEGIN(owned, pairing->cpus, pairing->cpu_room, pairing->cpu_room);
	for (size_t cpu = 0; cpu < pairing->cpu_room; cpu++)
		for (int level = 0; level < LEVEL_COUNT; level++)
			owned_text(owned, &pairing->cpus[cpu][level].dma_device);
	owned_end(owned, &pairing->cpus);
}

void pairing_owned(struct pairing **address, struct domain_ids *ids, struct owned *owned)
{
	struct pairing *pairing;

	OWNED_BEGIN(owned, *address, 1, 1);
	pairing = *address;
	pairing->ids = ids;
	/* Found again where it is. */
	pairing->last = NULL;
	forget_calm(pairing);
	naming_owned(&pairing->naming, ids, owned);
	holders_owned(&pairing->holders, owned);
	for (size_t set = 0; set < TASK_SETS; set++)
		if (pairing->tasks[set])
			own_set(&pairing->tasks[set], owned);
	own_cpus(pairing, owned);
	OWNED_ARRAY(owned, pairing->gone, pairing->gone_count, pairing->gone_capacity);
	owned_end(owned, address);
}

void pairing_free(struct pairing *pairing)
{
	struct owned all = {.task = OWNED_FREE};

	if (pairing)
		pairing_owned(&pairing, pairing->ids, &all);
}

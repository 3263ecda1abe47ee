// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * model_verdict: where the address of a fault came from. In: a fault, its device, the history of
 * maps and unmaps. Out: what holds for certain. Must never know: how it is worded. Pure.
 *
 * It is asked when the fault is told, which is in the order of the timeline: the history is that of
 * this moment. The fault itself was a little earlier.
 */
#include "model_private.h"

#include <string.h>

#include "util.h"

/* From a fault to its line in the log: an interrupt, a thread, a printk. */
#define UNCERTAIN_NS 5000000ull

static bool is_close(uint64_t a_ns, uint64_t b_ns)
{
	return (a_ns > b_ns ? a_ns - b_ns : b_ns - a_ns) <= UNCERTAIN_NS;
}

/* ---- reserved regions ---- */

static bool read_region(const char *text, const char **end, uint64_t *first, uint64_t *last)
{
	const char *at = strchr(text, ' ');

	return at && parse_hex(at + 1, &at, first) && *at == '-' && parse_hex(at + 1, end, last);
}

/* "direct 0x0-0xfff,msi 0xfee00000-0xfeefffff" */
static bool find_region(const char *text, uint64_t iova, struct snapshot_verdict *out)
{
	uint64_t first, last;

	while (read_region(text, &text, &first, &last)) {
		if (iova >= first && iova <= last) {
			out->iova = first;
			out->size_bytes = last - first + 1;
			return true;
		}
		if (*text == ',')
			text++;
	}
	return false;
}

static bool is_reserved(struct model *model, text_id device, uint64_t iova,
                        struct snapshot_verdict *out)
{
	const struct group *group = model_topology_group_of(model, device);

	return group && find_region(model->texts.pool + group->shown.reserved, iova, out);
}

/* ---- the history ---- */

static void take_answer(const struct model *model, const struct history_answer *answer,
                        uint64_t fault_ns, struct snapshot_verdict *out)
{
	const struct task *task = answer->pid ? model_tasks_find(model, answer->pid) : NULL;

	out->pid = answer->pid;
	if (task)
		memcpy(out->comm, task->comm, sizeof(out->comm));
	out->at_ns = answer->ts_ns;
	out->iova = answer->iova;
	out->size_bytes = answer->size_bytes;
	out->uncertain |= is_close(answer->ts_ns, fault_ns);
}

/* Known only where the probe of maps has the protection. */
static bool is_forbidden(uint8_t protection, uint8_t direction)
{
	if (!(protection & MAP_PROTECTION_KNOWN))
		return false;
	return (direction == DIRECTION_READ && !(protection & MAP_READ)) ||
	       (direction == DIRECTION_WRITE && !(protection & MAP_WRITE));
}

static bool is_page_table(uint8_t type)
{
	return type == DOMAIN_TYPE_UNMANAGED || type == DOMAIN_TYPE_DMA ||
	       type == DOMAIN_TYPE_DMA_FQ;
}

/* Its maps pass by the tracepoints: the guest's own, the process's own, or an old kernel's. */
static bool is_hidden(const struct model *model, const struct domain *domain, text_id unit)
{
	const struct topology *t = &model->topology;

	if (domain->type != DOMAIN_TYPE_UNKNOWN && !is_page_table(domain->type))
		return true;
	if (domain->type == DOMAIN_TYPE_UNMANAGED)
		return false;
	for (size_t i = 0; i < t->unit_count; i++)
		if (t->units[i].shown.name == unit)
			return release_hides_dma(model->texts.pool + model->kernel,
			                         model->texts.pool + t->units[i].shown.vendor);
	return false;
}

static uint64_t seen_since(const struct model *model, const struct domain *domain)
{
	uint64_t history = history_since(model->history, domain->id);
	uint64_t complete = model_traffic_complete_since(model, domain);

	if (!history)
		return 0;
	return complete > history ? complete : history;
}

static bool is_never(const struct model *model, const struct domain *domain,
                     const struct snapshot_verdict *out)
{
	return out->since_ns && out->since_ns == domain->born_ns && is_page_table(domain->type) &&
	       model_traffic_is_whole(model, domain);
}

static enum verdict_kind ask(struct model *model, const struct event *ev,
                             const struct domain *domain, text_id device,
                             struct snapshot_verdict *out)
{
	uint64_t iova = ev->fault.iova;
	struct history_answer answer = history_ask(model->history, domain->id, iova);

	if (answer.state == HISTORY_MAPPED) {
		take_answer(model, &answer, ev->ts_ns, out);
		if (!is_forbidden(answer.protection, ev->fault.direction))
			return VERDICT_MAPPED;
		out->protection = answer.protection;
		return VERDICT_DIRECTION;
	}
	if (is_reserved(model, device, iova, out))
		return VERDICT_RESERVED;
	if (answer.state != HISTORY_NOTHING) {
		take_answer(model, &answer, ev->ts_ns, out);
		return answer.state == HISTORY_UNMAPPED ? VERDICT_UNMAPPED : VERDICT_AFTER;
	}
	if (is_never(model, domain, out))
		return VERDICT_NEVER;
	out->unkept = !model->limits.history_bytes;
	return VERDICT_NOT_KNOWN;
}

static enum verdict_kind judge(struct model *model, const struct event *ev,
                               const struct snapshot_device *device, struct snapshot_verdict *out)
{
	const struct domain *domain = model_domain_find(model, out->domain);

	if (!domain)
		return is_reserved(model, device->name, ev->fault.iova, out) ? VERDICT_RESERVED
		                                                             : VERDICT_NOT_KNOWN;
	if (domain->type == DOMAIN_TYPE_IDENTITY)
		return VERDICT_IDENTITY;
	if (domain->type == DOMAIN_TYPE_BLOCKED)
		return VERDICT_BLOCKED;
	/* Which domain it was in when it faulted is no more certain than that. */
	out->uncertain = domain->attached_ns && is_close(domain->attached_ns, ev->ts_ns);
	if (is_hidden(model, domain, device->unit))
		return is_reserved(model, device->name, ev->fault.iova, out) ? VERDICT_RESERVED
		                                                             : VERDICT_NOT_KNOWN;
	out->since_ns = seen_since(model, domain);
	return ask(model, ev, domain, device->name, out);
}

struct snapshot_verdict model_verdict(struct model *model, const struct event *ev,
                                      uint32_t requester)
{
	struct snapshot_verdict out = {.kind = VERDICT_NOT_ASKED, .domain = NO_DOMAIN};
	const struct snapshot_device *device;
	uint32_t pasid = ev->fault.flags & FAULT_HAS_PASID ? ev->fault.pasid : 0;

	if (!(ev->fault.flags & FAULT_HAS_IOVA) || ev->fault.flags & FAULT_INTERRUPT)
		return out;
	if (model->start_ns && ev->ts_ns < model->start_ns) {
		out.kind = VERDICT_NOT_KNOWN;
		out.since_ns = model->start_ns;
		return out;
	}
	if (requester == NO_NUMBER)
		return out;
	device = &model->topology.devices[requester];
	out.domain = model_attach_domain_of(model, device->name, pasid);
	if (out.domain != NO_DOMAIN)
		out.kind = (uint8_t)judge(model, ev, device, &out);
	return out;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pairing_domains: what records tell of domains themselves, and the domains that no probe names,
 * which are known by a device or a process alone.
 * In: struct raw, addresses. Out: struct event, numbers of domains.
 * Must never know: what is under way in a context, files. Pure.
 */
#include "pairing_private.h"

#include "../util.h"

void pairing_tell_type(const struct turn *turn, uint32_t domain, uint64_t type)
{
	struct event ev;

	if (type >= DOMAIN_TYPE_UNKNOWN ||
	    !domain_ids_set_type(turn->pairing->ids, domain, (uint8_t)type))
		return;
	ev = event_attr_number(turn->ts_ns, ATTR_DOMAIN_TYPE, NULL, domain, type);
	pairing_emit(turn, &ev);
}

void pairing_tell_gone(const struct turn *turn, uint64_t address)
{
	uint32_t id = domain_ids_retire(turn->pairing->ids, address);
	struct event ev = event_gone(turn->ts_ns, SUBJECT_DOMAIN, NULL, id);

	if (id != DOMAIN_UNATTRIBUTED)
		pairing_emit(turn, &ev);
}

/* ---- domains without probes ---- */

/*
 * Numbers of domains that are known by a device or a process alone. They take the place of kernel
 * addresses; those have their highest bit set, or are below 2^32.
 */
#define BY_DEVICE  (1ull << 62)
#define BY_PROCESS (1ull << 61)

static uint64_t device_address(const char *device)
{
	return BY_DEVICE | naming_hash(device) >> 3;
}

static uint64_t process_address(int32_t process)
{
	return BY_PROCESS | (uint32_t)process;
}

void pairing_tell_device_gone(const struct turn *turn)
{
	pairing_tell_gone(turn, device_address(turn->raw->text));
}

uint32_t pairing_domain_of_device(const struct turn *turn)
{
	uint64_t address = device_address(turn->raw->text);
	bool known = domain_ids_find(turn->pairing->ids, address);
	uint32_t domain = domain_ids_get(turn->pairing->ids, address);
	struct event ev =
		event_attr_text(turn->ts_ns, ATTR_DOMAIN_DEVICE, NULL, domain, turn->raw->text);

	if (!known) {
		naming_named(turn->pairing->naming, domain);
		pairing_emit(turn, &ev);
	}
	return domain;
}

/* Its first thread stands for the process: others come and go. */
static void tell_process(const struct turn *turn, uint32_t domain, int32_t process)
{
	uint32_t task = (uint32_t)process;
	struct event of_task = event_attr_number(turn->ts_ns, ATTR_TASK_PROCESS, NULL, task, task);
	struct event ev = event_attr_number(turn->ts_ns, ATTR_DOMAIN_TASK, NULL, domain, task);

	naming_named(turn->pairing->naming, domain);
	pairing_emit(turn, &of_task);
	pairing_emit(turn, &ev);
}

uint32_t pairing_domain_of_task(const struct turn *turn)
{
	struct pairing *pairing = turn->pairing;
	uint32_t domain;
	int32_t process;
	bool known;

	if (pairing->mode != COLLECT_TRACEPOINTS || !pairing_is_task(turn->raw))
		return DOMAIN_UNATTRIBUTED;
	process = holders_process(pairing->holders, turn->raw->pid);
	if (!process)
		return DOMAIN_UNATTRIBUTED;
	known = domain_ids_find(pairing->ids, process_address(process));
	domain = domain_ids_get(pairing->ids, process_address(process));
	if (!known)
		tell_process(turn, domain, process);
	return domain;
}

void pairing_end_process(struct pairing *pairing, int32_t process)
{
	uint32_t domain = domain_ids_retire(pairing->ids, process_address(process));

	if (domain == DOMAIN_UNATTRIBUTED)
		return;
	pairing->gone = grow(pairing->gone, &pairing->gone_capacity, pairing->gone_count,
	                     sizeof(*pairing->gone));
	pairing->gone[pairing->gone_count++] = domain;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pairing_domains: what records tell of domains themselves, and the domains that no probe names,
 * which are known by a device or a task alone.
 * In: struct raw, addresses, tasks that hold a VFIO device. Out: struct event, numbers of domains.
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
 * Numbers of domains that are known by a device or a task alone. They take the place of kernel
 * addresses; those have their highest bit set, or are below 2^32.
 */
#define BY_DEVICE (1ull << 62)
#define BY_TASK   (1ull << 61)

static uint64_t device_address(const char *device)
{
	return BY_DEVICE | naming_hash(device) >> 3;
}

static uint64_t task_address(int32_t pid)
{
	return BY_TASK | (uint32_t)pid;
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

static size_t find_holder(const struct pairing *pairing, int32_t pid)
{
	size_t i = 0;

	while (i < pairing->holder_count && pairing->holders[i] != pid)
		i++;
	return i;
}

uint32_t pairing_domain_of_task(const struct turn *turn)
{
	struct pairing *pairing = turn->pairing;
	const struct raw *raw = turn->raw;
	uint64_t address = task_address(raw->pid);
	struct event ev;
	bool known;

	if (!pairing_is_task(raw) || find_holder(pairing, raw->pid) == pairing->holder_count)
		return DOMAIN_UNATTRIBUTED;
	known = domain_ids_find(pairing->ids, address);
	ev = event_attr_number(turn->ts_ns, ATTR_DOMAIN_TASK, NULL,
	                       domain_ids_get(pairing->ids, address), (uint32_t)raw->pid);
	if (!known) {
		naming_named(pairing->naming, ev.attr.id);
		pairing_emit(turn, &ev);
	}
	return ev.attr.id;
}

static void retire_task(struct pairing *pairing, int32_t pid)
{
	uint32_t domain = domain_ids_retire(pairing->ids, task_address(pid));

	if (domain == DOMAIN_UNATTRIBUTED)
		return;
	pairing->gone = grow(pairing->gone, &pairing->gone_capacity, pairing->gone_count,
	                     sizeof(*pairing->gone));
	pairing->gone[pairing->gone_count++] = domain;
}

void pairing_task_holds(struct pairing *pairing, int32_t pid, bool holds)
{
	size_t at = find_holder(pairing, pid);

	if (!holds && at < pairing->holder_count) {
		pairing->holders[at] = pairing->holders[--pairing->holder_count];
		retire_task(pairing, pid);
	} else if (holds && at == pairing->holder_count && at < PAIRING_HOLDERS) {
		pairing->holders = grow(pairing->holders, &pairing->holder_capacity,
		                        pairing->holder_count, sizeof(*pairing->holders));
		pairing->holders[pairing->holder_count++] = pid;
	}
}

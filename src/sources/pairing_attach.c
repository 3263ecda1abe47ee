// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pairing_attach: attaches of devices and PASIDs, and what is told of groups and their devices.
 * In: struct raw, what is under way in its context. Out: struct event.
 * Must never know: maps and unmaps, files. Pure.
 */
#include "pairing_private.h"

#include <string.h>

/* ---- attaches ---- */

static void begin_attach(const struct turn *turn, enum attach_kind kind, uint64_t pasid,
                         uint64_t type)
{
	const struct raw *raw = turn->raw;
	struct place *place = pairing_place(turn);
	struct attach attach = {
		.device = raw->value[1],
		.domain = domain_ids_get(turn->pairing->ids, raw->value[0]),
		.pasid = (uint32_t)pasid,
		.kind = (uint8_t)kind,
	};

	pairing_tell_type(turn, attach.domain, type);
	if (place)
		place->attach = attach;
}

void pairing_take_attach_call(const struct turn *turn)
{
	begin_attach(turn, ATTACH_DEVICE, 0, turn->raw->value[2]);
}

void pairing_take_pasid_call(const struct turn *turn)
{
	begin_attach(turn, ATTACH_PASID, turn->raw->value[2], turn->raw->value[3]);
}

static void tell_attach(const struct turn *turn, const struct attach *attach, const char *device)
{
	struct event ev = pairing_event(turn, EVENT_ATTACH);

	ev.member.device = device;
	ev.member.domain = attach->domain;
	ev.member.pasid = attach->pasid;
	naming_named(turn->pairing->naming, attach->domain);
	pairing_emit(turn, &ev);
}

/* The call that a record of this kind of attach ends; it has none then. */
static struct attach end_attach(const struct turn *turn, enum attach_kind kind)
{
	struct place *place = pairing_place(turn);
	struct attach attach = {0};

	if (place && place->attach.kind == kind) {
		attach = place->attach;
		place->attach.kind = ATTACH_NONE;
	}
	return attach;
}

void pairing_take_attach(const struct turn *turn)
{
	struct attach attach = end_attach(turn, ATTACH_DEVICE);
	const char *device = naming_device(turn->pairing->naming, attach.device);

	/* Another device than the call's: the call's attach was refused and its return not seen. Or
	 * its address has become another device's; the next attach tells. */
	if (device && strcmp(device, turn->raw->text) != 0) {
		naming_drop(turn->pairing->naming, attach.device);
		attach = (struct attach){0};
	} else if (attach.kind) {
		naming_learn(turn->pairing->naming, attach.device, turn->raw->text);
	}
	/* Where to is not known: what was told of its group is out of date. */
	if (!attach.domain)
		naming_forget_groups(turn->pairing->naming);
	tell_attach(turn, &attach, turn->raw->text);
}

static void end_with_return(const struct turn *turn, enum attach_kind kind)
{
	struct attach attach = end_attach(turn, kind);
	const char *device = naming_device(turn->pairing->naming, attach.device);
	struct event ev = pairing_event(turn, EVENT_ATTACH_FAILED);

	if (!attach.kind)
		return;
	ev.member.device = device;
	ev.member.domain = attach.domain;
	ev.member.pasid = attach.pasid;
	ev.member.error = pairing_error_of(turn->raw);
	if ((uint32_t)turn->raw->value[0])
		pairing_emit(turn, &ev);
	else if (device)
		tell_attach(turn, &attach, device);
}

void pairing_take_attach_return(const struct turn *turn)
{
	end_with_return(turn, ATTACH_DEVICE);
}

void pairing_take_pasid_return(const struct turn *turn)
{
	end_with_return(turn, ATTACH_PASID);
}

void pairing_take_detach(const struct turn *turn)
{
	struct event ev = pairing_event(turn, EVENT_DETACH);

	ev.member.device = turn->raw->text;
	pairing_emit(turn, &ev);
}

/* ---- groups and devices ---- */

void pairing_take_group_add(const struct turn *turn)
{
	struct event ev = pairing_event(turn, EVENT_GROUP_ADD);

	ev.member.device = turn->raw->text;
	ev.member.group = (uint32_t)turn->raw->value[0];
	pairing_emit(turn, &ev);
}

void pairing_take_group_leave(const struct turn *turn)
{
	struct event ev = pairing_event(turn, EVENT_GROUP_LEAVE);

	ev.member.device = turn->raw->text;
	ev.member.group = (uint32_t)turn->raw->value[0];
	pairing_emit(turn, &ev);
	naming_forget(turn->pairing->naming, turn->raw->text);
	pairing_tell_device_gone(turn);
}

static void tell_group(const struct turn *turn, enum naming_group which, uint64_t address)
{
	static const enum attribute attributes[NAMING_GROUP_COUNT] = {
		[NAMING_DEFAULT] = ATTR_GROUP_DEFAULT_DOMAIN,
		[NAMING_CURRENT] = ATTR_GROUP_DOMAIN,
	};
	struct pairing *pairing = turn->pairing;
	uint32_t group = (uint32_t)turn->raw->value[0];
	uint32_t domain = domain_ids_get(pairing->ids, address);
	struct event ev = event_attr_number(turn->ts_ns, attributes[which], NULL, group,
	                                    domain ? domain : VALUE_UNKNOWN);

	naming_named(pairing->naming, domain);
	if (naming_group_news(pairing->naming, group, which, domain))
		pairing_emit(turn, &ev);
}

void pairing_take_group_domains(const struct turn *turn)
{
	const struct raw *raw = turn->raw;

	tell_group(turn, NAMING_DEFAULT, raw->value[1]);
	tell_group(turn, NAMING_CURRENT, raw->value[2]);
	if (raw->value[2])
		pairing_tell_type(turn, domain_ids_get(turn->pairing->ids, raw->value[2]),
		                  raw->value[3]);
}

void pairing_take_group_member(const struct turn *turn)
{
	naming_learn(turn->pairing->naming, turn->raw->value[1], turn->raw->text);
}

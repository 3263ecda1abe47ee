// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * isolation: why are the devices of a group together? In: a snapshot. Out: sentences.
 * Must never know: sysfs, configuration space, the terminal. Pure.
 *
 * The kernel's rules, in the order in which a device looks for a group to join (pci_device_group in
 * drivers/iommu/iommu.c, pci_for_each_dma_alias in drivers/pci/search.c, pci_acs_enabled in
 * drivers/pci/pci.c; the same from 5.10 to 7.3):
 *  - what is behind a conventional bridge sends its DMA under an id of the bridge's, and joins it;
 *    what is behind a VMD controller sends under that of the controller
 *  - where a port between the device and the root lacks ACS, the device joins its bridge
 *  - it joins what sends under the same id because of a quirk
 *  - one of several functions that lacks ACS joins the others of its slot that lack it
 * That a device is in one group with its bridge therefore tells that a port lacks ACS, even where
 * its configuration space could not be read: only not, which one.
 */
#include "isolation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "isolation_quirks.h"
#include "util.h"

#define NAMED_DEVICES 6  /* so many by name, the others by number */
#define SLOT_LINES    6  /* so many slots one by one */
#define BRIDGES_MAX   64 /* on a way to the root; more are a circle */

/* What the kernel asks of a port or a function (REQ_ACS_FLAGS). */
enum { ACS_WANTED = 0x1d };

static const struct {
	uint8_t bit;
	const char *words;
} acs_bits[] = {
	{0x01, "SV (source validation)"},
	{0x04, "RR (request redirect)"},
	{0x08, "CR (completion redirect)"},
	{0x10, "UF (upstream forwarding)"},
};

/* Whether one device lets the others past the IOMMU, as pci_acs_enabled() answers. */
enum acs { ACS_KEEPS_APART, ACS_LACKS, ACS_UNSEEN };

enum why {
	WHY_NONE,
	WHY_VMD,
	WHY_BRIDGE,     /* cause: a conventional bridge above it */
	WHY_PORT,       /* cause: the topmost port above it that lacks ACS */
	WHY_PORT_UNSEEN /* cause: the nearest port above it whose ACS could not be seen */
};

struct member {
	const struct snapshot_device *device, *cause;
	enum why why;
	bool said, slotted; /* its way up was told; its slot was looked at */
	uint32_t set; /* the lowest index of those it is known to belong to, by way of others */
};

struct group_case {
	const struct snapshot *snap;
	struct member *members;
	uint32_t count;
	const struct snapshot_device **picked; /* room for as many */
	uint32_t picked_count;
	struct lines *lines;
};

/* ---- one device ---- */

static const char *text_of(const struct group_case *c, text_id text)
{
	return snapshot_text(c->snap, text);
}

static bool is_word(const struct group_case *c, text_id text, const char *word)
{
	return !strcmp(text_of(c, text), word);
}

/* A link of a group that leads nowhere has a name and nothing else. */
static bool is_a_name_alone(const struct snapshot_device *device)
{
	return !device->bus && device->class_code == NO_NUMBER;
}

static const struct snapshot_device *parent_of(const struct group_case *c,
                                               const struct snapshot_device *device)
{
	return device->parent ? snapshot_device_by_name(c->snap, device->parent) : NULL;
}

/* The number of the function; -1 where the name has none. */
static int function_of(const struct group_case *c, const struct snapshot_device *device)
{
	const char *dot = strrchr(text_of(c, device->name), '.');

	return dot && dot[1] >= '0' && dot[1] <= '7' && !dot[2] ? dot[1] - '0' : -1;
}

static bool is_same_slot(const struct group_case *c, const struct snapshot_device *a,
                         const struct snapshot_device *b)
{
	const char *left = text_of(c, a->name), *right = text_of(c, b->name);
	size_t length = strlen(left);

	return a != b && function_of(c, a) >= 0 && function_of(c, b) >= 0 &&
	       strlen(right) == length && !memcmp(left, right, length - 1);
}

static bool has_neighbours(const struct group_case *c, const struct snapshot_device *device)
{
	for (size_t i = 0; i < c->snap->device_count; i++)
		if (is_same_slot(c, device, &c->snap->devices[i]))
			return true;
	return false;
}

/* As pci_scan_slot() has it: by the header, and always for others than function 0. A virtual
 * function is found in another way. */
static bool is_multifunction(const struct group_case *c, const struct snapshot_device *device)
{
	if (device->multifunction == 1)
		return true;
	if (device->physfn)
		return false;
	return function_of(c, device) > 0 ||
	       (device->multifunction == NO_NUMBER && has_neighbours(c, device));
}

static bool is_behind_amd(const struct group_case *c)
{
	for (size_t i = 0; i < c->snap->unit_count; i++)
		if (is_word(c, c->snap->units[i].vendor, "AMD-Vi"))
			return true;
	return false;
}

static enum acs acs_by_quirk(const struct group_case *c, const struct snapshot_device *device,
                             const char *port)
{
	switch (isolation_quirk(device->vendor_id, device->device_id)) {
	case QUIRK_ISOLATES:
		return ACS_KEEPS_APART;
	case QUIRK_ROOT_PORT:
		return !*port                       ? ACS_UNSEEN
		       : !strcmp(port, "root port") ? ACS_KEEPS_APART
		                                    : ACS_LACKS;
	case QUIRK_SOUTHBRIDGE:
		return is_behind_amd(c) && !parent_of(c, device) && is_multifunction(c, device)
		               ? ACS_KEEPS_APART
		               : ACS_LACKS;
	case QUIRK_INTEGRATED:
		return !strcmp(port, "integrated endpoint") ? ACS_KEEPS_APART : ACS_LACKS;
	default:
		return ACS_LACKS;
	}
}

/* "5f/1d": what the capability offers and what is on. False: there is none, or it was not seen. */
static bool parse_acs(const char *text, unsigned int *able, unsigned int *on)
{
	const char *slash;
	uint64_t left, right;

	if (!parse_hex(text, &slash, &left) || *slash != '/' || !parse_hex(slash + 1, NULL, &right))
		return false;
	*able = (unsigned int)left;
	*on = (unsigned int)right;
	return true;
}

/* What the device cannot do counts as done: of what it can, that which is wanted and off. */
static unsigned int missing_bits(const struct group_case *c, const struct snapshot_device *device)
{
	unsigned int able, on;

	if (!parse_acs(text_of(c, device->acs), &able, &on))
		return 0;
	return ACS_WANTED & able & ~on;
}

static enum acs acs_by_capability(const struct group_case *c, const struct snapshot_device *device)
{
	const char *acs = text_of(c, device->acs);
	unsigned int able, on;

	if (parse_acs(acs, &able, &on))
		return missing_bits(c, device) ? ACS_LACKS : ACS_KEEPS_APART;
	return !strcmp(acs, "none") ? ACS_LACKS : ACS_UNSEEN;
}

static bool is_any_of(const char *word, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(words[i], word))
			return true;
	return false;
}

static enum acs acs_of(const struct group_case *c, const struct snapshot_device *device)
{
	static const char *const never[] = {"conventional", "bridge to PCI", "bridge from PCI",
	                                    "event collector"};
	static const char *const ports[] = {"root port", "downstream port"};
	const char *port = text_of(c, device->port);
	enum acs quirk = acs_by_quirk(c, device, port);

	if (quirk != ACS_LACKS)
		return quirk;
	if (!*port)
		return ACS_UNSEEN;
	if (is_any_of(port, never, ARRAY_SIZE(never)))
		return ACS_LACKS;
	if (is_any_of(port, ports, ARRAY_SIZE(ports)) || is_multifunction(c, device))
		return acs_by_capability(c, device);
	return ACS_KEEPS_APART;
}

/* A bridge under whose id comes what is behind it. */
static bool is_alias_bridge(const struct group_case *c, const struct snapshot_device *device)
{
	static const char *const kinds[] = {"conventional", "bridge to PCI", "bridge from PCI"};

	return is_any_of(text_of(c, device->port), kinds, ARRAY_SIZE(kinds));
}

/* Segments from 0x10000 on are made by Linux, for the devices behind Intel's VMD controllers. */
static bool is_behind_vmd(const struct group_case *c, const struct snapshot_device *device)
{
	const char *name = text_of(c, device->name), *end;
	uint64_t segment;

	return parse_hex(name, &end, &segment) && *end == ':' && segment > 0xffff;
}

/* ---- who belongs to whom, and by which rule ---- */

static struct member *member_of(const struct group_case *c, const struct snapshot_device *device)
{
	const struct snapshot_device *first = c->members[0].device;

	return device >= first && device < first + c->count ? &c->members[device - first] : NULL;
}

static void unite(struct group_case *c, const struct member *a, const struct member *b)
{
	uint32_t to = a->set < b->set ? a->set : b->set, from = a->set < b->set ? b->set : a->set;

	for (uint32_t i = 0; i < c->count; i++)
		if (c->members[i].set == from)
			c->members[i].set = to;
}

/* The nearest bridge above that has a group: the one it can join. */
static const struct snapshot_device *joinable_bridge(const struct group_case *c,
                                                     const struct snapshot_device *device)
{
	const struct snapshot_device *bridge = parent_of(c, device);

	for (int i = 0; i < BRIDGES_MAX && bridge && bridge->group == NO_GROUP; i++)
		bridge = parent_of(c, bridge);
	return bridge;
}

/* The topmost conventional bridge above that is in the group, too. */
static const struct snapshot_device *alias_above(const struct group_case *c,
                                                 const struct snapshot_device *device)
{
	const struct snapshot_device *bridge = parent_of(c, device), *found = NULL;

	for (int i = 0; i < BRIDGES_MAX && bridge; i++) {
		if (member_of(c, bridge) && is_alias_bridge(c, bridge))
			found = bridge;
		bridge = parent_of(c, bridge);
	}
	return found;
}

/* The ports above of which this is so: the topmost or the nearest of them. */
static const struct snapshot_device *port_above(const struct group_case *c,
                                                const struct snapshot_device *device, enum acs acs,
                                                bool nearest)
{
	const struct snapshot_device *port = parent_of(c, device), *found = NULL;

	for (int i = 0; i < BRIDGES_MAX && port && !(found && nearest); i++) {
		if (acs_of(c, port) == acs)
			found = port;
		port = parent_of(c, port);
	}
	return found;
}

static void find_controller(struct group_case *c, struct member *member)
{
	for (uint32_t i = 0; i < c->count; i++) {
		const struct snapshot_device *device = c->members[i].device;

		if (is_behind_vmd(c, device) || device->vendor_id != 0x8086 ||
		    !snapshot_device_is_pci(c->snap, device))
			continue;
		member->why = WHY_VMD;
		member->cause = device;
		unite(c, member, &c->members[i]);
		return;
	}
}

static void find_way_up(struct group_case *c, struct member *member)
{
	const struct snapshot_device *bridge = joinable_bridge(c, member->device);
	const struct snapshot_device *alias = alias_above(c, member->device);

	if (is_behind_vmd(c, member->device)) {
		find_controller(c, member);
	} else if (alias) {
		member->why = WHY_BRIDGE;
		member->cause = alias;
		unite(c, member, member_of(c, alias));
	} else if (bridge && member_of(c, bridge)) {
		member->why = WHY_PORT;
		member->cause = port_above(c, member->device, ACS_LACKS, false);
		if (!member->cause) {
			member->why = WHY_PORT_UNSEEN;
			member->cause = port_above(c, member->device, ACS_UNSEEN, true);
		}
		if (member->cause)
			unite(c, member, member_of(c, bridge));
		else
			member->why = WHY_NONE;
	}
}

/* ---- words ---- */

static void pick(struct group_case *c, const struct snapshot_device *device)
{
	c->picked[c->picked_count++] = device;
}

/* "a", "a and b", "a, b and 3 more"; of those that were picked. */
static void name_picked(const struct group_case *c, char *out, size_t size)
{
	uint32_t named = c->picked_count <= NAMED_DEVICES ? c->picked_count : NAMED_DEVICES;

	out[0] = '\0';
	for (uint32_t i = 0; i < named; i++)
		append_text(out, size, "%s%s",
		            i == 0                     ? ""
		            : i + 1 == c->picked_count ? " and "
		                                       : ", ",
		            text_of(c, c->picked[i]->name));
	if (c->picked_count > named)
		append_text(out, size, " and %u more", c->picked_count - named);
}

static void name_bits(unsigned int bits, char *out, size_t size)
{
	out[0] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(acs_bits); i++)
		if (bits & acs_bits[i].bit)
			append_text(out, size, "%s%s", out[0] ? ", " : "", acs_bits[i].words);
}

/* What would make known what a device was not asked or did not tell. */
static const char *need_of(const struct group_case *c, const struct snapshot_device *device)
{
	static const struct {
		const char *config, *need;
	} needs[] = {
		{"64 bytes", "only root may read more of it, run it with sudo"},
		{"asleep", "it is asleep and was not read: key W reads it, which wakes it"},
		{"gone", "it does not answer"},
		{"broken", "its list of capabilities is broken"},
		{"none", "it has no configuration space that could be read"},
		{"", "it was not read, as nobody looked at its group"},
	};

	if (is_a_name_alone(device))
		return "sysfs tells nothing of it";
	for (size_t i = 0; i < ARRAY_SIZE(needs); i++)
		if (is_word(c, device->config, needs[i].config))
			return needs[i].need;
	return "it does not say";
}

static void describe_port(const struct group_case *c, const struct snapshot_device *port, char *out,
                          size_t size)
{
	unsigned int missing = missing_bits(c, port);
	char bits[128];

	snprintf(out, size, "%s (%s) ", text_of(c, port->name), text_of(c, port->port));
	name_bits(missing, bits, sizeof(bits));
	if (missing)
		append_text(out, size, "has ACS, but without %s", bits);
	else if (is_word(c, port->config, "256 bytes"))
		append_text(out, size, "shows the kernel no ACS, for its space ends at 256 bytes");
	else
		append_text(out, size, "has no ACS");
}

static void say_port(const struct group_case *c, const struct member *member, const char *names)
{
	char port[256];

	describe_port(c, member->cause, port, sizeof(port));
	lines_add(c->lines, TONE_PLAIN,
	          "%s: devices behind it can reach each other past the IOMMU, so %s %s with it",
	          port, names, c->picked_count > 1 ? "are together" : "is");
}

static void say_unseen_port(const struct group_case *c, const struct member *member,
                            const char *names)
{
	const struct snapshot_device *port = member->cause;

	lines_add(
		c->lines, TONE_UNKNOWN,
		"%s %s with a bridge above: %s%s lacks ACS or leads to conventional PCI; which is "
		"not known: %s",
		names, c->picked_count > 1 ? "are" : "is", text_of(c, port->name),
		parent_of(c, port) ? ", or a port above it," : "", need_of(c, port));
}

static void say_bridge(const struct group_case *c, const struct member *member, const char *names)
{
	const struct snapshot_device *bridge = member->cause;
	const char *kind =
		is_word(c, bridge->port, "bridge to PCI")     ? "a bridge to conventional PCI"
		: is_word(c, bridge->port, "bridge from PCI") ? "a bridge from conventional PCI"
							      : "a conventional PCI bridge";

	lines_add(c->lines, TONE_PLAIN,
	          "%s is %s: DMA from behind it carries an id of the bridge, so the IOMMU cannot "
	          "tell %s apart%s",
	          text_of(c, bridge->name), kind, names,
	          c->picked_count > 1 ? "" : " from the bridge");
}

static void say_vmd(const struct group_case *c, const struct member *member, const char *names)
{
	lines_add(c->lines, TONE_PLAIN,
	          "%s is a VMD controller: DMA of what is behind it carries its id, so the IOMMU "
	          "cannot tell %s apart%s",
	          text_of(c, member->cause->name), names, c->picked_count > 1 ? "" : " from it");
}

/* All members that are here for the same reason, in one sentence. */
static void say_way_up(struct group_case *c, const struct member *first)
{
	static void (*const say[])(const struct group_case *, const struct member *,
	                           const char *) = {
		[WHY_VMD] = say_vmd,
		[WHY_BRIDGE] = say_bridge,
		[WHY_PORT] = say_port,
		[WHY_PORT_UNSEEN] = say_unseen_port,
	};
	char names[256];

	c->picked_count = 0;
	for (uint32_t i = 0; i < c->count; i++) {
		struct member *member = &c->members[i];

		if (member->why != first->why || member->cause != first->cause)
			continue;
		member->said = true;
		pick(c, member->device);
	}
	name_picked(c, names, sizeof(names));
	say[first->why](c, first, names);
}

static void say_ways_up(struct group_case *c)
{
	for (uint32_t i = 0; i < c->count; i++)
		if (c->members[i].why != WHY_NONE && !c->members[i].said)
			say_way_up(c, &c->members[i]);
}

/* ---- functions of one slot ---- */

/* Those of its slot that lack ACS, or may. Says whether all of that was seen. */
static bool pick_slot(struct group_case *c, const struct snapshot_device *device)
{
	bool seen = acs_of(c, device) == ACS_LACKS;

	c->picked_count = 0;
	for (uint32_t i = 0; i < c->count; i++) {
		const struct snapshot_device *other = c->members[i].device;

		if (other != device &&
		    (!is_same_slot(c, device, other) || acs_of(c, other) == ACS_KEEPS_APART))
			continue;
		seen &= acs_of(c, other) == ACS_LACKS;
		c->members[i].slotted = true;
		pick(c, other);
	}
	return seen;
}

static bool unite_picked(struct group_case *c)
{
	const struct member *first = member_of(c, c->picked[0]);
	bool news = false;

	for (uint32_t i = 1; i < c->picked_count; i++) {
		const struct member *other = member_of(c, c->picked[i]);

		news |= first->set != other->set;
		unite(c, first, other);
	}
	return news;
}

static bool is_picked_by_all(const struct group_case *c, const char *port)
{
	for (uint32_t i = 0; i < c->picked_count; i++)
		if (!is_word(c, c->picked[i]->port, port))
			return false;
	return true;
}

static unsigned int picked_bits(const struct group_case *c)
{
	unsigned int bits = 0;

	for (uint32_t i = 0; i < c->picked_count; i++)
		bits |= missing_bits(c, c->picked[i]);
	return bits;
}

static void say_slot(const struct group_case *c, bool news)
{
	unsigned int bits = picked_bits(c);
	char names[256], missing[128];

	name_picked(c, names, sizeof(names));
	name_bits(bits, missing, sizeof(missing));
	lines_add(c->lines, TONE_PLAIN, "%s%s are functions of one device %s%s%s",
	          news ? "" : "even if the way up kept them apart: ", names,
	          is_picked_by_all(c, "conventional") ? "of conventional PCI, which has no ACS"
	          : bits                              ? "whose ACS is without "
	                                              : "without ACS between them",
	          bits ? missing : "", news ? ": one can reach another past the IOMMU" : "");
}

static const struct snapshot_device *first_unseen(const struct group_case *c)
{
	uint32_t i = 0;

	while (i + 1 < c->picked_count && acs_of(c, c->picked[i]) != ACS_UNSEEN)
		i++;
	return c->picked[i];
}

static void say_unseen_slot(const struct group_case *c)
{
	const struct snapshot_device *unseen = first_unseen(c);
	char names[256];

	name_picked(c, names, sizeof(names));
	lines_add(c->lines, TONE_UNKNOWN,
	          "%s are functions of one device and seem to lack ACS between them; that is not "
	          "known of %s: %s",
	          names, text_of(c, unseen->name), need_of(c, unseen));
}

static bool is_first_of_slot(const struct group_case *c, uint32_t index)
{
	return !c->members[index].slotted && acs_of(c, c->members[index].device) != ACS_KEEPS_APART;
}

/* What was united before is worth another word only where it is certain. */
static void say_slots(struct group_case *c)
{
	uint32_t said = 0, more = 0;

	for (uint32_t i = 0; i < c->count; i++) {
		bool seen, news;

		if (function_of(c, c->members[i].device) < 0 ||
		    !snapshot_device_is_pci(c->snap, c->members[i].device) ||
		    !is_first_of_slot(c, i))
			continue;
		seen = pick_slot(c, c->members[i].device);
		if (c->picked_count < 2)
			continue;
		news = unite_picked(c);
		if (!seen && !news)
			continue;
		if (said++ >= SLOT_LINES)
			more++;
		else if (seen)
			say_slot(c, news);
		else
			say_unseen_slot(c);
	}
	if (more)
		lines_add(c->lines, TONE_PLAIN, "so are functions of %u more devices", more);
}

/* ---- ids that a quirk gives away ---- */

static bool is_alias_quirk(enum quirk quirk)
{
	return quirk == QUIRK_ALIAS_FUNCTION_0 || quirk == QUIRK_ALIAS_FUNCTION_1 ||
	       quirk == QUIRK_ALIAS_OTHERS;
}

static bool sends_as(const struct group_case *c, enum quirk quirk,
                     const struct snapshot_device *device, const struct snapshot_device *other)
{
	switch (quirk) {
	case QUIRK_ALIAS_FUNCTION_0:
		return is_same_slot(c, device, other) && function_of(c, other) == 0;
	case QUIRK_ALIAS_FUNCTION_1:
		return is_same_slot(c, device, other) && function_of(c, other) == 1;
	case QUIRK_ALIAS_OTHERS:
		return device != other && device->parent == other->parent;
	default:
		return false;
	}
}

static void say_aliases(struct group_case *c)
{
	char names[256];

	for (uint32_t i = 0; i < c->count; i++) {
		const struct snapshot_device *device = c->members[i].device;
		enum quirk quirk = isolation_quirk(device->vendor_id, device->device_id);

		c->picked_count = 0;
		for (uint32_t j = 0; is_alias_quirk(quirk) && j < c->count; j++)
			if (sends_as(c, quirk, device, c->members[j].device)) {
				unite(c, &c->members[i], &c->members[j]);
				pick(c, c->members[j].device);
			}
		if (!c->picked_count)
			continue;
		name_picked(c, names, sizeof(names));
		lines_add(c->lines, TONE_PLAIN,
		          "%s sends DMA under the id of another function, as the kernel knows of "
		          "this chip: so %s %s with it",
		          text_of(c, device->name), names, c->picked_count > 1 ? "are" : "is");
	}
}

/* ---- the rest ---- */

static void say_not_pci(struct group_case *c)
{
	struct member *first = NULL;
	char names[256];

	c->picked_count = 0;
	for (uint32_t i = 0; i < c->count; i++) {
		if (snapshot_device_is_pci(c->snap, c->members[i].device) ||
		    is_a_name_alone(c->members[i].device))
			continue;
		if (first)
			unite(c, first, &c->members[i]);
		first = &c->members[i];
		pick(c, c->members[i].device);
	}
	if (!first)
		return;
	name_picked(c, names, sizeof(names));
	lines_add(c->lines, TONE_PLAIN,
	          "%s: not PCI, so ACS plays no part; the driver of the IOMMU puts together what "
	          "has one id, as the firmware describes it",
	          names);
}

/* A member, or a bridge above one, of which more could be known. */
static const struct snapshot_device *any_unseen(const struct group_case *c)
{
	for (uint32_t i = 0; i < c->count; i++) {
		const struct snapshot_device *device = c->members[i].device;
		const struct snapshot_device *port = port_above(c, device, ACS_UNSEEN, true);

		if (is_a_name_alone(device) ||
		    (snapshot_device_is_pci(c->snap, device) && acs_of(c, device) == ACS_UNSEEN))
			return device;
		if (port)
			return port;
	}
	return NULL;
}

/* One of each set that no rule ties to the others. */
static void say_unexplained(struct group_case *c)
{
	const struct snapshot_device *unseen;
	char names[256];

	c->picked_count = 0;
	for (uint32_t i = 0; i < c->count; i++)
		if (c->members[i].set == i)
			pick(c, c->members[i].device);
	if (c->picked_count < 2)
		return;
	name_picked(c, names, sizeof(names));
	unseen = any_unseen(c);
	if (unseen)
		lines_add(c->lines, TONE_UNKNOWN,
		          "what ties %s to each other is not known; neither is what %s could tell: "
		          "%s",
		          names, text_of(c, unseen->name), need_of(c, unseen));
	else
		lines_add(c->lines, TONE_UNKNOWN,
		          "what ties %s to each other is not known: no rule explains it, a kernel "
		          "quirk may apply",
		          names);
}

static bool has_option(const char *options, const char *name)
{
	size_t length = strlen(name);

	for (const char *at = options; *at; at += strspn(at, " ,")) {
		if (!strncmp(at, name, length) && (!at[length] || strchr(" ,=", at[length])))
			return true;
		at += strcspn(at, " ,");
	}
	return false;
}

/* The kernel has named all options that it does not know, or the patch has told of itself. */
static bool override_is_told(const struct snapshot *snap)
{
	const char *unknown = snapshot_text(snap, snap->machine.options_unknown);

	if (has_option(snapshot_text(snap, snap->machine.boot_said), "acs_override"))
		return true;
	if (strstr(unknown, "..."))
		return false;
	return *unknown ||
	       (snap->machine.log_since_boot == 1 && snapshot_kernel_at_least(snap, 5, 14));
}

/* A patch that some kernels carry; others do not know the option, and say so since 5.14. */
static void say_override(const struct group_case *c)
{
	const char *unknown = text_of(c, c->snap->machine.options_unknown);

	if (!has_option(text_of(c, c->snap->machine.options), "pcie_acs_override"))
		return;
	if (has_option(unknown, "pcie_acs_override"))
		lines_add(c->lines, TONE_PLAIN,
		          "pcie_acs_override is on the command line, but this kernel does not know "
		          "it: it changes nothing");
	else if (override_is_told(c->snap))
		lines_add(c->lines, TONE_WARN,
		          "pcie_acs_override is in force: ACS is taken for given where it is not, "
		          "so groups isolate less than they seem to, and a reason told here may "
		          "not hold");
	else
		lines_add(c->lines, TONE_UNKNOWN,
		          "pcie_acs_override is on the command line; whether this kernel knows it "
		          "is not known: if so, groups isolate less than they seem to, and a "
		          "reason told here may not hold");
}

/* Redirection that the command line took away. */
static void say_switched_off(const struct group_case *c)
{
	const char *options = text_of(c, c->snap->machine.options);
	const char *option = strstr(options, "disable_acs_redir") ? "pci=disable_acs_redir"
	                     : strstr(options, "config_acs")      ? "pci=config_acs"
	                                                          : NULL;

	for (uint32_t i = 0; option && i < c->count; i++)
		if (missing_bits(c, c->members[i].device)) {
			lines_add(c->lines, TONE_WARN,
			          "the boot option %s switches parts of ACS off: it may be why",
			          option);
			return;
		}
}

/* That it is alone says the list of members; here is only why, where that is known. */
static void say_alone(const struct group_case *c)
{
	const struct snapshot_device *device = c->members[0].device;

	if (snapshot_device_is_pci(c->snap, device) && parent_of(c, device) &&
	    !port_above(c, device, ACS_LACKS, false) && !port_above(c, device, ACS_UNSEEN, true))
		lines_add(c->lines, TONE_GOOD,
		          "%s is alone: each port above it keeps others out (ACS)",
		          text_of(c, device->name));
}

static void say_together(struct group_case *c)
{
	for (uint32_t i = 0; i < c->count; i++)
		if (snapshot_device_is_pci(c->snap, c->members[i].device))
			find_way_up(c, &c->members[i]);
	say_ways_up(c);
	say_aliases(c);
	say_slots(c);
	say_not_pci(c);
	say_unexplained(c);
	say_switched_off(c);
}

void isolation_say(const struct snapshot *snap, const struct snapshot_group *group,
                   struct lines *lines)
{
	const struct snapshot_device *devices = snapshot_devices_of(snap, group);
	struct group_case c = {.snap = snap, .count = group->device_count, .lines = lines};

	if (!c.count)
		return;
	c.members = xcalloc(c.count, sizeof(*c.members));
	c.picked = xcalloc(c.count, sizeof(*c.picked));
	for (uint32_t i = 0; i < c.count; i++)
		c.members[i] = (struct member){.device = &devices[i], .set = i};
	say_override(&c);
	if (c.count == 1)
		say_alone(&c);
	else
		say_together(&c);
	free(c.members);
	free(c.picked);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * model_requester: which device a fault is of. In: what the message has, the topology. Out: an
 * index. Must never know: what the fault was. Pure.
 *
 * A stream id (SMMU, RISC-V) or an endpoint (virtio) is what firmware says it is. Where it is the
 * PCI requester id, as mostly, that tells the device: a guess, and marked as one.
 */
#include "model_private.h"

#include <string.h>

#include "util.h"

/* "0000:01:02.3" is 0x0113 there; false for what is no PCI device. */
static bool requester_id(const char *name, uint32_t *id)
{
	uint64_t segment, bus, slot, function;
	const char *at;

	if (!parse_hex(name, &at, &segment) || *at != ':' || !parse_hex(at + 1, &at, &bus) ||
	    *at != ':' || !parse_hex(at + 1, &at, &slot) || *at != '.' ||
	    !parse_hex(at + 1, NULL, &function) || bus > 255 || slot > 31 || function > 7)
		return false;
	*id = (uint32_t)(bus << 8 | slot << 3 | function);
	return true;
}

/* The register's address: "9050000.smmuv3", "smmu3.0x0000000009050000". */
static bool unit_address(const char *name, uint64_t *address)
{
	const char *end, *hexadecimal = strstr(name, "0x");

	if (hexadecimal)
		return parse_hex(hexadecimal, &end, address);
	return parse_hex(name, &end, address) && *end == '.';
}

static bool ends_in(const char *text, const char *end)
{
	size_t length = strlen(text), end_length = strlen(end);

	return length >= end_length && !strcmp(text + length - end_length, end);
}

/* What sysfs calls a unit, against what the log calls its device. */
static bool is_same_unit(const char *unit, const char *device)
{
	uint64_t a, b;

	if (!*device)
		return false;
	return ends_in(unit, device) ||
	       (unit_address(unit, &a) && unit_address(device, &b) && a == b);
}

static text_id unit_called(const struct model *model, text_id device)
{
	const struct topology *t = &model->topology;
	const char *name = model->texts.pool + device;

	for (size_t i = 0; i < t->unit_count; i++)
		if (is_same_unit(model->texts.pool + t->units[i].shown.name, name))
			return t->units[i].shown.name;
	return 0;
}

static bool is_of_dialect(const struct model *model, text_id unit, uint8_t dialect)
{
	static const char *const vendors[FAULT_DIALECT_COUNT] = {
		[FAULT_SMMU] = "SMMU",
		[FAULT_SMMU_V3] = "SMMUv3",
		[FAULT_VIRTIO] = "virtio-iommu",
	};
	const struct topology *t = &model->topology;

	for (size_t i = 0; i < t->unit_count; i++)
		if (t->units[i].shown.name == unit)
			return !vendors[dialect] ||
			       !strcmp(model->texts.pool + t->units[i].shown.vendor,
			               vendors[dialect]);
	return false;
}

/* Behind the unit that is named, or else behind any of its kind. */
static uint32_t find_by_stream(const struct model *model, const struct snapshot_fault *fault,
                               bool *ambiguous)
{
	const struct topology *t = &model->topology;
	text_id unit = unit_called(model, fault->device);
	uint32_t found = NO_NUMBER, id;

	for (uint32_t i = 0; i < t->device_count; i++) {
		const struct snapshot_device *device = &t->devices[i];

		if (!device->unit || (unit && device->unit != unit) ||
		    !requester_id(model->texts.pool + device->name, &id) || id != fault->stream ||
		    (!unit && !is_of_dialect(model, device->unit, fault->dialect)))
			continue;
		*ambiguous = found != NO_NUMBER;
		if (*ambiguous)
			return NO_NUMBER;
		found = i;
	}
	return found;
}

uint32_t model_requester(struct model *model, const struct snapshot_fault *fault, bool *ambiguous,
                         bool *guessed)
{
	bool by_stream = fault->flags & FAULT_HAS_STREAM && !(fault->flags & FAULT_NAMED);
	uint32_t found;

	*ambiguous = *guessed = false;
	if (!by_stream)
		return model_topology_find(model, model->texts.pool + fault->device,
		                           fault->flags & FAULT_NO_SEGMENT, ambiguous);
	found = find_by_stream(model, fault, ambiguous);
	*guessed = found != NO_NUMBER;
	return found;
}

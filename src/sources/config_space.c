// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * config_space: what a PCI device says of itself in its configuration space, and of its link.
 * In: a sysfs tree, by libpci. Out: facts of one device. Must never know: groups, what a fact
 * means.
 *
 * libpci fetches the bytes and names the registers. The lists of capabilities are walked here: its
 * own walk leaves one that runs in circles without saying so.
 */
#include "config_space.h"

#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <pci/pci.h>

#include "../util.h"
#include "files.h"

enum {
	HEADER_SIZE = 64,
	SPACE_SIZE = 4096,
	EXTENDED_START = 256,
	WORD_SIZE = 64, /* of a file with one word */
};

/* Of one device. */
struct space {
	struct pci_access *libpci;
	struct pci_dev *device;
	uint8_t header[HEADER_SIZE];
	uint16_t express;              /* where this capability is; 0: there is none */
	uint16_t acs, ats, pasid, pri; /* the same */
	bool cut;                      /* no more than the header may be read */
	bool short_space;              /* no extended capabilities can be reached */
	bool broken;                   /* a list of capabilities is */
	uint8_t seen[SPACE_SIZE / sizeof(uint32_t)]; /* capabilities of the lists, by dword */
};

/* By the type in the capability; 2 and 3 are not given out. */
static const char *const port_words[16] = {
	[PCI_EXP_TYPE_ENDPOINT] = "endpoint",
	[PCI_EXP_TYPE_LEG_END] = "legacy endpoint",
	[PCI_EXP_TYPE_ROOT_PORT] = "root port",
	[PCI_EXP_TYPE_UPSTREAM] = "upstream port",
	[PCI_EXP_TYPE_DOWNSTREAM] = "downstream port",
	[PCI_EXP_TYPE_PCI_BRIDGE] = "bridge to PCI",
	[PCI_EXP_TYPE_PCIE_BRIDGE] = "bridge from PCI",
	[PCI_EXP_TYPE_ROOT_INT_EP] = "integrated endpoint",
	[PCI_EXP_TYPE_ROOT_EC] = "event collector",
};

/*
 * Root ports of Intel's whose ACS registers are dwords: control is at 8 in place of 6
 * (pci_quirk_intel_spt_pch_acs_match in drivers/pci/quirks.c, 4.5 to 6.1 and on).
 */
static const struct {
	uint16_t first, last;
} wide_acs[] = {
	{0xa110, 0xa11f}, {0xa167, 0xa16a}, {0xa290, 0xa29f}, {0xa2e7, 0xa2ee}, {0x9d10, 0x9d1b},
};

/* ---- libpci ---- */

/* Its errors go to a function that must not return: each call that can fail leaves word of where to
 * go on; of the thread, as in pci_names.c. */
static _Thread_local jmp_buf way_out;

static void on_error(char *message, ...) __attribute__((noreturn, format(printf, 1, 2)));
static void on_message(char *message, ...) __attribute__((format(printf, 1, 2)));

static void on_error(char *message, ...)
{
	(void)message;
	longjmp(way_out, 1);
}

/* A file that ends too early is worth a warning to it; nothing is written to the terminal. */
static void on_message(char *message, ...)
{
	(void)message;
}

/* Which device of the bus is called so. */
struct address {
	int domain, bus, device, function;
};

static bool parse_part(const char **at, char end, uint64_t most, int *part)
{
	uint64_t value;

	if (!parse_hex(*at, at, &value) || value > most || **at != end)
		return false;
	*at += end != '\0';
	*part = (int)value;
	return true;
}

static bool parse_address(const char *name, struct address *address)
{
	return parse_part(&name, ':', INT_MAX, &address->domain) &&
	       parse_part(&name, ':', 0xff, &address->bus) &&
	       parse_part(&name, '.', 0x1f, &address->device) &&
	       parse_part(&name, '\0', 7, &address->function);
}

static bool open_space(struct space *space, char *bus, const struct address *address)
{
	if (setjmp(way_out))
		return false;
	space->libpci->method = PCI_ACCESS_SYS_BUS_PCI;
	space->libpci->error = on_error;
	space->libpci->warning = on_message;
	space->libpci->debug = on_message;
	pci_set_param(space->libpci, "sysfs.path", bus);
	pci_init(space->libpci);
	space->device = pci_get_dev(space->libpci, address->domain, address->bus, address->device,
	                            address->function);
	return space->device;
}

static void close_space(struct space *space)
{
	if (space->device)
		pci_free_dev(space->device);
	pci_cleanup(space->libpci);
}

/* All of these bytes or none. */
static bool fetch(const struct space *space, unsigned int at, uint8_t *bytes, int count)
{
	if (setjmp(way_out))
		return false;
	return pci_read_block(space->device, (int)at, bytes, count);
}

/* ---- the lists of capabilities ---- */

static uint16_t word_at(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] | bytes[1] << 8);
}

static uint32_t dword_at(const uint8_t *bytes)
{
	return word_at(bytes) | (uint32_t)word_at(bytes + 2) << 16;
}

static bool is_all_ones(const struct space *space)
{
	for (size_t i = 0; i < HEADER_SIZE; i++)
		if (space->header[i] != 0xff)
			return false;
	return true;
}

/* Once only, so each list comes to an end. */
static bool visit(struct space *space, unsigned int at)
{
	bool first = !space->seen[at / sizeof(uint32_t)];

	space->seen[at / sizeof(uint32_t)] = true;
	return first;
}

static unsigned int first_capability(const struct space *space)
{
	unsigned int type = space->header[PCI_HEADER_TYPE] & 0x7f;

	if (!(word_at(space->header + PCI_STATUS) & PCI_STATUS_CAP_LIST))
		return 0;
	return space->header[type == PCI_HEADER_TYPE_CARDBUS ? PCI_CB_CAPABILITY_LIST
	                                                     : PCI_CAPABILITY_LIST] &
	       ~3u;
}

static void walk_capabilities(struct space *space)
{
	unsigned int at = first_capability(space);
	uint8_t head[2];

	while (at) {
		if (at < HEADER_SIZE || !visit(space, at)) {
			space->broken = true;
			return;
		}
		if (!fetch(space, at, head, sizeof(head))) {
			space->cut = true;
			return;
		}
		if (head[PCI_CAP_LIST_ID] == 0xff) {
			space->broken = true;
			return;
		}
		if (head[PCI_CAP_LIST_ID] == PCI_CAP_ID_EXP && !space->express)
			space->express = (uint16_t)at;
		at = head[PCI_CAP_LIST_NEXT] & ~3u;
	}
}

static uint16_t *place_of(struct space *space, unsigned int id)
{
	switch (id) {
	case PCI_EXT_CAP_ID_ACS:
		return &space->acs;
	case PCI_EXT_CAP_ID_ATS:
		return &space->ats;
	case PCI_EXT_CAP_ID_PASID:
		return &space->pasid;
	case PCI_EXT_CAP_ID_PRI:
		return &space->pri;
	default:
		return NULL;
	}
}

static void walk_extended(struct space *space)
{
	unsigned int at = EXTENDED_START;
	uint8_t bytes[4];

	while (at) {
		uint32_t head;
		uint16_t *place;

		if (at < EXTENDED_START || !visit(space, at)) {
			space->broken = true;
			return;
		}
		if (!fetch(space, at, bytes, sizeof(bytes))) {
			space->short_space = at == EXTENDED_START;
			space->broken |= !space->short_space;
			return;
		}
		head = dword_at(bytes);
		/* Nothing at all behind 256 is how a space without extended capabilities looks. */
		if (head == 0xffffffff && at != EXTENDED_START)
			space->broken = true;
		if (!head || head == 0xffffffff)
			return;
		place = place_of(space, head & 0xffff);
		if (place && !*place)
			*place = (uint16_t)at;
		at = head >> 20 & ~3u;
	}
}

/* ---- what they say ---- */

static bool has_wide_acs(const struct space *space)
{
	uint16_t device = word_at(space->header + PCI_DEVICE_ID);

	for (size_t i = 0; i < ARRAY_SIZE(wide_acs); i++)
		if (device >= wide_acs[i].first && device <= wide_acs[i].last)
			return word_at(space->header + PCI_VENDOR_ID) == 0x8086;
	return false;
}

/* Where a capability cannot be read although its list leads there, the list was wrong. */
static bool fetch_registers(struct space *space, unsigned int at, uint8_t *bytes, int count)
{
	if (at + (unsigned int)count <= SPACE_SIZE && fetch(space, at, bytes, count))
		return true;
	space->broken = true;
	return false;
}

static void tell_port(struct space *space, struct topology_item *item)
{
	uint8_t flags[2];

	if (!space->express && !space->cut && !space->broken)
		topology_set_text(item, ATTR_DEVICE_PORT, "conventional");
	if (space->express &&
	    fetch_registers(space, space->express + PCI_EXP_FLAGS, flags, sizeof(flags)))
		topology_set_text(item, ATTR_DEVICE_PORT,
		                  port_words[(word_at(flags) & PCI_EXP_FLAGS_TYPE) >> 4]);
}

static void tell_acs(struct space *space, struct topology_item *item)
{
	uint8_t registers[8];
	char text[16];

	if (space->acs && fetch_registers(space, space->acs + PCI_ACS_CAP, registers,
	                                  has_wide_acs(space) ? 8 : 4)) {
		const uint8_t *control =
			registers + (has_wide_acs(space) ? 4 : PCI_ACS_CTRL - PCI_ACS_CAP);

		snprintf(text, sizeof(text), "%x/%x", registers[0] & 0x7fu, control[0] & 0x7fu);
		topology_set_text(item, ATTR_DEVICE_ACS, text);
	} else if (!space->acs && !space->cut && !space->broken) {
		topology_set_text(item, ATTR_DEVICE_ACS, "none");
	}
}

static void tell_features(struct space *space, struct topology_item *item)
{
	const struct {
		const char *name;
		uint16_t at, control, on;
	} features[] = {
		{"ats", space->ats, PCI_ATS_CTRL, PCI_ATS_CTRL_ENABLE},
		{"pasid", space->pasid, PCI_PASID_CTRL, PCI_PASID_CTRL_ENABLE},
		{"pri", space->pri, PCI_PRI_CTRL, PCI_PRI_CTRL_ENABLE},
	};
	char text[WORD_SIZE] = "";

	for (size_t i = 0; i < ARRAY_SIZE(features); i++) {
		uint8_t control[2];

		if (features[i].at &&
		    fetch_registers(space, features[i].at + features[i].control, control, 2))
			append_text(text, sizeof(text), "%s%s%c", text[0] ? " " : "",
			            features[i].name,
			            word_at(control) & features[i].on ? '+' : '-');
	}
	if (text[0])
		topology_set_text(item, ATTR_DEVICE_FEATURES, text);
}

static const char *config_word(const struct space *space)
{
	if (space->broken)
		return "broken";
	if (space->cut)
		return "64 bytes";
	return space->short_space ? "256 bytes" : "whole";
}

static void tell_space(struct space *space, struct topology_item *item)
{
	if (!fetch(space, 0, space->header, HEADER_SIZE)) {
		topology_set_text(item, ATTR_DEVICE_CONFIG, "broken");
		return;
	}
	if (is_all_ones(space)) {
		topology_set_text(item, ATTR_DEVICE_CONFIG, "gone");
		return;
	}
	walk_capabilities(space);
	if (space->express)
		walk_extended(space);
	topology_set_number(item, ATTR_DEVICE_FUNCTIONS, space->header[PCI_HEADER_TYPE] >> 7);
	tell_port(space, item);
	tell_acs(space, item);
	tell_features(space, item);
	topology_set_text(item, ATTR_DEVICE_CONFIG, config_word(space));
}

/* ---- what sysfs tells ---- */

static bool read_word(int directory, const char *file, char word[WORD_SIZE])
{
	files_read(directory, file, word, WORD_SIZE);
	word[strcspn(word, "\n")] = '\0';
	return word[0];
}

static bool is_asleep(int directory)
{
	char status[WORD_SIZE];

	return read_word(directory, "power/runtime_status", status) &&
	       (!strcmp(status, "suspended") || !strcmp(status, "suspending"));
}

/* "8.0 GT/s x4" out of "8.0 GT/s PCIe" and "4"; what has no link says "Unknown" and 0 or 255. */
static bool read_link(int directory, const char *speed_file, const char *width_file,
                      char link[WORD_SIZE])
{
	char speed[WORD_SIZE], width[WORD_SIZE];
	const char *unit;
	uint64_t lanes;

	if (!read_word(directory, speed_file, speed) || !(unit = strstr(speed, " GT/s")) ||
	    !read_word(directory, width_file, width) || !parse_decimal(width, NULL, &lanes) ||
	    !lanes || lanes > 32)
		return false;
	snprintf(link, WORD_SIZE, "%.*s GT/s x%u", (int)(unit - speed < 8 ? unit - speed : 8),
	         speed, (unsigned int)lanes);
	return true;
}

static void tell_link(int directory, struct topology_item *item)
{
	char now[WORD_SIZE], most[WORD_SIZE], text[2 * WORD_SIZE + 16];

	if (!read_link(directory, "current_link_speed", "current_link_width", now))
		return;
	if (read_link(directory, "max_link_speed", "max_link_width", most))
		snprintf(text, sizeof(text), "%s, able to %s", now, most);
	else
		snprintf(text, sizeof(text), "%s", now);
	topology_set_text(item, ATTR_DEVICE_LINK, text);
}

/* Opening a FIFO, in a copied tree, would wait for a writer. */
static bool has_config(int directory)
{
	struct stat status;

	return fstatat(directory, "config", &status, 0) == 0 && S_ISREG(status.st_mode);
}

static void read_space(char *bus, const char *name, struct topology_item *item)
{
	struct space space = {.libpci = pci_alloc()};
	struct address address;

	if (parse_address(name, &address) && open_space(&space, bus, &address))
		tell_space(&space, item);
	else
		topology_set_text(item, ATTR_DEVICE_CONFIG, "none");
	close_space(&space);
}

void config_space_read(const char *root, const char *name, bool wake, struct topology_item *item)
{
	char bus[PATH_MAX], path[PATH_MAX];
	int directory = -1;

	if ((size_t)snprintf(bus, sizeof(bus), "%s/bus/pci", root) < sizeof(bus) &&
	    (size_t)snprintf(path, sizeof(path), "%s/devices/%s", bus, name) < sizeof(path))
		directory = files_open_directory(AT_FDCWD, path);
	if (directory < 0 || !has_config(directory))
		topology_set_text(item, ATTR_DEVICE_CONFIG, "none");
	else if (!wake && is_asleep(directory))
		topology_set_text(item, ATTR_DEVICE_CONFIG, "asleep");
	else
		read_space(bus, name, item);
	/* Woken, it may sleep again by now; and one that is gone has no link. */
	if (directory >= 0 && !is_asleep(directory))
		tell_link(directory, item);
	if (directory >= 0)
		close(directory);
}

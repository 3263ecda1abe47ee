// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * host_use: what the host needs its devices for. In: tables of procfs, sysfs, the topology as it
 * was read. Out: facts of devices, into that topology. Must never know: threads, events, time.
 */
#include "host_use.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../util.h"
#include "files.h"
#include "mounts.h"
#include "owners.h"
#include "places.h"

enum {
	TABLE_LIMIT = 16 << 20, /* a table that is longer is not read */
	ROUTES_SIZE = 1 << 20,  /* so much of the routes */
	NAME_SIZE = 160,
	LIST_SIZE = 256, /* what an event can carry, and a NUL */
	DISPLAY_CLASS = 0x03,
	BRIDGE_CLASS = 0x06,
	LOOP_MAJOR = 7, /* Documentation/admin-guide/devices.txt */
};

/* What matters most comes first. Mounts at other places than known_points come last. */
enum rank {
	RANK_POINTS, /* and so on, in the order of known_points */
	RANK_SWAP = 16,
	RANK_ROUTE,
	RANK_DISPLAY,
	RANK_FRAMEBUFFER,
	RANK_KEYBOARD,
	RANK_OTHER,
};

static const char *const known_points[] = {"/",    "/boot", "/boot/efi", "/efi",
                                           "/usr", "/var",  "/home"};

/* A use of one device. */
struct mark {
	size_t item; /* of the topology */
	enum rank rank;
	size_t order;
	char *text; /* owned */
};

struct reader {
	struct topology *read;
	int procfs, sysfs;
	struct mounts mounts;
	struct mark *marks;
	size_t count, capacity;
	bool whole; /* all was read and followed */
};

/* How many ends of a use stand on an item. */
struct share {
	size_t item, ends;
};

struct shares {
	struct share *shares;
	size_t count, capacity;
	size_t ends;   /* in all */
	size_t landed; /* of them: on any item at all */
};

static const char default_route[] = "default route by ";

/* ---- devices below a path ---- */

static bool is_bridge(const struct topology_item *item)
{
	uint64_t class = item->facts[ATTR_DEVICE_CLASS].number;

	return class != VALUE_UNKNOWN && class >> 16 == BRIDGE_CLASS;
}

static void add_share(struct shares *shares, size_t item)
{
	for (size_t i = 0; i < shares->count; i++)
		if (shares->shares[i].item == item) {
			shares->shares[i].ends++;
			return;
		}
	shares->shares =
		grow(shares->shares, &shares->capacity, shares->count, sizeof(*shares->shares));
	shares->shares[shares->count++] = (struct share){.item = item, .ends = 1};
}

/*
 * The devices on the way up to the root: mostly one, but a disk behind a VMD goes with both. Above
 * a PCI device only PCI counts: a platform device there is the host bridge.
 */
static void add_end(struct shares *shares, const struct topology *read, const char *path)
{
	char text[PATH_MAX];
	char *slash;
	bool any = false, pci = false;

	copy_text(text, sizeof(text), path);
	do {
		const struct topology_item *item =
			topology_find(read, SUBJECT_DEVICE, files_last_part(text), 0);

		if (item && !is_bridge(item) && (!pci || topology_is_pci(item))) {
			add_share(shares, (size_t)(item - read->items));
			pci = pci || topology_is_pci(item);
			any = true;
		}
		slash = strrchr(text, '/');
		if (slash)
			*slash = '\0';
	} while (slash);
	shares->ends++;
	shares->landed += any;
}

static struct shares shares_of(const struct reader *reader, const struct places *places)
{
	struct shares shares = {0};

	for (size_t i = 0; i < places->count; i++)
		if (places->places[i].end)
			add_end(&shares, reader->read, places->places[i].path);
	return shares;
}

/* ---- marks ---- */

/* The list is of words between commas; what else a name may have is for those who show it. */
static void quote(const char *name, char *out, size_t size)
{
	out[0] = '\0';
	for (; *name; name++)
		append_text(out, size, *name == ',' ? "\\054" : "%c", *name);
}

static void add_mark(struct reader *reader, size_t item, enum rank rank, const char *prefix,
                     const char *what, const char *name)
{
	char quoted[2 * NAME_SIZE], text[3 * NAME_SIZE];

	quote(name, quoted, sizeof(quoted));
	snprintf(text, sizeof(text), "%s%s%s", prefix, what, quoted);
	reader->marks =
		grow(reader->marks, &reader->capacity, reader->count, sizeof(*reader->marks));
	reader->marks[reader->count] = (struct mark){
		.item = item, .rank = rank, .order = reader->count, .text = xstrdup(text)};
	reader->count++;
}

/* What is on several devices is on each of them in part. */
static void mark_shares(struct reader *reader, const struct shares *shares, size_t ends,
                        enum rank rank, const char *what, const char *name)
{
	for (size_t i = 0; i < shares->count; i++)
		add_mark(reader, shares->shares[i].item, rank,
		         shares->shares[i].ends < ends ? "part of " : "", what, name);
}

/* Takes the places: follows them, and marks what they end in. */
static void mark_places(struct reader *reader, struct places *places, enum rank rank,
                        const char *what, const char *name)
{
	struct shares shares;
	size_t ends;

	places_follow(places);
	shares = shares_of(reader, places);
	/* A bridge has the taps of guests beside its card: they carry nothing out of the host. */
	ends = rank == RANK_ROUTE ? shares.landed : shares.ends;
	mark_shares(reader, &shares, ends, rank, what, name);
	if (places->missed)
		reader->whole = false;
	free(shares.shares);
	places_release(places);
}

static struct places new_places(const struct reader *reader)
{
	return (struct places){.sysfs = reader->sysfs, .mounts = &reader->mounts};
}

/* ---- file systems ---- */

/* ARRAY_SIZE(known_points) for others. */
static size_t known_point(const char *point)
{
	size_t i = 0;

	while (i < ARRAY_SIZE(known_points) && strcmp(point, known_points[i]) != 0)
		i++;
	return i;
}

static bool is_known_point(const struct mount *mount)
{
	return known_point(mount->point) < ARRAY_SIZE(known_points);
}

static void mark_mount(struct reader *reader, const struct mount *mount)
{
	struct places places = new_places(reader);
	size_t point = known_point(mount->point);

	places_add_mount(&places, mount);
	mark_places(reader, &places,
	            point < ARRAY_SIZE(known_points) ? RANK_POINTS + point : RANK_OTHER,
	            "file system ", mount->point);
}

/* Mounts of one file system have one number, be it an anonymous one. */
static bool is_same(const struct mount *a, const struct mount *b)
{
	return a->major == b->major && a->minor == b->minor;
}

/* By a later mount at the same place. */
static bool is_hidden(const struct mounts *mounts, const struct mount *mount)
{
	for (const struct mount *other = mount + 1; other < mounts->mounts + mounts->count; other++)
		if (!strcmp(other->point, mount->point))
			return true;
	return false;
}

/* Named by a known place of it, or by an earlier one. */
static bool is_named(const struct mounts *mounts, const struct mount *mount)
{
	for (size_t i = 0; i < mounts->count; i++) {
		const struct mount *other = &mounts->mounts[i];

		if (is_same(other, mount) &&
		    (is_known_point(other) ? !is_hidden(mounts, other) : other < mount))
			return true;
	}
	return false;
}

/* What is in a loop file is of the file system that the file is in, which is named itself. Layers
 * are, too: every container has some. */
static bool is_of_its_own(const struct mount *mount)
{
	return mount->major ? mount->major != LOOP_MAJOR
	                    : strcmp(mount->type, "overlay") != 0 && places_has(mount);
}

static void read_file_systems(struct reader *reader)
{
	const struct mounts *mounts = &reader->mounts;

	for (size_t i = 0; i < mounts->count; i++) {
		const struct mount *mount = &mounts->mounts[i];

		if (is_known_point(mount) ? !is_hidden(mounts, mount)
		                          : is_of_its_own(mount) && !is_named(mounts, mount))
			mark_mount(reader, mount);
	}
}

/* Of the first process, else our own, which is another's view then. */
static void read_mounts(struct reader *reader, const char *procfs)
{
	char *text = files_read_all(reader->procfs, "1/mountinfo", TABLE_LIMIT);

	reader->whole = text && owners_see_all(procfs);
	if (!text)
		text = files_read_all(reader->procfs, "self/mountinfo", TABLE_LIMIT);
	if (text)
		mounts_parse(&reader->mounts, text);
}

/* "/dev/dm-1 partition 1000 0 -2" */
static void read_swap(struct reader *reader, char *line)
{
	struct places places = new_places(reader);

	line[strcspn(line, " \t")] = '\0';
	mounts_unescape(line);
	if (line[0] != '/')
		return;
	places_add_file(&places, line);
	mark_places(reader, &places, RANK_SWAP, "swap", "");
}

static void read_swaps(struct reader *reader)
{
	char *text = files_read_all(reader->procfs, "swaps", TABLE_LIMIT);
	char *line, *rest = text;

	while (rest && (line = strsep(&rest, "\n")))
		read_swap(reader, line);
	free(text);
}

/* ---- network ---- */

/* From include/uapi/linux/route.h. */
enum { ROUTE_UP = 0x1, ROUTE_REJECT = 0x200 };

#define ROUTE_COLUMNS 10

/* Where in a line of a table of routes what stands; a gateway has one in none of them. */
struct route_table {
	const char *file;
	size_t destination, length, flags, interface; /* columns */
};

/* net/ipv4/fib_trie.c (length: a mask), net/ipv6/route.c. */
static const struct route_table route_tables[] = {
	{"net/route", .interface = 0, .destination = 1, .flags = 3, .length = 7},
	{"net/ipv6_route", .destination = 0, .length = 1, .flags = 8, .interface = 9},
};

static bool is_zero(const char *text)
{
	return text[0] && !text[strspn(text, "0")];
}

static bool is_default(const struct route_table *table, char *const words[ROUTE_COLUMNS])
{
	uint64_t flags;

	return is_zero(words[table->destination]) && is_zero(words[table->length]) &&
	       parse_hex(words[table->flags], NULL, &flags) &&
	       (flags & (ROUTE_UP | ROUTE_REJECT)) == ROUTE_UP &&
	       strcmp(words[table->interface], "lo") != 0;
}

static void read_route(struct reader *reader, const struct route_table *table, char *line)
{
	char *words[ROUTE_COLUMNS], *word;
	struct places places = new_places(reader);
	size_t count = 0;

	while (count < ROUTE_COLUMNS && (word = strsep(&line, " \t")))
		if (word[0])
			words[count++] = word;
	if (count < table->interface + 1 || count < table->length + 1 || !is_default(table, words))
		return;
	places_add_interface(&places, words[table->interface]);
	mark_places(reader, &places, RANK_ROUTE, default_route, words[table->interface]);
}

/*
 * The first of them are enough: of IPv4 the default route stands first. That of IPv6 stands last,
 * and a machine that has more routes than this is a router that needs none.
 */
static void read_routes(struct reader *reader, const struct route_table *table)
{
	char path[64];
	char *text = xmalloc(ROUTES_SIZE), *line, *rest = text;

	snprintf(path, sizeof(path), "1/%s", table->file);
	if (!files_read(reader->procfs, path, text, ROUTES_SIZE))
		files_read(reader->procfs, table->file, text, ROUTES_SIZE);
	while ((line = strsep(&rest, "\n")))
		read_route(reader, table, line);
	free(text);
}

/* ---- display and keyboard ---- */

/* drivers/pci/pci-sysfs.c: the display that the firmware used. */
static void read_displays(struct reader *reader)
{
	char path[NAME_MAX + 64], text[8];

	for (size_t i = 0; i < reader->read->count; i++) {
		const struct topology_item *item = &reader->read->items[i];
		uint64_t class = item->facts[ATTR_DEVICE_CLASS].number;

		if (item->subject != SUBJECT_DEVICE || class == VALUE_UNKNOWN ||
		    class >> 16 != DISPLAY_CLASS)
			continue;
		snprintf(path, sizeof(path), "bus/pci/devices/%s/boot_vga", item->name);
		if (files_read(reader->sysfs, path, text, sizeof(text)) && text[0] == '1')
			add_mark(reader, i, RANK_DISPLAY, "", "boot display", "");
	}
}

/* The console is on the first one; a machine may have none. */
static void read_framebuffer(struct reader *reader)
{
	struct places places = new_places(reader);

	places_add_link(&places, PLACE_OTHER, "class/graphics/fb0");
	places.missed = false;
	mark_places(reader, &places, RANK_FRAMEBUFFER, "framebuffer ", "fb0");
}

/*
 * Escape, the digits and the letters from Q to D, keys 1 to 31 (input-event-codes.h): what udev,
 * too, takes for a keyboard. The last word of the bitmap has the lowest keys (drivers/input/
 * input.c).
 */
static bool is_keyboard(const struct reader *reader, const char *name)
{
	char path[NAME_MAX + 64], text[1024];
	const char *word;
	uint64_t keys;

	snprintf(path, sizeof(path), "class/input/%s/capabilities/key", name);
	files_read(reader->sysfs, path, text, sizeof(text));
	text[strcspn(text, "\n")] = '\0';
	word = strrchr(text, ' ');
	return parse_hex(word ? word + 1 : text, NULL, &keys) && (keys & 0xfffffffe) == 0xfffffffe;
}

/* Keyboards that a program makes are none to type on. */
static void drop_virtual(struct places *places)
{
	for (size_t i = 0; i < places->count; i++)
		if (!strncmp(places->places[i].path, "devices/virtual/input/", 22))
			places->places[i].end = false;
}

static void add_keyboards(const struct reader *reader, struct places *places)
{
	DIR *stream = files_open_stream(reader->sysfs, "class/input");
	const struct dirent *entry;
	char path[NAME_MAX + 64];

	while (stream && (entry = readdir(stream))) {
		if (strncmp(entry->d_name, "input", 5) != 0 || !is_keyboard(reader, entry->d_name))
			continue;
		snprintf(path, sizeof(path), "class/input/%s", entry->d_name);
		places_add_link(places, PLACE_OTHER, path);
	}
	if (stream)
		closedir(stream);
}

/* Only where one device has them all does the host lose them. */
static void read_keyboards(struct reader *reader)
{
	struct places places = new_places(reader);
	struct shares shares;

	add_keyboards(reader, &places);
	places_follow(&places);
	drop_virtual(&places);
	shares = shares_of(reader, &places);
	for (size_t i = 0; i < shares.count; i++)
		if (shares.shares[i].ends == shares.ends)
			add_mark(reader, shares.shares[i].item, RANK_KEYBOARD, "", "keyboard", "");
	free(shares.shares);
	places_release(&places);
}

/* ---- telling ---- */

static int compare_marks(const void *a, const void *b)
{
	const struct mark *left = a, *right = b;

	if (left->item != right->item)
		return left->item < right->item ? -1 : 1;
	if (left->rank != right->rank)
		return left->rank < right->rank ? -1 : 1;
	return left->order < right->order ? -1 : 1;
}

/* By whole words; the list ends with "..." where there are more than an event can carry. */
static bool add_word(char list[LIST_SIZE], const char *word)
{
	const char *comma = list[0] ? "," : "";

	if (strlen(list) + strlen(word) + strlen(",,...") >= LIST_SIZE) {
		append_text(list, LIST_SIZE, "%s...", comma);
		return false;
	}
	append_text(list, LIST_SIZE, "%s%s", comma, word);
	return true;
}

/* Two swaps of one disk, two routes by one card: said once. */
static bool is_repeated(const struct mark *first, const struct mark *mark)
{
	for (; first < mark; first++)
		if (!strcmp(first->text, mark->text) ||
		    (first->rank == RANK_DISPLAY && mark->rank == RANK_FRAMEBUFFER))
			return true;
	return false;
}

static const struct mark *tell_item(struct reader *reader, const struct mark *mark)
{
	const struct mark *first = mark, *end = reader->marks + reader->count;
	char list[LIST_SIZE] = "";
	bool fits = true;

	for (; mark < end && mark->item == first->item; mark++)
		if (fits && !is_repeated(first, mark))
			fits = add_word(list, mark->text);
	topology_set_text(&reader->read->items[first->item], ATTR_DEVICE_HOST_USE, list);
	return mark;
}

static void tell(struct reader *reader)
{
	const struct mark *mark = reader->marks;

	if (reader->count)
		qsort(reader->marks, reader->count, sizeof(*reader->marks), compare_marks);
	for (size_t i = 0; reader->whole && i < reader->read->count; i++)
		if (reader->read->items[i].subject == SUBJECT_DEVICE)
			topology_set_text(&reader->read->items[i], ATTR_DEVICE_HOST_USE, "none");
	while (mark && mark < reader->marks + reader->count)
		mark = tell_item(reader, mark);
}

static void read_all(struct reader *reader, const char *procfs)
{
	read_mounts(reader, procfs);
	read_file_systems(reader);
	read_swaps(reader);
	for (size_t i = 0; i < ARRAY_SIZE(route_tables); i++)
		read_routes(reader, &route_tables[i]);
	read_displays(reader);
	read_framebuffer(reader);
	read_keyboards(reader);
	tell(reader);
}

void host_use_read(const struct host_use *use, struct topology *read)
{
	struct reader reader = {.read = read};

	reader.procfs = files_open_directory(AT_FDCWD, use->procfs);
	reader.sysfs = files_open_directory(AT_FDCWD, use->sysfs);
	if (reader.procfs >= 0 && reader.sysfs >= 0)
		read_all(&reader, use->procfs);
	if (reader.procfs >= 0)
		close(reader.procfs);
	if (reader.sysfs >= 0)
		close(reader.sysfs);
	for (size_t i = 0; i < reader.count; i++)
		free(reader.marks[i].text);
	free(reader.marks);
	mounts_release(&reader.mounts);
}

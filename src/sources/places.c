// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * places: which devices something stands on. In: links and small files of sysfs, mounts. Out:
 * directories of sysfs. Must never know: what the host uses them for, the topology.
 */
#include "places.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../util.h"
#include "files.h"

enum {
	PLACES_MAX = 256, /* of one use: more are not looked for */
	TEXT_SIZE = 256,
};

/* Documentation/ABI/stable/sysfs-block: a partition has it, a whole disk does not. */
static const char partition_file[] = "partition";

/* ---- paths ---- */

/* Where a link leads to, by its text: ".." never leaves the root. False for an absolute one. */
static bool resolve(const char *link, const char *target, char path[PATH_MAX])
{
	size_t length = 0;
	char text[2 * PATH_MAX];
	char *part, *rest = text;

	if (target[0] == '/')
		return false;
	snprintf(text, sizeof(text), "%.*s%s", (int)(files_last_part(link) - link), link, target);
	path[0] = '\0';
	while ((part = strsep(&rest, "/"))) {
		if (!strcmp(part, "..")) {
			while (length && path[--length] != '/')
				;
			path[length] = '\0';
		} else if (part[0] && strcmp(part, ".") != 0) {
			append_text(path, PATH_MAX, "%s%s", length ? "/" : "", part);
			length = strlen(path);
		}
	}
	return length;
}

static bool is_known(const struct places *places, const char *path)
{
	for (size_t i = 0; i < places->count; i++)
		if (!strcmp(places->places[i].path, path))
			return true;
	return false;
}

static void add(struct places *places, enum place_kind kind, const char *path)
{
	if (is_known(places, path))
		return;
	if (places->count == PLACES_MAX) {
		places->missed = true;
		return;
	}
	places->places =
		grow(places->places, &places->capacity, places->count, sizeof(*places->places));
	places->places[places->count++] = (struct place){.path = xstrdup(path), .kind = kind};
}

static bool add_if_link(struct places *places, enum place_kind kind, const char *path)
{
	char target[PATH_MAX], found[PATH_MAX];

	if (!files_link(places->sysfs, path, target, sizeof(target)) ||
	    !resolve(path, target, found))
		return false;
	add(places, kind, found);
	return true;
}

void places_add_link(struct places *places, enum place_kind kind, const char *path)
{
	if (!add_if_link(places, kind, path))
		places->missed = true;
}

/* The links in a directory whose names begin so; how many. */
static size_t add_links(struct places *places, enum place_kind kind, const char *directory,
                        const char *prefix)
{
	DIR *stream = files_open_stream(places->sysfs, directory);
	const struct dirent *entry;
	char path[PATH_MAX];
	size_t count = 0;

	while (stream && (entry = readdir(stream))) {
		if (entry->d_name[0] == '.' || strncmp(entry->d_name, prefix, strlen(prefix)) != 0)
			continue;
		snprintf(path, sizeof(path), "%.3800s/%s", directory, entry->d_name);
		count += add_if_link(places, kind, path);
	}
	if (stream)
		closedir(stream);
	return count;
}

/* The start of a file of sysfs, without its line's end. */
static bool read_text(const struct places *places, const char *directory, const char *file,
                      char *text, size_t size)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%.3800s/%.200s", directory, file);
	return files_take_line(files_open(places->sysfs, path), text, size);
}

/* ---- block devices by name ---- */

static bool add_block(struct places *places, const char *name)
{
	char path[TEXT_SIZE];
	int length = snprintf(path, sizeof(path), "class/block/%s", name);

	if (length < 0 || (size_t)length >= sizeof(path))
		return false;
	/* Where a name has a slash, sysfs has this. */
	for (char *at = path + strlen("class/block/"); *at; at++)
		if (*at == '/')
			*at = '!';
	return add_if_link(places, PLACE_BLOCK, path);
}

/* What device-mapper calls so: dm-0 and so on have their names in a file. */
static bool add_mapped(struct places *places, const char *name)
{
	DIR *stream = files_open_stream(places->sysfs, "class/block");
	const struct dirent *entry;
	char path[PATH_MAX], text[TEXT_SIZE];
	bool found = false;

	while (stream && !found && (entry = readdir(stream))) {
		if (strncmp(entry->d_name, "dm-", 3) != 0)
			continue;
		snprintf(path, sizeof(path), "class/block/%s", entry->d_name);
		found = read_text(places, path, "dm/name", text, sizeof(text)) &&
		        !strcmp(text, name) && add_block(places, entry->d_name);
	}
	if (stream)
		closedir(stream);
	return found;
}

/* "vg/lv" is mapped as "vg-lv", where a dash of a name is two. */
static bool add_volume(struct places *places, const char *name)
{
	char mapped[TEXT_SIZE] = "";

	if (!strchr(name, '/'))
		return false;
	for (; *name; name++)
		append_text(mapped, sizeof(mapped), "%s%c", *name == '-' ? "-" : "",
		            *name == '/' ? '-' : *name);
	return add_mapped(places, mapped);
}

/* A node by its name in /dev, which is not looked into: it may be of another namespace. */
static bool add_node(struct places *places, const char *name)
{
	if (!strncmp(name, "mapper/", 7))
		return add_mapped(places, name + 7);
	return add_block(places, name) || add_volume(places, name);
}

/* ---- file systems ---- */

/* All devices of the btrfs that this one is of: fs/btrfs/UUID/devices (fs/btrfs/sysfs.c). */
static void add_btrfs(struct places *places, const char *name)
{
	DIR *stream = files_open_stream(places->sysfs, "fs/btrfs");
	const struct dirent *entry;
	char path[PATH_MAX], member[2 * NAME_MAX + 64];

	while (stream && (entry = readdir(stream))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "fs/btrfs/%s/devices", entry->d_name);
		snprintf(member, sizeof(member), "fs/btrfs/%s/devices/%.200s", entry->d_name, name);
		if (faccessat(places->sysfs, member, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
			add_links(places, PLACE_BLOCK, path, "");
	}
	if (stream)
		closedir(stream);
}

/* "/dev/sda1"; of bcachefs "/dev/sda1:/dev/sdb1". */
static void add_sources(struct places *places, const struct mount *mount)
{
	char text[PATH_MAX];
	char *source, *rest = text;

	copy_text(text, sizeof(text), mount->source);
	while ((source = strsep(&rest, ":"))) {
		size_t before = places->count;

		if (strncmp(source, "/dev/", 5) != 0 || !add_node(places, source + 5))
			places->missed = true;
		else if (!strcmp(mount->type, "btrfs") && places->count > before)
			add_btrfs(places, files_last_part(places->places[before].path));
	}
}

/* An overlay is in other file systems: "rw,lowerdir=/a:/b,upperdir=/c,workdir=/d". */
static void add_layers(struct places *places, const struct mount *mount)
{
	static const char *const keys[] = {"lowerdir=", "lowerdir+=", "upperdir="};
	char *text = xstrdup(mount->options);
	char *option, *layer, *rest = text;

	while ((option = strsep(&rest, ","))) {
		for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
			char *layers = option + strlen(keys[i]);

			if (strncmp(option, keys[i], strlen(keys[i])) != 0)
				continue;
			while ((layer = strsep(&layers, ":")))
				if (layer[0] == '/')
					places_add_file(places, layer);
		}
	}
	free(text);
}

/* The device that offers this tag to mount (net/9p/trans_virtio.c); over TCP there is none. */
static void add_9p(struct places *places, const struct mount *mount)
{
	DIR *stream = files_open_stream(places->sysfs, "bus/virtio/drivers/9pnet_virtio");
	const struct dirent *entry;
	char path[PATH_MAX], tag[TEXT_SIZE];

	while (stream && (entry = readdir(stream))) {
		snprintf(path, sizeof(path), "bus/virtio/drivers/9pnet_virtio/%s", entry->d_name);
		if (entry->d_name[0] != '.' &&
		    read_text(places, path, "mount_tag", tag, sizeof(tag)) &&
		    !strcmp(tag, mount->source))
			add_if_link(places, PLACE_OTHER, path);
	}
	if (stream)
		closedir(stream);
}

static void give_up(struct places *places, const struct mount *mount)
{
	(void)mount;
	places->missed = true;
}

/* File systems without a block device of their own. */
static const struct {
	const char *type;
	void (*add)(struct places *places, const struct mount *mount);
} add_types[] = {
	{"overlay", add_layers},
	{"9p", add_9p},
	{"zfs", give_up},      /* sysfs has nothing of its pools */
	{"virtiofs", give_up}, /* nor, before 6.9, of its tags */
};

/* Where it is in the table of types; its size for none. */
static size_t type_of(const struct mount *mount)
{
	size_t i = 0;

	while (i < ARRAY_SIZE(add_types) && strcmp(mount->type, add_types[i].type) != 0)
		i++;
	return i;
}

static bool has_node(const struct mount *mount)
{
	return !strncmp(mount->source, "/dev/", 5);
}

bool places_has(const struct mount *mount)
{
	return mount->major || has_node(mount) || type_of(mount) < ARRAY_SIZE(add_types);
}

static bool is_new(struct places *places, const struct mount *mount)
{
	for (size_t i = 0; i < places->seen_count; i++)
		if (places->seen[i] == mount)
			return false;
	if (places->seen_count == ARRAY_SIZE(places->seen)) {
		places->missed = true;
		return false;
	}
	places->seen[places->seen_count++] = mount;
	return true;
}

void places_add_mount(struct places *places, const struct mount *mount)
{
	size_t type = type_of(mount);
	char path[64];

	if (!is_new(places, mount))
		return;
	snprintf(path, sizeof(path), "dev/block/%u:%u", mount->major, mount->minor);
	if (mount->major)
		places_add_link(places, PLACE_BLOCK, path);
	else if (type < ARRAY_SIZE(add_types))
		add_types[type].add(places, mount);
	else if (has_node(mount))
		add_sources(places, mount);
}

void places_add_file(struct places *places, const char *path)
{
	const struct mount *mount = mounts_of_path(places->mounts, path);

	if (!strncmp(path, "/dev/", 5))
		places->missed = !add_node(places, path + 5) || places->missed;
	else if (mount)
		places_add_mount(places, mount);
	else
		places->missed = true;
}

void places_add_interface(struct places *places, const char *name)
{
	char path[TEXT_SIZE];

	snprintf(path, sizeof(path), "class/net/%.64s", name);
	places_add_link(places, PLACE_NET, path);
}

/* ---- the way ---- */

static bool has_file(const struct places *places, const char *directory, const char *file)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%.3800s/%.200s", directory, file);
	return faccessat(places->sysfs, path, F_OK, 0) == 0;
}

/* What is above: of a partition its disk. */
static void add_parent(struct places *places, enum place_kind kind, const char *path)
{
	char parent[PATH_MAX];

	snprintf(parent, sizeof(parent), "%.*s", (int)(files_last_part(path) - path), path);
	if (parent[0])
		parent[strlen(parent) - 1] = '\0';
	add(places, kind, parent);
}

/* The disk of a multipath namespace is of its subsystem, in which its controllers are
 * (drivers/nvme/host/core.c, multipath.c). */
static bool add_controllers(struct places *places, const char *path)
{
	char subsystem[PATH_MAX];

	if (!strstr(path, "/nvme-subsystem/"))
		return false;
	snprintf(subsystem, sizeof(subsystem), "%.*s", (int)(files_last_part(path) - path), path);
	subsystem[strlen(subsystem) - 1] = '\0';
	return add_links(places, PLACE_OTHER, subsystem, "nvme");
}

/* False where it stands on nothing else. path is of its own: places may move. */
static bool descend_block(struct places *places, const char *path)
{
	char below[PATH_MAX], file[PATH_MAX];

	if (has_file(places, path, partition_file)) {
		add_parent(places, PLACE_BLOCK, path);
		return true;
	}
	snprintf(below, sizeof(below), "%.3800s/slaves", path);
	if (add_links(places, PLACE_BLOCK, below, ""))
		return true;
	if (read_text(places, path, "loop/backing_file", file, sizeof(file))) {
		places_add_file(places, file);
		return true;
	}
	return add_controllers(places, path);
}

static bool descend(struct places *places, enum place_kind kind, const char *path)
{
	if (kind == PLACE_BLOCK)
		return descend_block(places, path);
	/* net/core/dev.c: bonds, bridges, teams and VLANs have such links. */
	return kind == PLACE_NET && add_links(places, PLACE_NET, path, "lower_");
}

void places_follow(struct places *places)
{
	for (size_t i = 0; i < places->count; i++) {
		char *path = xstrdup(places->places[i].path);

		/* A link may lead nowhere, and what was there be gone by now. */
		if (faccessat(places->sysfs, path, F_OK, 0) != 0)
			places->missed = true;
		else
			places->places[i].end = !descend(places, places->places[i].kind, path);
		free(path);
	}
}

void places_release(struct places *places)
{
	for (size_t i = 0; i < places->count; i++)
		free(places->places[i].path);
	free(places->places);
	*places = (struct places){.sysfs = places->sysfs, .mounts = places->mounts};
}

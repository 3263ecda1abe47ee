// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * trace_notes: what we changed in an instance that stays when we end, told by the instance itself.
 * In: switches as they were found. Out: notes in the instance; what the dead changed set back.
 * Must never know: which events there are, what is counted, the stream.
 *
 * A note has to survive a kill and go with the instance, and must not be taken for somebody else's.
 * So it is the name of a histogram on an event that happens when a device comes: it costs nothing.
 * Our triggers on events that are not ours have names, too. Histograms of the same name share their
 * table, in whatever instance they are, so the number of the instance's directory is in it.
 */
#include "trace_notes.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../util.h"
#include "instance.h"
#include "trace_files.h"

#define NOTED_AT "events/iommu/add_device_to_group/trigger"
#define NAME     "hist:name="
#define MADE     "_made"
#define SHAPE    ":keys=common_pid:size=128"

/* Where triggers named as ours can be, besides notes. */
static const char *const counted_at[] = {
	"events/iommu/map/trigger",
	"events/iommu/unmap/trigger",
	"events/intel_iommu/qi_submit/trigger",
};

enum { FILE_MAX_BYTES = 192 };

void trace_notes_open(struct trace_notes *notes, int directory_fd)
{
	struct stat st;

	*notes = (struct trace_notes){.directory_fd = directory_fd};
	if (fstat(directory_fd, &st) == 0)
		snprintf(notes->owner, sizeof(notes->owner), "iommutop_%llu",
		         (unsigned long long)st.st_ino);
}

/* ---- one note ---- */

static void write_note(const struct trace_notes *notes, const char *sign, const char *what,
                       const char *file)
{
	char text[TRACE_NOTES_OWNER_SIZE + FILE_MAX_BYTES + 64];
	char *end;

	if (!notes->owner[0] || strlen(file) >= FILE_MAX_BYTES)
		return;
	end = stpcpy(stpcpy(stpcpy(text, sign), NAME), notes->owner);
	stpcpy(stpcpy(stpcpy(end, what), file), SHAPE);
	trace_files_append(notes->directory_fd, NOTED_AT, text);
}

void trace_notes_add_made(const struct trace_notes *notes)
{
	write_note(notes, "", MADE, "");
}

void trace_notes_add(const struct trace_notes *notes, const char *file, bool was_on)
{
	write_note(notes, "", was_on ? "_1/" : "_0/", file);
}

void trace_notes_drop(const struct trace_notes *notes, const char *file, bool was_on)
{
	write_note(notes, "!", was_on ? "_1/" : "_0/", file);
}

/* ---- what the dead left ---- */

struct left {
	struct trace_notes notes;
	bool found, made;
	int code; /* why something stays; 0: nothing does */
};

/* Whatever a name says: nothing but a switch is ever set. */
static bool is_switch(const char *file)
{
	const char *system = file + strlen("events/");
	const char *event;

	if (strcmp(file, "tracing_on") == 0)
		return true;
	if (strncmp(file, "events/", strlen("events/")) != 0 || *system == '.')
		return false;
	event = strchr(system, '/');
	return event && event[1] != '.' && strchr(event + 1, '/') &&
	       strcmp(strchr(event + 1, '/'), "/enable") == 0;
}

/* "_made" or "_0/FILE", up to the colon. Returns 0, or what the kernel said; an event that is gone
 * needs nothing. */
static int undo(struct left *left, const char *what)
{
	size_t length = strcspn(what, ":\n");
	char file[FILE_MAX_BYTES];

	if (length == strlen(MADE) && memcmp(what, MADE, length) == 0)
		left->made = true;
	if (length < 4 || length - 3 >= sizeof(file) || what[2] != '/' ||
	    (what[1] != '0' && what[1] != '1'))
		return 0;
	memcpy(file, what + 3, length - 3);
	file[length - 3] = '\0';
	if (!is_switch(file) ||
	    trace_files_write(left->notes.directory_fd, file, what[1] == '1' ? "1" : "0") == 0)
		return 0;
	return errno == ENOENT ? 0 : errno;
}

/* The note stays until it is so; where we made the instance, as long as that. */
static bool take_note(void *context, const char *line)
{
	struct left *left = context;
	int code;

	left->found = true;
	code = undo(left, line + strlen(NAME) + strlen(left->notes.owner));
	if (code)
		left->code = code;
	return !code && !left->made;
}

static bool take_counted(void *context, const char *line)
{
	struct left *left = context;

	(void)line;
	left->found = true;
	return true;
}

static void remove_ours(struct left *left, const char *name, const char *prefix,
                        bool (*take)(void *context, const char *line))
{
	int code = trace_files_remove_triggers(left->notes.directory_fd, name, prefix, take, left);

	if (code)
		left->code = code;
}

static bool undo_all(struct left *left)
{
	char prefix[sizeof(NAME) + TRACE_NOTES_OWNER_SIZE + 1];

	if (!left->notes.owner[0])
		return false;
	snprintf(prefix, sizeof(prefix), NAME "%s_", left->notes.owner);
	for (size_t i = 0; i < ARRAY_SIZE(counted_at); i++)
		remove_ours(left, counted_at[i], prefix, take_counted);
	remove_ours(left, NOTED_AT, prefix, take_note);
	return left->found;
}

struct sweep {
	int instances_fd;
	FILE *out;
	int count;
};

static void sweep_one(void *context, const char *name, int directory_fd)
{
	struct sweep *sweep = context;
	struct left left = {0};

	trace_notes_open(&left.notes, directory_fd);
	if (!undo_all(&left))
		return;
	if (left.made && unlinkat(sweep->instances_fd, name, AT_REMOVEDIR) < 0)
		left.code = errno;
	if (sweep->out && left.code)
		fprintf(sweep->out, "cannot set back trace instance %s: %s\n", name,
		        strerror(left.code));
	else if (sweep->out)
		fprintf(sweep->out, "%s trace instance %s\n", left.made ? "removed" : "set back",
		        name);
	if (!left.code)
		sweep->count++;
}

int trace_notes_sweep(const char *tracefs, FILE *out, struct error *err)
{
	struct sweep sweep = {.instances_fd = instance_lock_all(tracefs, err), .out = out};

	if (sweep.instances_fd < 0)
		return -1;
	instance_each_dead(sweep.instances_fd, sweep_one, &sweep);
	close(sweep.instances_fd);
	return sweep.count;
}

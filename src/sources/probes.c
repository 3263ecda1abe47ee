// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * probes: the dynamic events that say what the tracepoints leave out.
 * In: what this kernel takes. Out: probe events in a group of ours, none enabled; hits and misses.
 * Must never know: records, the stream, who switches them.
 *
 * Which functions there are differs between kernels and between builds of one kernel, so each probe
 * is a list of candidates that the kernel itself judges: the first it takes is it. Each map and
 * unmap happens inside one call of a function whose first argument is the domain, and a domain
 * begins with its type (drivers/iommu/iommu.c and include/linux/iommu.h, 5.10 to 7.3). $argN is the
 * N-th argument at the entry of a function, on x86-64 and arm64 alike.
 */
#include "probes.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../util.h"
#include "btf.h"
#include "instance.h"
#include "probe_groups.h"
#include "trace_files.h"
#include "trace_verdict.h"

/* Groups of the same name that may be there at once. */
#define NAMESAKES 16

const char *const probe_names[PROBE_COUNT] = {
	[PROBE_MAP] = "map",
	[PROBE_UNMAP] = "unmap",
	[PROBE_ATTACH] = "attach",
	[PROBE_ATTACH_RETURN] = "attach_return",
	[PROBE_PASID] = "pasid",
	[PROBE_PASID_RETURN] = "pasid_return",
	[PROBE_FREE] = "free",
	[PROBE_MAP_RETURN] = "map_return",
	[PROBE_GROUP] = "group",
	[PROBE_MEMBER] = "member",
	[PROBE_DMA_PAGE] = "dma_page",
	[PROBE_DMA_SG] = "dma_sg",
	[PROBE_DMA_ALLOC] = "dma_alloc",
	[PROBE_MAP_DONE] = "map_done",
	[PROBE_UNMAP_DONE] = "unmap_done",
};

/* What a person is without, where there is none; NULL: nothing, or only on other kernels. */
static const char *const missed_without[PROBE_COUNT] = {
	[PROBE_MAP] = "this kernel has no function to probe for maps: their domain is not known",
	[PROBE_UNMAP] =
		"this kernel has no function to probe for unmaps: their domain is not known",
	[PROBE_ATTACH] = "this kernel has no function to probe for attaches: domains attached "
			 "from now on have no name",
	[PROBE_FREE] = "this kernel has no function to probe for freed domains: a new one can be "
		       "taken for an old one",
	[PROBE_GROUP] = "this kernel does not tell the domain of a group: those attached before "
			"have no name",
};

struct candidate {
	uint8_t probe; /* enum probe_id; those of one stand together */
	char type;     /* p: at entry, r: at return, f: at return, with the arguments (6.12+) */
	const char *function;
	const char *arguments; /* {struct.member}: its offset */
};

#define MAP_ARGUMENTS    "domain=$arg1:x64 iova=$arg2:x64 size=$arg4:u64 prot=$arg5:x32"
#define DONE_ARGUMENTS   "domain=$arg1:x64 size=$arg4:u64 ret=$retval:s32"
#define DEVICE_ARGUMENTS "dev=+0(+0($arg1)):string" /* struct device begins with its name */

/*
 * A text costs more than all else in a record, so none is in a probe that stays on.
 *
 * The two probes of a group: what "cat iommu_groups/N/type" calls has the group as its argument.
 * Its structure is private; where its members lie the kernel's type information says, to us or,
 * from 6.6 on, to the kernel's own reader of arguments. The list of a group's devices has the link
 * first.
 */
static const struct candidate candidates[] = {
	{PROBE_MAP, 'p', "__iommu_map", MAP_ARGUMENTS},
	{PROBE_MAP, 'p', "iommu_map_nosync", MAP_ARGUMENTS},
	{PROBE_UNMAP, 'p', "__iommu_unmap",
         "domain=$arg1:x64 iova=$arg2:x64 size=$arg3:u64 type=+0($arg1):u32"},
	{PROBE_ATTACH, 'p', "__iommu_attach_device",
         "domain=$arg1:x64 dev=$arg2:x64 type=+0($arg1):u32"},
	{PROBE_ATTACH_RETURN, 'r', "__iommu_attach_device", "ret=$retval:s32"},
	{PROBE_PASID, 'p', "iommu_attach_device_pasid",
         "domain=$arg1:x64 dev=$arg2:x64 pasid=$arg3:u32 type=+0($arg1):u32"},
	{PROBE_PASID_RETURN, 'r', "iommu_attach_device_pasid", "ret=$retval:s32"},
	{PROBE_FREE, 'p', "iommu_domain_free", "domain=$arg1:x64"},
	{PROBE_MAP_RETURN, 'r', "__iommu_map", "ret=$retval:s32"},
	{PROBE_MAP_RETURN, 'r', "iommu_map_nosync", "ret=$retval:s32"},
	{PROBE_GROUP, 'p', "iommu_group_show_type",
         "group=+{iommu_group.id}($arg1):s32 def=+{iommu_group.default_domain}($arg1):x64 "
         "domain=+{iommu_group.domain}($arg1):x64 type=+0(+{iommu_group.domain}($arg1)):u32"},
	{PROBE_GROUP, 'p', "iommu_group_show_type",
         "group=group->id:s32 def=group->default_domain:x64 domain=group->domain:x64 "
         "type=group->domain->type:u32"},
	{PROBE_MEMBER, 'p', "iommu_group_show_type",
         "group=+{iommu_group.id}($arg1):s32 "
         "dev=+{group_device.dev}(+{iommu_group.devices}($arg1)):x64 "
         "name=+0(+0(+{group_device.dev}(+{iommu_group.devices}($arg1)))):string"},
	{PROBE_MEMBER, 'p', "iommu_group_show_type",
         "group=group->id:s32 dev=+16(group->devices.next):x64 "
         "name=+0(+0(+16(group->devices.next))):string"},
	{PROBE_DMA_PAGE, 'p', "iommu_dma_map_page", DEVICE_ARGUMENTS},
	{PROBE_DMA_PAGE, 'p', "iommu_dma_map_phys", DEVICE_ARGUMENTS},
	{PROBE_DMA_SG, 'p', "iommu_dma_map_sg", DEVICE_ARGUMENTS},
	{PROBE_DMA_ALLOC, 'p', "iommu_dma_alloc", DEVICE_ARGUMENTS},
	{PROBE_MAP_DONE, 'f', "__iommu_map%return", DONE_ARGUMENTS},
	{PROBE_MAP_DONE, 'f', "iommu_map_nosync%return", DONE_ARGUMENTS},
	{PROBE_UNMAP_DONE, 'f', "__iommu_unmap%return",
         "domain=$arg1:x64 size=$arg3:u64 ret=$retval:u64"},
};

struct probes {
	int tracefs_fd; /* -1: nothing was made */
	char group[PROBE_GROUP_SIZE];
	bool made[PROBE_COUNT];
	int failed[PROBE_COUNT]; /* what the kernel said, other than that it has no such function */
	struct probes_profile profile; /* as last read */
	struct trace_verdict verdict;
};

/* For a signal handler: all texts are complete whenever the flag is set. */
static int emergency_tracefs_fd;
static char emergency_enable[NAME_MAX + 2 * PROBE_GROUP_SIZE];
static char emergency_lines[PROBE_COUNT][2 * PROBE_GROUP_SIZE];
static volatile sig_atomic_t emergency_armed;

/* ---- definitions ---- */

/* "{struct.member}" at *at, as a number. */
static bool put_offset(FILE *out, const char **at, struct btf_types *types)
{
	char name[64], member[64];
	size_t bytes;
	int length;

	if (sscanf(*at, "{%63[a-z_].%63[a-z_]}%n", name, member, &length) != 2 ||
	    !btf_types_offset(types, name, member, &bytes))
		return false;
	*at += length;
	fprintf(out, "%zu", bytes);
	return true;
}

/* The line that makes it. False where an offset is not known. */
static bool define(const struct candidate *candidate, const char *group, struct btf_types *types,
                   char line[PROBE_LINE_MAX])
{
	FILE *out = fmemopen(line, PROBE_LINE_MAX, "w");
	const char *at = candidate->arguments;
	bool known = true;

	if (!out)
		abort();
	fprintf(out, "%c:%s/%s %s ", candidate->type, group, probe_names[candidate->probe],
	        candidate->function);
	while (*at && known) {
		if (*at == '{')
			known = put_offset(out, &at, types);
		else
			fputc(*at++, out);
	}
	fputs("\n", out);
	fclose(out);
	return known;
}

bool probes_define(size_t place, const char *group, struct btf_types *types,
                   struct probe_definition *out)
{
	const struct candidate *candidate = &candidates[place];

	if (place >= ARRAY_SIZE(candidates))
		return false;
	*out = (struct probe_definition){.probe = candidate->probe,
	                                 .type = candidate->type,
	                                 .function = candidate->function};
	if (!define(candidate, group, types, out->line))
		out->line[0] = '\0';
	out->line[strcspn(out->line, "\n")] = '\0';
	return true;
}

/* What a kernel says to a function or a form of argument that it does not have. */
static bool is_refusal(int code)
{
	return code == EINVAL || code == ENOENT || code == EADDRNOTAVAIL || code == EOPNOTSUPP;
}

/* What it says to all of them alike. */
static bool is_denial(int code)
{
	return code == EACCES || code == EPERM || code == EROFS;
}

/* Keeps those that can be made, whatever becomes of the others. -1 and errno where there are none,
 * and not for lack of functions. */
static int make_candidates(struct probes *probes, struct btf_types *types)
{
	char line[PROBE_LINE_MAX];
	bool some = false;
	int code = 0;

	for (size_t i = 0; i < ARRAY_SIZE(candidates); i++) {
		const struct candidate *candidate = &candidates[i];

		if (probes->made[candidate->probe] ||
		    !define(candidate, probes->group, types, line))
			continue;
		if (trace_files_append(probes->tracefs_fd, "dynamic_events", line) == 0)
			some = probes->made[candidate->probe] = true;
		else if (!is_refusal(errno))
			code = probes->failed[candidate->probe] = errno;
		if (!some && is_denial(code))
			break;
	}
	errno = code;
	return some || !code ? 0 : -1;
}

/* ---- why there is none ---- */

static bool has_failed(const struct probes *probes, size_t probe)
{
	return !probes->made[probe] && probes->failed[probe];
}

static void tell_failure(struct probes *probes, int code)
{
	if (code == EACCES || code == EPERM)
		trace_verdict_tell(&probes->verdict, HEALTH_OFF,
		                   "run it with sudo: no permission to make probe events");
	else if (code == EROFS)
		trace_verdict_tell(&probes->verdict, HEALTH_OFF,
		                   "remount tracefs with rw: probe events cannot be made");
	else
		trace_verdict_tell(&probes->verdict, HEALTH_OFF, "cannot make probe events: %s",
		                   strerror(code));
}

/* Of several the first tells why. */
static void tell_failed(struct probes *probes, enum health_state state)
{
	size_t first = PROBE_COUNT;
	unsigned int count = 0;
	char more[32] = "";

	for (size_t i = PROBE_COUNT; i-- > 0;)
		if (has_failed(probes, i)) {
			first = i;
			count++;
		}
	if (!count)
		return;
	if (count > 1)
		snprintf(more, sizeof(more), " and %u more", count - 1);
	trace_verdict_tell(&probes->verdict, state, "cannot make probe event %s%s: %s",
	                   probe_names[first], more, strerror(probes->failed[first]));
}

static void tell_missing(struct probes *probes)
{
	bool some = probes->made[PROBE_MAP] || probes->made[PROBE_UNMAP];
	enum health_state state = some ? HEALTH_PARTIAL : HEALTH_OFF;

	tell_failed(probes, state);
	for (size_t i = 0; i < PROBE_COUNT; i++)
		if (!probes->made[i] && !probes->failed[i] && missed_without[i])
			trace_verdict_tell(&probes->verdict, state, "%s", missed_without[i]);
}

/* ---- making ---- */

static bool has_group(const char *list, const char *group)
{
	struct probe_entry entry;

	while (probe_groups_next(&list, &entry))
		if (strcmp(entry.group, group) == 0)
			return true;
	return false;
}

/* One that nobody has. Returns -1 and errno where the list cannot be read. */
static int choose_group(struct probes *probes, const char *instance)
{
	char *list = trace_files_read_all(probes->tracefs_fd, "dynamic_events");
	char stem[PROBE_GROUP_SIZE];
	bool taken = true;

	if (!list)
		return -1;
	probe_groups_name(instance, stem);
	for (int i = 1; i <= NAMESAKES && taken; i++) {
		snprintf(probes->group, sizeof(probes->group), i > 1 ? "%.56s_%d" : "%.56s", stem,
		         i);
		taken = has_group(list, probes->group);
	}
	free(list);
	errno = EEXIST;
	return taken ? -1 : 0;
}

static void arm_emergency(const struct probes *probes, const char *instance)
{
	emergency_tracefs_fd = probes->tracefs_fd;
	snprintf(emergency_enable, sizeof(emergency_enable), "instances/%s/events/%s/enable",
	         instance, probes->group);
	for (size_t i = 0; i < PROBE_COUNT; i++)
		snprintf(emergency_lines[i], sizeof(emergency_lines[i]), "-:%s/%s\n", probes->group,
		         probe_names[i]);
	atomic_signal_fence(memory_order_seq_cst);
	emergency_armed = 1;
}

static void disarm_emergency(void)
{
	emergency_armed = 0;
	atomic_signal_fence(memory_order_seq_cst);
}

/* With all instances locked. Returns -1 and errno; something may have been made then. */
static int make(struct probes *probes, const char *instance, int instances_fd)
{
	struct btf_types *types;
	int result;

	probe_groups_sweep(probes->tracefs_fd, instances_fd, NULL);
	if (choose_group(probes, instance) < 0)
		return -1;
	arm_emergency(probes, instance);
	types = btf_types_open(NULL);
	result = make_candidates(probes, types);
	btf_types_close(types);
	return result;
}

static int open_tracefs(const char *tracefs)
{
	return open(tracefs, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* dynamic_events can be there for other sorts of events alone. */
static bool can_probe(struct probes *probes)
{
	if (faccessat(probes->tracefs_fd, "kprobe_events", F_OK, 0) == 0)
		return true;
	trace_verdict_tell(&probes->verdict, HEALTH_OFF,
	                   "needs a kernel with CONFIG_KPROBE_EVENTS: no probe events");
	return false;
}

static void let_go(struct probes *probes)
{
	if (probes->tracefs_fd < 0)
		return;
	if (probes->group[0])
		probe_groups_remove(probes->tracefs_fd, probes->group);
	disarm_emergency();
	close(probes->tracefs_fd);
	probes->tracefs_fd = -1;
	memset(probes->made, 0, sizeof(probes->made));
}

struct probes *probes_open(const char *tracefs, const char *instance)
{
	struct probes *probes = xcalloc(1, sizeof(*probes));
	struct error err;
	int instances_fd;

	probes->verdict.state = HEALTH_OK;
	probes->tracefs_fd = open_tracefs(tracefs);
	instances_fd = instance_lock_all(tracefs, &err);
	if (probes->tracefs_fd < 0) {
		tell_failure(probes, errno);
	} else if (instances_fd < 0) {
		trace_verdict_tell(&probes->verdict, HEALTH_OFF, "%s", err.text);
	} else if (can_probe(probes)) {
		if (make(probes, instance, instances_fd) == 0) {
			tell_missing(probes);
		} else {
			tell_failure(probes, errno);
			let_go(probes);
		}
	}
	if (instances_fd >= 0)
		close(instances_fd);
	return probes;
}

void probes_close(struct probes *probes)
{
	if (!probes)
		return;
	let_go(probes);
	free(probes);
}

bool probes_has(const struct probes *probes, enum probe_id probe)
{
	return probes->made[probe];
}

const char *probes_group(const struct probes *probes)
{
	return probes->group;
}

const char *probes_reason(const struct probes *probes)
{
	return probes->verdict.reason;
}

enum health_state probes_state(const struct probes *probes)
{
	return probes->verdict.state;
}

/* ---- hits and misses ---- */

/* "  map     817      0": the event's name, without its group. */
static bool next_profile(const char **text, char name[PROBE_GROUP_SIZE], unsigned long long *hits,
                         unsigned long long *missed)
{
	int length;

	if (sscanf(*text, " %63s %llu %llu%n", name, hits, missed, &length) != 3)
		return false;
	*text += length;
	return true;
}

/*
 * Both lists have the same events in the same order, but only one of them has the groups. False
 * where they do not fit, because somebody changed them between the two reads.
 */
static bool add_up(const char *events, const char *profiles, const char *group,
                   struct probes_profile *profile)
{
	unsigned long long hits, missed;
	char name[PROBE_GROUP_SIZE];
	struct probe_entry entry;

	while (probe_groups_next(&events, &entry)) {
		if (!next_profile(&profiles, name, &hits, &missed) ||
		    strcmp(name, entry.event) != 0)
			return false;
		if (strcmp(entry.group, group) != 0)
			continue;
		profile->hits += hits;
		profile->missed += missed;
	}
	return !next_profile(&profiles, name, &hits, &missed);
}

struct probes_profile probes_profile(struct probes *probes)
{
	struct probes_profile now = {0};
	char *events, *profiles;

	if (probes->tracefs_fd < 0)
		return probes->profile;
	events = trace_files_read_all(probes->tracefs_fd, "kprobe_events");
	profiles = trace_files_read_all(probes->tracefs_fd, "kprobe_profile");
	if (events && profiles && add_up(events, profiles, probes->group, &now))
		probes->profile = now;
	free(events);
	free(profiles);
	return probes->profile;
}

struct probes_profile probes_last_profile(const struct probes *probes)
{
	return probes->profile;
}

/* ---- the dead ---- */

int probes_sweep(const char *tracefs, FILE *out, struct error *err)
{
	int instances_fd = instance_lock_all(tracefs, err);
	int tracefs_fd, count;

	if (instances_fd < 0)
		return -1;
	tracefs_fd = open_tracefs(tracefs);
	count = tracefs_fd < 0 ? 0 : probe_groups_sweep(tracefs_fd, instances_fd, out);
	if (tracefs_fd >= 0)
		close(tracefs_fd);
	close(instances_fd);
	return count;
}

static void emergency_write(const char *name, int flags, const char *text)
{
	int fd = openat(emergency_tracefs_fd, name, O_WRONLY | O_CLOEXEC | flags);
	ssize_t written;

	if (fd < 0)
		return;
	written = write(fd, text, strlen(text));
	(void)written; /* there is nobody left to tell */
	close(fd);
}

/* One at a time: the kernel stops reading at the first line that it refuses. */
void probes_emergency_remove(void)
{
	if (!emergency_armed)
		return;
	emergency_write(emergency_enable, 0, "0");
	for (size_t i = 0; i < PROBE_COUNT; i++)
		emergency_write("dynamic_events", O_APPEND, emergency_lines[i]);
}

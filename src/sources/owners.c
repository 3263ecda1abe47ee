// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * owners: group to process to virtual machine.
 * In: procfs, sysfs, the topology as it was read. Out: holders, into that topology.
 * Must never know: threads, events, time.
 */
#include "owners.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../util.h"
#include "files.h"
#include "vm_name.h"

/* PROC_PID_INIT_INO, include/linux/proc_ns.h. */
#define FIRST_PID_NAMESPACE "pid:[4026531836]"
/* PROC_USER_INIT_INO, likewise. */
#define FIRST_USER_NAMESPACE "user:[4026531837]"

/* ATTR_PROCESS_MEMLOCK: there is no limit. */
#define NO_LIMIT_KIB (UINT32_MAX - 1u)

enum {
	STATUS_SIZE = 8192,
	COMM_SIZE = 64,
	CGROUP_SIZE = 8192,
	CMDLINE_SIZE = 1 << 20,
	NO_PROCESS = 0,
};

/* A process that holds a group. */
struct holder {
	uint32_t process;
	bool has_kvm;
	char name[COMM_SIZE];
	char vm[VM_NAME_MAX];           /* empty: none */
	uint64_t locked_kib, limit_kib; /* VALUE_UNKNOWN */
};

/* A group with a member on a vfio driver: it can be held. */
struct claim {
	uint32_t group;
	bool seen;            /* the process that is looked at has it open */
	struct holder holder; /* the best so far; NO_PROCESS */
};

/* A device node that stands for a group. */
struct node {
	unsigned int major, minor;
	size_t claim;
};

struct search {
	const struct topology *read;
	int procfs, sysfs;
	struct claim *claims;
	size_t claim_count, claim_capacity;
	struct node *nodes;
	size_t node_count, node_capacity;
	bool denied; /* there are processes that we must not look into */
};

/* ---- what can be held ---- */

static struct claim *find_claim(const struct search *search, uint64_t group)
{
	for (size_t i = 0; i < search->claim_count; i++) {
		if (search->claims[i].group == group)
			return &search->claims[i];
	}
	return NULL;
}

static void find_claims(struct search *search)
{
	for (size_t i = 0; i < search->read->count; i++) {
		const struct topology_item *item = &search->read->items[i];
		const char *driver = item->facts[ATTR_DEVICE_DRIVER].text;
		uint64_t group = item->facts[ATTR_DEVICE_GROUP].number;

		if (item->subject != SUBJECT_DEVICE || !driver || !strstr(driver, "vfio") ||
		    group == VALUE_UNKNOWN || find_claim(search, group))
			continue;
		search->claims = grow(search->claims, &search->claim_capacity, search->claim_count,
		                      sizeof(*search->claims));
		search->claims[search->claim_count++] = (struct claim){.group = (uint32_t)group};
	}
}

/* A file of sysfs called dev has MAJOR:MINOR; without it nobody can have the node open. */
static void add_node(struct search *search, const char *path, const struct claim *claim)
{
	struct node node = {.claim = (size_t)(claim - search->claims)};
	uint64_t major, minor;
	const char *end;
	char text[32];

	files_read(search->sysfs, path, text, sizeof(text));
	text[strcspn(text, "\n")] = '\0';
	if (!parse_decimal(text, &end, &major) || *end != ':' ||
	    !parse_decimal(end + 1, NULL, &minor) || major > UINT_MAX || minor > UINT_MAX)
		return;
	node.major = (unsigned int)major;
	node.minor = (unsigned int)minor;
	search->nodes = grow(search->nodes, &search->node_capacity, search->node_count,
	                     sizeof(*search->nodes));
	search->nodes[search->node_count++] = node;
}

/* /dev/vfio/N; without an IOMMU it is called noiommu-N (drivers/vfio/group.c). */
static void find_group_nodes(struct search *search)
{
	for (size_t i = 0; i < search->claim_count; i++) {
		static const char *const prefixes[] = {"", "noiommu-"};
		const struct claim *claim = &search->claims[i];
		char path[64];

		for (size_t j = 0; j < ARRAY_SIZE(prefixes); j++) {
			snprintf(path, sizeof(path), "class/vfio/%s%u/dev", prefixes[j],
			         claim->group);
			add_node(search, path, claim);
		}
	}
}

/* /dev/vfio/devices/vfioX, 6.6 and later. */
static void find_device_nodes(struct search *search)
{
	DIR *stream = files_open_stream(search->sysfs, "class/vfio-dev");
	const struct dirent *entry;

	while (stream && (entry = readdir(stream))) {
		char path[NAME_MAX + 64], target[PATH_MAX];
		const struct claim *claim;
		uint64_t group;

		snprintf(path, sizeof(path), "class/vfio-dev/%s/device/iommu_group", entry->d_name);
		if (!files_link(search->sysfs, path, target, sizeof(target)) ||
		    !parse_decimal(files_last_part(target), NULL, &group))
			continue;
		claim = find_claim(search, group);
		snprintf(path, sizeof(path), "class/vfio-dev/%s/dev", entry->d_name);
		if (claim)
			add_node(search, path, claim);
	}
	if (stream)
		closedir(stream);
}

/* ---- who holds it ---- */

static void see_device(struct search *search, const char *name)
{
	const struct topology_item *item = topology_find(search->read, SUBJECT_DEVICE, name, 0);
	struct claim *claim =
		item ? find_claim(search, item->facts[ATTR_DEVICE_GROUP].number) : NULL;

	if (claim)
		claim->seen = true;
}

/* "vfio-device-syspath: /sys/devices/pci0000:00/0000:00:02.0", 6.18 and later. */
static void see_fdinfo(struct search *search, int process, const char *fd)
{
	static const char key[] = "vfio-device-syspath:";
	char path[NAME_MAX + 16], text[PATH_MAX];
	char *line;

	snprintf(path, sizeof(path), "fdinfo/%s", fd);
	files_read(process, path, text, sizeof(text));
	line = strstr(text, key);
	if (!line || (line != text && line[-1] != '\n'))
		return;
	line[strcspn(line, "\n")] = '\0';
	see_device(search, files_last_part(line));
}

/* Where the descriptor leads to, whatever it is called there; asks no server of network files. */
static void see_node(struct search *search, int fds, const char *fd)
{
	struct statx status;

	if (statx(fds, fd, AT_STATX_DONT_SYNC, STATX_TYPE, &status) != 0 ||
	    !S_ISCHR(status.stx_mode))
		return;
	for (size_t i = 0; i < search->node_count; i++) {
		const struct node *node = &search->nodes[i];

		if (node->major == status.stx_rdev_major && node->minor == status.stx_rdev_minor)
			search->claims[node->claim].seen = true;
	}
}

static bool is_refusal(int code)
{
	return code == EACCES || code == EPERM;
}

/* Most descriptors are dismissed by their name: it costs no more than reading it. */
static void see_fd(struct search *search, int process, int fds, const char *fd, bool *has_kvm)
{
	char target[PATH_MAX];

	if (!files_link(fds, fd, target, sizeof(target))) {
		search->denied = search->denied || is_refusal(errno);
		return;
	}
	if (!strcmp(target, "anon_inode:kvm-vm"))
		*has_kvm = true;
	if (!strncmp(target, "/dev/", 5) || strstr(target, "vfio"))
		see_node(search, fds, fd);
	if (strstr(target, "vfio"))
		see_fdinfo(search, process, fd);
}

static bool see_fds(struct search *search, int process, bool *has_kvm)
{
	DIR *stream = files_open_stream(process, "fd");
	const struct dirent *entry;
	bool any = false;

	if (!stream) {
		search->denied = search->denied || is_refusal(errno);
		return false;
	}
	for (size_t i = 0; i < search->claim_count; i++)
		search->claims[i].seen = false;
	while ((entry = readdir(stream))) {
		if (entry->d_name[0] != '.')
			see_fd(search, process, dirfd(stream), entry->d_name, has_kvm);
	}
	closedir(stream);
	for (size_t i = 0; i < search->claim_count; i++)
		any = any || search->claims[i].seen;
	return any;
}

/* ---- its memory ---- */

/* The number behind "\nVmLck:\t", or VALUE_UNKNOWN. */
static uint64_t status_number(const char *status, const char *key, bool hex)
{
	const char *at = strstr(status, key), *end;
	uint64_t value;

	if (!at || at == status || at[-1] != '\n')
		return VALUE_UNKNOWN;
	at += strlen(key);
	at += strspn(at, " \t");
	if (!(hex ? parse_hex : parse_decimal)(at, &end, &value))
		return VALUE_UNKNOWN;
	return value;
}

/*
 * What the kernel counts against RLIMIT_MEMLOCK: type1 adds what it pins to locked_vm, which is
 * VmLck (vfio_lock_acct in drivers/vfio/vfio_iommu_type1.c, __account_locked_vm in mm/util.c);
 * iommufd counts it for the user and shows it in pinned_vm, VmPin (do_update_pinned in drivers/
 * iommu/iommufd/pages.c, 6.2 and later). Each is held against the limit by itself, so it is the
 * larger one that is near it.
 */
static uint64_t locked_memory(const char *status)
{
	uint64_t locked = status_number(status, "VmLck:", false);
	uint64_t pinned = status_number(status, "VmPin:", false);

	if (locked == VALUE_UNKNOWN || (pinned != VALUE_UNKNOWN && pinned > locked))
		return pinned;
	return locked;
}

/* Both let who has CAP_IPC_LOCK pass (capable() asks in the first user namespace alone). */
static bool may_lock_all(int process, const char *status)
{
	uint64_t capabilities = status_number(status, "CapEff:", true);
	char target[64];

	return capabilities != VALUE_UNKNOWN && (capabilities >> CAP_IPC_LOCK & 1) &&
	       files_link(process, "ns/user", target, sizeof(target)) &&
	       !strcmp(target, FIRST_USER_NAMESPACE);
}

/* The soft limit: "Max locked memory         8388608              unlimited            bytes". */
static uint64_t locked_limit(int process)
{
	static const char key[] = "\nMax locked memory ";
	char text[STATUS_SIZE];
	const char *at, *end;
	uint64_t bytes;

	files_read(process, "limits", text, sizeof(text));
	at = strstr(text, key);
	if (!at)
		return VALUE_UNKNOWN;
	at += strlen(key);
	at += strspn(at, " ");
	if (!strncmp(at, "unlimited ", 10))
		return NO_LIMIT_KIB;
	if (!parse_decimal(at, &end, &bytes))
		return VALUE_UNKNOWN;
	return bytes / 1024 < NO_LIMIT_KIB ? bytes / 1024 : NO_LIMIT_KIB;
}

static void describe_memory(int process, struct holder *holder)
{
	char status[STATUS_SIZE];

	files_read(process, "status", status, sizeof(status));
	holder->locked_kib = locked_memory(status);
	holder->limit_kib = may_lock_all(process, status) ? NO_LIMIT_KIB : locked_limit(process);
}

/* False when it is gone. */
static bool describe(int process, struct holder *holder)
{
	char *cmdline = xmalloc(CMDLINE_SIZE);
	size_t size = files_read(process, "cmdline", cmdline, CMDLINE_SIZE);
	char cgroup[CGROUP_SIZE];

	files_read(process, "cgroup", cgroup, sizeof(cgroup));
	if (!vm_name_read(cmdline, size, cgroup, holder->vm, sizeof(holder->vm)))
		holder->vm[0] = '\0';
	free(cmdline);
	files_read(process, "comm", holder->name, sizeof(holder->name));
	holder->name[strcspn(holder->name, "\n")] = '\0';
	describe_memory(process, holder);
	return holder->name[0];
}

static bool is_better(const struct holder *holder, const struct holder *former)
{
	if (former->process == NO_PROCESS || holder->has_kvm != former->has_kvm)
		return former->process == NO_PROCESS || holder->has_kvm;
	return holder->process < former->process;
}

/* All through one descriptor of its directory: should the id go to another process meanwhile, there
 * is nothing to read there any more. */
static void look_at_process(struct search *search, const char *name)
{
	struct holder holder = {0};
	uint64_t id;
	int process;

	if (!parse_decimal(name, NULL, &id) || id > INT32_MAX)
		return;
	process = files_open_directory(search->procfs, name);
	if (process < 0)
		return;
	holder.process = (uint32_t)id;
	if (see_fds(search, process, &holder.has_kvm) && describe(process, &holder)) {
		for (size_t i = 0; i < search->claim_count; i++) {
			struct claim *claim = &search->claims[i];

			if (claim->seen && is_better(&holder, &claim->holder))
				claim->holder = holder;
		}
	}
	close(process);
}

static void look_at_processes(struct search *search)
{
	DIR *stream = files_open_stream(search->procfs, ".");
	const struct dirent *entry;

	/* With hidepid=2 others are not refused, but not there: then the first one is not. */
	search->denied = faccessat(search->procfs, "1", F_OK, 0) != 0;
	while (stream && (entry = readdir(stream)))
		look_at_process(search, entry->d_name);
	if (stream)
		closedir(stream);
}

/* ---- telling ---- */

static void tell_process(struct topology *read, const struct holder *holder)
{
	struct topology_item *item = topology_add(read, SUBJECT_PROCESS, NULL, holder->process);

	topology_set_text(item, ATTR_PROCESS_NAME, holder->name);
	if (holder->vm[0])
		topology_set_text(item, ATTR_PROCESS_VM, holder->vm);
	topology_set_number(item, ATTR_PROCESS_LOCKED, holder->locked_kib);
	topology_set_number(item, ATTR_PROCESS_MEMLOCK, holder->limit_kib);
}

static void tell_holder(struct topology *read, const struct claim *claim)
{
	for (size_t i = 0; i < read->count; i++) {
		struct topology_item *item = &read->items[i];

		if (item->subject == SUBJECT_GROUP && item->id == claim->group) {
			topology_set_number(item, ATTR_GROUP_HOLDER, claim->holder.process);
			tell_process(read, &claim->holder);
			return;
		}
	}
}

static enum health_state tell(const struct search *search, struct topology *read, char *reason,
                              size_t size)
{
	bool missing = false;

	for (size_t i = 0; i < search->claim_count; i++) {
		const struct claim *claim = &search->claims[i];

		if (claim->holder.process == NO_PROCESS)
			missing = true;
		else
			tell_holder(read, claim);
	}
	if (!missing || !search->denied)
		return HEALTH_OK;
	snprintf(reason, size,
	         "run it with sudo (CAP_SYS_PTRACE): no permission to see which process holds a "
	         "group");
	return HEALTH_PARTIAL;
}

static enum health_state search_holders(struct search *search, const struct owners *owners,
                                        struct topology *read, char *reason, size_t size)
{
	search->procfs = files_open_directory(AT_FDCWD, owners->procfs);
	if (search->procfs < 0) {
		snprintf(reason, size, "cannot read %s: %s", owners->procfs, strerror(errno));
		return HEALTH_OFF;
	}
	if (!owners_see_all(owners->procfs)) {
		snprintf(reason, size,
		         "run it in the host's pid namespace (docker: --pid=host): process ids in "
		         "traces are the host's");
		return HEALTH_OFF;
	}
	search->sysfs = files_open_directory(AT_FDCWD, owners->sysfs);
	find_group_nodes(search);
	find_device_nodes(search);
	look_at_processes(search);
	return tell(search, read, reason, size);
}

enum health_state owners_read(const struct owners *owners, struct topology *read, char *reason,
                              size_t size)
{
	struct search search = {.read = read, .procfs = -1, .sysfs = -1};
	enum health_state state = HEALTH_OK;

	reason[0] = '\0';
	find_claims(&search);
	if (search.claim_count)
		state = search_holders(&search, owners, read, reason, size);
	if (search.procfs >= 0)
		close(search.procfs);
	if (search.sysfs >= 0)
		close(search.sysfs);
	free(search.claims);
	free(search.nodes);
	return state;
}

bool owners_see_all(const char *procfs)
{
	static const char *const processes[] = {"self", "1"};
	char path[PATH_MAX], target[64];

	for (size_t i = 0; i < ARRAY_SIZE(processes); i++) {
		snprintf(path, sizeof(path), "%s/%s/ns/pid", procfs, processes[i]);
		if (files_link(AT_FDCWD, path, target, sizeof(target)) &&
		    !strcmp(target, FIRST_PID_NAMESPACE))
			return true;
	}
	/* A kernel without pid namespaces has but one set of ids, and no such link. */
	snprintf(path, sizeof(path), "%s/self/ns", procfs);
	if (access(path, F_OK) != 0)
		return false;
	snprintf(path, sizeof(path), "%s/self/ns/pid", procfs);
	return !files_link(AT_FDCWD, path, target, sizeof(target)) && errno == ENOENT;
}

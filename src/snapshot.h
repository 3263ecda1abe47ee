/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_SNAPSHOT_H
#define IOMMUTOP_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event.h"

/*
 * Door 2: what the model knows, as plain data that no longer changes. Views and sinks read it and
 * nothing else. Every figure says how far it can be believed.
 */

enum known {
	KNOWN_NOT,      /* nobody can say: '-', JSON null */
	KNOWN_EXACT,    /* counted, nothing missed */
	KNOWN_AT_LEAST, /* something was lost, suppressed or switched off meanwhile */
	KNOWN_OFF       /* its class is switched off in the kernel */
};

struct count {
	uint64_t n;
	enum known known;
};

struct rate {
	double per_s;
	enum known known;
};

/* A text of the snapshot: an offset into its pool. 0 is none. */
typedef uint32_t text_id;

#define NO_GROUP          UINT32_MAX
#define NO_NUMBER         UINT32_MAX
#define TRAFFIC_CELLS     60
#define TREND_UNKNOWN     -1.0f /* nobody watched in this interval */
#define HEALTH_REASON_MAX 200
#define COMM_MAX          16
#define NO_DOMAIN         UINT32_MAX
#define NO_PROCESS        UINT32_MAX
#define NO_FAULT          0 /* rows of faults are numbered from 1 */

/* Not one domain, but all that were freed and are no longer told one by one. */
#define DOMAIN_FORMER (UINT32_MAX - 1)

/* How it is known whose domain it is; the first of them that holds. */
enum named_by {
	NAMED_NOT,
	NAMED_SNAPSHOT, /* the kernel told the group's domain when asked */
	NAMED_ATTACH,   /* its attach was seen */
	NAMED_DMA_CALL, /* the device in the DMA-API call around a map */
	NAMED_TASK,     /* the process of the task that maps */
	NAMED_BY_COUNT
};

/* "start-up", "attach", ... */
extern const char *const named_by_words[NAMED_BY_COUNT];

struct traffic {
	struct count maps, unmaps, map_bytes, unmap_bytes;
	struct rate maps_per_s, unmaps_per_s, map_bytes_per_s, unmap_bytes_per_s;
};

struct snapshot_health {
	enum health_state state;
	char reason[HEALTH_REASON_MAX]; /* empty when there is nothing to say */
};

struct snapshot_class {
	bool known; /* false: no source can deliver this class */
	bool on;
};

struct snapshot_unit {
	text_id name, vendor;
	struct count invalidations; /* since the start */
	struct rate invalidations_per_s;
	uint32_t address_bits; /* of an iova; NO_NUMBER */
};

/* Of the machine as a whole; 0 and NO_NUMBER where not known. */
struct snapshot_machine {
	text_id options, options_unknown, acpi, lockdown, remapping, vfio;
	text_id boot_type, boot_policy, boot_said, boot_trace;
	uint32_t physical_bits, dma_entries, driverctl, log_since_boot;
};

struct snapshot_device {
	text_id name;       /* 0000:00:02.0, or what its bus calls it */
	text_id model;      /* vendor and device in words */
	text_id class_name; /* "Ethernet controller" */
	text_id driver, bus, unit;
	uint32_t group;                                      /* NO_GROUP: behind no IOMMU */
	uint32_t class_code, vendor_id, device_id, revision; /* NO_NUMBER where unknown */
	uint32_t slow_s; /* sysfs has not answered about it for so long; 0: it did */
	/* as the ATTRs of these names have them */
	text_id parent, physfn, host_use, reset, power, override, bars;
	uint32_t vfs, numa;
	/* only after somebody looked (sysfs_look), else 0 and NO_NUMBER */
	text_id config, port, acs, features, link;
	uint32_t multifunction;
};

struct snapshot_group {
	uint32_t id;
	text_id default_type, name;
	text_id reserved; /* "direct 0x0-0xfff,msi 0xfee00000-0xfeefffff"; 0: not known */
	uint32_t first_device, device_count; /* its slice of devices */
	uint32_t slow_s;
	/* Numbers of domains, NO_DOMAIN where not known. The one now need not be among domains: an
	 * identity domain has no traffic, yet it has a row. */
	uint32_t domain, default_domain;
	uint32_t holder; /* a process, NO_PROCESS */
};

struct snapshot_process {
	uint32_t id;
	text_id name, vm;                 /* vm: 0 for what is no virtual machine */
	uint32_t locked_kib, memlock_kib; /* NO_NUMBER; a limit of MEMLOCK_NONE is none */
};

#define MEMLOCK_NONE (UINT32_MAX - 1)

struct snapshot_domain {
	uint32_t id;      /* DOMAIN_UNATTRIBUTED, 1 and up, DOMAIN_FORMER; in this order */
	uint8_t type;     /* enum domain_type */
	uint8_t named_by; /* enum named_by */
	bool vfio;        /* unmanaged or nested, and a holder or a vfio driver is seen */
	bool freed;
	bool old_dma;     /* type DMA of a kernel before 5.15, which flushes lazily or not */
	uint32_t process; /* that holds its groups or does its maps, NO_PROCESS */
	text_id process_name, vm; /* of it, as last known */
	/* slices of domain_groups and domain_devices: attached now; of one that has nothing
	 * attached, freed or not: those it had last. The one that names it best is first. */
	uint32_t first_group, group_count;
	uint32_t first_device, device_count;
	/* on the timeline; 0: not seen */
	uint64_t first_seen_ns, attached_ns, replaced_ns, freed_ns;
	struct traffic traffic;
	struct count failed_maps;
	/* mapped and not unmapped since complete_since_ns; 0: nobody can say */
	struct count outstanding_bytes;
	uint64_t complete_since_ns;
	/* stretches of pages side by side that are mapped; each may be several mappings of the
	 * caller's. Of domains of VFIO's and its like only. */
	struct count mappings;
	/* time between the call and the changed page table, of all since the start; 0: not known */
	uint32_t map_mean_ns, map_p99_ns, unmap_mean_ns, unmap_p99_ns;
	uint64_t maps_timed, unmaps_timed, map_inside_ns, unmap_inside_ns; /* what they are of */
	uint32_t sizes;             /* into domain_sizes; NO_NUMBER: not wanted, or no traffic */
	uint8_t cells;              /* how many of trend are filled, oldest first */
	float trend[TRAFFIC_CELLS]; /* maps and unmaps a second, one cell a tick */
};

#define SIZE_BUCKETS  52 /* by log2: sizes from 4 KiB (12) to 2^63, those below in the first */
#define SIZE_LOG2_MIN 12
#define TOP_TASKS     8
#define TOP_ERRORS    4
#define TOP_CALLERS   16

/* Maps and unmaps of a domain by log2 of their size, as in struct snapshot_detail. */
struct snapshot_sizes {
	uint64_t maps[SIZE_BUCKETS], unmaps[SIZE_BUCKETS];
};

struct snapshot_task {
	int32_t pid;
	char comm[COMM_MAX];
	uint64_t maps, unmaps;
};

struct snapshot_error {
	int32_t error; /* errno value; 0: not known */
	uint64_t count;
};

struct snapshot_caller {
	text_id name;
	uint64_t count;
};

/* What only the screen of one domain shows; of the domain that was wanted. */
struct snapshot_detail {
	uint32_t domain; /* NO_DOMAIN: of none */
	uint64_t map_sizes[SIZE_BUCKETS], unmap_sizes[SIZE_BUCKETS];
	uint64_t pages_4k, pages_2m, pages_1g; /* maps by the largest page that alignment allowed */
	uint64_t unmap_asked_bytes, unmap_done_bytes;
	uint64_t small_unmaps; /* of 4 KiB */
	/* Unmaps seen one by one; the three before, and pages, are of events that were. */
	uint64_t unmaps_seen;
	/* of maps and unmaps; UINT64_MAX where not known (counts mode has none of these) */
	uint64_t in_interrupt, need_resched, context_total;
	uint64_t context_unknown;              /* so many more, of which nobody says */
	struct snapshot_task tasks[TOP_TASKS]; /* most first */
	size_t task_count;
	bool tasks_exact; /* no task was too many to count */
	struct snapshot_error errors[TOP_ERRORS];
	size_t error_count;
	struct snapshot_caller callers[TOP_CALLERS]; /* most first */
	size_t caller_count;
	uint64_t callers_s; /* for so long they were watched; 0: never */
};

enum transition_kind {
	TRANSITION_AWAY,  /* a device left its default domain; back_ns: it came back */
	TRANSITION_START, /* the first burst of maps of a domain: a guest's memory */
	TRANSITION_END,   /* its last burst of unmaps */
	TRANSITION_KIND_COUNT
};

extern const char *const transition_words[TRANSITION_KIND_COUNT];

/* A device's way from the host to a guest and back, and what it cost. */
struct snapshot_transition {
	uint64_t id; /* counts up */
	uint8_t kind;
	uint8_t from_type, to_type;      /* AWAY: enum domain_type */
	bool changed;                    /* in the interval that just ended */
	bool at_least;                   /* START, END: something was lost meanwhile */
	bool attempts;                   /* START, END: some of them may have failed */
	uint32_t group;                  /* NO_GROUP */
	uint32_t from_domain, to_domain; /* START, END: to_domain */
	uint32_t process;
	text_id device, process_name, vm; /* as they were then */
	/* AWAY: left (0: before watching began), back (0: not yet); else the burst's */
	uint64_t begin_ns, end_ns;
	/* START, END */
	uint64_t count, bytes;
	uint64_t inside_ns;    /* 0: not known, or not of all of them */
	uint8_t common_log2;   /* the most frequent size */
	uint64_t common_count; /* so many had it */
	uint64_t common_bytes; /* exactly this; 0: up to below twice as much */
};

/*
 * What is known of the address of a fault from the maps and unmaps of the device's domain. Only
 * what holds for certain; times on the timeline.
 */
enum verdict_kind {
	VERDICT_NOT_ASKED, /* there is nothing to ask: no address, no domain, an interrupt */
	VERDICT_NOT_KNOWN, /* not mapped by what was seen since since_ns; before that nobody looked
	                    */
	VERDICT_NEVER,     /* nothing was mapped there since since_ns, when the domain was new */
	VERDICT_MAPPED,    /* it is mapped now; what for is not known */
	VERDICT_DIRECTION, /* it is mapped, but not for that direction */
	VERDICT_UNMAPPED,  /* it was mapped until at_ns */
	VERDICT_AFTER,     /* it is in the page behind a mapping, or in its last one */
	VERDICT_RESERVED,  /* it lies in a reserved region of the group */
	VERDICT_IDENTITY,  /* the domain translates nothing */
	VERDICT_BLOCKED,   /* the domain lets nothing through */
	VERDICT_COUNT
};

extern const char *const verdict_words[VERDICT_COUNT];

struct snapshot_verdict {
	uint8_t kind;
	bool uncertain;     /* it happened so close to the fault that either may have been first */
	bool unkept;        /* NOT_KNOWN: maps and unmaps are not remembered, as was asked for */
	uint8_t protection; /* DIRECTION: enum map_protection */
	int32_t pid; /* the task that made that map or unmap; 0: not known, or an interrupt did */
	char comm[COMM_MAX]; /* its name then */
	uint32_t domain;     /* NO_DOMAIN */
	/* of that map or unmap; of a mapping that is several side by side: of the newest */
	uint64_t at_ns;
	/* how far back can be seen; 0: not at all, as maps are not seen one by one */
	uint64_t since_ns;
	uint64_t iova, size_bytes; /* of that mapping */
};

/*
 * Pages (or indices, of interrupts) of all faults of a row. RANGE: each of them was at most 64 away
 * from those that came before it.
 */
enum fault_addresses { ADDRESSES_NONE, ADDRESSES_ONE_PAGE, ADDRESSES_RANGE, ADDRESSES_SCATTERED };

/* All faults of one device, reason and direction: a row. */
struct snapshot_fault {
	uint64_t id; /* counts up over the life of the program */
	uint64_t first_ns, last_ns;
	uint64_t count, count_before; /* since the start; and older than that */
	double per_s;                 /* of the last interval */
	text_id device, reason;       /* as the message has them */
	uint32_t device_index;        /* into devices, NO_NUMBER if it is none of them */
	bool ambiguous;               /* no segment in the log, and several devices fit */
	bool guessed;                 /* the device was found by its stream id, which is a guess */
	bool behind;                  /* the requester is a bridge: a device behind it asked */
	bool before_start;            /* all of them are older than this program's watching */
	bool logged, traced;          /* who told: log, tracepoint, or both */
	uint32_t pasid, stream;       /* of the newest */
	uint16_t code;
	uint8_t direction, dialect, flags; /* as in struct event, of the newest */
	uint8_t addresses;                 /* enum fault_addresses */
	uint64_t iova;                     /* of the newest */
	uint64_t lowest, highest;          /* of all */
	struct snapshot_verdict verdict;   /* of the newest */
};

/* One fault of the row that was wanted. */
struct snapshot_occurrence {
	uint64_t id; /* counts up within the row */
	uint64_t ts_ns, iova;
	uint32_t pasid;
	uint8_t flags;
	bool before_start, logged, traced;
	struct snapshot_verdict verdict;
};

/* What else the kernel's log says. */
struct snapshot_note {
	uint64_t id, ts_ns;
	text_id device, text;
	uint32_t device_index; /* NO_NUMBER */
	uint8_t topic, level;
	bool before_start;
};

struct snapshot_log {
	uint64_t id, ts_ns;
	uint64_t iova, size_bytes, unmapped_bytes; /* LOST: size_bytes is the count */
	text_id device, text;
	uint32_t group, domain;
	uint32_t inside_ns; /* MAP, UNMAP; 0: not known */
	uint32_t pasid;     /* ATTACH, ATTACH_FAILED; 0: the device itself */
	int32_t pid;
	uint16_t cpu;
	uint8_t kind;        /* MAP UNMAP ATTACH DETACH GROUP_ADD GROUP_LEAVE FAULT LOST CLASS ATTR
	                        (driver) MAP_FAILED ATTACH_FAILED COLLECT MISSED, TICK for a
	                        transition, START for where watching began, if text tells of before */
	int32_t error;       /* MAP_FAILED, ATTACH_FAILED */
	uint64_t transition; /* TICK: the id of a transition, which may go on */
	bool returned;       /* TICK: the line of its end */
	uint8_t context, detail; /* detail: direction, class and on/off, source */
	bool exact;
	char comm[COMM_MAX];
};

struct snapshot {
	/* time */
	uint64_t now_ns, wall_ns, start_ns, interval_ns; /* 0: not known yet */
	/* What the wall clock showed at 0 of the timeline; steady, so that times on show do not
	 * flicker with the moment at which each tick read the clock. */
	uint64_t origin_wall_ns;
	uint64_t ticks;

	text_id kernel, host;
	struct snapshot_machine machine;
	struct snapshot_health health[SOURCE_COUNT];
	struct snapshot_class classes[CLASS_COUNT];
	enum collect_mode collect;
	text_id collect_reason;
	bool collect_asked, collect_attempts; /* as in struct event */
	bool attempts_ever;                   /* totals of domains hold attempts, if not of now */
	/* what watching took of one processor, 0 to 1 and more: ours, the kernel's (estimated) */
	struct rate cost_own, cost_kernel;
	struct count missed, missed_now; /* hits that probes could not take */
	struct count failed_maps;
	/* COLLECT_COUNTS with attempts: asked for, less what really was, since the start */
	struct count map_attempts_over;
	bool topology_known; /* the first walk of sysfs has ended */
	bool topology_cut;   /* more units, groups or devices were told of than there is room for */

	struct traffic traffic; /* all domains together */
	struct count faults, suppressed, lost, late, unattributed;
	struct rate faults_per_s;
	/* faults that the log told since the start, beside the units' fault interrupts since then:
	 * each is at least one fault, or an error of the unit */
	struct count faults_logged, fault_interrupts;
	uint64_t overflows;    /* times a unit said that its own queue of faults was full */
	uint64_t rows_dropped; /* rows of faults that gave way to newer ones */
	uint64_t lost_of_log;  /* so many of lost are lines of the kernel's log */
	struct count lost_now, late_now; /* of the interval that just ended */

	struct snapshot_unit *units;
	size_t unit_count, unit_capacity;
	/* groups by number; devices by group and name, those behind no IOMMU last */
	struct snapshot_group *groups;
	size_t group_count, group_capacity;
	struct snapshot_device *devices;
	size_t device_count, device_capacity;
	struct snapshot_domain *domains; /* by number */
	size_t domain_count, domain_capacity;
	uint32_t *domain_groups; /* numbers of groups */
	size_t domain_group_count, domain_group_capacity;
	text_id *domain_devices;
	size_t domain_device_count, domain_device_capacity;
	struct snapshot_sizes *domain_sizes;
	size_t domain_size_count, domain_size_capacity;
	struct snapshot_process *processes; /* by id */
	size_t process_count, process_capacity;
	uint64_t devices_left, devices_back;     /* journeys that began and ended since the start */
	struct snapshot_transition *transitions; /* oldest first */
	size_t transition_count, transition_capacity;
	struct snapshot_detail detail;
	/* rows by when they were made, oldest first */
	struct snapshot_fault *faults_seen;
	size_t fault_count, fault_capacity;
	/* of the fault that was wanted, oldest first */
	uint64_t fault_wanted; /* NO_FAULT: none */
	struct snapshot_occurrence *occurrences;
	size_t occurrence_count, occurrence_capacity;
	uint64_t occurrences_gone; /* of that row, no longer kept */
	/* oldest first */
	struct snapshot_note *notes;
	size_t note_count, note_capacity;
	struct snapshot_log *log;
	size_t log_count, log_capacity;

	char *pool; /* names, and behind them the lines of notes */
	size_t pool_bytes, pool_capacity;
	size_t pool_names_bytes;
	uint64_t topology_version; /* of the devices and groups held here; 0: none yet */
};

/* Never NULL; "" for 0. */
const char *snapshot_text(const struct snapshot *snap, text_id text);
/* NULL where there is none. */
const struct snapshot_group *snapshot_group_by_id(const struct snapshot *snap, uint32_t id);
const struct snapshot_domain *snapshot_domain_by_id(const struct snapshot *snap, uint32_t id);
const struct snapshot_process *snapshot_process_by_id(const struct snapshot *snap, uint32_t id);
const struct snapshot_transition *snapshot_transition_by_id(const struct snapshot *snap,
                                                            uint64_t id);

/* "vm1 (qemu-system-x86 1234)", "dpdk-testpmd 88"; name and vm may be 0. "" for NO_PROCESS. Returns
 * out. */
char *snapshot_process_words(const struct snapshot *snap, uint32_t id, text_id name, text_id vm,
                             char *out, size_t size);

/*
 * What a person knows a domain by, into out: "vm1 (qemu-system-x86 1234)" where it is VFIO's or no
 * device is known, "0000:00:04.0 nvme",
 * "0000:02:00.0 and 1 more", "unattributed", "domain 7" where nobody knows. Returns out.
 */
char *snapshot_domain_name(const struct snapshot *snap, const struct snapshot_domain *domain,
                           char *out, size_t size);
/* The same without what is another one after a boot, numbers of processes and domains: "vm1",
 * "dpdk-testpmd", "domains without a name". For recordings side by side. Returns out. */
char *snapshot_domain_label(const struct snapshot *snap, const struct snapshot_domain *domain,
                            char *out, size_t size);
/* Its type as people say it: "DMA lazy", "VFIO", "unmanaged", "identity", "blocked", "-". */
const char *snapshot_domain_type(const struct snapshot_domain *domain);
/* The type of the domain a group is attached to now, in words; "-" where it is not known. */
const char *snapshot_group_now(const struct snapshot *snap, const struct snapshot_group *group);
/* The DMA API of this kernel maps past the tracepoints: Intel up to 5.10, AMD up to 5.4. */
bool snapshot_domain_is_invisible(const struct snapshot *snap,
                                  const struct snapshot_domain *domain);

/* By its bus or, where that was not told, by what only PCI devices have. */
bool snapshot_device_is_pci(const struct snapshot *snap, const struct snapshot_device *device);
/* The device called so, NULL if there is none now. */
const struct snapshot_device *snapshot_device_by_name(const struct snapshot *snap, text_id name);
/* The group a device is in (NO_GROUP if it is not known or in none). index may be NO_NUMBER. */
uint32_t snapshot_group_of(const struct snapshot *snap, uint32_t device_index);
/* The first of the devices of a group; NULL where it has none. */
const struct snapshot_device *snapshot_devices_of(const struct snapshot *snap,
                                                  const struct snapshot_group *group);
/* Devices behind no IOMMU: the tail of the array; *first is NULL where there are none. */
size_t snapshot_ungrouped(const struct snapshot *snap, const struct snapshot_device **first);

/* "6.1.0-56-amd64" against 5.15: from this version on. Unreadable text counts as new. */
bool release_is_at_least(const char *release, unsigned int major, unsigned int minor);
/* Units of this vendor have a DMA API that maps past the tracepoints. */
bool release_hides_dma(const char *release, const char *vendor);
bool snapshot_kernel_at_least(const struct snapshot *snap, unsigned int major, unsigned int minor);

/* A group's type as people say it: "DMA lazy" for DMA-FQ; "-" where it is not known. */
const char *snapshot_type_words(const struct snapshot *snap, text_id type);

/* A copy that lives on its own, for what is compared later. */
void snapshot_copy(struct snapshot *to, const struct snapshot *from);
void snapshot_release(struct snapshot *snap);

#endif

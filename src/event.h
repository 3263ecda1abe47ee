/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_EVENT_H
#define IOMMUTOP_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Door 1: what sources tell the model. The model changes through nothing else, so the stream of
 * events is the program's whole life: a recording is a copy of it, a replay is one more source.
 */

/*
 * kind, the letter that starts its line in a recording. What is told of the very time of START was
 * so before: a count that is told then is where counting begins.
 */
#define EVENT_KINDS(X)                                                                \
	X(TICK, 't')          /* an interval ends here */                             \
	X(START, 'S')         /* watching begins: what is older happened before */    \
	X(LOST, 'L')          /* records that a source could not deliver */           \
	X(LATE, 'l')          /* events that came after their time had passed */      \
	X(MAP, 'm')           /* iommu:map */                                         \
	X(UNMAP, 'u')         /* iommu:unmap */                                       \
	X(ATTACH, 'a')        /* iommu:attach_device_to_domain */                     \
	X(DETACH, 'd')        /* iommu:detach_device_from_domain, up to 6.2 */        \
	X(GROUP_ADD, 'g')     /* iommu:add_device_to_group */                         \
	X(GROUP_LEAVE, 'G')   /* iommu:remove_device_from_group */                    \
	X(FAULT, 'f')         /* a device did what its page table does not allow */   \
	X(SUPPRESSED, 's')    /* rate-limit tokens that the kernel's log swallowed */ \
	X(ATTR, 'A')          /* a fact about something */                            \
	X(GONE, 'X')          /* something is no longer there */                      \
	X(HEALTH, 'H')        /* how a source is doing */                             \
	X(CLASS, 'C')         /* a class of events was switched on or off */          \
	X(COLLECT, 'M')       /* how maps and unmaps are collected, and why so */     \
	X(MAP_FAILED, 'n')    /* a map that the driver refused */                     \
	X(ATTACH_FAILED, 'r') /* an attach that the driver refused */                 \
	X(COUNTS, 'c')        /* what the kernel's own histograms grew by */          \
	X(MISSED, 'i')        /* hits that a probe of ours could not take */          \
	X(COST, 'w')          /* what watching cost since the last one */             \
	X(CALLER, 'W')        /* who made maps or unmaps of a domain */               \
	X(NOTE, 'k')          /* what else the kernel's log says of IOMMUs and their devices */

enum event_kind {
#define X(name, letter) EVENT_##name,
	EVENT_KINDS(X)
#undef X
		EVENT_KIND_COUNT
};

/* Classes of events a person switches on and off; in the kernel, not on the screen. */
enum event_class { CLASS_GROUP, CLASS_DEVICE, CLASS_MAP, CLASS_UNMAP, CLASS_FAULT, CLASS_COUNT };

/* Lower-case words, in the order of enum event_class. */
extern const char *const event_class_names[CLASS_COUNT];

enum source_id {
	SOURCE_SYSFS,
	SOURCE_TRACE,
	SOURCE_LOG,
	SOURCE_REPLAY,
	SOURCE_PROBES, /* which domain a map or an unmap is for */
	SOURCE_OWNERS, /* which process holds a group */
	SOURCE_COUNT
};

extern const char *const source_names[SOURCE_COUNT];

enum health_state { HEALTH_OFF, HEALTH_STARTING, HEALTH_PARTIAL, HEALTH_OK, HEALTH_STATE_COUNT };

extern const char *const health_state_names[HEALTH_STATE_COUNT];

enum collect_mode {
	COLLECT_NONE,        /* no maps and unmaps reach us */
	COLLECT_TRACEPOINTS, /* the stock tracepoints alone: no domain is known */
	COLLECT_EVENTS,      /* tracepoints and probes, every event crosses to us */
	COLLECT_COUNTS,      /* histograms in the kernel, read once a tick */
	COLLECT_MODE_COUNT
};

extern const char *const collect_mode_names[COLLECT_MODE_COUNT];

/* Which of the two ways to collect a person asked for (--collect, key c). */
enum collect_choice { CHOICE_AUTO, CHOICE_EVENTS, CHOICE_COUNTS, CHOICE_COUNT };

extern const char *const collect_choice_names[CHOICE_COUNT];

/* Where the processor was when an event fired (trace flags of the common fields). */
enum context_flags {
	CONTEXT_HARD_IRQ = 1 << 0,
	CONTEXT_SOFT_IRQ = 1 << 1,
	CONTEXT_NEED_RESCHED = 1 << 2,
	/* It happened before the start and was found in the kernel's own buffer (boot_trace.h): a
	 * line of the log and nothing else. ts_ns is then of that buffer's clock; 0: of one that
	 * is no time, the order alone is known. */
	CONTEXT_BEFORE = 1 << 3,
	CONTEXT_UNKNOWN = 1 << 4, /* nobody says: none of the three above is known */
};

enum fault_direction {
	DIRECTION_UNKNOWN,
	DIRECTION_READ,
	DIRECTION_WRITE,
	DIRECTION_EXECUTE, /* an instruction fetch */
	DIRECTION_COUNT
};

extern const char *const direction_names[DIRECTION_COUNT];

enum fault_flags {
	FAULT_HAS_IOVA = 1 << 0,
	FAULT_NO_SEGMENT = 1 << 1, /* device is bus:device.function; the log named no PCI segment */
	FAULT_INTERRUPT = 1 << 2,  /* interrupt remapping: iova is an index; or, with HAS_IOVA, the
	                              address that the interrupt was written to (AMD) */
	FAULT_HAS_CODE = 1 << 3,
	FAULT_HAS_PASID = 1 << 4,
	FAULT_HAS_STREAM = 1 << 5,  /* device is the IOMMU unit; who asked is this stream of it */
	FAULT_PAGE_MASKED = 1 << 6, /* the address is that of the page, not of the byte */
	FAULT_NAMED = 1 << 7,       /* the kernel itself named the device (DEVICE=, client:) */
};

/* Whose message a fault is: what its code and its reason mean. */
enum fault_dialect {
	FAULT_OTHER, /* the tracepoint's, or a driver's that is not told apart */
	FAULT_VTD,
	FAULT_VTD_INTERRUPT,
	FAULT_AMD,
	FAULT_SMMU, /* v1 and v2 */
	FAULT_SMMU_V3,
	FAULT_VIRTIO,
	FAULT_RISCV,
	FAULT_DIALECT_COUNT
};

extern const char *const fault_dialect_names[FAULT_DIALECT_COUNT];

/*
 * What a NOTE is about: topic, its word in recordings. RAW: a line of an IOMMU driver that nobody
 * knows; DEVICE: a line that names a device and is none of the others.
 */
#define NOTE_TOPICS(X)                                                                      \
	X(RAW, "raw")                                                                       \
	X(DEVICE, "device")                                                                 \
	X(RMRR, "rmrr")                 /* platform RMRR: the device may not be assigned */ \
	X(FIRMWARE, "firmware")         /* firmware wants a 1:1 mapping of it */            \
	X(NO_REMAPPING, "no_remapping") /* no interrupt remapping */                        \
	X(MEMLOCK, "memlock")           /* RLIMIT_MEMLOCK exceeded */                       \
	X(AER, "aer")                   /* a PCIe error report */                           \
	X(RESET, "reset")               /* it does not come back from a reset */            \
	X(BAR, "bar")                   /* vfio-pci could not have or restore a BAR */      \
	X(ROM, "rom")                   /* its ROM cannot be read */                        \
	X(INVALIDATION, "invalidation") /* the unit did not finish an invalidation */       \
	X(TABLE, "table")               /* the unit found its own tables wrong */

enum note_topic {
#define X(name, word) NOTE_##name,
	NOTE_TOPICS(X)
#undef X
		NOTE_TOPIC_COUNT
};

extern const char *const note_topic_names[NOTE_TOPIC_COUNT];

enum subject {
	SUBJECT_MACHINE, /* no key */
	SUBJECT_UNIT,    /* name: dmar0 */
	SUBJECT_GROUP,   /* id: group number */
	SUBJECT_DEVICE,  /* name: 0000:00:02.0, a platform device, an mdev's UUID */
	SUBJECT_TASK,    /* id: thread id */
	SUBJECT_DOMAIN,  /* id: our number of it, from 1 */
	SUBJECT_PROCESS, /* id: process id */
	SUBJECT_COUNT
};

/* How the key of a subject is written: nothing, a number, a name. */
enum subject_key { KEY_NONE_NEEDED, KEY_BY_ID, KEY_BY_NAME };

enum value_type { VALUE_NUMBER, VALUE_TEXT };

/*
 * attribute, its subject, the type of its value, its word in recordings.
 * A NULL text or VALUE_UNKNOWN says that the fact is not (or no longer) known or true.
 */
#define ATTRIBUTES(X)                                                                           \
	X(KERNEL, MACHINE, TEXT, "kernel")                                                      \
	X(FAULT_INTERRUPTS, MACHINE, NUMBER, "fault_interrupts") /* of all units since boot */  \
	X(HOST, MACHINE, TEXT, "host")                                                          \
	X(MACHINE_OPTIONS, MACHINE, TEXT, "options")                 /* of its command line */  \
	X(MACHINE_OPTIONS_UNKNOWN, MACHINE, TEXT, "options_unknown") /* as the kernel says */   \
	X(MACHINE_ACPI, MACHINE, TEXT, "acpi")                       /* "DMAR", "IVRS,IORT" */  \
	X(MACHINE_LOCKDOWN, MACHINE, TEXT, "lockdown")               /* "none", "integrity" */  \
	X(MACHINE_REMAPPING, MACHINE, TEXT, "interrupt_remapping")   /* "on", "off" */          \
	X(MACHINE_PHYSICAL_BITS, MACHINE, NUMBER, "physical_bits")   /* of its processors */    \
	X(MACHINE_DMA_ENTRIES, MACHINE, NUMBER, "dma_entry_limit")   /* type1's, a container */ \
	X(MACHINE_DRIVERCTL, MACHINE, NUMBER, "driverctl")           /* 1: it is installed */   \
	X(MACHINE_VFIO, MACHINE, TEXT, "vfio")                       /* machine_facts.h */      \
	X(MACHINE_LOG_SINCE_BOOT, MACHINE, NUMBER, "log_since_boot") /* boot_lines.h */         \
	X(MACHINE_BOOT_TYPE, MACHINE, TEXT, "boot_type")             /* boot_lines.h */         \
	X(MACHINE_BOOT_POLICY, MACHINE, TEXT, "boot_policy")         /* boot_lines.h */         \
	X(MACHINE_BOOT_SAID, MACHINE, TEXT, "boot_said")             /* boot_lines.h */         \
	X(MACHINE_BOOT_TRACE, MACHINE, TEXT, "boot_trace")           /* boot_trace.h */         \
	X(UNIT_VENDOR, UNIT, TEXT, "vendor")                                                    \
	X(UNIT_ADDRESS_BITS, UNIT, NUMBER, "address_bits") /* of an iova */                     \
	X(GROUP_DEFAULT_TYPE, GROUP, TEXT, "default_type")                                      \
	X(GROUP_NAME, GROUP, TEXT, "name")                                                      \
	X(GROUP_SLOW_S, GROUP, NUMBER, "slow_s")                                                \
	X(GROUP_RESERVED, GROUP, TEXT, "reserved") /* "direct 0x0-0xfff,msi 0x...": regions */  \
	X(DEVICE_GROUP, DEVICE, NUMBER, "group")                                                \
	X(DEVICE_BUS, DEVICE, TEXT, "bus")                                                      \
	X(DEVICE_UNIT, DEVICE, TEXT, "unit")                                                    \
	X(DEVICE_NAME, DEVICE, TEXT, "name")                                                    \
	X(DEVICE_CLASS_NAME, DEVICE, TEXT, "class_name")                                        \
	X(DEVICE_DRIVER, DEVICE, TEXT, "driver")                                                \
	X(DEVICE_CLASS, DEVICE, NUMBER, "class") /* 24 bits: base, sub, interface */            \
	X(DEVICE_VENDOR_ID, DEVICE, NUMBER, "vendor_id")                                        \
	X(DEVICE_DEVICE_ID, DEVICE, NUMBER, "device_id")                                        \
	X(DEVICE_REVISION, DEVICE, NUMBER, "revision")                                          \
	X(DEVICE_SLOW_S, DEVICE, NUMBER, "slow_s")   /* sysfs has not answered for so long */   \
	X(DEVICE_PARENT, DEVICE, TEXT, "parent")     /* "0000:00:1c.0"; "pci0000:00": none */   \
	X(DEVICE_PHYSFN, DEVICE, TEXT, "physfn")     /* of a virtual function */                \
	X(DEVICE_VFS, DEVICE, NUMBER, "vfs")         /* virtual functions that it has now */    \
	X(DEVICE_HOST_USE, DEVICE, TEXT, "host_use") /* host_use.h */                           \
	X(DEVICE_RESET, DEVICE, TEXT, "reset")       /* "flr bus"; "none" */                    \
	X(DEVICE_NUMA, DEVICE, NUMBER, "numa")                                                  \
	X(DEVICE_POWER, DEVICE, TEXT, "power")       /* "active", "suspended" */                \
	X(DEVICE_OVERRIDE, DEVICE, TEXT, "override") /* driver_override */                      \
	X(DEVICE_BARS, DEVICE, TEXT, "bars")         /* device_facts.h */                       \
	X(DEVICE_CONFIG, DEVICE, TEXT, "config")     /* how much was read: config_space.h */    \
	X(DEVICE_PORT, DEVICE, TEXT, "port")         /* "root", "endpoint": config_space.h */   \
	X(DEVICE_ACS, DEVICE, TEXT, "acs")           /* "5f/1d" able/on; "none" */              \
	X(DEVICE_FUNCTIONS, DEVICE, NUMBER, "multifunction") /* 1: of several in its slot */    \
	X(DEVICE_FEATURES, DEVICE, TEXT, "features")         /* config_space.h */               \
	X(DEVICE_LINK, DEVICE, TEXT, "link")                 /* config_space.h */               \
	X(TASK_COMM, TASK, TEXT, "comm")                                                        \
	X(TASK_COMM_BEFORE, TASK, TEXT, "comm_before") /* then, of CONTEXT_BEFORE */            \
	X(TASK_PROCESS, TASK, NUMBER, "process")                                                \
	X(UNIT_INVALIDATIONS, UNIT, NUMBER, "invalidations") /* since the start */              \
	X(GROUP_DOMAIN, GROUP, NUMBER, "domain") /* attached now, as the kernel has it */       \
	X(GROUP_DEFAULT_DOMAIN, GROUP, NUMBER, "default_domain")                                \
	X(GROUP_HOLDER, GROUP, NUMBER, "holder")     /* the process that has it open */         \
	X(DOMAIN_TYPE, DOMAIN, NUMBER, "type")       /* enum domain_type */                     \
	X(DOMAIN_DEVICE, DOMAIN, TEXT, "device")     /* seen in a DMA-API call around a map */  \
	X(DOMAIN_TASK, DOMAIN, NUMBER, "task")       /* whose maps these are, without probes */ \
	X(DOMAIN_CALLERS, DOMAIN, NUMBER, "callers") /* CALLERs follow; seconds watched */      \
	X(DOMAIN_ATTACHED, DOMAIN, TEXT, "attached") /* "0000:00:02.0 5": with PASID 5 */       \
	X(PROCESS_NAME, PROCESS, TEXT, "name")                                                  \
	X(PROCESS_VM, PROCESS, TEXT, "vm")                                                      \
	X(PROCESS_LOCKED, PROCESS, NUMBER, "locked_kib")                                        \
	X(PROCESS_MEMLOCK, PROCESS, NUMBER, "memlock_kib") /* its limit; 2^32-2: none */

enum attribute {
#define X(name, subject, type, word) ATTR_##name,
	ATTRIBUTES(X)
#undef X
		ATTRIBUTE_COUNT
};

struct attribute_info {
	const char *word;
	uint8_t subject;
	uint8_t type;
};

extern const struct attribute_info attribute_infos[ATTRIBUTE_COUNT];
extern const char *const subject_names[SUBJECT_COUNT];
extern const uint8_t subject_keys[SUBJECT_COUNT];

#define VALUE_UNKNOWN UINT64_MAX

/* No domain is known for this map or unmap. Domains are numbered from 1, and no number is used
 * again. */
#define DOMAIN_UNATTRIBUTED 0u

/* COUNTS: not one domain's, but what the tracepoint itself counted. */
#define DOMAIN_ALL UINT32_MAX

/* Type of a domain, as struct iommu_domain has it (include/linux/iommu.h, 5.10 to 7.3). */
enum domain_type {
	DOMAIN_TYPE_BLOCKED = 0,
	DOMAIN_TYPE_UNMANAGED = 1, /* VFIO, iommufd, drivers that map by themselves */
	DOMAIN_TYPE_DMA = 3,       /* the DMA API's: each unmap is flushed at once */
	DOMAIN_TYPE_IDENTITY = 4,
	DOMAIN_TYPE_DMA_FQ = 11, /* the DMA API's, flushed later (5.15+) */
	DOMAIN_TYPE_SVA = 16,
	DOMAIN_TYPE_PLATFORM = 32,
	DOMAIN_TYPE_NESTED = 64,
	DOMAIN_TYPE_UNKNOWN = 255
};

/* Protection of a map (IOMMU_READ and on, include/linux/iommu.h), as far as we look at it. */
enum map_protection { MAP_READ = 1 << 0, MAP_WRITE = 1 << 1, MAP_PROTECTION_KNOWN = 1 << 7 };

enum counts_what { COUNTS_MAP, COUNTS_UNMAP, COUNTS_WHAT_COUNT };

extern const char *const counts_what_names[COUNTS_WHAT_COUNT];

/*
 * One event. Texts are borrowed: they live for the call that passes the event on. Hot kinds (TICK,
 * LOST, MAP, UNMAP) carry no pointer.
 */
struct event {
	uint64_t ts_ns; /* the one timeline: the kernel's perf clock (that of printk) */
	uint8_t kind;
	uint8_t context; /* enum context_flags */
	uint16_t cpu;
	int32_t pid;
	union {
		struct {
			uint64_t wall_ns; /* CLOCK_REALTIME at the tick */
		} tick;
		struct {
			uint64_t count; /* with exact false: at least so many */
			uint8_t source;
			bool exact;
		} lost;
		struct {
			uint64_t count;
		} late;
		struct {
			uint64_t iova;
			uint64_t size_bytes;
			uint32_t domain;
			uint32_t inside_ns; /* from the call to the page table changed; 0: not known
			                     */
			uint8_t protection; /* enum map_protection */
		} map;
		struct {
			uint64_t iova;
			uint64_t size_bytes;     /* what the caller asked for */
			uint64_t unmapped_bytes; /* what the page table gave up */
			uint32_t domain;
			uint32_t inside_ns;
			bool undoes; /* takes back what a failed map had done */
		} unmap;
		struct {
			uint64_t iova;
			uint64_t size_bytes; /* what the caller asked for */
			uint32_t domain;
			int32_t error; /* errno value; 0: not known */
		} map_failed;
		struct {
			const char *device; /* NULL: not known, ATTACH_FAILED only */
			uint32_t group;     /* GROUP_ADD and GROUP_LEAVE only */
			uint32_t domain;    /* ATTACH, DETACH, ATTACH_FAILED; 0: not known */
			uint32_t pasid;     /* attaches; 0: the device itself */
			int32_t error;      /* ATTACH_FAILED: errno value; 0: not known */
		} member;
		struct {
			uint64_t hits;
			uint64_t bytes;
			uint32_t domain; /* or DOMAIN_ALL */
			uint8_t what;    /* enum counts_what */
			uint8_t log2;    /* of the size of each: 12 for 4 KiB up to below 8 KiB */
		} counts;
		struct {
			uint64_t count;
		} missed;
		struct {
			uint64_t own_ns;    /* of processor time, ours */
			uint64_t kernel_ns; /* estimate: hits times what one takes; 0 hits: 0 */
		} cost;
		struct {
			const char *name; /* "nvme_map_data [nvme] < nvme_queue_rq [nvme]" */
			uint64_t count;
			uint32_t domain;
		} caller;
		struct {
			const char *device;
			const char *reason; /* as the specification has it, flags in words */
			uint64_t iova;      /* or the interrupt index, with FAULT_INTERRUPT */
			uint32_t pasid;
			uint32_t stream; /* with FAULT_HAS_STREAM: stream id, endpoint */
			uint16_t code;   /* the hardware's reason number */
			uint8_t direction;
			uint8_t source;  /* SOURCE_TRACE or SOURCE_LOG */
			uint8_t flags;   /* enum fault_flags */
			uint8_t dialect; /* enum fault_dialect */
		} fault;
		struct {
			uint64_t
				count; /* rate-limit tokens; with overflow: 0, nobody counts them */
			uint8_t dialect; /* whose faults these were */
			bool overflow;   /* the hardware's own queue was full */
		} suppressed;
		struct {
			const char *device; /* NULL: none is named */
			const char *text;   /* the line */
			uint8_t topic;      /* enum note_topic */
			uint8_t level;      /* of the log: 0 (emergency) to 7 (debug); 255: the log
			                       was pasted without */
		} note;
		struct {
			const char *name; /* key of units and devices */
			const char *text;
			uint64_t value;
			uint32_t id; /* key of groups and tasks */
			uint8_t subject;
			uint8_t attribute; /* ATTR only */
		} attr;                    /* ATTR and GONE */
		struct {
			const char *reason; /* what is missing and what brings it; NULL when ok */
			uint8_t source;
			uint8_t state;
		} health;
		struct {
			uint8_t class;
			bool on;
		} class;
		struct {
			const char *reason; /* why this mode; NULL: there is no other */
			uint8_t mode;
			bool asked;    /* for by a person; else chosen by the rate */
			bool attempts; /* COLLECT_COUNTS: a domain's figures are what was asked for,
			                  successful or not; DOMAIN_ALL has what really was */
		} collect;
	};
};

_Static_assert(sizeof(struct event) <= 64, "an event fits a cache line");

/* Where events go. The callee keeps no pointer of the event. */
struct event_sink {
	void (*emit)(void *context, const struct event *ev);
	void *context;
	/* Maps and unmaps that come by the hundred thousand: some at a time, in their place among
	 * the others. NULL: they are emitted one by one. */
	void (*emit_traffic)(void *context, const struct event *events, size_t count);
};

static inline void event_emit(const struct event_sink *sink, const struct event *ev)
{
	sink->emit(sink->context, ev);
}

/* Has a context, and is a line of the log: what else a record tells (a device that is gone) would
 * be of another time. */
bool event_can_be_before(uint8_t kind);

/* In an interrupt the task is whoever was interrupted: it made nothing. */
static inline bool event_in_interrupt(const struct event *ev)
{
	return ev->context & (CONTEXT_HARD_IRQ | CONTEXT_SOFT_IRQ);
}

/* Comes by the hundred thousand, and has no texts. What is of before the start goes its own way. */
static inline bool event_is_traffic(const struct event *ev)
{
	return (ev->kind == EVENT_MAP || ev->kind == EVENT_UNMAP) &&
	       !(ev->context & CONTEXT_BEFORE);
}

static inline void event_emit_traffic(const struct event_sink *sink, const struct event *events,
                                      size_t count)
{
	if (sink->emit_traffic)
		sink->emit_traffic(sink->context, events, count);
	else
		for (size_t i = 0; i < count; i++)
			sink->emit(sink->context, &events[i]);
}

/* Where nobody listens. */
extern const struct event_sink event_nowhere;

/* Makers of the events that sources speak most. Texts are borrowed from the caller. */
struct event event_attr_text(uint64_t ts_ns, enum attribute attribute, const char *name,
                             uint32_t id, const char *text);
struct event event_attr_number(uint64_t ts_ns, enum attribute attribute, const char *name,
                               uint32_t id, uint64_t value);
struct event event_gone(uint64_t ts_ns, enum subject subject, const char *name, uint32_t id);
struct event event_health(uint64_t ts_ns, enum source_id source, enum health_state state,
                          const char *reason);

/*
 * The texts of an event, for those who store or write events: calls visit(context, &pointer) for
 * each text member of this kind; *pointer may be replaced.
 */
void event_each_text(struct event *ev, void (*visit)(void *context, const char **text),
                     void *context);

/* Copies the texts of an event, which are the caller's from then on; and frees them again. */
void event_own_texts(struct event *ev);
void event_free_texts(struct event *ev);

/*
 * A queue that owns what it holds: first in, first out, texts copied. For events that wait (for
 * their time, or to cross from the worker's thread). All functions abort on lack of memory.
 */
struct event_queue {
	struct event *events;
	size_t first, count, capacity;
};

void event_queue_push(struct event_queue *queue, const struct event *ev);
/* The oldest event, or NULL; it stays valid until event_queue_pop. */
const struct event *event_queue_head(const struct event_queue *queue);
void event_queue_pop(struct event_queue *queue);
void event_queue_release(struct event_queue *queue);

#endif

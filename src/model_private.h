/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_MODEL_PRIVATE_H
#define IOMMUTOP_MODEL_PRIVATE_H

/* The model's inside, for model_*.c alone. Arrays and indices; no pointers into each other. */

#include "model.h"
#include "model_history.h"

/* ---- texts: every name and reason once ---- */

struct text_slot {
	text_id text;    /* 0: free */
	uint32_t device; /* the device of this name, NO_NUMBER */
};

struct texts {
	char *pool; /* NUL-ended texts one after the other; the first is "" */
	size_t bytes, capacity, limit;
	struct text_slot *slots; /* open addressing, a power of two */
	size_t slot_count, used;
};

void model_texts_init(struct texts *texts, size_t limit_bytes);
/* The slot of this text, made if need be; NULL when the pool is full or text is NULL. The pointer
 * holds until the next call. */
struct text_slot *model_texts_intern(struct texts *texts, const char *text);
/* 0 for NULL, "" and a full pool. */
text_id model_texts_id(struct texts *texts, const char *text);

/* ---- topology ---- */

struct unit {
	struct snapshot_unit shown; /* first: attributes are kept by their offsets in it */
	uint64_t before_tick;       /* invalidations */
	uint64_t before_start;      /* the same: what was told as watching began */
	bool counted_before;
};

struct group {
	struct snapshot_group shown; /* first, as in struct unit */
	uint64_t told;               /* when its domain was told last, by attach_sequence */
	uint32_t detached_from;      /* the domain that a detach ended, until the next attach */
	uint64_t sure;               /* of the model's doubts when its domain was told last */
	bool holder_fresh;           /* the holder is of now, not of before it came back */
	bool found;                  /* where it is was told, not seen: it was there before */
	uint64_t journey;            /* its transition that has not ended, 0 */
};

struct topology {
	struct snapshot_machine machine;
	struct unit *units; /* by name */
	size_t unit_count, unit_capacity;
	struct group *groups; /* by number */
	size_t group_count, group_capacity;
	struct snapshot_device *devices; /* in order of appearance */
	size_t device_count, device_capacity;
	/* Devices by group and name, as snapshots have them; slices of groups mean this order. */
	uint32_t *members;
	uint32_t *places;                 /* the other way: where in members a device is */
	size_t member_count;              /* of both, as of when they were sorted */
	uint64_t version;                 /* counts changes, from 1 */
	uint64_t membership, sorted_from; /* the same of who is where, and what members is from */
	bool cut;                         /* there was no room for some */
};

/* ---- domains ---- */

struct traffic_counts {
	uint64_t maps, unmaps, map_bytes, unmap_bytes;
};

/* Quarters of octaves: a value within an eighth of the middle of its bucket. */
#define INSIDE_BUCKETS 124

struct inside {
	uint64_t count, most_ns, sum_ns, buckets[INSIDE_BUCKETS];
};

#define TASK_COUNTERS (2 * TOP_TASKS)

struct task_counter {
	int32_t pid;
	uint32_t process; /* when it came, NO_PROCESS: an id can be another task's later */
	char comm[COMM_MAX];
	uint64_t maps, unmaps;
	uint64_t floor; /* what the one evicted for it had: it may have had as much before */
};

/* The shape of a domain's traffic, of those domains that have any. */
struct figures {
	uint64_t sizes[COUNTS_WHAT_COUNT][SIZE_BUCKETS];
	struct inside inside[COUNTS_WHAT_COUNT];
	uint64_t pages_4k, pages_2m, pages_1g;
	uint64_t asked_bytes, done_bytes, small_unmaps;
	/* of the events that were seen one by one */
	uint64_t seen, unmaps_seen, in_interrupt, need_resched, context_unknown;
	struct task_counter tasks[TASK_COUNTERS];
	size_t task_count;
	bool task_evicted;
	struct snapshot_error errors[TOP_ERRORS];
	size_t error_count;
	struct snapshot_caller callers[TOP_CALLERS];
	size_t caller_count;
	uint64_t callers_s;
};

/* Of one bucket of sizes. Where bytes are count times least_bytes, all had that very size. */
struct burst_size {
	uint64_t count, bytes;
	uint64_t least_bytes; /* none was smaller */
};

/* Maps, or unmaps, that follow each other closely, one by one or counted in the kernel. */
struct burst {
	uint64_t begin_ns, last_ns, count, bytes, inside_ns;
	uint64_t gaps, seams; /* of the model when it began */
	bool inside_unknown;  /* of some of them */
	bool attempts;        /* some were counted before anybody knew of their success */
	bool torn;            /* some may have been counted by nobody */
	struct burst_size sizes[SIZE_BUCKETS];
};

struct bursts {
	struct burst map, unmap;
	bool started; /* the first burst of maps is over */
	bool ended;   /* its end was told, since it was left */
	/* Of one that was freed while the kernel counted: */
	uint8_t ticks_to_wait;    /* its last counts may come so long */
	bool counted_to_end;      /* they have come */
	uint64_t counted_from_ns; /* and are from then on */
};

/* Groups (numbers) or devices (names) of a domain, attached or those it had last. */
struct link {
	uint32_t id;
	bool left;
	uint64_t left_ns;
};

struct links {
	struct link *items;
	size_t count, capacity;
};

enum domain_state { DOMAIN_SLOT_FREE, DOMAIN_LIVING, DOMAIN_FREED };

#define NO_SLOT UINT32_MAX

struct domain {
	uint32_t id;
	uint32_t next; /* slot: the next in its bucket, or of those free */
	uint8_t state; /* enum domain_state */
	uint8_t type;
	bool known_otherwise; /* something but its attach told of it first: it may be old */
	bool born;            /* its attach was the first of it: nothing was mapped before */
	bool partial;         /* some of its traffic may have counted as unattributed */
	bool by_snapshot, by_attach, vfio;
	bool clamped; /* more was unmapped than mapped: some of it was mapped before */
	bool process_by_holder;
	uint32_t process, task;
	text_id process_name, vm, dma_device;
	uint64_t sure; /* of the model's doubts when last seen or told to live */
	uint64_t first_seen_ns, attached_ns, replaced_ns, freed_ns, born_ns;
	struct links groups, devices;
	uint32_t attached; /* so many links of both are not left */

	struct traffic_counts total, before_tick, in_tick;
	uint64_t failed_maps;
	/* of unmanaged ones: stretches that its history has, and of when that is */
	uint64_t stretches, stretches_stamp;
	uint64_t seen_stamp, calm_ticks; /* of the last tick; for so many ticks it is so */
	int64_t balance_bytes;           /* mapped less unmapped, since the gap before */
	uint64_t gaps;                   /* of the model, as of the balance */
	uint64_t born_gaps;              /* of the model when it was born */
	uint64_t unknown_before;         /* model->unknown_domains when it was born */
	uint64_t lost_before;            /* events lost when it was born */
	float trend[TRAFFIC_CELLS];      /* a ring; next is the oldest */
	uint8_t trend_next, trend_filled;
	struct figures *figures; /* NULL before the first traffic */
	struct bursts *bursts;   /* of unmanaged ones with traffic; else NULL */
};

/* Counts of a freed domain come a tick or two after it. */
#define DROPPED_KEPT 64

struct domain_table {
	struct domain *slots; /* the first is DOMAIN_UNATTRIBUTED */
	size_t slot_count, slot_capacity;
	uint32_t *buckets; /* slots, by number of domain */
	size_t bucket_count;
	uint32_t first_free, last_found;
	size_t living;
	uint32_t *former; /* a ring of limits.former slots */
	uint64_t former_next;
	uint64_t former_folded;         /* so many are in the sum */
	uint32_t dropped[DROPPED_KEPT]; /* a ring: numbers of freed ones that have no slot any more
	                                 */
	uint64_t dropped_next;
	struct domain sum; /* DOMAIN_FORMER */
	bool full;         /* there was no room, since the last tick */
	bool overflowed;   /* ever */
};

/* Who is attached to what, as attaches told. */
struct attachment {
	text_id device;
	uint32_t pasid, domain;
	uint64_t sequence;
};

/* What counts mode told, in sums of all times it was on. */
struct counted {
	struct traffic_counts all;      /* DOMAIN_ALL */
	struct traffic_counts domains;  /* the sum over domains */
	struct traffic_counts unknown;  /* counted for no domain */
	struct traffic_counts residual; /* what of the unattributed is from here */
	bool ever, attempts_ever;
};

/* ---- faults ---- */

#define NO_ROW UINT32_MAX

/* What makes faults one row. */
struct fault_key {
	text_id device, reason;
	uint32_t stream; /* 0 where the message has none */
	uint8_t direction;
	bool has_stream, interrupt;
};

struct fault_row {
	struct snapshot_fault shown; /* id NO_FAULT: free */
	struct fault_key key;
	uint32_t next;         /* row: of the same bucket */
	uint32_t newer, older; /* rows: by when they were seen last */
	uint32_t requester;    /* index of a device in the topology, NO_NUMBER */
	uint64_t found_in;     /* this version of the topology */
	uint64_t before_tick;
	bool scattered;
	struct snapshot_occurrence *occurrences; /* a ring of limits.occurrences, when it is full */
	size_t occurrence_capacity;
	uint64_t occurrence_next; /* id of the next */
};

/* A row that need not be the same any more. */
struct fault_place {
	uint32_t row;
	uint64_t id;
};

struct fault_table {
	struct fault_row *rows; /* limits.faults of them */
	size_t used;
	uint32_t *buckets; /* rows, by key */
	size_t bucket_count;
	uint32_t newest, oldest;
	uint64_t next_id, dropped;
};

/* A fault that one of the two told and the other may tell, too. */
struct fault_waiting {
	struct fault_place place;
	uint64_t ts_ns, page, occurrence;
	uint32_t next;  /* number of the one before it of the same hash */
	text_id device; /* by its full name */
	uint8_t direction;
	uint8_t source;
	bool met;
};

/* The row that log lines named last, of one device and direction. */
struct fault_channel {
	struct fault_place place;
	uint64_t dropped_ns; /* one of its faults waits no more, for want of room; 0 */
	text_id device;
	uint8_t direction;
};

/* A line that comes later than this is of another fault. */
#define FAULT_LINE_AFTER_NS 1000000000ull

#define FAULT_WAITING_MAX     4096u
#define FAULT_WAITING_BUCKETS 1024u
#define FAULT_CHANNELS        1024u

struct fault_merge {
	struct fault_waiting *waiting; /* a ring; NULL before the first */
	uint32_t *buckets;             /* numbers of them, the newest of each hash */
	struct fault_channel *channels;
	uint32_t head, tail; /* numbers: of the next, of the oldest that waits */
};

/* ---- the rest ---- */

struct transition {
	struct snapshot_transition shown;
	bool touched;  /* since the last tick */
	bool mapped;   /* AWAY: something was mapped in to_domain */
	uint32_t next; /* AWAY: where it went then, and where nothing is mapped yet */
};

struct class_state {
	bool known, on;
	bool ever_on;
	bool gap;             /* was off for a time: totals miss what happened then */
	bool changed;         /* since the last tick */
	bool changed_in_tick; /* in the interval that the last tick ended */
};

/* A sum since the start, and of the interval that the last tick ended. */
struct losses {
	uint64_t total, since_tick, in_tick;
};

struct task {
	int32_t pid;
	bool used;
	char comm[COMM_MAX];
	uint32_t process; /* NO_PROCESS */
};

struct note {
	struct snapshot_note shown; /* but for its text */
	char *text;
};

/* A ring of limits.notes. */
struct note_ring {
	struct note *notes; /* NULL before the first */
	uint64_t count;     /* so many so far */
};

/* A map or an unmap as it came, or a line of the log. */
struct log_place {
	union {
		struct snapshot_log entry;
		struct {
			struct event ev;
			char comm[COMM_MAX];
		} traffic;
	};
	bool is_traffic;
};

/* A ring of limits.boot, which grows up to that. */
struct boot_ring {
	struct snapshot_log *lines;
	size_t capacity;
	uint64_t count; /* so many so far */
};

/* Ids of lines of the log before the start are below; those of the log itself from there on. */
#define BOOT_IDS (1ull << 32)

/* What happened before the start. */
struct boot {
	struct boot_ring traffic; /* maps and unmaps push nothing else out */
	struct boot_ring others;
	uint64_t next; /* id */
	int32_t pid;   /* of what follows, and its name then */
	char comm[COMM_MAX];
};

struct model {
	struct model_limits limits;
	struct texts texts;
	struct topology topology;
	bool topology_known;
	text_id kernel, host;

	uint64_t start_ns, tick_ns, wall_ns, origin_wall_ns, interval_ns, ticks;
	struct snapshot_health health[SOURCE_COUNT];
	struct class_state classes[CLASS_COUNT];

	enum collect_mode collect;
	text_id collect_reason;
	bool collect_known, collect_asked, collect_attempts;
	bool events_ever;                  /* events mode was on */
	uint64_t own_ns, kernel_ns;        /* cost since the last tick */
	bool cost_told;                    /* since the last tick */
	struct rate cost_own, cost_kernel; /* of the last interval */
	struct losses missed;

	struct domain_table domains;
	struct domain all; /* the machine; id unused */
	struct counted counted;
	uint64_t gaps;            /* times after which nobody knows what is mapped */
	uint64_t gap_ns;          /* the last of them */
	uint64_t unknown_domains; /* times in which maps and unmaps had no domain */
	uint64_t seams;           /* changes of the way to collect */

	struct attachment *attachments;
	size_t attachment_count, attachment_capacity;
	uint64_t attach_sequence;
	uint64_t doubts;  /* times in which attaches and frees may have gone unseen */
	bool groups_told; /* the kernel told the domain of some group */

	struct snapshot_process *processes; /* by id */
	size_t process_count, process_capacity;

	struct transition *transitions; /* a ring of limits.transitions */
	uint64_t transition_next;       /* id of the next, from 1 */
	uint64_t devices_left, devices_back;

	struct losses lost[SOURCE_COUNT];
	uint64_t suppressed;
	uint64_t late, late_before_tick, late_in_tick;
	bool lost_inexact;

	struct fault_table faults;
	struct fault_merge merge;
	uint64_t faults_since_start, faults_before_tick, faults_in_tick;
	uint64_t faults_logged; /* since the start */
	uint64_t overflows;
	bool faults_unsure; /* some may not have been counted */
	uint64_t interrupts_first, interrupts;
	bool interrupts_ever, interrupts_known;
	struct history *history;

	struct note_ring notes[2]; /* [1]: of devices that are in no group, or not yet */
	uint64_t note_next;

	struct log_place *log, *log_end; /* a ring of limits.log */
	uint64_t log_next;               /* id of the next */
	struct log_place *log_at;        /* where it goes */
	const struct task *last_task;    /* of the log; a task makes many events in a row */

	struct boot boot;

	struct task *tasks;
};

/* ---- model_copy: all memory that a model has ---- */

struct owned;

/* Every array above is in one of these two, see owned.h. */
void model_owned(struct model *model, struct owned *owned);
void model_owned_domain(struct domain *domain, struct owned *owned);

/* ---- model_topology ---- */

void model_topology_init(struct topology *topology);
void model_topology_attr(struct model *model, const struct event *ev);
/* The fact as it is kept with of, the shown part of its subject: a text_id or a number. False for
 * one that is kept elsewhere. */
bool model_topology_fact(enum attribute attribute, const void *of, uint32_t *value);
void model_topology_gone(struct model *model, const struct event *ev);
void model_topology_invalidations(struct model *model, const struct event *ev);
void model_topology_tick(struct model *model);
void model_topology_snapshot(struct model *model, struct snapshot *snap);
/* The device of this name, NO_NUMBER. Without a segment ("00:02.0") any segment fits; *ambiguous
 * tells of more than one. */
uint32_t model_topology_find(struct model *model, const char *name, bool no_segment,
                             bool *ambiguous);
/* Makes the group if need be; NULL: there is no room. The pointer holds until the next one is made
 * or goes. */
struct group *model_topology_group(struct model *model, uint32_t id);
/* NULL where there is none. */
struct group *model_topology_find_group(struct model *model, uint32_t id);
struct snapshot_device *model_topology_device(struct model *model, text_id name);
/* The group of the device of this name, NULL. */
struct group *model_topology_group_of(struct model *model, text_id device);
/* The at-th member of a group, at < model_topology_members. */
size_t model_topology_members(struct model *model, const struct group *group);
struct snapshot_device *model_topology_member(struct model *model, const struct group *group,
                                              size_t at);
bool model_topology_is_bridge(const struct snapshot_device *device);

/* ---- model_domains: the table ---- */

void model_domains_init(struct model *model);
/* The domain of this number, made if need be: the unattributed one where there is no room. The
 * pointer holds until the next call. */
struct domain *model_domain(struct model *model, uint32_t id, uint64_t ts_ns);
/* The same, for those who mostly want the one that was found last. */
static inline struct domain *model_domain_again(struct model *model, uint32_t id, uint64_t ts_ns)
{
	struct domain *last = &model->domains.slots[model->domains.last_found];

	return last->id == id && last->state != DOMAIN_SLOT_FREE ? last
	                                                         : model_domain(model, id, ts_ns);
}
/* NULL where there is none. DOMAIN_UNATTRIBUTED is one, NO_DOMAIN and DOMAIN_FORMER are none. */
struct domain *model_domain_find(struct model *model, uint32_t id);
/* Whether it was freed lately and is not told one by one any more. */
bool model_domain_dropped(const struct model *model, uint32_t id);
/* What was told of a domain itself: ATTRs and GONE. */
void model_domain_attr(struct model *model, const struct event *ev);
void model_domain_gone(struct model *model, const struct event *ev);
void model_domains_tick(struct model *model);
void model_domains_snapshot(struct model *model, const struct snapshot_want *want,
                            struct snapshot *snap);
void model_domains_caller(struct model *model, const struct event *ev);

/* ---- model_traffic: what a domain did ---- */

/* How many of these maps and unmaps may be added at once: of one kind, domain, task and context. At
 * least one. */
size_t model_traffic_run(struct model *model, const struct event *events, size_t count);
void model_traffic_maps(struct model *model, const struct event *events, size_t count);
void model_traffic_unmaps(struct model *model, const struct event *events, size_t count);
void model_traffic_failed(struct model *model, const struct event *ev);
void model_traffic_counts(struct model *model, const struct event *ev);
struct figures *model_traffic_figures(struct domain *domain);
/* Brings the unattributed of counts mode up to date, before rates are made. */
void model_traffic_settle(struct model *model);
void model_traffic_tick(struct model *model, struct domain *domain);
/* Adds a domain that is no longer told one by one to the sum of the former ones. */
void model_traffic_fold(struct domain *sum, const struct domain *domain);
/* The measured part of a row. */
void model_traffic_row(const struct model *model, const struct domain *domain,
                       struct snapshot_domain *out);
/* There is room in snap for one more. */
void model_traffic_sizes(const struct domain *domain, struct snapshot *snap,
                         struct snapshot_domain *out);
void model_traffic_machine(struct model *model, struct snapshot *snap);
void model_traffic_detail(const struct model *model, const struct domain *domain,
                          struct snapshot_detail *out);
/* From here on nobody knows what is mapped. */
void model_traffic_gap(struct model *model, uint64_t ts_ns);
/* From then on all that was mapped in it is known, as far as counting goes. */
uint64_t model_traffic_complete_since(const struct model *model, const struct domain *domain);
/* The same of its whole life. */
bool model_traffic_is_whole(const struct model *model, const struct domain *domain);
/* 0 for sizes below 8 KiB, then by log2. */
size_t model_traffic_bucket(uint64_t size_bytes);

/* ---- model_attach: which device and group is attached to what, and who holds it ---- */

void model_attach(struct model *model, const struct event *ev);
void model_attach_detach(struct model *model, const struct event *ev);
/* ATTR GROUP_DOMAIN, GROUP_DEFAULT_DOMAIN, GROUP_HOLDER and DOMAIN_DEVICE. */
void model_attach_told(struct model *model, const struct event *ev);
void model_attach_attached(struct model *model, const struct event *ev);
void model_attach_default(struct model *model, const struct event *ev);
void model_attach_holder(struct model *model, const struct event *ev);
void model_attach_dma_device(struct model *model, struct domain *domain, text_id device,
                             const struct event *ev);
/* The domain that this PASID of a device is attached to, NO_DOMAIN; 0: the device itself. */
uint32_t model_attach_domain_of(struct model *model, text_id device, uint32_t pasid);
/*
 * Attaches and frees may have gone unseen. Once the kernel has told the domains of all groups anew,
 * what it did not tell may be gone, its address another domain's: names are taken off.
 */
void model_attach_doubt(struct model *model);
/* The group of a device became known. */
void model_attach_grouped(struct model *model, const struct event *ev);
/* Before they go. */
void model_attach_device_gone(struct model *model, const struct event *ev);
void model_attach_group_gone(struct model *model, const struct event *ev);
void model_attach_domain_gone(struct model *model, uint32_t id, const struct event *ev);
/* Appends the groups and devices of a row. */
void model_attach_row(struct model *model, const struct domain *domain, struct snapshot *snap,
                      struct snapshot_domain *row);

/* ---- model_names: processes, and what a domain is known by ---- */

void model_names_process(struct model *model, const struct event *ev);
void model_names_process_memory(struct model *model, const struct event *ev);
void model_names_process_gone(struct model *model, uint32_t id);
const struct snapshot_process *model_names_find(const struct model *model, uint32_t id);
/* Nobody knows any more whose domain it is. */
void model_names_forget(struct domain *domain);
/* Looks again whose domain it is. */
void model_names_look(struct model *model, struct domain *domain);
void model_names_tick(struct model *model);
/* After the rows of domains: their processes are among these. */
void model_names_snapshot(const struct model *model, struct snapshot *snap);

/* ---- model_journey ---- */

/* A group's domain is another one now. from and to may be NO_DOMAIN. */
void model_journey_moved(struct model *model, struct group *group, uint32_t from, uint32_t to,
                         text_id device, const struct event *ev);
/* A map or unmap of a domain that has bursts. */
void model_journey_map(struct model *model, struct domain *domain, const struct event *ev);
void model_journey_unmap(struct model *model, struct domain *domain, const struct event *ev);
/* Whether bursts of a domain that is freed may still grow. */
bool model_journey_waits(const struct domain *domain);
/* Nothing more is waited for: its bursts are told. */
void model_journey_over(struct model *model, struct domain *domain);
/* Some that the kernel counted since the tick before. */
void model_journey_counted(struct model *model, struct domain *domain, const struct event *ev);
/* The last group or device left it, or it is attached again. */
void model_journey_left(struct model *model, struct domain *domain, uint64_t ts_ns);
void model_journey_attached(struct domain *domain);
void model_journey_freed(struct model *model, struct domain *domain, uint64_t ts_ns);
/* Events were lost or missed in this interval. */
void model_journey_doubt(struct model *model);
void model_journey_tick(struct model *model);
void model_journey_snapshot(const struct model *model, struct snapshot *snap);

/* ---- model_faults: a row for each device, reason and direction ---- */

void model_faults_init(struct model *model);
void model_faults_add(struct model *model, const struct event *ev);
/* ATTR FAULT_INTERRUPTS. */
void model_faults_interrupts(struct model *model, const struct event *ev);
void model_faults_tick(struct model *model);
/* After model_topology_snapshot: the places of devices are those of this snapshot. */
void model_faults_snapshot(struct model *model, const struct snapshot_want *want,
                           struct snapshot *snap);

/* ---- model_merge: one fault that both trace and log tell ---- */

/* Who tells the other half of this fault: taken out and, as long as nothing else comes, valid; NULL
 * where nobody did. device: its full name. */
const struct fault_waiting *model_merge_take(struct model *model, const struct event *ev,
                                             text_id device);
/* This fault was told by the event alone so far; it stands in place. */
void model_merge_wait(struct model *model, const struct event *ev, text_id device,
                      struct fault_place place, uint64_t occurrence);
/* Log lines of this device and direction name this row. */
void model_merge_name(struct model *model, text_id device, uint8_t direction,
                      struct fault_place place);
/* The channel of a device and direction, NULL where there is none. */
const struct fault_channel *model_merge_channel(const struct model *model, text_id device,
                                                uint8_t direction);

/* ---- model_requester: which device a fault is of ---- */

/* The index of the device in the topology, NO_NUMBER. *ambiguous: several fit; *guessed: it was
 * found by its stream id, which firmware may give in other ways. */
uint32_t model_requester(struct model *model, const struct snapshot_fault *fault, bool *ambiguous,
                         bool *guessed);

/* ---- model_verdict: where the address of a fault came from ---- */

/* requester: an index of a device in the topology, or NO_NUMBER. */
struct snapshot_verdict model_verdict(struct model *model, const struct event *ev,
                                      uint32_t requester);

/* ---- model_notes ---- */

void model_notes_add(struct model *model, const struct event *ev);
/* After model_topology_snapshot and all that copies names: it adds to the pool. */
void model_notes_snapshot(struct model *model, struct snapshot *snap);

/* ---- log ---- */

/* The line of an event; the name of its task is not filled in. */
struct snapshot_log model_log_line(struct model *model, const struct event *ev, uint64_t id);
/* Keeps the event in the log; device and text are looked up as the kind demands. */
void model_log_add(struct model *model, const struct event *ev);
/* The same for maps and unmaps, which come by the million: some of one task. */
void model_log_traffic(struct model *model, const struct event *events, size_t count);
void model_log_transition(struct model *model, const struct snapshot_transition *transition,
                          uint64_t ts_ns, bool returned);
void model_log_snapshot(const struct model *model, bool wanted, struct snapshot *snap);

/* ---- model_boot: lines of the log from before the start, which change nothing else ---- */

/* An event with CONTEXT_BEFORE. */
void model_boot_add(struct model *model, const struct event *ev);
/* ATTR TASK_COMM_BEFORE. */
void model_boot_name(struct model *model, const struct event *ev);
/* So many are put into a snapshot's log at most. */
size_t model_boot_lines(const struct model *model);
/* There has to be room for them. */
void model_boot_snapshot(const struct model *model, struct snapshot *snap);
/* Says the events again. */
void model_boot_tell(const struct model *model, const struct event_sink *sink);

/* ---- model_tasks: names and processes of threads, and the busiest of a domain ---- */

void model_tasks_attr(struct model *model, const struct event *ev);
/* NULL where nothing is known of it. */
const struct task *model_tasks_find(const struct model *model, int32_t pid);
/* The place where a task's maps and unmaps in a domain are counted. */
struct task_counter *model_tasks_counter(const struct model *model, struct figures *figures,
                                         int32_t pid);
/* The process of the task that made most of the maps, NO_PROCESS. */
uint32_t model_tasks_top_mapper(const struct model *model, const struct figures *figures);
/* The process that a task is of now, NO_PROCESS. */
uint32_t model_tasks_process(const struct model *model, int32_t pid);
void model_tasks_top_put(const struct model *model, const struct figures *figures,
                         struct snapshot_detail *out);

/*
 * Whether maps and unmaps may be missing: a loss in the kernel's log is none of theirs. ever: since
 * the start; else in the interval that the last tick ended.
 */
bool model_lost_events(const struct model *model, bool ever);
/* So many since the start, at least. */
uint64_t model_events_lost(const struct model *model);
/* The sum over all sources. */
uint64_t model_lost(const struct model *model, bool ever);

/* Makes *array hold at least count elements. */
void model_reserve(void *array, size_t *capacity, size_t count, size_t element_size);

#endif

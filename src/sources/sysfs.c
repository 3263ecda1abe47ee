// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sysfs: the topology as a source, read by the program's one worker thread.
 * In: walks (sysfs_walk), uevents. Out: events, at drain. Must never know: the model, the screen.
 */
#include "sysfs.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "../clock.h"
#include "../util.h"
#include "boot_trace.h"
#include "host_use.h"
#include "interrupts.h"
#include "look.h"
#include "machine_facts.h"
#include "owners.h"
#include "stream.h"
#include "sysfs_walk.h"
#include "topology.h"
#include "uevent.h"

enum {
	WALK_EVERY_MS = 10000,
	COUNT_EVERY_MS = 1000,
	SLOW_AFTER_MS = 2000,
	DRAIN_LIMIT = 4096,
	CLOSE_WAIT_MS = 200,
	BEFORE_AFTER_MS = 3000,
	/* Uevents come in bursts; a walk amidst one would only have to be repeated. */
	SETTLE_MS = 50,
	LEAST_GAP_MS = 250,
};

/* What the worker is reading; since_ns is 0 when nothing. */
struct reading {
	uint64_t since_ns; /* CLOCK_MONOTONIC */
	uint64_t told_s;   /* what the last SLOW_S event said, VALUE_UNKNOWN: none was sent */
	uint32_t id;
	uint8_t subject;
	char name[NAME_MAX + 1];
};

struct wish {
	uint32_t group;
	bool wake;
};

/* Between the two threads; the last one to leave frees it. */
struct shared {
	struct sysfs_tuning tuning;
	char *root, *pci_ids, *procfs;
	char *tracefs;         /* NULL: nothing is looked for from before the start */
	uint64_t before_until; /* as in struct boot_trace_options */
	int filled;            /* eventfd: the queue has something */
	int stop;              /* eventfd: the worker shall end */
	int finished;          /* eventfd: it has */
	int hurry;             /* eventfd: something changed, the worker shall walk */
	int wished;            /* eventfd: there are wishes */
	int uevents;           /* the worker's, or -1 */
	char missing[240];
	atomic_bool stopping; /* stop, for a look without a system call */

	pthread_mutex_t lock; /* for what follows; held for moments only, never over a read */
	struct event_queue queue;
	struct event_queue before; /* what sysfs_take_before gives */
	struct reading reading;
	unsigned int users;
	struct wish *wishes; /* what sysfs_look was told, and nobody has done yet */
	size_t wish_count, wish_capacity;
};

/* What only the worker knows. */
struct worker {
	struct shared *shared;
	struct sysfs_walk walk;
	struct topology told;
	struct sysfs_verdict verdict, holders; /* as told */
	struct interrupts interrupts;
	uint64_t faults; /* as told; VALUE_UNKNOWN at first */
};

struct sysfs_source {
	struct source source;
	struct shared *shared;
	pthread_t thread;
};

static uint64_t from_ms(unsigned int ms)
{
	return (uint64_t)ms * 1000000;
}

static const char *empty_is_null(const char *text)
{
	return text[0] ? text : NULL;
}

static void queue_event(void *context, const struct event *ev)
{
	event_queue_push(context, ev);
}

static void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

static void free_shared(struct shared *shared)
{
	close_fd(shared->filled);
	close_fd(shared->stop);
	close_fd(shared->finished);
	close_fd(shared->hurry);
	close_fd(shared->wished);
	close_fd(shared->uevents);
	event_queue_release(&shared->queue);
	event_queue_release(&shared->before);
	pthread_mutex_destroy(&shared->lock);
	free(shared->root);
	free(shared->pci_ids);
	free(shared->procfs);
	free(shared->tracefs);
	free(shared->wishes);
	free(shared);
}

static void leave_shared(struct shared *shared)
{
	bool last;

	pthread_mutex_lock(&shared->lock);
	last = --shared->users == 0;
	pthread_mutex_unlock(&shared->lock);
	if (last)
		free_shared(shared);
}

/* SLOW_S of what is being read. The lock is held. */
static struct event slow_event(const struct reading *reading, uint64_t seconds)
{
	enum attribute attribute =
		reading->subject == SUBJECT_GROUP ? ATTR_GROUP_SLOW_S : ATTR_DEVICE_SLOW_S;

	return event_attr_number(0, attribute, empty_is_null(reading->name), reading->id, seconds);
}

/* If drain said that the last read was slow, takes it back. The lock is held. */
static void end_reading(struct shared *shared)
{
	struct reading *reading = &shared->reading;
	struct event ev = slow_event(reading, VALUE_UNKNOWN);

	if (reading->since_ns && reading->told_s != VALUE_UNKNOWN) {
		event_queue_push(&shared->queue, &ev);
		eventfd_write(shared->filled, 1);
	}
	reading->since_ns = 0;
}

static bool begin_reading(void *context, enum subject subject, const char *name, uint32_t id)
{
	struct shared *shared = context;
	struct reading *reading = &shared->reading;

	pthread_mutex_lock(&shared->lock);
	end_reading(shared);
	reading->subject = (uint8_t)subject;
	reading->id = id;
	copy_text(reading->name, sizeof(reading->name), name ? name : "");
	reading->told_s = VALUE_UNKNOWN;
	reading->since_ns = subject == SUBJECT_MACHINE ? 0 : clock_ns(CLOCK_MONOTONIC);
	pthread_mutex_unlock(&shared->lock);
	return !atomic_load(&shared->stopping);
}

/* Hands over what was found to one of the queues, in one piece if main has taken all before. */
static void publish_to(struct shared *shared, struct event_queue *queue, struct event_queue *found)
{
	const struct event *ev;
	bool any = found->count;

	pthread_mutex_lock(&shared->lock);
	if (!queue->count) {
		struct event_queue empty = *queue;

		*queue = *found;
		*found = empty;
	}
	while ((ev = event_queue_head(found))) {
		event_queue_push(queue, ev);
		event_queue_pop(found);
	}
	pthread_mutex_unlock(&shared->lock);
	event_queue_release(found);
	if (any)
		eventfd_write(shared->filled, 1);
}

static void publish(struct shared *shared, struct event_queue *found)
{
	publish_to(shared, &shared->queue, found);
}

static void judge_uevents(const struct shared *shared, struct sysfs_verdict *verdict)
{
	if (verdict->state != HEALTH_OK || !shared->missing[0])
		return;
	verdict->state = HEALTH_PARTIAL;
	copy_text(verdict->reason, sizeof(verdict->reason), shared->missing);
}

static void emit_verdict(const struct sysfs_verdict *verdict, enum source_id source,
                         const struct event_sink *sink)
{
	struct event ev = event_health(0, source, verdict->state, empty_is_null(verdict->reason));

	event_emit(sink, &ev);
}

static void tell_verdict(struct sysfs_verdict *told, const struct sysfs_verdict *verdict,
                         enum source_id source, const struct event_sink *sink)
{
	if (verdict->state == told->state && !strcmp(verdict->reason, told->reason))
		return;
	*told = *verdict;
	emit_verdict(verdict, source, sink);
}

/* Adds who holds the groups to what a walk read, and what the host itself uses. */
static void read_users(const char *root, const char *procfs, struct topology *read,
                       struct sysfs_verdict *holders)
{
	const struct owners owners = {.procfs = procfs, .sysfs = root};
	const struct host_use use = {.procfs = procfs, .sysfs = root};

	*holders = (struct sysfs_verdict){.state = HEALTH_OK};
	holders->state = owners_read(&owners, read, holders->reason, sizeof(holders->reason));
	topology_sort(read);
	host_use_read(&use, read);
}

static void read_machine(const char *root, const char *procfs, const struct topology *told,
                         struct topology *read)
{
	machine_facts_read(procfs, root, told, read);
	topology_sort(read);
}

/* A root that cannot be read says nothing about what was there: then all stays as told. */
static void tell_walk(struct worker *worker, struct topology *read, struct sysfs_verdict *verdict)
{
	const struct shared *shared = worker->shared;
	struct event_queue found = {0};
	const struct event_sink sink = {.emit = queue_event, .context = &found};
	struct sysfs_verdict holders = worker->holders;

	if (verdict->state != HEALTH_OFF) {
		if (shared->procfs)
			read_users(shared->root, shared->procfs, read, &holders);
		read_machine(shared->root, shared->procfs, &worker->told, read);
		topology_diff(&worker->told, read, &sink);
		topology_release(&worker->told);
		worker->told = *read;
		*read = (struct topology){0};
	}
	judge_uevents(shared, verdict);
	tell_verdict(&worker->holders, &holders, SOURCE_OWNERS, &sink);
	tell_verdict(&worker->verdict, verdict, SOURCE_SYSFS, &sink);
	publish(worker->shared, &found);
}

static void tell_interrupts(uint64_t faults, const struct event_sink *sink)
{
	struct event ev = event_attr_number(0, ATTR_FAULT_INTERRUPTS, NULL, 0, faults);

	event_emit(sink, &ev);
}

/* One that could not be read is of a moment, if it is not gone: the next look finds out. */
static void count_interrupts(struct worker *worker)
{
	struct event_queue found = {0};
	const struct event_sink sink = {.emit = queue_event, .context = &found};
	uint64_t faults = VALUE_UNKNOWN;

	if (interrupts_any(&worker->interrupts) && !interrupts_sum(&worker->interrupts, &faults))
		return;
	if (faults == worker->faults)
		return;
	worker->faults = faults;
	tell_interrupts(faults, &sink);
	publish(worker->shared, &found);
}

static void walk(struct worker *worker)
{
	struct topology read = {0};
	struct sysfs_verdict verdict;
	bool whole = sysfs_walk_read(&worker->walk, &worker->told, &read, &verdict);

	pthread_mutex_lock(&worker->shared->lock);
	end_reading(worker->shared);
	pthread_mutex_unlock(&worker->shared->lock);
	if (whole)
		tell_walk(worker, &read, &verdict);
	topology_release(&read);
	interrupts_find(&worker->interrupts);
}

static bool take_wish(struct shared *shared, struct wish *wish)
{
	bool any;

	pthread_mutex_lock(&shared->lock);
	any = shared->wish_count;
	if (any)
		*wish = shared->wishes[--shared->wish_count];
	pthread_mutex_unlock(&shared->lock);
	return any;
}

/* Behind the first walk: only then it is known who belongs to a group. */
static void fulfil_wishes(struct worker *worker)
{
	struct shared *shared = worker->shared;
	struct event_queue found = {0};
	const struct event_sink sink = {.emit = queue_event, .context = &found};
	struct wish wish;

	while (!atomic_load(&shared->stopping) && take_wish(shared, &wish)) {
		const struct look look = {.root = shared->root,
		                          .group = wish.group,
		                          .wake = wish.wake,
		                          .reading = begin_reading,
		                          .context = shared};

		look_at_group(&look, &worker->told, &sink);
		pthread_mutex_lock(&shared->lock);
		end_reading(shared);
		pthread_mutex_unlock(&shared->lock);
		publish(shared, &found);
	}
}

/* Sleeps until then, a uevent, a wish, a call to hurry or to stop; says whether something has
 * changed. */
static bool wait_until(const struct shared *shared, uint64_t then_ns)
{
	struct pollfd fds[] = {
		{.fd = shared->stop, .events = POLLIN},
		{.fd = shared->uevents, .events = POLLIN},
		{.fd = shared->hurry, .events = POLLIN},
		{.fd = shared->wished, .events = POLLIN},
	};
	uint64_t now = clock_ns(CLOCK_MONOTONIC);
	uint64_t wait_ms = then_ns > now ? (then_ns - now + 999999) / 1000000 : 0;
	bool changed = false;
	eventfd_t ignored;

	if (poll(fds, ARRAY_SIZE(fds), (int)wait_ms) <= 0)
		return false;
	if (fds[1].revents)
		changed = uevent_drain(shared->uevents);
	if (fds[2].revents)
		changed = eventfd_read(shared->hurry, &ignored) == 0 || changed;
	if (fds[3].revents)
		eventfd_read(shared->wished, &ignored);
	return changed;
}

/* Where there are none, the next walk is soon enough. */
static uint64_t next_count_ns(const struct worker *worker)
{
	const struct sysfs_tuning *tuning = &worker->shared->tuning;

	return clock_ns(CLOCK_MONOTONIC) + from_ms(interrupts_any(&worker->interrupts)
	                                                   ? tuning->count_every_ms
	                                                   : tuning->walk_every_ms);
}

/* Probes that name domains are on for less than a second: who wants a walk does not wait. */
static bool goes_on(void *context)
{
	struct worker *worker = context;
	eventfd_t ignored;

	if (!eventfd_read(worker->shared->hurry, &ignored))
		walk(worker);
	return !atomic_load(&worker->shared->stopping);
}

/* This may take a second, of a processor that names domains when it begins. */
static void read_before(struct worker *worker)
{
	struct shared *shared = worker->shared;
	struct event_queue found = {0};
	const struct event_sink sink = {.emit = queue_event, .context = &found};
	const struct boot_trace_options options = {.tracefs = shared->tracefs,
	                                           .until = shared->before_until,
	                                           .go_on = goes_on,
	                                           .context = worker};

	boot_trace_read(&options, &sink);
	publish_to(shared, &shared->before, &found);
}

static uint64_t earlier(uint64_t a_ns, uint64_t b_ns)
{
	return a_ns < b_ns ? a_ns : b_ns;
}

static void walk_again_and_again(struct worker *worker)
{
	struct shared *shared = worker->shared;
	uint64_t next_ns = 0, earliest_ns = 0, count_ns = 0;
	uint64_t before_ns = UINT64_MAX;

	if (shared->tracefs)
		before_ns = clock_ns(CLOCK_MONOTONIC) + from_ms(shared->tuning.before_after_ms);
	while (!atomic_load(&shared->stopping)) {
		if (clock_ns(CLOCK_MONOTONIC) >= next_ns) {
			walk(worker);
			next_ns = clock_ns(CLOCK_MONOTONIC) + from_ms(shared->tuning.walk_every_ms);
			earliest_ns = clock_ns(CLOCK_MONOTONIC) + from_ms(LEAST_GAP_MS);
			count_ns = 0; /* of what this walk found */
		}
		if (clock_ns(CLOCK_MONOTONIC) >= count_ns) {
			count_interrupts(worker);
			count_ns = next_count_ns(worker);
		}
		if (clock_ns(CLOCK_MONOTONIC) >= before_ns) {
			read_before(worker);
			before_ns = UINT64_MAX;
		}
		fulfil_wishes(worker);
		if (wait_until(shared, earlier(before_ns, earlier(count_ns, next_ns)))) {
			uint64_t soon_ns = clock_ns(CLOCK_MONOTONIC) + from_ms(SETTLE_MS);

			if (soon_ns < earliest_ns)
				soon_ns = earliest_ns;
			if (soon_ns < next_ns)
				next_ns = soon_ns;
		}
	}
}

static void *work(void *argument)
{
	struct shared *shared = argument;
	struct worker worker = {
		.shared = shared,
		.walk = {.root = shared->root,
	                 .pci_ids = shared->pci_ids,
	                 .open_file = shared->tuning.open_file,
	                 .reading = begin_reading,
	                 .context = shared},
		.verdict = {.state = HEALTH_STARTING},
		.holders = {.state = HEALTH_STARTING},
		.interrupts = {.sysfs = shared->root, .procfs = shared->procfs},
		.faults = VALUE_UNKNOWN,
	};

	walk_again_and_again(&worker);
	interrupts_release(&worker.interrupts);
	sysfs_walk_release(&worker.walk);
	topology_release(&worker.told);
	eventfd_write(shared->finished, 1);
	leave_shared(shared);
	return NULL;
}

static struct sysfs_tuning tuning_of(const struct sysfs_options *options)
{
	struct sysfs_tuning tuning = {0};

	if (options->tuning)
		tuning = *options->tuning;
	if (!tuning.walk_every_ms)
		tuning.walk_every_ms = WALK_EVERY_MS;
	if (!tuning.count_every_ms)
		tuning.count_every_ms = COUNT_EVERY_MS;
	if (!tuning.slow_after_ms)
		tuning.slow_after_ms = SLOW_AFTER_MS;
	if (!tuning.before_after_ms)
		tuning.before_after_ms = BEFORE_AFTER_MS;
	if (!tuning.close_wait_ms)
		tuning.close_wait_ms = CLOSE_WAIT_MS;
	if (!tuning.drain_limit)
		tuning.drain_limit = DRAIN_LIMIT;
	return tuning;
}

/* Without uevents changes are seen all the same, only later. */
static void open_uevents(struct shared *shared)
{
	struct error err;

	shared->uevents = uevent_open(&err);
	if (shared->uevents < 0)
		snprintf(shared->missing, sizeof(shared->missing),
		         "changes show after up to %u s: %.160s",
		         shared->tuning.walk_every_ms / 1000, err.text);
}

static void tell_starting(struct shared *shared)
{
	struct event ev = event_health(0, SOURCE_SYSFS, HEALTH_STARTING, "first walk of sysfs");

	event_queue_push(&shared->queue, &ev);
	eventfd_write(shared->filled, 1);
}

static struct shared *new_shared(const struct sysfs_options *options, struct error *err)
{
	struct shared *shared = xcalloc(1, sizeof(*shared));

	shared->tuning = tuning_of(options);
	shared->root = xstrdup(options->root);
	shared->pci_ids = options->pci_ids ? xstrdup(options->pci_ids) : NULL;
	shared->procfs = options->procfs ? xstrdup(options->procfs) : NULL;
	shared->tracefs = options->tracefs ? xstrdup(options->tracefs) : NULL;
	shared->before_until = options->before_until;
	pthread_mutex_init(&shared->lock, NULL);
	shared->uevents = -1;
	shared->filled = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	shared->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	shared->finished = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	shared->hurry = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	shared->wished = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (shared->filled < 0 || shared->stop < 0 || shared->finished < 0 || shared->hurry < 0 ||
	    shared->wished < 0) {
		error_set(err, errno, "no eventfd for the worker thread: %s", strerror(errno));
		free_shared(shared);
		return NULL;
	}
	if (options->live)
		open_uevents(shared);
	tell_starting(shared);
	return shared;
}

/* Signals belong to the main thread, which takes them only where it waits. */
static int start_thread(pthread_t *thread, struct shared *shared)
{
	sigset_t all, before;
	int code;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	code = pthread_create(thread, NULL, work, shared);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return code;
}

static int sysfs_fd(const struct source *source)
{
	return ((const struct sysfs_source *)source)->shared->filled;
}

/* At most once a second for one read: when the number of seconds has changed. */
static void push_slow(struct shared *shared, struct stream *stream, uint64_t ts_ns)
{
	struct reading *reading = &shared->reading;
	uint64_t taken_ns = reading->since_ns ? clock_ns(CLOCK_MONOTONIC) - reading->since_ns : 0;
	struct event ev = slow_event(reading, taken_ns / 1000000000);

	if (taken_ns < from_ms(shared->tuning.slow_after_ms) || ev.attr.value == reading->told_s)
		return;
	reading->told_s = ev.attr.value;
	ev.ts_ns = ts_ns;
	stream_push_event(stream, &ev);
}

/* All events get the watermark of the drain that takes them, so those left behind for the next one
 * cannot be overtaken. Says whether there are such. */
static bool push_queued(struct shared *shared, struct stream *stream, uint64_t ts_ns)
{
	const struct event *head = event_queue_head(&shared->queue);

	for (unsigned int i = 0; head && i < shared->tuning.drain_limit; i++) {
		struct event ev = *head;

		ev.ts_ns = ts_ns;
		stream_push_event(stream, &ev);
		event_queue_pop(&shared->queue);
		head = event_queue_head(&shared->queue);
	}
	return head;
}

static int sysfs_drain(struct source *source, struct stream *stream, uint64_t *watermark_ns)
{
	struct shared *shared = ((struct sysfs_source *)source)->shared;
	eventfd_t ignored;
	bool more;

	eventfd_read(shared->filled, &ignored);
	pthread_mutex_lock(&shared->lock);
	more = push_queued(shared, stream, *watermark_ns);
	if (!more)
		push_slow(shared, stream, *watermark_ns);
	pthread_mutex_unlock(&shared->lock);
	if (more)
		eventfd_write(shared->filled, 1);
	return more ? 100 : 0;
}

/*
 * A worker that hangs in the kernel cannot be called off, and must not keep the program from
 * ending. It is left behind with all that it uses, shared included; if the kernel ever lets it
 * go, it tidies up after itself.
 */
static void sysfs_close(struct source *source)
{
	struct sysfs_source *sysfs = (struct sysfs_source *)source;
	struct shared *shared = sysfs->shared;
	struct pollfd finished = {.fd = shared->finished, .events = POLLIN};

	atomic_store(&shared->stopping, true);
	eventfd_write(shared->stop, 1);
	if (poll(&finished, 1, (int)shared->tuning.close_wait_ms) > 0)
		pthread_join(sysfs->thread, NULL);
	else
		pthread_detach(sysfs->thread);
	leave_shared(shared);
	free(sysfs);
}

static const struct source_ops sysfs_ops = {
	.fd = sysfs_fd,
	.drain = sysfs_drain,
	.close = sysfs_close,
};

struct source *sysfs_open(const struct sysfs_options *options, struct error *err)
{
	struct shared *shared = new_shared(options, err);
	struct sysfs_source *sysfs;
	int code;

	if (!shared)
		return NULL;
	shared->users = 2;
	sysfs = xcalloc(1, sizeof(*sysfs));
	sysfs->source.ops = &sysfs_ops;
	sysfs->shared = shared;
	code = start_thread(&sysfs->thread, shared);
	if (code) {
		error_set(err, code, "no worker thread to read %s: %s", options->root,
		          strerror(code));
		free_shared(shared);
		free(sysfs);
		return NULL;
	}
	return &sysfs->source;
}

void sysfs_hurry(struct source *sysfs)
{
	eventfd_write(((struct sysfs_source *)sysfs)->shared->hurry, 1);
}

void sysfs_take_before(struct source *sysfs, const struct event_sink *sink)
{
	struct shared *shared = ((struct sysfs_source *)sysfs)->shared;
	struct event_queue before;
	const struct event *ev;

	pthread_mutex_lock(&shared->lock);
	before = shared->before;
	shared->before = (struct event_queue){0};
	pthread_mutex_unlock(&shared->lock);
	while ((ev = event_queue_head(&before))) {
		event_emit(sink, ev);
		event_queue_pop(&before);
	}
	event_queue_release(&before);
}

void sysfs_look(struct source *sysfs, uint32_t group, bool wake)
{
	struct shared *shared = ((struct sysfs_source *)sysfs)->shared;
	size_t at = 0;

	pthread_mutex_lock(&shared->lock);
	while (at < shared->wish_count && shared->wishes[at].group != group)
		at++;
	if (at == shared->wish_count) {
		shared->wishes = grow(shared->wishes, &shared->wish_capacity, shared->wish_count,
		                      sizeof(*shared->wishes));
		shared->wishes[shared->wish_count++] = (struct wish){.group = group};
	}
	shared->wishes[at].wake |= wake;
	pthread_mutex_unlock(&shared->lock);
	eventfd_write(shared->wished, 1);
}

static void tell_interrupts_once(const struct sysfs_options *options, const struct event_sink *sink)
{
	struct interrupts interrupts = {.sysfs = options->root, .procfs = options->procfs};
	uint64_t faults;

	interrupts_find(&interrupts);
	if (interrupts_any(&interrupts) && interrupts_sum(&interrupts, &faults))
		tell_interrupts(faults, sink);
	interrupts_release(&interrupts);
}

int sysfs_walk_once(const struct sysfs_options *options, const struct event_sink *sink,
                    struct error *err)
{
	struct sysfs_walk reader = {.root = options->root, .pci_ids = options->pci_ids};
	const struct topology nothing = {0};
	struct topology read = {0};
	struct sysfs_verdict verdict, holders;

	sysfs_walk_read(&reader, &nothing, &read, &verdict);
	sysfs_walk_release(&reader);
	if (verdict.state == HEALTH_OFF)
		return error_set(err, 0, "%s", verdict.reason);
	if (options->procfs)
		read_users(options->root, options->procfs, &read, &holders);
	read_machine(options->root, options->procfs, &nothing, &read);
	if (options->look)
		look_at_group(&(struct look){.root = options->root, .group = *options->look}, &read,
		              &event_nowhere);
	topology_diff(&nothing, &read, sink);
	topology_release(&read);
	if (options->procfs)
		emit_verdict(&holders, SOURCE_OWNERS, sink);
	tell_interrupts_once(options, sink);
	emit_verdict(&verdict, SOURCE_SYSFS, sink);
	return 0;
}

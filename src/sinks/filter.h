/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_FILTER_H
#define IOMMUTOP_FILTER_H

#include "../snapshot.h"

/* What a text leaves of a snapshot's lists, by their indices. */
struct output_choice {
	bool *groups, *devices, *domains, *faults, *notes;
};

/* What -g and -f leave of the lists in output; totals and rates stay those of the machine. */
struct output_filter {
	uint32_t group;                     /* NO_GROUP: all */
	const char *needle;                 /* NULL: all */
	const struct output_choice *choice; /* what needle leaves, where there is one */
};

bool filter_device(const struct snapshot *snap, const struct output_filter *filter,
                   const struct snapshot_device *device);
/* The one that was asked for; or those that the text leaves, themselves or a device of theirs. */
bool filter_group(const struct snapshot *snap, const struct output_filter *filter,
                  const struct snapshot_group *group);
/* Of one group: those that its devices are behind. */
bool filter_unit(const struct snapshot *snap, const struct output_filter *filter,
                 const struct snapshot_unit *unit);
/* Those that hold such a group. */
bool filter_process(const struct snapshot *snap, const struct output_filter *filter,
                    const struct snapshot_process *process);
bool filter_domain(const struct snapshot *snap, const struct output_filter *filter,
                   const struct snapshot_domain *domain);
/* A way is no row of a table: it goes by its device and its guest. */
bool filter_transition(const struct snapshot *snap, const struct output_filter *filter,
                       const struct snapshot_transition *transition);
bool filter_fault(const struct snapshot *snap, const struct output_filter *filter,
                  const struct snapshot_fault *fault);
bool filter_note(const struct snapshot *snap, const struct output_filter *filter,
                 const struct snapshot_note *note);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_INSTANCE_H
#define IOMMUTOP_INSTANCE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "../error.h"

/* A trace instance we hold: locked against other iommutops, and against being swept. */
struct instance {
	int lock_fd;      /* its directory; -1: none is held, and the rest is void */
	int instances_fd; /* the directory it is in, whatever becomes of the mount */
	bool own;         /* made by us, so removed by us */
	char name[NAME_MAX + 1];
	char path[PATH_MAX];
};

/*
 * Where tracefs is mounted, by procfs's self/mounts: tracefs itself, else debugfs's way to it.
 * Never mounts it. Returns false when it is not mounted.
 */
bool instance_find_tracefs(const char *procfs, char *path, size_t size);

/*
 * Holds an instance. name NULL: a new one, iommutop-PID, after those of dead iommutops have been
 * removed. Else the one of that name, which is made if it does not exist. Errors: EINVAL for a name
 * that is none, EBUSY if another iommutop holds it, else what the kernel said.
 */
int instance_open(struct instance *instance, const char *tracefs, const char *name,
                  struct error *err);

/* Whether its path still leads to it: tracefs can be unmounted under us. */
bool instance_is_reachable(const struct instance *instance);

/*
 * Removes it, if it is our own (nothing in it may be open any more), and lets go. That can fail:
 * somebody else has a file of it open.
 */
void instance_close(struct instance *instance);

/*
 * Whether the last instance_close of this process could not remove it; *err then has the sentence.
 * Later instance_opens do not change the answer.
 */
bool instance_left_behind(struct error *err);

/*
 * Removes the instances named as ours whose lock can be had: their iommutop is dead. Says which on
 * out (NULL: quietly). Returns how many, or -1.
 */
int instance_sweep(const char *tracefs, FILE *out, struct error *err);

/*
 * Locks tracefs' instances against the making and sweeping of others, for what has to happen
 * between: a short time. Returns a descriptor of that directory, closing it unlocks; or -1.
 */
int instance_lock_all(const char *tracefs, struct error *err);

/* Tells the names of all instances that a living iommutop holds, ours among them. instances_fd:
 * from instance_lock_all. */
void instance_each_living(int instances_fd, void (*take)(void *context, const char *name),
                          void *context);

/* Gives those that no living iommutop holds and that are not named as ours, with a descriptor of
 * their directory; each is locked meanwhile. instances_fd: the same. */
void instance_each_dead(int instances_fd,
                        void (*take)(void *context, const char *name, int directory_fd),
                        void *context);

/* Only system calls: for handlers of fatal signals. Removes the own instance that is held. */
void instance_emergency_remove(void);

#endif

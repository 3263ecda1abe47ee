// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * instance: a directory under tracefs' instances, whose it is, and that it does not outlive us.
 * In: where tracefs is. Out: a held instance.
 * Must never know: events, buffers, what an instance is for.
 *
 * Who lives holds a flock on the directory of its instance; it goes with the process, whatever
 * ended it, which no process id in a name can say (they are reused, and differ between containers).
 * Between mkdir and that lock an instance looks dead, so both happen under a short lock on
 * instances/ itself, and so does sweeping.
 */
#include "instance.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../util.h"

#define OWN_PREFIX "iommutop-"

/* Other containers' iommutops can have our process id: so many of the same may live. */
#define NAMESAKES 16

/* What the kernel holds busy for a moment (a file just closed, a sweep): tries, and their pause.
 * Who holds the lock on all of them may be removing probes, each of which takes a while. */
enum { TRIES = 50, LOCK_TRIES = 250, PAUSE_MS = 20 };

/* The own instance, for a signal handler: complete whenever the flag is set. */
static int emergency_instances_fd;
static char emergency_name[NAME_MAX + 1];
static volatile sig_atomic_t emergency_armed;

/* For who asks when all is closed: code 0 when nothing was left. */
static struct error left_behind;

static void short_pause(void)
{
	nanosleep(&(struct timespec){.tv_nsec = PAUSE_MS * 1000000L}, NULL);
}

static int open_directory(int at, const char *path)
{
	return openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int instance_lock_all(const char *tracefs, struct error *err)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/instances", tracefs);
	fd = open_directory(AT_FDCWD, path);
	if (fd < 0)
		return error_set(err, errno, "cannot open %s: %s", path, strerror(errno));
	for (int i = 0; i < LOCK_TRIES; i++) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return fd;
		short_pause();
	}
	close(fd);
	return error_set(err, EBUSY, "another iommutop keeps %s locked", path);
}

/* Its directory, locked; -1 with EWOULDBLOCK when it is held by the living. */
static int lock_instance(int instances_fd, const char *name)
{
	int fd = open_directory(instances_fd, name);

	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0) {
		int code = errno;

		close(fd);
		errno = code;
		return -1;
	}
	return fd;
}

/* iommutop-PID or iommutop-PID-N */
static bool is_own_name(const char *name)
{
	const char *end;
	uint64_t number;

	if (strncmp(name, OWN_PREFIX, strlen(OWN_PREFIX)) != 0)
		return false;
	if (!parse_decimal(name + strlen(OWN_PREFIX), &end, &number))
		return false;
	return *end == '\0' || (*end == '-' && parse_decimal(end + 1, NULL, &number));
}

static bool sweep_one(int instances_fd, const char *name, FILE *out)
{
	int fd = lock_instance(instances_fd, name);
	bool removed;

	if (fd < 0)
		return false;
	removed = unlinkat(instances_fd, name, AT_REMOVEDIR) == 0;
	if (out && removed)
		fprintf(out, "removed trace instance %s\n", name);
	else if (out)
		fprintf(out, "cannot remove trace instance %s: %s\n", name, strerror(errno));
	close(fd);
	return removed;
}

static DIR *list_instances(int instances_fd)
{
	int fd = open_directory(instances_fd, ".");
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;

	if (!dir && fd >= 0)
		close(fd);
	return dir;
}

static int sweep_locked(int instances_fd, FILE *out)
{
	DIR *dir = list_instances(instances_fd);
	struct dirent *entry;
	int count = 0;

	if (!dir)
		return 0;
	while ((entry = readdir(dir)))
		if (is_own_name(entry->d_name) && sweep_one(instances_fd, entry->d_name, out))
			count++;
	closedir(dir);
	return count;
}

static int make_and_lock(struct instance *instance, int instances_fd)
{
	if (mkdirat(instances_fd, instance->name, 0700) < 0)
		return -1;
	instance->own = true;
	instance->lock_fd = lock_instance(instances_fd, instance->name);
	if (instance->lock_fd >= 0)
		return 0;
	unlinkat(instances_fd, instance->name, AT_REMOVEDIR);
	return -1;
}

static int make_own(struct instance *instance, int instances_fd, struct error *err)
{
	sweep_locked(instances_fd, NULL);
	for (int i = 1; i <= NAMESAKES; i++) {
		snprintf(instance->name, sizeof(instance->name), OWN_PREFIX "%d", (int)getpid());
		if (i > 1)
			snprintf(instance->name, sizeof(instance->name), OWN_PREFIX "%d-%d",
			         (int)getpid(), i);
		if (make_and_lock(instance, instances_fd) == 0)
			return 0;
		if (errno != EEXIST)
			break;
	}
	return error_set(err, errno, "cannot make trace instance %s: %s", instance->name,
	                 strerror(errno));
}

static int take_named(struct instance *instance, int instances_fd, const char *name,
                      struct error *err)
{
	int code;

	if (!*name || *name == '.' || strchr(name, '/') ||
	    !copy_text(instance->name, sizeof(instance->name), name))
		return error_set(err, EINVAL, "\"%s\" cannot be the name of a trace instance",
		                 name);
	if (make_and_lock(instance, instances_fd) == 0)
		return 0;
	/* Who may not make instances may still use one that was made for him. */
	code = errno;
	instance->own = false;
	instance->lock_fd = lock_instance(instances_fd, name);
	if (instance->lock_fd >= 0)
		return 0;
	if (errno == EWOULDBLOCK)
		return error_set(err, EBUSY, "trace instance %s is in use by another iommutop",
		                 name);
	if (errno != ENOENT)
		code = errno;
	return error_set(err, code, "cannot use trace instance %s: %s", name, strerror(code));
}

static void remove_own(const struct instance *instance)
{
	left_behind.code = 0;
	for (int i = 0; i < TRIES; i++) {
		if (unlinkat(instance->instances_fd, instance->name, AT_REMOVEDIR) == 0 ||
		    errno == ENOENT)
			return;
		if (errno != EBUSY)
			break;
		short_pause();
	}
	error_set(&left_behind, errno,
	          "trace instance %s stays: %s; once that is over iommutop --cleanup removes it",
	          instance->path,
	          errno == EBUSY ? "somebody has a file of it open" : strerror(errno));
}

bool instance_find_tracefs(const char *procfs, char *path, size_t size)
{
	char mounts[PATH_MAX], text[4096];
	struct mntent entry;
	bool found = false;
	FILE *file;

	snprintf(mounts, sizeof(mounts), "%s/self/mounts", procfs);
	file = setmntent(mounts, "re");
	if (!file)
		return false;
	while (getmntent_r(file, &entry, text, sizeof(text))) {
		if (strcmp(entry.mnt_type, "tracefs") == 0) {
			snprintf(path, size, "%s", entry.mnt_dir);
			found = true;
			break;
		}
		if (!found && strcmp(entry.mnt_type, "debugfs") == 0) {
			snprintf(path, size, "%s/tracing", entry.mnt_dir);
			found = true;
		}
	}
	endmntent(file);
	return found;
}

int instance_open(struct instance *instance, const char *tracefs, const char *name,
                  struct error *err)
{
	int instances_fd = instance_lock_all(tracefs, err);
	int result;

	*instance = (struct instance){.lock_fd = -1};
	if (instances_fd < 0)
		return -1;
	result = name ? take_named(instance, instances_fd, name, err)
	              : make_own(instance, instances_fd, err);
	if (result < 0) {
		close(instances_fd);
		return -1;
	}
	flock(instances_fd, LOCK_UN);
	instance->instances_fd = instances_fd;
	snprintf(instance->path, sizeof(instance->path), "%s/instances/%s", tracefs,
	         instance->name);
	if (instance->own) {
		emergency_instances_fd = instances_fd;
		memcpy(emergency_name, instance->name, sizeof(emergency_name));
		atomic_signal_fence(memory_order_seq_cst);
		emergency_armed = 1;
	}
	return 0;
}

bool instance_is_reachable(const struct instance *instance)
{
	struct stat held, there;

	return fstat(instance->lock_fd, &held) == 0 && stat(instance->path, &there) == 0 &&
	       held.st_dev == there.st_dev && held.st_ino == there.st_ino;
}

void instance_close(struct instance *instance)
{
	if (instance->lock_fd < 0)
		return;
	if (instance->own) {
		remove_own(instance);
		emergency_armed = 0;
	}
	close(instance->instances_fd);
	close(instance->lock_fd);
	instance->lock_fd = -1;
}

bool instance_left_behind(struct error *err)
{
	*err = left_behind;
	return left_behind.code != 0;
}

int instance_sweep(const char *tracefs, FILE *out, struct error *err)
{
	int instances_fd = instance_lock_all(tracefs, err);
	int count;

	if (instances_fd < 0)
		return -1;
	count = sweep_locked(instances_fd, out);
	close(instances_fd);
	return count;
}

void instance_each_living(int instances_fd, void (*take)(void *context, const char *name),
                          void *context)
{
	DIR *dir = list_instances(instances_fd);
	struct dirent *entry;

	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		int fd;

		if (entry->d_name[0] == '.')
			continue;
		fd = lock_instance(instances_fd, entry->d_name);
		if (fd >= 0)
			close(fd);
		else if (errno == EWOULDBLOCK)
			take(context, entry->d_name);
	}
	closedir(dir);
}

void instance_each_dead(int instances_fd,
                        void (*take)(void *context, const char *name, int directory_fd),
                        void *context)
{
	DIR *dir = list_instances(instances_fd);
	struct dirent *entry;

	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		int fd = -1;

		if (entry->d_name[0] != '.' && !is_own_name(entry->d_name))
			fd = lock_instance(instances_fd, entry->d_name);
		if (fd < 0)
			continue;
		take(context, entry->d_name, fd);
		close(fd);
	}
	closedir(dir);
}

void instance_emergency_remove(void)
{
	if (emergency_armed)
		unlinkat(emergency_instances_fd, emergency_name, AT_REMOVEDIR);
}

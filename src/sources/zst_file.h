/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_ZST_FILE_H
#define IOMMUTOP_ZST_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "../error.h"

/* What is packed begins so. */
#define ZST_MAGIC      "\x28\xb5\x2f\xfd"
#define ZST_MAGIC_SIZE 4u

/* How far a file has been read. */
struct zst_progress {
	uint64_t read_bytes;  /* as they are on the disk */
	uint64_t given_bytes; /* as they came out of that, unpacked */
	uint64_t size_bytes;  /* 0: nobody knows, it is no file but a pipe */
	int fd;               /* readable when there is more */
	bool packed;
	/* Set by who reads: where a pipe has brought nothing yet, or much was read and nothing came
	 * of it, reading fails with EAGAIN, and goes on after clearerr. */
	bool never_waits;
	char problem[100]; /* why no more could be unpacked; empty: errno says */
};

/*
 * A file to read, plain or compressed by zstd, told by its first bytes; "-" is standard input.
 * What is cut off or damaged ends the stream with an error (ferror) behind the last bytes that
 * could be had. Memory is bounded: a frame that wants a window of more than 8 MiB is not read.
 * NULL: there is no such file, or it is compressed and this program was built without libzstd.
 * A file, as a pipe is not, can be gone to any place in that was read before (fseeko, SEEK_SET).
 * progress (NULL: nobody asks) is kept up to date as long as the stream is open.
 */
FILE *zst_file_open(const char *path, struct zst_progress *progress, struct error *err);
/* The same of what is open, taken over and closed in any case; start: size bytes, at most
 * ZST_FILE_START, that were read of it already. path: what to call it. */
#define ZST_FILE_START 64u
FILE *zst_file_open_fd(int fd, const char *start, size_t size, const char *path,
                       struct zst_progress *progress, struct error *err);

#endif

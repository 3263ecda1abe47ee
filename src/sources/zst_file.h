/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_ZST_FILE_H
#define IOMMUTOP_ZST_FILE_H

#include <stdio.h>

#include "../error.h"

/*
 * A file to read, plain or compressed by zstd, told by its first bytes; "-" is standard input.
 * What is cut off or damaged ends the stream with an error (ferror) behind the last bytes that
 * could be had. Memory is bounded: a frame that wants a window of more than 8 MiB is damaged.
 * NULL: there is no such file, or it is compressed and this program was built without libzstd.
 */
FILE *zst_file_open(const char *path, struct error *err);

#endif

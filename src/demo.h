/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_DEMO_H
#define IOMMUTOP_DEMO_H

#include <limits.h>
#include <stdbool.h>

#include "error.h"

/* The recorded session that comes with the program: where it was installed, or in the tree that it
 * was built in; found from where the program itself is. -1: it is in neither. */
int demo_find(char path[PATH_MAX], struct error *err);

#endif

// SPDX-License-Identifier: GPL-2.0-or-later
/* demo: where the recorded session is that comes with the program. */
#include "demo.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

/* From the directory of the program: PREFIX/sbin; the root of the tree; build/VARIANT. */
static const char *const places[] = {
	"../share/iommutop/demo.rec",
	"tests/fixtures/sessions/guest.rec",
	"../../tests/fixtures/sessions/guest.rec",
};

int demo_find(char path[PATH_MAX], struct error *err)
{
	char own[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", own, sizeof(own) - 1);
	char *slash;

	own[length > 0 ? length : 0] = '\0';
	slash = strrchr(own, '/');
	if (slash)
		slash[0] = '\0';
	for (size_t i = 0; slash && i < ARRAY_SIZE(places); i++)
		if (snprintf(path, PATH_MAX, "%s/%s", own, places[i]) < PATH_MAX &&
		    access(path, R_OK) == 0)
			return 0;
	return error_set(err, ENOENT,
	                 "--demo: the recorded session is not there: make install brings it");
}

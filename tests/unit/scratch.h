/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_TESTS_SCRATCH_H
#define IOMMUTOP_TESTS_SCRATCH_H

/* A directory of the test's own, with room for one file in it. Behind cmocka.h. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char scratch[] = "/tmp/iommutop-test-XXXXXX";
static char path[64]; /* of the file, which need not be there */

static inline void make_scratch(void)
{
	/* The same text is a template again for the next test. */
	strcpy(scratch + strlen(scratch) - 6, "XXXXXX");
	assert_non_null(mkdtemp(scratch));
	snprintf(path, sizeof(path), "%s/a", scratch);
}

static inline int setup_scratch(void **state)
{
	(void)state;
	make_scratch();
	return 0;
}

static inline int remove_scratch(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(scratch);
}

#endif

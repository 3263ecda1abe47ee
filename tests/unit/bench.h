/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_TESTS_BENCH_H
#define IOMMUTOP_TESTS_BENCH_H

/* A model and a snapshot of it, for the tests of the model's rooms: include it after cmocka.h. */

#include <stdlib.h>

#include "scene.h"
#include "util.h"

struct bench {
	struct model *model;
	struct snapshot snap;
};

static inline int make_bench(void **state)
{
	struct bench *bench = xcalloc(1, sizeof(*bench));

	bench->model = model_new(&model_default_limits);
	*state = bench;
	return 0;
}

static inline int free_bench(void **state)
{
	struct bench *bench = *state;

	model_free(bench->model);
	snapshot_release(&bench->snap);
	free(bench);
	return 0;
}

static inline const struct snapshot *seen(struct bench *bench)
{
	look(bench->model, &bench->snap);
	return &bench->snap;
}

/* Of the newest snapshot; the domain must be there. */
static inline const struct snapshot_domain *row(struct bench *bench, uint32_t id)
{
	const struct snapshot_domain *found = snapshot_domain_by_id(seen(bench), id);

	assert_non_null(found);
	return found;
}

static inline const struct snapshot_detail *detail(struct bench *bench, uint32_t id)
{
	const struct snapshot_want want = {.domain = id};

	model_snapshot(bench->model, &want, &bench->snap);
	assert_int_equal(bench->snap.detail.domain, id);
	return &bench->snap.detail;
}

static inline void count_is(struct count count, uint64_t n, enum known known)
{
	assert_int_equal(count.n, n);
	assert_int_equal(count.known, known);
}

static inline void name_is(struct bench *bench, uint32_t id, const char *name)
{
	char out[128];

	assert_string_equal(snapshot_domain_name(&bench->snap, row(bench, id), out, sizeof(out)),
	                    name);
}

#define bench_test(name) cmocka_unit_test_setup_teardown(name, make_bench, free_bench)

#endif

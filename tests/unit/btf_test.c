// SPDX-License-Identifier: GPL-2.0-or-later
/* btf: types that the test makes by itself, in a file as the kernel has one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "sources/btf.h"

#ifdef HAVE_LIBBPF
#include <bpf/btf.h>

struct types_file {
	char path[64];
};

static void write_types(struct types_file *file, const void *data, size_t size)
{
	int fd;

	strcpy(file->path, "/tmp/iommutop-btf-XXXXXX");
	fd = mkstemp(file->path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, size), size);
	close(fd);
}

/*
 * struct list { u64 next, prev; };
 * struct group {
 *	u64 head; typedef const struct { u32 first; union { u32 inner; u32 other; }; }; int bit : 3;
 *	struct list devices; int id;
 * };
 * and a union and a forward declaration of other names.
 */
static void add_group(struct btf *btf)
{
	int u64 = btf__add_int(btf, "u64", 8, 0);
	int u32 = btf__add_int(btf, "u32", 4, 0);
	int list, nested, inside, hidden, named;

	list = btf__add_struct(btf, "list", 16);
	btf__add_field(btf, "next", u64, 0, 0);
	btf__add_field(btf, "prev", u64, 64, 0);
	inside = btf__add_union(btf, "", 4);
	btf__add_field(btf, "inner", u32, 0, 0);
	btf__add_field(btf, "other", u32, 0, 0);
	nested = btf__add_struct(btf, "", 8);
	btf__add_field(btf, "first", u32, 0, 0);
	btf__add_field(btf, "", inside, 32, 0);
	hidden = btf__add_const(btf, nested);
	named = btf__add_typedef(btf, "hidden_t", hidden);
	btf__add_union(btf, "not_a_struct", 8);
	btf__add_field(btf, "id", u32, 0, 0);
	btf__add_fwd(btf, "unknown", BTF_FWD_STRUCT);
	assert_true(btf__add_struct(btf, "group", 48) > 0);
	btf__add_field(btf, "head", u64, 0, 0);
	btf__add_field(btf, "", named, 64, 0);
	btf__add_field(btf, "bit", u32, 128, 3);
	btf__add_field(btf, "devices", list, 192, 0);
	assert_int_equal(btf__add_field(btf, "id", u32, 320, 0), 0);
}

static int make_file(void **state)
{
	struct types_file *file = calloc(1, sizeof(*file));
	struct btf *btf = btf__new_empty();
	const void *data;
	uint32_t size;

	add_group(btf);
	data = btf__raw_data(btf, &size);
	write_types(file, data, size);
	btf__free(btf);
	*state = file;
	return 0;
}

static int remove_file(void **state)
{
	struct types_file *file = *state;

	unlink(file->path);
	free(file);
	return 0;
}

static void members_have_offsets(void **state)
{
	static const struct {
		const char *type, *member;
		size_t bytes;
	} rows[] = {
		{"group", "head", 0},   {"group", "first", 8}, {"group", "inner", 12},
		{"group", "other", 12}, {"group", "id", 40},   {"group", "devices", 24},
		{"list", "prev", 8},
	};
	const struct types_file *file = *state;
	struct btf_types *types = btf_types_open(file->path);

	assert_non_null(types);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t bytes = 999;

		assert_true(btf_types_offset(types, rows[i].type, rows[i].member, &bytes));
		assert_int_equal(bytes, rows[i].bytes);
	}
	btf_types_close(types);
}

/* A bit field has no place that a whole number of bytes could tell. */
static void what_is_not_there_is_not_found(void **state)
{
	static const char *const rows[][2] = {
		{"group", "next"},   {"group", "nothing"}, {"group", ""},          {"group", "bit"},
		{"nothing", "head"}, {"unknown", "id"},    {"not_a_struct", "id"}, {"u64", "id"},
	};
	const struct types_file *file = *state;
	struct btf_types *types = btf_types_open(file->path);
	size_t bytes = 999;

	assert_non_null(types);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_false(btf_types_offset(types, rows[i][0], rows[i][1], &bytes));
	assert_int_equal(bytes, 999);
	btf_types_close(types);
}

static void a_file_that_is_none(void **state)
{
	struct types_file garbage;

	(void)state;
	assert_null(btf_types_open("/nonexistent/types"));
	write_types(&garbage, "no types at all", 15);
	assert_null(btf_types_open(garbage.path));
	unlink(garbage.path);
}
#endif

static void nothing_is_known_without_types(void **state)
{
	size_t bytes = 999;

	(void)state;
	assert_false(btf_types_offset(NULL, "group", "id", &bytes));
	assert_int_equal(bytes, 999);
	btf_types_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#ifdef HAVE_LIBBPF
		cmocka_unit_test_setup_teardown(members_have_offsets, make_file, remove_file),
		cmocka_unit_test_setup_teardown(what_is_not_there_is_not_found, make_file,
	                                        remove_file),
		cmocka_unit_test(a_file_that_is_none),
#endif
		cmocka_unit_test(nothing_is_known_without_types),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* mounts: tables of mounts, whole, odd and cut, and which mount a path is in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sources/mounts.h"
#include "util.h"

static const char table[] =
	"22 1 259:2 / / rw,relatime shared:1 - ext4 /dev/nvme0n1p2 rw,errors=remount-ro\n"
	"23 22 0:21 / /proc rw shared:2 master:3 propagate_from:4 - proc proc rw\n"
	"24 22 253:0 /srv /mnt/a\\040b\\134c rw - xfs /dev/mapper/vg-a\\040b rw\n"
	"25 22 0:30 / /mnt rw - tmpfs  rw,size=1\n";

static void parse(struct mounts *mounts, const char *text)
{
	*mounts = (struct mounts){0};
	mounts_parse(mounts, xstrdup(text));
}

static void every_field_is_read(void **unused)
{
	struct mounts mounts;

	(void)unused;
	parse(&mounts, table);
	assert_int_equal(mounts.count, 4);
	assert_int_equal(mounts.mounts[0].major, 259);
	assert_int_equal(mounts.mounts[0].minor, 2);
	assert_string_equal(mounts.mounts[0].point, "/");
	assert_string_equal(mounts.mounts[0].type, "ext4");
	assert_string_equal(mounts.mounts[0].source, "/dev/nvme0n1p2");
	assert_string_equal(mounts.mounts[0].options, "rw,errors=remount-ro");
	assert_string_equal(mounts.mounts[1].type, "proc");
	assert_string_equal(mounts.mounts[2].point, "/mnt/a b\\c");
	assert_string_equal(mounts.mounts[2].source, "/dev/mapper/vg-a b");
	assert_string_equal(mounts.mounts[3].source, "");
	assert_string_equal(mounts.mounts[3].options, "rw,size=1");
	mounts_release(&mounts);
}

/* Every piece of a table is one, with no more lines than are whole. */
static void cut_tables_have_fewer(void **unused)
{
	char text[sizeof(table)];
	struct mounts mounts;

	(void)unused;
	for (size_t i = 0; i < sizeof(table); i++) {
		memcpy(text, table, i);
		text[i] = '\0';
		parse(&mounts, text);
		assert_in_range(mounts.count, 0, 4);
		for (size_t j = 0; j < mounts.count; j++)
			assert_non_null(mounts.mounts[j].options);
		mounts_release(&mounts);
	}
}

static void odd_lines_are_passed_over(void **unused)
{
	struct mounts mounts;

	(void)unused;
	parse(&mounts, "\n\n22 1 259:2\n22 1 259-2 / / rw - ext4 a b\n22 1 4294967296:0 / / rw - "
	               "ext4 a b\n22 1 8:x / / rw - ext4 a b\n22 1 8:1 / /a rw ext4 a b\n"
	               "22 1 8:1 / /b rw - ext4 a b");
	assert_int_equal(mounts.count, 1);
	assert_string_equal(mounts.mounts[0].point, "/b");
	mounts_release(&mounts);
}

static void only_octal_numbers_are_unescaped(void **unused)
{
	static const struct {
		const char *text, *expected;
	} cases[] = {
		{"a\\040b", "a b"},
		{"\\134", "\\"},
		{"\\0", "\\0"},
		{"\\04", "\\04"},
		{"\\089", "\\089"},
		{"\\400", "\\400"},
		{"\\", "\\"},
		{"", ""},
		{"\\377", "\xff"},
		{"\\\\040", "\\ "},
		{"\\011x\\012", "\tx\n"},
	};
	char text[32];

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		copy_text(text, sizeof(text), cases[i].text);
		mounts_unescape(text);
		assert_string_equal(text, cases[i].expected);
	}
}

static void a_path_is_in_the_longest_and_latest(void **unused)
{
	struct mounts mounts;

	(void)unused;
	parse(&mounts, "1 0 8:1 / / rw - ext4 a rw\n"
	               "2 1 8:2 / /var rw - ext4 b rw\n"
	               "3 1 8:3 / /var/lib rw - ext4 c rw\n"
	               "4 1 8:4 / /var rw - ext4 d rw\n");
	assert_string_equal(mounts_of_path(&mounts, "/swapfile")->source, "a");
	assert_string_equal(mounts_of_path(&mounts, "/")->source, "a");
	assert_string_equal(mounts_of_path(&mounts, "/variety")->source, "a");
	assert_string_equal(mounts_of_path(&mounts, "/var")->source, "d");
	assert_string_equal(mounts_of_path(&mounts, "/var/x")->source, "d");
	assert_string_equal(mounts_of_path(&mounts, "/var/lib/x")->source, "c");
	assert_null(mounts_of_path(&mounts, "var"));
	assert_null(mounts_of_path(&mounts, ""));
	mounts_release(&mounts);
	parse(&mounts, "2 1 8:2 / /var rw - ext4 b rw\n");
	assert_null(mounts_of_path(&mounts, "/home"));
	mounts_release(&mounts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_is_read),
		cmocka_unit_test(cut_tables_have_fewer),
		cmocka_unit_test(odd_lines_are_passed_over),
		cmocka_unit_test(only_octal_numbers_are_unescaped),
		cmocka_unit_test(a_path_is_in_the_longest_and_latest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

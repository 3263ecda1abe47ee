// SPDX-License-Identifier: GPL-2.0-or-later
/* format_text: format files as kernels write them, and as nobody should be trusted with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sources/format_text.h"

#define HEAD   "name: map\nID: 1149\nformat:\n"
#define COMMON "\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
#define IOVA   "\tfield:u64 iova;\toffset:8;\tsize:8;\tsigned:0;\n"
#define DEVICE "\tfield:__data_loc char[] device;\toffset:16;\tsize:4;\tsigned:1;\n"
#define TAIL   "\nprint fmt: \"\"\n"

static void clean(const char *text, const char *want)
{
	size_t size;
	char *out = format_text_clean(text, &size);

	assert_string_equal(out, want);
	assert_int_equal(size, strlen(want));
	free(out);
}

static void a_format_keeps_its_fields(void **state)
{
	(void)state;
	clean(HEAD COMMON "\n" IOVA DEVICE "\nprint fmt: \"%x\", REC->iova\n",
	      HEAD COMMON "\n" IOVA DEVICE TAIL);
}

static void a_header_page_keeps_its_fields(void **state)
{
	(void)state;
	clean("\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;\n"
	      "\tfield: char data;\toffset:16;\tsize:4080;\tsigned:1;\n",
	      "\tfield:u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;\n"
	      "\tfield:char data;\toffset:16;\tsize:4080;\tsigned:1;\n");
	/* as it was before there were signs */
	clean("\tfield: u64 timestamp;\toffset:0;\tsize:8;\n",
	      "\tfield:u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;\n");
}

static void other_declarations_are_left_out(void **state)
{
	static const char *const lines[] = {
		"\tfield:const char * name;\toffset:8;\tsize:8;\tsigned:0;\n",
		"\tfield:u64 iova[[;\toffset:8;\tsize:8;\tsigned:0;\n",
		"\tfield:u64 (*f)(int);\toffset:8;\tsize:8;\tsigned:0;\n",
		"\tfield:u64;\toffset:8;\tsize:8;\tsigned:0;\n",
		"\tfield:u64 9x;\toffset:8;\tsize:8;\tsigned:0;\n",
		"\tfield:u64 iova;\toffset:99999;\tsize:8;\tsigned:0;\n",
		"\tfield:u64 iova;\toffset:8;\tsize:-8;\tsigned:0;\n",
		"\tfield:u64 iova;\toffset:8;\tsize:8",
		"\tfield:u64 iova",
		"field:u64 iova;\toffset:8;\tsize:8;\tsigned:0;\n",
		"name: a b\n",
		"ID: 12x\n",
		"ID: 70000\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		char text[512] = HEAD COMMON "\n" IOVA;

		strcat(text, lines[i]);
		clean(text, HEAD COMMON "\n" IOVA TAIL);
	}
	clean("", "");
	clean("\n\n\n", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_format_keeps_its_fields),
		cmocka_unit_test(a_header_page_keeps_its_fields),
		cmocka_unit_test(other_declarations_are_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

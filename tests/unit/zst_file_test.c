// SPDX-License-Identifier: GPL-2.0-or-later
/* zst_file, and record into one: what goes in comes out, also of a file that was cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <unistd.h>

#ifdef HAVE_LIBZSTD
#include <zstd.h>
#endif

#include "event_text.h"
#include "scratch.h"
#include "sinks/record.h"
#include "sources/replay.h"
#include "sources/zst_file.h"
#include "util.h"

static void write_file(const void *bytes, size_t size)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	fclose(file);
}

static size_t read_all(char *out, size_t size, bool *broken)
{
	struct error err;
	FILE *file = zst_file_open(path, NULL, &err);
	size_t got;

	assert_non_null(file);
	got = fread(out, 1, size, file);
	*broken = ferror(file);
	fclose(file);
	return got;
}

static void a_plain_file_is_left_as_it_is(void **state)
{
	char out[64];
	bool broken;

	(void)state;
	write_file("abc\ndefgh\n", 10);
	assert_int_equal(read_all(out, sizeof(out), &broken), 10);
	assert_memory_equal(out, "abc\ndefgh\n", 10);
	assert_false(broken);
	for (size_t size = 0; size < 4; size++) {
		write_file("\x28\xb5\x2f", size);
		assert_int_equal(read_all(out, sizeof(out), &broken), size);
		assert_false(broken);
	}
}

static void what_is_not_there_is_told(void **state)
{
	struct error err;

	(void)state;
	assert_null(zst_file_open("/nonexistent/x", NULL, &err));
	assert_string_equal(err.text, "cannot read /nonexistent/x: No such file or directory");
	assert_null(zst_file_open(scratch, NULL, &err));
	assert_int_equal(err.code, EISDIR);
}

#ifdef HAVE_LIBZSTD

#define TICKS       30
#define MAPS_A_TICK 4000

static void record_session(void)
{
	struct error err;
	struct record *record = record_open(path, &err);
	uint64_t random = 1;

	assert_non_null(record);
	for (uint64_t i = 1; i <= TICKS * MAPS_A_TICK; i++) {
		struct event map = {.ts_ns = i * 10, .kind = EVENT_MAP};
		const struct event tick = {.ts_ns = i * 10, .kind = EVENT_TICK};

		random = random * 6364136223846793005u + 1442695040888963407u;
		map.map.iova = random;
		map.map.size_bytes = 4096;
		assert_int_equal(record_event(record, &map, &err), 0);
		if (i % MAPS_A_TICK == 0)
			assert_int_equal(record_event(record, &tick, &err), 0);
	}
	assert_int_equal(record_close(record, &err), 0);
}

static size_t count_events(size_t *ticks, bool *complained)
{
	struct error err;
	struct replay *replay = replay_open(path, &err);
	struct event ev;
	size_t maps = 0;

	*ticks = 0;
	*complained = false;
	assert_non_null(replay);
	while (replay_next(replay, &ev)) {
		maps += ev.kind == EVENT_MAP;
		*ticks += ev.kind == EVENT_TICK;
		*complained |= ev.kind == EVENT_HEALTH || ev.kind == EVENT_LOST;
	}
	replay_close(replay);
	return maps;
}

static char *slurp(size_t *size)
{
	FILE *file = fopen(path, "r");
	char *bytes = xmalloc(8u << 20);

	assert_non_null(file);
	*size = fread(bytes, 1, 8u << 20, file);
	fclose(file);
	return bytes;
}

static void a_recording_comes_back(void **state)
{
	size_t ticks;
	bool complained;

	(void)state;
	record_session();
	assert_int_equal(count_events(&ticks, &complained), TICKS * MAPS_A_TICK);
	assert_int_equal(ticks, TICKS);
	assert_false(complained);
}

/* Each can be read without those before it, and begins behind a tick. */
static void frames_stand_by_themselves(void **state)
{
	char *text = xmalloc(4u << 20), *bytes;
	size_t size, frames = 0;

	(void)state;
	record_session();
	bytes = slurp(&size);
	for (size_t at = 0; at < size; frames++) {
		size_t packed = ZSTD_findFrameCompressedSize(bytes + at, size - at), got;

		assert_false(ZSTD_isError(packed));
		got = ZSTD_decompress(text, 4u << 20, bytes + at, packed);
		assert_false(ZSTD_isError(got));
		text[got - 1] = '\0';
		assert_int_equal(strrchr(text, '\n')[1], 't');
		at += packed;
	}
	assert_true(frames >= 2);
	free(text);
	free(bytes);
}

/* All ticks that had gone out are there, and what is missing is said. */
static void what_was_cut_is_read_up_to_there(void **state)
{
	size_t size, ticks, last = 0;
	bool complained;
	char *bytes;

	(void)state;
	record_session();
	bytes = slurp(&size);
	for (size_t cut = size / 20; cut < size; cut += size / 37) {
		write_file(bytes, cut);
		count_events(&ticks, &complained);
		assert_true(ticks >= last);
		assert_true(ticks + 2 >= TICKS * cut / size);
		last = ticks;
	}
	assert_true(complained);
	free(bytes);
}

static void a_damaged_file_ends_with_an_error(void **state)
{
	size_t size, ticks;
	bool complained;
	char *bytes;

	(void)state;
	record_session();
	bytes = slurp(&size);
	memset(bytes + size / 2, 0x5a, 4096);
	write_file(bytes, size);
	assert_true(count_events(&ticks, &complained) < TICKS * MAPS_A_TICK);
	assert_true(complained);
	free(bytes);
}

static void is_refused(const char *why)
{
	struct error err = {0};

	assert_null(replay_open(path, &err));
	assert_non_null(strstr(err.text, why));
}

/* A frame may ask for as much memory as it likes; it does not get it. */
static void a_window_too_large_is_refused(void **state)
{
	ZSTD_CCtx *context = ZSTD_createCCtx();
	char text[1000] = "", packed[2000], out[64];
	ZSTD_inBuffer in = {text, sizeof(text), 0};
	ZSTD_outBuffer to = {packed, sizeof(packed), 0};
	bool broken;

	(void)state;
	ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, 27);
	/* In two parts, so that the frame cannot tell its size and shrink the window to it. */
	ZSTD_compressStream2(context, &to, &in, ZSTD_e_flush);
	in.pos = 0;
	ZSTD_compressStream2(context, &to, &in, ZSTD_e_end);
	ZSTD_freeCCtx(context);
	write_file(packed, to.pos);
	assert_int_equal(read_all(out, sizeof(out), &broken), 0);
	assert_true(broken);
	is_refused("a window above 8 MiB: unpack it with zstd -d --long=31");
}

static void what_is_wrong_with_it_is_told(void **state)
{
	static const char text[] = "hello, this is no recording\n";
	char packed[200];
	size_t size = ZSTD_compress(packed, sizeof(packed), text, sizeof(text) - 1, 1);

	(void)state;
	write_file(packed, size);
	is_refused("what is packed in it is no recording of iommutop");
	write_file(packed, 8);
	is_refused("what is packed is cut at byte ");
	packed[size / 2] ^= 0x55;
	packed[4] = (char)0xff;
	write_file(packed, size);
	is_refused("what is packed is damaged at byte ");
}

/* Of a frame that is to be skipped nothing comes, and there may be any number of them. */
static void it_rests_while_nothing_comes(void **state)
{
	const size_t skipped = 4u << 20;
	const uint32_t head[] = {0x184d2a50, (uint32_t)skipped};
	static const char text[] = EVENT_TEXT_HEADER "\nt7 1\n";
	char *bytes = xcalloc(1, skipped + 300);
	size_t size = ZSTD_compress(bytes, 100, text, sizeof(text) - 1, 1), rests = 0;
	struct replay *replay;
	struct event ev;
	struct error err;

	(void)state;
	memcpy(bytes + size, head, sizeof(head));
	size += sizeof(head) + skipped;
	size += ZSTD_compress(bytes + size, 100, "t8 1\n", 5, 1);
	write_file(bytes, size);
	free(bytes);
	replay = replay_open(path, &err);
	assert_non_null(replay);
	assert_true(replay_next(replay, &ev));
	for (; !replay_next(replay, &ev); rests++)
		assert_true(replay_waits_for(replay) >= 0);
	assert_in_range(rests, 2, 5);
	assert_int_equal(ev.ts_ns, 8);
	assert_false(replay_next(replay, &ev));
	assert_int_equal(replay_waits_for(replay), -1);
	replay_close(replay);
}

#else

static void without_the_library_it_is_refused(void **state)
{
	struct error err;

	(void)state;
	assert_null(record_open(path, &err));
	write_file("\x28\xb5\x2f\xfd", 4);
	assert_null(zst_file_open(path, NULL, &err));
	assert_int_equal(err.code, ENOTSUP);
}

#endif

/* record_open packs what is called so. */
static int setup_packed(void **state)
{
	(void)state;
	make_scratch();
	strcat(path, ".rec.zst");
	return 0;
}

#define file_test(name) cmocka_unit_test_setup_teardown(name, setup_packed, remove_scratch)

int main(void)
{
	const struct CMUnitTest tests[] = {
		file_test(a_plain_file_is_left_as_it_is),
		file_test(what_is_not_there_is_told),
#ifdef HAVE_LIBZSTD
		file_test(a_recording_comes_back),
		file_test(frames_stand_by_themselves),
		file_test(what_was_cut_is_read_up_to_there),
		file_test(a_damaged_file_ends_with_an_error),
		file_test(a_window_too_large_is_refused),
		file_test(what_is_wrong_with_it_is_told),
		file_test(it_rests_while_nothing_comes),
#else
		file_test(without_the_library_it_is_refused),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

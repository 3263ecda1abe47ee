// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * unpack: packed bytes to those that they were. In: memory. Out: memory, never more than is there.
 * Must never know: files, what the bytes mean. The only room that knows zlib and libzstd.
 */
#include "unpack.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#ifdef HAVE_ZLIB
#include <zlib.h>
#endif
#ifdef HAVE_LIBZSTD
#include <zstd.h>
#endif

#include "../util.h"

struct method {
	const char *name;
	const char *library; /* NULL: it is built in */
	void *(*open)(void);
	void (*close)(void *state);
	bool (*run)(void *state, const void *in, size_t in_size, void *out, size_t out_size);
};

struct unpack {
	const struct method *method;
	void *state;
};

#ifdef HAVE_ZLIB
static bool run_zlib(void *state, const void *in, size_t in_size, void *out, size_t out_size)
{
	uLongf size = out_size;

	(void)state;
	return uncompress(out, &size, in, in_size) == Z_OK && size == out_size;
}
#endif

#ifdef HAVE_LIBZSTD
static void *open_zstd(void)
{
	ZSTD_DCtx *state = ZSTD_createDCtx();

	if (!state)
		abort();
	return state;
}

static void close_zstd(void *state)
{
	ZSTD_freeDCtx(state);
}

static bool run_zstd(void *state, const void *in, size_t in_size, void *out, size_t out_size)
{
	return ZSTD_decompressDCtx(state, out, out_size, in, in_size) == out_size;
}
#endif

static const struct method methods[] = {
#ifdef HAVE_ZLIB
	{.name = "zlib", .run = run_zlib},
#else
	{.name = "zlib", .library = "zlib"},
#endif
#ifdef HAVE_LIBZSTD
	{.name = "zstd", .open = open_zstd, .close = close_zstd, .run = run_zstd},
#else
	{.name = "zstd", .library = "libzstd"},
#endif
};

struct unpack *unpack_new(const char *name, struct error *err)
{
	struct unpack *unpack;

	for (size_t i = 0; i < ARRAY_SIZE(methods); i++) {
		if (strcmp(methods[i].name, name) != 0)
			continue;
		if (methods[i].library) {
			error_set(err, ENOTSUP,
			          "it is packed by %s, and this iommutop was built without %s",
			          name, methods[i].library);
			return NULL;
		}
		unpack = xcalloc(1, sizeof(*unpack));
		unpack->method = &methods[i];
		unpack->state = methods[i].open ? methods[i].open() : NULL;
		return unpack;
	}
	error_set(err, ENOTSUP, "it is packed by \"%.20s\", which nobody here knows", name);
	return NULL;
}

void unpack_free(struct unpack *unpack)
{
	if (!unpack)
		return;
	if (unpack->method->close)
		unpack->method->close(unpack->state);
	free(unpack);
}

bool unpack_run(struct unpack *unpack, const void *in, size_t in_size, void *out, size_t out_size)
{
	return unpack->method->run(unpack->state, in, in_size, out, out_size);
}

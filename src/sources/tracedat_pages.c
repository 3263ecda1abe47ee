// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tracedat_pages: the records of a file of trace-cmd, page by page, in order of time.
 * In: where they are, as the file says. Out: pages of the kernel's ring buffer.
 * Must never know: what a page holds but its time, formats, the stream.
 */
#include "tracedat_pages.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../util.h"
#include "tracedat_reader.h"
#include "unpack.h"

/* Read at once of a CPU, where nothing is packed. */
#define PIECE_BYTES (64u << 10)
/* A packed chunk is as large as whoever wrote it liked: ten pages, as a rule. */
#define CHUNK_MOST (16u << 20)
/* For the pieces of all CPUs together. */
#define MEMORY_MOST (256u << 20)

#define PAGE_LEAST 64u

/* What a chunk takes more when it cannot be made smaller. */
#define PACKING_MORE (64u << 10)

/* Before the first chunk stands how many there are. */
#define CHUNK_COUNT_BYTES 4u

#define NO_CPU SIZE_MAX

/* Each page begins with the time of its first record (struct buffer_data_page). */
#define TIME_BYTES 8u

struct cpu_pages {
	struct tracedat_reader file;  /* what of it has not been read */
	struct tracedat_reader piece; /* the same, before the piece at hand was */
	struct tracedat_missing missing;
	uint64_t next_ns; /* of the page at used */
	uint8_t *bytes;   /* a piece of whole pages, but for the last */
	size_t capacity, fill, used;
	uint32_t chunks; /* still to be read, of packed ones */
	bool ended;
};

struct tracedat_pages {
	size_t page_bytes, piece_most;
	struct unpack *unpack; /* NULL: they stand in the file as they are */
	void *packed;
	size_t packed_capacity;
	size_t cpu_count;
	uint64_t all_bytes; /* of all CPUs, as far as the file has them */
	size_t taken;       /* the CPU whose page was handed out last; NO_CPU: none */
	struct cpu_pages cpus[];
};

static void *make_room(void *memory, size_t *capacity, size_t size)
{
	if (*capacity >= size)
		return memory;
	*capacity = size;
	return xrealloc(memory, size);
}

/* ---- one CPU ---- */

static void end_cpu(struct cpu_pages *cpu, bool broken)
{
	uint64_t left = cpu->file.end - cpu->file.at;

	cpu->ended = true;
	if (!left)
		return;
	if (!cpu->missing.bytes || broken)
		cpu->missing.at = cpu->file.at;
	cpu->missing.bytes += left;
	cpu->missing.broken = broken;
}

static bool read_plain(struct tracedat_pages *pages, struct cpu_pages *cpu)
{
	uint64_t left = cpu->file.end - cpu->file.at;
	size_t size = left < pages->piece_most ? (size_t)left : pages->piece_most;

	if (!size)
		return false;
	cpu->bytes = make_room(cpu->bytes, &cpu->capacity, size);
	cpu->fill = size;
	return tracedat_get(&cpu->file, cpu->bytes, size);
}

/* Of a file that was cut the last chunk is not whole, and cannot be had. */
static bool read_chunk(struct tracedat_pages *pages, struct cpu_pages *cpu)
{
	struct tracedat_reader before = cpu->file;
	uint32_t packed_size, size;

	if (!cpu->chunks)
		return false;
	packed_size = tracedat_get32(&cpu->file);
	size = tracedat_get32(&cpu->file);
	if (cpu->file.failed || size > pages->piece_most ||
	    packed_size > pages->piece_most + PACKING_MORE ||
	    packed_size > cpu->file.end - cpu->file.at) {
		cpu->file = before;
		return false;
	}
	pages->packed = make_room(pages->packed, &pages->packed_capacity, packed_size);
	cpu->bytes = make_room(cpu->bytes, &cpu->capacity, size);
	cpu->fill = size;
	cpu->chunks--;
	if (tracedat_get(&cpu->file, pages->packed, packed_size) &&
	    unpack_run(pages->unpack, pages->packed, packed_size, cpu->bytes, size))
		return true;
	cpu->file = before;
	return false;
}

static bool try_piece(struct tracedat_pages *pages, struct cpu_pages *cpu)
{
	return pages->unpack ? read_chunk(pages, cpu) : read_plain(pages, cpu);
}

static bool read_piece(struct tracedat_pages *pages, struct cpu_pages *cpu)
{
	cpu->used = cpu->fill = 0;
	cpu->piece = cpu->file;
	if (try_piece(pages, cpu))
		return true;
	if (pages->unpack && !cpu->chunks)
		cpu->file.at = cpu->file.end; /* what may follow the last chunk is nobody's */
	end_cpu(cpu, pages->unpack && !cpu->missing.bytes);
	return false;
}

/* The last page of a file that was cut may be too short for its own head. */
static void find_next(struct tracedat_pages *pages, struct cpu_pages *cpu)
{
	while (!cpu->ended && cpu->fill - cpu->used < TIME_BYTES)
		read_piece(pages, cpu);
	if (!cpu->ended)
		memcpy(&cpu->next_ns, cpu->bytes + cpu->used, TIME_BYTES);
}

/* ---- all of them ---- */

static int by_offset(const void *a, const void *b)
{
	const struct tracedat_cpu *x = a;
	const struct tracedat_cpu *y = b;

	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static int by_number(const void *a, const void *b)
{
	const struct tracedat_cpu *x = a;
	const struct tracedat_cpu *y = b;

	return x->number < y->number ? -1 : x->number > y->number;
}

/* The same records would count for two CPUs. */
static int check_places(const struct tracedat_buffer *buffer, struct error *err)
{
	struct tracedat_cpu *cpus = xcalloc(buffer->cpu_count + 1, sizeof(*cpus));
	uint64_t end = 0;
	int result = 0;

	if (buffer->cpu_count)
		memcpy(cpus, buffer->cpus, buffer->cpu_count * sizeof(*cpus));
	qsort(cpus, buffer->cpu_count, sizeof(*cpus), by_number);
	for (size_t i = 1; i < buffer->cpu_count && !result; i++)
		if (cpus[i].number == cpus[i - 1].number)
			result = error_set(err, EINVAL, "it has CPU %" PRIu32 " twice",
			                   cpus[i].number);
	qsort(cpus, buffer->cpu_count, sizeof(*cpus), by_offset);
	for (size_t i = 0; i < buffer->cpu_count && !result; i++) {
		if (!cpus[i].size)
			continue;
		if (cpus[i].offset < end || cpus[i].size > UINT64_MAX - cpus[i].offset)
			result = error_set(err, EINVAL,
			                   "it says that the records of CPU %" PRIu32
			                   " are at byte %" PRIu64 ", where others are",
			                   cpus[i].number, cpus[i].offset);
		end = cpus[i].offset + cpus[i].size;
	}
	free(cpus);
	return result;
}

static void open_cpu(struct tracedat_pages *pages, struct cpu_pages *cpu, int fd,
                     uint64_t file_size, const struct tracedat_cpu *place)
{
	uint64_t end = place->offset + place->size;

	/* trace-cmd does not count the number of chunks among the bytes. */
	if (pages->unpack && place->size && end <= UINT64_MAX - CHUNK_COUNT_BYTES)
		end += CHUNK_COUNT_BYTES;
	if (end > file_size) {
		cpu->missing.at = place->offset < file_size ? file_size : place->offset;
		cpu->missing.bytes = end - cpu->missing.at;
		end = cpu->missing.at;
	}
	cpu->ended = !place->size || place->offset >= file_size;
	cpu->file = tracedat_reader_of_file(fd, cpu->ended ? end : place->offset, end);
	pages->all_bytes += end - cpu->file.at;
	if (pages->unpack && !cpu->ended)
		cpu->chunks = tracedat_get32(&cpu->file);
	find_next(pages, cpu);
}

static size_t piece_most(const struct tracedat_buffer *buffer, bool packed)
{
	size_t share = MEMORY_MOST / (buffer->cpu_count ? buffer->cpu_count : 1);
	size_t most = packed ? CHUNK_MOST : PIECE_BYTES;

	if (most > share)
		most = share;
	most -= most % buffer->page_bytes;
	return most ? most : buffer->page_bytes;
}

struct tracedat_pages *tracedat_pages_new(int fd, uint64_t file_size,
                                          const struct tracedat_buffer *buffer, const char *packing,
                                          struct error *err)
{
	struct tracedat_pages *pages;
	struct unpack *unpack = NULL;

	if (buffer->page_bytes < PAGE_LEAST || buffer->page_bytes > CHUNK_MOST) {
		error_set(err, EINVAL, "it says that a page has %" PRIu32 " bytes",
		          buffer->page_bytes);
		return NULL;
	}
	if (check_places(buffer, err))
		return NULL;
	if (buffer->packed) {
		unpack = unpack_new(packing, err);
		if (!unpack)
			return NULL;
	}
	pages = xcalloc(1, sizeof(*pages) + buffer->cpu_count * sizeof(pages->cpus[0]));
	pages->unpack = unpack;
	pages->page_bytes = buffer->page_bytes;
	pages->piece_most = piece_most(buffer, buffer->packed);
	pages->cpu_count = buffer->cpu_count;
	pages->taken = NO_CPU;
	for (size_t i = 0; i < pages->cpu_count; i++)
		open_cpu(pages, &pages->cpus[i], fd, file_size, &buffer->cpus[i]);
	return pages;
}

/* ---- coming back ---- */

static size_t bytes_of(const struct tracedat_pages *pages)
{
	return sizeof(*pages) + pages->cpu_count * sizeof(pages->cpus[0]);
}

static struct tracedat_pages *copy_of(const struct tracedat_pages *pages)
{
	struct tracedat_pages *copy = xmalloc(bytes_of(pages));

	memcpy(copy, pages, bytes_of(pages));
	copy->unpack = NULL;
	copy->packed = NULL;
	copy->packed_capacity = 0;
	for (size_t i = 0; i < copy->cpu_count; i++) {
		copy->cpus[i].bytes = NULL;
		copy->cpus[i].capacity = 0;
	}
	return copy;
}

struct tracedat_pages *tracedat_pages_here(const struct tracedat_pages *pages, size_t *bytes)
{
	*bytes += bytes_of(pages);
	return copy_of(pages);
}

/* What is not used up of a piece is needed still; one that was not whole when it ended is not. */
static bool read_again(struct tracedat_pages *pages, struct cpu_pages *cpu)
{
	struct cpu_pages then = *cpu;

	if (cpu->ended || cpu->used == cpu->fill)
		return true;
	cpu->file = cpu->piece;
	cpu->chunks += pages->unpack != NULL;
	if (!try_piece(pages, cpu) || cpu->fill != then.fill)
		return false;
	return cpu->file.at == then.file.at && cpu->chunks == then.chunks;
}

static void move_tools(struct tracedat_pages *to, struct tracedat_pages *from)
{
	to->unpack = from->unpack;
	to->packed = from->packed;
	to->packed_capacity = from->packed_capacity;
	from->unpack = NULL;
	from->packed = NULL;
	from->packed_capacity = 0;
}

int tracedat_pages_return(struct tracedat_pages **pages, const struct tracedat_pages *place)
{
	struct tracedat_pages *then = copy_of(place), *other = *pages;
	bool can = true;

	move_tools(then, *pages);
	for (size_t i = 0; can && i < then->cpu_count; i++)
		can = read_again(then, &then->cpus[i]);
	if (can)
		*pages = then;
	else
		move_tools(*pages, then);
	tracedat_pages_free(can ? other : then);
	return can ? 0 : -1;
}

void tracedat_pages_free(struct tracedat_pages *pages)
{
	if (!pages)
		return;
	for (size_t i = 0; i < pages->cpu_count; i++)
		free(pages->cpus[i].bytes);
	unpack_free(pages->unpack);
	free(pages->packed);
	free(pages);
}

static struct cpu_pages *oldest(struct tracedat_pages *pages)
{
	struct cpu_pages *first = NULL;

	if (pages->taken != NO_CPU)
		find_next(pages, &pages->cpus[pages->taken]);
	pages->taken = NO_CPU;
	for (size_t i = 0; i < pages->cpu_count; i++) {
		struct cpu_pages *cpu = &pages->cpus[i];

		if (!cpu->ended && (!first || cpu->next_ns < first->next_ns))
			first = cpu;
	}
	return first;
}

bool tracedat_pages_time(struct tracedat_pages *pages, uint64_t *ts_ns)
{
	const struct cpu_pages *cpu = oldest(pages);

	if (cpu)
		*ts_ns = cpu->next_ns;
	return cpu;
}

bool tracedat_pages_next(struct tracedat_pages *pages, struct tracedat_page *page)
{
	struct cpu_pages *cpu = oldest(pages);
	size_t left;

	if (!cpu)
		return false;
	left = cpu->fill - cpu->used;
	*page = (struct tracedat_page){
		.bytes = cpu->bytes + cpu->used,
		.size = left < pages->page_bytes ? left : pages->page_bytes,
		.cpu = (size_t)(cpu - pages->cpus),
		.first_ns = cpu->next_ns,
	};
	cpu->used += page->size;
	pages->taken = page->cpu;
	return true;
}

int tracedat_pages_position(const struct tracedat_pages *pages)
{
	uint64_t left = 0;

	for (size_t i = 0; i < pages->cpu_count; i++)
		left += pages->cpus[i].file.end - pages->cpus[i].file.at;
	return left ? (int)((double)(pages->all_bytes - left) * 1000 / (double)pages->all_bytes)
	            : 1000;
}

struct tracedat_missing tracedat_pages_missing(const struct tracedat_pages *pages, size_t cpu)
{
	static const struct tracedat_missing none;

	return pages->cpus[cpu].ended ? pages->cpus[cpu].missing : none;
}

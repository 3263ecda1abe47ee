// SPDX-License-Identifier: GPL-2.0-or-later
/* diff: two recordings as a table of text. In: a comparison. Out: text. */
#include "diff.h"

#include <string.h>

#include "../format.h"
#include "../text.h"
#include "../util.h"

#define TEXT_MAX   512
#define NAME_LEAST 28
#define NAME_MOST  72
#define CELL_WIDTH 14
#define CELL_MAX   48

struct page {
	FILE *out;
	bool ascii;
	int name_columns;
};

/* ---- cells ---- */

static void put_time(char *out, size_t size, double ns)
{
	if (ns < 999.5)
		snprintf(out, size, "%.0f ns", ns);
	else if (ns < 999.5e3)
		snprintf(out, size, "%.2f us", ns / 1e3);
	else if (ns < 999.5e6)
		snprintf(out, size, "%.2f ms", ns / 1e6);
	else
		snprintf(out, size, "%.2f s", ns / 1e9);
}

/* Seldom is not never. */
static void put_rate(char *out, size_t size, double per_s)
{
	if (per_s > 0 && per_s < 0.01)
		snprintf(out, size, "%.1g", per_s);
	else if (per_s < 999.5)
		snprintf(out, size, "%.*f", per_s < 9.995 ? 2 : 1, per_s);
	else
		format_count(out, size, per_s);
}

static void put_figure(char *out, size_t size, enum figure_unit unit, double value)
{
	switch (unit) {
	case UNIT_PER_S:
		put_rate(out, size, value);
		break;
	case UNIT_BYTES:
	case UNIT_BYTES_PER_S:
		format_bytes(out, size, value);
		break;
	case UNIT_NS:
	case UNIT_NS_PER_S:
		put_time(out, size, value);
		break;
	case UNIT_PER_MIB:
		snprintf(out, size, "%.2f", value);
		break;
	case UNIT_SHARE:
		snprintf(out, size, "%.1f%%", 100 * value);
		break;
	default:
		snprintf(out, size, "%.0f", value);
		break;
	}
	if (unit == UNIT_PER_S || unit == UNIT_BYTES_PER_S || unit == UNIT_NS_PER_S)
		append_text(out, size, "/s");
}

static void put_cell(char *out, size_t size, bool ascii, enum figure_unit unit,
                     struct figure figure)
{
	const char *mark = figure.known == FIGURE_ABOUT      ? "~"
	                   : figure.known == FIGURE_AT_LEAST ? (ascii ? ">=" : "≥")
	                                                     : "";
	char text[CELL_MAX - 8];

	if (figure.known == FIGURE_NOT) {
		copy_text(out, size, "-");
		return;
	}
	put_figure(text, sizeof(text), unit, figure.value);
	snprintf(out, size, "%s%s", mark, text);
}

/* Up to twice as much in percent, beyond that as a factor. */
static void put_change(char *out, size_t size, struct change change)
{
	if (change.kind == CHANGE_UNKNOWN)
		copy_text(out, size, "-");
	else if (change.kind == CHANGE_BY)
		snprintf(out, size, change.value != 0 ? "%+.0f" : "=", change.value);
	else if (change.value == 1)
		copy_text(out, size, "=");
	else if (change.value >= 2)
		snprintf(out, size, "x %.1f", change.value);
	else
		snprintf(out, size, "%+.1f%%", 100 * (change.value - 1));
}

static int columns_of(const char *text)
{
	int columns = 0;

	while (*text)
		columns += text_rune_width(text_next_rune(&text));
	return columns;
}

static void put_right(const struct page *page, const char *text)
{
	int missing = CELL_WIDTH - columns_of(text);

	fprintf(page->out, "%*s%s", missing > 1 ? missing : 1, "", text);
}

static void put_name(const struct page *page, const char *indent, const char *name)
{
	char clean[TEXT_MAX];
	int missing;

	text_clean(clean, sizeof(clean), name);
	missing = page->name_columns - (int)strlen(indent) - columns_of(clean);
	fprintf(page->out, "%s%s%*s", indent, clean, missing > 0 ? missing : 0, "");
}

/* ---- parts ---- */

static void write_row(const struct page *page, const struct compare_row *row)
{
	char cell[CELL_MAX];

	put_name(page, "  ", row->name);
	put_cell(cell, sizeof(cell), page->ascii, row->unit, row->a);
	put_right(page, cell);
	put_cell(cell, sizeof(cell), page->ascii, row->unit, row->b);
	put_right(page, cell);
	put_change(cell, sizeof(cell), row->change);
	put_right(page, cell);
	putc('\n', page->out);
}

/* "0000:00:04.0 nvme (A: DMA lazy, B: DMA strict)", "vm1 (only in B: VFIO)" */
static void put_sides(char *out, size_t size, const struct compare_part *part)
{
	const char *a = part->a.about, *b = part->b.about;

	copy_text(out, size, "");
	if (part->a.there != part->b.there)
		snprintf(out, size, " (only in %c%s%s)", part->a.there ? 'A' : 'B',
		         *a || *b ? ": " : "", part->a.there ? a : b);
	else if (strcmp(a, b) != 0)
		snprintf(out, size, " (A: %s, B: %s)", *a ? a : "-", *b ? b : "-");
	else if (*a)
		snprintf(out, size, " (%s)", a);
}

static void write_part(const struct page *page, const struct compare_part *part)
{
	char clean[TEXT_MAX], sides[2 * PART_ABOUT_MAX + 32];

	put_sides(sides, sizeof(sides), part);
	fprintf(page->out, "\n%s%s\n", text_clean(clean, sizeof(clean), part->name), sides);
	for (size_t i = 0; i < part->row_count; i++)
		write_row(page, &part->rows[i]);
}

/* ---- titles ---- */

static const char *clean_or(const char *text, const char *instead, char *out, size_t size)
{
	return *text ? text_clean(out, size, text) : instead;
}

static void write_title(const struct page *page, const struct diff *diff, size_t side)
{
	const struct snapshot *snap = diff->sides[side].snap;
	uint64_t watched_ns = diff->sides[side].watched_ns;
	char name[TEXT_MAX], host[TEXT_MAX], kernel[TEXT_MAX], watched[CELL_MAX] = "unknown time";

	if (watched_ns)
		put_time(watched, sizeof(watched), (double)watched_ns);
	fprintf(page->out, "%c %s: host %s, kernel %s, %s watched, %s\n", 'A' + (int)side,
	        text_clean(name, sizeof(name), diff->names[side]),
	        clean_or(snapshot_text(snap, snap->host), "-", host, sizeof(host)),
	        clean_or(snapshot_text(snap, snap->kernel), "-", kernel, sizeof(kernel)), watched,
	        compare_collect_words(snap));
}

static void write_heads(const struct page *page)
{
	put_name(page, "", "");
	put_right(page, "A");
	put_right(page, "B");
	put_right(page, "CHANGE");
	putc('\n', page->out);
}

/* As wide as the longest name of a row, within reason. */
static int name_columns(const struct comparison *comparison)
{
	int most = NAME_LEAST;

	for (size_t i = 0; i < comparison->part_count; i++) {
		const struct compare_part *part = &comparison->parts[i];

		for (size_t j = 0; j < part->row_count; j++) {
			int columns = 2 + columns_of(part->rows[j].name);

			most = columns > most ? columns : most;
		}
	}
	return most < NAME_MOST ? most : NAME_MOST;
}

int diff_write(FILE *out, const struct diff *diff, bool ascii)
{
	const struct page page = {out, ascii, name_columns(diff->comparison)};

	write_title(&page, diff, 0);
	write_title(&page, diff, 1);
	if (!compare_collected_alike(diff->sides[0].snap, diff->sides[1].snap))
		fputs("Not collected alike: what differs may be how it was counted, failed maps "
		      "and times above all.\n",
		      out);
	putc('\n', out);
	write_heads(&page);
	for (size_t i = 0; i < diff->comparison->part_count; i++)
		write_part(&page, &diff->comparison->parts[i]);
	return fflush(out) || ferror(out) ? -1 : 0;
}

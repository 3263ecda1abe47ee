// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * frame: the sheet: header, panes, bottom line. In: snapshot and desk. Out: cells.
 * Must never know: terminals, sources.
 */
#include "frame.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "format.h"
#include "util.h"
#include "views/cells.h"

/* From this size on, all panes of a screen stand side by side; below, one at a time with tabs. */
#define ROOMY_COLUMNS 100
#define ROOMY_ROWS    30

#define HEADER_ROWS  4
#define TROUBLES_MAX 3

struct view_context frame_context(const struct frame_input *input, const struct ui *ui)
{
	return (struct view_context){
		.snap = input->snap,
		.since = input->since,
		.group = ui_place(ui)->group,
		.utc_offset_s = input->utc_offset_s,
	};
}

/* ---- header ---- */

/* Writes on from where the line before ended; keeps two blanks between things. */
struct line {
	struct canvas *canvas;
	int row, column;
};

__attribute__((format(printf, 3, 4))) static void add(struct line *line, enum role role,
                                                      const char *format, ...)
{
	char text[CELL_TEXT_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	line->column += canvas_put(line->canvas, line->row, line->column,
	                           line->canvas->columns - line->column, role, text);
}

static void draw_name_line(struct canvas *canvas, const struct ui *ui,
                           const struct frame_input *input)
{
	const struct snapshot *snap = input->snap;
	struct line line = {canvas, 0, 0};
	char date[32] = "";

	add(&line, ROLE_TITLE, "iommutop");
	if (snap->host)
		add(&line, ROLE_NORMAL, "  %s", snapshot_text(snap, snap->host));
	if (snap->kernel)
		add(&line, ROLE_DIM, "  Linux %s", snapshot_text(snap, snap->kernel));
	if (input->recording)
		add(&line, ROLE_WARN, "  recording: %s", input->recording);
	if (ui->paused)
		add(&line, ROLE_WARN, "  PAUSED (Space goes on)");
	if (snap->wall_ns)
		format_date(date, sizeof(date), snap->wall_ns, input->utc_offset_s);
	if (line.column + 2 + (int)strlen(date) <= canvas->columns)
		canvas_put_right(canvas, 0, 0, canvas->columns, ROLE_DIM, date);
}

/* sysfs type, the header's word since 5.15 and before it */
static const struct {
	const char *type, *word, *old_word;
} modes[] = {
	{"DMA-FQ", "lazy", "lazy"},
	{"DMA", "strict", "translated"},
	{"identity", "passthrough", "passthrough"},
	{"unmanaged", "unmanaged", "unmanaged"},
	{"blocked", "blocked", "blocked"},
};

static size_t count_groups(const struct snapshot *snap, const char *type)
{
	size_t count = 0;

	for (size_t i = 0; i < snap->group_count; i++)
		count += !strcmp(snapshot_text(snap, snap->groups[i].default_type), type);
	return count;
}

static void add_modes(struct line *line, const struct snapshot *snap)
{
	bool told_apart = snapshot_kernel_at_least(snap, 5, 15);
	size_t named = 0;
	const char *separator = ": ";

	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		size_t count = count_groups(snap, modes[i].type);

		if (!count)
			continue;
		add(line, ROLE_NORMAL, "%s%zu %s", separator, count,
		    told_apart ? modes[i].word : modes[i].old_word);
		separator = ", ";
		named += count;
	}
	if (named < snap->group_count)
		add(line, ROLE_DIM, "%s%zu unknown", separator, snap->group_count - named);
}

/* Units of one vendor together: "VT-d dmar0 dmar1". */
static void add_units(struct line *line, const struct snapshot *snap)
{
	text_id vendor = 0;

	for (size_t i = 0; i < snap->unit_count; i++) {
		if (i >= 4) {
			add(line, ROLE_DIM, " and %zu more", snap->unit_count - i);
			break;
		}
		if (snap->units[i].vendor != vendor)
			add(line, ROLE_NORMAL, " %s", snapshot_text(snap, snap->units[i].vendor));
		vendor = snap->units[i].vendor;
		add(line, ROLE_DIM, " %s", snapshot_text(snap, snap->units[i].name));
	}
}

static void draw_state_line(struct canvas *canvas, const struct snapshot *snap)
{
	struct line line = {canvas, 1, 0};
	const struct snapshot_device *first;
	size_t ungrouped = snapshot_ungrouped(snap, &first);

	add(&line, ROLE_DIM, "IOMMU ");
	if (!snap->topology_known) {
		add(&line, ROLE_DIM, "reading sysfs ...");
		return;
	}
	if (!snap->group_count && !snap->unit_count)
		add(&line, ROLE_BAD,
		    snap->health[SOURCE_SYSFS].state == HEALTH_OFF ? "unknown" : "off");
	else if (!snap->group_count)
		add(&line, ROLE_WARN, "present, no groups");
	else
		add(&line, ROLE_GOOD, "on");
	add_units(&line, snap);
	add(&line, ROLE_NORMAL, "  %zu group%s", snap->group_count,
	    snap->group_count == 1 ? "" : "s");
	add_modes(&line, snap);
	if (ungrouped)
		add(&line, ROLE_WARN, "  %zu device%s behind no IOMMU", ungrouped,
		    ungrouped == 1 ? "" : "s");
}

static void add_figure(struct line *line, const char *name, enum known known, const char *text)
{
	add(line, ROLE_DIM, "%s%s ", line->column ? "  " : "", name);
	add(line, known == KNOWN_EXACT ? ROLE_STRONG : ROLE_WARN, "%s", text);
}

static uint64_t marked(const struct count *now, const struct count *then)
{
	return then ? now->n - then->n : now->n;
}

static void add_faults(struct line *line, const struct frame_input *input)
{
	const struct snapshot *snap = input->snap;
	struct count faults = snap->faults;
	char text[32];

	faults.n = marked(&faults, input->since ? &input->since->faults : NULL);
	add(line, ROLE_DIM, "  faults ");
	add(line, faults.n || faults.known == KNOWN_NOT ? ROLE_BAD : ROLE_STRONG, "%s",
	    text_count(text, sizeof(text), faults));
	if (snap->suppressed.n)
		add(line, ROLE_WARN, " (the log swallowed more)");
}

static void add_losses(struct line *line, const struct snapshot *snap)
{
	char text[32];

	add(line, ROLE_DIM, "  lost ");
	add(line,
	    snap->lost.n                    ? ROLE_BAD
	    : snap->lost.known == KNOWN_NOT ? ROLE_WARN
	                                    : ROLE_STRONG,
	    "%s", text_count(text, sizeof(text), snap->lost));
	if (snap->late.n)
		add(line, ROLE_WARN, "  late %s", text_count(text, sizeof(text), snap->late));
}

static void draw_rate_line(struct canvas *canvas, const struct frame_input *input)
{
	const struct traffic *traffic = &input->snap->traffic;
	struct line line = {canvas, 2, 0};
	char text[32], interval[32];

	add_figure(&line, "maps", traffic->maps_per_s.known,
	           text_rate(text, sizeof(text), traffic->maps_per_s));
	add_figure(&line, "unmaps", traffic->unmaps_per_s.known,
	           text_rate(text, sizeof(text), traffic->unmaps_per_s));
	add_figure(&line, "mapped", traffic->map_bytes_per_s.known,
	           text_byte_rate(text, sizeof(text), traffic->map_bytes_per_s));
	add_faults(&line, input);
	add_losses(&line, input->snap);
	if (input->snap->interval_ns)
		add(&line, ROLE_DIM, "  in %s",
		    format_duration(interval, sizeof(interval), input->snap->interval_ns));
	if (input->since)
		add(&line, ROLE_WARN, "  totals since %s",
		    format_clock(text, sizeof(text), input->since->wall_ns, input->utc_offset_s,
		                 3));
}

static void draw_class_line(struct canvas *canvas, const struct snapshot *snap)
{
	struct line line = {canvas, 3, 0};

	add(&line, ROLE_DIM, "events");
	for (size_t i = 0; i < CLASS_COUNT; i++) {
		const struct snapshot_class *class = &snap->classes[i];

		add(&line, ROLE_KEY, "  %zu", i + 1);
		add(&line, class->on ? ROLE_NORMAL : ROLE_WARN, " %s%s", event_class_names[i],
		    class->on      ? ""
		    : class->known ? " off"
		                   : " -");
	}
}

static bool is_trouble(const struct snapshot_health *health)
{
	return health->state != HEALTH_OK && health->reason[0];
}

/* What does not work and what would bring it, a line a source. */
static int draw_troubles(struct canvas *canvas, const struct snapshot *snap, int row)
{
	int drawn = 0;

	for (size_t i = 0; i < SOURCE_COUNT && drawn < TROUBLES_MAX; i++) {
		const struct snapshot_health *health = &snap->health[i];
		enum role role = health->state == HEALTH_OFF ? ROLE_BAD : ROLE_WARN;
		struct line line = {canvas, row + drawn, 0};

		if (!is_trouble(health))
			continue;
		add(&line, role, "%s %s: ", source_names[i], health_state_names[health->state]);
		add(&line, ROLE_NORMAL, "%s", health->reason);
		drawn++;
	}
	return drawn;
}

/* ---- panes ---- */

static bool is_roomy(const struct canvas *canvas)
{
	return canvas->columns >= ROOMY_COLUMNS && canvas->rows >= ROOMY_ROWS;
}

static const char *title_of(const struct pane_spec *spec)
{
	return spec->title ? spec->title : spec->view->title;
}

static void draw_pane_title(const struct ui *ui, const struct pane *pane,
                            const struct pane_spec *spec, struct canvas *canvas, int row,
                            bool focus)
{
	const struct view *view = spec->view;
	enum role role = focus ? ROLE_FOCUS : ROLE_TITLE;
	uint32_t group = ui_place(ui)->group;
	struct line line = {canvas, row, 2};

	canvas_fill(canvas, row, 0, canvas->columns, ROLE_BRANCH, 0x2500);
	if (group != NO_GROUP)
		add(&line, role, " %s of group %u ", title_of(spec), group);
	else
		add(&line, role, " %s ", title_of(spec));
	if (pane->filter[0])
		add(&line, ROLE_WARN, " %zu of %zu with \"%s\" ", pane->matching, pane->total,
		    pane->filter);
	else if (pane->shown.count > pane->body_rows)
		add(&line, ROLE_DIM, " %zu-%zu of %zu ", pane->top + 1, pane->top + pane->body_rows,
		    pane->shown.count);
	if (pane->sort_column >= 0) {
		const struct column *column = &view->columns[pane->sort_column];

		add(&line, ROLE_DIM, " by %s %s ", column->title,
		    column->descending != pane->invert ? "↓" : "↑");
	}
	if (view->follows && !pane->follow && focus)
		add(&line, ROLE_DIM, " F follows ");
}

static void draw_tabs(const struct ui *ui, struct canvas *canvas, int row)
{
	enum screen_id screen = ui_place(ui)->screen;
	const struct pane *pane = &ui->panes[screen][ui->focus[screen]];
	struct line line = {canvas, row, 2};

	canvas_fill(canvas, row, 0, canvas->columns, ROLE_BRANCH, 0x2500);
	for (size_t i = 0; i < screens[screen].pane_count; i++)
		add(&line, i == ui->focus[screen] ? ROLE_FOCUS : ROLE_DIM, " %s ",
		    title_of(&screens[screen].panes[i]));
	if (ui_place(ui)->group != NO_GROUP)
		add(&line, ROLE_TITLE, " of group %u ", ui_place(ui)->group);
	if (pane->filter[0])
		add(&line, ROLE_WARN, " %zu of %zu with \"%s\" ", pane->matching, pane->total,
		    pane->filter);
}

/* Rows a pane would use if it could: name, titles, body. */
static int wish(const struct pane *pane)
{
	return 2 + (pane->shown.count ? (int)pane->shown.count : 1);
}

/*
 * Shares rows out: each pane its least, then by weight, no pane more than it wishes; what nobody
 * wishes goes to the last one.
 */
static void share_rows(const struct ui *ui, int rows, int *heights)
{
	enum screen_id screen = ui_place(ui)->screen;
	const struct screen_spec *spec = &screens[screen];
	size_t last = spec->pane_count - 1;
	int left = rows;

	for (size_t i = 0; i < spec->pane_count; i++) {
		heights[i] = spec->panes[i].least < left ? spec->panes[i].least : left;
		left -= heights[i];
	}
	for (bool given = true; left > 0 && given;) {
		given = false;
		for (size_t i = 0; i < spec->pane_count; i++) {
			for (int n = 0; n < spec->panes[i].weight && left > 0 &&
			                heights[i] < wish(&ui->panes[screen][i]);
			     n++) {
				heights[i]++;
				left--;
				given = true;
			}
		}
	}
	heights[last] += left;
}

/* Returns the sum. */
static int grant_wishes(const struct ui *ui, int *heights)
{
	enum screen_id screen = ui_place(ui)->screen;
	int rows = 0;

	for (size_t i = 0; i < screens[screen].pane_count; i++) {
		heights[i] = wish(&ui->panes[screen][i]);
		rows += heights[i];
	}
	return rows;
}

static void update_panes(struct ui *ui, const struct view_context *context, const int *heights)
{
	enum screen_id screen = ui_place(ui)->screen;

	for (size_t i = 0; i < screens[screen].pane_count; i++)
		table_update(&ui->panes[screen][i], screens[screen].panes[i].view, context,
		             heights[i] - 1);
}

static void draw_all_panes(struct canvas *canvas, struct ui *ui, const struct view_context *context,
                           int top, int bottom, bool whole)
{
	enum screen_id screen = ui_place(ui)->screen;
	int heights[SCREEN_PANES_MAX] = {0};
	int row = top;

	/* How many rows a pane wishes for is known only after its filter has run. */
	update_panes(ui, context, heights);
	if (whole)
		grant_wishes(ui, heights);
	else
		share_rows(ui, bottom - top, heights);
	update_panes(ui, context, heights);
	for (size_t i = 0; i < screens[screen].pane_count; i++) {
		const struct pane *pane = &ui->panes[screen][i];
		const struct pane_spec *spec = &screens[screen].panes[i];
		bool focus = !whole && i == ui->focus[screen];

		if (heights[i] < 1)
			continue;
		draw_pane_title(ui, pane, spec, canvas, row, focus);
		table_draw(pane, spec->view, context, canvas, row + 1, 0, heights[i] - 1,
		           canvas->columns, focus);
		row += heights[i];
	}
}

static void draw_one_pane(struct canvas *canvas, struct ui *ui, const struct view_context *context,
                          int top, int bottom)
{
	struct pane *pane = ui_pane(ui);
	const struct view *view = ui_view(ui);

	table_update(pane, view, context, bottom - top - 1);
	draw_tabs(ui, canvas, top);
	table_draw(pane, view, context, canvas, top + 1, 0, bottom - top - 1, canvas->columns,
	           true);
}

/* ---- bottom line ---- */

static const struct {
	const char *key, *word;
} hints[] = {
	{"q", "quit"},      {"h", "help"},      {"Tab", "pane"}, {"Enter", "open"},
	{"e", "events"},    {"/", "search"},    {"f", "filter"}, {"<>", "sort"},
	{"1-5", "classes"}, {"Space", "pause"}, {"z", "since"},
};

static const struct {
	const char *key, *word;
} help_hints[] = {{"j k PgUp PgDn", "scroll"}, {"any other key", "back"}};

static void add_hint(struct line *line, const char *key, const char *word)
{
	int width = (int)(strlen(key) + strlen(word)) + 3;

	if (line->column + width > line->canvas->columns)
		return;
	add(line, ROLE_KEY, "%s", key);
	add(line, ROLE_DIM, " %s  ", word);
}

static void draw_bottom(struct canvas *canvas, struct ui *ui)
{
	struct line line = {canvas, canvas->rows - 1, 0};

	if (ui->prompt == PROMPT_FILTER) {
		add(&line, ROLE_KEY, "filter: ");
		add(&line, ROLE_STRONG, "%s_", ui_pane(ui)->filter);
	} else if (ui->prompt == PROMPT_SEARCH) {
		add(&line, ROLE_KEY, "/");
		add(&line, ROLE_STRONG, "%s_", ui_pane(ui)->search);
	} else if (ui->notice[0]) {
		add(&line, ROLE_WARN, "%s", ui->notice);
	} else if (ui_place(ui)->screen == SCREEN_HELP) {
		for (size_t i = 0; i < ARRAY_SIZE(help_hints); i++)
			add_hint(&line, help_hints[i].key, help_hints[i].word);
	} else {
		if (ui->depth > 1)
			add_hint(&line, "Esc", "back");
		for (size_t i = 0; i < ARRAY_SIZE(hints); i++)
			add_hint(&line, hints[i].key, hints[i].word);
	}
}

/* ---- the sheet ---- */

static int draw_header(struct canvas *canvas, const struct ui *ui, const struct frame_input *input)
{
	draw_name_line(canvas, ui, input);
	draw_state_line(canvas, input->snap);
	draw_rate_line(canvas, input);
	draw_class_line(canvas, input->snap);
	return HEADER_ROWS + draw_troubles(canvas, input->snap, HEADER_ROWS);
}

void frame_draw(struct canvas *canvas, struct ui *ui, const struct frame_input *input)
{
	struct view_context context = frame_context(input, ui);
	int top = draw_header(canvas, ui, input);
	int bottom = input->whole ? canvas->rows : canvas->rows - 1;

	if (input->whole || is_roomy(canvas))
		draw_all_panes(canvas, ui, &context, top, bottom, input->whole);
	else
		draw_one_pane(canvas, ui, &context, top, bottom);
	if (!input->whole) {
		canvas_fill(canvas, canvas->rows - 1, 0, canvas->columns, ROLE_NORMAL, ' ');
		draw_bottom(canvas, ui);
	}
}

int frame_rows(struct ui *ui, const struct frame_input *input)
{
	struct view_context context = frame_context(input, ui);
	int heights[SCREEN_PANES_MAX] = {0};
	int troubles = 0;

	for (size_t i = 0; i < SOURCE_COUNT; i++)
		troubles += is_trouble(&input->snap->health[i]);
	update_panes(ui, &context, heights);
	return HEADER_ROWS + (troubles < TROUBLES_MAX ? troubles : TROUBLES_MAX) +
	       grant_wishes(ui, heights);
}

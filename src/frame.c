// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * frame: the sheet: header, panes, bottom line. In: snapshot and desk. Out: cells.
 * Must never know: terminals, sources.
 */
#include "frame.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "format.h"
#include "util.h"
#include "views/cells.h"
#include "views/fault_cells.h"

/* From this size on, all panes of a screen stand side by side; below, one at a time with tabs. */
#define ROOMY_COLUMNS 100
#define ROOMY_ROWS    30

struct view_context frame_context(const struct frame_input *input, const struct ui *ui)
{
	return (struct view_context){
		.snap = input->snap,
		.since = input->since,
		.group = ui_place(ui)->group,
		.domain = ui_place(ui)->domain,
		.fault = ui_place(ui)->fault,
		.mutes = &ui->mutes,
		.acknowledged_id = ui->acknowledged_id,
		.acknowledged_ns = ui->acknowledged_ns,
		.utc_offset_s = input->utc_offset_s,
		.columns = ui->columns,
	};
}

/* ---- header ---- */

static bool is_known(enum known known)
{
	return known == KNOWN_EXACT || known == KNOWN_AT_LEAST;
}

/* Writes on from where the line before ended; keeps two blanks between things. */
struct strip {
	struct canvas *canvas;
	int row, column;
};

__attribute__((format(printf, 3, 4))) static void add(struct strip *line, enum role role,
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

/* Only what can be read to its end. */
__attribute__((format(printf, 3, 4))) static bool add_whole(struct strip *line, enum role role,
                                                            const char *format, ...)
{
	char text[CELL_TEXT_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (line->column + canvas_text_width(text) > line->canvas->columns)
		return false;
	add(line, role, "%s", text);
	return true;
}

#define POSITION_CELLS 12

/* "  0:03:12 [====>       ] 2x"; empty where it is of no use. */
static const char *playback_text(char *text, size_t size, const struct frame_input *input)
{
	const struct frame_playback *playback = &input->playback;
	uint64_t seconds = playback->elapsed_ns / 1000000000u;
	char bar[POSITION_CELLS + 1];

	copy_text(text, size, "");
	if (input->whole || (playback->position <= 0 && !seconds))
		return text;
	snprintf(text, size, "  %" PRIu64 ":%02" PRIu64 ":%02" PRIu64, seconds / 3600,
	         seconds / 60 % 60, seconds % 60);
	for (int i = 0; playback->position >= 0 && i < POSITION_CELLS; i++)
		bar[i] = "= "[i >= playback->position * POSITION_CELLS / 1000];
	bar[POSITION_CELLS] = '\0';
	if (playback->position >= 0)
		append_text(text, size, " [%s]", bar);
	if (playback->speed && playback->speed != 1000)
		append_text(text, size, " %gx", playback->speed / 1000.0);
	return text;
}

/* "  recording: guest.rec (its end)" */
static const char *recording_text(char *text, size_t size, const struct frame_input *input)
{
	copy_text(text, size, "");
	if (input->recording)
		append_text(text, size, "  %s: %s%s",
		            input->recording_is_log ? "kernel log" : "recording", input->recording,
		            input->recording_ended ? " (its end)" : "");
	return text;
}

/* Two blanks and the date. */
#define DATE_ROOM 21

static int name_width(const struct snapshot *snap)
{
	int width = 0;

	if (snap->host)
		width += 2 + canvas_text_width(snapshot_text(snap, snap->host));
	if (snap->kernel)
		width += 8 + canvas_text_width(snapshot_text(snap, snap->kernel));
	return width;
}

static void draw_name_line(struct canvas *canvas, int row, const struct ui *ui,
                           const struct frame_input *input)
{
	const struct snapshot *snap = input->snap;
	struct strip line = {canvas, row, 0};
	const char *paused = ui->paused || input->playback.held ? "  PAUSED (Space goes on)" : "";
	char date[32] = "", playback[80], recording[CELL_TEXT_MAX];
	bool short_of_room;

	add(&line, ROLE_TITLE, "iommutop");
	playback_text(playback, sizeof(playback), input);
	recording_text(recording, sizeof(recording), input);
	/* Where one is in a recording tells more than whose it is. */
	short_of_room = playback[0] && line.column + name_width(snap) + canvas_text_width(paused) +
	                                               canvas_text_width(recording) +
	                                               canvas_text_width(playback) + DATE_ROOM >
	                                       canvas->columns;
	if (short_of_room && *paused)
		paused = "  PAUSED";
	if (snap->host && !short_of_room)
		add(&line, ROLE_NORMAL, "  %s", snapshot_text(snap, snap->host));
	if (snap->kernel && !short_of_room)
		add(&line, ROLE_DIM, "  Linux %s", snapshot_text(snap, snap->kernel));
	add(&line, ROLE_WARN, "%s%s", paused, recording);
	add(&line, ROLE_NORMAL, "%s", playback);
	if (input->recording_to)
		add(&line, ROLE_BAD, "  recording to %s", input->recording_to);
	if (snap->wall_ns)
		format_date(date, sizeof(date), snap->wall_ns, input->utc_offset_s);
	if (line.column + 2 + (int)strlen(date) <= canvas->columns)
		canvas_put_right(canvas, row, 0, canvas->columns, ROLE_DIM, date);
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

static void add_modes(struct strip *line, const struct snapshot *snap)
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

/* VFIO makes groups, too, where it is told to do without an IOMMU. */
static bool is_without_iommu(const struct snapshot *snap)
{
	for (size_t i = 0; i < snap->group_count; i++)
		if (strcmp(snapshot_text(snap, snap->groups[i].name), "vfio-noiommu") != 0)
			return false;
	return !snap->unit_count;
}

/* Units of one vendor together: "VT-d dmar0 dmar1". */
static void add_units(struct strip *line, const struct snapshot *snap)
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

static void draw_state_line(struct canvas *canvas, int row, const struct ui *ui,
                            const struct frame_input *input)
{
	const struct snapshot *snap = input->snap;
	struct strip line = {canvas, row, 0};
	const struct snapshot_device *first;
	size_t ungrouped = snapshot_ungrouped(snap, &first);

	(void)ui;
	add(&line, ROLE_DIM, "IOMMU ");
	if (!snap->topology_known) {
		add(&line, ROLE_DIM, "reading sysfs ...");
		return;
	}
	if (is_without_iommu(snap))
		add(&line, ROLE_BAD,
		    snap->health[SOURCE_SYSFS].state == HEALTH_OFF ? "unknown" : "off");
	else if (!snap->group_count)
		add(&line, ROLE_WARN, "present, no groups");
	else
		add(&line, ROLE_GOOD, "on");
	add_units(&line, snap);
	add(&line, ROLE_NORMAL, "  %zu group%s", snap->group_count,
	    snap->group_count == 1 ? "" : "s");
	if (snap->topology_cut)
		add(&line, ROLE_BAD, "  not all: no room for more");
	add_modes(&line, snap);
	if (ungrouped)
		add(&line, ROLE_WARN, "  %zu device%s behind no IOMMU", ungrouped,
		    ungrouped == 1 ? "" : "s");
}

static void add_figure(struct strip *line, const char *name, enum known known, const char *text)
{
	add(line, ROLE_DIM, "%s%s ", line->column ? "  " : "", name);
	add(line, known == KNOWN_EXACT ? ROLE_STRONG : ROLE_WARN, "%s", text);
}

static uint64_t marked(const struct count *now, const struct count *then)
{
	return then ? now->n - then->n : now->n;
}

/* Whether the log has swallowed some: by its own words, or by the units' interrupts. */
static bool is_log_short(const struct snapshot *snap)
{
	return is_known(snap->fault_interrupts.known) &&
	       snap->fault_interrupts.n > snap->faults_logged.n;
}

/* A fault that nobody has acknowledged or muted. */
static bool has_news(const struct view_context *context)
{
	const struct snapshot *snap = context->snap;

	for (size_t i = 0; i < snap->fault_count; i++)
		if (fault_news(context, &snap->faults_seen[i]) >= NEWS_MORE &&
		    !fault_is_muted(context, &snap->faults_seen[i]))
			return true;
	return false;
}

static void add_faults(struct strip *line, const struct view_context *context)
{
	const struct snapshot *snap = context->snap;
	struct count faults = snap->faults;
	size_t rows = 0;
	uint64_t before = 0;
	char text[32];

	for (size_t i = 0; i < snap->fault_count; i++) {
		before += snap->faults_seen[i].count_before;
		rows += fault_count(context, &snap->faults_seen[i]) > 0;
	}
	faults.n = marked(&faults, context->since ? &context->since->faults : NULL);
	add(line, ROLE_DIM, "  faults ");
	add(line,
	    (faults.n && has_news(context)) || faults.known == KNOWN_NOT ? ROLE_BAD : ROLE_STRONG,
	    "%s", text_count(text, sizeof(text), faults));
	if (faults.n > rows && rows)
		add(line, ROLE_DIM, " in %s%zu row%s", snap->rows_dropped ? GLYPH_AT_LEAST : "",
		    rows, rows == 1 && !snap->rows_dropped ? "" : "s");
	if (before)
		add(line, ROLE_DIM, " (%" PRIu64 " earlier)", before);
}

/* What of the faults did not come through; behind what is always there. */
static void add_swallowed(struct strip *line, const struct snapshot *snap)
{
	char logged[32], counted[32];

	if (is_log_short(snap))
		add_whole(line, ROLE_WARN, "  logged %s of %s interrupts",
		          format_count(logged, sizeof(logged), (double)snap->faults_logged.n),
		          text_count(counted, sizeof(counted), snap->fault_interrupts));
	else if (snap->suppressed.n || snap->overflows)
		add_whole(line, ROLE_WARN, "  faults suppressed");
}

static void add_losses(struct strip *line, const struct snapshot *snap)
{
	char text[32];

	add(line, ROLE_DIM, "  lost ");
	add(line,
	    snap->lost.n                    ? ROLE_BAD
	    : snap->lost.known == KNOWN_NOT ? ROLE_WARN
	                                    : ROLE_STRONG,
	    "%s", text_count(text, sizeof(text), snap->lost));
	if (snap->lost_of_log)
		add(line, ROLE_WARN,
		    snap->lost_of_log == snap->lost.n ? " of the log" : " (log, too)");
	if (snap->missed.n)
		add(line, ROLE_BAD, "  missed %s", text_count(text, sizeof(text), snap->missed));
	if (snap->late.n)
		add(line, ROLE_WARN, "  late %s", text_count(text, sizeof(text), snap->late));
}

static void draw_rate_line(struct canvas *canvas, int row, const struct ui *ui,
                           const struct frame_input *input)
{
	const struct traffic *traffic = &input->snap->traffic;
	struct view_context context = frame_context(input, ui);
	struct strip line = {canvas, row, 0};
	char text[32], interval[32];

	add_figure(&line, "maps", traffic->maps_per_s.known,
	           text_rate(text, sizeof(text), traffic->maps_per_s));
	add_figure(&line, "unmaps", traffic->unmaps_per_s.known,
	           text_rate(text, sizeof(text), traffic->unmaps_per_s));
	add_figure(&line, "mapped", traffic->map_bytes_per_s.known,
	           text_byte_rate(text, sizeof(text), traffic->map_bytes_per_s));
	add_faults(&line, &context);
	add_losses(&line, input->snap);
	add_swallowed(&line, input->snap);
	if (input->snap->interval_ns)
		add_whole(&line, ROLE_DIM, "  in %s",
		          format_duration(interval, sizeof(interval), input->snap->interval_ns));
	if (input->since)
		add(&line, ROLE_WARN, "  totals since %s",
		    format_clock(text, sizeof(text), input->since->wall_ns, input->utc_offset_s,
		                 3));
}

/* How maps and unmaps come, and why so; in fewer words where there is no room. */
static void add_collect(struct strip *line, const struct snapshot *snap)
{
	const char *mode = collect_mode_names[snap->collect];
	const char *why = snapshot_text(snap, snap->collect_reason);
	const char *choice = snap->collect_asked ? "asked for" : "auto";
	bool two_ways = snap->collect == COLLECT_EVENTS || snap->collect == COLLECT_COUNTS;

	if (snap->collect == COLLECT_NONE || line->column + 12 > line->canvas->columns)
		return;
	add(line, ROLE_KEY, two_ways ? "  c" : " ");
	if (!two_ways && *why && add_whole(line, ROLE_NORMAL, " collect %s (%s)", mode, why))
		return;
	if (two_ways && *why &&
	    (add_whole(line, ROLE_NORMAL, " collect %s (%s: %s)", mode, choice, why) ||
	     add_whole(line, ROLE_NORMAL, " %s (%s: %s)", mode, choice, why)))
		return;
	if (two_ways && add_whole(line, ROLE_NORMAL, " collect %s (%s)", mode, choice))
		return;
	if (!add_whole(line, ROLE_NORMAL, " collect %s", mode))
		add_whole(line, ROLE_NORMAL, " %s", mode);
}

static void draw_class_line(struct canvas *canvas, int row, const struct ui *ui,
                            const struct frame_input *input)
{
	const struct snapshot *snap = input->snap;
	struct strip line = {canvas, row, 0};

	(void)ui;
	add(&line, ROLE_DIM, "events");
	for (size_t i = 0; i < CLASS_COUNT; i++) {
		const struct snapshot_class *class = &snap->classes[i];

		add(&line, ROLE_KEY, "  %zu", i + 1);
		add(&line, class->on ? ROLE_NORMAL : ROLE_WARN, " %s%s", event_class_names[i],
		    class->on      ? ""
		    : class->known ? " off"
		                   : " -");
	}
	add_collect(&line, snap);
}

/* ---- what is not always there: refused maps, what watching costs ---- */

static void add_failures(struct strip *line, const struct frame_input *input)
{
	struct count failed = input->snap->failed_maps;
	char text[32];

	failed.n = marked(&failed, input->since ? &input->since->failed_maps : NULL);
	if (failed.n)
		add(line, ROLE_BAD, "failed maps %s", text_count(text, sizeof(text), failed));
}

static void add_cost(struct strip *line, const struct snapshot *snap)
{
	if (!is_known(snap->cost_own.known))
		return;
	add(line, ROLE_DIM, "%swatching ", line->column ? "  " : "");
	add(line, ROLE_STRONG, "%.1f %%", 100 * snap->cost_own.per_s);
	if (is_known(snap->cost_kernel.known))
		add(line, ROLE_STRONG, " + ≈%.1f %% kernel", 100 * snap->cost_kernel.per_s);
	add(line, ROLE_DIM, " of a CPU");
}

static void add_invalidations(struct strip *line, const struct snapshot *snap)
{
	const char *title = line->column ? "  invalidations" : "invalidations";
	char text[32];

	for (size_t i = 0; i < snap->unit_count; i++) {
		const struct snapshot_unit *unit = &snap->units[i];

		if (!is_known(unit->invalidations_per_s.known))
			continue;
		if (!add_whole(line, ROLE_NORMAL, "%s %s %s", title,
		               snapshot_text(snap, unit->name),
		               text_rate(text, sizeof(text), unit->invalidations_per_s)))
			return;
		title = "";
	}
}

/* A row only where there is something to say. */
static int draw_more_line(struct canvas *canvas, int row, const struct frame_input *input)
{
	struct strip line = {canvas, row, 0};

	add_failures(&line, input);
	add_cost(&line, input->snap);
	add_invalidations(&line, input->snap);
	return line.column > 0;
}

static bool is_trouble(const struct snapshot_health *health)
{
	return health->state != HEALTH_OK && health->reason[0];
}

/* What a person calls the sources. */
static const char *const source_words[SOURCE_COUNT] = {
	[SOURCE_SYSFS] = "IOMMU",      [SOURCE_TRACE] = "events",   [SOURCE_LOG] = "kernel log",
	[SOURCE_REPLAY] = "recording", [SOURCE_PROBES] = "domains", [SOURCE_OWNERS] = "processes",
};

/* One sentence over as many rows as its words need; nothing is drawn past the last row. Returns how
 * many. */
static int draw_sentence(struct canvas *canvas, int row, enum role role, const char *about,
                         const char *sentence)
{
	struct strip line = {canvas, row, 0};

	add(&line, role, "%s:", about);
	while (*sentence) {
		int length = (int)strcspn(sentence, " ");
		char word[CELL_TEXT_MAX];

		snprintf(word, sizeof(word), "%.*s", length, sentence);
		if (line.column + 1 + canvas_text_width(word) > canvas->columns && line.column > 2)
			line = (struct strip){canvas, line.row + 1, 1};
		add(&line, ROLE_NORMAL, " %s", word);
		sentence += length;
		sentence += strspn(sentence, " ");
	}
	return line.row + 1 - row;
}

/* What does not work and what would bring it, a sentence a source. */
static int draw_troubles(struct canvas *canvas, const struct frame_input *input, int row)
{
	int drawn = 0;

	for (size_t i = 0; i < SOURCE_COUNT; i++) {
		const struct snapshot_health *health = &input->snap->health[i];
		enum role role = health->state == HEALTH_OFF ? ROLE_BAD : ROLE_WARN;

		if (is_trouble(health))
			drawn += draw_sentence(canvas, row + drawn, role,
			                       input->recording_is_log && i == SOURCE_REPLAY
			                               ? "times"
			                               : source_words[i],
			                       health->reason);
	}
	if (input->problem)
		drawn += draw_sentence(canvas, row + drawn, ROLE_BAD, "record", input->problem);
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

/* What the user decided about a pane, behind its name. */
static void add_pane_state(struct strip *line, const struct pane *pane, const struct view *view,
                           const struct view_context *context, bool focus)
{
	char note[CELL_TEXT_MAX] = "";

	if (pane->filter[0])
		add(line, ROLE_WARN, " %zu of %zu with \"%s\" ", pane->matching, pane->total,
		    pane->filter);
	else if (pane->shown.count > pane->body_rows)
		add_whole(line, ROLE_DIM, " %zu-%zu of %zu ", pane->top + 1,
		          pane->top + pane->body_rows, pane->shown.count);
	if (pane->sort_column >= 0) {
		const struct column *column = &view->columns[pane->sort_column];

		add_whole(line, ROLE_DIM, " by %s %s ", column->title,
		          column->descending != pane->invert ? "↓" : "↑");
	}
	if (view->follows && !pane->follow && focus)
		add_whole(line, ROLE_DIM, " F follows ");
	if (view->note)
		view->note(context, note, sizeof(note));
	if (note[0])
		add(line, ROLE_WARN, " %s ", note);
}

/* Whose the panes of this screen are: " of group 12", " of 0000:00:04.0". */
static void put_owner(const struct view_context *context, char *out, size_t size)
{
	const struct snapshot_domain *domain =
		context->domain == NO_DOMAIN
			? NULL
			: snapshot_domain_by_id(context->snap, context->domain);
	const struct snapshot_fault *fault = fault_by_id(context->snap, context->fault);
	char name[CELL_TEXT_MAX / 2];

	out[0] = '\0';
	if (fault)
		snprintf(out, size, " of %s%s",
		         fault_device(context->snap, fault, name, sizeof(name)),
		         fault->guessed ? "?" : "");
	else if (domain)
		snprintf(out, size, " of %s",
		         snapshot_domain_name(context->snap, domain, name, sizeof(name)));
	else if (context->domain != NO_DOMAIN)
		snprintf(out, size, " of domain %u", context->domain);
	else if (context->group != NO_GROUP)
		snprintf(out, size, " of group %u", context->group);
}

static void draw_pane_title(const struct view_context *context, const struct pane *pane,
                            const struct pane_spec *spec, struct canvas *canvas, int row,
                            bool focus)
{
	struct strip line = {canvas, row, 2};
	char owner[CELL_TEXT_MAX];

	put_owner(context, owner, sizeof(owner));
	canvas_fill(canvas, row, 0, canvas->columns, ROLE_BRANCH, 0x2500);
	add(&line, focus ? ROLE_FOCUS : ROLE_TITLE, " %s%s ", title_of(spec), owner);
	add_pane_state(&line, pane, spec->view, context, focus);
}

static void draw_tabs(const struct ui *ui, const struct view_context *context,
                      struct canvas *canvas, int row)
{
	enum screen_id screen = ui_place(ui)->screen;
	const struct pane *pane = &ui->panes[screen][ui->focus[screen]];
	struct strip line = {canvas, row, 2};
	char owner[CELL_TEXT_MAX];

	canvas_fill(canvas, row, 0, canvas->columns, ROLE_BRANCH, 0x2500);
	for (size_t i = 0; i < screens[screen].pane_count; i++)
		if (!ui_is_absent(ui, i))
			add(&line, i == ui->focus[screen] ? ROLE_FOCUS : ROLE_DIM, " %s ",
			    title_of(&screens[screen].panes[i]));
	put_owner(context, owner, sizeof(owner));
	/* its blank is the one behind the last tab */
	if (owner[0])
		add(&line, ROLE_TITLE, "%s ", owner + 1);
	add_pane_state(&line, pane, screens[screen].panes[ui->focus[screen]].view, context, true);
}

/* Rows a pane of the screen would use if it could: name, titles, body. */
static int wish(const struct ui *ui, size_t pane)
{
	size_t count = ui->panes[ui_place(ui)->screen][pane].shown.count;

	return ui_is_absent(ui, pane) ? 0 : 2 + (count ? (int)count : 1);
}

static size_t last_pane(const struct ui *ui)
{
	size_t last = screens[ui_place(ui)->screen].pane_count - 1;

	while (last && ui_is_absent(ui, last))
		last--;
	return last;
}

/*
 * Shares rows out: each pane its least, then by weight, no pane more than it wishes; what nobody
 * wishes goes to the last one.
 */
static void share_rows(const struct ui *ui, int rows, int *heights)
{
	enum screen_id screen = ui_place(ui)->screen;
	const struct screen_spec *spec = &screens[screen];
	int left = rows;

	for (size_t i = 0; i < spec->pane_count; i++) {
		int least = wish(ui, i);

		if (least > spec->panes[i].least)
			least = spec->panes[i].least;
		heights[i] = least < left ? least : left;
		left -= heights[i];
	}
	for (bool given = true; left > 0 && given;) {
		given = false;
		for (size_t i = 0; i < spec->pane_count; i++) {
			for (int n = 0;
			     n < spec->panes[i].weight && left > 0 && heights[i] < wish(ui, i);
			     n++) {
				heights[i]++;
				left--;
				given = true;
			}
		}
	}
	heights[last_pane(ui)] += left;
}

/* Returns the sum. */
static int grant_wishes(const struct ui *ui, int *heights)
{
	enum screen_id screen = ui_place(ui)->screen;
	int rows = 0;

	for (size_t i = 0; i < screens[screen].pane_count; i++) {
		heights[i] = wish(ui, i);
		rows += heights[i];
	}
	return rows;
}

/* all: not only that with the keyboard, and those that are not always there. */
static void update_panes(struct ui *ui, const struct view_context *context, bool all)
{
	enum screen_id screen = ui_place(ui)->screen;

	for (size_t i = 0; i < screens[screen].pane_count; i++)
		if (all || i == ui->focus[screen] || screens[screen].panes[i].rare)
			table_update(&ui->panes[screen][i], screens[screen].panes[i].view, context);
}

static void draw_all_panes(struct canvas *canvas, struct ui *ui, const struct view_context *context,
                           int top, int bottom, bool whole)
{
	enum screen_id screen = ui_place(ui)->screen;
	int heights[SCREEN_PANES_MAX] = {0};
	int row = top;

	update_panes(ui, context, true);
	if (whole)
		grant_wishes(ui, heights);
	else
		share_rows(ui, bottom - top, heights);
	for (size_t i = 0; i < screens[screen].pane_count; i++) {
		struct pane *pane = &ui->panes[screen][i];
		const struct pane_spec *spec = &screens[screen].panes[i];
		bool focus = !whole && i == ui->focus[screen];

		table_fit(pane, heights[i] - 1);
		if (heights[i] < 1)
			continue;
		draw_pane_title(context, pane, spec, canvas, row, focus);
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

	update_panes(ui, context, false);
	table_fit(pane, bottom - top - 1);
	draw_tabs(ui, context, canvas, top);
	table_draw(pane, view, context, canvas, top + 1, 0, bottom - top - 1, canvas->columns,
	           true);
}

/* ---- bottom line ---- */

struct hint {
	const char *key, *word;
};

static const struct hint hints[] = {
	{"q", "quit"},      {"h", "help"},      {"Tab", "pane"}, {"Enter", "open"},
	{"e", "events"},    {"/", "search"},    {"f", "filter"}, {"<>", "sort"},
	{"1-5", "classes"}, {"Space", "pause"}, {"z", "since"},
};

static const struct hint fault_hints[] = {{"m", "mute"}, {"a", "acknowledge"}};
static const struct hint help_hints[] = {{"j k PgUp PgDn", "scroll"}, {"any other key", "back"}};

static void add_hints(struct strip *line, const struct hint *shown, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int gap = line->column ? 2 : 0;
		int width = (int)(strlen(shown[i].key) + strlen(shown[i].word)) + 1;

		if (line->column + gap + width > line->canvas->columns)
			return;
		line->column += gap;
		add(line, ROLE_KEY, "%s", shown[i].key);
		add(line, ROLE_DIM, " %s", shown[i].word);
	}
}

/* The reason goes last: it is the longest. */
static void add_mute_offer(struct strip *line, const struct ui *ui)
{
	static const char *const keys[MUTE_KIND_COUNT] = {"d", "r"};

	add(line, ROLE_NORMAL, "mute");
	for (int kind = 0; kind < MUTE_KIND_COUNT; kind++) {
		if (!ui->offered[kind][0])
			continue;
		add(line, ROLE_KEY, "  %s", keys[kind]);
		add(line, ROLE_DIM, " %s ", mute_kind_words[kind]);
		add(line, ROLE_STRONG, "%s", ui->offered[kind]);
	}
	add_whole(line, ROLE_DIM, "  (any other key: neither)");
}

static void draw_bottom(struct canvas *canvas, struct ui *ui)
{
	struct strip line = {canvas, canvas->rows - 1, 0};

	if (ui->prompt == PROMPT_FILTER) {
		add(&line, ROLE_KEY, "filter: ");
		add(&line, ROLE_STRONG, "%s_", ui_pane(ui)->filter);
	} else if (ui->prompt == PROMPT_SEARCH) {
		add(&line, ROLE_KEY, "/");
		add(&line, ROLE_STRONG, "%s_", ui_pane(ui)->search);
	} else if (ui->prompt == PROMPT_MUTE) {
		add_mute_offer(&line, ui);
	} else if (ui->notice[0]) {
		add(&line, ROLE_WARN, "%s", ui->notice);
	} else if (ui_place(ui)->screen == SCREEN_HELP) {
		add_hints(&line, help_hints, ARRAY_SIZE(help_hints));
	} else {
		if (ui->depth > 1)
			add_hints(&line, &(struct hint){"Esc", "back"}, 1);
		if (ui_place(ui)->screen == SCREEN_DOMAIN)
			add_hints(&line, &(struct hint){"w", "who calls"}, 1);
		if (ui_view(ui) == &faults_view)
			add_hints(&line, fault_hints, ARRAY_SIZE(fault_hints));
		add_hints(&line, hints, ARRAY_SIZE(hints));
	}
}

/* ---- the sheet ---- */

/* In a low terminal the header leaves rows to the pane; the rates go last. */
static const struct {
	void (*draw)(struct canvas *canvas, int row, const struct ui *ui,
	             const struct frame_input *input);
	int least_rows;
} header[] = {
	{draw_name_line, 8}, {draw_state_line, 10}, {draw_rate_line, 5}, {draw_class_line, 12}};

#define MORE_LEAST_ROWS 14

static int draw_header(struct canvas *canvas, const struct ui *ui, const struct frame_input *input)
{
	int row = 0;

	for (size_t i = 0; i < ARRAY_SIZE(header); i++)
		if (input->whole || canvas->rows >= header[i].least_rows)
			header[i].draw(canvas, row++, ui, input);
	if (input->whole || canvas->rows >= MORE_LEAST_ROWS)
		row += draw_more_line(canvas, row, input);
	if (input->whole || canvas->rows >= header[0].least_rows)
		row += draw_troubles(canvas, input, row);
	return row;
}

void frame_draw(struct canvas *canvas, struct ui *ui, const struct frame_input *input)
{
	struct view_context context;
	int top = draw_header(canvas, ui, input);
	int bottom = input->whole ? canvas->rows : canvas->rows - 1;

	ui->columns = canvas->columns;
	context = frame_context(input, ui);
	if (input->whole || is_roomy(canvas))
		draw_all_panes(canvas, ui, &context, top, bottom, input->whole);
	else
		draw_one_pane(canvas, ui, &context, top, bottom);
	if (!input->whole) {
		canvas_fill(canvas, canvas->rows - 1, 0, canvas->columns, ROLE_NORMAL, ' ');
		draw_bottom(canvas, ui);
	}
}

int frame_rows(struct ui *ui, const struct frame_input *input, int columns)
{
	struct view_context context;
	struct canvas header_only = {0};
	int heights[SCREEN_PANES_MAX] = {0};
	int rows;

	ui->columns = columns;
	context = frame_context(input, ui);
	/* Sentences take rows as their words fall: drawn once to see. */
	canvas_resize(&header_only, 1, columns);
	rows = draw_header(&header_only, ui, input);
	canvas_release(&header_only);
	update_panes(ui, &context, true);
	return rows + grant_wishes(ui, heights);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * screen: the only file that knows ncurses. In: a canvas, bytes of the keyboard. Out: a terminal,
 * keys. Must never know: what the cells mean.
 */
#include "screen.h"

#include <errno.h>
#include <fcntl.h>
#include <ncurses.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include "keys.h"
#include "util.h"

struct screen {
	SCREEN *terminal;
	FILE *keyboard;
	bool colour;
};

/* What each role looks like; the only place that knows a colour. Without colours the attribute
 * alone has to do. */
static const struct style {
	short foreground; /* -1: the terminal's own */
	attr_t attributes;
} styles[ROLE_COUNT] = {
	[ROLE_NORMAL] = {-1, A_NORMAL},
	[ROLE_DIM] = {-1, A_DIM},
	[ROLE_TITLE] = {-1, A_BOLD},
	[ROLE_FOCUS] = {COLOR_CYAN, A_BOLD | A_REVERSE},
	[ROLE_HEADING] = {COLOR_CYAN, A_NORMAL},
	[ROLE_SORTED] = {COLOR_CYAN, A_BOLD | A_UNDERLINE},
	[ROLE_STRONG] = {-1, A_BOLD},
	[ROLE_GOOD] = {COLOR_GREEN, A_NORMAL},
	[ROLE_WARN] = {COLOR_YELLOW, A_NORMAL},
	[ROLE_BAD] = {COLOR_RED, A_BOLD},
	[ROLE_BRANCH] = {COLOR_CYAN, A_DIM},
	[ROLE_KEY] = {COLOR_CYAN, A_BOLD},
	[ROLE_SELECTED] = {-1, A_REVERSE},
	[ROLE_MARKED] = {-1, A_UNDERLINE},
};

/* What ncurses calls the keys that we know. */
static const struct {
	int curses;
	uint32_t input;
} special_keys[] = {
	{KEY_UP, INPUT_UP},
	{KEY_DOWN, INPUT_DOWN},
	{KEY_LEFT, INPUT_LEFT},
	{KEY_RIGHT, INPUT_RIGHT},
	{KEY_PPAGE, INPUT_PAGE_UP},
	{KEY_NPAGE, INPUT_PAGE_DOWN},
	{KEY_HOME, INPUT_HOME},
	{KEY_END, INPUT_END},
	{KEY_BTAB, INPUT_BACK_TAB},
	{KEY_ENTER, INPUT_ENTER},
	{KEY_BACKSPACE, INPUT_BACKSPACE},
	{KEY_F(1), INPUT_F1},
	{KEY_F(4), INPUT_F4},
	{KEY_F(6), INPUT_F6},
	{KEY_F(10), INPUT_F10},
	{KEY_RESIZE, INPUT_RESIZE},
};

/* For screen_emergency_restore: the terminal as we found it. */
static struct termios modes_found;
static int emergency_fd = -1;

static void start_colours(bool colour)
{
	if (!colour || !has_colors())
		return;
	start_color();
	use_default_colors();
	for (short role = 0; role < ROLE_COUNT; role++)
		init_pair((short)(role + 1), styles[role].foreground, -1);
}

/* ^Z comes as a key like all others: main leaves the screen first and stops itself then. ^S would
 * block the next frame, and everything with it, until somebody thinks of ^Q. */
static void take_control_keys(int fd)
{
	struct termios modes;

	if (tcgetattr(fd, &modes))
		return;
	modes.c_cc[VSUSP] = _POSIX_VDISABLE;
	modes.c_iflag &= ~(tcflag_t)(IXON | IXOFF);
	tcsetattr(fd, TCSANOW, &modes);
	def_prog_mode();
}

static void set_up(struct screen *screen)
{
	set_escdelay(25);
	cbreak();
	noecho();
	nonl();
	intrflush(stdscr, FALSE);
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	curs_set(0);
	start_colours(screen->colour);
	take_control_keys(fileno(screen->keyboard));
}

struct screen *screen_open(bool colour, struct error *err)
{
	struct screen *screen;
	FILE *keyboard = fopen("/dev/tty", "r+e");
	const char *term = getenv("TERM");

	if (term && !strcmp(term, "dumb")) {
		error_set(err, EINVAL,
		          "the terminal (TERM=dumb) cannot place its cursor: use -b, -1 or --json "
		          "for "
		          "output without a screen");
		if (keyboard)
			fclose(keyboard);
		return NULL;
	}
	if (!keyboard) {
		error_set(
			err, errno,
			"no terminal to draw on (%s): use -b, -1 or --json for output without one",
			strerror(errno));
		return NULL;
	}
	tcgetattr(fileno(keyboard), &modes_found);
	screen = xcalloc(1, sizeof(*screen));
	screen->keyboard = keyboard;
	screen->colour = colour;
	screen->terminal = newterm(NULL, stdout, keyboard);
	if (!screen->terminal) {
		error_set(err, EINVAL,
		          "the terminal type \"%s\" (TERM) is not known here: set TERM, for "
		          "instance to xterm or linux",
		          term ? term : "");
		fclose(keyboard);
		free(screen);
		return NULL;
	}
	set_term(screen->terminal);
	emergency_fd = fileno(keyboard);
	set_up(screen);
	return screen;
}

void screen_close(struct screen *screen)
{
	if (!screen)
		return;
	emergency_fd = -1;
	endwin();
	delscreen(screen->terminal);
	fclose(screen->keyboard);
	free(screen);
}

void screen_size(const struct screen *screen, int *rows, int *columns)
{
	(void)screen;
	getmaxyx(stdscr, *rows, *columns);
}

static void put_rune(const struct screen *screen, int row, int column, uint8_t role, wchar_t rune)
{
	short pair = screen->colour && has_colors() ? (short)(role + 1) : 0;
	wchar_t text[2] = {rune, 0};
	cchar_t complex_char;

	setcchar(&complex_char, text, styles[role].attributes, pair, NULL);
	mvadd_wch(row, column, &complex_char);
}

/* What the terminal draws in another width than the canvas counted would shift the row. */
static void draw_cell(const struct screen *screen, int row, int column, const struct cell *cell,
                      bool wide)
{
	wchar_t rune = (wchar_t)cell->rune;

	if (wcwidth(rune) == 1 + wide) {
		put_rune(screen, row, column, cell->role, rune);
		return;
	}
	put_rune(screen, row, column, cell->role, L'?');
	if (wide)
		put_rune(screen, row, column + 1, cell->role, L' ');
}

/* A terminal that takes nothing (a stalled connection) gets no frame; the next one has all of it.
 */
static bool takes_output(void)
{
	struct pollfd output = {.fd = STDOUT_FILENO, .events = POLLOUT};

	return poll(&output, 1, 0) > 0 && output.revents & POLLOUT;
}

void screen_flush(struct screen *screen, const struct canvas *canvas)
{
	if (!takes_output())
		return;
	for (int row = 0; row < canvas->rows; row++) {
		const struct cell *cells = &canvas->cells[row * canvas->columns];

		for (int column = 0; column < canvas->columns; column++) {
			bool wide = column + 1 < canvas->columns && !cells[column + 1].rune;

			if (cells[column].rune)
				draw_cell(screen, row, column, &cells[column], wide);
		}
	}
	refresh();
}

uint32_t screen_key(struct screen *screen)
{
	wint_t key;
	int kind = get_wch(&key);

	(void)screen;
	if (kind == ERR)
		return INPUT_NONE;
	if (kind == OK)
		return key == '\n' ? INPUT_ENTER : key == '\b' ? INPUT_BACKSPACE : key;
	for (size_t i = 0; i < ARRAY_SIZE(special_keys); i++)
		if (special_keys[i].curses == (int)key)
			return special_keys[i].input;
	return INPUT_NONE;
}

int screen_fd(const struct screen *screen)
{
	return fileno(screen->keyboard);
}

void screen_resize(struct screen *screen)
{
	struct winsize size;

	if (ioctl(fileno(screen->keyboard), TIOCGWINSZ, &size) || !size.ws_row || !size.ws_col)
		return;
	resizeterm(size.ws_row, size.ws_col);
	screen_redraw(screen);
}

void screen_redraw(struct screen *screen)
{
	(void)screen;
	clearok(curscr, TRUE);
}

void screen_leave(struct screen *screen)
{
	(void)screen;
	endwin();
}

void screen_return(struct screen *screen)
{
	/* The shell may have set its own modes meanwhile; ours come back with the first refresh. */
	refresh();
	screen_resize(screen);
}

void screen_emergency_restore(void)
{
	/* Out of the alternate screen, cursor visible, attributes off: the same bytes on every
	 * terminal that has them. */
	static const char leave[] = "\033[?1049l\033[?25h\033[0m\r\n";

	if (emergency_fd < 0)
		return;
	tcsetattr(emergency_fd, TCSANOW, &modes_found);
	/* It may be the terminal that is stuck. */
	fcntl(emergency_fd, F_SETFL, O_NONBLOCK);
	if (write(emergency_fd, leave, sizeof(leave) - 1) < 0)
		return;
}

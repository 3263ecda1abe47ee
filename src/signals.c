// SPDX-License-Identifier: GPL-2.0-or-later
/* signals: what the system tells the program. Must never know: what is done about it. */
#include "signals.h"

#include <string.h>
#include <unistd.h>

#include "util.h"

/* All whose default is the end and that no instruction of ours raises; and those of real time. */
static const int end_signals[] = {
	SIGINT,    SIGTERM,   SIGHUP,  SIGQUIT, SIGUSR1, SIGUSR2,
	SIGXCPU,   SIGVTALRM, SIGPROF, SIGIO,   SIGPWR,
#ifdef SIGSTKFLT
	SIGSTKFLT,
#endif
};

static const int fatal_signals[] = {
	SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS,
};

/* For handlers of fatal signals: what failed can be that the stack has no more room. */
static _Alignas(16) char fatal_stack[65536];

static volatile sig_atomic_t end_signal, resize_pending, suspend_pending, reopen_pending;
static volatile sig_atomic_t writing;
static sigset_t waiting_mask, write_mask, blocked_mask;
static void (*emergency_call)(void);

static void note_end(int number)
{
	end_signal = number;
	if (writing)
		alarm(1);
}

static void on_alarm(int number)
{
	(void)number;
	if (!writing || !end_signal)
		return;
	emergency_call();
	signal(end_signal, SIG_DFL);
	raise(end_signal);
}

static void note_resize(int number)
{
	(void)number;
	resize_pending = 1;
}

static void note_suspend(int number)
{
	(void)number;
	suspend_pending = 1;
}

static void note_reopen(int number)
{
	(void)number;
	reopen_pending = 1;
}

/* The default, restored by SA_RESETHAND, acts when the handler returns; also on a signal that was
 * sent, which no failing instruction would raise again. */
static void on_fatal(int number)
{
	emergency_call();
	raise(number);
}

static void install(int number, void (*handler)(int), int flags, sigset_t *blocked)
{
	struct sigaction action = {.sa_flags = flags};

	action.sa_handler = handler;
	sigemptyset(&action.sa_mask);
	sigaction(number, &action, NULL);
	if (blocked)
		sigaddset(blocked, number);
}

/* A handler that is there already (a sanitizer's) knows better what to report. */
static void install_fatal(int number)
{
	struct sigaction found;

	if (!sigaction(number, NULL, &found) && found.sa_handler == SIG_DFL)
		install(number, on_fatal, SA_RESETHAND | SA_ONSTACK, NULL);
}

/* One that is there already (a sanitizer's) does as well. */
static void install_stack(void)
{
	stack_t found, stack = {.ss_sp = fatal_stack, .ss_size = sizeof(fatal_stack)};

	if (!sigaltstack(NULL, &found) && (found.ss_flags & SS_DISABLE))
		sigaltstack(&stack, NULL);
}

/* nohup and shells without job control ignore signals on purpose; that is kept. */
static bool is_ignored(int number)
{
	struct sigaction found;

	return !sigaction(number, NULL, &found) && found.sa_handler == SIG_IGN;
}

static void install_end(int number, sigset_t *blocked)
{
	if (!is_ignored(number))
		install(number, note_end, 0, blocked);
}

void signals_install(void (*emergency)(void))
{
	sigset_t blocked;

	emergency_call = emergency;
	sigemptyset(&blocked);
	for (size_t i = 0; i < ARRAY_SIZE(end_signals); i++)
		install_end(end_signals[i], &blocked);
	for (int number = SIGRTMIN; number <= SIGRTMAX; number++)
		install_end(number, &blocked);
	write_mask = blocked;
	install(SIGALRM, on_alarm, 0, &write_mask);
	install(SIGWINCH, note_resize, 0, &blocked);
	install(SIGTSTP, note_suspend, 0, &blocked);
	install_stack();
	for (size_t i = 0; i < ARRAY_SIZE(fatal_signals); i++)
		install_fatal(fatal_signals[i]);
	/* A reader that goes away and a file that grows too large are errors of write, not the end
	 * without cleaning up. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	sigprocmask(SIG_BLOCK, &blocked, &waiting_mask);
}

void signals_begin_write(void)
{
	writing = 1;
	if (end_signal)
		alarm(1);
	sigprocmask(SIG_UNBLOCK, &write_mask, &blocked_mask);
}

void signals_end_write(void)
{
	sigprocmask(SIG_SETMASK, &blocked_mask, NULL);
	writing = 0;
	alarm(0);
}

const sigset_t *signals_mask(void)
{
	return &waiting_mask;
}

int signals_end(void)
{
	return end_signal;
}

bool signals_take_resize(void)
{
	bool pending = resize_pending;

	resize_pending = 0;
	return pending;
}

bool signals_take_suspend(void)
{
	bool pending = suspend_pending;

	suspend_pending = 0;
	return pending;
}

void signals_reopen_on_hup(void)
{
	if (!is_ignored(SIGHUP))
		install(SIGHUP, note_reopen, 0, NULL);
}

bool signals_take_reopen(void)
{
	bool pending = reopen_pending;

	reopen_pending = 0;
	return pending;
}

static void unblock(int number)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, number);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

void signals_stop(void)
{
	sigset_t set;

	signal(SIGTSTP, SIG_DFL);
	unblock(SIGTSTP);
	/* The whole group, as the terminal would: a sudo above us has to stop, too. */
	kill(0, SIGTSTP);
	sigemptyset(&set);
	install(SIGTSTP, note_suspend, 0, &set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	suspend_pending = 0;
}

void signals_raise(int number)
{
	signal(number, SIG_DFL);
	unblock(number);
	raise(number);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* signals: each in a child of its own, which ends by it or says what it was told. */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "signals.h"
#include "util.h"

static int told_fd; /* where a child says that it cleaned up */

static void emergency(void)
{
	ssize_t written = write(told_fd, "c", 1);

	(void)written;
}

/* Whoever runs the tests may ignore it, as nohup does. */
static void heed(int number)
{
	struct sigaction now;

	assert_int_equal(sigaction(number, NULL, &now), 0);
	if (now.sa_handler == SIG_IGN)
		signal(number, SIG_DFL);
}

/* Returns how the child ended; *cleaned: whether emergency was called in it. */
static int run_child(void (*act)(int number), int number, bool *cleaned)
{
	int fds[2], status;
	pid_t child;
	char byte;

	assert_int_equal(pipe(fds), 0);
	child = fork();
	assert_true(child >= 0);
	if (!child) {
		setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
		told_fd = fds[1];
		heed(number);
		act(number);
		_exit(99);
	}
	close(fds[1]);
	assert_int_equal(waitpid(child, &status, 0), child);
	*cleaned = read(fds[0], &byte, 1) == 1;
	close(fds[0]);
	return status;
}

static void wait_and_raise(int number)
{
	struct timespec limit = {.tv_sec = 60};

	signals_install(emergency);
	raise(number);
	if (signals_end())
		_exit(1); /* they come while the loop waits */
	ppoll(NULL, 0, &limit, signals_mask());
	if (signals_end() != number)
		_exit(2);
	emergency(); /* the way down, which its default would not have gone */
	signals_raise(number);
}

static void each_asks_for_the_end(void **state)
{
	const int numbers[] = {SIGINT,    SIGTERM, SIGHUP, SIGQUIT, SIGUSR1,  SIGUSR2, SIGXCPU,
	                       SIGVTALRM, SIGPROF, SIGIO,  SIGPWR,  SIGRTMIN, SIGRTMAX};
	bool cleaned;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		int status = run_child(wait_and_raise, numbers[i], &cleaned);

		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), numbers[i]);
		assert_true(cleaned);
	}
}

static void ignore_and_raise(int number)
{
	signal(number, SIG_IGN);
	signals_install(emergency);
	raise(number);
	ppoll(NULL, 0, &(struct timespec){0}, signals_mask());
	_exit(signals_end() ? 1 : 0);
}

static void what_was_ignored_stays_so(void **state)
{
	bool cleaned;

	(void)state;
	assert_int_equal(run_child(ignore_and_raise, SIGHUP, &cleaned), 0);
	assert_int_equal(run_child(ignore_and_raise, SIGUSR1, &cleaned), 0);
}

static void hang_up_to_reopen(int number)
{
	signals_install(emergency);
	signals_reopen_on_hup();
	raise(number);
	if (signals_take_reopen())
		_exit(1); /* it comes while the loop waits */
	ppoll(NULL, 0, &(struct timespec){0}, signals_mask());
	if (!signals_take_reopen() || signals_take_reopen() || signals_end())
		_exit(2);
	raise(SIGTERM);
	ppoll(NULL, 0, &(struct timespec){0}, signals_mask());
	_exit(signals_end() == SIGTERM ? 0 : 3);
}

static void hang_up_ignored(int number)
{
	signal(number, SIG_IGN);
	signals_install(emergency);
	signals_reopen_on_hup();
	raise(number);
	ppoll(NULL, 0, &(struct timespec){0}, signals_mask());
	_exit(signals_take_reopen() || signals_end() ? 1 : 0);
}

static void a_hang_up_can_ask_for_other_files(void **state)
{
	bool cleaned;

	(void)state;
	assert_int_equal(run_child(hang_up_to_reopen, SIGHUP, &cleaned), 0);
	assert_int_equal(run_child(hang_up_ignored, SIGHUP, &cleaned), 0);
}

/* As without a sanitizer, which has handlers and a stack of its own. */
static void install_plainly(int number)
{
	stack_t none = {.ss_flags = SS_DISABLE};

	signal(number, SIG_DFL);
	sigaltstack(&none, NULL);
	signals_install(emergency);
}

static void crash(int number)
{
	install_plainly(number);
	raise(number);
}

static void a_crash_cleans_up(void **state)
{
	const int numbers[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS};
	bool cleaned;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		int status = run_child(crash, numbers[i], &cleaned);

		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), numbers[i]);
		assert_true(cleaned);
	}
}

static unsigned int fall(volatile char *above)
{
	volatile char room[4096];

	room[0] = *above;
	return room[0] ? fall(room) + (unsigned int)room[0] : 0;
}

static void overflow(int number)
{
	volatile char start = 1;

	install_plainly(number);
	fall(&start);
}

static void a_stack_without_room_cleans_up(void **state)
{
	bool cleaned;
	int status;

	(void)state;
	status = run_child(overflow, SIGSEGV, &cleaned);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSEGV);
	assert_true(cleaned);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_asks_for_the_end),
		cmocka_unit_test(what_was_ignored_stays_so),
		cmocka_unit_test(a_hang_up_can_ask_for_other_files),
		cmocka_unit_test(a_crash_cleans_up),
		cmocka_unit_test(a_stack_without_room_cleans_up),
	};

	return cmocka_run_group_tests_name("signals", tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Signals while a script runs. They end the script and not, at once, the
 * process, so that what the script printed is still passed on.
 */
#include "command/command.h"

#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

static const int numbers[] = { SIGINT, SIGTERM, SIGHUP, SIGALRM };

static struct sigaction before[ARRAY_SIZE(numbers)];
static volatile sig_atomic_t caught;

/*
 * A signal that comes just before the script begins would be over when it
 * does: so the process is reminded until signals_end().
 */
static void note(int number)
{
	static const struct itimerval often = { { 0, 20000 }, { 0, 20000 } };

	if (number != SIGALRM) {
		caught = number;
		setitimer(ITIMER_REAL, &often, NULL);
	}
}

/* From now on, signals break system calls off and are remembered. */
void signals_begin(void)
{
	struct sigaction action = { .sa_handler = note };
	size_t i;

	caught = 0;
	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		sigaction(numbers[i], NULL, &before[i]);
		if (numbers[i] == SIGALRM || before[i].sa_handler != SIG_IGN)
			sigaction(numbers[i], &action, NULL);
	}
}

/* As before; gives the signal that came, or 0. */
int signals_end(void)
{
	static const struct itimerval never;
	size_t i;

	setitimer(ITIMER_REAL, &never, NULL);
	for (i = 0; i < ARRAY_SIZE(numbers); i++)
		sigaction(numbers[i], &before[i], NULL);
	return caught;
}

/* Ends the process the way the signal would have, for who waits for it. */
void die_of(int number)
{
	sigset_t set;

	signal(number, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, number);
	raise(number);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	_exit(128 + number);
}

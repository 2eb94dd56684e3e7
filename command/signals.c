// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Signals while a script runs. They end the script and not, at once, the
 * process, so that what the script printed is still passed on. A script that can
 * be asked to come to its end early, as a load, is asked first; the second
 * signal ends any.
 */
#include "command/command.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define REMIND_US 20000

static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };

/*
 * struct watch - a thread that takes the signals
 * @runner: the thread that runs the script
 * @fd: the session
 * @taken: the signals
 * @mask: what was blocked before
 * @alarm: what SIGALRM did before
 * @caught: the signal that came, or 0
 */
static struct watch {
	pthread_t thread;
	pthread_t runner;
	int fd;
	sigset_t taken;
	sigset_t mask;
	struct sigaction alarm;
	int caught;
} watch;

static void note(int number)
{
	(void)number;
}

/*
 * A signal that comes just before the script begins would be over when it
 * does: so the thread that runs it is reminded until signals_end().
 */
static void *take_signals(void *arg)
{
	(void)arg;
	do
		sigwait(&watch.taken, &watch.caught);
	while (!ioctl(watch.fd, LUADRV_INTERRUPT));
	for (;;) {
		pthread_kill(watch.runner, SIGALRM);
		usleep(REMIND_US);
	}
	return NULL;
}

/* Those that the process is to ignore stay so. */
static void choose_signals(void)
{
	struct sigaction action;
	size_t i;

	sigemptyset(&watch.taken);
	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		sigaction(numbers[i], NULL, &action);
		if (action.sa_handler != SIG_IGN)
			sigaddset(&watch.taken, numbers[i]);
	}
}

/*
 * From now on, signals are for the script that this thread runs in the session
 * @fd, and are remembered.
 */
void signals_begin(int fd)
{
	struct sigaction action = { .sa_handler = note };
	sigset_t all, own;
	int err;

	watch.runner = pthread_self();
	watch.fd = fd;
	watch.caught = 0;
	choose_signals();
	pthread_sigmask(SIG_BLOCK, &watch.taken, &watch.mask);
	sigaction(SIGALRM, &action, &watch.alarm);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &own);
	err = pthread_create(&watch.thread, NULL, take_signals, NULL);
	pthread_sigmask(SIG_SETMASK, &own, NULL);
	if (err) {
		complain("signals: %s", strerror(err));
		_exit(FAILED);
	}
}

/* As before; gives the signal that came, or 0. */
int signals_end(void)
{
	static const struct timespec now;
	int late;

	pthread_cancel(watch.thread);
	pthread_join(watch.thread, NULL);
	late = sigtimedwait(&watch.taken, NULL, &now);
	sigaction(SIGALRM, &watch.alarm, NULL);
	pthread_sigmask(SIG_SETMASK, &watch.mask, NULL);
	return watch.caught || late < 0 ? watch.caught : late;
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

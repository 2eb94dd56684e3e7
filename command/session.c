// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* A session of /dev/luadrv: writing scripts, running them, reading what they print. */
#include "command/session.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define DEVICE "/dev/luadrv"
#define PIECE 65536
#define PATIENCE_NS 500000000

struct reader {
	struct session *session;
	struct sink *sink;
	uint64_t run;
};

/* The device, or -1 after a complaint that says what to do. */
int device_open(int flags)
{
	int fd = open(DEVICE, flags | O_CLOEXEC);

	if (fd >= 0)
		return fd;
	if (errno == ENOENT || errno == ENODEV || errno == ENXIO)
		complain("there is no " DEVICE ": the module is not loaded (modprobe luadrv)");
	else if (errno == EACCES || errno == EPERM)
		complain(DEVICE ": %s: this needs root (CAP_SYS_ADMIN)", strerror(errno));
	else
		complain(DEVICE ": %s", strerror(errno));
	return -1;
}

/* Begins a session; 0, or -1 after a complaint. */
int session_open(struct session *s, const struct luadrv_options *options)
{
	s->runs = 0;
	s->fd = device_open(O_RDWR);
	if (s->fd < 0)
		return -1;
	if (!ioctl(s->fd, LUADRV_OPTIONS, options))
		return 0;
	complain("the options of %s: %s", options->name, strerror(errno));
	session_close(s);
	return -1;
}

void session_close(struct session *s)
{
	close(s->fd);
	s->fd = -1;
}

/* Adds to the script; 0, or -1 with errno: then what there is of it is dropped, and another one can be written. */
int session_write(struct session *s, const char *text, size_t len)
{
	int err;

	if (!write_all(s->fd, text, len))
		return 0;
	err = errno;
	ioctl(s->fd, LUADRV_CHECK);
	errno = err;
	return -1;
}

/* Reads until the end of file. A script whose output nobody takes would wait for ever. */
static void drain(struct reader *reader)
{
	char piece[PIECE];
	struct luadrv_read call = {
		.buffer = (uintptr_t)piece,
		.size = sizeof(piece),
		.run = reader->run,
	};
	int n;

	do {
		n = ioctl(reader->session->fd, LUADRV_READ, &call);
		if (n > 0)
			sink_take(reader->sink, call.stream, piece, n);
	} while (n > 0 || (n < 0 && errno == EINTR));
	if (n < 0) {
		complain("reading what the script prints: %s", strerror(errno));
		_exit(FAILED);
	}
}

static void *read_all(void *arg)
{
	drain(arg);
	return NULL;
}

/* What runs may print more than is kept before the reader is there: it shall wait. */
static void promise(struct session *s)
{
	struct luadrv_read call = { .run = s->runs + 1 };

	ioctl(s->fd, LUADRV_READ, &call);
}

/* No signal is for the reader, but for the one that its write gets. */
static int start(pthread_t *thread, struct reader *reader)
{
	sigset_t all, old;
	int err;

	sigfillset(&all);
	sigdelset(&all, SIGPIPE);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	err = pthread_create(thread, NULL, read_all, reader);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return err;
}

/* After a signal nobody waits for long for who takes the output: then the process ends by that signal. */
static void end(pthread_t thread, int number)
{
	struct timespec until;

	if (!number) {
		pthread_join(thread, NULL);
		return;
	}
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += PATIENCE_NS;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	if (pthread_clockjoin_np(thread, NULL, CLOCK_MONOTONIC, &until))
		die_of(number);
}

/*
 * Runs what was written, by LUADRV_RUN or LUADRV_LAST; what that gives, or a
 * negative errno. Until it returns, another thread gives @sink what the script
 * prints. @number takes the signal that came meanwhile, or 0.
 */
int session_run(struct session *s, unsigned long call, struct sink *sink, int *number)
{
	struct reader reader = { .session = s, .sink = sink, .run = s->runs + 1 };
	pthread_t thread;
	int err;

	*number = 0;
	promise(s);
	err = start(&thread, &reader);
	if (err)
		return -err;
	s->runs++;
	signals_begin(s->fd);
	err = ioctl(s->fd, call);
	err = err < 0 ? -errno : err;
	*number = signals_end();
	if (err == -ENOTTY) {
		/* The reader waits for a run that did not begin. */
		complain("the module that is loaded is older than this command (modprobe -r luadrv; modprobe luadrv)");
		_exit(FAILED);
	}
	end(thread, *number);
	return err;
}

/*
 * Compiles what was written, and forgets it; 0 or a negative errno. @sink is
 * given the error, and before it what threads have printed until now.
 */
int session_check(struct session *s, struct sink *sink)
{
	struct reader reader = { .session = s, .sink = sink, .run = s->runs };
	int err;

	promise(s);
	err = ioctl(s->fd, LUADRV_CHECK) < 0 ? -errno : 0;
	drain(&reader);
	return err;
}

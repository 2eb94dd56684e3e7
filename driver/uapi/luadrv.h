/* SPDX-License-Identifier: MIT OR GPL-2.0-only WITH Linux-syscall-note */
/*
 * /dev/luadrv as programs see it. This header is the one place that defines it.
 *
 * Opened for writing only, what is written is a script, which the last close
 * runs in the closing process; what it prints goes to the kernel log.
 *
 * Opened for reading and writing, the file is a session: LUADRV_RUN runs what
 * was written since the last one, in the calling process, in a Lua state that
 * stays from run to run. read(2) gives what the script printed, and its error.
 * The end of file is reached when nothing runs, no thread of the session either,
 * and nothing is left; poll(2) then says that there is something to read, too.
 * LUADRV_LAST runs, too, and then ends the state as the end of any script does:
 * its threads are stopped and finalizers run, and what they print can still be
 * read. The last close runs nothing; it ends what still runs, and nobody reads
 * what finalizers print then.
 *
 * Opened for reading only, read(2) gives a table of all scripts. A header line
 * names the columns; fields have no spaces, but for the last one, the name.
 *
 * Which calls a file knows depends on how it is open: all of them for reading
 * and writing; LUADRV_OPTIONS, LUADRV_SPAWN, LUADRV_STOP and LUADRV_LOG for
 * writing only, where the others give EBADF; LUADRV_STOP and LUADRV_LOG for
 * reading only, where the others give ENOTTY.
 *
 * Beside what is said below, any call may give ENOTTY (there is none of that
 * number), EFAULT (an address is bad), ENOMEM, and EINTR (a signal came).
 */
#ifndef _UAPI_LUADRV_H
#define _UAPI_LUADRV_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define LUADRV_NAME_SIZE	64	/* of a script's name, with its NUL */
#define LUADRV_ARGS_SIZE	65536	/* of all arguments of a script */
#define LUADRV_STACK_MOST	10240	/* of the kernel stack, for a script */

/**
 * struct luadrv_options - how the scripts of this file shall run
 * @memory: bytes that a script may hold; 0: the module parameter memory
 * @instructions: that it may execute; 0: the module parameter instructions
 * @sockets: how many it may hold; 0: the module parameter sockets
 * @output: bytes that are kept of what it prints; 0: the module parameter output
 * @args: address of its arguments, each with its NUL; the script has them as
 *	... and in the table arg
 * @args_size: bytes at @args, at most %LUADRV_ARGS_SIZE
 * @stack: bytes of the 16 KiB of its task's kernel stack that calls may fill, at
 *	most %LUADRV_STACK_MOST; 0: the module parameter stack
 * @max_script: bytes of what may be written from now on, and of each file that
 *	require reads; 0: the module parameter max_script
 * @reserved: 0
 * @name: what the script is called in messages, in the table, and in arg[0];
 *	empty: the name of the process
 *
 * To be given before the first run, or the first one after LUADRV_LAST. EBUSY:
 * there was one. EINVAL: @reserved is not 0, @stack is too much, @name has no
 * end, or the last argument has none. E2BIG: @args_size.
 */
struct luadrv_options {
	__u64 memory;
	__u64 instructions;
	__u32 sockets;
	__u32 output;
	__u64 args;
	__u32 args_size;
	__u32 stack;
	__u32 max_script;
	__u32 reserved;
	char name[LUADRV_NAME_SIZE];
};

/**
 * struct luadrv_read - read(2) that tells errors from output
 * @buffer: address of the buffer
 * @size: its size
 * @stream: takes %LUADRV_OUTPUT or %LUADRV_ERRORS; a call gives bytes of one
 * @run: the end of file comes only when that many calls of LUADRV_RUN and
 *	LUADRV_LAST have returned, so that a reader may begin before the run that
 *	it reads; that run then waits for the reader, even if all it did yet is
 *	read 0 bytes. And it comes when what was printed before the end of the
 *	last run, or LUADRV_CHECK, has been read: what threads of the session go
 *	on to print is left for whoever reads next. 0: as read(2)
 *
 * The call gives the number of bytes, 0 at the end of file. Like read(2) it
 * waits for output (EINTR), but on a file with O_NONBLOCK (EAGAIN).
 */
struct luadrv_read {
	__u64 buffer;
	__u32 size;
	__u32 stream;
	__u64 run;
};

#define LUADRV_OUTPUT	1
#define LUADRV_ERRORS	2

/**
 * struct luadrv_stop - which scripts to stop
 * @id: number of the script, or 0
 * @flags: %LUADRV_STOP_ALL: all but those of this file, or 0
 * @count: takes how many were stopped, or had threads that were; a thread
 *	counts if it was chosen by its own number
 * @name: with @id 0: scripts of that name
 *
 * Threads go with their script. A session that is idle goes on, and so does one
 * whose run was stopped: what its globals hold, open sockets too, stays until
 * its last close, or LUADRV_LAST.
 *
 * Waits until they have ended. ESRCH: there is none; to stop all is no error
 * then. EINVAL: unknown @flags, @name has no end, or nothing is chosen. EINTR: a
 * signal came; they are being stopped.
 */
struct luadrv_stop {
	__u32 id;
	__u32 flags;
	__u32 count;
	char name[LUADRV_NAME_SIZE];
};

#define LUADRV_STOP_ALL	1

/**
 * struct luadrv_log - what a detached script printed last
 * @id: number of the script, which may have ended
 * @flags: %LUADRV_LOG_WAIT: wait until there is something at @position
 * @position: byte of its output to begin with; takes that of the first byte
 *	that was given, which is a later one where the log has been cut. Where
 *	none was, one that lies behind the end becomes the end
 * @buffer: address of the buffer
 * @size: its size
 * @stream: takes %LUADRV_OUTPUT or %LUADRV_ERRORS; a call gives bytes of one
 *
 * The call gives the number of bytes; 0: there is nothing at @position now, or,
 * with %LUADRV_LOG_WAIT, the script has ended. ESRCH: no such script, or it
 * ended too long ago: logs of the last 16 are kept, of each no more than the
 * module parameter output says. EINVAL: it is not detached,
 * or unknown @flags.
 */
struct luadrv_log {
	__u32 id;
	__u32 flags;
	__u64 position;
	__u64 buffer;
	__u32 size;
	__u32 stream;
};

#define LUADRV_LOG_WAIT	1

#define LUADRV_EXIT	0x100	/* with a status of 0..255; see LUADRV_RUN */

#define LUADRV_IOC		0xb5

/* Sets the options of this file's scripts. */
#define LUADRV_OPTIONS	_IOW(LUADRV_IOC, 1, struct luadrv_options)
/*
 * Runs what was written, and gives 0, or LUADRV_EXIT + STATUS if it called
 * os.exit(STATUS). EINVAL: it does not compile; ECANCELED: it raised an error;
 * ENOMEM, ETIME, EMFILE: it reached its limit of memory, instructions, sockets;
 * EINTR: it was stopped; EBUSY: another run has not ended; EFBIG, ENOMEM,
 * EFAULT: a write has lost some of it, nothing ran.
 */
#define LUADRV_RUN	_IO(LUADRV_IOC, 2)
/*
 * Compiles what was written, and forgets it. EINVAL: it does not compile; the
 * error is read like output. EBUSY: a run has not ended. EFBIG, ENOMEM, EFAULT:
 * a write has lost some of it.
 */
#define LUADRV_CHECK	_IO(LUADRV_IOC, 3)
/*
 * Runs what was written, detached: gives the number of the script at once.
 * EFBIG, ENOMEM, EFAULT: a write has lost some of it; EAGAIN: no thread could be
 * made.
 */
#define LUADRV_SPAWN	_IO(LUADRV_IOC, 4)
#define LUADRV_READ	_IOWR(LUADRV_IOC, 5, struct luadrv_read)
#define LUADRV_STOP	_IOWR(LUADRV_IOC, 6, struct luadrv_stop)
#define LUADRV_LOG	_IOWR(LUADRV_IOC, 7, struct luadrv_log)
/*
 * LUADRV_RUN for the last time, with the same results. When it returns, threads
 * have been stopped, finalizers have run, as far as nothing stopped them, and
 * the state is gone; another run begins with a new one.
 */
#define LUADRV_LAST	_IO(LUADRV_IOC, 8)
/*
 * Asks what runs in this file, while another thread or process waits for its
 * end, to come to it early and to tell what there is to be told by then, as a
 * load does (docs/load.md). ESRCH: nothing runs that would do so, or it has been
 * asked before: then it can only be stopped, as by a signal.
 */
#define LUADRV_INTERRUPT	_IO(LUADRV_IOC, 9)

#endif

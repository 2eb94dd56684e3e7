# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# Scripts whose file ends where nobody could stop them.

# a script whose file is closed by execve is not run, and the log says so
test_execve() {
	python3 - <<'END'
import os
fd = os.open("/dev/luadrv", os.O_WRONLY | os.O_CLOEXEC)
os.write(fd, b"while true do end")
os.execv("/bin/true", ["true"])
END
	wait_for "the log to say so" eval 'klog | grep -q "left closing the device to execve"'
}

# a script whose file was lost in a message of a Unix socket is not run
test_lost_in_flight() {
	python3 - <<'END'
import os, socket
a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
parent = os.getpid()
if os.fork() == 0:
    a.close()
    while os.getppid() == parent:
        os.sched_yield()
    # The message dies here, in a process that never had the file.
    b.close()
    os._exit(0)
fd = os.open("/dev/luadrv", os.O_WRONLY)
os.write(fd, b"print('ran')")
socket.send_fds(a, [b"x"], [fd])
os.close(fd)
END
	wait_for "the log to say so" eval 'klog | grep -q "nobody closed the device"'
	expect_unsaid ran
}

# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# Processes that wait for each other at one open file.

# while a writer waits for its memory, a signal ends other writers, and who closes does not wait
test_held_up() {
	local status=0
	cat >held.py <<'END'
import ctypes
import fcntl
import mmap
import os
import select
import signal
import struct
import sys
import threading
import time

SLOW = int(os.environ["SLOW"])
SYS_USERFAULTFD, UFFDIO_API, UFFDIO_REGISTER, MISSING = 323, 0xc018aa3f, 0xc020aa00, 1
PAGE = 4096

libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + 3 * [ctypes.c_int] + [ctypes.c_long]

def until(what, condition, seconds=20):
    deadline = time.monotonic() + seconds * SLOW
    while not condition():
        if time.monotonic() > deadline:
            sys.exit(f"waited in vain for {what}")
        time.sleep(0.01)

def child(function, *arguments):
    pid = os.fork()
    if not pid:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        function(*arguments)
        os._exit(0)
    return pid

def waits_in(pid, name):
    with open(f"/proc/{pid}/stack", encoding="ascii") as file:
        return name in file.read()

def ends_by(pid, number):
    os.kill(pid, number)
    until("the process to end", lambda: os.waitpid(pid, os.WNOHANG)[0], 1)

# A page that nobody ever fills.
uffd = libc.syscall(SYS_USERFAULTFD, os.O_CLOEXEC)
if uffd < 0:
    sys.exit(4)
fcntl.ioctl(uffd, UFFDIO_API, bytearray(struct.pack("QQQ", 0xaa, 0, 0)))
page = libc.mmap(None, PAGE, mmap.PROT_READ | mmap.PROT_WRITE,
                 mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, -1, 0)
fcntl.ioctl(uffd, UFFDIO_REGISTER, bytearray(struct.pack("QQQQ", page, PAGE, MISSING, 0)))

device = os.open("/dev/luadrv", os.O_WRONLY)
threading.Thread(target=libc.write, args=(device, ctypes.c_void_p(page), PAGE), daemon=True).start()
until("the writer to be held up", lambda: select.select([uffd], [], [], 0)[0])
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
    writer = child(os.write, device, b"x")
    until("the second writer to wait", lambda: waits_in(writer, "luadrv_session_append"))
    ends_by(writer, number)
closer = child(os.close, device)
until("the closer to end", lambda: os.waitpid(closer, os.WNOHANG)[0])
# So can the first one, a thread of this very process.
os.kill(os.getpid(), signal.SIGKILL)
END
	python3 -B held.py || status=$?
	[ $status != 4 ] || skip 'this kernel has no userfaultfd'
	same $status $((128 + $(kill -l KILL))) 'exit status'
}

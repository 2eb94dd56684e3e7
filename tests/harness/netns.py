# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""A network namespace of its own for each test, and the proof that the kernel freed it.

The kernel counts network namespaces against a limit and takes one off only
when it has destroyed it. So with the limit at one, making the next test's
namespace succeeds exactly when that of the last one, and all that the test
made itself, are gone: no socket, timer or module holds a reference.
"""
import errno
import fcntl
import os
import socket
import struct
import subprocess

from harness.libc import check, libc

LIMIT = "/proc/sys/user/max_net_namespaces"
NAMED = "/run/netns"
CLONE_NEWNET = 0x40000000
SIOCSIFFLAGS = 0x8914
IFF_UP = 1
MANY = 100000


def write_limit(count):
    """Let there be this many network namespaces beside the first one."""
    with open(LIMIT, "w", encoding="ascii") as file:
        file.write(str(count))


def loopback_up():
    """Bring up the loopback device of the namespace that this process is in."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        fcntl.ioctl(sock, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))


class Namespaces:
    """The network namespace that this process and the test's are in."""

    def __init__(self):
        self.home = os.open("/proc/self/ns/net", os.O_RDONLY)
        # Those that are none of ours, and those that are lost.
        self.foreign = 0
        self.enter_when_free()

    def leave(self):
        """Give up the test's namespaces: go home, and delete those with names."""
        check(libc.setns(self.home, CLONE_NEWNET))
        if os.path.isdir(NAMED) and os.listdir(NAMED):
            subprocess.run(["ip", "-all", "netns", "delete"], check=False)

    def enter(self):
        """Go into a new namespace; False if an older one is still there."""
        write_limit(self.foreign + 1)
        try:
            check(libc.unshare(CLONE_NEWNET))
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            return False
        finally:
            write_limit(MANY)
        loopback_up()
        return True

    def enter_when_free(self):
        """Go into a new namespace, whatever else there is; return how many will stay for ever."""
        before = self.foreign
        while not self.enter():
            self.foreign += 1
        return self.foreign - before

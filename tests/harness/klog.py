# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""The kernel log, read without losing or repeating a record."""
import os
import re

DEVICE = "/dev/kmsg"

# What a kernel says when something is wrong with it.
COMPLAINT = re.compile(
    r"\bBUG\b|WARNING:|Oops|KASAN|KFENCE|KCSAN|UBSAN|lockdep|DEBUG_LOCKS|general protection"
    r"|possible (recursive|circular|irq)|suspicious RCU|sleeping function|scheduling while atomic"
    r"|blocked for more than|soft lockup|hard LOCKUP|rcu.*(stall|self-detected)|\bleak"
    r"|refcount_t|list_(add|del) corruption|Call Trace|unregister_netdevice: waiting"
    r"|Out of memory|page allocation failure|stack guard page|held when returning")


# It found no memory for a thread that somebody asked for, who is told so. A trace follows.
NO_THREAD = "kthreadd: vmalloc error"


class Record:
    """One record: text, whether the kernel itself wrote it, and what it says for which script."""

    SCRIPT = re.compile(r"luadrv: (.{0,63}?)\[(\d+)\]: (.*)", re.S)

    def __init__(self, raw):
        prefix, _, text = raw.partition(b";")
        line = text.split(b"\n", 1)[0]
        line = re.sub(rb"\\x([0-9a-f]{2})", lambda m: bytes([int(m[1], 16)]), line)
        self.text = line.decode("utf-8", "surrogateescape")
        self.from_kernel = int(prefix.split(b",")[0]) >> 3 == 0
        match = self.SCRIPT.match(self.text) if self.from_kernel else None
        self.pid = int(match[2]) if match else None
        self.said = match[3] if match else None

    def is_complaint(self):
        """Whether the kernel complains. What scripts print is no complaint."""
        return (self.from_kernel and not self.text.startswith("luadrv: ")
                and COMPLAINT.search(self.text))

    def printable(self):
        """The text with everything that is no plain character escaped."""
        return self.text.encode("utf-8", "surrogateescape").decode("ascii", "backslashreplace")


class KernelLog:
    """Records from the moment on that this was made, or that mark() was called last.

    A script can print faster than anyone reads: `lost` tells that records are
    missing. Of very many, the first and the last ones stay.
    """

    FIRST = 500
    LAST = 4000

    def __init__(self):
        self.fd = os.open(DEVICE, os.O_RDONLY | os.O_NONBLOCK)
        self.lost = False
        self.excused = False
        self.mark()

    def mark(self):
        """Forget all records so far."""
        os.lseek(self.fd, 0, os.SEEK_END)
        self.records = []
        self.complaints = []
        self.lost = False

    def update(self):
        """Fetch what is new; return the records since the mark."""
        for _ in range(self.LAST):
            try:
                record = Record(os.read(self.fd, 16384))
            except BlockingIOError:
                break
            except BrokenPipeError:
                # The ring was overwritten faster than it was read.
                self.lost = True
                continue
            self.records.append(record)
            if record.from_kernel and record.text.startswith(NO_THREAD):
                self.excused = True
            elif self.excused and "Call Trace" in record.text:
                self.excused = False
            elif record.is_complaint():
                self.complaints.append(record.text)
        if len(self.records) > self.FIRST + 2 * self.LAST:
            del self.records[self.FIRST:-self.LAST]
            self.lost = True
        return self.records

    def said(self, pid=None):
        """What scripts, or the one in process `pid`, said: a list of texts."""
        return [r.said for r in self.update() if r.said is not None and pid in (None, r.pid)]

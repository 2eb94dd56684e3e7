# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""Run a command in a terminal, type into it, and print what it shows.

Usage: terminal.py [-s ROWSxCOLUMNS] COMMAND [ARG]... < STEPS

A step is a line: "? TEXT" waits until the text is shown, after what an earlier step has waited for;
"! TEXT" types the text, with backslash escapes. The exit status is the command's, 128 and the
number of the signal that ended it, or 99 if a text does not come.
"""
import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time

LIMIT = 20 * int(os.environ.get("SLOW", "1"))


class Terminal:
    """A command in a terminal of its own."""

    def __init__(self, argv, rows, columns):
        self.pid, self.file = pty.fork()
        if not self.pid:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("4H", rows, columns, 0, 0))
            os.execvp(argv[0], argv)
        self.shown = b""
        self.seen = 0

    def read(self, seconds):
        """Read what comes within that time; false at the end."""
        if not select.select([self.file], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self.file, 65536)
        except OSError:
            data = b""
        self.shown += data
        return bool(data)

    def wait_for(self, text):
        """Read until the text comes."""
        deadline = time.monotonic() + LIMIT
        while self.shown.find(text, self.seen) < 0:
            if time.monotonic() > deadline or not self.read(0.1):
                self.give_up(text)
        self.seen = self.shown.find(text, self.seen) + len(text)

    def give_up(self, text):
        """Say what did not come, and end."""
        print(f"waited in vain for {text!r}; the terminal shows {self.shown[self.seen:][-600:]!r}", file=sys.stderr)
        for task in os.listdir(f"/proc/{self.pid}/task"):
            with open(f"/proc/{self.pid}/task/{task}/stack", encoding="ascii") as file:
                print(f"task {task}:\n{file.read()}", file=sys.stderr)
        print(self.shown.decode("utf-8", "replace"))
        sys.exit(99)

    def end(self):
        """Read what is left; the exit status as shells give it."""
        deadline = time.monotonic() + LIMIT
        while self.read(0.1):
            if time.monotonic() > deadline:
                self.give_up(b"the end")
        status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return status if status >= 0 else 128 - status


def main():
    """Take the steps."""
    argv, size = sys.argv[1:], "24x80"
    if argv[0] == "-s":
        size, argv = argv[1], argv[2:]
    terminal = Terminal(argv, *map(int, size.split("x")))
    for line in sys.stdin.read().splitlines():
        kind, _, text = line.partition(" ")
        data = text.encode().decode("unicode_escape").encode("latin-1")
        if kind == "?":
            terminal.wait_for(data)
        else:
            os.write(terminal.file, data)
    status = terminal.end()
    print(terminal.shown.decode("utf-8", "replace").replace("\r\n", "\n"), end="")
    return status


sys.exit(main())

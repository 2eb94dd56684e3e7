# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""A script with the circumstances that it runs in, as one text.

The first line of the text tells the circumstances, in a comment:

    --! fuzz memory=300000 fail_alloc=77 signal=1200

    memory, sockets, fail_alloc    parameters of the module
    signal=US                      a signal comes after so many microseconds
    kill=US                        SIGKILL does, and the script runs in a process of its own
    twice=1                        two processes run it at the same time
    compare=1                      prints the same as Debian's lua5.3 does
"""
import re

OPTIONS = ("memory", "sockets", "fail_alloc", "signal", "kill", "twice", "compare")
HEADER = re.compile(rb"--! fuzz((?: +[a-z_]+=\d+)*) *\n")


class Script:
    """A program (bytes) and its options (integers by name)."""

    def __init__(self, program, options=None):
        self.program = program
        self.options = options or {}

    @classmethod
    def read(cls, text):
        """The script that a text describes; one without the first line has no options."""
        match = HEADER.match(text)
        if not match:
            return cls(text)
        options = dict(word.split("=") for word in match[1].decode().split())
        unknown = set(options) - set(OPTIONS)
        if unknown:
            raise ValueError(f"no option of scripts is called {', '.join(unknown)}")
        return cls(text[match.end():], {name: int(n) for name, n in options.items()})

    def text(self):
        """The text that describes it."""
        words = "".join(f" {name}={self.options[name]}" for name in OPTIONS if name in self.options)
        return f"--! fuzz{words}\n".encode() + self.program

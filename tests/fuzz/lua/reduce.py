# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""Makes a failing script small.

first_failing(scripts) tells which of some scripts, in their order, is the first
that fails as the original does (its index, or None): as that may need a machine
to boot, candidates come in batches.
"""
import re

from lua.script import Script

# Parts of a line that can go, or become simpler.
ARGUMENT = re.compile(r"(?<=[(,{])[^(){},]+,?|, *[^(){},]+(?=[)}])")
NUMBER = re.compile(r"\b(?:0x[0-9a-fA-F]+|\d{2,})\b")
NESTED = re.compile(r"\([^()]*\)|\{[^{}]*\}|function\([^()]*\)(?:(?!function).)*? end")


def depth(line):
    """How far a line is indented."""
    return len(line) - len(line.lstrip("\t"))


def blocks(lines):
    """Ranges of lines that belong together: each line with what is indented below it, and its end."""
    found = []
    for start, line in enumerate(lines):
        end = start + 1
        while end < len(lines) and (depth(lines[end]) > depth(line) or (
                depth(lines[end]) == depth(line) and re.match(r"\s*(end|else|until|\})", lines[end]))):
            end += 1
        found.append((start, end))
    return found


class Reducer:
    """The smallest script so far."""

    def __init__(self, script, first_failing, say=lambda text: None):
        self.script = script
        self.first_failing = first_failing
        self.say = say

    def attempt(self, candidates):
        """Take the first candidate that fails; whether there is one."""
        index = self.first_failing(candidates) if candidates else None
        if index is None:
            return False
        self.script = candidates[index]
        self.say(f"{len(self.script.program)} bytes fail as well")
        return True

    def with_lines(self, lines):
        """The script with other lines."""
        text = "\n".join(lines) + "\n"
        return Script(text.encode("utf-8", "surrogateescape"), self.script.options)

    def lines(self):
        """Its lines."""
        return self.script.program.decode("utf-8", "surrogateescape").rstrip("\n").split("\n")

    def drop_options(self):
        """Without the circumstances that do not matter."""
        again = True
        while again:
            again = self.attempt([Script(self.script.program,
                                         {k: v for k, v in self.script.options.items() if k != name})
                                  for name in self.script.options if name != "compare"])

    def drop_chunks(self):
        """Without many lines at a time, then fewer and fewer."""
        size = len(self.lines()) // 2
        while size >= 1:
            lines = self.lines()
            starts = range(0, len(lines), size)
            if not self.attempt([self.with_lines(lines[:i] + lines[i + size:]) for i in reversed(starts)]):
                size //= 2

    def drop_blocks(self):
        """Without whole blocks, or with what is in them alone."""
        again = True
        while again:
            lines = self.lines()
            ranges = sorted(blocks(lines), key=lambda r: r[0] - r[1])
            candidates = [lines[:a] + lines[b:] for a, b in ranges if b - a < len(lines)]
            candidates += [lines[:a] + lines[a + 1:b - 1] + lines[b:] for a, b in ranges if b - a > 2]
            again = self.attempt([self.with_lines(changed) for changed in candidates])

    def simplify_lines(self):
        """With less in the lines."""
        again = True
        while again:
            text = "\n".join(self.lines())
            candidates = []
            for pattern, replacements in ((NESTED, ("", "()", "nil")), (ARGUMENT, ("", "nil")), (NUMBER, ("0", "1"))):
                for match in pattern.finditer(text):
                    candidates += [text[:match.start()] + new + text[match.end():] for new in replacements
                                   if new != match[0]]
            candidates.sort(key=len)
            again = self.attempt([self.with_lines(changed.split("\n")) for changed in candidates])

    def reduce(self):
        """The smallest script that was found."""
        self.drop_options()
        self.drop_chunks()
        self.drop_blocks()
        self.simplify_lines()
        self.drop_blocks()
        return self.script

# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""Makes a failing script small.

failing(scripts) tells which of some scripts fail as the original does: indexes,
at least one if there is any. As that takes a machine to boot, candidates come
in batches, and what can go on its own is tried together at once.
"""
import re

from lua.script import Script

# Candidates in a batch.
MOST = 80
# Parts of a line that can go, or become simpler.
ARGUMENT = re.compile(r"(?<=[(,{])[^(){},]+,?|, *[^(){},]+(?=[)}])")
NUMBER = re.compile(r"\b(?:0x[0-9a-fA-F]+|\d{2,})\b")
NESTED = re.compile(r"\([^()]*\)|\{[^{}]*\}|function\([^()]*\)(?:(?!function).)*? end")
SIMPLER = ((NESTED, ("", "()", "nil")), (ARGUMENT, ("", "nil")), (NUMBER, ("0", "1")))


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


def apply(text, edits):
    """The text with each part (start, end) replaced; of parts that overlap only one."""
    edge = len(text) + 1
    for start, end, new in sorted(set(edits), reverse=True):
        if end <= edge:
            text = text[:start] + new + text[end:]
            edge = start
    return text


def growth(edits):
    """By how much they make a text longer."""
    return sum(start - end + len(new) for start, end, new in edits)


class Reducer:
    """The smallest script so far."""

    def __init__(self, script, failing, smaller=lambda script: None):
        self.text = script.program.decode("utf-8", "surrogateescape")
        self.options = script.options
        self.failing = failing
        self.smaller = smaller

    def script(self, text=None):
        """The script, or the same with another text."""
        return Script((self.text if text is None else text).encode("utf-8", "surrogateescape"), self.options)

    def attempt(self, changes):
        """Make as many changes (lists of edits) as can be made; whether any can."""
        changes = sorted(changes, key=growth)[:MOST]
        texts = [apply(self.text, edits) for edits in changes]
        good = [changes[i] for i in self.failing([self.script(text) for text in texts])] if texts else []
        if not good:
            return False
        half = len(good) // 2
        unions = [good, good[:half], good[half:]] + [[edits] for edits in good] if half else [good]
        texts = [apply(self.text, sum(union, [])) for union in unions]
        found = self.failing([self.script(text) for text in texts]) if half else [0]
        if not found:
            return False
        self.text = texts[found[0]]
        self.smaller(self.script())
        return True

    def starts(self):
        """Where lines start, and the end."""
        return [0] + [i + 1 for i, char in enumerate(self.text) if char == "\n"]

    def drop_options(self):
        """Without the circumstances that do not matter."""
        for name in sorted(self.options):
            less = {key: value for key, value in self.options.items() if key != name}
            if name != "compare" and self.failing([Script(self.script().program, less)]):
                self.options = less

    def drop_chunks(self):
        """Without many lines at a time, then fewer and fewer."""
        size = len(self.starts()) // 2
        while size >= 1:
            starts = self.starts()
            ends = starts[size::size] + [starts[-1]]
            if not self.attempt([[(start, end, "")] for start, end in zip(starts[::size], ends) if start < end]):
                size //= 2

    def drop_blocks(self):
        """Without whole blocks, or with what is in them alone."""
        again = True
        while again:
            starts = self.starts()
            changes = []
            for first, end in blocks(self.text.split("\n")[:-1]):
                changes.append([(starts[first], starts[end], "")])
                if end - first > 2:
                    changes.append([(starts[first], starts[first + 1], ""), (starts[end - 1], starts[end], "")])
            again = self.attempt(changes)

    def simplify_lines(self):
        """With less in the lines."""
        again = True
        while again:
            matches = [(match, simpler) for pattern, simpler in SIMPLER for match in pattern.finditer(self.text)]
            again = self.attempt([[(match.start(), match.end(), new)]
                                  for match, simpler in matches for new in simpler if len(new) < len(match[0])])

    def reduce(self):
        """The smallest script that was found."""
        self.drop_options()
        self.drop_chunks()
        self.drop_blocks()
        self.simplify_lines()
        self.drop_blocks()
        return self.script()

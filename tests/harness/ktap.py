# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""Results as KTAP (Documentation/dev-tools/ktap.rst): a subtest a suite."""
import os
import sys


def put(line):
    """Print one line at once: the machine may die at the next test."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def begin(count):
    """Start a report of `count` suites."""
    put("KTAP version 1")
    put(f"# kernel {os.uname().release}")
    put(f"1..{count}")


def suite(number, name, counts):
    """Report the result of a whole suite."""
    if counts["fail"]:
        put(f"not ok {number} {name}")
    elif counts["pass"]:
        put(f"ok {number} {name}")
    else:
        put(f"ok {number} {name} # SKIP")


def end(counts):
    """Print the last line."""
    put(f"{counts['pass']} passed, {counts['fail']} failed, {counts['skip']} skipped")


class Report:
    """The tests of one suite."""

    def __init__(self, name, count):
        self.name = name
        self.number = 0
        put("  KTAP version 1")
        put(f"  # Subtest: {name}")
        put(f"  1..{count}")

    def test(self, claim, result, verbose):
        """Report one test; why it failed and what the kernel log says follow."""
        self.number += 1
        line = f"{self.number} {self.name}: {claim.replace('#', 'number')}"
        if result.status == "fail":
            put("  not ok " + line)
        elif result.status == "skip":
            put(f"  ok {line} # SKIP {result.reason}")
        else:
            put("  ok " + line)
        for text in result.notes:
            self.note(text)
        if result.status == "fail" or verbose:
            for text in result.details():
                self.note(text)

    def note(self, text):
        """Print text as a comment."""
        for line in text.splitlines() or [""]:
            put("  # " + line)

    @staticmethod
    def bail_out(reason):
        """No further test can run."""
        put(f"Bail out! {reason}")

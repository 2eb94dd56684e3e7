# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""How a test ends."""


class Failure(Exception):
    """The claim does not hold; the text says why."""


class Late(Failure):
    """
    What must happen within a second took longer. On a machine that is busy otherwise anything may be
    late once: such a test is run again, from the beginning. It is late each time if it is the
    script's fault.
    """

    TRIES = 3


class Skip(Exception):
    """The test cannot run here; the text says why."""


class Result:
    """What became of a test. Whatever fails later never hides what failed first."""

    def __init__(self):
        self.status = "pass"
        self.reason = ""
        self.failures = []
        # Why, if all that failed is that it was late.
        self.late = None
        self.log = []
        self.notes = []
        self.fatal = None

    def fail(self, why):
        """Note a failure."""
        self.status = "fail"
        self.late = None
        self.failures.append(why)

    def skip(self, why):
        """Note that the test did not run."""
        self.status = "skip"
        self.reason = why

    def details(self):
        """Lines for whoever looks into it: what failed, then the end of the kernel log."""
        shown = self.log[-30:]
        if len(shown) < len(self.log):
            shown.insert(0, f"({len(self.log) - len(shown)} records left out)")
        return self.failures + ["log: " + line for line in shown]

# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""Test files in bash: each function test_* is a test, the comment above it the claim."""
import os
import re
import tempfile

from harness.process import Process
from harness.result import Failure, Skip

LIBRARY = os.path.normpath(os.path.join(os.path.dirname(__file__), "..", "lib.sh"))
EXIT_SKIP = 4
# Reads the library, then the file, then runs the test.
MAIN = 'set -euo pipefail; . "$1"; . "$2"; "$3"'
FUNCTION = re.compile(r"((?:^#.*\n)+)^(test_\w+)\s*\(\)", re.M)
TIMEOUT = re.compile(r"^# timeout: (\d+)$\n?", re.M)
NOT_CLAIM = re.compile(r"^# (timeout|shellcheck).*\n", re.M)


def read(path):
    """All tests of a file."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    tests = [ShellTest(path, match[2], match[1]) for match in FUNCTION.finditer(text)]
    if len(tests) != len(re.findall(r"^test_\w+\s*\(\)", text, re.M)):
        raise SystemExit(f"{path}: a test lacks the comment that is its claim")
    return tests


class ShellTest:
    """One function."""

    # Of the module, when it is loaded.
    parameters = ""
    # Whether it may leave something in its network namespace.
    networked = True
    # Whether another test may have the module as this one leaves it.
    can_share = False

    def __init__(self, path, function, comment):
        self.path = path
        self.function = function
        timeout = TIMEOUT.search(comment)
        self.timeout = float(timeout[1]) if timeout else 60
        claim = NOT_CLAIM.sub("", comment).replace("\n#", "").lstrip("#")
        self.claim = " ".join(claim.split()).rstrip(".")

    def run(self, bench):
        """Run it; raise Failure if the claim does not hold."""
        with tempfile.TemporaryDirectory() as folder:
            os.mkdir(f"{folder}/work")
            process = Process(
                bench, ["bash", "-c", MAIN, "test", LIBRARY, self.path, self.function],
                f"{folder}/output",
                environment={"TEST_TMP": f"{folder}/work", "SLOW": str(bench.slow)})
            process.end(self.timeout)
            process.kill()
            return judge(process)


def judge(process):
    """Turn the exit status into a result; give the lines that are meant for the report."""
    status = os.waitstatus_to_exitcode(process.status)
    lines = process.text().strip()
    if status == EXIT_SKIP:
        raise Skip(lines.splitlines()[-1] if lines else "no reason given")
    if status:
        raise Failure(f"exit status {status}\n{lines}")
    return [line[2:] for line in lines.splitlines() if line.startswith("# ")]

# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""Test files in Python: each function test_* is a test, its documentation the claim."""
import ast
import importlib.util
import os
import re
import sys
import tempfile
import traceback

from harness.process import Process
from harness.result import Skip
from harness.shellfile import EXIT_SKIP, judge

TESTS = os.path.normpath(os.path.join(os.path.dirname(__file__), ".."))
TIMEOUT = re.compile(r"^\s*timeout: (\d+)$", re.M)


def has_tests(path):
    """Whether a file in Python has tests, and is no helper of others."""
    with open(path, encoding="utf-8") as file:
        return "\ndef test_" in file.read()


def read(path):
    """All tests of a file."""
    with open(path, encoding="utf-8") as file:
        tree = ast.parse(file.read())
    return [PythonTest(path, node) for node in tree.body
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]


class PythonTest:
    """One function, which runs in a child of the harness."""

    # Of the module, when it is loaded.
    parameters = ""
    # Whether it may leave something in its network namespace.
    networked = True
    # Whether another test may have the module as this one leaves it.
    can_share = False

    def __init__(self, path, node):
        text = ast.get_docstring(node)
        if not text:
            raise SystemExit(f"{path}: {node.name} lacks the documentation that is its claim")
        timeout = TIMEOUT.search(text)
        self.path = path
        self.name = node.name
        self.timeout = float(timeout[1]) if timeout else 60
        self.claim = " ".join(TIMEOUT.sub("", text).split()).rstrip(".")

    def run(self, bench):
        """Run it; raise Failure if the claim does not hold."""
        with tempfile.TemporaryDirectory() as folder:
            os.mkdir(f"{folder}/work")
            process = Process(bench, self.main, f"{folder}/output", environment={
                "TEST_TMP": f"{folder}/work", "SLOW": str(bench.slow)})
            process.end(self.timeout)
            process.kill()
            return judge(process)

    def main(self):
        """In the child: run the function; return the exit status."""
        os.chdir(os.environ["TEST_TMP"])
        sys.path[:0] = [TESTS, os.path.dirname(self.path)]
        try:
            spec = importlib.util.spec_from_file_location("test", self.path)
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            getattr(module, self.name)()
        except Skip as skip:
            print(skip)
            return EXIT_SKIP
        except BaseException:  # pylint: disable=broad-exception-caught # the harness must not go on in the child
            traceback.print_exc()
            self.stop_scripts()
            return 1
        return 0

    @staticmethod
    def stop_scripts():
        """The tests to come need a module that unloads."""
        try:
            sys.modules["luadrv"].stop(everything=True)
        except (KeyError, OSError):
            pass

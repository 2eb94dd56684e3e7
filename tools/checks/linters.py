# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""Programs that judge our files: each function gives a line for each complaint."""
import glob
import os
import re
import shutil
import subprocess

from checks.files import ROOT, paths

TOOLS = os.path.join(ROOT, "tools")

# What checkpatch.pl may not complain of, and where.
CHECKPATCH_EXEMPT = [
    # It takes a type's name, shared by files, for a string in one.
    (r"", {"STATIC_CONST_CHAR_ARRAY"}),
    # This is where they belong.
    (r"driver/compat\.h$", {"LINUX_VERSION_CODE", "CONSTANT_COMPARISON"}),
    # The kernel's own names, made anew for user space.
    (r"tests/fuzz/bytes/(kernel/|fuzz\.h$)", {
        "NEW_TYPEDEFS", "VOLATILE", "SPACING", "COMPLEX_MACRO", "MULTISTATEMENT_MACRO_USE_DO_WHILE",
        "MACRO_WITH_FLOW_CONTROL", "ASSIGN_IN_IF", "PREFER_DEFINED_ATTRIBUTE_MACRO", "MINMAX", "WEAK_DECLARATION",
        "IS_ENABLED_CONFIG"}),
    # It is no kernel code: the kernel's macros are missing, and what signals set is volatile.
    (r"(command|benchmarks)/", {"VOLATILE", "PREFER_DEFINED_ATTRIBUTE_MACRO"}),
    # Forms that upstream's sources, or C's library, demand.
    (r"lua/(overlay\.h$|shim/)", {"NEW_TYPEDEFS", "VOLATILE", "BRACES",
                                  "MULTISTATEMENT_MACRO_USE_DO_WHILE"}),
]
CHECKPATCH_LINE = re.compile(r"(\S+?):(\d+): (?:ERROR|WARNING):(\w+): (.*)")

# Warnings of the compilers, modpost and objtool; the path is relative to the module's sources.
WARNING = re.compile(r"warning: |error: |WARNING: |ERROR: ")
# Kbuild's lines about our sources, wherever these are.
CHECKED = re.compile(r"  CHECK   (\S+)\.c$")


def run(*command):
    """The lines that a program prints; if it fails without a word, a line that says so."""
    if not shutil.which(command[0], path=os.environ["PATH"]):
        return [f"{command[0]} is missing: tools/vm.d/deps check"]
    done = subprocess.run(command, cwd=ROOT, text=True, errors="replace", check=False,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    lines = done.stdout.splitlines()
    if done.returncode and not lines:
        lines = [f"{command[0]} ends with exit status {done.returncode}"]
    return lines


def unchecked(tree, lines):
    """What was compiled and sparse did not see, as one complaint, if there is any."""
    compiled = {os.path.relpath(path, tree)[:-2] for path in glob.glob(f"{tree}/*/**/*.o", recursive=True)
                if os.path.exists(f"{path[:-2]}.c")}
    checked = [match[1] for match in map(CHECKED.match, lines) if match]
    missed = sorted(name for name in compiled if not any(path == name or path.endswith(f"/{name}") for path in checked))
    return [f"sparse did not see {len(missed)} of {len(compiled)} sources, such as {missed[0]}.c"] if missed else []


def module(kernel):
    """The compilers' warnings about the module, and sparse's."""
    tree = os.path.join(ROOT, "build", kernel)
    # First what builds it for all others, which sees to it that what had a warning is compiled again.
    lines = []
    for arguments in ([], ["", "C=2", "CHECK=sparse"]):
        done = subprocess.run([f"{TOOLS}/build-module", kernel, *arguments],
                              text=True, check=False, stdin=subprocess.DEVNULL, capture_output=True)
        lines += done.stderr.splitlines()
        if done.returncode:
            return lines[-5:] or [f"build-module ends with exit status {done.returncode}"]
    with open(os.path.join(tree, "out", "log"), encoding="utf-8", errors="replace") as file:
        log = [line.rstrip() for line in file]
    problems = [line.replace(f"{tree}/", "") for line in lines if WARNING.search(line)]
    return problems + unchecked(tree, log)


def program(_):
    """The compiler's warnings about programs of user space."""
    return [line for folder in ("command", "benchmarks/proxy")
            for line in run("make", "-s", "-B", "-C", folder, f"OUT={ROOT}/build/check/{folder}", "CFLAGS=-O2 -Werror")
            if "warning: " in line or "error: " in line or "***" in line]


def mandoc(files):
    """Manual pages, but for those of others that they refer to, which need not be installed."""
    return [line for line in run("mandoc", "-Tlint", *paths(files, "man")) if "mandoc.db" not in line]


def checkpatch(files):
    """The kernel's own style checker."""
    fetched = subprocess.run([f"{TOOLS}/checks/fetch-checkpatch"], text=True, check=False,
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    if fetched.returncode:
        return ["checkpatch.pl cannot be fetched"]
    problems = []
    for line in run("perl", f"{fetched.stdout.strip()}/checkpatch.pl", "--no-tree", "--show-types", "--terse",
                    "--quiet", "--no-summary", "--file", *paths(files, "c", "asm")):
        match = CHECKPATCH_LINE.match(line)
        if not match or not any(re.match(where, match[1]) and match[3] in types
                                for where, types in CHECKPATCH_EXEMPT):
            problems.append(line)
    return problems


def shellcheck(files):
    """Shell scripts."""
    return run("shellcheck", "--external-sources", "--format=gcc", *paths(files, "shell"))


def pylint(files):
    """Python programs; .pylintrc says what is left out."""
    return [line for line in run("pylint", "--jobs=2", "--score=n", *paths(files, "python"))
            if not line.startswith("*****")]


def luacheck(files):
    """The examples and libraries. Tests in Lua break rules on purpose; .luacheckrc says what scripts find."""
    ours = [path for path in paths(files, "lua")
            if path.endswith(".lua") and not path.startswith(("tests/", "benchmarks/"))]
    return run("luacheck", "--quiet", "--no-color", "--formatter=plain", *ours)


def ldoc(_):
    """The comments, and the tables, that the reference is made of."""
    done = subprocess.run([f"{TOOLS}/build-docs"], text=True, check=False,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.stdout.splitlines() or ["ldoc fails"] if done.returncode else []

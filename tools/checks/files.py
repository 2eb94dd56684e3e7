# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""The files of the repository, each with the language that it is written in."""
import os
import re
import subprocess

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
BY_NAME = {"Makefile": "make", "Kbuild": "make", "LICENSE": "markdown", ".luacheckrc": "lua", ".pylintrc": "ini",
           ".shellcheckrc": "ini", ".gitignore": "ini"}
BY_EXTENSION = {"c": "c", "h": "c", "inc": "c", "S": "asm", "py": "python", "lua": "lua", "ld": "lua",
                "sh": "shell", "bash": "shell", "8": "man", "config": "kconfig", "md": "markdown", "patch": "patch",
                "html": "html", "mk": "make", "rules": "conf", "conf": "conf", "dkms": "conf"}
BY_FIRST_LINE = [(r"#!.*\bpython3?\b", "python"), (r"#!.*\b(ba|da)?sh\b", "shell"),
                 (r"# shellcheck shell=", "shell"), (r"#!.*\bmake\b", "make")]
# Inputs of tests, kept byte by byte as they were found.
DATA = re.compile(r"(^|/)corpus/")
# Files whose form the packaging tools prescribe.
DEBIAN = re.compile(r"tools/debian/(control|changelog|copyright|source/format)$")


class File:
    """One file; its path is relative to the repository's root."""

    def __init__(self, path):
        self.path = path
        with open(os.path.join(ROOT, path), "rb") as file:
            self.content = file.read()
        self.text = self.content.decode("utf-8", "replace")
        self.lines = self.text.splitlines()
        self.language = self.find_language()

    def find_language(self):
        """What it is written in, or nothing if that cannot be told."""
        name = os.path.basename(self.path)
        if DATA.search(self.path):
            return "data"
        if DEBIAN.match(self.path):
            return "debian"
        if name in BY_NAME:
            return BY_NAME[name]
        if "." in name[1:] and name.rpartition(".")[2] in BY_EXTENSION:
            return BY_EXTENSION[name.rpartition(".")[2]]
        first = self.lines[0] if self.lines else ""
        return next((language for pattern, language in BY_FIRST_LINE if re.match(pattern, first)), None)


def read_all():
    """What git has or would add, but for links and what is deleted."""
    names = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                           cwd=ROOT, check=True, capture_output=True).stdout.decode().split("\0")
    return [File(name) for name in sorted(set(names)) if os.path.isfile(os.path.join(ROOT, name))]


def paths(files, *languages):
    """Paths of the files in these languages."""
    return [file.path for file in files if file.language in languages]

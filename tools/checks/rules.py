# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""Rules of this project: each function takes all files and gives a line for each breach."""
import os
import posixpath
import re

from checks.files import ROOT

LICENSE = "SPDX-License-Identifier: MIT OR GPL-2.0-only"
# Upstream's patches are under upstream's licence, prose and lists of names need none.
UNLICENSED = ("patch", "markdown", "data", "ini", "kconfig", "debian")

# Where somebody's machine keeps things. The guest's /root and /tmp are the same everywhere.
MACHINE_PATH = re.compile(r"(?<![\w.}*])/(home|Users|work|mnt|srv)/[\w.]")
URL_HOST = re.compile(r"\b(?:https?|ftp)://([A-Za-z][\w-]*(?:\.[\w-]+)+)")
# Sites that documents may point to.
KNOWN_HOSTS = {"www.lua.org", "lua.org", "docs.kernel.org", "www.kernel.org", "datatracker.ietf.org", "www.debian.org"}

INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)', re.M)
# Kernel headers of types and numbers only, which the headers between the two worlds use.
PLAIN_HEADERS = {"linux/types.h", "linux/stddef.h", "linux/errno.h"}
LUA_HEADERS = {"lua.h", "lauxlib.h", "lualib.h"}
VERSION_CHECK = re.compile(r"\b(LINUX_VERSION_CODE|KERNEL_VERSION|LUADRV_KERNEL)\b")
LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")


def licensed(files):
    """Every file names its licence in its first lines."""
    for file in files:
        if file.language is None:
            yield f"{file.path}: which language is this? (tools/checks/files.py)"
        elif file.language not in UNLICENSED and LICENSE not in "\n".join(file.lines[:4]):
            yield f"{file.path}: no '{LICENSE}' in the first lines"


def portable(files):
    """No path and no host of anybody's machine."""
    for file in files:
        for number, line in enumerate(file.lines, 1):
            if file.path != "tools/checks/rules.py" and MACHINE_PATH.search(line):
                yield f"{file.path}:{number}: a path of some machine: {line.strip()}"
            for host in URL_HOST.findall(line):
                if host not in KNOWN_HOSTS and not host.endswith(("example.org", ".test")):
                    yield f"{file.path}:{number}: an unknown host: {host}"


def tidy(files):
    """Lines end in a line feed and nothing else; what has a first line #! can be executed."""
    for file in files:
        if file.language in ("data", "patch"):
            continue
        if file.content and not file.content.endswith(b"\n"):
            yield f"{file.path}: the last line does not end"
        for number, line in enumerate(file.content.split(b"\n"), 1):
            if line != line.rstrip():
                yield f"{file.path}:{number}: space at the end of the line"
            if line.startswith((b"<" * 7 + b" ", b">" * 7 + b" ")):
                yield f"{file.path}:{number}: two versions of something, of which nobody chose one"
        executable = os.access(os.path.join(ROOT, file.path), os.X_OK)
        if executable != file.content.startswith(b"#!"):
            yield f"{file.path}: executable and #! do not go together"


class Includes:
    """Which of our files include what."""

    def __init__(self, files):
        self.files = {file.path: file for file in files if file.language == "c"}

    def ours(self, path, name):
        """The file of ours that path includes by this name, or nothing."""
        near = posixpath.join(posixpath.dirname(path), name)
        return next((p for p in (near, name, f"lua/{name}") if p in self.files), None)

    def reached(self, path, seen=None):
        """Every header that a file sees, through our own headers too: (name, the file that names it)."""
        seen = set() if seen is None else seen
        for quoted, angled in INCLUDE.findall(self.files[path].text):
            name = quoted or angled
            yield name, path
            header = self.ours(path, name) if quoted else None
            if header and header not in seen:
                seen.add(header)
                yield from self.reached(header, seen)


def two_worlds(files):
    """*_lua.c sees Lua and not the kernel, every other .c the kernel and not Lua."""
    includes = Includes(files)
    for path in includes.files:
        if not path.endswith(".c"):
            continue
        for name, by in includes.reached(path):
            where = path if by == path else f"{path} (by {by})"
            if name in LUA_HEADERS and not path.endswith("_lua.c"):
                yield f"{where}: includes {name}, but is not called *_lua.c"
            if (path.endswith("_lua.c") and name not in PLAIN_HEADERS
                    and name.startswith(("linux/", "net/", "asm/", "crypto/"))):
                yield f"{where}: includes {name}, but is called *_lua.c"


def versions(files):
    """Differences between kernels are in driver/compat.h alone."""
    for file in files:
        if file.language not in ("c", "asm") or file.path == "driver/compat.h":
            continue
        for number, line in enumerate(file.lines, 1):
            if VERSION_CHECK.search(line):
                yield f"{file.path}:{number}: a version check outside driver/compat.h"


def links(files):
    """What a document points to exists."""
    for file in files:
        if file.language != "markdown":
            continue
        for number, line in enumerate(file.lines, 1):
            for target in LINK.findall(line):
                path = os.path.join(ROOT, os.path.dirname(file.path), target)
                if not os.path.exists(path):
                    yield f"{file.path}:{number}: {target} does not exist"

# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""The tutorial: its scripts are written to files, its commands run as they stand there."""
import os
import re
import socket
import struct
import subprocess
import threading
import time

from harness.process import stat_fields
from luadrv import SLOW, same, stop, table, until

DOCS = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "..", "docs")
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.M | re.S)
MARK = "@@ the command has ended"
# They change nothing, so they can be asked until they tell what came a moment later.
LOOKS = re.compile(r"(cat [\w.]+|luadrv (log|ps)|dmesg)\b(?!.*>)")


def blocks():
    """Language, name and text of each block of code."""
    with open(f"{DOCS}/tutorial.md", encoding="utf-8") as file:
        return [match.groups() for match in BLOCK.finditer(file.read())]


def steps(text):
    """The commands of a block, each with the lines that it prints."""
    for part in re.split(r"^# ", text, flags=re.M)[1:]:
        command, *lines = part.splitlines()
        yield command, lines


def pattern(lines):
    """What the output must match: `...` is anything, as a line any lines."""
    parts = [r"(.*\n)+" if line == "..." else
             re.escape(line).replace(r"\.\.\.", ".*").replace(r"\ \.\.\.", " .*") + r"\n" for line in lines]
    return re.compile("".join(parts))


class Shell:
    """A shell that keeps jobs in the background."""

    def __init__(self):
        self.process = subprocess.Popen(  # pylint: disable=consider-using-with # closed below
            ["bash"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env={**os.environ, "LC_ALL": "C"})

    def run(self, command):
        """What a command prints."""
        self.process.stdin.write(f"{command}\necho '{MARK}'\n")
        self.process.stdin.flush()
        lines = []
        for line in self.process.stdout:
            if line == f"{MARK}\n":
                return "".join(lines)
            lines.append(line)
        raise AssertionError(f"the shell has ended: {''.join(lines)}")

    def jobs(self):
        """Processes in the background."""
        parents = {int(pid): (stat_fields(pid) or "? 0")[1] for pid in os.listdir("/proc") if pid.isdigit()}
        return [pid for pid, parent in parents.items() if parent == str(self.process.pid)]

    def close(self):
        """End it and what it runs."""
        for pid in self.jobs():
            os.kill(pid, 9)
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


def settled(shell):
    """Whether all scripts and jobs wait for something."""
    return all(row["STATE"] == "waiting" for row in table().values()) and \
        all((stat_fields(pid) or "S")[0] == "S" for pid in shell.jobs())


def settle(shell):
    """Wait until what was started has come to its first wait, and stays there."""
    deadline = time.monotonic() + 20 * SLOW
    seen = 0
    while seen < 5:
        seen = seen + 1 if settled(shell) else 0
        assert time.monotonic() < deadline, "something does not come to rest"
        time.sleep(0.02)


def try_step(shell, command, lines):
    """Run a command; it must print these lines."""
    want, deadline = pattern(lines), time.monotonic() + 10 * SLOW
    while True:
        got = shell.run(command)
        if want.fullmatch(got):
            return
        assert LOOKS.match(command) and time.monotonic() < deadline, \
            f"# {command}\n{got}instead of\n" + "\n".join(lines)
        time.sleep(0.05)


def test_tutorial():
    """every command of the tutorial prints what the tutorial says, and every script of it is run

    timeout: 120
    """
    shell, names = Shell(), []
    try:
        for language, name, text in blocks():
            if language == "lua":
                assert name and name not in names, f"a script called {name}"
                names.append(name)
                with open(name, "w", encoding="utf-8") as file:
                    file.write(text)
                continue
            assert language == "console", language
            for command, lines in steps(text):
                try_step(shell, command, lines)
                names = [script for script in names if not re.search(rf"\b{re.escape(script)}\b", command)]
                if command.endswith("&") or command.startswith("luadrv spawn"):
                    settle(shell)
        assert not names, f"never run: {names}"
    finally:
        shell.close()
        stop(everything=True)


def script_of(name):
    """The text of a script of the tutorial."""
    return next(text for _, script, text in blocks() if script == name)


def count(sock):
    """How many bytes come until the end."""
    got = 0
    while chunk := sock.recv(65536):
        got += len(chunk)
    return got


def answer(listener, size, heard):
    """Sends so many bytes to who connects, and meanwhile counts what comes."""
    with listener, listener.accept()[0] as sock:
        sender = threading.Thread(target=sock.sendall, args=(b"y" * size,), daemon=True)
        sender.start()
        heard.append(count(sock))
        sender.join()


def test_both_ways():
    """through the tutorial's proxy much can go both ways at once, also to a client that sends all before it reads

    timeout: 120
    """
    size = 2 << 20
    for name, most in ("tcp_rmem", 131072), ("tcp_wmem", 65536):
        with open(f"/proc/sys/net/ipv4/{name}", "w", encoding="ascii") as file:
            file.write(f"4096 {most // 2} {most}")
    with open("proxy.lua", "w", encoding="utf-8") as file:
        file.write(script_of("proxy.lua"))
    try:
        subprocess.run(["luadrv", "spawn", "proxy.lua"], check=True, stdout=subprocess.DEVNULL)
        until("the proxy", lambda: all(row["STATE"] == "waiting" for row in table().values()))
        listener = socket.create_server(("127.0.0.1", 0))
        heard = []
        server = threading.Thread(target=answer, args=(listener, size, heard), daemon=True)
        server.start()
        with socket.create_connection(("127.0.0.1", 8003)) as client:
            client.settimeout(20 * SLOW)
            client.sendall(struct.pack(">BBHIB", 4, 1, listener.getsockname()[1], 0x7f000001, 0) + b"x" * size)
            client.shutdown(socket.SHUT_WR)
            same(count(client), 8 + size)
        server.join()
        same(heard, [size])
    finally:
        stop(everything=True)

# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""The list of options in the reference, which is made of the tables' text, is that of the module."""
import os
import subprocess

from luadrv import Session, same

TOOL = os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../tools/options")
SCRIPT = r"""
local RANGED = { integer = true, ms = true, linger = true }
for _, o in ipairs(socket.options()) do
    local range = RANGED[o.kind] and o.min and o.min .. ".." .. o.max or ""
    print(table.concat({ o.level, o.name, range, o.help }, "\t"))
end
"""


def tool(*arguments):
    """What tools/options prints."""
    return subprocess.run([TOOL, *arguments], check=True, capture_output=True, encoding="utf-8").stdout


def test_list():
    """the reference lists the options that there are, with their ranges"""
    with Session() as session:
        result, output, errors = session.ran(SCRIPT)
    same((result, errors), ("", ""))
    listed, known = tool("--plain").splitlines(), output.splitlines()
    for line in listed:
        assert line in known, f"the module lacks: {line}"
    same(listed, known, "list")


def test_page():
    """the reference has a line for each option, with its letters, unit, words and fields"""
    page = tool().splitlines()
    rows = [line for line in page if line.startswith("| `")]
    same(len(rows), len(tool("--plain").splitlines()), "rows")
    for text in ("| `rcvbufforce` `rf` | bytes, 0..2147483647, **wo** |", "| `type` `t` | integer, **ro** |",
                 "`rx_software`", "`bytes_acked`", "since Linux 6.15", "| `mtu_discover` | word |", "## ipv6 (i6): "):
        assert any(text in line for line in page), text

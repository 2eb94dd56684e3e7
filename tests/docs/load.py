# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""docs/load.md: its tables of options have what load/flags.lua has."""
import os

from luadrv import Session

DOCS = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "..", "docs")
# A row for each option: what it is called, its letter, its default or why it does nothing, what it is for.
ROWS = r"""
local function default(flag)
	local value = flag.default
	if value == nil or value == "" then return "–" end
	if value == false then return "off" end
	if type(value) ~= "table" then
		local s = flag.kind == "duration" and math.type(value) == "integer" and value > 0
		return s and value // 1000000000 .. "s" or tostring(value)
	end
	local list = {}
	for workload, of in pairs(value) do list[#list + 1] = workload .. ": " .. tostring(of) end
	table.sort(list)
	return table.concat(list, ", ")
end
for _, flag in ipairs(require("load.options").list()) do
	print(("| `%s`%s | %s | %s | %s |"):format(flag.name, flag.alias and (" (`%s`)"):format(flag.alias) or "",
		flag.short and ("`-%s`"):format(flag.short) or "", flag.unused or flag.refused or default(flag), flag.help))
end
"""


def test_tables():
    """the tables of options in docs/load.md have a row for each option, as it is, and no other"""
    with Session() as session:
        code, output, errors = session.ran(ROWS)
    assert not code, errors
    with open(f"{DOCS}/load.md", encoding="utf-8") as file:
        text = file.read().split("\n## Options\n")[1]
    rows = {line for line in text.splitlines() if line.startswith("| `")}
    missing, wrong = [row for row in output.splitlines() if row not in rows], rows - set(output.splitlines())
    assert not missing and not wrong, "missing:\n" + "\n".join(missing) + "\nwrong:\n" + "\n".join(sorted(wrong))

-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- What the table kernel tells and does.

--# kernel has what the reference names
local names = {}
for k in pairs(kernel) do names[#names + 1] = k end
table.sort(names)
eq(table.concat(names, " "), "cpus log random sleep time_ns version")
eq(require "kernel", kernel)

--# kernel.version looks like a release
assert(kernel.version:find("^%d+%.%d+%.%d+"), kernel.version)

--# kernel.cpus is a number
assert(math.type(kernel.cpus) == "integer" and kernel.cpus >= 1 and kernel.cpus <= 8192, kernel.cpus)

--# kernel.random gives as many bytes as it is asked for
for _, n in ipairs { 0, 1, 2, 7, 8, 127, 128, 129, 1000, 65535, 65536 } do
	eq(#kernel.random(n), n)
end

--# kernel.random never gives the same twice, and all bytes
local seen = {}
for i = 1, 200 do
	local r = kernel.random(16)
	eq(seen[r], nil)
	seen[r] = true
end
local count, kinds = {}, 0
for _, b in ipairs { kernel.random(8000):byte(1, -1) } do
	if not count[b] then kinds = kinds + 1 end
	count[b] = true
end
eq(kinds, 256)

--# kernel.random refuses what is no number of bytes
raises("number of bytes must be in 0..65536, not -1", kernel.random, -1)
raises("number of bytes must be in 0..65536, not 65537", kernel.random, 65537)
raises("must be in 0..65536", kernel.random, math.maxinteger)
raises("must be in 0..65536", kernel.random, math.mininteger)
raises("number expected, got no value", kernel.random)
raises("number expected, got table", kernel.random, {})

--# kernel.random within a tight limit raises the memory error
--! param memory=512K
--! error ENOMEM not enough memory
local t = {}
while true do t[#t + 1] = kernel.random(65536) end

--# kernel.random in a loop is stopped
--! stop
print("ready")
while true do kernel.random(65536) end

--# kernel.log writes a record a line
--! log /^one$/
--! log /^two$/
--! log /^three$/
kernel.log("info", "one\ntwo\nthree\n")

--# kernel.log shows control characters as a Lua string does
--! log escaped \27[31m \0 \13 \127 end
kernel.log("warning", "escaped \27[31m \0 \r \127 end")

--# kernel.log breaks long lines and loses nothing
--! log /^a{400,}$/
--! log /^a*b$/
kernel.log("notice", ("a"):rep(2000) .. "b")

--# kernel.log writes an empty record for an empty text
--! log /^$/
kernel.log("info", "")

--# kernel.log refuses what is no level and no text
raises("invalid option 'loud'", kernel.log, "loud", "x")
raises("level must be in 0..7, not 8", kernel.log, 8, "x")
raises("level must be in 0..7, not -1", kernel.log, -1, "x")
raises("level must be in 0..7", kernel.log, math.maxinteger, "x")
raises("string expected, got no value", kernel.log)
raises("string expected, got table", kernel.log, {}, "x")
raises("string expected, got no value", kernel.log, "info")
raises("string expected, got table", kernel.log, "info", {})

--# kernel.log of numbers writes them
--! log /^42$/
kernel.log(6, 42)

--# os.getenv knows no variable
eq(os.getenv("PATH"), nil)
eq(select("#", os.getenv("PATH")), 1)

--# os.date of now is in this century or the next
local now = os.date("*t")
assert(now.year >= 2024 and now.year < 2200, now.year)
local t = os.time()
assert(os.time(os.date("*t", t)) == t)

--# os.date with a long format is stopped
--! stop
local format = ("%c"):rep(500000)
print("ready")
while true do os.date(format) end

--# os.difftime that exceeds 64 bits raises
eq(os.difftime(math.maxinteger, 0), math.maxinteger)
raises("cannot be represented", os.difftime, math.maxinteger, -1)
raises("cannot be represented", os.difftime, math.mininteger, 1)

--# os.time tells of the second before 1970
eq(os.time { year = 1969, month = 12, day = 31, hour = 23, min = 59, sec = 59 }, -1)
eq(os.date("%F %T", -1), "1969-12-31 23:59:59")

-- SPDX-License-Identifier: MIT OR GPL-2.0-only
local all = "%a|%A|%b|%B|%c|%C|%d|%D|%e|%F|%g|%G|%h|%H|%I|%j|%m|%M|%p|%r|%R|%S|%T|%u|%U|%V|%w|%W|%x|%X|%y|%Y|%z|%%|%n|%t"
local other = "%Ec|%EC|%Ex|%EX|%Ey|%EY|%Od|%Oe|%OH|%OI|%Om|%OM|%OS|%Ou|%OU|%OV|%Ow|%OW|%Oy"
local function fields(t)
	return ("%d-%d-%d %d:%d:%d w%d y%d %s"):format(t.year, t.month, t.day, t.hour, t.min, t.sec, t.wday, t.yday, t.isdst)
end
local day = 24 * 60 * 60
-- Around the ends of years, of leap days and of centuries.
for _, year in ipairs { -401, -1, 0, 4, 99, 1582, 1900, 1969, 2000, 2024, 2100, 10000, 123456 } do
	local first = os.time { year = year, month = 1, day = 1, hour = 0 }
	show(year, first, os.time { year = year, month = 2, day = 29 }, os.time { year = year, month = 12, day = 31 })
	for _, d in ipairs { -2, 0, 5, 58, 59, 365 } do
		local t = first + d * day + (d * 7919) % day
		show(os.date("!" .. all, t))
		show(os.date("!" .. other, t), fields(os.date("!*t", t)), fields(os.date("*t", t)))
	end
end
-- The days around the ends of years, in which ISO weeks take all their forms.
for year = 1995, 2024 do
	local first, line = os.time { year = year, month = 1, day = 1 }, {}
	for d = -4, 5 do line[#line + 1] = os.date("%d.%j.%U.%V.%W.%g.%u.%w", first + d * day) end
	print(table.concat(line, " "))
end
for _, t in ipairs { -1 << 40, -2, 0, 1, 59, 60, 3599, 3600, 86399, 86400, 1 << 31, 1 << 32, 1 << 40 } do
	show(os.date("%c", t), os.date("!%c", t), os.date("%Z", t))
end
for hour = 0, 23 do show(os.date("%I %p %r", hour * 3600)) end
-- Fields out of their ranges are brought into them, in the table, too.
local function normal(t)
	local ok, time = pcall(os.time, t)
	show(ok, time, ok and fields(t) or "")
end
normal { year = 2024, month = 14, day = -3 }
normal { year = 2024, month = -14, day = 0, hour = -1, min = 70, sec = -100000 }
normal { year = 2024, month = 0, day = 400, hour = 500, min = 6000, sec = 1000000 }
normal { year = 1970, month = 1, day = 1, hour = 0 }
normal { year = "2024", month = "7", day = "0x10", hour = "5" }
normal { year = 5, month = 12 * 3000, day = 1 << 20 }
normal { year = 2000, month = (1 << 30) - 1, day = (1 << 30) - 1, hour = (1 << 30) - 1, min = -(1 << 30) + 1, sec = 1 }
normal { year = 2000, month = 1, day = 1, isdst = false }
normal(setmetatable({ year = 2000, month = 5 }, { __index = function(_, k) if k == "day" then return 7 end end }))
for _, name in ipairs { "year", "month", "day", "hour", "min", "sec" } do
	for _, value in ipairs { "x", true, {}, 1 << 30, -(1 << 30), math.maxinteger, math.mininteger, print, "" } do
		local t = { year = 2000, month = 1, day = 1 }
		t[name] = value
		if math.type(value) ~= "integer" or value > (1 << 30) or value < 0 then try(os.time, t) end
	end
	local t = { year = 2000, month = 1, day = 1 }
	t[name] = nil
	normal(t)
end
try(os.time, 1)
try(os.time, "x")
try(os.time, {})
-- What cannot be told or is no conversion.
for _, format in ipairs { "%", "%Q", "%E", "%Ez", "%O", "%OZ", "%Ea", "%-d", "%5d", "x%", "%s", "%k", "%l", "%P", "%+",
	"%\0", "%EE", "%%%", "%Y%", "!%", "!", "", "!!", "*t!", "a\0b%Y", "!*", "*", "%|", "||" } do
	try(os.date, format, 1000000000)
end
try(os.date, "%Y", "1000000000")
try(os.date, "%Y", "x")
try(os.date, "%Y", {})
try(os.date, {}, 1)
try(os.date, 12, 1)
try(os.date, "%Y", math.maxinteger)
try(os.date, "%Y", math.mininteger)
try(os.date, "*t", 1 << 60)
try(os.date, "!*t", -(1 << 60))
try(os.date, "%Y", -67768040609740801)
try(os.date, "%m-%d %H:%M:%S", -67768040609740800)
try(os.date, "%m-%d %H:%M:%S", 67768036191676799)
try(os.date, "%m", 67768036191676800)
show(os.date(nil, 5), os.date(nil, 5) == os.date("%c", 5))
show(type(os.date()), #os.date("%F") >= 10, os.date("!%F", nil) >= "2024")
show(#os.date(("%c "):rep(1000), 0))
-- Differences; the float outside shows as one.
local function whole(x) return math.tointeger(x) end
show(whole(os.difftime(5, 3)), whole(os.difftime(-5, 3)), whole(os.difftime("7", "8")))
try(os.difftime)
try(os.difftime, 1)
try(os.difftime, "x", 1)
try(os.difftime, 1, {})
try(os.getenv, {})
try(os.getenv)
show(os.getenv("no such variable"))

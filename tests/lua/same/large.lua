-- SPDX-License-Identifier: MIT OR GPL-2.0-only
local function many(n)
	return SLOW > 1 and n // 20 or n
end
local function n(s, name)
	local f, e = load(s, name or "=n")
	if f then
		show(true, pcall(f))
	else
		show((e:gsub("near '.*", "near")))
	end
end
local function names(p, k, sep)
	local t = {}
	for i = 1, k do
		t[i] = p .. i
	end
	return table.concat(t, sep or ",")
end
for _, k in ipairs({ 199, 200, 201 }) do
	n("local " .. names("a", k) .. " return a" .. k)
end
n("local function f(" .. names("a", 200) .. ") end return 1")
n("local function f(" .. names("a", 199) .. ", ...) end return 1")
n("local function f(" .. names("a", 201) .. ") end return 1")
n("for " .. names("a", 197) .. " in pairs{} do end return 2")
n("for " .. names("a", 198) .. " in pairs{} do end return 2")
for _, k in ipairs({ 254, 255, 256 }) do
	local s = {}
	local parts = {}
	for b = 0, 2 do
		parts[b] = {}
	end
	local src = ""
	local cnt = 0
	local body = {}
	local open, close = "", ""
	for b = 0, 1 do
		local t = {}
		for i = 1, 150 do
			if cnt < k - 1 then
				cnt = cnt + 1
				t[#t + 1] = "u" .. cnt
				body[#body + 1] = "u" .. cnt .. "=1"
			end
		end
		open = open .. "local " .. table.concat(t, ",") .. " return function() "
		close = close .. " end "
	end
	n(open .. "return function() x = 1 " .. table.concat(body, " ") .. " end" .. close .. " , 1")
end
n("return " .. ("("):rep(10) .. "1" .. (")"):rep(10))
n(("do "):rep(15) .. ("end "):rep(15) .. "return 5")
n("return " .. ("-"):rep(0) .. ("- "):rep(30) .. "1")
n("return " .. ("not "):rep(30) .. "1")
n("return " .. names("'x' .. ", 0) .. ("'a' .. "):rep(60) .. "'b'")
n("local x = 'a' return " .. ("x .. "):rep(60) .. "x")
n("return " .. ("{"):rep(15) .. ("}"):rep(15))
n("return " .. ("1 + "):rep(5000) .. "1")
n("local a = 1 return " .. ("a + "):rep(5000) .. "a")
n("local a = 1 return " .. ("a * 1 + "):rep(500) .. "a")
n("return " .. ("1 and "):rep(3000) .. "2")
n("return " .. ("nil or "):rep(3000) .. "2")
n("return " .. ("1 < 2 == "):rep(200) .. "true")
n("local a " .. ("if a then elseif "):rep(1) .. "a then end return 3")
n("local a if a then x = 1 " .. ("elseif a then x = 2 "):rep(500) .. "end return 4")
n("return {" .. ("1,"):rep(many(60000)) .. "}")
n("return #{" .. ("1,"):rep(many(60000)) .. "}")
n("return #{" .. ("{},"):rep(600) .. "}")
do
	local t = {}
	for i = 1, many(70000) do
		t[i] = "'s" .. i .. "'"
	end
	n("local t = {" .. table.concat(t, ",") .. "} return #t, t[1], t[65536], t[70000]")
	for i = 1, many(70000) do
		t[i] = "k" .. i .. "=" .. i
	end
	n("local t = {" .. table.concat(t, ",") .. "} return t.k1, t.k65536, t.k70000")
end
n("local t = {} " .. ("t.x = 1 "):rep(many(20000)) .. " return t.x")
n("local x = 0 for i = 1, 3 do " .. ("x = x + 1 "):rep(many(20000)) .. "end return x")
n(
	"local x = 0 while x < 2 do "
		.. ("local y = x "):rep(1)
		.. ("x = x + 0 "):rep(many(140000))
		.. " x = x + 1 end return x"
)
n("return '" .. ("x"):rep(300000) .. "' == ('x'):rep(300000)")
n("local " .. ("a"):rep(5000) .. " = 1 return " .. ("a"):rep(5000))
n("--" .. ("c"):rep(100000) .. "\nreturn 1")
n("return [" .. ("="):rep(300) .. "[x]" .. ("="):rep(300) .. "]")
n(("\n"):rep(many(50000)) .. "error'x'")
n("local a, b, c, d = 1 " .. ("a, b, c, d = b, c, d, a "):rep(1000) .. " return a, b, c, d")
n("a, b = " .. ("1, "):rep(200) .. "1 return a, b")
n("local function f(...) return select('#', ...) end return f(" .. ("1,"):rep(240) .. "1)")
n("local function f(...) return select('#', ...) end return f(" .. ("1,"):rep(260) .. "1)")
n("local f = function(...) return select('#', ...) end return f(table.unpack({}, 1, 5000))")
n("return " .. ("f("):rep(12) .. (")"):rep(12))
n("x = function() " .. ("return function() "):rep(8) .. ("end "):rep(8) .. "end return 6")
n(("a."):rep(300) .. "b = 1")
n("return ('x')" .. (":rep(1)"):rep(300))
n("local t = {} t.t = t return t" .. (".t"):rep(1000) .. " == t")
n("local t = {} t[1] = t return t" .. ("[1]"):rep(1000) .. " == t")
n("local f f = function() return f end return f" .. ("()"):rep(1000) .. " == f")
n(("::l%d:: "):rep(1):format(1) .. "return 1")
do
	local t = {}
	for i = 1, 500 do
		t[i] = "goto l" .. i .. " ::l" .. i .. ":: "
	end
	n(table.concat(t) .. "return 7")
end
do
	local t = {}
	for i = 1, 300 do
		t[i] = "local function f" .. (i % 150) .. "() return " .. i .. " end"
	end
	n("do " .. table.concat(t, " ", 1, 150) .. " end do " .. table.concat(t, " ", 151) .. " return f0() end")
end
n(("local a = 1 "):rep(200) .. "return a")
n(("local a = 1 "):rep(201) .. "return a")
n(("do local a = 1 end "):rep(500) .. "return 9")
n("return function(a) return function(b) return function(c) return a .. b .. c end end end and 1")
n("local s = 0 for _, v in ipairs{" .. names("", 500) .. "} do s = s + v end return s")
do
	local s = {}
	for i = 1, 300 do
		s[i] = "x" .. i .. " = " .. i
	end
	n(table.concat(s, "\n") .. " return x300")
	local t = {}
	for i = 1, 256 do
		t[i] = "k" .. i
	end
	n("local t = {} " .. "t." .. table.concat(t, " = 1 t.") .. " = 2 return t.k256")
	local c = {}
	for i = 1, 300 do
		c[i] = i * 1000
	end
	n("return " .. table.concat(c, " + "))
	n("local a = 5 return a < 300000, 300000 < a, a == 300000, 'zzz' == a, a + 300000, 300000 - a")
end

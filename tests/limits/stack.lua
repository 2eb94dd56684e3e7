-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Recursion of every kind ends in an error, not in the end of the kernel's stack.

-- What a plain kernel must reach; KASAN makes frames larger by more than it makes the stack.
local function levels(plain, other) return SLOW < 10 and plain or other end

-- Runs f until it overflows, three times (twice on a slow kernel): an overflow must leave
-- nothing behind that makes the next one worse. f() calls down() once a level.
local function overflows(atleast, f)
	for _ = 1, SLOW < 10 and 3 or 2 do
		local depth, deepest = 0, 0
		local function down()
			depth = depth + 1
			if depth > deepest then deepest = depth end
			assert(depth < 250000, "no end")
		end
		local ok, e = pcall(f, down)
		assert(not ok, "no error")
		e = tostring(e)
		assert(e:find("stack overflow", 1, true) or e:find("error in error handling", 1, true), e)
		assert(deepest >= atleast, "only " .. deepest .. " levels")
	end
end

--# recursion of Lua functions ends in a stack overflow
overflows(10000, function(down)
	local function f() down() return 1 + f() end
	f()
end)

--# a gsub whose callback calls gsub: 16 levels
overflows(levels(16, 6), function(down)
	local function f(s) down() return (s:gsub(".", f)) end
	f("x")
end)

--# pcall of a function that calls pcall: 24 levels
local depth = 0
local function f()
	depth = depth + 1
	local ok, e = pcall(f)
	if not ok then error(e, 0) end
end
for i = 1, 3 do raises("stack overflow", f) end
assert(depth >= 3 * levels(24, 12), depth)

--# pcall of pcall of pcall
local args = {}
for i = 1, 200 do args[i] = pcall end
local r = table.pack(pcall(table.unpack(args)))
local last = r[r.n]
assert(tostring(last):find("stack overflow") or tostring(last):find("attempt to call") or tostring(last):find("value expected"), last)

--# xpcall with a handler that calls xpcall
overflows(10, function(down)
	local function f()
		down()
		local ok, e = xpcall(f, function(e) return e end)
		if not ok then error(e, 0) end
	end
	f()
end)

--# xpcall whose handler fails again and again
local ok, e = xpcall(error, function(e) error(e) end, "x")
eq(ok, false)
local function h(e) return xpcall(error, h, e) end
ok, e = xpcall(error, h, "x")
local function g() return xpcall(g, g) end
g()

--# a coroutine that wraps a coroutine: 30 levels
overflows(levels(30, 14), function(down)
	local function f() down() return coroutine.wrap(f)() end
	f()
end)

--# a coroutine that creates and resumes a coroutine: 30 levels
local depth = 0
local function f()
	depth = depth + 1
	local ok, e = coroutine.resume(coroutine.create(f))
	if not ok then error(e, 0) end
end
for i = 1, 3 do raises("C stack overflow", f) end
assert(depth >= 3 * levels(30, 12), depth)

--# a sort whose comparison sorts
overflows(12, function(down)
	local function f(a, b) down() table.sort({ 1, 2, 3 }, f) return a < b end
	f(1, 2)
end)

--# __index that indexes
overflows(20, function(down)
	local t = setmetatable({}, { __index = function(t, k) down() return t[k + 1] end })
	return t[1]
end)

--# __newindex that assigns
overflows(20, function(down)
	local t = setmetatable({}, { __newindex = function(t, k, v) down() t[k + 1] = v end })
	t[1] = 1
end)

--# __eq that compares
overflows(16, function(down)
	local mt = {}
	mt.__eq = function(a, b) down() return setmetatable({}, mt) == setmetatable({}, mt) end
	return setmetatable({}, mt) == setmetatable({}, mt)
end)

--# __lt and __le that compare
overflows(16, function(down)
	local mt = {}
	mt.__lt = function(a, b) down() return a < b end
	return setmetatable({}, mt) < setmetatable({}, mt)
end)
overflows(16, function(down)
	local mt = {}
	mt.__le = function(a, b) down() return a <= b end
	return setmetatable({}, mt) <= setmetatable({}, mt)
end)

--# __add and __unm that calculate
overflows(14, function(down)
	local t = setmetatable({}, { __add = function(a, b) down() return a + b end })
	return t + t
end)
overflows(14, function(down)
	local t = setmetatable({}, { __unm = function(a) down() return -a end })
	return -t
end)

--# __concat that concatenates
overflows(10, function(down)
	local t = setmetatable({}, { __concat = function(a, b) down() return a .. b end })
	return t .. t
end)

--# __len that takes a length
overflows(14, function(down)
	local t = setmetatable({}, { __len = function(a) down() return #a end })
	return #t
end)

--# __call that calls is Lua recursion
overflows(10000, function(down)
	local t = setmetatable({}, { __call = function(t) down() return 1 + t() end })
	return t()
end)

--# __tostring that calls tostring
overflows(12, function(down)
	local t = setmetatable({}, { __tostring = function(t) down() return tostring(t) end })
	return tostring(t)
end)

--# string.format whose %s calls string.format
overflows(7, function(down)
	local t = setmetatable({}, { __tostring = function(t) down() return string.format("%s", t) end })
	return string.format("%s", t)
end)

--# print whose __tostring prints
overflows(7, function(down)
	local t = setmetatable({}, { __tostring = function(t) down() print(t) return "" end })
	print(t)
end)

--# table.concat whose __index concatenates
overflows(8, function(down)
	local t = setmetatable({}, { __len = function() return 1 end })
	getmetatable(t).__index = function() down() return table.concat(t) end
	return table.concat(t)
end)

--# table.unpack, insert, remove and move whose __index does the same
for _, f in ipairs { table.unpack, table.insert, table.remove,
		function(t) return table.move(t, 1, 2, 3) end } do
	overflows(5, function(down)
		local t = setmetatable({}, { __len = function() return 2 end })
		getmetatable(t).__index = function() down() return f(t, 1, 1) end
		getmetatable(t).__newindex = function() down() return f(t, 1, 1) end
		return f(t, 1, 1)
	end)
end

--# a pairs whose __pairs calls pairs
overflows(12, function(down)
	local t = setmetatable({}, { __pairs = function(t) down() return pairs(t) end })
	pairs(t)
end)

--# a load whose reader loads
overflows(7, function(down)
	local function reader() down() local f, e = load(reader) error(e, 0) end
	local f, e = load(reader)
	error(e, 0)
end)

--# a chunk that loads itself
overflows(12, function(down)
	local env = setmetatable({ down = down }, { __index = _G })
	-- Wide frames, or it takes a hundred thousand chunks.
	local names = {}
	for i = 1, 180 do names[i] = "_" .. i end
	env.source = "local " .. table.concat(names, ",") .. " down() local f = load(source, 'c', 't', _ENV) local r = f() return r"
	return load(env.source, "c", "t", env)() + 1
end)

--# a finalizer that collects more objects with finalizers
local depth, deepest = 0, 0
local function make()
	setmetatable({}, { __gc = function()
		depth = depth + 1
		if depth > deepest then deepest = depth end
		make()
		collectgarbage()
		depth = depth - 1
	end })
end
for i = 1, 3 do
	make()
	pcall(collectgarbage)
	depth = 0
end
assert(deepest >= 8, deepest)

--# the iterator of a gmatch inside gmatch inside gmatch
overflows(5, function(down)
	local function f() down() for w in ("a"):gmatch("a") do local s = ("x"):gsub("x", f) end end
	f()
end)

--# mixed recursion through gsub, sort, pcall, tostring and coroutines
overflows(6, function(down)
	local f
	local t = setmetatable({}, { __tostring = function() f() return "" end })
	local n = 0
	function f()
		down()
		n = n + 1
		if n % 5 == 0 then ("x"):gsub("x", f)
		elseif n % 5 == 1 then table.sort({ 1, 2 }, f)
		elseif n % 5 == 2 then local ok, e = pcall(f) if not ok then error(e, 0) end
		elseif n % 5 == 3 then tostring(t)
		else coroutine.wrap(f)() end
	end
	f()
end)

--# a handler runs where the C stack has overflowed
local seen
local function f(s) return (s:gsub(".", f)) end
local ok, text = xpcall(f, function(e) seen = e return debug.traceback(e) end, "x")
eq(ok, false)
assert(seen:find("stack overflow"), seen)
assert(text:find("stack traceback"), text)

--# a handler runs where the Lua stack has overflowed
local function f() return 1 + f() end
local ok, text = xpcall(f, debug.traceback)
eq(ok, false)
assert(text:find("stack overflow"), text)
assert(text:find("\n\t..."), text)

--# a handler that overflows as well ends in an error in error handling
local function f() return 1 + f() end
local ok, e = xpcall(f, f)
eq(ok, false)
local function g(s) return (s:gsub(".", g)) end
ok, e = xpcall(g, function() return g("x") end, "x")
eq(ok, false)

--# a script that overflows unprotected gives ECANCELED and its traceback
--! error ECANCELED stack overflow
--! log stack traceback:
local function f() return 1 + f() end
f()

--# a script that overflows the C stack unprotected gives ECANCELED and its traceback
--! error ECANCELED C stack overflow
--! log stack traceback:
local function f(s) return (s:gsub(".", f)) end
f("x")

--# an overflow inside a coroutine leaves the others alone
local function f(s) return (s:gsub(".", f)) end
local other = coroutine.wrap(function() for i = 1, 10 do coroutine.yield(i) end end)
for i = 1, 10 do
	local ok, e = coroutine.resume(coroutine.create(f), "x")
	eq(ok, false)
	eq(other(), i)
end

--# after an overflow the whole depth is there again
local function depth_of()
	local n = 0
	local function f(s) n = n + 1 return (s:gsub(".", f)) end
	pcall(f, "x")
	return n
end
local first = depth_of()
for i = 1, 20 do eq(depth_of(), first) end

--# a chain of 190 local copies whose last is called names it
local lines = { "local v1" }
for i = 2, 190 do lines[i] = "local v" .. i .. " = v" .. i - 1 end
lines[#lines + 1] = "v190()"
local f = assert(load(table.concat(lines, "\n"), "=c"))
raises("c:191: attempt to call a nil value (local 'v190')", f)
lines[#lines] = "return v190.x.y"
raises("attempt to index a nil value (local 'v190')", assert(load(table.concat(lines, "\n"))))
lines[#lines] = "return (v190)()"
pcall(assert(load(table.concat(lines, "\n"))))

-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Work that grows with the square of what a script holds, inside one step of
-- the interpreter. A signal ends each within a second.

-- Long strings whose hashes are all the same: of 64 bytes only every third counts.
local function colliding(i)
	return (("%08d"):format(i):gsub("(..)", "a%1")) .. ("aaa"):rep(17) .. "a"
end

--# a collection that follows a chain of weak keys
--! stop
local t, k = setmetatable({}, { __mode = "k" }), {}
first = k
for i = 1, 15000 do
	local nextkey = {}
	t[k] = nextkey
	k = nextkey
end
print("ready")
while true do collectgarbage() end

--# a collection at the end of a step, with a chain of weak keys
--! stop
local t, k = setmetatable({}, { __mode = "k" }), {}
first = k
collectgarbage("stop")
for i = 1, 15000 do
	local nextkey = {}
	t[k] = nextkey
	k = nextkey
end
collectgarbage("restart")
collectgarbage("setstepmul", 1 << 30)
print("ready")
while true do collectgarbage("step", 1 << 40) end

--# a table of long strings that collide
--! stop
local t = {}
for i = 1, 8192 do t[colliding(i)] = true end
print("ready")
for i = 8193, 30000 do t[colliding(i)] = true end
while true do end

--# a source that a reader gives as one piece of 16 MB
--! stop
--! param memory=512M
local s = ("x=1 "):rep(4 << 20)
print("ready")
while true do
	local sent
	load(function() if not sent then sent = true return s end end)
end

--# a comment that a reader gives as one piece of 40 MB
--! stop
--! param memory=512M
local s = "--" .. ("x"):rep(40 << 20)
print("ready")
while true do
	local sent
	load(function() if not sent then sent = true return s end end)
end

--# thirty thousand times "x or" that a reader gives as one piece
--! stop
local s = "return " .. ("x or "):rep(30000) .. "1"
print("ready")
while true do
	local sent
	load(function() if not sent then sent = true return s end end)
end

--# thirty thousand elseifs
--! stop
local s = "if x then " .. ("elseif x then y = 1 "):rep(30000) .. "end"
print("ready")
while true do assert(load(s)) end

--# thirty thousand breaks
--! stop
local breaks = ("if x then break end "):rep(1000)
while true do
	local n = 0
	assert(load(function()
		n = n + 1
		if n == 1 then return "while true do " end
		if n == 32 then print("ready") end
		return n <= 31 and breaks or n == 32 and "end" or nil
	end))
end

--# finalizers set for objects that are old
--! stop
local all, mt = {}, { __gc = function() end }
for i = 1, 200000 // SLOW do all[i] = {} end
print("ready")
while true do
	for i = 1, #all do setmetatable(all[i], mt) setmetatable(all[i], {}) end
end

--# closures that share an upvalue far down the stack
--! stop
local function down(n, ...)
	local x = n
	local f = function() return x end
	if n > 0 then return down(n - 1, f), x end
	print("ready")
	while true do f = function() return x, down end end
end
down(15000)

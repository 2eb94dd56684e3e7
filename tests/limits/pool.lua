-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- The pool of small blocks: what it holds counts, and goes back.
local NO_MEMORY = "not enough memory (limit: module parameter memory, --memory)"

-- Tables of n strings of len bytes, all different.
local function strings(n, len)
	local t, pad = {}, ("x"):rep(len - 8)
	for i = 1, n do t[i] = ("%08d"):format(i) .. pad end
	return t
end

--# a block of every small size keeps its contents when others come and go
local kept = {}
for len = 1, 600 do kept[len] = string.char(65 + len % 26):rep(len) end
for round = 1, 3 do
	local t = {}
	for len = 1, 600 do t[len] = ("y"):rep(len) .. round end
	t = nil
	collectgarbage()
	for len = 1, 600 do assert(kept[len] == string.char(65 + len % 26):rep(len), len) end
end

--# tables that grow and shrink through small and large sizes keep what is in them
local t = {}
for i = 1, 300 do t[i] = { i } end
for round = 1, 5 do
	for i = 301, 2000 do t[i] = { i } end
	for i = 2000, 301, -1 do t[i] = nil end
	t[{}] = true -- a rehash: the array shrinks
	collectgarbage()
	for i = 1, 300 do eq(t[i][1], i) end
end

--# the limit holds for small blocks to within a page, and the memory is there again
--! param memory=1M
for round = 1, 3 do
	local t = {}
	local ok, e = pcall(function() for i = 1, 1 << 40 do t[i] = { i } end end)
	eq(ok, false)
	eq(e, NO_MEMORY)
	local count = collectgarbage("count")
	assert(count > 500 and count <= 1024, count)
	t = nil
	collectgarbage()
end

--# memory that blocks of one size gave back serves blocks of another
--! param memory=2M
for round = 1, 4 do
	for _, len in ipairs { 20, 60, 120, 250, 450, 3000 } do
		local t = strings(1200000 // (len + 60), len)
		t = nil
		collectgarbage()
	end
end

--# memory that small blocks gave back serves data objects
--! param memory=2M
local t = strings(12000, 60)
t = nil
collectgarbage()
local d = data.new(1800000)
eq(#d, 1800000)

--# data objects leave no room for small blocks, and give it back
--! param memory=2M
local d = data.new(1800000)
local ok, e = pcall(strings, 12000, 60)
eq(ok, false)
eq(e, NO_MEMORY)
d = nil
collectgarbage()
eq(#strings(12000, 60), 12000)

--# a script that ends with everything still in use leaves nothing
all = strings(20000 // SLOW, 100)
for i = 1, 1000 do all[i] = { all[i], coroutine.create(print), function() return i end } end

--# a script that is stopped with everything in use leaves nothing
--! stop
all = strings(20000 // SLOW, 100)
print("ready")
while true do all[#all % 100 + 1] = { {} } end

--# a script that ran out of memory leaves nothing
--! param memory=1M
--! error ENOMEM not enough memory
all = strings(1 << 30, 100)

-- SPDX-License-Identifier: MIT OR GPL-2.0-only
local G = collectgarbage
for _, o in ipairs({ "stop", "isrunning", "restart", "isrunning", "collect", "step", "isrunning" }) do
	show(o, pcall(G, o))
end
show(pcall(G))
show(math.type(G("count") // 1) ~= nil)
show(pcall(G, "setpause", 100))
show(pcall(G, "setpause", 200))
show(pcall(G, "setstepmul", 200))
show(pcall(G, "setstepmul", 0))
show(pcall(G, "setstepmul", 200))
try(G, "bad")
try(G, {})
try(G, 1)
try(G, "step", "x")
try(G, "setpause", {})
try(G, "generational")
try(G, "incremental")
try(G, nil)
show(G("step", 0) ~= nil, type(G("step", 1)), type(G("step", 100000)))
show(select("#", G("count")), select("#", G()), select("#", G("step")))
do
	local r = {}
	for i = 1, 5 do
		setmetatable({}, {
			__gc = function()
				r[#r + 1] = i
			end,
		})
	end
	G()
	show(table.concat(r, " "))
end
do
	local t = setmetatable({}, {
		__gc = function(o)
			_G.res = o
		end,
	})
	t.x = 5
	t = nil
	G()
	show(res and res.x)
	res = nil
	G()
	show(res)
end
do
	local n = 0
	local mt = {}
	local t = setmetatable({}, mt)
	mt.__gc = function()
		n = n + 1
	end
	t = nil
	G()
	show(n)
	local u = setmetatable({}, { __gc = true })
	getmetatable(u).__gc = function()
		n = n + 10
	end
	u = nil
	G()
	show(n)
	local v = setmetatable({}, {
		__gc = function()
			n = n + 100
		end,
	})
	getmetatable(v).__gc = nil
	v = nil
	G()
	show(n)
	local w = setmetatable({}, { __gc = 5 })
	w = nil
	show(pcall(G))
end
show(pcall(function()
	setmetatable({}, {
		__gc = function()
			error("in gc")
		end,
	})
	G()
end))
show(pcall(function()
	setmetatable({}, {
		__gc = function()
			error({})
		end,
	})
	G()
end))
show(pcall(function()
	setmetatable({}, {
		__gc = function()
			error()
		end,
	})
	G()
end))
G()
do
	local k = setmetatable({}, { __mode = "k" })
	local x = setmetatable({}, {
		__gc = function(o)
			show(k[o])
		end,
	})
	k[x] = "still"
	x = nil
	G()
	local v = setmetatable({}, { __mode = "v" })
	x = setmetatable({}, {
		__gc = function(o)
			show(v[1])
		end,
	})
	v[1] = x
	x = nil
	G()
end
do
	local a = {}
	for i = 1, 200 do
		a[i] = {}
	end
	local w = setmetatable({}, { __mode = "v" })
	for i = 1, 200 do
		w[i] = a[i]
	end
	for i = 1, 200, 2 do
		a[i] = nil
	end
	G()
	local n = 0
	for _ in pairs(w) do
		n = n + 1
	end
	show(n)
end
do
	local e = setmetatable({}, { __mode = "k" })
	local a = {}
	e[a] = {}
	e[e[a]] = "chain"
	G()
	local n = 0
	for _ in pairs(e) do
		n = n + 1
	end
	show(n)
	a = nil
	G()
	show(next(e))
end
do
	local s = setmetatable({}, { __mode = "k" })
	s["str" .. 1] = {}
	s[1] = {}
	s[print] = {}
	G()
	local n = 0
	for _ in pairs(s) do
		n = n + 1
	end
	show(n)
end
do
	local function p()
		local t = setmetatable({}, { __gc = function() end })
	end
	for i = 1, 1000 do
		p()
	end
	G()
	show(true)
	local limit = 3000
	local a = {}
	while limit > 0 do
		a = { a = { a = {} } }
		limit = limit - 1
	end
	show(limit)
	local str = ""
	for i = 1, 2000 do
		str = "a" .. i
	end
	show(str)
end
do
	local mt = {
		__gc = function(o)
			local t = {}
			for i = 1, 10 do
				t[i] = {}
			end
		end,
	}
	for i = 1, 300 do
		setmetatable({}, mt)
	end
	G()
	show("ok")
end
do
	local t = setmetatable({}, { __mode = "kv" })
	t[1] = function() end
	t[2] = coroutine.create(function() end)
	t[3] = "s"
	t[4] = {}
	G()
	show(t[1], t[2], t[3], t[4])
end
do
	local u = setmetatable({}, {
		__gc = function(o)
			setmetatable(o, getmetatable(o))
			_G.cnt = (cnt or 0) + 1
		end,
	})
	u = nil
	G()
	show(cnt)
	G()
	show(cnt)
	G()
	show(cnt)
	cnt = nil
end
do
	local x = {}
	x.self = x
	local w = setmetatable({ x }, { __mode = "v" })
	x = nil
	G()
	show(w[1])
end
do
	local co = coroutine.create(function()
		local big = setmetatable({}, {
			__gc = function()
				show("freed")
			end,
		})
		coroutine.yield()
	end)
	coroutine.resume(co)
	co = nil
	G()
	G()
end
show(pcall(G, "step", 0))
do
	local n = 0
	repeat
		n = n + 1
		local done = G("step", 10)
	until done or n > 100000
	show(n <= 100000)
end
do
	G("stop")
	show(G("isrunning"))
	local c = G("count")
	for i = 1, 1000 do
		local _ = {}
	end
	show(G("count") > c)
	G("restart")
	show(G("isrunning"))
end
for i = 1, 3 do
	setmetatable({}, {
		__gc = function()
			print("at close", i)
		end,
	})
end
local keep = setmetatable({}, {
	__gc = function()
		print("kept")
		setmetatable({}, {
			__gc = function()
				print("made while closing")
			end,
		})
	end,
})
setmetatable({}, {
	__gc = function()
		error("ignored at close")
	end,
})
_G.K = keep

-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- goto, closures, constructs.
local function m(s)
	local f, e = load(s)
	if not f then
		show(e)
	else
		show(pcall(f))
	end
end
for _, s in ipairs({
	"goto l1; local aa ::l1:: ::l2:: print(3)",
	"do ::l1:: end goto l1",
	"goto l1; do ::l1:: end",
	"break",
	"while 1 do end; break",
	"goto l1; local aa; ::l1:: print(aa)",
	"::l1:: ::l1::",
	"::l1:: do ::l1:: end",
	"do ::l1:: end ::l1:: ",
	"goto l1; do local bb ::l1:: ::l2:: print(3) end",
	"repeat if x then goto cont end; local xuxu = 10; ::cont:: until xuxu < x",
	"goto f; local x ::f:: do end",
	"goto f; local x ::f::",
	"goto f; local x ::f:: ;;;",
	"goto f; local x ::f:: ::g:: ; ::h::",
	"do goto f; local x ::f:: end return 1",
	"do goto f; local x ::f:: local y end",
	"local function f() goto l end ::l::",
	"for i = 1, 3 do goto continue ::continue:: end return 'c'",
	"for i = 1, 3 do local x goto continue local y ::continue:: end return 'd'",
	"while true do goto out end ::out:: return 'e'",
	"do local i = 1 ::top:: if i <= 3 then i = i + 1 goto top end return i end",
	"goto = 1",
	"local goto = 1",
	"x.goto = 1",
	"::goto::",
	"return function() ::a:: goto a end and 1",
	"repeat local x goto c ::c:: until x == nil return 1",
	"repeat goto c local x ::c:: until x",
	"if true then goto x else ::x:: end",
	"if true then goto x end do return 'no' end ::x:: return 'yes'",
	"::l1:: local a; goto l2; ::l2:: goto l3 ::l3:: return 'chain'",
	"goto l1 ::l1:: goto l2 ::l2:: return 8",
}) do
	show(s)
	m(s)
end
do
	local a
	do
		local p = {}
		local i = 1
		local k = 0
		::again::
		local x
		x = x and x + 1 or i
		p[i] = function()
			x = x + 1
			return x
		end
		i = i + 1
		if i <= 3 then
			goto again
		end
		show(p[1](), p[1](), p[2](), p[3]())
	end
end
do
	local function testG(a)
		if a == 1 then
			goto l1
			error("no")
		elseif a == 2 then
			goto l2
		elseif a == 3 then
			goto l3
		elseif a == 4 then
			goto l1
			error("no")
			::l1::
			a = a + 1
		else
			goto l4
			::l4a::
			a = a * 2
			goto l4b
			::l4::
			goto l4a
			::l4b::
		end
		do
			return a
		end
		::l2::
		do
			return "2"
		end
		::l3::
		do
			return "3"
		end
		::l1::
		return "1"
	end
	for i = 1, 5 do
		show(testG(i))
	end
end
do
	local t = {}
	do
		local i = 1
		local a, b, c, d
		::l1::
		if i <= 2 then
			t[i] = {
				function()
					return i
				end,
				function(x)
					a = x
				end,
				function()
					return a
				end,
			}
			i = i + 1
			goto l1
		end
	end
	t[1][2](5)
	show(t[2][3](), t[1][1]())
end
do
	local X
	goto L1
	::L2::
	goto L3
	::L1::
	do
		goto L2
	end
	::L3::
	::L3_1::
	X = true
	show(X)
end
for i = 1, 3 do
	for j = 1, 3 do
		if j == 2 then
			goto next_i
		end
		show(i, j)
	end
	::next_i::
end
do
	local f = {}
	for i = 1, 10 do
		f[i] = function()
			local r = i
			i = i + 1
			return r
		end
		if i == 5 then
			break
		end
	end
	show(f[1](), f[1](), f[5](), f[2]())
end
do
	local r = {}
	local i = 0
	while true do
		local x = i
		r[#r + 1] = function()
			x = x + 1
			return x
		end
		i = i + 1
		if i == 3 then
			break
		end
	end
	show(r[1](), r[1](), r[3]())
end
do
	local r
	repeat
		local x = 5
		r = function()
			x = x + 1
			return x
		end
	until x == 5
	show(r(), r())
end
do
	local function first()
		while true do
			do
				return "ret in loop"
			end
		end
	end
	show(first())
end
-- closures & upvalues
do
	local A, B = 0, { g = 10 }
	local function f(x)
		local a = {}
		for i = 1, 20 do
			local y = 0
			do
				a[i] = function()
					B.g = B.g + 1
					y = y + x
					return y + A
				end
			end
		end
		local dummy = function()
			return a[A]
		end
		collectgarbage()
		A = 1
		show(dummy() == a[1])
		A = 0
		show(a[1](), a[3](), B.g, a[1]())
		return a
	end
	local a = f(10)
	local x = { [1] = {} }
	setmetatable(x, { __mode = "kv" })
	collectgarbage()
	show(x[1])
	show(a[1](), a[2]())
end
do
	local function f(x)
		return function(y)
			return function(z)
				return x + y + z
			end
		end
	end
	show(f(1)(2)(3))
	local a = {}
	for i = 1, 5 do
		a[i] = {
			set = function(x)
				i = x
			end,
			get = function()
				return i
			end,
		}
	end
	a[3].set(10)
	show(a[3].get(), a[2].get())
	a = {}
	local t = { "a", "b" }
	for i = 1, #t do
		local k = t[i]
		a[i] = {
			set = function(x, y)
				i = x
				k = y
			end,
			get = function()
				return i, k
			end,
		}
		if i == 2 then
			break
		end
	end
	a[1].set(10, 20)
	local r, s = a[2].get()
	show(r, s)
	r, s = a[1].get()
	show(r, s)
end
do
	local b
	for i = 1, 3 do
		local f = i % 2 == 0 and function()
			return i
		end
		b = b or f
	end
	show(b())
	local function f(a)
		return function()
			a = a + 1
			return a
		end, function()
			return a
		end
	end
	local x, y = f(1)
	x()
	x()
	show(y())
	show(f == f, function() end == function() end)
	local function g()
		return function() end
	end
	show(g() == g())
end
-- constructs
show(
	not nil,
	not false,
	not 0,
	1 and 2,
	nil and 1,
	false or nil,
	nil or false,
	1 or error(),
	false and error(),
	(1 and nil) or 3,
	not nil == true,
	2 // 1,
	not 1 == 2,
	1 .. 2 .. 3,
	2 + 3 * 4,
	(2 + 3) * 4,
	7 // 2 * 2,
	7 % 4 // 2,
	1 < 2 == true,
	"a" .. "b" == "ab",
	1 << 2 + 1,
	1 | 2 ~ 3 & 4,
	~5 & 7,
	-(-3),
	not not nil,
	#"abc" + 1,
	1 .. -1,
	2 * -3,
	3 - -2,
	2 - 3 - 4,
	100 // 10 // 3,
	5 % -3,
	-5 // 3,
	-5 % 3,
	1 << 63 >> 63,
	-1 >> 60,
	1 << -1,
	3 << 64,
	3 >> 64,
	1 << 62 << 1,
	"10" | 1,
	"0xff" & 15,
	~"1",
	"3" << "2",
	7 & -8,
	7 ~ 2,
	0xF0 | 0x0F
)

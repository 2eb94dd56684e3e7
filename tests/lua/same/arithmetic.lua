-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Integer arithmetic, the precedence of operators, the library math.
-- all precedence pairs
do
	local ops = { "or", "and", "<", "..", "|", "~", "&", "<<", "+", "-", "*", "//", "%", "==" }
	local n = 0
	for _, a in ipairs(ops) do
		for _, b in ipairs(ops) do
			local ok, v = pcall(load("return 7 " .. a .. " 5 " .. b .. " 3"))
			n = n + 1
			if n < 400 then
				show(a, b, ok, v)
			end
		end
	end
	for _, a in ipairs(ops) do
		for _, u in ipairs({ "-", "~", "not ", "#" }) do
			show(u, a, pcall(load("return " .. u .. "7 " .. a .. " 5")))
		end
	end
end
-- integer arithmetic edge table
do
	local vs = {
		0,
		1,
		-1,
		2,
		-2,
		3,
		-3,
		7,
		-7,
		10,
		63,
		64,
		65,
		-63,
		-64,
		1 << 31,
		-(1 << 31),
		1 << 32,
		math.maxinteger,
		math.mininteger,
		math.maxinteger - 1,
		math.mininteger + 1,
	}
	for _, o in ipairs({ "+", "-", "*", "//", "%", "&", "|", "~", "<<", ">>", "<", "<=", "==" }) do
		local f = load("local a, b = ... return a " .. o .. " b")
		local h, line = 0, {}
		for _, a in ipairs(vs) do
			for _, b in ipairs(vs) do
				local ok, v = pcall(f, a, b)
				line[#line + 1] = ok and tostring(v) or "E"
			end
			print(o, a, table.concat(line, " "))
			line = {}
		end
	end
end
do
	for _, a in ipairs({ "0", "5", "-3", "0x10", "9223372036854775807", "-9223372036854775808" }) do
		show(a, a & -1, a | 0, ~a, a << 1, a >> 1)
	end
end
for _, n in ipairs({
	"math.maxinteger + 1 == math.mininteger",
	"math.mininteger - 1 == math.maxinteger",
	"math.mininteger * -1 == math.mininteger",
	"-math.mininteger == math.mininteger",
	"math.mininteger // -1 == math.mininteger",
	"math.mininteger % -1 == 0",
	"math.abs(math.mininteger) == math.mininteger",
	"math.maxinteger * 2 == -2",
	"1 // 0",
	"1 % 0",
	"math.fmod(math.mininteger, -1)",
	"math.fmod(5, 3)",
	"math.fmod(-5, 3)",
	"math.fmod(5, -3)",
	"math.ult(-1, 1)",
	"math.ult(1, -1)",
	"math.ult(2, 2)",
	"math.tointeger('x')",
	"math.tointeger(3)",
	"math.tointeger('3')",
	"math.tointeger({})",
	"math.type(1)",
	"math.type('1')",
	"math.type(nil)",
	"math.abs(-5)",
	"math.floor(7)",
	"math.ceil(-7)",
	"math.max(1, 5, 3)",
	"math.min(4, 2, 8)",
	"math.max(7)",
	"math.max(math.mininteger, math.maxinteger)",
	"math.max('10', '9')",
	"math.max(1, '2')",
	"math.min('b', 'a')",
	"math.floor('7')",
	"math.max({})",
	"math.max(nil)",
	"math.max()",
	"math.min()",
	"math.max(1, {})",
	"math.max(1, nil)",
	"math.max({}, {})",
	"math.fmod(1)",
	"math.fmod('a', 1)",
	"math.ult('1', 2)",
	"math.ult({}, 2)",
	"math.abs(nil)",
	"math.random(math.mininteger, math.maxinteger)",
	"math.random(-1, math.maxinteger)",
	"math.random(math.mininteger, 0)",
	"math.random(3, 3)",
	"math.random(1)",
	"math.random(5, 4)",
	"math.random(-1)",
	"math.random(0)",
	"math.random('2', '2')",
	"math.random({})",
	"math.random(1, 2, 3)",
	"math.random(math.maxinteger, math.maxinteger)",
	"math.random(math.mininteger, math.mininteger)",
	"math.randomseed()",
	"math.randomseed({})",
	"math.randomseed(42)",
}) do
	show(n, pcall(load("return " .. n)))
end

-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- The library bit of LuaJIT, which scripts written for it know: integers of 32 bits, results with a sign.

local bit = {}

local function tobit(x)
	return ((x & 0xffffffff) ~ 0x80000000) - 0x80000000
end
bit.tobit = tobit

-- What joins any number of integers by an operation of two.
local function folded(join)
	return function(x, ...)
		for i = 1, select("#", ...) do x = join(x, (select(i, ...))) end
		return tobit(x)
	end
end

bit.bor = folded(function(a, b) return a | b end)
bit.band = folded(function(a, b) return a & b end)
bit.bxor = folded(function(a, b) return a ~ b end)

function bit.bnot(x) return tobit(~x) end

-- Of a number of bits to shift by, only the lower five count.
function bit.lshift(x, n) return tobit(x << (n & 31)) end
function bit.rshift(x, n) return tobit((x & 0xffffffff) >> (n & 31)) end
function bit.arshift(x, n) return tobit(tobit(x) // (1 << (n & 31))) end

function bit.rol(x, n)
	x, n = x & 0xffffffff, n & 31
	return tobit(x << n | x >> (32 - n))
end
function bit.ror(x, n) return bit.rol(x, -n) end

function bit.bswap(x)
	return tobit((string.unpack(">I4", string.pack("<I4", x & 0xffffffff))))
end

-- The last n digits, 8 if it is not said; in capitals if n is negative.
function bit.tohex(x, n)
	local digits = math.min(math.abs(n or 8), 8)
	local text = ("%08x"):format(x & 0xffffffff):sub(9 - digits)
	return (n or 8) < 0 and text:upper() or text
end

return bit

-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Numbers are 64-bit integers and nothing else.
local maxint, minint = math.maxinteger, math.mininteger

--# the range of integers is that of 64 bits
eq(maxint, 9223372036854775807)
eq(minint, -9223372036854775807 - 1)
eq(maxint, 0x7fffffffffffffff)
eq(minint, 0x8000000000000000)

--# addition wraps around
eq(maxint + 1, minint)
eq(minint + minint, 0)
eq(maxint + maxint, -2)

--# subtraction wraps around
eq(minint - 1, maxint)
eq(0 - minint, minint)
eq(minint - maxint, 1)

--# multiplication wraps around
eq(maxint * 2, -2)
eq(minint * -1, minint)
eq(minint * minint, 0)
eq(0x100000000 * 0x100000000, 0)
eq(0xffffffff * 0x100000001, -1)

--# negation of the smallest integer is itself
eq(-minint, minint)
eq(-(-5), 5)
eq(- -5, 5)

--# the operator // rounds to minus infinity
eq(7 // 2, 3)
eq(-7 // 2, -4)
eq(7 // -2, -4)
eq(-7 // -2, 3)
eq(6 // 3, 2)
eq(-6 // 3, -2)
eq(0 // 5, 0)
eq(1 // maxint, 0)
eq(-1 // maxint, -1)

--# the smallest integer divided by -1 is itself
eq(minint // -1, minint)
local m, n = minint, -1
eq(m // n, minint)
eq(math.mininteger // n, minint)

--# the operator % has the sign of the divisor
eq(7 % 3, 1)
eq(-7 % 3, 2)
eq(7 % -3, -2)
eq(-7 % -3, -1)
eq(6 % -3, 0)
eq(minint % maxint, maxint - 1)
eq(maxint % minint, -1)

--# anything modulo -1 is 0, also the smallest integer
local n = -1
eq(minint % n, 0)
eq(maxint % n, 0)
eq(minint % -1, 0)

--# (a // b) * b + a % b is a
for _, a in ipairs { 0, 1, -1, 7, -7, 100, maxint, minint, maxint - 1, minint + 1 } do
	for _, b in ipairs { 1, -1, 2, -2, 3, -3, 10, maxint, minint } do
		eq((a // b) * b + a % b, a)
	end
end

--# dividing by zero with // raises
raises("attempt to divide by zero", function(x) return x // 0 end, 1)
raises("attempt to divide by zero", function(x, y) return x // y end, 0, 0)
raises("attempt to divide by zero", function() return 1 // 0 end)

--# modulo zero raises
raises("attempt to perform 'n%0'", function(x) return x % 0 end, 1)
raises("attempt to perform 'n%0'", function(x, y) return x % y end, 0, 0)
raises("attempt to perform 'n%0'", function() return 1 % 0 end)

--# a division by zero that no call protects is an error with its line
--! error ECANCELED /^script:@+3: attempt to divide by zero$/
local zero = 0
print(1 // zero)

--# the operator / raises and names //, even where the result is whole
raises("use '//'", function(a, b) return a / b end, 7, 2)
raises("use '//'", function(a, b) return a / b end, 6, 2)
raises("use '//'", function(a, b) return a / b end, 0, 1)
raises("use '//'", function(a, b) return a / b end, 1, 0)

--# the operator / between constants raises only when it runs
local f = assert(load("return 6 / 2"))
raises("use '//'", f)
assert(load("if false then return 1 / 0 end return 1"))

--# the operator / on numerals in strings raises as well
raises("use '//'", function() return "6" / 2 end)
raises("use '//'", function() return 6 / "2" end)

--# the operator / reports the line of the division
--! error ECANCELED /^script:@+4: .*use '\/\/'/
local t = {}
t.x =
	5 / 2

--# the metamethod __div works
local v = setmetatable({ n = 5 }, { __div = function(a, b)
	return type(a) == "table" and a.n * 10 + b or a * 100 + b.n
end })
eq(v / 2, 52)
eq(2 / v, 205)

--# the operator ^ is exact for exponents from zero
eq(2 ^ 10, 1024)
eq(2 ^ 62, 4611686018427387904)
eq(2 ^ 63, minint)
eq(2 ^ 64, 0)
eq(3 ^ 39, 4052555153018976267)
eq(10 ^ 18, 1000000000000000000)
eq((-3) ^ 3, -27)
eq(-3 ^ 2, -9)
eq(0 ^ 0, 1)
eq(0 ^ 5, 0)
eq(7 ^ 0, 1)
eq(1 ^ maxint, 1)
eq((-1) ^ maxint, -1)
eq(2 ^ 3 ^ 2, 512)
eq("2" ^ "3", 8)

--# a negative exponent raises
raises("negative power", function(n) return 2 ^ n end, -1)
raises("negative power", function(n) return 1 ^ n end, -1)
raises("negative power", function(n) return 2 ^ n end, minint)
raises("negative power", assert(load("return 2 ^ -1")))

--# the metamethod __pow works
local v = setmetatable({}, { __pow = function(a, b) return type(a) == "number" and a or b end })
eq(v ^ 3, 3)
eq(4 ^ v, 4)

--# a numeral with a fraction is refused, with the reason
refuses("float literal (the kernel has integers only) near '1.5'", "return 1.5")
refuses("float literal", "return 1.0")
refuses("float literal", "return 1.")
refuses("float literal", "return .5")
refuses("float literal", "return 0x1.8")
refuses("float literal", "x = 3.14 + 1")

--# a numeral with an exponent is refused, with the reason
refuses("float literal", "return 1e5")
refuses("float literal", "return 1E5")
refuses("float literal", "return 1e+5")
refuses("float literal", "return 0x1p4")
refuses("float literal", "return 0x1P-4")
refuses("float literal", "return 1.5e3")
refuses("float literal", "return .5E-3")
refuses("float literal", "return 0x.8p+1")

--# a numeral beyond 64 bits is refused, with the reason
refuses("integer too large near '9223372036854775808'", "return 9223372036854775808")
refuses("integer too large", "return 18446744073709551616")
refuses("integer too large", "return 99999999999999999999999999")

--# a malformed numeral is refused as such
refuses("malformed number near '3f'", "return 3f")
refuses("malformed number", "return 0x")
refuses("malformed number", "return 0xg")
refuses("malformed number", "return 12abc")
refuses("malformed number near '1..2'", "return 1..2")
refuses("malformed number", "return 1.2.3")
refuses("malformed number", "return 1e")
refuses("malformed number", "return 1e+")
refuses("malformed number", "return 0x.")
refuses("malformed number", "return 0x1p")

--# the error of a bad numeral has its line
--! error EINVAL /^script:@+3: float literal .* near '2.5'$/
x = 1
y = 2.5

--# hexadecimal numerals wrap around
eq(0xffffffffffffffff, -1)
eq(0x1ffffffffffffffff, -1)
eq(0xA, 10)
eq(0Xa, 10)
eq(0xfe, 254)

--# leading zeros do not make a numeral octal
eq(010, 10)
eq(0009223372036854775807, maxint)
eq(0x0000000000000000000000ff, 255)

--# numbers print without a fraction
eq(tostring(3), "3")
eq(tostring(-0), "0")
eq(tostring(2 ^ 53), "9007199254740992")
eq(tostring("10" + 1), "11")
eq(1 .. "", "1")
eq(tostring(minint), "-9223372036854775808")
eq(10 // 2 .. "", "5")
eq(table.concat { 1, 2 ^ 2, "3" + 0 }, "143")

--# strings that are integers convert in arithmetic
eq("10" + 1, 11)
eq("0x10" * 2, 32)
eq(" 7 " - 2, 5)
eq("-3" // 2, -2)
eq("10" % "4", 2)
eq(-"5", -5)
eq("\t\n8\v\f\r" + 0, 8)

--# strings that are no integers do not convert in arithmetic
raises("attempt to perform arithmetic on a string value", function() return "1.5" + 1 end)
raises("attempt to perform arithmetic on a string value", function() return "1e2" + 1 end)
raises("attempt to perform arithmetic on a string value", function() return "abc" + 1 end)
raises("attempt to perform arithmetic on a string value", function() return "" + 1 end)
raises("attempt to perform arithmetic on a string value", function() return "inf" * 1 end)
raises("attempt to perform arithmetic on a string value", function() return "9223372036854775808" + 0 end)

--# tonumber reads integers
eq(tonumber("10"), 10)
eq(tonumber("  -10  "), -10)
eq(tonumber("0x10"), 16)
eq(tonumber("-0xff"), -255)
eq(tonumber("+5"), 5)
eq(tonumber("9223372036854775807"), maxint)
eq(tonumber("-9223372036854775808"), minint)
eq(tonumber(7), 7)

--# tonumber gives nil for what is no integer
for _, s in ipairs { "1.5", "1.0", "1e5", "0x1p4", "0x1.8", "inf", "nan", "-inf", "", " ", "abc", "1x",
		"0x", "- 1", "--1", "1 2", "1_000", "9223372036854775808", "-9223372036854775809", "1\0", "\0" } do
	eq(tonumber(s), nil)
end
eq(tonumber(nil), nil)
eq(tonumber({}), nil)
eq(tonumber(true), nil)

--# tonumber reads bases from 2 to 36
eq(tonumber("ff", 16), 255)
eq(tonumber("FF", 16), 255)
eq(tonumber("777", 8), 511)
eq(tonumber("-1010", 2), -10)
eq(tonumber("zz", 36), 1295)
eq(tonumber(" 10 ", 3), 3)
eq(tonumber("8", 8), nil)
eq(tonumber("", 10), nil)
eq(tonumber("1.0", 10), nil)
eq(tonumber("7fffffffffffffff", 16), maxint)

--# tonumber refuses other bases and arguments
raises("base out of range", tonumber, "1", 1)
raises("base out of range", tonumber, "1", 37)
raises("string expected, got number", tonumber, 10, 10)
raises("value expected", tonumber)

--# comparisons are those of integers
assert(1 < 2 and 2 <= 2 and not (2 < 2) and 3 > 2 and 3 >= 3)
assert(minint < maxint and -1 < 0 and minint < -1 and maxint > 0)
assert(maxint ~= maxint - 1, "neighbours that a double could not tell apart")
assert(not (maxint < maxint - 1))
assert(0 == -0)

--# numbers do not compare with strings
raises("attempt to compare number with string", function() return 1 < "2" end)
raises("attempt to compare string with number", function() return "1" <= 2 end)
assert(1 ~= "1")

--# bitwise operators work on 64 bits
eq(0xf0 & 0x3c, 0x30)
eq(0xf0 | 0x0f, 0xff)
eq(0xf0 ~ 0xff, 0x0f)
eq(~0, -1)
eq(~5, -6)
eq("0xff" & 15, 15)
eq(1 << 63, minint)
eq(-1 >> 1, maxint)
eq(-1 >> 63, 1)

--# shifts beyond the width give zero, negative ones go the other way
eq(1 << 64, 0)
eq(-1 >> 64, 0)
eq(1 << maxint, 0)
eq(1 >> minint, 0)
eq(1 << minint, 0)
eq(8 >> -1, 16)
eq(8 << -1, 4)
eq(1 << -64, 0)

--# bitwise operators refuse what is no number
raises("attempt to perform bitwise operation on a nil value", function() return 1 & nil end)
raises("attempt to perform bitwise operation on a table value", function() return {} | 1 end)
raises("bitwise operation on a string value", function() return "a" ~ 1 end)

--# a numeric for counts up and down
local out = {}
for i = 1, 3 do out[#out + 1] = i end
for i = 3, 1, -1 do out[#out + 1] = i end
for i = 1, 10, 4 do out[#out + 1] = i end
for i = 5, 1 do out[#out + 1] = "no" end
eq(table.concat(out, " "), "1 2 3 3 2 1 1 5 9")

--# a numeric for reaches the last but one of all integers
local n = 0
for i = maxint - 2, maxint - 1 do n = n + 1 end
for i = minint + 2, minint + 1, -1 do n = n + 1 end
for i = maxint, minint do n = n + 1 end
eq(n, 4)

--# a step of zero does not run upwards
for i = 1, 2, 0 do error("ran") end

--# a numeric for takes numerals in strings as bounds
local n = 0
for i = "1", "3" do n = n + i end
for i = 10, "20", "5" do n = n + i end
eq(n, 6 + 45)

--# a numeric for refuses bounds that are no numbers
raises("'for' initial value must be a number", function() for i = "a", 2 do end end)
raises("'for' limit must be a number", function() for i = 1, {} do end end)
raises("'for' step must be a number", function() for i = 1, 2, nil do end end)

--# integer keys given as numbers and as results of arithmetic are the same key
local t = {}
t[2 ^ 3] = "a"
t[16 // 2] = "b"
eq(t[8], "b")
t["8"] = "c"
eq(t[8], "b")

--# arithmetic on nil names the variable
raises("attempt to perform arithmetic on a nil value (global 'novar')", function() return novar + 1 end)
raises("attempt to perform arithmetic on a nil value (field 'x')", function() local t = {} return t.x * 2 end)
raises("attempt to perform arithmetic on a table value (local 't')", function() local t = {} return -t end)

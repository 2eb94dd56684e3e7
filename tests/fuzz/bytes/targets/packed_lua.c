// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Data objects against strings of the same bytes: pack, unpack and find must do
 * what string.pack, string.unpack and string.find do, and checksums what their
 * definitions say.
 */
#include <string.h>

#include "driver/binding.h"
#include "fuzz.h"

const enum fuzz_setup target_setup = FUZZ_SETUP_FIRST;

/* What the input means. Where alignment counts, objects and strings begin at multiples of 16. */
static const char script[] =
"local input, at = ..., 0\n"
"local function byte() at = at + 1 return input:byte(at) or 0 end\n"
"local function pick(t) return t[byte() % #t + 1] end\n"
"local OPTIONS = { 'b', 'B', 'h', 'H', 'i', 'I', 'i3', 'I7', 'i9', 'I16', 'i17', 'i0', 'l', 'j', 'J', 'T', 's', 's1',\n"
"	's2', 's8', 's16', 's0', 'z', 'z', 'x', 'X', 'Xi4', 'Xz', 'Xc2', ' ', '<', '>', '=', '!', '!4', '!16', '!3', '!17',\n"
"	'c0', 'c1', 'c5', 'c70000', 'c', 'f', 'q', '9', 'i12345678901' }\n"
"local VALUES = { 0, 1, -1, 127, 128, -128, -129, 255, 256, 65535, 1 << 23, 1 << 31, 1 << 32, math.maxinteger,\n"
"	math.mininteger, '', 'a', 'ab\\0c', 'text', '12', ('x'):rep(300), true }\n"
"local function format()\n"
"	local t = {}\n"
"	for i = 1, byte() % 6 do t[i] = pick(OPTIONS) end\n"
"	return table.concat(t)\n"
"end\n"
"local function values()\n"
"	local t = {}\n"
"	for i = 1, byte() % 7 do t[i] = pick(VALUES) end\n"
"	return table.unpack(t)\n"
"end\n"
"local size = 16 + byte()\n"
"local d = data.new(size)\n"
"for i = 1, size do d[i] = byte() end\n"
"local function pack(offset, form, ...)\n"
"	local before = tostring(d)\n"
"	local good, text = pcall(string.pack, form, ...)\n"
"	local done, last = pcall(d.pack, d, offset, form, ...)\n"
"	if good and offset + #text <= size then\n"
"		assert(done and last == offset + #text, 'pack fails')\n"
"		before = before:sub(1, offset) .. text .. before:sub(offset + #text + 1)\n"
"	else\n"
"		assert(not done, 'pack succeeds')\n"
"	end\n"
"	assert(tostring(d) == before, 'pack writes something else')\n"
"end\n"
"local function unpack(offset, form)\n"
"	local want = table.pack(pcall(string.unpack, form, tostring(d), offset + 1))\n"
"	local got = table.pack(pcall(d.unpack, d, offset, form))\n"
"	local short = not want[1] and want[2]:find('too short') or want[1] and want[want.n] - 1 > size\n"
"	if short then\n"
"		assert(got[1] and got.n == 2 and got[2] == nil, 'unpack finds what is not there')\n"
"	elseif want[1] then\n"
"		assert(got[1] and got.n == want.n, 'unpack fails')\n"
"		for i = 2, got.n - 1 do assert(got[i] == want[i], 'unpack reads something else') end\n"
"		assert(got[got.n] == want[want.n] - 1, 'unpack ends elsewhere')\n"
"	else\n"
"		assert(not got[1], 'unpack succeeds')\n"
"	end\n"
"end\n"
"local function find(from, what)\n"
"	local want = from <= size and tostring(d):find(what, from + 1, true)\n"
"	local got = d:find(what, from)\n"
"	assert(got == (want and want - 1 or nil), 'find finds something else')\n"
"	assert(d:find(data.new(what .. '.'):segment(0, #what), from) == got)\n"
"end\n"
"local function checksum(from, length)\n"
"	local sum = 0\n"
"	for i = from, from + length - 1 do sum = sum + (d[i + 1] << ((i - from) % 2 == 0 and 8 or 0)) end\n"
"	while sum > 0xffff do sum = (sum & 0xffff) + (sum >> 16) end\n"
"	assert(d:checksum(from, length) == sum ~ 0xffff, 'another checksum')\n"
"	local half = length // 2\n"
"	for _, name in ipairs{ 'crc32', 'crc32c' } do\n"
"		local first = d[name](d, from, half)\n"
"		assert(d[name](d, from + half, length - half, first) == d[name](d, from, length), 'another CRC')\n"
"	end\n"
"end\n"
"while at < #input do\n"
"	local what = byte() % 4\n"
"	if what == 0 then pack(byte() % 20 * 16, format(), values())\n"
"	elseif what == 1 then unpack(byte() % 18 * 16 % (size + 1) // 16 * 16, format())\n"
"	elseif what == 2 then\n"
"		local from = byte()\n"
"		local start = byte() % size\n"
"		find(from, byte() % 4 == 0 and pick{ '', '\\0', 'ab' } or d:string(start, byte() % (size - start + 1)))\n"
"	else\n"
"		local from = byte() % size\n"
"		checksum(from, byte() % (size - from + 1))\n"
"	end\n"
"end\n";

static int body(lua_State *L)
{
	static const char *const libraries[] = { "_G", "string", "table", "math", "data" };
	struct fuzz_input *in = lua_touserdata(L, 1);
	size_t i;

	for (i = 0; i < sizeof(libraries) / sizeof(*libraries); i++)
		fuzz_open(L, libraries[i]);
	if (luaL_loadbufferx(L, script, sizeof(script) - 1, "=packed", "t"))
		return lua_error(L);
	lua_pushlstring(L, (const char *)in->data, in->left);
	lua_call(L, 1, 0);
	return 0;
}

void target_run(struct fuzz_input *in)
{
	int status = fuzz_run_body(body, in);

	if (status && fuzz_calm())
		world_fail("it ends with %d: %s", status, fuzz_error);
}

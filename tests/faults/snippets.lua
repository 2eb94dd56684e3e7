-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Every public function, each with arguments that make it allocate. `--== NAME` begins a group, which is one script
-- for the sweeps; `--= NAME...` begins a snippet and tells what it calls. A snippet catches no error but its own, and
-- waits no longer than a few seconds. What stands between the group's line and its first snippet comes first.

--== parser
--= load
-- Every statement and operator, more constants than one instruction can name, and jumps in all directions.
local chunk = [==[
local a, b, c = 1, "two\z
	lines\x41\u{20ac}\065", [[long
string]]
local t = { a, b = b, [c] = { ... }, function(...) return select("#", ...) end; n = 0x7f, nil }
local function outer(x, ...)
	local up = x
	local function inner(y) up = up + y return up, outer, { x } end
	return inner
end
function t.field(p) return p end
function t:method(p, q) return self, p, q end
goto middle
do a = a + 1 end
::middle::
for i = 1, 3 do if i == 2 then goto continue end a = a + i ::continue:: end
for i = 3, 1, -1 do a = a - i end
for k, v in pairs{ 1, 2, x = 3 } do a = a | v end
while a < 0 do a = a + 1 if a == -1 then break end end
repeat local last = a a = a + 1 until last >= a or true
if not a then a = nil elseif a and b or c then a = -a else a = ~a end
a = (a + 1 - 2 * 3 // 4 % 5) ~ (6 & 7 | 8 << 1 >> 1) ^ 2
a = #t == 3 and a ~= b and 1 < 2 and 1 <= 2 and 2 > 1 and 2 >= 1 and "x" .. "y" .. a
t.f, t.g, t["h"] = outer(1, 2, 3), t:method(1), t.field "literal"
t.field{ "table" }
--[[ a comment
of lines ]]
return function() return a, b, c, t, outer end, (...)
]==]
local constants, globals = {}, {}
for i = 1, 300 do constants[i], globals[i] = ("%q"):format("constant " .. i), "g" .. i .. " = g" .. i end
local f = assert(load(chunk .. " , { " .. table.concat(constants, ", ") .. " }", "=chunk", "t", {}))
assert(load(table.concat(globals, "\n")))
local pieces = { "return ", "...", " + ", "1" }
local at = 0
assert(assert(load(function() at = at + 1 return pieces[at] end))(5) == 6)
assert(not load("x ="))
assert(not load("x = = 1"))
assert(not load("goto nowhere"))
assert(not load("for"))
assert(not load("'open"))
assert(not load("1.5"))

--== base
--= assert
assert(assert("value") == "value")
local ok, e = pcall(assert, false, "failed " .. 1)
assert(not ok and e == "failed 1", e)
--= collectgarbage
local garbage = setmetatable({}, { __gc = function() end })
garbage = { collectgarbage("count") }
collectgarbage()
collectgarbage("step", 10)
--= error pcall
local ok, e = pcall(error, { code = 1 })
assert(not ok and e.code == 1, e)
ok, e = pcall(error, "text " .. 1, 2)
assert(not ok and e:find "text 1", e)
--= getmetatable setmetatable
local mt = { __index = function(_, k) return k .. "!" end, __call = function(_, ...) return { ... } end,
	__concat = function(a, b) return "joined" end, __eq = function() return true end, __gc = function(o) o.done = { o } end,
	__newindex = function(t, k, v) rawset(t, k, { v }) end }
local t = setmetatable({}, mt)
assert(getmetatable(t) == mt and t.key == "key!" and #t(1, 2) == 2 and t .. "x" == "joined")
t.new = 1
assert(t.new[1] == 1 and setmetatable({}, mt) == setmetatable({}, mt))
local weak = setmetatable({ {}, {}, key = {} }, { __mode = "kv" })
collectgarbage()
assert(not weak[1])
--= ipairs pairs next
local sum = 0
for i, v in ipairs{ 1, 2, 3 } do sum = sum + v end
for k, v in pairs(setmetatable({}, { __pairs = function() return next, { 4 }, nil end })) do sum = sum + v end
assert(sum == 10 and next({}) == nil)
--= print tostring
print("printed", setmetatable({}, { __tostring = function() return "as text " .. 1 end }), {}, print, 12345)
assert(tostring({}):find "table" and tostring(1234567) == "1234567")
--= rawequal rawget rawlen rawset
local t = rawset({}, "key", "value")
for i = 1, 40 do rawset(t, i, i .. "th") end
assert(rawequal(t, t) and rawget(t, "key") == "value" and rawlen(t) == 40)
--= require package.searchpath
assert(require "string" == string and not pcall(require, "missing" .. 1))
package.preload.made = function(...) return { ... } end
assert(require "made"[1] == "made" and require "made" == require "made")
assert(package.searchpath("sys.kernel.ostype", "/none/?;/proc/?") == "/proc/sys/kernel/ostype")
package.path = "/none/?.lua;/proc/sys/kernel/?"
local ok, e = pcall(require, "ostype")
assert(not ok and tostring(e):find "from file '/proc/sys/kernel/ostype'", e)
--= select
assert(select("#", table.unpack({}, 1, 100)) == 100 and select(-1, 1, "last") == "last")
--= tonumber type
assert(tonumber("0x" .. "ff") == 255 and tonumber("zz", 36) == 1295 and type(tonumber) == "function")
--= xpcall
local ok, e = xpcall(function() local function deep(n) if n == 0 then error { "deep" } end return 1 + deep(n - 1) end deep(60) end,
	function(e) return { e, debug.traceback("handled") } end)
assert(not ok and type(e) == "table" and e[1][1] == "deep", e)
ok, e = xpcall(function() return #nothing end, debug.traceback)
assert(not ok and e:find "nothing", e)

--== string
--= string.byte string.char
local bytes = { ("x"):rep(100):byte(1, -1) }
assert(string.char(table.unpack(bytes)) == ("x"):rep(100))
--= string.find string.match
local a, b, c = ("key = value" .. 1):find("(%w+)%s*=%s*(%w+)")
assert(c == "key" and ("[[nested]]" .. 1):match("%b[]") == "[[nested]]" and ("plain." .. 1):find(".", 1, true) == 6)
assert(not pcall(string.find, "x", "[" .. 1))
--= string.format
assert(("%s %5d %-5s %q %x %c %i %%"):format("text", 42, "ab", 'quoted\n\0"', 255, 65, 7):find "quoted")
assert(("%s"):format(setmetatable({}, { __tostring = function() return ("long"):rep(300) end })) == ("long"):rep(300))
assert(("%-99s"):format(1) and not pcall(string.format, "%y", 1))
--= string.gmatch
local words = {}
for k, v in ("a=1, b=2, c=3" .. 4):gmatch("(%w)=(%w+)") do words[k] = v end
assert(words.c == "34")
--= string.gsub
assert(("hello world" .. 1):gsub("%w+", string.upper) == "HELLO WORLD1")
assert(("$name is $what"):gsub("%$(%w+)", { name = "Lua", what = "small" }) == "Lua is small")
assert(("abc"):rep(50):gsub("b", "%0%0"):len() == 200)
--= string.dump
assert(not pcall(string.dump, function() return 1 end))
--= string.len string.lower string.upper string.reverse
local s = ("MiXed"):rep(60)
assert((s:lower() .. s:upper()):reverse():len() == 600 and string.len(s) == 300)
--= string.rep string.sub
assert(("ab"):rep(1000, ", "):sub(5, 8) == "ab, " and ("x"):rep(10000):sub(-5000):len() == 5000)
--= string.pack string.unpack string.packsize
local packed = string.pack("<i4 >I2 z s1 !8 i8 c20", -5, 513, "zero" .. 1, "counted", 1 << 40, "fixed")
local a, b, c, d = string.unpack("<i4 >I2 z s1", packed)
assert(a == -5 and b == 513 and c == "zero1" and d == "counted" and string.packsize("i4i8") >= 12)

--== table
--= table.concat
local t = {}
for i = 1, 200 do t[i] = "item" .. i end
assert(#table.concat(t, ", ", 1, 150) > 1000 and not pcall(table.concat, { {} }))
--= table.insert table.remove
local t = {}
for i = 1, 70 do table.insert(t, 1, i .. "") end
assert(table.remove(t) == "1" and table.remove(t, 1) == "70")
--= table.move
local t = table.move({ 1, 2, 3 }, 1, 3, 30, {})
assert(t[32] == 3)
--= table.pack table.unpack
local t = table.pack(table.unpack({ 1, 2, 3 }, 1, 80))
assert(t.n == 80)
--= table.sort
local t = {}
for i = 1, 60 do t[i] = (i * 37) % 61 .. "" end
table.sort(t, function(a, b) return a .. "x" < b .. "x" end)
table.sort(t)
assert(not pcall(table.sort, { 1, "x", {} }))

--== math
--= math.abs math.ceil math.floor math.fmod math.max math.min math.tointeger math.type math.ult
local t = { math.abs(-5), math.ceil(5), math.floor(5), math.fmod(-7, 3), math.max(1, 5), math.min(5, 9), math.tointeger("5"),
	math.type(5), math.ult(-1, 5) }
assert(#t >= 6 and not pcall(math.fmod, 1, 0))
--= math.random math.randomseed
math.randomseed(42)
assert(math.random() and math.random(6) <= 6 and math.random(3, 4) >= 3 and not pcall(math.random, 2, 1))
--= utf8.char utf8.charpattern utf8.codepoint utf8.codes utf8.len utf8.offset
local s = utf8.char(228, 8364, 0x10ffff) .. 1
local points = { utf8.codepoint(s, 1, -1) }
for p, c in utf8.codes(s) do points[#points + 1] = c .. "" end
for c in s:gmatch(utf8.charpattern) do points[#points + 1] = c end
assert(#points == 12 and utf8.len(s) == 4 and utf8.offset(s, 3) == 6 and not pcall(utf8.codepoint, "\xff"))
--= os.clock os.date os.difftime os.getenv os.time
assert(os.time() .. os.clock() ~= "")
local t = os.date("*t", 86400)
assert(os.date(("%c "):rep(20), 0):find "1970" and t.day == 2 and os.time(t) == 86400)
assert(os.difftime(3, 2) .. "" == "1" and not os.getenv("none" .. 1))
--= kernel.log kernel.random kernel.sleep kernel.time_ns
kernel.sleep(0)
kernel.log("debug", "line\n" .. 1)
assert(#kernel.random(5000) == 5000)
assert(kernel.time_ns() .. "" ~= "" and not pcall(kernel.sleep, -1))

--== coroutine
--= coroutine.create coroutine.resume coroutine.yield coroutine.status
local co = coroutine.create(function(...) local t = { ... } for i = 1, 5 do t[i] = coroutine.yield(t, i .. "") end return t end)
local ok, t, i = coroutine.resume(co, 1, 2)
while coroutine.status(co) ~= "dead" do assert(coroutine.resume(co, table.unpack({}, 1, 60))) end
assert(not coroutine.resume(co))
--= coroutine.wrap
local gen = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i .. "") end error { "end" } end)
assert(gen() .. gen() .. gen() == "123" and not pcall(gen))
local inner = coroutine.wrap(function() pcall(function() coroutine.yield({}) error("late " .. 1) end) return "left" end)
assert(inner() == "left" or inner() == "left")
--= coroutine.isyieldable coroutine.running
local co, main = coroutine.running()
assert(main and not coroutine.isyieldable() and coroutine.wrap(function() return coroutine.isyieldable() end)())
local parked = coroutine.wrap(function() local t = setmetatable({}, { __gc = function(o) o[1] = {} end }) coroutine.yield() return t end)
parked()
parked = nil
collectgarbage()
--= debug.getinfo debug.traceback
local info = debug.getinfo(1, "nSlutfL")
assert(info.currentline and debug.getinfo(print).what == "C" and not debug.getinfo(100))
local function deep(n) if n == 0 then return debug.traceback("trace " .. 1) end local text = deep(n - 1) return text end
assert(deep(40):find "trace 1")
assert(debug.traceback(coroutine.create(print)))

--== data
--= data.new
local m = data.new(setmetatable({}, { __len = function() return 3 end, __index = function(_, i) return i end }))
assert(#data.new(5000) == 5000 and #data.new("text" .. 1) == 5 and #data.new{ 1, 2, 3 } == 3 and m[3] == 3)
assert(not pcall(data.new, { 1, 256 }) and data.new(-1) == nil and not pcall(data.new, 1 << 40))
--= data.layout data:layout
local l = data.layout{ a = { 0, 8 }, b = { 8, 24, "l" }, s = { 4, 4, "s" } }
local d = data.new(64):layout(l)
d:layout{ a = { 0, 4 }, c = { offset = 4, length = 4 } }
d:layout()
d:layout(l)
assert(data.layout(l) == l and not pcall(data.layout, { a = { 0, "x" } }))
--= data:__index data:__newindex data:__len data:__tostring data:__eq
local d = data.new(64):layout{ a = { 0, 8 }, b = { 8, 24, "l" }, s = { 4, 4, "s" } }
d.a, d.b, d.s, d[20] = 1, 77, "ab" .. 1, 255
assert(d.a == 1 and d.b == 77 and d.s:find "ab1" and d[20] == 255 and #d == 64 and tostring(d) ~= "")
d.none = 1
assert(d.none == nil and not pcall(function() d.a = 256 end) and not pcall(function() d[65] = 1 end))
--= data:copy data:fill data:string data:segment
local d = data.new(300)
local s = d:segment(100, 100)
s:fill(65):copy("text" .. 1, 0, 5, 3):copy(data.new{ 1, 2, 3 })
assert(#d:string() == 300 and s:string(3, 5) == "text1" and #s:segment(1):segment(1) == 98)
assert(not pcall(s.copy, s, ("x"):rep(200)) and not pcall(s.fill, s, 1, 2, 99))
--= data:find data:checksum data:crc32 data:crc32c
local d = data.new(300):copy("text" .. 1, 0, nil, 100)
assert(d:find("text" .. 1) == 100 and d:find(data.new("none")) == nil and not pcall(d.find, d, {}))
assert(d:crc32() .. d:crc32c() .. d:checksum() ~= "" and not d:checksum(301) and not pcall(d.crc32, d, 0, 1, -1))
--= data:pack data:unpack
local d = data.new(300)
assert(d:pack(8, ">I4s2z!8j", 7, "text" .. 1, "end" .. 2, -1) == 32)
local a, b, c, e = d:unpack(8, ">I4s2z!8j")
assert(a == 7 and b == "text1" and c == "end2" and e == -1 and not d:unpack(299, "I2"))
assert(not pcall(d.pack, d, 0, "z" .. 1, 1) and not pcall(d.unpack, d, 0, "q") and d:pack(0, "s1", 12345) == 6)
--= data:get data:set
local d = data.new(64)
d:set(0, "u16le", 77):set(8, "i64be", -1)
assert(d:get(0, "u16le") == 77 and d:get(8, "i64be") == -1 and not d:get(64, "i8") and not pcall(d.set, d, 0, "u5", 1))

--== sockets
local LO = "127.0.0.1"
-- By a reset at the end, which connections inherit: a kernel without memory for a FIN keeps the socket for ever.
local function new(type)
	local s = socket.new("inet", type)
	s:settimeout(5000)
	s:setsockopt("socket", "linger", 0)
	return s
end
local function bound(type) local s = new(type) s:bind(LO, 0) return s, select(2, s:getsockname()) end
--= socket.new socket:close socket:__tostring
local s = socket.new("inet", "tcp")
local texts = { tostring(s), tostring(socket.new("i", "u", 17)) }
s:close()
texts[3] = tostring(s)
assert(texts[3] == "socket (closed)" and not pcall(s.bind, s, LO, 0) and not pcall(socket.new, "inet", 99))
--= socket:bind socket:listen socket:connect socket:accept socket:getsockname socket:gethostname socket:getpeername socket:settimeout socket:__tostring
local server, port = bound("tcp")
server:listen(5)
local client = new("tcp")
client:connect(LO, port)
local peer = server:accept()
peer:settimeout(5000)
assert(peer:getpeername() .. client:gethostname() == LO .. LO and tostring(peer):find ">")
assert(not pcall(server.accept, server, "D") and not pcall(client.connect, client, LO, port) and not pcall(peer.bind, peer, "x", 1))
--= socket.pair socket:bind socket:listen socket:connect socket:accept socket:getsockname socket:getpeername socket:__tostring
local a, b = socket.pair()
a:write("string" .. 1)
assert(b:read() == "string1" and tostring(a) == "socket (unix stream)")
local s, c = socket.new("unix", "seqpacket"), socket.new("unix", "seqpacket")
s:bind("")
s:listen()
c:connect({ addr = s:getsockname() }, "D")
assert(s:accept():getsockname() == c:getpeername() and not pcall(c.connect, c, ("x"):rep(200)))
local u = socket.new("inet6", "udp")
u:settimeout(5000)
u:bind{ "::1", 0 }
u:sendmsg({ name = { addr = "::1", port = select(2, u:getsockname()) } }, "x")
local _, _, hdr = u:recvmsg{ iov_len = 10 }
assert(hdr.name.addr == "::1" and not pcall(u.connect, u, { addr = "fe80::1", port = 1, scope = "none" }))
local p = socket.new("packet", "dgram")
p:settimeout(5000)
p:bind("lo", 0x88b5)
p:sendmsg({ name = { addr = "lo", port = 0x88b5, hwaddr = "00:00:00:00:00:00" } }, "x")
local _, _, hdr = p:recvmsg{ iov_len = 10 }
assert(hdr.name.hwaddr and select(3, p:getsockname()) and not pcall(p.bind, p, "none", 3))
--= socket:send socket:recv socket:read socket:write socket:shutdown
local server, port = bound("tcp")
server:listen()
local client = new("tcp")
client:connect(LO, port)
local peer = server:accept()
peer:settimeout(5000)
local buffer = data.new(64)
client:send("string" .. 1)
assert(peer:read(100) == "string1")
client:send{ 1, 2, 3 }
assert(#peer:recv(10) == 3)
client:send(buffer, "M", 10, 20)
client:write("parts", 1, ("x"):rep(3000))
assert(peer:read(3026, "W"):len() == 3026)
client:write("last")
peer:recv(buffer, "", 8, 4)
client:shutdown("write")
assert(peer:read() == nil and select(2, peer:recv(1)) == 0 and not pcall(client.send, client, "x"))
--= socket:lines socket:sendfile
local server, port = bound("tcp")
server:listen()
local client = new("tcp")
client:connect(LO, port, nil, 5000)
local peer = server:accept(nil, 5000)
peer:settimeout(5000)
client:send{ "line\n", data.new("a long"), (" piece"):rep(100), "\n", "3", "4", "5", "6", "7", "8", "9" }
assert(peer:read("l") == "line" and peer:read("L", nil, 5000):len() == 607)
local parts = {}
for i = 1, 10 do parts[i] = data.new(1) end
assert(select(2, peer:recv(parts, "W", 0, 7, 5000)) == 7)
local sent = client:sendfile("/proc/version") + client:sendfile(data.new(10), 1)
assert(peer:read(sent, "W", 5000):find "Linux")
local ok, e = pcall(client.sendfile, client, "/nowhere")
assert(not ok and type(e) ~= "table" or e.sent == 0 or e.name ~= "ENOENT")
client:write("first\nsecond")
client:shutdown("write")
local got = {}
for line in peer:lines("l", nil, 5000) do got[#got + 1] = line end
assert(got[1] == "first" and got[2] == "second")
assert(peer:read("a") == "" and not pcall(peer.read, peer, "l", nil, nil, 0) and not pcall(client.read, client, "l", "D"))
--= socket:sendmsg socket:recvmsg
local a, b = bound("udp"), bound("udp")
a:sendmsg({ name = { b:getsockname() }, control = { { level = "ip", type = "ttl", value = 9 },
	{ level = "ip", type = "pktinfo", spec_dst = LO }, { level = "raw", type = 1, data = ("x"):rep(500) } } }, "control")
b:setsockopt("ip", "recvttl", 1)
b:setsockopt("socket", "timestampns", 1)
local _, n, told = b:recvmsg({ control = {}, name = {} }, { data.new(3), data.new(9) })
assert(n == 7 and b:sendmsg(told, "back") and a:read() == "back")
b:setsockopt("ip", "recvttl", 0)
b:setsockopt("socket", "timestampns", 0)
a:sendmsg({ name = { b:getsockname() } }, "datagram" .. 1)
local t, n, hdr = b:recvmsg{ iov_len = 100 }
assert(n == 9)
b:sendmsg(hdr, t)
assert(select(2, a:recvmsg({ name = { 0, 0 } }, data.new(100))) == 9)
assert(not pcall(a.sendmsg, a, {}, "x") and not pcall(a.recvmsg, a, {}, data.new(1), "D"))
--= socket:getsockopt socket:setsockopt
local s = bound("tcp")
for _, name in ipairs{ "reuseaddr", "keepalive", "rcvbuf", "sndbuf" } do
	s:setsockopt("socket", name, s:getsockopt("socket", name))
end
s:setsockopt("socket", "linger", { onoff = 1, linger = 0 })
s:setsockopt("tcp", "nodelay", true)
assert(s:getsockopt("socket", "linger").linger == 0 and s:getsockopt("s", "l") and not pcall(s.getsockopt, s, "socket", "none"))
--= socket:getsockopt socket:setsockopt socket.options
local s = bound("udp")
assert(#socket.options() > 90 and new("tcp"):getsockopt("tcp", "info").state == 7)
s:setsockopt("ip", "mtu_discover", "do")
s:setsockopt("ip", "add_membership", { "224.1.2.3", "lo" })
s:setsockopt("socket", "bindtodevice", s:getsockopt("socket", "bindtodevice") .. "lo")
-- A program that is none: where the kernel has no memory for one, it complains loudly.
assert(not pcall(s.getsockopt, s, "tcp", "info") and not pcall(s.setsockopt, s, "socket", "attach_filter", { { 6 }, 1 }))

--== names
local LO = "127.0.0.1"
local server = socket.new("inet", "udp")
server:bind(LO, 0)
server:settimeout(300)
local _, port = server:getsockname()
local servers = { server = LO, port = port }
local header = { name = {} }

-- Answers the next question: with this address, or that there is none.
local function answer(address)
	local bytes = string.char(table.unpack((server:recvmsg({ iov_len = 512, name = header.name }))))
	server:sendmsg({ name = header.name }, bytes:sub(1, 2) .. "\x81\x80\0\1\0" .. (address and "\1" or "\0")
		.. "\0\0\0\0" .. bytes:sub(13) .. (address and "\xc0\x0c\0\1\0\1\0\0\0\0\0\4" .. address or ""))
end
--= socket.resolve
assert(socket.resolve("10.0.0.1", "inet") == "10.0.0.1")
assert(socket.resolve("localhost", "inet", 500) == LO)
local ok, e = pcall(socket.resolve, "a.example", "inet", 0, servers)
assert(not ok and (e.name == "ETIMEDOUT" or e.name == "ENOMEM" or tostring(e):find("memory")), e)
server:read()
--= socket.query query:step query:left query:close
local query = socket.query("a.example", "inet", 1000, servers)
assert(query:step() == nil and query:left() <= 1000)
answer("\1\2\3\4")
local found	-- it may still be on its way
repeat found = query:step() until found or query:left() == 0
assert(found[1] == "1.2.3.4")
query:close()

--== poll
local LO = "127.0.0.1"
local function udp() local s = socket.new("inet", "udp") s:bind(LO, 0) s:settimeout(5000) return s, select(2, s:getsockname()) end
--= socket.poll lpoll:__len lpoll:__tostring lpoll:close
local a, b = udp(), udp()
local p = socket.poll{ a, b }
assert(#p == 2 and tostring(p) == "lpoll (2 sockets)" and not pcall(socket.poll, { a, a }) and not pcall(socket.poll, { 1 }))
a:close()
assert(#p == 1)
p:close()
assert(tostring(p) == "lpoll (closed)" and not pcall(p.select, p))
--= lpoll:add lpoll:modify lpoll:remove
local p = socket.poll()
local socks = {}
for i = 1, 20 do socks[i] = udp() assert(p:add(socks[i], "rw") == i - 1) end
p:modify(socks[1], "r")
assert(p:remove(socks[5]) and p:add(socks[5]) == 4 and not pcall(p.add, p, socks[1]) and not pcall(p.remove, p, (udp())))
--= lpoll:select
local a, port = udp()
local b = udp()
b:connect(LO, port)
local p = socket.poll{ a, b }
assert(p:select(0) == nil)
b:send("wake" .. 1)
local slot, sock, events = p:select(5000)
assert(slot == 0 and sock == a and events & socket.event.IN ~= 0)
p:modify(b, "w")
assert(p:select(5000))
--= lpoll:ready
local a, port = udp()
local b = udp()
b:connect(LO, port)
local p = socket.poll{ a, b, socket.timer(0) }
b:send("wake" .. 1)
p:modify(b, "rw1")
local seen = {}
repeat		-- the timer may be a moment late
	for slot, sock, events in p:ready(5000) do seen[slot] = { sock, events } end
until seen[0] and seen[1] and seen[2]
assert(not pcall(p.ready, p, -2))
--= socket.relay socket.splice lrelay:wait lrelay:stop lrelay:count lrelay:close lrelay:__tostring
local a, b = socket.pair()
local c, d = socket.pair()
a:write("text" .. 1)
assert(socket.splice(b, c, { bytes = 4 }) == 4 and d:read() == "text" and not pcall(socket.splice, b, c, { none = 1 }))
local relay = socket.relay(b, c, { nowait = true })
assert(d:read() == "1" and tostring(relay) == "lrelay (running)" and not pcall(socket.relay, b, c))
local p = socket.poll{ relay }
assert(not relay:wait(0) and relay:stop() == relay:count() and p:select(0) == 0)
relay:close()
a:close()
d:close()
assert(#p == 0 and select(3, socket.relay(b, c)) == "eof")
--= socket.timer ltimer:set ltimer:cancel ltimer:read ltimer:close ltimer:__tostring ltimer:__eq
local t, keep = socket.timer(0, 1), {}
for i = 1, 20 do keep[i] = socket.timer(i, i) end
assert(t:read() >= 1 and t:set(1000) == t and t:cancel() and t:read(0) == 0)
assert(tostring(t) == "ltimer (not set)" and t ~= keep[1] and not pcall(t.set, t, -1))
local p = socket.poll(keep)
p:add(t, "re")
t:set(0)
assert(p:select(5000))
t:close()
assert(tostring(t) == "ltimer (closed)" and not pcall(t.read, t) and #p == 20)

--== thread
--= thread.channel lchannel:send lchannel:receive lchannel:close lchannel:__len lchannel:__tostring lchannel:__eq
local c = thread.channel(4)
local shared, long = { 1, x = "y" }, ("l"):rep(3000)
local function f() shared[1] = shared[1] + 1 return shared[1], long end
local s = socket.new("inet", "udp")
assert(c:send{ f, f, shared, long, s, data.new(10), c, print, _G, { { {} } }, socket.timer(1, 1) })
local d = data.new(5)
assert(c:send(d:segment(1, 2)) and #c == 2 and tostring(c) == "lchannel (2 of 4 values)")
local t = c:receive()
assert(t[1]() == 2 and t[3][1] == 2 and t[4] == long and t[7] == c)
assert(not pcall(c.send, c, { { coroutine.create(print) } }))
assert(#c:receive() == 2 and select(2, c:receive(0)) == "timeout")
c:close()
assert(select(2, c:receive()) == "closed" and not pcall(c.send, c, 1))
local p = socket.poll{ c }
assert(p:select() == 0)
--= thread.spawn lthread:join lthread:stop lthread:status lthread:__index lthread:__tostring
-- What fails in the thread is an error of join.
local n, list = 1, { "x" }
local t = thread.spawn({ name = "one" }, function(a, b) return a + n, { b, list } end, 41, "b")
local id, text = t.id, tostring(t)
local ok, sum, both = t:join()
assert(ok and sum == 42 and both[2][1] == "x" and t:status() == "done")
t = thread.spawn(function() while true do end end)
t:stop()
-- It may have ended before, for want of memory.
assert(t:status() == "stopped" or t:status() == "failed")

--== exit
--= os.exit
local unfinished = setmetatable({}, { __gc = function() end })
coroutine.wrap(pcall)(os.exit, 3)
error("it goes on")

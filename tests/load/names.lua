-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- load: the names of C and of ljsyscall.
local names = require "load.names"
local find, S = names.find, names.S

--# constants have the numbers of the library socket, where it has them
eq(find "SOL_SOCKET", socket.level.socket)
eq(find "SOL_IPV6", socket.level.ipv6)
for _, o in ipairs(socket.options()) do
	local prefix = ({ socket = "SO_", tcp = "TCP_", udp = "UDP_", ip = "IP_", ipv6 = "IPV6_" })[o.level]
	if prefix then eq(find(prefix .. o.name:upper()), o.number) end
end
for name, value in pairs(socket.flag) do eq(find("MSG_" .. name), value) end
for name, value in pairs(socket.event) do eq(find("EPOLL" .. name), value) end
for name, value in pairs(socket.errno) do eq(find(name), value) end

--# constants that the library socket has no table for
eq(find "AF_INET", 2)
eq(find "AF_INET6", 10)
eq(find "SOCK_DGRAM", 2)
eq(find "IPPROTO_UDP", 17)
eq(find "TCP_ESTABLISHED", 1)
eq(find "SO_EE_ORIGIN_TIMESTAMPING", 4)
eq(find "SOF_TIMESTAMPING_TX_ACK", 512)
eq(find "SOF_TIMESTAMPING_OPT_TSONLY", 2048)
eq(find "SHUT_RDWR", 2)
eq(find "IP_PMTUDISC_PROBE", 3)
eq(find "SKF_AD_OFF" + find "SKF_AD_CPU", -4060)

--# a number of a control message is that of the option that asks for it
eq(find "SCM_TIMESTAMPING", find "SO_TIMESTAMPING")
eq(find "SO_TIMESTAMPING", socket.optname.timestamping)

--# what is no name of C's is nil
for _, name in ipairs{ "x", "AF_", "AF_NOTHING", "E", "ENOTHING", "EPOLL", "_G", "AF_inet", "_ptr", "no_ptr", "" } do
	eq(find(name), nil)
end
eq(find(1), nil)
eq(find(true), nil)

--# S.c has them by group, in capitals or small letters, and several flags at once
eq(find "S", S)
eq(S.c.AF.INET, 2)
eq(S.c.AF.inet, 2)
eq(S.c.SO.TYPE, find "SO_TYPE")
eq(S.c.SOL.SOCKET, 1)
eq(S.c.E.AGAIN, 11)
eq(S.c.EPOLL.IN, 1)
eq(S.c.MSG["peek, dontwait"], find "MSG_PEEK" | find "MSG_DONTWAIT")
eq(S.c.MSG["peek, nothing"], nil)
eq(S.c.MSG.NOTHING, nil)

--# require "syscall" gives S, and in a thread S is the thread's
local syscall = require "syscall"
eq(syscall, S)
local _, level, same = thread.spawn(function()
	return syscall.c.SOL.SOCKET, syscall == require "load.names".S
end):join()
eq(level, 1)
eq(same, true)

--# in a thread S and its tables are the thread's, wherever they come from
local c, SO, t, groups = S.c, S.c.SO, S.types.t, { S.c.MSG, S.c.AF }
local _, same, port = thread.spawn(function(AF)
	local own = require "syscall"
	local all = c == own.c and SO == own.c.SO and t == own.types.t and groups[1] == own.c.MSG
	return all and AF == own.c.AF and groups[2] == AF and c.MSG.peek == own.c.MSG.PEEK, t.sockaddr_in(7).port
end, S.c.AF):join()
eq(same, true)
eq(port, 7)
local ok, more, group = thread.spawn(function() return S.c, S.c.TCP end):join()
eq(ok, true)
eq(more, S.c)
eq(group, S.c.TCP)

--# a thread whose library names were replaced raises
local c = S.c
local function use() return c.AF.INET end
for _, other in ipairs{ {}, { known = print }, { known = function() return 5 end } } do
	local t = thread.channel(1)
	t:send(use)
	package.loaded["load.names"] = other
	eq(pcall(t.receive, t, 0), false)
	package.loaded["load.names"] = names
end

--# a table whose name is too long is no table that all threads have
local long = ("x"):rep(300)
package.loaded["load.names"] = nil
package.loaded["load.constants"] = { [long] = {}, MSG = {}, EPOLL = {}, SO = {}, SOF = {}, SCM = {} }
local group = require("load.names").S.c[long]
raises("a table with a metatable", thread.spawn, print, group)

--# calls are in S and by themselves
eq(S.recvmsg, find "recvmsg")
eq(type(S.getsockopt), "function")
eq(S.no_such_call, nil)
eq(find "no_such_call", nil)

--# types make what sockets take
local t = S.types.t
eq(S.t, t)
local a = t.sockaddr_in(80, "192.0.2.1")
eq(a.family, find "AF_INET")
eq(a.port, 80)
eq(a.addr, "192.0.2.1")
eq(find("sockaddr_in")().addr, "0.0.0.0")
eq(t.sockaddr_in(1, find "INADDR_LOOPBACK").addr, "127.0.0.1")
eq(t.sockaddr_in(1, t.in_addr "127.0.0.2").addr, "127.0.0.2")
eq(t.sockaddr_in6(1).addr, "::")
eq(t.sockaddr_storage(a).port, 80)
local sock = socket.new("inet", "udp")
sock:bind(t.sockaddr_in(0, "127.0.0.1"))
eq((sock:getsockname()), "127.0.0.1")

--# addresses have the fields of C, in network order
local t = S.types.t
local a = t.sockaddr_in(80, "192.0.2.1")
eq(a.sin_family, 2)
eq(string.pack("=I2", a.sin_port), "\0\80")
eq(string.pack("=I4", a.sin_addr.s_addr), "\192\0\2\1")
eq(tostring(a.sin_addr), "192.0.2.1")
eq(a.sin_addr == t.in_addr("192.0.2.1"), true)
eq(a.sin_addr == t.in_addr("192.0.2.2"), false)
a.sin_port, a.sin_addr = string.unpack("=I2", "\1\2"), t.in_addr("192.0.2.2")
eq(a.port, 258)
eq(a.addr, "192.0.2.2")
eq(a.nonsense, nil)
a.nonsense = 1
eq(a.nonsense, 1)
local b = t.sockaddr_in6(1, "::1")
eq(b.sin6_family, find "AF_INET6")
eq(b.sin6_addr, "::1")
eq(string.pack("=I2", b.sin6_port), "\0\1")
eq(t.sockaddr_storage(b).ss_family, find "AF_INET6")
eq(tostring(t.in_addr()), "0.0.0.0")
eq(tostring(t.in_addr(find "INADDR_LOOPBACK")), "127.0.0.1")
for _, text in ipairs{ "", "::1", "1.2.3", "1.2.3.256", "1.2.3.4.5", "1.2.3.x" } do eq(t.in_addr(text), nil) end

--# addresses go to threads
local a, b = sockaddr_in(80, "192.0.2.1"), in_addr("192.0.2.2")
local _, host, port, text, back = thread.spawn(function()
	return tostring(a.sin_addr), a.port, tostring(b), a
end):join()
eq(host, "192.0.2.1")
eq(port, 80)
eq(text, "192.0.2.2")
eq(tostring(back.sin_addr), "192.0.2.1")

--# programs of the packet filter are made of words, or of numbers
local t = S.types.t
eq(t.sock_filter(6, 0, 0, -1).k, 0xffffffff)
local i = t.sock_filter("LD,W,ABS", find "SKF_AD_OFF" + find "SKF_AD_CPU")
eq(i.code, find "BPF_LD" | find "BPF_W" | find "BPF_ABS")
eq(i.k, -4060 & 0xffffffff)
eq(i.jt, 0)
local j = t.sock_filter("JMP, JEQ, K", 1, 2, 3)
eq(j.code, 0x15) eq(j.jt, 1) eq(j.jf, 2) eq(j.k, 3)
local r = t.sock_filter("RET,A")
eq(r.code, 0x16) eq(r.k, 0)
raises("no instruction 'LD,X,Y'", t.sock_filter, "LD,X,Y", 1)
local program = t.sock_fprog1{ { 2, t.sock_filters(2, { i, r, r }) } }
eq(#program, 2) eq(program[1], i) eq(program[2], r)
local sock = socket.new("inet", "udp")
eq(setsockopt(sock, SOL_SOCKET, SO_ATTACH_FILTER, program, 16), true)

--# table.maxn is there for scripts that use the library
require "load"
eq(table.maxn{ 1, 2, [7] = 1, [-9] = 1, x = 1 }, 7)
eq(table.maxn{}, 0)

--# pointers of types show what is in a string, and in a data object
local pt = S.types.pt
eq(find "uint32_ptr", pt.uint32)
local numbers = pt.uint32(string.pack("=I4I4", 7, 0xffffffff))
eq(numbers[0], 7)
eq(numbers[1], 0xffffffff)
eq(numbers[2], nil)
eq(pt.int(data.new(string.pack("=i4", -5)))[0], -5)
local stamps = find "scm_timestamping_ptr"(string.pack("=i8i8i8i8i8i8", 1, 2, 0, 0, 5, 6))
eq(stamps.ts[0].tv_nsec, 2)
eq(stamps.ts[2].tv_sec, 5)
eq(stamps.ts[0].sec, 1)
eq(stamps.ts[2].nsec, 6)
eq(find "scm_timestamping", find "scm_timestamping_ptr")
eq(pt.timeval(string.pack("=i8i8", 3, 4)).usec, 4)
eq(pt.timeval(string.pack("=i8i8", 3, 4)).tv_sec, 3)
eq(S.types.t.timespec(1, 2).nsec, 2)
eq(S.t.timespec{ tv_sec = 1, tv_nsec = 2 }.nsec, 2)
eq(S.t.timeval{ 3, 4 }.tv_usec, 4)
eq(S.t.timeval().sec, 0)
eq(S.t.linger{ onoff = 1, linger = 5 }.linger, 5)
eq(pt.sock_extended_err(string.pack("=I4BBBBI4I4", 42, 4, 0, 0, 0, 2, 9)).ee_info, 2)
eq(tostring(pt.in_pktinfo("\1\0\0\0" .. "\127\0\0\1" .. "\192\0\2\1").ipi_addr), "192.0.2.1")
eq(pt.nothing, nil)

--# bit computes with 32 bits and a sign, as LuaJIT's
local bit = find "bit"
eq(require "bit", bit)
eq(bit.bor(1, 2, 4), 7)
eq(bit.band(0xff, 0x3c, 0xf), 12)
eq(bit.bxor(5, 1), 4)
eq(bit.bnot(0), -1)
eq(bit.lshift(1, 31), -2147483648)
eq(bit.lshift(1, 32), 1)
eq(bit.rshift(-1, 28), 15)
eq(bit.arshift(-256, 4), -16)
eq(bit.rol(0x12345678, 8), 0x34567812)
eq(bit.ror(0x12345678, 8), 0x78123456)
eq(bit.bswap(0x12345678), 0x78563412)
eq(bit.tobit(0xffffffff), -1)
eq(bit.tohex(255, 4), "00ff")
eq(bit.tohex(-1, -8), "FFFFFFFF")

--# the lists have all names in order
local constants, functions = names.constants(), names.functions()
for _, list in ipairs{ constants, functions } do
	for i = 2, #list do assert(list[i - 1] < list[i], list[i]) end
	for _, name in ipairs(list) do assert(find(name) ~= nil, name) end
end
assert(#constants > 500)

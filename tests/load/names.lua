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
local a = t.sockaddr_in(80, "192.0.2.1")
eq(a.family, find "AF_INET")
eq(a.port, 80)
eq(a.addr, "192.0.2.1")
eq(find("sockaddr_in")().addr, "0.0.0.0")
eq(t.sockaddr_in6(1).addr, "::")
eq(t.in_addr(find "INADDR_LOOPBACK"), "127.0.0.1")
eq(t.sockaddr_storage(a).port, 80)
eq(t.sock_filter(6, 0, 0, -1).k, 0xffffffff)

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
eq(pt.sock_extended_err(string.pack("=I4BBBBI4I4", 42, 4, 0, 0, 0, 2, 9)).ee_info, 2)
eq(pt.in_pktinfo("\1\0\0\0" .. "\127\0\0\1" .. "\192\0\2\1").ipi_addr, "192.0.2.1")
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

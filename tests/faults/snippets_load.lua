-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- Every public function of the library load, as snippets.lua has the others.

--== histogram
local load = require "load"
--= load.histogram lhistogram:record lhistogram:count lhistogram:min lhistogram:max lhistogram:mean lhistogram:stddev
local h = load.histogram()
h:record(1500)
h:record(7, 3)
assert(h:count() == 4 and h:min() == 7 and h:max() == 1500 and h:mean() == 380 and h:stddev() == 646)
assert(not pcall(h.record, h, -1))
--= lhistogram:percentile lhistogram:buckets lhistogram:__len lhistogram:__tostring
local h = load.histogram()
for v = 1, 100 do h:record(v * v) end
assert(h:percentile("50.0") >= 2500 and #h == 100 and h:buckets()[1].to == 1)
assert(tostring(h) == "lhistogram (100 values, 1 to 10000)" and not pcall(h.percentile, h, "100.1"))
--= lhistogram:copy lhistogram:merge lhistogram:subtract lhistogram:reset
local h = load.histogram()
h:record(5)
local c = h:copy()
assert(#c:merge(h) == 2 and #c:subtract(h) == 1)
h:reset()
assert(#h == 0 and #c == 1)
--= thread.channel
-- Copies of them.
local ch = thread.channel(2)
local h = load.histogram()
h:record(5)
ch:send{ h, h, load.histogram() }
ch:send(h)
local t = ch:receive()
assert(t[1] == t[2] and #t[1] == 1 and #t[3] == 0 and #h == 1)

--== load 3
local load = require "load"
local LO = "127.0.0.1"
-- A call of C's that must not fail: what it says, it raises.
local function ok(value, err, ...)
	if value == nil then error(err or "nil", 0) end
	return value, err, ...
end
--= S bind connect getsockname getpeername setsockopt getsockopt shutdown close
local a, b = socket.new("inet", "udp"), socket.new("inet", "udp")
ok(bind(a, { addr = LO, port = 0 }))
ok(connect(b, ok(getsockname(a))))
assert(ok(getpeername(b)).port == ok(getsockname(a)).port)
ok(setsockopt(b, SOL_SOCKET, SO_BINDTODEVICE, "lo", 2))
ok(setsockopt(b, S.c.SOL.SOCKET, S.c.SO.MARK, 7))
assert(ok(getsockopt(b, "socket", "mark")) == 7)
ok(shutdown(b, SHUT_WR))
ok(close(b))
local none, err = getsockname(b)
assert(not none and (err.name == "EBADF" or err.name == "ENOMEM"), err)
none, err = setsockopt(a, SOL_TCP, TCP_NODELAY, 1)
assert(not none and err.name, err)
--= send recv read write recvfrom sendto
local a, b = socket.new("inet", "udp"), socket.new("inet", "udp")
a:settimeout(5000)
ok(bind(a, { addr = LO, port = 0 }))
ok(bind(b, { addr = LO, port = 0 }))
local buf = data.new(10)
ok(sendto(b, "a" .. 1, nil, 0, ok(getsockname(a))))
local n, from = ok(recvfrom(a, buf, 10))
assert(n == 2 and from.addr == LO)
ok(connect(b, ok(getsockname(a))))
ok(send(b, buf, 2))
ok(write(b, buf, 1))
assert(ok(recv(a, buf, 10, MSG_PEEK)) == 2 and ok(recv(a, buf)) == 2 and ok(read(a, buf)) == 1)
local none, err = recv(a, buf, 10, MSG_DONTWAIT)
assert(not none and (err.AGAIN or err.name == "ENOMEM"), err)
--= load.is_client load.is_server load.thread_id load.tid_iter load.result load.options
assert(load.is_server() and not load.is_client() and not load.thread_id() and not load.result())
assert(#load.options() > 50)
for id in load.tid_iter() do assert(id == 0) end
local types = S.types.t
assert(types.sockaddr_in(7, 0x7f000001).addr == LO and types.sockaddr_storage({ port = 5 }).port == 5)
assert(int_ptr(string.pack("=i4", -5))[0] == -5 and bit.bor(1, 2) == 3 and bit.tohex(255) == "000000ff")
assert(not pcall(load.run, 5) and not pcall(load.run, { workload = "none" .. 1 }))
--= list_sys_funcs
-- Also what has no name of its own in the reference: S.types, S.c, bit, io.
local t, pt = S.types.t, S.types.pt
assert(tostring(t.in_addr(LO)) == LO and t.in6_addr() == "::" and t.sockaddr_in6(5, "::1").port == 5)
assert(t.sockaddr_in(80, t.in_addr(LO)).sin_port == pt.uint16(string.pack(">I2", 80))[0])
assert(t.timeval(1, 2).tv_usec == 2 and t.timespec(1, 2).nsec == 2 and t.linger(1, 5).linger == 5)
local program = t.sock_filters(2, { t.sock_filter("LD,W,ABS", 4), t.sock_filter(6, 0, 0, 1) })
assert(#program == 2 and #t.sock_fprog1{ { 2, program } } == 2)
assert(pt.timespec(string.pack("=i8i8", 3, 4)).nsec == 4 and pt.in_pktinfo(("\0"):rep(12)).ipi_ifindex == 0)
assert(pt.scm_timestamping(("\1"):rep(48)).ts[2].sec > 0 and pt.sock_extended_err(("\2"):rep(16)).ee_origin == 2)
assert(bit.tobit(1 << 31) < 0 and bit.bxor(5, 1) == 4 and bit.lshift(1, 4) == 16 and bit.bswap(1) == 1 << 24)
io.write("a", 1, "\n")
io.stderr:write("b\n"):write("c\n")
io.flush()
assert(S.c.MSG["peek, dontwait"] == MSG_PEEK | MSG_DONTWAIT)
list_sys_funcs()

--== load_run 20
-- A run takes many allocations, in several threads, and the time of a hundred snippets.
local load = require "load"
--= load.run load.result
local result = load.run{ workload = "tcp_rr", role = "both", test_length = -4, num_flows = 2, num_threads = 2 }
assert(result.transactions == 4 and load.result() == result)
--= load.run load.collect load.client_socket load.client_sendmsg load.client_recvmsg load.client_recverr load.client_close
--= load.server_socket load.server_sendmsg load.server_recvmsg load.server_recverr load.server_close recvmsg sendmsg
--= lmessage:cmsgs lmessage:cmsg_firsthdr lmessage:cmsg_nxthdr result:keyvals result:csv result:json result:dump
--= result:rtts result:rtt_lines
local function ok(value, err)
	if value == nil then error(err, 0) end
	return value
end
local seen = load.collect({ stamps = 0, closed = 0 })
load.client_socket(function(sock, addr) ok(setsockopt(sock, SOL_SOCKET, SO_TIMESTAMP, 1)) end)
load.server_socket(function(sock, addr) assert(addr.ai_addr.port == addr.port) end)
load.client_sendmsg(function(sock, msg, flags) return sendmsg(sock, msg, flags) end)
load.server_sendmsg(function(sock, msg, flags) return sendmsg(sock, msg, flags) end)
load.client_recvmsg(function(sock, msg, flags)
	local n, err = recvmsg(sock, msg, flags)
	if not n then return n, err end
	for _, cmsg in msg:cmsgs() do
		if cmsg.cmsg_type == SCM_TIMESTAMP then seen.stamps = seen.stamps + 1 end
	end
	assert(msg:cmsg_firsthdr() == 1 and not msg:cmsg_nxthdr() and msg.iov[1].iov_len and #msg.control == 1)
	return n
end)
load.server_recvmsg(function(sock, msg, flags)
	local n, err = recvmsg(sock, msg, flags)
	if not n then return n, err end
	assert(msg.name.port and msg.flags)
	return n
end)
load.client_recverr(recvmsg)
load.server_recverr(recvmsg)
load.client_close(function() seen.closed = seen.closed + 1 end)
load.server_close(function() seen.closed = seen.closed + 1 end)
assert(not pcall(load.client_close, print))
local result = load.run{ workload = "udp_rr", role = "both", test_length = -3, rate = 1000, log_rtt = true }
assert(result.transactions == 3 and seen[1].stamps == 3 and seen[1].closed == 1 and seen[2].closed == 1)
assert(result:dump():find("workload=udp_rr", 1, true) and result:keyvals():find("num_transactions=3", 1, true))
assert(result:rtts()() and result:rtt_lines()():find("^%d+%.%d+ 0 0 0%.%d+$"))
assert(result:csv():find("^tid,") and result:json():find('"transactions":3', 1, true))

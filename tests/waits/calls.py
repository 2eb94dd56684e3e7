# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""Every call of a script that waits, and what becomes of it in every way that ends a wait.

A call is Lua: what comes before, and the wait itself. The local `s` is the socket that is closed,
shut down or gets a time-out just before the wait; LIMIT is a time-out in ms, or nil. peer() is
connected to the tester's program, which sends, reads, closes or resets.
"""
from typing import NamedTuple

# Loops that swallow every error, and places from which scripts are called back.
PEER = "local s = peer()"
FULL = "local s = peer() fill(s)"
BIG = 'local s = peer() local big = ("x"):rep(12 << 20)'
UDP = "local s, port = udp() tell(port)"
RESET = "ECONNRESET|EPIPE"
STREAM = {"data": "ok", "end": "ok", "reset": RESET, "close": "EBADF", "shutdown": "ok",
          "timeout": "ETIMEDOUT"}
EXACT = {**STREAM, "data": None}
SENDING = {"data": "ok", "end": RESET, "reset": RESET, "close": "EBADF", "shutdown": RESET,
           "timeout": "ETIMEDOUT"}
# Some of it has gone when the wait ends.
PARTLY = {**dict.fromkeys(SENDING, "ok"), "data": f"ok {12 << 20}$"}
DATAGRAM = {"close": "EBADF", "timeout": "ETIMEDOUT", "datagram": "ok"}
READY = {"data": "ok 0", "end": "ok 0", "reset": "ok 0", "close": "poll set is empty",
         "shutdown": "ok 0", "timeout": "ok nil"}


class Call(NamedTuple):
    """One wait. `ends` tells, by way, the pattern of what the script says of its end."""

    before: str
    wait: str
    ends: dict = {}


CALLS = {
    "accept": Call("local s, port = listener() tell(port)", "s:accept()",
                   {"connection": "ok", "close": "EBADF", "shutdown": "EINVAL",
                    "timeout": "ETIMEDOUT"}),
    "accept with a time-out": Call("local s = listener() s:settimeout(100000)", "s:accept()"),
    "connect to a full backlog": Call(
        "local port, keep = blackhole() local s = tcp()", "s:connect(LO, port)",
        {"close": "EBADF", "shutdown": "ECONNRESET|ECONNABORTED", "timeout": "ETIMEDOUT"}),
    "recv": Call(PEER, "s:recv(10)", STREAM),
    "recv into a data object": Call(PEER, "s:recv(data.new(10), '', 2, 5)", STREAM),
    "recv of everything": Call(PEER, "s:recv(10, 'W')", EXACT),
    "recv that peeks": Call(PEER, "s:recv(10, 'P')", STREAM),
    "read": Call(PEER, "s:read()", STREAM),
    "read of everything": Call(PEER, "s:read(1000, 'W')", EXACT),
    "recvmsg": Call(PEER, "s:recvmsg{ iov_len = 10 }", STREAM),
    "recvmsg into a data object": Call(PEER, "s:recvmsg({}, data.new(10))", STREAM),
    "recv of a datagram": Call(UDP, "s:recv(10)", DATAGRAM),
    "read of a datagram": Call(UDP, "s:read(10)", DATAGRAM),
    "recvmsg of a datagram": Call(UDP, "s:recvmsg{ iov_len = 10 }", DATAGRAM),
    "accept over IPv6": Call('local s = socket.new("i6", "t") s:bind("::1", 0) s:listen()', "s:accept()",
                             {"close": "EBADF", "shutdown": "EINVAL", "timeout": "ETIMEDOUT"}),
    "accept of a unix socket": Call("local s = unix_listener()", "s:accept()",
                                    {"close": "EBADF", "shutdown": "EINVAL", "timeout": "ETIMEDOUT"}),
    "connect to a full unix backlog": Call(
        'local l, name = unix_listener("stream", 0) local first = socket.new("x", "t")\n'
        'first:connect(name) local s = socket.new("x", "t")', "s:connect(name)",
        {"close": "EBADF", "timeout": "ETIMEDOUT"}),
    "recv of a unix socket": Call("local s, other = socket.pair()", "s:recv(10)",
                                  {"close": "EBADF", "shutdown": "ok", "timeout": "ETIMEDOUT"}),
    "recvmsg of a unix datagram": Call("local s = unix_dgram()", "s:recvmsg{ iov_len = 10 }",
                                       {"close": "EBADF", "timeout": "ETIMEDOUT"}),
    "send into a full unix queue": Call(
        'local s = socket.new("x", "u") local other, name = unix_dgram() s:connect(name)\n'
        'while pcall(s.send, s, "x", "D") do end', "s:send('x')",
        {"close": "EBADF", "timeout": "ETIMEDOUT"}),
    "recv of a packet": Call('local s = socket.new("packet", "raw") s:bind("lo", 0x88b5)',
                             "s:recv(10)", {"close": "EBADF", "timeout": "ETIMEDOUT"}),
    "recv of a raw socket": Call('local s = socket.new("inet", "raw", 253)', "s:recv(10)",
                                 {"close": "EBADF", "timeout": "ETIMEDOUT"}),
    "send into full buffers": Call(FULL, "s:send('x')", SENDING),
    "send of a table into full buffers": Call(FULL, "s:send{ 1, 2, 3 }", SENDING),
    "sendmsg into full buffers": Call(FULL, "s:sendmsg({}, data.new(10))", SENDING),
    "write into full buffers": Call(FULL, "s:write('x')", SENDING),
    "send of much": Call(BIG, "s:send(big)", PARTLY),
    "write of much": Call(BIG, "s:write(big, big)", SENDING),
    "accept for a time": Call("local s, port = listener() tell(port)",
                              "s:accept('', LIMIT or 100000)",
                              {"connection": "ok", "close": "EBADF", "shutdown": "EINVAL",
                               "timeout": "ETIMEDOUT"}),
    "connect for a time": Call(
        "local port, keep = blackhole() local s = tcp()",
        "s:connect(LO, port, '', LIMIT or 100000)",
        {"close": "EBADF", "shutdown": "ECONNRESET|ECONNABORTED", "timeout": "ETIMEDOUT"}),
    "recv for a time": Call(PEER, "s:recv(10, '', nil, nil, LIMIT or 100000)", STREAM),
    "recv of everything for a time": Call(
        PEER, "s:recv(data.new(10), 'W', nil, nil, LIMIT or 100000)", EXACT),
    "recv into several": Call(PEER, "s:recv{ data.new(4), data.new(4) }", STREAM),
    "recvmsg for a time": Call(PEER, "s:recvmsg({ iov_len = 10 }, '', LIMIT or 100000)", STREAM),
    "recv of a datagram for a time": Call(
        UDP, "s:recv(10, '', nil, nil, LIMIT or 100000)", DATAGRAM),
    "read of a line": Call(PEER, "s:read('l')", EXACT),
    "read of a line for a time": Call(PEER, "s:read('L', '', LIMIT or 100000)", EXACT),
    "read of all": Call(PEER, "s:read('a')", EXACT),
    "lines": Call(PEER, "s:lines()()", EXACT),
    "send of several into full buffers": Call(FULL, "s:send{ 'x', data.new(1) }", SENDING),
    "send into full buffers for a time": Call(
        FULL, "s:send('x', '', nil, nil, LIMIT or 100000)", SENDING),
    "sendmsg into full buffers for a time": Call(
        FULL, "s:sendmsg({}, 'x', '', LIMIT or 100000)", SENDING),
    "send of much for a time": Call(
        BIG, "s:send(big, '', nil, nil, LIMIT or 100000)", PARTLY),
    "sendfile into full buffers": Call(FULL, "s:sendfile('/proc/version')", SENDING),
    "sendfile of data": Call(FULL, "s:sendfile(data.new(10), nil, nil, LIMIT or 100000)", SENDING),
    "select": Call(PEER + " local p = socket.poll{ s }", "p:select(LIMIT)", READY),
    "select among many": Call(
        PEER + " local p = socket.poll{ s } for _ = 1, 50 do p:add((udp())) end",
        "p:select(LIMIT)", {**READY, "close": None}),
    "select for room": Call(FULL + " local p = socket.poll() p:add(s, 'w')", "p:select(LIMIT)",
                            READY),
    "select with a time-out": Call(PEER + " local p = socket.poll{ s }", "p:select(100000)",
                                   {**READY, "timeout": None, "close": None}),
    "select without members": Call("local p = socket.poll()", "p:select(LIMIT or 100000)",
                                   {"timeout": "ok nil"}),
    "select of a channel": Call("local p = socket.poll{ thread.channel() }",
                                "p:select(LIMIT or 100000)", {"timeout": "ok nil"}),
    "select of a timer": Call("local p = socket.poll{ socket.timer(1000000, 1) }",
                              "p:select(LIMIT or 100000)", {"timeout": "ok nil"}),
    "select of one-shots that were told": Call(
        PEER + " local p = socket.poll() p:add(s, 'w1') p:select()", "p:select(LIMIT)",
        {"close": "poll set is empty", "timeout": "ok nil"}),
    "select of an edge that was told": Call(
        PEER + " local p = socket.poll() p:add(s, 'rwe') while p:select(50) do end",
        "p:select(LIMIT)", READY),
    "ready": Call(PEER + " local p = socket.poll{ s }",
                  "(function() for i in p:ready(LIMIT) do return i end end)()", READY),
    "a loop around ready": Call(
        "local p = socket.poll{ (udp()), socket.timer() }",
        "(function() while true do for _ in p:ready() do end end end)()"),
    "read of a timer": Call("local t = socket.timer()", "t:read(LIMIT)", {"timeout": "ok 0"}),
    "read of a timer that is set": Call("local t = socket.timer(1000000, 1)", "t:read()"),
    "read of a timer that a thread closes": Call(
        PEER + " local t = socket.timer() thread.spawn(function() pcall(s.read, s) t:close() end)",
        "t:read()", {"data": "EBADF", "end": "EBADF", "reset": "EBADF", "close": "EBADF"}),
    "a loop around pcall of a timer's read": Call(
        "local t = socket.timer()", "(function() while true do pcall(t.read, t) end end)()"),
    "receive": Call("local c = thread.channel()", "c:receive(LIMIT)", {"timeout": "ok nil"}),
    "send into a full channel": Call("local c = thread.channel() c:send(1)", "c:send(1, LIMIT)",
                                     {"timeout": "ok false"}),
    "join": Call("local t = thread.spawn(function() while true do end end)", "t:join(LIMIT)",
                 {"timeout": "ok false"}),
    "join of a thread that waits": Call(
        PEER + " local t = thread.spawn(function() return s:read() end)", "t:join()",
        {"data": "ok", "end": "ok", "reset": "ECONNRESET", "close": "EBADF"}),
    "a loop around pcall of receive": Call(
        "local c = thread.channel()", "(function() while true do pcall(c.receive, c) end end)()"),
    "resolve": Call(
        "local s, port = udp() local servers = {} for i = 1, 16 do servers[i] = LO end",
        "socket.resolve('a.example', nil, LIMIT or 100000, { server = servers, port = port })",
        {"timeout": "ETIMEDOUT", "close": "ECONNREFUSED|ETIMEDOUT"}),
    "sleep": Call("", "kernel.sleep(LIMIT or 100000)", {"timeout": "ok"}),
    "close that lingers": Call(FULL + " s:setsockopt('socket', 'linger', 1000)", "s:close()",
                               {"data": "ok", "reset": "ok", "end": "ok"}),
    "a loop around pcall": Call(PEER, "(function() while true do pcall(s.recv, s, 1) end end)()"),
    "a loop around pcall of select": Call(
        "local p = socket.poll{ (udp()) }",
        "(function() while true do pcall(p.select, p) end end)()"),
    "a loop around pcall of sleep": Call(
        "", "(function() while true do pcall(kernel.sleep, 100000) end end)()"),
    "a coroutine": Call(PEER, "coroutine.wrap(function() return s:read() end)()", STREAM),
    "coroutines in a loop": Call(
        PEER, "(function() while true do coroutine.wrap(pcall)(s.read, s) end end)()"),
    "a finalizer": Call(
        PEER + " setmetatable({}, { __gc = function() pcall(s.read, s) s = nil end })",
        "(function() collectgarbage() end)()",
        {"data": "ok", "end": "ok", "reset": "ok", "close": "ok", "shutdown": "ok"}),
    "a finalizer at the end": Call(
        "local p = socket.poll{ (udp()) }\n"
        "keep = setmetatable({}, { __gc = function() while true do pcall(p.select, p) end end })",
        "1"),
    "a metamethod": Call(PEER + " local t = setmetatable({}, { __index = s.read })",
                         "setmetatable({}, { __index = function() return s:read() end }).x",
                         STREAM),
    "a handler of errors": Call(PEER, "xpcall(error, function() return s:read() end)",
                                {"data": "ok", "end": "ok", "close": "ok", "shutdown": "ok"}),
    "a comparison of sort": Call(
        PEER, "table.sort({ 1, 2 }, function() return not s:read() end)", {"data": "ok", "end": "ok"}),
    "a reader of load": Call(PEER, "load(function() return s:read() end)", {"end": "ok"}),
    "an error's text": Call("local p = socket.poll{ (udp()) }", "error(setmetatable({}, "
                            "{ __tostring = function() return p:select() end }))"),
}

# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""The reference: its examples (@usage) run, with what FIXTURES has; functions say what they return and raise."""
import contextlib
import os
import re
import subprocess

from luadrv import Session, same

REPO = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "..")
# What an example binds a socket to, and a later one connects to.
PATH = "/run/server.sock"
# Where tests/socket/dns.py answers.
DNS_PORT = 5300
# Examples that are compiled and do not run: this one would end the script that runs them.
COMPILED = ["os.exit"]
# What is in these folders can fail, and says how.
FAILING = ("async", "load", "luadata", "socket", "thread")
BLOCK = re.compile(r"/\*\*\*(.*?)\*/|((?:^--[^\n]*\n)+)", re.M | re.S)

# What examples take for granted, by name, or by function and name. ENV makes what is asked for. Each is a connection,
# a listening socket that somebody has connected to, and so on.
WORLD = r"""
local LO = "127.0.0.1"
local keep = {}
local function tcp() return socket.new("inet", "tcp") end
local function listening(port)
	local s = tcp()
	s:setsockopt("socket", "reuseaddr", true)
	s:bind(LO, port or 0)
	s:listen()
	return s, select(2, s:getsockname())
end
local function visited()
	local s, port = listening()
	local c = tcp()
	c:connect(LO, port)
	keep[#keep + 1] = c
	return s
end
local function connected()
	local s, port = listening()
	local c = tcp()
	c:connect(LO, port)
	local peer = s:accept()
	peer:write(("a line of text\n"):rep(1000))
	keep[#keep + 1] = peer
	return c
end
local function ended()
	local c = connected()
	keep[#keep]:shutdown("write")
	return c
end
local function datagrams()
	local a, b = socket.new("inet", "udp"), socket.new("inet", "udp")
	a:bind(LO, 0)
	b:connect(a:getsockname())
	b:send("a datagram")
	keep[#keep + 1] = b
	return a
end
local function sender()
	local a = datagrams()
	local b = keep[#keep]
	keep[#keep + 1] = a
	return b
end
-- Sends another file than it is told.
local function of_file()
	local c = connected()
	return { write = function(_, ...) c:write(...) end, sendfile = function() c:sendfile("/proc/version") end }
end
local function full_channel()
	local c = thread.channel(4)
	c:send("something")
	return c
end
local function either(port) return port and tcp() or socket.new("unix", "stream") end
local function bind(_, host, port)
	local s = either(port)
	s:bind(host, port)
	s:listen()
	keep[#keep + 1] = s
end
local function connect(_, host, port, ...)
	either(math.type(port)):connect(host, port, ...)
end
local loads = require "load"
local function try_load(workload)
	return loads.run{ role = "both", workload = workload or "tcp_rr", test_length = -10 }
end
-- Runs an example that sets a hook, and a load that calls it. A hook knows the globals of its state alone.
local function with_hook(text)
	_G.load, _G.print = loads, function() end
	assert(load(text, "=usage"))()
	try_load()
end
-- Runs an example in a hook, with the hook's arguments. It may have received n bytes.
local function in_hook(text)
	local outcome = loads.collect("the hook is not called")
	loads.server_recvmsg(function(sock, msg, flags)
		local env = setmetatable({ sock = sock, msg = msg, print = function() end }, { __index = _G })
		local ok, n = pcall(assert(load(text .. "\nreturn n", "=usage", "t", env)))
		outcome = ok or n
		return ok and n or recvmsg(sock, msg, flags)
	end)
	try_load("udp_rr")
	if outcome[1] ~= true then error(outcome[1]) end
end
local function of_client(env) return socket.poll{ env.client } end
local async = require "async"
-- A stream on which messages have come.
local function message()
	local a, b = socket.pair()
	b:write(("\0\5hello"):rep(100))
	keep[#keep + 1] = b
	return async.wrap(a)
end
local function visited_listener() return async.wrap(visited(), "listener") end
-- What the library async has runs in a task.
local TASKS = { async = true, task = true, stream = true, listener = true, dgram = true, queue = true, addr = true }
keep[1] = listening(80)
local function large() return data.new(200) end
local FIXTURES = {
	sock = connected, client = connected, server = visited, poll = function() return socket.poll{ visited() } end,
	timer = function() return socket.timer(0) end, ["ltimer:__eq poll"] = function(env) return socket.poll{ env.timer } end,
	["lpoll:modify poll"] = of_client, ["lpoll:remove poll"] = of_client, ["lpoll:__len poll"] = of_client,
	buf = function() return data.new(16) end, size = function() return 16 end, body = function() return "text" end,
	query = function() return socket.query("127.0.0.1") end, jobs = full_channel, t = function() return thread.spawn(function() return 1 end) end,
	["socket:lines sock"] = ended,
	["socket:bind sock"] = function() return { bind = bind } end,
	["socket:connect sock"] = function() return { connect = connect } end,
	["socket:listen sock"] = function() local s = tcp() s:bind(LO, 0) return s end,
	["socket:sendmsg sock"] = sender, ["socket:recvmsg sock"] = datagrams, ["socket:sendfile sock"] = of_file,
	["socket:sendmsg query"] = function() return "a query" end,
	["lpoll:ready serve"] = function() return function(server) keep[#keep + 1] = server:accept() end end,
	["socket:recv head"] = function() return data.new(4) end, ["socket:recv body"] = function() return data.new(8) end,
	packet = function() return data.new(64) end, buffer = function() return data.new("GET / HTTP/1.0\r\n\r\n") end,
	received = function() return 14 end, from = function() return 4 end, name = function() return "a name" end,
	reply = function() return data.new(100) end, window = function() return data.new(100) end,
	ip = function() return data.new(20) end, udp = function() return data.new(30) end,
	stream = message, request = function(env) return env.stream:read_send(5) end, queue = function() return async.queue() end,
	task = function() return async.spawn(function() return 1 end) end, listener = visited_listener,
	dgram = function() return async.udp{ local_ = { LO, 0 } } end, where = function() return async.addr("ip", LO, 80) end,
	["async.run async"] = function() return async end, async = function() return async end,
	h = function() local h = require("load").histogram() h:record(1500) return h end,
	header = function() return data.layout{ version = { 0, 8 }, port = { 16, 16 } } end,
	["recv buf"] = large, ["read buf"] = large, ["write buf"] = large, ["bind sock"] = tcp, ["connect sock"] = tcp, ["sendto sock"] = sender,
	["sendto from"] = function() return { addr = LO, port = 9 } end, result = function() return try_load() end,
}
-- The names of examples are not known here.
local function with_names()
	local servers = { server = LO, port = DNS_PORT }
	return setmetatable({
		query = function(_, family) return socket.query("web.test", family, 5000, servers) end,
		resolve = function(_, family) return socket.resolve("web.test", family, 5000, servers) end,
	}, { __index = socket })
end
-- What is relayed has ended, or is not waited for.
FIXTURES["socket.relay client"], FIXTURES["socket.relay server"], FIXTURES["socket.splice server"] = ended, ended, ended
FIXTURES["lrelays:add server"], FIXTURES.length = connected, function() return 10 end
FIXTURES.relay = function() return socket.relay(connected(), connected(), { nowait = true }) end
FIXTURES.tunnels = function() return socket.relays() end
FIXTURES["socket.query socket"], FIXTURES["socket.resolve socket"] = with_names, with_names
local MISSING = {}
local function run(name, text)
	local env = setmetatable({}, { __index = function(env, key)
		local make = FIXTURES[name .. " " .. key] or FIXTURES[key]
		if _G[key] ~= nil and not make then return _G[key] end
		if not make then error(MISSING) end
		local value = make(env)
		rawset(env, key, value)
		return value
	end })
	env.print = function(...) local _ = select("#", ...) end
	if name:find("^load%.") then env.load = loads end
	local f, e = load(text, "=usage", "t", env)
	if not f then return "fails", e end
	local code = f
	if name:find("^lmessage:") or name == "recvfrom" then f = function() in_hook(text) end end
	if text:find("%f[%a]%a+_%a+%(function%(sock") then f = function() with_hook(text) end end
	if TASKS[name:match("^%w+")] and name ~= "async.run" then f = function() return async.run(code) end end
	local ok, e = xpcall(f, function(e) return e == MISSING and e or debug.traceback(tostring(e)) end)
	if ok then return "runs" end
	return e == MISSING and "compiles" or "fails", e
end
"""


def reference_files():
    """What the reference is made of."""
    with open(f"{REPO}/docs/config.ld", encoding="utf-8") as file:
        return [os.path.join(REPO, "docs", name) for name in re.findall(r'"(\.\./[\w/.]+\.(?:c|lua))"', file.read())]


def text_of(block):
    """What a block of documentation says, without what makes it a comment."""
    return "\n".join(re.sub(r"^(?: ?\*|---?) ?", "", line) for line in block.splitlines())


def documented():
    """File, function and text of each block; there may be no function."""
    for path in reference_files():
        with open(path, encoding="utf-8") as file:
            for match in BLOCK.finditer(file.read()):
                text = text_of(match[1] or match[2])
                function = re.search(r"^@function (\S+)", text, re.M)
                yield os.path.relpath(path, REPO), function and function[1], text


def functions():
    """File, name and text of each function."""
    return [(path, function, text) for path, function, text in documented() if function]


def usages():
    """File, function and code of each example."""
    for path, function, text in documented():
        examples = [code.strip("\n") for code in re.findall(r"^@usage\s(.*?)(?=^@|\Z)", text, re.M | re.S)]
        assert function or not examples, f"{path}: an example of nothing: {examples}"
        yield from ((path, function, code) for code in examples)


def quote(text):
    """As a string of Lua."""
    return '"' + "".join(f"\\{byte:03}" for byte in text.encode()) + '"'


def try_examples(examples):
    """A line for each: function, what became of the example, and why."""
    script = [f"local DNS_PORT = {DNS_PORT}", WORLD]
    for name, code in examples:
        script.append(f"do local how, why = run({quote(name)}, {quote(code)}) "
                      f"print({quote(name)}, how, (tostring(why):gsub('\\n', ' '))) end")
    with Session() as session:
        code, output, errors = session.ran("\n".join(script))
    assert not code, errors
    return output.splitlines()


def results():
    """Function, what became of the example, and why. A hook is set once, so examples for loads have a state each."""
    shared, own = [], []
    for path, name, code in usages():
        (own if path.startswith("load") else shared).append((name, code))
    with subprocess.Popen([f"{REPO}/tests/socket/dns.py", "127.0.0.1", str(DNS_PORT)], stdout=subprocess.PIPE) as dns:
        try:
            dns.stdout.readline()
            lines = try_examples(shared)
        finally:
            dns.kill()
    for example in own:
        lines += try_examples([example])
    return [line.split("\t", 2) for line in lines]


def test_every_function():
    """every function of the reference has an example"""
    without = [f"{path}: {function}" for path, function, text in functions() if "\n@usage " not in text]
    assert not without, "\n".join(without)


def test_results():
    """every function of the reference says what it returns, be it nothing"""
    without = [f"{path}: {function}" for path, function, text in functions()
               if not re.search("^@t?return ", text, re.M)]
    assert not without, "\n".join(without)


def test_errors():
    """every function for sockets, threads and data objects says what it raises; metamethods are called by Lua"""
    without = [f"{path}: {function}" for path, function, text in functions()
               if path.startswith(FAILING) and "__" not in function and not re.search("^@raise ", text, re.M)]
    assert not without, "\n".join(without)


def test_usage():
    """every example of the reference runs, but for what would end its script"""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(PATH)
    found = results()
    os.unlink(PATH)
    wrong = [f"{name}: {why}" for name, how, why in found if how == "fails"]
    assert not wrong, "\n".join(wrong)
    runs = sum(how == "runs" for _, how, _ in found)
    print(f"# {runs} examples ran")
    same([name for name, how, _ in found if how == "compiles"], COMPILED)

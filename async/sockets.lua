-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- The methods of sockets for tasks: they wait by letting other tasks run. Outside of a task they
-- are what they were.
--
-- What receives waits first, so that a task that is busy with one peer does not keep the others
-- from theirs; what sends tries first. All of them call the method that was there before with a
-- time-out of 0. For the time of a call the socket is the task's: a second one gets EBUSY.

local core = select(2, ...)
local loop = core.need("async.loop")
local socket = core.socket
local errno, flag = socket.errno, socket.flag
local slot_of, wait, suspend, current = loop.slot, loop.wait, loop.suspend, loop.current
local EAGAIN = errno.EAGAIN
local PACE = 10			-- milliseconds to another try where nothing tells of room
local OWNER = { r = "reading", w = "writing" }
local MOST_PIECES = 1024	-- that can be sent at once
local MOST = 1 << 20		-- bytes that can be received at once

local methods = core.methods("socket")
local raw = {}
for name, method in pairs(methods) do raw[name] = method end

local sockets = { raw = raw }

-- ---- errors

-- Where the script was when it called the library.
local function where()
	for level = 2, 30 do
		local info = debug.getinfo(level, "Sl")
		if not info then break end
		if info.source:sub(1, 6) ~= "=async" then
			return info.currentline > 0 and ("%s:%d:"):format(info.short_src, info.currentline) or ""
		end
	end
	return ""
end

-- What is wrong with an argument, for the script: what is a function here may be a method there.
local function renumber(text, name, method)
	return (text:gsub("^bad argument #(%d+) to '[^']*'", function(n)
		if method and n == "1" then return ("calling '%s' on bad self"):format(name) end
		return ("bad argument #%d to '%s'"):format(method and n - 1 or n, name)
	end))
end

-- Raises an error of a function as if the script had called it.
local function raise(err, name, method)
	local at = where()
	if type(err) == "string" then
		local text, n = err:gsub("^async[%w.]*:%d+: ", "")
		if n == 0 then text = err end
		err = (at ~= "" and n > 0 and at .. " " or "") .. renumber(text, name, method)
	elseif type(err) == "table" and tostring(rawget(err, "where")):find("^async") then
		err.where = at
	end
	error(err, 0)
end

sockets.raise = raise

local function failure(why, call, sock, ...)
	return core.failure(errno[why], call, "async", sock, ...)
end
sockets.failure = failure

-- ---- one call at a time

-- Takes one direction of a socket for the running task; gives the slot, or nil and why not.
local function take(sock, side)
	local slot, task, own = slot_of(sock), current(), OWNER[side]
	local why = loop.refused()
	if why then return nil, why end
	local owner = slot[own]
	if owner and owner ~= task and owner.co then return nil, "EBUSY" end
	local other = slot[side]
	if other and other ~= task then return nil, "EBUSY" end
	slot[own] = task
	return slot
end
sockets.take = take

-- Gives it back; a request keeps it until it has ended.
local function release(slot, side)
	local own = OWNER[side]
	local task = slot[own]
	if task and not task.request then slot[own] = false end
end
sockets.release = release

-- Whether a task is in the middle of a call.
function sockets.busy(sock, side)
	local slot = slot_of(sock)
	local owner = slot[OWNER[side]]
	return owner and owner.co ~= nil or slot[side] ~= false
end

-- Waits for a socket that was not ready; the second time in a row it only lets time pass: not
-- everything tells of room.
local function wait_again(sock, slot, side, deadline, again)
	if not again then return wait(sock, slot, side, deadline) end
	local pace = loop.deadline(PACE)
	if deadline and deadline < pace then return suspend(deadline) end
	local why = suspend(pace)
	return why ~= "ETIMEDOUT" and why or nil
end
sockets.wait_again = wait_again

-- Calls try(sock, a, b, c, d) until it does not fail for having to wait; gives whether it did not
-- fail at all, and what it gives or raises. @first: it waits before.
local function perform(sock, slot, side, deadline, first, try, a, b, c, d)
	local again = false
	if first then
		local why = wait(sock, slot, side, deadline)
		if why then return false, why end
	end
	while true do
		local ok, x, y, z = pcall(try, sock, a, b, c, d)
		if ok then
			if not first then loop.spend() end
			return true, x, y, z
		end
		if type(x) ~= "table" or x.code ~= EAGAIN then return false, x end
		local why = wait_again(sock, slot, side, deadline, again)
		if why then return false, why end
		first, again = true, not again
	end
end
sockets.perform = perform

-- A call of a socket from its beginning to its end. With a time-out of 0 nothing is waited for.
local function call(name, sock, side, ms, first, try, a, b, c, d)
	local slot, why = take(sock, side)
	if not slot then error(failure(why, name, sock), 0) end
	local deadline = loop.deadline(ms)
	local ok, x, y, z = perform(sock, slot, side, deadline, first, try, a, b, c, d)
	release(slot, side)
	if ok then return x, y, z end
	error(errno[x] and failure(x, name, sock) or x, 0)
end

-- ---- flags

local has = {}

-- Whether a flag is among those of a call.
local function has_flag(flags, letter, name)
	if flags == nil then return false end
	if math.type(flags) == "integer" then return flags & flag[name] ~= 0 end
	if type(flags) ~= "string" then return false end
	has[letter] = has[letter] or {}
	local known = has[letter][flags]
	if known == nil then
		known = false
		if flags:find("^%u+$") and not flag[flags] then
			known = flags:find(letter, 1, true) ~= nil
		end
		for word in flags:gmatch("%w+") do known = known or word:upper() == name or word == letter end
		has[letter][flags] = known
	end
	return known
end

-- How long a call may wait; nil if it is to be called as it is: outside of a task, and where nothing
-- may be waited for.
local function patience(sock, side, flags, ms)
	if not current() or has_flag(flags, "D", "DONTWAIT") then return end
	ms = ms or core.patience(sock, side == "w")
	return ms ~= 0 and ms or nil
end

-- ---- the methods

local function try_accept(sock, flags) return raw.accept(sock, flags, 0) end
local function try_recv(sock, buffer, flags, offset, length) return raw.recv(sock, buffer, flags, offset, length, 0) end
local function try_send(sock, bytes, flags, offset, length) return raw.send(sock, bytes, flags, offset, length, 0) end
local function try_recvmsg(sock, header, buffer, flags) return raw.recvmsg(sock, header, buffer, flags, 0) end
local function try_sendmsg(sock, header, bytes, flags) return raw.sendmsg(sock, header, bytes, flags, 0) end
local function try_read(sock, what, flags, longest) return raw.read(sock, what, flags, 0, longest) end
local function try_sendfile(sock, what, offset, length) return raw.sendfile(sock, what, offset, length, 0) end
sockets.try_send, sockets.try_read, sockets.try_accept = try_send, try_read, try_accept
sockets.try_recvmsg, sockets.try_sendmsg = try_recvmsg, try_sendmsg

local new = {}

function new.accept(sock, flags, ms)
	local wish = patience(sock, "r", nil, ms)
	if not wish or flags and flags ~= 0 and flags ~= "" then return raw.accept(sock, flags, ms) end
	local child = call("accept", sock, "r", wish, true, try_accept, flags)
	return child
end

function new.send(sock, bytes, flags, offset, length, ms)
	local wish = patience(sock, "w", flags, ms)
	if not wish then return raw.send(sock, bytes, flags, offset, length, ms) end
	local sent = call("send", sock, "w", wish, false, try_send, bytes, flags, offset, length)
	return sent
end

-- With WAITALL, the rest of what is wanted in a buffer.
local function fill(sock, ms, buffer, flags, offset, length)
	local got, deadline = 0, loop.deadline(ms)
	offset = offset or 0
	length = length or #buffer - offset
	while got < length do
		local ok, _, n = pcall(call, "recv", sock, "r", ms, true, try_recv, buffer, flags, offset + got, length - got)
		if not ok and got > 0 then break end
		if not ok then error(_, 0) end
		if n == 0 then break end
		got = got + n
		if deadline then ms = math.max((deadline - core.kernel.time_ns()) // 1000000, 1) end
	end
	return buffer, got
end

-- Whether what is received into, or how much, is surely right: then it is waited for.
local function usual(what, flags)
	if flags ~= nil then return false end
	return what == nil or type(what) == "userdata" or math.type(what) == "integer" and what > 0 and what <= MOST
end

function new.recv(sock, buffer, flags, offset, length, ms)
	local wish = patience(sock, "r", flags, ms)
	if not wish then return raw.recv(sock, buffer, flags, offset, length, ms) end
	if type(buffer) == "userdata" and has_flag(flags, "W", "WAITALL") and core.kind(sock) then
		return fill(sock, wish, buffer, flags, offset, length)
	end
	-- Where there is no room there is nothing to wait for, and what is wrong is told at once.
	local first = usual(buffer, flags) and offset == nil and length == nil
	local bytes, size = call("recv", sock, "r", wish, first, try_recv, buffer, flags, offset, length)
	return bytes, size
end

function new.recvmsg(sock, header, buffer, flags, ms)
	if type(buffer) == "string" or type(buffer) == "number" then buffer, flags, ms = nil, buffer, flags end
	local wish = patience(sock, "r", flags, ms)
	if not wish then return raw.recvmsg(sock, header, buffer, flags, ms) end
	local first = type(header) == "table" and usual(buffer, flags)
	return call("recvmsg", sock, "r", wish, first, try_recvmsg, header, buffer, flags)
end

function new.sendmsg(sock, header, bytes, flags, ms)
	if type(header) == "string" or type(header) == "userdata" then header, bytes, flags, ms = {}, header, bytes, flags end
	local wish = patience(sock, "w", flags, ms)
	if not wish then return raw.sendmsg(sock, header, bytes, flags, ms) end
	local sent = call("sendmsg", sock, "w", wish, false, try_sendmsg, header, bytes, flags)
	return sent
end

-- Takes pieces of a text until it is whole: a line, or all.
local function read_text(sock, slot, what, flags, ms, longest)
	local text, deadline = "", loop.deadline(ms)
	while true do
		local why = wait(sock, slot, "r", deadline)
		local ok, more
		if why then
			ok, more = false, failure(why, "read", sock)
		else
			ok, more = pcall(try_read, sock, what, flags, longest and math.max(longest - #text, 1))
		end
		if ok then return more and text .. more or text ~= "" and text or nil end
		if type(more) ~= "table" then error(more, 0) end
		text = text .. (more.partial or "")
		if more.code ~= EAGAIN or why then
			more.partial = text
			error(more, 0)
		end
	end
end

-- As many bytes as are asked for, or those that there are before the end.
local function read_bytes(sock, slot, size, flags, ms)
	local pieces, deadline = {}, loop.deadline(ms)
	while size > 0 do
		local ok, more = perform(sock, slot, "r", deadline, true, try_read, size, flags)
		if not ok and not pieces[1] then error(errno[more] and failure(more, "read", sock) or more, 0) end
		if not ok or not more then break end
		pieces[#pieces + 1] = more
		size = size - #more
	end
	return pieces[1] and table.concat(pieces)
end

-- Calls f(sock, slot, ...) with one direction of the socket.
local function hold(name, sock, side, f, ...)
	local slot, why = take(sock, side)
	if not slot then error(failure(why, name, sock), 0) end
	local ok, res = pcall(f, sock, slot, ...)
	release(slot, side)
	if not ok then error(res, 0) end
	return res
end

function new.read(sock, what, flags, ms, longest)
	local wish = patience(sock, "r", flags, ms)
	if not wish then return raw.read(sock, what, flags, ms, longest) end
	if type(what) == "string" and what:find("^%*?[lLa]$") and core.kind(sock) then
		longest = longest or not what:find("a") and 65536 or nil
		return hold("read", sock, "r", read_text, what, flags, wish, longest)
	elseif has_flag(flags, "W", "WAITALL") and core.kind(sock) then
		return hold("read", sock, "r", read_bytes, what or 4096, flags, wish)
	end
	local first = type(what) ~= "userdata" and usual(what, flags) and longest == nil
	local bytes = call("read", sock, "r", wish, first, try_read, what, flags, longest)
	return bytes
end

function new.lines(sock, what, flags, ms, longest)
	if not current() then return raw.lines(sock, what, flags, ms, longest) end
	raw.lines(sock, what, flags, ms, longest)	-- checks what it is given
	return function() return methods.read(sock, what or "l", flags, ms, longest) end
end

-- Sends all of some bytes, each time waiting no longer than the socket may.
local function send_all(sock, slot, bytes, size, name, sent)
	local ms, offset = core.patience(sock, true), 0
	repeat
		local ok, n = perform(sock, slot, "w", loop.deadline(ms), false, try_send, bytes, nil, offset)
		if not ok then
			local err = errno[n] and failure(n, name, sock) or n
			if type(err) == "table" then err.sent = sent + offset end
			error(err, 0)
		end
		offset = offset + n
	until offset >= size
	return offset
end

local function write(sock, slot, ...)
	local n, sent = select("#", ...), 0
	local pieces, size = { ... }, 0
	for i = 1, n do
		pieces[i] = tostring(pieces[i])
		size = size + #pieces[i]
	end
	if core.kind(sock) then
		if size == 0 then return 0 end
		local bytes = n <= MOST_PIECES and pieces or table.concat(pieces)
		return send_all(sock, slot, n == 1 and pieces[1] or bytes, size, "write", 0)
	end
	for i = 1, n do sent = sent + send_all(sock, slot, pieces[i], #pieces[i], "write", sent) end
	return sent
end

function new.write(sock, ...)
	if not patience(sock, "w") then return raw.write(sock, ...) end
	for i = 1, select("#", ...) do
		local kind = type((select(i, ...)))
		if kind ~= "string" and kind ~= "number" then return raw.write(sock, ...) end
	end
	return hold("write", sock, "w", write, ...)
end

local function send_file(sock, slot, what, offset, length, ms)
	local sent, deadline = 0, loop.deadline(ms)
	offset = offset or 0
	repeat
		local ok, n = perform(sock, slot, "w", deadline, false, try_sendfile, what, offset + sent,
			length and length - sent)
		if not ok and sent > 0 and (n == "ETIMEDOUT" or n == "EAGAIN") then return sent end
		if not ok then
			local err = errno[n] and failure(n, "sendfile", sock) or n
			if type(err) == "table" then err.sent = sent + (err.sent or 0) end
			error(err, 0)
		end
		sent = sent + n
	until n == 0 or sent == length
	return sent
end

function new.sendfile(sock, what, offset, length, ms)
	local wish = patience(sock, "w", nil, ms)
	if not wish then return raw.sendfile(sock, what, offset, length, ms) end
	return hold("sendfile", sock, "w", send_file, what, offset, length, wish)
end

local function connect(sock, slot, ...)
	local code, ms = core.connect(sock, ...)
	if code == 0 then return end
	if ms == nil then ms = core.patience(sock, true) end
	if ms == 0 then error(core.failure(code, "connect", "async", sock, ...), 0) end
	local deadline = loop.deadline(ms)
	repeat
		local again = code == EAGAIN	-- a unix listener tells nobody that it has room
		local why = wait_again(sock, slot, "w", deadline, again)
		if why then error(failure(why, "connect", sock, ...), 0) end
		code = core.connect(sock, ...)
	until code == 0
end

function new.connect(sock, ...)
	if not current() then return raw.connect(sock, ...) end
	hold("connect", sock, "w", connect, ...)
end

function new.close(sock)
	raw.close(sock)
	loop.forget(sock)
end

-- ---- in their places

-- What a function gives; raises what it raised from where the script called it.
local function result(name, method, ok, ...)
	if ok then return ... end
	return raise((...), name, method)
end

-- Puts functions into a table, in place of those that are there.
function sockets.install(table, functions, method)
	for name, f in pairs(functions) do
		table[name] = function(...) return result(name, method, pcall(f, ...)) end
	end
end

sockets.install(methods, new, true)
return sockets

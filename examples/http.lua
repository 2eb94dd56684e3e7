-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- A web server for the files of a folder, with threads of which each serves a
-- client at a time. What is in a file goes from the page cache to the socket
-- and is never a string of Lua.
--
--   cat examples/http.lua > /dev/luadrv        Ctrl-C ends it
--   curl http://127.0.0.1:8000/hello.txt       gets /var/www/hello.txt
--
-- It prints "http on 0.0.0.0:8000" into the kernel log, then nothing.
--
-- It knows GET and HEAD of HTTP/1.0: a connection is for one file, and its end
-- is the end of the file. If something fails before that, the connection is reset,
-- so that nobody takes a part of a file for all of it.

local PORT, ROOT = 8000, "/var/www"
local WORKERS = 16		-- clients that are served at a time
local REQUEST, SILENCE = 10000, 10000	-- ms for all of a request; until a client takes more
local LINE, LINES = 4096, 100	-- bytes that a line of a request may have; how many there may be

local TYPES = { css = "text/css", html = "text/html", jpg = "image/jpeg", js = "text/javascript",
	json = "application/json", png = "image/png", svg = "image/svg+xml", txt = "text/plain" }
local FAILURES = { EACCES = "403 Forbidden", EINVAL = "403 Forbidden", EISDIR = "404 Not Found",
	ENAMETOOLONG = "404 Not Found", ENOENT = "404 Not Found", ENOTDIR = "404 Not Found" }

local server = socket.new("inet", "tcp")
server:setsockopt("socket", "reuseaddr", true)
server:bind("0.0.0.0", PORT)
server:listen()

local function now() return kernel.time_ns() // 1000000 end

-- The first line of a request, once all of it is there; nothing if it is too long.
local function read_request(client)
	local latest, first = now() + REQUEST, nil
	for _ = 1, LINES do
		local line = client:read("l", nil, math.max(latest - now(), 0), LINE)
		if line == "\r" or line == "" then return first end
		first = first or assert(line, "the end of half a request")
	end
end

-- The file that is meant. Nobody gets out of the folder, nor sees hidden files.
local function path_of(target)
	local path = target:gsub("[?#].*", "")
	path = path:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end)
	if not path:find("^/") or path:find("/.", 1, true) or path:find("%c") then return end
	return ROOT .. path .. (path:find("/$") and "index.html" or "")
end

local function send_head(client, status, type, flags)
	client:send(("HTTP/1.0 %s\r\nContent-Type: %s\r\nConnection: close\r\n\r\n"):format(status, type), flags)
end

local function refuse(client, status)
	send_head(client, status, "text/plain", "M")
	client:send(status .. "\n")
end

local function send_file(client, path)
	local sent = 0
	repeat		-- more than once, if it took a client long to take it
		local n = client:sendfile(path, sent)
		sent = sent + n
	until n == 0
end

local function serve(client)
	client:settimeout(SILENCE)
	local method, target = (read_request(client) or ""):match("^(%u+) (%S+) HTTP/1%.[01]\r?$")
	if not method then return refuse(client, "400 Bad Request") end
	if method ~= "GET" and method ~= "HEAD" then return refuse(client, "501 Not Implemented") end
	local path = path_of(target)
	if not path then return refuse(client, "404 Not Found") end
	local ok, e = pcall(client.sendfile, client, path, 0, 0)	-- no byte of it: is it there?
	if not ok then return refuse(client, FAILURES[e.name] or "500 Internal Server Error") end
	local type = TYPES[path:match("%.(%w+)$")] or "application/octet-stream"
	send_head(client, "200 OK", type, method == "GET" and "M" or nil)
	if method == "GET" then send_file(client, path) end
end

local function work()
	while true do
		local ok, client = pcall(server.accept, server)
		if ok then
			if not pcall(serve, client) then client:setsockopt("socket", "linger", 0) end
			client:close()
		else
			kernel.sleep(100)	-- no more sockets, perhaps
		end
	end
end

print(("http on %s:%d"):format(server:getsockname()))
for _ = 2, WORKERS do thread.spawn({ name = "http" }, work) end
work()

-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- require and package where no file is needed.

--# package has path, loaded, preload and searchpath
local names = {}
for k in pairs(package) do names[#names + 1] = k end
table.sort(names)
eq(table.concat(names, " "), "loaded path preload searchpath")
eq(package.path, "/usr/share/luadrv/?.lua")
eq(require "package", package)
eq(package.loaded.package, package)

--# package.loaded has the libraries built in
for _, name in ipairs { "_G", "coroutine", "data", "debug", "kernel", "math", "os", "socket", "string", "table", "utf8" } do
	eq(package.loaded[name], _G[name])
	eq(require(name), _G[name])
end

--# a failed search lists every place
package.path = "/a/?.lua;/b/?/init.lua;c-?-?"
local _, e = pcall(require, "x.y")
eq(e, "module 'x.y' not found:\n\tno field package.preload['x.y']\n\tno file '/a/x/y.lua'\n\tno file '/b/x/y/init.lua'" ..
	"\n\tno file 'c-x/y-x/y'")

--# a preload that is no function is told of
package.preload.number = 5
raises("package.preload['number'] is a number, not a function", require, "number")

--# a name or a path with zeros is refused
raises("string contains zeros", require, "os\0x")
raises("string contains zeros", package.searchpath, "x\0", "?")
raises("string contains zeros", package.searchpath, "x", "?\0")
package.path = "?\0"
raises("'package.path' contains zeros", require, "x")

--# a name that is longer than any file's is not found
raises("file name too long (ENAMETOOLONG)", require, ("x"):rep(5000))

--# package.loaded may be emptied
for k in pairs(package.loaded) do package.loaded[k] = nil end
raises("module 'os' not found", require, "os")
eq(type(os.time), "function")
raises("aua", function() error("aua") end)
assert(debug.traceback():find("traceback", 1, true))

--# package.loaded with a metatable is asked by its rules
setmetatable(package.loaded, {
	__index = function(_, name) if name == "asked" then return "answer" end end,
	__newindex = function(t, name, value) rawset(t, name, { value }) end,
})
eq(require "asked", "answer")
package.preload.stored = function() return 1 end
eq(require("stored")[1], 1)

--# package.loaded with a metatable that raises makes require raise
setmetatable(package.loaded, { __index = function() error("no way") end })
raises("no way", require, "x")

--# a preload that requires itself without end overflows, and the script goes on
package.preload.loop = function(name) return require(name) end
raises("overflow", require, "loop")
package.preload.loop = function() return "fine" end
eq(require "loop", "fine")

--# devices, directories and /proc/kmsg are no modules
package.path = "/dev/null;/dev;/proc/kmsg;/dev/luadrv"
local e = raises("module 'x' not found", require, "x")
for _, text in ipairs { "'/dev/null' is not a regular file", "cannot open '/dev': is a directory (EISDIR)",
	"'/proc/kmsg' is not a regular file", "'/dev/luadrv' is not a regular file" } do
	assert(e:find(text, 1, true), e)
end

--# a file that tells no size is read to its end
package.path = "/proc/sys/kernel/?"
local e = raises("error loading module 'ostype' from file '/proc/sys/kernel/ostype'", require, "ostype")
assert(e:find("/proc/sys/kernel/ostype:", 1, true), e)

--# a search in very many places is stopped
--! stop
local path = ("/none/?;"):rep(200000)
print("ready")
while true do pcall(package.searchpath, "x", path) end

--# a search that fails again and again is stopped
--! stop
print("ready")
while true do pcall(require, "missing") end

--# a search that succeeds again and again is stopped
--! stop
print("ready")
while true do package.searchpath("ostype", "/proc/sys/kernel/?") end

--# a traceback that looks for names in huge libraries is stopped
--! stop
local big = {}
for i = 1, 50000 do big["k" .. i] = i end
for i = 1, 20000 do package.loaded["m" .. i] = big end
print("ready")
while true do debug.traceback() end

--# an error that lists very many places meets the memory limit
--! param memory=2M
--! error ENOMEM not enough memory
package.path = ("/none/" .. ("x"):rep(1000) .. ";"):rep(800)
require "x"

-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- The test makes the files of the folder mod.
package.path = "mod/?.lua;./mod/?/init.lua"
local function clean(e) return (tostring(e):gsub("stack traceback.*", "")) end
local function want(...)
	local ok, e = pcall(require, ...)
	if ok then show(true, e) else print(false, (clean(e):gsub("\n\tno file '[^']*%.so'", ""))) end
end
-- Standard libraries.
for _, name in ipairs { "string", "table", "math", "coroutine", "utf8", "os", "_G", "package" } do
	show(name, require(name) == _G[name], package.loaded[name] == _G[name])
end
-- A file gets its name and the name of the module; its result is kept.
local m = require "plain"
show(m.name, m.file, m.extra, require "plain" == m, package.loaded.plain == m)
show(require("deep.er.inside"))
show(require("pack"), require("pack"))
show(require("nothing_returned"), package.loaded.nothing_returned)
show(require("gives_nil"), require("gives_false"), package.loaded.gives_false, require("gives_false"))
show(require("sets_itself"), package.loaded.sets_itself)
show(require("returns_two"))
package.loaded.plain = nil
show(require "plain" ~= m, require "plain".name)
package.loaded.plain = false
show(require "plain".name)
show(require("with_bang"), require("only_bang"), require("with_mark"))
-- Errors.
want("missing")
want("a.b.c")
want("")
want("syntax")
want("raises")
want("raises_table")
want("raises")
show(package.loaded.raises, package.loaded.syntax)
want()
want({})
want(nil)
want(true)
show(select(2, pcall(require, 12)) ~= nil)
-- A module that requires itself, or two that require each other.
package.preload.once = function(name) package.loaded[name] = "half" return require "once" .. " done" end
show(require "once")
local depth = 0
package.preload.loop = function(name) depth = depth + 1 return require(name) end
local ok, e = pcall(require, "loop")
show(ok, clean(e):find("overflow", 1, true) ~= nil, depth > 3)
-- preload.
package.preload.made = function(...) return { select("#", ...), ... } end
local made = require "made"
show(made[1], made[2], require "made" == made)
package.preload["plain"] = function() return "preloaded" end
package.loaded.plain = nil
show(require "plain")
package.preload.raising = function() error("from preload", 0) end
want("raising")
package.preload.empty = function() end
show(require "empty", require "empty")
package.preload.yielding = function() coroutine.yield(1) end
show(coroutine.wrap(function() return select(2, pcall(require, "yielding")) end)())
setmetatable(package.preload, { __index = function(_, name) if name == "lazy" then return function() return "lazily" end end end })
show(require "lazy")
-- What is put into the place of loaded and preload does not count.
local loaded, preload = package.loaded, package.preload
package.loaded, package.preload = {}, { other = print }
want("other")
show(require "made" == made)
package.loaded, package.preload = nil, 5
show(require "made" == made)
package.loaded, package.preload = loaded, preload
-- searchpath.
local function path(...)
	local ok, a, b = pcall(package.searchpath, ...)
	print(ok, a, b)
end
path("plain", "mod/?.lua")
path("plain", "x/?;mod/?.lua;y/?")
path("deep.er.inside", "?;mod/?.lua")
path("deep-er-inside", "mod/?.lua", "-")
path("deep.er.inside", "mod/?.lua", ".", "/")
path("a.b", "?.x;?/?.y", ".", "__")
path("a.b", "?.x", "")
path("aXXb", "?.x", "XX", "")
path("missing", "")
path("missing", ";;;")
path("missing", ";a/?;;b/?;")
path("missing", "no question mark")
path("plain", "mod/plain.lua")
path("?", "?/?")
path("x")
path(1, 2)
path({}, "x")
path("x", {})
-- package.path that is none.
for _, bad in ipairs { true, {}, print } do
	package.path = bad
	want("missing")
end
package.path = nil
want("missing")
package.path = 12
want("missing")
package.path = ""
want("missing")
package.path = "mod/?.lua"
show(require("after").ok)

-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- What scripts for rushit get by require "syscall".
local _, core = ...
return core.need("load.names").S

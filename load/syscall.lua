-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- What scripts for rushit get by require "syscall".
return select(2, ...).need("load.names").S

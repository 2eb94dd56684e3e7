-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- What scripts find beside Lua's own libraries.
std = "lua53"
read_globals = { "data", "kernel", "socket", "thread" }
-- A comment may say why nothing is to be done.
ignore = { "542" }
-- What scripts for the library load find.
files["benchmarks/load"] = { read_globals = {
	"client_recvmsg", "client_sendmsg", "collect", "recvmsg", "run", "send", "sendmsg", "server_recvmsg", "server_sendmsg",
} }

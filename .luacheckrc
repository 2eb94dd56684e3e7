-- SPDX-License-Identifier: MIT OR GPL-2.0-only
-- What scripts find beside Lua's own libraries.
std = "lua53"
read_globals = { "data", "kernel", "socket", "thread" }
-- A comment may say why nothing is to be done.
ignore = { "542" }
-- Scripts for the library load, and what that finds for them.
files["examples/load"] = { read_globals = {
	"collect", "run", "client_recverr", "client_recvmsg", "client_sendmsg", "client_socket", "server_recvmsg",
	"server_socket", "bind", "getsockopt", "recv", "recvfrom", "recvmsg", "scm_timestamping_ptr", "send", "sendmsg",
	"setsockopt", "sockaddr_in", "uint32_ptr",
	"AF_INET", "BPF_A", "BPF_ABS", "BPF_ALU", "BPF_K", "BPF_LD", "BPF_MOD", "BPF_RET", "BPF_W", "EAGAIN", "SCM_TIMESTAMPING",
	"SKF_AD_CPU", "SKF_AD_OFF", "SOF_TIMESTAMPING_OPT_TSONLY", "SOF_TIMESTAMPING_SOFTWARE",
	"SOF_TIMESTAMPING_TX_ACK", "SOL_SOCKET", "SO_ATTACH_REUSEPORT_CBPF", "SO_BINDTODEVICE", "SO_RCVBUF", "SO_REUSEPORT",
	"SO_RXQ_OVFL", "SO_TIMESTAMPING",
} }
-- What scripts for the library load find.
files["benchmarks/load"] = { read_globals = {
	"client_recvmsg", "client_sendmsg", "collect", "recvmsg", "run", "send", "sendmsg", "server_recvmsg", "server_sendmsg",
} }

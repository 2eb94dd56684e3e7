# shellcheck shell=bash disable=SC2119
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# The examples of loads run as their headers say, and count what there is to count.

# shellcheck source=../examples/lib.bash
. "$TESTS/examples/lib.bash"

[ -e /usr/sbin/luadrv ] || skip "the command is not there: tools/vm puts it into its guests"

# load NAME [ARG...]: runs an example to its end; the file said has what it prints, without neper's lines.
load() {
	luadrv run "$EXAMPLES/load/$1.lua" -- "${@:2}" >out 2>errors || fail "$1: $(cat errors)"
	same "$(cat errors)" '' errors
	grep -v '^[A-Za-z0-9_.]*=' out >said || true
}

# says_lines N PATTERN: of what it printed so many lines match.
says_lines() { same "$(grep -cE "^$2\$" said)" "$1" "lines $2 in: $(cat said)"; }

# sum FIELD PATTERN: of the lines that match.
sum() { awk -v field="$1" -v pattern="$2" '$0 ~ pattern { n += $field } END { print n + 0 }' said; }

# bind-to-device.lua binds the server to lo
test_bind_to_device() {
	load bind-to-device
	says_lines 1 'bound to lo'
	says_lines 1 '[1-9][0-9]* transactions'
}

# bind-to-device.lua with a device that is not there fails in its hook, and leaves nothing
test_bind_to_no_device() {
	sed 's/^local DEVICE = .*/local DEVICE = "nosuch0"/' "$EXAMPLES/load/bind-to-device.lua" >no-device.lua
	! luadrv run no-device.lua >out 2>errors || fail 'it succeeded'
	grep -q server_socket errors || fail "the hook is not named: $(cat errors)"
	grep -q ENODEV errors || fail "ENODEV is not named: $(cat errors)"
	same "$(live sockets)" 0
}

# check-src-addr.lua has the address of all senders
test_check_src_addr() {
	load check-src-addr
	same "$(wc -l <said)" 1
	says_lines 1 '127\.0\.0\.2: [1-9][0-9]* datagrams'
}

# collect-values.lua gets the values of each worker, which are its own
test_collect_values() {
	load collect-values
	says_lines 4 'worker [0-3]: [1-9][0-9]* bytes in [1-9][0-9]* calls'
	same "$(cut -d: -f1 said)" $'worker 0\nworker 1\nworker 2\nworker 3'
	awk '$3 != $6 { exit 1 }' said || fail "other bytes than calls: $(cat said)"
}

# drop-count.lua counts what is received and what is lost, of each thread and of all
test_drop_count() {
	load drop-count
	says_lines 2 'thread [01]: [1-9][0-9]* received, [0-9]+ dropped'
	says_lines 1 'total: [1-9][0-9]* received, [1-9][0-9]* dropped'
	same "$(sum 3 ^thread) $(sum 5 ^thread)" "$(sum 2 ^total) $(sum 4 ^total)" 'total'
}

# tcp-ack-interval.lua has a histogram of each thread, and their sum
test_tcp_ack_interval() {
	load tcp-ack-interval
	says_lines 2 'thread [01]: [1-9][0-9]* intervals'
	says_lines 1 'total: [1-9][0-9]* intervals'
	same "$(sum 3 ^thread)" "$(sum 2 ^total)" 'intervals of all threads'
	same "$(awk '/^total/ { on = 1 } on && $2 == "ns" { n += $3 } END { print n + 0 }' said)" "$(sum 2 ^total)" 'intervals in the sum'
}

# time-script-run.lua finds that run() takes as long as the load
test_time_script_run() {
	load time-script-run
	says_lines 1 '1 s of load took [1-9][0-9]{3,} ms'
}

# reuseport-cbpf.lua gives each thread the connections of its processor
test_reuseport_cbpf() {
	load reuseport-cbpf
	says_lines 2 'thread [01]: [0-9]+ connections'
	[ "$(sum 3 ^thread)" -gt 0 ] || fail 'no connections'
	[ "$(nproc)" -gt 1 ] || same "$(sum 3 '^thread 1')" 0 'connections of the second thread, where there is one processor'
}

# http-get.lua has each response of the web server, with its status and all of its bytes
test_http_get() {
	start_http
	echo hello >www/hello.txt
	load http-get --num_flows 4
	local found missing found_size missing_size
	found=$(sum 3 '^status 200') missing=$(sum 3 '^status 404')
	says_lines 1 'status 200: [1-9][0-9]*'
	says_lines 1 'status 404: [1-9][0-9]*'
	says_lines 1 'latency: [1-9][0-9]* mean, [1-9][0-9]* most'
	found_size=$(curl -s -i http://127.0.0.1:8000/hello.txt | wc -c)
	missing_size=$(curl -s -i http://127.0.0.1:8000/not-there.txt | wc -c)
	[ "$(sum 1 bytes)" -ge $((found * found_size + missing * missing_size)) ] || fail "bytes are missing: $(cat said)"
	stop_script INT
}

# dns-query.lua has each answer of the forwarder, with its code
test_dns_query() {
	start_dns
	load dns-query --num_flows 2 --timeout 5s
	says_lines 1 'code 0: [1-9][0-9]*'
	says_lines 1 'code 3: [1-9][0-9]*'
	says_lines 1 'lost: 0'
	says_lines 1 'latency: [1-9][0-9]* mean, [1-9][0-9]* most'
	same "$(wc -l <said)" 4
	[ "$(grep -c '^UDP web.test A' dns.log)" -ge "$(sum 3 '^code 0')" ] || fail 'more answers than questions'
	stop_script INT
}

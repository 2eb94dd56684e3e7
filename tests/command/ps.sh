# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# luadrv ps and top.
# shellcheck source=tests/command/lib.bash
. "$TESTS/command/lib.bash"

WAIT='local s = socket.new("inet", "udp") s:bind("127.0.0.1", 0) s:recv(1)'
LOOP='while true do end'
id=

# json CODE: runs Python code with what ps --json gives in `scripts`, and this script's in `it`.
json() {
	luadrv ps --json | python3 -c "
import json, sys
scripts = json.load(sys.stdin)
it = next((s for s in scripts if s['id'] == int('${id:-0}')), None)
$1"
}

# threads_wait N: so many threads wait.
threads_wait() { [ "$(luadrv ps | awk '$2 ~ /^[0-9]/ && $4 == "waiting"' | wc -l)" = "$1" ]; }

# ps has a line for each script, with its state and the call that it waits in
test_ps() {
	spawn --name waits -e "$WAIT"
	wait_for 'it to wait' in_state "$id" waiting
	same "$(column WAIT "$id")" recv
	same "$(column SOCKETS "$id")" 1
	same "$(column NAME "$id")" waits
	[[ $(column MEMORY "$id") =~ ^[0-9]+$ ]] || fail 'no size in bytes'
	spawn -e "$LOOP"
	wait_for 'it to run' in_state "$id" running
	same "$(luadrv ps | wc -l)" 3 'lines'
}

# ps without scripts prints the header alone, ps --json an empty array
test_ps_empty() {
	same "$(luadrv ps | wc -l)" 1 'lines'
	same "$(luadrv ps --json)" '[]'
}

# on a terminal sizes are short
test_ps_terminal() {
	spawn --memory 8M -e "x = ('x'):rep(2 << 20) $WAIT"
	wait_for 'it to wait' in_state "$id" waiting
	in_terminal luadrv ps </dev/null
	same "$status" 0 'exit status'
	[[ $shown =~ " 2."[0-9]"M "|" 2M " ]] || fail "no size of 2M: $shown"
	lacks "$shown" "$(column MEMORY "$id")"
}

# ps --json is an array of objects: numbers are numbers, what is not there is null
test_json() {
	spawn --name waits -e "$WAIT"
	wait_for 'it to wait' in_state "$id" waiting
	json '
assert it["name"] == "waits" and it["state"] == "waiting" and it["wait"] == "recv", it
assert type(it["memory"]) is int and it["memory"] > 1000, it
assert type(it["cpu"]) is float and it["parent"] is None, it
assert len(scripts) == 1, scripts'
	spawn -e "$LOOP"
	wait_for 'it to run' in_state "$id" running
	json 'assert it["wait"] is None and len(scripts) == 2, scripts'
}

# any name is a string of JSON, with what is no UTF-8 replaced
test_json_names() {
	local name
	for name in 'two words' '12' '-' 'a"b\c' $'b\xc3\xa4ume'; do
		spawn --name "$name" -e "$WAIT"
		NAME=$name json 'import os; assert it["name"] == os.environ["NAME"], it'
		luadrv stop "$id" >/dev/null
	done
	spawn --name $'bad \xff \xc3 \xed\xa0\x80 \xf8' -e "$WAIT"
	json 'assert it["name"] == "bad \ufffd \ufffd \ufffd\ufffd\ufffd \ufffd", ascii(it)'
	has "$(luadrv ps)" $'bad \xef\xbf\xbd'
}

# what cannot be written is told
test_full() {
	run sh -c 'luadrv ps >/dev/full'
	same "$status $err" '1 luadrv: standard output: No space left on device'
}

# top shows the scripts that use a processor first, as often as it is told
test_top() {
	spawn --name waits -e "$WAIT"
	wait_for 'it to wait' in_state "$id" waiting
	spawn --name loops -e "$LOOP"
	wait_for 'it to run' in_state "$id" running
	luadrv top -n 2 -d 0.3 >out
	same "$(grep -c '%CPU' out)" 2 'tables'
	same "$(grep -c '^2 scripts$' out)" 2 'headings'
	# Of the last table: that of the time between both.
	same "$(tail -n 2 out | awk '{ print $NF }' | tr '\n' ' ')" 'loops waits ' order
	lacks "$(<out)" $'\033'
	tail -n 2 out | awk '$NF == "loops" && $(NF - 1) < 5 { exit 1 }' || fail "nothing used: $(<out)"
	tail -n 2 out | awk '$NF == "waits" && $(NF - 1) > 5 { exit 1 }' || fail "too much used: $(<out)"
}

# top shows memory now and at most, and counts scripts, not their threads
test_top_columns() {
	spawn --name boss -e "thread.spawn(function() $WAIT end) local x = ('x'):rep(4 << 20) x = nil collectgarbage() $WAIT"
	wait_for 'the thread' threads_wait 1
	wait_for 'it to wait' in_state "$id" waiting
	luadrv top -n 1 >out
	same "$(head -n 1 out)" '1 script'
	same "$(sed -n 2p out | xargs)" 'ID PID STATE WAIT AGE CPU MEMORY PEAK SOCKETS RECEIVED SENT %CPU NAME'
	awk -v id="$id" '$1 == id { exit !($8 > 4194304 && $7 < 4194304) }' out || fail "no peak: $(<out)"
}

# top fills a terminal of any size and scrolls none
test_top_small() {
	local rows screen
	for _ in 1 2 3 4 5 6 7 8; do
		spawn --name waits -e "$WAIT"
	done
	for rows in 1 2 3 4 9 12; do
		in_terminal -s "${rows}x80" luadrv top -n 2 -d 0.01 </dev/null
		same "$status" 0 "exit status with $rows rows"
		while IFS= read -rd $'\e' screen; do
			[ "$(printf '%s' "$screen" | wc -l)" -lt "$rows" ] || fail "$rows rows: $shown"
		done <<<"${shown//$'\e[K'/}"$'\e'
	done
	same "$(grep -c waits <<<"$shown")" 16 'scripts on two screens of 12 rows'
}

# top waits as long as it is told, however long
test_top_delay() {
	luadrv top -d 4294.967296 >out &
	wait_for 'it to sleep' waits_in $! nanosleep
	kill $!
	reap $!
	same "$(grep -c '%CPU' out)" 1 'tables'
}

# top goes on until Ctrl-C, in place of a terminal's text
test_top_terminal() {
	spawn --name waits -e "$WAIT"
	in_terminal luadrv top -d 0.1 <<<$'? 1 script\n? waits\n? 1 script\n? waits\n! \\x03'
	same "$status" 130 'exit status'
	has "$shown" $'\033[H'
}

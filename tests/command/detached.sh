# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# luadrv spawn, log, stop: scripts without a process.
# shellcheck source=tests/command/lib.bash
. "$TESTS/command/lib.bash"

WAIT='print("ready") local s = socket.new("inet", "udp") s:bind("127.0.0.1", 0) s:recv(1)'
LOOP='print("ready") while true do pcall(function() while true do end end) end'
id=

# spawn prints the number of a script that runs on
test_spawn() {
	spawn -e "$WAIT"
	[[ $id =~ ^[0-9]+$ ]] || fail "spawn printed '$id'"
	wait_for 'its output' logged "$id" ready
	same "$(column ID)" "$id" 'what runs'
}

# what does not compile is told and not spawned
test_spawn_syntax() {
	echo $'\nx y' >script.lua
	run luadrv spawn script.lua
	same "$status $out" '1 '
	same "$err" "script.lua:2: syntax error near 'y'"
}

# a detached script has its arguments
test_spawn_arguments() {
	spawn -e 'print("got", ...)' a 'b c'
	wait_for 'its output' logged "$id" $'got\ta\tb c'
}

# standard input can be spawned
test_spawn_standard_input() {
	id=$(echo 'print("from", "stdin")' | luadrv spawn -)
	wait_for 'its output' logged "$id" $'from\tstdin'
}

# the options of spawn are those of run
test_spawn_options() {
	spawn --memory 1M --name 'a name' -e 'print(arg[0]) x = ("x"):rep(2 << 20)'
	wait_for 'the error' logged "$id" --memory
	luadrv log "$id" >out 2>err
	same "$(<out)" 'a name'
	has "$(<err)" 'not enough memory'
}

# log shows output on standard output and an error on standard error, also after the end
test_log() {
	spawn -e 'print("one") print("two") error("three")'
	wait_for 'the end' nothing_runs
	wait_for 'the output' logged "$id" two
	run luadrv log "$id"
	same "$status" 0 'exit status'
	same "$out" $'one\ntwo'
	has "$err" '(command line):1: three'
	has "$err" 'stack traceback:'
}

# log -f goes on until the script ends
test_log_follow() {
	spawn --name it -e "$WAIT"
	luadrv log -f it >out &
	wait_for 'the output' grep -q ready out
	ended $! && fail 'log -f ended before the script'
	luadrv stop it >/dev/null
	reap $!
	same "$status" 0 'exit status'
}

# log -f shows what comes later
test_log_follow_later() {
	local port=
	spawn -e 'local s = socket.new("inet", "udp") s:bind("127.0.0.1", 0) print("port", (select(2, s:getsockname())))
		s:recv(1) print("later")'
	luadrv log -f "$id" >out &
	wait_for 'the port' grep -q port out
	read -r _ port <out
	same "$(<out)" "port"$'\t'"$port"
	until grep -q later out; do
		echo x >"/dev/udp/127.0.0.1/$port"
		nap
		ended $! && break
	done
	reap $!
	has "$(<out)" later
}

# --output is how much is kept; what is not kept any more is told
test_log_cut() {
	spawn --output 8K -e 'for i = 1, 10000 do print(i) end'
	wait_for 'the last line' logged "$id" 10000
	run luadrv log "$id"
	same "$status" 0 'exit status'
	has "$err" 'no longer kept'
	[ "${#out}" -le 16384 ] || fail "${#out} bytes were kept"
	same "${out##*$'\n'}" 10000 'last line'
}

# log without -f ends where the log ends, also of a script that prints without end
test_log_flood() {
	spawn -e 'while true do print(("x"):rep(79)) end'
	wait_for 'its output' logged "$id" xxx
	timeout $((20 * SLOW)) luadrv log "$id" >out 2>err || fail "exit status $?"
	[ -s out ] || fail 'nothing was shown'
}

# log of what is not there, or not detached, fails with a reason
test_log_unknown() {
	run luadrv log 4000000
	same "$status" 1 'exit status'
	has "$err" 'no script 4000000'
	run luadrv log nobody
	same "$status" 1 'exit status of a name'
	has "$err" 'no script is called nobody'
	luadrv run --name here -e "$LOOP" >out &
	wait_for "the script's output" test -s out
	run luadrv log here
	same "$status" 1 'exit status of a foreground script'
	has "$err" 'not detached'
	luadrv stop here >/dev/null
	wait || true
}

# stop ends a script of that number, and says which
test_stop_number() {
	spawn --name it -e "$LOOP"
	run luadrv stop "$id"
	same "$status" 0 'exit status'
	same "$out" "stopped $id it"
	same "$(column ID)" '' 'what runs'
}

# stop ends all scripts of a name, or of a file's name
test_stop_name() {
	mkdir -p dir
	echo "$LOOP" >dir/proxy.lua
	spawn dir/proxy.lua
	spawn dir/proxy.lua
	run luadrv stop prox
	same "$status" 1 'exit status of half a name'
	run luadrv stop proxy
	same "$status" 0 'exit status'
	same "$(wc -l <out)" 2 'lines of output'
	spawn dir/proxy.lua
	run luadrv stop dir/proxy.lua
	same "$status $out" "0 stopped $id dir/proxy.lua"
	same "$(column ID)" '' 'what runs'
}

# stop takes several, and stops those that are there
test_stop_several() {
	local first
	spawn --name one -e "$LOOP"
	first=$id
	spawn --name two -e "$WAIT"
	run luadrv stop one nobody "$id"
	same "$status" 1 'exit status'
	same "$out" "stopped $first one"$'\n'"stopped $id two"
	same "$err" 'luadrv: no script nobody runs'
	same "$(column ID)" '' 'what runs'
}

# stop --all ends all
test_stop_all() {
	for _ in 1 2 3; do
		spawn -e "$LOOP"
	done
	spawn -e "$WAIT"
	run luadrv stop --all
	same "$status $out" '0 stopped 4 scripts'
	same "$(column ID)" '' 'what runs'
	run luadrv stop --all
	same "$status $err" '1 luadrv: no script runs' 'when there is none'
}

# stop --all counts scripts, not their threads
test_stop_threads() {
	spawn -e "for _ = 1, 4 do thread.spawn(function() $WAIT end) end $WAIT"
	wait_for 'it to wait' in_state "$id" waiting
	run luadrv stop --all
	same "$status $out" '0 stopped 1 script'
}

# stop of what is not there fails
test_stop_nothing() {
	run luadrv stop 4000000
	same "$status $err" '1 luadrv: no script 4000000 runs'
	run luadrv stop 99999999999999999999
	same "$status" 1 'exit status of a long number'
}

# check tells errors of syntax, file by file, and runs nothing
test_check() {
	echo 'print("it runs")' >good.lua
	echo 'x y' >bad.lua
	run luadrv check good.lua
	same "$status$out$err" 0 'of a good file'
	run luadrv check bad.lua good.lua nowhere.lua
	same "$status$out" 1 'of a bad file'
	same "$err" "bad.lua:1: syntax error near 'y'"$'\n'"luadrv: nowhere.lua: No such file or directory"
	expect_unsaid 'it runs'
}

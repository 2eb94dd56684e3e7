# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# luadrv run.
# shellcheck source=tests/command/lib.bash
. "$TESTS/command/lib.bash"

LOOP='print("ready") while true do end'

# signalled SIGNAL: runs LOOP in a process that gets the signal when it has printed "ready"; prints
# the exit status as the parent of the process sees it, and how many ms the end took.
signalled() {
	python3 - "$1" "$LOOP" <<'END'
import signal, subprocess, sys, time
child = subprocess.Popen(["luadrv", "run", "-e", sys.argv[2]], stdout=subprocess.PIPE)
assert child.stdout.readline() == b"ready\n"
start = time.monotonic()
child.send_signal(getattr(signal, "SIG" + sys.argv[1]))
print(child.wait(), int((time.monotonic() - start) * 1000))
END
}

# what a script prints goes to standard output, and the exit status is 0
test_output() {
	run luadrv run -e 'print("a", 1) print("b")'
	same "$status" 0 'exit status'
	same "$out" $'a\t1\nb' output
	same "$err" '' errors
}

# an error goes to standard error, with a traceback, and the exit status is 1
test_error() {
	echo $'print("before")\nlocal function f() error("aua") end\nf()' >script.lua
	run luadrv run script.lua
	same "$status" 1 'exit status'
	same "$out" before output
	has "$err" 'script.lua:2: aua'
	has "$err" 'stack traceback:'
	has "$err" "script.lua:3: in main chunk"
	lacks "$err" $'\033'
}

# an error of syntax is told with its line, and the exit status is 1
test_syntax() {
	echo $'x = 1\n\nx y' >script.lua
	run luadrv run script.lua
	same "$status" 1 'exit status'
	same "$err" "script.lua:3: syntax error near 'y'" errors
}

# output comes while the script runs
test_as_it_comes() {
	local line pid
	coproc luadrv run -e "$LOOP"
	pid=$COPROC_PID
	read -rt $((20 * SLOW)) line <&"${COPROC[0]}" || fail 'no line came'
	same "$line" ready line
	kill "$pid"
	reap "$pid"
}

# a script of megabytes of output loses none of it
test_much_output() {
	local got
	got=$(luadrv run -e 'local s = ("x"):rep(999) for _ = 1, 3000 do print(s) end' | wc -c)
	same "$got" 3000000 'bytes'
}

# standard input can be the script
test_standard_input() {
	same "$(echo 'print(...)' | luadrv run - a b)" $'a\tb' output
	run luadrv run - < <(echo 'error("aua", 0) ')
	same "$(echo 'error("aua", 0)' | luadrv run - 2>&1 | head -n 1)" aua
}

# arguments are there as ... and in the table arg, whose field 0 is the file's name
test_arguments() {
	echo 'print(...) print(#arg, arg[0], arg[1], arg[3])' >script.lua
	run luadrv run ./script.lua one '' --memory 'four words'
	same "$out" $'one\t\t--memory\tfour words\n4\t./script.lua\tone\t--memory'
	run luadrv run -e 'print(...)' -- -x y
	same "$out" $'-x\ty'
}

# one -- between a script and its arguments is left out, and no other one
test_separator() {
	echo 'print(arg[0], ...)' >script.lua
	run luadrv run script.lua -- --workload tcp_rr -- x
	same "$out" $'script.lua\t--workload\ttcp_rr\t--\tx'
	run luadrv run script.lua -- --
	same "$out" $'script.lua\t--'
	run luadrv run script.lua x -- y
	same "$out" $'script.lua\tx\t--\ty'
	run luadrv run --name it -- script.lua --
	same "$out" it
	same "$(echo 'print(...)' | luadrv run - -- -x)" -x
	spawn script.lua -- --x
	wait_for 'what it prints' logged "$id" --x
	same "$(luadrv log "$id")" $'script.lua\t--x'
}

# a script that names the command in its first line is a program, with options there
test_interpreter_line() {
	printf '#!/usr/sbin/luadrv run\nprint(arg[0], ...)\n' >program
	chmod +x program
	run ./program a 'b c'
	same "$status $out" $'0 ./program\ta\tb c'
	printf '#!/usr/sbin/luadrv run --memory 2M --name it\nprint(arg[0], ...)\nx = ("x"):rep(3 << 20)\n' >program
	run ./program a
	same "$status $out" $'1 it\ta'
	has "$err" 'not enough memory'
}

# a signal ends the script within a second and the command by that signal
test_signals() {
	local number signal ms
	for signal in INT TERM HUP; do
		read -r number ms < <(signalled "$signal")
		same "$number" "-$(kill -l "$signal")" "exit status after SIG$signal"
		[ "$ms" -le $((1000 * SLOW)) ] || late "ended $ms ms after SIG$signal"
	done
	same "$(alive)" '' 'what is left'
}

# a signal ends the command within a second also when nobody takes its output
test_stalled_reader() {
	local pid start
	mkfifo pipe
	exec 4<>pipe
	luadrv run --name stalled -e 'while true do print(("x"):rep(1000)) end' >pipe &
	pid=$!
	wait_for 'it to wait' waits_to_print
	start=$(now)
	kill "$pid"
	reap "$pid"
	same "$status" 143 'exit status'
	[ $(($(now) - start)) -le $((1000 * SLOW)) ] || late "ended $(($(now) - start)) ms after SIGTERM"
	wait_for 'nothing to be left' nothing_alive
}
waits_to_print() { [ "$(column WAIT)" = print ]; }

# Ctrl-C in a terminal ends the script
test_interrupt_key() {
	in_terminal luadrv run -e "$LOOP" <<<$'? ready\n! \\x03'
	same "$status" 130 'exit status'
}

# a SIGKILL to the command ends the script
test_killed() {
	luadrv run -e "$LOOP" >out &
	wait_for "the script's output" test -s out
	kill -KILL $!
	reap $!
	wait_for "nothing to be left" nothing_alive
}

# a reader that fails ends the command and its script with a word: nobody would ever take what that prints
test_reader_fails() {
	local pid tid
	[ -e /proc/self/fail-nth ] || skip 'the kernel injects no faults'
	echo N >/sys/kernel/debug/failslab/ignore-gfp-wait
	echo 0 >/sys/kernel/debug/failslab/verbose
	luadrv run -e 'local s = socket.new("inet", "udp") s:bind("127.0.0.1", 4000) print("ready") s:recv(1) print("x")
		kernel.sleep(1000000)' >out 2>err &
	pid=$!
	wait_for "the script's output" test -s out
	for tid in /proc/"$pid"/task/*; do
		[ "${tid##*/}" = "$pid" ] || break
	done
	wait_for 'the reader to wait' grep -q luadrv_output_read "$tid/stack"
	echo 1 >"$tid/fail-nth"
	echo x >/dev/udp/127.0.0.1/4000
	reap "$pid"
	same "$status $(<out)" '1 ready'
	same "$(<err)" 'luadrv: reading what the script prints: Cannot allocate memory'
}

# a reader that goes ends the script: by SIGPIPE, and with a word where that is ignored
test_reader_goes() {
	local status
	luadrv run -e 'while true do print("x") end' | head -n 1 >/dev/null || status=${PIPESTATUS[0]}
	same "$status" 141 'exit status'
	{
		trap '' PIPE
		status=0
		luadrv run -e 'while true do print("x") end' 2>err || status=$?
		echo "$status" >status
	} | head -n 1 >/dev/null
	wait_for 'the exit status' test -s status
	same "$(<status)" 1 'exit status where SIGPIPE is ignored'
	same "$(<err)" 'luadrv: standard output: Broken pipe'
}

# closed standard files are taken by nothing else: a script's text and output are not lost in them
test_closed_files() {
	local status=0
	luadrv run -e 'print("x")' >&- 2>err || status=$?
	same "$status" 1 'exit status without standard output'
	same "$(<err)" 'luadrv: standard output: Bad file descriptor'
	status=0
	luadrv run -e 'error("x")' <&- >&- 2>&- || status=$?
	same "$status" 1 'exit status of an error without any'
	luadrv run -e 'local x = 1' <&- >&- 2>&- || fail 'a silent script fails without any'
	same "$(luadrv run -e 'print("x")' <&- 2>&-)" x
}

# --memory limits what a script holds
test_memory() {
	run luadrv run --memory 1M -e 'local t = {} while true do t[#t + 1] = {} end'
	same "$status" 1 'exit status'
	has "$err" '--memory'
	run luadrv run --memory=8M -e 'local s = ("x"):rep(2 << 20) print(#s)'
	same "$status $out" '0 2097152'
}

# --instructions limits what a script executes
test_instructions() {
	run luadrv run --instructions 1e5 -e 'print("begun") while true do pcall(function() while true do end end) end'
	same "$status $out" '1 begun'
	has "$err" '--instructions'
	run luadrv run --instructions 1e6 -e 'for i = 1, 1000 do end print("end")'
	same "$status $out" '0 end'
}

# --sockets limits how many sockets a script holds
test_sockets() {
	local code='local t = {} for i = 1, 3 do t[i] = socket.new("inet", "udp") print(i) end'
	run luadrv run --sockets 2 -e "$code"
	same "$status $out" $'1 1\n2'
	has "$err" '--sockets'
	run luadrv run --sockets 3 -e "$code"
	same "$status" 0
}

# --name names a script in messages, in arg[0] and in the table
test_name() {
	run luadrv run --name 'some name' -e 'print(arg[0]) error("aua")'
	same "$status $out" '1 some name'
	has "$err" 'some name:1: aua'
}

# wrong usage is told, with exit status 2
test_usage() {
	local line words
	while IFS= read -r line; do
		read -ra words <<<"$line"
		run luadrv "${words[@]}"
		same "$status" 2 "exit status of luadrv $line"
		has "$err" luadrv:
		has "$err" "Try 'luadrv --help'"
		same "$out" '' 'output'
	done <<'END'
run
run --memory
run --memory 1Q x.lua
run --memory 0 x.lua
run --memory 16E x.lua
run --memory -1 x.lua
run --memory 1e9 x.lua
run --instructions 1e99 x.lua
run --instructions 1e x.lua
run --instructions 0e99999999999 x.lua
run --instructions 1e20 x.lua
run --sockets x x.lua
run --sockets 3000000000 x.lua
run --output 4G x.lua
run --nonsense x.lua
spawn
ps x
ps --nonsense
top x
top -n 0
top -n x
top -d 0
top -d x
log
log 1 2
stop
stop --all 1
check
repl --nonsense
load
load --nonsense tcp_rr
run --json x.lua
load --memory 1M
report
report x y
report --nonsense x
nonsense
--nonsense
END
	run luadrv run --name "$(printf 'x%.0s' {1..64})" -e ''
	same "$status" 2 'exit status of a long name'
}

# numbers can be written as 64K, 16M, 2G, 1e9
test_numbers() {
	local number
	for number in 1048576 1024K 1024k 16M 2G 1T; do
		run luadrv run --memory "$number" -e 'print("x")'
		same "$status$out" 0x "memory $number: $err;"
	done
	for number in 100000 1e5 100K 1M 1G 3e9; do
		run luadrv run --instructions "$number" -e 'print("x")'
		same "$status$out" 0x "instructions $number: $err;"
	done
}

# help goes to standard output
test_help() {
	run luadrv --help
	same "$status" 0 'exit status'
	has "$out" 'luadrv spawn'
	run sh -c 'luadrv --help >/dev/full'
	same "$status" 1 'exit status when it cannot be written'
}

# a script that cannot be read is told
test_unreadable() {
	run luadrv run nowhere.lua
	same "$status $err" '1 luadrv: nowhere.lua: No such file or directory'
	run luadrv run /
	same "$status $err" '1 luadrv: /: Is a directory'
}

# a script that is too long is told, with the limit's name, and does not run
test_too_long() {
	param max_script 1000
	{
		echo 'print("it runs")'
		head -c 2000 /dev/zero | tr '\0' '\n'
	} >script.lua
	run luadrv run script.lua
	same "$status $out" '1 '
	has "$err" --max-script
	run luadrv run --max-script 4K script.lua
	same "$status $out" '0 it runs'
}

# the stack that a script may fill is limited, and more than is safe is refused
test_stack() {
	run luadrv run --stack 4K -e 'local function f(s) return (s:gsub(".", f)) end f("x")'
	same "$status" 1 'exit status'
	has "$err" '(limit: module parameter stack, --stack)'
	run luadrv run --stack 11K -e ''
	same "$status $out" '2 '
	has "$err" "--stack: '11K' is not a size up to 10K"
}

# as soon as a stop of a server with threads has returned, the same one can begin anew
test_restart() {
	local i
	cat >server.lua <<-'EOS'
		local s = socket.new("inet", "tcp")
		s:bind("127.0.0.1", 8080)
		s:listen(5)
		for _ = 1, 2 do thread.spawn(function() s:accept() end) end
		print("ready")
		s:accept()
	EOS
	for i in 1 2 3 4 5; do
		luadrv run server.lua >"out$i" 2>&1 &
		wait_for "server $i" grep -q ready "out$i"
		luadrv stop server.lua >/dev/null || fail 'stop failed'
	done
	wait
}

# where the module is not loaded, the command says what to do
test_no_module() {
	rmmod luadrv
	run luadrv run -e ''
	same "$status" 1 'exit status'
	has "$err" 'modprobe luadrv'
	run luadrv ps
	same "$status" 1 'exit status of ps'
}

# without the right to use the device, the command says what it needs
test_no_right() {
	run setpriv --bounding-set -sys_admin --inh-caps -sys_admin luadrv run -e ''
	same "$status" 1 'exit status'
	has "$err" 'needs root'
}

# at the end finalizers run, and what they print is shown
test_finalizers() {
	run luadrv run -e 'keep = setmetatable({}, { __gc = function() print("bye") end }) print("hello")'
	same "$status $out" $'0 hello\nbye'
	run luadrv run -e 'keep = setmetatable({}, { __gc = function() print("bye") end }) error("aua")'
	same "$status $out" '1 bye'
	has "$err" aua
}

# the error of a thread that nobody joins is shown
test_thread_error() {
	run luadrv run -e 'local t = thread.spawn(function() error("lost") end) while t:status() ~= "failed" do end'
	same "$status" 0 'exit status'
	has "$err" 'lost'
	has "$err" 'stack traceback:'
}

# threads end with the script, also those that print without end
test_threads_end() {
	run timeout $((20 * SLOW)) luadrv run -e 'thread.spawn(function() while true do print("x") end end)'
	same "$status" 0 'exit status'
	same "$(alive)" '' 'what is left'
}

# os.exit ends a script with a status
test_exit() {
	run luadrv run -e 'print("before") pcall(os.exit, 7) print("after")'
	same "$status $out" '7 before'
	run luadrv run -e 'os.exit(true)'
	same "$status" 0 'exit status of true'
	run luadrv run -e 'keep = setmetatable({}, { __gc = function() print("bye") end }) os.exit(false)'
	same "$status $out" '1 bye'
	same "$err" ''
}

# errors are red on a terminal, unless NO_COLOR is set
test_colours() {
	in_terminal luadrv run -e 'print("plain") error("red")' </dev/null
	same "$status" 1 'exit status'
	has "$shown" $'plain\n\033[31m(command line):1: red'
	NO_COLOR=1 in_terminal luadrv run -e 'error("red")' </dev/null
	has "$shown" ':1: red'
	lacks "$shown" $'\033['
}

# luadrv stop ends it, with exit status 1 and a word
test_stopped() {
	luadrv run --name it -e "$LOOP" >out 2>err &
	wait_for "the script's output" test -s out
	luadrv stop it >/dev/null || fail 'stop fails'
	reap $!
	same "$status" 1 'exit status'
	has "$(<err)" stopped
}

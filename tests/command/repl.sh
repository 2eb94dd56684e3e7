# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# luadrv repl, in a terminal and without.
# shellcheck source=tests/command/lib.bash
. "$TESTS/command/lib.bash"

# repl LINES: what a session prints that reads these lines from a pipe; errors go to the file err.
repl() { printf '%s\n' "$@" | luadrv repl 2>err; }

# without a terminal, lines run one by one, without a prompt, and globals stay
test_pipe() {
	same "$(repl 'x = 20' 'print(x)' 'x + 1' 'x, nil, "s"')" $'20\n21\n20\tnil\ts'
	same "$(<err)" ''
	same "$(printf 'print("a")' | luadrv)" a 'a line without an end'
}

# values of an expression are printed, but for none
test_expressions() {
	same "$(repl '=1' '(function() end)()' '"x" -- comment' 'tostring(nil);' '1 == 2')" $'1\nx\nnil\nfalse'
	same "$(<err)" ''
}

# an error is told, and the session goes on
test_errors() {
	same "$(repl 'x = 1' 'error("aua")' 'x y' 'nothing.x' 'print(x)')" 1
	has "$(<err)" 'repl:1: aua'
	has "$(<err)" "syntax error near 'y'"
	has "$(<err)" 'attempt to index a nil value'
}

# what is not finished goes on in the next line
test_lines() {
	same "$(repl 'for i = 1, 2 do' 'print(i)' 'end' 'print(' '3)' 'x = [[a' 'b]]' 'x')" $'1\n2\n3\na\nb'
	same "$(<err)" ''
	same "$(repl 'print("a")' 'if x then')" a
	has "$(<err)" 'near <eof>'
}

# its options are those of run, its arguments those of the session
test_options() {
	same "$(echo 'print(arg[0], ...)' | luadrv repl --name it a b)" $'it\ta\tb'
	echo 'x = ("x"):rep(2 << 20)' | luadrv repl --memory 1M 2>err || true
	has "$(<err)" 'not enough memory'
}

# in a terminal there is a prompt, another one for further lines, and Ctrl-D leaves
test_terminal() {
	in_terminal luadrv <<<$'? > \n! x = 40\\n\n? > \n! x +\\n\n? >> \n! 2\\n\n? 42\n? > \n! \\x04'
	same "$status" 0 'exit status'
}

# Ctrl-C stops what runs and keeps the session
test_interrupt() {
	in_terminal luadrv <<<$'? > \n! x = 7\\n\n? > \n! print("rea" .. "dy") while true do end\\n
? ready\n! \\x03\n? stopped\n? > \n! x * 6\\n\n? 42\n? > \n! \\x04'
	same "$status" 0 'exit status'
}

# a hook that is typed runs nothing by itself, and what was typed before run() counts
test_hooks() {
	printf '%s\n' 'client_socket(function() print("none") end)' 'client_socket(nil)' \
		'calls = collect(0) local n = calls client_socket(function() n = n + 1 end)' 'run{ role = "both", test_length = -10 }.transactions' 'calls[1]' |
		luadrv repl >out 2>err || fail "it fails: $(<err)"
	same "$(<out)" $'10\n1'
}

# Ctrl-C ends a load early, gives its result, and keeps the session
test_interrupt_load() {
	in_terminal luadrv <<<$'? > \n! r = run{ role = "both", test_length = "1000s", iostat_ms = 20 }\\n
? Mbit/s\n! \\x03\n? > \n! r.transactions > 0, r.interrupted\\n\n? true\ttrue\n? > \n! \\x04'
	same "$status" 0 'exit status'
	lacks "$shown" stopped
}

# Ctrl-C drops the line that is being typed, and what was to go on
test_interrupt_line() {
	in_terminal luadrv <<<$'? > \n! for i = 1, 2 do\\n\n? >> \n! some \n? some\n! \\x03\n? > \n! 6 * 7\\n\n? 42\n? > \n! \\x04'
	same "$status" 0 'exit status'
	lacks "$shown" error
}

# Tab completes globals, fields of libraries and tables, and methods of strings
test_completion() {
	in_terminal luadrv <<<$'? > \n! tostr\\t(4 * 5)\\n\n? 20\n? > \n! string.for\\t("%%d", 21)\\n\n? 21
? > \n! it = { longname = 22 }\\n\n? > \n! it.lo\\t\\n\n? 22\n? > \n! "x"..it.lo\\t\\n\n? x22\n? > \n! s = "ab"\\n
? > \n! s:upp\\t()\\n\n? AB\n? > \n! \\x04'
	same "$status" 0 'exit status'
	lacks "$shown" error
}

# Tab lists what is possible where there is a choice
test_completion_list() {
	in_terminal luadrv <<<$'? > \n! string.r\\t\\t\n? rep \n? reverse\n? string.re\n! p("ab", 2)\\n\n? abab\n? > \n! \\x04'
	same "$status" 0 'exit status'
}

# what is completed is not printed, and does not disturb the session
test_completion_silent() {
	in_terminal luadrv <<<$'? > \n! setmetatable(_G, { __index = function() print("called") end })\\n\n? > \n! a.b.c\\t\n! \\x03
? > \n! print = nil\\n\n? > \n! str\\t\n! \\x03\n? > \n! \\x04'
	same "$status" 0 'exit status'
	lacks "$shown" $'\ncalled'
	lacks "$shown" error
}

# the history is kept in the home directory, from session to session
test_history() {
	in_terminal luadrv <<<$'? > \n! x = 6 * 7\\n\n? > \n! \\x04'
	grep -q 'x = 6' .luadrv_history || grep -q 'x.040=.0406' .luadrv_history || fail 'it is not in the file'
	same "$(stat -c %a .luadrv_history)" 600 "the file's mode"
	in_terminal luadrv <<<$'? > \n! \\x1b[A\n? x = 6 * 7\n! \\n\n? > \n! x\\n\n? 42\n? > \n! \\x04'
	same "$status" 0 'exit status'
}

# without a home directory there is no history
test_no_home() {
	unset HOME
	in_terminal luadrv <<<$'? > \n! 6 * 7\\n\n? 42\n? > \n! \\x04'
	same "$status" 0 'exit status'
	[ ! -e .luadrv_history ] || fail 'there is one'
}

# SPAWNED: code whose thread, to which nobody refers, prints at a datagram and fails.
SPAWNED='do local s = socket.new("inet", "udp") s:bind("127.0.0.1", 4000)
	thread.spawn(function() s:recv(1) print("from a thread") error("lost") end) end collectgarbage() collectgarbage()'
one_runs() { [ "$(column ID | wc -l)" = 1 ]; }

# what threads print while nothing runs, and their errors, come with the next line
test_threads() {
	local pid
	mkfifo lines
	luadrv repl <lines >out 2>err &
	pid=$!
	exec 4>lines
	echo "$SPAWNED print('ready')" >&4
	wait_for 'the thread' grep -q ready out
	echo x >/dev/udp/127.0.0.1/4000
	wait_for 'the end of the thread' one_runs
	echo '6 * 7' >&4
	wait_for 'the next line' grep -q 42 out
	same "$(<out)" $'ready\nfrom a thread\n42'
	has "$(<err)" ': lost'
	exec 4>&-
	reap "$pid"
	same "$status" 0 'exit status'
}

# a thread that prints without end disturbs neither lines nor the end
test_flood() {
	same "$(printf '%s\n' 't = thread.spawn(function() while true do print("noise") end end)' 'print("al" .. "ive")' \
		'x y' '6 * 7' | timeout $((20 * SLOW)) luadrv repl 2>err | grep -v noise)" $'alive\n42'
	has "$(<err)" "syntax error near 'y'"
}

# Tab completes while a thread prints, and what it prints is shown
test_completion_flood() {
	in_terminal luadrv <<<$'? > \n! thread.spawn(function() while true do print("noise") end end)\\n\n? noise\n? > \n! string.for\\t("%d", 7 * 3)\\n
? 21\n? > \n! kernel.sleep(100)\\n\n? noise\n? > \n! \\x04'
	same "$status" 0 'exit status'
	lacks "$shown" error
}

# a line that is too long is told, with the limit's name, and the next one runs
test_too_long() {
	local status=0
	param max_script 1000
	{
		printf 'x = "%02000d"\n' 0
		echo 'print("al" .. "ive")'
	} | luadrv repl >out 2>err || status=$?
	same "$status $(<out)" '1 alive'
	has "$(<err)" max_script
}

# without a terminal, the exit status is 1 if a line failed
test_status() {
	local line status
	for line in 'error("x")' 'x y' 'if'; do
		status=0
		printf '%s\n' "$line" 'x = 1' | luadrv repl 2>/dev/null || status=$?
		same "$status" 1 "exit status after $line"
	done
	run luadrv repl </dev/null
	same "$status" 0 'exit status of nothing'
	run sh -c 'luadrv repl </'
	same "$status $err" '1 luadrv: standard input: Is a directory'
}

# without a terminal, a signal ends all
test_interrupted() {
	printf '%s\n' 'print("ready") while true do end' 'print("after")' >lines
	set -m
	luadrv repl <lines >out 2>err &
	set +m
	wait_for 'the first line' test -s out
	kill -INT $!
	reap $!
	same "$status" 130 'exit status'
	same "$(<out)" ready
}

# at the end finalizers run, and what they print is shown
test_finalizers() {
	same "$(repl 'keep = setmetatable({}, { __gc = function() print("bye") end })' '6 * 7')" $'42\nbye'
	in_terminal luadrv <<<$'? > \n! keep = setmetatable({}, { __gc = function() print("by" .. "e") end })\\n\n? > \n! \\x04\n? bye'
	same "$status" 0 'exit status'
}

# os.exit leaves, with a status, and finalizers run
test_exit() {
	local status=0
	printf '%s\n' 'keep = setmetatable({}, { __gc = function() print("bye") end })' 'error("x")' 'os.exit(7)' 'print("after")' |
		luadrv repl >out 2>/dev/null || status=$?
	same "$status $(<out)" '7 bye'
	in_terminal luadrv <<<$'? > \n! error("aua")\\n\n? aua\n? > \n! os.exit()\\n'
	same "$status" 0 'exit status in a terminal'
}

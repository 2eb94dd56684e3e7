# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# Threads as an operator sees them.
# shellcheck source=tests/command/lib.bash
. "$TESTS/command/lib.bash"

id=

# threads: the numbers of the threads of the script $id.
threads() {
	luadrv ps | awk -v parent="$id" '
		NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i }
		NR > 1 && $column["PARENT"] == parent { print $column["ID"] }'
}
has_threads() { [ "$(threads | wc -l)" = "$1" ]; }

# a thread is in the table, with its script as its parent and a name of its own
test_table() {
	local t
	spawn --name boss -e 'thread.spawn({ name = "hand" }, function() thread.channel():receive() end):join()'
	wait_for 'the thread' has_threads 1
	t=$(threads)
	wait_for 'it to wait' in_state "$t" waiting
	same "$(column WAIT "$t")" receive
	same "$(column NAME "$t")" hand
	[ -e "/proc/$(column PID "$t")" ] || fail 'no such process'
	has "$(cat "/proc/$(column PID "$t")/comm")" luadrv/hand
}

# the thread of a thread has the script as its parent, too
test_grandchild() {
	spawn -e 'thread.spawn(function() thread.spawn(function() while true do end end):join() end):join()'
	wait_for 'both' has_threads 2
}

# a thread that is stopped by its number ends alone, and join says so
test_stop_one() {
	local t
	spawn -e '
		local t = thread.spawn(function() while true do end end)
		print(select(2, pcall(t.join, t)))
		thread.channel():receive()'
	wait_for 'the thread' has_threads 1
	t=$(threads)
	luadrv stop "$t" || fail 'stop failed'
	wait_for 'the join' logged "$id" "thread $t was stopped"
	wait_for 'the end' has_threads 0
	wait_for 'the script to go on' in_state "$id" waiting
}

# the error of a thread that nobody waits for is told at once, and once, also in the kernel log
test_error_told() {
	spawn --name boss -e '
		local t = thread.spawn({ name = "hand" }, function() error("lost error") end)
		thread.channel():receive()'
	wait_for 'the error' logged "$id" 'lost error'
	in_state "$id" waiting || fail 'the script has gone'
	luadrv stop "$id" >/dev/null || fail 'stop failed'
	same "$(luadrv log "$id" 2>&1 | grep -c 'lost error')" 1 'in the log of the script'
	same "$(klog | grep -c 'hand.*lost error')" 1 'in the log of the kernel'
}

# the error of a thread that a join waits for is told by that alone
test_error_joined() {
	spawn -e '
		local t = thread.spawn(function()
			while not package.searchpath("go", "'"$PWD"'/?") do kernel.sleep(1) end
			error("quiet error")
		end)
		print(#select(2, pcall(t.join, t)))'
	wait_for 'the join' waits_in_join
	touch go
	wait_for 'the end' nothing_runs
	lacks "$(luadrv log "$id" 2>&1)" 'quiet error'
	expect_unsaid 'quiet error'
}
waits_in_join() { [ "$(column WAIT "$id")" = join ]; }

# a join that gives up leaves the error to be told
test_error_after_join() {
	spawn -e '
		local t = thread.spawn(function()
			while not package.searchpath("go", "'"$PWD"'/?") do kernel.sleep(1) end
			error("late error")
		end)
		print(t:join(1))
		thread.channel():receive()'
	wait_for 'the join' logged "$id" false
	touch go
	wait_for 'the error' logged "$id" 'late error'
}

# a stop of the script stops all its threads
test_stop_script() {
	spawn -e '
		for _ = 1, 5 do thread.spawn(function() while true do end end) end
		for _ = 1, 5 do thread.spawn(function() thread.channel():receive() end) end
		thread.channel():receive()'
	wait_for 'all' has_threads 10
	luadrv stop "$id" || fail 'stop failed'
	same "$(luadrv ps | wc -l)" 1 'lines'
}

# a kill of the process of a script ends its threads
test_kill() {
	echo 'for _ = 1, 5 do thread.spawn(function() while true do pcall(function() while true do end end) end end)
		end print("ready") thread.channel():receive()' >x.lua
	start_ready x.lua
	kill -KILL "$script"
	wait_for 'the end' nothing_alive
}

# the threads of a session last from run to run, and end with it
test_session() {
	luadrv repl >out 2>&1 <<-'EOR'
		ch = thread.channel(8)
		t = thread.spawn(function() while true do ch:send((ch:receive())) end end)
		ch:send(5)
		print("status", t:status() ~= "done")
	EOR
	has "$(<out)" 'status	true'
	wait_for 'the end' nothing_alive
}

# on_cpu CPUS: whether the task of the thread, if it has one yet, may use these alone.
on_cpu() {
	local pid
	pid=$(column PID "$(threads)")
	[ "$pid" != - ] && [ "$(taskset -pc "$pid" 2>/dev/null | sed 's/.*: //')" = "$1" ]
}

# a thread runs on its processor alone
test_affinity() {
	[ "$(nproc)" -gt 1 ] || skip 'one processor'
	spawn -e 'thread.spawn({ cpu = 1 }, function() while true do end end):join()'
	wait_for 'the thread' has_threads 1
	wait_for 'its place' on_cpu 1
}

# a processor that the script may not use is refused
test_affinity_refused() {
	[ "$(nproc)" -gt 1 ] || skip 'one processor'
	echo 'local ok, e = pcall(thread.spawn, { cpu = 1 }, print) print(e.name)' >x.lua
	taskset -c 0 luadrv run x.lua >out || fail 'it failed'
	same "$(<out)" EINVAL
}

# a module runs as a thread, found where the script looks for modules
test_module() {
	echo 'return function(a, b) return a + b end' >sum.lua
	echo "package.path = '$PWD/?.lua' print(thread.spawn('sum', 3, 4):join())" >x.lua
	luadrv run x.lua >out 2>&1 || fail "$(<out)"
	same "$(<out)" "true	7"
}

# what a thread has sent and received when it is stopped at any moment is whole
# timeout: 120
test_stop_anywhere() {
	cat >x.lua <<-'EOF2'
		local ch = thread.channel(4)
		local function work()
			local t = { { ch }, s = ("x"):rep(100), f = function() return ch end }
			while true do
				ch:send(t, 1)
				ch:receive(1)
			end
		end
		for i = 1, 100 do
			local ts = {}
			for j = 1, 4 do ts[j] = thread.spawn(work) end
			kernel.sleep(i % 7)
			for j = 1, 4 do ts[j]:stop() end
		end
		print("ok")
	EOF2
	luadrv run x.lua >out 2>&1 || fail "$(<out)"
	same "$(<out)" ok
}

# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# What close(2) and the kernel log tell about a script's end.

# close_result SCRIPT SIGNAL: runs a script in a process that handles the signal, which the
# process gets from a child once the script says "ready"; prints what close gave.
close_result() {
	python3 - "$@" <<'END'
import ctypes, errno, os, signal, sys
libc = ctypes.CDLL(None, use_errno=True)
signal.signal(signal.SIGUSR1, lambda *_: None)
fd = os.open("/dev/luadrv", os.O_WRONLY | os.O_CLOEXEC)
os.write(fd, sys.argv[1].encode())
parent = os.getpid()
log = os.open("/dev/kmsg", os.O_RDONLY)
os.lseek(log, 0, os.SEEK_END)
closed, say_closed = os.pipe()
child = os.fork()
if child == 0:
    os.close(fd)
    os.write(say_closed, b"x")
    while f"[{parent}]: ready".encode() not in os.read(log, 8192):
        pass
    os.kill(parent, getattr(signal, sys.argv[2]))
    os._exit(0)
os.read(closed, 1)
result = libc.close(fd)
code = ctypes.get_errno()
os.kill(child, signal.SIGKILL)
print(errno.errorcode[code] if result else "success")
END
}

# a syntax error gives EINVAL: cat says so and exits with 1
test_syntax_error() {
	local status=0
	printf 'x = 1\n\nx y\n' >script.lua
	LC_ALL=C cat script.lua >/dev/luadrv 2>complaint || status=$?
	same "$status" 1 "cat's exit status"
	same "$(cat complaint)" 'cat: write error: Invalid argument' "cat's complaint"
	expect_said "script:3: syntax error near 'y'"
}

# a runtime error gives ECANCELED: cat says so and exits with 1
test_runtime_error() {
	local status=0
	LC_ALL=C cat >/dev/luadrv 2>complaint <<<'error("aua")' || status=$?
	same "$status" 1 "cat's exit status"
	same "$(cat complaint)" 'cat: write error: Operation canceled' "cat's complaint"
}

# lack of memory gives ENOMEM
test_memory() {
	param memory 1M
	expect_run ENOMEM <<<'local t = {} while true do t[#t + 1] = {} end'
}

# a signal that the process handles gives EINTR, and the process lives on
test_handled_signal() {
	same "$(close_result 'print("ready") while true do end' SIGUSR1)" EINTR close
	expect_said 'stopped by a signal'
}

# a stop that pcall catches gives EINTR all the same
test_caught_stop() {
	same "$(close_result 'print("ready") pcall(function() while true do end end)' SIGUSR1)" EINTR close
}

# a stop in a finalizer at the end of a script that succeeded gives EINTR
test_stop_in_finalizer() {
	same "$(close_result 'x = setmetatable({}, { __gc = function() print("ready") while true do end end })' SIGUSR1)" EINTR close
}

# a blocked signal does not stop a script
test_blocked_signal() {
	python3 - <<'END'
import os, signal
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
os.kill(os.getpid(), signal.SIGUSR1)
fd = os.open("/dev/luadrv", os.O_WRONLY)
os.write(fd, b'for i = 1, 1000000 do end print("to the end")')
os.close(fd)
END
	expect_said 'to the end'
}

# an ignored signal does not stop a script, SIGKILL then does
test_ignored_signal() {
	trap '' INT
	start_ready <<<'print("ready") while true do end'
	trap - INT
	kill -INT "$script"
	wait_for "the script to work on" works_on "$script"
	stop_script KILL
}

# works_on PID: uses CPU time.
works_on() {
	local -a before after
	read -ra before <<<"$(proc_stat "$1")"
	while nap; do
		read -ra after <<<"$(proc_stat "$1")" || return
		[ "${after[12]}" -le $((before[12] + 5)) ] || return 0
	done
}

# a timer's signal stops a script
test_timer() {
	python3 - <<'END'
import ctypes, errno, os, signal
libc = ctypes.CDLL(None, use_errno=True)
signal.signal(signal.SIGALRM, lambda *_: None)
fd = os.open("/dev/luadrv", os.O_WRONLY)
os.write(fd, b"while true do end")
signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
assert libc.close(fd) == -1 and ctypes.get_errno() == errno.EINTR
signal.setitimer(signal.ITIMER_REAL, 0)
END
}

# records carry the name and the number of the process that closes
test_owner() {
	start_ready <<<'print("ready") while true do end'
	klog | grep -qx "luadrv: cat\[$script\]: ready" || fail "no record of cat[$script]"
	stop_script
	cp "$(command -v cat)" a-rather-long-name
	LC_ALL=C ./a-rather-long-name >/dev/luadrv <<<'print("named")'
	klog | grep -qE '^luadrv: a-rather-long-n\[[0-9]+\]: named$' || fail "no record of a-rather-long-n"
}

# the time that a script takes is the process's own
test_cpu_time() {
	local -a stat
	start_ready <<<'print("ready") while true do end'
	wait_for "it to use CPU time" works_on "$script"
	read -ra stat <<<"$(proc_stat "$script")"
	same "${stat[0]}" R state
	stop_script
}

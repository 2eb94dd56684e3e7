# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# Opening and closing: who runs a script, when, and how often.

# only the last of several descriptors runs the script
test_dup() {
	exec 7>/dev/luadrv 8>&7 9>&8
	echo 'print("ran")' >&7
	exec 7>&-
	exec 9>&-
	expect_unsaid ran
	exec 8>&-
	same "$(said_times ran)" 1 'runs'
}

# children that inherit a session and exit do not run it
test_fork() {
	exec 7>/dev/luadrv
	echo 'print("ran")' >&7
	for _ in 1 2 3; do (true); done
	sh -c true
	expect_unsaid ran
	exec 7>&-
	same "$(said_times ran)" 1 'runs'
}

# a child that closes last runs the script as its own
test_child_is_last() {
	mkfifo go
	exec 7>/dev/luadrv
	echo 'print("ran")' >&7
	bash -c 'read -r <go; exec 7>&-; exec sleep 1000' &
	local child=$!
	exec 7>&-
	expect_unsaid ran
	echo >go
	wait_for "the child to run it" says ran "$child"
	kill "$child"
}

# two processes that close at the same time run a script exactly once, however often
test_race() {
	local many=$((200 / SLOW))
	python3 - "$many" <<'END'
import os, sys
for i in range(int(sys.argv[1])):
    fd = os.open("/dev/luadrv", os.O_WRONLY)
    os.write(fd, b'print("ran")')
    r, w = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(w)
        os.read(r, 1)
        os.close(fd)
        os._exit(0)
    os.close(r)
    os.close(w)
    os.close(fd)
    os.waitpid(pid, 0)
END
	same "$(said_times ran)" "$many" 'runs'
}

# threads that close copies of a descriptor at the same time run a script exactly once, however often
test_thread_race() {
	local many=$((100 / SLOW))
	python3 - "$many" <<'END'
import os, sys, threading
for i in range(int(sys.argv[1])):
    fd = os.open("/dev/luadrv", os.O_WRONLY)
    os.write(fd, b'print("ran")')
    copies = [os.dup(fd) for _ in range(3)] + [fd]
    barrier = threading.Barrier(4)
    def close(n):
        barrier.wait()
        os.close(n)
    threads = [threading.Thread(target=close, args=(n,)) for n in copies]
    for t in threads: t.start()
    for t in threads: t.join()
END
	same "$(said_times ran)" "$many" 'runs'
}

# open needs CAP_SYS_ADMIN
test_capability() {
	local complaint
	# shellcheck disable=SC2016
	complaint=$(LC_ALL=C setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin \
		bash -c 'echo "print(1)" >/dev/luadrv' 2>&1) && fail 'opened without the capability'
	same "$(errno_name "$complaint")" EPERM 'errno of open'
	same "$(live sessions)" 0 sessions
}

# the device's mode is 0600, and other users cannot open it
test_mode() {
	local complaint
	same "$(stat -c '%a %u %F' /dev/luadrv)" '600 0 character special file' 'the node'
	complaint=$(LC_ALL=C setpriv --reuid=65534 --clear-groups bash -c ': >/dev/luadrv' 2>&1) && fail 'opened by nobody'
	same "$(errno_name "$complaint")" EACCES 'errno of open'
}

# what the device cannot do fails cleanly: lseek, pwrite, a terminal's ioctl, mmap
test_unsupported() {
	python3 - <<'END'
import ctypes, errno, fcntl, mmap, os

def fails(codes, f, *args):
    try:
        result = f(*args)
    except OSError as e:
        assert e.errno in codes, e
    else:
        raise SystemExit(f"{f.__name__} gave {result}")

fd = os.open("/dev/luadrv", os.O_WRONLY)
os.write(fd, b'print("ran")')
fails([errno.EBADF], os.read, fd, 100000)
fails([errno.ESPIPE], os.lseek, fd, 0, os.SEEK_SET)
fails([errno.ESPIPE], os.pwrite, fd, b"x", 0)
fails([errno.ENOTTY], fcntl.ioctl, fd, 0x5401, b"x" * 64)
fails([errno.ENODEV, errno.EACCES], mmap.mmap, fd, 4096)
os.close(fd)
fd = os.open("/dev/luadrv", os.O_RDONLY)
fails([errno.EBADF], os.write, fd, b"x")
os.close(fd)
END
	expect_said ran
}

# two hundred sessions are open at once (fewer on a slow kernel), and each runs its own script
test_many_open() {
	local many=$((200 / SLOW))
	python3 - "$many" <<'END'
import os, sys
fds = [os.open("/dev/luadrv", os.O_WRONLY) for _ in range(int(sys.argv[1]))]
for part in range(3):
    for i, fd in enumerate(fds):
        os.write(fd, [b"local id = %d\n", b"assert(x == nil) x = id\n--%d\n", b'print("session " .. id .. " of %d")'][part] % i)
with open("/sys/kernel/debug/luadrv/live") as live:
    assert f"sessions {len(fds)}\n" in live.read()
for fd in fds[::2] + fds[1::2]:
    os.close(fd)
END
	same "$(said | sed -nE 's/^session ([0-9]+) of \1$/\1/p' | sort -n | tr '\n' ' ')" "$(seq -s ' ' 0 $((many - 1))) " 'sessions that ran'
}

all_ready() { [ "$(said_times ready)" = "$1" ]; }

# thirty scripts run at once (fewer on a slow kernel), and a signal ends each
# timeout: 120
test_many_running() {
	local pids=() i many=$((30 / SLOW))
	for ((i = 0; i < many; i++)); do
		start_script <<<'print("ready") while true do end'
		pids+=("$script")
		renice -n 19 "$script" >/dev/null
	done
	LIMIT=60 wait_for 'all to run' all_ready "$many"
	same "$(live states)" "$many" 'states alive'
	kill "${pids[@]}"
	for i in "${pids[@]}"; do
		LIMIT=60 reap "$i"
		same "$status" 143 'exit status'
	done
}

# one session's errors leave a running one alone
test_independent() {
	start_ready <<<'print("ready") while true do end'
	expect_run EINVAL <<<'x y'
	expect_run ECANCELED <<<'error("aua")'
	param memory 1M
	expect_run ENOMEM <<<'local t = {} while true do t[#t + 1] = {} end'
	param memory 64M
	expect_run ECANCELED <<<'local function f(s) return (s:gsub(".", f)) end f("x")'
	expect_run '' <<<'string.rep = nil print = nil getmetatable("").__index = nil'
	expect_run '' <<<'print(("fine "):rep(2))'
	expect_said 'fine fine'
	! ended "$script" || fail 'the first one is gone'
	stop_script
}

# S14: while one script waits in accept, others open, write and close, which runs their scripts, and none of them waits
test_waiting() {
	exec 7>/dev/luadrv
	start_ready <<<'local s = socket.new("i", "t") s:bind(0, 7900) s:listen() print("ready") s:accept()' 7>&-
	wait_for 'the script to wait' waits_in "$script" inet_csk_accept
	echo 'print("opened before")' >&7
	exec 7>&-
	expect_said 'opened before'
	local i
	for i in 1 2 3; do
		expect_run '' <<<"local u = socket.new('i', 'u') u:bind(0, 7900) print('opened after, $i')"
		expect_said "opened after, $i"
	done
	waits_in "$script" inet_csk_accept || fail 'the first one waits no more'
	stop_script
}

# sessions share no globals and no libraries
test_separate() {
	expect_run '' <<<'x = 1 string.upper = 5 getmetatable("").__len = 7 math.randomseed(1)'
	expect_run '' <<<'assert(x == nil and type(string.upper) == "function" and getmetatable("").__len == nil)'
}

# a script runs with the affinity of the process that closes
test_affinity() {
	[ "$(nproc)" -ge 2 ] || skip 'one processor only'
	taskset -c 1 cat >/dev/luadrv <<<'print("ready") while true do end' &
	script=$!
	wait_for 'it to be ready' says ready "$script"
	local -a stat
	read -ra stat <<<"$(proc_stat "$script")"
	same "${stat[36]}" 1 processor
	stop_script
}

# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# Waits that another task ends, and processes that are stopped while they wait.

end_all() { "$TESTS/waits/end" "$1"; }

# What only scripts for tests have: a socket that another task closes.
with_testing() { rmmod luadrv && insmod "$LUADRV_KO" testing=1; }

# a close by another task ends every wait of the socket
# timeout: 240
test_close() { with_testing && end_all close; }

# a shutdown by another task ends every wait of the socket
# timeout: 240
test_shutdown() { with_testing && end_all shutdown; }

stopped() { [[ $(proc_stat "$script") = T* ]]; }

# a stop takes effect once the script has ended
test_late_stop() {
	local connection
	start_ready <<<'local s = socket.new("i", "t")
s:bind("127.0.0.1", 7902)
s:listen()
print("ready")
s:accept()'
	wait_for 'the script to wait' waits_in "$script" inet_csk_accept
	kill -STOP "$script"
	waits_in "$script" inet_csk_accept || fail 'the script waits no more'
	exec {connection}<>/dev/tcp/127.0.0.1/7902
	wait_for 'the process to stop' stopped
	wait_for 'the script to be gone' nothing_alive
	exec {connection}>&-
	kill -CONT "$script"
	reap "$script"
	same "$status" 0 'exit status'
}

# a stop that is taken back before the script ends has no effect
test_stop_taken_back() {
	start_ready <<<'print("ready") kernel.sleep(100000)'
	kill -STOP "$script"
	kill -CONT "$script"
	stop_script
}

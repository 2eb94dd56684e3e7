# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# What the kernel sees of a script's pool.

lua_bytes_below() { [ "$(live lua_bytes)" -lt "$1" ]; }

# a script that freed its heap gives the memory back while it runs on
test_give_back() {
	start_script <<'END'
local s = socket.new("inet", "udp")
s:bind("127.0.0.1", 4000)
local t = {}
for i = 1, 30000 do t[i] = { i } end
print("full")
s:recv(1)
t = nil
collectgarbage()
collectgarbage()
print("ready")
kernel.sleep(1000000)
END
	wait_for 'the heap to be full' says full "$script"
	[ "$(live lua_bytes)" -gt 2500000 ] || fail "only $(live lua_bytes) bytes when full"
	echo x >/dev/udp/127.0.0.1/4000
	wait_for 'the script to say ready' says ready "$script"
	lua_bytes_below 400000 || fail "$(live lua_bytes) bytes are held by an empty heap"
	stop_script
	wait_for 'everything to go' nothing_alive
}

# what is charged is never more than the limit
test_never_above() {
	local n max=1048576
	param memory 1M
	start_ready <<'END'
print("ready")
local t = {}
while true do
	if not pcall(function() for i = 1, 100 do t[#t + 1] = { {}, ("x"):rep(#t % 700) } end end) then t = {} end
end
END
	for ((n = 0; n < 50; n++)); do
		[ "$(live lua_bytes)" -le $max ] || fail "lua_bytes: $(live lua_bytes)"
	done
	stop_script
	wait_for 'everything to go' nothing_alive
	same "$(live leaked_bytes)" 0 leaked_bytes
}

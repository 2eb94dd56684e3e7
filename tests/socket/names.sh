# shellcheck shell=bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# Names: the files of the process that runs the script, its name servers, and the kernel's own resolver.

# start_dns [ADDRESS]: a name server at port 53 (dns.py); what it is asked is in dns.log.
start_dns() {
	"$TESTS/socket/dns.py" "$@" >>dns.log 2>&1 &
	wait_for 'the name server' grep -q ready dns.log
}

# with_files COMMAND...: becomes the command, in a mount namespace whose /etc/resolv.conf and /etc/hosts are the files
# resolv.conf and hosts.
with_files() {
	touch resolv.conf hosts
	# shellcheck disable=SC2016 # for the inner shell
	exec unshare --mount bash -ec 'mount --bind resolv.conf /etc/resolv.conf
		mount --bind hosts /etc/hosts
		exec "$@"' inner "$@"
}

# write_script ARGUMENTS: a script that says what socket.resolve with these arguments (in Lua) finds: addresses, how
# many if there are many, or the name of its error.
write_script() {
	printf 'local ok, e, all = pcall(socket.resolve, %s)
		print("found " .. (ok and (#all > 9 and #all or table.concat(all, " ")) or e.name or e))' "$1" >resolve.lua
	dmesg --clear
}

# resolves WANT ARGUMENTS: what it says.
resolves() {
	write_script "$2"
	(with_files cp resolve.lua /dev/luadrv)
	same "$(said)" "found $1" "$2"
}

# the servers of /etc/resolv.conf are asked, and find addresses of both families, aliases, many addresses
test_servers() {
	start_dns
	echo 'nameserver 127.0.0.1' >resolv.conf
	resolves '127.0.0.1 ::1' '"web.test"'
	resolves '::1' '"web.test", "inet6"'
	resolves '127.0.0.1' '"four.test"'
	resolves '127.0.0.1' '"alias.test", "inet"'
	resolves 90 '"many.test"'
	resolves ENODATA '"none.test"'
	resolves ENODATA '"six.test", "inet"'
	grep -qx 'UDP web.test A' dns.log || fail "the server was not asked"
	grep -qx 'TCP many.test A' dns.log || fail "the server was not asked over TCP"
}

# a server that lies, leads in circles or fails ends in an error, soon
test_bad_servers() {
	start_dns
	printf 'nameserver 127.0.0.1\noptions attempts:1\n' >resolv.conf
	resolves ETIMEDOUT '"lying.test", "inet", 200'
	resolves ENODATA '"circle.test"'
	resolves EREMOTEIO '"endless.test"'
	resolves EREMOTEIO '"failing.test"'
	resolves ETIMEDOUT '"silent.test", "inet", 50'
}

# without nameserver in /etc/resolv.conf, and without the file, the server of this machine is asked
test_no_server() {
	start_dns
	resolves '127.0.0.1' '"four.test"'
	printf '# nothing\nnameserver name.test\nnameserver\noptions\nnonsense\0\377' >resolv.conf
	resolves '127.0.0.1' '"four.test"'
	# shellcheck disable=SC2016
	echo 'print("found " .. socket.resolve("four.test"))' >resolve.lua
	unshare --mount bash -ec 'mount -t tmpfs none /etc; exec cp resolve.lua /dev/luadrv'
	same "$(said_times 'found 127.0.0.1')" 2
}

# at most three servers are asked, in their order; comments and blanks do no harm
test_many_servers() {
	start_dns 127.0.0.3
	printf '%s\n' '; comment' ' nameserver   127.0.0.1  # not there' 'nameserver 127.0.0.2' $'nameserver\t127.0.0.3' >resolv.conf
	resolves '127.0.0.1' '"four.test"'
	printf 'nameserver 127.0.0.%d\n' 1 2 4 3 >resolv.conf
	resolves ECONNREFUSED '"four.test"'
}

# a server that is silent is left for the next one after the time that resolv.conf says
test_silent_server() {
	start_dns 127.0.0.2
	# A port that nobody reads from.
	python3 -S -c 'import socket, time; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("127.0.0.1", 53)); print("silent", flush=True); time.sleep(100)' >silent.log &
	wait_for 'the silent server' grep -q silent silent.log
	printf 'nameserver 127.0.0.1\nnameserver 127.0.0.2\noptions timeout:1\n' >resolv.conf
	local begun
	begun=$(now)
	resolves '127.0.0.1' '"four.test"'
	[ $(($(now) - begun)) -ge 1000 ] || fail "the first server got no time"
}

# servers may have addresses of IPv6
test_servers6() {
	start_dns ::1
	echo 'nameserver ::1' >resolv.conf
	resolves '127.0.0.1 ::1' '"web.test"'
	resolves 90 '"many.test"'
	printf 'nameserver fe80::1%%nowhere\nnameserver ::1\n' >resolv.conf
	resolves '127.0.0.1 ::1' '"web.test"'
}

# names with few dots are tried with the domains of the search list, and absolute ones are not
test_search() {
	start_dns
	printf 'nameserver 127.0.0.1\nsearch example.org sub.test test\n' >resolv.conf
	resolves '127.0.0.1' '"four", "inet"'
	same "$(grep ' four' dns.log)" $'UDP four.example.org A\nUDP four.sub.test A'
	resolves ENODATA '"four.", "inet"'
	resolves '127.0.0.1' '"web.test", "inet"'
	! grep -qF 'web.test.' dns.log || fail "a name with a dot was looked for in the list first"
	printf 'nameserver 127.0.0.1\ndomain test\noptions ndots:2 debug\n' >resolv.conf
	resolves '127.0.0.1' '"web.sub", "inet"'
	resolves '127.0.0.1' '"four.test", "inet"'
	same "$(grep 'four.test' dns.log)" $'UDP four.test.test A\nUDP four.test A'
}

# /etc/hosts comes before the servers, and in any case of letters
test_hosts() {
	printf '%s\n' '# 10.9.9.9 box' '10.0.0.1 Box.Example box # here' $'::5\tbox' '10.0.0.2  other box' 'bad box' >hosts
	echo 'nameserver 127.0.0.1' >resolv.conf
	resolves '10.0.0.1 10.0.0.2 ::5' '"box"'
	resolves '10.0.0.1' '"BOX.example."'
	resolves '::5' '"box", "inet6"'
	resolves ECONNREFUSED '"here", "inet"'
	resolves ECONNREFUSED '"bo", "inet"'
}

# a huge /etc/hosts is read up to max_script, and does no harm
test_huge_hosts() {
	{ echo '10.0.0.1 first' && yes '0.0.0.0 blocked.example' | head -c 1500000 && echo '10.0.0.2 last'; } >hosts
	resolves '10.0.0.1' '"first", "inet"'
	resolves ECONNREFUSED '"last", "inet"'
	resolves '0.0.0.0' '"blocked.example", "inet"'
}

# resolv.conf may be a directory, or one that may not be read: then the server of this machine is asked
test_unreadable() {
	start_dns
	echo 'print("found " .. socket.resolve("four.test"))' >resolve.lua
	unshare --mount bash -ec 'mount -t tmpfs none /etc; mkdir /etc/resolv.conf /etc/hosts; exec cp resolve.lua /dev/luadrv'
	expect_said 'found 127.0.0.1'
}

# the namespaces of ip netns have their own resolv.conf
test_netns() {
	mkdir -p /etc/netns/inner
	echo 'nameserver 127.0.0.7' >/etc/netns/inner/resolv.conf
	ip netns add inner
	trap 'ip netns del inner; rm -r /etc/netns' EXIT
	ip -n inner link set lo up
	ip netns exec inner "$TESTS/socket/dns.py" 127.0.0.7 >dns.log 2>&1 &
	wait_for 'the name server' grep -q ready dns.log
	echo 'print("found " .. socket.resolve("four.test"))' >resolve.lua
	ip netns exec inner cp resolve.lua /dev/luadrv
	expect_said 'found 127.0.0.1'
	kill $!
}

# ---- the kernel's own resolver, in the initial network namespace

# at_home COMMAND...: the same in that namespace; with empty files only the kernel can know of a name.
# shellcheck disable=SC2016 # for the inner shell
at_home() { exec nsenter --net=/proc/1/ns/net bash -c '. "$1"; cd "$2"; shift 2; with_files "$@"' home "$HERE" "$PWD" "$@"; }

HERE=${BASH_SOURCE[0]}
: "${go:=}"

# resolver: makes the kernel have its resolver, and the module know it.
resolver() {
	[ -x /sbin/key.dns_resolver ] || skip 'keyutils is not installed'
	! modprobe dns_resolver 2>/dev/null || { rmmod luadrv && insmod "$LUADRV_KO"; }
	grep -q ' dns_query' /proc/kallsyms || skip 'the kernel has no dns_resolver'
}

# program: from now on standard input is the program that answers; it gets numbers of a key and a keyring.
program() {
	{ echo '#!/bin/bash' && cat; } >program
	chmod 755 program
	echo "create dns_resolver * * $PWD/program %k %S" >conf
	mount --bind conf /etc/request-key.conf
	trap 'umount -l /etc/request-key.conf' EXIT
}

# found_at_home WANT ARGUMENTS: as resolves.
found_at_home() {
	write_script "$2"
	(at_home cp resolve.lua /dev/luadrv)
	same "$(said)" "found $1" "$2"
}

# keyutils finds names of the initial mount namespace
test_kernel() {
	resolver
	found_at_home 127.0.1.1 '"luadrv", "inet"'
	found_at_home 127.0.1.1 '"luadrv"'
	found_at_home 127.0.1.1 '"LUADRV", "inet"'
}

# what the program says are addresses of the right family, and nothing else
test_kernel_answers() {
	resolver
	program <<'END'
case $(keyctl rdescribe "$1" / | cut -d/ -f5) in
a:*) printf 'nonsense,10.0.0.1,,256.0.0.1,::1, 10.0.0.2,10.0.0.3\0' | keyctl pinstantiate "$1" "$2" ;;
aaaa:*) printf '10.0.0.4,::2\0' | keyctl pinstantiate "$1" "$2" ;;
esac
END
	found_at_home '10.0.0.1 10.0.0.3 ::2' '"answers.example"'
	found_at_home '::2' '"answers.example", "inet6"'
}

# where the kernel cannot tell, the servers are asked
test_kernel_fails() {
	resolver
	program <<<'exit 1'
	nsenter --net=/proc/1/ns/net ip link set lo up
	nsenter --net=/proc/1/ns/net "$TESTS/socket/dns.py" 127.0.0.7 >dns.log 2>&1 &
	wait_for 'the name server' grep -q ready dns.log
	echo 'nameserver 127.0.0.7' >resolv.conf
	found_at_home 127.0.0.1 '"four.test", "inet"'
	kill $!
}

# without the program nothing is tried, nor remembered
test_kernel_no_program() {
	resolver
	mv /sbin/request-key /sbin/request-key.away
	trap 'mv /sbin/request-key.away /sbin/request-key' EXIT
	printf '10.0.0.1 away.example\n' >hosts
	found_at_home 10.0.0.1 '"away.example", "inet"'
	! grep -q 'away.example' /proc/keys || fail 'the kernel has a key'
}

# in another network namespace the kernel is not asked
test_kernel_not_here() {
	resolver
	program <<<"touch $PWD/asked"
	resolves ECONNREFUSED '"here.example", "inet"'
	[ ! -e asked ] || fail 'it was asked'
}

# The program waits until somebody has the pipe go open.
slow_program() {
	mkfifo go
	program <<END
: <$PWD/go
printf '10.0.0.1\0' | keyctl pinstantiate "\$1" "\$2"
END
}

# while the program works, the script waits no longer than it wants, and can be stopped at once
# timeout: 120
test_kernel_waits() {
	resolver
	slow_program
	found_at_home ETIMEDOUT '"slow1.example", "inet", 100'
	echo 'print("ready") socket.resolve("slow2.example", "inet", 60000)' >resolve.lua
	set -m
	at_home cp resolve.lua /dev/luadrv &
	script=$!
	set +m
	wait_for 'the script' says ready "$script"
	wait_for 'the script to wait' asleep "$script"
	stop_script
	# The kernel still waits for the program, and the module for the kernel.
	! rmmod luadrv 2>/dev/null || fail 'the module was unloaded'
	exec {go}<>go
	wait_for 'the kernel' nothing_alive
}

# a script gets the answer when the program is ready, also in a poll set
test_kernel_late() {
	resolver
	slow_program
	cat >resolve.lua <<'END'
local query = socket.query("late.example", "inet", 60000)
assert(query:step() == nil)
local poll = socket.poll()
poll:add(query.sock, query.events)
assert(poll:select(30) == nil)
assert(query:step() == nil)
print("ready")
local _, sock = poll:select(60000)
assert(sock == query.sock)
local list = query:step()
print("found " .. list[1] .. " " .. #poll)
-- One that nobody waits for.
socket.query("late2.example", "inet"):step()
END
	at_home cp resolve.lua /dev/luadrv &
	wait_for 'the script' says ready
	exec {go}<>go
	wait $!
	expect_said 'found 10.0.0.1 0'
}

# busy NAME HOW: a script with HOW names that the kernel works at asks for one more.
busy() {
	cat >"$1.lua" <<END
local queries = {}
for i = 1, $2 do
	queries[i] = socket.query("$1-" .. i .. ".example", "inet", 60000)
	assert(queries[i]:step() == nil)
end
-- Nobody else is there.
local ok, e = pcall(socket.resolve, "$1.example", "inet")
print("$1 " .. e.name)
for i = 1, $2 do
	local poll = socket.poll()
	poll:add(queries[i].sock, queries[i].events)
	poll:select(60000)
	assert(queries[i]:step()[1] == "10.0.0.1")
end
print("$1 all")
END
	at_home cp "$1.lua" /dev/luadrv &
	wait_for "$1 to be refused" says "$1 ECONNREFUSED"
}

# the kernel is asked for four names of a script at a time, and for sixteen of all; for more, the servers are
# timeout: 120
test_kernel_busy() {
	local name scripts=()
	resolver
	slow_program
	nsenter --net=/proc/1/ns/net ip link set lo up
	for name in one two three four; do
		busy "$name" 4
		scripts+=($!)
	done
	busy five 0
	exec {go}<>go
	wait "${scripts[@]}" $!
	for name in one two three four five; do expect_said "$name all"; done
}

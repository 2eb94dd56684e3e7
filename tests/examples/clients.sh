# shellcheck shell=bash disable=SC2119
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# The proxy: programs that people use as its clients.

# shellcheck source=lib.bash
. "$TESTS/examples/lib.bash"

# start_files: a web server for the folder files, with a file of 1 MB in it; $port is then its port.
start_files() {
	mkdir files
	head -c 1000000 /dev/urandom >files/file
	python3 -u -m http.server --bind 127.0.0.1 --directory files 0 >http.log 2>&1 &
	wait_for "the web server" grep -q 'http://' http.log
	port=$(sed -n 's/.* port \([0-9]*\) .*/\1/p' http.log)
}

# needs PROGRAM...: what the guest may lack.
needs() {
	local name
	for name in "$@"; do
		command -v "$name" >program.log || skip "$name is not installed"
	done
}

# chain VERSION: proxychains' configuration for the proxy; it goes direct to no address at all, not even to this host's.
chain() { printf '%s\n' strict_chain '[ProxyList]' "socks$1 127.0.0.1 8080" >chain.conf; }

# curl with each version
test_curl() {
	local option
	start_files
	start_proxy
	for option in --socks4 --socks4a --socks5 --socks5-hostname; do
		curl -sS --max-time 20 $option 127.0.0.1:8080 "http://127.0.0.1:$port/file" | cmp - files/file
	done
	same "$(said)" 'proxy on 0.0.0.0:8080'
	stop_script
}

# curl to a server of IPv6, and by way of IPv6
test_curl6() {
	mkdir files
	head -c 1000000 /dev/urandom >files/file
	python3 -u -m http.server --bind ::1 --directory files 0 >http.log 2>&1 &
	wait_for "the web server" grep -q 'http://' http.log
	port=$(sed -n 's/.* port \([0-9]*\) .*/\1/p' http.log)
	copy_proxy 'HOST="::"'
	start_script proxy.lua
	wait_for 'the proxy' says 'proxy on' "$script"
	curl -sS --max-time 20 -g --socks5 127.0.0.1:8080 "http://[::1]:$port/file" | cmp - files/file
	curl -sS --max-time 20 -g --socks5-hostname '[::1]:8080' "http://[::1]:$port/file" | cmp - files/file
	curl -sS --max-time 20 -g --socks4a '[::1]:8080' "http://[::1]:$port/file" | cmp - files/file
	stop_script
}

# curl with a user and password, and without
test_curl_password() {
	start_files
	start_proxy 'USERS={ me = "secret" }'
	curl -sS --max-time 20 --proxy socks5://me:secret@127.0.0.1:8080 "http://127.0.0.1:$port/file" | cmp - files/file
	! curl -sS --max-time 20 --proxy socks5://me:wrong@127.0.0.1:8080 "http://127.0.0.1:$port/file" >got 2>&1 ||
		fail 'a wrong password was taken'
	! curl -sS --max-time 20 --socks5 127.0.0.1:8080 "http://127.0.0.1:$port/file" >got 2>&1 ||
		fail 'it went without a password'
	stop_script
}

# nc with versions 4 and 5
test_nc() {
	start_files
	start_proxy
	local version
	for version in 4 5; do
		printf 'GET /file HTTP/1.0\r\n\r\n' | nc -X $version -x 127.0.0.1:8080 127.0.0.1 "$port" | tail -c 1000000 | cmp - files/file
	done
	stop_script
}

# proxychains with versions 4 and 5
test_proxychains() {
	local version
	needs proxychains4
	start_files
	start_proxy
	for version in 4 5; do
		chain $version
		proxychains4 -q -f chain.conf curl -sS --max-time 20 "http://127.0.0.1:$port/file" | cmp - files/file
	done
	same "$(said)" 'proxy on 0.0.0.0:8080'
	stop_script
}

# tsocks with versions 4 and 5
test_tsocks() {
	local version
	needs tsocks
	ip addr add 10.11.12.13/32 dev lo
	start_files
	socat TCP-LISTEN:8000,bind=10.11.12.13,fork,reuseaddr "TCP:127.0.0.1:$port" &
	wait_for 'the server' nc -z 10.11.12.13 8000
	start_proxy
	for version in 4 5; do
		printf '%s\n' 'local = 127.0.0.0/255.0.0.0' 'server = 127.0.0.1' "server_type = $version" 'server_port = 8080' >tsocks.conf
		TSOCKS_CONF_FILE=$PWD/tsocks.conf tsocks curl -sS --max-time 20 http://10.11.12.13:8000/file | cmp - files/file
	done
	stop_script
}

# iperf3, which has two connections, through proxychains, both ways
# timeout: 120
test_iperf3() {
	local version way
	needs iperf3 proxychains4
	start_proxy
	for version in 4 5; do
		chain $version
		for way in '' -R; do
			iperf3 -s -1 --forceflush -p 5201 -B 127.0.0.1 >server.log 2>&1 &
			wait_for 'the server' grep -q listening server.log
			# shellcheck disable=SC2086 # none, or one
			proxychains4 -q -f chain.conf iperf3 -c 127.0.0.1 -p 5201 -n 5M -J $way >client.json || fail "$(cat client.json)"
			python3 -c 'import json
end = json.load(open("client.json"))["end"]
sent, received = end["sum_sent"]["bytes"], end["sum_received"]["bytes"]
assert sent >= 5 << 20 and 5 << 19 < received <= sent, (sent, received)'
			wait $! || fail "$(cat server.log)"
		done
	done
	same "$(said)" 'proxy on 0.0.0.0:8080'
	stop_script
	! proxychains4 -q -f chain.conf iperf3 -c 127.0.0.1 -p 5201 -n 1K >client.log 2>&1 || fail 'it goes without the proxy'
}

# wget through tsocks, as the library of 2018 was tried
test_wget() {
	local version
	needs tsocks wget
	ip addr add 10.11.12.13/32 dev lo
	start_files
	socat TCP-LISTEN:8000,bind=10.11.12.13,fork,reuseaddr "TCP:127.0.0.1:$port" &
	wait_for 'the server' nc -z 10.11.12.13 8000
	start_proxy
	export TSOCKS_CONF_FILE=$PWD/tsocks.conf
	for version in 4 5; do
		printf '%s\n' 'local = 127.0.0.0/255.0.0.0' 'server = 127.0.0.1' "server_type = $version" 'server_port = 8080' >tsocks.conf
		tsocks wget -q -t 1 -T 20 -O got http://10.11.12.13:8000/file
		cmp got files/file
	done
	same "$(said)" 'proxy on 0.0.0.0:8080'
	stop_script
	! tsocks wget -q -t 1 -T 20 -O got http://10.11.12.13:8000/file 2>wget.log || fail 'it goes without the proxy'
}

# dig over TCP through proxychains
test_dig() {
	local version
	needs dig proxychains4
	"$TESTS/socket/dns.py" 127.0.0.1 5353 >dns.log 2>&1 &
	wait_for 'the name server' grep -q ready dns.log
	start_proxy
	for version in 4 5; do
		chain $version
		same "$(proxychains4 -q -f chain.conf dig @127.0.0.1 -p 5353 +tcp +short web.test A)" 127.0.0.1
		same "$(proxychains4 -q -f chain.conf dig @127.0.0.1 -p 5353 +tcp +short many.test A | wc -l)" 90
	done
	same "$(grep -c '^TCP' dns.log) $(grep -c '^UDP' dns.log)" '4 0' 'questions'
	same "$(said)" 'proxy on 0.0.0.0:8080'
	stop_script
	! proxychains4 -q -f chain.conf dig @127.0.0.1 -p 5353 +tcp +tries=1 +short web.test A >dig.log 2>&1 || fail 'it goes without the proxy'
}

# ssh through the proxy
# timeout: 120
test_ssh() {
	needs ssh dropbear dropbearkey
	dropbearkey -t ed25519 -f host >key.log 2>&1
	dropbearkey -t ed25519 -f me >key.log 2>&1
	mkdir home
	dropbearkey -y -f me | grep ^ssh- >home/authorized_keys
	chmod 700 home
	# Root's own keys are these as long as it runs.
	mkdir -p ~root/.ssh
	mount --bind home ~root/.ssh
	trap 'umount -l ~root/.ssh' EXIT
	dropbear -F -E -s -r host -p 127.0.0.1:2222 >ssh.log 2>&1 &
	wait_for 'the server' nc -z 127.0.0.1 2222
	dropbearconvert dropbear openssh me key >key.log 2>&1
	start_proxy
	local version
	for version in 4 5; do
		ssh -i key -p 2222 -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
			-o "ProxyCommand=nc -X $version -x 127.0.0.1:8080 %h %p" root@127.0.0.1 'echo "here is $((6 * 7))"; cat' \
			<<<'and back' >got 2>said.log || fail "$(cat said.log ssh.log)"
		same "$(cat got)" $'here is 42\nand back'
	done
	same "$(said)" 'proxy on 0.0.0.0:8080'
	stop_script
}

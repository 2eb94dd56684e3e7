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
		printf '%s\n' strict_chain '[ProxyList]' "socks$version 127.0.0.1 8080" >chain.conf
		# It sends what goes to this host directly, unless told otherwise.
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
	mkdir -p /root/.ssh
	mount --bind home /root/.ssh
	trap 'umount -l /root/.ssh' EXIT
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

# shellcheck shell=bash disable=SC2119
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# The proxy: names that it looks up (tests/socket/dns.py says what they stand for).

# shellcheck source=lib.bash
. "$TESTS/examples/lib.bash"

# names reach their servers, by 4a and by 5, and also the second address of a name
test_names() {
	start_proxy_with_dns
	client <<'END'
for name in b"web.test", b"four.test", b"alias.test", b"FOUR.test", b"next.test":
    exchange(*pair(name=name))
    exchange(*pair5(name=name))
only_listener()
END
	same "$(said)" 'proxy on 0.0.0.0:8080'
	stop_script
}

# names of IPv6 reach their servers, by 4a too, and UDP
test_names6() {
	start_proxy_with_dns
	client <<'END'
with socket.create_server(("::1", 0), family=socket.AF_INET6) as server:
    port = port_of(server)
    for sock in tunnel(port, name=b"six.test"), tunnel5(port, name=b"six.test"), tunnel(port, name=b"web.test"):
        exchange(sock, server.accept()[0])
control = reach5(0, command=3, host="0.0.0.0")
relay = reply5(control)[1:]
client, server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
server.bind(("::1", 0))
for where in {"name": b"six.test"}, {"host": "::1"}:
    client.sendto(b"\0\0\0" + pack5(port_of(server), **where) + b"hello", relay)
    got, sender = server.recvfrom(10)
    assert got == b"hello"
    server.sendto(b"back", sender)
    assert client.recv(100)[3:] == pack5(port_of(server), host="::1") + b"back"
END
	stop_script
}

# a name that does not exist, or whose server fails or lies, is refused with the reason in the log
test_refused() {
	start_proxy_with_dns
	client <<'END'
refused(request(80, name=b"none.test"))
refused5(4, 80, name=b"none.test")
refused5(1, 80, name=b"failing.test")
refused5(4, 80, name=b"circle.test")
refused5(1, 80, name=b"endless.test")
only_listener()
END
	expect_said 'proxy: refused: ' "$script"
	expect_said 'resolve none.test (no such name)' "$script"
	expect_said 'resolve failing.test (127.0.0.1 says SERVFAIL)' "$script"
	expect_running
	stop_script
}

# names that nobody answers for disturb nobody, and their clients are told in the end
# timeout: 120
test_silent() {
	start_proxy_with_dns
	client <<'END'
waiting = [reach5(80, name=b"silent.test") for _ in range(50)] + [reach5(80, name=b"lying.test") for _ in range(10)]
until("the proxy to ask", lambda: live("sockets") == 1 + 2 * len(waiting))
exchange(*pair5(name=b"web.test"))
from many import downloads
downloads(3, MB)
for sock in waiting:
    assert reply5(sock)[0] == 4
    assert over(sock)
only_listener()
END
	expect_said 'no answer from 127.0.0.1' "$script"
	stop_script
}

# who breaks off while a name is looked up is not kept
test_break_off() {
	start_proxy_with_dns
	client <<'END'
for turn in range(5):
    for sock in reach5(80, name=b"silent.test"), reach(), reach5(0, name=b"silent.test", command=2):
        if turn % 2:
            sock.sendall(request(80, name=b"silent.test"))
        reset(sock)
only_listener()
works()
END
	expect_running
	stop_script
}

# a stop ends the proxy at once while names are looked up
test_stop() {
	start_proxy_with_dns
	client <<'END' &
waiting = [reach5(80, name=b"silent.test") for _ in range(20)]
until("the proxy to ask", lambda: live("sockets") == 41)
open("asked", "w").close()
for sock in waiting:
    assert over(sock)
END
	local job=$!
	wait_for 'the questions' test -e asked
	stop_script INT
	wait "$job"
}

# UDP by name: one name is looked up at a time, and remembered
test_udp() {
	start_proxy_with_dns
	client <<'END'
control = reach5(0, command=3, host="0.0.0.0")
relay = reply5(control)[1:]
client, server = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
server.bind(("127.0.0.1", 0))
for number in range(5):
    client.sendto(b"\0\0\0" + pack5(port_of(server), name=b"four.test") + b"%d" % number, relay)
    assert server.recv(10) == b"%d" % number
client.sendto(b"\0\0\0" + pack5(port_of(server), name=b"none.test") + b"x", relay)
client.sendto(b"\0\0\0" + pack5(port_of(server), name=b"silent.test") + b"x", relay)
client.sendto(b"\0\0\0" + pack5(port_of(server), name=b"four.test") + b"last", relay)
assert server.recv(10) == b"last"
control.close()
only_listener()
END
	same "$(grep -c 'four.test A$' dns.log)" 1 questions
	stop_script
}

# curl with --socks4a and --socks5h leaves names to the proxy
test_curl() {
	mkdir files
	head -c 100000 /dev/urandom >files/file
	python3 -u -m http.server --bind 127.0.0.1 --directory files 0 >http.log 2>&1 &
	start_proxy_with_dns
	wait_for "the web server" grep -q 'http://' http.log
	local port option
	port=$(sed -n 's/.* port \([0-9]*\) .*/\1/p' http.log)
	for option in --socks4a --socks5-hostname; do
		curl -sS --max-time 20 $option 127.0.0.1:8080 "http://web.test:$port/file" | cmp - files/file
		! curl -sS --max-time 20 $option 127.0.0.1:8080 "http://none.test:$port/file" 2>curl.log || fail "found"
	done
	grep -qi 'host unreachable\|(4)' curl.log || fail "curl says: $(cat curl.log)"
	stop_script
}

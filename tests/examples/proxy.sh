# shellcheck shell=bash disable=SC2119
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# The proxy: what a client that means well may expect of it.

# shellcheck source=lib.bash
. "$TESTS/examples/lib.bash"

# start_files: a web server for the folder files; $files is then its address.
start_files() {
	python3 -u -m http.server --bind 127.0.0.1 --directory files 0 >http.log 2>&1 &
	wait_for "the web server" grep -q 'http://' http.log
	files=$(grep -o 'http://[^/]*' http.log)
}

make_file() { mkdir -p files && head -c "$1" /dev/urandom >files/file; }

# it runs as its header says, prints its address and nothing else
test_header() {
	grep -qF 'cat examples/proxy.lua > /dev/luadrv' "$EXAMPLES/proxy.lua" || fail "another command in the header"
	start_proxy
	client <<<'works()'
	same "$(said)" 'proxy on 0.0.0.0:8080'
	stop_script INT
}

# it uses no global that does not exist, and makes none
test_globals() {
	local strict='setmetatable(_G, { __index = function(_, k) error("no global " .. k, 2) end,
		__newindex = function(_, k) error("new global " .. k, 2) end })'
	{ echo "$strict" && cat "$EXAMPLES/proxy.lua"; } >strict.lua
	start_script strict.lua
	wait_for "the proxy" says 'proxy on 0.0.0.0:8080' "$script"
	client <<'END'
works()
refused(b"\6\1\0")
with reach() as sock:
    pass
only_listener()
END
	expect_running
	expect_unsaid global
	stop_script
}

# curl --socks4 downloads 5 MB unchanged
test_curl() {
	make_file 5242880
	start_files
	start_proxy
	curl -sS --max-time 50 --socks4 127.0.0.1:8080 "$files/file" -o got
	cmp files/file got
	stop_script INT
}

# curl as in the header, and with --socks4a
test_curl_forms() {
	make_file 100
	start_files
	start_proxy
	curl -sS --proxy socks4://127.0.0.1:8080 "$files/file" | cmp - files/file
	curl -sS --socks4a 127.0.0.1:8080 "$files/file" | cmp - files/file
	same "$(said)" 'proxy on 0.0.0.0:8080'
	stop_script INT
}

# several requests of curl over one connection that is kept
test_curl_again() {
	make_file 30000
	start_files
	start_proxy
	curl -sS --socks4 127.0.0.1:8080 "$files/file" "$files/file" "$files/file" -o a -o b -o c
	cat files/file files/file files/file | cmp - <(cat a b c)
	stop_script INT
}

# an upload of 5 MB arrives unchanged, and its end after it, before the server answers
test_upload() {
	start_proxy
	client <<'END'
client, server = pair()
content = payload(5 * MB)
background(send_and_end, client, content)
got = read_all(server)
server.sendall(digest(got).encode())
server.close()
assert read_all(client).decode() == digest(content)
END
	stop_script INT
}

# a download of 5 MB arrives unchanged, and its end after it, before the client answers
test_download() {
	start_proxy
	client <<'END'
client, server = pair()
content = payload(5 * MB)
background(send_and_end, server, content)
got = read_all(client)
client.sendall(digest(got).encode())
client.close()
assert read_all(server).decode() == digest(content)
END
	stop_script INT
}

# 10 MB each way at the same time
test_both_ways() {
	start_proxy
	client <<'END'
client, server = pair()
up, down = payload(10 * MB, 1), payload(10 * MB, 2)
background(send_and_end, client, up)
background(send_and_end, server, down)
got = []
reader = background(lambda: got.append(digest(read_all(server))))
assert digest(read_all(client)) == digest(down)
reader.join()
assert got == [digest(up)]
only_listener()
END
	stop_script INT
}

# an end of the client is passed on, and the server can still talk for long
test_client_ends() {
	start_proxy
	client <<'END'
client, server = pair()
client.shutdown(socket.SHUT_WR)
assert server.recv(1) == b""
for number in range(20):
    server.sendall(b"part")
    assert read_exactly(client, 4) == b"part"
server.close()
assert client.recv(1) == b""
only_listener()
END
	stop_script INT
}

# an end of the server is passed on, and the client can still talk for long
test_server_ends() {
	start_proxy
	client <<'END'
client, server = pair()
server.shutdown(socket.SHUT_WR)
assert client.recv(1) == b""
for number in range(20):
    client.sendall(b"part")
    assert read_exactly(server, 4) == b"part"
client.close()
assert server.recv(1) == b""
only_listener()
END
	stop_script INT
}

# an end is passed on only after the data before it, also if those had to wait
test_end_after_data() {
	start_proxy
	client <<'END'
for turn in range(2):
    source, sink = pair()[::-1 if turn else 1]
    sent = fill(source)
    source.shutdown(socket.SHUT_WR)
    got = read_all(sink)
    assert len(got) == sent, (turn, len(got), sent)
    sink.sendall(b"all")
    assert read_exactly(source, 3) == b"all"
    sink.close()
    source.close()
only_listener()
END
	stop_script INT
}

# 4a with a name that is an address
test_4a() {
	start_proxy
	client <<'END'
client, server = pair(name=b"127.0.0.1")
exchange(client, server)
client, server = pair(name=b"127.0.0.1", user=b"somebody")
exchange(client, server)
END
	stop_script INT
}

# a user's name may be there, also a long one
test_user() {
	start_proxy
	client <<'END'
for user in b"u", b"somebody", b"x" * 400, bytes(range(1, 256)):
    exchange(*pair(user=user))
END
	stop_script INT
}

# a request may come byte by byte
test_byte_by_byte() {
	start_proxy
	client <<'END'
for options in {}, {"name": b"127.0.0.1", "user": b"me"}:
    with listen() as server:
        sock = reach()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in request(port_of(server), **options):
            sock.sendall(bytes([byte]))
            time.sleep(0.005)
        assert reply(sock) == GRANTED
        exchange(sock, server.accept()[0])
END
	stop_script INT
}

# what follows the request in the same segment reaches the server first
test_early_data() {
	start_proxy
	client <<'END'
for options in {}, {"name": b"127.0.0.1"}, {"user": b"me"}:
    for early in b"e", b"early", b"\0\0", b"x" * 480, payload(100000):
        with listen() as server:
            sock = reach()
            background(sock.sendall, request(port_of(server), **options) + early)
            assert reply(sock) == GRANTED
            accepted = server.accept()[0]
            assert read_exactly(accepted, len(early)) == early
            exchange(sock, accepted)
END
	stop_script INT
}

# early data and the client's end come at once: both reach the server, and its answer the client
test_early_end() {
	start_proxy
	client <<'END'
for early in b"", b"early":
    with listen() as server:
        sock = reach()
        send_and_end(sock, request(port_of(server)) + early)
        assert reply(sock) == GRANTED
        accepted = server.accept()[0]
        assert read_all(accepted) == early
        send_and_end(accepted, b"answer")
        assert read_all(sock) == b"answer"
        sock.close()
only_listener()
END
	stop_script INT
}

# a server that talks at once and ends: all of it arrives
test_server_first() {
	start_proxy
	client <<'END'
for turn in range(20):
    with listen() as server:
        sock = reach()
        sock.sendall(request(port_of(server)))
        accepted = server.accept()[0]
        accepted.sendall(b"hello")
        accepted.close()
        assert reply(sock) == GRANTED
        assert read_all(sock) == b"hello"
        sock.close()
only_listener()
END
	stop_script INT
}

# 200 downloads of 1 MB at once arrive unchanged (fewer on a slow kernel)
# timeout: 120
test_downloads() {
	start_proxy
	client <<'END'
from many import downloads
downloads(200 // SLOW, MB)
only_listener()
END
	stop_script INT
}

# with 500 idle connections (fewer on a slow kernel) a download works
test_idle_connections() {
	start_proxy
	client <<'END'
server = listen()
idle = [tunnel(port_of(server)) for _ in range(500 // SLOW)]
accepted = [server.accept()[0] for _ in idle]
assert live("sockets") == 1 + 2 * len(idle)
from many import downloads
downloads(1, 5 * MB)
for sock in idle[0], idle[len(idle) // 2], idle[-1]:
    sock.sendall(b"x")
assert len(select.select(accepted, [], [], 20)[0]) > 0
for sock in idle + accepted:
    sock.close()
only_listener()
END
	stop_script INT
}

# a thousand connections one after the other (fewer on a slow kernel) leave nothing behind
test_one_after_the_other() {
	start_proxy
	client <<'END'
server = listen()
for number in range(1000 // SLOW):
    with tunnel(port_of(server)) as sock:
        server.accept()[0].close()
        assert sock.recv(1) == b""
only_listener()
END
	stop_script INT
}

# in a network namespace it serves that one and no other
# shellcheck disable=SC2016 # for the inner shell
test_namespace() {
	copy_proxy
	mkfifo namespace
	unshare -n bash -c 'ip link set lo up; read -r <namespace; exec cat proxy.lua >/dev/luadrv' &
	script=$!
	echo >namespace
	wait_for "the proxy" says 'proxy on 0.0.0.0:8080' "$script"
	client <<'END'
try:
    reach()
    sys.exit("it is reached from another namespace")
except ConnectionRefusedError:
    pass
END
	{ echo 'from socks import *' && echo 'from many import downloads' && echo 'works()' && echo 'downloads(3, MB)'; } >client.py
	PYTHONPATH=$TESTS/examples nsenter --net="/proc/$script/ns/net" python3 -B client.py
	stop_script TERM
}

# two proxies in two namespaces do not know of each other
# shellcheck disable=SC2016 # for the inner shell
test_two_namespaces() {
	start_proxy
	local first=$script
	unshare -n bash -c 'ip link set lo up; exec cat proxy.lua >/dev/luadrv' &
	script=$!
	wait_for "the other proxy" says 'proxy on 0.0.0.0:8080' "$script"
	stop_script TERM
	script=$first
	client <<<'works()'
	stop_script TERM
}

# shellcheck shell=bash disable=SC2119
# SPDX-License-Identifier: MIT OR GPL-2.0-only
# The web server and the forwarder of names.

# shellcheck source=lib.bash
. "$TESTS/examples/lib.bash"

# get PATH [OPTION...]: what curl says, and the status.
get() { curl -sS --path-as-is -w '%{http_code}' "${@:2}" "http://127.0.0.1:8000$1"; }

# http.lua gives files as they are, with their types, and the index of a folder
test_http() {
	start_http
	head -c 3000000 /dev/urandom >www/large.bin
	: >www/empty.txt
	echo index >www/folder/index.html
	echo blank >'www/a b.txt'
	same "$(get /large.bin -o got)" 200
	cmp got www/large.bin || fail "it is another file"
	same "$(get /empty.txt)" 200
	same "$(get '/a%20b.txt?x=/..#y')" $'blank\n200'
	same "$(get /folder/)" $'index\n200'
	same "$(get /folder/ -I | tr -d '\r')" $'HTTP/1.0 200 OK\nContent-Type: text/html\nConnection: close\n\n200'
	same "$(get /large.bin -o /dev/null -w '%{content_type}')" application/octet-stream
	stop_script INT
}

# http.lua gives nothing that is hidden, missing, no file, or out of its folder
test_http_refuses() {
	start_http
	echo secret | tee secret www/.secret >www/closed.txt
	ln -s . www/loop
	mkfifo www/pipe
	local path
	for path in /missing /../secret /folder/../../secret /.secret /%2e%2e/secret /%2E./secret /folder /folder/x '/folder/%00' /%0asecret \
		"/$(printf '%300s' '' | tr ' ' x)"; do
		same "$(get "$path")" $'404 Not Found\n404' "$path"
	done
	same "$(get /pipe)" $'403 Forbidden\n403'
	same "$(get / -X DELETE)" $'501 Not Implemented\n501'
	same "$(get /loop/loop/closed.txt)" $'secret\n200'
	client <<'END'
for request, status in (b"GET\r\n\r\n", b"400"), (b"GET /closed.txt HTTP/2.0\r\n\r\n", b"400"), (b"GET /closed.txt HTTP/1.1\n\n", b"200"), \
        (b"\r\n\r\n", b"400"), (b"GET /closed.txt HTTP/1.0\r\n" + b"a: b\r\n" * 200, b"400"):
    with socket.create_connection(("127.0.0.1", 8000)) as sock:
        sock.sendall(request)
        assert read_exactly(sock, 12) == b"HTTP/1.0 " + status, request
with socket.create_connection(("127.0.0.1", 8000)) as sock:
    sock.sendall(b"x" * 5000)
    assert over(sock)
END
	stop_script INT
}

# http.lua serves so many at once, and who is silent has to go
test_http_silent() {
	start_http REQUEST=300
	echo text >www/a.txt
	client <<'END'
import contextlib
silent = [socket.create_connection(("127.0.0.1", 8000)) for _ in range(20)]
for sock in silent:
    with contextlib.suppress(ConnectionError):	# on a slow machine its time is over
        sock.sendall(b"GET /a.txt")
for sock in silent:
    assert over(sock)
END
	same "$(get /a.txt)" $'text\n200'
	stop_script INT
}

# http.lua resets a connection that a client takes nothing from, so that nobody takes a part for all
test_http_slow() {
	start_http SILENCE=300
	truncate -s 20M www/large.bin
	client <<'END'
import select
with socket.socket() as sock:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.connect(("127.0.0.1", 8000))
    sock.sendall(b"GET /large.bin HTTP/1.0\r\n\r\n")
    # Nothing is taken before the reset is there.
    given_up = select.poll()
    given_up.register(sock, 0)
    until("the server to give up", lambda: given_up.poll(0))
    try:
        got = len(read_all(sock))
        raise AssertionError(f"the end after {got} bytes")
    except ConnectionResetError:
        pass
END
	stop_script INT
}

# dns.lua passes questions on, and answers back
test_dns() {
	start_dns
	cat >ask.lua <<'END'
local servers = { server = "127.0.0.1", port = 5300 }
local first, all = socket.resolve("web.test", nil, 5000, servers)
assert(first == "127.0.0.1" and all[2] == "::1")
assert(socket.resolve("alias.test", "inet", 5000, servers) == "127.0.0.1")
local ok, e = pcall(socket.resolve, "none.test", nil, 5000, servers)
assert(not ok and e.name == "ENODATA")
END
	expect_run '' ask.lua
	stop_script INT
}

# ask [OPTION...] NAME [TYPE]: what dig says about a name.
ask() { dig @127.0.0.1 -p 5300 "$@"; }

# dig has its answers from dns.lua: A, AAAA, an alias, a name that has none of a type, and one that is not there
test_dig() {
	start_dns
	same "$(ask +short web.test)" 127.0.0.1
	same "$(ask +short web.test AAAA)" ::1
	same "$(ask +short six.test AAAA)" ::1
	same "$(ask +short alias.test)" web.test.
	same "$(ask +short four.test AAAA)" ''
	ask four.test AAAA | grep -q 'status: NOERROR' || fail 'a name without addresses is said not to be there'
	ask none.test | grep -q 'status: NXDOMAIN' || fail 'a name that is not there is not said to be so'
	ask failing.test | grep -q 'status: SERVFAIL' || fail 'a failure is not told'
	same "$(grep -c '^UDP web.test' dns.log)" 2 'questions'
	expect_running
	stop_script INT
}

# dns.lua gives no answer that is to another question, and passes nothing on that is no question
test_dns_hostile() {
	start_dns
	client <<'END'
import struct
def question(label, number=7, flags=0x100):
    return struct.pack(">HHHHHH", number, flags, 1, 0, 0, 0) + bytes([len(label)]) + label + b"\4test\0\0\1\0\1"
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.settimeout(20)
sock.connect(("127.0.0.1", 5300))
for junk in b"", b"x", b"\0" * 12, b"\xff" * 512, question(b"web", flags=0x8100), question(b"web")[:-3], question(b"web") + b"\0" * 500:
    sock.send(junk)
# Another number, another question, and then what is forwarded as it is.
sock.send(question(b"lying", 8))
got = sock.recv(512)
assert got[:2] == b"\0\x08" and got[12:].startswith(question(b"lying")[12:]), got
for number in range(100):
    sock.send(question(b"four", number + 1000))
    got = sock.recv(512)
    assert got[:2] == struct.pack(">H", number + 1000) and got.endswith(b"\x7f\0\0\1"), got
until("the questions to be forgotten", lambda: live("sockets") == 1)
END
	same "$(grep -c 'UDP four' dns.log) $(grep -c web dns.log)" '100 0'
	expect_running
	stop_script INT
}

# dns.lua has no more than so many questions open, and serves again when their time is over
test_dns_many() {
	start_dns
	client <<'END'
import struct
def question(label, number):
    return struct.pack(">HHHHHH", number, 0x100, 1, 0, 0, 0) + bytes([len(label)]) + label + b"\4test\0\0\1\0\1"
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.connect(("127.0.0.1", 5300))
for number in range(400):
    sock.send(question(b"silent", number))
    if number % 50 == 49:
        until("the forwarder", lambda: live("sockets") == 1 + min(number + 1, 256))
until("their end", lambda: live("sockets") == 1)
sock.send(question(b"four", 5))
assert sock.recv(512).endswith(b"\x7f\0\0\1")
END
	stop_script INT
}

# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""Unix sockets and what is outside of scripts: files, other processes, privileges."""
import array
import ctypes
import functools
import os
import socket
import stat

from harness.libc import check, libc
from harness.result import Skip
from luadrv import Session, leave, logged, ready, same, spawn, stop, until

CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_NET_RAW = 1, 2, 13
NOBODY = 65534


def output(text):
    """What a script prints, which must end well."""
    with Session() as session:
        error, out, errors = session.ran(text)
        same((error, errors), ("", ""), "errors")
        return out.splitlines()


def error_of(call):
    """What becomes of a call: errno and target of its error object."""
    return output(f"local _, e = pcall(function() {call} end) print(e.name, e.target)")[0].split("\t")


def drop(*capabilities):
    """Take capabilities from this process, which keeps its user."""
    header, data = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    check(libc.capget(header, data))
    for number in capabilities:
        data[0] &= ~(1 << number)
    check(libc.capset(header, data))


def in_child(function, *args):
    """Call a function in a child, which must come to its end; for what cannot be taken back."""
    child = os.fork()
    if not child:
        status = 1
        try:
            function(*args)
            status = 0
        finally:
            leave(status)
    same(os.waitpid(child, 0)[1], 0, "status of the child")


BOUND = 's = socket.new("unix", "stream") s:bind("%s") s:listen() '


def mode(path):
    """The permissions of a socket's file."""
    status = os.stat(path)
    assert stat.S_ISSOCK(status.st_mode), path
    return oct(stat.S_IMODE(status.st_mode))


def test_path():
    """a path is a file that other processes connect to, and stays when its socket is closed"""
    path = os.path.abspath("server")
    with Session() as session:
        thread = session.start('local c = s:accept() c:write(c:read(5, "W"):upper(), " from ", s:getsockname()) '
                               'print(c:getpeername())', BOUND % path)
        with socket.socket(socket.AF_UNIX) as client:
            client.bind("client\x1b")
            client.connect(path)
            client.sendall(b"hello")
            answer = b"HELLO from " + path.encode()
            same(client.recv(len(answer), socket.MSG_WAITALL), answer)
        same(thread.end(), "")
        same(session.read_all()[0], "client\x1b\n")
    assert os.path.exists(path)
    same(error_of(BOUND % path), ["EADDRINUSE", path])
    same(error_of(f'socket.new("x", "stream"):connect("{path}")'), ["ECONNREFUSED", path])


def test_longest():
    """a path may have 107 bytes, and one that another process made of 108 can be read"""
    path = os.path.abspath("x" * 200)[:107]
    same(output((BOUND % path) + "print(s:getsockname())"), [path])
    assert os.path.exists(path)
    longest = path[:-1] + "yy"
    with Session() as session, socket.socket(socket.AF_UNIX) as client:
        thread = session.start("print(s:accept():getpeername())", 's = socket.new("x", "t") s:bind("@s") s:listen() ')
        check(libc.bind(client.fileno(), ctypes.create_string_buffer(b"\1\0" + longest.encode(), 110), 110))
        client.connect(b"\0s")
        same(thread.end(), "")
        same(session.read_all()[0], longest + "\n")


def test_errors():
    """what is wrong with a path is in the error object"""
    os.mkdir("folder")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind("dgram")
        for path, want in (("none", "ENOENT"), ("none/x", "ENOENT"), ("folder", "ECONNREFUSED"), ("dgram/x", "ENOTDIR"),
                           ("dgram", "EPROTOTYPE")):
            path = os.path.abspath(path)
            same(error_of(f'socket.new("x", "t"):connect("{path}")'), [want, path])
    same(error_of('socket.new("x", "t"):bind("none/x")'), ["ENOENT", "none/x"])
    same(error_of('socket.new("x", "u"):sendmsg({ name = { "none" } }, "x")'), ["ENOENT", "none"])


def test_relative():
    """a path is looked up from the process's working directory, also by a detached script and its threads"""
    same(output((BOUND % "here") + 'print(s:getsockname())'), ["here"])
    assert os.path.exists("here")
    there = (BOUND % "there").replace('"there"', "path")
    thread = f"thread.spawn(function(path) {there} end, 'there'):join()"
    for text in (BOUND % "elsewhere", thread):
        same(logged(spawn(text), wait=True), ("", ""))
    assert os.path.exists("elsewhere") and os.path.exists("there")


def test_umask():
    """the file of a path has all permissions but those of the process's umask"""
    for mask, want in ((0o000, "0o777"), (0o027, "0o750"), (0o077, "0o700")):
        os.umask(mask)
        output(BOUND % f"server{mask}")
        same(mode(f"server{mask}"), want)


def test_umask_detached():
    """a detached script and threads have the process's umask"""
    os.umask(0o027)
    logged(spawn(BOUND % "one" + """
        thread.spawn(function() local s = socket.new("unix", "dgram") s:bind("two") end):join()
        thread.spawn(function(s) s:bind("three") end, socket.new("unix", "dgram")):join()
        """), wait=True)
    same([mode(name) for name in ("one", "two", "three")], ["0o750"] * 3)


def test_credentials():
    """paths are looked up with the privileges of the process, also by a detached script"""
    os.mkdir("secret", 0o700)
    os.chown("secret", NOBODY, NOBODY)
    folder = os.path.abspath("secret")
    calls = [f'local s = socket.new("x", "t") s:bind("{folder}/new")', f'socket.new("x", "t"):connect("{folder}/old")',
             f'socket.new("x", "u"):sendmsg({{ name = {{ "{folder}/old" }} }}, "x")']
    tell = "local _, e = pcall(function() %s end) print(e.name)"

    def refused():
        drop(CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH)
        for call in calls:
            same(error_of(call)[0], "EACCES")
            same(logged(spawn(tell % call), wait=True)[0], "EACCES\n")

    in_child(refused)
    same(error_of(calls[1])[0], "ENOENT")
    output(calls[0])


def test_write_permission():
    """to connect takes the permission to write to the file"""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("server")
        server.listen()
        os.chmod("server", 0o700)
        os.chown("server", NOBODY, NOBODY)
        path = os.path.abspath("server")

        def refused():
            drop(CAP_DAC_OVERRIDE)
            same(error_of(f'socket.new("x", "t"):connect("{path}")'), ["EACCES", path])

        in_child(refused)
        output(f'socket.new("x", "t"):connect("{path}")')


def test_capability():
    """raw and packet sockets without CAP_NET_RAW are an error object, also in a detached script"""
    def refused():
        drop(CAP_NET_RAW)
        for family, kind, protocol in (("inet", "raw", 1), ("inet6", "raw", 58), ("packet", "raw", 3),
                                       ("packet", "dgram", 0)):
            new = f'local _, e = pcall(socket.new, "{family}", "{kind}", {protocol}) print(e.name, e.call)'
            same(output(new), ["EPERM\tsocket"])
            same(logged(spawn(new), wait=True)[0], "EPERM\tsocket\n")
        same(output('print(#{ socket.pair() }, socket.new("inet6", "tcp"))'), ["2\tsocket (tcp [::]:0)"])

    in_child(refused)


def test_published():
    """nothing but its own bytes is known of a name to other processes"""
    script = """
        a, b, c, d = socket.new("x", "t"), socket.new("x", "u"), socket.new("x", "seqpacket"), socket.new("x", "u")
        a:bind("@one") b:bind("\\0" .. "tw\\0o") c:bind("@" .. ("3"):rep(107)) d:bind("@")
        """
    with Session() as session:
        session.ran(script)
        with open("/proc/net/unix", encoding="latin-1") as file:
            text = file.read()
        found = {line.split()[7] for line in text.splitlines()[1:] if len(line.split()) > 7}
        for want in ("@one", "@tw@o", "@" + "3" * 107, "@"):
            assert want in found, f"{want} is not in {text}"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client:
            client.connect(b"\0tw\0o")
            same(client.getpeername(), b"\0tw\0o")


def test_peer_names():
    """abstract names of other processes are read exactly, as those of senders"""
    with Session() as session, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client:
        thread = session.start("local h = { iov_len = 9 } s:recvmsg(h) print(#h.name.addr, h.name.addr) "
                               "s:sendmsg(h, 'back')",
                               's = socket.new("x", "u") s:bind("@server") ')
        client.bind(b"\0cl\0ie\xffnt\0")
        client.sendto(b"x", b"\0server")
        same(client.recvfrom(10), (b"back", b"\0server"))
        same(thread.end(), "")
        same(session.read_all()[0].encode("utf-8", "surrogateescape"), b"10\t@cl\0ie\xffnt\0\n")


def send_files(connection, message, files):
    """Send a message with open files."""
    connection.sendmsg([message], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", files))])


def send_pipe(connection, message):
    """Send a message with the end of a pipe, which nobody else has; the pipe's other end."""
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    send_files(connection, message, [writer])
    os.close(writer)
    return reader


def is_closed(reader):
    """Whether nobody has the other end of a pipe."""
    try:
        return os.read(reader, 1) == b""
    except BlockingIOError:
        return False


RECEIVE = {
    "recv": "c:recv(1)",
    "into data": "c:recv(data.new(4))",
    "read": "c:read(4, 'W')",
    "recvmsg": "local _, _, h = c:recvmsg({ iov_len = 4 }) assert(h.flags & socket.flag.CTRUNC ~= 0, h.flags)",
    "recvmsg with control": "local _, _, h = c:recvmsg({ iov_len = 4, control = {} }, nil, nil, 1000000) "
                            "assert(h.flags & socket.flag.CTRUNC ~= 0 and #h.control == 0)",
}


SERVER = 's = socket.new("x", %d) s:bind("@server") s:listen() g = socket.new("x", "u") g:bind("@go") '


def go_on():
    """Let the script go on, when it waits in g:read()."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"go", b"\0go")


def check_discarded(kind, receive):
    """Files that a peer sends are closed when the script receives the message, and it gets nothing of them."""
    with Session() as session, socket.socket(socket.AF_UNIX, kind) as client:
        thread = session.start(f'local c = s:accept() while true do g:read() {receive} print("got") end', SERVER % kind)
        client.connect(b"\0server")
        pipes = []
        for number in range(1, 4):
            # It comes to the script when nobody else has the file any more.
            pipes.append(send_pipe(client, b"text"))
            go_on()
            same(session.read()[1], b"got\n")
            if number > 1:
                until("the file to be closed", lambda: is_closed(pipes[-1]))
        assert not is_closed(pipes[0])
        assert thread.is_alive(), (thread.result, session.read_all())
        stop(everything=True)
        thread.end()
    until("the first file to be closed", lambda: is_closed(pipes[0]))


def test_files_stream():
    """files that peers send over streams are closed while the script goes on, all but those of the first message"""
    for receive in ("read", "into data"):
        check_discarded(socket.SOCK_STREAM, RECEIVE[receive])


def test_files_packets():
    """files that peers send with packets are closed while the script goes on, all but those of the first message"""
    for receive in ("recv", "recvmsg", "recvmsg with control"):
        check_discarded(socket.SOCK_SEQPACKET, RECEIVE[receive])


def test_files_urgent():
    """files that come with urgent data are closed while the script goes on, whether it reads that or passes it over"""
    if os.uname().release.startswith("5.10."):
        raise Skip("Unix sockets have no urgent data before 5.15")
    for receive in ("c:recv(4, 'O') c:read(4)", "c:read(4)"):
        with Session() as session, socket.socket(socket.AF_UNIX) as client:
            thread = session.start(f'local c = s:accept() while true do g:read() {receive} print("got") end',
                                   SERVER % socket.SOCK_STREAM)
            client.connect(b"\0server")
            for _ in range(3):
                reader, writer = os.pipe()
                os.set_blocking(reader, False)
                client.sendmsg([b"!"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [writer]))],
                               socket.MSG_OOB)
                os.close(writer)
                client.send(b"text")
                go_on()
                same(session.read()[1], b"got\n")
                until("the file to be closed", functools.partial(is_closed, reader))
                os.close(reader)
            assert thread.is_alive(), (thread.result, session.read_all())
            stop(everything=True)
            thread.end()


def test_files_detached():
    """a detached script keeps none of the files that peers send, not even the first"""
    number = spawn('s = socket.new("x", "u") s:bind("@server") print("ready") while true do print(s:read()) end')
    ready(number)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client:
        client.connect(b"\0server")
        for _ in range(2):
            pipe = send_pipe(client, b"text")
            until("the file to be closed", functools.partial(is_closed, pipe))
    stop(number)


def test_files_at_close():
    """to close a socket closes the files that wait in it, and in those that it has not accepted"""
    with Session() as session, socket.socket(socket.AF_UNIX) as client, socket.socket(socket.AF_UNIX) as waiting:
        thread = session.start('local c = s:accept() g:read() c:close() s:close() print("closed") '
                               'g:read()', SERVER % socket.SOCK_STREAM)
        client.connect(b"\0server")
        waiting.connect(b"\0server")
        pipes = [send_pipe(waiting, b"text"), send_pipe(client, b"text")]
        go_on()
        same(session.read()[1], b"closed\n")
        for pipe in pipes:
            until("the file to be closed", lambda pipe=pipe: is_closed(pipe))
        assert thread.is_alive(), (thread.result, session.read_all())
        stop(everything=True)
        thread.end()


def test_wary():
    """after a message with files everything is received as before: waits, time-outs, exact reads, ends"""
    with Session() as session, socket.socket(socket.AF_UNIX) as client:
        thread = session.start("""
            local c = s:accept()
            c:read(4, "W")
            c:settimeout(30)
            print(select(2, pcall(c.read, c)).name, select(2, pcall(c.read, c, 1, "D")).name)
            c:settimeout()
            c:write("now")
            print(c:read(10, "W"), c:read(2, "P"), c:read(), c:read(5, "W"), c:read())
            """, SERVER % socket.SOCK_STREAM)
        client.connect(b"\0server")
        send_pipe(client, b"text")
        same(client.recv(3), b"now")
        for piece in (b"01", b"234", b"56789ab"):
            client.sendall(piece)
            until("it to be read", lambda: not outstanding(client))
        client.sendall(b"end")
        client.shutdown(socket.SHUT_WR)
        same(thread.end(), "")
        same(session.read_all()[0], "ETIMEDOUT\tEAGAIN\n0123456789\tab\tab\tend\tnil\n")


def outstanding(connection):
    """How many bytes the peer of a Unix socket has not received."""
    count = array.array("i", [0])
    check(libc.ioctl(connection.fileno(), 0x5411, ctypes.c_void_p(count.buffer_info()[0])))  # SIOCOUTQ
    return count[0]

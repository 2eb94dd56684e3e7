# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""What is compared: each proxy with its settings, and how the client goes through it.

All are as Debian ships them, with no more settings than they need. haproxy, nginx and socat are no SOCKS
servers: each port of theirs leads to one port of the server, which saves them the client's request.
"""
import contextlib
import os
import signal
import subprocess
import sys

from guest import FAR, NEAR, PORTS, SERVER, WORK, client, group_pids, read, run, start, until, write, ECHO

DANTE = """
logoutput: stderr
internal: {near} port = 1080
external: {far}
clientmethod: none
socksmethod: none
user.privileged: root
user.unprivileged: nobody
client pass {{ from: 0.0.0.0/0 to: 0.0.0.0/0 }}
socks pass {{ from: 0.0.0.0/0 to: 0.0.0.0/0 }}
"""
HAPROXY = """
global
    nbthread 1
    maxconn 20000
defaults
    mode tcp
    {option}
    timeout connect 60s
    timeout client 1h
    timeout server 1h
"""
NGINX = """
load_module modules/ngx_stream_module.so;
daemon off; worker_processes 1; error_log stderr; pid {work}/nginx.pid;
events {{ worker_connections 20000; }}
stream {{ proxy_timeout 1h; proxy_half_close on; {servers} }}
"""
SSHD = """
ListenAddress {near}:22
HostKey {work}/key
AuthorizedKeysFile {work}/key.pub
PidFile none
StrictModes no
MaxSessions 20000
"""


class Peer:
    """A proxy: its name, the client's options, and the commands that start it."""

    def __init__(self, name, way):
        self.name = name
        self.way = way
        self.processes = []

    def commands(self):
        """Each as (namespace or None, words)."""
        return []

    def config(self, text, **fields):
        """The path of a file of settings."""
        path = f"{WORK}/{self.name}.conf"
        write(path, text.format(near=NEAR, far=FAR, work=WORK, **fields))
        return path

    def works(self):
        """Does a byte come back?"""
        return "error" not in client(self.way, ECHO, "hold", 1)

    def start(self):
        """Start it, and wait until it works."""
        for n, (space, words) in enumerate(self.commands()):
            self.processes.append(start(f"{self.name}-{n}", words, space, self.name))
        try:
            until(self.works, f"{self.name} does not work")
        except SystemExit:
            for n, _ in enumerate(self.processes):
                sys.stderr.write(read(f"{WORK}/{self.name}-{n}.log"))
            raise

    def stop(self):
        """End it, and all that it has started."""
        for process in self.processes:
            process.terminate()
            process.wait()
        for pid in group_pids(self.name):
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        until(lambda: not group_pids(self.name), f"{self.name} does not end")
        self.processes = []


class Relay(Peer):
    """One that has a port of its own for each port of the server."""

    def __init__(self, name, port):
        super().__init__(name, f"-s 0 -x {NEAR}:{port}{{relay}}")
        self.port = port

    def ports(self):
        """Its ports, and where they lead."""
        return [(f"{NEAR}:{self.port}{n}", f"{SERVER}:{port}") for n, port in enumerate(PORTS)]


class Dante(Peer):
    """A process for each few connections."""

    def commands(self):
        return [(None, ["danted", "-f", self.config(DANTE)])]


class Microsocks(Peer):
    """A thread for each connection. It says a line about each, which must not cost it time."""

    def commands(self):
        return [(None, ["sh", "-c", f"exec microsocks -i {NEAR} -p 1081 2>/dev/null"])]


class Ssh(Peer):
    """The client's end is in the client's namespace, the server's in the machine's."""

    def commands(self):
        if not os.path.exists(f"{WORK}/key"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"{WORK}/key"], check=True)
        os.makedirs("/run/sshd", exist_ok=True)
        options = ["-oStrictHostKeyChecking=no", "-oUserKnownHostsFile=/dev/null", "-oConnectionAttempts=60"]
        return [(None, ["/usr/sbin/sshd", "-D", "-e", "-f", self.config(SSHD)]),
                ("cli", ["ssh", "-N", *options, "-i", f"{WORK}/key", "-D", "127.0.0.1:1082", f"root@{NEAR}"])]


class Haproxy(Relay):
    """One thread."""

    def __init__(self, name, port, option=""):
        super().__init__(name, port)
        self.option = option

    def commands(self):
        listeners = "".join(f"listen {n}\n    bind {here}\n    server {n} {there}\n"
                            for n, (here, there) in enumerate(self.ports()))
        return [(None, ["haproxy", "-db", "-f", self.config(HAPROXY + listeners, option=self.option)])]


class Nginx(Relay):
    """Its module for streams."""

    def commands(self):
        servers = " ".join(f"server {{ listen {here} backlog=4096; proxy_pass {there}; }}"
                           for here, there in self.ports())
        return [(None, ["nginx", "-c", self.config(NGINX, servers=servers)])]


class Socat(Relay):
    """A process for each connection."""

    def __init__(self, name, port, *options):
        super().__init__(name, port)
        self.options = options

    def commands(self):
        return [(None, ["socat", *self.options,
                        f"TCP-LISTEN:{here.split(':')[1]},bind={NEAR},fork,reuseaddr,backlog=4096", f"TCP:{there}"])
                for here, there in self.ports()]


class Luadrv(Peer):
    """Ours: a script in the kernel, run by the process that wrote it."""

    def commands(self):
        if not os.path.exists("/dev/luadrv"):
            run(f"insmod {os.environ['LUADRV_KO']} sockets=30000 memory=1G")
        return [(None, ["cp", "/repo/examples/proxy.lua", "/dev/luadrv"])]


PEERS = {peer.name: peer for peer in (
    Peer("raw", ""),
    Dante("dante", f"-x {NEAR}:1080 -s 4"),
    Microsocks("microsocks", f"-x {NEAR}:1081 -s 5"),
    Haproxy("haproxy", 200),
    Haproxy("haproxy-splice", 201, "option splice-response"),
    Nginx("nginx", 202),
    Socat("socat", 203),
    Socat("socat-64k", 204, "-b", "65536"),
    Ssh("ssh", "-x 127.0.0.1:1082 -s 4"),
    Luadrv("luadrv", f"-x {NEAR}:8080 -s 4"))}

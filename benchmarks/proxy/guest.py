# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""In the guest: two networks with the machine between them, a client here, a server there.

    cli 10.0.1.2 -- 10.0.1.1 (the machine, where the proxies are) 10.0.2.1 -- 10.0.2.2 org
"""
import json
import os
import subprocess
import sys
import time

PROGRAMS = "/share/proxy"
WORK = "/tmp/bench"
NEAR, FAR, SERVER = "10.0.1.1", "10.0.2.1", "10.0.2.2"
# What the server has: files over HTTP, an echo, and what counts bytes, checked or not.
HTTP, ECHO, COUNT, CHECK = PORTS = 80, 7, 9, 10
OPEN_FILES = 65536
NGINX = """
daemon off; worker_processes 1; error_log stderr; pid {work}/origin.pid;
events {{ worker_connections 20000; }}
http {{
    access_log off; sendfile on; tcp_nopush on;
    server {{ listen {server}:80 backlog=4096; root {work}/files; }}
}}
"""


def run(command):
    """Run a command, which must succeed."""
    subprocess.run(command.split(), check=True, stdin=subprocess.DEVNULL)


def write(path, text):
    """Make a file, or set something of the kernel's."""
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def read(path):
    """A whole file."""
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def within(space):
    """The words before a command that is to run in a network namespace."""
    return ["nsenter", f"--net=/run/netns/{space}", "--"]


def make_network():
    """The namespaces and the links."""
    write("/proc/sys/net/ipv4/ip_forward", "1")
    for space, ours, theirs in (("cli", NEAR, "10.0.1.2"), ("org", FAR, SERVER)):
        run(f"ip netns add {space}")
        run(f"ip link add {space} type veth peer name eth0 netns {space}")
        run(f"ip address add {ours}/24 dev {space}")
        run(f"ip link set {space} up")
        for words in ("link set lo up", f"address add {theirs}/24 dev eth0", "link set eth0 up",
                      f"route add default via {ours}"):
            run(f"ip -n {space} {words}")
        # One connection must not teach the next one how fast the link is.
        run(f"nsenter --net=/run/netns/{space} -- sysctl -qw net.ipv4.tcp_no_metrics_save=1")
    write("/proc/sys/net/ipv4/tcp_no_metrics_save", "1")


def set_wan(milliseconds=None, megabits=None):
    """Delay what goes between the machine and the server, half of it each way, and limit its rate; or no more."""
    if milliseconds is None:
        run("tc qdisc del dev org root")
        run("tc -n org qdisc del dev eth0 root")
        return
    netem = f"root netem limit 100000 delay {milliseconds / 2}ms rate {megabits}mbit"
    run(f"tc qdisc add dev org {netem}")
    run(f"tc -n org qdisc add dev eth0 {netem}")


def start(name, command, space=None, group=None):
    """Start a server, with what it says in a log; its process."""
    group = f"/sys/fs/cgroup/{group or name}"
    os.makedirs(group, exist_ok=True)
    words = ["prlimit", f"--nofile={OPEN_FILES}", *(within(space) if space else []), *command]
    with open(f"{WORK}/{name}.log", "wb") as log:
        return subprocess.Popen(["sh", "-c", f'echo $$ >{group}/cgroup.procs && exec "$@"', "-", *words],
                                stdin=subprocess.DEVNULL, stdout=log, stderr=log)


def group_pids(name):
    """The processes of a server."""
    path = f"/sys/fs/cgroup/{name}/cgroup.procs"
    return read(path).split() if os.path.exists(path) else []


def start_origin(files):
    """Serve files of these sizes, by name, and the other ports."""
    os.makedirs(f"{WORK}/files")
    for name, size in files.items():
        with open(f"{WORK}/files/{name}", "wb") as file:
            subprocess.run([f"{PROGRAMS}/client", "pattern", str(size)], check=True, stdout=file)
    write(f"{WORK}/origin.conf", NGINX.format(work=WORK, server=SERVER))
    start("origin", ["nginx", "-c", f"{WORK}/origin.conf"], "org")
    start("server", [f"{PROGRAMS}/server", SERVER], "org")


def client_command(way, port, *words):
    """A command of the load client's; the way is the proxy's options for it, with the port to be filled in."""
    return [*within("cli"), "prlimit", f"--nofile={OPEN_FILES}", f"{PROGRAMS}/client",
            *way.format(relay=PORTS.index(port)).split(), f"{SERVER}:{port}", *map(str, words)]


def client(way, port, *words):
    """What the load client says."""
    done = subprocess.run(client_command(way, port, *words), check=False, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True)
    result = json.loads(done.stdout) if done.stdout else {}
    if done.returncode:
        result["error"] = done.stderr.strip()
    return result


def until(condition, what, seconds=60):
    """Wait for it, but not for ever."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            sys.exit(f"bench: {what}: not after {seconds} s")
        time.sleep(0.1)


def idle_seconds():
    """How long the machine has had nothing to do."""
    return float(read("/proc/uptime").split()[1])


def settle():
    """Wait until the machine has had nothing to do for a while: four half seconds."""
    quiet = 0
    while quiet < 4:
        before = idle_seconds()
        time.sleep(0.5)
        quiet = quiet + 1 if idle_seconds() - before >= 0.48 else 0

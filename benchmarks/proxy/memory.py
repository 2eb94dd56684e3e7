# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""In the guest: what idle tunnels take of the machine's memory.

All of it counts, whatever it is for: what the machine has no more after the tunnels were opened. Pages that the
kernel keeps at hand, and empty slabs, are not in use. What it consists of is told beside it.
"""
import glob
import json
import os
import re
import subprocess
import time

from guest import ECHO, NEAR, PROGRAMS, SERVER, client_command, group_pids, read, settle, write
from peers import Peer

LIVE = "/sys/kernel/debug/luadrv/live"
PARTS = ("SReclaimable", "SUnreclaim", "KernelStack", "PageTables", "VmallocUsed", "Percpu")
TIME_WAIT = 65


class Sockets(Peer):
    """Two sockets of a process for each tunnel, and nothing else: what no proxy can do without."""

    def commands(self):
        return [(None, [f"{PROGRAMS}/server", f"{NEAR}:3000", f"{SERVER}:{ECHO}"])]


SOCKETS = Sockets("sockets", f"-s 0 -x {NEAR}:3000")


def fields(path):
    """A file of names and numbers, as a dictionary."""
    return {name: int(value) for name, value in re.findall(r"^([\w()]+):? +(\d+)", read(path), re.M)}


def snapshot(name):
    """Bytes in use by now, and parts of them."""
    for path in glob.glob("/sys/kernel/slab/*/shrink"):
        write(path, "1")
    kib = fields("/proc/meminfo")
    page = os.sysconf("SC_PAGE_SIZE")
    at_hand = sum(map(int, re.findall(r"cpu: \d+\s+count: (\d+)", read("/proc/zoneinfo"))))
    used = kib["MemTotal"] - kib["MemFree"] - kib["Cached"] - kib["Buffers"]
    result = {"total": used * 1024 - at_hand * page, **{part: kib[part] * 1024 for part in PARTS}}
    result["pss"] = sum(fields(f"/proc/{pid}/smaps_rollup").get("Pss", 0) * 1024 for pid in group_pids(name))
    if os.path.exists(LIVE):
        live = fields(LIVE)
        result.update(lua=live["lua_bytes"], charged=live["charged_bytes"])
    return result


def file_bytes():
    """What a socket of a process has beside it, and a socket of the kernel has not: a file, its name, its number."""
    slabs = {name: int(size) for name, size in re.findall(r"^(\w+) +\d+ +\d+ +(\d+)", read("/proc/slabinfo"), re.M)}
    return slabs["filp"] + slabs["dentry"] + 8


def hold(peer, tunnels):
    """Open tunnels; bytes for each, by kind."""
    if peer.name != "raw":
        peer.start()
    time.sleep(TIME_WAIT)
    settle()
    before = snapshot(peer.name)
    with subprocess.Popen(client_command(peer.way, ECHO, "hold", tunnels), stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True) as client:
        opened = json.loads(client.stdout.readline() or "{}").get("open")
        settle()
        after = snapshot(peer.name)
        client.stdin.close()
    peer.stop()
    if opened != tunnels:
        return {"error": f"{opened} tunnels are open"}
    return {"tunnels": tunnels, "bytes": {kind: (after[kind] - before[kind]) / tunnels for kind in before}}


def measure(peers, rounds, tunnels, part, tell):
    """Samples for each peer, which is started for each; of raw, the first one is thrown away."""
    settle()
    hold(peers[0], tunnels)
    for number in range(1, rounds + 1):
        for peer in [*peers, SOCKETS]:
            held = int(tunnels * part.get(peer.name, 1))
            tell(measure="memory", peer=peer.name, round=number, file=file_bytes(), **hold(peer, held))

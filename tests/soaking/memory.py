# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""How much memory the kernel uses, as exactly as it can be told."""
import collections
import os
import re
import resource
import time

CACHES = "/sys/kernel/slab"
KIB = 1024

# slab: bytes of objects in use. pages: all that neither processes nor files account for.
Sample = collections.namedtuple("Sample", "slab pages vmalloc caches")


def meminfo():
    """Bytes, by name."""
    with open("/proc/meminfo", encoding="ascii") as file:
        return {line.split(":")[0]: int(line.split()[1]) * KIB for line in file}


def slabs():
    """Bytes in use, by cache."""
    with open("/proc/slabinfo", encoding="ascii") as file:
        rows = [line.split() for line in file.readlines()[2:]]
    return {row[0]: int(row[1]) * int(row[3]) for row in rows}


def free_lists():
    """Bytes that are free, but still in a processor's own list: the free memory lacks them."""
    with open("/proc/zoneinfo", encoding="ascii") as file:
        return resource.getpagesize() * sum(int(count) for count in re.findall(r"^ +count: +(\d+)$", file.read(), re.M))


def settle():
    """Drop what the kernel keeps only because it may be wanted again."""
    with open("/proc/sys/vm/drop_caches", "w", encoding="ascii") as file:
        file.write("3")
    for name in os.listdir(CACHES):
        # Objects that are free but not yet given back count as used. Aliases are links.
        if not os.path.islink(f"{CACHES}/{name}"):
            with open(f"{CACHES}/{name}/shrink", "w", encoding="ascii") as file:
                file.write("1")


def take():
    """One sample."""
    settle()
    info, caches = meminfo(), slabs()
    pages = info["MemTotal"] - sum(info[name] for name in (
        "MemFree", "Buffers", "Cached", "AnonPages", "Slab", "PageTables")) - free_lists()
    return Sample(sum(caches.values()), pages, info["VmallocUsed"], caches)


def take_quiet(seconds):
    """The least of several samples: what is freed late, by RCU or by timers, is no leak."""
    samples = []
    for _ in range(seconds):
        time.sleep(1)
        samples.append(take())
    least = min(samples, key=lambda sample: sample.slab)
    return least._replace(pages=min(sample.pages for sample in samples),
                          vmalloc=min(sample.vmalloc for sample in samples))


def growth_by_cache(before, after, count=5):
    """Where most of the growth is, as text."""
    growth = {name: after.caches[name] - before.caches.get(name, 0) for name in after.caches}
    most = sorted(growth, key=growth.get, reverse=True)[:count]
    return ", ".join(f"{name} {growth[name]:+d}" for name in most if growth[name] > 0)

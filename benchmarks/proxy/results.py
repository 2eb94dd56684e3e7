# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""On the host: what the samples of benchmarks/proxy/run come to."""
import collections
import statistics

# By measure: its title, the unit, what is counted, and how many of them are one of the unit.
RATES = {
    "small": ("download of {small}", "MB/s", "bytes", 1e6),
    "large": ("download of {large}", "MB/s", "bytes", 1e6),
    "upload": ("upload of {upload}", "MB/s", "bytes", 1e6),
    "connect": ("new connections, 1 at once, answer of {tiny}", "/s", "count", 1),
    "connect-32": ("new connections, 32 at once, answer of {tiny}", "/s", "count", 1),
    "echo": ("round trips of one byte in a tunnel", "/s", "count", 1),
    "wan-small": ("download of {small}, wide area", "MB/s", "bytes", 1e6),
    "wan-large": ("download of {large}, wide area", "MB/s", "bytes", 1e6),
}
CHECKS = ("check", "check-upload")
OURS = "luadrv"
# The least part of raw that ours is to reach; the most CPU time above raw's, in ms/MB; the most memory of an
# idle tunnel beyond its two sockets, in bytes.
GOALS = {"small": 0.80, "large": 0.80, "connect": 0.70, "connect-32": 0.70, "echo": 0.75}
CPU_GOAL = 0.20
MEMORY_GOAL = 1000


def size_text(size):
    """Such as 5 MB."""
    for unit, name in ((10**6, "MB"), (1024, "KiB")):
        if size >= unit and size % unit == 0:
            return f"{size // unit} {name}"
    return f"{size} B"


class Cell:
    """What a peer's samples of one measure come to."""

    def __init__(self, samples, unit, kind):
        good = [sample for sample in samples if "error" not in sample]
        self.count = len(good)
        self.errors = [sample["error"] for sample in samples if "error" in sample]
        self.rates = sorted(sample[kind] / unit / sample["seconds"] for sample in good)
        self.median = statistics.median(self.rates) if good else None
        # In milliseconds for each MB, or in microseconds for each turn.
        scale = unit * (1e3 if kind == "bytes" else 1e6)
        self.cpu = statistics.median(sample["busy"] * scale / sample[kind] for sample in good) if good else None
        self.times = {name: statistics.median(sample[name] for sample in good)
                      for name in ("p50", "p95", "p99") if good and name in good[0]}


class Results:
    """All samples of a run."""

    def __init__(self, plan):
        self.plan = plan
        self.peers = plan["peers"]
        self.samples = collections.defaultdict(list)
        for sample in plan["samples"]:
            self.samples[sample["measure"], sample["peer"]].append(sample)
        self.cells = {(measure, peer): Cell(self.samples[measure, peer], unit, kind)
                      for measure, (_, _, kind, unit) in RATES.items() for peer in self.peers
                      if self.samples[measure, peer]}
        self.memory = {peer: [sample for sample in samples if "error" not in sample]
                       for (measure, peer), samples in self.samples.items() if measure == "memory"}

    def measures(self):
        """The rates that were measured."""
        return [measure for measure in RATES if any((measure, peer) in self.cells for peer in self.peers)]

    def title(self, measure):
        """What it is, in words."""
        return RATES[measure][0].format(**{name: size_text(size) for name, size in self.plan["sizes"].items()})

    def ratio(self, measure, peer):
        """Of raw's median."""
        cell, raw = self.cells.get((measure, peer)), self.cells.get((measure, "raw"))
        return cell.median / raw.median if cell and raw and cell.median and raw.median else None

    def checked(self, peer):
        """Whether the bytes of downloads and uploads have arrived as they were; None: not all were checked."""
        samples = [sample for check in CHECKS for sample in self.samples.get((check, peer), [])]
        return None if len(samples) < len(CHECKS) else not any("error" in sample for sample in samples)

    def tunnel(self, peer, kind="total"):
        """Bytes of an idle tunnel, without the sockets of the client and of the server."""
        ours, raw = ([sample["bytes"].get(kind, 0) for sample in self.memory.get(name, [])] for name in (peer, "raw"))
        return statistics.median(ours) - statistics.median(raw) if ours and raw else None

    def two_sockets(self):
        """Bytes of the two sockets of a tunnel in the kernel: a process's two, but for their files."""
        bare = self.tunnel("sockets")
        return None if bare is None else bare - 2 * self.memory["sockets"][0]["file"]

    def errors(self):
        """What went wrong, in words: once for each measure and peer."""
        for (measure, peer), samples in self.samples.items():
            wrong = [sample["error"] for sample in samples if "error" in sample]
            if wrong:
                yield f"{peer}, {measure}: {len(wrong)} of {len(samples)}: {wrong[0]}"

    def goals(self):
        """Each goal as (its text, what was reached, what was to be reached, whether that is enough)."""
        for measure, least in GOALS.items():
            ratio = self.ratio(measure, OURS)
            if ratio:
                yield f"{self.title(measure)}, of raw", ratio, least, ratio >= least
        ours, raw = self.cells.get(("large", OURS)), self.cells.get(("large", "raw"))
        if ours and raw and ours.cpu and raw.cpu:
            more = ours.cpu - raw.cpu
            yield "CPU ms/MB above raw", more, CPU_GOAL, more <= CPU_GOAL
        tunnel, sockets = self.tunnel(OURS), self.two_sockets()
        if tunnel and sockets:
            more = tunnel - sockets
            yield "bytes of an idle tunnel beyond its two sockets", more, MEMORY_GOAL, more <= MEMORY_GOAL

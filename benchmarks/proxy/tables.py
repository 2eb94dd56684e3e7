# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""On the host: results as text."""
from results import RATES, size_text

PARTS = (("processes", "pss"), ("slab", "SUnreclaim"), ("(reclaimable)", "SReclaimable"), ("stacks", "KernelStack"),
         ("page tables", "PageTables"), ("vmalloc", "VmallocUsed"), ("per CPU", "Percpu"))


def number(value):
    """With three digits or more."""
    if value is None:
        return "-"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def exact(value):
    """Where hundredths decide."""
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.0f}"


def verdict(reached, goal, met):
    """Of a goal."""
    return "met" if met else f"missed by {exact(abs(goal - reached))}"


def rate_table(results, measure):
    """A measure: what each peer reached."""
    _, unit, kind, _ = RATES[measure]
    cpu = "CPU ms/MB" if kind == "bytes" else "CPU us each"
    times = "" if kind == "bytes" else f" {'p50 us':>9} {'p95':>9} {'p99':>9}"
    yield f"{results.title(measure)}"
    yield f"  {'':16} {unit:>8} {'min ... max':>17} {'of raw':>7} {cpu:>12}{times}"
    for peer in results.peers:
        cell = results.cells.get((measure, peer))
        if cell and cell.median is None:
            yield f"  {peer:16} failed"
        elif cell:
            spread = f"{number(cell.rates[0])} ... {number(cell.rates[-1])}"
            ratio = results.ratio(measure, peer)
            ratio = "-" if ratio is None else f"{ratio:.3f}"
            yield f"  {peer:16} {number(cell.median):>8} {spread:>17} {ratio:>7} {number(cell.cpu):>12}" + \
                "".join(f" {number(value):>9}" for value in cell.times.values())
    yield ""


def memory_table(results):
    """Memory of idle tunnels."""
    tunnels = results.plan["sizes"]["tunnels"]
    yield f"memory of each of {tunnels} idle tunnels, bytes, without the sockets of the client and of the server"
    yield f"  {'':16} {'total':>8}" + "".join(f" {title:>13}" for title, _ in PARTS)
    for peer in results.memory:
        if results.tunnel(peer) is not None and peer != "raw":
            yield f"  {peer:16} {results.tunnel(peer):>8.0f}" + \
                "".join(f" {results.tunnel(peer, part):>13.0f}" for _, part in PARTS)
    if results.two_sockets() is not None:
        yield f"  Two sockets of the kernel: {results.two_sockets():.0f} (sockets, without files)"
    yield ""


def summary_row(results, peer):
    """A peer's medians, each with what it is of raw's."""
    for measure in results.measures():
        cell, ratio = results.cells.get((measure, peer)), results.ratio(measure, peer)
        share = f" ({ratio:.2f})" if ratio and peer != "raw" else ""
        yield "" if not cell else "failed" if cell.median is None else number(cell.median) + share
    large, tunnel = results.cells.get(("large", peer)), results.tunnel(peer)
    yield number(large.cpu) if large else ""
    yield f"{tunnel / 1e3:.1f}" if tunnel and peer != "raw" else ""


def summary(results):
    """One table of it all, which documents can have."""
    titles = [f"{results.title(measure)}, {RATES[measure][1]}" for measure in results.measures()]
    titles += [f"CPU ms/MB at {size_text(results.plan['sizes']['large'])}", "kB of an idle tunnel"]
    rows = {peer: list(summary_row(results, peer)) for peer in results.peers}
    kept = [column for column in range(len(titles)) if any(row[column] for row in rows.values())]
    yield f"| |{'|'.join(f' {titles[column]} ' for column in kept)}|"
    yield "|---" * (len(kept) + 1) + "|"
    for peer, row in rows.items():
        yield f"| {peer} |{'|'.join(f' {row[column]} ' for column in kept)}|"
    yield ""


def text(results):
    """All of it, as lines."""
    for measure in results.measures():
        yield from rate_table(results, measure)
    if results.memory:
        yield from memory_table(results)
    checked = [f"{peer} {'yes' if results.checked(peer) else 'NO'}" for peer in results.peers
               if results.checked(peer) is not None]
    if checked:
        yield f"Every byte has arrived unchanged, both ways: {', '.join(checked)}"
    errors = list(results.errors())
    if errors:
        yield "Failures (peer, measure, how many of the samples, the first):"
        yield from (f"  {error}" for error in errors)
    yield from ("", "In short:", "", *summary(results))
    goals = list(results.goals())
    if goals:
        yield f"  {'goals':56} {'reached':>8} {'goal':>6}"
    for what, reached, goal, met in goals:
        yield f"  {what:56} {exact(reached):>8} {exact(goal):>6}  " + verdict(reached, goal, met)

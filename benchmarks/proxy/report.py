# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""On the host: results as a page with plots, which needs no other file."""
import html
import io
import re

# pylint: disable=import-error  # who checks this need not have it
import matplotlib
from matplotlib import pyplot, ticker

from results import OURS, RATES
from tables import exact, number, text, verdict

matplotlib.use("svg")
matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "luadrv", "font.family": "sans-serif",
                            "font.size": 9, "axes.spines.top": False, "axes.spines.right": False,
                            "axes.titlesize": 10, "axes.titlelocation": "left"})
COLORS = {"raw": "#999999", OURS: "#d95f02"}
OTHER = "#7aa6c2"
PERCENTILES = (("p50", "o", "#1b9e77"), ("p95", "s", "#7570b3"), ("p99", "^", "#e7298a"))

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>luadrv: a proxy in the kernel, compared</title>
<style>
body {{ font: 15px/1.5 sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; color: #222; }}
svg {{ max-width: 100%; height: auto; }}
table {{ border-collapse: collapse; }}
td, th {{ padding: .15rem .8rem; text-align: right; border-bottom: 1px solid #ddd; }}
td:first-child, th:first-child {{ text-align: left; }}
.met {{ color: #1a7a3c; }} .missed {{ color: #b3261e; }}
pre {{ font-size: 12px; line-height: 1.35; overflow-x: auto; background: #f6f6f6; padding: 1rem; }}
figcaption {{ color: #555; }}
</style>
</head>
<body>
<h1>A proxy in the kernel, compared</h1>
<p>{conditions}</p>
{goals}
{figures}
<h2>What these numbers are not</h2>
<ul>{caveats}</ul>
<h2>All numbers</h2>
<pre>{numbers}</pre>
</body>
</html>
"""
CAVEATS = (
    "Time is counted in instructions: the machine is emulated (QEMU's TCG with -icount), one nanosecond of its "
    "clock is one instruction. So results repeat to about a percent, whatever else the host does, and only ratios "
    "within one run mean anything. Caches, branch prediction, and mitigations, which are off, are not in them.",
    "It has one processor, which client, proxy and server share: throughput is 1 / all instructions for each byte. "
    "How far a proxy scales over several processors is not measured.",
    "A switch between processes and a TLB miss cost nothing here, which favours proxies of user space. Copies cost "
    "two to three times as much as on hardware, compared with system calls, which favours those that move pages. "
    "Ciphers have no vector instructions, which makes ssh look several times slower than it is.",
    "haproxy, nginx and socat are no SOCKS servers: their clients need no request, and save a round trip.",
    "Other proxies than ours are as Debian ships them. Those of user space could be tuned; so could ours.",
)


def svg(figure):
    """The figure as an element of a page."""
    file = io.StringIO()
    figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    pyplot.close(figure)
    # Names of one figure must not be those of another one.
    prefix = f"f{len(file.getvalue()) % 9973}x{figure.number}-"
    text_ = file.getvalue()[file.getvalue().index("<svg"):]
    return re.sub(r'(\bid="|xlink:href="#|url\(#)', rf"\g<1>{prefix}", text_)


def color(peer):
    """Ours and none at all stand out."""
    return COLORS.get(peer, OTHER)


def panels(count, rows):
    """A figure with this many plots in a row, each of as many rows."""
    figure, axes = pyplot.subplots(1, count, figsize=(3.6 * count + 0.8, 0.3 * rows + 0.9), sharey=True,
                                   squeeze=False, layout="constrained")
    axes[0][0].set_ylim(rows - 0.4, -0.6)
    return figure, axes[0]


def set_peers(axes, peers):
    """The names at the left."""
    axes.set_yticks(range(len(peers)), peers)
    axes.tick_params(axis="y", length=0)


def set_scale(axes):
    """Orders of magnitude; between them, too, where there are few."""
    low, high = axes.get_xlim()
    axes.xaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5) if high < 50 * low else (1,)))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.xaxis.set_minor_formatter(lambda value, _: "")


def plot_rates(results, measures):
    """Bars with the spread of the samples."""
    peers = [peer for peer in results.peers if any((measure, peer) in results.cells for measure in measures)]
    figure, axes = panels(len(measures), len(peers))
    for axis, measure in zip(axes, measures):
        set_peers(axis, peers)
        axis.set_title(results.title(measure).replace(", ", ",\n", 1))
        axis.set_xlabel(RATES[measure][1])
        for row, peer in enumerate(peers):
            cell = results.cells.get((measure, peer))
            if not cell:
                continue
            if cell.median is None:
                axis.text(0, row, " failed", va="center", color="#b3261e")
                continue
            axis.barh(row, cell.median, color=color(peer), height=0.7,
                      xerr=[[cell.median - cell.rates[0]], [cell.rates[-1] - cell.median]], ecolor="#333333",
                      capsize=2)
            ratio = results.ratio(measure, peer)
            label = number(cell.median) + (f" ({ratio:.2f})" if ratio and peer != "raw" else "")
            axis.text(cell.rates[-1], row, f"  {label}", va="center", fontsize=8)
        axis.margins(x=0.35)
        axis.set_xlim(left=0)
    return svg(figure)


def plot_dots(results, panel_values, unit):
    """Values over orders of magnitude: panels as (title, {peer: [(value, marker, color)]})."""
    peers = [peer for peer in [*results.peers, "sockets"] if any(peer in values for _, values in panel_values)]
    figure, axes = panels(len(panel_values), len(peers))
    for axis, (title, values) in zip(axes, panel_values):
        set_peers(axis, peers)
        axis.set_title(title.replace(", ", ",\n", 1))
        axis.set_xscale("log")
        axis.set_xlabel(unit)
        axis.grid(axis="both", color="#e5e5e5")
        axis.set_axisbelow(True)
        for row, peer in enumerate(peers):
            for value, marker, shade in values.get(peer, []):
                axis.plot(value, row, marker, color=shade, markersize=6)
            if len(values.get(peer, [])) == 1:
                value = values[peer][0][0]
                axis.annotate(number(value), (value, row), (7, 0), textcoords="offset points", va="center", fontsize=8)
        axis.margins(x=0.2)
        set_scale(axis)
    return svg(figure)


def cpu_panels(results):
    """CPU time of each MB."""
    return [(results.title(measure), {peer: [(cell.cpu, "o", color(peer))] for peer in results.peers
                                      for cell in [results.cells.get((measure, peer))] if cell and cell.cpu})
            for measure in results.measures() if RATES[measure][2] == "bytes" and not measure.startswith("wan-")]


def time_panels(results):
    """Percentiles of times."""
    return [(results.title(measure), {peer: [(cell.times[name], marker, shade) for name, marker, shade in PERCENTILES]
                                      for peer in results.peers
                                      for cell in [results.cells.get((measure, peer))] if cell and cell.times})
            for measure in results.measures() if RATES[measure][2] == "count"]


def memory_panels(results):
    """Memory of an idle tunnel."""
    values = {peer: [(results.tunnel(peer) / 1e3, "o", color(peer))] for peer in results.memory
              if peer != "raw" and results.tunnel(peer)}
    return [("an idle tunnel", values)] if values else []


def figures(results):
    """Each as (heading, caption, SVG)."""
    for heading, measures in (("Throughput", ("small", "large", "upload")),
                              ("New connections and round trips", ("connect", "connect-32", "echo")),
                              ("Over a wide area", ("wan-small", "wan-large"))):
        measures = [measure for measure in measures if measure in results.measures()]
        if measures:
            yield heading, "Medians, with the least and the most of the samples; in brackets as a part of raw.", \
                plot_rates(results, measures)
    for heading, caption, values, unit in (
            ("CPU time", "Time that the whole machine works for each MB: client, proxy, server and kernel.",
             cpu_panels(results), "ms/MB"),
            ("Times", "Circle: the median; square: 95 of 100 take no longer; triangle: 99 of 100.",
             time_panels(results), "\N{MICRO SIGN}s"),
            ("Memory", "All that the machine has no more after idle tunnels were opened, without the sockets of the "
             "client and of the server. \"sockets\": a program that holds two for each tunnel and does nothing else.",
             memory_panels(results), "kB for each tunnel")):
        if values:
            yield heading, caption, plot_dots(results, values, unit)


def goals_table(results):
    """What ours was to reach, and did."""
    rows = [f'<tr><td>{html.escape(what)}</td><td>{exact(reached)}</td><td>{exact(goal)}</td>'
            f'<td class="{"met" if met else "missed"}">{verdict(reached, goal, met)}</td></tr>'
            for what, reached, goal, met in results.goals()]
    head = "<tr><th>goals of luadrv</th><th>reached</th><th>goal</th><th></th></tr>"
    return f"<table>{head}{''.join(rows)}</table>" if rows else ""


def conditions(plan):
    """When, where and what."""
    about = plan["about"]
    wan = plan["wan"]
    return (f"Measured {plan['date']} on Linux {about['release']} ({about['version']}) in {about['qemu']}, with one "
            f"processor, whose clock counts instructions. luadrv at {about['commit']}; the others: "
            + ", ".join(f"{name} {version}" for name, version in about["packages"].items())
            + ". Client, proxy and server are in three network namespaces of one machine, which two links connect; "
            "raw is the same way without a proxy, routed. All proxies run at the same time and are measured by turns, "
            "round after round, after a round that is thrown away. A wide area has a round trip of "
            f"{wan[0]} ms and {wan[1]} Mbit/s between proxy and server.")


def page(results):
    """The whole page."""
    parts = [f"<h2>{heading}</h2>\n<figure>{drawn}<figcaption>{html.escape(caption)}</figcaption></figure>"
             for heading, caption, drawn in figures(results)]
    return PAGE.format(conditions=html.escape(conditions(results.plan)), goals=goals_table(results),
                       figures="\n".join(parts), caveats="".join(f"<li>{html.escape(line)}</li>" for line in CAVEATS),
                       numbers=html.escape("\n".join(text(results))))

"""The chart of the README: time per step as a multiple of the baseline's, one panel per case."""

from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.figure import Figure

from benchmarks.catalog import PEERS

OWN, OTHER, TEXT = "#c2410c", "#94a3b8", "#334155"


def draw(result: dict[str, Any], path: Path) -> None:
    """Horizontal bars of the ratios with their intervals, on an axis that starts at zero, written as SVG."""
    cases = [case for case in result["cases"] if any(found["ratio"] for found in case["peers"].values())]
    if not cases:
        raise ValueError("the result has no ratios to draw: measure the steps of a baseline and of one peer at least")
    style: Any = {
        "svg.hashsalt": "ranvier", "svg.fonttype": "none", "font.size": 9, "text.color": TEXT,
        "axes.edgecolor": TEXT, "xtick.color": TEXT, "ytick.color": TEXT,
    }  # fmt: skip
    with rc_context(style):
        rows = -(-len(cases) // 2)
        figure = Figure(figsize=(9, 2.4 * rows + 0.4), layout="constrained")
        panels = figure.subplots(rows, 2, squeeze=False)
        for panel in panels.flat[len(cases) :]:
            panel.axis("off")
        for panel, case in zip(panels.flat, cases, strict=False):
            panel_of(panel, case, result["baseline"])
        name = PEERS[result["baseline"]].title
        figure.suptitle(f"Time per training step, as a multiple of {name}'s (less is better)")
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})


def panel_of(panel: Any, case: dict[str, Any], baseline: str) -> None:
    """One case: a bar per peer, the fastest on top, its ratio and milliseconds written at its end."""
    found = {peer: case["peers"][peer] for peer in case["peers"] if case["peers"][peer]["ratio"]}
    order = sorted(found, key=lambda peer: -found[peer]["ratio"]["median"])
    ratios = [found[peer]["ratio"] for peer in order]
    medians = [ratio["median"] for ratio in ratios]
    below = [ratio["median"] - ratio["low"] for ratio in ratios]
    above = [ratio["high"] - ratio["median"] for ratio in ratios]
    colours = [OWN if peer == baseline else OTHER for peer in order]
    panel.barh(range(len(order)), medians, color=colours, height=0.7, xerr=[below, above], ecolor=TEXT)
    panel.set_yticks(range(len(order)), [PEERS[peer].title for peer in order])
    for place, peer in enumerate(order):
        ratio = found[peer]["ratio"]
        label = f" {ratio['median']:.2g}x, {found[peer]['ms_per_step']['median']:.2g} ms"
        panel.text(ratio["high"], place, label, va="center")
    panel.set_xlim(0, 1.45 * max(ratio["high"] for ratio in ratios))
    panel.set_title(f"{case['workload']}, batch {case['batch']}", loc="left")
    panel.spines[["top", "right"]].set_visible(False)

"""The chart of the README: time per step as a multiple of the baseline's, one panel per case."""

from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.figure import Figure

from benchmarks.catalog import PEERS

OWN, OTHER, TEXT = "#c2410c", "#94a3b8", "#334155"
COLOURS = {
    "pytorch": "#ef4444", "torch_compile": "#f59e0b", "keras_jax": "#3b82f6", "keras_tf": "#8b5cf6",
    "keras_torch": "#ec4899", "sklearn": "#10b981", "optax": "#64748b", "equinox": "#0ea5e9",
    "ranvier_reference": "#fdba74",
}  # fmt: skip
STYLE: Any = {
    "svg.hashsalt": "ranvier", "svg.fonttype": "none", "font.size": 9, "text.color": TEXT,
    "axes.edgecolor": TEXT, "xtick.color": TEXT, "ytick.color": TEXT,
}  # fmt: skip


def draw(result: dict[str, Any], path: Path) -> None:
    """Horizontal bars of the ratios with their intervals, on an axis that starts at zero, written as SVG."""
    cases = [case for case in result["cases"] if any(found["ratio"] for found in case["peers"].values())]
    if not cases:
        raise ValueError("the result has no ratios to draw: measure the steps of a baseline and of one peer at least")
    with rc_context(STYLE):
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


def draw_sweep(result: dict[str, Any], path: Path) -> None:
    """Ratios over widths, one panel per axis, a line per peer with its interval; below one, the peer is faster."""
    axes: dict[str, list[dict[str, Any]]] = {}
    for case in result["cases"]:
        axis, mark, _ = case["workload"].partition("/")
        if mark and any(found["ratio"] for found in case["peers"].values()):
            axes.setdefault(axis, []).append(case)
    if not axes:
        raise ValueError("the result has no sweep to draw: measure one with --sweep")
    with rc_context(STYLE):
        rows = -(-len(axes) // 2)
        figure = Figure(figsize=(9, 3.2 * rows + 0.4), layout="constrained")
        panels = figure.subplots(rows, 2, squeeze=False)
        for panel in panels.flat[len(axes) :]:
            panel.axis("off")
        for panel, (axis, cases) in zip(panels.flat, axes.items(), strict=False):
            lines_of(panel, axis, cases, result["baseline"])
        name = PEERS[result["baseline"]].title
        figure.suptitle(f"Time per training step over {name}'s, batch {cases[0]['batch']} (above 1, {name} is faster)")
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})


def lines_of(panel: Any, axis: str, cases: list[dict[str, Any]], baseline: str) -> None:
    """One axis of the sweep, both scales logarithmic."""
    for peer, colour in COLOURS.items():
        found = [(int(c["workload"].partition("/")[2]), c["peers"][peer]["ratio"]) for c in cases if peer in c["peers"]]
        points = sorted((width, ratio) for width, ratio in found if ratio and peer != baseline)
        if points:
            widths, ratios = [width for width, _ in points], [ratio for _, ratio in points]
            panel.plot(widths, [ratio["median"] for ratio in ratios], color=colour, marker=".", label=PEERS[peer].title)
            low, high = [ratio["low"] for ratio in ratios], [ratio["high"] for ratio in ratios]
            panel.fill_between(widths, low, high, color=colour, alpha=0.2, linewidth=0)
    panel.axhline(1, color=OWN, linewidth=1)
    panel.set(xscale="log", yscale="log", title=f"{axis}: width")
    ticks = sorted({int(case["workload"].partition("/")[2]) for case in cases})
    panel.set_xticks(ticks, [str(tick) for tick in ticks])
    panel.minorticks_off()
    panel.legend(fontsize=7)
    panel.spines[["top", "right"]].set_visible(False)

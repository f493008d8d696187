"""The table of training steps: a row per workload and batch, with its goal, and the table of the width sweep."""

from collections.abc import Callable
from typing import Any

from benchmarks.catalog import PEERS

NOTHING = "-"
ALLOWED_BEHIND = 1.1
Title = Callable[[dict[str, Any], str], str]


def table(result: dict[str, Any], title: Title) -> str:
    """Milliseconds of the baseline, its ratio to the fastest rival and to each peer, share of peak, and the goal."""
    cases = [case for case in result["cases"] if "/" not in case["workload"]]
    baseline = result.get("baseline")
    if not cases or baseline is None:
        return ""
    others = present(cases, baseline)
    head = [
        "training", f"{title(result, baseline)}: ms per step", "fastest rival", "goal", "share of peak", "met",
        *(title(result, peer) for peer in others),
    ]  # fmt: skip
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    for case in cases:
        lines.append("| " + " | ".join([*row(result, case, baseline, title), *ratios(case, others)]) + " |")
    peak = (result.get("peak") or {}).get("gflops")
    return "\n".join(lines) + ("\n\n" + explained(peak) if peak else "")


def explained(peak: float) -> str:
    """How to read the shares."""
    return (
        f"Peak: {peak:,.0f} GFLOP/s, the fastest float32 matrix product seen in this run. A share counts the products"
        " of a step, forward and backward, and nothing else. A goal is met by the ratio to the fastest rival (PyTorch,"
        " Keras or scikit-learn) or by 65 % of the peak. Columns of peers: their time over the first column's."
    )


def present(cases: list[dict[str, Any]], baseline: str) -> list[str]:
    """Peers with a time in some case, in the catalog's order."""
    return [peer for peer in PEERS if peer != baseline and any(peer in case["peers"] for case in cases)]


def row(result: dict[str, Any], case: dict[str, Any], baseline: str, title: Title) -> list[str]:
    """The cells before those of the single peers."""
    verdict, own = case["verdict"], case["peers"].get(baseline)
    share = verdict["share_of_peak"].get(baseline)
    ratio, goal = verdict["ratio"], verdict["goal"]
    rival = f"{interval(ratio)} {title(result, verdict['fastest'])}" if ratio else NOTHING
    met = "by " + " and ".join(verdict["met_by"]) if verdict["met_by"] else "no"
    return [
        f"{case['workload']}, batch {case['batch']}", number(own["ms_per_step"]["median"]) if own else NOTHING, rival,
        f"{goal:.1f}x" if goal else NOTHING, f"{share:.0%}" if share is not None else NOTHING,
        met if goal and ratio else NOTHING,
    ]  # fmt: skip


def ratios(case: dict[str, Any], others: list[str]) -> list[str]:
    """A cell per peer: its time over the baseline's, or that it disagreed."""
    cells = []
    for peer in others:
        found, agreement = case["peers"].get(peer), case["agreement"].get(peer, {"agrees": True})
        if found:
            cells.append(
                f"{found['ratio']['median']:.3g}x" if found["ratio"] else number(found["ms_per_step"]["median"])
            )
        else:
            cells.append(NOTHING if agreement["agrees"] else "other losses")
    return cells


def interval(ratio: dict[str, Any]) -> str:
    """Median ratio with its interval."""
    return f"{ratio['median']:.3g}x ({ratio['low']:.3g} to {ratio['high']:.3g})"


def number(value: float) -> str:
    """Two significant digits below one, two decimals above."""
    return f"{value:.3f}" if value < 1 else f"{value:.2f}"


def sweep_table(result: dict[str, Any], title: Title) -> str:
    """Points of the sweep with the fastest rival; those more than a tenth behind are marked."""
    points = [case for case in result["cases"] if "/" in case["workload"]]
    baseline = result.get("baseline")
    if not points or baseline is None:
        return ""
    lines = [
        f"| width, batch 32 | {title(result, baseline)}: ms per step | fastest rival | share of peak |",
        "|---" * 4 + "|",
    ]
    for case in points:
        _, own, rival, _, share, _ = row(result, case, baseline, title)
        ratio = case["verdict"]["ratio"]
        behind = " **behind**" if ratio and ratio["median"] < 1 / ALLOWED_BEHIND else ""
        lines.append(f"| {case['workload'].replace('/', ' ')} | {own} | {rival}{behind} | {share} |")
    return "\n".join(lines)

"""What is to be reached: a ratio to the fastest rival, or a share of the machine's matrix speed, whichever is lower."""

from typing import Any

from benchmarks.catalog import RIVALS

SHARE = 0.65
OTHERS = 2.0
RATIOS = {
    "mlp": {32: 2.6, 128: 2.0}, "tiny": {32: 10.0, 128: 4.0}, "cnn": {32: 3.5, 128: 3.5}, "lstm": {32: 2.5, 128: 2.8},
    "gru": {32: 2.5, 128: 2.8},
}  # fmt: skip


def verdict(case: dict[str, Any], baseline: str, peak_gflops: float | None) -> dict[str, Any]:
    """Of one case: share of the peak per peer, the fastest rival, the goal, and by what it is met.

    `met_by` holds "ratio", "share", both or none; `goal` is None where none was set.
    """
    peers = case["peers"]
    shares = {
        peer: case["flops_per_step"] / (found["ms_per_step"]["median"] * 1e6) / peak_gflops
        for peer, found in peers.items()
        if peak_gflops
    }
    rivals = {peer: peers[peer]["ms_per_step"]["median"] for peer in RIVALS if peer in peers and peer != baseline}
    fastest = min(rivals, key=lambda peer: rivals[peer]) if rivals and baseline in peers else None
    ratio = peers[fastest]["ratio"] if fastest else None
    goal = RATIOS.get(case["workload"], {32: OTHERS, 128: OTHERS}).get(case["batch"])
    met = [
        name
        for name, reached in (
            ("ratio", bool(goal and ratio and ratio["median"] >= goal)),
            ("share", bool(goal and shares.get(baseline, 0.0) >= SHARE)),
        )
        if reached
    ]
    return {"share_of_peak": shares, "fastest": fastest, "ratio": ratio, "goal": goal, "met_by": met}

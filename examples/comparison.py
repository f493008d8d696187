"""What every example shares: its options, one run per seed, the table, and who won."""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

__all__ = ["Scores", "beside", "compare", "verdict"]

Scores = dict[str, float]
"""The score of every method that one seed was measured with."""


def compare(
    name: str,
    measure: Callable[[int, bool], Scores],
    *,
    score: str,
    networks: Sequence[str],
    higher: bool = True,
    why_not: str = "",
    arguments: Sequence[str] | None = None,
) -> dict[str, Any]:
    """Measure networks and classics on unseen data with several seeds, and print the table.

    Args:
        name: what the table calls this comparison.
        measure: seed and whether this is a smoke test to `{method: score}`, networks first.
        score: what is measured, on what, with its unit.
        networks: the methods that are Ranvier's; the others are the classics.
        higher: whether more is better.
        why_not: what to say where the networks do not win.
        arguments: the command line; the program's own when None.
    """
    options = _options(name, arguments)
    seeds = range(1 if options.smoke else options.seeds)
    print(f"{name}: {score}{' (smoke test: made-up data, the numbers mean nothing)' if options.smoke else ''}")
    runs: list[Scores] = []
    began = time.perf_counter()
    for seed in seeds:
        runs.append(measure(seed, options.smoke))
        told = ", ".join(f"{method} {value:.4g}" for method, value in runs[-1].items())
        print(f"  seed {seed}: {told}  [{time.perf_counter() - began:.0f} s so far]", flush=True)
    result = {
        "name": name,
        "score": score,
        "higher": higher,
        "networks": list(networks),
        "runs": {method: [float(run[method]) for run in runs] for method in runs[0]},
        "why_not": why_not,
        "seconds": round(time.perf_counter() - began),
    }
    width = max(map(len, result["runs"]))
    for method, values in result["runs"].items():
        print(f"  {method:<{width}}  {beside(values)}")
    print(f"  {verdict(result)}")
    if options.results:
        with options.results.open("a", encoding="utf-8") as file:
            file.write(json.dumps(result) + "\n")
    return result


def beside(values: Sequence[float]) -> str:
    """Return the mean with its spread, the standard deviation over the seeds."""
    spread = f" ± {statistics.stdev(values):.2g}" if len(values) > 1 else ""
    return f"{statistics.fmean(values):.4g}{spread}"


def verdict(result: dict[str, Any]) -> str:
    """Return in words whether the best network beats the best classic: on the mean, and in most of the seeds."""
    runs, sign = result["runs"], 1 if result["higher"] else -1
    ours = max(result["networks"], key=lambda method: sign * statistics.fmean(runs[method]))
    theirs = max(set(runs) - set(result["networks"]), key=lambda method: sign * statistics.fmean(runs[method]))
    gains = [sign * (a - b) for a, b in zip(runs[ours], runs[theirs], strict=True)]
    better = sum(gain > 0 for gain in gains)
    count = f"better in {better} of {len(gains)} seeds"
    if statistics.fmean(gains) > 0 and better > len(gains) / 2:
        return f"{ours} wins against {theirs}: {count}."
    return f"{ours} does not win against {theirs}: {count}. {result['why_not']}".strip()


def _options(name: str, arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=f"{name}: a network beside a classic, on data that neither has seen.")
    parser.add_argument("--seeds", type=_positive, default=3, metavar="N", help="how often to train (default 3)")
    parser.add_argument("--smoke", action="store_true", help="made-up data and one step: does it run?")
    parser.add_argument("--results", type=Path, metavar="FILE", help="append the result to this file as a line of JSON")
    return parser.parse_args(arguments)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number

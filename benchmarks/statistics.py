"""Medians with spread: what a handful of rounds can honestly say."""

import math
import statistics
from typing import Any


def summary(samples: list[float]) -> dict[str, Any]:
    """Median, minimum, quartiles and the samples themselves."""
    ordered = sorted(samples)
    low, high = (ordered[0], ordered[0])
    if len(ordered) > 1:
        low, _, high = statistics.quantiles(ordered, n=4, method="inclusive")
    return {
        "median": statistics.median(ordered), "min": ordered[0], "q1": low, "q3": high, "samples": list(samples),
    }  # fmt: skip


def median_interval(samples: list[float], confidence: float = 0.95) -> dict[str, Any]:
    """Median with the narrowest pair of order statistics that covers the true median with `confidence`.

    Of n samples, the k-th smallest and k-th largest hold the true median between them with probability
    1 - 2 sum_{i<k} C(n, i) / 2^n, whatever the distribution. Below six samples not even the extremes reach
    95 %: then they are given, and `coverage` says what they are worth.
    """
    ordered, n = sorted(samples), len(samples)
    if not ordered:
        raise ValueError("an interval needs at least one sample")
    k, tail = 1, 2 * 0.5**n
    while k < (n + 1) // 2 and tail + 2 * math.comb(n, k) * 0.5**n <= 1 - confidence:
        tail += 2 * math.comb(n, k) * 0.5**n
        k += 1
    return {
        "median": statistics.median(ordered), "low": ordered[k - 1], "high": ordered[n - k],
        "coverage": max(0.0, 1 - tail),
    }  # fmt: skip


def ratios(own: list[float], baseline: list[float]) -> dict[str, Any]:
    """`own / baseline`, round by round: what disturbed a whole round cancels."""
    return median_interval([mine / theirs for mine, theirs in zip(own, baseline, strict=True)])


def relative_difference(values: list[float], reference: list[float]) -> float:
    """Largest `|value - reference| / |reference|`; not-a-number counts as infinite."""
    worst = 0.0
    for value, expected in zip(values, reference, strict=True):
        difference = abs(value - expected) / abs(expected)
        worst = max(worst, math.inf if math.isnan(difference) else difference)
    return worst

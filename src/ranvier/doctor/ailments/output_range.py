"""output-range: targets that the last activation can never give."""

from __future__ import annotations

import numpy as np

from ranvier.doctor.finding import Finding
from ranvier.doctor.pairing import loss_name
from ranvier.doctor.ranges import described, interval
from ranvier.doctor.rows import chunks
from ranvier.doctor.subject import Output

__all__ = ["CODE", "SHARE", "SLACK", "findings"]

CODE = "output-range"
SHARE = 1e-3
"""Share of the targets outside the reachable values above which it is reported. Source: DOCTOR.md, section 3."""
SLACK = 1e-2
"""How far outside, as a share of the targets' range, a target counts. Source: DOCTOR.md, section 3."""


def findings(output: Output) -> list[Finding]:
    """Return a finding when a loss of numbers wants values that the output's activation cannot reach."""
    reach = interval(output.activation)
    y = output.y
    if output.family != "elementwise" or reach is None or y is None or y.dtype.kind not in "iuf" or not y.size:
        return []
    if loss_name(output.loss) in ("hinge", "squared_hinge", "categorical_hinge"):
        return []  # their targets are signs
    pieces = [np.asarray(values, np.float64) for _, values in chunks(y)]
    low, high = min(float(np.nanmin(p)) for p in pieces), max(float(np.nanmax(p)) for p in pieces)
    slack = SLACK * (high - low)
    outside = sum(int(((p < reach[0] - slack) | (p > reach[1] + slack)).sum()) for p in pieces)
    share = outside / sum(p.size for p in pieces)
    if share <= SHARE:
        return []
    layer = f"layer {output.layer!r}" if output.layer else f"output {output.name!r}"
    evidence = (
        f"{described(output.activation)}; {output.place} runs from {low:g} to {high:g}",
        f"{share:.1%} of the targets can never be reached",
    )
    cure = "Leave the activation of the last layer out, or scale the targets into its range."
    return [Finding(CODE, "error", "The output cannot reach the targets.", layer, evidence, cure)]

"""negative-weights: rows whose loss training makes larger."""

from __future__ import annotations

from ranvier.doctor.finding import Finding
from ranvier.doctor.subject import Output

__all__ = ["CODE", "findings"]

CODE = "negative-weights"


def findings(output: Output) -> list[Finding]:
    """Return a finding when rows of an output have weights below 0."""
    weight = output.weight
    if weight is None or weight.dtype.kind not in "if" or not (weight < 0).any():
        return []
    evidence = (
        f"{int((weight < 0).sum())} of {weight.size} weights are below 0, the least is {float(weight.min()):g}",
        "training makes the loss of these rows larger, and most losses have no largest value",
    )
    cure = "Pass weights of 0 or more; weights below 0 are right where a row shall become less likely, as a policy's."
    return [Finding(CODE, "advice", "Rows have weights below 0.", f"weights of {output.place}", evidence, cure)]

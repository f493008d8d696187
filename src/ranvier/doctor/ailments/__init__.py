"""Ailments: what can be wrong with a training, one file each, by the codes of `docs/reference/ailments/`."""

from __future__ import annotations

ORDER = (
    "non-finite-data",
    "label-encoding",
    "softmax-over-one-unit",
    "loss-task-mismatch",
    "logits-and-probabilities",
    "output-range",
    "metric-task-mismatch",
    "class-weights",
    "negative-weights",
    "trainable-after-compile",
    "unscaled-inputs",
    "single-row",
    "unshuffled-data",
    "non-finite-values",
    "unsavable-layer",
)
"""When several are found, the first in this order is told first: it is the likeliest cause."""

HEAD = (
    "softmax-over-one-unit",
    "loss-task-mismatch",
    "logits-and-probabilities",
    "output-range",
    "metric-task-mismatch",
)
"""What another last layer or loss cures as well: consequences of a finding that asks for one."""

__all__ = ["HEAD", "ORDER"]

"""Ailments: what can be wrong with a training, one file each, by the codes of `docs/reference/ailments/`."""

from __future__ import annotations

ORDER = (
    "non-finite-data",
    "label-encoding",
    "softmax-over-one-unit",
    "unshuffled-data",
    "non-finite-values",
    "unsavable-layer",
)
"""When several are found, the first in this order is told first: it is the likeliest cause."""

__all__ = ["ORDER"]

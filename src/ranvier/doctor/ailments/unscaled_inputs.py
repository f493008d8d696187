"""unscaled-inputs: pictures with values from 0 to 255 that nothing in the model scales."""

from __future__ import annotations

from typing import Any

import numpy as np

from ranvier.doctor.finding import Finding
from ranvier.doctor.subject import Subject
from ranvier.layers.base import Layer

__all__ = ["CODE", "LARGE", "PIXELS", "ROWS", "SHARE", "findings"]

CODE = "unscaled-inputs"
LARGE = 10.0
"""Values above it count as large. Source: DOCTOR.md, section 3."""
SHARE = 0.01
"""Share of large values above which it is reported. Source: DOCTOR.md, section 3 (the 99th percentile)."""
PIXELS = 64
"""Fewest columns of a table of whole numbers that may be flattened pictures: 8 by 8 pixels."""
ROWS = 256
"""How many rows, spread evenly, are looked at."""

_SCALING = frozenset(
    {
        "BatchNormalization",
        "Embedding",
        "GroupNormalization",
        "Lambda",
        "LayerNormalization",
        "Normalization",
        "RMSNormalization",
        "Rescaling",
        "UnitNormalization",
    }
)
"""Layers that scale, or that take whole numbers on purpose."""


def findings(subject: Subject) -> list[Finding]:
    """Return an advice per array of pictures from 0 to 255 when the model has nothing that scales its inputs."""
    if any(_may_scale(layer) for layer in subject.layers.values()):
        return []
    places = [(place, array) for place, array in subject.arrays.items() if place.startswith("x")]
    return [_finding(place, *seen) for place, array in places if (seen := _pixels(array)) is not None]


def _may_scale(layer: Layer) -> bool:
    """Whether a layer scales, or does what only its author knows: a class or function of one's own."""
    graph = getattr(layer, "layer_graph", None)
    own = not type(layer).__module__.startswith("ranvier.")
    functions = graph is not None and any(not isinstance(one, Layer) for one in graph.operations)
    return own or functions or type(layer).__name__ in _SCALING


def _pixels(array: Any) -> tuple[float, float, float] | None:
    """Return largest value, mean and share of large values of what may be pictures from 0 to 255; else None."""
    shape = tuple(array.shape)
    if len(shape) < 2 or not shape[0] or (len(shape) == 2 and shape[1] < PIXELS):
        return None
    host = array if isinstance(array, np.ndarray) else np.asarray(array)
    if host.dtype.kind not in "iuf":
        return None
    rows = host[np.unique(np.linspace(0, shape[0] - 1, min(ROWS, shape[0])).astype(int))].astype(np.float32)
    low, high, share = float(rows.min()), float(rows.max()), float((rows > LARGE).mean())
    whole = len(shape) > 2 or bool((rows == np.floor(rows)).all())
    return (high, float(rows.mean()), share) if low >= 0 and high <= 255 and share > SHARE and whole else None


def _finding(place: str, high: float, mean: float, share: float) -> Finding:
    return Finding(
        CODE,
        "advice",
        f"{place} holds values up to {high:g}, as pictures do, and nothing in the model scales them.",
        place,
        (
            f"values from 0 to {high:g}, mean {mean:.3g}; {share:.0%} of them above {LARGE:g}",
            "first weights are drawn for inputs of about -1 to 1: larger ones make the first steps too large",
        ),
        "Begin the model with layers.Rescaling(1 / 255), or divide the data by 255 (new data too); a pretrained "
        "network wants its own preprocess_input.",
    )

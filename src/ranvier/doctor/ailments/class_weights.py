"""class-weights: weights that leave out a class, or name one that no row has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import numpy as np

from ranvier.doctor.finding import Finding
from ranvier.doctor.rows import listed

__all__ = ["CODE", "MOST", "findings"]

CODE = "class-weights"
MOST = 1000
"""Most classes that targets may have to be class numbers."""
_PLACE = "fit(class_weight=...)"


def findings(y: Any, weights: Mapping[int, float]) -> list[Finding]:
    """Return a finding when the classes of the rows are not those that have a weight.

    Args:
        y: targets of all rows: class numbers, or one-hot rows.
        weights: class number to weight.
    """
    labels = _labels(np.asarray(jax.tree_util.tree_leaves(y)[0]))
    if labels is None:
        evidence = ("the targets have fractions; each counts as the class nearest to it",)
        cure = "Leave class_weight out, or pass sample_weight."
        return [Finding(CODE, "error", "Class weights for targets that are no classes.", _PLACE, evidence, cure)]
    present = {int(label) for label in np.unique(labels)}
    named = {int(key) for key in weights}
    missing, unused = sorted(present - named), sorted(named - present)
    if not missing and unused:
        seen = [
            f"weights for classes that no row has: {listed(unused)}",
            f"classes of the rows: {listed(sorted(present))}",
        ]
        cure = "Check that the keys are the numbers of the classes, and that no class was lost in a split."
        return [Finding(CODE, "advice", "Class weights name a class that never occurs.", _PLACE, tuple(seen), cure)]
    if not missing:
        return []
    seen = [f"classes without a weight, which count as 1: {listed(missing)}"]
    if unused:
        seen.append(f"weights for classes that no row has: {listed(unused)}")
    cure = "Give every class a weight; for balanced classes rows / (classes * rows of the class)."
    return [Finding(CODE, "warning", "Class weights leave out a class.", _PLACE, tuple(seen), cure)]


def _labels(y: np.ndarray) -> np.ndarray | None:
    """Return class numbers, None where targets are no classes."""
    if y.ndim > 1:
        y = y[..., 0] if y.shape[-1] == 1 else y.argmax(-1)
    if y.dtype.kind == "f" and (y[np.isfinite(y)] != np.floor(y[np.isfinite(y)])).any():
        return None
    return y

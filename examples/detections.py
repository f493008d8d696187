"""Found boxes: which of those that overlap is kept, and how good all of them are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

__all__ = ["mean_average_precision", "overlaps", "without_doubles"]


def overlaps(box: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Return `area of both / area of either` of a box [left, top, right, bottom] with each of the others."""
    sides = np.minimum(box[2:], boxes[:, 2:]) - np.maximum(box[:2], boxes[:, :2])
    both = np.prod(np.maximum(sides, 0), axis=1)
    return both / (np.prod(box[2:] - box[:2]) + np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) - both)


def without_doubles(found: np.ndarray, allowed: float = 0.5) -> np.ndarray:
    """Return what was found [row, (kind, score, box)], best first, less what overlaps a better one of its kind."""
    found = found[np.argsort(-found[:, 1])]
    kept: list[np.ndarray] = []
    while len(found):
        kept.append(found[0])
        double = (found[:, 0] == found[0, 0]) & (overlaps(found[0, 2:], found[:, 2:]) > allowed)
        double[0] = True
        found = found[~double]
    return np.array(kept).reshape(-1, 6)


def mean_average_precision(found: Sequence[np.ndarray], true: Sequence[np.ndarray], kinds: int) -> float:
    """Return the area below precision over recall, its mean over the kinds (Everingham et al., 2010).

    Args:
        found: per picture [row, (kind, score, left, top, right, bottom)].
        true: per picture [row, (kind, left, top, right, bottom)]. A box is found by the best-scored one that overlaps
            it by at least a half, once.
        kinds: how many there are, 0 up.
    """
    areas = []
    for kind in range(kinds):
        boxes = [rows[rows[:, 0] == kind, 1:] for rows in true]
        ranked = [(row[1], i, row[2:]) for i, rows in enumerate(found) for row in rows if row[0] == kind]
        taken = [np.zeros(len(rows), bool) for rows in boxes]
        hits = []
        for _, i, box in sorted(ranked, key=lambda one: -one[0]):
            overlap = overlaps(box, boxes[i])
            best = int(np.argmax(overlap)) if len(overlap) else 0
            hits.append(len(overlap) > 0 and overlap[best] >= 0.5 and not taken[i][best])
            if hits[-1]:
                taken[i][best] = True
        right = np.cumsum(hits)
        precision = np.maximum.accumulate((right / np.arange(1, len(hits) + 1))[::-1])[::-1]
        areas.append(np.sum(precision[np.array(hits, bool)]) / sum(map(len, boxes)))
    return float(np.mean(areas))

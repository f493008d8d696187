"""Long tables of cases: every n-th row is run by the fast suite, all of them by `make test-all`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

__all__ = ["sampled"]


def sampled(rows: Sequence[Any], every: int, kind: Callable[[Any], Any] = lambda row: None) -> list[Any]:
    """Return the rows as parameters, slow but for the first of each kind and every n-th.

    Example:
        >>> [len(row.marks) for row in sampled("abcd", 3)]
        [0, 1, 1, 0]
    """
    seen: set[Any] = set()
    parameters = []
    for number, row in enumerate(rows):
        fast = number % every == 0 or (kind(row) is not None and kind(row) not in seen)
        seen.add(kind(row))
        values = row if isinstance(row, tuple) else (row,)
        parameters.append(pytest.param(*values, marks=() if fast else pytest.mark.slow))
    return parameters

"""Looking through the rows of large arrays in pieces, and naming a few of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

__all__ = ["DISK_BYTES", "MEMORY_BYTES", "NAMED", "chunks", "listed"]

MEMORY_BYTES = 1 << 30
"""Most bytes of one array in memory that are looked at; of larger ones, pieces spread evenly over the rows."""
DISK_BYTES = 64 << 20
"""The same for a memory map, which must be read from disk first."""
NAMED = 5
"""How many rows, columns or values a finding names."""

_PIECE = 4 << 20


def chunks(array: Any) -> Iterator[tuple[int, np.ndarray]]:
    """Yield `(number of the first row, rows)` in pieces of some megabytes, over all rows or evenly spread ones."""
    on_disk = isinstance(array, np.memmap)
    host = array if on_disk else np.asarray(array)
    rows = int(host.shape[0])
    step = max(1, _PIECE // max(1, host.nbytes // max(1, rows)))
    starts = list(range(0, rows, step))
    most = max(1, (DISK_BYTES if on_disk else MEMORY_BYTES) // _PIECE)
    if len(starts) > most:
        starts = [starts[number] for number in np.linspace(0, len(starts) - 1, most).astype(int)]
    for start in starts:
        yield start, np.asarray(host[start : start + step])


def listed(values: Iterable[Any], most: int = NAMED) -> str:
    """Return the first few values in words.

    Example:
        >>> listed([1, 2.5, 3], most=2)
        '1, 2.5, ...'
    """
    items = list(values)
    shown = [f"{value:g}" if isinstance(value, (float, np.floating)) else str(value) for value in items[:most]]
    return ", ".join(shown + ["..."] * (len(items) > most))

"""Counting tokens for a vocabulary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

__all__ = ["TokenCounts", "batches_of"]


class TokenCounts:
    """How often tokens occur, and in how many documents."""

    def __init__(self) -> None:
        self.tokens: Counter[Any] = Counter()
        self.containing: Counter[Any] = Counter()
        self.documents = 0

    def add(self, rows: Iterable[Sequence[Any]], documents: bool) -> None:
        """Count the tokens of rows, each of them one document."""
        for row in rows:
            self.tokens.update(row)
            if documents:
                self.containing.update(set(row))
                self.documents += 1

    def most_frequent(self, most: int | None, without: Iterable[Any]) -> list[Any]:
        """Return at most `most` tokens, most frequent first, of equally frequent ones the last in order first."""
        left_out = set(without)
        pairs = ((count, token) for token, count in self.tokens.items() if token not in left_out)
        return [token for _, token in sorted(pairs, reverse=True)[:most]]

    def inverse_document_frequencies(self, tokens: Sequence[Any]) -> np.ndarray:
        """Return `log(1 + documents / (1 + documents with the token))` for each token."""
        containing = np.array([self.containing[token] for token in tokens], np.float64)
        return np.asarray(np.log(1 + self.documents / (1 + containing)))


def batches_of(data: Any, steps: int | None) -> Iterable[Any]:
    """Yield batches: data itself when it is a list or an array, a flat one as rows of one, else what it yields."""
    if isinstance(data, (str, bytes, list, tuple)) or hasattr(data, "__array__") or hasattr(data, "to_numpy"):
        first = data[0] if isinstance(data, (list, tuple)) and data else None
        if isinstance(first, (str, bytes, int)):
            data = [[item] for item in data]
        elif getattr(data, "ndim", None) == 1:
            data = np.asarray(data)[:, None]
        yield data
        return
    for number, batch in enumerate(data):
        if steps is not None and number >= steps:
            return
        yield batch

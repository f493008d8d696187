"""Texts as lists of word numbers: reserved numbers, frequency limits, and the index of words."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ranvier._errors import InvalidArgument
from ranvier.data.datasets.archives import refuse
from ranvier.data.datasets.info import Pair

__all__ = ["DEFAULT", "Words", "as_objects", "check_texts", "read_word_index"]

_INDEX_LIMIT = 1 << 26


@dataclass(frozen=True)
class Words:
    """Which word numbers are kept, and which stand for something else.

    Args:
        num_words: numbers from here on are out of the vocabulary; None takes the largest that occurs, so that
            the rarest word itself falls out, as in Keras.
        skip_top: numbers below it are out of the vocabulary too.
        maxlen: only texts shorter than this, counted with the start, are kept; None keeps all.
        start_char: put before every text; None puts nothing.
        oov_char: stands for a word out of the vocabulary; None drops such words.
        index_from: added to every word number, to make room for the reserved ones.
    """

    num_words: int | None = None
    skip_top: int = 0
    maxlen: int | None = None
    start_char: int | None = 1
    oov_char: int | None = 2
    index_from: int = 3

    def encode(self, texts: Iterable[list[int]], labels: npt.NDArray[Any]) -> tuple[list[list[int]], npt.NDArray[Any]]:
        """Return the texts with start and shifted numbers, without those of `maxlen` or more, and their labels."""
        start = [] if self.start_char is None else [self.start_char]
        shift = self.index_from or 0
        encoded = [start + [word + shift for word in text] for text in texts]
        if not self.maxlen:
            return encoded, labels
        kept = [row for row, text in enumerate(encoded) if len(text) < self.maxlen]
        if not kept:
            raise InvalidArgument(
                "No text is shorter than maxlen.",
                code="data-maxlen",
                place="maxlen",
                expected=f"more than {min(map(len, encoded), default=0)}, the shortest text with its start",
                received=self.maxlen,
                fix="increase maxlen",
            )
        return [encoded[row] for row in kept], labels[kept]

    def limit(self, texts: list[list[int]]) -> list[list[int]]:
        """Return the texts with every word out of the vocabulary replaced or dropped."""
        end = self.num_words or max((max(text) for text in texts if text), default=0)
        if self.oov_char is None:
            return [[word for word in text if self.skip_top <= word < end] for text in texts]
        return [[word if self.skip_top <= word < end else self.oov_char for word in text] for text in texts]


DEFAULT = Words()
"""What Keras's loaders do without arguments."""


def as_objects(texts: list[list[int]]) -> npt.NDArray[Any]:
    """Return `[row]` lists as an object array; `[row, word]` where all have one length, as in Keras."""
    return np.array(texts, dtype=object)


def read_word_index(path: Path) -> dict[str, int]:
    """Read a JSON object of words and their numbers.

    Raises:
        FileRefused: it is too large or something else.
    """
    size = path.stat().st_size
    if size > _INDEX_LIMIT:
        raise refuse(path, "too-large", "is too large for a word index", f"at most {_INDEX_LIMIT:,} bytes", size)
    try:
        index = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise refuse(path, "damaged", "is no JSON", "a JSON object of words and numbers", error) from error
    if not isinstance(index, dict) or not set(map(type, index.values())) <= {int}:
        raise refuse(path, "format", "is no word index", "a JSON object of words and numbers", type(index).__name__)
    return index


def check_texts(pair: Pair, path: Path) -> Pair:
    """Return `pair` if it is lists of integers `[row]` with as many integer labels.

    Raises:
        FileRefused: it is something else.
    """
    x, y = pair
    if x.dtype.kind != "O" or y.dtype.kind not in "iu" or y.shape != x.shape:
        wanted = "lists of integers and as many integer labels"
        raise refuse(path, "shape", "holds other arrays", wanted, f"{x.dtype} {x.shape} and {y.dtype} {y.shape}")
    return pair

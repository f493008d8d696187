"""From texts to tokens: standardize, split, join neighbours."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ranvier._errors import DataError
from ranvier.layers.base import Layer
from ranvier.layers.preprocessing.host import plain_texts

__all__ = ["SPLIT", "STANDARDIZE", "joined", "split_rows", "standardized"]

# ASCII only, as TensorFlow's functions of bytes.
_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)
_WORDS = re.compile(r"[^ \t\n\v\f\r]+")

STANDARDIZE: Mapping[str, Callable[[str], str]] = {
    "lower": lambda text: text.translate(_LOWER),
    "strip_punctuation": lambda text: text.translate(_NO_PUNCTUATION),
    "lower_and_strip_punctuation": lambda text: text.translate(_LOWER).translate(_NO_PUNCTUATION),
}
SPLIT: Mapping[str, Callable[[str], list[str]]] = {"whitespace": _WORDS.findall, "character": list}


def standardized(texts: np.ndarray, how: Any, layer: Layer) -> np.ndarray:
    """Return texts in the standard form that a name or a function of a NumPy array says."""
    if how is None:
        return texts
    if callable(how):
        return plain_texts(how(texts.astype(str)), layer)
    result = np.empty(texts.size, object)
    result[:] = list(map(STANDARDIZE[how], texts.reshape(-1).tolist()))
    return result.reshape(texts.shape)


def split_rows(texts: np.ndarray, how: Any, layer: Layer) -> list[list[str]]:
    """Return the tokens of each row.

    Args:
        texts: one text per row; with `how` None, the tokens themselves.
        how: a name, or a function of a NumPy array that returns a list of tokens for each text.
        layer: who asks, for errors.

    Raises:
        DataError: a row of several texts that are to be split.
    """
    if how is None:
        rows: list[list[str]] = texts.reshape(len(texts) if texts.ndim > 1 else 1, -1).tolist()
        return rows
    if texts.ndim > 1:
        if texts.shape[-1] != 1:
            raise DataError(
                "Rows that are split hold one text each.",
                code="text-shape",
                place=f"layer {layer.name!r}",
                expected="texts of shape (rows,) or (rows, 1)",
                received=texts.shape,
                fix="join the texts of a row, or give each column a layer of its own",
            )
        texts = texts[..., 0]
    if callable(how):
        return [list(map(str, row)) for row in how(texts.astype(str))]
    return [SPLIT[how](text) for text in texts.reshape(-1).tolist()]


def joined(tokens: Sequence[str], widths: Sequence[int]) -> list[str]:
    """Return the n-grams of a row's tokens.

    Example:
        >>> joined(["a", "b", "c"], (1, 2))
        ['a', 'b', 'c', 'a b', 'b c']
    """
    return [" ".join(tokens[at : at + n]) for n in widths for at in range(len(tokens) - n + 1)]

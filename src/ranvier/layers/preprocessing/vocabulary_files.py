"""A vocabulary as files: Keras's `vocabulary.txt`, one token per line, and an exact list where lines do not suffice."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ranvier._errors import InvalidArgument
from ranvier.layers.base import Layer

__all__ = ["NAMES", "lines_of", "read", "written"]

_LINES, _EXACT = "vocabulary.txt", "vocabulary.json"
NAMES = (_LINES, _EXACT)


def lines_of(path: str | Path, layer: Layer) -> list[str]:
    """Return the lines of a vocabulary file.

    Raises:
        InvalidArgument: there is no such file.
    """
    if not Path(path).is_file():
        raise InvalidArgument(
            "There is no such vocabulary file.",
            code="vocabulary-file",
            place=f"layer {layer.name!r}",
            expected="the path of a text file with one token per line, or a list of tokens",
            received=str(path),
        )
    return _lines(Path(path).read_text(encoding="utf-8", errors="surrogateescape"))


def _lines(text: str) -> list[str]:
    lines = text.splitlines()
    while lines and not lines[-1]:
        lines.pop()
    return lines


def written(tokens: Sequence[Any]) -> dict[str, bytes]:
    """Return the files for tokens: Keras's, and the exact list where a token holds a line's end."""
    text = "\n".join(str(token) for token in tokens)
    files = {_LINES: text.encode("utf-8", "surrogateescape")}
    if _lines(text) != [str(token) for token in tokens]:
        files[_EXACT] = json.dumps([str(token) for token in tokens]).encode()
    return files


def read(files: Mapping[str, bytes], layer: Layer) -> list[str]:
    """Return the tokens in files.

    Raises:
        InvalidArgument: they hold something else.
    """
    if _EXACT not in files:
        return _lines(files[_LINES].decode("utf-8", "surrogateescape"))
    tokens = json.loads(files[_EXACT])
    if not isinstance(tokens, list) or not all(isinstance(token, str) for token in tokens):
        raise InvalidArgument(
            "The vocabulary file holds no list of texts.", code="vocabulary-file", place=f"layer {layer.name!r}"
        )
    return tokens

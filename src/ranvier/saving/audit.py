"""What a file may ask of us: limits, refusals that name the entry and the reason, and JSON read under limits."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ranvier._errors import FileRefused, Unsupported

__all__ = ["DEFAULT_MAX_BYTES", "Limits", "damage_refused", "read_json", "refuse"]

DEFAULT_MAX_BYTES = 8 * 2**30


@dataclass(frozen=True)
class Limits:
    """How much one file may cost.

    Attributes:
        max_bytes: weights, stored or declared, together [bytes].
        max_json_bytes: one JSON entry [bytes].
        max_json_depth: nesting of lists and objects.
        max_entries: entries of an archive, or objects of an HDF5 file.
        max_depth: nesting of HDF5 groups.
    """

    max_bytes: int = DEFAULT_MAX_BYTES
    max_json_bytes: int = 64 * 2**20
    max_json_depth: int = 200
    max_entries: int = 200_000
    max_depth: int = 64


def refuse(
    reason: str, *, code: str, place: str, expected: object = "", received: object = "", fix: str = ""
) -> FileRefused:
    """Return the error for an entry that is not read; `place` names the file and the entry."""
    shown = str(received)
    return FileRefused(
        f"The file was refused: {reason}.",
        code=code,
        place=place,
        expected=expected,
        received=shown if len(shown) <= 300 else f"{shown[:300]}...",
        fix=fix or "do not use the file, or get it again from a source that you trust",
    )


@contextmanager
def damage_refused(place: str, doing: str) -> Iterator[None]:
    """Turn whatever a malformed file makes a parser raise into a refusal that names the entry."""
    try:
        yield
    except (FileRefused, Unsupported):
        raise
    except Exception as error:
        raise refuse(
            f"{doing} failed",
            code="file-damaged",
            place=place,
            expected="an undamaged file of this format",
            received=f"{type(error).__name__}: {error}",
            fix="if the file should be good, check that it was copied completely",
        ) from error


def read_json(data: bytes, place: str, limits: Limits) -> Any:
    """Parse JSON that a stranger wrote.

    Raises:
        FileRefused: too large, too deep, repeated keys, numbers that are no finite 64-bit numbers, or no JSON at all.
    """
    if len(data) > limits.max_json_bytes:
        raise refuse(
            "a JSON entry is too large",
            code="json-too-large",
            place=place,
            expected=f"at most {limits.max_json_bytes} bytes",
            received=f"{len(data)} bytes",
        )
    with damage_refused(place, "reading JSON"):
        parsed = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=lambda pairs: _no_repeated_keys(pairs, place),
            parse_constant=lambda text: _not_finite(text, place),
            parse_float=lambda text: _finite(text, place),
            parse_int=lambda text: _small(text, place),
        )
    _check_depth(parsed, place, limits.max_json_depth)
    return parsed


def _no_repeated_keys(pairs: list[tuple[str, Any]], place: str) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        names = [key for key, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise refuse("a JSON object holds the same key twice", code="json-repeated-key", place=place, received=twice)
    return result


def _not_finite(text: str, place: str) -> Any:
    raise refuse("a JSON number is not finite", code="json-not-finite", place=place, received=text)


def _finite(text: str, place: str) -> float:
    value = float(text)
    return value if math.isfinite(value) else _not_finite(text, place)


def _small(text: str, place: str) -> int:
    if len(text) > 20 or not -(2**63) <= int(text) < 2**64:
        raise refuse(
            "a JSON integer is too large",
            code="json-huge-integer",
            place=place,
            expected="an integer of 64 bits",
            received=text[:40],
        )
    return int(text)


def _check_depth(value: Any, place: str, limit: int) -> None:
    level = [value]
    for _ in range(limit + 1):
        level = [
            child
            for node in level
            if isinstance(node, (dict, list))
            for child in (node.values() if isinstance(node, dict) else node)
        ]
        if not level:
            return
    raise refuse("JSON is nested too deeply", code="json-too-deep", place=place, expected=f"at most {limit} levels")

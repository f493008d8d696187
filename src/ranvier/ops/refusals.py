"""What no function of `ops` takes: sparse and ragged arrays, and keywords that mean nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ranvier._errors import WrongType

__all__ = ["dense_only", "no_more"]


def dense_only(*wanted: bool | None) -> None:
    """Refuse the flags `sparse=` and `ragged=`.

    Raises:
        WrongType: one of them is true.
    """
    if any(wanted):
        raise WrongType("There are no sparse or ragged arrays here.", code="dense-only", fix="pass a dense array")


def no_more(keywords: Mapping[str, Any], place: str) -> None:
    """Refuse keywords that a function does not know.

    Raises:
        WrongType: there is one.
    """
    if keywords:
        raise WrongType(f"{place} does not know {next(iter(keywords))!r}.", code="unknown-argument", place=place)

"""TensorFlow's `name=` argument, which every one of its functions takes."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["all_named", "named"]


def named(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let a function take `name=`, which names nothing here."""

    @functools.wraps(function)
    def face(*args: Any, name: str | None = None, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return face


def all_named(functions: Mapping[str, Callable[..., Any]]) -> dict[str, Callable[..., Any]]:
    """Return functions under TensorFlow's names, each with `name=`."""
    return {name: named(function) for name, function in functions.items()}

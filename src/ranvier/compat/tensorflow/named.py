"""What every function of TensorFlow has: a `name=` argument, and an error that shows shapes which do not fit."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from ranvier.compat.fitting import shapes_shown

__all__ = ["all_named", "named"]


def named(function: Callable[..., Any], called: str | None = None) -> Callable[..., Any]:
    """Let a function take `name=`, which names nothing here."""
    checked = shapes_shown(function, f"tf.{called or function.__name__}")

    @functools.wraps(function)
    def face(*args: Any, name: str | None = None, **kwargs: Any) -> Any:
        return checked(*args, **kwargs)

    return face


def all_named(functions: Mapping[str, Callable[..., Any]]) -> dict[str, Callable[..., Any]]:
    """Return functions under TensorFlow's names, each with `name=`."""
    return {name: named(function, name) for name, function in functions.items()}

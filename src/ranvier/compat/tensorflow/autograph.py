"""`tf.autograph`: Python is traced by JAX as it stands; what changes how TensorFlow rewrites it is accepted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["do_not_convert", "set_verbosity", "trace"]


def set_verbosity(level: int, alsologtostdout: bool = False) -> None:
    """Accepted: there is nothing to tell."""


def trace(*args: Any) -> None:
    """Accepted: there is nothing to tell."""


def do_not_convert(func: Callable[..., Any] | None = None) -> Callable[..., Any]:
    """Return the function, as a decorator with or without arguments: nothing is converted."""
    return do_not_convert if func is None else func

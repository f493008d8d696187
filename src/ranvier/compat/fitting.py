"""Errors for tensors that do not fit together: JAX's own name no place and no cure."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any

from ranvier._errors import InvalidArgument, RanvierError
from ranvier.ops.core import explain

__all__ = ["shapes_shown"]

_WORDS = ("shape", "broadcast", "size", "axis", "equal division", "out of range")
"""What JAX's errors of this kind speak of."""


def shapes_shown(function: Callable[..., Any], place: str | None = None) -> Callable[..., Any]:
    """Let a function refuse shapes that do not fit with an error that shows them.

    Args:
        function: the function; its own errors of this kind are JAX's.
        place: what it is called in scripts; its name in `tf` when None.
    """
    place = f"tf.{function.__name__}" if place is None else place

    @functools.wraps(function)
    def face(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except (TypeError, ValueError, IndexError) as error:
            about = any(word in str(error).lower() for word in _WORDS)
            if isinstance(error, RanvierError) or not about or explain(error) is not None:
                raise
            raise InvalidArgument(
                "The shapes of the arguments do not fit together.",
                code="tensor-shapes",
                place=place,
                received=_shapes((*args, *kwargs.values())),
                fix=f"bring them to shapes that fit; JAX says: {str(error).splitlines()[0]}",
            ) from error

    return face


def _shapes(values: Iterable[Any]) -> str:
    """Return the shapes of tensors, and of those in lists; other arguments as they are."""
    return ", ".join(_shown(value) for value in values)


def _shown(value: Any) -> str:
    if hasattr(value, "shape"):
        return str(tuple(value.shape))
    if isinstance(value, (list, tuple)) and any(hasattr(item, "shape") for item in value):
        return _shapes(value)
    return repr(value)[:80]

"""What every function of TensorFlow has: a `name=` argument, and an error that shows shapes which do not fit."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ranvier._errors import InvalidArgument, RanvierError
from ranvier.ops.core import explain

__all__ = ["all_named", "named", "shapes_shown"]


def shapes_shown(function: Callable[..., Any], name: str | None = None) -> Callable[..., Any]:
    """Let a function refuse shapes that do not fit with an error that shows them.

    Args:
        function: the function; its own errors of this kind are JAX's.
        name: what it is called in `tf`; its own name when None.
    """
    place = f"tf.{name or function.__name__}"

    @functools.wraps(function)
    def face(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except (TypeError, ValueError) as error:
            if isinstance(error, RanvierError) or "shape" not in str(error) or explain(error) is not None:
                raise
            raise InvalidArgument(
                "The shapes of the arguments do not fit together.",
                code="tensor-shapes",
                place=place,
                received=_shapes((*args, *kwargs.values())),
                fix=f"bring them to shapes that fit; JAX says: {str(error).splitlines()[0]}",
            ) from error

    return face


def _shapes(values: tuple[Any, ...]) -> str:
    """Return the shapes of tensors, and of those in lists; other arguments as they are."""
    try:
        return ", ".join(str(tuple(value.shape) if hasattr(value, "shape") else np.shape(value)) for value in values)
    except ValueError:
        return ", ".join(_shapes(tuple(value)) if isinstance(value, (list, tuple)) else repr(value) for value in values)


def named(function: Callable[..., Any], called: str | None = None) -> Callable[..., Any]:
    """Let a function take `name=`, which names nothing here."""
    checked = shapes_shown(function, called)

    @functools.wraps(function)
    def face(*args: Any, name: str | None = None, **kwargs: Any) -> Any:
        return checked(*args, **kwargs)

    return face


def all_named(functions: Mapping[str, Callable[..., Any]]) -> dict[str, Callable[..., Any]]:
    """Return functions under TensorFlow's names, each with `name=`."""
    return {name: named(function, name) for name, function in functions.items()}

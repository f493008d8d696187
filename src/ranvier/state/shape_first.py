"""Which argument of `add_weight` comes first: the shape, where TensorFlow 2 had the name."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from ranvier._errors import WrongType

__all__ = ["shape_first"]

P = ParamSpec("P")
R = TypeVar("R")


def shape_first(method: Callable[P, R]) -> Callable[P, R]:
    """Refuse a name in the place of the shape, where TensorFlow 2 had it.

    Raises:
        WrongType: the first argument is a text.
    """

    @functools.wraps(method)
    def face(*args: P.args, **kwargs: P.kwargs) -> R:
        if len(args) > 1 and isinstance(args[1], str):
            raise WrongType(
                "A weight's first argument is its shape, not its name.",
                code="weight-shape",
                place=f"{type(args[0]).__name__}.{method.__name__}",
                expected="shape=(3, 4), or () for one number",
                received=repr(args[1]),
                fix=f"write {method.__name__}(shape=..., initializer=..., name={args[1]!r})",
            )
        return method(*args, **kwargs)

    return face

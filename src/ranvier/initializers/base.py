"""Initializer: the base of everything that gives a weight its first value."""

from __future__ import annotations

from typing import Any, TypeVar

from ranvier._errors import NotReady
from ranvier._lookup import Configurable
from ranvier._typing import Array, DType

__all__ = ["Initializer"]

I = TypeVar("I", bound="Initializer")  # noqa: E741


class Initializer(Configurable):
    """The base of initializers; a subclass defines `__call__(shape, dtype=None)`.

    Example:
        >>> class Halves(Initializer):
        ...     def __call__(self, shape, dtype=None):
        ...         return jnp.full(shape, 0.5, dtype)
    """

    def __call__(self, shape: Any, dtype: DType | None = None) -> Array:
        """Return an array of `shape` and `dtype` (floatx when None)."""
        raise NotReady(
            f"{type(self).__name__} draws nothing.",
            code="no-call",
            place=type(self).__name__,
            fix="define __call__(self, shape, dtype=None) in the class",
        )

    def clone(self: I) -> I:
        """Return an equal initializer."""
        return type(self).from_config(self.get_config())

    def __repr__(self) -> str:
        arguments = ", ".join(f"{name}={value!r}" for name, value in self.get_config().items())
        return f"{type(self).__name__}({arguments})"

"""Initializers without randomness; filled by NumPy, so that no program is compiled for them."""

from __future__ import annotations

from typing import Any, final

import jax.numpy as jnp
import numpy as np

from ranvier._errors import InvalidArgument
from ranvier._lookup import plain
from ranvier._typing import Array, DType
from ranvier.initializers.base import Initializer
from ranvier.state.variable import dtype_name

__all__ = ["Constant", "Identity", "Ones", "Zeros"]


def _filled(shape: Any, value: Any, dtype: DType | None) -> Array:
    return jnp.array(np.full(shape, value, jnp.dtype(dtype_name(dtype))))


@final
class Zeros(Initializer):
    """All zeros."""

    keras_module = "keras.initializers"

    def __call__(self, shape: Any, dtype: DType | None = None) -> Array:
        """Return zeros of `shape`."""
        return _filled(shape, 0, dtype)


@final
class Ones(Initializer):
    """All ones."""

    keras_module = "keras.initializers"

    def __call__(self, shape: Any, dtype: DType | None = None) -> Array:
        """Return ones of `shape`."""
        return _filled(shape, 1, dtype)


@final
class Constant(Initializer):
    """The same value everywhere, or an array that broadcasts to the shape.

    Args:
        value: a number, or an array-like.
    """

    keras_module = "keras.initializers"

    def __init__(self, value: Any = 0.0) -> None:
        self.value = value

    def __call__(self, shape: Any, dtype: DType | None = None) -> Array:
        """Return `value`, broadcast to `shape`."""
        return _filled(shape, self.value, dtype)

    def get_config(self) -> dict[str, Any]:
        """Return the value as plain data."""
        return {"value": plain(self.value)}

    @classmethod
    def from_config(cls, config: Any) -> Constant:
        """Rebuild; also reads Keras's `{"class_name": "__numpy__", ...}` form of an array."""
        value = config["value"]
        if isinstance(value, dict) and value.get("class_name") in ("__numpy__", "__tensor__"):
            inner = value["config"]
            value = np.asarray(inner["value"], dtype=np.dtype(inner["dtype"]))
        return cls(value)


@final
class Identity(Initializer):
    """`gain * I`, for matrices only.

    Args:
        gain: the value on the diagonal.
    """

    keras_module = "keras.initializers"

    def __init__(self, gain: float = 1.0) -> None:
        self.gain = gain

    def __call__(self, shape: Any, dtype: DType | None = None) -> Array:
        """Return the scaled identity of `shape`, which has two axes.

        Raises:
            InvalidArgument: another number of axes.
        """
        if len(shape) != 2:
            raise InvalidArgument(
                "Identity fills matrices only.",
                code="identity-not-matrix",
                place="Identity",
                expected="a shape of two axes",
                received=tuple(shape),
                fix="take Orthogonal for kernels of more axes",
            )
        return jnp.asarray(self.gain * np.eye(*shape), dtype_name(dtype))

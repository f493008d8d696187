"""`tf.float32` and the other types: texts that know their facts, so that NumPy and Ranvier take them as they are."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

__all__ = [
    "DType",
    "as_dtype",
    "bfloat16",
    "bool",
    "complex64",
    "double",
    "float16",
    "float32",
    "float64",
    "half",
    "int8",
    "int16",
    "int32",
    "int64",
    "string",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
]


class DType(str):
    """A type by its name; equal to the name, and to NumPy's type of that name.

    Example:
        >>> float32.is_floating, float32 == np.dtype("float32"), uint8.max
        (True, True, 255)
    """

    __slots__ = ()

    @property
    def name(self) -> str:
        """The name as plain text."""
        return str(self)

    @property
    def as_numpy_dtype(self) -> Any:
        """NumPy's scalar type."""
        return np.object_ if self == "string" else jnp.dtype(self.name).type

    @property
    def is_floating(self) -> Any:
        """Whether it holds numbers with fractions."""
        return self != "string" and jnp.issubdtype(jnp.dtype(self.name), jnp.floating)

    @property
    def is_integer(self) -> Any:
        """Whether it holds whole numbers."""
        return self != "string" and jnp.issubdtype(jnp.dtype(self.name), jnp.integer)

    @property
    def min(self) -> Any:
        """The smallest number."""
        return self._bounds.min

    @property
    def max(self) -> Any:
        """The largest number."""
        return self._bounds.max

    @property
    def size(self) -> int:
        """Bytes of one number."""
        return jnp.dtype(self.name).itemsize

    @property
    def _bounds(self) -> Any:
        info: Any = jnp.finfo if self.is_floating else jnp.iinfo
        return info(self.name)

    def __repr__(self) -> str:
        return f"tf.{self.name}"


bfloat16, float16, float32, float64 = map(DType, ("bfloat16", "float16", "float32", "float64"))
int8, int16, int32, int64 = map(DType, ("int8", "int16", "int32", "int64"))
uint8, uint16, uint32, uint64 = map(DType, ("uint8", "uint16", "uint32", "uint64"))
bool, complex64, string = map(DType, ("bool", "complex64", "string"))
half, double = float16, float64


def as_dtype(type_value: Any) -> DType:
    """Return the type for a name, a NumPy type or a type."""
    return DType(type_value if isinstance(type_value, str) else np.dtype(type_value).name)


def on_device(dtype: Any) -> Any:
    """Return the type in which an array of this type exists on the device: 64 bits become 32; None stays None."""
    return None if dtype is None else jax.dtypes.canonicalize_dtype(as_dtype(dtype).name).name

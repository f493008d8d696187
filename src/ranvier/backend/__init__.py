"""Keras's `backend` namespace: configuration, types and the session."""

from __future__ import annotations

import jax.numpy as jnp

from ranvier._config import (
    epsilon,
    floatx,
    image_data_format,
    set_epsilon,
    set_floatx,
    set_image_data_format,
)
from ranvier._typing import DType
from ranvier.backend.session import clear_session, get_uid
from ranvier.state.symbolic import KerasTensor
from ranvier.state.variable import Variable, dtype_name

__all__ = [
    "Variable",
    "backend",
    "clear_session",
    "epsilon",
    "floatx",
    "get_uid",
    "image_data_format",
    "is_float_dtype",
    "is_int_dtype",
    "is_keras_tensor",
    "result_type",
    "set_epsilon",
    "set_floatx",
    "set_image_data_format",
    "standardize_dtype",
]

standardize_dtype = dtype_name


def backend() -> str:
    """Return `"jax"`, the only one."""
    return "jax"


def is_float_dtype(dtype: DType) -> bool:
    """Whether it is a float type."""
    return bool(jnp.issubdtype(jnp.dtype(dtype_name(dtype)), jnp.floating))


def is_int_dtype(dtype: DType) -> bool:
    """Whether it is a type of whole numbers."""
    return bool(jnp.issubdtype(jnp.dtype(dtype_name(dtype)), jnp.integer))


def is_keras_tensor(x: object) -> bool:
    """Whether it is a symbolic tensor, such as `Input` returns."""
    return isinstance(x, KerasTensor)


def result_type(*dtypes: DType) -> str:
    """Return the type of an operation on these types; `int` and `float` stand for Python numbers, which adapt.

    Example:
        >>> result_type("int32", "float32"), result_type("bfloat16", float), result_type("int8", int)
        ('float32', 'bfloat16', 'int8')
    """
    if not dtypes:
        return floatx()
    numbers = {int: 0, float: 0.0, bool: False, complex: 0j}
    known = [numbers[d] if isinstance(d, type) and d in numbers else jnp.dtype(dtype_name(d)) for d in dtypes]
    result = jnp.result_type(*known)
    adapted = all(isinstance(one, (int, float)) for one in known) and jnp.issubdtype(result, jnp.floating)
    return floatx() if adapted else str(result.name)

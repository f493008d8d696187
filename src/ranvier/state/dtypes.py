"""Names of dtypes."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np

from ranvier import _config
from ranvier._errors import InvalidArgument
from ranvier._typing import DType

__all__ = ["dtype_name"]


def dtype_name(dtype: DType | None) -> str:
    """Return the canonical name of a dtype; None means the default float type."""
    if dtype is None:
        return _config.floatx()
    if dtype == "string":
        return "string"
    name = dtype if isinstance(dtype, str) else getattr(dtype, "name", None) or np.dtype(dtype).name
    name = {"float": _config.floatx(), "int": "int32", "double": "float64", "half": "float16"}.get(name, name)
    try:
        return str(jnp.dtype(name).name)
    except TypeError as error:
        raise InvalidArgument(
            f"There is no dtype named {name!r}.",
            code="unknown-dtype",
            expected="float32, int32, bool, ...",
            received=repr(dtype),
            fix="correct the dtype",
        ) from error

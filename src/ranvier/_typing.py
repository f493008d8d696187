"""Type names that the whole package shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import jax
import numpy as np

__all__ = ["Array", "ArrayLike", "DType", "Shape", "Tree"]

Array: TypeAlias = jax.Array
ArrayLike: TypeAlias = Any
"""Whatever can become an array: arrays, Variables, symbolic tensors, numbers, nested lists of numbers."""
Shape: TypeAlias = tuple[int | None, ...]
DType: TypeAlias = str | np.dtype[Any] | type
Tree: TypeAlias = Any | Sequence[Any] | Mapping[str, Any]

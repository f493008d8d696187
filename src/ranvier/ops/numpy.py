"""Keras's `ops.numpy`: what NumPy has under the same names."""

from __future__ import annotations

from ranvier.ops import (
    arithmetic,
    comparison,
    creation,
    elementwise,
    indexing,
    nans,
    products,
    reductions,
    shapes,
    statistics,
    trigonometry,
    windows,
)
from ranvier.ops.arithmetic import *  # noqa: F403
from ranvier.ops.comparison import *  # noqa: F403
from ranvier.ops.creation import *  # noqa: F403
from ranvier.ops.elementwise import *  # noqa: F403
from ranvier.ops.flow import vectorize
from ranvier.ops.indexing import *  # noqa: F403
from ranvier.ops.linalg import slogdet
from ranvier.ops.nans import *  # noqa: F403
from ranvier.ops.products import *  # noqa: F403
from ranvier.ops.reductions import *  # noqa: F403
from ranvier.ops.shapes import *  # noqa: F403
from ranvier.ops.statistics import *  # noqa: F403
from ranvier.ops.trigonometry import *  # noqa: F403
from ranvier.ops.windows import *  # noqa: F403

__all__ = [
    *arithmetic.__all__,
    *comparison.__all__,
    *creation.__all__,
    *elementwise.__all__,
    *indexing.__all__,
    *nans.__all__,
    *products.__all__,
    *reductions.__all__,
    *shapes.__all__,
    *statistics.__all__,
    *trigonometry.__all__,
    *windows.__all__,
    "slogdet",
    "vectorize",
]

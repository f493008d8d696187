"""Keras's older names of the dtype policy, and the loss scaling that float16 wants."""

from __future__ import annotations

from ranvier.optimizers import LossScaleOptimizer
from ranvier.state.dtype_policy import DTypePolicy, dtype_policy, set_dtype_policy

Policy = DTypePolicy
global_policy, set_global_policy = dtype_policy, set_dtype_policy

__all__ = [
    "DTypePolicy",
    "LossScaleOptimizer",
    "Policy",
    "dtype_policy",
    "global_policy",
    "set_dtype_policy",
    "set_global_policy",
]

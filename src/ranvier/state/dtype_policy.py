"""Dtype policies: in which float type a layer computes and in which it stores.

Source: Micikevicius et al., "Mixed precision training", 2018.
"""

from __future__ import annotations

from typing import Any

from ranvier import _config
from ranvier._config import configuration
from ranvier._lookup import Configurable
from ranvier.state.variable import dtype_name

__all__ = ["DTypePolicy", "dtype_policy", "policy_of", "set_dtype_policy"]


class DTypePolicy(Configurable):
    """A pair of float types, by name: `"float32"`, `"mixed_float16"`, `"mixed_bfloat16"`, any other dtype.

    Attributes:
        compute_dtype: what inputs and variables are cast to inside a layer.
        variable_dtype: what weights are stored in.
    """

    keras_module = "keras"

    def __init__(self, name: str | None = None, source_name: str | None = None) -> None:
        self.name = name or _config.floatx()
        if self.name.startswith("mixed_"):
            self.compute_dtype, self.variable_dtype = dtype_name(self.name.removeprefix("mixed_")), "float32"
        else:
            self.compute_dtype = self.variable_dtype = dtype_name(self.name)

    def get_config(self) -> dict[str, Any]:
        """Return the policy's name."""
        return {"name": self.name}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DTypePolicy) and other.name == self.name

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f'<DTypePolicy "{self.name}">'


def dtype_policy() -> DTypePolicy:
    """Return the global policy."""
    return DTypePolicy(configuration.dtype_policy)


def set_dtype_policy(policy: str | DTypePolicy) -> None:
    """Set the global policy that layers without a `dtype=` take."""
    configuration.dtype_policy = policy_of(policy).name


def policy_of(dtype: Any) -> DTypePolicy:
    """Return the policy for a layer's `dtype=` argument: None, a name, a dtype, a policy, or its configuration."""
    if dtype is None:
        return dtype_policy()
    if isinstance(dtype, DTypePolicy):
        return dtype
    if isinstance(dtype, dict):
        return DTypePolicy(dtype["config"]["name"])
    return DTypePolicy(dtype if isinstance(dtype, str) else dtype_name(dtype))

"""Dtype policies by Keras's names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from ranvier import _lookup
from ranvier._absent import no_attribute
from ranvier.state.dtype_policy import DTypePolicy, DTypePolicyMap, policy_of

FloatDTypePolicy = DTypePolicy

__all__ = ["DTypePolicy", "DTypePolicyMap", "FloatDTypePolicy", "deserialize", "get", "serialize"]

_TABLE = {"DTypePolicy": DTypePolicy, "DTypePolicyMap": DTypePolicyMap, "FloatDTypePolicy": FloatDTypePolicy}


def get(identifier: Any) -> DTypePolicy:
    """Return a policy for a name, a dtype, a configuration or the policy itself; None means the global one."""
    return policy_of(identifier)


def serialize(dtype_policy: DTypePolicy) -> dict[str, Any]:
    """Return a policy's configuration in Keras's form."""
    return _lookup.identify(dtype_policy)


def deserialize(config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None) -> DTypePolicy:
    """Return a policy for a configuration."""
    found: DTypePolicy = _lookup.get(config, "dtype policy", _TABLE, None, custom_objects)
    return found


def __getattr__(name: str) -> NoReturn:
    raise no_attribute(__name__, name)

"""Ranvier: neural networks by the Keras contract, trained as one compiled program.

    import ranvier as keras

Nothing heavy is imported before it is used: every public name is found on first access.
"""

from __future__ import annotations

import importlib
from typing import Any

from ranvier import _absent

__version__ = "0.1.0"

_PACKAGES = frozenset(
    {
        "activations",
        "applications",
        "backend",
        "callbacks",
        "config",
        "constraints",
        "datasets",
        "distribution",
        "doctor",
        "dtype_policies",
        "initializers",
        "layers",
        "losses",
        "metrics",
        "mixed_precision",
        "models",
        "ops",
        "optimizers",
        "preprocessing",
        "random",
        "regularizers",
        "saving",
        "tree",
        "utils",
        "visualization",
        "wrappers",
    }
)

_NAMES = {
    "DTypePolicy": "ranvier.state.dtype_policy",
    "FloatDTypePolicy": "ranvier.dtype_policies",
    "Function": "ranvier.models.function",
    "GradientTape": "ranvier.engine.tape",
    "Initializer": "ranvier.initializers",
    "Input": "ranvier.layers",
    "InputSpec": "ranvier.layers",
    "KerasTensor": "ranvier.state.symbolic",
    "Layer": "ranvier.layers",
    "Loss": "ranvier.losses",
    "Metric": "ranvier.metrics",
    "Model": "ranvier.models",
    "Operation": "ranvier.state.symbolic",
    "Optimizer": "ranvier.optimizers",
    "Regularizer": "ranvier.regularizers",
    "RematScope": "ranvier.state.remat",
    "Sequential": "ranvier.models",
    "StatelessScope": "ranvier.state.scopes",
    "SymbolicScope": "ranvier.state.scopes",
    "Variable": "ranvier.state.variable",
    "device": "ranvier.state.device",
    "name_scope": "ranvier.state.naming",
    "remat": "ranvier.state.remat",
}

__all__ = ["__version__", "version", *sorted(_NAMES), *sorted(_PACKAGES)]


def version() -> str:
    """Return the version of Ranvier."""
    return __version__


def __getattr__(name: str) -> Any:
    if name in _PACKAGES:
        return importlib.import_module(f"ranvier.{name}")
    if name in _NAMES:
        return getattr(importlib.import_module(_NAMES[name]), name)
    raise _absent.no_attribute("ranvier", name)


def __dir__() -> list[str]:
    return list(__all__)

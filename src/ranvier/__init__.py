"""Ranvier: neural networks by the Keras contract, trained as one compiled program.

    import ranvier as keras

Nothing heavy is imported before it is used: every public name is found on first access.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_PACKAGES = frozenset(
    {
        "activations",
        "backend",
        "callbacks",
        "config",
        "constraints",
        "datasets",
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
        "random",
        "regularizers",
        "saving",
        "tree",
        "utils",
    }
)

_NAMES = {
    "DTypePolicy": "ranvier.state.dtype_policy",
    "Function": "ranvier.state.symbolic",
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
    "Sequential": "ranvier.models",
    "Variable": "ranvier.state.variable",
}

__all__ = ["__version__", *sorted(_NAMES), *sorted(_PACKAGES)]


def __getattr__(name: str) -> Any:
    if name in _PACKAGES:
        return importlib.import_module(f"ranvier.{name}")
    if name in _NAMES:
        return getattr(importlib.import_module(_NAMES[name]), name)
    raise AttributeError(f"module 'ranvier' has no attribute {name!r}")


def __dir__() -> list[str]:
    return list(__all__)

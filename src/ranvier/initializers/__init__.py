"""Initializers: first values of weights, by Keras's names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jax
import numpy as np

from ranvier import _lookup
from ranvier._errors import InvalidArgument
from ranvier._typing import Array, DType
from ranvier.initializers.base import Initializer
from ranvier.initializers.constant import Constant, Identity, Ones, Zeros
from ranvier.initializers.random import (
    Orthogonal,
    RandomNormal,
    RandomUniform,
    TruncatedNormal,
    VarianceScaling,
)
from ranvier.initializers.scaled import GlorotNormal, GlorotUniform, HeNormal, HeUniform, LecunNormal, LecunUniform
from ranvier.initializers.spectral import STFT
from ranvier.state.variable import Variable, as_array, dtype_name

zeros, ones, constant, identity = Zeros, Ones, Constant, Identity
random_normal, random_uniform, truncated_normal = RandomNormal, RandomUniform, TruncatedNormal
variance_scaling, orthogonal = VarianceScaling, Orthogonal
glorot_normal, glorot_uniform = GlorotNormal, GlorotUniform
he_normal, he_uniform = HeNormal, HeUniform
lecun_normal, lecun_uniform = LecunNormal, LecunUniform
IdentityInitializer, OrthogonalInitializer, STFTInitializer = Identity, Orthogonal, STFT
stft = STFT

__all__ = [
    "STFT",
    "Constant",
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "Identity",
    "IdentityInitializer",
    "Initializer",
    "LecunNormal",
    "LecunUniform",
    "Ones",
    "Orthogonal",
    "OrthogonalInitializer",
    "RandomNormal",
    "RandomUniform",
    "STFTInitializer",
    "TruncatedNormal",
    "VarianceScaling",
    "Zeros",
    "constant",
    "deserialize",
    "get",
    "glorot_normal",
    "glorot_uniform",
    "he_normal",
    "he_uniform",
    "identity",
    "lecun_normal",
    "lecun_uniform",
    "ones",
    "orthogonal",
    "random_normal",
    "random_uniform",
    "serialize",
    "stft",
    "truncated_normal",
    "variance_scaling",
    "zeros",
]

_TABLE = {name: globals()[name] for name in __all__ if isinstance(globals().get(name), type) and name[0].isupper()}
_ALIASES = {"normal": "RandomNormal", "uniform": "RandomUniform", "one": "Ones", "zero": "Zeros"}


def get(identifier: Any) -> Any:
    """Return an initializer for a name, a configuration, a class, an array, or the callable itself; None stays None."""
    if isinstance(identifier, (jax.Array, np.ndarray, np.generic, Variable)):
        return _from_array(identifier)
    return _lookup.get(identifier, "initializer", _TABLE, _ALIASES)


def serialize(initializer: Any) -> dict[str, Any]:
    """Return an initializer's configuration in Keras's form."""
    return _lookup.identify(initializer)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Return an initializer for a configuration or a name."""
    return _lookup.get(config, "initializer", _TABLE, _ALIASES, custom_objects)


def _from_array(values: Any) -> Callable[..., Array]:
    """Return an initializer that gives `values` and checks the shape."""

    def initialize(shape: Any, dtype: DType | None = None) -> Array:
        array = as_array(values)
        if tuple(shape) != tuple(array.shape):
            raise InvalidArgument(
                "The array given as initializer has another shape than the weight.",
                code="initializer-shape",
                expected=tuple(shape),
                received=tuple(array.shape),
                fix="reshape the array, or pass initializers.Constant(value)",
            )
        return array.astype(dtype_name(dtype))

    return initialize

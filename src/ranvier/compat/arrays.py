"""Methods that scripts call on values: `x.numpy()`, `x.get_shape()`; only while the hook is installed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import jax.numpy as jnp
import numpy as np

from ranvier.state.variable import Variable

__all__ = ["installed"]

_ABSENT = object()


def _numpy(self: Any) -> Any:
    """Return the value for NumPy: an array, or a NumPy number where there is no axis."""
    return np.asarray(self)[()]


def _get_shape(self: Any) -> tuple[int, ...]:
    """Return the shape."""
    return tuple(self.shape)


@contextmanager
def installed() -> Iterator[None]:
    """Give arrays and Variables TensorFlow's methods inside the `with` block; then they have what they had."""
    methods = {"numpy": _numpy, "get_shape": _get_shape}
    kinds: tuple[Any, ...] = (type(jnp.zeros(())), Variable)
    before = {(kind, name): getattr(kind, name, _ABSENT) for kind in kinds for name in methods}
    for kind, name in before:
        setattr(kind, name, methods[name])
    try:
        yield
    finally:
        for (kind, name), old in before.items():
            if old is _ABSENT:
                delattr(kind, name)
            else:
                setattr(kind, name, old)

"""Window functions: weights that fade a signal out at both ends. NumPy computes them, nothing is compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import jax.numpy as jnp
import numpy as np

from ranvier import _config
from ranvier._errors import InvalidArgument
from ranvier._typing import Array, ArrayLike
from ranvier.ops.core import operand

__all__ = ["bartlett", "blackman", "hamming", "hanning", "kaiser"]

Weights: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]


def _positions(n: int) -> Weights:
    """Return `n` positions from -1 to 1."""
    return np.linspace(-1.0, 1.0, n)


def _cosines(*coefficients: float) -> Callable[[int], Weights]:
    """Return the window `sum_k a_k cos(k pi x)`, x from -1 to 1."""

    def weights(n: int) -> Weights:
        angle = np.pi * _positions(n)
        total = np.zeros(n)
        for k, a in enumerate(coefficients):
            total += a * np.cos(k * angle)
        return total

    return weights


def _bartlett(n: int) -> Weights:
    return 1 - np.abs(_positions(n))


def _triangle(n: int) -> Weights:
    return 1 - np.abs(2 * np.arange(n) - (n - 1)) / (n + n % 2)


def _cosine(n: int) -> Weights:
    return np.sin(np.pi * (np.arange(n) + 0.5) / n)


_SHAPES: dict[str, Callable[[int], Weights]] = {
    "bartlett": _bartlett,
    "blackman": _cosines(0.42, 0.5, 0.08),
    "blackmanharris": _cosines(0.35875, 0.48829, 0.14128, 0.01168),
    "boxcar": _cosines(1.0),
    "cosine": _cosine,
    "flattop": _cosines(0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368),
    "hamming": _cosines(0.54, 0.46),
    "hann": _cosines(0.5, 0.5),
    "nuttall": _cosines(0.3635819, 0.4891775, 0.1365995, 0.0106411),
    "triang": _triangle,
}


def weights(name: str, length: int, periodic: bool = True) -> Weights:
    """Return the window of SciPy's name.

    Args:
        name: `"hann"`, `"hamming"`, `"blackman"` or another of the table.
        length: how many weights.
        periodic: whether the window repeats after `length`, as spectra want it, instead of being symmetric.

    Raises:
        InvalidArgument: the name is not in the table.
    """
    if name not in _SHAPES:
        raise InvalidArgument(
            "There is no window of this name.",
            code="unknown-window",
            place="window=",
            expected=", ".join(_SHAPES),
            received=repr(name),
            fix="pass the weights themselves, a vector of the length of the window",
        )
    return _of_length(length, _SHAPES[name], periodic)


def _of_length(length: int, shape: Callable[[int], Weights], periodic: bool = False) -> Weights:
    if length < 2:
        return np.ones(max(length, 0))
    return shape(length + 1)[:-1] if periodic else shape(length)


def _window(x: ArrayLike, shape: Callable[[int], Weights]) -> Array:
    return jnp.asarray(_of_length(int(operand(x)), shape), _config.floatx())


def bartlett(x: ArrayLike) -> Array:
    """Return the triangle of `x` weights, 0 at both ends.

    Example:
        >>> bartlett(5).tolist()
        [0.0, 0.5, 1.0, 0.5, 0.0]
    """
    return _window(x, _SHAPES["bartlett"])


def blackman(x: ArrayLike) -> Array:
    """Return the window `0.42 + 0.5 cos(pi t) + 0.08 cos(2 pi t)` of `x` weights, t from -1 to 1.

    Source: Blackman and Tukey, "The measurement of power spectra", 1958.
    """
    return _window(x, _SHAPES["blackman"])


def hamming(x: ArrayLike) -> Array:
    """Return the window `0.54 + 0.46 cos(pi t)` of `x` weights, t from -1 to 1.

    Source: Blackman and Tukey, "The measurement of power spectra", 1958.
    """
    return _window(x, _SHAPES["hamming"])


def hanning(x: ArrayLike) -> Array:
    """Return the window `0.5 + 0.5 cos(pi t)` of `x` weights, t from -1 to 1.

    Example:
        >>> hanning(3).tolist()
        [0.0, 1.0, 0.0]

    Source: Blackman and Tukey, "The measurement of power spectra", 1958.
    """
    return _window(x, _SHAPES["hann"])


def kaiser(x: ArrayLike, beta: ArrayLike) -> Array:
    """Return the window `I0(beta sqrt(1 - t^2)) / I0(beta)` of `x` weights, t from -1 to 1.

    Source: Kaiser, "Digital filters", 1966.
    """
    steepness = float(operand(beta))
    return _window(x, lambda n: np.i0(steepness * np.sqrt(1 - _positions(n) ** 2)) / np.i0(steepness))

"""Signals along the last axis: stretches, Fourier transforms, complex numbers as pairs of real ones.

A complex array is passed as `(real, imaginary)`, as in Keras.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
from jax import lax

from ranvier._errors import InvalidArgument, WrongType
from ranvier._typing import Array, ArrayLike
from ranvier.ops import windows
from ranvier.ops.core import floating, operand
from ranvier.state.symbolic import op

__all__ = [
    "extract_sequences",
    "fft",
    "fft2",
    "ifft2",
    "irfft",
    "istft",
    "polar",
    "rfft",
    "stft",
    "view_as_complex",
    "view_as_real",
]


def _complex(x: Any) -> Array:
    """Return a pair of float arrays as one complex array."""
    if not isinstance(x, (tuple, list)) or len(x) != 2:
        raise _not_a_pair(type(x).__name__)
    real, imaginary = operand(x[0]), operand(x[1])
    if real.shape != imaginary.shape or not all(jnp.issubdtype(part.dtype, jnp.floating) for part in (real, imaginary)):
        raise _not_a_pair(f"{real.dtype} {real.shape} and {imaginary.dtype} {imaginary.shape}")
    return lax.complex(real, imaginary)


def _not_a_pair(received: str) -> InvalidArgument:
    return InvalidArgument(
        "A complex array is passed as its two parts.",
        code="complex-pair",
        place="x=",
        expected="(real, imaginary), two float arrays of one shape",
        received=received,
    )


def _pair(x: Array) -> tuple[Array, Array]:
    return jnp.real(x), jnp.imag(x)


def _transform(function: Callable[..., Any], x: Any) -> tuple[Array, Array]:
    return _pair(function(_complex(x)))


@op
def fft(x: Any) -> tuple[Array, Array]:
    """Return the discrete Fourier transform along the last axis, `y[k] = sum_n x[n] e^(-2 pi i k n / N)`.

    Args:
        x: `(real, imaginary)`, each [..., n].

    Returns:
        `(real, imaginary)`, each [..., k].

    Raises:
        InvalidArgument: `x` is not a pair of float arrays of one shape.

    Example:
        >>> real, imaginary = fft((jnp.array([1.0, 2.0]), jnp.zeros(2)))
        >>> real.tolist()
        [3.0, -1.0]

    Source: Cooley and Tukey, 1965.
    """
    return _transform(jnp.fft.fft, x)


@op
def fft2(x: Any) -> tuple[Array, Array]:
    """Return the discrete Fourier transform along the last two axes, of and as `(real, imaginary)`."""
    return _transform(jnp.fft.fft2, x)


@op
def ifft2(x: Any) -> tuple[Array, Array]:
    """Return the inverse of `fft2`, of and as `(real, imaginary)`."""
    return _transform(jnp.fft.ifft2, x)


@op
def rfft(x: ArrayLike, fft_length: int | None = None) -> tuple[Array, Array]:
    """Return the upper half of the Fourier transform of real numbers, as `(real, imaginary)`, each [..., n // 2 + 1].

    Args:
        x: real numbers [..., n].
        fft_length: cuts `x` or fills it up with zeros; n when None.
    """
    return _pair(jnp.fft.rfft(floating(x), n=fft_length))


@op
def irfft(x: Any, fft_length: int | None = None) -> Array:
    """Return the real numbers [..., n] whose `rfft` is `x`.

    Args:
        x: `(real, imaginary)`, each [..., n // 2 + 1].
        fft_length: n, which is even when None.
    """
    return jnp.fft.irfft(_complex(x), n=fft_length)


def _places(size: int, length: int, stride: int) -> Array:
    """Return the positions [sequence, step] of the stretches of `length` in `size` steps."""
    count = max((size - length) // stride + 1, 0)
    return stride * jnp.arange(count)[:, None] + jnp.arange(length)


@op
def extract_sequences(x: ArrayLike, sequence_length: int, sequence_stride: int) -> Array:
    """Return the stretches of a signal that start every `sequence_stride` steps, [..., sequence, step].

    Example:
        >>> extract_sequences([1, 2, 3, 4, 5], 3, 2).tolist()
        [[1, 2, 3], [3, 4, 5]]
    """
    x = operand(x)
    result: Array = x[..., _places(x.shape[-1], sequence_length, sequence_stride)]
    return result


def _weights(window: Any, length: int, fft_length: int, dtype: Any) -> Array:
    """Return the window in the middle of `fft_length` weights."""
    if window is None:
        return jnp.ones(fft_length, dtype)
    values = jnp.asarray(windows.weights(window, length) if isinstance(window, str) else operand(window), dtype)
    if values.shape != (length,):
        raise InvalidArgument(
            "The window is not as long as the sequence.",
            code="window-length",
            place="window=",
            expected=(length,),
            received=values.shape,
        )
    before = (fft_length - length) // 2
    return jnp.pad(values, (before, fft_length - length - before))


@op
def stft(
    x: ArrayLike,
    sequence_length: int,
    sequence_stride: int,
    fft_length: int,
    window: Any = "hann",
    center: bool = True,
) -> tuple[Array, Array]:
    """Return the Fourier transforms of windowed stretches, `(real, imaginary)`, each [..., sequence, frequency].

    Args:
        x: a signal [..., step], float32.
        sequence_length: steps under the window.
        sequence_stride: steps from one stretch to the next.
        fft_length: steps that are transformed, at least `sequence_length`; there are `fft_length // 2 + 1` frequencies.
        window: `"hann"`, `"hamming"`, ..., its weights, or None for all steps alike.
        center: whether the signal is mirrored at both ends, so that stretch k is centred at step k * stride.

    Raises:
        InvalidArgument: `fft_length` or the window does not fit the sequence.
        WrongType: `x` is not float32.

    Source: Allen and Rabiner, "A unified approach to short-time Fourier analysis and synthesis", 1977.
    """
    x = operand(x)
    if x.dtype not in (jnp.float32, jnp.float64):
        raise WrongType("stft takes float32.", code="stft-type", place="x=", expected="float32", received=x.dtype)
    if fft_length < sequence_length:
        raise InvalidArgument(
            "The transform is shorter than the sequence.",
            code="fft-length",
            place="fft_length=",
            expected=f"at least sequence_length={sequence_length}",
            received=fft_length,
        )
    if center:
        x = jnp.pad(x, [(0, 0)] * (x.ndim - 1) + [(fft_length // 2, fft_length // 2)], mode="reflect")
    stretches = x[..., _places(x.shape[-1], fft_length, sequence_stride)]
    return _pair(jnp.fft.rfft(stretches * _weights(window, sequence_length, fft_length, x.dtype)))


@op
def istft(
    x: Any,
    sequence_length: int,
    sequence_stride: int,
    fft_length: int,
    length: int | None = None,
    window: Any = "hann",
    center: bool = True,
) -> Array:
    """Return the signal [..., step] whose `stft` is `x`: windowed stretches added up, divided by the windows' squares.

    Args:
        x: `(real, imaginary)`, each [..., sequence, frequency].
        sequence_length: as given to `stft`.
        sequence_stride: as given to `stft`.
        fft_length: as given to `stft`.
        length: steps of the signal; as many as the stretches cover when None.
        window: as given to `stft`; without a window the result is `fft_length / sequence_stride` times the signal.
        center: as given to `stft`.

    Raises:
        InvalidArgument: `x` is not such a pair, the stride is not positive, or the window does not fit.

    Source: Griffin and Lim, "Signal estimation from modified short-time Fourier transform", 1984.
    """
    spectrum = _complex(x)
    if spectrum.ndim < 2 or not isinstance(sequence_stride, int) or sequence_stride < 1:
        raise InvalidArgument(
            "istft takes stretches at a positive stride.",
            code="istft-shape",
            place="istft",
            expected="x of at least two axes, sequence_stride from 1 up",
            received=f"x {spectrum.shape}, sequence_stride={sequence_stride!r}",
        )
    stretches = jnp.fft.irfft(spectrum, n=fft_length)
    total = fft_length + sequence_stride * (spectrum.shape[-2] - 1)
    places = _places(total, fft_length, sequence_stride)
    weights = _weights(window, sequence_length, fft_length, stretches.dtype)
    signal = jnp.zeros((*spectrum.shape[:-2], total), stretches.dtype).at[..., places].add(stretches * weights)
    squares = jnp.zeros(total, stretches.dtype).at[places].add(weights**2)
    signal = signal / jnp.where(squares > 1e-10, squares, 1.0)
    if window is None:
        signal = signal * (fft_length / sequence_stride)
    start = fft_length // 2 if center else 0
    return signal[..., start : total - start if length is None else start + length]


@op
def polar(abs_: ArrayLike, angle: ArrayLike) -> Array:
    """Return the complex numbers `abs_ * e^(i angle)`, angle [rad]."""
    size, turn = floating(abs_), floating(angle)
    return lax.complex(size * jnp.cos(turn), size * jnp.sin(turn))


@op
def view_as_complex(x: ArrayLike) -> Array:
    """Return pairs [..., 2] of real and imaginary parts as complex numbers [...].

    Raises:
        InvalidArgument: the last axis does not hold pairs.

    Example:
        >>> view_as_complex([[1.0, 2.0]]).tolist()
        [(1+2j)]
    """
    x = floating(x)
    if x.shape[-1:] != (2,):
        raise InvalidArgument(
            "Complex numbers are pairs.", code="complex-pair", place="x=", expected="[..., 2]", received=x.shape
        )
    return lax.complex(x[..., 0].astype("float32"), x[..., 1].astype("float32"))


@op
def view_as_real(x: ArrayLike) -> Array:
    """Return complex numbers [...] as pairs [..., 2] of real and imaginary parts."""
    return jnp.stack(_pair(operand(x)), axis=-1)

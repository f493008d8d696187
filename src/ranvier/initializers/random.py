"""Random initializers.

A seed that is an integer gives equal values at every call, Keras's own on JAX; None draws from the running stream.
"""

from __future__ import annotations

import math
from typing import Any, final

import jax
import jax.numpy as jnp
import numpy as np

from ranvier._errors import InvalidArgument
from ranvier._typing import Array, DType
from ranvier.initializers.base import Initializer
from ranvier.random import device, host
from ranvier.random.seeds import generator_or_number, key_of
from ranvier.state.variable import dtype_name

__all__ = ["Orthogonal", "RandomNormal", "RandomUniform", "TruncatedNormal", "VarianceScaling", "fans"]

# Standard deviation of a standard normal cut at two standard deviations.
_TRUNCATED_STDDEV = 0.87962566103423978
_ON_HOST = {"normal": host.normal, "uniform": host.uniform, "truncated_normal": host.truncated_normal}
# Up to here NumPy draws faster than XLA compiles: 4M numbers take 0.2 s on one core.
_HOST_SIZE = 1 << 22


class _RandomInitializer(Initializer):
    """What random initializers share: the seed."""

    def __init__(self, seed: Any = None) -> None:
        self.seed = generator_or_number(seed)

    def _sample(self, distribution: str, first: float, second: float, shape: Any, dtype: DType | None) -> Array:
        key, shape, kind = key_of(self.seed), tuple(shape), dtype_name(dtype)
        if isinstance(key, jax.core.Tracer) or kind != "float32" or math.prod(shape) > _HOST_SIZE:
            return device.draw(key, first, second, distribution, shape, kind)
        return jnp.array(_ON_HOST[distribution](np.asarray(jax.random.key_data(key)), shape, first, second))


@final
class RandomNormal(_RandomInitializer):
    """Draws from a normal distribution.

    Args:
        mean: its mean.
        stddev: its standard deviation.
        seed: an integer, a SeedGenerator, or None.
    """

    keras_module = "keras.initializers"

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: Any = None) -> None:
        self.mean, self.stddev = mean, stddev
        super().__init__(seed)

    def __call__(self, shape: Any, dtype: DType | None = None) -> Array:
        """Return draws of `shape`."""
        return self._sample("normal", self.mean, self.stddev, shape, dtype)


@final
class RandomUniform(_RandomInitializer):
    """Draws uniformly from `[minval, maxval)`.

    Args:
        minval: lower bound, included.
        maxval: upper bound, not included.
        seed: an integer, a SeedGenerator, or None.
    """

    keras_module = "keras.initializers"

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: Any = None) -> None:
        self.minval, self.maxval = minval, maxval
        super().__init__(seed)

    def __call__(self, shape: Any, dtype: DType | None = None) -> Array:
        """Return draws of `shape`."""
        return self._sample("uniform", self.minval, self.maxval, shape, dtype)


@final
class TruncatedNormal(_RandomInitializer):
    """Draws from a normal distribution, redrawn beyond two standard deviations.

    Args:
        mean: the mean before the cut.
        stddev: the standard deviation before the cut.
        seed: an integer, a SeedGenerator, or None.
    """

    keras_module = "keras.initializers"

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: Any = None) -> None:
        self.mean, self.stddev = mean, stddev
        super().__init__(seed)

    def __call__(self, shape: Any, dtype: DType | None = None) -> Array:
        """Return draws of `shape`."""
        return self._sample("truncated_normal", self.mean, self.stddev, shape, dtype)


class VarianceScaling(_RandomInitializer):
    """Draws whose variance is `scale / n`, n the number of inputs, outputs, or their mean.

    Args:
        scale: positive factor.
        mode: `"fan_in"`, `"fan_out"` or `"fan_avg"`.
        distribution: `"truncated_normal"` (also `"normal"`), `"untruncated_normal"` or `"uniform"`.
        seed: an integer, a SeedGenerator, or None.
        input_axes: axes that count as inputs; the usual layout of kernels when None.
        output_axes: axes that count as outputs.

    Raises:
        InvalidArgument: a scale, mode or distribution that does not exist.

    Source: He et al., "Delving deep into rectifiers", 2015; Glorot and Bengio, 2010; LeCun et al., 1998.
    """

    keras_module = "keras.initializers"

    def __init__(
        self,
        scale: float = 1.0,
        mode: str = "fan_in",
        distribution: str = "truncated_normal",
        seed: Any = None,
        input_axes: Any = None,
        output_axes: Any = None,
    ) -> None:
        if scale <= 0.0:
            raise _not_one_of("scale", scale, ("a positive number",))
        if mode not in ("fan_in", "fan_out", "fan_avg"):
            raise _not_one_of("mode", mode, ("fan_in", "fan_out", "fan_avg"))
        distribution = {"normal": "truncated_normal"}.get(distribution.lower(), distribution.lower())
        if distribution not in ("uniform", "truncated_normal", "untruncated_normal"):
            raise _not_one_of("distribution", distribution, ("uniform", "truncated_normal", "untruncated_normal"))
        self.scale, self.mode, self.distribution = scale, mode, distribution
        self.input_axes, self.output_axes = input_axes, output_axes
        super().__init__(seed)

    def __call__(self, shape: Any, dtype: DType | None = None) -> Array:
        """Return draws of `shape`."""
        fan_in, fan_out = fans(shape, self.input_axes, self.output_axes)
        n = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2.0}[self.mode]
        variance = self.scale / max(1.0, n)
        if self.distribution == "uniform":
            limit = math.sqrt(3.0 * variance)
            return self._sample("uniform", -limit, limit, shape, dtype)
        if self.distribution == "truncated_normal":
            return self._sample("truncated_normal", 0.0, math.sqrt(variance) / _TRUNCATED_STDDEV, shape, dtype)
        return self._sample("normal", 0.0, math.sqrt(variance), shape, dtype)


@final
class Orthogonal(_RandomInitializer):
    """A matrix with orthonormal rows or columns, times `gain`; more axes are flattened to (all but last, last).

    Args:
        gain: factor.
        seed: an integer, a SeedGenerator, or None.

    Source: Saxe et al., "Exact solutions to the nonlinear dynamics of learning in deep linear networks", 2014.
    """

    keras_module = "keras.initializers"

    def __init__(self, gain: float = 1.0, seed: Any = None) -> None:
        self.gain = gain
        super().__init__(seed)

    def __call__(self, shape: Any, dtype: DType | None = None) -> Array:
        """Return an orthogonal array of `shape`, which has two axes or more.

        Raises:
            InvalidArgument: fewer than two axes.
        """
        if len(shape) < 2:
            raise InvalidArgument(
                "Orthogonal needs a matrix.",
                code="orthogonal-not-matrix",
                place="Orthogonal",
                expected="a shape of two axes or more",
                received=tuple(shape),
                fix="take another initializer for vectors",
            )
        rows, columns = math.prod(shape[:-1]), shape[-1]
        draws = self._sample("normal", 0.0, 1.0, (max(rows, columns), min(rows, columns)), dtype)
        q, r = jnp.linalg.qr(draws)
        # Signs of the diagonal made positive: only then is q uniform over the orthogonal matrices.
        q = q * jnp.sign(jnp.diagonal(r))
        return self.gain * jnp.reshape(q.T if rows < columns else q, tuple(shape))


def fans(shape: Any, input_axes: Any = None, output_axes: Any = None) -> tuple[int, int]:
    """Return the numbers of inputs and outputs of a weight.

    Example:
        >>> fans((784, 128)), fans((3, 3, 16, 32))
        ((784, 128), (144, 288))
    """
    shape = tuple(shape)
    if input_axes is not None and output_axes is not None:
        return math.prod(shape[axis] for axis in input_axes), math.prod(shape[axis] for axis in output_axes)
    if len(shape) < 2:
        size = shape[0] if shape else 1
        return size, size
    receptive_field = math.prod(shape[:-2])
    return shape[-2] * receptive_field, shape[-1] * receptive_field


def _not_one_of(name: str, value: object, allowed: tuple[str, ...]) -> InvalidArgument:
    return InvalidArgument(
        f"{name} cannot be {value!r}.",
        code="initializer-argument",
        place=f"{name}=",
        expected=", ".join(allowed),
        received=repr(value),
    )

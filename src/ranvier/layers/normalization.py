"""BatchNormalization, and what it shares with the layers that normalize each row by itself."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, final

import jax.numpy as jnp
from jax import lax

from ranvier import constraints, initializers, regularizers
from ranvier._errors import InvalidArgument
from ranvier._typing import Array
from ranvier.layers.base import Layer
from ranvier.layers.input_spec import InputSpec, checked_mask
from ranvier.layers.standardizing import batch_normalized, masked_moments, scaled
from ranvier.state.variable import Variable

__all__ = ["BatchNormalization", "ScaledAndShifted", "normalized_axes"]


class ScaledAndShifted(Layer):
    """What normalizations share: the learned scale `gamma` and shift `beta`."""

    axis: Any
    center: bool
    scale: bool

    def _keep_arguments(self, **arguments: Any) -> None:
        readers = {"initializer": initializers.get, "regularizer": regularizers.get, "constraint": constraints.get}
        for name, value in arguments.items():
            read = readers.get(name.rsplit("_", 1)[-1])
            setattr(self, name, read(value) if read else value)

    def _add_scale_and_shift(self, sizes: tuple[int, ...]) -> None:
        self.gamma = self._add("gamma", sizes) if self.scale else None
        self.beta = self._add("beta", sizes) if self.center else None

    def _add(self, name: str, sizes: tuple[int, ...]) -> Variable:
        return self.add_weight(
            name=name,
            shape=sizes,
            initializer=getattr(self, f"{name}_initializer"),
            regularizer=getattr(self, f"{name}_regularizer"),
            constraint=getattr(self, f"{name}_constraint"),
            autocast=False,
        )

    def _scale_and_shift(self, shape: tuple[int, ...]) -> tuple[Array | None, Array | None]:
        """Return `gamma` and `beta` in a shape that broadcasts to the inputs'."""
        gamma, beta = (None if one is None else jnp.reshape(one.value, shape) for one in (self.gamma, self.beta))
        return gamma, beta


@final
class BatchNormalization(ScaledAndShifted):
    """Normalize each feature by the mean and variance of the batch, or, at inference, by their moving averages.

        outputs = (inputs - mean) / sqrt(variance + epsilon) * gamma + beta
        moving  = momentum * moving + (1 - momentum) * batch's          (while training)

    Shapes: outputs have the shape of inputs; every weight has the size of `axis`.

    With `renorm`, while training, and with `r` and `d` clipped and taken as constants:

        r = stddev / renorm_stddev
        d = (mean - renorm_mean) / renorm_stddev
        outputs = ((inputs - mean) / stddev * r + d) * gamma + beta

    A frozen layer (`trainable = False`) uses and keeps the moving averages. With a mask, only real steps count.

    Numerics: the batch's variance is the biased one, in two passes; statistics are float32 also for half types.

    Args:
        axis: the features' axis.
        momentum: how slowly the moving averages follow.
        epsilon: added to the variance.
        center, scale: whether `beta` and `gamma` exist.
        beta_initializer, gamma_initializer, moving_mean_initializer, moving_variance_initializer: first values.
        beta_regularizer, gamma_regularizer, beta_constraint, gamma_constraint: penalties and projections.
        renorm: whether training corrects the batch's statistics towards slower moving ones, see below.
        renorm_clipping: limits `rmax`, `rmin` and `dmax` of the correction; none of them needs to be given.
        renorm_momentum: how slowly the statistics of the correction follow.
        synchronized: accepted; all devices of a program share their statistics anyway.

    Example:
        >>> layer = BatchNormalization(epsilon=0.0)
        >>> [float(v) for v in layer([[1.0], [3.0]], training=True)[:, 0]]
        [-1.0, 1.0]

    Source: Ioffe and Szegedy, "Batch normalization", 2015, algorithm 1; Ioffe, "Batch renormalization", 2017.
    """

    moving_mean_initializer: Any
    moving_variance_initializer: Any

    def __init__(
        self,
        axis: int = -1,
        momentum: float = 0.99,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        moving_mean_initializer: Any = "zeros",
        moving_variance_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        renorm: bool = False,
        renorm_clipping: Mapping[str, float] | None = None,
        renorm_momentum: float = 0.99,
        synchronized: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.axis, self.momentum, self.epsilon = int(axis), momentum, epsilon
        self.center, self.scale, self.synchronized = center, scale, synchronized
        self.renorm, self.renorm_momentum = renorm, renorm_momentum
        self.renorm_clipping = _checked_limits(renorm_clipping, self.name) if renorm else renorm_clipping
        self._keep_arguments(
            beta_initializer=beta_initializer,
            gamma_initializer=gamma_initializer,
            moving_mean_initializer=moving_mean_initializer,
            moving_variance_initializer=moving_variance_initializer,
            beta_regularizer=beta_regularizer,
            gamma_regularizer=gamma_regularizer,
            beta_constraint=beta_constraint,
            gamma_constraint=gamma_constraint,
        )
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        """Add `gamma`, `beta` and the moving averages."""
        (axis,) = normalized_axes(self, self.axis, input_shape)
        size = int(input_shape[axis])
        self._add_scale_and_shift((size,))
        self.moving_mean = self._statistic("moving_mean", size, self.moving_mean_initializer)
        self.moving_variance = self._statistic("moving_variance", size, self.moving_variance_initializer)
        if self.renorm:
            self.moving_stddev = self._statistic("moving_stddev", size, self._first_stddev)
            self.renorm_mean = self._statistic("renorm_mean", size, self.moving_mean_initializer)
            self.renorm_stddev = self._statistic("renorm_stddev", size, self._first_stddev)
        self.input_spec = InputSpec(ndim=len(input_shape), axes={axis: size})

    def _statistic(self, name: str, size: int, initializer: Any) -> Variable:
        return self.add_weight(name=name, shape=(size,), initializer=initializer, trainable=False, autocast=False)

    def _first_stddev(self, shape: Any, dtype: Any = None) -> Array:
        return jnp.sqrt(self.moving_variance_initializer(shape, dtype=dtype))

    def call(self, inputs: Array, training: bool | None = None, mask: Any = None) -> Array:
        """Return the normalized inputs; while training, also move the averages."""
        axis = self.axis % inputs.ndim
        shape = tuple(inputs.shape[axis] if i == axis else 1 for i in range(inputs.ndim))
        gamma, beta = self._scale_and_shift(shape)
        wide = inputs.astype(jnp.promote_types(inputs.dtype, jnp.float32))
        if not (training and self.trainable):
            mean = jnp.reshape(self.moving_mean.value, shape)
            variance = jnp.reshape(self.moving_variance.value, shape)
            return scaled(wide, mean, variance, gamma, beta, self.epsilon).astype(self.compute_dtype)
        reduced = tuple(i for i in range(inputs.ndim) if i != axis)
        scale = jnp.ones(shape, wide.dtype) if gamma is None else gamma
        shift = jnp.zeros(shape, wide.dtype) if beta is None else beta
        if self.renorm:
            normal, mean, variance = self._by_batch(wide, jnp.ones_like(scale), jnp.zeros_like(shift), reduced, mask)
            r, d = self._correction(mean, variance)
            outputs = normal * (r * scale) + (d * scale + shift)
        else:
            outputs, mean, variance = self._by_batch(wide, scale, shift, reduced, mask)
        self._follow(mean, variance)
        return outputs.astype(self.compute_dtype)

    def _by_batch(
        self, wide: Array, scale: Array, shift: Array, reduced: tuple[int, ...], mask: Any
    ) -> tuple[Array, Array, Array]:
        """Return outputs, mean and variance of a batch, of its real steps only where there is a mask."""
        if mask is None:
            return batch_normalized(wide, scale, shift, reduced, self.epsilon)
        mask = checked_mask(mask, wide.shape, self.name, axes=jnp.ndim(mask))
        mean, variance = masked_moments(wide, mask, reduced)
        return scaled(wide, mean, variance, scale, shift, self.epsilon), mean, variance

    def _correction(self, mean: Array, variance: Array) -> tuple[Array, Array]:
        """Return `r` and `d`, constants for the gradient."""
        slow_mean = jnp.reshape(self.renorm_mean.value, mean.shape)
        # At least the smallest deviation there is, so that early steps do not divide by nearly nothing.
        slow_stddev = jnp.maximum(jnp.reshape(self.renorm_stddev.value, mean.shape), math.sqrt(self.epsilon))
        limits = self.renorm_clipping or {}
        r = jnp.clip(jnp.sqrt(variance + self.epsilon) / slow_stddev, limits.get("rmin"), limits.get("rmax"))
        d, most = (mean - slow_mean) / slow_stddev, limits.get("dmax")
        d = d if most is None else jnp.clip(d, -most, most)
        return lax.stop_gradient(r), lax.stop_gradient(d)

    def _follow(self, mean: Array, variance: Array) -> None:
        """Move every average towards the batch's statistics."""
        _move(self.moving_mean, mean, self.momentum)
        if not self.renorm:
            _move(self.moving_variance, variance, self.momentum)
            return
        stddev = jnp.sqrt(variance + self.epsilon)
        _move(self.renorm_mean, mean, self.renorm_momentum)
        _move(self.renorm_stddev, stddev, self.renorm_momentum)
        _move(self.moving_stddev, stddev, self.momentum)
        moved = self.moving_stddev.value
        self.moving_variance.assign(jnp.maximum(moved * moved - self.epsilon, 0.0))


def normalized_axes(layer: Layer, axis: Any, shape: Sequence[int | None]) -> tuple[int, ...]:
    """Return one axis or several as non-negative numbers; their sizes must be known."""
    rank = len(shape)
    axes = tuple(axis) if isinstance(axis, (list, tuple)) else (axis,)
    if any(not -rank <= axis < rank or shape[axis] is None for axis in axes):
        raise InvalidArgument(
            "The axis to normalize must exist and have a known size.",
            code="normalization-axis",
            place=f"layer {layer.name!r}",
            expected=f"a known size at axis {axis}",
            received=f"inputs of shape {tuple(shape)}",
            fix="choose another axis, or give the input a full shape",
        )
    return tuple(sorted(axis % rank for axis in axes))


def _move(moving: Variable, batch: Array, momentum: float) -> None:
    new = lax.stop_gradient(jnp.reshape(batch, moving.shape))
    moving.assign(moving.value * momentum + new * (1.0 - momentum))


def _checked_limits(limits: Mapping[str, float] | None, layer: str) -> dict[str, float]:
    """Return the limits of the correction, none when not given."""
    given = dict(limits or {})
    low, high, most = given.get("rmin"), given.get("rmax"), given.get("dmax")
    crossed = low is not None and high is not None and high < low
    if set(given) - {"rmax", "rmin", "dmax"} or crossed or (most is not None and most < 0):
        raise InvalidArgument(
            "These are no limits of batch renormalization.",
            code="renorm-clipping",
            place=f"layer {layer!r}: renorm_clipping",
            expected="rmax, rmin and dmax at most, rmin <= rmax, dmax >= 0",
            received=given,
        )
    return given

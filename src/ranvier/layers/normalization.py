"""Layers that keep activations centred and scaled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, final

import jax.numpy as jnp
from jax import lax

from ranvier import constraints, initializers, regularizers
from ranvier._errors import InvalidArgument
from ranvier._typing import Array
from ranvier.layers.base import Layer
from ranvier.layers.configured import refuse_options
from ranvier.layers.input_spec import InputSpec
from ranvier.layers.standardizing import batch_normalized, masked_moments, scaled
from ranvier.state.variable import Variable

__all__ = ["BatchNormalization", "LayerNormalization"]


class _ScaledAndShifted(Layer):
    """What both normalizations share: which axes, and the learned scale `gamma` and shift `beta`."""

    axis: Any
    center: bool
    scale: bool

    def _keep_arguments(self, **arguments: Any) -> None:
        readers = {"initializer": initializers.get, "regularizer": regularizers.get, "constraint": constraints.get}
        for name, value in arguments.items():
            read = readers.get(name.rsplit("_", 1)[-1])
            setattr(self, name, read(value) if read else value)

    def _axes(self, shape: Sequence[int | None]) -> tuple[int, ...]:
        """Return `axis` as non-negative numbers; their sizes must be known."""
        rank = len(shape)
        axes = tuple(self.axis) if isinstance(self.axis, (list, tuple)) else (self.axis,)
        if any(not -rank <= axis < rank or shape[axis] is None for axis in axes):
            raise InvalidArgument(
                "The axis to normalize must exist and have a known size.",
                code="normalization-axis",
                place=f"layer {self.name!r}",
                expected=f"a known size at axis {self.axis}",
                received=f"inputs of shape {tuple(shape)}",
                fix="choose another axis, or give the input a full shape",
            )
        return tuple(sorted(axis % rank for axis in axes))

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


@final
class BatchNormalization(_ScaledAndShifted):
    """Normalize each feature by the mean and variance of the batch, or, at inference, by their moving averages.

        outputs = (inputs - mean) / sqrt(variance + epsilon) * gamma + beta
        moving  = momentum * moving + (1 - momentum) * batch's          (while training)

    Shapes: outputs have the shape of inputs; every weight has the size of `axis`.

    A frozen layer (`trainable = False`) uses and keeps the moving averages. With a mask, only real steps count.

    Numerics: the batch's variance is the biased one, in two passes; statistics are float32 also for half types.

    Args:
        axis: the features' axis.
        momentum: how slowly the moving averages follow.
        epsilon: added to the variance.
        center, scale: whether `beta` and `gamma` exist.
        beta_initializer, gamma_initializer, moving_mean_initializer, moving_variance_initializer: first values.
        beta_regularizer, gamma_regularizer, beta_constraint, gamma_constraint: penalties and projections.
        renorm, renorm_clipping, renorm_momentum: Keras's; only `renorm=False` works.
        synchronized: accepted; all devices of a program share their statistics anyway.

    Example:
        >>> layer = BatchNormalization(epsilon=0.0)
        >>> [float(v) for v in layer([[1.0], [3.0]], training=True)[:, 0]]
        [-1.0, 1.0]

    Source: Ioffe and Szegedy, "Batch normalization", 2015, algorithm 1.
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
        renorm_clipping: Any = None,
        renorm_momentum: float = 0.99,
        synchronized: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        refuse_options(self, renorm=renorm)
        self.axis, self.momentum, self.epsilon = int(axis), momentum, epsilon
        self.center, self.scale, self.synchronized, self.renorm = center, scale, synchronized, False
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
        (axis,) = self._axes(input_shape)
        size = int(input_shape[axis])
        self._add_scale_and_shift((size,))
        options: dict[str, Any] = {"shape": (size,), "trainable": False, "autocast": False}
        self.moving_mean: Variable = self.add_weight(
            name="moving_mean", initializer=self.moving_mean_initializer, **options
        )
        self.moving_variance: Variable = self.add_weight(
            name="moving_variance", initializer=self.moving_variance_initializer, **options
        )
        self.input_spec = InputSpec(ndim=len(input_shape), axes={axis: size})

    def call(self, inputs: Array, training: bool | None = None, mask: Any = None) -> Array:
        """Return the normalized inputs; while training, also move the averages."""
        axis = self.axis % inputs.ndim
        shape = tuple(inputs.shape[axis] if i == axis else 1 for i in range(inputs.ndim))
        gamma = None if self.gamma is None else jnp.reshape(self.gamma.value, shape)
        beta = None if self.beta is None else jnp.reshape(self.beta.value, shape)
        wide = inputs.astype(jnp.promote_types(inputs.dtype, jnp.float32))
        if not (training and self.trainable):
            mean = jnp.reshape(self.moving_mean.value, shape)
            variance = jnp.reshape(self.moving_variance.value, shape)
            return scaled(wide, mean, variance, gamma, beta, self.epsilon).astype(inputs.dtype)
        reduced = tuple(i for i in range(inputs.ndim) if i != axis)
        if mask is None:
            scale = jnp.ones(shape, wide.dtype) if gamma is None else gamma
            shift = jnp.zeros(shape, wide.dtype) if beta is None else beta
            outputs, mean, variance = batch_normalized(wide, scale, shift, reduced, self.epsilon)
        else:
            mean, variance = masked_moments(wide, mask, reduced)
            outputs = scaled(wide, mean, variance, gamma, beta, self.epsilon)
        self._follow(self.moving_mean, mean)
        self._follow(self.moving_variance, variance)
        return outputs.astype(inputs.dtype)

    def _follow(self, moving: Variable, batch: Array) -> None:
        new = lax.stop_gradient(jnp.reshape(batch, moving.shape))
        moving.assign(moving.value * self.momentum + new * (1.0 - self.momentum))


@final
class LayerNormalization(_ScaledAndShifted):
    """Normalize each row by its own mean and variance.

        outputs = (inputs - mean) / sqrt(variance + epsilon) * gamma + beta

    Shapes: outputs have the shape of inputs; `gamma` and `beta` have the sizes of `axis`.

    Numerics: statistics are float32 also for half types.

    Args:
        axis: the axis or axes over which a row is normalized.
        epsilon: added to the variance.
        center, scale: whether `beta` and `gamma` exist.
        beta_initializer, gamma_initializer: first values.
        beta_regularizer, gamma_regularizer, beta_constraint, gamma_constraint: penalties and projections.

    Example:
        >>> [float(v) for v in LayerNormalization(epsilon=0.0)([[1.0, 3.0]])[0]]
        [-1.0, 1.0]

    Source: Ba, Kiros and Hinton, "Layer normalization", 2016, equation 3.
    """

    def __init__(
        self,
        axis: Any = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        rms_scaling = kwargs.pop("rms_scaling", False)  # stands in files that Keras wrote
        super().__init__(**kwargs)
        refuse_options(self, rms_scaling=rms_scaling)
        self.axis = list(axis) if isinstance(axis, (list, tuple)) else int(axis)
        self.epsilon, self.center, self.scale = epsilon, center, scale
        self._keep_arguments(
            beta_initializer=beta_initializer,
            gamma_initializer=gamma_initializer,
            beta_regularizer=beta_regularizer,
            gamma_regularizer=gamma_regularizer,
            beta_constraint=beta_constraint,
            gamma_constraint=gamma_constraint,
        )
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        """Add `gamma` and `beta`."""
        self._add_scale_and_shift(tuple(int(input_shape[axis]) for axis in self._axes(input_shape)))

    def call(self, inputs: Array) -> Array:
        """Return the normalized rows."""
        axes = self._axes(inputs.shape)
        shape = tuple(size if i in axes else 1 for i, size in enumerate(inputs.shape))
        gamma = None if self.gamma is None else jnp.reshape(self.gamma.value, shape)
        beta = None if self.beta is None else jnp.reshape(self.beta.value, shape)
        wide = inputs.astype(jnp.promote_types(inputs.dtype, jnp.float32))
        mean = jnp.mean(wide, axis=axes, keepdims=True)
        variance = jnp.mean(jnp.square(wide - mean), axis=axes, keepdims=True)
        return scaled(wide, mean, variance, gamma, beta, self.epsilon).astype(inputs.dtype)

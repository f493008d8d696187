"""Layers that normalize each row by itself: by its own moments, its groups' moments, its mean square or its length."""

from __future__ import annotations

from typing import Any, final

import jax.numpy as jnp

from ranvier import ops
from ranvier._errors import InvalidArgument
from ranvier._typing import Array
from ranvier.kernels.layer_norm import normalized_rows
from ranvier.layers.base import Layer
from ranvier.layers.input_spec import InputSpec
from ranvier.layers.normalization import ScaledAndShifted, normalized_axes
from ranvier.layers.standardizing import scaled

__all__ = ["GroupNormalization", "LayerNormalization", "RMSNormalization", "UnitNormalization"]


@final
class LayerNormalization(ScaledAndShifted):
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
        rms_scaling: in files of old: `outputs = inputs / sqrt(variance + epsilon) * gamma`, without `beta`.

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
        # Not in the signature, because RMSNormalization took its place; it stands in files that Keras wrote.
        rms_scaling = bool(kwargs.pop("rms_scaling", False))
        super().__init__(**kwargs)
        self.rms_scaling = rms_scaling
        self.axis: Any = list(axis) if isinstance(axis, (list, tuple)) else int(axis)
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

    def constructor_arguments(self) -> dict[str, Any]:
        """Return the arguments."""
        return {**super().constructor_arguments(), "rms_scaling": self.rms_scaling}

    def build(self, input_shape: Any) -> None:
        """Add `gamma` and `beta`."""
        self.axis = sorted(self.axis) if isinstance(self.axis, list) else [self.axis]
        sizes = tuple(int(input_shape[axis]) for axis in normalized_axes(self, self.axis, input_shape))
        if self.rms_scaling:
            self.gamma, self.beta = self._add("gamma", sizes), None
        else:
            self._add_scale_and_shift(sizes)

    def call(self, inputs: Array) -> Array:
        """Return the normalized rows."""
        axes = normalized_axes(self, self.axis, inputs.shape)
        shape = tuple(size if i in axes else 1 for i, size in enumerate(inputs.shape))
        gamma, beta = self._scale_and_shift(shape)
        wide = inputs.astype(jnp.promote_types(inputs.dtype, jnp.float32))
        if axes == (inputs.ndim - 1,) and inputs.ndim > 1 and not self.rms_scaling:
            return normalized_rows(wide, gamma, beta, self.epsilon).astype(inputs.dtype)
        mean = jnp.mean(wide, axis=axes, keepdims=True)
        variance = jnp.mean(jnp.square(wide - mean), axis=axes, keepdims=True)
        centre = jnp.zeros_like(mean) if self.rms_scaling else mean
        return scaled(wide, centre, variance, gamma, beta, self.epsilon).astype(inputs.dtype)


@final
class GroupNormalization(ScaledAndShifted):
    """Normalize each row within groups of its channels.

        outputs = (inputs - mean) / sqrt(variance + epsilon) * gamma + beta

    Mean and variance are those of one row and one group, over all other axes.

    Shapes: inputs and outputs `[batch, ..., channels]`, or with `channels` at `axis`; `gamma` and `beta` `[channels]`.

    Numerics: statistics are float32 also for half types.

    Args:
        groups: number of groups, a divisor of the number of channels; -1 for one group per channel.
        axis: the channels' axis, never the batch's.
        epsilon: added to the variance.
        center, scale: whether `beta` and `gamma` exist.
        beta_initializer, gamma_initializer: first values.
        beta_regularizer, gamma_regularizer, beta_constraint, gamma_constraint: penalties and projections.

    Raises:
        InvalidArgument: the groups are not a number of equal parts of the channels.

    Example:
        >>> [float(v) for v in GroupNormalization(groups=2, epsilon=0.0)([[1.0, 3.0, 10.0, 14.0]])[0]]
        [-1.0, 1.0, -1.0, 1.0]

    Source: Wu and He, "Group normalization", 2018, equation 7.
    """

    def __init__(
        self,
        groups: int = 32,
        axis: int = -1,
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
        # The statistics take the inputs as they come: a compute dtype must not round them first.
        super().__init__(**{"autocast": False, **kwargs})
        if isinstance(groups, bool) or not isinstance(groups, int) or (groups < 1 and groups != -1):
            raise self._uneven(groups, "1 or more, or -1 for one group per channel")
        self.groups, self.axis = groups, axis
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
        (axis,) = normalized_axes(self, self.axis, input_shape)
        channels = int(input_shape[axis])
        if axis == 0 or channels % (self.groups if self.groups > 0 else channels):
            raise self._uneven(self.groups, f"a divisor of the {channels} channels, which are not the batch")
        self._add_scale_and_shift((channels,))
        self.input_spec = InputSpec(ndim=len(input_shape), axes={axis: channels})

    def call(self, inputs: Array) -> Array:
        """Return the normalized rows."""
        axis = self.axis % inputs.ndim
        channels = inputs.shape[axis]
        groups = self.groups if self.groups > 0 else channels
        split = (groups, channels // groups)
        wide = inputs.astype(jnp.promote_types(inputs.dtype, jnp.float32))
        grouped = jnp.reshape(wide, (*inputs.shape[:axis], *split, *inputs.shape[axis + 1 :]))
        reduced = tuple(i for i in range(1, grouped.ndim) if i != axis)
        mean = jnp.mean(grouped, axis=reduced, keepdims=True)
        variance = jnp.mean(jnp.square(grouped - mean), axis=reduced, keepdims=True)
        shape = (*(1,) * axis, *split, *(1,) * (inputs.ndim - axis - 1))
        gamma, beta = self._scale_and_shift(shape)
        outputs = scaled(grouped, mean, variance, gamma, beta, self.epsilon)
        return jnp.reshape(outputs, inputs.shape).astype(self.compute_dtype)

    def _uneven(self, groups: Any, expected: str) -> InvalidArgument:
        return InvalidArgument(
            "The channels cannot be divided into these groups.",
            code="groups",
            place=f"layer {self.name!r}: groups",
            expected=expected,
            received=repr(groups),
        )


@final
class RMSNormalization(Layer):
    """Divide each row by the root of its mean square.

        outputs = inputs / sqrt(mean(inputs^2) + epsilon) * scale

    Shapes: outputs have the shape of inputs; `scale` has the sizes of `axis`.

    Numerics: the mean is float32 also for half types; `scale` lies along `axis` (Keras: along the last axes).

    Args:
        axis: the axis or axes over which a row is normalized.
        epsilon: added to the mean square.

    Example:
        >>> [float(v) for v in RMSNormalization(epsilon=0.0)([[1.0, 7.0]])[0] * 5]
        [1.0, 7.0]

    Source: Zhang and Sennrich, "Root mean square layer normalization", 2019, equation 4.
    """

    def __init__(self, axis: Any = -1, epsilon: float = 1e-6, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis: Any = list(axis) if isinstance(axis, (list, tuple)) else int(axis)
        self.epsilon = epsilon

    def build(self, input_shape: Any) -> None:
        """Add `scale`."""
        sizes = tuple(int(input_shape[axis]) for axis in normalized_axes(self, self.axis, input_shape))
        self.scale = self.add_weight(name="scale", shape=sizes, initializer="ones")

    def call(self, inputs: Array) -> Any:
        """Return the divided rows."""
        axes = normalized_axes(self, self.axis, inputs.shape)
        shape = tuple(size if i in axes else 1 for i, size in enumerate(inputs.shape))
        scale = jnp.reshape(self.scale.value, shape)
        return ops.rms_normalization(inputs, scale, axis=axes, epsilon=self.epsilon)


@final
class UnitNormalization(Layer):
    """Divide each row by its length.

        outputs = inputs / sqrt(sum(inputs^2))

    Shapes: outputs have the shape of inputs.

    Args:
        axis: the axis or axes over which a row's length is taken.

    Example:
        >>> [round(float(v), 6) for v in UnitNormalization()([[3.0, 4.0]])[0]]
        [0.6, 0.8]
    """

    def __init__(self, axis: Any = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis: Any = list(axis) if isinstance(axis, (list, tuple)) else int(axis)
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Array) -> Any:
        """Return the rows of length 1."""
        axes = tuple(self.axis) if isinstance(self.axis, list) else self.axis
        return ops.normalize(inputs, axis=axes, order=2, epsilon=1e-12)

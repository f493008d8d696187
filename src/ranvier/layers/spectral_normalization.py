"""SpectralNormalization: weights divided by their largest singular value."""

from __future__ import annotations

from typing import Any, final

import jax.numpy as jnp
from jax import lax

from ranvier import initializers, ops
from ranvier._errors import InvalidArgument
from ranvier._typing import Array
from ranvier.layers.base import Layer
from ranvier.layers.configured import positive_integer
from ranvier.layers.input_spec import InputSpec
from ranvier.layers.wrapper import Wrapper
from ranvier.state import scope
from ranvier.state.variable import Variable

__all__ = ["SpectralNormalization"]


@final
class SpectralNormalization(Wrapper):
    """Keep a layer's largest singular value at 1 while training.

        v = normalized(vector_u @ kernel.T)
        vector_u = normalized(v @ kernel)           (power_iterations times)
        kernel = kernel / (v @ kernel @ vector_u.T)

    Shapes: kernel `[..., columns]` counts as a matrix `[rows, columns]`; vector_u `[1, columns]`, v `[1, rows]`.

    A call with `training=True` replaces the kernel; inside `fit` the step sees the divided kernel, the optimizer
    changes the kernel itself. A frozen layer computes with the divided kernel and keeps its weights.

    Numerics: the kernel is divided in its own type under a policy of half types too; the outputs of a wrapped
    Embedding are floats (Keras casts them to the type of its integer inputs).

    Args:
        layer: has a `kernel` or `embeddings`.
        power_iterations: how often `vector_u` is improved in each call.

    Raises:
        InvalidArgument: the layer has no such weights, or they are adapted by LoRA.

    Example:
        >>> from ranvier.layers import Dense
        >>> layer = SpectralNormalization(Dense(1, kernel_initializer="ones"))
        >>> round(float(layer([[3.0, 4.0, 0.0, 0.0]], training=True)[0, 0]), 5)
        3.5

    Source: Miyato et al., "Spectral normalization for generative adversarial networks", 2018, algorithm 1.
    """

    def __init__(self, layer: Layer, power_iterations: int = 1, **kwargs: Any) -> None:
        # The wrapped layer casts its inputs itself; here the kernel is read whole.
        super().__init__(layer, **{"autocast": False, **kwargs})
        self.power_iterations = positive_integer(self, "power_iterations", power_iterations)
        self.supports_masking = layer.supports_masking

    def build(self, input_shape: Any = None) -> None:
        """Build the layer and add `vector_u`."""
        super().build(input_shape)
        kernel = getattr(self.layer, "kernel", getattr(self.layer, "embeddings", None))
        if not isinstance(kernel, Variable):
            raise InvalidArgument(
                "This layer has no weights whose singular value could be kept at 1.",
                code="spectral-weights",
                place=f"layer {self.name!r}: layer {self.layer.name!r}",
                expected="a layer with a kernel or embeddings, without LoRA",
                received=type(self.layer).__name__,
            )
        self.kernel = kernel
        self.vector_u: Variable = self.add_weight(
            name="vector_u",
            shape=(1, kernel.shape[-1]),
            initializer=initializers.TruncatedNormal(stddev=0.02),
            trainable=False,
            dtype=kernel.dtype,
        )
        self.input_spec = InputSpec(min_ndim=1, axes={-1: input_shape[-1]})

    def call(self, inputs: Array, training: bool | None = None) -> Any:
        """Return the layer's outputs, while training with the divided kernel."""
        if not training:
            outputs = self.layer(inputs)
        elif self.trainable:
            kernel, vector_u = self.normalized_weights()
            self.kernel.assign(kernel)
            self.vector_u.assign(vector_u)
            outputs = self.layer(inputs)
        else:
            outputs = self._called_with(self.normalized_weights()[0], inputs)
        return ops.cast(outputs, self.compute_dtype)

    def normalized_weights(self) -> tuple[Array, Array]:
        """Return the divided kernel and the improved `vector_u`; a kernel of zeros is returned as it is."""
        kernel, u = self.kernel.value, self.vector_u.value
        matrix = jnp.reshape(kernel, (-1, kernel.shape[-1]))
        for _ in range(self.power_iterations):
            v = ops.normalize(u @ matrix.T, axis=None)
            u = ops.normalize(v @ matrix, axis=None)
        u, v = lax.stop_gradient(u), lax.stop_gradient(v)
        zero = jnp.all(kernel == 0)
        sigma = jnp.where(zero, 1, jnp.reshape(v @ matrix @ u.T, ()))
        return kernel / sigma, jnp.where(zero, self.vector_u.value, u)

    def _called_with(self, kernel: Array, inputs: Array) -> Any:
        """Call the layer with another kernel, which nobody sees afterwards."""
        running = scope.active()
        assert running is not None  # a layer's call runs inside a pass
        held = dict(running.values)
        running.values[id(self.kernel)] = kernel
        outputs = self.layer(inputs)
        if id(self.kernel) in held:
            running.values[id(self.kernel)] = held[id(self.kernel)]
        else:
            del running.values[id(self.kernel)]
        return outputs

"""Embedding: a learned vector for each integer."""

from __future__ import annotations

from typing import Any, ClassVar

import jax.numpy as jnp

from ranvier import constraints, initializers, ops, regularizers
from ranvier._typing import Array
from ranvier.layers.configured import positive_integer, refuse_options
from ranvier.layers.lora import Adaptable
from ranvier.state.variable import Variable

__all__ = ["Embedding"]


class Embedding(Adaptable):
    """Look up one row of a table for each integer.

        outputs[..., :] = embeddings[inputs[...]]

    Shapes: inputs `[batch, ...]` of integers in `[0, input_dim)`, outputs `[batch, ..., output_dim]`.

    Numerics: an integer at or above `input_dim` gives NaN, so that it is noticed. `lora_alpha` of the
    constructor counts; Keras takes `lora_rank` for it.

    Args:
        input_dim: number of rows, the largest integer plus 1.
        output_dim: length of a vector.
        embeddings_initializer: first values.
        embeddings_regularizer, embeddings_constraint: penalty, and projection after each update.
        mask_zero: whether 0 means "no value here": later layers then skip it.
        weights: first values as an array, instead of the initializer.
        lora_rank, lora_alpha: freeze `embeddings` and train an addition of this rank instead, see `enable_lora`.
        quantization_config: Keras's; only None works, there are no quantized layers.

    Example:
        >>> Embedding(input_dim=10, output_dim=4)([[1, 2, 3]]).shape
        (1, 3, 4)
    """

    writes_activity_regularizer = True

    _lora_table: ClassVar[str] = "embeddings"

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None,
        embeddings_constraint: Any = None,
        mask_zero: bool = False,
        weights: Any = None,
        lora_rank: int | None = None,
        lora_alpha: float | None = None,
        quantization_config: Any = None,
        **kwargs: Any,
    ) -> None:
        kwargs.pop("input_length", None)  # Keras 2's; the length is read from the data
        # Integers stay exact: a compute dtype must not round them.
        super().__init__(**{"autocast": False, **kwargs})
        refuse_options(self, quantization_config=quantization_config)
        self._keep_lora(lora_rank, lora_alpha)
        self.input_dim = positive_integer(self, "input_dim", input_dim)
        self.output_dim = positive_integer(self, "output_dim", output_dim)
        self.embeddings_initializer = initializers.get(embeddings_initializer)
        self.embeddings_regularizer = regularizers.get(embeddings_regularizer)
        self.embeddings_constraint = constraints.get(embeddings_constraint)
        self.mask_zero = mask_zero
        self.supports_masking = mask_zero
        if weights is not None:
            self.build()
            self.set_weights(list(weights) if isinstance(weights, (list, tuple)) else [weights])

    def constructor_arguments(self) -> dict[str, Any]:
        """Return the arguments; given first values are weights, not configuration."""
        return {name: value for name, value in super().constructor_arguments().items() if name != "weights"}

    def build(self, input_shape: Any = None) -> None:
        """Add `embeddings`."""
        self._embeddings: Variable = self.add_weight(
            name="embeddings",
            shape=(self.input_dim, self.output_dim),
            initializer=self.embeddings_initializer,
            regularizer=self.embeddings_regularizer,
            constraint=self.embeddings_constraint,
        )
        self._enable_asked_lora()

    @property
    def embeddings(self) -> Any:
        """The rows `[input_dim, output_dim]`: the variable, or, with LoRA, the adapted values."""
        return self._adapted()

    @embeddings.setter
    def embeddings(self, value: Any) -> None:
        self._embeddings = value

    def call(self, inputs: Array) -> Any:
        """Return the rows."""
        if not jnp.issubdtype(inputs.dtype, jnp.integer):
            inputs = inputs.astype("int32")
        return ops.take(self.embeddings, inputs, axis=0).astype(self.compute_dtype)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Return where inputs are not 0; None unless `mask_zero`."""
        return jnp.not_equal(inputs, 0) if self.mask_zero else None

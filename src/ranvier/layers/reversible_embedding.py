"""ReversibleEmbedding: one table that turns integers into vectors, and vectors back into scores of the integers."""

from __future__ import annotations

from typing import Any, final

from ranvier import ops
from ranvier._typing import Array
from ranvier.layers.embedding import Embedding
from ranvier.state import masking
from ranvier.state.variable import Variable

__all__ = ["ReversibleEmbedding"]


@final
class ReversibleEmbedding(Embedding):
    """Look up a row for each integer, or, with `reverse=True`, score every row against each vector.

        outputs[..., :] = embeddings[inputs[...]]
        outputs = inputs @ embeddings.T                                     (reverse)
        outputs = tanh(outputs / logit_soft_cap) * logit_soft_cap           (reverse, with a soft cap)

    Shapes: inputs `[batch, ...]` of integers to `[batch, ..., output_dim]`; in reverse `[batch, ..., output_dim]` to
    `[batch, ..., input_dim]`.

    Args:
        input_dim: number of rows, the largest integer plus 1.
        output_dim: length of a vector.
        tie_weights: whether the reverse uses the same table; else `reverse_embeddings [output_dim, input_dim]`.
        embeddings_initializer: first values of both tables.
        embeddings_regularizer, embeddings_constraint: of the first table.
        mask_zero: whether 0 means "no value here".
        reverse_dtype: the type in which the reverse is computed.
        logit_soft_cap: limit of the scores in size.

    Example:
        >>> layer = ReversibleEmbedding(3, 2, embeddings_initializer="ones")
        >>> [float(v) for v in layer([[2.0, 3.0]], reverse=True)[0]]
        [5.0, 5.0, 5.0]

    Source: Press and Wolf, "Using the output embedding to improve language models", 2017.
    """

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        tie_weights: bool = True,
        embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None,
        embeddings_constraint: Any = None,
        mask_zero: bool = False,
        reverse_dtype: str | None = None,
        logit_soft_cap: float | None = None,
        **kwargs: Any,
    ) -> None:
        # Before the base's: given `weights` make it build at once.
        self.tie_weights = tie_weights
        self.reverse_dtype, self.logit_soft_cap = reverse_dtype, logit_soft_cap
        super().__init__(
            input_dim,
            output_dim,
            embeddings_initializer=embeddings_initializer,
            embeddings_regularizer=embeddings_regularizer,
            embeddings_constraint=embeddings_constraint,
            mask_zero=mask_zero,
            **kwargs,
        )

    def build(self, input_shape: Any = None) -> None:
        """Add `embeddings`, and `reverse_embeddings` unless the weights are tied."""
        super().build(input_shape)
        if not self.tie_weights:
            self.reverse_embeddings: Variable = self.add_weight(
                name="reverse_embeddings",
                shape=(self.output_dim, self.input_dim),
                initializer=self.embeddings_initializer,
            )

    def call(self, inputs: Array, reverse: bool = False) -> Any:
        """Return the rows, or the scores."""
        if not reverse:
            outputs = super().call(inputs)
            masking.attach(outputs, super().compute_mask(inputs))
            return outputs
        table = ops.transpose(self.embeddings) if self.tie_weights else self.reverse_embeddings
        if self.reverse_dtype is not None:
            inputs, table = ops.cast(inputs, self.reverse_dtype), ops.cast(table, self.reverse_dtype)
        scores = ops.matmul(inputs, table)
        if self.logit_soft_cap is None:
            return scores
        return ops.multiply(ops.tanh(ops.divide(scores, self.logit_soft_cap)), self.logit_soft_cap)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Return None: `call`, which knows its direction, attaches the mask."""
        return None

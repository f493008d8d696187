"""Attention and AdditiveAttention: one look at a sequence, with hardly any weights."""

from __future__ import annotations

from typing import Any, ClassVar, final

import jax.numpy as jnp

from ranvier import ops, random
from ranvier._errors import InvalidArgument
from ranvier._typing import Array, Shape
from ranvier.layers.base import Layer
from ranvier.layers.dropout import share
from ranvier.random.seeds import SeedGenerator, generator_or_number
from ranvier.state import masking
from ranvier.state.variable import Variable

__all__ = ["AdditiveAttention", "Attention"]


class Attention(Layer):
    """Let each query look at a sequence.

        scores = query @ key.T * scale                                     score_mode="dot"
        scores = concat_score_weight * sum(tanh(scale * (query + key)))    score_mode="concat"
        outputs = softmax(scores) @ value                                  over the places that are real

    Shapes: inputs are a list: query `[batch, query time, features]`, value `[batch, time, value features]`, and key
    `[batch, time, features]`, which is the value when left out; outputs `[batch, query time, value features]`, scores
    `[batch, query time, time]`. Masks are a list too, `[batch, query time]` and `[batch, time]`. There may be further
    axes after the batch's, the same in all inputs.

    Numerics: as in Keras, masked scores are lowered by 1e9 (65504 for float16) instead of left out.

    Args:
        use_scale: whether there is a trained number `scale`.
        score_mode: how a key answers a query, `"dot"` or `"concat"`.
        dropout: which part of the shares is set to 0 while training.
        seed: makes the draws of this layer its own: an integer or a SeedGenerator.

    Raises:
        InvalidArgument: another score mode, inputs that are not such a list, or masks of another shape.

    Example:
        >>> import numpy as np
        >>> x = np.array([[[1.0], [3.0]]])
        >>> Attention()([0 * x, x]).tolist()
        [[[2.0], [2.0]]]

    Source: Luong et al., "Effective approaches to attention-based neural machine translation", 2015, equation 8.
    """

    modes: ClassVar[tuple[str, ...]] = ("dot", "concat")

    def __init__(
        self, use_scale: bool = False, score_mode: str = "dot", dropout: float = 0.0, seed: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        if score_mode not in self.modes:
            raise InvalidArgument(
                "This way to score keys does not exist.",
                code="score-mode",
                place=f"layer {self.name!r}: score_mode",
                expected=", ".join(self.modes),
                received=repr(score_mode),
            )
        self.use_scale, self.score_mode = bool(use_scale), score_mode
        self.dropout = share(self, "dropout", dropout)
        self.seed = generator_or_number(seed)
        self.generator = self.seed if isinstance(self.seed, SeedGenerator) else SeedGenerator(self.seed)
        self.scale: Variable | None = None
        self.concat_score_weight: Variable | None = None
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        """Add `scale`, and `concat_score_weight` for that mode."""
        self._checked(input_shape)
        if self.use_scale:
            self.scale = self.add_weight(name="scale", shape=(), initializer="ones")
        if self.score_mode == "concat":
            self.concat_score_weight = self.add_weight(name="concat_score_weight", shape=(), initializer="ones")

    def call(
        self,
        inputs: Any,
        mask: Any = None,
        training: bool = False,
        return_attention_scores: bool = False,
        use_causal_mask: bool = False,
    ) -> Any:
        """Return what each query found, and with `return_attention_scores` also the shares.

        Args:
            inputs: `[query, value]` or `[query, value, key]`.
            mask: which queries and which values are real, `[query_mask, value_mask]`.
            training: whether shares are dropped.
            return_attention_scores: whether shares are returned too.
            use_causal_mask: whether a query looks at its own place and earlier ones only.
        """
        self._checked([x.shape for x in inputs] if isinstance(inputs, (list, tuple)) else inputs.shape)
        query, value = inputs[:2]
        scores = self.scored(query, inputs[2] if len(inputs) > 2 else value)
        query_mask, value_mask = self._masks(mask, query.shape, value.shape)
        real = None if value_mask is None else value_mask[..., None, :]
        if use_causal_mask:
            earlier = jnp.tril(jnp.ones(scores.shape[-2:], bool))
            real = earlier if real is None else real & earlier
        if real is not None:
            scores = ops.where(real, scores, scores - (65504.0 if scores.dtype == jnp.float16 else 1e9))
        shares = ops.softmax(scores, axis=-1)
        if training and self.dropout > 0:
            shares = random.dropout(shares, self.dropout, seed=self.generator)
        outputs = ops.matmul(shares, value)
        if query_mask is not None:
            outputs = ops.where(query_mask[..., None], outputs, jnp.zeros((), outputs.dtype))
        return (outputs, shares) if return_attention_scores else outputs

    def scored(self, query: Array, key: Array) -> Any:
        """Return how well each key answers each query [batch, query time, time]."""
        if self.score_mode == "dot":
            scores = ops.matmul(query, ops.swapaxes(key, -2, -1))
            return scores if self.scale is None else ops.multiply(scores, self.scale)
        both = _sums(query, key)
        both = both if self.scale is None else ops.multiply(self.scale, both)
        return ops.multiply(self.concat_score_weight, ops.sum(ops.tanh(both), axis=-1))

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Return the queries' mask."""
        return mask[0] if isinstance(mask, (list, tuple)) else None

    def _hand_on_mask(self, args: tuple[Any, ...], outputs: Any, incoming: Any) -> None:
        """Give the queries' mask to the outputs; shares have none."""
        found = outputs[0] if isinstance(outputs, tuple) else outputs
        masking.attach(found, self.compute_mask(args, incoming))

    def _masks(self, mask: Any, query: Shape, value: Shape) -> tuple[Any, Any]:
        """Return the masks of queries and values as booleans, None where there is none."""
        if mask is None:
            return None, None
        fits = isinstance(mask, (list, tuple)) and 2 <= len(mask) <= 3
        pairs = list(zip(mask, (query, value), strict=False)) if fits else []
        if not fits or any(one is not None and jnp.shape(one) != shape[:-1] for one, shape in pairs):
            received = [None if one is None else jnp.shape(one) for one in mask] if fits else repr(mask)[:100]
            raise self._unfit(f"masks [query_mask, value_mask] of shapes {query[:-1]} and {value[:-1]}", received)
        found = [None if one is None else jnp.asarray(one, bool) for one in mask]
        return found[0], found[1]

    def _checked(self, shapes: Any) -> None:
        several = isinstance(shapes, (list, tuple)) and all(isinstance(shape, (list, tuple)) for shape in shapes)
        if not several or not 2 <= len(shapes) <= 3:
            raise self._unfit("a list [query, value] or [query, value, key]", shapes)
        query, value, key = (tuple(shape) for shape in (*shapes, shapes[1])[:3])
        pairs = (query[:-2], value[:-2]), (value[:-1], key[:-1]), (query[-1:], key[-1:])
        agree = (None in (a, b) or a == b for one, other in pairs for a, b in zip(one, other, strict=False))
        if len({len(query), len(value), len(key)}) > 1 or len(query) < 3 or not all(agree):
            raise self._unfit(
                "query [batch, query time, features], value [batch, time, value features], key [batch, time, features]",
                f"{query}, {value} and {key}",
            )

    def _unfit(self, expected: str, received: Any) -> InvalidArgument:
        return InvalidArgument(
            f"{type(self).__name__} cannot attend with these inputs.",
            code="attention-shapes",
            place=f"layer {self.name!r}",
            expected=expected,
            received=received,
        )


@final
class AdditiveAttention(Attention):
    """Let each query look at a sequence, scored by a small network.

        scores = sum(scale * tanh(query + key))
        outputs = softmax(scores) @ value           over the places that are real

    Shapes: as for Attention; `scale` `[features]`.

    Args:
        use_scale: whether there are trained factors `scale`; all 1 otherwise.
        dropout: which part of the shares is set to 0 while training.

    Raises:
        InvalidArgument: inputs that are not such a list, or masks of another shape.

    Example:
        >>> import numpy as np
        >>> x = np.array([[[1.0], [1.0]]])
        >>> AdditiveAttention()([x, x]).tolist()
        [[[1.0], [1.0]]]

    Source: Bahdanau et al., "Neural machine translation by jointly learning to align and translate", 2015.
    """

    def __init__(self, use_scale: bool = True, dropout: float = 0.0, **kwargs: Any) -> None:
        super().__init__(use_scale=use_scale, dropout=dropout, **kwargs)

    def constructor_arguments(self) -> dict[str, Any]:
        """Return the arguments; there is one way to score."""
        return {k: v for k, v in super().constructor_arguments().items() if k != "score_mode"}

    def build(self, input_shape: Any) -> None:
        """Add `scale`."""
        self._checked(input_shape)
        if self.use_scale:
            self.scale = self.add_weight(name="scale", shape=(input_shape[0][-1],), initializer="glorot_uniform")

    def scored(self, query: Array, key: Array) -> Any:
        """Return how well each key answers each query [batch, query time, time]."""
        bent = ops.tanh(_sums(query, key))
        return ops.sum(bent if self.scale is None else ops.multiply(self.scale, bent), axis=-1)


def _sums(query: Array, key: Array) -> Any:
    """Return every query plus every key [batch, query time, time, features]."""
    return ops.add(query[..., :, None, :], key[..., None, :, :])

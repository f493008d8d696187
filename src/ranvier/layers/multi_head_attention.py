"""MultiHeadAttention and GroupQueryAttention: several looks at a sequence at once."""

from __future__ import annotations

from typing import Any, final

from ranvier._errors import InvalidArgument
from ranvier.layers.attention_heads import AttentionHeads
from ranvier.layers.configured import positive_integer

__all__ = ["GroupedQueryAttention", "MultiHeadAttention"]


@final
class MultiHeadAttention(AttentionHeads):
    """Let each query look at a sequence, with several heads.

        shares = softmax(query[h] @ key[h] / sqrt(key_dim))        for each head h, where the masks allow
        outputs = (shares @ value[h] for all h) @ attention_output

    query[h], key[h], value[h] are the inputs, multiplied by the head's kernel.

    Shapes: query `[batch, query time, features]`, value and key `[batch, time, features]`, outputs
    `[batch, query time, features of the query]`, shares `[batch, head, query time, time]`. There may be further axes
    between batch and features; attention runs over all of them, or over `attention_axes`.

    While `models.generate` continues a sequence, a call with `use_causal_mask=True` keeps its keys and values, so that
    each further token costs one position.

    Numerics: a query that may look nowhere finds the mean of all values, or nothing where shares are asked for or
    dropped, as in Keras. As in Keras the call takes the masks of its inputs away, so that `x + attention(x, x)` has
    none. `query_mask` counts also when it is given by hand (Keras overlooks it then).

    Args:
        num_heads: number of heads.
        key_dim: size of a head's queries and keys.
        value_dim: size of a head's values; `key_dim` when None.
        dropout: which part of the shares is set to 0 while training.
        use_bias: whether the projections add a bias.
        output_shape: sizes of the outputs' last axes; the query's features when None.
        attention_axes: axes over which attention runs; all but batch and features when None.
        sliding_window: a query looks at less than this many places away; None for everywhere.
        flash_attention: accepted; there is one way to compute attention.
        kernel_initializer, bias_initializer: first values of the projections.
        kernel_regularizer, bias_regularizer: penalties on the projections' weights.
        activity_regularizer: penalty on the projections' outputs.
        kernel_constraint, bias_constraint: projections of those weights after each update.
        use_gate: whether what the heads found is multiplied by `sigmoid(query @ gate)`.
        seed: makes the draws of this layer its own.

    Raises:
        InvalidArgument: sizes that are not positive, axes that do not exist, inputs of another rank, keys of another
            length than the values, or masks of another shape.

    Example:
        >>> import numpy as np
        >>> ones = {"kernel_initializer": "ones", "use_bias": False}
        >>> x = np.array([[[1.0], [3.0]]])
        >>> MultiHeadAttention(1, 1, **ones)(0 * x, x).tolist()
        [[[2.0], [2.0]]]

    Source: Vaswani et al., "Attention is all you need", 2017, section 3.2.2; Qiu et al., "Gated attention for large
    language models", 2025.
    """

    forgets_masks = True
    _prefix = ""

    def __init__(
        self,
        num_heads: int,
        key_dim: int,
        value_dim: int | None = None,
        dropout: float = 0.0,
        use_bias: bool = True,
        output_shape: Any = None,
        attention_axes: Any = None,
        sliding_window: int | None = None,
        flash_attention: bool | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        use_gate: bool = False,
        seed: Any = None,
        **kwargs: Any,
    ) -> None:
        given = dict(locals())
        super().__init__(**kwargs)
        self.num_heads = positive_integer(self, "num_heads", num_heads)
        self.key_dim = positive_integer(self, "key_dim", key_dim)
        self.value_dim = self.key_dim if value_dim is None else positive_integer(self, "value_dim", value_dim)
        self._set_heads(self.num_heads, self.num_heads, self.key_dim, self.value_dim)
        self._axes = self.attention_axes = _several(attention_axes)
        self._output_sizes = _several(output_shape)
        self._keep_arguments(given)

    def constructor_arguments(self) -> dict[str, Any]:
        """Return the arguments."""
        return {**super().constructor_arguments(), "output_shape": self._output_sizes}


@final
class GroupedQueryAttention(AttentionHeads):
    """Let each query look at a sequence, with several heads that share keys and values in groups.

        shares = softmax(query[h] @ key[g] / sqrt(head_dim))       for each head h of group g, where the masks allow
        outputs = (shares @ value[g] for all h) @ attention_output

    Its public name is `GroupQueryAttention`; display names and weight files use the class's own, as in Keras.

    Shapes: query `[batch, query time, features]`, value and key `[batch, time, features]`, outputs
    `[batch, query time, features of the query]`, shares `[batch, head, query time, time]`.

    While `models.generate` continues a sequence, a call with `use_causal_mask=True` keeps its keys and values.

    Numerics: as for MultiHeadAttention, but the inputs keep their masks, as in Keras.

    Args:
        head_dim: size of a head's queries, keys and values.
        num_query_heads: number of heads.
        num_key_value_heads: number of keys and values, which divides the number of heads.
        dropout: which part of the shares is set to 0 while training.
        use_bias: whether the projections add a bias.
        sliding_window: a query looks at less than this many places away; None for everywhere.
        flash_attention: accepted; there is one way to compute attention.
        kernel_initializer, bias_initializer: first values of the projections.
        kernel_regularizer, bias_regularizer: penalties on the projections' weights.
        activity_regularizer: penalty on the projections' outputs.
        kernel_constraint, bias_constraint: projections of those weights after each update.
        use_gate: whether what the heads found is multiplied by `sigmoid(query @ gate)`.
        seed: makes the draws of this layer its own.

    Raises:
        InvalidArgument: heads that do not divide, inputs of another rank, keys of another length than the values, or
            masks of another shape.

    Example:
        >>> import numpy as np
        >>> ones = {"kernel_initializer": "ones", "use_bias": False}
        >>> x = np.array([[[1.0], [3.0]]])
        >>> GroupedQueryAttention(1, 2, 1, **ones)(0 * x, x).tolist()
        [[[4.0], [4.0]]]

    Source: Ainslie et al., "GQA: Training generalized multi-query transformer models", 2023.
    """

    public_name = "GroupQueryAttention"
    _most_rank = 3

    def __init__(
        self,
        head_dim: int,
        num_query_heads: int,
        num_key_value_heads: int,
        dropout: float = 0.0,
        use_bias: bool = True,
        sliding_window: int | None = None,
        flash_attention: bool | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        use_gate: bool = False,
        seed: Any = None,
        **kwargs: Any,
    ) -> None:
        given = dict(locals())
        super().__init__(**kwargs)
        self.head_dim = positive_integer(self, "head_dim", head_dim)
        self.num_query_heads = positive_integer(self, "num_query_heads", num_query_heads)
        self.num_key_value_heads = positive_integer(self, "num_key_value_heads", num_key_value_heads)
        if self.num_query_heads % self.num_key_value_heads:
            raise InvalidArgument(
                "The heads cannot share keys and values in equal groups.",
                code="attention-heads",
                place=f"layer {self.name!r}: num_key_value_heads",
                expected=f"a divisor of num_query_heads={num_query_heads}",
                received=num_key_value_heads,
            )
        self._set_heads(self.num_query_heads, self.num_key_value_heads, self.head_dim, self.head_dim)
        self._keep_arguments(given)


def _several(value: Any) -> tuple[int, ...] | None:
    """Return one whole number or several as a tuple; None for none."""
    if value is None:
        return None
    given = value if isinstance(value, (list, tuple)) else (value,)
    if not all(isinstance(one, int) for one in given):
        raise InvalidArgument(
            "Axes and sizes are whole numbers.",
            code="attention-sizes",
            place="MultiHeadAttention: attention_axes, output_shape",
            expected="a whole number, or a tuple of them",
            received=repr(value),
        )
    return tuple(given) or None

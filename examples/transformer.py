"""The two parts that the examples' transformers are made of."""

from __future__ import annotations

from typing import Any

from ranvier import layers, ops

__all__ = ["TokensAndPlaces", "transformer_block"]


class TokensAndPlaces(layers.Layer):
    """Look up a vector for every token and one for its place, and add them.

    Args:
        tokens: how many tokens there are; token 0 is padding.
        places: the longest sequence.
        size: length of the vectors.
    """

    def __init__(self, tokens: int, places: int, size: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.token = layers.Embedding(tokens, size, mask_zero=True)
        self.place = layers.Embedding(places, size)

    def call(self, x: Any) -> Any:
        return self.token(x) + self.place(ops.arange(ops.shape(x)[1]))

    def compute_mask(self, x: Any, mask: Any = None) -> Any:
        return self.token.compute_mask(x)


def transformer_block(x: Any, heads: int, *, causal: bool, dropout: float = 0.0) -> Any:
    """Let every place look at the others (at earlier ones only, where causal), then think about what it saw.

    Each half normalizes what it reads and adds what it finds (Xiong et al., 2020: this order trains without warm-up).
    `layers.Add` and GroupQueryAttention hand on the mask of the padding, which `+` and MultiHeadAttention lose.
    """
    size = x.shape[-1]
    read = layers.LayerNormalization()(x)
    found = layers.GroupQueryAttention(size // heads, heads, heads, dropout)(read, read, use_causal_mask=causal)
    x = layers.Add()([x, layers.Dropout(dropout)(found)])
    read = layers.Dense(4 * size, activation="gelu")(layers.LayerNormalization()(x))
    return layers.Add()([x, layers.Dropout(dropout)(layers.Dense(size)(read))])

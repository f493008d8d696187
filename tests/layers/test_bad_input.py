"""Inputs that no layer of the field can take: each is refused at the layer's edge, with its name and what to give."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

import ranvier as keras
from ranvier import layers, ops
from ranvier._errors import InvalidArgument, NotReady, RanvierError
from ranvier.utils import pad_sequences


def ones(*shape: int) -> np.ndarray:
    return np.ones(shape, "float32")


def mask(*shape: int) -> np.ndarray:
    return np.ones(shape, bool)


def twice(layer: Any, first: Any, then: Any) -> Any:
    layer(first)
    return layer(then)


class Wide(keras.Model):
    """A network of one's own whose window is larger than the pictures."""

    def __init__(self) -> None:
        super().__init__()
        self.look, self.head = layers.Conv2D(2, 9, name="look"), layers.Dense(1)

    def call(self, inputs: Any) -> Any:
        return self.head(layers.Flatten()(self.look(inputs)))


def fit_of_a_subclass() -> Any:
    model = Wide()
    model.compile("sgd", "mse")
    return model.fit(ones(4, 5, 5, 1), ones(4, 1), verbose=0)


def text_model(*rest: Any) -> Any:
    first = [keras.Input((1,), dtype="string"), layers.TextVectorization(name="words")]
    return keras.Sequential([*first, *rest]).predict(np.array([["a b"]]))


class Bad(NamedTuple):
    call: Callable[[], Any]
    code: str
    place: str
    received: str = ""


def n(layer: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    return layer(*args, name="here", **kwargs)


SEQUENCE, PICTURES = (2, 4, 3), (2, 6, 6, 4)
BAD = {
    # wrong rank
    "a row for Dense": Bad(lambda: n(layers.Dense, 3)(ones(4)), "input-shape", "'here'", "(4,)"),
    "a table for LSTM": Bad(lambda: n(layers.LSTM, 3)(ones(2, 4)), "input-shape", "'here'", "(2, 4)"),
    "pictures for GRU": Bad(lambda: n(layers.GRU, 3)(ones(*PICTURES)), "input-shape", "'here'", "(2, 6, 6, 4)"),
    "symbols for LSTM": Bad(lambda: n(layers.LSTM, 3)(keras.Input((4,))), "input-shape", "'here'", "(None, 4)"),
    "films of rank 4": Bad(lambda: n(layers.ConvLSTM2D, 2, 2)(ones(*PICTURES)), "input-shape", "'here'"),
    "a table over time": Bad(lambda: n(layers.TimeDistributed, layers.Dense(2))(ones(3)), "input-shape", "'here'"),
    "sequences for 2D": Bad(lambda: n(layers.GlobalAveragePooling2D)(ones(*SEQUENCE)), "input-shape", "'here'"),
    "sequences for UpSampling2D": Bad(lambda: n(layers.UpSampling2D)(ones(*SEQUENCE)), "input-shape", "'here'"),
    "tables for attention": Bad(
        lambda: n(layers.MultiHeadAttention, 2, 3)(ones(2, 4), ones(2, 4)), "attention-shapes", "'here'", "(2, 4)"
    ),
    # other features than the weights were made for
    "features of LSTM": Bad(
        lambda: twice(n(layers.LSTM, 3), keras.Input((4, 3)), ones(2, 4, 5)), "input-shape", "'here'"
    ),
    "features of Conv2D": Bad(
        lambda: twice(n(layers.Conv2D, 2, 3), ones(*PICTURES), ones(2, 6, 6, 3)), "input-shape", "'here'", "6, 3)"
    ),
    # channels and groups
    "groups of filters": Bad(lambda: n(layers.Conv2D, 3, 2, groups=2), "conv-groups", "'here'"),
    "groups of channels": Bad(lambda: n(layers.Conv2D, 6, 2, groups=3)(ones(*PICTURES)), "conv-groups", "'here'", "4"),
    "groups of symbols": Bad(lambda: n(layers.Conv1D, 6, 2, groups=3)(keras.Input((5, 4))), "conv-groups", "'here'"),
    "groups to normalize": Bad(lambda: n(layers.GroupNormalization, 3)(ones(*PICTURES)), "groups", "'here'", "3"),
    "channels of ops": Bad(lambda: ops.conv(ones(*PICTURES), ones(2, 2, 3, 2)), "conv-channels", "conv", "4"),
    # kernels larger than the inputs
    "kernel": Bad(lambda: n(layers.Conv2D, 2, (7, 2))(ones(*PICTURES)), "window-size", "'here'", "(6, 6)"),
    "kernel over symbols": Bad(lambda: n(layers.Conv1D, 2, 9)(keras.Input((8, 1))), "window-size", "'here'", "(8,)"),
    "dilated kernel": Bad(
        lambda: n(layers.DepthwiseConv2D, 3, dilation_rate=3)(ones(*PICTURES)), "window-size", "'here'"
    ),
    "pool": Bad(lambda: n(layers.MaxPooling2D, 7)(ones(*PICTURES)), "window-size", "'here'", "(6, 6)"),
    "pool over symbols": Bad(lambda: n(layers.AveragePooling1D, 9)(keras.Input((8, 1))), "window-size", "'here'"),
    "kernel over a film": Bad(lambda: layers.ConvLSTM2D(2, 9)(ones(1, 2, 4, 4, 1)), "window-size", "conv_lstm_cell"),
    "kernel in fit": Bad(fit_of_a_subclass, "window-size", "'look'", "(5, 5)"),
    # masks of the wrong shape
    "mask of LSTM": Bad(lambda: n(layers.LSTM, 3)(ones(*SEQUENCE), mask=mask(2, 5)), "mask-shape", "'here'", "(2, 5)"),
    "mask of features": Bad(lambda: n(layers.GRU, 3)(ones(*SEQUENCE), mask=mask(2, 4, 3)), "mask-shape", "'here'"),
    "mask of other rows": Bad(lambda: n(layers.GRU, 3)(ones(*SEQUENCE), mask=mask(3, 4)), "mask-shape", "'here'"),
    "mask over time": Bad(
        lambda: n(layers.TimeDistributed, layers.Dense(2))(ones(*SEQUENCE), mask=mask(2, 5)), "mask-shape", "'here'"
    ),
    "mask of an average": Bad(
        lambda: n(layers.GlobalAveragePooling1D)(ones(*SEQUENCE), mask=mask(2, 5)), "mask-shape", "'here'", "(2, 5)"
    ),
    "mask of channels": Bad(
        lambda: n(layers.GlobalAveragePooling1D, data_format="channels_first")(ones(2, 3, 4), mask=mask(2, 3)),
        *("mask-shape", "'here'", "(2, 3)"),
    ),
    "mask to normalize": Bad(
        lambda: n(layers.BatchNormalization)(ones(*SEQUENCE), training=True, mask=mask(2, 5)),
        *("mask-shape", "'here'", "(2, 5)"),
    ),
    "mask of softmax": Bad(lambda: n(layers.Softmax)(ones(2, 4), mask=mask(2, 5)), "softmax-shape", "'here'", "(2, 5)"),
    "mask of attention": Bad(
        lambda: n(layers.MultiHeadAttention, 2, 3)(ones(*SEQUENCE), ones(*SEQUENCE), attention_mask=mask(2, 5, 4)),
        *("attention-shapes", "'here'", "(2, 5, 4)"),
    ),
    # heads that do not divide
    "heads of groups": Bad(lambda: n(layers.GroupQueryAttention, 4, 3, 2), "attention-heads", "'here'", "2"),
    "no head": Bad(lambda: n(layers.MultiHeadAttention, 0, 3), "not-positive", "'here'", "0"),
    "no key": Bad(lambda: n(layers.MultiHeadAttention, 2, 0), "not-positive", "'here'", "0"),
    # nothing adapted
    "lookup": Bad(lambda: n(layers.StringLookup)(["a"]), "vocabulary-missing", "'here'"),
    "lookup of numbers": Bad(lambda: n(layers.IntegerLookup)(np.array([3])), "vocabulary-missing", "'here'"),
    "boundaries": Bad(lambda: n(layers.Discretization, num_bins=3)(ones(2, 3)), "discretization-boundaries", "'here'"),
    "text in a model": Bad(lambda: text_model(layers.Embedding(9, 2)), "vocabulary-missing", "string_lookup"),
    # unknown padding
    "padding": Bad(lambda: n(layers.Conv2D, 3, 3, padding="smae"), "window-padding", "'here'", "smae"),
    "causal pictures": Bad(lambda: n(layers.Conv2D, 3, 3, padding="causal"), "window-padding", "'here'", "causal"),
    "padding of a transpose": Bad(lambda: n(layers.Conv1DTranspose, 3, 3, padding="full"), "window-padding", "'here'"),
    "padding of separable": Bad(lambda: n(layers.SeparableConv1D, 3, 3, padding="full"), "window-padding", "'here'"),
    "padding of pools": Bad(lambda: n(layers.MaxPooling2D, 2, padding="full"), "window-padding", "'here'", "full"),
    "padding of ops": Bad(lambda: ops.max_pool(ones(*PICTURES), 2, padding="full"), "window-padding", "max_pool"),
    "side of sequences": Bad(lambda: pad_sequences([[1]], padding="left"), "pad-side", "padding", "left"),
}


@pytest.mark.parametrize("name", BAD)
def test_refused_at_the_edge(name: str) -> None:
    bad = BAD[name]
    with pytest.raises(RanvierError) as caught:
        bad.call()
    error = caught.value
    assert isinstance(error, (InvalidArgument, NotReady)), "Keras code catches ValueError or RuntimeError"
    assert error.code == bad.code, error
    assert bad.place in error.place and str(error.expected) and bad.received in str(error.received), error
    assert f"where:    {error.place}" in str(error) and "received:" in str(error)


def test_what_fits_is_not_refused() -> None:
    x = ones(*SEQUENCE)
    assert layers.GlobalAveragePooling1D()(x, mask=mask(2, 4)).shape == (2, 3)
    assert layers.GlobalAveragePooling1D(data_format="channels_first")(x, mask=mask(2, 3)).shape == (2, 4)
    assert layers.BatchNormalization()(x, training=True, mask=mask(2, 4)).shape == SEQUENCE
    assert layers.MaxPooling2D(6)(keras.Input((6, 6, 4))).shape == (None, 1, 1, 4)
    assert layers.MaxPooling2D(9, padding="same")(keras.Input((6, 6, 4))).shape == (None, 1, 1, 4)
    assert layers.MaxPooling1D(3)(keras.Input((None, 2))).shape == (None, None, 2)
    assert twice(layers.LSTM(3), keras.Input((4, 3)), keras.Input((None, 3))).shape == (None, 3)

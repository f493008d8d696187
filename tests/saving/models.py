"""Small models for the tests of files, and what real Keras recorded about the same kinds of models."""

from __future__ import annotations

import pathlib

import numpy as np

from ranvier import layers
from ranvier.layers import Input
from ranvier.models import Model, Sequential
from ranvier.state.variable import Variable

FILES = pathlib.Path(__file__).parents[1] / "oracle" / "files"


def recorded(name: str) -> tuple[object, dict[str, np.ndarray], list[np.ndarray]]:
    """Return inputs, outputs by name, and the optimizer's variables that Keras recorded."""
    with np.load(FILES / f"{name}.npz") as arrays:
        inputs = [arrays[key] for key in arrays if key.startswith("in/")]
        outputs = {key.removeprefix("out/"): arrays[key] for key in arrays if key.startswith("out/")}
        count = sum(key.startswith("optimizer/") for key in arrays)
        state = [arrays[f"optimizer/{index}"] for index in range(count)]
    return inputs if len(inputs) > 1 else inputs[0], outputs, state


def outputs_of(model, inputs) -> dict[str, np.ndarray]:
    result = model(inputs)
    return {name: np.asarray(value) for name, value in (result if isinstance(result, dict) else {"y": result}).items()}


def small() -> Sequential:
    return Sequential([Input((3,)), layers.Dense(4, activation="relu"), layers.BatchNormalization(), layers.Dense(2)])


def compiled() -> Sequential:
    """A model whose optimizer has a state that is not the first one."""
    model = small()
    model.compile("adam", "mse", metrics=["mae"])
    model.optimizer.build(model.trainable_variables)
    draw = np.random.default_rng(0)
    for variable in model.optimizer.variables:
        value = draw.integers(0, 9, variable.shape) if "int" in variable.dtype else draw.random(variable.shape)
        variable.assign(value)
    return model


def branched() -> Model:
    """Two inputs, two outputs, a shared layer, a nested model, a residual connection."""
    numbers, words = Input((4,), name="numbers"), Input((3,), name="words", dtype="int32")
    shared = layers.Dense(4, activation="tanh", name="shared")
    nested = Sequential([Input((4,)), layers.Dense(4), layers.LayerNormalization()], name="nested")
    embedded = layers.Flatten()(layers.Embedding(9, 4)(words))
    second = shared(layers.Dense(4)(embedded))
    mixed = layers.Add()([shared(numbers), nested(second)])
    joined = layers.Concatenate()([mixed, embedded])
    return Model([numbers, words], {"score": layers.Dense(1)(joined), "kind": layers.Dense(3)(mixed)})


def simple() -> Model:
    """A layer of every small kind: noise, rectifiers, masks, shapes, products, a pipeline."""
    steps = Input((4, 3))
    y = layers.PReLU(shared_axes=[1])(layers.GaussianNoise(0.1, seed=3)(layers.Masking(mask_value=9.0)(steps)))
    y = layers.SpatialDropout1D(0.2)(layers.AlphaDropout(0.1, noise_shape=(None, 1, None))(y))
    y = layers.LeakyReLU(0.2)(layers.Identity()(layers.Dense(3)(y)))
    y = layers.Dot(axes=(2, 1), normalize=True)([layers.ELU(alpha=0.5)(layers.Permute((2, 1))(y)), y])
    y = layers.Flatten()(layers.SpatialDropout2D(0.1, "channels_first")(layers.Reshape((3, 3, 1))(y)))
    y = layers.Pipeline([layers.Dense(3), layers.ReLU(max_value=2.0, negative_slope=0.1)])(y)
    y = layers.RepeatVector(2)(layers.ActivityRegularization(l1=0.01)(layers.GaussianDropout(0.1)(y)))
    return Model(steps, layers.Softmax(axis=[1, 2])(y))


def pictures() -> Sequential:
    """A convolutional network with a layer of every kind that slides or changes the edges."""
    return Sequential(
        [
            Input((5, 5, 2)),
            layers.ZeroPadding2D(((1, 0), (0, 1))),
            layers.Conv2D(4, 3, padding="same", groups=2, activation="relu", kernel_regularizer="l2"),
            layers.MaxPooling2D(),
            layers.DepthwiseConv2D(2, depth_multiplier=2, padding="same"),
            layers.SeparableConv2D(3, (1, 2), strides=(1, 2), padding="same", use_bias=False),
            layers.Conv2DTranspose(2, 3, strides=2, padding="same", output_padding=1),
            layers.Cropping2D((1, 0)),
            layers.AveragePooling2D((1, 2), padding="same"),
            layers.UpSampling2D((2, 1), interpolation="bilinear"),
            layers.Reshape((4, -1)),
            layers.Conv1D(3, 2, padding="causal", dilation_rate=2),
            layers.AdaptiveMaxPooling1D(3),
            layers.Flatten(),
            layers.Dense(2, activation="softmax"),
        ]
    )


def pictures_inputs() -> list[np.ndarray]:
    return [np.random.default_rng(1).normal(size=(4, 5, 5, 2)).astype("float32")]


def recurrent() -> Model:
    """States from one layer to another, masks, both directions, stacked cells, a layer at every step."""
    words, numbers = Input((5,), dtype="int32"), Input((4, 3))
    _, *states = layers.LSTM(3, return_state=True)(layers.Embedding(7, 4, mask_zero=True)(words))
    y = layers.GRU(3, return_sequences=True, reset_after=False)(numbers, initial_state=states[:1])
    y = layers.Bidirectional(layers.LSTM(2, return_sequences=True), merge_mode="ave")(y)
    y = layers.TimeDistributed(layers.Dense(3))(y)
    y = layers.RNN([layers.LSTMCell(2), layers.GRUCell(3)], return_sequences=True)(y)
    return Model([words, numbers], layers.SimpleRNN(2, go_backwards=True)(y))


def recurrent_inputs() -> list[np.ndarray]:
    draw = np.random.default_rng(1)
    words = draw.integers(1, 7, (5, 5)).astype("int32")
    words[::2, 3:] = 0
    return [words, draw.normal(size=(5, 4, 3)).astype("float32")]


def attention() -> Model:
    """Attention of every kind, with masks."""
    words, memory = Input((5,), dtype="int32"), Input((4, 3))
    x = layers.Embedding(9, 4, mask_zero=True)(words)
    y = layers.MultiHeadAttention(2, 3, dropout=0.1, use_gate=True)(x, x, use_causal_mask=True)
    y = layers.MultiHeadAttention(1, 2, output_shape=4, sliding_window=3)(y, value=memory, key=memory)
    y = layers.GroupQueryAttention(3, 4, 2, seed=1)(y, y)
    y = layers.AdditiveAttention()([layers.Attention(use_scale=True, score_mode="concat")([y, x]), y])
    return Model([words, memory], layers.Dense(1)(layers.Flatten()(y)))


def attention_inputs() -> list[np.ndarray]:
    return recurrent_inputs()


def simple_inputs() -> list[np.ndarray]:
    x = np.random.default_rng(1).normal(size=(5, 4, 3)).astype("float32")
    x[::3, -1] = 9.0
    return [x]


def branched_inputs() -> list[np.ndarray]:
    draw = np.random.default_rng(1)
    return [draw.normal(size=(5, 4)).astype("float32"), draw.integers(0, 9, (5, 3)).astype("int32")]


def values(variables: list[Variable]) -> list[np.ndarray]:
    return [np.asarray(variable.stored) for variable in variables]


def assert_same(first: list[np.ndarray], second: list[np.ndarray]) -> None:
    assert len(first) == len(second)
    for one, other in zip(first, second, strict=True):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)

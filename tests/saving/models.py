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

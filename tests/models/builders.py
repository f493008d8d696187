"""Models written once and built twice: by Ranvier in the tests, by Keras in the recording script."""

from __future__ import annotations

import random
from typing import Any

import numpy as np


def two_ends(k: Any) -> Any:
    """Dicts of inputs, a shared layer, a residual connection, functions as nodes, a list of outputs."""
    a, b = k.Input((4,), name="a"), k.Input((4,), name="b")
    shared = k.layers.Dense(4, activation="relu", kernel_regularizer="l2")
    x, y = shared(a), shared(b)
    z = k.layers.Add()([x, y])
    z = k.ops.relu(z + x) * 2.0
    z = k.layers.Concatenate()([z, y])
    return k.Model({"a": a, "b": b}, [k.layers.BatchNormalization()(z), x])


def functions(k: Any) -> Any:
    """Functions of `ops` and operators, with static arguments, slices and constants."""
    ops, x = k.ops, k.Input((4,))
    z = ops.concatenate([x[:, 1:3], x], axis=-1)
    z = -ops.sigmoid(ops.where(z > 0, z, ops.exp(z)) - 1.0) * 3
    z = ops.leaky_relu(ops.clip(z**2, 0.1, 1), 0.1)
    z = 2 / (ops.squeeze(ops.mean(ops.expand_dims(z, 1), axis=1, keepdims=True), 1) + 1)
    z = ops.sum(ops.reshape(ops.softmax(z), (-1, 3, 2)), axis=2)
    z = ops.tanh(abs(ops.logsumexp(z, axis=-1, keepdims=True)))
    z = k.layers.Flatten()(ops.transpose(ops.stack([z, z], axis=1), (0, 2, 1)))
    return k.Model(x, ops.add(z, np.ones((2,), "float32")))


def nested(k: Any) -> Any:
    """A Sequential used twice and a functional model with two outputs, inside a functional model."""
    x = k.Input((6,))
    inner = k.Sequential(
        [k.Input((6,)), k.layers.Dense(5, activation="tanh"), k.layers.Dropout(0.3), k.layers.Dense(6)]
    )
    y = k.Input((6,))
    both = k.Model(y, [k.layers.Dense(2)(y), k.layers.LayerNormalization()(y)], name="both")
    first, second = both(inner(x))
    return k.Model(x, k.layers.Concatenate()([first, second, inner(second)]))


def chain(k: Any) -> Any:
    """A Sequential of many kinds of layers."""
    layers = k.layers
    statistics = layers.Normalization(mean=[1.0, 2.0, 3.0], variance=[1.0, 1.0, 1.0])
    middle = [layers.Rescaling(0.5), statistics, layers.Reshape((3, 1)), layers.Flatten()]
    end = [layers.Dense(4, kernel_initializer="he_normal", activation="gelu"), layers.Activation("softmax")]
    return k.Sequential([k.Input((3,)), *middle, *end])


def words(k: Any) -> Any:
    """Integers in, masks on the way."""
    table = k.layers.Embedding(7, 3, mask_zero=True)
    end = k.layers.Dense(1, kernel_constraint="max_norm", activity_regularizer="l1")
    return k.Sequential([k.Input((3,), dtype="int32"), table, k.layers.Flatten(), end])


MODELS = {"two_ends": two_ends, "functions": functions, "nested": nested, "chain": chain, "words": words}


def fed(model: Any) -> list[np.ndarray]:
    """Set the weights to fixed positive numbers and return fixed inputs."""
    numbers = np.random.default_rng(0)
    model.set_weights([(0.5 + numbers.random(w.shape)).astype("float32") for w in model.get_weights()])
    found = []
    for tensor in model.inputs:
        shape = (5, *tensor.shape[1:])
        whole = str(tensor.dtype) == "int32"
        found.append(numbers.integers(0, 7, shape) if whole else numbers.normal(size=shape).astype("float32"))
    return found


def called(model: Any, inputs: list[np.ndarray]) -> list[np.ndarray]:
    """Return the outputs as a flat list."""
    given = {"a": inputs[0], "b": inputs[1]} if len(inputs) == 2 else inputs[0]
    outputs = model(given)
    return [np.asarray(y) for y in (outputs if isinstance(outputs, (list, tuple)) else [outputs])]


def random_order(k: Any, seed: int) -> list[str]:
    """Return the names of the layers of a random graph, in the model's order."""
    draw = random.Random(seed)
    inputs = [k.Input((4,), name=f"in{n}") for n in range(draw.randint(1, 3))]
    tensors, shared = list(inputs), [k.layers.Dense(4, name=f"shared{n}") for n in range(2)]
    for number in range(draw.randint(2, 9)):
        kind = draw.random()
        if kind < 0.35 or len(tensors) == 1:
            made = k.layers.Dense(4, name=f"dense{number}")(draw.choice(tensors))
        elif kind < 0.55:
            made = draw.choice(shared)(draw.choice(tensors))
        elif kind < 0.8:
            made = k.layers.Add(name=f"add{number}")(draw.sample(tensors, min(len(tensors), draw.randint(2, 3))))
        else:
            made = k.ops.relu(draw.choice(tensors))
        tensors.append(made)
    made_here = tensors[len(inputs) :]
    outputs = draw.sample(made_here, min(len(made_here), draw.randint(1, 3)))
    return [layer.name for layer in k.Model(inputs, outputs).layers]

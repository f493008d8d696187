"""A dozen models, small and of every kind, and the structural paths of their variables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import ranvier as keras
from ranvier import layers
from ranvier.layers import tracking

__all__ = ["MODELS", "listing", "paths"]


def plain() -> Any:
    return keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.Dropout(0.5), layers.Dense(2, use_bias=False)])


def named() -> Any:
    return keras.Sequential([keras.Input((4,)), layers.Dense(3, name="first"), layers.Dense(2, name="head")])


def input_dim() -> Any:
    return keras.Sequential([layers.Dense(3, input_dim=4), layers.Activation("relu"), layers.Dense(1)])


def normalized() -> Any:
    parts = [layers.BatchNormalization(), layers.LayerNormalization(), layers.Normalization(), layers.Dense(1)]
    return keras.Sequential([keras.Input((4,)), layers.Dense(3), *parts])


def embedded() -> Any:
    return keras.Sequential([keras.Input((5,)), layers.Embedding(9, 2), layers.Flatten(), layers.Dense(1)])


def nested() -> Any:
    return keras.Sequential([keras.Input((4,)), plain(), keras.Sequential([layers.Dense(3), plain_of(3)])])


def plain_of(columns: int) -> Any:
    return keras.Sequential([keras.Input((columns,)), layers.Dense(2)])


def branches() -> Any:
    first, second = keras.Input((4,), name="a"), keras.Input((2,), name="b")
    joined = layers.Concatenate()([layers.Dense(3)(first), second])
    return keras.Model([first, second], [layers.Dense(1, name="one")(joined), layers.Dense(2)(joined)])


def shared() -> Any:
    first, second = keras.Input((4,)), keras.Input((4,))
    twin = layers.Dense(3)
    return keras.Model([first, second], layers.Dense(1)(layers.Add()([twin(first), twin(second)])))


def residual() -> Any:
    entry = keras.Input((4,))
    x = entry
    for _ in range(3):
        x = layers.Add()([layers.Dense(4, activation="relu")(x), x])
    return keras.Model(entry, layers.Dense(1)(x) * 2.0)


class Block(layers.Layer):
    def __init__(self, units: int) -> None:
        super().__init__()
        self.dense = layers.Dense(units)
        self.norm = layers.BatchNormalization()
        self.parts = [layers.Dense(units), layers.Dense(units)]

    def build(self, input_shape: Any) -> None:
        self.scale = self.add_weight(name="scale", shape=(1,), initializer="ones")
        super().build(input_shape)

    def call(self, x: Any) -> Any:
        x = self.norm(self.dense(x)) * self.scale
        for part in self.parts:
            x = part(x)
        return x


class Subclassed(keras.Model):
    def __init__(self) -> None:
        super().__init__()
        self.blocks = {"left": Block(2), "right": Block(2)}
        self.head = layers.Dense(1)
        self.counter = keras.Variable(0.0, trainable=False, name="counter")

    def call(self, x: Any) -> Any:
        return self.head(self.blocks["left"](x) + self.blocks["right"](x))


def blocks() -> Any:
    return keras.Sequential([keras.Input((4,)), Block(2), Block(3)])


def subclassed() -> Any:
    model = Subclassed()
    model(np.ones((2, 4), "float32"))
    return model


def built_later() -> Any:
    model = keras.Sequential([layers.Dense(3), layers.Dense(1)])
    model.build((None, 4))
    return model


MODELS: dict[str, Callable[[], Any]] = {
    f.__name__: f
    for f in (
        plain,
        named,
        input_dim,
        normalized,
        embedded,
        nested,
        branches,
        shared,
        residual,
        blocks,
        subclassed,
        built_later,
    )
}


def paths(name: str) -> list[str]:
    """Return `path shape` of every variable of a model, in its order."""
    variables = tracking.variables_by_path(MODELS[name]())
    return [f"{path} {tuple(variable.shape)}" for path, variable in variables.items()]


def listing() -> str:
    """Return the paths of all models."""
    lines: list[str] = []
    for name in MODELS:
        lines += [f"[{name}]", *paths(name), ""]
    return "\n".join(lines)

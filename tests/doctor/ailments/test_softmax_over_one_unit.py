from __future__ import annotations

import numpy as np
import pytest

from ranvier import activations, layers, ops
from ranvier.models import Model, Sequential
from tests.doctor.patients import BINARY, X, dense, examine


def functional(head):
    entry = layers.Input((4,))
    return Model(entry, head(layers.Dense(6)(entry)))


def nested():
    inner = Sequential([layers.Input((4,)), layers.Dense(1, activation="softmax")])
    return Sequential([layers.Dense(4), inner])


class Subclassed(Model):
    def __init__(self):
        super().__init__()
        self.head = layers.Dense(1, activation="softmax")

    def call(self, x):
        return self.head(x)


PATIENTS = {
    "by name": lambda: dense(1, "softmax"),
    "by function": lambda: dense(1, activations.softmax),
    "as a layer of its own": lambda: functional(lambda h: layers.Activation("softmax")(layers.Dense(1)(h))),
    "as an operation": lambda: functional(lambda h: ops.softmax(layers.Dense(1)(h))),
    "before a reshape": lambda: functional(lambda h: layers.Reshape((1, 1))(layers.Dense(1, activation="softmax")(h))),
    "in a nested model": nested,
    "in a subclassed model": Subclassed,
}


@pytest.mark.parametrize("name", PATIENTS)
def test_found_wherever_the_output_is_made(name):
    y = BINARY[:, None, None] if "reshape" in name else BINARY
    (found,) = examine(PATIENTS[name](), "binary_crossentropy", y=y)
    assert (found.code, found.severity) == ("softmax-over-one-unit", "error")
    assert "sigmoid" in found.cure


def test_for_numbers_as_targets_the_cure_is_a_linear_output():
    (found,) = examine(dense(1, "softmax"), "mse", y=X[:, 0])
    assert "mse" in found.cure


@pytest.mark.parametrize(("units", "activation"), [(1, "sigmoid"), (1, None), (2, "softmax")])
def test_healthy_heads(units, activation):
    y = BINARY if units == 1 else np.eye(2)[BINARY]
    assert examine(dense(units, activation), "mse", y=y) == []

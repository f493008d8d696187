"""Keys of traced code: equal for rebuilt equal models, different for anything that changes the program."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from ranvier import layers, metrics, optimizers
from ranvier.engine.fingerprint import Private, fingerprint
from ranvier.layers.base import Layer


def key(layer: Layer) -> Any:
    layer.build((None, 4))
    return fingerprint(layer)


def dense(**changes: Any) -> Layer:
    return layers.Dense(**{"units": 3, "activation": "relu", **changes})


def test_a_rebuilt_equal_layer_has_the_same_key() -> None:
    assert key(dense()) == key(dense())
    assert hash(key(dense())) == hash(key(dense()))


@pytest.mark.parametrize(
    "changes",
    [
        {"units": 4},
        {"activation": "tanh"},
        {"use_bias": False},
        {"kernel_regularizer": "l2"},
        {"dtype": "bfloat16"},
        {"trainable": False},
        {"kernel_constraint": "non_neg"},
    ],
)
def test_whatever_changes_the_program_changes_the_key(changes: dict[str, Any]) -> None:
    assert key(dense()) != key(dense(**changes))


def test_weights_are_data() -> None:
    one, two = dense(), dense()
    assert key(one) == key(two)
    two.set_weights([np.ones((4, 3)), np.ones(3)])
    assert fingerprint(one) == fingerprint(two)


def scaled(factor: float) -> Callable[[Any], Any]:
    return lambda x: x * factor


def test_equal_code_and_captured_values_make_equal_functions() -> None:
    assert fingerprint(scaled(2.0)) == fingerprint(scaled(2.0))
    assert fingerprint(scaled(2.0)) != fingerprint(scaled(3.0))


class Custom(Layer):
    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def call(self, x: Any) -> Any:
        return x * self.factor


def test_attributes_of_a_users_layer_count() -> None:
    assert fingerprint(Custom(2.0)) == fingerprint(Custom(2.0))
    assert fingerprint(Custom(2.0)) != fingerprint(Custom(3.0))


def test_what_cannot_be_compared_is_private() -> None:
    layer = Custom(1.0)
    layer.lock = __import__("threading").Lock()
    assert isinstance(fingerprint(layer), Private)
    assert fingerprint(layer) != fingerprint(layer)


def test_sharing_a_layer_differs_from_two_equal_ones() -> None:
    shared = Custom(1.0)
    assert fingerprint([shared, shared]) != fingerprint([Custom(1.0), Custom(1.0)])


def test_metrics_that_wrap_functions_differ_by_their_code() -> None:

    one = metrics.MeanMetricWrapper(lambda y, p: y * 1.0, name="m")
    two = metrics.MeanMetricWrapper(lambda y, p: y * 2.0, name="m")
    assert fingerprint(one) != fingerprint(two)


def test_optimizers_differ_by_schedule_and_exclusions_but_not_by_rate() -> None:

    assert fingerprint(optimizers.Adam(0.1)) == fingerprint(optimizers.Adam(0.2))
    schedules = optimizers.schedules
    assert fingerprint(optimizers.SGD(schedules.ExponentialDecay(0.1, 10, 0.9))) != fingerprint(
        optimizers.SGD(schedules.ExponentialDecay(0.1, 10, 0.8))
    )
    assert fingerprint(optimizers.Adam(clipnorm=1.0)) != fingerprint(optimizers.Adam())

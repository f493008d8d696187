"""Sequential: with and without an input shape, add and pop, configuration."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from ranvier import layers
from ranvier.layers import tracking
from ranvier.models import Model, Sequential


@pytest.mark.parametrize(
    "first",
    [
        lambda: [layers.Input((3,)), layers.Dense(2)],
        lambda: [layers.InputLayer(shape=(3,)), layers.Dense(2)],
        lambda: [layers.Dense(2, input_shape=(3,))],
        lambda: [layers.Dense(2, input_dim=3)],
        lambda: [layers.Dense(2, batch_input_shape=(None, 3))],
        lambda: [Sequential([layers.Dense(2, input_dim=3)])],
    ],
)
def test_every_way_to_give_the_input_shape_builds_at_once_and_silently(first: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = Sequential([*first(), layers.Dense(1)])
    assert model.built and model.input_shape == (None, 3) and model.output_shape == (None, 1)
    assert model.count_params() == 8 + 3 and len(model.layers) == 2


def test_without_a_shape_the_first_data_decides() -> None:
    model = Sequential([layers.Dense(2), layers.Dense(1)])
    assert not model.built and model.inputs is None
    assert model(np.ones((5, 3))).shape == (5, 1)
    assert model.built and model.input_shape == (None, 3)
    assert model(np.ones((2, 3))).shape == (2, 1)


def test_build_with_a_shape_and_without_one() -> None:
    model = Sequential([layers.Dense(2)])
    model.build((None, 3))
    assert model.count_params() == 8
    for empty in (Sequential(), Sequential([layers.Dense(1)])):
        with pytest.raises(RuntimeError, match="cannot be built"):
            empty.build()


def test_add_and_pop_keep_the_ends_right() -> None:
    model = Sequential()
    model.add(layers.Input((4,)))
    model.add(layers.Dense(3))
    model.add(layers.Dense(2))
    assert model.output_shape == (None, 2)
    popped = model.pop()
    assert popped is not None and popped.units == 2 and model.output_shape == (None, 3)
    model.add(layers.Dense(5))
    assert model(np.ones((1, 4))).shape == (1, 5)
    assert Model(model.inputs, model.layers[0].output)(np.ones((1, 4))).shape == (1, 3)
    model.pop()
    model.pop()
    assert model.pop() is None and not model.built


def test_what_cannot_be_added_is_said() -> None:
    model = Sequential([layers.Dense(2, name="a")])
    with pytest.raises(TypeError, match="layer"):
        model.add(np.tanh)
    with pytest.raises(ValueError, match="first entry"):
        model.add(layers.Input((3,)))
    with pytest.raises(ValueError, match="'a'"):
        model.add(layers.Dense(1, name="a"))


def test_images_of_another_size_pass_where_the_layers_allow_it() -> None:
    model = Sequential([layers.Rescaling(2.0)])
    assert model(np.ones((1, 4, 4))).shape == (1, 4, 4)
    assert model(np.ones((1, 6, 5))).shape == (1, 6, 5)
    with pytest.raises(ValueError, match="shape"):
        model(np.ones((1, 6)))


def test_configuration_keeps_layers_and_shape() -> None:
    model = Sequential([layers.Dense(2, activation="relu"), layers.Dropout(0.5)], name="net")
    assert "build_input_shape" not in model.get_config()
    model.build((None, 3))
    config = model.get_config()
    assert config["build_input_shape"] == [None, 3] and config["layers"][0]["class_name"] == "InputLayer"
    again = Sequential.from_config(config)
    assert again.name == "net" and again.get_config() == config
    assert list(tracking.variables_by_path(again)) == ["dense/kernel", "dense/bias"]
    plain = [{"class_name": "Dense", "config": {"units": 2, "batch_input_shape": [None, 3], "name": "d"}}]
    assert Sequential.from_config(plain).count_params() == 8


def test_freezing_reaches_layers_added_later() -> None:
    model = Sequential([layers.Input((3,)), layers.Dense(2)], trainable=False)
    model.add(layers.Dense(2))
    assert model.trainable_weights == []


def test_custom_layers_need_custom_objects() -> None:
    class Double(layers.Layer):
        def call(self, inputs: Any) -> Any:
            return inputs * 2.0

    model = Sequential([layers.Input((2,)), Double()])
    config = model.get_config()
    with pytest.raises(ValueError, match="Double"):
        Sequential.from_config(config)
    again = Sequential.from_config(config, custom_objects={"Double": Double})
    np.testing.assert_array_equal(again(np.ones((1, 2))), [[2.0, 2.0]])


def test_output_shape_for_another_input_shape() -> None:
    model = Sequential([layers.Dense(2), layers.Reshape((2, 1))])
    assert model.compute_output_shape((None, 7)) == (None, 2, 1)

"""The functional API: two inputs, two outputs, names, weights of losses, a graph that is shared."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import ranvier as keras
from ranvier import layers


def network() -> Any:
    keras.utils.set_random_seed(4)
    title = keras.Input(shape=(6,), name="title")
    tags = keras.Input(shape=(3,), name="tags")
    x = layers.concatenate([layers.Dense(8, activation="relu")(title), tags])
    priority = layers.Dense(1, name="priority")(x)
    department = layers.Dense(4, activation="softmax", name="department")(x)
    return keras.Model(inputs=[title, tags], outputs=[priority, department], name="tickets")


@pytest.mark.parametrize("way", ["lists", "dicts"])
def test_two_inputs_and_outputs(way: str, capsys: pytest.CaptureFixture[str]) -> None:
    draws = np.random.default_rng(0)
    x = {"title": draws.normal(size=(256, 6)), "tags": draws.integers(0, 2, (256, 3)).astype("float32")}
    y = {"priority": x["title"][:, :1] + x["tags"][:, :1], "department": x["title"][:, :4].argmax(1)}
    model = network()
    by_list = way == "lists"
    losses: Any = {"priority": keras.losses.MeanSquaredError(), "department": "sparse_categorical_crossentropy"}
    weights: Any = {"priority": 1.0, "department": 0.5}
    model.compile(
        optimizer=keras.optimizers.RMSprop(0.01),
        loss=list(losses.values()) if by_list else losses,
        loss_weights=list(weights.values()) if by_list else weights,
        metrics={"department": ["accuracy"]},
    )
    inputs: Any = list(x.values()) if by_list else x
    targets: Any = list(y.values()) if by_list else y
    history = model.fit(inputs, targets, epochs=25, batch_size=32, verbose=0)
    assert list(history.history) == ["department_accuracy", "department_loss", "loss", "priority_loss"]
    last = {name: values[-1] for name, values in history.history.items()}
    assert last["loss"] == pytest.approx(last["priority_loss"] + 0.5 * last["department_loss"], rel=1e-4)
    assert last["priority_loss"] < 0.1 and last["department_accuracy"] > 0.8
    priority, department = model.predict(inputs)
    assert priority.shape == (256, 1) and department.shape == (256, 4)
    assert np.mean((priority - y["priority"]) ** 2) < 0.1
    found = model.evaluate(inputs, targets, verbose=0, return_dict=True)
    assert set(found) == set(history.history)
    model.summary()
    # 6 * 8 + 8, then 11 inputs to 1 and to 4 units with biases
    assert model.count_params() == 56 + 12 + 48 and "116" in capsys.readouterr().out


def test_the_graph_is_rebuilt_from_json_and_shared() -> None:
    model = network()
    again = keras.models.model_from_json(model.to_json())
    assert json.loads(model.to_json())["config"]["name"] == "tickets"
    again.set_weights(model.get_weights())
    x = [np.ones((2, 6), "float32"), np.ones((2, 3), "float32")]
    for one, two in zip(model.predict(x), again.predict(x), strict=True):
        np.testing.assert_array_equal(one, two)
    features = keras.Model(model.inputs, model.get_layer("department").input)
    assert features.predict(x).shape == (2, 11)
    assert features.layers[1] is model.layers[1]

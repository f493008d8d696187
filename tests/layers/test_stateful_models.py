"""Models whose layers go on where the batch before ended: prediction, weights, files."""

from __future__ import annotations

import pathlib
from typing import Any

import numpy as np
import pytest

from ranvier import layers
from ranvier.models import Sequential, load_model

X = np.random.default_rng(2).normal(size=(6, 4, 2)).astype("float32")


def stateful() -> Any:
    return Sequential([layers.GRU(3, stateful=True, batch_input_shape=(3, 4, 2)), layers.Dense(2)])


def test_predict_goes_on_from_batch_to_batch_and_never_pads() -> None:
    model = stateful()
    gru, dense = model.layers
    expected = np.concatenate([dense(gru(X[:3])), dense(gru(X[3:]))])
    gru.reset_state()
    np.testing.assert_allclose(model.predict(X, batch_size=3, verbose=0), expected, rtol=1e-5, atol=1e-6)
    held = gru.states[0].numpy()
    assert not np.array_equal(model.predict(X, batch_size=3, verbose=0), expected)
    gru.states[0].assign(held)
    again = model(X[:3])
    gru.states[0].assign(held)
    np.testing.assert_allclose(again, dense(gru(X[:3])), rtol=1e-5, atol=1e-6)
    with pytest.raises(ValueError, match="batches of 3 rows"):
        model.predict(X[:2], verbose=0)


def test_any_first_layer_may_name_the_batch_size() -> None:
    model = Sequential([layers.Embedding(5, 2, batch_input_shape=[3, None]), layers.GRU(3, stateful=True)])
    assert model.inputs[0].shape == (3, None) and model.layers[1].states[0].shape == (3, 3)


@pytest.mark.parametrize("ending", ["keras", "h5", "weights.h5"])
def test_states_are_no_weights(tmp_path: pathlib.Path, ending: str) -> None:
    model = stateful()
    model.predict(X, batch_size=3, verbose=0)
    assert [v.name for v in model.weights] == ["kernel", "recurrent_kernel", "bias", "kernel", "bias"]
    assert len(model.get_weights()) == 5 and model.non_trainable_weights == []
    assert model.layers[0].states[0] in model.non_trainable_variables
    file = tmp_path / f"m.{ending}"
    if ending == "weights.h5":
        model.save_weights(file)
        other = stateful()
        other.load_weights(file)
    else:
        model.save(file)
        other = load_model(file)
    model.layers[0].reset_state()
    np.testing.assert_array_equal(other.predict(X, 3, verbose=0), model.predict(X, 3, verbose=0))

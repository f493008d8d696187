"""Masks on arrays with values: who sets them, who reads them."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from ranvier import layers, losses, ops
from ranvier.metrics import MeanSquaredError
from ranvier.models import Sequential


def test_eager_arrays_carry_their_masks() -> None:
    x = layers.Embedding(5, 2, mask_zero=True)(jnp.array([[1, 0]]))
    for chained in (x, layers.Dense(3)(x), layers.Dense(3, dtype="bfloat16")(x), layers.Activation("relu")(x)):
        np.testing.assert_array_equal(chained._keras_mask, [[True, False]])
    assert getattr(layers.Flatten()(x), "_keras_mask", None) is None
    model = Sequential([layers.Dense(2), layers.Dense(1)])
    np.testing.assert_array_equal(model(x)._keras_mask, [[True, False]])


def test_a_compiled_call_of_a_model_hands_its_mask_out() -> None:
    model = Sequential([layers.Embedding(5, 2, mask_zero=True), layers.Dense(1)])
    rows = np.array([[0, 3], [1, 0], [1, 1]])  # padded to four rows within
    np.testing.assert_array_equal(model(rows)._keras_mask, rows > 0)
    np.testing.assert_array_equal(model(rows[:1])._keras_mask, [[False, True]])


def test_a_mask_that_a_person_set_counts_in_losses_and_metrics() -> None:
    y_pred = ops.convert_to_tensor(np.arange(12.0).reshape(2, 3, 2))
    y_true, mask = np.zeros((2, 3, 2)), np.array([[True, False, True], [True, True, False]])
    y_pred._keras_mask = mask
    metric = MeanSquaredError()
    metric.update_state(y_true, y_pred)
    # (0.5 + 20.5 + 42.5 + 72.5) / 4
    assert float(metric.result()) == float(losses.MeanSquaredError()(y_true, y_pred)) == 34.0
    weights = np.array([[1.0, 2.0, 1.0], [3.0, 4.0, 5.0]])
    assert float(losses.MeanSquaredError()(y_true, y_pred, sample_weight=weights)) == 109.625  # Keras 3.15


def test_a_class_may_say_that_it_hands_masks_on() -> None:
    class Doubled(layers.Layer):
        supports_masking = True

        def call(self, inputs: Any) -> Any:
            return inputs * 2

    x = layers.Embedding(5, 2, mask_zero=True)(jnp.array([[1, 0]]))
    np.testing.assert_array_equal(Doubled()(x)._keras_mask, [[True, False]])
    assert (layers.Layer.supports_masking, layers.Layer.input_spec) == (False, None)

"""GradientTape in a loop of one's own: what it sees, how it differentiates, and what it leaves behind."""

from __future__ import annotations

import numpy as np
import pytest

import ranvier as keras
from ranvier import ops
from ranvier._errors import InvalidArgument, NotReady


def test_operators_methods_and_functions_are_seen() -> None:
    v, x = keras.Variable(2.0), ops.convert_to_tensor([1.0, 3.0])
    with keras.GradientTape() as tape:
        y = ((x * v - 1) ** 2).sum() + ops.exp(v * 0) + x[1] / v - (-v)
    # d/dv: 2(2-1)·1 + 2(6-1)·3 + 0 - 3/4 + 1; d/dx: 2(xv - 1)v + [0, 1/v]
    by_v, by_x = tape.gradient(y, [v, x])
    assert float(by_v) == pytest.approx(32.25) and by_x.tolist() == [4.0, 20.5]


def test_a_persistent_tape_answers_again_and_a_plain_one_does_not() -> None:
    v = keras.Variable(3.0)
    with keras.GradientTape(persistent=True) as tape:
        y = v * v
        z = y * v
    assert (float(tape.gradient(y, v)), float(tape.gradient(z, v)), float(tape.gradient(z, y))) == (6.0, 27.0, 3.0)
    with keras.GradientTape() as plain:
        y = v * v
    plain.gradient(y, v)
    with pytest.raises(InvalidArgument, match="persistent"):
        plain.gradient(y, v)


def test_unconnected_sources_and_whole_numbers() -> None:
    v, other, count = keras.Variable(3.0), keras.Variable([1.0, 2.0]), keras.Variable(2)
    with keras.GradientTape(persistent=True) as tape:
        y = v * v
    assert tape.gradient(y, {"a": v, "b": [other]})["b"] == [None]
    assert tape.gradient(y, other, unconnected_gradients="zero").tolist() == [0.0, 0.0]
    with pytest.raises(InvalidArgument, match="float"):
        tape.gradient(y, count)


def test_gradients_of_gradients() -> None:
    v = keras.Variable(2.0)
    with keras.GradientTape() as outer:
        with keras.GradientTape() as inner:
            y = v**3
        slope = inner.gradient(y, v)
        penalty = slope * slope
    assert float(slope) == 12.0 and float(outer.gradient(penalty, v)) == 2 * 12 * 12.0


def test_a_variable_may_be_assigned_and_two_may_share_an_array() -> None:
    shared = ops.ones(())
    a, b = keras.Variable(shared), keras.Variable(shared)
    with keras.GradientTape() as tape:
        y = a * 3
        a.assign(5.0)
        y = y + a * b
    # Both reads of a move together: 3 + b; the read of b sees a = 5.
    assert [float(g) for g in tape.gradient(y, [a, b])] == [4.0, 5.0]


def test_paused_recording_and_what_was_not_seen() -> None:
    v = keras.Variable(2.0)
    with keras.GradientTape() as tape:
        with tape.stop_recording():
            constant = v * 10
        y = constant * v
    assert float(tape.gradient(y, v)) == 20.0
    with keras.GradientTape() as tape:
        pass
    with pytest.warns(UserWarning, match="has not seen"):
        assert tape.gradient(v * v, v) is None


def test_arrays_get_their_own_operators_back() -> None:
    kind = type(ops.ones(1))
    before = kind.__mul__
    with keras.GradientTape(), keras.GradientTape():
        assert kind.__mul__ is not before
    assert kind.__mul__ is before
    with pytest.raises(ValueError, match="mine"), keras.GradientTape():
        raise ValueError("mine")
    assert kind.__mul__ is before


def test_a_tape_inside_a_layer_says_where_it_belongs() -> None:
    class Inner(keras.layers.Layer):
        def call(self, inputs: object) -> object:
            with keras.GradientTape():
                return inputs

    with pytest.raises(NotReady, match="train_step"):
        Inner()(np.ones((1, 2), "float32"))


def test_a_loop_of_ones_own_equals_fit() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(16, 3)).astype("float32"), rng.normal(size=(16, 1)).astype("float32")

    def model() -> keras.Model:
        keras.utils.set_random_seed(1)
        dense = keras.layers.Dense(4, activation="tanh", kernel_regularizer="l2")
        made = keras.Sequential(
            [keras.layers.Input((3,)), dense, keras.layers.BatchNormalization(), keras.layers.Dense(1)]
        )
        made.compile(keras.optimizers.SGD(0.1), "mse")
        return made

    fitted, looped = model(), model()
    looped.set_weights(fitted.get_weights())
    fitted.fit(x, y, batch_size=16, epochs=2, verbose=0)
    loss, optimizer = keras.losses.MeanSquaredError(), keras.optimizers.SGD(0.1)
    for _ in range(2):
        with keras.GradientTape() as tape:
            value = loss(y, looped(x, training=True)) + sum(looped.losses)
        gradients = tape.gradient(value, looped.trainable_variables)
        optimizer.apply_gradients(zip(gradients, looped.trainable_variables, strict=True))
    for one, other in zip(fitted.get_weights(), looped.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=2e-5, atol=2e-6)


def test_a_dropped_unit_has_no_gradient() -> None:
    layer, x = keras.layers.Dropout(0.5), keras.Variable(np.ones((1, 64), "float32"))
    with keras.GradientTape() as tape:
        kept = layer(x, training=True)
        total = ops.sum(kept)
    # The repeated pass draws what the first one drew: the slope is what each unit was scaled by.
    assert np.array_equal(tape.gradient(total, x), kept) and 0 < int(ops.sum(kept == 0)) < 64

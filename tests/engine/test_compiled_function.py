"""A step of one's own as one program: what it reads, writes and returns, and when it is compiled anew."""

from __future__ import annotations

from typing import Any

import numpy as np

import ranvier as keras
from ranvier import ops
from ranvier.engine.compiled_function import CompiledFunction

ROWS = np.random.default_rng(0).normal(size=(16, 3)).astype("float32")


def test_a_whole_training_step_is_one_program() -> None:
    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        # Names of their own: outside of a model's program, dropout draws by the layer's name.
        [
            keras.layers.Dense(16, activation="relu", name="hidden"),
            keras.layers.Dropout(0.1, name="dropped"),
            keras.layers.Dense(1, name="sum"),
        ]
    )
    optimizer, seen = keras.optimizers.Adam(0.05), keras.metrics.Mean()
    loss, steps, traces = keras.losses.MeanSquaredError(), keras.Variable(0), []

    @CompiledFunction
    def step(x: Any, y: Any) -> Any:
        traces.append(1)
        with keras.GradientTape() as tape:
            value = loss(y, model(x, training=True))
        gradients = tape.gradient(value, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        seen.update_state(value)
        steps.assign_add(1)
        return {"loss": value, "steps": steps}

    y = ROWS.sum(axis=1, keepdims=True)
    losses = [float(step(ROWS, y)["loss"]) for _ in range(60)]
    count = len(traces)
    assert losses[-1] < 0.2 * losses[0] and int(steps) == int(optimizer.iterations) == 60
    np.testing.assert_allclose(float(seen.result()), np.mean(losses), rtol=1e-5)
    step(ROWS[:8], y[:8])
    assert len(traces) > count and int(step(ROWS, y)["steps"]) == 62


def test_arrays_are_inputs_and_everything_else_is_part_of_the_program() -> None:
    traces = []

    @CompiledFunction
    def scaled(x: Any, factor: float, names: tuple[str, ...] = ()) -> Any:
        traces.append(factor)
        return ops.sum(x) * factor

    assert [float(scaled(np.full(2, n, "float32"), 2.0)) for n in range(3)] == [0.0, 4.0, 8.0]
    known = len(traces)
    scaled(np.ones(2, "float32"), 2.0, names=())
    scaled(np.ones(2, "float32"), 3.0)
    assert len(traces) > known and set(traces) == {2.0, 3.0}


def test_methods_bind_and_functions_within_a_step_are_plain() -> None:
    class Counter:
        def __init__(self) -> None:
            self.total = keras.Variable(0.0)

        @CompiledFunction
        def add(self, x: Any) -> Any:
            self.total.assign_add(x)
            return self.total

        @CompiledFunction
        def add_twice(self, x: Any) -> Any:
            self.add(x)
            return self.add(x)

    one, other = Counter(), Counter()
    one.add(np.float32(2))
    assert float(one.add_twice(np.float32(3))) == 8.0 and float(one.total) == 8.0 and float(other.total) == 0.0


def test_a_function_that_needs_values_runs_uncompiled() -> None:
    total = keras.Variable(0.0)

    @CompiledFunction
    def signed(x: Any) -> Any:
        total.assign_add(1.0)
        return x if x > 0 else -x

    assert [float(signed(np.float32(x))) for x in (-3, 4)] == [3.0, 4.0]
    # The attempt to compile left nothing behind.
    assert float(total) == 2.0 and not signed.compiles


def test_draws_differ_from_call_to_call() -> None:
    draw = CompiledFunction(lambda: keras.random.uniform((2,)))
    keras.utils.set_random_seed(3)
    first = [draw().tolist() for _ in range(3)]
    keras.utils.set_random_seed(3)
    assert [draw().tolist() for _ in range(3)] == first and len({tuple(pair) for pair in first}) == 3


def test_a_layer_that_is_built_inside_gets_real_arrays() -> None:
    class Shift(keras.layers.Layer):
        def build(self, input_shape: Any) -> None:
            self.shift = keras.Variable(ops.ones(input_shape[-1]) * 2)

        def call(self, inputs: Any) -> Any:
            return inputs + self.shift

    layer = Shift()
    assert CompiledFunction(lambda x: layer(x))(ROWS).shape == (16, 3) and layer.shift.numpy().tolist() == [2.0] * 3
    fresh = keras.Sequential([Shift(), keras.layers.Dense(1)])
    fresh.compile("sgd", "mse")
    fresh.fit(ROWS, ROWS[:, :1], verbose=0)
    assert not np.array_equal(fresh.layers[0].shift.numpy(), [2.0] * 3)

"""Mixed precision from the global policy to a trained model: types, scaled losses, steps that overflow."""

from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import ranvier as keras
from ranvier.mixed_precision import LossScaleOptimizer
from ranvier.optimizers import SGD, Adam

POLICIES = ["mixed_float16", "mixed_bfloat16"]


@pytest.fixture(params=POLICIES)
def policy(request: Any) -> Iterator[str]:
    keras.mixed_precision.set_global_policy(request.param)
    yield request.param
    keras.mixed_precision.set_global_policy("float32")


@pytest.fixture
def float16() -> Iterator[None]:
    keras.mixed_precision.set_global_policy("mixed_float16")
    yield
    keras.mixed_precision.set_global_policy("float32")


def line(optimizer: Any, **kwargs: Any) -> Any:
    """A model of one weight, `y = w * x`, with w = 1 at first."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")])
    model.compile(optimizer, "mse", **kwargs)
    return model


def weight(model: Any) -> float:
    return float(model.get_weights()[0][0, 0])


def test_types_and_learning(policy: str) -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, 300)
    x = (rng.normal(size=(300, 8)) + 3 * np.eye(8)[labels]).astype("float32")
    model = keras.Sequential(
        [
            keras.Input((8,)),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.BatchNormalization(),
            keras.layers.Dense(3),
            keras.layers.Activation("softmax", dtype="float32"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(x, labels, epochs=15, verbose=0, seed=1).history
    assert history["accuracy"][-1] > 0.8 and history["loss"][-1] < 0.5 * history["loss"][0]
    assert {v.dtype for v in model.variables} == {"float32"}
    assert model.layers[0].compute_dtype == policy.removeprefix("mixed_")
    assert model.layers[0](x[:2]).dtype == policy.removeprefix("mixed_")
    assert model.predict(x[:2], verbose=0).dtype == "float32"
    assert isinstance(model.optimizer, LossScaleOptimizer) is (policy == "mixed_float16")


def test_outputs_in_float16_have_losses_in_float32(float16: None) -> None:
    model = line(SGD(0.0))
    x = np.full((4, 1), 300.0, "float32")  # 300 ** 2 is beyond float16
    assert model.fit(x, 0 * x, verbose=0).history["loss"] == [90000.0]


def test_compile_puts_the_scaling_around_the_optimizer(float16: None) -> None:
    model = line(SGD(0.5))
    assert isinstance(model.optimizer, LossScaleOptimizer) and isinstance(model.optimizer.inner_optimizer, SGD)
    assert float(model.optimizer.learning_rate) == 0.5
    given = LossScaleOptimizer(SGD(0.5))
    assert line(given).optimizer is given


def test_small_gradients_survive(float16: None) -> None:
    """A gradient of 1e-8 is 0 in float16; scaled by 2 ** 15 it is not."""
    x, y = np.ones((2, 1), "float32"), np.ones((2, 1), "float32")
    moved = []
    for scale in (1.0, 2.0**15):
        model = line(LossScaleOptimizer(SGD(1e6), initial_scale=scale), loss_weights=[1e-8])
        model.fit(x, 0 * y, verbose=0)
        moved.append(1 - weight(model))
    assert moved[0] == 0 and moved[1] == pytest.approx(2e-2, rel=1e-2)


def test_an_overflow_leaves_the_step_out_and_halves_the_scale(float16: None) -> None:
    optimizer = LossScaleOptimizer(SGD(0.25, momentum=0.5), initial_scale=2.0**17, dynamic_growth_steps=2)
    model = line(optimizer)
    x = np.ones((1, 1), "float32")
    scales, weights = [], []
    for _ in range(6):
        history = model.fit(x, 0 * x, verbose=0)
        assert [found.code for found in history.findings] == ["single-row"]
        assert np.isfinite(history.history["loss"]).all()
        scales.append(float(optimizer.dynamic_scale.value))
        weights.append(weight(model))
    # The gradient is 2 * w * scale: 2 ** 18, 2 ** 17 and 2 ** 16 overflow float16, 2 ** 15 does not.
    assert weights[:3] == [1.0, 1.0, 1.0] and weights[3] == 0.5
    assert scales[:4] == [2.0**16, 2.0**15, 2.0**14, 2.0**14]
    assert scales[4] == 2.0**15 and int(optimizer.iterations) >= 3


def test_a_fixed_factor_changes_no_number() -> None:
    x = np.linspace(-1, 1, 8, dtype="float32")[:, None]
    plain, scaled = line(SGD(0.1)), line(SGD(0.1, loss_scale_factor=1024.0))
    losses = [model.fit(x, 3 * x, epochs=3, shuffle=False, verbose=0).history["loss"] for model in (plain, scaled)]
    np.testing.assert_allclose(losses[0], losses[1], rtol=1e-6)
    assert weight(scaled) == pytest.approx(weight(plain), rel=1e-6)


def test_penalties_are_scaled_too() -> None:
    def model(**kwargs: Any) -> Any:
        layer = keras.layers.Dense(1, use_bias=False, kernel_initializer="ones", kernel_regularizer="l2")
        built = keras.Sequential([keras.Input((1,)), layer])
        built.compile(SGD(1.0, **kwargs), "mse")
        built.fit(np.zeros((2, 1)), np.zeros((2, 1)), verbose=0)
        return weight(built)

    assert model() == model(loss_scale_factor=64.0) == pytest.approx(0.98)


def test_the_state_comes_back_from_a_file(float16: None, tmp_path: Any) -> None:
    x = np.ones((4, 1), "float32")
    model = line(Adam(0.1))
    model.optimizer.dynamic_scale.assign(512.0)
    model.fit(x, 0 * x, verbose=0)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert isinstance(again.optimizer, LossScaleOptimizer)
    for one, other in zip(model.optimizer.variables, again.optimizer.variables, strict=True):
        np.testing.assert_array_equal(one.numpy(), other.numpy())
    assert float(again.optimizer.dynamic_scale.value) == 512.0
    for one in (model, again):
        one.fit(x, 0 * x, verbose=0)
    assert weight(model) == weight(again)


def test_scaled_and_plain_gradients_are_the_same_function_of_the_step() -> None:
    optimizer = LossScaleOptimizer(SGD(0.5), initial_scale=8.0)
    params = {"w": jnp.float32(3.0)}
    update = jax.jit(optimizer.update)
    state = optimizer.init(params)
    for grad, expected in ((8.0, 2.5), (jnp.nan, 2.5), (4.0, 2.0)):
        params, state = update({"w": jnp.float32(grad)}, params, state)
        assert float(params["w"]) == expected
    assert update._cache_size() == 1

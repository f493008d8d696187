"""Schedules: Keras's values, and what holds for every one of them."""

import inspect
import json
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ranvier import optimizers
from ranvier.optimizers import schedules
from ranvier.state.variable import Variable
from tests.optimizers.recorded import ARRAYS, RECORD

ROWS: dict[str, dict[str, Any]] = RECORD["schedules"]
every = pytest.mark.parametrize("name", ROWS)


def make(name: str) -> Any:
    return getattr(schedules, ROWS[name]["class"])(**ROWS[name]["kwargs"])


def test_every_public_schedule_has_a_row() -> None:
    public = {name for name in schedules.__all__ if inspect.isclass(getattr(schedules, name))}
    assert public - {"LearningRateSchedule"} == {row["class"] for row in ROWS.values()}


@every
def test_values_equal_keras(name: str) -> None:
    schedule, steps = make(name), jnp.asarray(RECORD["schedule_steps"])
    expected = ARRAYS[f"schedule.{name}"]
    for values in (jax.lax.map(schedule, steps), [schedule(int(step)) for step in steps]):
        np.testing.assert_allclose(values, expected, rtol=2e-6, atol=2e-8)


@every
def test_steps_may_be_numbers_arrays_or_variables(name: str) -> None:
    schedule = make(name)
    for step in (np.int64(4), 4.0, jnp.array(4), Variable(4, dtype="int32")):
        np.testing.assert_allclose(schedule(step), schedule(4), rtol=1e-6)
    assert schedule(4).dtype == jnp.float32 and schedule(4).shape == ()


@every
def test_the_configuration_rebuilds_it(name: str) -> None:
    written = json.loads(json.dumps(schedules.serialize(make(name))))
    assert written["module"] == "keras.optimizers.schedules" and written["registered_name"] is None
    assert written["class_name"] == ROWS[name]["class"]
    assert schedules.serialize(schedules.deserialize(written)) == written


@every
def test_an_optimizer_follows_it(name: str) -> None:
    optimizer = optimizers.SGD(make(name))
    w = {"w": jnp.array(0.0)}
    state = optimizer.init(w)
    for step in range(3):
        before = w["w"]
        w, state = optimizer.update({"w": jnp.array(1.0)}, w, state)
        np.testing.assert_allclose(before - w["w"], make(name)(step), rtol=1e-4)
        np.testing.assert_allclose(state["hyper"]["learning_rate"], make(name)(step), rtol=1e-6)


@pytest.mark.parametrize("steps", [1, 7, 41, 47, 97])
def test_compiled_stairs_and_restarts_happen_at_their_very_step(steps: int) -> None:
    """Dividing by 41 as a multiplication by 1 / 41 would put them one step late."""
    at = jnp.arange(8 * steps)
    period = np.arange(8 * steps) // steps
    stairs = schedules.InverseTimeDecay(1.0, steps, 1.0, staircase=True)
    np.testing.assert_allclose(jax.jit(jax.vmap(stairs))(at), 1 / (1 + period), rtol=1e-6)
    halving = schedules.ExponentialDecay(1.0, steps, 0.5, staircase=True)
    np.testing.assert_allclose(jax.jit(jax.vmap(halving))(at), 0.5**period, rtol=1e-6)
    even = schedules.CosineDecayRestarts(1.0, steps, t_mul=1.0, m_mul=0.5)
    np.testing.assert_allclose(jax.jit(jax.vmap(even))(at)[::steps], 0.5 ** np.arange(8), rtol=1e-6)
    growing = schedules.CosineDecayRestarts(1.0, steps, t_mul=2.0, m_mul=0.5)
    starts = np.array([0, steps, 3 * steps, 7 * steps])
    np.testing.assert_allclose(jax.jit(jax.vmap(growing))(at)[starts], [1, 0.5, 0.25, 0.125], rtol=1e-6)
    root = schedules.PolynomialDecay(1.0, steps, end_learning_rate=0.0, power=0.5)
    np.testing.assert_allclose(jax.jit(jax.vmap(root))(at)[steps:], 0.0, atol=1e-3)
    cycle = schedules.PolynomialDecay(1.0, steps, end_learning_rate=0.0, cycle=True)
    np.testing.assert_allclose(jax.jit(jax.vmap(cycle))(at)[::steps], [1.0] + 7 * [0.0], atol=1e-6)


def test_whole_numbers_are_taken_as_floats() -> None:
    warm = schedules.CosineDecay(0, 10, warmup_target=1, warmup_steps=4)
    assert [float(warm(step)) for step in (0, 1, 4)] == [0.0, 0.25, 1.0]


def test_a_warm_up_of_no_steps_starts_at_the_top() -> None:
    assert float(schedules.CosineDecay(0.0, 10, warmup_target=0.5)(0)) == 0.5


def test_one_value_needs_no_boundary() -> None:
    assert float(schedules.PiecewiseConstantDecay([], [0.3])(5)) == pytest.approx(0.3)


@pytest.mark.parametrize(
    "make_wrong",
    [
        lambda: schedules.ExponentialDecay(0.1, 0, 0.5),
        lambda: schedules.InverseTimeDecay(0.1, -1, 0.5),
        lambda: schedules.PolynomialDecay(0.1, 0),
        lambda: schedules.CosineDecay(0.1, 0),
        lambda: schedules.CosineDecayRestarts(0.1, 0),
        lambda: schedules.PiecewiseConstantDecay([1, 2], [0.1, 0.2]),
    ],
)
def test_arguments_that_cannot_be_right_are_refused(make_wrong: Any) -> None:
    with pytest.raises(ValueError, match="expected"):
        make_wrong()


class Halving(schedules.LearningRateSchedule):
    def __init__(self, start: float) -> None:
        self.start = start

    def __call__(self, step: Any) -> Any:
        return self.start / (step + 1)


def test_a_users_schedule_runs_and_is_rebuilt_by_its_name() -> None:
    optimizer = optimizers.SGD(Halving(1.0))
    w = {"w": jnp.array(0.0)}
    state = optimizer.init(w)
    update = jax.jit(optimizer.update)
    for _ in range(2):
        w, state = update({"w": jnp.array(1.0)}, w, state)
    assert float(w["w"]) == -1.5
    again = optimizers.SGD.from_config(optimizer.get_config(), {"Halving": Halving})
    assert float(again.learning_rate) == 1.0
    with pytest.raises(ValueError, match="no learning rate schedule named"):
        optimizers.SGD.from_config(optimizer.get_config())


def test_a_schedule_without_a_call_says_so() -> None:
    class Empty(schedules.LearningRateSchedule):
        pass

    with pytest.raises(NotImplementedError, match="define __call__"):
        Empty()(0)

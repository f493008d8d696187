"""Optimizers around others: what they refuse, which part updates what, their faces and configurations."""

from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

import ranvier as keras
from ranvier import optimizers
from ranvier._errors import InvalidArgument, WrongType
from ranvier.optimizers import SGD, Adam, Ftrl, Lion, LossScaleOptimizer, MultiOptimizer, Muon, OptimizerMap
from ranvier.optimizers.schedules import ExponentialDecay
from ranvier.state.variable import Variable


def test_the_face_of_the_scaling_is_that_of_the_optimizer_inside() -> None:
    optimizer = LossScaleOptimizer(SGD(0.5, loss_scale_factor=4.0), initial_scale=8.0)
    assert optimizer.inner_optimizer.loss_scale_factor is None
    assert float(optimizer.scale_loss(jnp.float32(3.0))) == 24.0
    w = Variable(10.0, name="w")
    optimizer.apply_gradients([(8.0, w)])
    assert float(w) == 9.5 and int(optimizer.iterations) == 1 and int(optimizer.step_counter.value) == 1
    optimizer.learning_rate = 0.25
    assert float(optimizer.inner_optimizer.learning_rate) == 0.25
    optimizer.apply([jnp.float32(jnp.inf)])
    assert float(w) == 9.5 and float(optimizer.dynamic_scale.value) == 4.0 and int(optimizer.iterations) == 1


def test_averages_are_finalized_by_the_part_that_keeps_them() -> None:
    optimizer = LossScaleOptimizer(SGD(0.5, use_ema=True, ema_momentum=0.5), initial_scale=1.0)
    w = Variable(0.0)
    for grad in (-2.0, -2.0):
        optimizer.apply_gradients([(grad, w)])
    assert optimizer.use_ema and float(w) == 2.0
    optimizer.finalize_variable_values([w])
    assert float(w) == 1.5


@pytest.mark.parametrize("given", [{"clipnorm": 1.0}, {"use_ema": True}, {"lr": 0.1}, {"dynamic": False}])
def test_what_belongs_inside_is_refused_outside(given: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument, match="optimizer inside"):
        LossScaleOptimizer(SGD(), **given)


def test_defaults_in_old_files_are_let_pass() -> None:
    assert LossScaleOptimizer(SGD(), clipnorm=None, use_ema=False, ema_momentum=0.99, dynamic=True).built is False


def test_the_loss_is_scaled_once() -> None:
    given: Any = "sgd"
    with pytest.raises(WrongType, match="not an optimizer"):
        LossScaleOptimizer(given)
    with pytest.raises(WrongType, match="twice"):
        LossScaleOptimizer(LossScaleOptimizer(SGD()))


def test_a_map_answers_by_path_pattern_or_default() -> None:
    chosen = OptimizerMap(SGD(), {"encoder/first/kernel": Adam()})
    chosen["encoder/.*"] = Lion()
    names = [chosen[path].name for path in ("encoder/first/kernel", "encoder/second/kernel", "head/kernel")]
    assert names == ["adam", "lion", "sgd"] and len(chosen) == 2 and list(chosen)[1] == "encoder/.*"
    with pytest.raises(InvalidArgument, match="already"):
        chosen["encoder/.*"] = SGD()
    chosen["enc.*"] = SGD()
    with pytest.raises(InvalidArgument, match="More than one"):
        chosen["encoder/second/kernel"]
    del chosen["enc.*"]
    for composed in (LossScaleOptimizer(SGD()), MultiOptimizer(OptimizerMap(SGD()))):
        with pytest.raises(InvalidArgument, match="cannot be a part"):
            chosen["other"] = composed


def test_a_function_is_asked_once_for_each_parameter() -> None:
    asked = []

    def choose(variable: Any) -> Any:
        asked.append(variable.path)
        return SGD(0.5) if variable.path == "fast" else SGD(0.1)

    optimizer = MultiOptimizer(choose)
    model = [Variable(1.0, name="fast"), Variable(1.0, name="slow")]
    for _ in range(2):
        optimizer.apply_gradients([(1.0, w) for w in model])
    assert asked == ["fast", "slow"] and len(optimizer.optimizers) == 2
    np.testing.assert_allclose([float(w) for w in model], [0.0, 0.8], atol=1e-6)
    assert [int(part.iterations) for part in optimizer.optimizers] == [2, 2] and int(optimizer.iterations) == 2


def test_several_optimizers_have_no_single_learning_rate() -> None:
    optimizer = MultiOptimizer(OptimizerMap(SGD()))
    assert not hasattr(optimizer, "learning_rate")
    optimizer.build([Variable(1.0)])
    with pytest.raises(AttributeError, match="parts"):
        optimizer.learning_rate = 0.1


def test_the_factor_of_the_whole_is_that_of_the_parts() -> None:
    inside = SGD(loss_scale_factor=2.0)
    optimizer = MultiOptimizer(OptimizerMap(inside), loss_scale_factor=8.0)
    assert inside.loss_scale_factor == 8.0 and optimizer.scales_loss
    LossScaleOptimizer(optimizer)
    assert inside.loss_scale_factor is None and not optimizer.scales_loss


def test_parts_train_in_fit() -> None:
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, name="still"), keras.layers.Dense(1)])
    model.compile(MultiOptimizer(OptimizerMap(SGD(0.1), {"still/.*": SGD(0.0)})), "mse")
    before = model.get_weights()
    model.fit(np.ones((4, 2)), np.ones((4, 1)), verbose=0)
    after = model.get_weights()
    moved = [not np.array_equal(a, b) for a, b in zip(before, after, strict=True)]
    assert moved == [False, False, True, True]


def test_configurations_hold_the_parts() -> None:
    schedule = ExponentialDecay(0.5, 10, 0.5)
    inside = MultiOptimizer(OptimizerMap(Adam(schedule), {"a/.*": Muon(0.25, exclude_layers=["x"])}), 2.0)
    written = optimizers.serialize(LossScaleOptimizer(inside, 16.0, 3, name="scaled"))
    again = optimizers.deserialize(written)
    assert optimizers.serialize(again) == written and again.name == "scaled"
    assert [type(part) for part in again.inner_optimizer.optimizers] == [Muon, Adam]


@pytest.mark.parametrize(
    ("make", "place"),
    [
        (lambda: Ftrl(learning_rate_power=0.1), "learning_rate_power"),
        (lambda: Ftrl(l1_regularization_strength=-1.0), "l1_regularization_strength"),
        (lambda: Ftrl(initial_accumulator_value=-0.1), "initial_accumulator_value"),
        (lambda: Lion(beta_1=0.0), "beta_1"),
    ],
)
def test_arguments_out_of_range(make: Any, place: str) -> None:
    with pytest.raises(InvalidArgument, match=place):
        make()


def test_muon_leaves_embeddings_and_named_layers_to_adam() -> None:
    shapes = {"embedding/w": (2, 2), "hidden/w": (2, 2), "hidden/b": (2,), "out/w": (2, 2)}
    params = {path: jnp.ones(shape) for path, shape in shapes.items()}
    state = Muon(exclude_layers=["^out"]).init(params)
    assert [path for path, slots in state["slots"].items() if "velocity" not in slots] == ["hidden/w"]
    every = Muon(exclude_embeddings=False).init(params)
    assert "velocity" not in every["slots"]["embedding/w"]


def test_schedule_free_iterates_start_at_the_weights_that_the_seed_draws() -> None:
    """The optimizer is built before the first weights are drawn."""
    starts = []
    for seed in (1, 1, 2):
        model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
        model.compile(optimizers.ScheduleFreeAdamW(0.0), "mse")
        model.fit(np.ones((4, 3)), np.ones((4, 2)), verbose=0, seed=seed)
        kernel, momentum = model.get_weights()[0], model.optimizer.variables[2].numpy()
        np.testing.assert_allclose(kernel, momentum, rtol=1e-6)
        starts.append(kernel)
    np.testing.assert_array_equal(starts[0], starts[1])
    assert not np.array_equal(starts[0], starts[2])

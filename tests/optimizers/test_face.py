"""Keras's face of an optimizer: learning rate, apply, variables, configuration."""

import inspect
import warnings
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ranvier import optimizers
from ranvier.optimizers import SGD, Adam, AdamW, Nadam, RMSprop, schedules
from ranvier.state import scope
from ranvier.state.scope import Scope
from ranvier.state.variable import Variable


def model() -> list[Variable]:
    return [Variable([1.0, 2.0], name="kernel"), Variable(3.0, name="bias")]


GRADS = [jnp.array([1.0, -1.0]), jnp.array(2.0)]


def test_the_learning_rate_is_data_before_and_after_building() -> None:
    optimizer, variables = SGD(0.5), model()
    assert float(optimizer.learning_rate) == 0.5
    optimizer.learning_rate = 0.25
    assert float(optimizer.init({"w": jnp.ones(1)})["hyper"]["learning_rate"]) == 0.25
    optimizer.build(variables)
    optimizer.learning_rate.assign(1.0)
    optimizer.apply(GRADS)
    np.testing.assert_allclose(variables[0].numpy(), [0.0, 3.0])
    optimizer.learning_rate = 0.0
    optimizer.apply(GRADS)
    np.testing.assert_allclose(variables[0].numpy(), [0.0, 3.0])
    assert optimizer.variable_tree()["hyper"]["learning_rate"] is optimizer.learning_rate


@pytest.mark.parametrize("number", [1, np.float64(0.5), jnp.array(0.5), Variable(0.5)])
def test_numbers_of_all_kinds_are_learning_rates(number: Any) -> None:
    assert float(SGD(number).learning_rate) == float(number)


def test_what_is_no_learning_rate_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot be a learning rate"):
        SGD("fast")  # type: ignore[arg-type]


def test_a_schedule_gives_the_current_value_and_cannot_be_overwritten_by_a_number() -> None:
    optimizer = SGD(schedules.PiecewiseConstantDecay([0, 1], [1.0, 0.5, 0.25]))
    variables = model()
    seen = []
    for _ in range(3):
        seen.append(float(optimizer.learning_rate))
        optimizer.apply(GRADS, variables)
    assert seen == [1.0, 0.5, 0.25]
    assert [v.name for v in optimizer.variables] == ["iteration"]
    with pytest.raises(TypeError, match="follows a schedule"):
        optimizer.learning_rate = 0.1
    optimizer.learning_rate = schedules.ExponentialDecay(0.125, 10, 0.5)
    assert optimizer.get_config()["learning_rate"]["class_name"] == "ExponentialDecay"


def test_a_callable_without_arguments_is_asked_each_time() -> None:
    rates = iter([0.5, 0.25])
    optimizer, w = SGD(lambda: next(rates)), Variable(0.0)
    optimizer.apply([1.0], [w])
    optimizer.apply([1.0], [w])
    assert float(w) == -0.75


def test_a_number_that_is_set_later_reaches_the_state() -> None:
    optimizer = Adam(beta_1=0.9)
    optimizer.build(model())
    optimizer.beta_1 = 0.5
    held = optimizer.variable_tree()["hyper"]
    assert float(held["beta_1"]) == 0.5 and float(held["one_minus_beta_1"]) == 0.5
    optimizer.weight_decay = 0.25
    assert float(optimizer.variable_tree()["hyper"]["weight_decay"]) == 0.25


def test_apply_gradients_takes_pairs_and_counts() -> None:
    optimizer, variables = SGD(0.5), model()
    count = optimizer.apply_gradients(zip(GRADS, variables, strict=True))
    assert int(count) == 1 and int(optimizer.iterations) == 1
    np.testing.assert_allclose(variables[0].numpy(), [0.5, 2.5])
    assert float(variables[1]) == 2.0


def test_iterations_count_updates_not_steps() -> None:
    optimizer, variables = SGD(0.5, gradient_accumulation_steps=2), model()
    counts = []
    for _ in range(5):
        optimizer.apply(GRADS, variables)
        counts.append(int(optimizer.iterations))
    assert counts == [0, 1, 1, 2, 2]


def test_missing_gradients_are_warned_of_and_their_variables_stay() -> None:
    optimizer, variables = Adam(0.5), model()
    with pytest.warns(UserWarning, match="no gradients for .*bias"):
        optimizer.apply([GRADS[0], None], variables)
    assert float(variables[1]) == 3.0 and float(variables[0].numpy()[0]) == pytest.approx(0.5, rel=1e-4)
    with pytest.raises(ValueError, match="no gradient for any parameter"):
        optimizer.apply([None, None])


def test_wrong_lists_are_refused_with_the_place() -> None:
    optimizer, variables = SGD(0.5), model()
    with pytest.raises(RuntimeError, match="build"):
        optimizer.apply(GRADS)
    optimizer.apply([], variables)
    assert not optimizer.built
    optimizer.build(variables)
    with pytest.raises(ValueError, match=r"expected: *2 gradients"):
        optimizer.apply(GRADS[:1])
    with pytest.raises(ValueError, match="other variables"):
        optimizer.apply(GRADS, model())


def test_a_subset_of_the_variables_may_be_updated() -> None:
    optimizer, variables = SGD(0.5, momentum=0.9), model()
    optimizer.build(variables)
    optimizer.apply([GRADS[1]], [variables[1]])
    assert float(variables[1]) == 2.0 and float(variables[0].numpy()[0]) == 1.0


def test_stateless_apply_changes_nothing() -> None:
    optimizer, variables = Adam(0.5), model()
    optimizer.build(variables)
    before = [np.array(v.numpy()) for v in (*variables, *optimizer.variables)]
    compiled = jax.jit(optimizer.stateless_apply)
    arrays, state = compiled([v.value for v in optimizer.variables], GRADS, [v.value for v in variables])
    for value, v in zip(before, (*variables, *optimizer.variables), strict=True):
        np.testing.assert_array_equal(v.numpy(), value)
    optimizer.apply(GRADS)
    for value, v in zip((*arrays, *state), (*variables, *optimizer.variables), strict=True):
        np.testing.assert_allclose(value, v.numpy(), rtol=1e-6)
    with pytest.raises(ValueError, match="do not fit"):
        optimizer.stateless_apply(state[:-1], GRADS, arrays)


def test_inside_a_running_pass_everything_stays_in_the_pass() -> None:
    optimizer, variables = Nadam(0.5, use_ema=True), model()
    optimizer.build(variables)
    owned = [*variables, *jax.tree.leaves(optimizer.variable_tree())]

    def step(values: list[Any]) -> list[Any]:
        with scope.entered(Scope(values={id(v): x for v, x in zip(owned, values, strict=True)})):
            optimizer.apply(GRADS)
            optimizer.apply(GRADS)
            return [v.value for v in owned]

    inside = jax.jit(step)([v.stored for v in owned])
    assert float(variables[1]) == 3.0 and int(optimizer.iterations) == 0
    optimizer.apply(GRADS)
    optimizer.apply(GRADS)
    for value, v in zip(inside, owned, strict=True):
        np.testing.assert_allclose(value, v.numpy(), rtol=1e-5, atol=1e-6)


def test_constraints_of_variables_are_applied_last() -> None:
    optimizer, variables = SGD(10.0), model()
    variables[0].constraint = lambda w: jnp.maximum(w, 0.0)
    optimizer.apply(GRADS, variables)
    np.testing.assert_allclose(variables[0].numpy(), [0.0, 12.0])


def test_weight_decay_can_be_kept_from_variables_and_names() -> None:
    def decayed(**excluded: Any) -> list[bool]:
        optimizer, variables = SGD(1.0, weight_decay=0.5), model()
        found = {"var_list": [variables[0]]} if excluded.pop("first", False) else {}
        optimizer.exclude_from_weight_decay(**found, **excluded)
        start = [v.numpy().copy() for v in variables]
        optimizer.apply([jnp.zeros(2), jnp.zeros(())], variables)
        return [not np.array_equal(v.numpy(), value) for v, value in zip(variables, start, strict=True)]

    assert decayed() == [True, True]
    assert decayed(var_names=["bias"]) == [True, False]
    assert decayed(first=True) == [False, True]
    assert decayed(first=True, var_names=["bi"]) == [False, False]


def test_update_takes_the_paths_that_decay() -> None:
    optimizer, params = SGD(1.0, weight_decay=0.5), {"a": jnp.ones(()), "b": jnp.ones(())}
    zero = {path: jnp.zeros(()) for path in params}
    moved, _ = optimizer.update(zero, params, optimizer.init(params), decay={"a"})
    assert (float(moved["a"]), float(moved["b"])) == (0.5, 1.0)


def test_the_average_takes_the_place_of_the_values_at_the_end() -> None:
    optimizer, variables = SGD(1.0, use_ema=True, ema_momentum=0.5), model()
    for _ in range(2):
        optimizer.apply(GRADS, variables)
    assert float(variables[1]) == -1.0
    optimizer.finalize_variable_values(variables)
    assert float(variables[1]) == 0.0  # the mean of 1 and -1
    SGD(1.0).finalize_variable_values(variables)


def test_loss_scaling_multiplies_and_divides() -> None:
    optimizer, w = SGD(0.5, loss_scale_factor=4.0), Variable(1.0)
    assert optimizer.scale_loss(3.0) == 12.0 and SGD().scale_loss(3.0) == 3.0
    optimizer.apply([4.0], [w])
    assert float(w) == 0.5


def test_building_draws_no_first_value() -> None:
    pending = Variable(lambda shape, dtype: jnp.ones(shape, dtype), shape=(2,))
    Adam(use_ema=True).build([pending])
    assert pending.pending


def test_building_again_does_nothing_and_equal_names_get_numbers() -> None:
    optimizer = SGD(momentum=0.5)
    optimizer.build([Variable(1.0), Variable(2.0)])
    first = optimizer.variables
    optimizer.build(model())
    assert all(a is b for a, b in zip(first, optimizer.variables, strict=True))
    assert list(optimizer.variable_tree()["slots"]) == ["variable", "variable_1"]


def test_set_weights_and_files_refuse_what_does_not_fit() -> None:
    optimizer = Adam()
    with pytest.raises(RuntimeError, match="not exist before"):
        optimizer.set_weights([])
    optimizer.build(model())
    values = [v.numpy() for v in optimizer.variables]
    optimizer.set_weights([value + 1 for value in values])
    assert int(optimizer.iterations) == 1
    with pytest.raises(ValueError, match="do not fit"):
        optimizer.set_weights(values[:-1])
    with pytest.raises(ValueError, match="do not fit"):
        optimizer.set_weights([np.zeros(7), *values[1:]])
    with pytest.warns(UserWarning, match="not loaded"):
        optimizer.load_own_variables({"0": 1})
    assert int(optimizer.iterations) == 1


@pytest.mark.parametrize(
    "kwargs",
    [
        {"clipnorm": 1.0, "clipvalue": 1.0},
        {"gradient_accumulation_steps": 1},
        {"use_ema": True, "ema_momentum": 1.5},
        {"use_ema": True, "ema_overwrite_frequency": 0.5},
        {"momentum": 1.5},
        {"lr": 0.1},
    ],
)
def test_arguments_that_cannot_be_right_are_refused(kwargs: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"expected:"):
        SGD(**kwargs)


def test_adamw_wants_a_decay() -> None:
    with pytest.raises(ValueError, match="use Adam"):
        AdamW(weight_decay=None)


def test_decay_is_ignored_with_a_warning_as_in_keras() -> None:
    with pytest.warns(UserWarning, match="ignored"):
        SGD(0.1, decay=1e-6)  # type: ignore[call-arg]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        SGD(0.1, decay=None)  # type: ignore[call-arg]


def test_signatures_and_positions_are_those_of_keras() -> None:
    common = ["weight_decay", "clipnorm", "clipvalue", "global_clipnorm", "use_ema", "ema_momentum"]
    common += ["ema_overwrite_frequency", "loss_scale_factor", "gradient_accumulation_steps", "name"]
    assert list(inspect.signature(SGD).parameters) == ["learning_rate", "momentum", "nesterov", *common]
    adamw = ["learning_rate", "weight_decay", "beta_1", "beta_2", "epsilon", "amsgrad"]
    assert list(inspect.signature(AdamW).parameters) == [*adamw, *common[1:]]
    by_position = AdamW(0.1, 0.2, 0.3, 0.4, 0.5, True, 0.6)
    assert (by_position.weight_decay, by_position.beta_1, by_position.clipnorm) == (0.2, 0.3, 0.6)
    assert SGD(0.1, 0.2, True, 0.3, None, 0.4).clipvalue == 0.4


@pytest.mark.parametrize("name", ["sgd", "SGD", "rmsprop", "RMSprop", "adagrad", "ADAM", "adamw", "AdamW", "nadam"])
def test_optimizers_are_found_by_name_in_any_case(name: str) -> None:
    assert type(optimizers.get(name)).__name__.lower() == name.lower()


def test_get_takes_objects_configurations_and_classes_and_refuses_the_rest() -> None:
    optimizer = RMSprop(0.5)
    assert optimizers.get(optimizer) is optimizer and optimizers.get(None) is None
    assert isinstance(optimizers.get({"class_name": "adam", "config": {"beta_1": 0.5}}), Adam)
    assert isinstance(optimizers.get(Adam), Adam)
    with pytest.raises(ValueError, match="no optimizer named 'adm'"):
        optimizers.get("adm")
    for wrong in (3, abs, object()):
        with pytest.raises(TypeError, match=r"not an? optimizer"):
            optimizers.get(wrong)


def test_program_keys_tell_what_is_compiled_in() -> None:
    assert Adam(0.1, beta_1=0.5).program_key == Adam(0.2, beta_1=0.6, name="other").program_key
    different = [
        Adam(), AdamW(), Adam(amsgrad=True), Adam(clipnorm=1.0), Adam(clipvalue=1.0), SGD(), SGD(momentum=0.5),
        SGD(momentum=0.5, nesterov=True), Adam(schedules.CosineDecay(0.1, 5)), Adam(schedules.CosineDecay(0.1, 6)),
        Adam(lambda: 0.1), Adam(lambda: 0.1),
    ]  # fmt: skip
    assert len({optimizer.program_key for optimizer in different}) == len(different)
    excluded = Adam()
    excluded.exclude_from_weight_decay(var_names=["bias"])
    assert excluded.program_key != Adam().program_key

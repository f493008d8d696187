"""What holds for every loss."""

import doctest
import inspect
import json
from importlib import import_module

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ranvier import losses
from ranvier.losses.choose import ALIASES
from tests.losses.cases import CASES, Case

every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
every_rowwise_case = pytest.mark.parametrize("case", [c for c in CASES if c.rowwise], ids=lambda case: case.name)


def public_functions() -> set[str]:
    return {n for n in losses.__all__ if inspect.isfunction(getattr(losses, n))} - {"get", "serialize", "deserialize"}


def test_every_public_loss_has_a_case() -> None:
    classes = {name for name in losses.__all__ if inspect.isclass(getattr(losses, name))} - {"Loss"}
    assert classes == {case.make.__name__ for case in CASES}
    assert public_functions() == {case.function.__name__ for case in CASES}


@every_case
def test_configuration_round_trip(case: Case) -> None:
    loss = case.make(**case.config, reduction="sum", name="mine")
    config = json.loads(json.dumps(losses.serialize(loss)))
    assert config["module"] == "keras.losses" and config["config"]["name"] == "mine"
    again = losses.deserialize(config)
    assert type(again) is type(loss) and again.get_config() == loss.get_config()
    np.testing.assert_array_equal(again(case.y_true, case.y_pred), loss(case.y_true, case.y_pred))


@every_case
def test_jit_equals_eager_and_is_deterministic(case: Case) -> None:
    loss = case.make(**case.config)
    eager, compiled = loss(case.y_true, case.y_pred), jax.jit(loss)(case.y_true, case.y_pred)
    np.testing.assert_allclose(eager, compiled, rtol=1e-6)
    assert jax.jit(loss)(case.y_true, case.y_pred) == compiled
    assert eager.shape == () and eager.dtype == jnp.float32


@every_case
def test_gradient_is_the_slope(case: Case) -> None:
    loss = case.make(**case.config)
    y_pred = jnp.asarray(case.y_pred)
    direction = jnp.asarray(np.random.default_rng(0).normal(size=y_pred.shape), "float32")
    step = 1e-3
    slope = (loss(case.y_true, y_pred + step * direction) - loss(case.y_true, y_pred - step * direction)) / (2 * step)
    gradient = jax.grad(lambda p: loss(case.y_true, p))(y_pred)
    np.testing.assert_allclose((gradient * direction).sum(), slope, rtol=2e-2, atol=1e-3)


@every_case
def test_class_equals_function(case: Case) -> None:
    expected = case.function(case.y_true, case.y_pred, **case.config)
    assert expected.shape == (len(case.y_true),)
    np.testing.assert_array_equal(case.make(**case.config, reduction="none")(case.y_true, case.y_pred), expected)


@every_rowwise_case
def test_order_of_rows_does_not_matter_and_weight_two_is_twice(case: Case) -> None:
    loss = case.make(**case.config, reduction="mean_with_sample_weight")
    weight = np.arange(1.0, 1 + len(case.y_true), dtype="float32")
    value = loss(case.y_true, case.y_pred, weight)
    order = np.array([3, 0, 5, 1, 4, 2])
    np.testing.assert_allclose(loss(case.y_true[order], case.y_pred[order], weight[order]), value, rtol=1e-5)
    repeat = weight.astype(int)
    twice = loss(np.repeat(case.y_true, repeat, 0), np.repeat(case.y_pred, repeat, 0), np.ones(repeat.sum(), "float32"))
    np.testing.assert_allclose(twice, value, rtol=1e-5)


@every_rowwise_case
def test_batches_of_none_and_one(case: Case) -> None:
    loss = case.make(**case.config)
    assert float(loss(case.y_true[:0], case.y_pred[:0])) == 0.0
    rows = case.make(**case.config, reduction="none")
    alone = [rows(case.y_true[i : i + 1], case.y_pred[i : i + 1])[0] for i in range(3)]
    np.testing.assert_allclose(rows(case.y_true, case.y_pred)[:3], alone, rtol=1e-6)


@every_case
def test_half_precision_outputs_are_computed_in_float32(case: Case) -> None:
    loss = case.make(**case.config)
    half = jnp.asarray(case.y_pred, jnp.bfloat16)
    assert loss(case.y_true, half).dtype == jnp.float32
    np.testing.assert_allclose(loss(case.y_true, half), loss(case.y_true, np.asarray(half, "float32")), rtol=1e-6)
    assert case.make(**case.config, dtype="bfloat16")(case.y_true, case.y_pred).dtype == jnp.bfloat16


# Its `q` has no default, so its name means the class's.
NAMED = {case.function.__name__ for case in CASES} - {"categorical_generalized_cross_entropy"}


@pytest.mark.parametrize("name", sorted(NAMED | set(ALIASES)))
def test_lookup_of_functions(name: str) -> None:
    function = losses.get(name)
    assert function is getattr(losses, ALIASES.get(name, name))
    assert losses.deserialize(losses.serialize(function)) is function
    assert losses.as_loss(name).name == name


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_lookup_of_classes(case: Case) -> None:
    assert type(losses.get(case.make.__name__)) is case.make
    assert type(losses.get(case.make)) is case.make


MODULES = ["base", "shapes", "regression", "crossentropy", "divergence", "margin", "choose"]
MODULES += ["probabilities", "focal", "overlap", "similarity", "sequence"]


@pytest.mark.parametrize("module", MODULES)
def test_examples_in_docstrings_run(module: str) -> None:
    result = doctest.testmod(import_module(f"ranvier.losses.{module}"))
    assert result.attempted and not result.failed

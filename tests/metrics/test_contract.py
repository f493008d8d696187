"""What holds for every metric."""

import doctest
import inspect
import json
from importlib import import_module
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from ranvier import metrics
from tests.metrics.cases import CASES, EXTENSIVE, ROWS, Case

every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def streamed(metric: metrics.Metric, batches: list[tuple[Any, ...]], weights: Any = None) -> Any:
    """The value after the batches, by the pure core."""
    totals = metric.zero()
    for number, batch in enumerate(batches):
        totals = metric.add(totals, *batch, sample_weight=None if weights is None else weights[number])
    return metric.value(totals)


def made(case: Case) -> metrics.Metric:
    metric = case.make(**case.config)
    metric.prepare(*case.data)
    return metric


def test_every_public_metric_has_a_case() -> None:
    classes = {name for name in metrics.__all__ if inspect.isclass(getattr(metrics, name))} - {"Metric"}
    assert classes == {case.make.__name__ for case in CASES}


@every_case
def test_configuration_round_trip(case: Case) -> None:
    metric = case.make(**case.config, name="mine")
    config = json.loads(json.dumps(metrics.serialize(metric)))
    assert config["module"] == "keras.metrics" and config["config"]["name"] == "mine"
    again = metrics.deserialize(config)
    assert type(again) is type(metric) and again.get_config() == metric.get_config()
    np.testing.assert_array_equal(again(*case.data), metric(*case.data))


@every_case
def test_face_and_pure_core_and_compiled_core_agree(case: Case) -> None:
    metric = made(case)
    batches = [case.rows(slice(0, 4)), case.rows(slice(4, 6))]
    pure = streamed(metric, batches)
    assert all(not np.asarray(v).any() for v in metric.variables), "the pure core assigned something"
    for batch in batches:
        metric.update_state(*batch)
    np.testing.assert_allclose(metric.result(), pure, rtol=1e-6)
    compiled = jax.jit(lambda batches: streamed(metric, batches))(batches)
    np.testing.assert_allclose(compiled, pure, rtol=1e-5)
    metric.reset_state()
    assert all(not np.asarray(v).any() for v in metric.variables)


@every_case
def test_loop_carries_the_totals(case: Case) -> None:
    metric = made(case)
    data = tuple(jnp.asarray(array) for array in case.data)
    weight = jnp.linspace(0.5, 1.5, ROWS)

    @jax.jit
    def run(totals: Any) -> Any:
        return lax.fori_loop(0, 3, lambda i, t: metric.add(t, *data, sample_weight=weight), totals)

    np.testing.assert_allclose(metric.value(run(metric.zero())), streamed(metric, [data] * 3, [weight] * 3), rtol=1e-5)


@every_case
def test_order_of_rows_does_not_matter_and_weight_two_is_twice(case: Case) -> None:
    metric = made(case)
    weight = np.array([1, 2, 3, 1, 2, 3], "float32")
    value = streamed(metric, [case.data], [weight])
    order = np.array([3, 0, 5, 1, 4, 2])
    halves = [case.rows(order[:2]), case.rows(order[2:])]
    np.testing.assert_allclose(streamed(metric, halves, [weight[order[:2]], weight[order[2:]]]), value, rtol=1e-5)
    repeated = case.rows(np.repeat(np.arange(ROWS), weight.astype(int)))
    np.testing.assert_allclose(streamed(metric, [repeated]), value, rtol=1e-5)


@every_case
def test_rows_of_weight_zero_count_for_nothing(case: Case) -> None:
    metric = made(case)
    kept = slice(0, 4)
    weight = np.array([1, 1, 1, 1, 0, 0], "float32")
    np.testing.assert_allclose(streamed(metric, [case.data], [weight]), streamed(metric, [case.rows(kept)]), rtol=1e-5)
    nothing = streamed(metric, [case.data, case.data], [np.ones(ROWS, "float32"), np.zeros(ROWS, "float32")])
    np.testing.assert_allclose(nothing, streamed(metric, [case.data]), rtol=1e-6)


@every_case
def test_empty_batches_change_nothing(case: Case) -> None:
    metric = made(case)
    value = streamed(metric, [case.data])
    np.testing.assert_allclose(streamed(metric, [case.rows(slice(0, 0)), case.data]), value, rtol=1e-6)


@every_case
def test_twice_the_data_gives_the_same_mean_or_twice_the_count(case: Case) -> None:
    metric = made(case)
    once, twice = streamed(metric, [case.data]), streamed(metric, [case.data, case.data])
    np.testing.assert_allclose(twice, once * (2 if case.make.__name__ in EXTENSIVE else 1), rtol=1e-5)


@every_case
def test_stateless_idiom(case: Case) -> None:
    metric = made(case)
    values = metric.stateless_update_state(metric.stateless_reset_state(), *case.data)
    assert len(values) == len(metric.variables)
    np.testing.assert_array_equal(metric.stateless_result(values), streamed(metric, [case.data]))


@every_case
def test_result_type_follows_dtype(case: Case) -> None:
    metric = case.make(**case.config, dtype="float16")
    assert metric(*case.data).dtype == jnp.float16
    assert all(v.dtype == "float32" for v in metric.variables), "totals in 16 bits would stop growing at 2048"


@every_case
def test_lookup(case: Case) -> None:
    assert type(metrics.get(case.make)).__name__ == case.make.__name__ if not case.config else True
    assert metrics.get(case.make(**case.config)).get_config().keys() == case.make(**case.config).get_config().keys()


MODULES = ["base", "totals", "reduction", "functions", "accuracy", "of_losses", "regression"]
MODULES += ["confusion", "operating_point", "auc", "f_score", "choose", "correlation", "overlap"]


@pytest.mark.parametrize("module", MODULES)
def test_examples_in_docstrings_run(module: str) -> None:
    result = doctest.testmod(import_module(f"ranvier.metrics.{module}"))
    assert result.attempted and not result.failed

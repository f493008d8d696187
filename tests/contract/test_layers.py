"""What every layer promises, checked on every row of `tests/layers/cases.py`."""

from __future__ import annotations

import json
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ranvier import layers, models
from ranvier.layers import tracking
from ranvier.state import masking, scope
from ranvier.state.scope import Scope
from ranvier.state.symbolic import KerasTensor
from tests.layers.augmentation_colour_cases import FIRST as COLOUR_CASES
from tests.layers.augmentation_geometry_cases import CASES as MOVING_CASES
from tests.layers.cases import CASES, CELLS, CODE, HEADS, TAKES_MASK, Case, probe
from tests.layers.sound_cases import ONE_EACH as SOUND_CASES
from tests.layers.text_cases import CASES as TEXT_CASES

ALL = [*CASES, *CODE, *SOUND_CASES]
BESIDE = [*TEXT_CASES, *MOVING_CASES]
"""Rows of layers that draw when they are called, or take text: what they promise is checked beside their numbers."""
FIRST = {case.layer: case for case in reversed(ALL)}
"""One row of each layer, for the fast tests: those in `tests/layers` replay the numbers of all rows."""


def row(case: Case, *more: Any, name: str = "") -> Any:
    marks = () if FIRST[case.layer] is case else pytest.mark.slow
    return pytest.param(case, *more, id=case.id + name, marks=marks)


by_case = pytest.mark.parametrize("case", [row(case) for case in ALL])
IN_BOTH_WAYS = [(case, training) for case in ALL for training in (False, True) if case.training or not training]
by_case_and_way = pytest.mark.parametrize(
    ("case", "training"), [row(case, way, name=f"-{'train' * way}") for case, way in IN_BOTH_WAYS]
)


def make(case: Case, **more: Any) -> Any:
    """A built layer with the case's weights."""
    layer = case.make(layers, **more)
    layer(jax.tree_util.tree_map(lambda a: KerasTensor(a.shape, str(a.dtype)), case.inputs()))
    set_weights(layer, case)
    return layer


def set_weights(layer: Any, case: Case) -> None:
    values = case.weights([v.shape for v in layer.weights])
    pairs = zip(layer.weights, values, strict=True)
    layer.set_weights([value if v.dtype != "int32" else np.zeros(v.shape) for v, value in pairs])


def keywords(case: Case, layer: Any, training: bool | None = None) -> dict[str, Any]:
    found: dict[str, Any] = {"training": training} if case.training and training is not None else {}
    if case.mask and case.layer in TAKES_MASK:
        found["mask"] = case.masks()
    return found


def values_of(layer: Any) -> tuple[list[Any], list[Any]]:
    return [v.stored for v in layer.trainable_variables], [v.stored for v in layer.non_trainable_variables]


def leaves(tree: Any) -> list[Any]:
    return jax.tree_util.tree_leaves(tree)


def test_every_layer_has_a_row() -> None:
    covered = {case.layer for case in [*ALL, *BESIDE]} | {"Layer", "InputLayer", "Wrapper", *CELLS, *HEADS}
    covered |= set(COLOUR_CASES)
    assert covered == set(layers.TABLE)


@by_case
def test_configuration_is_plain_and_makes_an_equal_layer(case: Case) -> None:
    layer = make(case)
    if case.code:
        with pytest.raises(ValueError, match="custom_objects"):
            type(layer).from_config(json.loads(json.dumps(layer.get_config())))
        return
    config = json.loads(json.dumps(layer.get_config()))
    twin = type(layer).from_config(config)
    assert json.loads(json.dumps(twin.get_config())) == config
    for given in (layers.serialize(layer), case.layer, {"class_name": case.layer, "config": config}):
        if isinstance(given, dict):
            assert json.loads(json.dumps(layers.deserialize(given).get_config())) == config
    twin(case.inputs())
    twin.set_weights(layer.get_weights())
    np.testing.assert_array_equal(twin(case.inputs()), layer(case.inputs()))


@by_case
def test_clone_has_the_same_function_and_weights_of_its_own(case: Case) -> None:
    layer = make(case)
    twin = models.clone.clone_layer(layer)
    assert (twin.name, twin.trainable, twin.dtype_policy) == (layer.name, layer.trainable, layer.dtype_policy)
    twin(case.inputs())
    twin.set_weights(layer.get_weights())
    np.testing.assert_array_equal(twin(case.inputs()), layer(case.inputs()))
    assert not {id(v) for v in twin.weights} & {id(v) for v in layer.weights}


@by_case
def test_shapes_are_known_before_there_are_values(case: Case) -> None:
    x = case.inputs()
    symbols = jax.tree_util.tree_map(lambda a: KerasTensor((None, *a.shape[1:]), str(a.dtype)), x)
    layer = case.make(layers)
    symbol, value = layer(symbols), layer(x)
    assert symbol.shape == (None, *value.shape[1:])
    assert symbol.dtype == str(value.dtype)
    shapes = jax.tree_util.tree_map(lambda a: (None, *a.shape[1:]), x)
    assert case.make(layers).compute_output_shape(shapes) == symbol.shape


@by_case
def test_building_draws_nothing_and_computes_nothing(case: Case) -> None:
    x = case.inputs()
    layer = case.make(layers)
    layer(jax.tree_util.tree_map(lambda a: KerasTensor((None, *a.shape[1:]), str(a.dtype)), x))
    assert layer.built and all(v.pending for v in layer.weights)


@by_case_and_way
def test_compiled_equals_eager(case: Case, training: bool) -> None:
    layer = make(case)
    more = keywords(case, layer, training)
    trainable, fixed = values_of(layer)

    def run(trainable: Any, fixed: Any, x: Any) -> Any:
        with scope.entered(Scope(key=jax.random.key(4))):
            return layer.stateless_call(trainable, fixed, x, **more)

    x = case.inputs()
    eager, compiled = run(trainable, fixed, x), jax.jit(run)(trainable, fixed, x)
    for a, b in zip(leaves(eager), leaves(compiled), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


@by_case
def test_a_row_alone_equals_the_row_in_its_batch(case: Case) -> None:
    layer = make(case)
    x, whole = case.inputs(), layer(case.inputs())
    for row in range(whole.shape[0]):
        alone = layer(jax.tree_util.tree_map(lambda a, row=row: a[row : row + 1], x))
        np.testing.assert_allclose(alone[0], whole[row], rtol=1e-5, atol=1e-6)


@pytest.mark.slow  # the fast tests replay Keras's gradients of the same cases
@by_case_and_way
def test_gradient_equals_finite_differences(case: Case, training: bool) -> None:
    if training and case.stopped:
        return  # finite differences see what the gradient leaves out; test_keras_numbers compares it
    with jax.enable_x64(True):
        layer = make(case, dtype="float64")
        more = keywords(case, layer, training)
        trainable, fixed = values_of(layer)
        x = case.inputs()
        point = [jnp.asarray(a, "float64") for a in [*trainable, *([] if case.classes else leaves(x))]]

        @jax.jit
        @jax.value_and_grad
        def objective(point: list[Any]) -> Any:
            given = x
            if not case.classes:
                given = jax.tree_util.tree_unflatten(jax.tree_util.tree_structure(x), point[len(trainable) :])
            with scope.entered(Scope(key=jax.random.key(4))):
                y, _ = layer.stateless_call(point[: len(trainable)], fixed, given, **more)
            return jnp.sum(y * probe(y.shape)).astype("float64")

        random = np.random.default_rng(2)
        direction = [jnp.asarray(random.normal(size=a.shape)) for a in point]
        slope = sum(float(jnp.sum(g * d)) for g, d in zip(objective(point)[1], direction, strict=True))
        step = 1e-6
        ahead, behind = (
            float(objective([a + s * d for a, d in zip(point, direction, strict=True)])[0]) for s in (step, -step)
        )
        assert slope == pytest.approx((ahead - behind) / (2 * step), rel=1e-5, abs=1e-6)


@by_case
def test_equal_keys_give_equal_results_and_other_keys_other_draws(case: Case) -> None:
    layer = make(case)
    trainable, fixed = values_of(layer)

    def run(seed: int) -> Any:
        with scope.entered(Scope(key=jax.random.key(seed))):
            return layer.stateless_call(trainable, fixed, case.inputs(), **keywords(case, layer, True))

    for a, b in zip(leaves(run(1)), leaves(run(1)), strict=True):
        np.testing.assert_array_equal(a, b)
    if case.draws:
        assert any(not np.array_equal(run(1)[0], run(seed)[0]) for seed in (2, 3, 4))


@by_case
@pytest.mark.parametrize("rows", [0, 1])
def test_a_batch_may_hold_no_row_or_one(case: Case, rows: int) -> None:
    layer = make(case)
    full = layer(case.inputs())
    y = layer(case.inputs(rows))
    assert y.shape == (rows, *full.shape[1:]) and y.dtype == full.dtype


@by_case
@pytest.mark.parametrize("policy", [pytest.param("mixed_bfloat16", marks=pytest.mark.slow), "mixed_float16"])
def test_policies_decide_where_halves_are_used(case: Case, policy: str) -> None:
    layer, exact = make(case, dtype=policy), make(case)
    half = policy.removeprefix("mixed_")
    more = keywords(case, layer, False)
    y = layer(case.inputs(), **more)
    whole_numbers_pass = case.classes and case.layer not in ("Embedding", "ReversibleEmbedding", "Rescaling")
    assert y.dtype == ("int32" if whole_numbers_pass else half)
    assert all(v.dtype in ("float32", "int32") for v in layer.weights)
    np.testing.assert_allclose(
        np.asarray(y, "float32"), exact(case.inputs(), **more), rtol=0.05, atol=0.05 * float(jnp.abs(y).max() + 1)
    )
    if case.training:
        assert layer(case.inputs(), **keywords(case, layer, True)).dtype == half
        assert all(v.stored.dtype == "float32" for v in layer.weights)


@by_case
def test_masks_travel_through_layers_that_support_them(case: Case) -> None:
    layer = make(case)
    x = case.inputs()
    with scope.entered(Scope()):
        given = jax.tree_util.tree_map(jnp.asarray, x)
        alike = len({one.shape[:2] for one in leaves(given)}) == 1 or case.layer == "Concatenate"
        for one in leaves(given) if alike else []:
            masking.attach(one, jnp.asarray(np.random.default_rng(0).random(one.shape[:2]) < 0.5))
        y = layer(given)
        found = masking.of(y)
    if case.layer == "Embedding":
        assert (found is not None) == bool(case.arguments.get("mask_zero"))
    elif layer.supports_masking and alike:
        assert found is not None and found.shape[0] == y.shape[0]
    elif y is not given:
        assert found is None


@by_case
def test_paths_do_not_depend_on_what_was_built_before(case: Case) -> None:
    first, second = make(case), make(case)
    assert list(tracking.variables_by_path(first)) == list(tracking.variables_by_path(second))
    assert first.name != second.name


@by_case
def test_frozen_layers_have_nothing_to_train(case: Case) -> None:
    layer = make(case)
    layer.trainable = False
    assert layer.trainable_variables == [] and len(layer.non_trainable_variables) == len(layer.weights)
    before = layer.get_weights()
    layer(case.inputs(), **keywords(case, layer, True))
    for a, b in zip(before, layer.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)

"""Every call in cases.py answers as Keras 3 on JAX did, in value, shape and type."""

import json
import pathlib
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ranvier import ops
from tests.activations.cases import CALLS
from tests.ops.cases import ARRAYS, CASES, NUMBERS, TYPED_BINARY, TYPED_UNARY, TYPES
from tests.ops.nn_cases import CASES as NN_CASES
from tests.ops.window_cases import CASES as WINDOW_CASES

FOLDER = pathlib.Path(__file__).parents[1] / "oracle"
RECORDED = np.load(FOLDER / "ops.npz")
KINDS = json.loads((FOLDER / "ops.json").read_text(encoding="utf-8"))["types"]


def filled(value: Any) -> Any:
    if isinstance(value, dict):
        return ARRAYS[value["array"]]
    return [filled(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("index", range(len(CASES)), ids=[f"{i}-{case[0]}" for i, case in enumerate(CASES)])
def test_value(index: int) -> None:
    name, arguments, keywords = CASES[index]
    keywords = {key: filled(value) for key, value in keywords.items()}
    result = getattr(ops, name)(*[filled(value) for value in arguments], **keywords)
    leaves = jax.tree_util.tree_leaves(result)
    assert leaves and f"{index}/{len(leaves)}" not in RECORDED
    for part, leaf in enumerate(leaves):
        expected, found = RECORDED[f"{index}/{part}"], np.asarray(leaf)
        assert found.shape == expected.shape and found.dtype == expected.dtype
        np.testing.assert_allclose(found, expected, rtol=2e-6, atol=1e-6)


def kind(function: Any, *arguments: Any) -> str:
    try:
        return str(jax.eval_shape(lambda *a: function(*a, *arguments[len(a) :]), *arguments[:1]).dtype)
    except (TypeError, ValueError):
        return "error"


def typed(dtype: str) -> Any:
    return jnp.ones((2, 2), dtype)


@pytest.mark.parametrize("name", TYPED_UNARY)
def test_type_of_one(name: str) -> None:
    # Where Keras raises (rsqrt of integers, softmax of booleans) Ranvier may compute in floatx.
    expected = {t: recorded for t, recorded in KINDS["unary"][name].items() if recorded != "error"}
    assert {t: kind(getattr(ops, name), typed(t)) for t in expected} == expected


@pytest.mark.parametrize("name", TYPED_BINARY)
def test_type_of_two(name: str) -> None:
    function = getattr(ops, name)
    found = {f"{s},{t}": kind(function, typed(s), typed(t)) for s in TYPES for t in TYPES}
    assert found == KINDS["binary"][name]


@pytest.mark.parametrize("name", TYPED_BINARY)
def test_type_with_a_python_number(name: str) -> None:
    function = getattr(ops, name)
    found = {f"{t},{label}": kind(function, typed(t), value) for t in TYPES for label, value in NUMBERS.items()}
    assert found == KINDS["number"][name]


# Tested by hand in the other files of this folder, or by the activations.
ELSEWHERE = (
    "associative_scan cond convert_to_numpy convert_to_tensor custom_gradient dtype explain fori_loop get_item "
    "is_tensor map ndim scan shape size stop_gradient switch to_device traceable vectorized_map while_loop floating "
    "operand linalg nn numpy empty empty_like hard_swish swish sparsemax jvp vectorize"
)


def test_every_function_has_a_case() -> None:
    recorded = {name for name, *_ in [*CASES, *NN_CASES, *WINDOW_CASES, *CALLS]}
    # `ops.image` is a namespace with cases of its own.
    assert set(ops.__all__) - recorded - set(ELSEWHERE.split()) == {"image"}

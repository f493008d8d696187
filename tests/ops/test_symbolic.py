"""The functions on symbolic tensors: shapes, operators on both sides, nothing computed."""

from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from ranvier import ops
from ranvier.state.symbolic import KerasTensor
from ranvier.state.variable import Variable

X = KerasTensor((None, 4))


@pytest.mark.parametrize(
    ("make", "shape"),
    [
        (lambda: X + 1, (None, 4)),
        (lambda: 1 - X, (None, 4)),
        (lambda: 2 / X, (None, 4)),
        (lambda: X**2, (None, 4)),
        (lambda: 2**X, (None, 4)),
        (lambda: X // 2, (None, 4)),
        (lambda: X % 2, (None, 4)),
        (lambda: -abs(X), (None, 4)),
        (lambda: round(X), (None, 4)),
        (lambda: X @ np.ones((4, 2), "float32"), (None, 2)),
        (lambda: np.ones((3, 4), "float32") @ ops.transpose(X), (3, None)),
        (lambda: np.ones(4, "float32") + X, (None, 4)),
        (lambda: jnp.ones(4) * X, (None, 4)),
        (lambda: Variable(np.ones(4, "float32")) * X, (None, 4)),
        (lambda: X * Variable(np.ones(4, "float32")), (None, 4)),
        (lambda: X[:, 1:], (None, 3)),
        (lambda: X[:, 0], (None,)),
        (lambda: X[..., None], (None, 4, 1)),
        (lambda: ops.concatenate([X, X], axis=-1), (None, 8)),
        (lambda: ops.mean(X, axis=0), (4,)),
        (lambda: ops.reshape(X, (-1, 2, 2)), (None, 2, 2)),
        (lambda: ops.expand_dims(X, 1), (None, 1, 4)),
        (lambda: ops.stack([X, X], axis=1), (None, 2, 4)),
    ],
)
def test_shape(make: Any, shape: tuple[int | None, ...]) -> None:
    assert make().shape == shape


@pytest.mark.parametrize(
    "make", [lambda: X > 0, lambda: X <= 1, lambda: X != 2, lambda: ~(X > 0), lambda: (X > 0) & (X < 1)]
)
def test_comparisons_are_boolean(make: Any) -> None:
    assert make().dtype == "bool" and make().shape == (None, 4)


def test_several_results() -> None:
    values, places = ops.top_k(X, 2)
    assert values.shape == (None, 2) and places.dtype == "int32"
    assert [part.shape for part in ops.split(X, 2, axis=1)] == [(None, 2), (None, 2)]


def test_types_follow_the_rules() -> None:
    whole = KerasTensor((None, 4), "int32")
    assert (whole + X).dtype == "float32" and (whole + 1).dtype == "int32" and (whole / 2).dtype == "float32"


def test_calls_are_recorded() -> None:
    y = ops.relu(X * 2)
    assert y.history is not None and y.history.operation.name.startswith("relu")
    assert y.history.node.inputs[0].history.operation.name.startswith("multiply")


def test_a_tensor_can_be_a_key() -> None:
    assert {X: 1}[X] == 1

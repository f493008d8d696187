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
        (lambda: ops.nanmedian(X, axis=1, keepdims=True), (None, 1)),
        (lambda: ops.nancumsum(X, axis=0), (None, 4)),
        (lambda: ops.hsplit(X, 2)[1], (None, 2)),
        (lambda: ops.dstack([X, X]), (None, 4, 2)),
        (lambda: ops.fft((X, X))[0], (None, 4)),
        (lambda: ops.rfft(X, fft_length=6)[1], (None, 4)),
        (lambda: ops.irfft((X, X)), (None, 6)),
        (lambda: ops.stft(X, 2, 1, 2)[0], (None, 5, 2)),
        (lambda: ops.extract_sequences(X, 3, 1), (None, 2, 3)),
        (lambda: ops.rearrange(X, "b (c d) -> b d c", d=2), (None, 2, 2)),
        (lambda: ops.space_to_depth(KerasTensor((None, 4, 6, 3)), 2), (None, 2, 3, 12)),
        (lambda: ops.unfold(KerasTensor((None, 3, 4, 4)), 2), (None, 12, 9)),
        (lambda: ops.fold(KerasTensor((None, 12, 9)), 4, 2), (None, 3, 4, 4)),
        (lambda: ops.cdist(X, np.ones((5, 4), "float32")), (None, 5)),
        (lambda: ops.ldexp(X, 2), (None, 4)),
        (lambda: ops.diagflat(X), (None, None)),
        (lambda: ops.view(X, "int8"), (None, 16)),
        (lambda: ops.view_as_complex(X[:, :2]), (None,)),
        (lambda: ops.polar(X, X), (None, 4)),
        (lambda: ops.histogram(X[0], bins=3)[1], (4,)),
        (lambda: ops.vectorize(jnp.sin)(X), (None, 4)),
        (lambda: ops.ctc_decode(KerasTensor((None, 9, 3)), X[:, 0])[0], (1, None, 9)),
        (lambda: ops.ctc_loss(X, KerasTensor((None, 9, 3)), X[:, 0], X[:, 0]), (None,)),
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

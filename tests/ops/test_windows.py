"""Convolutions and pools: Keras's values and gradients, XLA's own convolution, ties, memory, refusals."""

from __future__ import annotations

import pathlib
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ranvier import ops
from ranvier._errors import InvalidArgument
from ranvier.kernels import choose, convolution
from ranvier.state.symbolic import KerasTensor
from ranvier.state.variable import Variable
from tests.ops.window_cases import CASES, arrays, probe

RECORDED = np.load(pathlib.Path(__file__).parents[1] / "oracle" / "windows.npz")
IDS = [f"{i}-{name}" for i, (name, _, _) in enumerate(CASES)]


def answer(name: str, given: list[np.ndarray], keywords: dict[str, Any]) -> dict[str, Any]:
    def objective(*values: Any) -> Any:
        y = getattr(ops, name)(*values, **keywords)
        return (y * probe(y.shape)).sum(), y

    gradients, y = jax.jit(jax.grad(objective, tuple(range(len(given))), has_aux=True))(*given)
    return {"output": y} | {f"gradient/{i}": g for i, g in enumerate(gradients)}


@pytest.mark.parametrize("index", range(len(CASES)), ids=IDS)
def test_as_keras(index: int) -> None:
    name, shapes, keywords = CASES[index]
    found = answer(name, arrays(name, shapes), keywords)
    assert {f"{index}/{key}" for key in found} == {key for key in RECORDED.files if key.startswith(f"{index}/")}
    for key, value in found.items():
        expected = RECORDED[f"{index}/{key}"]
        assert value.shape == expected.shape and value.dtype == expected.dtype
        np.testing.assert_allclose(value, expected, rtol=2e-5, atol=5e-6, err_msg=key)


CONVOLVING = [index for index, case in enumerate(CASES) if "conv" in case[0]]


@pytest.mark.parametrize("index", CONVOLVING[::4] + CONVOLVING[-6:], ids=lambda index: IDS[index])
def test_patches_and_the_convolution_of_xla_agree(index: int, monkeypatch: pytest.MonkeyPatch) -> None:
    name, shapes, keywords = CASES[index]
    given = arrays(name, shapes)
    monkeypatch.setattr(choose, "why_reference", lambda *_: "the test compares references")
    by_patches = answer(name, given, keywords)
    monkeypatch.setattr(convolution, "by_patches", lambda: False)
    for key, value in answer(name, given, keywords).items():
        np.testing.assert_allclose(value, by_patches[key], rtol=2e-5, atol=5e-6, err_msg=key)


@pytest.mark.parametrize("rows", [1, 2, 4])
def test_patches_that_would_need_much_memory_are_made_row_by_row(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    given = [*arrays("conv", [(5, 4, 4, 2), (3, 3, 2, 3)])]
    monkeypatch.setattr(choose, "why_reference", lambda *_: "the test is about the reference")
    whole = answer("conv", given, {})
    monkeypatch.setattr(convolution, "_PATCH_BYTES", rows * 2 * 2 * 9 * 2 * 4)
    jaxpr = str(jax.make_jaxpr(lambda x: ops.conv(x, given[1]))(given[0]))
    assert "scan" in jaxpr
    for key, value in answer("conv", given, {}).items():
        np.testing.assert_allclose(value, whole[key], rtol=1e-6, atol=1e-6, err_msg=key)


def test_a_gradient_of_a_gradient_and_many_kernels_at_once() -> None:
    x, w = (jnp.asarray(a) for a in arrays("conv", [(1, 4, 2), (2, 2, 3)]))
    slope = jax.grad(lambda w: jnp.sum(jax.grad(lambda x: jnp.sum(jnp.sin(ops.conv(x, w))))(x) ** 2))
    step = 1e-3 * jnp.ones_like(w)
    energy = lambda w: float(jnp.sum(jax.grad(lambda x: jnp.sum(jnp.sin(ops.conv(x, w))))(x) ** 2))  # noqa: E731
    assert float(jnp.sum(slope(w) * 2 * step)) == pytest.approx(energy(w + step) - energy(w - step), rel=2e-2)
    many = jax.vmap(lambda w: ops.conv(x, w))(jnp.stack([w, 2 * w]))
    np.testing.assert_allclose(many[1], 2 * many[0], rtol=1e-6)


def test_of_equal_values_the_first_has_the_gradient() -> None:
    pull = jax.grad(lambda x: jnp.sum(ops.max_pool(x, 2)))
    assert pull(jnp.ones((1, 4, 4, 1)))[0, :, :, 0].tolist() == [[1, 0, 1, 0], [0] * 4, [1, 0, 1, 0], [0] * 4]


def test_what_is_not_a_number_is_not_lost_and_nothing_padded_wins() -> None:
    x = jnp.array([1.0, jnp.nan, 2.0, -3.0, -4.0]).reshape(1, 5, 1)
    assert np.isnan(ops.max_pool(x, 2)[0, 0, 0])
    assert np.isnan(ops.max_pool(x[:, ::-1], 2, padding="same")[0, 1, 0])
    assert ops.max_pool(x, 2, padding="same")[0, 1:, 0].tolist() == [2.0, -4.0]
    assert ops.max_pool(jnp.array([[[-5], [-7]]]), 2, padding="same").tolist() == [[[-5]]]


def test_whole_numbers_symbols_and_variables() -> None:
    kernel = Variable(np.ones((2, 1, 1), "float32"))
    assert ops.conv(np.array([[[1], [2]]]), kernel).tolist() == [[[3.0]]]
    symbol = KerasTensor((None, 8, 3))
    assert ops.conv(symbol, jnp.ones((3, 3, 2)), strides=2).shape == (None, 3, 2)
    assert ops.max_pool(symbol, 2).shape == ops.adaptive_max_pool(symbol, 4).shape == (None, 4, 3)
    assert ops.average_pool(np.array([[[1], [2]]]), 2).tolist() == [[[1.5]]]
    half = ops.conv(jnp.ones((1, 2, 1), "bfloat16"), jnp.ones((2, 1, 1), "bfloat16"))
    assert half.dtype == jnp.bfloat16


X = np.ones((2, 5, 5, 4), "float32")
W = np.ones((3, 3, 4, 2), "float32")
REFUSED = [
    (lambda: ops.conv(X[0], W), "window-rank"),
    (lambda: ops.conv(X[0, 0], W), "window-rank"),
    (lambda: ops.max_pool(X[0, 0], 2), "window-rank"),
    (lambda: ops.conv(X, W[:, :, :3]), "conv-channels"),
    (lambda: ops.conv(X, W[:, :, :2, :1]), "conv-channels"),
    (lambda: ops.depthwise_conv(X, W[:, :, :2]), "conv-channels"),
    (lambda: ops.conv_transpose(X, W), "conv-channels"),
    (lambda: ops.separable_conv(X, W, W[:1, :1]), "conv-channels"),
    (lambda: ops.conv(X[:, :2], W), "window-size"),
    (lambda: ops.conv(X, W, dilation_rate=3), "window-size"),
    (lambda: ops.conv(X[:, :0], W, padding="same"), "window-size"),
    (lambda: ops.conv_transpose(X[:, :0], W.swapaxes(2, 3)), "window-size"),
    (lambda: ops.max_pool(X, 6), "window-size"),
    (lambda: ops.adaptive_max_pool(X[:, :0], 1), "window-size"),
    (lambda: ops.conv(X, W, padding="full"), "window-padding"),
    (lambda: ops.max_pool(X, 2, padding="causal"), "window-padding"),
    (lambda: ops.conv_transpose(X, W.swapaxes(2, 3), padding=1), "window-padding"),
    (lambda: ops.conv(X, W, strides=0), "window-argument"),
    (lambda: ops.conv(X, W, strides=(1, 1, 1)), "window-argument"),
    (lambda: ops.conv(X, W, dilation_rate=1.5), "window-argument"),
    (lambda: ops.max_pool(X, True), "window-argument"),
    (lambda: ops.adaptive_average_pool(X, (2, 0)), "window-argument"),
    (lambda: ops.conv_transpose(X, W.swapaxes(2, 3), output_padding=-1), "window-argument"),
    (lambda: ops.average_pool(X, 2, data_format="NHWC"), "data-format"),
]


@pytest.mark.parametrize(("call", "code"), REFUSED, ids=[f"{i}-{code}" for i, (_, code) in enumerate(REFUSED)])
def test_refusals(call: Any, code: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        call()
    assert caught.value.code == code and caught.value.place and caught.value.received != ""

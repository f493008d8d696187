"""Attention: what is refused, half types, values of another depth, PyTorch's numbers."""

from __future__ import annotations

import pathlib

import jax.numpy as jnp
import numpy as np
import pytest

from ranvier import ops
from ranvier._errors import InvalidArgument
from ranvier.layers import Input
from ranvier.state.variable import Variable
from tests.layers.attention_cases import grouped

RECORDED = np.load(pathlib.Path(__file__).parents[1] / "oracle" / "attention.npz")


def heads(*sizes: int) -> np.ndarray:
    return np.random.default_rng(sum(sizes)).normal(size=sizes).astype("float32")


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_halves_are_weighed_in_single(dtype: str) -> None:
    q, k, v = heads(2, 3, 4, 5) * 30, heads(2, 6, 2, 5), heads(2, 6, 2, 5)
    found = ops.dot_product_attention(*(jnp.asarray(x, dtype) for x in (q, k, v)), is_causal=True)
    exact = ops.dot_product_attention(*(jnp.asarray(x, dtype).astype("float32") for x in (q, k, v)), is_causal=True)
    assert found.dtype == dtype
    np.testing.assert_allclose(np.asarray(found, "float32"), exact, atol=0.03)


def test_values_may_have_another_depth_and_a_batch_no_row() -> None:
    q, k, v = heads(2, 3, 4, 5), heads(2, 6, 2, 5), heads(2, 6, 2, 7)
    found = ops.dot_product_attention(Variable(q), k, v, flash_attention=True)
    assert found.shape == (2, 3, 4, 7)
    np.testing.assert_allclose(found[..., :5], ops.dot_product_attention(q, k, v[..., :5]), rtol=1e-5, atol=1e-6)
    assert ops.dot_product_attention(q[:0], k[:0], v[:0]).shape == (0, 3, 4, 7)
    symbols = [Input(x.shape[1:]) for x in (q, k, v)]
    assert ops.nn.dot_product_attention(*symbols).shape == (None, 3, 4, 7)


@pytest.mark.parametrize(
    ("shapes", "more", "words"),
    [
        (((3, 4, 5), (6, 2, 5), (6, 2, 5)), {}, "(3, 4, 5)"),
        (((2, 3, 3, 5), (2, 6, 2, 5), (2, 6, 2, 5)), {}, "the key heads divide"),
        (((2, 3, 4, 5), (2, 6, 2, 4), (2, 6, 2, 5)), {}, "(2, 6, 2, 4)"),
        (((2, 3, 4, 5), (2, 6, 2, 5), (2, 5, 2, 5)), {}, "(2, 5, 2, 5)"),
        (((2, 3, 4, 5), (2, 6, 2, 5), (2, 6, 2, 5)), {"mask": np.ones((2, 4, 6, 3), bool)}, "mask="),
        (((2, 3, 4, 5), (2, 6, 2, 5), (2, 6, 2, 5)), {"bias": np.ones((2, 3, 6))}, "bias="),
        (((2, 3, 4, 5), (2, 6, 2, 5), (2, 6, 2, 5)), {"attn_logits_soft_cap": 30.0}, "30.0"),
    ],
)
def test_what_does_not_fit_is_refused(shapes, more, words) -> None:
    with pytest.raises(InvalidArgument) as error:
        ops.dot_product_attention(*(heads(*shape) for shape in shapes), **more)
    assert words in str(error.value) and "expected:" in str(error.value)


@pytest.mark.parametrize("causal", [False, True])
def test_as_pytorch(causal: bool) -> None:
    found = ops.dot_product_attention(*grouped(), is_causal=causal)
    np.testing.assert_allclose(found, RECORDED[f"pytorch/grouped/{causal}"], rtol=1e-5, atol=1e-6)

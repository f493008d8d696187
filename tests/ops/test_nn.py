"""Cross-entropies and normalizations: Keras's values and gradients, refusals, laws."""

import pathlib
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ranvier import ops
from ranvier._errors import InvalidArgument, Unsupported, WrongType
from tests.ops.nn_cases import CASES

RECORDED = np.load(pathlib.Path(__file__).parents[1] / "oracle" / "ops_nn.npz")


@pytest.mark.parametrize("index", range(len(CASES)), ids=[f"{i}-{case[0]}" for i, case in enumerate(CASES)])
def test_as_keras(index: int) -> None:
    name, arguments, keywords, position = CASES[index]
    function = getattr(ops, name)

    def answer(x: Any) -> tuple[Any, list[Any]]:
        filled = [x if i == position else argument for i, argument in enumerate(arguments)]
        leaves = jax.tree_util.tree_leaves(function(*filled, **keywords))
        return sum((leaf**2).sum() for leaf in leaves), leaves

    x = jnp.asarray(arguments[max(position, 0)])
    gradient, leaves = jax.jit(jax.grad(answer, has_aux=True))(x) if position >= 0 else (None, answer(x)[1])
    for part, leaf in enumerate(leaves):
        expected = RECORDED[f"{index}/{part}"]
        assert leaf.dtype == expected.dtype and leaf.shape == expected.shape
        np.testing.assert_allclose(leaf, expected, rtol=2e-5, atol=2e-6)
    if gradient is not None:
        expected = RECORDED[f"{index}/gradient"]
        np.testing.assert_allclose(gradient, expected, rtol=2e-4, atol=1e-5 * max(1, np.nanmax(abs(expected))))


def test_cross_entropies_never_broadcast() -> None:
    with pytest.raises(InvalidArgument, match="different shapes"):
        ops.binary_crossentropy(jnp.ones((3,)), jnp.ones((3, 1)))
    with pytest.raises(InvalidArgument, match="different shapes"):
        ops.categorical_crossentropy(jnp.ones((3,)), jnp.ones((3, 2)))
    with pytest.raises(InvalidArgument, match="one-hot"):
        ops.sparse_categorical_crossentropy(jnp.ones((3, 2)), jnp.ones((3, 2)))


def test_probabilities_are_clipped_to_epsilon() -> None:
    assert float(ops.binary_crossentropy(1.0, 0.0)) == pytest.approx(-np.log(1e-7), rel=1e-6)
    assert float(ops.categorical_crossentropy([1.0, 0.0], [0.0, 1.0])) == pytest.approx(-np.log(1e-7), rel=1e-6)


def test_half_precision_is_normalized_in_single() -> None:
    x = jnp.array([[300.0, 400.0, 500.0]], "float16")
    assert ops.layer_normalization(x).dtype == jnp.float16
    np.testing.assert_allclose(ops.layer_normalization(x), [[-1.2247, 0, 1.2247]], atol=2e-3)
    mean, variance = ops.moments(x * 100, axes=1)
    assert mean.dtype == jnp.float16 and float(variance[0]) == 65504.0


@pytest.mark.parametrize("normalized", [ops.layer_normalization, lambda x: batch_normalized(x.T).T])
def test_digits_far_from_zero_are_kept(normalized: Any) -> None:
    x = (1000 + np.random.default_rng(0).normal(scale=0.1, size=(3, 8))).astype("float32")
    wide = x.astype("float64")
    expected = (wide - wide.mean(1, keepdims=True)) / np.sqrt(wide.var(1, keepdims=True) + 1e-7)
    np.testing.assert_allclose(normalized(x), expected, atol=2e-3)


def batch_normalized(x: Any) -> Any:
    return ops.batch_normalization(x, *ops.moments(x, axes=0), axis=-1, epsilon=1e-7)


def test_normalize_has_a_finite_gradient_at_zero() -> None:
    gradient = jax.grad(lambda x: ops.normalize(x).sum())(jnp.zeros(3))
    assert np.isfinite(gradient).all()


def test_refusals() -> None:
    with pytest.raises(InvalidArgument, match="order"):
        ops.normalize(jnp.ones(3), order=0)
    with pytest.raises(Unsupported):
        ops.moments(jnp.ones(3), axes=0, synchronized=True)
    with pytest.raises(WrongType):
        ops.one_hot([1], 3, sparse=True)

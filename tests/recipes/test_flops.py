"""Operations of products and convolutions, counted from a traced program."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import pytest
from jax import lax

from ranvier import layers
from ranvier.kernels.kernel import Kernel, Native
from ranvier.recipes.flops import flops

A, B = jnp.ones((2, 3)), jnp.ones((3, 5))


def test_products_forward_and_backward() -> None:
    assert flops(jnp.matmul, A, B) == 2 * 2 * 3 * 5
    assert flops(jax.grad(lambda b: jnp.sum(jnp.square(A @ b))), B) == 2 * (2 * 2 * 3 * 5)
    assert flops(lambda a: jnp.einsum("bij,bjk->bik", a, a), jnp.ones((7, 4, 4))) == 7 * 2 * 4 * 4 * 4
    assert flops(jnp.tanh, A) == 0


@pytest.mark.parametrize("groups", [1, 2])
def test_convolutions(groups: int) -> None:
    def convolve(x: jax.Array, w: jax.Array) -> jax.Array:
        return lax.conv_general_dilated(
            x, w, (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC"), feature_group_count=groups
        )

    x, w = jnp.ones((2, 6, 6, 4)), jnp.ones((3, 3, 4 // groups, 8))
    forward = 2 * (2 * 4 * 4 * 8) * (9 * 4 // groups)
    assert flops(convolve, x, w) == forward

    def spread(x: jax.Array, w: jax.Array) -> jax.Array:
        return lax.conv_general_dilated(
            x, w, (1, 1), ((0, 0), (0, 0)), lhs_dilation=(2, 2), dimension_numbers=("NHWC", "HWIO", "NHWC")
        )

    assert flops(spread, jnp.ones((1, 4, 4, 1)), jnp.ones((2, 2, 1, 1))) == 2 * (6 * 6) * 4 // 4


def test_loops_branches_and_calls() -> None:
    def repeated(a: jax.Array) -> jax.Array:
        return lax.scan(lambda carry, _: (jax.jit(jnp.matmul)(carry, carry), None), a, length=5)[0]

    square = jnp.ones((3, 3))
    assert flops(repeated, square) == 5 * 2 * 27
    assert flops(lambda a: lax.cond(a[0, 0] > 0, lambda x: x @ x, lambda x: x, a), square) == 2 * 27
    assert flops(lambda a: jax.checkpoint(jnp.matmul)(a, a), square) == 2 * 27


def test_kernels_count_as_their_references() -> None:
    def reference(a: jax.Array, b: jax.Array, *, static: None, saving: bool) -> tuple[jax.Array, ...]:
        return (a @ b,)

    kernel = Kernel("counted_product", 1, reference, Native(lambda *_, static: "", reference, reference))
    assert flops(lambda a, b: kernel(a, b, static=None)[0], A, B) == 60


def test_a_layer() -> None:
    dense = layers.Dense(5)
    dense.build((None, 3))
    assert flops(lambda x: dense(x), jax.ShapeDtypeStruct((2, 3), jnp.float32)) == 60

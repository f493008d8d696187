"""What every kernel must pass: its own reference's numbers in float64, under JAX's transformations too."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import tree_util

from ranvier.kernels import native
from ranvier.kernels.kernel import Kernel

needs_library = pytest.mark.skipif(native.library() is None, reason=native.why_not() or "the library is loaded")


def check(kernel: Kernel, operands: Sequence[Any], static: Any, *, tolerance: float = 2e-5) -> None:
    """Compare outputs and gradients with the reference in float64.

    Args:
        kernel: which.
        operands: NumPy arrays, float32 where they count.
        static: the kernel's other arguments.
        tolerance: largest error, in units of the largest number of each array (at least 1).
    """
    operands = [np.asarray(operand) for operand in operands]
    assert kernel.why_reference(*operands, static=static) == "", "these operands do not go by native code"
    floats = [i for i, operand in enumerate(operands) if operand.dtype == np.float32]
    outputs = jax.jit(functools.partial(kernel, static=static))(*operands)
    assert_near(outputs, _in_double(lambda *x: kernel.reference(*x, static=static, saving=False), operands), tolerance)
    weights = [np.cos(np.arange(y.size, dtype=np.float32)).reshape(y.shape) for y in outputs]
    # Together, and two of them alone: what nobody wants must neither be made nor be needed.
    for wanted in {tuple(floats), (floats[0],), (floats[-1],)}:
        found = jax.jit(jax.grad(_loss(kernel, static, weights), wanted))(*operands)
        expected = _in_double(jax.grad(_loss(kernel.reference, static, weights, saving=False), wanted), operands)
        assert_near(found, expected, tolerance, f"gradients of operands {wanted}")


def check_transformations(kernel: Kernel, operands: Sequence[Any], static: Any, *, tolerance: float = 1e-4) -> None:
    """Forward mode, gradients of gradients, batching, recomputation and nested compilation are the reference's."""
    operands = [jnp.asarray(operand) for operand in operands]
    first = next(i for i, operand in enumerate(operands) if operand.dtype == jnp.float32)
    weights = [
        jnp.cos(jnp.arange(y.size, dtype=jnp.float32)).reshape(y.shape) for y in kernel(*operands, static=static)
    ]

    def both(transformed: Any) -> None:
        ours = transformed(_loss(kernel, static, weights))
        theirs = transformed(_loss(kernel.reference, static, weights, saving=False))
        assert_near(ours(*operands), theirs(*operands), tolerance)

    def forward_mode(f: Any) -> Any:
        moves = [jnp.ones_like(o) if o.dtype == jnp.float32 else np.zeros(o.shape, jax.dtypes.float0) for o in operands]
        return lambda *x: jax.jvp(f, x, tuple(moves))[1]

    def twice(f: Any) -> Any:
        return jax.jit(jax.grad(lambda *x: jnp.sum(jnp.square(jax.grad(f, first)(*x))), first))

    def batched(f: Any) -> Any:
        axes = [0 if i == first else None for i in range(len(operands))]
        many = jax.vmap(jax.grad(f, first), axes)
        return lambda *x: many(*(jnp.stack([v, 2 * v]) if i == first else v for i, v in enumerate(x)))

    both(forward_mode)
    both(lambda f: jax.jacfwd(f, first))
    both(twice)
    both(batched)
    both(lambda f: jax.grad(jax.checkpoint(f), first))
    both(lambda f: jax.jit(jax.grad(jax.jit(jax.jit(f)), first)))


def check_not_a_number(kernel: Kernel, operands: Sequence[Any], static: Any) -> None:
    """One NaN, and one infinity, in each operand come out where the reference lets them out."""
    for place, operand in enumerate(operands):
        for odd in (np.nan, np.inf, -np.inf):
            if np.asarray(operand).dtype != np.float32 or not np.asarray(operand).size:
                continue
            given = [np.array(x) for x in operands]
            given[place].reshape(-1)[given[place].size // 2] = odd
            ours = jax.jit(functools.partial(kernel, static=static))(*given)
            theirs = kernel.reference(*map(jnp.asarray, given), static=static, saving=False)
            for one, other in zip(ours, theirs, strict=True):
                np.testing.assert_array_equal(np.isnan(one), np.isnan(other), f"operand {place}, {odd}")
                np.testing.assert_array_equal(np.isinf(one), np.isinf(other), f"operand {place}, {odd}")


def assert_near(found: Any, expected: Any, tolerance: float, what: str = "outputs") -> None:
    for one, other in zip(tree_util.tree_leaves(found), tree_util.tree_leaves(expected), strict=True):
        other = np.asarray(other)
        scale = max(1.0, float(np.max(np.abs(other), initial=0.0)))
        np.testing.assert_allclose(np.asarray(one), other, rtol=0, atol=tolerance * scale, err_msg=what)


def _loss(function: Any, static: Any, weights: Sequence[Any], **how: Any) -> Any:
    """Return a number that hangs on all outputs in a way that no symmetry hides."""

    def loss(*operands: Any) -> Any:
        outputs = function(*operands, static=static, **how)
        return sum(jnp.sum(w * y + 0.1 * y * y) for w, y in zip(weights, outputs, strict=True))

    return loss


def _in_double(function: Any, operands: Sequence[Any]) -> Any:
    with jax.enable_x64(True):
        wide = [jnp.asarray(o, np.float64) if o.dtype == np.float32 else jnp.asarray(o) for o in operands]
        return tree_util.tree_map(np.asarray, jax.jit(function)(*wide))

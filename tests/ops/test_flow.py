"""Control flow: results, gradients, Variables and random draws inside the bodies."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ranvier import GradientTape, ops, random
from ranvier.state import scope
from ranvier.state.scope import Scope
from ranvier.state.variable import Variable


def test_cond() -> None:
    assert float(ops.cond(True, lambda: 1.0, lambda: 2.0)) == 1.0
    assert float(jax.jit(lambda x: ops.cond(x > 0, lambda: x, lambda: -x))(-3.0)) == 3.0


@pytest.mark.parametrize(("index", "expected"), [(-4, 1.0), (0, 1.0), (1, 10.0), (2, 100.0), (9, 100.0)])
def test_switch_clamps_its_index(index: int, expected: float) -> None:
    branches = [lambda x: x, lambda x: 10 * x, lambda x: 100 * x]
    assert float(ops.switch(index, branches, jnp.float32(1.0))) == expected
    assert float(jax.jit(lambda i: ops.switch(i, branches, 1.0))(index)) == expected


def test_scan_counts_and_stacks() -> None:
    total, running = ops.scan(lambda c, x: (c + x, c), 0, np.array([1, 2, 3]))
    assert int(total) == 6 and running.tolist() == [0, 1, 3]
    total, _ = ops.scan(lambda c, _: (c + 1, None), 0, length=5)
    assert int(total) == 5


def test_while_loop_takes_one_value_or_several_and_a_limit() -> None:
    assert int(ops.while_loop(lambda i: i < 10, lambda i: i + 3, 0)) == 12
    i, total = ops.while_loop(lambda i, _: i < 5, lambda i, t: (i + 1, t + i), (0, 0))
    assert (int(i), int(total)) == (5, 10)
    assert int(ops.while_loop(lambda _: True, lambda i: i + 1, 0, maximum_iterations=7)) == 7


def test_fori_loop_differentiates_with_known_bounds() -> None:
    def power(x: Any) -> Any:
        return ops.fori_loop(0, 3, lambda _, value: value * x, 1.0)

    assert float(power(2.0)) == 8.0 and float(jax.grad(power)(2.0)) == 12.0
    assert float(jax.jit(lambda n: ops.fori_loop(0, n, lambda i, v: v + i, 0.0))(4)) == 6.0
    assert float(ops.fori_loop(3, 1, lambda i, v: v + 1, 0.0)) == 0.0


def test_map_and_vectorized_map_agree() -> None:
    x = np.arange(6.0, dtype="float32").reshape(3, 2)
    np.testing.assert_array_equal(ops.map(lambda r: r.sum(), x), [1, 5, 9])
    np.testing.assert_array_equal(ops.vectorized_map(lambda r: r.sum(), x), [1, 5, 9])


def test_associative_scan_and_custom_gradient() -> None:
    assert ops.associative_scan(lambda a, b: a * b, np.array([1, 2, 3])).tolist() == [1, 2, 6]

    @ops.custom_gradient
    def doubled(x: Any) -> Any:
        return 2 * x, lambda upstream: upstream * 100

    assert float(doubled(Variable(np.float32(3.0)))) == 6.0 and float(jax.grad(doubled)(3.0)) == 100.0
    variable = Variable(np.float32(3.0))
    with GradientTape() as tape:
        y = doubled(variable) * 3
    assert float(tape.gradient(y, variable)) == 300.0


def test_bodies_may_assign_variables_and_draw() -> None:
    counter = Variable(np.float32(0.0))

    def step(start: Any, key: Any) -> Any:
        with scope.entered(Scope(values={id(counter): start}, key=key)) as running:

            def body(carry: Any, _: Any) -> Any:
                counter.assign_add(1.0)
                return carry, random.uniform(())

            _, draws = ops.scan(body, 0, length=4)
            ops.cond(True, lambda: counter.assign_add(10.0), lambda: counter.assign_add(0.0))
            return running.values[id(counter)], draws

    value, draws = jax.jit(step)(jnp.float32(0.0), jax.random.key(0))
    assert float(value) == 14.0 and len(set(draws.tolist())) == 4

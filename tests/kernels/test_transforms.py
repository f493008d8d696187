"""Layer normalization, for all kernels: JAX's transformations, and programs over several devices, give its numbers."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ranvier.kernels.layer_norm import KERNEL, layer_norm
from tests.kernels.checks import needs_library
from tests.kernels.processes import run

pytestmark = needs_library

OPERANDS = tuple(np.random.default_rng(0).normal(size=shape).astype("float32") for shape in ((3, 5), (5,), (5,)))


def ours(x: Any, gamma: Any, beta: Any) -> Any:
    return jnp.sin(layer_norm(x, gamma, beta, 1e-3))


def theirs(x: Any, gamma: Any, beta: Any) -> Any:
    return jnp.sin(KERNEL.reference(x, gamma, beta, static=1e-3, saving=False)[0])


TRANSFORMED = {
    "jacfwd": lambda f: jax.jacfwd(f, (0, 1, 2)),
    "scan": lambda f: jax.grad(lambda x, g, b: jnp.sum(jax.lax.scan(lambda c, _: (f(c, g, b), None), x, None, 3)[0])),
    "vmap of grad of vmap": lambda f: (
        lambda x, g, b: jax.vmap(
            jax.grad(lambda x, g, b: jnp.sum(jax.vmap(f, (None, 0, None))(x, jnp.stack([g, b]), b)), (0, 2)),
            (0, None, None),
        )(jnp.stack([x, 2 * x]), g, b)
    ),
}
SLOWLY = {"hessian": lambda f: jax.hessian(total(f), (0, 1)), "jacrev": lambda f: jax.jacrev(f, (0, 1, 2))}


def total(function: Any) -> Any:
    return lambda *operands: jnp.sum(function(*operands))


@pytest.mark.parametrize(
    "transformed",
    [pytest.param(f, id=name) for name, f in TRANSFORMED.items()]
    + [pytest.param(f, id=name, marks=pytest.mark.slow) for name, f in SLOWLY.items()],
)
def test_transformations_give_the_references_numbers(transformed: Any) -> None:
    for found, expected in zip(*(jax.tree.leaves(transformed(f)(*OPERANDS)) for f in (ours, theirs)), strict=True):
        np.testing.assert_allclose(found, expected, atol=2e-5)


MESH = """
from functools import partial
from jax.sharding import AxisType, NamedSharding, PartitionSpec as P
from ranvier.kernels.layer_norm import KERNEL

X, GAMMA, BETA = numbers(8, 21), numbers(21) + 2, numbers(21)

def ours(*operands):
    return jnp.sum(jnp.sin(layer_norm(*operands, 1e-3)))

def theirs(*operands):
    return jnp.sum(jnp.sin(KERNEL.reference(*operands, static=1e-3, saving=False)[0]))

gradients = partial(jax.value_and_grad, argnums=(0, 1, 2))
EXPECTED = jax.jit(gradients(theirs))(X, GAMMA, BETA)

def same(found):
    pairs = zip(jax.tree.leaves(found), jax.tree.leaves(EXPECTED), strict=True)
    return all(np.allclose(one, other, atol=1e-5) for one, other in pairs)

def native_in(function, *operands):
    return "ranvier_layer_norm" in jax.jit(function).lower(*operands).compile().as_text()

def parts(x, gamma, beta):
    return jax.lax.psum(ours(x, gamma, beta), "rows")

def parts_of_gradients(x, gamma, beta, summed):
    value, (dx, *shared) = gradients(ours)(x, gamma, beta)
    return jax.lax.psum(value, "rows"), (dx, *(shared if summed else jax.lax.psum(tuple(shared), "rows")))

SPLIT = (P("rows"), P(), P())
for kind in (AxisType.Auto, AxisType.Explicit):
    mesh = jax.make_mesh((2,), ("rows",), axis_types=(kind,))
    operands = tuple(jax.device_put(v, NamedSharding(mesh, s)) for v, s in zip((X, GAMMA, BETA), SPLIT))
    over = partial(jax.shard_map, mesh=mesh, in_specs=SPLIT)
    print(kind.name, "by the compiler", same(jax.jit(gradients(ours))(*operands)), native_in(ours, *operands))
    outside = gradients(over(parts, out_specs=P()))
    print(kind.name, "gradient of parts", same(jax.jit(outside)(*operands)), native_in(outside, *operands))
    for checked in (True, False):
        inside = over(partial(parts_of_gradients, summed=checked), out_specs=(P(), SPLIT), check_vma=checked)
        print(kind.name, "parts of gradients", same(jax.jit(inside)(*operands)), native_in(inside, *operands))
mesh = jax.make_mesh((1, 2), ("rows", "features"), axis_types=(AxisType.Auto,) * 2)
over = jax.shard_map(parts, mesh=mesh, in_specs=SPLIT, out_specs=P(), axis_names={"rows"})
rows = jax.device_put(X, NamedSharding(mesh, P(None, None)))
print("both", same(jax.jit(gradients(over))(rows, GAMMA, BETA)), native_in(over, rows, GAMMA, BETA))
"""


def test_programs_over_two_devices_give_the_same_numbers() -> None:
    printed = run(MESH, XLA_FLAGS="--xla_force_host_platform_device_count=2")
    # Native code is for whole arrays: not where the compiler divides them, on all or on some axes of the mesh.
    expected = {
        "by the compiler": "True False",
        "gradient of parts": "True True",
        "parts of gradients": "True True",
        "both": "True False",
    }
    for line in printed.splitlines():
        what = next(what for what in expected if what in line)
        assert line.endswith(expected[what]), printed
    assert len(printed.splitlines()) == 9

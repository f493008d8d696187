"""What holds for every kernel: no rows, odd numbers, views, devices, and the same bits with any number of threads."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import tree_util

from ranvier.kernels import catalog
from ranvier.kernels.recurrent import Way
from tests.kernels.checks import assert_near, needs_library
from tests.kernels.examples import EXAMPLES, Example, all_native, example
from tests.kernels.processes import run

pytestmark = needs_library
SMALLEST = np.finfo(np.float32).tiny
"""The smallest number that is not denormal."""


@pytest.fixture
def natively() -> Iterator[None]:
    with all_native():
        yield


def outputs_and_gradients(given: Example, function: Any, *, of: Any = jnp.sin) -> Any:
    """Return all outputs, and the gradients of a sum over them for all operands that have any."""

    def loss(*operands: Any) -> Any:
        outputs = function(*operands, static=given.static)
        return sum(jnp.sum(of(y)) for y in outputs), outputs

    (_, outputs), gradients = jax.value_and_grad(loss, given.floats, has_aux=True)(*given.operands)
    return outputs, gradients


def both(given: Example, **how: Any) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return what native code and the reference give out."""
    reference = functools.partial(given.kernel.reference, saving=False)
    ours, theirs = (
        jax.jit(lambda operands, f=f: outputs_and_gradients(given._replace(operands=operands), f, **how))
        for f in (given.kernel, reference)
    )
    return [[np.asarray(leaf) for leaf in tree_util.tree_leaves(f(given.operands))] for f in (ours, theirs)]


def test_every_kernel_has_an_example() -> None:
    assert set(EXAMPLES) == set(catalog.entries())


@pytest.mark.usefixtures("natively")
@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_go_by_native_code(name: str) -> None:
    given = example(name)
    text = jax.jit(functools.partial(given.kernel, static=given.static)).lower(*given.operands).as_text()
    assert "_forward_f32" in text or "conv_backward_f32" in text


@pytest.mark.parametrize("name", EXAMPLES)
def test_rows_of_nothing_go_by_the_reference(name: str) -> None:
    given = example(name)
    for nothing in (given.operands[0][..., :0], given.operands[0][:0]):
        assert given.kernel.why_reference(nothing, *given.operands[1:], static=given.static) != ""


@pytest.mark.slow
@pytest.mark.parametrize("name", EXAMPLES)
def test_no_rows_go_by_the_reference(name: str) -> None:
    given = example(name, rows=0)
    assert given.kernel.why_reference(*given.operands, static=given.static) != ""
    outputs, gradients = outputs_and_gradients(given, given.kernel)
    assert all(len(y) == 0 for y in outputs)
    for place, gradient in zip(given.floats, gradients, strict=True):
        assert gradient.shape == given.operands[place].shape and not np.any(gradient)


@pytest.mark.slow
@pytest.mark.usefixtures("natively")
@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", EXAMPLES)
def test_odd_numbers_reach_the_gradients_that_they_reach_by_the_reference(name: str, odd: float) -> None:
    given = example(name)
    if isinstance(given.static, Way):
        given = given._replace(operands=given.operands[:-1], static=given.static._replace(masked=False))
    for place, ours, theirs in with_odd_numbers(given, odd):
        for number, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            np.testing.assert_array_equal(np.isfinite(one), np.isfinite(other), f"operand {place}, result {number}")


@pytest.mark.slow
@pytest.mark.usefixtures("natively")
@pytest.mark.parametrize("name", [name for name in EXAMPLES if isinstance(EXAMPLES[name][1], Way)])
def test_odd_numbers_reach_no_more_gradients_through_masked_steps(name: str) -> None:
    # The reference multiplies them by the zeros of masked steps, where native code computes nothing.
    for place, ours, theirs in with_odd_numbers(example(name), np.nan):
        for one, other in zip(ours, theirs, strict=True):
            assert np.all(np.isfinite(one) | ~np.isfinite(other)), f"operand {place}"


def with_odd_numbers(given: Example, odd: float) -> Iterator[tuple[int, list[np.ndarray], list[np.ndarray]]]:
    """Yield what native code and the reference give out with one odd number in each operand in turn."""
    for place in given.floats:
        operands = [operand.copy() for operand in given.operands]
        operands[place].reshape(-1)[operands[place].size // 2] = odd
        yield place, *both(given._replace(operands=operands))


@pytest.mark.slow
@pytest.mark.usefixtures("natively")
@pytest.mark.parametrize("scale", [1e-39, 1e-20])
@pytest.mark.parametrize("name", EXAMPLES)
def test_denormals_are_what_they_are_by_the_reference(name: str, scale: float) -> None:
    # XLA takes denormals for zeros and makes none; small factors whose products would be denormal are the other case.
    given = example(name, rows=40)
    given = given._replace(operands=[scale * x if x.dtype == np.float32 else x for x in given.operands])
    for one, other in zip(*both(given), strict=True):
        small = np.abs(other) < SMALLEST
        np.testing.assert_array_equal(one[small], other[small])
        assert_near(one, other, 1e-4)


VIEWS = {
    "slices": lambda x: jnp.concatenate([jnp.zeros((1, *x.shape[1:]), x.dtype), x])[1:],
    "every second number": lambda x: jnp.repeat(x, 2, axis=-1)[..., ::2],
    "turned axes": lambda x: jnp.swapaxes(jnp.swapaxes(x, 0, -1) + jnp.zeros((), x.dtype), 0, -1),
    "turned around": lambda x: jnp.flip(jnp.flip(x, -1), -1),
}


@pytest.mark.slow
@pytest.mark.usefixtures("natively")
@pytest.mark.parametrize("name", EXAMPLES)
def test_operands_may_be_views_of_others(name: str) -> None:
    given = example(name)
    plain, _ = both(given)
    for view in VIEWS.values():

        def seen(*operands: Any, static: Any, view: Any = view) -> Any:
            return given.kernel(*(view(x) if x.dtype == jnp.float32 else x for x in operands), static=static)

        found = jax.jit(lambda operands, f=seen: outputs_and_gradients(given._replace(operands=operands), f))
        for one, other in zip(tree_util.tree_leaves(found(given.operands)), plain, strict=True):
            np.testing.assert_array_equal(one, other)


@pytest.mark.usefixtures("natively")
def test_arrays_of_the_caller_may_lie_anywhere() -> None:
    given = example("layer_norm", rows=5)
    rows = given.operands[0]
    memory = np.zeros(2 * rows.nbytes + 64, np.uint8)
    plain = given.kernel(*given.operands, static=given.static)[0]
    for offset in range(0, 17, 4):
        unaligned = memory[offset : offset + rows.nbytes].view(np.float32).reshape(rows.shape)
        unaligned[...] = rows
        strided = memory[offset : offset + 2 * rows.nbytes].view(np.float32).reshape(5, -1)[:, ::-2]
        for view in (unaligned, strided):
            view[...] = rows
            found = given.kernel(view, *given.operands[1:], static=given.static)[0]
            np.testing.assert_array_equal(found, plain)


@pytest.mark.slow
@pytest.mark.usefixtures("natively")
@pytest.mark.parametrize("name", EXAMPLES)
def test_more_numbers_than_32_bits_count_compile(name: str) -> None:
    # That native code counts in 64 bits is shown by native/tests/huge_test.cc.
    given = example(name)
    size = next(x.size // 2 for x, split in zip(given.operands, given.by_row, strict=True) if split)
    rows = 2**31 // size + 1
    shapes = [
        jax.ShapeDtypeStruct((rows, *x.shape[1:]) if split and len(x) == 2 else x.shape, x.dtype)
        for x, split in zip(given.operands, given.by_row, strict=True)
    ]
    program = jax.jit(lambda *operands: given.kernel(*operands, static=given.static)).lower(*shapes).compile()
    assert "ranvier_" in program.as_text() and f"[{rows}," in program.as_text()


DIGEST = """
import hashlib
from tests.kernels.examples import EXAMPLES, all_native, example
from tests.kernels.test_every import outputs_and_gradients

with all_native():
    for name in EXAMPLES:
        given, digest = example(name, rows=700), hashlib.sha256()
        f = jax.jit(lambda operands: outputs_and_gradients(given._replace(operands=operands), given.kernel))
        for scale in (np.float32(1), np.float32(1e-38)):  # denormals too
            for value in jax.tree.leaves(f([scale * x if x.dtype == np.float32 else x for x in given.operands])):
                digest.update(np.asarray(value).tobytes())
        print(name, digest.hexdigest())
"""


@pytest.mark.slow
def test_every_kernel_gives_the_same_bits_with_any_number_of_threads() -> None:
    alone = run(DIGEST, RANVIER_THREADS="1").split()
    assert len(alone) == 2 * len(EXAMPLES)
    for threads in ("2", "3", "8"):
        assert run(DIGEST, RANVIER_THREADS=threads).split() == alone


@pytest.mark.slow
@pytest.mark.usefixtures("natively")
def test_all_kernels_at_once_in_several_threads_compute_like_one_after_the_other() -> None:
    programs = []
    for name in EXAMPLES:
        given = example(name, rows=100)
        f = jax.jit(lambda operands, g=given: outputs_and_gradients(g._replace(operands=operands), g.kernel))
        programs.append(functools.partial(f.lower(given.operands).compile(), given.operands))

    def everything(_: int) -> list[np.ndarray]:
        return [np.asarray(leaf) for f in programs for leaf in tree_util.tree_leaves(f())]

    alone = everything(0)
    with ThreadPoolExecutor(4) as threads:
        for together in threads.map(everything, range(40)):
            for one, other in zip(alone, together, strict=True):
                np.testing.assert_array_equal(one, other)


MESH = """
from functools import partial
from jax.sharding import AxisType, PartitionSpec as P
from tests.kernels.examples import EXAMPLES, all_native, example

mesh = jax.make_mesh((2,), ("rows",), axis_types=(AxisType.Auto,))

def gradients(given, f):
    return jax.jit(jax.value_and_grad(lambda *operands: f(*operands), given.floats))

for name in EXAMPLES:
    given = example(name, rows=4)
    def loss(function, *operands):
        return sum(jnp.sum(jnp.sin(y)) for y in function(*operands, static=given.static))
    expected = gradients(given, partial(loss, partial(given.kernel.reference, saving=False)))(*given.operands)
    split = tuple(P("rows") if by_row else P() for by_row in given.by_row)
    parts = jax.shard_map(
        lambda *operands: jax.lax.psum(loss(given.kernel, *operands), "rows"), mesh=mesh, in_specs=split, out_specs=P()
    )
    with all_native():
        found = gradients(given, parts)(*given.operands)
        whole = jax.jit(parts).lower(*given.operands).compile().as_text()
    pairs = zip(jax.tree.leaves(found), jax.tree.leaves(expected), strict=True)
    close = [np.max(np.abs(one - other)) <= 1e-4 * max(1, np.max(np.abs(other))) for one, other in pairs]
    print(name, all(close), "ranvier_" in whole)
"""


@pytest.mark.slow
def test_every_kernel_computes_parts_on_two_devices() -> None:
    printed = run(MESH, XLA_FLAGS="--xla_force_host_platform_device_count=2")
    assert printed.splitlines() == [f"{name} True True" for name in EXAMPLES], printed

"""What holds for every optimizer: the rows of cases.py, and that no public class is without a row."""

import inspect
import json
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpy.testing import assert_allclose

from ranvier import optimizers
from ranvier.optimizers import OptaxOptimizer
from ranvier.state.variable import Variable
from tests.optimizers.cases import CASES, Case

every = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
SHAPES = {"dense/kernel": (3, 2), "dense/bias": (2,), "scale": ()}


def arrays(seed: int, dtype: str = "float32") -> dict[str, Any]:
    keys = jax.random.split(jax.random.key(seed), len(SHAPES))
    return {
        path: jax.random.normal(key, shape).astype(dtype)
        for key, (path, shape) in zip(keys, SHAPES.items(), strict=True)
    }


def trained(optimizer: Any, loss: Any, params: Any, steps: int) -> Any:
    def step(_: Any, carry: Any) -> Any:
        return optimizer.update(jax.grad(loss)(carry[0]), *carry)

    return jax.jit(lambda carry: jax.lax.fori_loop(0, steps, step, carry))((params, optimizer.init(params)))[0]


def test_every_public_optimizer_has_a_case() -> None:
    public = {
        name
        for name in optimizers.__all__
        if inspect.isclass(found := getattr(optimizers, name)) and issubclass(found, optimizers.Optimizer)
    }
    assert public - {"Optimizer"} <= {type(case.make()).__name__ for case in CASES}


@every
def test_a_parabola_is_minimised(case: Case) -> None:
    def loss(params: Any) -> Any:
        return sum(jnp.sum(jnp.square(w - 0.5)) for w in params.values())

    start = jax.tree.map(jnp.abs, arrays(0)) if case.relative else arrays(0)
    end = trained(case.make(max(case.rate, case.parabola)), loss, start, 1000)
    assert loss(end) < 1e-2 * loss(start)


@every
def test_the_valley_of_rosenbrock_leads_to_its_end(case: Case) -> None:
    def loss(params: Any) -> Any:
        x, y = params["x"], params["y"]
        return (1 - x) ** 2 + 100 * (y - x**2) ** 2

    x = 0.2 if case.relative else -1.2
    end = trained(case.make(case.rate), loss, {"x": jnp.array(x), "y": jnp.array(1.0)}, 10_000)
    assert loss(end) < case.left
    assert_allclose([end["x"], end["y"]], [1, 1], atol=0.15)


@every
@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
def test_dtypes_and_structure_stay(case: Case, dtype: str) -> None:
    optimizer, params = case.make(), arrays(0, dtype)
    state = optimizer.init(params)
    moved, after = optimizer.update(arrays(1), params, state)
    assert {w.dtype.name for w in moved.values()} == {dtype}
    assert jax.tree.map(lambda x: (x.shape, x.dtype), after) == jax.tree.map(lambda x: (x.shape, x.dtype), state)
    assert all(bool(jnp.all(jnp.isfinite(w))) for w in moved.values())


@every
def test_bfloat16_parameters_move_as_far_as_float32_ones(case: Case) -> None:
    optimizer, params, grads = case.make(0.1), arrays(0), arrays(1)
    small = {path: w.astype("bfloat16") for path, w in params.items()}
    state, small_state = optimizer.init(params), optimizer.init(small)
    for _ in range(4):
        params, state = optimizer.update(grads, params, state)
        small, small_state = optimizer.update(grads, small, small_state)
    for path, w in params.items():
        assert_allclose(small[path].astype("float32"), w, rtol=0.05, atol=0.05)


@every
def test_compiled_equals_eager_and_compiles_once(case: Case) -> None:
    optimizer = case.make()
    compiled = jax.jit(optimizer.update)
    eager = ours = (arrays(0), optimizer.init(arrays(0)))
    for step in range(4):
        eager = optimizer.update(arrays(step + 1), *eager)
        ours = compiled(arrays(step + 1), *ours)
    jax.tree.map(lambda a, b: assert_allclose(a, b, rtol=1e-5, atol=1e-6), ours, eager)
    assert compiled._cache_size() == 1
    assert int(ours[1]["iterations"]) == 4


@every
def test_an_update_changes_nothing_that_it_was_given(case: Case) -> None:
    optimizer, params, grads = case.make(), arrays(0), arrays(1)
    state = optimizer.init(params)
    before = jax.tree.map(np.asarray, (params, state))
    first = optimizer.update(grads, params, state)
    jax.tree.map(np.testing.assert_array_equal, (params, state), before)
    jax.tree.map(np.testing.assert_array_equal, first, optimizer.update(grads, params, state))


@every
def test_the_state_survives_flattening(case: Case) -> None:
    optimizer, params = case.make(), arrays(0)
    state = optimizer.update(arrays(1), params, optimizer.init(params))[1]
    leaves, structure = jax.tree.flatten(state)
    again = jax.tree.unflatten(structure, [np.asarray(leaf) for leaf in leaves])
    jax.tree.map(
        np.testing.assert_array_equal,
        optimizer.update(arrays(2), params, jax.tree.map(jnp.asarray, again)),
        optimizer.update(arrays(2), params, state),
    )


@every
def test_a_missing_gradient_keeps_its_parameter(case: Case) -> None:
    optimizer, params = case.make(), arrays(0)
    state = optimizer.init(params)
    for missing in ({"dense/kernel": jnp.ones((3, 2))}, {**arrays(1), "scale": None}):
        moved, _ = optimizer.update(missing, params, state)
        moved, _ = optimizer.update(missing, moved, _)
        assert_allclose(moved["scale"], params["scale"], rtol=1e-6)  # an average may round it
        assert not np.allclose(moved["dense/kernel"], params["dense/kernel"], rtol=1e-9, atol=0)


@every
def test_learning_rates_side_by_side_equal_one_after_another(case: Case) -> None:
    if not case.rated:
        pytest.skip("its learning rate is not a number in the state")
    optimizer, params, grads, rates = case.make(), arrays(0), arrays(1), jnp.array([0.0, 0.01, 0.3])
    state = optimizer.init(params)

    def run(rate: Any) -> Any:
        now = {**state, "hyper": {**state["hyper"], "learning_rate": rate}}
        return optimizer.update(grads, *optimizer.update(grads, params, now))[0]

    together = jax.vmap(run)(rates)
    for i, rate in enumerate(rates):
        jax.tree.map(lambda a, b, i=i: assert_allclose(a[i], b, rtol=1e-5, atol=1e-6), together, run(rate))
    assert not np.allclose(together["scale"][1], together["scale"][2])


@every
def test_the_variables_have_the_structure_of_the_state(case: Case) -> None:
    optimizer, params = case.make(), arrays(0)
    state = optimizer.init(params)
    optimizer.build([Variable(w) for w in params.values()], list(params))
    held = optimizer.variable_tree()
    assert jax.tree.structure(held) == jax.tree.structure(state)
    jax.tree.map(lambda v, x: np.testing.assert_array_equal(v.numpy(), x), held, state)
    assert {id(v) for v in optimizer.variables} <= {id(v) for v in jax.tree.leaves(held)}
    jax.tree.map(np.testing.assert_array_equal, optimizer.init(params), state)


@every
def test_the_face_does_what_the_core_does(case: Case) -> None:
    optimizer, params = case.make(), arrays(0)
    model = [Variable(w) for w in params.values()]
    optimizer.build(model, list(params))
    core = (params, optimizer.init(params))
    for step in range(3):
        optimizer.apply(list(arrays(step + 1).values()), model)
        core = optimizer.update(arrays(step + 1), *core)
    jax.tree.map(
        lambda v, x: assert_allclose(v.numpy(), x, rtol=1e-6),
        (dict(zip(params, model, strict=True)), optimizer.variable_tree()),
        core,
    )


@every
def test_a_step_from_the_configuration_is_the_same_step(case: Case) -> None:
    optimizer = case.make()
    if isinstance(optimizer, OptaxOptimizer):
        with pytest.raises(TypeError, match="cannot be written into a configuration"):
            optimizer.get_config()
        return
    written = json.loads(json.dumps(optimizers.serialize(optimizer)))
    known = {type(optimizer).__name__: type(optimizer)} if case.users else None
    again = optimizers.deserialize(written, known)
    assert type(again) is type(optimizer) and again.get_config() == optimizer.get_config()
    params, grads = arrays(0), arrays(1)
    step, same = (o.update(grads, params, o.init(params)) for o in (optimizer, again))
    jax.tree.map(lambda a, b: assert_allclose(a, b, rtol=1e-6), same, step)

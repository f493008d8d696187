"""Recurrent layers equal Keras's: outputs, states, gradients, masks, batches that go on; and PyTorch's LSTM and GRU."""

from __future__ import annotations

import pathlib
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ranvier import layers
from tests.layers.cases import CELLS
from tests.layers.recurrent_cases import CALLS, Call, probe
from tests.sampling import sampled

RECORDED = np.load(pathlib.Path(__file__).parents[1] / "oracle" / "recurrence.npz")
ROWS = list(enumerate(CALLS))


def make(call: Call) -> tuple[Any, list[Any]]:
    """A built layer with the call's weights, and its first states."""
    layer = call.case.make(layers)
    x, states = call.inputs()[0], [jnp.asarray(state) for state in call.first_states()]
    layer.build(x.shape)
    kept = [v for v in layer.weights if v.name != "rnn_state"]
    for variable, value in zip(kept, call.weights([v.shape for v in kept]), strict=True):
        variable.assign(value)
    return layer, states


def assert_recorded(index: int, found: dict[str, Any]) -> None:
    start = f"{index}/"
    assert {start + name for name in found} == {name for name in RECORDED.files if name.startswith(start)}
    for name, value in found.items():
        expected = RECORDED[start + name]
        assert value.dtype == expected.dtype
        scale = float(np.abs(expected).max(initial=1e-3))
        np.testing.assert_allclose(value, expected, rtol=2e-5, atol=3e-6 * scale, err_msg=name)


def ids(rows: list[tuple[int, Call]]) -> list[str]:
    return [f"{index}-{call.id}"[:100] for index, call in rows]


ONCE = [(index, call) for index, call in ROWS if call.batches == 1]
AGAIN = [(index, call) for index, call in ROWS if call.batches > 1]


@pytest.mark.parametrize(("index", "call"), sampled(ONCE, 3, lambda row: row[1].case.layer), ids=ids(ONCE))
def test_outputs_states_and_gradients_are_keras(index: int, call: Call) -> None:
    layer, states = make(call)
    fixed = [v.stored for v in layer.non_trainable_variables]

    @jax.jit
    def objective(trainable: Any, x: Any, states: Any) -> Any:
        args, more = call.arguments(x, states)
        y, updated = layer.stateless_call(trainable, fixed, *args, **more)
        leaves = jax.tree_util.tree_leaves(y)
        return sum((one * probe(one.shape)).sum() for one in leaves), (leaves, updated)

    trainable = [v.stored for v in layer.trainable_variables]
    gradient = jax.jit(jax.grad(objective, (0, 1, 2), has_aux=True))
    gradients, (leaves, updated) = gradient(trainable, call.inputs()[0], states)
    found = {f"output/{i}": y for i, y in enumerate(leaves)}
    found |= {f"weight_gradient/{i}": g for i, g in enumerate(gradients[0])}
    found |= {"input_gradient": gradients[1]}
    found |= {f"state_gradient/{i}": g for i, g in enumerate(gradients[2])}
    assert_recorded(index, found | {f"updated/{i}": v for i, v in enumerate(updated)})
    args, more = call.arguments(call.inputs()[0], states)
    for one, other in zip(jax.tree_util.tree_leaves(layer(*args, **more)), leaves, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("index", "call"), AGAIN, ids=ids(AGAIN))
def test_stateful_layers_go_on_where_the_batch_before_ended(index: int, call: Call) -> None:
    layer, states = make(call)
    found: dict[str, Any] = {}
    for number, x in enumerate(call.inputs()):
        args, more = call.arguments(x, states)
        outputs = jax.tree_util.tree_leaves(layer(*args, **more))
        found |= {f"batch{number}/{i}": y for i, y in enumerate(outputs)}
    held = jax.tree_util.tree_leaves(layer.states)
    assert_recorded(index, found | {f"state/{i}": v.stored for i, v in enumerate(held)})
    layer.reset_states()
    assert not any(np.any(v.stored) for v in held)


@pytest.mark.parametrize("kind", ["LSTM", "GRU"])
def test_numbers_are_those_of_pytorch(kind: str) -> None:
    given = {name.split("/")[2]: RECORDED[name] for name in RECORDED.files if name.startswith(f"torch/{kind}/")}
    layer = getattr(layers, kind)(3, return_sequences=True, return_state=True)
    layer.build(given["x"].shape)
    layer.set_weights([given["kernel"], given["recurrent"], given["bias"]])
    y, h, *_ = layer(given["x"])
    np.testing.assert_allclose(y, given["y"], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(h, given["h"], rtol=1e-5, atol=1e-6)
    slope = jax.grad(lambda x: (layer(x)[0] ** 2).sum())(jnp.asarray(given["x"]))
    np.testing.assert_allclose(slope, given["input_gradient"], rtol=1e-4, atol=1e-6)


def test_every_cell_has_a_row() -> None:
    assert {call.case.layer for call in CALLS if call.case.layer in CELLS} == set(CELLS)

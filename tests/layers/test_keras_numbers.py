"""Outputs, gradients and updated statistics of every layer equal Keras's."""

from __future__ import annotations

import pathlib
from typing import Any

import jax
import numpy as np
import pytest

from tests.contract.test_layers import keywords, make, values_of
from tests.layers.cases import CASES, Case, probe

RECORDED = np.load(pathlib.Path(__file__).parents[1] / "oracle" / "layers.npz")
ROWS = [(i, c, t) for i, c in enumerate(CASES) for t in (False, True) if not t or (c.training and not c.draws)]


@pytest.mark.parametrize(("index", "case", "training"), ROWS, ids=[f"{c.id}-{'train' * t}" for _, c, t in ROWS])
def test_as_keras(index: int, case: Case, training: bool) -> None:
    layer = make(case)
    more = keywords(case, layer, training)
    trainable, fixed = values_of(layer)

    def objective(trainable: Any, x: Any) -> Any:
        y, updated = layer.stateless_call(trainable, fixed, x, **more)
        return (y * probe(y.shape)).sum(), (y, updated)

    x = jax.tree_util.tree_map(jax.numpy.asarray, case.inputs())
    gradient = jax.grad(objective, (0,) if case.classes else (0, 1), has_aux=True)
    gradients, (y, updated) = jax.jit(gradient)(trainable, x)
    found = {"output": y} | {f"weight_gradient/{i}": g for i, g in enumerate(gradients[0])}
    if not case.classes:
        found |= {f"input_gradient/{i}": g for i, g in enumerate(jax.tree_util.tree_leaves(gradients[1]))}
    if case.rows_meet:
        found |= {f"updated/{i}": v for i, v in enumerate(updated)}
    start = f"{index}/{'train' if training else 'infer'}/"
    assert {start + name for name in found} == {name for name in RECORDED.files if name.startswith(start)}
    for name, value in found.items():
        expected = RECORDED[start + name]
        assert value.dtype == expected.dtype
        scale = float(np.abs(expected).max(initial=1e-3))
        np.testing.assert_allclose(value, expected, rtol=2e-5, atol=2e-6 * scale, err_msg=name)

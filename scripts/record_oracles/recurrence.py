"""Records outputs, states and gradients of recurrent layers from Keras 3 (JAX backend), and of two from PyTorch.

Run with a Python that has Keras, JAX and PyTorch: `python scripts/record_oracles/recurrence.py`.
Writes tests/oracle/recurrence.npz; the gradients are those of the sum of `probe * output` over all outputs.
"""

import json
import os
import pathlib
import sys
from typing import Any

os.environ["KERAS_BACKEND"] = "jax"
sys.path.insert(0, str(pathlib.Path(__file__).parents[2]))

import jax
import keras
import numpy as np
import torch

from tests.layers.recurrent_cases import CALLS, Call, probe

ROOT = pathlib.Path(__file__).parents[2]


def record(call: Call) -> dict[str, Any]:
    layer = call.case.make(keras.layers)
    first, states = call.inputs()[0], [jax.numpy.asarray(state) for state in call.first_states()]
    args, more = call.arguments(first, states)
    layer(*args, **more)
    layer.set_weights(call.weights([w.shape for w in layer.weights]))
    if call.batches > 1:
        for state in jax.tree_util.tree_leaves(layer.states):  # reset_state() cannot do it for stacked cells
            state.assign(np.zeros(state.shape))
        found = {}
        for number, x in enumerate(call.inputs()):
            args, more = call.arguments(x, states)
            outputs = jax.tree_util.tree_leaves(layer(*args, **more))
            found |= {f"batch{number}/{i}": y for i, y in enumerate(outputs)}
        return found | {f"state/{i}": v.value for i, v in enumerate(jax.tree_util.tree_leaves(layer.states))}
    seeds = {id(v) for v in layer.variables} - {id(v) for v in layer.weights}
    fixed = layer.non_trainable_variables

    def objective(trainable: Any, x: Any, states: Any) -> Any:
        args, more = call.arguments(x, states)
        y, updated = layer.stateless_call(trainable, [v.value for v in fixed], *args, **more)
        leaves = jax.tree_util.tree_leaves(y)
        return sum((one * probe(one.shape)).sum() for one in leaves), (leaves, updated)

    trainable = [v.value for v in layer.trainable_variables]
    gradients, (leaves, updated) = jax.grad(objective, (0, 1, 2), has_aux=True)(trainable, first, states)
    kept = [value for variable, value in zip(fixed, updated, strict=True) if id(variable) not in seeds]
    return (
        {f"output/{i}": y for i, y in enumerate(leaves)}
        | {f"weight_gradient/{i}": g for i, g in enumerate(gradients[0])}
        | {"input_gradient": gradients[1]}
        | {f"state_gradient/{i}": g for i, g in enumerate(gradients[2])}
        | {f"updated/{i}": v for i, v in enumerate(kept)}
    )


def torch_numbers(kind: str) -> dict[str, Any]:
    """Return what PyTorch's layer computes, and its weights in Keras's order of gates."""
    torch.manual_seed(1)
    layer = getattr(torch.nn, kind)(2, 3, batch_first=True)
    x = torch.randn(3, 4, 2, requires_grad=True)
    y, last = layer(x)
    (y**2).sum().backward()
    order = [0, 1, 2, 3] if kind == "LSTM" else [1, 0, 2]

    def kerasian(value: Any) -> np.ndarray:
        gates = np.split(value.detach().numpy(), len(order))
        return np.concatenate([gates[i] for i in order]).T

    w, u, b, c = (kerasian(value) for value in layer.parameters())
    bias = b + c if kind == "LSTM" else np.stack([b, c])
    found = {"x": x, "y": y, "h": last[0][0] if kind == "LSTM" else last[0], "input_gradient": x.grad}
    return {name: value.detach().numpy() for name, value in found.items()} | {"kernel": w, "recurrent": u, "bias": bias}


def main() -> None:
    versions = {"keras": keras.__version__, "jax": jax.__version__, "torch": torch.__version__}
    numbers: dict[str, Any] = {"versions": json.dumps(versions)}
    for index, call in enumerate(CALLS):
        numbers |= {f"{index}/{name}": np.asarray(value) for name, value in record(call).items()}
    for kind in ("LSTM", "GRU"):
        numbers |= {f"torch/{kind}/{name}": value for name, value in torch_numbers(kind).items()}
    np.savez_compressed(ROOT / "tests/oracle/recurrence.npz", **numbers)


if __name__ == "__main__":
    main()

"""Records outputs, gradients and updated statistics of all layers from Keras 3 (JAX backend).

Run with a Python that has Keras and JAX: `python scripts/record_oracles/layers.py`.
Writes tests/oracle/layers.npz; the gradients are those of `sum(probe * layer(x))`.
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

from tests.layers.cases import CASES, Case, probe

ROOT = pathlib.Path(__file__).parents[2]


def record(case: Case, training: bool) -> dict[str, Any]:
    layer = getattr(keras.layers, case.layer)(**case.arguments)
    inputs = case.inputs()
    shapes = [x.shape for x in inputs] if isinstance(inputs, list) else inputs.shape
    layer.build(shapes)
    weights = case.weights([w.shape for w in layer.weights])
    pairs = zip(weights, layer.weights, strict=True)
    layer.set_weights([v if w.dtype != "int32" else np.zeros(w.shape) for v, w in pairs])
    if hasattr(layer, "finalize_state"):
        layer.finalize_state()
    keywords: dict[str, Any] = {"training": training} if case.training else {}
    if case.mask and case.layer == "BatchNormalization":
        keywords["mask"] = case.masks()
    seeds = {id(v) for v in getattr(layer, "_seed_generators", [])}
    fixed = [v.value for v in layer.non_trainable_variables if id(v) not in seeds]

    def objective(trainable: Any, x: Any) -> Any:
        y, updated = layer.stateless_call(trainable, fixed, x, **keywords)
        return (y.astype("float32") * probe(y.shape)).sum(), (y, updated)

    trainable = [v.value for v in layer.trainable_variables]
    x = jax.tree_util.tree_map(jax.numpy.asarray, inputs)
    arguments = (0,) if case.classes else (0, 1)
    gradients, (y, updated) = jax.grad(objective, arguments, has_aux=True)(trainable, x)
    found = {"output": y}
    found |= {f"weight_gradient/{i}": g for i, g in enumerate(gradients[0])}
    if not case.classes:
        found |= {f"input_gradient/{i}": g for i, g in enumerate(jax.tree_util.tree_leaves(gradients[1]))}
    if case.rows_meet:
        found |= {f"updated/{i}": v for i, v in enumerate(updated)}
    return found


def main() -> None:
    numbers: dict[str, Any] = {"versions": json.dumps({"keras": keras.__version__, "jax": jax.__version__})}
    for index, case in enumerate(CASES):
        for training in (False, True):
            if training and (not case.training or case.draws):
                continue
            found = record(case, training)
            numbers |= {f"{index}/{'train' if training else 'infer'}/{k}": np.asarray(v) for k, v in found.items()}
    np.savez_compressed(ROOT / "tests/oracle/layers.npz", **numbers)


if __name__ == "__main__":
    main()

"""Records outputs, gradients and updated statistics of all layers from Keras 3 (JAX backend).

Run with a Python that has Keras and JAX: `python scripts/record_oracles/layers.py`.
Writes tests/oracle/layers.npz; the gradients are those of `sum(probe * layer(x))`. Also merges of masked inputs, and
the statistics of layers that draw.
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

from tests.layers.cases import CASES, TAKES_MASK, Case, probe
from tests.layers.masks_and_draws import MASKED, MERGES, NOISES, merged, sample, statistics

ROOT = pathlib.Path(__file__).parents[2]


def record(case: Case, training: bool) -> dict[str, Any]:
    layer = case.make(keras.layers)
    inputs = case.inputs()
    shapes = [x.shape for x in inputs] if isinstance(inputs, list) else inputs.shape
    if layer._flatten_layers(include_self=False):
        # What holds layers builds them when it is called.
        layer(jax.tree_util.tree_map(lambda x: keras.KerasTensor(x.shape, str(x.dtype)), inputs))
    else:
        layer.build(shapes)
    weights = case.weights([w.shape for w in layer.weights])
    pairs = zip(weights, layer.weights, strict=True)
    layer.set_weights([v if w.dtype != "int32" else np.zeros(w.shape) for v, w in pairs])
    if hasattr(layer, "finalize_state"):
        layer.finalize_state()
    keywords: dict[str, Any] = {"training": training} if case.training else {}
    if case.mask and case.layer in TAKES_MASK:
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


def merges() -> dict[str, Any]:
    found = {}
    for name in MERGES:
        for which in MASKED:
            inputs = []
            for (value, mask), masked in zip(merged(), which, strict=True):
                inputs.append(jax.numpy.asarray(value))
                if masked:
                    keras.src.backend.set_keras_mask(inputs[-1], jax.numpy.asarray(mask))
            y = getattr(keras.layers, name)()(inputs)
            mask = keras.src.backend.get_keras_mask(y)
            start = f"merged/{name}/{''.join('nm'[one] for one in which)}"
            found |= {f"{start}/output": y} | ({} if mask is None else {f"{start}/mask": mask})
    return found


def noises() -> dict[str, Any]:
    x = sample()
    drawn = ((name, getattr(keras.layers, name)(**given, seed=1)(x, training=True)) for name, given in NOISES)
    return {f"noise/{name}": statistics(x, np.asarray(y)) for name, y in drawn}


def main() -> None:
    numbers: dict[str, Any] = {"versions": json.dumps({"keras": keras.__version__, "jax": jax.__version__})}
    for index, case in enumerate(CASES):
        for training in (False, True):
            if training and (not case.training or case.draws):
                continue
            found = record(case, training)
            numbers |= {f"{index}/{'train' if training else 'infer'}/{k}": np.asarray(v) for k, v in found.items()}
    numbers |= {name: np.asarray(value) for name, value in (merges() | noises()).items()}
    np.savez_compressed(ROOT / "tests/oracle/layers.npz", **numbers)


if __name__ == "__main__":
    main()

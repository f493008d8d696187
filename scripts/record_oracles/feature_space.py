"""Records what Keras 3 (JAX backend, with TensorFlow) makes of a small table with FeatureSpace.

Run with a Python that has Keras, JAX and TensorFlow: `python scripts/record_oracles/feature_space.py`.
Writes tests/oracle/feature_space.json, and in tests/oracle/files a saved space and a model that begins with it.
"""

import json
import os
import pathlib
import sys
from typing import Any

os.environ["KERAS_BACKEND"] = "jax"
sys.path.insert(0, str(pathlib.Path(__file__).parents[2]))

import keras
import numpy as np
import tensorflow as tf

from tests.utils.feature_cases import SPACES, TABLE, UNSEEN, space

ORACLE = pathlib.Path(__file__).parents[2] / "tests/oracle"


def plain(outputs: Any) -> Any:
    if isinstance(outputs, dict):
        return {name: plain(value) for name, value in outputs.items()}
    array = np.asarray(outputs)
    return {"values": array.tolist(), "dtype": str(array.dtype)}


def record(name: str) -> dict[str, Any]:
    made = space(keras.utils.FeatureSpace, name)
    made.adapt(tf.data.Dataset.from_tensor_slices(TABLE).batch(3))
    single = {key: values[0] for key, values in UNSEEN.items()}
    names = {name for name in made.features}
    parts = [{key: part[key] for key in names} for part in (TABLE, UNSEEN, single)]
    found = {key: plain(made(part)) for key, part in zip(("seen", "unseen", "single"), parts, strict=True)}
    if name == "vector":
        made.save(ORACLE / "files/feature_space.keras")
        keras.utils.set_random_seed(2)
        score = keras.layers.Dense(1, use_bias=False)(made.get_encoded_features())
        model = keras.Model(made.get_inputs(), score)
        model.save(ORACLE / "files/feature_space_model.keras")
        found["scores"] = (np.asarray(made(UNSEEN)) @ model.get_weights()[-1]).tolist()
    return found


def main() -> None:
    found = {"versions": {"keras": keras.__version__}, "spaces": {name: record(name) for name in SPACES}}
    (ORACLE / "feature_space.json").write_text(json.dumps(found, indent=0) + "\n")


if __name__ == "__main__":
    main()

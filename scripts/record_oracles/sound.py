"""Records outputs, gradients and configurations of the layers of sound from Keras 3 (JAX backend).

Run with a Python that has Keras and JAX: `python scripts/record_oracles/sound.py`.
Writes tests/oracle/sound.npz, and tests/oracle/files/sound.keras: a model with both and what it predicts.
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

from tests.layers.cases import Case, probe
from tests.layers.sound_cases import CASES

ORACLE = pathlib.Path(__file__).parents[2] / "tests/oracle"


def record(case: Case) -> dict[str, Any]:
    layer = case.make(keras.layers)
    x = jax.numpy.asarray(case.inputs())
    output = layer(x)

    def objective(trainable: Any, x: Any) -> Any:
        y, _ = layer.stateless_call(trainable, [v.value for v in layer.non_trainable_variables], x)
        return (y * probe(y.shape)).sum()

    by_weight, by_input = jax.grad(objective, (0, 1))([v.value for v in layer.trainable_variables], x)
    config = layer.get_config()
    del config["name"], config["dtype"]
    return (
        {"output": output, "input_gradient": by_input, "config": json.dumps(config)}
        | {f"weight/{i}": w for i, w in enumerate(layer.get_weights())}
        | {f"weight_gradient/{i}": g for i, g in enumerate(by_weight)}
    )


def model_file() -> list[np.ndarray]:
    """Save a model of both layers and return what it predicts."""
    entry = keras.Input((24,), name="signal")
    mel = keras.layers.MelSpectrogram(16, 5, sampling_rate=8000, num_mel_bins=4, min_freq=100.0)(entry)
    waves = keras.layers.STFTSpectrogram("magnitude", 6, trainable=False)(keras.layers.Reshape((24, 1))(entry))
    model = keras.Model(entry, [mel, waves])
    model.save(ORACLE / "files/sound.keras")
    return [np.asarray(y) for y in model(np.random.default_rng(7).normal(size=(2, 24)).astype("float32"))]


def main() -> None:
    numbers: dict[str, Any] = {"versions": json.dumps({"keras": keras.__version__, "jax": jax.__version__})}
    for index, case in enumerate(CASES):
        numbers |= {f"{index}/{name}": np.asarray(value) for name, value in record(case).items()}
    numbers |= {f"file/{i}": y for i, y in enumerate(model_file())}
    np.savez_compressed(ORACLE / "sound.npz", **numbers)


if __name__ == "__main__":
    main()

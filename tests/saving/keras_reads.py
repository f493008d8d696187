"""Run by a Python that has Keras: load a model file, predict, train on, and save it again.

keras_reads.py MODEL_FILE INPUTS_NPZ OUTPUTS_NPZ SAVED_AGAIN
"""

from __future__ import annotations

import os
import sys

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("JAX_PLATFORMS", "cpu")

import keras
import numpy as np


def main(model_file: str, inputs_file: str, outputs_file: str, saved_again: str) -> None:
    # Keras 3.15 cannot compile from its own .h5 files where a loss or metric has a short name ("mse").
    model = keras.models.load_model(model_file, compile=model_file.endswith(".keras"))
    given = dict(np.load(inputs_file))
    inputs = list(given.values()) if len(given) > 1 else next(iter(given.values()))
    predicted = model.predict(inputs, verbose=0)
    outputs = predicted if isinstance(predicted, dict) else {"y": predicted}
    arrays = {f"out/{name}": value for name, value in outputs.items()}
    if getattr(model, "optimizer", None) is not None:
        arrays |= {f"optimizer/{i}": np.asarray(v) for i, v in enumerate(model.optimizer.variables)}
    np.savez(outputs_file, **arrays)
    model.save(saved_again)


if __name__ == "__main__":
    main(*sys.argv[1:])

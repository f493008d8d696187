"""Records configurations, outputs and orders of layers of models from Keras 3 (JAX backend).

Run with a Python that has Keras and JAX: `python scripts/record_oracles/models.py`.
Writes tests/oracle/models.json and tests/oracle/models.npz.
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

from tests.models.builders import MODELS, called, fed, random_order

FOLDER = pathlib.Path(__file__).parents[2] / "tests" / "oracle"


def main() -> None:
    described: dict[str, Any] = {"versions": {"keras": keras.__version__, "jax": jax.__version__}, "models": {}}
    arrays: dict[str, np.ndarray] = {}
    for name, build in MODELS.items():
        model = build(keras)
        outputs = called(model, fed(model))
        arrays |= {f"{name}/{number}": y for number, y in enumerate(outputs)}
        described["models"][name] = {
            "json": json.loads(model.to_json()),
            "weights": [list(w.shape) for w in model.get_weights()],
            "layers": [layer.name for layer in model.layers],
        }
    described["orders"] = [random_order(keras, seed) for seed in range(60)]
    (FOLDER / "models.json").write_text(json.dumps(described, separators=(",", ":")) + "\n", encoding="utf-8")
    np.savez_compressed(FOLDER / "models.npz", **arrays)


if __name__ == "__main__":
    main()

"""Records the configurations of layers from Keras 3 (JAX backend), for the rows of tests/layers/cases.py.

Run with a Python that has Keras and JAX: `python scripts/record_oracles/layer_configs.py`.
Writes tests/oracle/layer_configs.json, one row of each layer.
"""

import json
import os
import pathlib
import sys

os.environ["KERAS_BACKEND"] = "jax"
sys.path.insert(0, str(pathlib.Path(__file__).parents[2]))

import keras

from tests.layers.cases import CASES

ROOT = pathlib.Path(__file__).parents[2]


def main() -> None:
    found = {}
    for case in CASES:
        if case.layer not in found and not case.code:
            config = case.make(keras.layers).get_config()
            # Names are numbered; the policy and the quantization are the same for all.
            found[case.layer] = {key: config[key] for key in config if key not in ("name", "dtype")}
    for config in found.values():
        config.pop("quantization_config", None)
    text = json.dumps({"versions": {"keras": keras.__version__}, "layers": found}, default=list)
    (ROOT / "tests/oracle/layer_configs.json").write_text(text + "\n")


if __name__ == "__main__":
    main()

"""Records outputs, vocabularies and configurations of the layers of text and categories from Keras 3 (JAX backend).

Run with a Python that has Keras, JAX and TensorFlow: `python scripts/record_oracles/text.py`.
Writes tests/oracle/text.json, and tests/oracle/files/text.keras: a model with such layers and what it predicts.
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

from tests.layers.text_cases import CASES, TextCase

ORACLE = pathlib.Path(__file__).parents[2] / "tests/oracle"


def record(case: TextCase) -> dict[str, Any]:
    layer = case.make(keras.layers)
    output = np.asarray(layer(case.arrays()))
    found = {"output": output.tolist(), "dtype": str(output.dtype), "config": layer.get_config()}
    del found["config"]["name"]
    if hasattr(layer, "get_vocabulary"):
        found["vocabulary"] = [v.item() if hasattr(v, "item") else v for v in layer.get_vocabulary()]
    return found


def model_file() -> dict[str, Any]:
    """Save a model whose layers were adapted, and return what its text part makes of some texts."""
    texts = ["the cat sat", "the dog, the cat", "a dog's life"]
    words, counts = keras.layers.TextVectorization(), keras.layers.TextVectorization(output_mode="tf_idf")
    words.adapt(texts)
    counts.adapt(texts)
    entry = keras.Input((1,), dtype="string", name="text")
    model = keras.Model(entry, [words(entry), counts(entry)])
    keras.utils.set_random_seed(1)
    model.save(ORACLE / "files/text.keras")
    return {"inputs": texts, "outputs": [np.asarray(layer(texts)).tolist() for layer in (words, counts)]}


def main() -> None:
    found = {"versions": {"keras": keras.__version__}, "file": model_file()}
    found["cases"] = {case.id: record(case) for case in CASES}
    (ORACLE / "text.json").write_text(json.dumps(found, ensure_ascii=False, indent=0) + "\n")


if __name__ == "__main__":
    main()

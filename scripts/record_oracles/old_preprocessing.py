"""Records what Keras's old `preprocessing.text` and `preprocessing.sequence` give.

Run with a Python that has Keras: `python scripts/record_oracles/old_preprocessing.py`.
Writes tests/oracle/old_preprocessing.json.
"""

import json
import os
import pathlib
import sys

os.environ["KERAS_BACKEND"] = "jax"
sys.path.insert(0, str(pathlib.Path(__file__).parents[2]))

import keras
from keras.src.legacy.preprocessing import sequence, text

from tests.compat.preprocessing_cases import everything

TARGET = pathlib.Path(__file__).parents[2] / "tests/oracle/old_preprocessing.json"


def main() -> None:
    found = {"versions": {"keras": keras.__version__}, "found": everything(text, sequence)}
    TARGET.write_text(json.dumps(found, ensure_ascii=False, indent=0) + "\n")


if __name__ == "__main__":
    main()

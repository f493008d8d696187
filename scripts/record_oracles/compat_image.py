"""Records what TensorFlow answers to the calls on pictures that Ranvier's `tf` must answer alike.

Run with a Python that has TensorFlow: `python scripts/record_oracles/compat_image.py`.
Writes tests/oracle/compat_image.npz.
"""

import os
import pathlib
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
sys.path.insert(0, str(pathlib.Path(__file__).parents[2]))

import numpy as np
import tensorflow as tf

from tests.compat.image_cases import CASES

if __name__ == "__main__":
    answers = {name: np.asarray(call(tf)) for name, call in CASES.items()}
    target = pathlib.Path(__file__).parents[2] / "tests" / "oracle" / "compat_image.npz"
    np.savez_compressed(target, **answers)
    print(f"{len(answers)} answers of TensorFlow {tf.__version__} written to {target.name}")

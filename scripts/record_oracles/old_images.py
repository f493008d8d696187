"""Records what Keras's old `preprocessing.image` gives.

Run with a Python that has Keras, SciPy and Pillow: `python scripts/record_oracles/old_images.py`.
Writes tests/oracle/old_images.{json,npz}.
"""

import json
import os
import pathlib
import sys
import tempfile
import types

os.environ["KERAS_BACKEND"] = "jax"
sys.path.insert(0, str(pathlib.Path(__file__).parents[2]))

import keras
import numpy as np
from keras.src.legacy.preprocessing import image
from scipy import ndimage

from tests.compat.old_image_cases import changed, read
from tests.utils.image_cases import make_images

TARGET = pathlib.Path(__file__).parents[2] / "tests/oracle"


def main() -> None:
    # Keras asks for a module that SciPy has since merged into `ndimage`.
    image.scipy = types.SimpleNamespace(ndimage=types.SimpleNamespace(interpolation=ndimage))
    with tempfile.TemporaryDirectory() as folder:
        make_images(pathlib.Path(folder))
        facts, found = read(image, pathlib.Path(folder) / "classes")
    np.savez_compressed(TARGET / "old_images.npz", **changed(image), **found)
    document = {"versions": {"keras": keras.__version__}, "folders": facts}
    (TARGET / "old_images.json").write_text(json.dumps(document, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

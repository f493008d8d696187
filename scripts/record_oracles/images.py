"""Records what Keras reads from image files and folders, and what it draws.

Run with a Python that has Keras, TensorFlow (which reads Keras's folders) and Pillow:
`python scripts/record_oracles/images.py`. Writes tests/oracle/images.{json,npz}.
"""

import json
import os
import pathlib
import sys
import tempfile

os.environ["KERAS_BACKEND"] = "jax"
sys.path.insert(0, str(pathlib.Path(__file__).parents[2]))

import keras
import numpy as np

from tests.utils.image_cases import arrays, folders, make_images
from tests.visualization.mask_cases import masked

TARGET = pathlib.Path(__file__).parents[2] / "tests/oracle"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        make_images(root)
        found = arrays(keras.utils, keras.preprocessing.image, root)
        listings, values = folders(keras.utils.image_dataset_from_directory, root)
    drawn = masked(keras.visualization.draw_segmentation_masks)
    np.savez_compressed(TARGET / "images.npz", **found, **values, **drawn)
    document = {"versions": {"keras": keras.__version__}, "listings": listings}
    (TARGET / "images.json").write_text(json.dumps(document, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

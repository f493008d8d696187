"""Records structure and outputs of Keras 3's ready networks, filled with made-up weights.

Run with a Python that has Keras and PyTorch, whose backend builds fastest: `python
scripts/record_oracles/applications.py [CASE ...]`; NASNetMobile, which Keras refuses to build there, with
`KERAS_BACKEND=jax`. Writes tests/oracle/applications.npz, in which cases that are not named stay as they were.
"""

import os
import pathlib
import sys

os.environ.setdefault("KERAS_BACKEND", "torch")
sys.path.insert(0, str(pathlib.Path(__file__).parents[2]))

import keras
import numpy as np

from tests.applications import cases

PATH = pathlib.Path(__file__).parents[2] / "tests" / "oracle" / "applications.npz"


def recorded(case: str) -> dict[str, np.ndarray]:
    """Return what is kept of one network."""
    with keras.device("cpu" if case in cases.RUN else "meta"):  # what is not run needs no numbers
        model = cases.build(keras, case)
    lines = cases.described(model)
    names = "\n".join([model.name, *(layer.name for layer in model.layers)])
    kept = {
        f"{case}:names": np.frombuffer(names.encode(), "uint8"),
        f"{case}:layers": cases.digests(lines),
        f"{case}:parameters": np.array(model.count_params()),
    }
    if case in cases.RUN:
        kept[f"{case}:outputs"] = cases.some(np.asarray(model.predict(cases.images(model), verbose=0)))
    return kept


def main() -> None:
    kept = dict(np.load(PATH)) if PATH.exists() else {}
    todo = sys.argv[1:] or [case for case in cases.CASES if case != "NASNetMobile"]
    for case in todo:
        kept |= recorded(case)
        np.savez_compressed(PATH, **kept)
        print(case, flush=True)


if __name__ == "__main__":
    main()

"""Write one file of every format of ours under tests/golden/formats/, once per format version.

A recorded file is never written again: later versions of Ranvier must read it as it is. Run from the repository:

    PYTHONPATH=src:. JAX_PLATFORMS=cpu .venv/bin/python scripts/record_golden_formats.py
"""

from __future__ import annotations

import pathlib
import shutil
import tempfile

import numpy as np

from ranvier.models import save_model
from ranvier.saving import save_weights
from ranvier.saving.checkpoint import write_checkpoint
from tests.saving import models

VERSION = "1"
FOLDER = pathlib.Path(__file__).resolve().parents[1] / "tests" / "golden" / "formats" / VERSION
ROWS = np.linspace(-1, 1, 12, dtype="float32").reshape(4, 3)


def main() -> None:
    if FOLDER.exists():
        raise SystemExit(f"{FOLDER} is recorded already; a new format gets a new number")
    FOLDER.mkdir(parents=True)
    model = models.compiled()
    save_model(model, FOLDER / "model.keras")
    save_model(model, FOLDER / "model.h5")
    save_weights(model, FOLDER / "model.weights.h5")
    state = {f"optimizer/{i}": value for i, value in enumerate(models.values(model.optimizer.variables))}
    weights = {f"weight/{i}": value for i, value in enumerate(models.values(model.variables))}
    np.savez_compressed(FOLDER / "expected.npz", rows=ROWS, outputs=np.asarray(model(ROWS)), **state, **weights)
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(write_checkpoint(folder, weights, {"epoch": 3}), FOLDER / "checkpoint.npz")


if __name__ == "__main__":
    main()

"""The saved model of a run, and the proof that what was saved is what was trained."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ranvier._errors import FileRefused
from ranvier.models import load_model
from ranvier.recipes.outcome import predict

__all__ = ["MODEL", "file_hash", "load_checked", "prove"]

MODEL = "model.keras"


def prove(path: Path, x: npt.NDArray[Any], predictions: npt.NDArray[Any]) -> str:
    """Load a saved model anew and compare its predictions with those of the model in memory, bit by bit.

    Args:
        path: the saved file.
        x: `[row, ...]` raw inputs.
        predictions: what the model in memory said of them.

    Returns:
        The proof in words.

    Raises:
        FileRefused: the file is damaged, or predicts anything else.
    """
    again = predict(load_model(path), x)
    if (
        again.shape == predictions.shape
        and again.dtype == predictions.dtype
        and again.tobytes() == predictions.tobytes()
    ):
        return f"{path.name} was loaded anew and predicts the same for all {len(x):,} test rows, bit for bit"
    same = again.shape == predictions.shape
    raise FileRefused(
        "The saved model does not predict what the trained one does.",
        code="run-proof",
        place=path.name,
        expected="equal predictions, bit by bit",
        received=f"largest difference {np.max(np.abs(again - predictions)):.3g}" if same else f"shape {again.shape}",
        fix="train again; if it happens again, report it",
    )


def file_hash(path: Path) -> str:
    """Return the sha256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def load_checked(path: Path, sha256: str) -> Any:
    """Load the model of a run folder, if it is still the one that the run wrote.

    Raises:
        FileRefused: the file is missing, another one, or damaged.
    """
    if not path.is_file():
        raise FileRefused(f"The run folder has no {path.name}.", code="run-incomplete", place=str(path))
    found = file_hash(path)
    if found != sha256:
        raise FileRefused(
            f"{path.name} is not the file that this run wrote.",
            code="run-tampered",
            place=str(path),
            expected=f"sha256 {sha256[:16]}…",
            received=f"sha256 {found[:16]}…",
            fix="restore the file, or train again",
        )
    return load_model(path)

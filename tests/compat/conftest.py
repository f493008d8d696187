"""Small made-up data where scripts look for data sets."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest


@pytest.fixture(scope="session")
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with `mnist` and `fashion_mnist` of a few hundred rows: a bar whose place tells the class."""
    root = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(0)
    for name in ("mnist", "fashion_mnist"):
        folder = root / name
        folder.mkdir()
        for part, rows in (("train", 384), ("t10k", 96)):
            labels = rng.integers(0, 10, rows)
            images = rng.integers(0, 60, (rows, 28, 28))
            for image, label in zip(images, labels, strict=True):
                image[2 * label + 2 : 2 * label + 6, 6:22] += 180
            _write_idx(folder / f"{part}-images-idx3-ubyte.gz", images)
            _write_idx(folder / f"{part}-labels-idx1-ubyte.gz", labels)
    return root


@pytest.fixture
def place(tmp_path: Path, data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty working folder from which a script runs, with data where it looks for some."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RANVIER_DATA", str(data_folder))
    return tmp_path


def _write_idx(path: Path, array: np.ndarray) -> None:
    head = bytes((0, 0, 8, array.ndim)) + struct.pack(f">{array.ndim}I", *array.shape)
    path.write_bytes(gzip.compress(head + array.astype(np.uint8).tobytes(), mtime=0))

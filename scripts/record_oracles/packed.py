"""Many small arrays in two small files: one vector of numbers, and where in it each array lies."""

import json
import pathlib
from typing import Any

import numpy as np

FOLDER = pathlib.Path(__file__).parents[2] / "tests" / "oracle"


class Packed:
    """Collects cases of named arrays; numbers are kept as float32, whatever their type was."""

    def __init__(self) -> None:
        self.parts: list[np.ndarray] = []
        self.cases: list[dict[str, Any]] = []

    def add(self, case: dict[str, Any], arrays: list[dict[str, Any]]) -> None:
        """Add a case; its arrays come in groups (batches), those that are None left out."""
        groups = []
        for group in arrays:
            described = {}
            for key, value in group.items():
                if value is not None:
                    array = np.asarray(value)
                    self.parts.append(array.astype("float32").ravel())
                    described[key] = [array.dtype.name, *array.shape]
            groups.append(described)
        self.cases.append(case | {"arrays": groups})

    def write(self, name: str, document: dict[str, Any]) -> None:
        """Write `name.json` and `name.npz`, one line per case."""
        np.savez_compressed(FOLDER / f"{name}.npz", numbers=np.concatenate(self.parts))
        head = json.dumps(document, indent=1)[:-2]
        lines = ",\n".join(f"  {json.dumps(case)}" for case in self.cases)
        (FOLDER / f"{name}.json").write_text(f'{head},\n "cases": [\n{lines}\n ]\n}}\n', encoding="utf-8")

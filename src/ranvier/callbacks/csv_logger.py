"""CSVLogger: one row of losses and metrics per epoch in a file."""

from __future__ import annotations

import csv
import io
import os
import pathlib
from collections.abc import Iterable, Mapping
from typing import Any, final

import numpy as np

from ranvier.callbacks.base import Callback, Logs

__all__ = ["CSVLogger"]


@final
class CSVLogger(Callback):
    """Write one row per epoch to a file: epoch, losses and metrics, names sorted.

    A resumed run continues the file after the last row that its checkpoint knew, so that no row is lost or doubled.

    Args:
        filename: the file; its folder is created.
        separator: between columns.
        append: whether to write below what the file holds.
    """

    def __init__(self, filename: str | os.PathLike[str], separator: str = ",", append: bool = False) -> None:
        self.filename, self.sep, self.append = os.fspath(filename), separator, append
        self.keys: list[str] | None = None
        self._size = 0

    def on_train_begin(self, logs: Logs = None) -> None:
        path = pathlib.Path(self.filename)
        self.keys = None
        self._size = path.stat().st_size if self.append and path.exists() else 0

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        logs = logs or {}
        if self.keys is None:
            self.keys = sorted(logs)
            # Validation may come in later epochs only: its columns are there from the start.
            if not any(key.startswith("val_") for key in self.keys):
                self.keys += [f"val_{key}" for key in self.keys]
        path = pathlib.Path(self.filename)
        self._cut(path)
        text = io.StringIO(newline="")
        writer = csv.writer(text, delimiter=self.sep)
        if not self._size:
            writer.writerow(["epoch", *self.keys])
        writer.writerow([epoch, *(_cell(logs.get(key, "NA")) for key in self.keys)])
        with path.open("a", newline="") as file:
            file.write(text.getvalue())
        self._size = path.stat().st_size

    def _cut(self, path: pathlib.Path) -> None:
        """Remove what follows the last row that this run knows: another run's rows, or ones to be written again."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            self._size = min(self._size, file.tell())
            file.truncate(self._size)

    def state_dict(self) -> dict[str, Any]:
        return {"keys": self.keys, "size": self._size}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self.keys, self._size = state["keys"], state["size"]


def _cell(value: Any) -> Any:
    """Return what stands in a cell; several numbers as a list in quotes, as Keras writes them."""
    if isinstance(value, str) or not isinstance(value, Iterable) or (isinstance(value, np.ndarray) and not value.ndim):
        return value
    return f'"[{", ".join(map(str, value))}]"'

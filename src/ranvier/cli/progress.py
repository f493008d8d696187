"""Progress of a training: one bar for the whole run in a terminal, a few lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from ranvier.callbacks import Callback

__all__ = ["RunProgress"]

_SHOWN = ("loss", "accuracy", "mean_absolute_error")
_TITLES = {"mean_absolute_error": "MAE"}
_EVERY = 10.0
"""Seconds between two lines where no bar can be drawn."""


class RunProgress(Callback):
    """Show all epochs in one bar, with the numbers of training and validation.

    Where no bar can be drawn it writes a line for epochs 1, 2, 4, 8, ... and after every ten seconds.

    Args:
        console: where to draw.
        epochs: most epochs of the run.
    """

    def __init__(self, console: Console, epochs: int) -> None:
        self.console, self.epochs = console, epochs
        self._bar: Progress | None = None
        self._epoch, self._written, self._next = 0, time.monotonic(), 1
        self._last: Mapping[str, Any] = {}
        self._done = self._told = 0

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        if not self.console.is_terminal:
            return
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=10),
            TimeElapsedColumn(),
            TextColumn("{task.fields[numbers]}"),
            console=self.console,
            transient=True,
        )
        self._task = self._bar.add_task("compiling", total=float(self.epochs), numbers="")
        self._bar.start()

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._epoch = epoch

    def on_trip_end(self, step: int, steps: int | None, logs: dict[str, Any] | None = None) -> None:
        if self._bar is not None:
            validation = {name: value for name, value in self._last.items() if name.startswith("val_")}
            self._draw(self._epoch + step / (steps or step or 1), {**(logs or {}), **validation})

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._last, self._done = logs or {}, epoch + 1
        if self._bar is not None:
            self._draw(epoch + 1, self._last)
            return
        now = time.monotonic()
        if epoch + 1 >= self._next or now - self._written > _EVERY:
            self._written = now
            self._next = 2 * self._next if epoch + 1 >= self._next else self._next
            self._tell()

    def close(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
        elif self._told < self._done:
            self._tell()  # the last epoch is always among the lines

    def _tell(self) -> None:
        """Write a line for the last epoch that ended."""
        self._told = self._done
        self.console.print(f"{self._title(self._done)}  {_numbers(self._last)}", markup=False, soft_wrap=True)

    def _title(self, epoch: int) -> str:
        return f"epoch {epoch}/{self.epochs}"

    def _draw(self, done: float, logs: Mapping[str, Any]) -> None:
        assert self._bar is not None
        self._bar.update(self._task, completed=done, description=self._title(self._epoch + 1), numbers=_numbers(logs))


def _numbers(logs: Mapping[str, Any]) -> str:
    """Return the numbers of training, those of validation behind them, in one line that a narrow terminal holds."""
    parts = []
    for name in _SHOWN:
        if name in logs:
            validation = f" (val {_short(logs[f'val_{name}'])})" if f"val_{name}" in logs else ""
            parts.append(f"{_TITLES.get(name, name)} {_short(logs[name])}{validation}")
    return " ".join(parts)


def _short(value: Any) -> str:
    return f"{float(value):.3g}"

"""ProgbarLogger: a bar per epoch in a terminal, a line per epoch elsewhere."""

from __future__ import annotations

import logging
import time
from typing import Any, final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Column

from ranvier._config import configuration
from ranvier.callbacks.base import Callback, Logs

__all__ = ["ProgbarLogger"]

_logger = logging.getLogger("ranvier")


@final
class ProgbarLogger(Callback):
    """Show how training goes on.

    `verbose=1` in a terminal draws one bar per epoch; `verbose=2`, and `verbose=1` in a notebook, a pipe or a file,
    prints one line per epoch; `verbose=0` nothing. Where `config.disable_interactive_logging()` was called, the lines
    go to the logger `ranvier`.

    Args:
        console: where to write; standard output when None.
    """

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console()
        self._bar: Progress | None = None
        self._task = TaskID(0)
        self._started = 0.0
        self._trips: list[tuple[float, int]] = []
        self._in_epoch = False
        self._title = ""

    @property
    def _verbose(self) -> int:
        return int((self.params or {}).get("verbose", 1))

    @property
    def _draws(self) -> bool:
        """Whether a bar can be drawn over and over in one line."""
        shown = configuration.interactive_logging and self.console.is_terminal and not self.console.is_jupyter
        return self._verbose == 1 and shown

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        epochs = (self.params or {}).get("epochs")
        self._in_epoch = True
        self._start(f"Epoch {epoch + 1}/{epochs}" if epochs else f"Epoch {epoch + 1}")

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        self._in_epoch = False
        self._finish(logs)

    def on_trip_end(self, step: int, steps: int | None, logs: Logs = None) -> None:
        if not self._title:
            return
        # The first trip holds the compilation: the pace is that of the trips after it.
        self._trips = [*self._trips[:1], (time.perf_counter(), step)]
        if self._bar is not None:
            self._bar.update(self._task, completed=step, total=steps, numbers=_numbers(logs))

    def on_test_begin(self, logs: Logs = None) -> None:
        if not self._in_epoch:
            self._start("Evaluate")

    def on_test_trip_end(self, step: int, steps: int | None, logs: Logs = None) -> None:
        if not self._in_epoch:
            self.on_trip_end(step, steps, logs)

    def on_test_end(self, logs: Logs = None) -> None:
        if not self._in_epoch:
            self._finish(logs)

    def close(self) -> None:
        """Leave the terminal as it was, also when the run broke off."""
        self._close_bar()
        self._in_epoch, self._title = False, ""

    def _start(self, title: str) -> None:
        self._close_bar()
        self._title, self._started, self._trips = title, time.perf_counter(), []
        if not self._draws:
            return
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24 if self.console.width >= 100 else 10),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[numbers]}", table_column=Column(no_wrap=False)),
            console=self.console,
        )
        self._task = self._bar.add_task(title, total=(self.params or {}).get("steps"), numbers="")
        self._bar.start()

    def _close_bar(self) -> None:
        """End the bar that is drawn, if any."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _finish(self, logs: Logs) -> None:
        """End the bar, or print the line, with the final numbers."""
        if self._bar is not None:
            self._bar.update(self._task, numbers=_numbers(logs))
            self._close_bar()
        elif self._verbose and self._title:
            seconds = time.perf_counter() - self._started
            parts = [self._title, f"{seconds:.1f}s", self._pace(), _numbers(logs)]
            line = " - ".join(part for part in parts if part)
            if configuration.interactive_logging:
                self.console.print(line, soft_wrap=True, highlight=False)
            else:
                _logger.info(line)
        self._title = ""

    def _pace(self) -> str:
        """Return the time of a step in words."""
        if not self._trips:
            return ""
        (begin, first), (end, last) = self._trips[0], self._trips[-1]
        if first == last:
            begin, first = self._started, 0
        seconds = (end - begin) / max(1, last - first)
        return f"{seconds * 1e3:.3g}ms/step" if seconds >= 1e-3 else f"{seconds * 1e6:.0f}us/step"


def _numbers(logs: Logs) -> str:
    """Return losses and metrics in one line, four digits each."""
    return " - ".join(f"{name}: {_number(value)}" for name, value in (logs or {}).items())


def _number(value: Any) -> str:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return str(value)
    return f"{number:.4f}" if number == 0 or 1e-3 <= abs(number) < 1e6 else f"{number:.4e}"

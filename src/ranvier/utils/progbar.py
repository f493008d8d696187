"""Progbar: a bar for a loop of one's own."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterable
from typing import Any, ClassVar, final

import numpy as np

from ranvier._config import configuration
from ranvier._errors import InvalidArgument

__all__ = ["Progbar"]

_logger = logging.getLogger("ranvier")


@final
class Progbar:
    """Show how a loop goes on: `3/10 ━━━─────── 2s 300ms/step - loss: 0.1234`.

    Args:
        target: number of steps; None where it is unknown.
        width: characters of the bar.
        verbose: 1 draws a bar, 2 writes one line at the end, 0 nothing.
        interval: least time between two drawings [s].
        stateful_metrics: names of values that are shown as they are; others are averaged over the steps.
        stateless_metrics: names of values that are averaged; others are shown as they are.
        unit_name: what a step is called.

    Raises:
        InvalidArgument: both lists of names.

    Example:
        >>> bar = Progbar(4, verbose=0)
        >>> bar.update(1, [("loss", 3.0)])
        >>> bar.update(3, [("loss", 1.5)])
        >>> bar.shown()
        {'loss': 2.0}
    """

    keras_module: ClassVar[str | None] = "keras.utils"

    def __init__(
        self,
        target: int | None,
        width: int = 20,
        verbose: int = 1,
        interval: float = 0.05,
        stateful_metrics: Iterable[str] | None = None,
        stateless_metrics: Iterable[str] | None = None,
        unit_name: str = "step",
    ) -> None:
        if stateful_metrics is not None and stateless_metrics is not None:
            raise InvalidArgument(
                "Progbar takes the names of the averaged values or those of the others.",
                code="progbar-names",
                place="Progbar(stateful_metrics=..., stateless_metrics=...)",
                expected="one of them",
            )
        self.target, self.width, self.verbose = target, width, verbose
        self.interval, self.unit_name = interval, unit_name
        self._as_they_are = set(stateful_metrics or ())
        self._averaged = None if stateless_metrics is None else set(stateless_metrics)
        self._sums: dict[str, tuple[float, int]] = {}
        self._seen = 0
        self._started, self._drawn = time.monotonic(), 0.0
        self._first: tuple[float, int] | None = None
        self._width_drawn = 0

    def update(
        self, current: int, values: Iterable[tuple[str, Any]] | None = None, finalize: bool | None = None
    ) -> None:
        """Say that `current` steps are done.

        Args:
            current: the number of steps that are done.
            values: `(name, value of the last step)`.
            finalize: whether this is the end; when None, whether `current` reaches the target. Final values are shown
                as they are.
        """
        final = (self.target is not None and current >= self.target) if finalize is None else finalize
        for name, value in values or ():
            self._take(name, float(np.mean(value)), current - self._seen, final)
        self._seen = current
        now = time.monotonic()
        if self._first is None and current > 0:
            self._first = now, current
        if self.verbose == 1 and (final or now - self._drawn >= self.interval):
            self._drawn = now
            self._draw(self._bar(current) + self._line(current, now, final), final)
        elif self.verbose == 2 and final and self.target:
            self._write(f"{current}/{self.target} - " + self._line(current, now, final).strip() + "\n")

    def add(self, n: int, values: Iterable[tuple[str, Any]] | None = None) -> None:
        """Say that `n` more steps are done."""
        self.update(self._seen + n, values)

    def shown(self) -> dict[str, float]:
        """Return the values as they are shown."""
        return {name: total / count for name, (total, count) in self._sums.items()}

    def _take(self, name: str, value: float, steps: int, final: bool) -> None:
        averaged = name not in self._as_they_are if self._averaged is None else name in self._averaged
        if final or not averaged:
            self._sums[name] = value, 1
            return
        weight = max(steps, 1)
        total, count = self._sums.get(name, (0.0, 0))
        self._sums[name] = total + value * weight, count + weight

    def _bar(self, current: int) -> str:
        if not self.target:
            return f"{current:7d}/Unknown"
        full = int(self.width * min(1.0, current / self.target))
        return f"{current:{len(str(self.target))}d}/{self.target} {'━' * full}{'─' * (self.width - full)}"

    def _line(self, current: int, now: float, final: bool) -> str:
        pace = self._pace(current, now)
        left = pace * (self.target - current) if self.target and not final else now - self._started
        size, unit = (1.0, "s") if pace >= 1 or not pace else (1e3, "ms") if pace >= 1e-3 else (1e6, "us")
        numbers = [f"{name}: {v:.4f}" if abs(v) > 1e-3 else f"{name}: {v:.4e}" for name, v in self.shown().items()]
        return " - ".join([f" {_clock(left)} {pace * size:.0f}{unit}/{self.unit_name}", *numbers])

    def _pace(self, current: int, now: float) -> float:
        """Return the seconds per step; the first one, which often compiles, is left out once there are others."""
        if self._first is not None and current > self._first[1]:
            return (now - self._first[0]) / (current - self._first[1])
        return (now - self._started) / current if current else 0.0

    def _draw(self, line: str, final: bool) -> None:
        padded = line.ljust(self._width_drawn)
        self._width_drawn = len(line)
        self._write(f"\r{padded}" + ("\n" if final else ""))

    def _write(self, text: str) -> None:
        if not configuration.interactive_logging:
            _logger.info(text.strip())
            return
        encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
        sys.stdout.write(text.encode(encoding, errors="replace").decode(encoding))
        sys.stdout.flush()


def _clock(seconds: float) -> str:
    """Return a duration as `12s`, `1:02` or `1:00:02`."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}" if minutes else f"{rest}s"

"""How long a trip is: about 0.3 s of measured step time, so that Ctrl-C, progress and checkpoints stay lively."""

from __future__ import annotations

import time
from collections.abc import Hashable

__all__ = ["Pace"]

FEWEST, LONGEST = 4, 2.0
"""Steps of a trip at least, as long as they take less than so many seconds."""


class Pace:
    """Chooses trips by the measured time of a step, per batch shape; some steps at least where they take 2 s together.

    Args:
        target: seconds that a trip should take.
        first: steps of the very first trip, before anything was measured.
    """

    def __init__(self, target: float = 0.3, first: int = 16) -> None:
        self.target, self.first = target, first
        self._seconds: dict[Hashable, float] = {}

    def steps(self, kind: Hashable, most: int) -> int:
        """Return the steps of the next trip, at most `most`."""
        seconds = self._seconds.get(kind)
        wanted = self.first if seconds is None else max(self._least(seconds), int(self.target / seconds))
        return min(wanted, most)

    def _least(self, seconds: float) -> int:
        """The memory of a program is fetched from the system for each trip, which costs a large network half a step."""
        return FEWEST if seconds * FEWEST < LONGEST else 1

    def measured(self, kind: Hashable, steps: int, started: float) -> None:
        """Note that `steps` took the time since `started` (`time.perf_counter`)."""
        self._seconds[kind] = max(1e-7, (time.perf_counter() - started) / steps)

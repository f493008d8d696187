"""What the loop tells the outside, and when. The engine knows only these protocols, never a callback or the doctor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

__all__ = ["Hooks", "NonFinite", "Silent"]

Logs = Mapping[str, Any]


@dataclass(frozen=True)
class NonFinite:
    """Where a number stopped being finite.

    Attributes:
        epoch: epoch, counted from 0.
        step: step within the epoch, counted from 0.
        kind: `data`, `output`, `loss`, `gradient` or `update`.
        place: structural path of the layer or variable, or the name of the array.
        layer: the layer's class, where there is one.
        rows: numbers of the batch's rows that hold a non-finite value, the first few.
        facts: what else was seen (range of the operands, learning rate, loss).
    """

    epoch: int
    step: int
    kind: str
    place: str
    layer: str = ""
    rows: tuple[int, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)


class Hooks(Protocol):
    """Called between trips, with the state valid and checked in."""

    def cadence(self) -> int | None:
        """Return after how many steps Python is needed inside an epoch; None means only between epochs."""
        ...

    def wants_trips(self) -> bool:
        """Return whether `on_trip_end` does anything."""
        ...

    def on_train_begin(self) -> None: ...
    def on_train_end(self, logs: Logs) -> None: ...
    def on_epoch_begin(self, epoch: int) -> None: ...
    def on_epoch_end(self, epoch: int, logs: Logs) -> None: ...
    def on_train_batch_begin(self, step: int) -> None: ...
    def on_train_batch_end(self, step: int, logs: Logs) -> None: ...
    def on_trip_end(self, step: int, steps: int | None, logs: Logs) -> None: ...
    def on_non_finite(self, fact: NonFinite) -> None: ...
    def on_data_exhausted(self, epoch: int) -> None: ...
    def stop_requested(self) -> bool: ...


class Silent:
    """Hooks that do nothing; the base for those that do little."""

    def cadence(self) -> int | None:
        return None

    def wants_trips(self) -> bool:
        return False

    def on_train_begin(self) -> None:
        """Training starts."""

    def on_train_end(self, logs: Logs) -> None:
        """Training has ended."""

    def on_epoch_begin(self, epoch: int) -> None:
        """An epoch starts."""

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        """An epoch has ended."""

    def on_train_batch_begin(self, step: int) -> None:
        """A step starts."""

    def on_train_batch_end(self, step: int, logs: Logs) -> None:
        """A step, or `cadence` of them, has ended."""

    def on_trip_end(self, step: int, steps: int | None, logs: Logs) -> None:
        """A trip has ended; `steps` is an epoch's number of steps where it is known."""

    def on_non_finite(self, fact: NonFinite) -> None:
        """A number went non-finite; training ends."""

    def on_data_exhausted(self, epoch: int) -> None:
        """The source had no batch left for this epoch; training ends."""

    def stop_requested(self) -> bool:
        return False

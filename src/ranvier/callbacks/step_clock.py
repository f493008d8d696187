"""StepClock: when something is due that comes every so many steps, counted over epochs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from ranvier._errors import InvalidArgument
from ranvier.callbacks.base import Cadence

__all__ = ["StepClock", "fixed_cadence"]


class StepClock:
    """Counts the steps of a run, and says at which step of the epoch Python is needed next.

    Args:
        frequency: `"epoch"`, or a number of steps.
        place: the argument that it comes from, for the error.

    Raises:
        InvalidArgument: neither of them.

    Example:
        >>> clock = StepClock(4, "save_freq=")
        >>> clock.begin_epoch()
        >>> clock.trip(3)
        >>> clock.end_epoch()
        >>> clock.begin_epoch()
        >>> clock.every
        1
    """

    def __init__(self, frequency: Literal["epoch"] | int, place: str) -> None:
        checked: object = frequency
        if checked != "epoch" and (not isinstance(checked, int) or checked < 1 or checked is True):
            raise InvalidArgument(
                f"{place.partition('(')[0]} does not know how often it is wanted.",
                code="step-frequency",
                place=place,
                expected='"epoch" or a positive number of steps',
                received=repr(frequency),
            )
        self.frequency = frequency
        self.epochs_steps = self.done = 0
        """Steps of the epochs that ended, and of the running one."""
        self._stop = frequency if isinstance(frequency, int) else 0

    @property
    def every(self) -> Cadence:
        """The step of this epoch at which Python is needed next."""
        return "epoch" if self.frequency == "epoch" else self._stop

    def begin_epoch(self) -> None:
        """Count an epoch's steps from 0."""
        self.done = 0
        if isinstance(self.frequency, int):
            self._stop = self.frequency - self.epochs_steps % self.frequency

    def reached(self, batch: int) -> bool:
        """Note that a batch ended; return whether it was one that counts."""
        if not isinstance(self.frequency, int):
            return False
        self.done = batch + 1
        self._stop = self.done + self.frequency
        return True

    def trip(self, step: int) -> None:
        """Note that so many steps of the epoch are done."""
        self.done = step

    def end_epoch(self) -> None:
        """Add the epoch's steps to those of the run."""
        self.epochs_steps += self.done

    @property
    def steps(self) -> int:
        """The steps of the whole run so far."""
        return self.epochs_steps + self.done

    def state_dict(self) -> dict[str, Any]:
        """Return what a resumed run must know."""
        return {"seen": self.epochs_steps, "done": self.done, "stop": self._stop}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take what `state_dict` returned."""
        self.epochs_steps, self.done, self._stop = state["seen"], state["done"], state["stop"]


def fixed_cadence(callback: object, argument: str) -> InvalidArgument:
    """Return the error of setting `every` on a callback whose constructor's argument decides it."""
    name = type(callback).__name__
    return InvalidArgument(
        f"How often {name} needs Python follows from its {argument}.",
        code="callback-every",
        place=f"{name}.every",
        fix=f"pass {argument} to the constructor",
    )

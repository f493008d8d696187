"""LearningRateScheduler: the learning rate as a function of the epoch."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, final

import numpy as np

from ranvier._errors import InvalidArgument
from ranvier.callbacks.base import Callback, Logs
from ranvier.callbacks.learning_rate import learning_rate, set_learning_rate

__all__ = ["LearningRateScheduler"]


@final
class LearningRateScheduler(Callback):
    """Set the learning rate at the start of every epoch, and add it to the logs as `learning_rate`.

    Args:
        schedule: `(epoch, learning rate) -> learning rate`, or `(epoch) -> learning rate`; epochs count from 0.
        verbose: 1 says what is set.

    Raises:
        InvalidArgument: at an epoch's start, when the schedule does not return a number.

    Example:
        >>> scheduler = LearningRateScheduler(lambda epoch, rate: rate / 2 if epoch else rate)
        >>> scheduler.next(3, 0.5)
        0.25
    """

    def __init__(self, schedule: Callable[..., Any], verbose: int = 0) -> None:
        self.schedule, self.verbose = schedule, verbose

    def next(self, epoch: int, rate: float) -> float:
        """Return the schedule's learning rate for an epoch."""
        given = self.schedule(epoch, rate) if _takes_two(self.schedule) else self.schedule(epoch)
        value = np.asarray(given)
        if value.shape != () or value.dtype.kind not in "fiu":
            raise InvalidArgument(
                "The schedule did not return a number.",
                code="schedule-result",
                place="LearningRateScheduler(schedule=...)",
                expected="the learning rate as a number",
                received=f"{type(given).__name__}: {given!r}"[:100],
            )
        return float(value)

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        rate = self.next(epoch, learning_rate(self.model, type(self).__name__))
        set_learning_rate(self.model, rate, type(self).__name__)
        if self.verbose:
            print(f"Epoch {epoch + 1}: learning rate set to {rate:.4g}", flush=True)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        if logs is not None:
            logs["learning_rate"] = learning_rate(self.model, type(self).__name__)


def _takes_two(function: Callable[..., Any]) -> bool:
    try:
        inspect.signature(function).bind(0, 0.1)
    except TypeError:
        return False
    except ValueError:  # a builtin that does not tell its arguments
        return True
    return True

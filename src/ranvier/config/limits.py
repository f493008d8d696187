"""The most epochs and steps that anything runs: to try a long script in short."""

from __future__ import annotations

import numpy as np

from ranvier._config import configuration
from ranvier._errors import InvalidArgument

__all__ = ["max_epochs", "max_steps_per_epoch", "set_max_epochs", "set_max_steps_per_epoch"]


def max_epochs() -> int | None:
    """Return the most epochs that a `fit` runs, as `set_max_epochs` or `KERAS_MAX_EPOCHS` says; None for no limit."""
    return configuration.max_epochs


def set_max_epochs(max_epochs: int | None) -> None:
    """Let every `fit` end after so many epochs; None takes the limit away.

    Raises:
        InvalidArgument: a negative number, or none at all.
    """
    configuration.max_epochs = _limit("max_epochs", max_epochs)


def max_steps_per_epoch() -> int | None:
    """Return the most steps of an epoch, as `set_max_steps_per_epoch` or `KERAS_MAX_STEPS_PER_EPOCH` says."""
    return configuration.max_steps_per_epoch


def set_max_steps_per_epoch(max_steps_per_epoch: int | None) -> None:
    """Let every epoch, evaluation and prediction end after so many steps; None takes the limit away.

    Raises:
        InvalidArgument: a negative number, or none at all.
    """
    configuration.max_steps_per_epoch = _limit("max_steps_per_epoch", max_steps_per_epoch)


def _limit(name: str, value: object) -> int | None:
    """Return a limit; 0 means none, as in Keras."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 0:
        raise InvalidArgument(
            f"{name} is not a limit.",
            code="config-limit",
            place=f"set_{name}",
            expected="a positive whole number, or None",
            received=repr(value),
        )
    return int(value) or None

"""Learning-rate schedules: the learning rate as a function of the number of updates made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ranvier import _lookup
from ranvier.optimizers.schedules.base import LearningRateSchedule
from ranvier.optimizers.schedules.cosine import CosineDecay, CosineDecayRestarts
from ranvier.optimizers.schedules.exponential import ExponentialDecay
from ranvier.optimizers.schedules.inverse_time import InverseTimeDecay
from ranvier.optimizers.schedules.piecewise import PiecewiseConstantDecay
from ranvier.optimizers.schedules.polynomial import PolynomialDecay

__all__ = [
    "CosineDecay",
    "CosineDecayRestarts",
    "ExponentialDecay",
    "InverseTimeDecay",
    "LearningRateSchedule",
    "PiecewiseConstantDecay",
    "PolynomialDecay",
    "deserialize",
    "serialize",
]

_TABLE = {name: globals()[name] for name in __all__ if name not in ("LearningRateSchedule", "deserialize", "serialize")}


def serialize(learning_rate_schedule: LearningRateSchedule) -> dict[str, Any]:
    """Return the schedule as plain data: module, class_name, config, registered_name."""
    return _lookup.identify(learning_rate_schedule)


def deserialize(config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None) -> LearningRateSchedule:
    """Rebuild a schedule from `serialize`'s result.

    Raises:
        InvalidArgument: neither Ranvier nor `custom_objects` knows the name.

    Example:
        >>> schedule = deserialize({"class_name": "ExponentialDecay", "config": {
        ...     "initial_learning_rate": 1.0, "decay_steps": 10, "decay_rate": 0.5}})
        >>> float(schedule(10))
        0.5
    """
    schedule: LearningRateSchedule = _lookup.get(config, "learning rate schedule", _TABLE, None, custom_objects)
    return schedule
